/* Opens and connects sockets. */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

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

/* Opens a socket and connects it. If non_blocking, the connect may still be in progress, and -1 means that it failed.
 * */
int open_socket(long number, int non_blocking) {
    struct sockaddr_storage target;
    socklen_t length = address_of(&target);
    int kind = (datagrams ? SOCK_DGRAM : SOCK_STREAM) | (non_blocking ? SOCK_NONBLOCK : 0);
    int fd = socket(target.ss_family, kind | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        fail("socket for connection %ld: %s", number, strerror(errno));
    }
    struct timeval patience = {10, 0};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (target.ss_family == AF_INET && !datagrams) {
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (dialling) {
            /* Sixteen local addresses, because the ports of one would run out in TIME_WAIT. */
            in_addr_t local = htonl(INADDR_LOOPBACK + 1 + number % 16);
            struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = local};
            setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
            if (bind(fd, (struct sockaddr *)&own, sizeof own)) {
                fail("bind: %s", strerror(errno));
            }
        }
    }
    if (!strcmp(transport, "unixdgram")) {
        /* The server can only answer a socket that has an address. */
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
