/*
 * churn: of the blocks that a thread has, of random sizes from 32 bytes to the row's size, a random one is replaced. A thread has
 * 20 000 blocks (256 MiB at most), or with /live:N so many that all threads together have N lines of 64 bytes.
 */
#include "work.h"
#include "workloads.h"

enum { LIVE = 20000, SMALLEST = 32, LEAST = 16 };

struct churn {
    uint64_t random;
    uint32_t n;
    void *live[];
};

/* Blocks of one thread: lines are counted as the average block fills them. */
static uint32_t blocks_of(const struct bench_row *row)
{
    unsigned size = SMALLEST;
    uint64_t lines = 0;
    uint64_t n;

    if (row->live == 0)
        return bench_bounded(LIVE, row->size);
    do
        lines += (size + BENCH_LINE - 1) / BENCH_LINE;
    while (++size <= row->size);
    n = (uint64_t)row->live / row->threads * (row->size - SMALLEST + 1) / lines;
    return n < LEAST ? LEAST : (uint32_t)n;
}

static uint64_t needs(const struct bench_row *row)
{
    return (uint64_t)blocks_of(row) * (SMALLEST + row->size) / 2 * row->threads;
}

static void *take_random(struct churn *churn, const struct bench_memory *memory, uint32_t spread)
{
    return bench_take(memory, SMALLEST + bench_random_below(&churn->random, spread));
}

static void enter(struct bench_worker *worker)
{
    const uint32_t n = blocks_of(worker->row);
    struct churn *churn = bench_own_memory(sizeof *churn + n * sizeof(void *));

    churn->random = bench_seed(worker);
    churn->n = n;
    for (size_t i = 0; i < n; i++)
        churn->live[i] = take_random(churn, &worker->memory, worker->row->size - SMALLEST + 1);
    worker->own = churn;
}

static void work(struct bench_worker *worker, uint64_t operations)
{
    const struct bench_memory memory = worker->memory;
    const uint32_t spread = worker->row->size - SMALLEST + 1;
    struct churn *churn = worker->own;

    for (uint64_t i = 0; i < operations; i++) {
        uint32_t victim = bench_random_below(&churn->random, churn->n);

        bench_give(&memory, churn->live[victim]);
        churn->live[victim] = take_random(churn, &memory, spread);
    }
}

static void leave(struct bench_worker *worker)
{
    struct churn *churn = worker->own;

    for (size_t i = 0; i < churn->n; i++)
        bench_give(&worker->memory, churn->live[i]);
    bench_own_release(churn);
}

static const unsigned quick_sizes[] = {512, 4096, 0};
static const unsigned full_sizes[] = {64, 512, 4096, 32768, 1048576, 0};
static const struct bench_point live_sets[] = {
    {64, 1, 1000, 1},     {64, 1, 10000, 1},     {64, 1, 100000, 1},    {64, 1, 1000000, 1},
    {64, 1, 10000000, 1}, {512, 1, 1000, 1},     {512, 1, 10000, 1},    {512, 1, 100000, 1},
    {512, 1, 1000000, 1}, {512, 1, 10000000, 1}, {512, 2, 1000, 1},     {512, 2, 10000, 1},
    {512, 2, 100000, 1},  {512, 2, 1000000, 1},  {512, 2, 10000000, 1}, {0, 0, 0, 0},
};

const struct bench_workload bench_churn = {
    .name = "churn",
    .operation = "replace a random one of 20 000 live blocks (256 MiB at most), sizes 32 to N",
    .quick = {.sizes = quick_sizes},
    .full = {.sizes = full_sizes, .points = live_sets},
    .threads_step = 1,
    .zeroed = true,
    .takes_live = true,
    .needs = needs,
    .enter = enter,
    .work = work,
    .leave = leave,
};
