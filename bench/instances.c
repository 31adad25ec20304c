/* instances: each thread keeps 256 instances and replaces the oldest through PerfDeleteInstance and PerfCreateInstance. */
#include "provider.h"
#include "workloads.h"

enum { LIVE = 256, ID_BITS = 25 };

struct instances {
    const GUID *set;
    ULONG next_id;
    PERF_COUNTERSET_INSTANCE *live[LIVE];
};

/* The sets are described by the main thread. */
static void *open_set(const struct bench_row *row)
{
    GUID *set = bench_own_memory(sizeof *set);

    *set = *bench_provider_set(row->size);
    return set;
}

/* Ids run round within a range of the worker's own, which is far larger than what lives at once. */
static PERF_COUNTERSET_INSTANCE *create(struct instances *instances, unsigned worker)
{
    ULONG id = (ULONG)worker << ID_BITS | (instances->next_id++ & ((1U << ID_BITS) - 1));

    return bench_provider_create_instance(instances->set, id);
}

static void enter(struct bench_worker *worker)
{
    struct instances *instances = bench_own_memory(sizeof *instances);

    instances->set = worker->shared;
    for (unsigned i = 0; i < LIVE; i++)
        instances->live[i] = create(instances, worker->index);
    worker->own = instances;
}

static void work(struct bench_worker *worker, uint64_t operations)
{
    struct instances *instances = worker->own;

    for (uint64_t i = 0; i < operations; i++) {
        PERF_COUNTERSET_INSTANCE **oldest = &instances->live[i % LIVE];

        bench_provider_delete_instance(*oldest);
        *oldest = create(instances, worker->index);
    }
}

static void leave(struct bench_worker *worker)
{
    struct instances *instances = worker->own;

    for (unsigned i = 0; i < LIVE; i++)
        bench_provider_delete_instance(instances->live[i]);
    bench_own_release(instances);
}

static const unsigned full_threads[] = {1, 2, 4, 0};

const struct bench_workload bench_instances = {
    .name = "instances",
    .operation = "PerfDeleteInstance and PerfCreateInstance, 256 live for each thread",
    .quick = {.sizes = bench_sizes_64},
    .full = {.sizes = bench_sizes_few, .threads = full_threads},
    .threads_step = 1,
    .needs_distinct = true,
    .open = open_set,
    .enter = enter,
    .work = work,
    .leave = leave,
    .close = bench_own_close,
};
