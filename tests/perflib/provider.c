/* Providers and counter sets: start, stop, describe. */
#include "internal.h"

#include "live.h"
#include "registry.h"
#include "strict.h"

#include <string.h>

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
    return provider_start(guid, context, NULL, out);
}

static ULONG check_start(LPGUID guid, PPERF_PROVIDER_CONTEXT context, PHANDLE out)
{
    if (guid == NULL || out == NULL)
        return ERROR_INVALID_PARAMETER;
    if (context == NULL)
        return ERROR_SUCCESS;
    if (context->ContextSize < sizeof *context || (context->MemAllocRoutine == NULL && context->MemFreeRoutine != NULL))
        return ERROR_INVALID_PARAMETER;
    return ERROR_SUCCESS;
}

/* Start in steps: the arguments; the provider; the system's, if it takes part; the registry, where consumers find it. */
ULONG provider_start(LPGUID guid, PPERF_PROVIDER_CONTEXT context, const struct perflib *system, PHANDLE out)
{
    static const PERF_PROVIDER_CONTEXT nothing;
    const PERF_PROVIDER_CONTEXT *given = context != NULL ? context : &nothing;
    ULONG error = check_start(guid, context, out);
    struct memory_routines memory;
    struct provider *provider;

    if (error != ERROR_SUCCESS)
        return error;
    memory = memory_routines_make(given->MemAllocRoutine, given->MemFreeRoutine, given->pMemContext, registry_serial());
    provider = provider_allocate(&memory, sizeof *provider);
    if (provider == NULL)
        return ERROR_OUTOFMEMORY;
    provider->memory = memory;
    provider->control = given->ControlCallback;
    provider->guid = *guid;
    provider->system = system;
    lock_init(&provider->sets_lock);
    for (int i = 0; i < INDEX_STRIPES; i++)
        lock_init(&provider->index[i].lock);
    if (system != NULL)
        error = system->PerfStartProviderEx(guid, context, &provider->system_handle);
    if (error != ERROR_SUCCESS) {
        provider_release(&memory, provider);
        return error;
    }
    *out = provider;
    registry_add(provider);
    live_provider_started();
    return ERROR_SUCCESS;
}

/* Frees all that a provider has, which nobody uses any more. */
static void free_provider(struct provider *provider)
{
    struct memory_routines memory = provider->memory;
    size_t instances = index_clear(provider);
    struct counter_set *set = atomic_load_explicit(&provider->sets, memory_order_acquire);

    if (instances != 0)
        strict_report(PERFLIB_INSTANCES_LEFT, "PerfStopProvider finds %lu instances that were not deleted",
                      (unsigned long)instances);
    while (set != NULL) {
        struct counter_set *next = set->next;

        provider_release(&memory, set);
        set = next;
    }
    if (provider->system != NULL)
        provider->system->PerfStopProvider(provider->system_handle);
    provider_release(&memory, provider);
    memory_check_leak(memory.owner);
}

ULONG WINAPI perflib_test_stop(HANDLE handle)
{
    struct provider *provider = handle;

    if (provider == NULL)
        return ERROR_INVALID_PARAMETER;
    if (registry_has_only(provider))
        live_last_provider_stops();
    if (!registry_remove(provider)) {
        strict_report(PERFLIB_BAD_HANDLE, "PerfStopProvider of %p, which is no provider, or by a ControlCallback", handle);
        return ERROR_INVALID_PARAMETER;
    }
    free_provider(provider);
    return ERROR_SUCCESS;
}

/* Puts a complete set into the list, unless its GUID is there. */
static ULONG add_set(struct provider *provider, struct counter_set *set)
{
    ULONG error = ERROR_ALREADY_EXISTS;

    lock_take(&provider->sets_lock);
    if (provider_find_set(provider, &set->info.CounterSetGuid) == NULL) {
        set->next = atomic_load_explicit(&provider->sets, memory_order_relaxed);
        set->number = set->next != NULL ? set->next->number + 1 : 0;
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
    if (provider->system != NULL)
        error = provider->system->PerfSetCounterSetInfo(provider->system_handle, info, size);
    else
        error = ERROR_SUCCESS;
    if (error == ERROR_SUCCESS)
        error = add_set(provider, set);
    if (error != ERROR_SUCCESS)
        provider_release(&provider->memory, set);
    return error;
}
