/* Runs of freed large blocks that a thread's pool keeps: which, and for what. */
#include "kept.h"

#include "support/heap_check.h"
#include "support/pattern.h"
#include "support/threads.h"

#include <string.h>

enum { RELEASED = 64 /* of so many frees one goes to the arena */ };

/* The next block as long is the one that was freed, and the arena hears of neither. */
START_TEST(freed_goes_first)
{
    struct perfpool_heap *heap = begin(PERFPOOL_NO_ZERO);
    keep_one_of_each(heap);
    for (uint32_t n = 1; n <= KEPT_LENGTH_MAX; n++) {
        const size_t size = n * (size_t)SPAN_SIZE;
        const uint64_t counts = heap->arena.counts;
        char *block = AllocateMemory(size - 100, heap);
        ck_assert_uint_eq(perfpool_block_size(block, heap), size - 64);
        ck_assert_uint_eq(kept(heap), 10 - n);
        check_equations(heap, 1);
        check_heap(heap);
        FreeMemory(block, heap);
        ck_assert_uint_eq(kept(heap), 10);
        ck_assert_ptr_eq(take(heap, n), block);
        FreeMemory(block, heap);
        ck_assert_uint_eq(heap->arena.counts, counts);
        check_equations(heap, 0);
        check_heap(heap);
    }
    end(heap);
}
END_TEST

/* What is longer than the longest, or the second as long, goes to the arena. */
START_TEST(one_of_each_length)
{
    struct perfpool_heap *heap = begin(PERFPOOL_NO_ZERO);
    FreeMemory(take(heap, KEPT_LENGTH_MAX + 1), heap);
    ck_assert_uint_eq(kept(heap), 0);
    ck_assert_uint_eq(arena_in_use(&heap->arena), 0);
    keep_one_of_each(heap);
    ck_assert_uint_eq(arena_in_use(&heap->arena), 10);
    for (uint32_t n = 1; n <= KEPT_LENGTH_MAX; n++) {
        void *first = take(heap, n);
        void *second = take(heap, n);
        FreeMemory(first, heap);
        FreeMemory(second, heap);
        ck_assert_uint_eq(kept(heap), 10);
        ck_assert_uint_eq(arena_in_use(&heap->arena), 10);
    }
    end(heap);
}
END_TEST

/* Of RELEASED frees one goes to the arena, where a while is counted in them: else what was used once would stay committed. */
START_TEST(a_while_passes)
{
    struct perfpool_heap *heap = begin(PERFPOOL_NO_ZERO);
    void *much[RESERVE / 4];
    for (uint32_t i = 0; i < RESERVE / 4; i++)
        much[i] = take(heap, 32);
    for (uint32_t i = 0; i < RESERVE / 4; i++)
        FreeMemory(much[i], heap);
    ck_assert_uint_gt(arena_spare(&heap->arena), 4 * SPARE_SPANS_MIN);
    for (uint32_t i = 0; i < 1000 * RELEASED; i++)
        FreeMemory(take(heap, 1), heap);
    ck_assert_uint_le(arena_spare(&heap->arena), SPARE_SPANS_MIN);
    check_equations(heap, 0);
    end(heap);
}
END_TEST

/* A heap that checks every call keeps nothing, and gives nobody a pool for it. */
START_TEST(not_where_every_call_is_checked)
{
    static const uint32_t flags[] = {PERFPOOL_CHECK_REMOTE, PERFPOOL_POISON};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        struct perfpool_heap *heap = begin(flags[i]);
        for (uint32_t n = 1; n <= KEPT_LENGTH_MAX; n++)
            FreeMemory(take(heap, n), heap);
        ck_assert_uint_eq(arena_in_use(&heap->arena), 0);
        ck_assert_uint_eq(heap->n_pools, 0);
        FreeMemory(AllocateMemory(64, heap), heap);
        for (uint32_t n = 1; n <= KEPT_LENGTH_MAX; n++)
            FreeMemory(take(heap, n), heap);
        ck_assert_uint_eq(kept(heap), 0);
        perfpool_heap_trim(heap);
        end(heap);
    }
}
END_TEST

START_TEST(cleared_again)
{
    struct perfpool_heap *heap = begin(0);
    for (uint32_t spans = 1; spans <= KEPT_LENGTH_MAX; spans++) {
        const size_t size = spans * (size_t)SPAN_SIZE;
        void *block = take(heap, spans);
        ck_assert(pattern_is_all(block, size, 0));
        memset(block, 0xee, size);
        FreeMemory(block, heap);
        ck_assert_uint_ge(kept(heap), spans);
        ck_assert_ptr_eq(take(heap, spans), block);
        ck_assert(pattern_is_all(block, size, 0));
        FreeMemory(block, heap);
    }
    end(heap);
}
END_TEST

/* To its callers a kept block is a freed one. */
START_TEST(misuse_of_a_kept_block)
{
    struct fault_log log = {0};
    struct perfpool_heap *heap = internals_heap(RESERVE * MEBIBYTE, 0, 0, &log);
    char *block = take(heap, 3);
    char *inside[] = {block + 64, block + SPAN_SIZE, block + 2 * SPAN_SIZE + 64};
    FreeMemory(block, heap);
    ck_assert_uint_eq(kept(heap), 3);
    FreeMemory(block, heap);
    ck_assert_uint_eq(fault_log_count(&log), 1);
    ck_assert_int_eq(log.entries[0].fault.kind, PERFPOOL_FAULT_DOUBLE_FREE);
    ck_assert_uint_eq(log.entries[0].fault.block_size, 3 * (size_t)SPAN_SIZE);
    for (uint32_t i = 0; i < 3; i++) {
        FreeMemory(inside[i], heap);
        ck_assert_uint_eq(fault_log_count(&log), i + 2);
        ck_assert_int_eq(log.entries[i + 1].fault.kind, PERFPOOL_FAULT_NOT_ALLOCATED);
        ck_assert_uint_eq(perfpool_block_size(inside[i], heap), 0);
    }
    ck_assert_uint_eq(perfpool_block_size(block, heap), 0);
    ck_assert_uint_eq(kept(heap), 3);
    check_heap(heap);
    ck_assert_ptr_eq(take(heap, 3), block);
    for (uint32_t i = 0; i < 3; i++) {
        FreeMemory(inside[i], heap);
        ck_assert_uint_eq(fault_log_count(&log), i + 5);
        ck_assert_int_eq(log.entries[i + 4].fault.kind, PERFPOOL_FAULT_INTERIOR);
    }
    ck_assert_uint_eq(kept(heap), 0);
    FreeMemory(block, heap);
    ck_assert_uint_eq(fault_log_count(&log), 7);
    end(heap);
}
END_TEST

/* A thread that only allocates large blocks needs no pool: a small heap has few. */
START_TEST(no_pool_to_allocate)
{
    struct perfpool_heap *heap = begin(PERFPOOL_NO_ZERO);
    void *block = take(heap, 1);
    ck_assert_uint_eq(heap->n_pools, 0);
    FreeMemory(block, heap);
    ck_assert_uint_eq(heap->n_pools, 1);
    ck_assert_uint_eq(kept(heap), 1);
    ck_assert_ptr_eq(take(heap, 1), block);
    FreeMemory(block, heap);
    end(heap);
}
END_TEST

static void free_one(void *argument)
{
    FreeMemory(take(argument, 1), argument);
}

static void free_one_and_end(void *argument)
{
    free_one(argument);
    thread_exit();
}

/* Half of the pools that a heap can have are not for this. */
START_TEST(pools_are_left_for_small_blocks)
{
    struct perfpool_heap *heap = begin(PERFPOOL_NO_ZERO);
    heap->arena.pools_max = 2;
    thread_run(free_one_and_end, heap);
    ck_assert_uint_eq(heap->n_pools, 1);
    free_one(heap);
    ck_assert_uint_eq(kept(heap), 0);
    ck_assert_uint_eq(arena_in_use(&heap->arena), 0);
    end(heap);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("kept");
    TCase *runs = tcase_create("runs");
    tcase_add_test(runs, freed_goes_first);
    tcase_add_test(runs, one_of_each_length);
    tcase_add_test(runs, a_while_passes);
    tcase_add_test(runs, not_where_every_call_is_checked);
    tcase_add_test(runs, cleared_again);
    tcase_add_test(runs, misuse_of_a_kept_block);
    tcase_add_test(runs, no_pool_to_allocate);
    tcase_add_test(runs, pools_are_left_for_small_blocks);
    suite_add_tcase(suite, runs);
    return suite;
}
