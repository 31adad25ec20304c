/* swap: a thread allocates a block, exchanges it with a random slot of a table that all share, and frees what was there. */
#include "work.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { SLOTS = 4096 };

typedef _Atomic(void *) slot;

static void *open_table(const struct bench_row *row)
{
    (void)row;
    return bench_own_memory(SLOTS * sizeof(slot));
}

/* Each worker fills its share of the slots, so that blocks have all owners from the start. */
static void enter(struct bench_worker *worker)
{
    slot *table = worker->shared;

    for (size_t i = worker->index; i < SLOTS; i += worker->row->threads)
        atomic_store(&table[i], bench_take(&worker->memory, worker->row->size));
}

static void work(struct bench_worker *worker, uint64_t operations)
{
    const struct bench_memory memory = worker->memory;
    const size_t size = worker->row->size;
    slot *table = worker->shared;
    uint64_t random = bench_seed(worker);

    for (uint64_t i = 0; i < operations; i++) {
        uint32_t chosen = bench_random_below(&random, SLOTS);
        void *block = bench_take(&memory, size);

        /* Release: the block's content goes with it; acquire: so it does with the one that comes. */
        bench_give(&memory, atomic_exchange_explicit(&table[chosen], block, memory_order_acq_rel));
    }
}

static void leave(struct bench_worker *worker)
{
    slot *table = worker->shared;

    for (size_t i = worker->index; i < SLOTS; i += worker->row->threads)
        bench_give(&worker->memory, atomic_exchange(&table[i], NULL));
}

static void close_table(const struct bench_row *row, void *shared)
{
    (void)row;
    free(shared);
}

const struct bench_workload bench_swap = {
    .name = "swap",
    .operation = "allocate a block, exchange it with a random slot of a shared table, free what was there",
    .threads_step = 2,
    .open = open_table,
    .enter = enter,
    .work = work,
    .leave = leave,
    .close = close_table,
};
