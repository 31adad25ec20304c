/*
 * The example server's whole life with the nth allocation failing, for all n until none does: start, counter sets, instances,
 * updates, a collection, deletions, stop. Each time: a documented error, nothing left behind, and the next life is as it should be.
 */
#include "server.h"

#include "counters.h"
#include "failing.h"
#include "harness.h"
#include "perflib_consumer.h"
#include "perflib_strict.h"
#include "perflib_table.h"

#include <stdio.h>
#include <string.h>

enum { SESSIONS = 4, REQUESTS = 400, REQUESTS_OF_A_SESSION = 10 };

struct life {
    bool opened;
    struct problem problem; /* the server's first */
    ULONG collect_error;
    size_t collected; /* values */
    uint64_t sessions;
    uint64_t refused;
    size_t left;
};

static struct server server;

static void note_collection(struct life *life, ULONG error)
{
    if (life->collect_error == ERROR_SUCCESS) {
        life->collect_error = error;
    }
}

static void collect(struct life *life)
{
    const struct perflib_sample *sample = NULL;
    struct perflib_query *query = NULL;

    note_collection(life, perflib_query_open(&query));
    if (query == NULL) {
        return;
    }
    note_collection(life, perflib_query_add(query, &SessionSetGuid, PERF_WILDCARD_INSTANCE, 0, PERF_WILDCARD_COUNTER));
    note_collection(life, perflib_query_add(query, &MemorySetGuid, NULL, 0, PERF_WILDCARD_COUNTER));
    note_collection(life, perflib_query_collect(query, &sample));
    life->collected = sample != NULL ? sample->n_values : 0;
    perflib_query_close(query);
}

/* One life. The one worker's work is done by this thread, so each life allocates the same. */
static void live(struct life *life)
{
    static const struct server_options options = {
        .threads = 1, .sessions = SESSIONS, .requests = REQUESTS, .session_requests = REQUESTS_OF_A_SESSION};

    memset(life, 0, sizeof *life);
    life->opened = server_open(&server, &options);
    if (life->opened) {
        server_work(&server.workers[0]);
        collect(life);
        server_close(&server, stdout);
    }
    life->problem = server.problem;
    life->sessions = server.opened;
    life->refused = server.refused;
    life->left = server.left;
    ck_assert_ptr_null(ExampleServer);
}

static bool is_memory_error(ULONG error)
{
    return error == ERROR_NOT_ENOUGH_MEMORY || error == ERROR_OUTOFMEMORY;
}

static void check_good_life(const struct life *life)
{
    ck_assert(life->opened);
    ck_assert_msg(life->problem.function == NULL, "%s: error %lu", life->problem.function, (unsigned long)life->problem.error);
    ck_assert_uint_eq(life->collect_error, ERROR_SUCCESS);
    /* All six of the memory set, and seven of each session that is open. */
    ck_assert_uint_ge(life->collected, 6 + 7);
    ck_assert_uint_eq(life->refused, 0);
    ck_assert_uint_gt(life->sessions, SESSIONS);
    ck_assert_uint_eq(life->left, 0);
}

static void check_failed_life(const struct life *life, unsigned n)
{
    ck_assert_msg(life->left == 0, "allocation %u failed: %lu blocks left", n, (unsigned long)life->left);
    ck_assert_msg(life->problem.function != NULL || life->collect_error != ERROR_SUCCESS, "allocation %u failed: nobody noticed",
                  n);
    if (life->problem.function != NULL) {
        ck_assert_msg(is_memory_error(life->problem.error), "allocation %u failed: %s gave %lu", n, life->problem.function,
                      (unsigned long)life->problem.error);
    }
    if (life->collect_error != ERROR_SUCCESS) {
        ck_assert_msg(is_memory_error(life->collect_error), "allocation %u failed: a collection gave %lu", n,
                      (unsigned long)life->collect_error);
    }
    /* Only the start gives up; later on one session is not counted, and the next one is. */
    if (life->opened) {
        ck_assert_uint_le(life->refused, 1);
        ck_assert_uint_ge(life->sessions, SESSIONS);
    }
}

/* Lives until one has no failure. `set` chooses which allocation fails, `has_failed` says whether it did. */
static void fail_all(void (*set)(unsigned n), bool (*has_failed)(void))
{
    struct life life;
    unsigned failed_starts = 0;
    unsigned refused = 0;
    unsigned n = 0;
    bool failed;

    do {
        n++;
        set(n);
        live(&life);
        failed = has_failed();
        set(0);
        if (failed) {
            check_failed_life(&life, n);
            failed_starts += !life.opened;
            refused += (unsigned)life.refused;
            live(&life);
        }
        check_good_life(&life);
    } while (failed);
    printf("%u allocations failed: %u in the start, %u in sessions\n", n - 1, failed_starts, refused);
    ck_assert_uint_ge(failed_starts, 3);
    ck_assert_uint_ge(refused, REQUESTS / REQUESTS_OF_A_SESSION);
}

START_TEST(each_allocation_of_the_server_and_of_perflib_fails_in_turn)
{
    fail_all(failing_set, failing_has_failed);
}
END_TEST

static unsigned chosen;

static void perflib_set(unsigned n)
{
    chosen = n;
    perflib_fail_allocation(n);
}

/* perflib_fail_allocation(0) returns 0 if the chosen one has failed. */
static bool perflib_has_failed(void)
{
    return chosen != 0 && perflib_fail_allocation(0) == 0;
}

START_TEST(each_allocation_of_perflib_fails_in_turn)
{
    fail_all(perflib_set, perflib_has_failed);
}
END_TEST

START_TEST(no_heap_is_a_failed_start)
{
    static perfpool_heap *heaps[1100];
    static const struct server_options options = {.threads = 1, .sessions = 1, .session_requests = 1};
    perfpool_options small = {.size = sizeof small, .reserve = (size_t)1 << 20};
    size_t made = 0;

    while (made < sizeof heaps / sizeof heaps[0] && (heaps[made] = perfpool_heap_create(&small)) != NULL) {
        made++;
    }
    ck_assert(!server_open(&server, &options));
    ck_assert_str_eq(server.problem.function, "perfpool_heap_create");
    ck_assert(is_memory_error(server.problem.error));
    ck_assert_uint_eq(server.left, 0);
    while (made > 0) {
        ck_assert_uint_eq(perfpool_heap_destroy(heaps[--made], 0), 0);
    }
    ck_assert(server_open(&server, &options));
    server_close(&server, stdout);
    ck_assert_uint_eq(server.left, 0);
}
END_TEST

/* Its allocations are known: all of them go through the callbacks. */
static void use_our_perflib(void)
{
    perflib_use(perflib_test());
}

Suite *make_suite(void)
{
    Suite *suite = suite_create("failures");
    TCase *memory = tcase_create("memory");

    tcase_add_checked_fixture(memory, use_our_perflib, NULL);
    tcase_add_test(memory, each_allocation_of_the_server_and_of_perflib_fails_in_turn);
    tcase_add_test(memory, each_allocation_of_perflib_fails_in_turn);
    tcase_add_test(memory, no_heap_is_a_failed_start);
    suite_add_tcase(suite, memory);
    return suite;
}
