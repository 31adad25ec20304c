/* Rows of the functions that start and stop providers and describe sets. See rows.h. */
#ifndef PERFPOOL_TESTS_PERFLIB_ROWS_PROVIDER_H
#define PERFPOOL_TESTS_PERFLIB_ROWS_PROVIDER_H

#include "rows.h"

static HANDLE untouched = &untouched;

/* What a start answered; it must give a handle on success, leave the place alone otherwise. The provider is stopped again. */
static ULONG answer_of_start(ULONG error, HANDLE handle)
{
    if (error != ERROR_SUCCESS)
        return handle == untouched ? error : (ULONG)ROW_WRONG;
    if (handle == untouched || handle == provider)
        return ROW_WRONG;
    return perflib->PerfStopProvider(handle) == ERROR_SUCCESS ? ERROR_SUCCESS : (ULONG)ROW_WRONG;
}

static ULONG start_with(PERF_PROVIDER_CONTEXT *context)
{
    HANDLE handle = untouched;
    ULONG error = perflib->PerfStartProviderEx(&provider_guid, context, &handle);

    return answer_of_start(error, handle);
}

ROW(start_succeeds, PerfStartProvider, ERROR_SUCCESS)
{
    HANDLE handle = untouched;
    ULONG error = perflib->PerfStartProvider(&provider_guid, NULL, &handle);

    return answer_of_start(error, handle);
}

ROW(start_without_guid, PerfStartProvider, ERROR_INVALID_PARAMETER)
{
    HANDLE handle = untouched;
    ULONG error = perflib->PerfStartProvider(NULL, NULL, &handle);

    return answer_of_start(error, handle);
}

ROW(start_without_place, PerfStartProvider, ERROR_INVALID_PARAMETER)
{
    return perflib->PerfStartProvider(&provider_guid, NULL, NULL);
}

/* The fixture has started the same GUID, so this is the second provider of it. */
ROW(start_ex_succeeds_for_same_guid, PerfStartProviderEx, ERROR_SUCCESS)
{
    PERF_PROVIDER_CONTEXT context = own_memory();

    return start_with(&context);
}

ROW(start_ex_without_guid, PerfStartProviderEx, ERROR_INVALID_PARAMETER)
{
    PERF_PROVIDER_CONTEXT context = own_memory();
    HANDLE handle = untouched;
    ULONG error = perflib->PerfStartProviderEx(NULL, &context, &handle);

    return answer_of_start(error, handle);
}

ROW(start_ex_without_place, PerfStartProviderEx, ERROR_INVALID_PARAMETER)
{
    PERF_PROVIDER_CONTEXT context = own_memory();

    return perflib->PerfStartProviderEx(&provider_guid, &context, NULL);
}

ROW(start_ex_with_context_of_no_size, PerfStartProviderEx, ERROR_INVALID_PARAMETER)
{
    PERF_PROVIDER_CONTEXT context = own_memory();

    context.ContextSize = 0;
    return start_with(&context);
}

ROW(start_ex_with_larger_context, PerfStartProviderEx, ERROR_SUCCESS)
{
    PERF_PROVIDER_CONTEXT context = own_memory();

    context.ContextSize++;
    return start_with(&context);
}

ROW(start_ex_without_context, PerfStartProviderEx, ERROR_SUCCESS)
{
    return start_with(NULL);
}

ROW(start_ex_with_release_only, PerfStartProviderEx, ERROR_INVALID_PARAMETER)
{
    PERF_PROVIDER_CONTEXT context = own_memory();

    context.MemAllocRoutine = NULL;
    return start_with(&context);
}

/* Without a free routine nothing comes back, so these blocks are cut from memory that stays. */
static LPVOID CALLBACK allocate_for_good(SIZE_T size, LPVOID context)
{
    static _Alignas(16) char bytes[64 * 1024];
    static size_t used;
    const size_t at = used;

    (void)context;
    used += (size + 15) / 16 * 16;
    return used > sizeof bytes ? NULL : bytes + at;
}

ROW(start_ex_with_allocate_only, PerfStartProviderEx, ERROR_SUCCESS)
{
    PERF_PROVIDER_CONTEXT context = own_memory();

    context.MemAllocRoutine = allocate_for_good;
    context.MemFreeRoutine = NULL;
    return start_with(&context);
}

/* 0 if starting has called the allocate routine with the context; the routine itself checks that. */
ROW(start_ex_calls_the_allocate_routine, PerfStartProviderEx, ERROR_SUCCESS)
{
    return memory.made != 0 ? ERROR_SUCCESS : (ULONG)ROW_WRONG;
}

ROW(stop_succeeds, PerfStopProvider, ERROR_SUCCESS)
{
    HANDLE handle = NULL;

    perflib->PerfStartProvider(&provider_guid, NULL, &handle);
    return perflib->PerfStopProvider(handle);
}

ROW(stop_without_handle, PerfStopProvider, ERROR_INVALID_PARAMETER)
{
    return perflib->PerfStopProvider(NULL);
}

/* Describes another set than the fixture's. */
static struct description describe_other(void)
{
    struct description description = describe(PERF_COUNTERSET_MULTI_INSTANCES);

    description.set.CounterSetGuid = other_guid;
    return description;
}

static ULONG set_info(struct description *description, ULONG size)
{
    return perflib->PerfSetCounterSetInfo(provider, &description->set, size);
}

ROW(set_info_succeeds, PerfSetCounterSetInfo, ERROR_SUCCESS)
{
    struct description description = describe_other();

    return set_info(&description, sizeof description);
}

ROW(set_info_leaves_the_template_alone, PerfSetCounterSetInfo, ERROR_SUCCESS)
{
    struct description description = describe_other();
    struct description before = description;
    ULONG error = set_info(&description, sizeof description);

    return memcmp(&description, &before, sizeof before) == 0 ? error : (ULONG)ROW_WRONG;
}

ROW(set_info_does_not_look_at_provider_guid_sizes_and_offsets, PerfSetCounterSetInfo, ERROR_SUCCESS)
{
    struct description description = describe_other();

    description.set.ProviderGuid = other_guid;
    description.counters[0].Size = 32;
    description.counters[0].Offset = 0xDEADBEEF;
    return set_info(&description, sizeof description);
}

ROW(set_info_of_larger_size, PerfSetCounterSetInfo, ERROR_SUCCESS)
{
    struct description description = describe_other();

    return set_info(&description, sizeof description + 8);
}

ROW(set_info_without_template, PerfSetCounterSetInfo, ERROR_INVALID_PARAMETER)
{
    return perflib->PerfSetCounterSetInfo(provider, NULL, sizeof(struct description));
}

ROW(set_info_without_counters, PerfSetCounterSetInfo, ERROR_INVALID_PARAMETER)
{
    struct description description = describe_other();

    description.set.NumCounters = 0;
    return set_info(&description, sizeof description);
}

ROW(set_info_too_small_for_its_counters, PerfSetCounterSetInfo, ERROR_INVALID_PARAMETER)
{
    struct description description = describe_other();

    return set_info(&description, sizeof description - 1);
}

ROW(set_info_too_small_for_a_set, PerfSetCounterSetInfo, ERROR_INVALID_PARAMETER)
{
    struct description description = describe_other();

    return set_info(&description, sizeof description.set - 1);
}

ROW(set_info_of_known_set, PerfSetCounterSetInfo, ERROR_ALREADY_EXISTS)
{
    struct description description = describe(PERF_COUNTERSET_MULTI_INSTANCES);

    return set_info(&description, sizeof description);
}

#define PROVIDER_ROWS(X)                                         \
    X(start_succeeds)                                            \
    X(start_without_guid)                                        \
    X(start_without_place)                                       \
    X(start_ex_succeeds_for_same_guid)                           \
    X(start_ex_without_guid)                                     \
    X(start_ex_without_place)                                    \
    X(start_ex_with_context_of_no_size)                          \
    X(start_ex_with_larger_context)                              \
    X(start_ex_without_context)                                  \
    X(start_ex_with_release_only)                                \
    X(start_ex_with_allocate_only)                               \
    X(start_ex_calls_the_allocate_routine)                       \
    X(stop_succeeds)                                             \
    X(stop_without_handle)                                       \
    X(set_info_succeeds)                                         \
    X(set_info_leaves_the_template_alone)                        \
    X(set_info_does_not_look_at_provider_guid_sizes_and_offsets) \
    X(set_info_of_larger_size)                                   \
    X(set_info_without_template)                                 \
    X(set_info_without_counters)                                 \
    X(set_info_too_small_for_its_counters)                       \
    X(set_info_too_small_for_a_set)                              \
    X(set_info_of_known_set)

#endif
