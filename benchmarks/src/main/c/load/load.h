/* What the parts of the load generator share. All of it belongs to its one thread. */
#ifndef LOAD_H
#define LOAD_H

#include <stddef.h>
#include <stdint.h>

#define SECOND 1000000000ull

struct connection {
    int fd;
    int writing; /* EPOLLOUT is asked for */
    uint64_t to_send, sent, received, issued, answered;
    uint64_t began; /* of a connection for one request; of the packet under way */
    uint64_t *due;  /* ring: when each request under way was sent, or due */
};

/* Arguments; load.c has their meaning. */
extern const char *mode, *transport, *address;
extern long connections, bytes, depth;
extern int datagrams;

/* When the time that counts begins and ends. */
extern uint64_t first, last;

/* Answers within the time; requests without an answer; connections that failed one after another. */
extern uint64_t requests, lost, failures;

/* Says why on standard error, and ends the process. */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Nanoseconds of the monotonic clock. */
uint64_t now(void);

/* latencies.c */
void count(uint64_t began, uint64_t ended, int by_begin);
void print_latencies(void);

/* sockets.c */
int open_socket(long number, int non_blocking);

/* exchanges.c */
extern uint64_t ring;
void prepare_exchanges(int poll, uint64_t at_once);
void watch(struct connection *one);
void issue(struct connection *one, uint64_t when);
void flush(struct connection *one);
void on_stream(struct connection *one, int closed_loop);
void send_packet(struct connection *one);
void on_packet(struct connection *one);
void dial(struct connection *one, long number);
void on_dialled(struct connection *one, long number);

#endif
