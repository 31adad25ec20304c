/*
 * The test PERFLIB of tests/perflib keeps PERFLIB's documented contract: each result of each function, the layout of a block, and
 * that every byte comes from the registered memory routines with the registered context and goes back there.
 */
#include "harness.h"
#include "perflib_fixture.h"
#include "support/share.h"
#include "support/threads.h"

#include <string.h>

START_TEST(start_refuses_bad_arguments)
{
    PERF_PROVIDER_CONTEXT context = own_memory();
    HANDLE untouched = &memory;
    HANDLE handle = untouched;

    ck_assert_uint_eq(perflib->PerfStartProvider(NULL, NULL, &handle), ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(perflib->PerfStartProvider(&provider_guid, NULL, NULL), ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(perflib->PerfStartProviderEx(NULL, &context, &handle), ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(perflib->PerfStartProviderEx(&provider_guid, &context, NULL), ERROR_INVALID_PARAMETER);
    context.ContextSize = 0;
    ck_assert_uint_eq(perflib->PerfStartProviderEx(&provider_guid, &context, &handle), ERROR_INVALID_PARAMETER);
    context = own_memory();
    context.MemAllocRoutine = NULL;
    ck_assert_uint_eq(perflib->PerfStartProviderEx(&provider_guid, &context, &handle), ERROR_INVALID_PARAMETER);
    ck_assert_ptr_eq(handle, untouched);
}
END_TEST

START_TEST(start_takes_larger_context_and_same_guid_twice)
{
    PERF_PROVIDER_CONTEXT context = own_memory();
    HANDLE second = NULL;

    context.ContextSize++;
    ck_assert_uint_eq(perflib->PerfStartProviderEx(&provider_guid, &context, &second), ERROR_SUCCESS);
    ck_assert_ptr_ne(second, provider);
    ck_assert_uint_eq(perflib->PerfStopProvider(second), ERROR_SUCCESS);
}
END_TEST

START_TEST(start_without_routines_uses_the_process_heap)
{
    struct description description = describe(PERF_COUNTERSET_MULTI_INSTANCES);
    unsigned made = memory.made;
    HANDLE plain = NULL;

    ck_assert_uint_eq(perflib->PerfStartProvider(&provider_guid, NULL, &plain), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib->PerfSetCounterSetInfo(plain, &description.set, sizeof description), ERROR_SUCCESS);
    ck_assert_ptr_nonnull(perflib->PerfCreateInstance(plain, &set_guid, NAME("one"), 0));
    ck_assert_uint_eq(perflib->PerfStopProvider(plain), ERROR_SUCCESS);
    ck_assert_uint_eq(memory.made, made);
}
END_TEST

START_TEST(stop_refuses_null)
{
    ck_assert_uint_eq(perflib->PerfStopProvider(NULL), ERROR_INVALID_PARAMETER);
}
END_TEST

START_TEST(set_info_refuses_bad_templates)
{
    struct description description = describe(PERF_COUNTERSET_MULTI_INSTANCES);

    ck_assert_uint_eq(perflib->PerfSetCounterSetInfo(provider, NULL, sizeof description), ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(perflib->PerfSetCounterSetInfo(NULL, &description.set, sizeof description), ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(perflib->PerfSetCounterSetInfo(provider, &description.set, sizeof description - 1), ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(perflib->PerfSetCounterSetInfo(provider, &description.set, 0), ERROR_INVALID_PARAMETER);
    description.set.NumCounters = 0;
    ck_assert_uint_eq(perflib->PerfSetCounterSetInfo(provider, &description.set, sizeof description), ERROR_INVALID_PARAMETER);
    description.set.NumCounters = UINT32_MAX;
    ck_assert_uint_eq(perflib->PerfSetCounterSetInfo(provider, &description.set, UINT32_MAX), ERROR_INVALID_PARAMETER);
}
END_TEST

START_TEST(set_info_takes_larger_size_and_refuses_known_set)
{
    struct description description = describe(PERF_COUNTERSET_MULTI_INSTANCES);

    ck_assert_uint_eq(perflib->PerfSetCounterSetInfo(provider, &description.set, sizeof description + 1), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib->PerfSetCounterSetInfo(provider, &description.set, sizeof description), ERROR_ALREADY_EXISTS);
}
END_TEST

START_TEST(set_info_keeps_a_copy)
{
    struct description description = describe(PERF_COUNTERSET_MULTI_INSTANCES);
    PERF_COUNTERSET_INSTANCE *instance;

    ck_assert_uint_eq(perflib->PerfSetCounterSetInfo(provider, &description.set, sizeof description), ERROR_SUCCESS);
    memset(&description, 0xFF, sizeof description);
    instance = create(NAME("one"), 0);
    ck_assert_ptr_nonnull(instance);
    ck_assert_uint_eq(perflib->PerfSetULongCounterValue(provider, instance, NARROW, 1), ERROR_SUCCESS);
}
END_TEST

START_TEST(create_refuses_bad_arguments)
{
    static WCHAR long_name[PERF_MAX_INSTANCE_NAME + 2];

    for (size_t i = 0; i < PERF_MAX_INSTANCE_NAME + 1; i++)
        long_name[i] = 'x';
    ck_assert_refused(perflib->PerfCreateInstance(NULL, &set_guid, NAME("one"), 0), ERROR_INVALID_PARAMETER);
    ck_assert_refused(perflib->PerfCreateInstance(provider, NULL, NAME("one"), 0), ERROR_INVALID_PARAMETER);
    ck_assert_refused(create(NULL, 0), ERROR_INVALID_PARAMETER);
    ck_assert_refused(create(long_name, 0), ERROR_INVALID_PARAMETER);
    ck_assert_refused(perflib->PerfCreateInstance(provider, &other_guid, NAME("one"), 0), ERROR_NOT_FOUND);
    long_name[PERF_MAX_INSTANCE_NAME] = 0;
    ck_assert_ptr_nonnull(create(long_name, 0));
}
END_TEST

START_TEST(create_lays_out_the_block)
{
    static const WCHAR name[] = {'_', 'D', 'e', 'f', 'a', 'u', 'l', 't', 0};
    PERF_COUNTERSET_INSTANCE *instance;
    DWORD error;

    SetLastError(12345);
    instance = create(name, 42);
    error = GetLastError();
    ck_assert_ptr_nonnull(instance);
    ck_assert_uint_eq(error, 12345);
    ck_assert_mem_eq(&instance->CounterSetGuid, &set_guid, sizeof set_guid);
    ck_assert_uint_eq(instance->InstanceId, 42);
    ck_assert_uint_eq(instance->InstanceNameOffset, 32 + 8 * SET_COUNTERS);
    ck_assert_uint_eq(instance->InstanceNameSize, sizeof name);
    ck_assert_uint_eq(instance->dwSize, (32 + 8 * SET_COUNTERS + sizeof name + 7) / 8 * 8);
    ck_assert_mem_eq((char *)instance + instance->InstanceNameOffset, name, sizeof name);
    for (unsigned i = 0; i < SET_COUNTERS; i++)
        ck_assert_uint_eq(slot(instance, i), 0);
}
END_TEST

START_TEST(create_tells_instances_apart_by_name_and_id)
{
    PERF_COUNTERSET_INSTANCE *instance = create(NAME("one"), 0);

    ck_assert_ptr_nonnull(instance);
    ck_assert_refused(create(NAME("one"), 0), ERROR_ALREADY_EXISTS);
    ck_assert_refused(create(NAME("ONE"), 0), ERROR_ALREADY_EXISTS);
    ck_assert_ptr_nonnull(create(NAME("one"), 1));
    ck_assert_ptr_nonnull(create(NAME("two"), 0));
    ck_assert_uint_eq(perflib->PerfDeleteInstance(provider, instance), ERROR_SUCCESS);
    ck_assert_ptr_nonnull(create(NAME("one"), 0));
}
END_TEST

START_TEST(single_instance_set_has_one_instance)
{
    PERF_COUNTERSET_INSTANCE *instance;

    ck_assert_uint_eq(describe_to_provider(PERF_COUNTERSET_SINGLE_INSTANCE), ERROR_SUCCESS);
    instance = create(NAME("one"), 0);
    ck_assert_ptr_nonnull(instance);
    ck_assert_refused(create(NAME("two"), 0), ERROR_INVALID_PARAMETER);
    ck_assert_refused(create(NAME("one"), 0), ERROR_ALREADY_EXISTS);
    ck_assert_uint_eq(perflib->PerfDeleteInstance(provider, instance), ERROR_SUCCESS);
    ck_assert_ptr_nonnull(create(NAME("two"), 0));
}
END_TEST

START_TEST(query_finds_what_was_created)
{
    PERF_COUNTERSET_INSTANCE *instance = create(NAME("one"), 5);

    ck_assert_ptr_nonnull(instance);
    ck_assert_ptr_eq(perflib->PerfQueryInstance(provider, &set_guid, NAME("one"), 5), instance);
    ck_assert_ptr_eq(perflib->PerfQueryInstance(provider, &set_guid, NAME("oNe"), 5), instance);
    ck_assert_refused(perflib->PerfQueryInstance(provider, &set_guid, NAME("one"), 6), ERROR_NOT_FOUND);
    ck_assert_refused(perflib->PerfQueryInstance(provider, &other_guid, NAME("one"), 5), ERROR_NOT_FOUND);
    ck_assert_refused(perflib->PerfQueryInstance(provider, NULL, NAME("one"), 5), ERROR_INVALID_PARAMETER);
    ck_assert_refused(perflib->PerfQueryInstance(provider, &set_guid, NULL, 5), ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(perflib->PerfDeleteInstance(provider, instance), ERROR_SUCCESS);
    ck_assert_refused(perflib->PerfQueryInstance(provider, &set_guid, NAME("one"), 5), ERROR_NOT_FOUND);
}
END_TEST

START_TEST(delete_refuses_what_is_not_the_providers)
{
    PERF_PROVIDER_CONTEXT context = own_memory();
    struct description description = describe(PERF_COUNTERSET_MULTI_INSTANCES);
    PERF_COUNTERSET_INSTANCE *instance = create(NAME("one"), 0);
    HANDLE other = NULL;

    ck_assert_uint_eq(perflib->PerfStartProviderEx(&provider_guid, &context, &other), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib->PerfDeleteInstance(other, instance), ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(perflib->PerfSetCounterSetInfo(other, &description.set, sizeof description), ERROR_SUCCESS);
    ck_assert_ptr_nonnull(perflib->PerfCreateInstance(other, &set_guid, NAME("one"), 0));
    ck_assert_uint_eq(perflib->PerfDeleteInstance(other, instance), ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(perflib->PerfDeleteInstance(provider, NULL), ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(perflib->PerfDeleteInstance(NULL, instance), ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(perflib->PerfStopProvider(other), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib->PerfDeleteInstance(provider, instance), ERROR_SUCCESS);
}
END_TEST

START_TEST(reference_is_kept_in_the_slot)
{
    PERF_COUNTERSET_INSTANCE *instance = create(NAME("one"), 0);
    uint64_t cell = 17;

    ck_assert_uint_eq(perflib->PerfSetCounterRefValue(provider, instance, REFERENCE, &cell), ERROR_SUCCESS);
    ck_assert_uint_eq(slot(instance, 2), (uintptr_t)&cell);
    ck_assert_uint_eq(perflib->PerfSetCounterRefValue(provider, instance, REFERENCE, NULL), ERROR_SUCCESS);
    ck_assert_uint_eq(slot(instance, 2), 0);
    ck_assert_uint_eq(perflib->PerfSetCounterRefValue(provider, instance, UNKNOWN, &cell), ERROR_NOT_FOUND);
    ck_assert_uint_eq(perflib->PerfSetCounterRefValue(provider, instance, WIDE, &cell), ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(perflib->PerfSetCounterRefValue(NULL, instance, REFERENCE, &cell), ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(perflib->PerfSetCounterRefValue(provider, NULL, REFERENCE, &cell), ERROR_INVALID_PARAMETER);
}
END_TEST

START_TEST(narrow_values_change_the_low_half_and_wrap)
{
    PERF_COUNTERSET_INSTANCE *instance = create(NAME("one"), 0);

    ck_assert_uint_eq(perflib->PerfSetULongCounterValue(provider, instance, NARROW, 10), ERROR_SUCCESS);
    ck_assert_uint_eq(slot(instance, 0), 10);
    ck_assert_uint_eq(perflib->PerfIncrementULongCounterValue(provider, instance, NARROW, 5), ERROR_SUCCESS);
    ck_assert_uint_eq(slot(instance, 0), 15);
    ck_assert_uint_eq(perflib->PerfDecrementULongCounterValue(provider, instance, NARROW, 16), ERROR_SUCCESS);
    ck_assert_uint_eq(slot(instance, 0), UINT32_MAX);
    ck_assert_uint_eq(perflib->PerfIncrementULongCounterValue(provider, instance, NARROW, 2), ERROR_SUCCESS);
    ck_assert_uint_eq(slot(instance, 0), 1);
    ck_assert_uint_eq(slot(instance, 1), 0);
}
END_TEST

START_TEST(wide_values_change_the_slot_and_wrap)
{
    PERF_COUNTERSET_INSTANCE *instance = create(NAME("one"), 0);

    ck_assert_uint_eq(perflib->PerfSetULongLongCounterValue(provider, instance, WIDE, (uint64_t)1 << 40), ERROR_SUCCESS);
    ck_assert_uint_eq(slot(instance, 1), (uint64_t)1 << 40);
    ck_assert_uint_eq(perflib->PerfIncrementULongLongCounterValue(provider, instance, WIDE, 3), ERROR_SUCCESS);
    ck_assert_uint_eq(slot(instance, 1), ((uint64_t)1 << 40) + 3);
    ck_assert_uint_eq(perflib->PerfDecrementULongLongCounterValue(provider, instance, WIDE, ((uint64_t)1 << 40) + 4),
                      ERROR_SUCCESS);
    ck_assert_uint_eq(slot(instance, 1), UINT64_MAX);
    ck_assert_uint_eq(perflib->PerfIncrementULongLongCounterValue(provider, instance, WIDE, 2), ERROR_SUCCESS);
    ck_assert_uint_eq(slot(instance, 1), 1);
    ck_assert_uint_eq(slot(instance, 0), 0);
}
END_TEST

/* The six value functions refuse alike; `right` is a counter of the function's size, `wrong` one of the other size. */
#define ck_assert_value_function_refuses(function, right, wrong)                                         \
    do {                                                                                                 \
        ck_assert_uint_eq(perflib->function(provider, instance, UNKNOWN, 1), ERROR_NOT_FOUND);           \
        ck_assert_uint_eq(perflib->function(provider, instance, wrong, 1), ERROR_INVALID_PARAMETER);     \
        ck_assert_uint_eq(perflib->function(provider, instance, REFERENCE, 1), ERROR_INVALID_PARAMETER); \
        ck_assert_uint_eq(perflib->function(NULL, instance, right, 1), ERROR_INVALID_PARAMETER);         \
        ck_assert_uint_eq(perflib->function(provider, NULL, right, 1), ERROR_INVALID_PARAMETER);         \
    } while (0)

START_TEST(value_functions_refuse_wrong_counters)
{
    PERF_COUNTERSET_INSTANCE *instance = create(NAME("one"), 0);

    ck_assert_value_function_refuses(PerfSetULongCounterValue, NARROW, WIDE);
    ck_assert_value_function_refuses(PerfIncrementULongCounterValue, NARROW, WIDE);
    ck_assert_value_function_refuses(PerfDecrementULongCounterValue, NARROW, WIDE);
    ck_assert_value_function_refuses(PerfSetULongLongCounterValue, WIDE, NARROW);
    ck_assert_value_function_refuses(PerfIncrementULongLongCounterValue, WIDE, NARROW);
    ck_assert_value_function_refuses(PerfDecrementULongLongCounterValue, WIDE, NARROW);
    for (unsigned i = 0; i < SET_COUNTERS; i++)
        ck_assert_uint_eq(slot(instance, i), 0);
}
END_TEST

/* Creates and deletes in an order of its own, so that entries of the index move; every instance must stay findable. */
START_TEST(many_instances_stay_findable)
{
    enum { MANY = 5000, STEP = 1237, LOOKS = 50 };
    static PERF_COUNTERSET_INSTANCE *instances[MANY];
    const ULONG look_after = MANY / share_of(LOOKS);

    for (ULONG i = 0; i < MANY; i++) {
        instances[i] = create(NAME("many"), i);
        ck_assert_ptr_nonnull(instances[i]);
    }
    for (ULONG n = 0; n < MANY; n++) {
        ULONG victim = n * STEP % MANY;
        ULONG later = (n + 1) * STEP % MANY;

        ck_assert_uint_eq(perflib->PerfDeleteInstance(provider, instances[victim]), ERROR_SUCCESS);
        instances[victim] = NULL;
        ck_assert_ptr_null(perflib->PerfQueryInstance(provider, &set_guid, NAME("many"), victim));
        ck_assert_ptr_eq(perflib->PerfQueryInstance(provider, &set_guid, NAME("many"), later), instances[later]);
        if (n % look_after == 0)
            for (ULONG i = 0; i < MANY; i++)
                ck_assert_ptr_eq(perflib->PerfQueryInstance(provider, &set_guid, NAME("many"), i), instances[i]);
    }
}
END_TEST

/* A thread that creates, updates, finds and deletes instances of its own, 64 of them alive at once. */
struct creator {
    struct thread thread;
    ULONG number;
    unsigned failures; /* steps that went wrong */
};

static void create_and_delete(void *argument)
{
    enum { ALIVE = 64, ID_RANGE = 1 << 20 };
    const ULONG steps = share_of(5000);
    struct creator *creator = argument;
    PERF_COUNTERSET_INSTANCE *alive[ALIVE] = {NULL};

    for (ULONG i = 0; i < steps + ALIVE; i++) {
        PERF_COUNTERSET_INSTANCE **place = &alive[i % ALIVE];
        ULONG id = creator->number * ID_RANGE + i;

        if (*place != NULL) {
            creator->failures += slot(*place, 1) != 7;
            creator->failures += perflib->PerfQueryInstance(provider, &set_guid, NAME("one"), id - ALIVE) != *place;
            creator->failures += perflib->PerfDeleteInstance(provider, *place) != ERROR_SUCCESS;
        }
        *place = i < steps ? create(NAME("one"), id) : NULL;
        if (*place != NULL)
            creator->failures += perflib->PerfIncrementULongLongCounterValue(provider, *place, WIDE, 7) != ERROR_SUCCESS;
        else
            creator->failures += i < steps;
    }
}

START_TEST(threads_work_on_instances_at_once)
{
    enum { THREADS = 4 };
    struct creator creators[THREADS] = {0};

    for (ULONG i = 0; i < THREADS; i++) {
        creators[i].number = i;
        thread_start(&creators[i].thread, create_and_delete, &creators[i]);
    }
    for (ULONG i = 0; i < THREADS; i++) {
        thread_join(&creators[i].thread);
        ck_assert_uint_eq(creators[i].failures, 0);
    }
}
END_TEST

/* A short life of a provider; the error of its first failing step, which is undone. */
static ULONG short_life(void)
{
    PERF_PROVIDER_CONTEXT context = own_memory();
    struct description description = describe(PERF_COUNTERSET_MULTI_INSTANCES);
    HANDLE handle = NULL;
    ULONG error = perflib->PerfStartProviderEx(&provider_guid, &context, &handle);

    if (error != ERROR_SUCCESS)
        return error;
    error = perflib->PerfSetCounterSetInfo(handle, &description.set, sizeof description);
    for (ULONG i = 0; error == ERROR_SUCCESS && i < 1000; i++)
        if (perflib->PerfCreateInstance(handle, &set_guid, NAME("one"), i) == NULL)
            error = GetLastError();
    ck_assert_uint_eq(perflib->PerfStopProvider(handle), ERROR_SUCCESS);
    return error;
}

START_TEST(every_failing_allocation_is_reported_and_leaks_nothing)
{
    unsigned needed;

    perflib = perflib_test();
    perflib_strict(PERFLIB_DEFAULT_CHECKS & ~(unsigned)PERFLIB_NOT_ZEROED);
    memset(&memory, 0, sizeof memory);
    ck_assert_uint_eq(short_life(), ERROR_SUCCESS);
    needed = memory.made;
    ck_assert_uint_gt(needed, 1000);
    const unsigned step = needed / share_of(needed);
    for (unsigned n = 1; n <= needed; n += n < 10 ? 1 : step) {
        memset(&memory, 0, sizeof memory);
        memory.fail_at = n;
        ck_assert_uint_eq(short_life(), n <= 2 ? ERROR_OUTOFMEMORY : ERROR_NOT_ENOUGH_MEMORY);
        ck_assert_uint_eq(memory.made, memory.freed);
    }
}
END_TEST

START_TEST(choice_is_a_perflib_that_uses_the_routines)
{
    const struct perflib *chosen = perflib_choose();

    ck_assert_int_eq(perflib_uses_memory_routines(perflib_test()), 1);
    ck_assert_int_eq(perflib_uses_memory_routines(chosen), 1);
    ck_assert_ptr_nonnull(chosen->name);
#ifdef _WIN32
    ck_assert_ptr_nonnull(perflib_system());
    if (GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version") != NULL)
        ck_assert_ptr_eq(chosen, perflib_test());
#else
    ck_assert_ptr_null(perflib_system());
    ck_assert_ptr_eq(chosen, perflib_test());
#endif
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("perflib");
    TCase *providers = tcase_create("providers");
    TCase *instances = tcase_create("instances");
    TCase *choice = tcase_create("choice");

    tcase_add_checked_fixture(providers, start, stop);
    tcase_add_test(providers, start_refuses_bad_arguments);
    tcase_add_test(providers, start_takes_larger_context_and_same_guid_twice);
    tcase_add_test(providers, start_without_routines_uses_the_process_heap);
    tcase_add_test(providers, stop_refuses_null);
    tcase_add_test(providers, set_info_refuses_bad_templates);
    tcase_add_test(providers, set_info_takes_larger_size_and_refuses_known_set);
    tcase_add_test(providers, set_info_keeps_a_copy);
    tcase_add_test(providers, single_instance_set_has_one_instance);
    suite_add_tcase(suite, providers);

    tcase_add_checked_fixture(instances, start_with_set, stop);
    tcase_add_test(instances, create_refuses_bad_arguments);
    tcase_add_test(instances, create_lays_out_the_block);
    tcase_add_test(instances, create_tells_instances_apart_by_name_and_id);
    tcase_add_test(instances, query_finds_what_was_created);
    tcase_add_test(instances, delete_refuses_what_is_not_the_providers);
    tcase_add_test(instances, reference_is_kept_in_the_slot);
    tcase_add_test(instances, narrow_values_change_the_low_half_and_wrap);
    tcase_add_test(instances, wide_values_change_the_slot_and_wrap);
    tcase_add_test(instances, value_functions_refuse_wrong_counters);
    tcase_add_test(instances, many_instances_stay_findable);
    tcase_add_test(instances, threads_work_on_instances_at_once);
    suite_add_tcase(suite, instances);

    tcase_add_test(choice, every_failing_allocation_is_reported_and_leaks_nothing);
    tcase_add_test(choice, choice_is_a_perflib_that_uses_the_routines);
    suite_add_tcase(suite, choice);
    return suite;
}
