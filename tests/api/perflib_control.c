/* ControlCallbacks: the requests a provider gets from consumers, their payloads and order, and what the answers do. */
#include "harness.h"
#include "perflib/consumer_fixture.h"

/* The text at an offset of a payload, which must lie in it with its terminator. */
static const WCHAR *text_at(const struct call *call, ULONG offset)
{
    const WCHAR *text = (const WCHAR *)(const void *)(call->bytes + offset);
    size_t length = 0;

    ck_assert_uint_eq(offset % sizeof(WCHAR), 0);
    while (offset + (length + 1) * sizeof(WCHAR) <= call->size && text[length] != 0)
        length++;
    ck_assert_uint_le(offset + (length + 1) * sizeof(WCHAR), call->size);
    return text;
}

START_TEST(requests_come_in_order)
{
    add_all();
    ck_assert_calls(PERF_ADD_COUNTER);
    collect();
    ck_assert_calls(PERF_COLLECT_START, PERF_COLLECT_END);
    collect();
    ck_assert_calls(PERF_COLLECT_START, PERF_COLLECT_END);
    ck_assert_uint_eq(perflib_query_add(query, &set_guid, NAME("one"), 0, NARROW), ERROR_SUCCESS);
    ck_assert_calls(PERF_ADD_COUNTER);
    ck_assert_uint_eq(perflib_query_remove(query, &set_guid, NAME("one"), 0, NARROW), ERROR_SUCCESS);
    ck_assert_calls(PERF_REMOVE_COUNTER);
    perflib_query_close(query);
    query = NULL;
    ck_assert_calls(PERF_REMOVE_COUNTER);
}
END_TEST

START_TEST(counter_is_told_by_its_identity)
{
    const struct call *added = &control.calls[0];
    const struct call *removed = &control.calls[1];
    const PERF_COUNTER_IDENTITY *identity = (const PERF_COUNTER_IDENTITY *)(const void *)added->bytes;

    ck_assert_uint_eq(perflib_query_add(query, &set_guid, NAME("any one"), 23, WIDE), ERROR_SUCCESS);
    ck_assert_uint_ge(added->size, sizeof *identity);
    ck_assert_mem_eq(&identity->CounterSetGuid, &set_guid, sizeof set_guid);
    ck_assert_uint_eq(identity->BufferSize, added->size);
    ck_assert_uint_eq(identity->CounterId, WIDE);
    ck_assert_uint_eq(identity->InstanceId, 23);
    ck_assert_uint_eq(identity->Reserved, 0);
    ck_assert_uint_ge(identity->MachineOffset, sizeof *identity);
    text_at(added, identity->MachineOffset);
    ck_assert_mem_eq(text_at(added, identity->NameOffset), NAME("any one"), 16);
    ck_assert_uint_eq(perflib_query_remove(query, &set_guid, NAME("any one"), 23, WIDE), ERROR_SUCCESS);
    ck_assert_uint_eq(removed->size, added->size);
    ck_assert_mem_eq(removed->bytes, added->bytes, added->size);
}
END_TEST

START_TEST(wildcards_are_passed_on)
{
    const PERF_COUNTER_IDENTITY *identity = (const PERF_COUNTER_IDENTITY *)(const void *)control.calls[0].bytes;

    add_all();
    ck_assert_uint_eq(control.n, 1);
    ck_assert_uint_eq(identity->CounterId, PERF_WILDCARD_COUNTER);
    ck_assert_mem_eq(text_at(&control.calls[0], identity->NameOffset), NAME("*"), 4);
}
END_TEST

START_TEST(other_requests_carry_the_machines_name)
{
    const struct perflib_instance *instances;
    const PERF_COUNTER_IDENTITY *identity = (const PERF_COUNTER_IDENTITY *)(const void *)control.calls[0].bytes;
    const WCHAR *machine;
    size_t n;

    add_all();
    collect();
    ck_assert_uint_eq(perflib_query_instances(query, &set_guid, &instances, &n), ERROR_SUCCESS);
    machine = text_at(&control.calls[0], identity->MachineOffset);
    for (unsigned i = 1; i < control.n; i++) {
        ck_assert_uint_ge(control.calls[i].size, sizeof(WCHAR));
        text_at(&control.calls[i], 0);
        ck_assert_mem_eq(control.calls[i].bytes, machine, control.calls[i].size);
    }
    ck_assert_calls(PERF_ADD_COUNTER, PERF_COLLECT_START, PERF_COLLECT_END, PERF_ENUM_INSTANCES);
}
END_TEST

START_TEST(requests_come_on_a_thread_of_perflibs)
{
    add_all();
    collect();
    for (unsigned i = 0; i < control.n; i++) {
        ck_assert_uint_ne(control.calls[i].thread, thread_number());
        ck_assert_uint_eq(control.calls[i].thread, control.calls[0].thread);
    }
}
END_TEST

START_TEST(refused_counter_is_not_added)
{
    control.answers[PERF_ADD_COUNTER] = 4711;
    ck_assert_uint_eq(perflib_query_add(query, &set_guid, NAME("*"), 0, NARROW), 4711);
    ck_assert_calls(PERF_ADD_COUNTER);
    ck_assert_uint_eq(collect()->n_values, 0);
    ck_assert_uint_eq(perflib_query_remove(query, &set_guid, NAME("*"), 0, NARROW), ERROR_NOT_FOUND);
    ck_assert_uint_eq(control.n, 0);
}
END_TEST

START_TEST(refused_collection_is_passed_on_and_has_no_end)
{
    const struct perflib_sample *sample;

    add_all();
    control.n = 0;
    control.answers[PERF_COLLECT_START] = 4711;
    ck_assert_uint_eq(perflib_query_collect(query, &sample), 4711);
    ck_assert_uint_eq(sample->n_values, 0);
    ck_assert_calls(PERF_COLLECT_START);
}
END_TEST

START_TEST(answers_that_do_not_matter_do_not)
{
    control.answers[PERF_COLLECT_END] = 4711;
    control.answers[PERF_REMOVE_COUNTER] = 4711;
    add_all();
    ck_assert_uint_eq(collect()->n_values, SET_COUNTERS);
    ck_assert_uint_eq(perflib_query_remove(query, &set_guid, NAME("*"), 0, PERF_WILDCARD_COUNTER), ERROR_SUCCESS);
}
END_TEST

/* A second provider with the same set that answers by itself. */
static ULONG WINAPI refuse_everything(ULONG code, PVOID buffer, ULONG size)
{
    (void)code;
    (void)buffer;
    (void)size;
    return 815;
}

START_TEST(one_refusal_does_not_keep_others_away)
{
    PERF_PROVIDER_CONTEXT context = {sizeof context, 0, refuse_everything, NULL, NULL, NULL};
    struct description description = describe(PERF_COUNTERSET_MULTI_INSTANCES);
    HANDLE other = NULL;

    ck_assert_uint_eq(perflib->PerfStartProviderEx(&provider_guid, &context, &other), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib->PerfSetCounterSetInfo(other, &description.set, sizeof description), ERROR_SUCCESS);
    ck_assert_ptr_nonnull(perflib->PerfCreateInstance(other, &set_guid, NAME("hidden"), 0));
    add_all();
    ck_assert_uint_eq(collect()->n_values, SET_COUNTERS);
    ck_assert_uint_eq(perflib->PerfStopProvider(other), ERROR_SUCCESS);
    ck_assert_uint_eq(collect()->n_values, SET_COUNTERS);
}
END_TEST

/* A provider that describes the set later is asked before it is collected, once, and its refusal is told once. */
START_TEST(later_provider_is_asked_before_it_is_collected)
{
    struct description description = describe(PERF_COUNTERSET_MULTI_INSTANCES);
    const struct perflib_sample *sample;
    HANDLE later = NULL;

    add_all();
    control.n = 0;
    start_controlled(&later);
    ck_assert_uint_eq(perflib->PerfSetCounterSetInfo(later, &description.set, sizeof description), ERROR_SUCCESS);
    ck_assert_ptr_nonnull(perflib->PerfCreateInstance(later, &set_guid, NAME("later"), 0));
    ck_assert_uint_eq(collect()->n_values, 2 * SET_COUNTERS);
    ck_assert_calls(PERF_COLLECT_START, PERF_COLLECT_END, PERF_ADD_COUNTER, PERF_COLLECT_START, PERF_COLLECT_END);
    ck_assert_uint_eq(perflib->PerfStopProvider(later), ERROR_SUCCESS);

    start_controlled(&later);
    ck_assert_uint_eq(perflib->PerfSetCounterSetInfo(later, &description.set, sizeof description), ERROR_SUCCESS);
    control.answers[PERF_ADD_COUNTER] = 4711;
    ck_assert_uint_eq(perflib_query_collect(query, &sample), 4711);
    ck_assert_uint_eq(sample->n_values, SET_COUNTERS);
    ck_assert_uint_eq(collect()->n_values, SET_COUNTERS);
    ck_assert_calls(PERF_COLLECT_START, PERF_COLLECT_END, PERF_ADD_COUNTER, PERF_COLLECT_START, PERF_COLLECT_END);
    ck_assert_uint_eq(perflib->PerfStopProvider(later), ERROR_SUCCESS);
}
END_TEST

/* Values may be brought up to date, and instances made and deleted, in the callback. */
static void refresh(ULONG code)
{
    static PERF_COUNTERSET_INSTANCE *made;

    if (code == PERF_COLLECT_START) {
        perflib->PerfIncrementULongLongCounterValue(provider, one, WIDE, 100);
        made = create(NAME("made"), 9);
        perflib->PerfSetULongCounterValue(provider, made, NARROW, 3);
    } else if (code == PERF_COLLECT_END) {
        perflib->PerfDeleteInstance(provider, made);
    }
}

START_TEST(callback_may_call_the_provider_functions)
{
    control.action = refresh;
    add_all();
    for (unsigned i = 1; i <= 3; i++) {
        const struct perflib_sample *sample = collect();

        ck_assert_uint_eq(sample->n_values, 2 * SET_COUNTERS);
        ck_assert_value(sample, NAME("one"), 0, WIDE, 100 * i);
        ck_assert_value(sample, NAME("made"), 9, NARROW, 3);
        ck_assert_ptr_null(perflib->PerfQueryInstance(provider, &set_guid, NAME("made"), 9));
    }
    control.action = NULL;
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, requests_come_in_order);
    tcase_add_test(tests, counter_is_told_by_its_identity);
    tcase_add_test(tests, wildcards_are_passed_on);
    tcase_add_test(tests, other_requests_carry_the_machines_name);
    tcase_add_test(tests, requests_come_on_a_thread_of_perflibs);
    tcase_add_test(tests, refused_counter_is_not_added);
    tcase_add_test(tests, refused_collection_is_passed_on_and_has_no_end);
    tcase_add_test(tests, answers_that_do_not_matter_do_not);
    tcase_add_test(tests, one_refusal_does_not_keep_others_away);
    tcase_add_test(tests, later_provider_is_asked_before_it_is_collected);
    tcase_add_test(tests, callback_may_call_the_provider_functions);
}

Suite *make_suite(void)
{
    Suite *suite = suite_create("perflib_control");

    add_consumer_cases(suite, add_tests);
    return suite;
}
