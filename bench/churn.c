/* churn: of 20 000 live blocks of random sizes from 32 bytes to the row's size, a random one is replaced. */
#include "work.h"

#include <stdlib.h>

enum { LIVE = 20000, SMALLEST = 32 };

struct churn {
    uint64_t random;
    void *live[LIVE];
};

static void *take_random(struct churn *churn, const struct bench_memory *memory, uint32_t spread)
{
    return bench_take(memory, SMALLEST + bench_random_below(&churn->random, spread));
}

static void enter(struct bench_worker *worker)
{
    struct churn *churn = bench_own_memory(sizeof *churn);

    churn->random = bench_seed(worker);
    for (size_t i = 0; i < LIVE; i++)
        churn->live[i] = take_random(churn, &worker->memory, worker->row->size - SMALLEST + 1);
    worker->own = churn;
}

static void work(struct bench_worker *worker, uint64_t operations)
{
    const struct bench_memory memory = worker->memory;
    const uint32_t spread = worker->row->size - SMALLEST + 1;
    struct churn *churn = worker->own;

    for (uint64_t i = 0; i < operations; i++) {
        uint32_t victim = bench_random_below(&churn->random, LIVE);

        bench_give(&memory, churn->live[victim]);
        churn->live[victim] = take_random(churn, &memory, spread);
    }
}

static void leave(struct bench_worker *worker)
{
    struct churn *churn = worker->own;

    for (size_t i = 0; i < LIVE; i++)
        bench_give(&worker->memory, churn->live[i]);
    free(churn);
}

static const unsigned sizes[] = {512, 4096, 0};

const struct bench_workload bench_churn = {
    .name = "churn",
    .operation = "replace a random one of 20 000 live blocks, sizes 32 to N",
    .sizes = sizes,
    .threads_step = 1,
    .quick_zeroed = true,
    .enter = enter,
    .work = work,
    .leave = leave,
};
