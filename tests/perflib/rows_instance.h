/* Rows of the functions that create, find and delete instances and bind references. See rows.h. */
#ifndef PERFPOOL_TESTS_PERFLIB_ROWS_INSTANCE_H
#define PERFPOOL_TESTS_PERFLIB_ROWS_INSTANCE_H

#include "rows.h"

ROW(create_succeeds_and_leaves_last_error, PerfCreateInstance, ERROR_SUCCESS)
{
    return answer_of(create(NAME("two"), 1));
}

ROW(create_calls_the_allocate_routine, PerfCreateInstance, ERROR_SUCCESS)
{
    unsigned made = memory.made;
    ULONG answer = answer_of(create(NAME("two"), 1));

    return memory.made != made ? answer : (ULONG)ROW_WRONG;
}

ROW(create_without_handle, PerfCreateInstance, ERROR_INVALID_PARAMETER)
{
    return answer_of(perflib->PerfCreateInstance(NULL, &set_guid, NAME("two"), 1));
}

ROW(create_without_guid, PerfCreateInstance, ERROR_INVALID_PARAMETER)
{
    return answer_of(perflib->PerfCreateInstance(provider, NULL, NAME("two"), 1));
}

ROW(create_without_name, PerfCreateInstance, ERROR_INVALID_PARAMETER)
{
    return answer_of(create(NULL, 1));
}

ROW(create_in_unknown_set, PerfCreateInstance, ERROR_NOT_FOUND)
{
    return answer_of(perflib->PerfCreateInstance(provider, &other_guid, NAME("two"), 1));
}

ROW(create_same_name_and_id, PerfCreateInstance, ERROR_ALREADY_EXISTS)
{
    return answer_of(create(NAME("one"), 0));
}

ROW(create_same_name_in_other_case, PerfCreateInstance, ERROR_ALREADY_EXISTS)
{
    return answer_of(create(NAME("ONE"), 0));
}

ROW(create_same_name_other_id, PerfCreateInstance, ERROR_SUCCESS)
{
    return answer_of(create(NAME("one"), 1));
}

ROW(create_other_name_same_id, PerfCreateInstance, ERROR_SUCCESS)
{
    return answer_of(create(NAME("two"), 0));
}

ROW(create_longest_name, PerfCreateInstance, ERROR_SUCCESS)
{
    static WCHAR name[PERF_MAX_INSTANCE_NAME + 1];

    for (size_t i = 0; i < PERF_MAX_INSTANCE_NAME; i++)
        name[i] = 'x';
    return answer_of(create(name, 1));
}

ROW(create_second_in_single_instance_set, PerfCreateInstance, ERROR_INVALID_PARAMETER)
{
    struct description description = describe(PERF_COUNTERSET_SINGLE_INSTANCE);

    description.set.CounterSetGuid = other_guid;
    if (perflib->PerfSetCounterSetInfo(provider, &description.set, sizeof description) != ERROR_SUCCESS ||
        perflib->PerfCreateInstance(provider, &other_guid, NAME("_Default"), 0) == NULL)
        return ROW_WRONG;
    return answer_of(perflib->PerfCreateInstance(provider, &other_guid, NAME("second"), 1));
}

/* A block of a set with that many counters; its layout must be the documented one. The caller deletes nothing: stopping does. */
static ULONG check_layout(ULONG counters, const WCHAR *name, ULONG offset, ULONG name_size, ULONG size)
{
    struct {
        PERF_COUNTERSET_INFO set;
        PERF_COUNTER_INFO counters[5];
    } description = {0};
    const PERF_COUNTERSET_INSTANCE *instance;

    description.set = describe(PERF_COUNTERSET_MULTI_INSTANCES).set;
    description.set.CounterSetGuid = other_guid;
    description.set.NumCounters = counters;
    for (ULONG i = 0; i < counters; i++) {
        description.counters[i].CounterId = i + 1;
        description.counters[i].Type = PERF_COUNTER_LARGE_RAWCOUNT;
    }
    if (perflib->PerfSetCounterSetInfo(provider, &description.set, sizeof description) != ERROR_SUCCESS)
        return ROW_WRONG;
    instance = perflib->PerfCreateInstance(provider, &other_guid, name, 42);
    if (instance == NULL || memcmp(&instance->CounterSetGuid, &other_guid, sizeof other_guid) != 0 || instance->InstanceId != 42 ||
        instance->InstanceNameOffset != offset || instance->InstanceNameSize != name_size || instance->dwSize != size ||
        memcmp((const char *)instance + offset, name, name_size) != 0)
        return ROW_WRONG;
    for (ULONG i = 0; i < counters; i++)
        if (slot(instance, i) != 0)
            return ROW_WRONG;
    return ERROR_SUCCESS;
}

ROW(block_of_two_counters, PerfCreateInstance, ERROR_SUCCESS)
{
    return check_layout(2, NAME("1"), 48, 4, 56);
}

ROW(block_of_five_counters, PerfCreateInstance, ERROR_SUCCESS)
{
    return check_layout(5, NAME("_Default"), 72, 18, 96);
}

ROW(block_without_name, PerfCreateInstance, ERROR_SUCCESS)
{
    return check_layout(1, NAME(""), 40, 2, 48);
}

/* 0 if the block is aligned as the process heap's blocks are, else by how many bytes it is off. */
ROW(block_is_aligned, PerfCreateInstance, ERROR_SUCCESS)
{
    return (ULONG)((uintptr_t)one % (2 * sizeof(void *)));
}

ROW(query_finds_the_block, PerfQueryInstance, ERROR_SUCCESS)
{
    return perflib->PerfQueryInstance(provider, &set_guid, NAME("oNe"), 0) == one ? ERROR_SUCCESS : (ULONG)ROW_WRONG;
}

ROW(query_of_absent_instance, PerfQueryInstance, ERROR_NOT_FOUND)
{
    return answer_of(perflib->PerfQueryInstance(provider, &set_guid, NAME("one"), 1));
}

ROW(query_without_name, PerfQueryInstance, ERROR_INVALID_PARAMETER)
{
    return answer_of(perflib->PerfQueryInstance(provider, &set_guid, NULL, 0));
}

ROW(delete_succeeds, PerfDeleteInstance, ERROR_SUCCESS)
{
    return perflib->PerfDeleteInstance(provider, one);
}

ROW(delete_makes_room_for_the_same, PerfDeleteInstance, ERROR_SUCCESS)
{
    perflib->PerfDeleteInstance(provider, one);
    return answer_of(create(NAME("one"), 0));
}

ROW(delete_without_handle, PerfDeleteInstance, ERROR_INVALID_PARAMETER)
{
    return perflib->PerfDeleteInstance(NULL, one);
}

ROW(delete_without_block, PerfDeleteInstance, ERROR_INVALID_PARAMETER)
{
    return perflib->PerfDeleteInstance(provider, NULL);
}

ROW(delete_block_of_another_provider, PerfDeleteInstance, ERROR_INVALID_PARAMETER)
{
    HANDLE other = NULL;
    ULONG error;

    perflib->PerfStartProvider(&provider_guid, NULL, &other);
    error = perflib->PerfDeleteInstance(other, one);
    perflib->PerfStopProvider(other);
    return error;
}

static uint64_t cell;

static ULONG bind_reference(ULONG id, void *address)
{
    return perflib->PerfSetCounterRefValue(provider, one, id, address);
}

ROW(reference_is_kept_in_the_slot, PerfSetCounterRefValue, ERROR_SUCCESS)
{
    ULONG error = bind_reference(REFERENCE, &cell);

    return slot(one, 2) == (uintptr_t)&cell ? error : (ULONG)ROW_WRONG;
}

ROW(reference_may_be_null, PerfSetCounterRefValue, ERROR_SUCCESS)
{
    return bind_reference(REFERENCE, NULL);
}

ROW(reference_of_unknown_counter, PerfSetCounterRefValue, ERROR_NOT_FOUND)
{
    return bind_reference(UNKNOWN, &cell);
}

ROW(reference_of_counter_by_value, PerfSetCounterRefValue, ERROR_INVALID_PARAMETER)
{
    return bind_reference(WIDE, &cell);
}

ROW(reference_without_handle, PerfSetCounterRefValue, ERROR_INVALID_PARAMETER)
{
    return perflib->PerfSetCounterRefValue(NULL, one, REFERENCE, &cell);
}

ROW(reference_without_block, PerfSetCounterRefValue, ERROR_INVALID_PARAMETER)
{
    return perflib->PerfSetCounterRefValue(provider, NULL, REFERENCE, &cell);
}

#define INSTANCE_ROWS(X)                     \
    X(create_succeeds_and_leaves_last_error) \
    X(create_calls_the_allocate_routine)     \
    X(create_without_handle)                 \
    X(create_without_guid)                   \
    X(create_without_name)                   \
    X(create_in_unknown_set)                 \
    X(create_same_name_and_id)               \
    X(create_same_name_in_other_case)        \
    X(create_same_name_other_id)             \
    X(create_other_name_same_id)             \
    X(create_longest_name)                   \
    X(create_second_in_single_instance_set)  \
    X(block_of_two_counters)                 \
    X(block_of_five_counters)                \
    X(block_without_name)                    \
    X(block_is_aligned)                      \
    X(query_finds_the_block)                 \
    X(query_of_absent_instance)              \
    X(query_without_name)                    \
    X(delete_succeeds)                       \
    X(delete_makes_room_for_the_same)        \
    X(delete_without_handle)                 \
    X(delete_without_block)                  \
    X(delete_block_of_another_provider)      \
    X(reference_is_kept_in_the_slot)         \
    X(reference_may_be_null)                 \
    X(reference_of_unknown_counter)          \
    X(reference_of_counter_by_value)         \
    X(reference_without_handle)              \
    X(reference_without_block)

#endif
