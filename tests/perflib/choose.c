/* The tables of functions, and which of them a program should use. */
#include "internal.h"
#include "perflib_table.h"

#include <stdlib.h>

static const struct perflib test_table = {
    .name = "perfpool's test PERFLIB",
    .PerfStartProvider = perflib_test_start,
    .PerfStartProviderEx = perflib_test_start_ex,
    .PerfStopProvider = perflib_test_stop,
    .PerfSetCounterSetInfo = perflib_test_set_info,
    .PerfCreateInstance = perflib_test_create,
    .PerfQueryInstance = perflib_test_query,
    .PerfDeleteInstance = perflib_test_delete,
    .PerfSetCounterRefValue = perflib_test_set_reference,
    .PerfSetULongCounterValue = perflib_test_set_ulong,
    .PerfSetULongLongCounterValue = perflib_test_set_ulonglong,
    .PerfIncrementULongCounterValue = perflib_test_increment_ulong,
    .PerfIncrementULongLongCounterValue = perflib_test_increment_ulonglong,
    .PerfDecrementULongCounterValue = perflib_test_decrement_ulong,
    .PerfDecrementULongLongCounterValue = perflib_test_decrement_ulonglong,
};

const struct perflib *perflib_test(void)
{
    return &test_table;
}

#ifdef _WIN32
static struct perflib system_table;
static INIT_ONCE system_once = INIT_ONCE_STATIC_INIT;

/* The functions are resolved by name, because a program that imports one Wine lacks dies at the first call. */
static BOOL CALLBACK fill_system_table(PINIT_ONCE once, PVOID parameter, PVOID *context)
{
    HMODULE module = LoadLibraryA("advapi32.dll");

    (void)once;
    (void)parameter;
    (void)context;
    if (module == NULL)
        return TRUE;
    system_table.name = "the system's PERFLIB";
#define RESOLVE(function) \
    system_table.function = (__typeof__(system_table.function))(void (*)(void))GetProcAddress(module, #function)
    RESOLVE(PerfStartProvider);
    RESOLVE(PerfStartProviderEx);
    RESOLVE(PerfStopProvider);
    RESOLVE(PerfSetCounterSetInfo);
    RESOLVE(PerfCreateInstance);
    RESOLVE(PerfQueryInstance);
    RESOLVE(PerfDeleteInstance);
    RESOLVE(PerfSetCounterRefValue);
    RESOLVE(PerfSetULongCounterValue);
    RESOLVE(PerfSetULongLongCounterValue);
    RESOLVE(PerfIncrementULongCounterValue);
    RESOLVE(PerfIncrementULongLongCounterValue);
    RESOLVE(PerfDecrementULongCounterValue);
    RESOLVE(PerfDecrementULongLongCounterValue);
#undef RESOLVE
    return TRUE;
}

const struct perflib *perflib_system(void)
{
    InitOnceExecuteOnce(&system_once, fill_system_table, NULL, NULL);
    return system_table.name != NULL ? &system_table : NULL;
}
#else
const struct perflib *perflib_system(void)
{
    return NULL;
}
#endif

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
    (void)context;
    free(block);
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
