/* Both callbacks leave errno, or the last-error value, as they found it. */
#include "perfpool.h"

#include <stdint.h>

#include "harness.h"
#include "support/error_state.h"
#include "support/fault_log.h"
#include "support/heap_check.h"
#include "support/heaps.h"
#include "support/require.h"
#include "support/threads.h"

/* Calls both callbacks in every way that succeeds or fails quietly; the error state must stay as it was. */
static void check_error_state(perfpool_heap *heap, void *foreign)
{
    static const size_t sizes[] = {0, 64, 100, 4096, 32768, 65536, 1 << 20, 256 << 20, SIZE_MAX, SIZE_MAX - 63};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        error_state_set(ERROR_STATE_SENTINEL);
        void *block = AllocateMemory(sizes[i], heap);
        require(error_state_get() == ERROR_STATE_SENTINEL);
        error_state_set(ERROR_STATE_SENTINEL);
        FreeMemory(block, heap);
        require(error_state_get() == ERROR_STATE_SENTINEL);
    }
    error_state_set(ERROR_STATE_SENTINEL);
    FreeMemory(foreign, heap);
    require(error_state_get() == ERROR_STATE_SENTINEL);
}

struct error_job {
    perfpool_heap *heap;
    void *foreign;
    int frees_first;
};

/* On a new thread, where the first call also makes the pool; then again after detach. */
static void check_error_state_on_thread(void *argument)
{
    struct error_job *job = argument;
    if (job->frees_first) {
        error_state_set(ERROR_STATE_SENTINEL);
        FreeMemory(job->foreign, job->heap);
        require(error_state_get() == ERROR_STATE_SENTINEL);
        job->foreign = NULL;
    }
    check_error_state(job->heap, job->foreign);
    perfpool_thread_detach();
    check_error_state(job->heap, NULL);
}

START_TEST(error_state_is_left_alone)
{
    perfpool_heap *heap = heap_make(0);
    check_error_state(heap, AllocateMemory(64, heap));
    check_error_state(NULL, AllocateMemory(64, NULL));
    for (int i = 0; i < 4; i++) {
        struct error_job job = {i < 2 ? heap : NULL, NULL, i % 2};
        job.foreign = AllocateMemory(64, job.heap);
        thread_run(check_error_state_on_thread, &job);
    }
    check_heap(heap);
    check_heap(NULL);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

START_TEST(error_state_is_left_alone_at_the_limit_and_by_faults)
{
    struct fault_log log = {0};
    perfpool_options options = heap_options();
    options.limit = 4 * MEBIBYTE;
    options.on_fault = fault_log_handler;
    options.fault_arg = &log;
    perfpool_heap *heap = perfpool_heap_create(&options);
    ck_assert_ptr_nonnull(heap);
    void *blocks[1024];
    size_t count = 0;
    for (; count < 1024; count++) {
        error_state_set(ERROR_STATE_SENTINEL);
        blocks[count] = AllocateMemory(16384, heap);
        require(error_state_get() == ERROR_STATE_SENTINEL);
        if (blocks[count] == NULL)
            break;
    }
    ck_assert_uint_lt(count, 1024);
    ck_assert_uint_gt(count, 0);
    error_state_set(ERROR_STATE_SENTINEL);
    FreeMemory((char *)blocks[0] + 64, heap);
    FreeMemory(&options, heap);
    for (size_t i = 0; i < count; i++)
        FreeMemory(blocks[i], heap);
    require(error_state_get() == ERROR_STATE_SENTINEL);
    ck_assert_uint_eq(fault_log_count(&log), 2);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("error_state");
    TCase *callbacks = tcase_create("callbacks");
    tcase_add_test(callbacks, error_state_is_left_alone);
    tcase_add_test(callbacks, error_state_is_left_alone_at_the_limit_and_by_faults);
    suite_add_tcase(suite, callbacks);
    return suite;
}
