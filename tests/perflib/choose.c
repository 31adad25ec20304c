/* The tables of functions, and which of them a program should use. */
#include "internal.h"
#include "perflib_live.h"
#include "perflib_table.h"

#include <stdlib.h>

/* Everything but how a provider starts. */
#define TEST_FUNCTIONS                                                                                                             \
    .PerfStopProvider = perflib_test_stop, .PerfSetCounterSetInfo = perflib_test_set_info,                                         \
    .PerfCreateInstance = perflib_test_create, .PerfQueryInstance = perflib_test_query, .PerfDeleteInstance = perflib_test_delete, \
    .PerfSetCounterRefValue = perflib_test_set_reference, .PerfSetULongCounterValue = perflib_test_set_ulong,                      \
    .PerfSetULongLongCounterValue = perflib_test_set_ulonglong, .PerfIncrementULongCounterValue = perflib_test_increment_ulong,    \
    .PerfIncrementULongLongCounterValue = perflib_test_increment_ulonglong,                                                        \
    .PerfDecrementULongCounterValue = perflib_test_decrement_ulong,                                                                \
    .PerfDecrementULongLongCounterValue = perflib_test_decrement_ulonglong

static const struct perflib test_table = {
    .name = "perfpool's test PERFLIB",
    .PerfStartProvider = perflib_test_start,
    .PerfStartProviderEx = perflib_test_start_ex,
    TEST_FUNCTIONS,
};

const struct perflib *perflib_test(void)
{
    return &test_table;
}

static ULONG WINAPI mixed_start_ex(LPGUID guid, PPERF_PROVIDER_CONTEXT context, PHANDLE out)
{
    return provider_start(guid, context, perflib_system(), out);
}

static ULONG WINAPI mixed_start(LPGUID guid, PERFLIBREQUEST control, PHANDLE out)
{
    PERF_PROVIDER_CONTEXT context = {0};

    context.ContextSize = (DWORD)sizeof context;
    context.ControlCallback = control;
    return mixed_start_ex(guid, &context, out);
}

static const struct perflib mixed_table = {
    .name = "the system's PERFLIB for registration, perfpool's test PERFLIB for values and consumers",
    .PerfStartProvider = mixed_start,
    .PerfStartProviderEx = mixed_start_ex,
    TEST_FUNCTIONS,
};

const struct perflib *perflib_mixed(void)
{
    const struct perflib *system = perflib_system();

    if (system == NULL || system->PerfStartProviderEx == NULL || system->PerfStopProvider == NULL ||
        system->PerfSetCounterSetInfo == NULL || system->PerfCreateInstance == NULL || system->PerfDeleteInstance == NULL ||
        system->PerfSetCounterRefValue == NULL)
        return NULL;
    return &mixed_table;
}

static int is_complete(const struct perflib *perflib)
{
    return perflib->PerfStartProvider != NULL && perflib->PerfStartProviderEx != NULL && perflib->PerfStopProvider != NULL &&
           perflib->PerfSetCounterSetInfo != NULL && perflib->PerfCreateInstance != NULL && perflib->PerfQueryInstance != NULL &&
           perflib->PerfDeleteInstance != NULL && perflib->PerfSetCounterRefValue != NULL &&
           perflib->PerfSetULongCounterValue != NULL && perflib->PerfSetULongLongCounterValue != NULL &&
           perflib->PerfIncrementULongCounterValue != NULL && perflib->PerfIncrementULongLongCounterValue != NULL &&
           perflib->PerfDecrementULongCounterValue != NULL && perflib->PerfDecrementULongLongCounterValue != NULL;
}

/* Memory routines that count: pContext is the count of allocations, which other threads may make too. */
static LPVOID CALLBACK counting_allocate(SIZE_T size, LPVOID context)
{
    atomic_fetch_add((atomic_uint *)context, 1);
    return calloc(1, size);
}

static void CALLBACK counting_release(LPVOID block, LPVOID context)
{
    const DWORD error = GetLastError();

    (void)context;
    free(block);
    SetLastError(error);
}

int perflib_uses_memory_routines(const struct perflib *perflib)
{
    static GUID provider_guid = {0x6d0b1d7c, 0x5a11, 0x4c7e, {0x9a, 0x1f, 0x20, 0x31, 0x44, 0x5e, 0x6b, 0x01}};
    struct {
        PERF_COUNTERSET_INFO set;
        PERF_COUNTER_INFO counter;
    } description = {{{0x6d0b1d7c, 0x5a11, 0x4c7e, {0x9a, 0x1f, 0x20, 0x31, 0x44, 0x5e, 0x6b, 0x02}},
                      provider_guid,
                      1,
                      PERF_COUNTERSET_MULTI_INSTANCES},
                     {1, PERF_COUNTER_LARGE_RAWCOUNT, 0, sizeof(ULONGLONG), PERF_DETAIL_NOVICE, 0, 0}};
    static const WCHAR name[] = {u'p', u'r', u'o', u'b', u'e', 0};
    atomic_uint allocations = 0;
    PERF_PROVIDER_CONTEXT context = {sizeof context, 0, NULL, counting_allocate, counting_release, &allocations};
    unsigned before_instance;
    HANDLE provider = NULL;

    if (!is_complete(perflib) || perflib->PerfStartProviderEx(&provider_guid, &context, &provider) != ERROR_SUCCESS)
        return 0;
    perflib->PerfSetCounterSetInfo(provider, &description.set, sizeof description);
    before_instance = atomic_load(&allocations);
    perflib->PerfCreateInstance(provider, &description.set.CounterSetGuid, (PCWSTR)name, 1);
    perflib->PerfStopProvider(provider);
    return atomic_load(&allocations) != before_instance;
}

const struct perflib *perflib_choose(void)
{
    const struct perflib *system = perflib_system();

    return system != NULL && perflib_uses_memory_routines(system) ? system : perflib_test();
}

static _Atomic(const struct perflib *) used;

void perflib_use(const struct perflib *perflib)
{
    atomic_store(&used, perflib);
}

/* Two threads that come here first at once choose the same. */
const struct perflib *perflib_used(void)
{
    const struct perflib *perflib = atomic_load(&used);

    if (perflib == NULL) {
        perflib = perflib_choose();
        if (perflib == perflib_system() && getenv(PERFLIB_LIVE_VARIABLE) != NULL)
            perflib = perflib_mixed();
        atomic_store(&used, perflib);
    }
    return perflib;
}
