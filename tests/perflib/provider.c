/* Providers and counter sets: start, stop, describe. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#ifndef _WIN32
static _Thread_local DWORD last_error;

DWORD GetLastError(void)
{
    return last_error;
}

void SetLastError(DWORD error)
{
    last_error = error;
}
#endif

/* The process heap, for providers without memory routines. */
static LPVOID CALLBACK process_heap_allocate(SIZE_T size, LPVOID context)
{
    (void)context;
#ifdef _WIN32
    return HeapAlloc(GetProcessHeap(), 0, size);
#else
    return malloc(size);
#endif
}

static void CALLBACK process_heap_release(LPVOID block, LPVOID context)
{
    (void)context;
#ifdef _WIN32
    HeapFree(GetProcessHeap(), 0, block);
#else
    free(block);
#endif
}

/* For providers that can allocate but not free: PERFLIB accepts them. */
static void CALLBACK release_nothing(LPVOID block, LPVOID context)
{
    (void)block;
    (void)context;
}

/* The routines to use with a provider that has registered these. */
static struct memory_routines complete(PERF_MEM_ALLOC allocate, PERF_MEM_FREE release, LPVOID context)
{
    if (allocate == NULL)
        return (struct memory_routines){process_heap_allocate, process_heap_release, NULL};
    return (struct memory_routines){allocate, release != NULL ? release : release_nothing, context};
}

void *provider_allocate(const struct memory_routines *memory, size_t size)
{
    void *block = memory->allocate(size, memory->context);

    if (block != NULL)
        memset(block, 0, size);
    return block;
}

void provider_release(const struct memory_routines *memory, void *block)
{
    memory->release(block, memory->context);
}

bool guid_equal(const GUID *a, const GUID *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

struct counter_set *provider_find_set(struct provider *provider, const GUID *guid)
{
    /* Acquire pairs with the release in add_set: a set that is seen is complete. */
    struct counter_set *set = atomic_load_explicit(&provider->sets, memory_order_acquire);

    while (set != NULL && !guid_equal(&set->info.CounterSetGuid, guid))
        set = set->next;
    return set;
}

ULONG WINAPI perflib_test_start(LPGUID guid, PERFLIBREQUEST control, PHANDLE out)
{
    PERF_PROVIDER_CONTEXT context = {0};

    context.ContextSize = (DWORD)sizeof context;
    context.ControlCallback = control;
    return perflib_test_start_ex(guid, &context, out);
}

ULONG WINAPI perflib_test_start_ex(LPGUID guid, PPERF_PROVIDER_CONTEXT context, PHANDLE out)
{
    struct memory_routines memory = complete(NULL, NULL, NULL);
    struct provider *provider;

    if (guid == NULL || out == NULL)
        return ERROR_INVALID_PARAMETER;
    if (context != NULL) {
        if (context->ContextSize < sizeof *context)
            return ERROR_INVALID_PARAMETER;
        if (context->MemAllocRoutine == NULL && context->MemFreeRoutine != NULL)
            return ERROR_INVALID_PARAMETER;
        memory = complete(context->MemAllocRoutine, context->MemFreeRoutine, context->pMemContext);
    }
    provider = provider_allocate(&memory, sizeof *provider);
    if (provider == NULL)
        return ERROR_OUTOFMEMORY;
    provider->memory = memory;
    provider->control = context != NULL ? context->ControlCallback : NULL;
    provider->guid = *guid;
    lock_init(&provider->sets_lock);
    for (int i = 0; i < INDEX_STRIPES; i++)
        lock_init(&provider->index[i].lock);
    *out = provider;
    return ERROR_SUCCESS;
}

ULONG WINAPI perflib_test_stop(HANDLE handle)
{
    struct provider *provider = handle;
    struct memory_routines memory;
    struct counter_set *set;

    if (provider == NULL)
        return ERROR_INVALID_PARAMETER;
    memory = provider->memory;
    index_clear(provider);
    set = atomic_load_explicit(&provider->sets, memory_order_acquire);
    while (set != NULL) {
        struct counter_set *next = set->next;

        provider_release(&memory, set);
        set = next;
    }
    provider_release(&memory, provider);
    return ERROR_SUCCESS;
}

/* Puts a complete set into the list, unless its GUID is there. */
static ULONG add_set(struct provider *provider, struct counter_set *set)
{
    ULONG error = ERROR_ALREADY_EXISTS;

    lock_take(&provider->sets_lock);
    if (provider_find_set(provider, &set->info.CounterSetGuid) == NULL) {
        set->next = atomic_load_explicit(&provider->sets, memory_order_relaxed);
        /* Release pairs with the acquire in provider_find_set. */
        atomic_store_explicit(&provider->sets, set, memory_order_release);
        error = ERROR_SUCCESS;
    }
    lock_release(&provider->sets_lock);
    return error;
}

ULONG WINAPI perflib_test_set_info(HANDLE handle, PPERF_COUNTERSET_INFO info, ULONG size)
{
    enum { MOST_COUNTERS = 65536 };
    struct provider *provider = handle;
    struct counter_set *set;
    size_t needed;
    ULONG error;

    if (provider == NULL || info == NULL || size < sizeof *info)
        return ERROR_INVALID_PARAMETER;
    if (info->NumCounters == 0 || info->NumCounters > MOST_COUNTERS)
        return ERROR_INVALID_PARAMETER;
    needed = sizeof *info + info->NumCounters * sizeof(PERF_COUNTER_INFO);
    if (size < needed)
        return ERROR_INVALID_PARAMETER;
    set = provider_allocate(&provider->memory, sizeof *set + info->NumCounters * sizeof(PERF_COUNTER_INFO));
    if (set == NULL)
        return ERROR_OUTOFMEMORY;
    set->info = *info;
    memcpy(set->counters, info + 1, info->NumCounters * sizeof(PERF_COUNTER_INFO));
    error = add_set(provider, set);
    if (error != ERROR_SUCCESS)
        provider_release(&provider->memory, set);
    return error;
}
