/*
 * What a workload is and what it is given.
 *
 * A row is a workload at one block size with one number of threads. Each thread of the team calls `enter` once, `work` any number
 * of times and `leave` once. For a run of n operations the threads wait for each other, call `work` with n and wait for each
 * other again; the time from the first of these meetings to the second, divided by n, is the row's figure: time per operation of
 * one thread (of one pair of threads, where the workload's operation takes two).
 */
#ifndef PERFPOOL_BENCH_BENCH_H
#define PERFPOOL_BENCH_BENCH_H

#include "windows_shim.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { BENCH_MOST_THREADS = 64, BENCH_LINE = 64, BENCH_SPAWN_BLOCKS = 64 };

/* What is measured: the two callbacks and what to pass as pContext. */
struct bench_memory {
    PERF_MEM_ALLOC allocate;
    PERF_MEM_FREE release;
    LPVOID context;
};

struct bench_row;

/* One thread's share of a run. Everything is its own while the run lasts, except what `row` and `shared` point to. */
struct bench_worker {
    const struct bench_row *row;
    struct bench_memory memory; /* the null contender's context differs by worker */
    unsigned index;             /* from 0 to the row's threads - 1 */
    void *shared;               /* what the workload's open returned */
    void *own;                  /* for the workload's enter, work and leave */
};

struct bench_workload {
    const char *name;
    const char *operation;                      /* what one operation is, for the reader of the table */
    const unsigned *sizes;                      /* default sizes, 0 ends them; NULL: 64, 256, 1024, 4096 */
    unsigned threads_step;                      /* the number of threads is a multiple of this */
    bool needs_distinct;                        /* needs blocks that differ, which the null contender does not give */
    bool quick_zeroed;                          /* part of the short comparison of zeroed blocks */
    void *(*open)(const struct bench_row *row); /* once, before the threads enter; may be NULL */
    void (*enter)(struct bench_worker *worker); /* may be NULL */
    void (*work)(struct bench_worker *worker, uint64_t operations);
    void (*leave)(struct bench_worker *worker);               /* may be NULL */
    void (*close)(const struct bench_row *row, void *shared); /* once, after the threads left; may be NULL */
};

struct bench_row {
    char name[64]; /* workload/size/threads */
    const struct bench_workload *workload;
    unsigned size;
    unsigned threads;
};

extern const struct bench_workload bench_pair, bench_batch, bench_churn, bench_handoff, bench_swap, bench_counters,
    bench_counters_apart, bench_instances, bench_spawn;

/* Ends the program with a message: a benchmark that cannot go on has no figure. */
void bench_fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* Zeroed memory of the harness's own, outside every timed region. Never NULL. */
void *bench_own_memory(size_t size);

#ifdef __cplusplus
}
#endif

#endif
