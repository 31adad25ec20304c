/*
 * What the tests of a PERFLIB start from: a provider whose memory routines count and check, and a counter set with a 4-byte, an
 * 8-byte and a by-reference counter. Included by test programs, each of which has its own.
 */
#ifndef PERFPOOL_TESTS_PERFLIB_PERFLIB_FIXTURE_H
#define PERFPOOL_TESTS_PERFLIB_PERFLIB_FIXTURE_H

#include "perflib_strict.h"
#include "perflib_table.h"

#include <check.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { NARROW = 1, WIDE = 7, REFERENCE = 3, UNKNOWN = 99, SET_COUNTERS = 3, MARK = 0x5A };

/* Memory that PERFLIB uses: counts, checks its context, and makes one allocation fail. */
struct memory {
    atomic_uint made; /* several threads may allocate */
    atomic_uint freed;
    unsigned fail_at; /* the allocation of that number fails, counted from 1; 0: none */
};

static struct memory memory;
static const struct perflib *perflib; /* whose functions are tested; NULL: start chooses perflib_test() */
static HANDLE provider;
static GUID provider_guid = {0x11223344, 0x5566, 0x7788, {1, 2, 3, 4, 5, 6, 7, 8}};
static const GUID set_guid = {0xaabbccdd, 0xeeff, 0x0011, {8, 7, 6, 5, 4, 3, 2, 1}};
static const GUID other_guid = {0xaabbccdd, 0xeeff, 0x0012, {8, 7, 6, 5, 4, 3, 2, 1}};

struct description {
    PERF_COUNTERSET_INFO set;
    PERF_COUNTER_INFO counters[SET_COUNTERS];
};

/* Names are literals of 16-bit characters on both targets. */
#define NAME(text) ((PCWSTR)(const void *)u##text)

/*
 * Not zeroed: this PERFLIB must not rely on it, so it is not told to check it. The last error stays as it was, because it is
 * PERFLIB's to set. Check is called in case of failure only, because any thread may be here.
 */
static LPVOID CALLBACK fixture_allocate(SIZE_T size, LPVOID context)
{
    const DWORD error = GetLastError();
    void *block;

    if (context != &memory || size == 0)
        ck_abort_msg("allocation of %lu bytes with context %p", (unsigned long)size, context);
    if (memory.made + 1 == memory.fail_at) {
        memory.fail_at = 0;
        return NULL;
    }
    block = malloc(size);
    if (block == NULL)
        ck_abort_msg("no memory for the test");
    memset(block, MARK, size);
    memory.made++;
    SetLastError(error);
    return block;
}

static void CALLBACK fixture_release(LPVOID block, LPVOID context)
{
    const DWORD error = GetLastError();

    if (context != &memory || block == NULL)
        ck_abort_msg("release of %p with context %p", block, context);
    free(block);
    memory.freed++;
    SetLastError(error);
}

static inline PERF_PROVIDER_CONTEXT own_memory(void)
{
    PERF_PROVIDER_CONTEXT context = {0};

    context.ContextSize = (DWORD)sizeof context;
    context.MemAllocRoutine = fixture_allocate;
    context.MemFreeRoutine = fixture_release;
    context.pMemContext = &memory;
    return context;
}

static inline struct description describe(ULONG instance_type)
{
    struct description description = {0};

    description.set.CounterSetGuid = set_guid;
    description.set.ProviderGuid = provider_guid;
    description.set.NumCounters = SET_COUNTERS;
    description.set.InstanceType = instance_type;
    description.counters[0].CounterId = NARROW;
    description.counters[0].Type = PERF_COUNTER_RAWCOUNT;
    description.counters[1].CounterId = WIDE;
    description.counters[1].Type = PERF_COUNTER_LARGE_RAWCOUNT;
    description.counters[2].CounterId = REFERENCE;
    description.counters[2].Type = PERF_COUNTER_LARGE_RAWCOUNT;
    description.counters[2].Attrib = PERF_ATTRIB_BY_REFERENCE;
    return description;
}

static inline ULONG describe_to_provider(ULONG instance_type)
{
    struct description description = describe(instance_type);

    return perflib->PerfSetCounterSetInfo(provider, &description.set, sizeof description);
}

static inline void start(void)
{
    PERF_PROVIDER_CONTEXT context = own_memory();

    memset(&memory, 0, sizeof memory);
    perflib_strict(PERFLIB_DEFAULT_CHECKS & ~(unsigned)PERFLIB_NOT_ZEROED);
    if (perflib == NULL)
        perflib = perflib_test();
    ck_assert_uint_eq(perflib->PerfStartProviderEx(&provider_guid, &context, &provider), ERROR_SUCCESS);
}

static inline void start_with_set(void)
{
    start();
    ck_assert_uint_eq(describe_to_provider(PERF_COUNTERSET_MULTI_INSTANCES), ERROR_SUCCESS);
}

/* Whatever a test did: after the stop nothing of PERFLIB's is left. */
static inline void stop(void)
{
    ck_assert_uint_eq(perflib->PerfStopProvider(provider), ERROR_SUCCESS);
    ck_assert_uint_gt(memory.made, 0);
    ck_assert_uint_eq(memory.made, memory.freed);
}

static inline PERF_COUNTERSET_INSTANCE *create(PCWSTR name, ULONG id)
{
    return perflib->PerfCreateInstance(provider, &set_guid, name, id);
}

static inline uint64_t slot(const PERF_COUNTERSET_INSTANCE *instance, unsigned index)
{
    uint64_t value;

    memcpy(&value, (const char *)(instance + 1) + index * sizeof value, sizeof value);
    return value;
}

/* A function that returned NULL must have said why. The error is read before Check's own calls change it. */
#define ck_assert_refused(call, error)           \
    do {                                         \
        const void *refused_result;              \
        DWORD refused_error;                     \
        SetLastError(0);                         \
        refused_result = (call);                 \
        refused_error = GetLastError();          \
        ck_assert_ptr_null(refused_result);      \
        ck_assert_uint_eq(refused_error, error); \
    } while (0)

#endif
