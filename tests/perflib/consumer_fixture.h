/*
 * What the tests of the consumer side start from: the provider of perflib_fixture.h with a ControlCallback that notes what it is
 * called with and answers what it is told, an instance "one" of its set, and a query. Included by test programs.
 */
#ifndef PERFPOOL_TESTS_PERFLIB_CONSUMER_FIXTURE_H
#define PERFPOOL_TESTS_PERFLIB_CONSUMER_FIXTURE_H

#include "perflib_consumer.h"
#include "perflib_fixture.h"

#include "harness.h"
#include "lock.h"

#include <stdio.h>

enum { MOST_CALLS = 64, MOST_BYTES = 4096, MOST_CODE = 10 };

/* One call of the ControlCallback. */
struct call {
    ULONG code;
    ULONG size;
    unsigned char bytes[MOST_BYTES]; /* of the buffer */
    uintptr_t thread;
};

/* Written by the consumers' worker while the test waits for its request. */
static struct {
    unsigned n;
    struct call calls[MOST_CALLS];
    ULONG answers[MOST_CODE];   /* by code */
    void (*action)(ULONG code); /* what else it does, or NULL */
} control;

static struct perflib_query *query;
static PERF_COUNTERSET_INSTANCE *one;

static ULONG WINAPI note_call(ULONG code, PVOID buffer, ULONG size)
{
    struct call *call = &control.calls[control.n % MOST_CALLS];

    call->code = code;
    call->size = size;
    call->thread = thread_number();
    memcpy(call->bytes, buffer, size < MOST_BYTES ? size : MOST_BYTES);
    control.n++;
    if (control.action != NULL)
        control.action(code);
    return control.answers[code % MOST_CODE];
}

static inline void start_controlled(HANDLE *handle)
{
    PERF_PROVIDER_CONTEXT context = own_memory();

    context.ControlCallback = note_call;
    ck_assert_uint_eq(perflib->PerfStartProviderEx(&provider_guid, &context, handle), ERROR_SUCCESS);
}

/* Fixtures: with this library's PERFLIB, and with the system's for registration where there is one. */
static inline void consumer_start_with(const struct perflib *of)
{
    memset(&memory, 0, sizeof memory);
    memset(&control, 0, sizeof control);
    perflib_strict(PERFLIB_DEFAULT_CHECKS & ~(unsigned)PERFLIB_NOT_ZEROED);
    perflib = of;
    start_controlled(&provider);
    ck_assert_uint_eq(describe_to_provider(PERF_COUNTERSET_MULTI_INSTANCES), ERROR_SUCCESS);
    one = create(NAME("one"), 0);
    ck_assert_ptr_nonnull(one);
    ck_assert_uint_eq(perflib_query_open(&query), ERROR_SUCCESS);
}

static inline void consumer_start(void)
{
    consumer_start_with(perflib_test());
}

static inline void consumer_start_mixed(void)
{
    consumer_start_with(perflib_mixed());
}

static inline void consumer_stop(void)
{
    perflib_query_close(query);
    stop();
}

/* Runs the tests of a program with either fixture, and says which PERFLIBs these are. */
static inline void add_consumer_cases(Suite *suite, void (*add_tests)(TCase *))
{
    TCase *own = tcase_create("own");
    TCase *mixed;

    tcase_add_checked_fixture(own, consumer_start, consumer_stop);
    add_tests(own);
    suite_add_tcase(suite, own);
    if (perflib_mixed() == NULL) {
        harness_skip("mixed", "Linux has no PERFLIB of its own");
        return;
    }
    printf("own: %s\nmixed: %s\n", perflib_test()->name, perflib_mixed()->name);
    mixed = tcase_create("mixed");
    tcase_add_checked_fixture(mixed, consumer_start_mixed, consumer_stop);
    add_tests(mixed);
    suite_add_tcase(suite, mixed);
}

/* Adds all counters of the fixture's set. */
static inline void add_all(void)
{
    ck_assert_uint_eq(perflib_query_add(query, &set_guid, PERF_WILDCARD_INSTANCE, 0, PERF_WILDCARD_COUNTER), ERROR_SUCCESS);
}

static inline const struct perflib_sample *collect(void)
{
    const struct perflib_sample *sample;

    ck_assert_uint_eq(perflib_query_collect(query, &sample), ERROR_SUCCESS);
    return sample;
}

static inline bool is_same_text(const WCHAR *a, const WCHAR *b)
{
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

/* The value of a counter in a sample; the test fails if there is not exactly one. */
static inline const struct perflib_value *value_of(const struct perflib_sample *sample, const WCHAR *name, ULONG id, ULONG counter)
{
    const struct perflib_value *found = NULL;

    for (size_t i = 0; i < sample->n_values; i++) {
        const struct perflib_value *value = &sample->values[i];

        if (value->counter == counter && value->instance_id == id && is_same_text(value->instance, name)) {
            ck_assert_ptr_null(found);
            found = value;
        }
    }
    ck_assert_ptr_nonnull(found);
    return found;
}

#define ck_assert_value(sample, name, id, counter_id, expected)                        \
    do {                                                                               \
        const struct perflib_value *ck_value = value_of(sample, name, id, counter_id); \
        ck_assert_uint_eq(ck_value->status, ERROR_SUCCESS);                            \
        ck_assert_uint_eq(ck_value->value, expected);                                  \
    } while (0)

/* The callback was called with exactly these codes since the last time this was asked. */
#define ck_assert_calls(...)                                                       \
    do {                                                                           \
        static const ULONG ck_codes[] = {__VA_ARGS__};                             \
        ck_assert_uint_eq(control.n, sizeof ck_codes / sizeof *ck_codes);          \
        for (unsigned ck_i = 0; ck_i < sizeof ck_codes / sizeof *ck_codes; ck_i++) \
            ck_assert_uint_eq(control.calls[ck_i].code, ck_codes[ck_i]);           \
        control.n = 0;                                                             \
    } while (0)

#endif
