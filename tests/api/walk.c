/* The walk: every live block once, in order of address, until the visitor has enough. */
#include "perfpool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "support/generator.h"
#include "support/heap_check.h"
#include "support/heaps.h"
#include "support/require.h"
#include "support/share.h"
#include "support/threads.h"

enum { BLOCKS = 5000 };

struct visits {
    uintptr_t seen[BLOCKS];
    size_t count, stop_at;
    int answer;
    uintptr_t last;
};

static int PERFPOOL_CALL visit(const void *block, size_t size, void *argument)
{
    struct visits *visits = argument;
    require(size > 0);
    require((uintptr_t)block > visits->last);
    require(visits->count < BLOCKS);
    visits->last = (uintptr_t)block;
    visits->seen[visits->count++] = (uintptr_t)block;
    return visits->count == visits->stop_at ? visits->answer : 0;
}

static struct visits found;

static void clear_visits(size_t stop_at, int answer)
{
    memset(&found, 0, sizeof(found));
    found.stop_at = stop_at;
    found.answer = answer;
}

static int compare_addresses(const void *left, const void *right)
{
    const uintptr_t a = *(const uintptr_t *)left;
    const uintptr_t b = *(const uintptr_t *)right;
    return a < b ? -1 : a > b;
}

START_TEST(an_empty_heap_has_no_blocks)
{
    perfpool_heap *heap = heap_make(0);
    clear_visits(0, 0);
    ck_assert_int_eq(perfpool_heap_walk(heap, visit, &found), 0);
    FreeMemory(AllocateMemory(100, heap), heap);
    FreeMemory(AllocateMemory(100000, heap), heap);
    ck_assert_int_eq(perfpool_heap_walk(heap, visit, &found), 0);
    ck_assert_uint_eq(found.count, 0);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

START_TEST(each_live_block_is_visited_once)
{
    static uintptr_t live[BLOCKS];
    struct generator generator = generator_make(generator_seed("each_live_block_is_visited_once"), 0);
    perfpool_heap *heap = heap_make(0);
    for (size_t i = 0; i < BLOCKS; i++) {
        live[i] = (uintptr_t)AllocateMemory(generator_size(&generator, i % 100 == 0 ? 150000 : 1000), heap);
        ck_assert_uint_ne(live[i], 0);
    }
    size_t count = BLOCKS;
    while (count > BLOCKS / 2) {
        const size_t i = generator_below(&generator, count);
        FreeMemory((void *)live[i], heap);
        live[i] = live[--count];
    }
    qsort(live, count, sizeof(live[0]), compare_addresses);
    clear_visits(0, 0);
    ck_assert_int_eq(perfpool_heap_walk(heap, visit, &found), 0);
    ck_assert_uint_eq(found.count, count);
    ck_assert_mem_eq(found.seen, live, count * sizeof(live[0]));
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, PERFPOOL_DESTROY_LIVE), count);
}
END_TEST

START_TEST(the_visitor_ends_the_walk)
{
    static const int answers[] = {7, -5, 1};
    perfpool_heap *heap = heap_make(0);
    for (int i = 0; i < 100; i++)
        ck_assert_ptr_nonnull(AllocateMemory((size_t)i * 40, heap));
    ck_assert_ptr_nonnull(AllocateMemory(100000, heap));
    for (size_t i = 0; i < 3; i++) {
        const size_t stops[] = {1, 50, 101};
        clear_visits(stops[i], answers[i]);
        ck_assert_int_eq(perfpool_heap_walk(heap, visit, &found), answers[i]);
        ck_assert_uint_eq(found.count, stops[i]);
    }
    ck_assert_uint_eq(perfpool_heap_destroy(heap, PERFPOOL_DESTROY_LIVE), 101);
}
END_TEST

/* Frees every second block and then stays alive, with an open outbox. */
struct half_freer {
    perfpool_heap *heap;
    void *blocks[1001];
    struct semaphore freed, end;
};

static void free_every_second(void *argument)
{
    struct half_freer *freer = argument;
    for (size_t i = 1; i < 1001; i += 2)
        FreeMemory(freer->blocks[i], freer->heap);
    semaphore_post(&freer->freed);
    semaphore_wait(&freer->end);
}

START_TEST(blocks_on_their_way_home_are_not_visited)
{
    static struct half_freer freer;
    struct thread thread;
    freer.heap = heap_make(0);
    semaphore_init(&freer.freed);
    semaphore_init(&freer.end);
    for (size_t i = 0; i < 1001; i++)
        freer.blocks[i] = AllocateMemory(192, freer.heap);
    thread_start(&thread, free_every_second, &freer);
    semaphore_wait(&freer.freed);
    clear_visits(0, 0);
    ck_assert_int_eq(perfpool_heap_walk(freer.heap, visit, &found), 0);
    ck_assert_uint_eq(found.count, 501);
    for (size_t i = 1; i < 1001; i += 2) {
        const uintptr_t freed = (uintptr_t)freer.blocks[i];
        ck_assert_ptr_null(bsearch(&freed, found.seen, found.count, sizeof(found.seen[0]), compare_addresses));
    }
    check_heap(freer.heap);
    semaphore_post(&freer.end);
    thread_join(&thread);
    check_heap(freer.heap);
    ck_assert_uint_eq(perfpool_heap_destroy(freer.heap, PERFPOOL_DESTROY_LIVE), 501);
    semaphore_destroy(&freer.freed);
    semaphore_destroy(&freer.end);
}
END_TEST

/* Walks and statistics while blocks come and go: order and alignment hold at every moment. */
struct churner {
    perfpool_heap *heap;
    struct generator generator;
    int stop;
};

static void churn_until_stopped(void *argument)
{
    struct churner *churner = argument;
    void *blocks[256] = {NULL};
    while (!__atomic_load_n(&churner->stop, __ATOMIC_ACQUIRE)) {
        const size_t i = generator_below(&churner->generator, 256);
        FreeMemory(blocks[i], churner->heap);
        blocks[i] = AllocateMemory(generator_size(&churner->generator, 3000), churner->heap);
        require(blocks[i] != NULL);
    }
    for (size_t i = 0; i < 256; i++)
        FreeMemory(blocks[i], churner->heap);
}

START_TEST(walks_while_threads_allocate_and_free)
{
    struct churner churners[2];
    struct thread threads[2];
    const uint64_t seed = generator_seed("walks_while_threads_allocate_and_free");
    perfpool_heap *heap = heap_make(0);
    for (size_t i = 0; i < 2; i++) {
        churners[i] = (struct churner){heap, generator_make(seed, i), 0};
        thread_start(&threads[i], churn_until_stopped, &churners[i]);
    }
    const unsigned rounds = share_of(300);
    for (unsigned round = 0; round < rounds; round++) {
        clear_visits(0, 0);
        ck_assert_int_eq(perfpool_heap_walk(heap, visit, &found), 0);
        /* A moment's view may be off by what is in flight, but a count below zero would be very large. */
        ck_assert_uint_le(heap_figures(heap).live_blocks, 100000);
        perfpool_heap_trim(heap);
    }
    for (size_t i = 0; i < 2; i++) {
        __atomic_store_n(&churners[i].stop, 1, __ATOMIC_RELEASE);
        thread_join(&threads[i]);
    }
    ck_assert_uint_eq(heap_figures(heap).live_blocks, 0);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("walk");
    TCase *quiet = tcase_create("quiet");
    tcase_add_test(quiet, an_empty_heap_has_no_blocks);
    tcase_add_test(quiet, each_live_block_is_visited_once);
    tcase_add_test(quiet, the_visitor_ends_the_walk);
    tcase_add_test(quiet, blocks_on_their_way_home_are_not_visited);
    suite_add_tcase(suite, quiet);

    TCase *busy = tcase_create("busy");
    tcase_add_test(busy, walks_while_threads_allocate_and_free);
    suite_add_tcase(suite, busy);
    return suite;
}
