/* Threads: records, the pools behind them, tombstones, and life after a thread's end. */
#include "thread.h"

#include "internals.h"
#include "support/threads.h"

#include <string.h>

enum { HEAPS = 5, BLOCKS = 40, THREADS = 4, ROUNDS = 60 };

/* What a thread saw of itself. */
struct visit {
    struct perfpool_heap *heap;
    struct thread_record *record;
    struct pool *pool;
    void *block;
};

/* Ends a thread as the system's hook does; here by hand, for programs that link the objects have no hook on Windows. */
static void end_thread(void)
{
    thread_exit();
}

static void visit_heap(void *argument)
{
    struct visit *visit = argument;
    require(os_thread_get() == &thread_unbound);
    require(thread_pool_if_bound(visit->heap) == NULL);
    visit->block = AllocateMemory(100, visit->heap);
    visit->record = os_thread_get();
    visit->pool = thread_pool_if_bound(visit->heap);
    require(visit->pool != NULL && visit->pool->record == visit->record);
    require(visit->record->context == visit->heap);
    end_thread();
    require(os_thread_get() == &thread_gone);
}

START_TEST(record_and_pool_are_used_again)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct visit first = {.heap = heap};
    struct visit second = {.heap = heap};
    thread_run(visit_heap, &first);
    ck_assert_ptr_null(first.pool->record);
    thread_run(visit_heap, &second);
    ck_assert_ptr_eq(first.record, second.record);
    ck_assert_ptr_eq(first.pool, second.pool);
    ck_assert_uint_eq(heap->n_pools, 1);
    check_equations(heap, 2);
    FreeMemory(first.block, heap);
    FreeMemory(second.block, heap);
    ck_assert_ptr_eq(thread_pool_if_bound(heap), first.pool);
    perfpool_thread_detach();
    internals_end(heap);
}
END_TEST

START_TEST(detach_unbinds_every_heap)
{
    struct perfpool_heap *heaps[HEAPS];
    void *blocks[HEAPS];
    for (uint32_t i = 0; i < HEAPS; i++) {
        heaps[i] = internals_heap(MEBIBYTE, 0, 0, NULL);
        blocks[i] = AllocateMemory(64, heaps[i]);
    }
    const struct thread_record *record = os_thread_get();
    for (uint32_t i = 0; i < HEAPS; i++)
        ck_assert_ptr_eq(thread_pool_if_bound(heaps[i]), pool_at(heaps[i], 1));
    perfpool_thread_detach();
    ck_assert_ptr_eq(os_thread_get(), record);
    ck_assert_uint_eq(record->slots, 0);
    for (uint32_t i = 0; i < HEAPS; i++) {
        ck_assert_ptr_null(thread_pool_if_bound(heaps[i]));
        ck_assert_ptr_null(pool_at(heaps[i], 1)->record);
        ck_assert_ptr_ne(record->context, heaps[i]);
        FreeMemory(blocks[i], heaps[i]);
        ck_assert_ptr_eq(thread_pool_if_bound(heaps[i]), pool_at(heaps[i], 1));
    }
    perfpool_thread_detach();
    for (uint32_t i = 0; i < HEAPS; i++)
        internals_end(heaps[i]);
}
END_TEST

START_TEST(heaps_that_check_are_not_cached)
{
    struct perfpool_heap *plain = internals_heap(MEBIBYTE, 0, 0, NULL);
    struct perfpool_heap *checked = internals_heap(MEBIBYTE, 0, PERFPOOL_CHECK_REMOTE, NULL);
    void *one = AllocateMemory(64, plain);
    void *two = AllocateMemory(64, checked);
    ck_assert_ptr_eq(os_thread_get()->context, plain);
    ck_assert_ptr_nonnull(thread_pool_if_bound(checked));
    FreeMemory(two, checked);
    FreeMemory(one, plain);
    perfpool_thread_detach();
    internals_end(plain);
    internals_end(checked);
}
END_TEST

/* A call for another heap than the last one makes its pool the cached one, and goes on on the fast path. */
START_TEST(calls_turn_to_their_heap)
{
    struct perfpool_heap *heaps[HEAPS];
    void *blocks[HEAPS][BLOCKS];
    for (uint32_t i = 0; i < HEAPS; i++)
        heaps[i] = i == 0 ? perfpool_heap_default(NULL) : internals_heap(MEBIBYTE, 0, 0, NULL);
    for (uint32_t i = 0; i < HEAPS * BLOCKS; i++) {
        const uint32_t k = i % HEAPS;
        void *context = k == 0 ? NULL : heaps[k];
        const struct arena *arena = &heaps[k]->arena;
        if (i >= HEAPS)
            ck_assert(thread_switch(context));
        ck_assert(!thread_switch(context)); /* already, or not bound yet */
        char *block = AllocateMemory(64, context);
        ck_assert_ptr_nonnull(block);
        ck_assert_uint_lt((size_t)(block - arena->base), (size_t)arena->n_spans << SPAN_SHIFT);
        ck_assert_ptr_eq(os_thread_get()->context, context);
        ck_assert_ptr_eq(thread_cached_pool(os_thread_get()), thread_pool_if_bound(heaps[k]));
        blocks[k][i / HEAPS] = block;
    }
    for (uint32_t i = 0; i < HEAPS * BLOCKS; i++) {
        const uint32_t k = i % HEAPS;
        FreeMemory(blocks[k][i / HEAPS], k == 0 ? NULL : heaps[k]);
        ck_assert_ptr_eq(os_thread_get()->context, k == 0 ? NULL : heaps[k]);
    }
    ck_assert(thread_switch(heaps[0])); /* another name for the same */
    for (uint32_t k = 0; k < HEAPS; k++)
        check_equations(heaps[k], 0);
    perfpool_thread_detach();
    for (uint32_t k = 1; k < HEAPS; k++)
        internals_end(heaps[k]);
}
END_TEST

START_TEST(no_thread_turns_to_what_is_no_heap_of_its_own)
{
    struct perfpool_heap *heap = internals_heap(MEBIBYTE, 0, 0, NULL);
    struct perfpool_heap *other = internals_heap(MEBIBYTE, 0, 0, NULL);
    struct perfpool_heap *unused = internals_heap(MEBIBYTE, 0, 0, NULL);
    struct perfpool_heap *checked = internals_heap(MEBIBYTE, 0, PERFPOOL_CHECK_REMOTE, NULL);
    FreeMemory(AllocateMemory(64, checked), checked);
    FreeMemory(AllocateMemory(64, heap), heap);
    FreeMemory(AllocateMemory(64, other), other);
    const uintptr_t slots = (uintptr_t)heap_slots;
    const uintptr_t contexts[] = {(uintptr_t)unused,
                                  (uintptr_t)checked,
                                  (uintptr_t)heap + 1,
                                  (uintptr_t)heap + 64,
                                  (uintptr_t)(heap + 1) - 1,
                                  slots - HEAP_SLOT_SIZE,
                                  slots + sizeof heap_slots,
                                  UINTPTR_MAX,
                                  1};
    for (size_t i = 0; i < sizeof contexts / sizeof contexts[0]; i++)
        ck_assert_msg(!thread_switch((void *)contexts[i]), "turned to %p, context %zu", (void *)contexts[i], i);
    ck_assert_ptr_eq(os_thread_get()->context, other);
    ck_assert(thread_switch(heap));
    ck_assert_uint_eq(perfpool_heap_destroy(other, 0), 0);
    ck_assert(!thread_switch(other));
    ck_assert_ptr_eq(os_thread_get()->context, heap);
    perfpool_thread_detach();
    ck_assert(!thread_switch(heap));
    internals_end(heap);
    internals_end(unused);
    internals_end(checked);
}
END_TEST

struct destroyed {
    struct perfpool_heap *lasting, *passing;
    struct semaphore used, gone;
};

/* Has the passing heap in hand when another thread destroys it. */
static void outlive_heap(void *argument)
{
    struct destroyed *destroyed = argument;
    void *block = AllocateMemory(64, destroyed->lasting);
    FreeMemory(AllocateMemory(64, destroyed->passing), destroyed->passing);
    require(os_thread_get()->context == destroyed->passing);
    semaphore_post(&destroyed->used);
    semaphore_wait(&destroyed->gone);
    require(os_thread_get()->context != destroyed->passing);
    FreeMemory(NULL, destroyed->lasting);
    FreeMemory(block, destroyed->lasting);
    require(os_thread_get()->context == destroyed->lasting);
    end_thread();
}

START_TEST(destroyed_heaps_are_forgotten)
{
    struct destroyed destroyed;
    struct thread thread;
    destroyed.lasting = internals_heap(MEBIBYTE, 0, 0, NULL);
    destroyed.passing = internals_heap(MEBIBYTE, 0, 0, NULL);
    semaphore_init(&destroyed.used);
    semaphore_init(&destroyed.gone);
    thread_start(&thread, outlive_heap, &destroyed);
    semaphore_wait(&destroyed.used);
    ck_assert_uint_eq(perfpool_heap_destroy(destroyed.passing, 0), 0);
    semaphore_post(&destroyed.gone);
    thread_join(&thread);
    semaphore_destroy(&destroyed.used);
    semaphore_destroy(&destroyed.gone);
    internals_end(destroyed.lasting);
}
END_TEST

/* A slot's next heap is another one: a pool of the last is not found in it. */
START_TEST(entries_of_a_slots_last_heap_are_void)
{
    struct perfpool_heap *first = internals_heap(MEBIBYTE, 0, 0, NULL);
    FreeMemory(AllocateMemory(64, first), first);
    ck_assert_uint_eq(perfpool_heap_destroy(first, 0), 0);
    const struct thread_record *record = os_thread_get();
    ck_assert_uint_ne(record->entries[heap_slot(first)].pool, 0);
    struct perfpool_heap *heap;
    uint32_t tries = 0;
    while ((heap = internals_heap(MEBIBYTE, 0, 0, NULL)) != first) {
        ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
        ck_assert_uint_lt(++tries, 2 * HEAP_SLOTS);
    }
    ck_assert_ptr_null(thread_pool_if_bound(heap));
    ck_assert(!thread_switch(heap));
    FreeMemory(AllocateMemory(64, heap), heap);
    ck_assert_ptr_eq(thread_pool_if_bound(heap), pool_at(heap, 1));
    perfpool_thread_detach();
    internals_end(heap);
}
END_TEST

struct afterlife {
    struct perfpool_heap *heap;
    void *blocks[BLOCKS];
};

static void call_after_the_end(void *argument)
{
    struct afterlife *life = argument;
    const struct perfpool_heap *heap = life->heap;
    void *own = AllocateMemory(64, life->heap);
    end_thread();
    require(thread_pool(life->heap, life->heap) == NULL);
    const uint32_t pools = heap->n_pools;
    for (uint32_t i = 0; i < BLOCKS; i += 2) {
        FreeMemory(life->blocks[i], life->heap);
        require(heap->arena.states[((char *)life->blocks[i] - heap->arena.base) >> LINE_SHIFT] == STATE_RETURNED);
    }
    for (uint32_t i = 0; i < BLOCKS; i += 2) {
        life->blocks[i] = AllocateMemory(64, life->heap);
        require(life->blocks[i] != NULL);
    }
    FreeMemory(own, life->heap);
    perfpool_thread_detach();
    require(os_thread_get() == &thread_gone);
    require(heap->n_pools == pools);
}

/* Other modules' destructors run after ours: their calls lease a pool to allocate, and free without one. */
START_TEST(calls_after_the_end)
{
    struct afterlife life;
    life.heap = internals_heap(MEBIBYTE, 0, 0, NULL);
    for (uint32_t i = 0; i < BLOCKS; i++)
        life.blocks[i] = AllocateMemory(64, life.heap);
    thread_run(call_after_the_end, &life);
    check_equations(life.heap, BLOCKS);
    for (uint32_t i = 0; i < BLOCKS; i++)
        FreeMemory(life.blocks[i], life.heap);
    perfpool_thread_detach();
    perfpool_heap_trim(life.heap);
    ck_assert_uint_eq(arena_in_use(&life.heap->arena), 0);
    internals_end(life.heap);
}
END_TEST

struct relay {
    struct perfpool_heap *heap;
    void *places[THREADS];
    struct barrier start;
};

static void take_part(void *argument)
{
    struct relay *relay = argument;
    for (uint32_t i = 0; i < 3 * BLOCKS; i++) {
        void *block = AllocateMemory(i * 16, relay->heap);
        require(block != NULL);
        FreeMemory(__atomic_exchange_n(&relay->places[i % THREADS], block, __ATOMIC_ACQ_REL), relay->heap);
    }
    end_thread();
}

static void start_threads(void *argument)
{
    struct relay *relay = argument;
    barrier_wait(&relay->start);
    for (uint32_t i = 0; i < ROUNDS; i++)
        thread_run(take_part, relay);
    end_thread();
}

/* Threads come and go by the hundred: there are never more pools than threads at once. */
START_TEST(pools_do_not_multiply)
{
    static struct relay relay;
    struct thread threads[THREADS];
    memset(&relay, 0, sizeof relay);
    relay.heap = internals_heap(16 * MEBIBYTE, 0, 0, NULL);
    barrier_init(&relay.start, THREADS);
    for (uint32_t i = 0; i < THREADS; i++)
        thread_start(&threads[i], start_threads, &relay);
    for (uint32_t i = 0; i < THREADS; i++)
        thread_join(&threads[i]);
    ck_assert_uint_le(relay.heap->n_pools, THREADS);
    check_equations(relay.heap, THREADS);
    for (uint32_t i = 0; i < THREADS; i++)
        FreeMemory(relay.places[i], relay.heap);
    perfpool_thread_detach();
    perfpool_heap_trim(relay.heap);
    ck_assert_uint_eq(arena_in_use(&relay.heap->arena), 0);
    barrier_destroy(&relay.start);
    internals_end(relay.heap);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("thread");
    TCase *thread = tcase_create("thread");
    tcase_add_test(thread, record_and_pool_are_used_again);
    tcase_add_test(thread, detach_unbinds_every_heap);
    tcase_add_test(thread, heaps_that_check_are_not_cached);
    tcase_add_test(thread, calls_turn_to_their_heap);
    tcase_add_test(thread, no_thread_turns_to_what_is_no_heap_of_its_own);
    tcase_add_test(thread, destroyed_heaps_are_forgotten);
    tcase_add_test(thread, entries_of_a_slots_last_heap_are_void);
    tcase_add_test(thread, calls_after_the_end);
    tcase_add_test(thread, pools_do_not_multiply);
    suite_add_tcase(suite, thread);
    return suite;
}
