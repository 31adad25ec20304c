/* Heaps: made, told apart, destroyed. */
#include "perfpool.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "support/error_state.h"
#include "support/fault_log.h"
#include "support/heap_check.h"
#include "support/heaps.h"
#include "support/require.h"
#include "support/threads.h"

#define REFUSED ((size_t)-1)

/* ---- options ---- */

static void check_refused(const perfpool_options *options, const char *what)
{
    error_state_set(ERROR_STATE_SENTINEL);
    perfpool_heap *heap = perfpool_heap_create(options);
    const int error = error_state_get();
    ck_assert_msg(heap == NULL, "%s was accepted", what);
    ck_assert_msg(error == ERROR_STATE_INVALID, "%s: error %d", what, error);
}

START_TEST(options_out_of_range_are_refused)
{
    perfpool_options options = heap_options();
    options.size = 0;
    check_refused(&options, "size 0");
    options.size = sizeof(options) - 1;
    check_refused(&options, "a size too small");
    options.size = sizeof(options) + 8;
    check_refused(&options, "a size too large");
    options = heap_options();
    options.flags = 8;
    check_refused(&options, "flag 8");
    options.flags = 0x80000000u | PERFPOOL_NO_ZERO;
    check_refused(&options, "flag 0x80000000");
    options = heap_options();
    options.isolation = 65;
    check_refused(&options, "isolation 65");
    options.isolation = 32;
    check_refused(&options, "isolation 32");
    options.isolation = 256;
    check_refused(&options, "isolation 256");
    options = heap_options();
    options.unused = 1;
    check_refused(&options, "unused 1");
#if SIZE_MAX > UINT32_MAX /* else no size is out of range */
    options = heap_options();
    options.reserve = ((size_t)256 << 30) + 1;
    check_refused(&options, "reserve above 256 GiB");
    options.reserve = SIZE_MAX;
    check_refused(&options, "reserve SIZE_MAX");
#endif
}
END_TEST

/* What the system cannot give is not given in part. */
START_TEST(explicit_reserve_is_all_or_nothing)
{
    perfpool_options options = heap_options();
    if (sizeof(void *) == 4) { /* no process has all of what 32 bits can name */
        options.reserve = SIZE_MAX;
        error_state_set(ERROR_STATE_SENTINEL);
        const perfpool_heap *none = perfpool_heap_create(&options);
        const int error = error_state_get();
        ck_assert_ptr_null(none);
        ck_assert_int_eq(error, ERROR_STATE_NO_MEMORY);
    }
    options.reserve = 48 * MEBIBYTE;
    perfpool_heap *heap = perfpool_heap_create(&options);
    ck_assert_ptr_nonnull(heap);
    ck_assert_uint_eq(heap_figures(heap).reserved, 48 * MEBIBYTE);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

START_TEST(limit_bounds_what_is_committed)
{
    perfpool_options options = heap_options();
    options.limit = 8 * MEBIBYTE;
    perfpool_heap *heap = perfpool_heap_create(&options);
    ck_assert_ptr_nonnull(heap);
    ck_assert_uint_le(heap_figures(heap).reserved, 16 * MEBIBYTE);
    ck_assert_ptr_null(AllocateMemory(9 * MEBIBYTE, heap));
    void *block = AllocateMemory(4 * MEBIBYTE, heap);
    ck_assert_ptr_nonnull(block);
    ck_assert_ptr_null(AllocateMemory(5 * MEBIBYTE, heap));
    ck_assert_uint_le(heap_figures(heap).committed, options.limit);
    FreeMemory(block, heap);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

START_TEST(precommit_is_committed_at_creation)
{
    perfpool_options options = heap_options();
    options.reserve = 64 * MEBIBYTE;
    options.precommit = 5 * MEBIBYTE;
    perfpool_heap *heap = perfpool_heap_create(&options);
    ck_assert_ptr_nonnull(heap);
    ck_assert_uint_ge(heap_figures(heap).committed, 5 * MEBIBYTE);
    perfpool_heap *without = heap_make(0);
    ck_assert_uint_lt(heap_figures(without).committed, MEBIBYTE);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(without, 0), 0);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* A heap without a name has one that the library gives it. */
START_TEST(name_is_copied_to_31_characters)
{
    struct fault_log log = {0};
    char name[64] = "a name that is much longer than thirty-one characters";
    perfpool_heap *heap = heap_make_logged(name, 0, &log);
    memset(name, 'x', 10);
    FreeMemory(&log, heap);
    ck_assert_uint_eq(fault_log_count(&log), 1);
    ck_assert_str_eq(log.entries[0].heap_name, "a name that is much longer than");
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);

    fault_log_clear(&log);
    heap = heap_make_logged(NULL, 0, &log);
    FreeMemory(&log, heap);
    char quoted[FAULT_LOG_TEXT];
    snprintf(quoted, sizeof(quoted), "heap \"%.200s\" 0x", log.entries[0].heap_name);
    ck_assert_ptr_nonnull(strstr(log.entries[0].text, quoted));
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* ---- destroy ---- */

START_TEST(destroy_is_refused_while_blocks_are_live)
{
    perfpool_heap *heap = heap_make(0);
    void *small[3];
    for (int i = 0; i < 3; i++)
        small[i] = AllocateMemory(100, heap);
    void *large = AllocateMemory(100000, heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 4);
    FreeMemory(small[1], heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 3);
    memset(small[0], 1, 100);
    check_heap(heap);
    FreeMemory(small[0], heap);
    FreeMemory(small[2], heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 1);
    void *again = AllocateMemory(100, heap);
    ck_assert_ptr_nonnull(again);
    FreeMemory(again, heap);
    FreeMemory(large, heap);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

START_TEST(destroy_live_counts_and_destroys)
{
    perfpool_heap *heap = heap_make(0);
    for (int i = 0; i < 1000; i++)
        ck_assert_ptr_nonnull(AllocateMemory(100, heap));
    ck_assert_ptr_nonnull(AllocateMemory(1 << 20, heap));
    ck_assert_uint_eq(perfpool_heap_destroy(heap, PERFPOOL_DESTROY_LIVE), 1001);
}
END_TEST

static void check_destroy_refused(perfpool_heap *heap, unsigned flags)
{
    error_state_set(ERROR_STATE_SENTINEL);
    const size_t answer = perfpool_heap_destroy(heap, flags);
    const int error = error_state_get();
    ck_assert_uint_eq(answer, REFUSED);
    ck_assert_int_eq(error, ERROR_STATE_INVALID);
}

START_TEST(destroy_of_null_and_default_is_refused)
{
    perfpool_heap *standard = perfpool_heap_default(NULL);
    ck_assert_ptr_nonnull(standard);
    check_destroy_refused(NULL, 0);
    check_destroy_refused(NULL, PERFPOOL_DESTROY_LIVE);
    check_destroy_refused(standard, 0);
    check_destroy_refused(standard, PERFPOOL_DESTROY_LIVE);
    check_heap(standard);
}
END_TEST

/* Threads that still have a pool in the heap when it goes must neither keep nor follow it. */
struct bystander {
    perfpool_heap *doomed;
    struct semaphore used, destroyed;
    perfpool_heap *next;
};

static void stand_by(void *argument)
{
    struct bystander *bystander = argument;
    FreeMemory(AllocateMemory(64, bystander->doomed), bystander->doomed);
    semaphore_post(&bystander->used);
    semaphore_wait(&bystander->destroyed);
    void *block = AllocateMemory(64, bystander->next);
    require(block != NULL && perfpool_block_size(block, bystander->next) == 64);
    FreeMemory(block, bystander->next);
}

START_TEST(destroy_while_other_threads_have_pools)
{
    for (int round = 0; round < 50; round++) {
        struct bystander bystander = {.doomed = heap_make(0)};
        struct thread thread;
        semaphore_init(&bystander.used);
        semaphore_init(&bystander.destroyed);
        thread_start(&thread, stand_by, &bystander);
        semaphore_wait(&bystander.used);
        ck_assert_uint_eq(perfpool_heap_destroy(bystander.doomed, 0), 0);
        bystander.next = heap_make(0);
        semaphore_post(&bystander.destroyed);
        thread_join(&thread);
        check_heap(bystander.next);
        ck_assert_uint_eq(perfpool_heap_destroy(bystander.next, 0), 0);
        semaphore_destroy(&bystander.used);
        semaphore_destroy(&bystander.destroyed);
    }
}
END_TEST

/* ---- many heaps ---- */

enum { HEAPS = sizeof(void *) == 8 ? 256 : 16 }; /* with 64 MiB each, in 2 GiB of addresses */

START_TEST(many_heaps_at_once)
{
    static perfpool_heap *heaps[HEAPS];
    static void *blocks[HEAPS];
    for (size_t i = 0; i < HEAPS; i++) {
        heaps[i] = heap_make(0);
        blocks[i] = AllocateMemory(64 + i, heaps[i]);
        ck_assert_ptr_nonnull(blocks[i]);
    }
    for (size_t i = 0; i < HEAPS; i++) {
        ck_assert_uint_ge(perfpool_block_size(blocks[i], heaps[i]), 64 + i);
        ck_assert_uint_eq(perfpool_block_size(blocks[i], heaps[(i + 1) % HEAPS]), 0);
        ck_assert_uint_eq(heap_figures(heaps[i]).live_blocks, 1);
    }
    for (size_t i = 0; i < HEAPS; i++) {
        check_heap(heaps[i]);
        FreeMemory(blocks[i], heaps[i]);
        ck_assert_uint_eq(perfpool_heap_destroy(heaps[i], 0), 0);
    }
}
END_TEST

/* More heaps over time than there can be at once. */
START_TEST(slots_are_used_again)
{
    for (int i = 0; i < 3000; i++) {
        perfpool_options options = heap_options();
        options.reserve = MEBIBYTE;
        perfpool_heap *heap = perfpool_heap_create(&options);
        ck_assert_msg(heap != NULL, "heap %d cannot be made", i);
        void *block = AllocateMemory(100, heap);
        ck_assert_ptr_nonnull(block);
        ck_assert_uint_eq(heap_figures(heap).live_blocks, 1);
        FreeMemory(block, heap);
        ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
    }
}
END_TEST

START_TEST(more_heaps_than_slots_are_refused)
{
    static perfpool_heap *heaps[1100];
    perfpool_options options = heap_options();
    options.reserve = MEBIBYTE;
    size_t count = 0;
    error_state_set(ERROR_STATE_SENTINEL);
    while (count < 1100 && (heaps[count] = perfpool_heap_create(&options)) != NULL)
        count++;
    ck_assert_int_eq(error_state_get(), ERROR_STATE_NO_MEMORY);
    ck_assert_uint_ge(count, sizeof(void *) == 8 ? 1022 : 256); /* in 2 GiB of addresses there is no room for all */
    ck_assert_uint_le(count, 1024);
    ck_assert_uint_eq(perfpool_heap_destroy(heaps[0], 0), 0);
    heaps[0] = perfpool_heap_create(&options);
    ck_assert_ptr_nonnull(heaps[0]);
    for (size_t i = 0; i < count; i++)
        ck_assert_uint_eq(perfpool_heap_destroy(heaps[i], 0), 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("heaps");
    TCase *options = tcase_create("options");
    tcase_add_test(options, options_out_of_range_are_refused);
    tcase_add_test(options, explicit_reserve_is_all_or_nothing);
    tcase_add_test(options, limit_bounds_what_is_committed);
    tcase_add_test(options, precommit_is_committed_at_creation);
    tcase_add_test(options, name_is_copied_to_31_characters);
    suite_add_tcase(suite, options);

    TCase *destroy = tcase_create("destroy");
    tcase_add_test(destroy, destroy_is_refused_while_blocks_are_live);
    tcase_add_test(destroy, destroy_live_counts_and_destroys);
    tcase_add_test(destroy, destroy_of_null_and_default_is_refused);
    tcase_add_test(destroy, destroy_while_other_threads_have_pools);
    suite_add_tcase(suite, destroy);

    TCase *many = tcase_create("many");
    tcase_add_test(many, many_heaps_at_once);
    tcase_add_test(many, slots_are_used_again);
    tcase_add_test(many, more_heaps_than_slots_are_refused);
    suite_add_tcase(suite, many);

    return suite;
}
