/* What a block holds when it is handed out, and that it shares no cache line with any other block. */
#include "perfpool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "support/generator.h"
#include "support/heap_check.h"
#include "support/heaps.h"
#include "support/pattern.h"
#include "support/require.h"
#include "support/threads.h"
#include "support/valgrind.h"

enum { SPAN = 65536 };

enum { DIRTY_BLOCKS = 300 };

/* Dirties `count` blocks of one size and takes as many again: all must be zero. */
static void dirty_and_reuse(perfpool_heap *heap, size_t size, size_t count)
{
    unsigned char *blocks[DIRTY_BLOCKS];
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < count; i++) {
            blocks[i] = AllocateMemory(size, heap);
            ck_assert_ptr_nonnull(blocks[i]);
            const size_t usable = perfpool_block_size(blocks[i], heap);
            ck_assert_msg(pattern_is_all(blocks[i], usable, 0), "round %d: block %zu of %zu bytes is not zero", round, i, size);
            memset(blocks[i], 0xa5, usable);
        }
        for (size_t i = 0; i < count; i++)
            FreeMemory(blocks[i], heap);
    }
}

START_TEST(blocks_are_zero_after_reuse)
{
    perfpool_heap *heap = heap_make(0);
    const perfpool_stats stats = heap_figures(heap);
    for (uint32_t i = 0; i < stats.classes; i++) {
        dirty_and_reuse(heap, stats.class_stats[i].block_size, DIRTY_BLOCKS);
        dirty_and_reuse(heap, stats.class_stats[i].block_size - 7, 3);
        /* Spans go back and come again as those of another class, or as part of a large block. */
        if (i % 4 == 0)
            perfpool_heap_trim(heap);
    }
    dirty_and_reuse(heap, SPAN, 20);
    dirty_and_reuse(heap, 10 * SPAN + 1, 5);
    dirty_and_reuse(heap, 128 * SPAN, 1);
    perfpool_heap_trim(heap);
    dirty_and_reuse(heap, 640, DIRTY_BLOCKS);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/*
 * Sizes change from call to call, as where the next block is fetched ahead while this one is cleared: all of a block is zero, and
 * nothing of its neighbours.
 */
START_TEST(blocks_of_changing_sizes_are_zero_after_reuse)
{
    enum { REPLACEMENTS = 40000, LARGEST = 4096 };
    static unsigned char *blocks[DIRTY_BLOCKS];
    perfpool_heap *heap = heap_make(0);
    struct generator random = generator_make(generator_seed("blocks_of_changing_sizes_are_zero_after_reuse"), 0);
    memset(blocks, 0, sizeof blocks);
    for (int i = 0; i < REPLACEMENTS; i++) {
        unsigned char **place = &blocks[generator_below(&random, DIRTY_BLOCKS)];
        if (*place != NULL)
            ck_assert_msg(pattern_is_all(*place, perfpool_block_size(*place, heap), 0xa5), "replacement %d: a block was written to",
                          i);
        FreeMemory(*place, heap);
        *place = AllocateMemory(1 + generator_below(&random, LARGEST), heap);
        ck_assert_ptr_nonnull(*place);
        const size_t usable = perfpool_block_size(*place, heap);
        ck_assert_msg(pattern_is_all(*place, usable, 0), "replacement %d: a block of %zu bytes is not zero", i, usable);
        memset(*place, 0xa5, usable);
    }
    for (size_t i = 0; i < DIRTY_BLOCKS; i++)
        FreeMemory(blocks[i], heap);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* Blocks are freed by another thread than the one that takes them next. */
struct free_job {
    perfpool_heap *heap;
    unsigned char *blocks[DIRTY_BLOCKS];
};

static void free_all(void *argument)
{
    struct free_job *job = argument;
    for (size_t i = 0; i < DIRTY_BLOCKS; i++)
        FreeMemory(job->blocks[i], job->heap);
}

START_TEST(blocks_freed_elsewhere_are_zero_after_reuse)
{
    struct free_job job = {.heap = heap_make(0)};
    for (int round = 0; round < 10; round++) {
        for (size_t i = 0; i < DIRTY_BLOCKS; i++) {
            job.blocks[i] = AllocateMemory(200, job.heap);
            const size_t usable = perfpool_block_size(job.blocks[i], job.heap);
            ck_assert(pattern_is_all(job.blocks[i], usable, 0));
            memset(job.blocks[i], 0xa5, usable);
        }
        thread_run(free_all, &job);
    }
    check_heap(job.heap);
    ck_assert_uint_eq(perfpool_heap_destroy(job.heap, 0), 0);
}
END_TEST

START_TEST(no_zero_leaves_blocks_as_they_are)
{
    perfpool_heap *heap = heap_make(PERFPOOL_NO_ZERO);
    unsigned char *blocks[DIRTY_BLOCKS];
    size_t dirty = 0;
    for (size_t i = 0; i < DIRTY_BLOCKS; i++) {
        blocks[i] = AllocateMemory(256, heap);
        memset(blocks[i], 0xa5, 256);
    }
    for (size_t i = 0; i < DIRTY_BLOCKS; i++)
        FreeMemory(blocks[i], heap);
    for (size_t i = 0; i < DIRTY_BLOCKS; i++) {
        blocks[i] = AllocateMemory(256, heap);
        valgrind_knows(blocks[i], 256);
        dirty += pattern_is_all(blocks[i], 256, 0xa5);
    }
    ck_assert_uint_gt(dirty, 0);
    for (size_t i = 0; i < DIRTY_BLOCKS; i++)
        FreeMemory(blocks[i], heap);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* Several threads take blocks of random sizes and keep them all. */
enum { SHARERS = 4, SHARED_BLOCKS = 2000 };

struct sharer {
    perfpool_heap *heap;
    struct generator generator;
    uintptr_t blocks[SHARED_BLOCKS];
};

static void take_blocks(void *argument)
{
    struct sharer *sharer = argument;
    for (size_t i = 0; i < SHARED_BLOCKS; i++) {
        const size_t size = generator_size(&sharer->generator, i % 50 == 0 ? 2 * SPAN : 2048);
        void *block = AllocateMemory(size, sharer->heap);
        require(block != NULL);
        sharer->blocks[i] = (uintptr_t)block;
    }
}

static int compare_addresses(const void *left, const void *right)
{
    const uintptr_t a = *(const uintptr_t *)left;
    const uintptr_t b = *(const uintptr_t *)right;
    return a < b ? -1 : a > b;
}

/* All blocks of all threads, by address: each starts on a unit of its own, behind the last unit of the one before it. */
static void check_no_shared_unit(perfpool_heap *heap, size_t unit, uint64_t seed)
{
    static struct sharer sharers[SHARERS];
    static uintptr_t all[SHARERS * SHARED_BLOCKS];
    struct thread threads[SHARERS];
    for (size_t i = 0; i < SHARERS; i++) {
        sharers[i].heap = heap;
        sharers[i].generator = generator_make(seed, i);
        thread_start(&threads[i], take_blocks, &sharers[i]);
    }
    for (size_t i = 0; i < SHARERS; i++) {
        thread_join(&threads[i]);
        memcpy(all + i * SHARED_BLOCKS, sharers[i].blocks, sizeof(sharers[i].blocks));
    }
    qsort(all, SHARERS * SHARED_BLOCKS, sizeof(all[0]), compare_addresses);
    uintptr_t end = 0;
    for (size_t i = 0; i < SHARERS * SHARED_BLOCKS; i++) {
        ck_assert_uint_eq(all[i] % unit, 0);
        ck_assert_msg(all[i] >= end, "two blocks share %zu bytes", unit);
        const size_t usable = perfpool_block_size((const void *)all[i], heap);
        ck_assert_uint_gt(usable, 0);
        end = (all[i] + usable + unit - 1) & ~(uintptr_t)(unit - 1);
    }
    check_heap(heap);
    for (size_t i = 0; i < SHARERS * SHARED_BLOCKS; i++)
        FreeMemory((void *)all[i], heap);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}

/* 8000 blocks of which each fiftieth is up to 128 KiB need more than the usual arena when they are unlucky. */
static perfpool_heap *make_isolated(uint32_t isolation)
{
    perfpool_options options = heap_options();
    options.reserve = 128 * MEBIBYTE;
    options.isolation = isolation;
    perfpool_heap *heap = perfpool_heap_create(&options);
    ck_assert_ptr_nonnull(heap);
    return heap;
}

START_TEST(no_two_blocks_share_a_line)
{
    const uint64_t seed = generator_seed("no_two_blocks_share_a_line");
    check_no_shared_unit(make_isolated(0), 64, seed);
    check_no_shared_unit(make_isolated(64), 64, seed);
}
END_TEST

START_TEST(isolation_128_keeps_pairs_of_lines_apart)
{
    const uint64_t seed = generator_seed("isolation_128_keeps_pairs_of_lines_apart");
    check_no_shared_unit(make_isolated(128), 128, seed);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("contents");
    TCase *zero = tcase_create("zero");
    tcase_add_test(zero, blocks_are_zero_after_reuse);
    tcase_add_test(zero, blocks_of_changing_sizes_are_zero_after_reuse);
    tcase_add_test(zero, blocks_freed_elsewhere_are_zero_after_reuse);
    tcase_add_test(zero, no_zero_leaves_blocks_as_they_are);
    suite_add_tcase(suite, zero);

    TCase *lines = tcase_create("lines");
    tcase_add_test(lines, no_two_blocks_share_a_line);
    tcase_add_test(lines, isolation_128_keeps_pairs_of_lines_apart);
    suite_add_tcase(suite, lines);
    return suite;
}
