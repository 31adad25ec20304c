/* Counter values: set, add, subtract, bind by reference. */
#include "internal.h"

/* The size field of a counter type; a counter of any other size than these two has no value of its own. */
enum { TYPE_SIZE_MASK = 0x300, TYPE_SIZE_DWORD = 0, TYPE_SIZE_LARGE = 0x100 };

enum value_operation { VALUE_SET, VALUE_ADD };

/* Finds a counter's slot. ERROR_SUCCESS, ERROR_INVALID_PARAMETER or ERROR_NOT_FOUND. */
static ULONG find_slot(struct provider *provider, PERF_COUNTERSET_INSTANCE *instance, ULONG id, const PERF_COUNTER_INFO **counter,
                       uint64_t **slot)
{
    const struct counter_set *set;

    if (provider == NULL || instance == NULL)
        return ERROR_INVALID_PARAMETER;
    set = provider_find_set(provider, &instance->CounterSetGuid);
    if (set == NULL)
        return ERROR_INVALID_PARAMETER;
    for (ULONG i = 0; i < set->info.NumCounters; i++) {
        if (set->counters[i].CounterId == id) {
            *counter = &set->counters[i];
            *slot = instance_slots(instance) + i;
            return ERROR_SUCCESS;
        }
    }
    return ERROR_NOT_FOUND;
}

/* Finds the slot of a by-value counter whose type has that size. */
static ULONG find_value(HANDLE handle, PERF_COUNTERSET_INSTANCE *instance, ULONG id, unsigned size, uint64_t **slot)
{
    const PERF_COUNTER_INFO *counter = NULL;
    ULONG error = find_slot(handle, instance, id, &counter, slot);

    if (error != ERROR_SUCCESS)
        return error;
    if ((counter->Attrib & PERF_ATTRIB_BY_REFERENCE) != 0 || (counter->Type & TYPE_SIZE_MASK) != size)
        return ERROR_INVALID_PARAMETER;
    return ERROR_SUCCESS;
}

/* A 4-byte counter lives in the slot's low half. Relaxed: a counter orders nothing but itself. */
static ULONG change_ulong(HANDLE handle, PERF_COUNTERSET_INSTANCE *instance, ULONG id, uint32_t value, enum value_operation how)
{
    uint64_t *slot = NULL;
    ULONG error = find_value(handle, instance, id, TYPE_SIZE_DWORD, &slot);
    uint32_t *low = (uint32_t *)(void *)slot;

    if (error != ERROR_SUCCESS)
        return error;
    if (how == VALUE_SET)
        __atomic_store_n(low, value, __ATOMIC_RELAXED);
    else
        __atomic_fetch_add(low, value, __ATOMIC_RELAXED);
    return ERROR_SUCCESS;
}

static ULONG change_ulonglong(HANDLE handle, PERF_COUNTERSET_INSTANCE *instance, ULONG id, uint64_t value, enum value_operation how)
{
    uint64_t *slot = NULL;
    ULONG error = find_value(handle, instance, id, TYPE_SIZE_LARGE, &slot);

    if (error != ERROR_SUCCESS)
        return error;
    if (how == VALUE_SET)
        __atomic_store_n(slot, value, __ATOMIC_RELAXED);
    else
        __atomic_fetch_add(slot, value, __ATOMIC_RELAXED);
    return ERROR_SUCCESS;
}

/* The lock keeps consumers from reading through an address that has been replaced. */
ULONG WINAPI perflib_test_set_reference(HANDLE handle, PPERF_COUNTERSET_INSTANCE instance, ULONG id, PVOID address)
{
    struct provider *provider = handle;
    struct index_stripe *stripe;
    const PERF_COUNTER_INFO *counter = NULL;
    uint64_t *slot = NULL;
    ULONG error = find_slot(provider, instance, id, &counter, &slot);

    if (error != ERROR_SUCCESS)
        return error;
    if ((counter->Attrib & PERF_ATTRIB_BY_REFERENCE) == 0)
        return ERROR_INVALID_PARAMETER;
    stripe = index_stripe_of(provider, instance);
    lock_take(&stripe->lock);
    if (provider->system != NULL)
        error = provider->system->PerfSetCounterRefValue(provider->system_handle, instance, id, address);
    else
        __atomic_store_n(slot, (uint64_t)(uintptr_t)address, __ATOMIC_RELAXED);
    lock_release(&stripe->lock);
    return error;
}

ULONG WINAPI perflib_test_set_ulong(HANDLE handle, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONG value)
{
    return change_ulong(handle, instance, id, value, VALUE_SET);
}

ULONG WINAPI perflib_test_set_ulonglong(HANDLE handle, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONGLONG value)
{
    return change_ulonglong(handle, instance, id, value, VALUE_SET);
}

ULONG WINAPI perflib_test_increment_ulong(HANDLE handle, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONG value)
{
    return change_ulong(handle, instance, id, value, VALUE_ADD);
}

ULONG WINAPI perflib_test_increment_ulonglong(HANDLE handle, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONGLONG value)
{
    return change_ulonglong(handle, instance, id, value, VALUE_ADD);
}

/* Subtracting is adding the two's complement: values wrap modulo their size. */
ULONG WINAPI perflib_test_decrement_ulong(HANDLE handle, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONG value)
{
    return change_ulong(handle, instance, id, 0U - (uint32_t)value, VALUE_ADD);
}

ULONG WINAPI perflib_test_decrement_ulonglong(HANDLE handle, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONGLONG value)
{
    return change_ulonglong(handle, instance, id, (uint64_t)0 - value, VALUE_ADD);
}
