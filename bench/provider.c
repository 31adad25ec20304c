/* See provider.h. */
#include "provider.h"

#include "perflib_strict.h"
#include "perflib_table.h"

#include <string.h>

enum { NAME_SIZE = 8, MOST_SETS = 64 };

static const struct perflib *perflib;
static HANDLE provider;
static GUID provider_guid = {0x3b7a90c4, 0x1d52, 0x4f0e, {0x8c, 0x66, 0x72, 0x10, 0x9d, 0x4b, 0x31, 0xe5}};
static struct {
    unsigned instance_size;
    GUID guid;
} sets[MOST_SETS];
static unsigned n_sets;
static PERF_COUNTERSET_INSTANCE *first_instance;

const char *bench_provider_perflib_name(void)
{
    return perflib->name;
}

unsigned bench_provider_counters(unsigned instance_size)
{
    return (instance_size - (unsigned)sizeof(PERF_COUNTERSET_INSTANCE) - NAME_SIZE) / (unsigned)sizeof(uint64_t);
}

/* Describes a set of 8-byte counters, all by value. */
static void describe(const GUID *guid, unsigned counters)
{
    size_t size = sizeof(PERF_COUNTERSET_INFO) + counters * sizeof(PERF_COUNTER_INFO);
    PERF_COUNTERSET_INFO *set = bench_own_memory(size);
    PERF_COUNTER_INFO *counter = (PERF_COUNTER_INFO *)(void *)(set + 1);
    ULONG error;

    set->CounterSetGuid = *guid;
    set->ProviderGuid = provider_guid;
    set->NumCounters = counters;
    set->InstanceType = PERF_COUNTERSET_MULTI_INSTANCES;
    for (unsigned i = 0; i < counters; i++) {
        counter[i].CounterId = i + 1;
        counter[i].Type = PERF_COUNTER_LARGE_RAWCOUNT;
        counter[i].Size = sizeof(ULONGLONG);
        counter[i].DetailLevel = PERF_DETAIL_NOVICE;
    }
    error = perflib->PerfSetCounterSetInfo(provider, set, (ULONG)size);
    if (error != ERROR_SUCCESS)
        bench_fail("PerfSetCounterSetInfo: error %u", (unsigned)error);
    bench_own_release(set);
}

const GUID *bench_provider_set(unsigned instance_size)
{
    if (instance_size < PROVIDER_SMALLEST_INSTANCE || instance_size % 8 != 0)
        bench_fail("no instance has a block of %u bytes", instance_size);
    for (unsigned i = 0; i < n_sets; i++)
        if (sets[i].instance_size == instance_size)
            return &sets[i].guid;
    if (n_sets == MOST_SETS)
        bench_fail("more than %d sizes of instances", MOST_SETS);
    sets[n_sets].instance_size = instance_size;
    sets[n_sets].guid = provider_guid;
    sets[n_sets].guid.Data1 += n_sets + 1;
    describe(&sets[n_sets].guid, bench_provider_counters(instance_size));
    return &sets[n_sets++].guid;
}

PERF_COUNTERSET_INSTANCE *bench_provider_create_instance(const GUID *set, ULONG id)
{
    static const WCHAR name[] = {u'o', u'n', u'e', 0};
    PERF_COUNTERSET_INSTANCE *instance = perflib->PerfCreateInstance(provider, set, (PCWSTR)name, id);

    if (instance == NULL)
        bench_fail("PerfCreateInstance: error %u", (unsigned)GetLastError());
    return instance;
}

void bench_provider_delete_instance(PERF_COUNTERSET_INSTANCE *instance)
{
    ULONG error = perflib->PerfDeleteInstance(provider, instance);

    if (error != ERROR_SUCCESS)
        bench_fail("PerfDeleteInstance: error %u", (unsigned)error);
}

void bench_provider_update(PERF_COUNTERSET_INSTANCE *instance, unsigned counter)
{
    ULONG error = perflib->PerfIncrementULongLongCounterValue(provider, instance, counter + 1, 1);

    if (error != ERROR_SUCCESS)
        bench_fail("PerfIncrementULongLongCounterValue: error %u", (unsigned)error);
}

uint64_t *bench_provider_slots(PERF_COUNTERSET_INSTANCE *instance)
{
    return (uint64_t *)(void *)(instance + 1);
}

void bench_provider_start(const struct bench_memory *memory)
{
    PERF_PROVIDER_CONTEXT context = {0};
    const GUID *set;
    ULONG error;

    /* The contenders are measured, not checked; not all of them clear their blocks. */
    perflib_strict(0);
    perflib = perflib_choose();
    context.ContextSize = (DWORD)sizeof context;
    context.MemAllocRoutine = memory->allocate;
    context.MemFreeRoutine = memory->release;
    context.pMemContext = memory->context;
    error = perflib->PerfStartProviderEx(&provider_guid, &context, &provider);
    if (error != ERROR_SUCCESS)
        bench_fail("PerfStartProviderEx: error %u", (unsigned)error);
    set = bench_provider_set(PROVIDER_SMALLEST_INSTANCE);
    first_instance = bench_provider_create_instance(set, UINT32_MAX);
    error = perflib->PerfIncrementULongLongCounterValue(provider, first_instance, 1, 1);
    if (error != ERROR_SUCCESS || bench_provider_slots(first_instance)[0] != 1)
        bench_fail("PerfIncrementULongLongCounterValue: error %u", (unsigned)error);
}

void bench_provider_stop(void)
{
    bench_provider_delete_instance(first_instance);
    perflib->PerfStopProvider(provider);
}
