/* large: of 100 live blocks of random sizes from 64 KiB to the row's size, a random one is replaced. */
#include "work.h"
#include "workloads.h"

enum { LIVE = 100, SMALLEST = 65536, WARM = 4 * LIVE };

struct large {
    uint64_t random;
    void *live[LIVE];
};

static void *take_random(struct large *large, const struct bench_worker *worker)
{
    const uint32_t largest = worker->row->size > SMALLEST ? worker->row->size : SMALLEST;

    return bench_take(&worker->memory, SMALLEST + bench_random_below(&large->random, largest - SMALLEST + 1));
}

static uint64_t needs(const struct bench_row *row)
{
    return (uint64_t)LIVE * row->size * row->threads;
}

static void work(struct bench_worker *worker, uint64_t operations)
{
    struct large *large = worker->own;

    for (uint64_t i = 0; i < operations; i++) {
        uint32_t victim = bench_random_below(&large->random, LIVE);

        bench_give(&worker->memory, large->live[victim]);
        large->live[victim] = take_random(large, worker);
    }
}

static void enter(struct bench_worker *worker)
{
    struct large *large = bench_own_memory(sizeof *large);

    large->random = bench_seed(worker);
    for (size_t i = 0; i < LIVE; i++)
        large->live[i] = take_random(large, worker);
    worker->own = large;
    work(worker, WARM); /* or a short run would be one of page faults */
}

static void leave(struct bench_worker *worker)
{
    struct large *large = worker->own;

    for (size_t i = 0; i < LIVE; i++)
        bench_give(&worker->memory, large->live[i]);
    bench_own_release(large);
}

static const unsigned quick_sizes[] = {65536, 1048576, 0};

const struct bench_workload bench_large = {
    .name = "large",
    .operation = "replace a random one of 100 live blocks, sizes 64 KiB to N",
    .quick = {.sizes = quick_sizes, .threads = bench_threads_1},
    .full = {.sizes = bench_sizes_large, .threads = bench_threads_1_2},
    .threads_step = 1,
    .needs = needs,
    .enter = enter,
    .work = work,
    .leave = leave,
};
