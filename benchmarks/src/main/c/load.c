/*
 * The load generator: one thread, epoll, sockets that never block.
 *
 *   load mode=MODE transport=TRANSPORT address=ADDRESS [connections=1] [bytes=64] [depth=1] [rate=0] [warmup=1] [seconds=1]
 *
 * MODE       closed    each connection has DEPTH requests under way, and sends the next when an answer has come
 *            open      RATE requests a second in total, whatever the answers do; a latency counts from the moment in which the
 *                      request was due, so a server that stalls is charged for all that it kept waiting
 *            connect   a connection for each request: a line there, the line and the end of input back; CONNECTIONS at once
 *            idle      opens CONNECTIONS, writes "connected", and holds them until its input ends
 * TRANSPORT  tcp, udp (ADDRESS is a port of 127.0.0.1), unix, unixdgram (a path); packets know only mode=closed, depth=1
 *
 * Writes "begin" after the warm-up and "end" after the time, so that others can measure in between, and then what it saw:
 *   requests N (answered within the time), lost N, seconds S, processor S (its own, without polling for nothing), and "latency NANOSECONDS COUNT" for each
 *   bucket in use. A bucket is less than 0.8 % wide. Exit status 1, with a reason, when a connection fails.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define SUB_BITS 7
#define BUCKETS ((64 - SUB_BITS + 1) << SUB_BITS)
#define SECOND 1000000000ull
#define OPEN_RING 4096
/* A packet without an answer for so long is lost, and another one is sent. */
#define LOST_AFTER (SECOND / 5)
/* So long are answers awaited after the end of an open loop. */
#define DRAIN (5 * SECOND)

struct connection {
    int fd;
    int writing; /* EPOLLOUT is asked for */
    uint64_t to_send, sent, received, issued, answered;
    uint64_t began; /* of a connection for one request; of the packet under way */
    uint64_t *due;  /* ring: when each request under way was sent, or due */
};

static const char *mode = "closed", *transport = "tcp", *address = "";
static long connections = 1, bytes = 64, depth = 1;
static double rate = 0, warmup = 1, duration = 1;
static int datagrams, epoll;
static uint64_t ring = 1, first, last, empty_polls;
static uint64_t requests, lost, failures, buckets[BUCKETS];
static char *pattern;
static size_t pattern_length;
static char in[1 << 18];

static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "load: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    exit(1);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

static uint64_t processor(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

/* Log-linear: exact below 2^SUB_BITS, then 2^SUB_BITS buckets for each power of two. */
static unsigned bucket(uint64_t value) {
    if (value < 1u << SUB_BITS) {
        return value;
    }
    unsigned shift = 63 - __builtin_clzll(value) - SUB_BITS;
    return ((shift + 1) << SUB_BITS) + ((value >> shift) - (1u << SUB_BITS));
}

static uint64_t middle(unsigned index) {
    if (index < 1u << SUB_BITS) {
        return index;
    }
    unsigned shift = (index >> SUB_BITS) - 1;
    uint64_t low = ((uint64_t)(index & ((1u << SUB_BITS) - 1)) + (1u << SUB_BITS)) << shift;
    return low + ((1ull << shift) >> 1);
}

/*
 * Counts a request that began at one time and was answered at another; the warm-up is none of it. An open loop counts the
 * latency of all that was due within the time, however late the answer.
 */
static void count(uint64_t began, uint64_t ended, int by_begin) {
    uint64_t belongs = by_begin ? began : ended;
    requests += ended >= first && ended < last;
    if (belongs >= first && belongs < last) {
        buckets[bucket(ended > began ? ended - began : 0)]++;
    }
}

static socklen_t address_of(struct sockaddr_storage *target) {
    memset(target, 0, sizeof *target);
    if (!strncmp(transport, "unix", 4)) {
        struct sockaddr_un *path = (struct sockaddr_un *)target;
        if (strlen(address) >= sizeof path->sun_path) {
            fail("the path is too long: %s", address);
        }
        path->sun_family = AF_UNIX;
        strcpy(path->sun_path, address);
        return sizeof *path;
    }
    struct sockaddr_in *internet = (struct sockaddr_in *)target;
    internet->sin_family = AF_INET;
    internet->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    internet->sin_port = htons(atoi(address));
    return sizeof *internet;
}

/* Opens a socket and connects it; one that does not block may still be under way. */
static int open_socket(long number, int non_blocking) {
    struct sockaddr_storage target;
    socklen_t length = address_of(&target);
    int kind = (datagrams ? SOCK_DGRAM : SOCK_STREAM) | (non_blocking ? SOCK_NONBLOCK : 0);
    int fd = socket(target.ss_family, kind | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        fail("no socket for connection %ld: %s", number, strerror(errno));
    }
    struct timeval patience = {10, 0};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (!strcmp(transport, "tcp")) {
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (!strcmp(mode, "connect")) {
            /* Sixteen addresses have sixteen times as many ports for connections that come and go. */
            struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + number % 16)};
            setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
            if (bind(fd, (struct sockaddr *)&own, sizeof own)) {
                fail("bind: %s", strerror(errno));
            }
        }
    }
    if (!strcmp(transport, "unixdgram")) {
        /* Who has no name can't be answered. */
        struct sockaddr_un own = {.sun_family = AF_UNIX};
        if (snprintf(own.sun_path, sizeof own.sun_path, "%s.%ld", address, number) >= (int)sizeof own.sun_path) {
            fail("the path is too long: %s", address);
        }
        unlink(own.sun_path);
        if (bind(fd, (struct sockaddr *)&own, sizeof own)) {
            fail("bind %s: %s", own.sun_path, strerror(errno));
        }
    }
    if (connect(fd, (struct sockaddr *)&target, length) && !(non_blocking && errno == EINPROGRESS)) {
        if (non_blocking) {
            close(fd);
            return -1;
        }
        fail("connection %ld of %ld: %s", number + 1, connections, strerror(errno));
    }
    return fd;
}

static void interest(struct connection *one, int how, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = one};
    if (epoll_ctl(epoll, how, one->fd, &event)) {
        fail("epoll_ctl: %s", strerror(errno));
    }
}

/* Sends what is due. All requests are the same bytes, so a place in the pattern is all there is to know. */
static void flush(struct connection *one) {
    while (one->to_send) {
        size_t place = one->sent % bytes;
        size_t length = pattern_length - place;
        if (length > one->to_send) {
            length = one->to_send;
        }
        ssize_t count = send(one->fd, pattern + place, length, MSG_NOSIGNAL);
        if (count < 0) {
            if (errno != EAGAIN) {
                fail("the server has gone: send: %s", strerror(errno));
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

static void issue(struct connection *one, uint64_t when) {
    one->due[one->issued++ & (ring - 1)] = when;
    one->to_send += bytes;
}

static void on_stream(struct connection *one, int closed_loop) {
    ssize_t length = recv(one->fd, in, sizeof in, 0);
    if (length < 0 && errno == EAGAIN) {
        flush(one);
        return;
    }
    if (length <= 0) {
        fail("the server has gone: %s", length ? strerror(errno) : "end of input");
    }
    uint64_t time = now();
    one->received += length;
    if (one->received % bytes == 0 && in[length - 1] != '\n') {
        fail("that is no echo");
    }
    while (one->answered < one->received / bytes) {
        if (one->answered == one->issued) {
            fail("more came back than was sent");
        }
        count(one->due[one->answered++ & (ring - 1)], time, !closed_loop);
        if (closed_loop) {
            issue(one, time);
        }
    }
    flush(one);
}

static void send_packet(struct connection *one) {
    one->began = now();
    one->issued++;
    memcpy(pattern, &one->issued, sizeof one->issued);
    if (send(one->fd, pattern, bytes, MSG_NOSIGNAL) < 0 && errno != EAGAIN) {
        fail("the server has gone: send: %s", strerror(errno));
    }
}

static void on_packet(struct connection *one) {
    ssize_t length = recv(one->fd, in, sizeof in, 0);
    if (length < 0 && errno == EAGAIN) {
        return;
    }
    if (length < 0) {
        fail("the server has gone: recv: %s", strerror(errno));
    }
    if (length != bytes) {
        fail("that is no echo: %zd bytes for %ld", length, bytes);
    }
    if (!memcmp(in, &one->issued, sizeof one->issued)) {
        count(one->began, now(), 0);
        send_packet(one);
    }
}

static void dial(struct connection *one, long number) {
    one->began = now();
    one->received = 0;
    one->fd = open_socket(number, 1);
    if (one->fd >= 0) {
        one->writing = 1;
        interest(one, EPOLL_CTL_ADD, EPOLLOUT);
    }
}

static void on_dialled(struct connection *one, long number) {
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
            fail("a thousand connections failed in a row: %s", length ? strerror(errno) : "end of input");
        }
    }
    close(one->fd);
    dial(one, number);
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

static void hold(void) {
    for (long i = 0; i < connections; i++) {
        open_socket(i, 0);
    }
    printf("connected\n");
    fflush(stdout);
    while (read(0, in, sizeof in) > 0) {
    }
}

static void run(struct connection *all, int open_loop, int dialling) {
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
                    break; /* sent later, and charged for it */
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
                    fail("a thousand connections failed in a row");
                }
                dial(&all[i], i);
            }
        }
    }
    /* What never came, or could not even be sent, has taken as long as it was awaited. */
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
    for (unsigned i = 0; i < BUCKETS; i++) {
        if (buckets[i]) {
            printf("latency %lu %lu\n", middle(i), buckets[i]);
        }
    }
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (!value) {
            fail("no key=value: %s", argv[i]);
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
        else fail("unknown: %s", key);
    }
    int open_loop = !strcmp(mode, "open"), dialling = !strcmp(mode, "connect"), idle = !strcmp(mode, "idle");
    datagrams = !strcmp(transport, "udp") || !strcmp(transport, "unixdgram");
    if (connections < 1 || depth < 1 || bytes < 8 || duration <= 0 || warmup < 0 || (open_loop && rate <= 0)
        || (datagrams && (depth > 1 || strcmp(mode, "closed"))) || (dialling && strcmp(transport, "tcp"))
        || !(open_loop || dialling || idle || !strcmp(mode, "closed"))) {
        fail("these arguments do not go together");
    }
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    signal(SIGPIPE, SIG_IGN);
    if (idle) {
        hold();
        return 0;
    }
    while (ring < (uint64_t)(open_loop ? OPEN_RING : depth)) {
        ring *= 2;
    }
    pattern_length = (1 + (1 << 16) / bytes) * bytes;
    pattern = malloc(pattern_length);
    memset(pattern, 'x', pattern_length);
    for (size_t i = bytes - 1; i < pattern_length; i += bytes) {
        pattern[i] = '\n';
    }
    epoll = epoll_create1(EPOLL_CLOEXEC);
    struct connection *all = calloc(connections, sizeof *all);
    for (long i = 0; i < connections; i++) {
        struct connection *one = &all[i];
        if (dialling) {
            dial(one, i);
            continue;
        }
        one->due = malloc(ring * sizeof *one->due);
        one->fd = open_socket(i, 0);
        fcntl(one->fd, F_SETFL, O_NONBLOCK);
        interest(one, EPOLL_CTL_ADD, EPOLLIN);
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
    run(all, open_loop, dialling);
    return 0;
}
