/*
 * PerfAutoInitialize, the entry point of Vista's kind of generated code (perfpool-ctrpp -legacy -MemoryRoutines), with perfpool's
 * callbacks: every block of the PERFLIB in use comes from the heap that pMemContext names, and it is empty after PerfAutoCleanup.
 */
#include "perflib_headers.h"

#include "counters.h"
#include "harness.h"
#include "perflib_consumer.h"
#include "perflib_strict.h"
#include "perflib_table.h"
#include "support/heap_check.h"
#include "support/heaps.h"

#include <string.h>

enum { REQUESTS = 1, PENDING = 4, BUFFERED = 7 }; /* ids of counters.man: this kind of code has no symbols for them */

static void use_our_perflib(void)
{
    perflib_use(perflib_test());
}

/* A session is created, counted, collected and deleted; its block is the heap's. */
static void use_session(perfpool_heap *heap)
{
    PERF_COUNTERSET_INSTANCE *session = PerfCreateInstance(hDataSource_counters_1, &CtrSetGuid_counters_1_1, WIDE("client"), 1);
    volatile uint64_t *buffered = AllocateMemory(sizeof *buffered, heap);
    const struct perflib_sample *sample = NULL;
    struct perflib_query *query = NULL;

    ck_assert_ptr_nonnull(session);
    ck_assert_ptr_nonnull((void *)buffered);
    ck_assert_uint_ge(perfpool_block_size(session, heap), session->dwSize);
    ck_assert_uint_eq(PerfIncrementULongLongCounterValue(hDataSource_counters_1, session, REQUESTS, 3), ERROR_SUCCESS);
    ck_assert_uint_eq(PerfSetULongCounterValue(hDataSource_counters_1, session, PENDING, 5), ERROR_SUCCESS);
    ck_assert_uint_eq(PerfSetCounterRefValue(hDataSource_counters_1, session, BUFFERED, (PVOID)buffered), ERROR_SUCCESS);
    *buffered = 777;
    ck_assert_uint_eq(perflib_query_open(&query), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib_query_add(query, &CtrSetGuid_counters_1_1, WIDE("client"), 1, REQUESTS), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib_query_add(query, &CtrSetGuid_counters_1_1, WIDE("client"), 1, PENDING), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib_query_add(query, &CtrSetGuid_counters_1_1, WIDE("client"), 1, BUFFERED), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib_query_collect(query, &sample), ERROR_SUCCESS);
    ck_assert_uint_eq(sample->n_values, 3);
    ck_assert_uint_eq(sample->values[0].value, 3);
    ck_assert_uint_eq(sample->values[1].value, 5);
    ck_assert_uint_eq(sample->values[2].value, 777);
    perflib_query_close(query);
    ck_assert_uint_eq(PerfDeleteInstance(hDataSource_counters_1, session), ERROR_SUCCESS);
    FreeMemory((void *)buffered, heap);
    check_heap(heap);
}

START_TEST(perf_auto_initialize_and_clean_up)
{
    perfpool_heap *heap = heap_make(0);

    for (int i = 0; i < 3; i++) {
        pMemContext_counters_1 = heap;
        ck_assert_uint_eq(PerfAutoInitialize(), ERROR_SUCCESS);
        ck_assert_ptr_nonnull(hDataSource_counters_1);
        ck_assert_uint_ne(perfpool_block_size(hDataSource_counters_1, heap), 0);
        ck_assert_uint_gt(heap_figures(heap).live_blocks, 2);
        use_session(heap);
        ck_assert_uint_eq(PerfAutoCleanup(), ERROR_SUCCESS);
        ck_assert_ptr_null(hDataSource_counters_1);
        ck_assert_uint_eq(heap_figures(heap).live_blocks, 0);
        ck_assert_uint_eq(PerfAutoCleanup(), ERROR_SUCCESS);
    }
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

START_TEST(the_context_is_the_default_heap_unless_set)
{
    const uint64_t before = heap_figures(NULL).live_blocks;

    pMemContext_counters_1 = NULL;
    ck_assert_uint_eq(PerfAutoInitialize(), ERROR_SUCCESS);
    ck_assert_uint_gt(heap_figures(NULL).live_blocks, before);
    use_session(NULL);
    ck_assert_uint_eq(PerfAutoCleanup(), ERROR_SUCCESS);
    ck_assert_uint_eq(heap_figures(NULL).live_blocks, before);
}
END_TEST

START_TEST(each_failed_allocation_leaves_nothing_running)
{
    perfpool_heap *heap = heap_make(0);
    unsigned failed = 0;
    ULONG error;

    pMemContext_counters_1 = heap;
    for (;;) {
        perflib_fail_allocation(failed + 1);
        error = PerfAutoInitialize();
        perflib_fail_allocation(0);
        if (error == ERROR_SUCCESS) {
            break;
        }
        ck_assert(error == ERROR_NOT_ENOUGH_MEMORY || error == ERROR_OUTOFMEMORY);
        ck_assert_ptr_null(hDataSource_counters_1);
        ck_assert_uint_eq(heap_figures(heap).live_blocks, 0);
        failed++;
    }
    /* The provider and two sets. */
    ck_assert_uint_ge(failed, 3);
    ck_assert_uint_eq(PerfAutoCleanup(), ERROR_SUCCESS);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("legacy");
    TCase *generated = tcase_create("generated");

    tcase_add_checked_fixture(generated, use_our_perflib, NULL);
    tcase_add_test(generated, perf_auto_initialize_and_clean_up);
    tcase_add_test(generated, the_context_is_the_default_heap_unless_set);
    tcase_add_test(generated, each_failed_allocation_leaves_nothing_running);
    suite_add_tcase(suite, generated);
    return suite;
}
