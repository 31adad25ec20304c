/* What the workloads that time single calls share. */
#ifndef PERFPOOL_BENCH_LATENCY_H
#define PERFPOOL_BENCH_LATENCY_H

#include "histogram.h"
#include "ticks.h"
#include "work.h"

/* The calls of one worker in the last run; apart from the other workers' by more than the processor fetches ahead. */
struct latency {
    struct histogram allocate;
    struct histogram release;
    uint64_t apart[32];
};

/* An allocation whose time goes into the histogram; the block is touched afterwards. */
static inline void *latency_take(struct latency *latency, const struct bench_memory *memory, size_t size)
{
    const uint64_t start = ticks_read();
    void *block = memory->allocate(size, memory->context);

    histogram_add(&latency->allocate, ticks_read() - start);
    if (__builtin_expect(block == NULL, 0))
        bench_fail("the contender has no block of %lu bytes", (unsigned long)size);
    bench_touch(block, size);
    return block;
}

static inline void latency_give(struct latency *latency, const struct bench_memory *memory, void *block)
{
    const uint64_t start = ticks_read();

    memory->release(block, memory->context);
    histogram_add(&latency->release, ticks_read() - start);
}

/* Empties the histograms; a worker's first step in a run. */
void latency_clear(struct latency *latency);

/* For workloads whose shared memory begins with a struct latency for each worker: open, if that is all it is, report and close. */
void *latency_open(const struct bench_row *row);
/* Adds the percentiles of all workers' calls in nanoseconds, as allocate_p50 ... allocate_max, free_p50 ... free_max. */
void latency_report(const struct bench_row *row, void *shared, struct bench_findings *findings);
void latency_close(const struct bench_row *row, void *shared);

#endif
