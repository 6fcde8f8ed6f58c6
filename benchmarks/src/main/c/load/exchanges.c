/* Sends requests and receives answers: over streams, as packets, and with a connection per request. */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* The maximum of outstanding requests per connection; a power of two. */
uint64_t ring = 1;

static int epoll;
static char *pattern;
static size_t pattern_length;
static char in[1 << 18];

/* Creates a buffer of many requests, each a line, so that one call can send several. */
void prepare_exchanges(int poll, uint64_t at_once) {
    epoll = poll;
    while (ring < at_once) {
        ring *= 2;
    }
    pattern_length = (1 + (1 << 16) / bytes) * bytes;
    pattern = malloc(pattern_length);
    memset(pattern, 'x', pattern_length);
    for (size_t i = bytes - 1; i < pattern_length; i += bytes) {
        pattern[i] = '\n';
    }
}

static void interest(struct connection *one, int how, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = one};
    if (epoll_ctl(epoll, how, one->fd, &event)) {
        fail("epoll_ctl: %s", strerror(errno));
    }
}

static ssize_t write_some(struct connection *one, const void *source, size_t length) {
    return one->tls ? write_tls(one, source, length) : send(one->fd, source, length, MSG_NOSIGNAL);
}

static ssize_t read_some(struct connection *one) {
    return one->tls ? read_tls(one, in, sizeof in) : recv(one->fd, in, sizeof in, 0);
}

/* Sends a request and receives the answer; blocks. */
void exchange(struct connection *one) {
    if (write_some(one, pattern, bytes) != bytes) {
        fail("connection lost: write: %s", strerror(errno));
    }
    for (long received = 0; received < bytes;) {
        ssize_t length = read_some(one);
        if (length <= 0) {
            fail("connection lost: %s", length ? strerror(errno) : "end of input");
        }
        received += length;
    }
}

/* Sends the requests that are due. All have the same bytes, so only the position in the pattern matters. */
void flush(struct connection *one) {
    while (one->to_send) {
        size_t place = one->sent % bytes;
        size_t length = pattern_length - place;
        if (length > one->to_send) {
            length = one->to_send;
        }
        ssize_t count = write_some(one, pattern + place, length);
        if (count < 0) {
            if (errno != EAGAIN) {
                fail("connection lost: send: %s", strerror(errno));
            }
            break;
        }
        one->sent += count;
        one->to_send -= count;
    }
    if (one->writing != (one->to_send > 0)) {
        one->writing = one->to_send > 0;
        interest(one, EPOLL_CTL_MOD, EPOLLIN | (one->writing ? EPOLLOUT : 0));
    }
}

void issue(struct connection *one, uint64_t when) {
    one->due[one->issued++ & (ring - 1)] = when;
    one->to_send += bytes;
}

void on_stream(struct connection *one, int closed_loop) {
    ssize_t length = read_some(one);
    if (length < 0 && errno == EAGAIN) {
        flush(one);
        return;
    }
    if (length <= 0) {
        fail("connection lost: %s", length ? strerror(errno) : "end of input");
    }
    uint64_t time = now();
    one->received += length;
    if (one->received % bytes == 0 && in[length - 1] != '\n') {
        fail("not an echo");
    }
    while (one->answered < one->received / bytes) {
        if (one->answered == one->issued) {
            fail("more bytes received than sent");
        }
        count(one->due[one->answered++ & (ring - 1)], time, !closed_loop);
        if (closed_loop) {
            issue(one, time);
        }
    }
    flush(one);
    if (one->tls && has_more_tls(one)) {
        on_stream(one, closed_loop);
    }
}

void send_packet(struct connection *one) {
    one->began = now();
    one->issued++;
    memcpy(pattern, &one->issued, sizeof one->issued);
    if (send(one->fd, pattern, bytes, MSG_NOSIGNAL) < 0 && errno != EAGAIN) {
        fail("connection lost: send: %s", strerror(errno));
    }
}

void on_packet(struct connection *one) {
    ssize_t length = recv(one->fd, in, sizeof in, 0);
    if (length < 0 && errno == EAGAIN) {
        return;
    }
    if (length < 0) {
        fail("connection lost: recv: %s", strerror(errno));
    }
    if (length != bytes) {
        fail("not an echo: %zd bytes instead of %ld", length, bytes);
    }
    if (!memcmp(in, &one->issued, sizeof one->issued)) {
        count(one->began, now(), 0);
        send_packet(one);
    }
}

void dial(struct connection *one, long number) {
    one->began = now();
    one->received = 0;
    one->to_send = bytes;
    one->fd = open_socket(number, 1);
    if (one->fd >= 0) {
        one->writing = 1;
        interest(one, EPOLL_CTL_ADD, EPOLLOUT);
        if (encrypted) {
            open_tls(one);
        }
    }
}

/* Sends the request; with TLS, first does the next step of the handshake. */
static ssize_t send_dialled(struct connection *one) {
    ssize_t length = one->tls ? handshake_tls(one) : 1;
    if (length > 0) {
        length = write_some(one, pattern, bytes);
        one->to_send = 0;
    }
    return length;
}

void on_dialled(struct connection *one, long number) {
    ssize_t length;
    if (one->writing) {
        one->writing = 0;
        interest(one, EPOLL_CTL_MOD, EPOLLIN);
    }
    do {
        if (one->to_send) {
            length = send_dialled(one);
        } else {
            length = read_some(one);
            one->received += length > 0 ? length : 0;
        }
    } while (length > 0 && one->tls && has_more_tls(one));
    if (length > 0 || (length < 0 && errno == EAGAIN)) {
        return;
    }
    if (length == 0 && one->received == (uint64_t)bytes) {
        /* The first connection of each number has no session to resume. */
        if (!resuming || is_resumed_tls(one)) {
            count(one->began, now(), 0);
        }
        failures = 0;
    } else {
        lost += one->began >= first;
        if (++failures > 1000) {
            fail("1,000 connections failed in a row: %s", length ? strerror(errno) : "end of input");
        }
    }
    if (one->tls) {
        close_tls(one);
    }
    close(one->fd);
    dial(one, number);
}

void watch(struct connection *one) {
    one->due = malloc(ring * sizeof *one->due);
    interest(one, EPOLL_CTL_ADD, EPOLLIN);
}
