/*
 * counters: each thread adds to the counters of an instance block of its own. The instances are made back to back, 16 for each
 * thread, and dealt to the threads in turn, so that neighbours belong to different threads; a run spends the same number of
 * additions on each, because whether two neighbours share a cache line may depend on where they lie.
 *
 * counters-apart is the reference: the same additions in memory of the harness, where no two threads' slots are closer than 256
 * bytes.
 */
#include "provider.h"
#include "workloads.h"

enum { ROUNDS = 16, APART = 256 };

struct counters {
    unsigned n_slots;
    PERF_COUNTERSET_INSTANCE *instances[ROUNDS * BENCH_MOST_THREADS]; /* not of the reference */
    char *apart;                                                      /* of the reference only */
};

/* Adds 1 to each of the slots in turn, atomically, as programs update counters that a collector reads meanwhile. */
static void add(uint64_t *slots, unsigned n_slots, uint64_t operations)
{
    unsigned slot = 0;

    for (uint64_t i = 0; i < operations; i++) {
        __atomic_fetch_add(&slots[slot], 1, __ATOMIC_RELAXED);
        if (++slot == n_slots)
            slot = 0;
    }
}

static void *open_instances(const struct bench_row *row)
{
    struct counters *counters = bench_own_memory(sizeof *counters);
    const GUID *set = bench_provider_set(row->size);

    counters->n_slots = bench_provider_counters(row->size);
    for (unsigned i = 0; i < ROUNDS * row->threads; i++)
        counters->instances[i] = bench_provider_create_instance(set, i);
    return counters;
}

static void work(struct bench_worker *worker, uint64_t operations)
{
    struct counters *counters = worker->shared;

    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t share = operations * (round + 1) / ROUNDS - operations * round / ROUNDS;

        add(bench_provider_slots(counters->instances[round * worker->row->threads + worker->index]), counters->n_slots, share);
    }
}

static void close_instances(const struct bench_row *row, void *shared)
{
    struct counters *counters = shared;

    for (unsigned i = 0; i < ROUNDS * row->threads; i++)
        bench_provider_delete_instance(counters->instances[i]);
    bench_own_release(counters);
}

static void *open_apart(const struct bench_row *row)
{
    struct counters *counters = bench_own_memory(sizeof *counters);

    counters->n_slots = bench_provider_counters(row->size);
    counters->apart = bench_own_memory((size_t)(row->size + 2 * APART) * row->threads + BENCH_LINE);
    return counters;
}

static void work_apart(struct bench_worker *worker, uint64_t operations)
{
    struct counters *counters = worker->shared;
    size_t stride = ((worker->row->size + APART - 1) & ~(size_t)(APART - 1)) + APART;
    uintptr_t start = ((uintptr_t)counters->apart + BENCH_LINE - 1) & ~(uintptr_t)(BENCH_LINE - 1);

    add((uint64_t *)(start + stride * worker->index), counters->n_slots, operations);
}

static void close_apart(const struct bench_row *row, void *shared)
{
    struct counters *counters = shared;

    (void)row;
    bench_own_release(counters->apart);
    bench_own_release(counters);
}

static const unsigned full_threads[] = {2, 4, 8, 0};

const struct bench_workload bench_counters = {
    .name = "counters",
    .operation = "add 1 to a counter of an instance block of the thread's own, between the other threads' blocks",
    .quick = {.sizes = bench_sizes_instances, .threads = bench_threads_2},
    .full = {.sizes = bench_sizes_instances, .threads = full_threads},
    .threads_step = 2,
    .needs_distinct = true,
    .open = open_instances,
    .work = work,
    .close = close_instances,
};

const struct bench_workload bench_counters_apart = {
    .name = "counters-apart",
    .operation = "the same in blocks that share nothing, for reference: no contender takes part",
    .quick = {.sizes = bench_sizes_instances, .threads = bench_threads_2},
    .full = {.sizes = bench_sizes_instances, .threads = full_threads},
    .threads_step = 2,
    .open = open_apart,
    .work = work_apart,
    .close = close_apart,
};
