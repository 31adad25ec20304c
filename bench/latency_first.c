/*
 * latency-start: a new thread's first allocation and first free.
 *
 * latency-class: a new thread's first allocation and first free of each of some 40 sizes.
 */
#include "latency.h"
#include "workloads.h"

#include <pthread.h>

/* Sizes up to 1 KiB by lines, then 1/8 apart in lines: no less than the classes an allocator has. */
static size_t next_size(size_t size)
{
    return size < 1024 ? size + BENCH_LINE : (size + size / 8 + BENCH_LINE - 1) & ~(size_t)(BENCH_LINE - 1);
}

/* What a new thread is told; its parent waits for its end. */
struct life {
    struct latency *latency;
    struct bench_memory memory;
    size_t least;
    size_t most;
};

/* One block of each size from `least` to `most`. */
static void *live(void *argument)
{
    enum { MOST_SIZES = 128 };
    const struct life *life = argument;
    void *blocks[MOST_SIZES];
    size_t n = 0;

    for (size_t size = life->least; size <= life->most && n < MOST_SIZES; size = next_size(size))
        blocks[n++] = latency_take(life->latency, &life->memory, size);
    while (n > 0)
        latency_give(life->latency, &life->memory, blocks[--n]);
    return NULL;
}

static void work_lives(struct bench_worker *worker, uint64_t operations, size_t least)
{
    struct latency *latency = (struct latency *)worker->shared + worker->index;
    struct life life = {latency, worker->memory, least, worker->row->size};

    latency_clear(latency);
    for (uint64_t i = 0; i < operations; i++) {
        pthread_t thread;

        if (pthread_create(&thread, NULL, live, &life) != 0 || pthread_join(thread, NULL) != 0)
            bench_fail("cannot start a thread");
    }
}

static void work_start(struct bench_worker *worker, uint64_t operations)
{
    work_lives(worker, operations, worker->row->size);
}

static void work_class(struct bench_worker *worker, uint64_t operations)
{
    work_lives(worker, operations, BENCH_LINE);
}

static const unsigned class_sizes[] = {32768, 0};

const struct bench_workload bench_latency_start = {
    .name = "latency-start",
    .operation = "start a thread and join it; its first allocation and first free are timed",
    .quick = {.sizes = bench_sizes_64, .threads = bench_threads_1},
    .full = {.sizes = bench_sizes_64, .threads = bench_threads_1},
    .threads_step = 1,
    .open = latency_open,
    .work = work_start,
    .report = latency_report,
    .close = latency_close,
};

const struct bench_workload bench_latency_class = {
    .name = "latency-class",
    .operation = "the same with its first allocation and first free of each of some 40 sizes from 64 to N",
    .quick = {.sizes = class_sizes, .threads = bench_threads_1},
    .full = {.sizes = class_sizes, .threads = bench_threads_1},
    .threads_step = 1,
    .open = latency_open,
    .work = work_class,
    .report = latency_report,
    .close = latency_close,
};
