/* Shared declarations of the load generator, which has one thread. */
#ifndef LOAD_H
#define LOAD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SECOND 1000000000ull

struct connection {
    int fd;
    int writing; /* EPOLLOUT is awaited */
    uint64_t to_send, sent, received, issued, answered;
    uint64_t began; /* start of the connection for one request, or of the outstanding packet */
    uint64_t *due;  /* ring: when each outstanding request was sent or due */
    void *tls;      /* SSL; NULL without TLS */
    void *session;  /* SSL_SESSION of the last ticket */
};

/* Arguments; described in load.c. */
extern const char *mode, *transport, *address;
extern long connections, bytes, depth;
extern int datagrams, encrypted, dialling, resuming;

/* Begin and end of the measured time. */
extern uint64_t first, last;

/* Answers within the measured time; requests without an answer; connections that failed in a row. */
extern uint64_t requests, lost, failures;

/* Writes the reason to standard error and exits with status 1. */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Returns the time of the monotonic clock, in ns. */
uint64_t now(void);

/* latencies.c */
void count(uint64_t began, uint64_t ended, int by_begin);
void print_latencies(void);

/* sockets.c */
int open_socket(long number, int non_blocking);

/* tls.c: like connect, send and recv */
void prepare_tls(void);
void open_tls(struct connection *one);
ssize_t handshake_tls(struct connection *one);
ssize_t write_tls(struct connection *one, const void *source, size_t length);
ssize_t read_tls(struct connection *one, void *target, size_t length);
int has_more_tls(struct connection *one);
int is_resumed_tls(struct connection *one);
void close_tls(struct connection *one);

/* exchanges.c */
extern uint64_t ring;
void prepare_exchanges(int poll, uint64_t at_once);
void exchange(struct connection *one);
void watch(struct connection *one);
void issue(struct connection *one, uint64_t when);
void flush(struct connection *one);
void on_stream(struct connection *one, int closed_loop);
void send_packet(struct connection *one);
void on_packet(struct connection *one);
void dial(struct connection *one, long number);
void on_dialled(struct connection *one, long number);

#endif
