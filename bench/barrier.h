/* Where the threads of a row wait for each other. */
#ifndef PERFPOOL_BENCH_BARRIER_H
#define PERFPOOL_BENCH_BARRIER_H

#include <stdatomic.h>

/*
 * A barrier that spins: its threads leave it within a cache line's transfer of each other. A thread that comes last clears the
 * count and then opens the next phase. Zero is ready for use.
 */
struct barrier {
    atomic_uint arrived;
    atomic_uint phase;
};

/* Waits until all n threads are here; lets another thread run after each so many spins. */
void barrier_meet(struct barrier *barrier, unsigned n, unsigned most_spins);

#endif
