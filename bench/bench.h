/*
 * What a workload is and what it is given.
 *
 * A row is a workload at one block size with one number of threads, and where the workload has them, with one amount of live
 * memory or one number of heaps. Each thread of the team calls `enter` once, `work` any number of times and `leave` once. For a
 * run of n operations the threads wait for each other, call `work` with n and wait for each other again; the time from the first
 * of these meetings to the second, divided by n, is the row's figure: time per operation of one thread (of one pair of threads,
 * where the workload's operation takes two).
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

enum { BENCH_MOST_THREADS = 64, BENCH_MOST_HEAPS = 64, BENCH_LINE = 64, BENCH_SPAWN_BLOCKS = 64 };
enum { BENCH_SMALLEST = 48, BENCH_LARGEST = 1024 * 1024 }; /* bytes of a block */

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
    struct bench_memory memory;        /* with the first heap; the null contender's context differs by worker */
    unsigned index;                    /* from 0 to the row's threads - 1 */
    void *shared;                      /* what the workload's open returned */
    void *own;                         /* for the workload's enter, work and leave */
    LPVOID contexts[BENCH_MOST_HEAPS]; /* as many as the row has heaps */
};

/* What a workload found besides its time, by name. */
struct bench_findings {
    size_t n;
    struct {
        const char *name;
        double value;
    } at[24];
};

/* One combination of a row's dimensions. */
struct bench_point {
    unsigned size;    /* bytes; 0 ends a list of points */
    unsigned threads; /* 0 stands for 1 */
    unsigned live;    /* lines of 64 bytes that are live in all threads together; 0: the workload's own amount */
    unsigned heaps;   /* 0 stands for 1 */
};

/* The rows of a workload in a suite: all sizes with all numbers of threads (0 ends both; NULL: the suite's own), and further
 * points. */
struct bench_set {
    const unsigned *sizes;
    const unsigned *threads;
    const struct bench_point *points; /* may be NULL */
};

struct bench_workload {
    const char *name;
    const char *operation; /* what one operation is, for the reader of the table */
    struct bench_set quick;
    struct bench_set full;
    unsigned threads_step;                          /* the number of threads is a multiple of this */
    bool needs_distinct;                            /* needs blocks that differ, which the null contender does not give */
    bool zeroed;                                    /* part of the comparison of cleared blocks */
    bool only_zeroed;                               /* part of nothing else */
    bool takes_live;                                /* its live memory can be chosen */
    bool takes_heaps;                               /* its number of heaps can be chosen */
    bool once;                                      /* one operation is the whole scenario; it runs once */
    bool crosses;                                   /* blocks are freed by other threads than those that allocate them */
    uint64_t (*needs)(const struct bench_row *row); /* bytes of blocks that are live at once; may be NULL: few */
    void *(*open)(const struct bench_row *row);     /* once, before the threads enter; may be NULL */
    void (*enter)(struct bench_worker *worker);     /* may be NULL */
    void (*work)(struct bench_worker *worker, uint64_t operations);
    void (*leave)(struct bench_worker *worker); /* may be NULL */
    /* What the last run found; may be NULL. */
    void (*report)(const struct bench_row *row, void *shared, struct bench_findings *findings);
    void (*close)(const struct bench_row *row, void *shared); /* once, after the threads left; may be NULL */
};

struct bench_row {
    char name[64]; /* workload/size/threads, then /live:N and /heaps:N where they are chosen */
    const struct bench_workload *workload;
    unsigned size;
    unsigned threads;
    unsigned live; /* 0: the workload's own amount */
    unsigned heaps;
};

/* Ends the program with a message: a benchmark that cannot go on has no figure. */
void bench_fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* Adds a finding; `name` must outlive it. */
void bench_find(struct bench_findings *findings, const char *name, double value);

/*
 * Zeroed memory of the harness's own, straight from the system, so that it is no part of what is measured, and touched, so that
 * no page of it faults in a timed region. Never NULL.
 */
void *bench_own_memory(size_t size);

/* Gives it back; NULL does nothing. */
void bench_own_release(void *memory);

/* The same, as a workload's `close`. */
void bench_own_close(const struct bench_row *row, void *shared);

#ifdef __cplusplus
}
#endif

#endif
