/*
 * TLS 1.3 on the load generator's sockets, with OpenSSL. A build without -DWITH_TLS has none.
 *
 * Only one cipher suite is offered, because the servers would choose different ones.
 */
#include "load.h"

#ifdef WITH_TLS

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

static SSL_CTX *context;

/* Keeps the session of a ticket for the next connection with the same number. */
static int on_ticket(SSL *tls, SSL_SESSION *session) {
    struct connection *one = SSL_get_app_data(tls);
    SSL_SESSION_free(one->session);
    one->session = session;
    return 1;
}

void prepare_tls(void) {
    context = SSL_CTX_new(TLS_client_method());
    if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION)
        || !SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256")) {
        fail("no TLS 1.3 with TLS_AES_128_GCM_SHA256 in OpenSSL");
    }
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1); /* one system call for a record instead of two */
    /* CPython's socketserver sends no close_notify; an answer that is too short counts as lost anyway. */
    SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_quiet_shutdown(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, on_ticket);
}

/* Returns the count of a successful call; otherwise what send and recv would: 0 at the end, or -1 and errno. */
static ssize_t result(struct connection *one, int count) {
    if (count > 0) {
        return count;
    }
    switch (SSL_get_error(one->tls, count)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            errno = EAGAIN;
            return -1;
        case SSL_ERROR_ZERO_RETURN:
            return 0;
        case SSL_ERROR_SSL:
            errno = EPROTO;
            return -1;
        default:
            return -1;
    }
}

void open_tls(struct connection *one) {
    one->tls = SSL_new(context);
    SSL_set_app_data(one->tls, one);
    SSL_set_fd(one->tls, one->fd);
    SSL_set_connect_state(one->tls);
    if (one->session && resuming) {
        SSL_set_session(one->tls, one->session);
    }
}

ssize_t handshake_tls(struct connection *one) {
    ERR_clear_error();
    return result(one, SSL_do_handshake(one->tls));
}

ssize_t write_tls(struct connection *one, const void *source, size_t length) {
    ERR_clear_error();
    return result(one, SSL_write(one->tls, source, length));
}

ssize_t read_tls(struct connection *one, void *target, size_t length) {
    ERR_clear_error();
    return result(one, SSL_read(one->tls, target, length));
}

int has_more_tls(struct connection *one) {
    return SSL_has_pending(one->tls);
}

int is_resumed_tls(struct connection *one) {
    return SSL_session_reused(one->tls);
}

void close_tls(struct connection *one) {
    SSL_shutdown(one->tls); /* sends nothing; without this call, OpenSSL does not resume the session */
    SSL_free(one->tls);
    one->tls = NULL;
}

#else

void prepare_tls(void) {
    fail("compiled without OpenSSL, so there is no TLS");
}

/* Never called. */
void open_tls(struct connection *) {}
void close_tls(struct connection *) {}
ssize_t handshake_tls(struct connection *) { return -1; }
ssize_t write_tls(struct connection *, const void *, size_t) { return -1; }
ssize_t read_tls(struct connection *, void *, size_t) { return -1; }
int has_more_tls(struct connection *) { return 0; }
int is_resumed_tls(struct connection *) { return 0; }

#endif
