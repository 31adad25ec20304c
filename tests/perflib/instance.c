/* Instances: create, query, delete. */
#include "internal.h"

#include <string.h>

/* Lays out a block: header, a slot of 8 bytes for each counter, the name; whole multiples of 8 bytes. NULL: no memory. */
static PERF_COUNTERSET_INSTANCE *make_block(struct provider *provider, const struct counter_set *set, PCWSTR name, ULONG id)
{
    size_t name_size = (name_length(name) + 1) * sizeof(WCHAR);
    size_t name_offset = sizeof(PERF_COUNTERSET_INSTANCE) + set->info.NumCounters * sizeof(uint64_t);
    size_t size = (name_offset + name_size + 7) & ~(size_t)7;
    PERF_COUNTERSET_INSTANCE *instance = provider_allocate(&provider->memory, size);

    if (instance == NULL)
        return NULL;
    instance->CounterSetGuid = set->info.CounterSetGuid;
    instance->dwSize = (ULONG)size;
    instance->InstanceId = id;
    instance->InstanceNameOffset = (ULONG)name_offset;
    instance->InstanceNameSize = (ULONG)name_size;
    memcpy((char *)instance + name_offset, name, name_size);
    return instance;
}

/* The system's PERFLIB makes the block. */
static ULONG make_system_block(struct provider *provider, LPCGUID guid, PCWSTR name, ULONG id, PERF_COUNTERSET_INSTANCE **out)
{
    *out = provider->system->PerfCreateInstance(provider->system_handle, guid, name, id);
    return *out != NULL ? ERROR_SUCCESS : GetLastError();
}

void instance_release(struct provider *provider, PERF_COUNTERSET_INSTANCE *instance)
{
    if (provider->system != NULL)
        provider->system->PerfDeleteInstance(provider->system_handle, instance);
    else
        provider_release(&provider->memory, instance);
}

/* Makes an instance and adds it to the index. */
static ULONG add_instance(struct provider *provider, struct counter_set *set, PCWSTR name, ULONG id, PPERF_COUNTERSET_INSTANCE *out)
{
    PERF_COUNTERSET_INSTANCE *instance = NULL;
    ULONG error = ERROR_SUCCESS;

    if (provider->system != NULL)
        error = make_system_block(provider, &set->info.CounterSetGuid, name, id, &instance);
    else
        instance = make_block(provider, set, name, id);
    if (instance == NULL)
        return error != ERROR_SUCCESS ? error : ERROR_NOT_ENOUGH_MEMORY;
    error = index_add(provider, instance);
    if (error != ERROR_SUCCESS) {
        instance_release(provider, instance);
        return error;
    }
    *out = instance;
    return ERROR_SUCCESS;
}

/* Creation in steps: the arguments; the set; the one place of a single-instance set; the block and the index. */
static ULONG create(struct provider *provider, LPCGUID guid, PCWSTR name, ULONG id, PPERF_COUNTERSET_INSTANCE *out)
{
    struct counter_set *set;
    DWORD last_error = GetLastError();
    unsigned before;
    ULONG error;

    if (provider == NULL || guid == NULL || name == NULL || name_length(name) > PERF_MAX_INSTANCE_NAME)
        return ERROR_INVALID_PARAMETER;
    set = provider_find_set(provider, guid);
    if (set == NULL)
        return ERROR_NOT_FOUND;
    before = atomic_fetch_add_explicit(&set->instances, 1, memory_order_relaxed);
    if (provider->system == NULL && set->info.InstanceType == PERF_COUNTERSET_SINGLE_INSTANCE && before != 0)
        error = index_find(provider, guid, name, id) != NULL ? ERROR_ALREADY_EXISTS : ERROR_INVALID_PARAMETER;
    else
        error = add_instance(provider, set, name, id, out);
    if (error != ERROR_SUCCESS)
        atomic_fetch_sub_explicit(&set->instances, 1, memory_order_relaxed);
    else
        SetLastError(last_error); /* success leaves it alone */
    return error;
}

PPERF_COUNTERSET_INSTANCE WINAPI perflib_test_create(HANDLE handle, LPCGUID guid, PCWSTR name, ULONG id)
{
    PPERF_COUNTERSET_INSTANCE instance = NULL;
    ULONG error = create(handle, guid, name, id, &instance);

    if (error != ERROR_SUCCESS)
        SetLastError(error);
    return instance;
}

PPERF_COUNTERSET_INSTANCE WINAPI perflib_test_query(HANDLE handle, LPCGUID guid, PCWSTR name, ULONG id)
{
    struct provider *provider = handle;
    PPERF_COUNTERSET_INSTANCE instance;

    if (provider == NULL || guid == NULL || name == NULL) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    instance = index_find(provider, guid, name, id);
    if (instance == NULL)
        SetLastError(ERROR_NOT_FOUND);
    return instance;
}

ULONG WINAPI perflib_test_delete(HANDLE handle, PPERF_COUNTERSET_INSTANCE instance)
{
    struct provider *provider = handle;
    struct counter_set *set;

    if (provider == NULL || instance == NULL)
        return ERROR_INVALID_PARAMETER;
    set = provider_find_set(provider, &instance->CounterSetGuid);
    if (set == NULL || !index_remove(provider, instance))
        return ERROR_INVALID_PARAMETER;
    atomic_fetch_sub_explicit(&set->instances, 1, memory_order_relaxed);
    instance_release(provider, instance);
    return ERROR_SUCCESS;
}
