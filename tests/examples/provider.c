/*
 * The example server as it runs: workers open, count and close sessions while a consumer collects. Every block of its PERFLIB is
 * perfpool's, and nothing is left in the end.
 */
#include "publisher.h"

#include "counters.h"
#include "harness.h"
#include "perflib_consumer.h"
#include "perflib_table.h"
#include "server.h"
#include "support/heap_check.h"
#include "support/heaps.h"

#include <stdio.h>
#include <string.h>

/* Which PERFLIB a looped test uses: perfpool's, or on Windows the system's as far as it goes. */
enum { OURS, MIXED };
#ifdef _WIN32
enum { PERFLIBS = 2 };
#else
enum { PERFLIBS = 1 };
#endif

static struct server server;
static struct problem problem;

/* Consumers see what this one has; what the system has by itself is its own. */
static void use_our_perflib(void)
{
    perflib_use(perflib_test());
}

/* Whether the PERFLIB in use is perfpool's own, which is known to have all its memory from the callbacks. */
static bool perflib_is_ours(void)
{
    return perflib_used() == perflib_test();
}

static uint64_t live_blocks(perfpool_heap *heap)
{
    return heap_figures(heap).live_blocks;
}

START_TEST(the_provider_lives_in_the_heap)
{
    perfpool_heap *heap = heap_make(0);
    struct session session = {.instance = NULL};
    uint64_t started;

    memset(&problem, 0, sizeof problem);
    ck_assert_uint_eq(live_blocks(heap), 0);
    ck_assert(publisher_start(heap, &problem));
    started = live_blocks(heap);
    /* The variables; PERFLIB's provider, two sets, an instance. */
    ck_assert_uint_ge(started, 1 + 4);
    ck_assert_uint_ne(perfpool_block_size(ExampleServer, heap), 0);
    ck_assert(session_open(&session, heap, 7, &problem));
    ck_assert_uint_ge(perfpool_block_size(session.instance, heap), session.instance->dwSize);
    ck_assert_uint_ge(live_blocks(heap), started + 2);
    ck_assert(session_count(&session, 1000, 50, 3, &problem));
    ck_assert(session_close(&session, heap, &problem));
    check_heap(heap);
    publisher_stop(&problem);
    ck_assert_ptr_null(problem.function);
    ck_assert_ptr_null(ExampleServer);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

static const struct perflib_value *find_value(const struct perflib_sample *sample, const GUID *set, ULONG counter)
{
    for (size_t i = 0; i < sample->n_values; i++) {
        if (memcmp(&sample->values[i].set, set, sizeof *set) == 0 && sample->values[i].counter == counter) {
            return &sample->values[i];
        }
    }
    return NULL;
}

/* The value of the one session, or of the memory set. */
static uint64_t value_of(const struct perflib_sample *sample, const GUID *set, ULONG counter)
{
    const struct perflib_value *value = find_value(sample, set, counter);

    ck_assert_ptr_nonnull(value);
    ck_assert_uint_eq(value->status, ERROR_SUCCESS);
    return value->value;
}

static struct perflib_query *open_query(void)
{
    struct perflib_query *query = NULL;

    ck_assert_uint_eq(perflib_query_open(&query), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib_query_add(query, &SessionSetGuid, PERF_WILDCARD_INSTANCE, 0, PERF_WILDCARD_COUNTER), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib_query_add(query, &MemorySetGuid, NULL, 0, PERF_WILDCARD_COUNTER), ERROR_SUCCESS);
    return query;
}

/* Also with what the system has of PERFLIB: its registration, and its memory if it does not use the callbacks. */
START_TEST(what_is_counted_is_what_is_collected)
{
    perfpool_heap *heap = heap_make(0);
    struct session session = {.instance = NULL};
    const struct perflib_sample *sample = NULL;
    struct perflib_query *query;

    memset(&problem, 0, sizeof problem);
    if (_i == MIXED) {
        perflib_use(perflib_mixed());
    }
    ck_assert(publisher_start(heap, &problem));
    ck_assert(session_open(&session, heap, 7, &problem));
    ck_assert(session_count(&session, 1000, 50, 3, &problem));
    ck_assert(session_count(&session, 500, 70, 2, &problem));
    query = open_query();
    ck_assert_uint_eq(perflib_query_collect(query, &sample), ERROR_SUCCESS);
    ck_assert_uint_eq(value_of(sample, &SessionSetGuid, SESSION_REQUESTS), 2);
    ck_assert_uint_eq(value_of(sample, &SessionSetGuid, SESSION_REQUEST_RATE), 2);
    ck_assert_uint_eq(value_of(sample, &SessionSetGuid, SESSION_SEND_RATE), 1500);
    ck_assert_uint_eq(value_of(sample, &SessionSetGuid, SESSION_PENDING), 2);
    ck_assert_uint_eq(value_of(sample, &SessionSetGuid, SESSION_LATENCY), 120);
    ck_assert_uint_eq(value_of(sample, &SessionSetGuid, SESSION_LATENCY_BASE), 2);
    ck_assert_uint_eq(value_of(sample, &SessionSetGuid, SESSION_BUFFERED), 1000);
    ck_assert_uint_eq(value_of(sample, &MemorySetGuid, MEMORY_FAULTS), 0);
    ck_assert_uint_ge(value_of(sample, &MemorySetGuid, MEMORY_LIVE_BLOCKS), perflib_is_ours() ? 2 + 5 : 2);
    ck_assert_uint_ge(value_of(sample, &MemorySetGuid, MEMORY_LIVE_BYTES), 2 * 64);
    ck_assert_uint_gt(value_of(sample, &MemorySetGuid, MEMORY_COMMITTED), 4096);
    ck_assert_uint_ge(value_of(sample, &MemorySetGuid, MEMORY_THREADS), 1);
    ck_assert_uint_le(value_of(sample, &MemorySetGuid, MEMORY_THREADS), 3);
    perflib_query_close(query);
    ck_assert(session_close(&session, heap, &problem));
    publisher_stop(&problem);
    ck_assert_ptr_null(problem.function);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* What all samples of a server with such options must look like. */
static void check_sample(const struct perflib_sample *sample, uint64_t most_requests)
{
    uint64_t requests = 0;

    for (size_t i = 0; i < sample->n_values; i++) {
        const struct perflib_value *value = &sample->values[i];

        if (memcmp(&value->set, &SessionSetGuid, sizeof value->set) != 0) {
            continue;
        }
        if (value->counter == SESSION_BUFFERED) {
            /* Between its creation and the binding an instance has no address to read from. */
            ck_assert(value->status == ERROR_SUCCESS || value->status == ERROR_NO_DATA);
            continue;
        }
        ck_assert_uint_eq(value->status, ERROR_SUCCESS);
        ck_assert_uint_ge(value->instance_id, 1);
        ck_assert_uint_le(value->instance_id, 8);
        if (value->counter == SESSION_REQUESTS) {
            ck_assert_uint_le(value->value, 50);
            requests += value->value;
        } else if (value->counter == SESSION_PENDING) {
            ck_assert_uint_lt(value->value, 16 + 8);
        }
    }
    ck_assert_uint_le(requests, most_requests);
    ck_assert_uint_gt(value_of(sample, &MemorySetGuid, MEMORY_LIVE_BLOCKS), 2);
    ck_assert_uint_eq(value_of(sample, &MemorySetGuid, MEMORY_FAULTS), 0);
}

START_TEST(collected_while_it_works)
{
    enum { REQUESTS = 30000, REQUESTS_OF_A_SESSION = 50 };
    static const struct server_options options = {
        .threads = 3, .sessions = 8, .requests = REQUESTS, .session_requests = REQUESTS_OF_A_SESSION};
    const struct perflib_sample *sample = NULL;
    struct perflib_query *query;
    unsigned samples = 0;

    ck_assert(server_open(&server, &options));
    query = open_query();
    ck_assert(server_start(&server));
    do {
        ck_assert_uint_eq(perflib_query_collect(query, &sample), ERROR_SUCCESS);
        check_sample(sample, REQUESTS);
        samples++;
    } while (!platform_event_wait(&server.stop, 0));
    perflib_query_close(query);
    server_close(&server, stdout);
    ck_assert_uint_eq(server.left, 0);
    ck_assert_msg(server.problem.function == NULL, "%s: error %lu", server.problem.function, (unsigned long)server.problem.error);
    ck_assert_uint_ge(server.requests, REQUESTS);
    ck_assert_uint_ge(server.opened, REQUESTS / REQUESTS_OF_A_SESSION / 2);
    ck_assert_uint_eq(server.refused, 0);
    printf("%u collections while %lu sessions came and went\n", samples, (unsigned long)server.opened);
}
END_TEST

START_TEST(the_server_starts_and_stops_again_and_again)
{
    static const struct server_options options = {.threads = 2, .sessions = 4, .requests = 200, .session_requests = 7};

    for (int i = 0; i < 50; i++) {
        ck_assert(server_open(&server, &options));
        ck_assert(server_start(&server));
        server_wait(&server, PLATFORM_FOREVER);
        server_close(&server, stdout);
        ck_assert_uint_eq(server.left, 0);
        ck_assert_ptr_null(server.problem.function);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("provider");
    TCase *alone = tcase_create("alone");
    TCase *busy = tcase_create("busy");

    tcase_add_checked_fixture(alone, use_our_perflib, NULL);
    tcase_add_test(alone, the_provider_lives_in_the_heap);
    tcase_add_loop_test(alone, what_is_counted_is_what_is_collected, 0, PERFLIBS);
    suite_add_tcase(suite, alone);
    tcase_add_checked_fixture(busy, use_our_perflib, NULL);
    tcase_add_test(busy, collected_while_it_works);
    tcase_add_test(busy, the_server_starts_and_stops_again_and_again);
    suite_add_tcase(suite, busy);
    return suite;
}
