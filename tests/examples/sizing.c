/*
 * What counter instances cost, as docs/windows.md has it: an instance of c counters with a name of n characters is one block of
 * 32 + 8 c + 2 (n + 1) bytes, rounded up to whole cache lines, and what a heap commits beside its blocks is little.
 */
#include "harness.h"
#include "perflib_headers.h"
#include "support/heaps.h"
#include "support/require.h"
#include "support/threads.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { COUNTERS = 10, NAME_CHARACTERS = 16, MOST = 10000, LINE = 64 };
enum {
    INSTANCE = (32 + 8 * COUNTERS + 2 * (NAME_CHARACTERS + 1) + 7) / 8 * 8,
    INSTANCE_BLOCK = (INSTANCE + LINE - 1) / LINE * LINE
};

static void *blocks[MOST];

static void check_size(size_t instances, uint64_t most_committed)
{
    perfpool_heap *heap = heap_make(0);
    uint64_t empty = heap_figures(heap).committed;
    perfpool_stats full;
    perfpool_stats trimmed;

    for (size_t i = 0; i < instances; i++) {
        blocks[i] = AllocateMemory(INSTANCE, heap);
        ck_assert_ptr_nonnull(blocks[i]);
    }
    full = heap_figures(heap);
    ck_assert_uint_eq(full.live_bytes, instances * INSTANCE_BLOCK);
    for (size_t i = 0; i < instances; i++) {
        FreeMemory(blocks[i], heap);
    }
    perfpool_heap_trim(heap);
    trimmed = heap_figures(heap);
    printf("%u instances: %" PRIu64 " KiB live; committed: %" PRIu64 " KiB empty, %" PRIu64 " KiB full, %" PRIu64 " KiB trimmed\n",
           (unsigned)instances, full.live_bytes / 1024, empty / 1024, full.committed / 1024, trimmed.committed / 1024);
    ck_assert_uint_le(full.committed, most_committed);
    ck_assert_uint_lt(trimmed.committed, full.committed);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}

START_TEST(few_instances)
{
    check_size(100, (uint64_t)1 << 20);
}
END_TEST

START_TEST(many_instances)
{
    check_size(MOST, MOST * INSTANCE_BLOCK * 5 / 4 + ((uint64_t)1 << 20));
}
END_TEST

enum { THREADS = 40, SPAN = 64 * 1024 };

static perfpool_heap *shared_heap;
static struct barrier all_have_one;

static void have_one_instance(void *unused)
{
    void *block = AllocateMemory(INSTANCE, shared_heap);

    (void)unused;
    require(block != NULL);
    barrier_wait(&all_have_one);
    FreeMemory(block, shared_heap);
}

static void run_threads(void)
{
    static struct thread threads[THREADS];

    for (int i = 0; i < THREADS; i++) {
        thread_start(&threads[i], have_one_instance, NULL);
    }
    for (int i = 0; i < THREADS; i++) {
        thread_join(&threads[i]);
    }
}

/* Each thread has a span for itself; those of threads that ended are the next ones'. */
START_TEST(threads_have_spans_of_their_own)
{
    uint64_t after_first;

    shared_heap = heap_make(0);
    barrier_init(&all_have_one, THREADS);
    run_threads();
    after_first = heap_figures(shared_heap).committed;
    printf("%d threads: %" PRIu64 " KiB committed\n", THREADS, after_first / 1024);
    ck_assert_uint_ge(after_first, THREADS * SPAN);
    ck_assert_uint_le(after_first, THREADS * SPAN * 3 / 2 + ((uint64_t)1 << 20));
    run_threads();
    ck_assert_uint_le(heap_figures(shared_heap).committed, after_first);
    ck_assert_uint_eq(perfpool_heap_destroy(shared_heap, 0), 0);
    barrier_destroy(&all_have_one);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("sizing");
    TCase *figures = tcase_create("figures");

    tcase_add_test(figures, few_instances);
    tcase_add_test(figures, many_instances);
    tcase_add_test(figures, threads_have_spans_of_their_own);
    suite_add_tcase(suite, figures);
    return suite;
}
