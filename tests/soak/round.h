/* One round of the soak: a heap, and threads that do everything with it at once. */
#ifndef PERFPOOL_TESTS_ROUND_H
#define PERFPOOL_TESTS_ROUND_H

#include <stdint.h>

/* Sums over all rounds. The main thread's. */
struct totals {
    uint64_t rounds, threads, heaps, blocks, committed_most;
};

/* Runs the next round, a second or so. A round is repeated by its seed and number as far as the system's scheduling allows. */
void round_run(uint64_t seed, struct totals *totals);

#endif
