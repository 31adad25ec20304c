/* What perfpool-side-by-side compares: builds of perfpool, other allocators, a bare stack of pointers. */
#ifndef PERFPOOL_BENCH_RIVAL_H
#define PERFPOOL_BENCH_RIVAL_H

#include "bench.h"
#include "perfpool.h"

/* One of them, and its heaps if it is perfpool. */
struct rival {
    const char *path; /* as it was named */
    void *library;
    struct bench_memory memory;
    LPVOID contexts[BENCH_MOST_HEAPS];                                        /* one for each heap of the row */
    size_t(PERFPOOL_CALL *heap_destroy)(perfpool_heap *heap, unsigned flags); /* NULL if it is not perfpool */
};

/*
 * Makes one ready for a row: `path` is a build of perfpool, PATH:ALLOCATE,FREE for functions with the types of malloc and free (or
 * calloc, if ALLOCATE ends in that), or the word stack. Ends the program with a message if it cannot be had.
 */
void rival_open(struct rival *rival, const char *path, const struct bench_row *row, bool zeroed);

/* Destroys its heaps; ends the program with a message if blocks are live. */
void rival_close(const struct rival *rival, const struct bench_row *row);

#endif
