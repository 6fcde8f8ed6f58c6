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

/* Sends the requests that are due. All have the same bytes, so only the position in the pattern matters. */
void flush(struct connection *one) {
    while (one->to_send) {
        size_t place = one->sent % bytes;
        size_t length = pattern_length - place;
        if (length > one->to_send) {
            length = one->to_send;
        }
        ssize_t count = send(one->fd, pattern + place, length, MSG_NOSIGNAL);
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
    ssize_t length = recv(one->fd, in, sizeof in, 0);
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
    one->fd = open_socket(number, 1);
    if (one->fd >= 0) {
        one->writing = 1;
        interest(one, EPOLL_CTL_ADD, EPOLLOUT);
    }
}

void on_dialled(struct connection *one, long number) {
    ssize_t length;
    if (one->writing) {
        one->writing = 0;
        length = send(one->fd, pattern, bytes, MSG_NOSIGNAL);
        if (length == bytes) {
            interest(one, EPOLL_CTL_MOD, EPOLLIN);
            return;
        }
        length = -1;
    } else {
        length = recv(one->fd, in, sizeof in, 0);
        if (length > 0) {
            one->received += length;
            return;
        }
        if (length < 0 && errno == EAGAIN) {
            return;
        }
    }
    if (length == 0 && one->received == (uint64_t)bytes) {
        count(one->began, now(), 0);
        failures = 0;
    } else {
        lost += one->began >= first;
        if (++failures > 1000) {
            fail("1,000 connections failed in a row: %s", length ? strerror(errno) : "end of input");
        }
    }
    close(one->fd);
    dial(one, number);
}

void watch(struct connection *one) {
    one->due = malloc(ring * sizeof *one->due);
    interest(one, EPOLL_CTL_ADD, EPOLLIN);
}
