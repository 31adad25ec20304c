/*
 * latency: of 1000 live blocks a random one is replaced, and each call is timed by itself.
 *
 * latency-drain: of each two threads the first allocates 100 000 blocks, then the second frees them all, and so on: while the
 * first allocates, it takes in what the second has sent home.
 */
#include "latency.h"
#include "team.h"
#include "workloads.h"

enum { LIVE = 1000, DRAIN = 100000 };

static void enter_steady(struct bench_worker *worker)
{
    void **live = bench_own_memory(LIVE * sizeof *live);

    for (size_t i = 0; i < LIVE; i++)
        live[i] = bench_take(&worker->memory, worker->row->size);
    worker->own = live;
}

static void work_steady(struct bench_worker *worker, uint64_t operations)
{
    struct latency *latency = (struct latency *)worker->shared + worker->index;
    const struct bench_memory memory = worker->memory;
    const size_t size = worker->row->size;
    void **live = worker->own;
    uint64_t random = bench_seed(worker);

    latency_clear(latency);
    for (uint64_t i = 0; i < operations; i++) {
        const uint32_t victim = bench_random_below(&random, LIVE);

        latency_give(latency, &memory, live[victim]);
        live[victim] = latency_take(latency, &memory, size);
    }
}

static void leave_steady(struct bench_worker *worker)
{
    void **live = worker->own;

    for (size_t i = 0; i < LIVE; i++)
        bench_give(&worker->memory, live[i]);
    bench_own_release(live);
}

/* The blocks of each pair of threads follow. */
struct drain {
    struct latency latencies[BENCH_MOST_THREADS];
    void *blocks[];
};

static void *open_drain(const struct bench_row *row)
{
    return bench_own_memory(sizeof(struct drain) + (size_t)row->threads / 2 * DRAIN * sizeof(void *));
}

static uint64_t drain_needs(const struct bench_row *row)
{
    return (uint64_t)DRAIN * row->size * (row->threads / 2);
}

static void work_drain(struct bench_worker *worker, uint64_t operations)
{
    struct drain *drain = worker->shared;
    struct latency *latency = &drain->latencies[worker->index];
    void **blocks = drain->blocks + (size_t)worker->index / 2 * DRAIN;
    const struct bench_memory memory = worker->memory;
    const size_t size = worker->row->size;
    const bool allocates = worker->index % 2 == 0;

    latency_clear(latency);
    while (operations > 0) {
        const size_t n = operations < DRAIN ? (size_t)operations : DRAIN;

        for (size_t i = 0; allocates && i < n; i++)
            blocks[i] = latency_take(latency, &memory, size);
        team_meet(worker);
        for (size_t i = 0; !allocates && i < n; i++)
            latency_give(latency, &memory, blocks[i]);
        team_meet(worker);
        operations -= n;
    }
}

const struct bench_workload bench_latency = {
    .name = "latency",
    .operation = "replace a random one of 1000 live blocks, each call timed by itself",
    .quick = {.sizes = bench_sizes_64, .threads = bench_threads_1},
    .full = {.sizes = bench_sizes_few, .threads = bench_threads_1_2},
    .threads_step = 1,
    .open = latency_open,
    .enter = enter_steady,
    .work = work_steady,
    .leave = leave_steady,
    .report = latency_report,
    .close = latency_close,
};

const struct bench_workload bench_latency_drain = {
    .name = "latency-drain",
    .operation = "the same calls, while an inbox of 100 000 blocks is filled (free) and drained (allocate)",
    .quick = {.sizes = bench_sizes_64, .threads = bench_threads_2},
    .full = {.sizes = bench_sizes_few, .threads = bench_threads_2},
    .threads_step = 2,
    .crosses = true,
    .needs = drain_needs,
    .open = open_drain,
    .work = work_drain,
    .report = latency_report,
    .close = latency_close,
};
