/*
 * The consumer side of the test PERFLIB: what queries read, what ControlCallbacks are called with and when, and what their answers
 * do.
 */
#include "harness.h"
#include "perflib/consumer_fixture.h"

/* What is asked for. */

START_TEST(open_and_close_without_anything)
{
    ck_assert_uint_eq(perflib_query_open(NULL), ERROR_INVALID_PARAMETER);
    perflib_query_close(NULL);
    ck_assert_uint_eq(collect()->n_values, 0);
    ck_assert_uint_eq(control.n, 0);
}
END_TEST

START_TEST(add_refuses_what_there_is_not)
{
    static WCHAR long_name[PERF_MAX_INSTANCE_NAME + 2];

    for (size_t i = 0; i < PERF_MAX_INSTANCE_NAME + 1; i++)
        long_name[i] = 'x';
    ck_assert_uint_eq(perflib_query_add(NULL, &set_guid, NAME("*"), 0, NARROW), ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(perflib_query_add(query, NULL, NAME("*"), 0, NARROW), ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(perflib_query_add(query, &set_guid, long_name, 0, NARROW), ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(perflib_query_add(query, &set_guid, NULL, 0, NARROW), ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(perflib_query_add(query, &other_guid, NAME("*"), 0, NARROW), ERROR_NOT_FOUND);
    ck_assert_uint_eq(perflib_query_add(query, &set_guid, NAME("*"), 0, UNKNOWN), ERROR_NOT_FOUND);
    ck_assert_uint_eq(control.n, 0);
    ck_assert_uint_eq(perflib_query_add(query, &set_guid, NAME("*"), 0, NARROW), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib_query_add(query, &set_guid, NAME("*"), 0, NARROW), ERROR_ALREADY_EXISTS);
    ck_assert_uint_eq(perflib_query_remove(query, &set_guid, NAME("*"), 0, WIDE), ERROR_NOT_FOUND);
    ck_assert_uint_eq(perflib_query_remove(query, &set_guid, NAME("*"), 0, NARROW), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib_query_remove(query, &set_guid, NAME("*"), 0, NARROW), ERROR_NOT_FOUND);
}
END_TEST

/* What is read. */

START_TEST(values_are_those_of_the_slots_and_cells)
{
    uint64_t cell = (uint64_t)7 << 40;
    const struct perflib_sample *sample;
    const struct perflib_value *value;

    ck_assert_uint_eq(perflib->PerfSetULongCounterValue(provider, one, NARROW, 0xFFFFFFFF), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib->PerfSetULongLongCounterValue(provider, one, WIDE, UINT64_MAX - 1), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib->PerfSetCounterRefValue(provider, one, REFERENCE, &cell), ERROR_SUCCESS);
    add_all();
    sample = collect();
    ck_assert_uint_eq(sample->n_values, SET_COUNTERS);
    ck_assert_value(sample, NAME("one"), 0, NARROW, 0xFFFFFFFF);
    ck_assert_value(sample, NAME("one"), 0, WIDE, UINT64_MAX - 1);
    ck_assert_value(sample, NAME("one"), 0, REFERENCE, (uint64_t)7 << 40);
    value = value_of(sample, NAME("one"), 0, REFERENCE);
    ck_assert_mem_eq(&value->provider, &provider_guid, sizeof provider_guid);
    ck_assert_mem_eq(&value->set, &set_guid, sizeof set_guid);
    ck_assert_uint_eq(value->type, PERF_COUNTER_LARGE_RAWCOUNT);
    ck_assert_uint_eq(value->attrib, PERF_ATTRIB_BY_REFERENCE);
    cell++;
    ck_assert_value(collect(), NAME("one"), 0, REFERENCE, ((uint64_t)7 << 40) + 1);
}
END_TEST

START_TEST(reference_of_4_bytes_reads_4_bytes)
{
    struct description description = describe(PERF_COUNTERSET_MULTI_INSTANCES);
    uint32_t cells[2] = {17, 99};
    PERF_COUNTERSET_INSTANCE *instance;

    description.set.CounterSetGuid = other_guid;
    description.counters[2].Type = PERF_COUNTER_RAWCOUNT;
    ck_assert_uint_eq(perflib->PerfSetCounterSetInfo(provider, &description.set, sizeof description), ERROR_SUCCESS);
    instance = perflib->PerfCreateInstance(provider, &other_guid, NAME("two"), 0);
    ck_assert_uint_eq(perflib->PerfSetCounterRefValue(provider, instance, REFERENCE, cells), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib_query_add(query, &other_guid, NAME("*"), 0, REFERENCE), ERROR_SUCCESS);
    ck_assert_value(collect(), NAME("two"), 0, REFERENCE, 17);
}
END_TEST

START_TEST(reference_without_address_is_no_data)
{
    uint64_t cell = 5;
    const struct perflib_value *value;

    add_all();
    value = value_of(collect(), NAME("one"), 0, REFERENCE);
    ck_assert_uint_eq(value->status, ERROR_NO_DATA);
    ck_assert_uint_eq(value->value, 0);
    perflib->PerfSetCounterRefValue(provider, one, REFERENCE, &cell);
    ck_assert_value(collect(), NAME("one"), 0, REFERENCE, 5);
    /* Wine refuses to take the address back. */
    if (perflib->PerfSetCounterRefValue(provider, one, REFERENCE, NULL) == ERROR_SUCCESS)
        ck_assert_uint_eq(value_of(collect(), NAME("one"), 0, REFERENCE)->status, ERROR_NO_DATA);
    else
        ck_assert_ptr_ne(perflib, perflib_test());
}
END_TEST

START_TEST(only_what_was_added_is_read)
{
    ck_assert_ptr_nonnull(create(NAME("one"), 1));
    ck_assert_ptr_nonnull(create(NAME("two"), 2));
    ck_assert_uint_eq(perflib_query_add(query, &set_guid, NAME("ONE"), 0, NARROW), ERROR_SUCCESS);
    ck_assert_uint_eq(collect()->n_values, 1);
    value_of(collect(), NAME("one"), 0, NARROW);
    ck_assert_uint_eq(perflib_query_add(query, &set_guid, NAME("*"), 77, WIDE), ERROR_SUCCESS);
    ck_assert_uint_eq(collect()->n_values, 4);
    ck_assert_uint_eq(perflib_query_add(query, &set_guid, NAME("two"), 2, PERF_WILDCARD_COUNTER), ERROR_SUCCESS);
    ck_assert_uint_eq(collect()->n_values, 6);
    ck_assert_uint_eq(perflib_query_remove(query, &set_guid, NAME("*"), 77, WIDE), ERROR_SUCCESS);
    ck_assert_uint_eq(collect()->n_values, 4);
    ck_assert_uint_eq(perflib_query_add(query, &set_guid, NAME("absent"), 0, WIDE), ERROR_SUCCESS);
    ck_assert_uint_eq(collect()->n_values, 4);
}
END_TEST

START_TEST(instances_come_and_go)
{
    PERF_COUNTERSET_INSTANCE *two;

    add_all();
    two = create(NAME("two"), 2);
    ck_assert_uint_eq(collect()->n_values, 2 * SET_COUNTERS);
    perflib->PerfDeleteInstance(provider, one);
    ck_assert_uint_eq(collect()->n_values, SET_COUNTERS);
    value_of(collect(), NAME("two"), 2, NARROW);
    perflib->PerfDeleteInstance(provider, two);
    ck_assert_uint_eq(collect()->n_values, 0);
}
END_TEST

START_TEST(single_instance_set_needs_no_name)
{
    struct description description = describe(PERF_COUNTERSET_SINGLE_INSTANCE);

    description.set.CounterSetGuid = other_guid;
    ck_assert_uint_eq(perflib->PerfSetCounterSetInfo(provider, &description.set, sizeof description), ERROR_SUCCESS);
    ck_assert_ptr_nonnull(perflib->PerfCreateInstance(provider, &other_guid, NAME("_Default"), 0));
    ck_assert_uint_eq(perflib_query_add(query, &other_guid, NULL, 0, WIDE), ERROR_SUCCESS);
    ck_assert_value(collect(), NAME("_Default"), 0, WIDE, 0);
    ck_assert_uint_eq(((const PERF_COUNTER_IDENTITY *)(const void *)control.calls[0].bytes)->NameOffset, 0);
}
END_TEST

/* More than the reply holds at first, in names of every length up to the longest, listed by name. */
START_TEST(large_samples_are_complete_and_in_order)
{
    enum { MANY = PERF_MAX_INSTANCE_NAME };
    WCHAR name[MANY + 1] = {0};
    const struct perflib_sample *sample;

    add_all();
    perflib->PerfDeleteInstance(provider, one);
    for (ULONG i = 0; i < MANY; i++) {
        PERF_COUNTERSET_INSTANCE *instance;

        name[i] = 'x';
        instance = create(name, i);
        ck_assert_ptr_nonnull(instance);
        perflib->PerfSetULongLongCounterValue(provider, instance, WIDE, i);
    }
    sample = collect();
    ck_assert_uint_eq(sample->n_values, MANY * SET_COUNTERS);
    for (ULONG i = 0; i < MANY; i++) {
        ck_assert_uint_eq(sample->values[i * SET_COUNTERS + 1].counter, WIDE);
        ck_assert_uint_eq(sample->values[i * SET_COUNTERS + 1].value, i);
        ck_assert_uint_eq(sample->values[i * SET_COUNTERS + 1].instance_id, i);
        ck_assert_mem_eq(sample->values[i * SET_COUNTERS + 1].instance, name, (i + 1) * sizeof(WCHAR));
        ck_assert_uint_eq(sample->values[i * SET_COUNTERS + 1].instance[i + 1], 0);
    }
}
END_TEST

START_TEST(two_samples_stay_valid)
{
    const struct perflib_sample *first;
    const struct perflib_sample *second;

    add_all();
    perflib->PerfSetULongCounterValue(provider, one, NARROW, 1);
    first = collect();
    perflib->PerfSetULongCounterValue(provider, one, NARROW, 2);
    second = collect();
    ck_assert_value(first, NAME("one"), 0, NARROW, 1);
    ck_assert_value(second, NAME("one"), 0, NARROW, 2);
    ck_assert_uint_ge(second->ticks, first->ticks);
    ck_assert_uint_gt(second->frequency, 0);
    ck_assert_uint_gt(second->time_100ns, 0);
}
END_TEST

START_TEST(buffers_come_from_the_providers_routines)
{
    unsigned made = memory.made;

    add_all();
    ck_assert_uint_eq(memory.made, made);
    collect();
    ck_assert_uint_gt(memory.made, made);
    made = memory.made;
    perflib_fail_allocation(1);
    const struct perflib_sample *sample;
    ck_assert_uint_eq(perflib_query_collect(query, &sample), ERROR_NOT_ENOUGH_MEMORY);
    ck_assert_uint_eq(sample->n_values, 0);
    ck_assert_uint_eq(memory.made, made);
    ck_assert_uint_eq(collect()->n_values, SET_COUNTERS);
}
END_TEST

/* What is listed. */

START_TEST(sets_are_listed_as_described)
{
    struct description description = describe(PERF_COUNTERSET_MULTI_AGGREGATE);
    const struct perflib_set *sets;
    size_t n;

    description.set.CounterSetGuid = other_guid;
    ck_assert_uint_eq(perflib->PerfSetCounterSetInfo(provider, &description.set, sizeof description), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib_query_sets(query, &sets, &n), ERROR_SUCCESS);
    ck_assert_uint_eq(n, 2);
    ck_assert_mem_eq(&sets[0].set, &set_guid, sizeof set_guid);
    ck_assert_mem_eq(&sets[1].set, &other_guid, sizeof other_guid);
    ck_assert_mem_eq(&sets[1].provider, &provider_guid, sizeof provider_guid);
    ck_assert_uint_eq(sets[1].type, PERF_COUNTERSET_MULTI_AGGREGATE);
    ck_assert_uint_eq(sets[1].n_counters, SET_COUNTERS);
    ck_assert_mem_eq(sets[1].counters, description.counters, sizeof description.counters);
    ck_assert_uint_eq(perflib_query_sets(query, NULL, &n), ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(control.n, 0);
}
END_TEST

START_TEST(instances_are_listed_by_name_after_the_provider_was_asked)
{
    const struct perflib_instance *instances;
    size_t n;

    ck_assert_ptr_nonnull(create(NAME("three"), 3));
    ck_assert_ptr_nonnull(create(NAME("one"), 2));
    ck_assert_uint_eq(perflib_query_instances(query, &other_guid, &instances, &n), ERROR_NOT_FOUND);
    ck_assert_uint_eq(perflib_query_instances(query, NULL, &instances, &n), ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(control.n, 0);
    ck_assert_uint_eq(perflib_query_instances(query, &set_guid, &instances, &n), ERROR_SUCCESS);
    ck_assert_uint_eq(n, 3);
    ck_assert_uint_eq(instances[0].id, 0);
    ck_assert_uint_eq(instances[1].id, 2);
    ck_assert_uint_eq(instances[2].id, 3);
    ck_assert_mem_eq(instances[2].name, NAME("three"), 12);
    ck_assert_mem_eq(&instances[2].provider, &provider_guid, sizeof provider_guid);
    ck_assert_calls(PERF_ENUM_INSTANCES);
    control.answers[PERF_ENUM_INSTANCES] = 4711;
    ck_assert_uint_eq(perflib_query_instances(query, &set_guid, &instances, &n), 4711);
    ck_assert_uint_eq(n, 0);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, open_and_close_without_anything);
    tcase_add_test(tests, add_refuses_what_there_is_not);
    tcase_add_test(tests, values_are_those_of_the_slots_and_cells);
    tcase_add_test(tests, reference_of_4_bytes_reads_4_bytes);
    tcase_add_test(tests, reference_without_address_is_no_data);
    tcase_add_test(tests, only_what_was_added_is_read);
    tcase_add_test(tests, instances_come_and_go);
    tcase_add_test(tests, single_instance_set_needs_no_name);
    tcase_add_test(tests, large_samples_are_complete_and_in_order);
    tcase_add_test(tests, two_samples_stay_valid);
    tcase_add_test(tests, buffers_come_from_the_providers_routines);
    tcase_add_test(tests, sets_are_listed_as_described);
    tcase_add_test(tests, instances_are_listed_by_name_after_the_provider_was_asked);
}

Suite *make_suite(void)
{
    Suite *suite = suite_create("perflib_consumer");

    add_consumer_cases(suite, add_tests);
    return suite;
}
