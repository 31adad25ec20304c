/* The way of freeing that needs no memory: blocks wait in their span, marked returned, until their owner collects them. */
#include "internals.h"
#include "support/threads.h"
#include "support/valgrind.h"

#include <string.h>

enum { CLASS = 7, BLOCKS = 400, THREADS = 3, ROUNDS = 300 };

static void free_all(void *argument)
{
    void **blocks = argument;
    struct perfpool_heap *heap = blocks[BLOCKS];
    for (uint32_t i = 0; i < BLOCKS; i++)
        FreeMemory(blocks[i], heap);
}

static uint32_t count_returned(const struct perfpool_heap *heap, void *const *blocks)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < BLOCKS; i++)
        n += heap->arena.states[((size_t)((char *)blocks[i] - heap->arena.base)) >> LINE_SHIFT] == STATE_RETURNED;
    return n;
}

/* No pool and no magazine can be had, so a thread that has neither frees that way; its owner finds all of them. */
static void free_without_memory(uint32_t flags)
{
    static void *blocks[BLOCKS + 1];
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, flags, NULL);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        blocks[i] = AllocateMemory(8 * LINE_SIZE, heap);
        ck_assert_ptr_nonnull(blocks[i]);
    }
    blocks[BLOCKS] = heap;
    const uint32_t spans = arena_in_use(&heap->arena);
    heap->arena.limit = heap->arena.committed;
    thread_run(free_all, blocks);
    ck_assert_uint_eq(count_returned(heap, blocks), BLOCKS);
    check_equations(heap, 0);
    ck_assert_uint_eq(heap_figures(heap).live_blocks, 0);
    for (uint32_t i = 0; i < BLOCKS; i++)
        blocks[i] = AllocateMemory(8 * LINE_SIZE, heap);
    ck_assert_ptr_nonnull(blocks[BLOCKS - 1]);
    ck_assert_uint_eq(arena_in_use(&heap->arena), spans);
    check_equations(heap, BLOCKS);
    heap->arena.limit = UINT64_MAX;
    blocks[BLOCKS] = heap;
    free_all(blocks);
    internals_end(heap);
}

START_TEST(free_works_at_the_limit)
{
    free_without_memory(0);
}
END_TEST

START_TEST(free_works_at_the_limit_checked)
{
    free_without_memory(PERFPOOL_CHECK_REMOTE);
}
END_TEST

START_TEST(second_free_is_found)
{
    static struct fault_log log;
    memset(&log, 0, sizeof log);
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, &log);
    struct pool *owner = pool_acquire(heap);
    const uint32_t line = internals_take(owner, CLASS);
    ck_assert(pool_return(heap, line, internals_header(heap, line), STATE_LIVE));
    valgrind_looks_away();
    FreeMemory(pool_block(owner, line), heap); /* this thread sends it home like any other */
    valgrind_looks();
    ck_assert(!pool_return(heap, line, internals_header(heap, line), STATE_LIVE));
    perfpool_thread_detach();
    struct fault_list faults = {.n = 0};
    ck_assert(pool_drain(owner, &faults));
    ck_assert_uint_eq(faults.n, 1);
    check_equations(heap, 0);
    pool_release(owner);
    internals_end(heap);
}
END_TEST

struct returner {
    struct perfpool_heap *heap;
    uint32_t *lines; /* one for each thread and round: where the owner puts them */
    struct barrier *start;
    uint32_t *done;
};

static void return_blocks(void *argument)
{
    struct returner *returner = argument;
    struct perfpool_heap *heap = returner->heap;
    barrier_wait(returner->start);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint32_t line;
        while ((line = load_acquire_32(&returner->lines[i])) == UINT32_MAX)
            thread_yield();
        require(pool_return(heap, line, internals_header(heap, line), STATE_LIVE));
    }
    fetch_add_32(returner->done, 1);
}

/* Others return blocks while the owner collects them: none is forgotten, whatever the order of state, bit and flag. */
START_TEST(owner_collects_while_others_return)
{
    static uint32_t lines[THREADS][ROUNDS];
    struct returner returners[THREADS];
    struct thread threads[THREADS];
    struct barrier start;
    uint32_t done = 0;
    struct perfpool_heap *heap = internals_heap(32 * MEBIBYTE, 0, 0, NULL);
    struct pool *owner = pool_acquire(heap);
    memset(lines, 0xff, sizeof lines);
    barrier_init(&start, THREADS + 1);
    for (uint32_t i = 0; i < THREADS; i++) {
        returners[i] = (struct returner){heap, lines[i], &start, &done};
        thread_start(&threads[i], return_blocks, &returners[i]);
    }
    barrier_wait(&start);
    struct fault_list faults = {.n = 0};
    for (uint32_t i = 0; i < ROUNDS; i++) {
        for (uint32_t k = 0; k < THREADS; k++)
            store_release_32(&lines[k][i], internals_take(owner, 15));
        pool_drain(owner, &faults);
    }
    while (load_acquire_32(&done) < THREADS) {
        pool_drain(owner, &faults);
        thread_yield();
    }
    for (uint32_t i = 0; i < THREADS; i++)
        thread_join(&threads[i]);
    check_equations(heap, 0);
    pool_drain(owner, &faults);
    ck_assert_uint_eq(faults.n, 0);
    pool_give_back(owner);
    ck_assert_uint_eq(arena_in_use(&heap->arena), 0);
    barrier_destroy(&start);
    pool_release(owner);
    internals_end(heap);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("returned");
    TCase *returned = tcase_create("returned");
    tcase_add_test(returned, free_works_at_the_limit);
    tcase_add_test(returned, free_works_at_the_limit_checked);
    tcase_add_test(returned, second_free_is_found);
    tcase_add_test(returned, owner_collects_while_others_return);
    suite_add_tcase(suite, returned);
    return suite;
}
