/*
 * swap: a thread allocates a block, exchanges it with a random one of the 4096 slots (256 MiB at most) of a table that all share,
 * and frees what was there.
 */
#include "work.h"
#include "workloads.h"

#include <stdatomic.h>

enum { SLOTS = 4096 };

typedef _Atomic(void *) slot;

static void *open_table(const struct bench_row *row)
{
    (void)row;
    return bench_own_memory(SLOTS * sizeof(slot));
}

static uint32_t slots_of(const struct bench_row *row)
{
    return bench_bounded(SLOTS, row->size);
}

static uint64_t needs(const struct bench_row *row)
{
    return (uint64_t)slots_of(row) * row->size;
}

/* Each worker fills its share of the slots, so that blocks have all owners from the start. */
static void enter(struct bench_worker *worker)
{
    slot *table = worker->shared;

    for (size_t i = worker->index; i < slots_of(worker->row); i += worker->row->threads)
        atomic_store(&table[i], bench_take(&worker->memory, worker->row->size));
}

static void work(struct bench_worker *worker, uint64_t operations)
{
    const struct bench_memory memory = worker->memory;
    const size_t size = worker->row->size;
    const uint32_t slots = slots_of(worker->row);
    slot *table = worker->shared;
    uint64_t random = bench_seed(worker);

    for (uint64_t i = 0; i < operations; i++) {
        uint32_t chosen = bench_random_below(&random, slots);
        void *block = bench_take(&memory, size);

        /* Release: the block's content goes with it; acquire: so it does with the one that comes. */
        bench_give(&memory, atomic_exchange_explicit(&table[chosen], block, memory_order_acq_rel));
    }
}

static void leave(struct bench_worker *worker)
{
    slot *table = worker->shared;

    for (size_t i = worker->index; i < slots_of(worker->row); i += worker->row->threads)
        bench_give(&worker->memory, atomic_exchange(&table[i], NULL));
}

static const unsigned quick_sizes[] = {64, 256, 0};
static const struct bench_point quick_points[] = {{64, 8, 0, 1}, {0, 0, 0, 0}};

const struct bench_workload bench_swap = {
    .name = "swap",
    .operation = "allocate a block, exchange it with a random slot of a shared table, free what was there",
    .quick = {.sizes = quick_sizes, .threads = bench_threads_2, .points = quick_points},
    .threads_step = 2,
    .crosses = true,
    .needs = needs,
    .open = open_table,
    .enter = enter,
    .work = work,
    .leave = leave,
    .close = bench_own_close,
};
