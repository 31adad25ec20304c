/*
 * perflib: each thread has 16 instances, made back to back with those of the other threads and dealt to them in turn. It updates
 * their counters through PERFLIB's function for that, 64 times each in turn, and replaces an instance through PERFLIB after every
 * 1024 updates. So neighbours are hot, and blocks come and go between them.
 */
#include "provider.h"
#include "workloads.h"

enum { EACH = 16, RUN = 64, LIFE = 1024 };

struct perflib_row {
    const GUID *set;
    unsigned n_counters;
    PERF_COUNTERSET_INSTANCE *instances[EACH * BENCH_MOST_THREADS]; /* number i is worker i % threads's */
};

static void *open_instances(const struct bench_row *row)
{
    struct perflib_row *all = bench_own_memory(sizeof *all);

    all->set = bench_provider_set(row->size);
    all->n_counters = bench_provider_counters(row->size);
    for (unsigned i = 0; i < EACH * row->threads; i++)
        all->instances[i] = bench_provider_create_instance(all->set, i);
    return all;
}

static void replace(const struct perflib_row *all, PERF_COUNTERSET_INSTANCE **instance, unsigned number)
{
    bench_provider_delete_instance(*instance);
    *instance = bench_provider_create_instance(all->set, number);
}

static void work(struct bench_worker *worker, uint64_t operations)
{
    struct perflib_row *all = worker->shared;
    const unsigned threads = worker->row->threads;
    unsigned counter = 0;

    for (uint64_t i = 0; i < operations; i++) {
        const unsigned number = (unsigned)(i / RUN % EACH) * threads + worker->index;

        bench_provider_update(all->instances[number], counter);
        counter = counter + 1 < all->n_counters ? counter + 1 : 0;
        if (i % LIFE == LIFE - 1)
            replace(all, &all->instances[(unsigned)(i / LIFE % EACH) * threads + worker->index],
                    (unsigned)(i / LIFE % EACH) * threads + worker->index);
    }
}

static void close_instances(const struct bench_row *row, void *shared)
{
    struct perflib_row *all = shared;

    for (unsigned i = 0; i < EACH * row->threads; i++)
        bench_provider_delete_instance(all->instances[i]);
    bench_own_release(all);
}

static const unsigned quick_sizes[] = {80, 0};

const struct bench_workload bench_perflib = {
    .name = "perflib",
    .operation = "PerfIncrementULongLongCounterValue on an instance of the thread's own, one in 1024 deleted and created anew",
    .quick = {.sizes = quick_sizes, .threads = bench_threads_2},
    .full = {.sizes = bench_sizes_instances},
    .threads_step = 1,
    .needs_distinct = true,
    .open = open_instances,
    .work = work,
    .close = close_instances,
};
