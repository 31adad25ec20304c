/*
 * Whole lives of a provider on perfpool heaps, through the functions under Windows' own names: the nth allocation fails, for all n;
 * threads create, update and delete while others collect; and the same with the system's PERFLIB where there is one. At the end
 * perfpool_heap_destroy finds no block.
 */
#include "harness.h"
#include "perflib/perflib_consumer.h"
#include "perflib/perflib_strict.h"
#include "perflib/perflib_table.h"
#include "support/generator.h"
#include "support/heaps.h"
#include "support/require.h"
#include "support/share.h"
#include "support/threads.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { REQUESTS = 1, BYTES = 2, LATENCY = 3, LATENCY_BASE = 4, N_COUNTERS = 4 };

#define NAME(text) ((PCWSTR)(const void *)u##text)

static GUID guid = {0x41424344, 0x4546, 0x4748, {1, 2, 3, 4, 5, 6, 7, 8}};
static const GUID set_guid = {0x51525354, 0x5556, 0x5758, {1, 2, 3, 4, 5, 6, 7, 8}};

/* A set with counters of both sizes, one of them by reference, and an average with its base. */
struct description {
    PERF_COUNTERSET_INFO set;
    PERF_COUNTER_INFO counters[N_COUNTERS];
};

static struct description describe(void)
{
    return (struct description){{set_guid, guid, N_COUNTERS, PERF_COUNTERSET_MULTI_INSTANCES},
                                {{REQUESTS, PERF_COUNTER_COUNTER, 0, 4, PERF_DETAIL_NOVICE, 0, 0},
                                 {BYTES, PERF_COUNTER_LARGE_RAWCOUNT, PERF_ATTRIB_BY_REFERENCE, 8, PERF_DETAIL_NOVICE, 0, 0},
                                 {LATENCY, PERF_AVERAGE_BULK, 0, 8, PERF_DETAIL_NOVICE, 0, 0},
                                 {LATENCY_BASE, PERF_AVERAGE_BASE, 0, 4, PERF_DETAIL_NOVICE, 0, 0}}};
}

static ULONG WINAPI accept_everything(ULONG code, PVOID buffer, ULONG size)
{
    (void)code;
    (void)buffer;
    (void)size;
    return ERROR_SUCCESS;
}

static ULONG start(perfpool_heap *heap, HANDLE *provider)
{
    PERF_PROVIDER_CONTEXT context = {sizeof context, 0, accept_everything, AllocateMemory, FreeMemory, heap};
    struct description description = describe();
    ULONG error = PerfStartProviderEx(&guid, &context, provider);

    if (error != ERROR_SUCCESS)
        return error;
    error = PerfSetCounterSetInfo(*provider, &description.set, sizeof description);
    if (error != ERROR_SUCCESS)
        PerfStopProvider(*provider);
    return error;
}

/* Updates an instance once. */
static ULONG update(HANDLE provider, PERF_COUNTERSET_INSTANCE *instance, ULONGLONG *cell)
{
    const ULONG errors[] = {
        PerfIncrementULongCounterValue(provider, instance, REQUESTS, 1),
        PerfSetCounterRefValue(provider, instance, BYTES, cell),
        PerfIncrementULongLongCounterValue(provider, instance, LATENCY, 10),
        PerfIncrementULongCounterValue(provider, instance, LATENCY_BASE, 1),
    };

    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i] != ERROR_SUCCESS)
            return errors[i];
    return ERROR_SUCCESS;
}

/* Creates, updates, collects and deletes; the error of the first step that failed. */
static ULONG work(HANDLE provider, struct perflib_query *query)
{
    enum { INSTANCES = 300 };
    static PERF_COUNTERSET_INSTANCE *instances[INSTANCES];
    const struct perflib_sample *sample;
    ULONGLONG cell = 5;
    ULONG error = perflib_query_add(query, &set_guid, NAME("*"), 0, PERF_WILDCARD_COUNTER);
    ULONG n;

    for (n = 0; error == ERROR_SUCCESS && n < INSTANCES; n++) {
        instances[n] = PerfCreateInstance(provider, &set_guid, NAME("instance"), n);
        if (instances[n] == NULL) {
            error = GetLastError();
            break;
        }
        error = update(provider, instances[n], &cell);
    }
    if (error == ERROR_SUCCESS)
        error = perflib_query_collect(query, &sample);
    if (error == ERROR_SUCCESS && sample->n_values != (size_t)INSTANCES * N_COUNTERS)
        error = ERROR_NO_DATA;
    while (n-- != 0)
        if (PerfDeleteInstance(provider, instances[n]) != ERROR_SUCCESS)
            error = ERROR_INVALID_PARAMETER;
    return error;
}

/* A provider's life from start to stop. Whatever failed, nothing is left in the heap. */
static ULONG live(perfpool_heap *heap)
{
    struct perflib_query *query;
    HANDLE provider = NULL;
    ULONG error = start(heap, &provider);

    if (error == ERROR_SUCCESS) {
        ck_assert_uint_eq(perflib_query_open(&query), ERROR_SUCCESS);
        error = work(provider, query);
        perflib_query_close(query);
        ck_assert_uint_eq(PerfStopProvider(provider), ERROR_SUCCESS);
    }
    ck_assert_uint_eq(heap_figures(heap).live_blocks, 0);
    return error;
}

START_TEST(every_failing_allocation_is_told_and_leaks_nothing)
{
    perfpool_heap *heap = heap_make(0);
    unsigned n = 0;
    ULONG error;

    perflib_use(perflib_test());
    do {
        perflib_fail_allocation(++n);
        error = live(heap);
        if (perflib_fail_allocation(0) == 0)
            ck_assert_msg(error == ERROR_NOT_ENOUGH_MEMORY || error == ERROR_OUTOFMEMORY, "allocation %u: error %lu", n,
                          (unsigned long)error);
        else
            break;
        ck_assert_uint_eq(live(heap), ERROR_SUCCESS);
    } while (n < 100000);
    ck_assert_uint_eq(error, ERROR_SUCCESS);
    /* The provider, its set, 300 instances, the stripes' tables and the buffers of a collection were all made to fail. */
    ck_assert_uint_gt(n, 300 + 64);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* Threads that create, update and delete, and threads that collect, on one provider. */
static struct {
    HANDLE provider;
    atomic_uint working; /* threads that still create and delete */
    atomic_uint collected;
} common;

struct worker {
    struct thread thread;
    unsigned number;
    struct generator random;
};

/* An instance of a worker's, and the cell its counter by reference is bound to. */
struct made {
    PERF_COUNTERSET_INSTANCE *instance;
    ULONGLONG *cell;
};

/* A cell that shows the worker's number. */
static ULONGLONG *cell_make(const struct worker *worker)
{
    ULONGLONG *cell = malloc(sizeof *cell);

    require(cell != NULL);
    *cell = worker->number;
    return cell;
}

/* Whoever still reads the cell sees a number that nobody may show. */
static void cell_free(ULONGLONG *cell)
{
    __atomic_store_n(cell, UINT64_MAX, __ATOMIC_RELAXED);
    free(cell);
}

/* Binds the counter to another cell; the old one goes as soon as PerfSetCounterRefValue has returned. */
static void rebind(const struct worker *worker, struct made *made)
{
    ULONGLONG *old = made->cell;

    made->cell = cell_make(worker);
    require(PerfSetCounterRefValue(common.provider, made->instance, BYTES, made->cell) == ERROR_SUCCESS);
    cell_free(old);
}

static void delete_made(struct made *made)
{
    if (made->instance == NULL)
        return;
    require(PerfDeleteInstance(common.provider, made->instance) == ERROR_SUCCESS);
    cell_free(made->cell);
    made->instance = NULL;
}

static void create_update_and_delete(void *argument)
{
    enum { ALIVE = 32, ID_RANGE = 1 << 20 };
    const ULONG steps = share_of(6000);
    struct worker *worker = argument;
    struct made alive[ALIVE] = {{NULL, NULL}};

    for (ULONG i = 0; i < steps; i++) {
        struct made *made = &alive[generator_below(&worker->random, ALIVE)];

        if (made->instance != NULL && generator_below(&worker->random, 3) == 0) {
            rebind(worker, made);
            continue;
        }
        delete_made(made);
        made->cell = cell_make(worker);
        made->instance = PerfCreateInstance(common.provider, &set_guid, NAME("instance"), worker->number * ID_RANGE + i);
        require(made->instance != NULL);
        require(update(common.provider, made->instance, made->cell) == ERROR_SUCCESS);
    }
    for (ULONG i = 0; i < ALIVE; i++)
        delete_made(&alive[i]);
    atomic_fetch_sub(&common.working, 1);
}

/* What is seen must make sense at any time: a counter never shows what nobody wrote. */
static void collect_and_check(void *argument)
{
    struct perflib_query *query;
    const struct perflib_sample *sample;

    (void)argument;
    require(perflib_query_open(&query) == ERROR_SUCCESS);
    require(perflib_query_add(query, &set_guid, NAME("*"), 0, PERF_WILDCARD_COUNTER) == ERROR_SUCCESS);
    do {
        require(perflib_query_collect(query, &sample) == ERROR_SUCCESS);
        for (size_t i = 0; i < sample->n_values; i++) {
            const struct perflib_value *value = &sample->values[i];

            require(value->counter != REQUESTS || value->value <= 1);
            require(value->counter != LATENCY || value->value == 0 || value->value == 10);
            require(value->counter != BYTES || value->status == ERROR_NO_DATA || value->value == value->instance_id >> 20);
        }
        atomic_fetch_add(&common.collected, 1);
    } while (atomic_load(&common.working) != 0);
    perflib_query_close(query);
}

START_TEST(threads_collect_while_others_create_and_delete)
{
    enum { WORKERS = 3, COLLECTORS = 2 };
    perfpool_heap *heap = heap_make(0);
    struct worker workers[WORKERS + COLLECTORS];
    const uint64_t seed = generator_seed("threads_collect_while_others_create_and_delete");

    perflib_use(perflib_test());
    ck_assert_uint_eq(start(heap, &common.provider), ERROR_SUCCESS);
    atomic_store(&common.working, WORKERS);
    for (unsigned i = 0; i < WORKERS + COLLECTORS; i++) {
        workers[i].number = i + 1;
        workers[i].random = generator_make(seed, i);
        thread_start(&workers[i].thread, i < WORKERS ? create_update_and_delete : collect_and_check, &workers[i]);
    }
    for (unsigned i = 0; i < WORKERS + COLLECTORS; i++)
        thread_join(&workers[i].thread);
    ck_assert_uint_ge(atomic_load(&common.collected), COLLECTORS);
    ck_assert_uint_eq(PerfStopProvider(common.provider), ERROR_SUCCESS);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* Providers start and stop while another thread collects from whatever there is. */
static void start_and_stop(void *argument)
{
    const unsigned rounds = share_of(300);
    ULONGLONG cell = 3;

    for (unsigned i = 0; i < rounds; i++) {
        HANDLE provider = NULL;
        PERF_COUNTERSET_INSTANCE *instance;

        require(start(argument, &provider) == ERROR_SUCCESS);
        instance = PerfCreateInstance(provider, &set_guid, NAME("instance"), 3U << 20);
        require(instance != NULL && update(provider, instance, &cell) == ERROR_SUCCESS);
        require(PerfStopProvider(provider) == ERROR_SUCCESS);
    }
    atomic_fetch_sub(&common.working, 1);
}

START_TEST(providers_stop_while_others_collect)
{
    perfpool_heap *heap = heap_make(0);
    struct thread starter;
    struct thread collector;
    HANDLE provider = NULL;

    perflib_use(perflib_test());
    /* There is always one that has the set. */
    ck_assert_uint_eq(start(heap, &provider), ERROR_SUCCESS);
    atomic_store(&common.working, 1);
    thread_start(&starter, start_and_stop, heap);
    thread_start(&collector, collect_and_check, NULL);
    thread_join(&starter);
    thread_join(&collector);
    ck_assert_uint_eq(PerfStopProvider(provider), ERROR_SUCCESS);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* Registration by the system's PERFLIB, values and consumers by this library's. */
START_TEST(system_registers_and_this_library_reads)
{
    perfpool_heap *heap = heap_make(0);

    perflib_use(perflib_mixed());
    ck_assert_ptr_eq(perflib_used(), perflib_mixed());
    ck_assert_ptr_nonnull(strstr(perflib_used()->name, "system"));
    ck_assert_uint_eq(live(heap), ERROR_SUCCESS);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

START_TEST(names_use_what_is_chosen)
{
    perflib_use(NULL);
    ck_assert_int_eq(perflib_uses_memory_routines(perflib_used()), 1);
    perflib_use(perflib_test());
    ck_assert_ptr_eq(perflib_used(), perflib_test());
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("perflib_lives");
    TCase *lives = tcase_create("lives");

    tcase_add_test(lives, every_failing_allocation_is_told_and_leaks_nothing);
    tcase_add_test(lives, threads_collect_while_others_create_and_delete);
    tcase_add_test(lives, providers_stop_while_others_collect);
    if (perflib_mixed() != NULL)
        tcase_add_test(lives, system_registers_and_this_library_reads);
    else
        harness_skip("system_registers_and_this_library_reads", "Linux has no PERFLIB of its own");
    tcase_add_test(lives, names_use_what_is_chosen);
    suite_add_tcase(suite, lives);
    return suite;
}
