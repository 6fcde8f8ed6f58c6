/*
 * The load generator: one thread, epoll, non-blocking sockets.
 *
 *   load mode=MODE transport=TRANSPORT address=ADDRESS [connections=1] [bytes=64] [depth=1] [rate=0] [warmup=1]
 *        [seconds=1]
 *
 * MODE       closed    each connection has DEPTH outstanding requests, and sends the next when an answer arrives
 *            open      RATE requests per second in total, whether or not answers arrive; a latency is measured from the
 *                      time at which the request was due, so that a stall counts for every request that it delayed
 *            connect   a connection per request: sends a line, reads the line and the end of input; CONNECTIONS at once
 *            resume    the same with tls; a connection that resumes no session of an earlier one is not counted
 *            idle      opens CONNECTIONS, writes "connected", and keeps them open until its input ends; with tls, each
 *                      has had one answer
 * TRANSPORT  tcp, tls, udp (ADDRESS is a port of 127.0.0.1), unix, unixdgram (ADDRESS is a path); datagrams only with
 *            mode=closed and depth=1
 *
 * Writes "begin" after the warm-up and "end" after the measured time, so that others can measure in between. The report
 * follows: requests N (answered within the time), lost N, seconds S, processor S (its own, without polls that found no
 * event), and "latency NANOSECONDS COUNT" for each bucket in use. A bucket is less than 0.8 % wide.
 * Exits with status 1 and a reason if a connection fails.
 */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define OPEN_RING 4096
/* A packet without an answer for this time counts as lost, and another one is sent. */
#define LOST_AFTER (SECOND / 5)
/* How long an open loop waits for answers after its end. */
#define DRAIN (5 * SECOND)

const char *mode = "closed", *transport = "tcp", *address = "";
long connections = 1, bytes = 64, depth = 1;
int datagrams, encrypted, dialling, resuming;
uint64_t first, last, requests, lost, failures;

static double rate = 0, warmup = 1, duration = 1;
static int epoll;
static uint64_t empty_polls;

void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "load: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    exit(1);
}

uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

static uint64_t processor(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

static void resend(struct connection *all) {
    uint64_t time = now();
    for (long i = 0; i < connections; i++) {
        if (time - all[i].began > LOST_AFTER) {
            lost += all[i].began >= first;
            send_packet(&all[i]);
        }
    }
}

/* Connects and, with TLS, does the handshake; blocks. */
static void connect_now(struct connection *one, long number) {
    one->fd = open_socket(number, 0);
    if (encrypted) {
        open_tls(one);
        if (handshake_tls(one) <= 0) {
            fail("TLS handshake of connection %ld: %s", number + 1, strerror(errno));
        }
    }
}

static void hold(struct connection *all) {
    for (long i = 0; i < connections; i++) {
        connect_now(&all[i], i);
        if (encrypted) {
            exchange(&all[i]);
        }
    }
    printf("connected\n");
    fflush(stdout);
    char in[64];
    while (read(0, in, sizeof in) > 0) {
    }
}

static void run(struct connection *all, int open_loop) {
    uint64_t start = now(), due_number = 0, used = 0, polled_before = 0, tick = start;
    double interval = open_loop ? SECOND / rate : 0;
    struct epoll_event events[1024];
    int begun = 0, ended = 0;
    first = start + warmup * SECOND;
    last = first + duration * SECOND;
    for (;;) {
        uint64_t time = now();
        if (!begun && time >= first) {
            begun = 1;
            used = processor();
            polled_before = empty_polls;
            printf("begin\n");
            fflush(stdout);
        }
        if (!ended && time >= last) {
            ended = 1;
            used = processor() - used;
            polled_before = empty_polls - polled_before;
            printf("end\n");
            fflush(stdout);
        }
        uint64_t due = last;
        if (open_loop) {
            while ((due = start + (uint64_t)(due_number * interval)) <= time && due < last) {
                struct connection *one = &all[due_number % connections];
                if (one->issued - one->answered == ring) {
                    break; /* sent later; its latency includes the delay */
                }
                issue(one, due);
                flush(one);
                due_number++;
            }
        }
        if (ended) {
            uint64_t answered_late = due < last;
            for (long i = 0; open_loop && i < connections; i++) {
                answered_late += all[i].issued - all[i].answered;
            }
            if (!answered_late || time > last + DRAIN) {
                break;
            }
        }
        if (datagrams && time - tick > LOST_AFTER / 2) {
            tick = time;
            resend(all);
        }
        int ready = epoll_wait(epoll, events, 1024, open_loop ? 0 : 20);
        if (ready == 0 && open_loop) {
            empty_polls += now() - time;
        }
        for (int i = 0; i < ready; i++) {
            struct connection *one = events[i].data.ptr;
            if (datagrams) {
                on_packet(one);
            } else if (dialling) {
                on_dialled(one, one - all);
            } else {
                on_stream(one, !open_loop);
            }
        }
        for (long i = 0; dialling && ready == 0 && i < connections; i++) {
            if (all[i].fd < 0) {
                if (++failures > 1000) {
                    fail("1,000 connections failed in a row");
                }
                dial(&all[i], i);
            }
        }
    }
    /* The latency of requests that were not sent or not answered is the time until now. */
    for (uint64_t due; open_loop && (due = start + (uint64_t)(due_number * interval)) < last; due_number++) {
        lost++;
        count(due, now(), 1);
    }
    for (long i = 0; open_loop && i < connections; i++) {
        while (all[i].answered < all[i].issued) {
            lost++;
            count(all[i].due[all[i].answered++ & (ring - 1)], now(), 1);
        }
    }
    printf("requests %lu\nlost %lu\nseconds %.6f\nprocessor %.6f\n", requests, lost, duration,
           (double)(used > polled_before ? used - polled_before : 0) / SECOND);
    print_latencies();
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (!value) {
            fail("not KEY=VALUE: %s", argv[i]);
        }
        *value++ = 0;
        const char *key = argv[i];
        if (!strcmp(key, "mode")) mode = value;
        else if (!strcmp(key, "transport")) transport = value;
        else if (!strcmp(key, "address")) address = value;
        else if (!strcmp(key, "connections")) connections = atol(value);
        else if (!strcmp(key, "bytes")) bytes = atol(value);
        else if (!strcmp(key, "depth")) depth = atol(value);
        else if (!strcmp(key, "rate")) rate = atof(value);
        else if (!strcmp(key, "warmup")) warmup = atof(value);
        else if (!strcmp(key, "seconds")) duration = atof(value);
        else fail("unknown key: %s", key);
    }
    int open_loop = !strcmp(mode, "open"), idle = !strcmp(mode, "idle");
    encrypted = !strcmp(transport, "tls");
    resuming = !strcmp(mode, "resume");
    dialling = resuming || !strcmp(mode, "connect");
    datagrams = !strcmp(transport, "udp") || !strcmp(transport, "unixdgram");
    if (connections < 1 || depth < 1 || bytes < 8 || duration <= 0 || warmup < 0 || (open_loop && rate <= 0)
        || (datagrams && (depth > 1 || strcmp(mode, "closed"))) || (resuming && !encrypted)
        || (dialling && !encrypted && strcmp(transport, "tcp"))
        || !(open_loop || dialling || idle || !strcmp(mode, "closed"))) {
        fail("invalid combination of arguments");
    }
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    signal(SIGPIPE, SIG_IGN);
    if (encrypted) {
        prepare_tls();
    }
    epoll = epoll_create1(EPOLL_CLOEXEC);
    prepare_exchanges(epoll, open_loop ? OPEN_RING : depth);
    struct connection *all = calloc(connections, sizeof *all);
    if (idle) {
        hold(all);
        return 0;
    }
    for (long i = 0; i < connections; i++) {
        struct connection *one = &all[i];
        if (dialling) {
            dial(one, i);
            continue;
        }
        connect_now(one, i);
        fcntl(one->fd, F_SETFL, O_NONBLOCK);
        watch(one);
    }
    for (long i = 0; !dialling && !open_loop && i < connections; i++) {
        if (datagrams) {
            send_packet(&all[i]);
            continue;
        }
        uint64_t time = now();
        for (long k = 0; k < depth; k++) {
            issue(&all[i], time);
        }
        flush(&all[i]);
    }
    run(all, open_loop);
    return 0;
}
