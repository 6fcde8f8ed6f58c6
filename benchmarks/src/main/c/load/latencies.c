/* A histogram of latencies whose buckets are less than 1 % wide. */
#include "load.h"

#include <stdio.h>

#define SUB_BITS 7
#define BUCKETS ((64 - SUB_BITS + 1) << SUB_BITS)

static uint64_t buckets[BUCKETS];

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
 * Counts a request and its latency, except during the warm-up. An open loop (by_begin) counts the latencies of all
 * requests that were due within the measured time, however late their answers.
 */
void count(uint64_t began, uint64_t ended, int by_begin) {
    uint64_t belongs = by_begin ? began : ended;
    requests += ended >= first && ended < last;
    if (belongs >= first && belongs < last) {
        buckets[bucket(ended > began ? ended - began : 0)]++;
    }
}

void print_latencies(void) {
    for (unsigned i = 0; i < BUCKETS; i++) {
        if (buckets[i]) {
            printf("latency %lu %lu\n", middle(i), buckets[i]);
        }
    }
}
