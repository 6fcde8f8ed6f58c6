/*
 * A single-threaded echo server on epoll, as a reference for the cost of the kernel alone.
 *
 *   epoll_echo tcp|unix echo|line BUFFER [PATH]
 *
 * echo sends back all input; line sends back one line and closes the connection. Writes "port N" or "path P" when
 * clients can connect.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct connection {
    int fd;
    int line_over;
    char *pending; /* output that did not fit into the socket; nothing is read until it has been sent */
    size_t from, to;
};

static int epoll;

static void check(int result, const char *what) {
    if (result < 0) {
        perror(what);
        exit(1);
    }
}

static int listener(const char *transport, const char *path) {
    int fd;
    if (!strcmp(transport, "unix")) {
        struct sockaddr_un own = {.sun_family = AF_UNIX};
        strncpy(own.sun_path, path, sizeof own.sun_path - 1);
        check(fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
        check(bind(fd, (struct sockaddr *)&own, sizeof own), "bind");
        check(listen(fd, 4096), "listen");
        printf("path %s\n", path);
    } else {
        struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t length = sizeof own;
        check(fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
        check(bind(fd, (struct sockaddr *)&own, sizeof own), "bind");
        check(listen(fd, 4096), "listen");
        getsockname(fd, (struct sockaddr *)&own, &length);
        printf("port %d\n", ntohs(own.sin_port));
    }
    fflush(stdout);
    return fd;
}

static void end(struct connection *one) {
    close(one->fd);
    free(one->pending);
    free(one);
}

/* Sets the awaited event: EPOLLIN or EPOLLOUT. */
static void await(struct connection *one, uint32_t what) {
    struct epoll_event event = {.events = what, .data.ptr = one};
    epoll_ctl(epoll, EPOLL_CTL_MOD, one->fd, &event);
}

/* Sends pending output; returns 0 if the connection is to be closed. */
static int send_pending(struct connection *one) {
    while (one->from < one->to) {
        ssize_t count = send(one->fd, one->pending + one->from, one->to - one->from, MSG_NOSIGNAL);
        if (count < 0) {
            return errno == EAGAIN;
        }
        one->from += count;
    }
    free(one->pending);
    one->pending = NULL;
    await(one, EPOLLIN);
    return !one->line_over;
}

static int echo(struct connection *one, char *buffer, size_t size, int line) {
    ssize_t length = recv(one->fd, buffer, size, 0);
    if (length <= 0) {
        return length < 0 && errno == EAGAIN;
    }
    one->line_over = line && buffer[length - 1] == '\n';
    ssize_t count = send(one->fd, buffer, length, MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN) {
        return 0;
    }
    if (count == length) {
        return !one->line_over;
    }
    one->from = 0;
    one->to = length - (count < 0 ? 0 : count);
    one->pending = malloc(one->to);
    memcpy(one->pending, buffer + length - one->to, one->to);
    await(one, EPOLLOUT);
    return 1;
}

static void accept_all(int server, int tcp) {
    int fd;
    while ((fd = accept4(server, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        int on = 1;
        if (tcp) {
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        }
        struct connection *one = calloc(1, sizeof *one);
        one->fd = fd;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

int main(int argc, char **argv) {
    if (argc < 4) {
        fprintf(stderr, "epoll_echo tcp|unix echo|line BUFFER [PATH]\n");
        return 2;
    }
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    int tcp = !strcmp(argv[1], "tcp"), line = !strcmp(argv[2], "line");
    size_t size = atol(argv[3]);
    char *buffer = malloc(size);
    int server = listener(argv[1], argc > 4 ? argv[4] : "");
    check(epoll = epoll_create1(0), "epoll_create1");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[1024];
    epoll_ctl(epoll, EPOLL_CTL_ADD, server, &event);
    for (;;) {
        int ready = epoll_wait(epoll, events, 1024, -1);
        for (int i = 0; i < ready; i++) {
            struct connection *one = events[i].data.ptr;
            if (!one) {
                accept_all(server, tcp);
            } else if (!(one->pending ? send_pending(one) : echo(one, buffer, size, line))) {
                end(one);
            }
        }
    }
}
