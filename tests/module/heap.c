/* Heaps: the gate between visitors and destroyers, slots, the default heap. */
#include "heap.h"

#include "internals.h"
#include "support/threads.h"

#include <string.h>

enum { THREADS = 4, RACES = 150 };

static uint32_t phase(const struct perfpool_heap *heap)
{
    return (uint32_t)load_relaxed_64(&heap->gate) >> GATE_PHASE_SHIFT;
}

static uint32_t visitors(const struct perfpool_heap *heap)
{
    return (uint32_t)load_relaxed_64(&heap->gate) & (((uint32_t)1 << GATE_PHASE_SHIFT) - 1);
}

START_TEST(gate_counts_visitors)
{
    struct perfpool_heap *heap = internals_heap(MEBIBYTE, 0, 0, NULL);
    const uint32_t generation = heap_generation(heap);
    ck_assert_uint_eq(phase(heap), GATE_OPEN);
    ck_assert_uint_eq(visitors(heap), 0);
    ck_assert(heap_enter(heap, 0));
    ck_assert(heap_enter(heap, generation));
    ck_assert(!heap_enter(heap, generation + 1));
    ck_assert(!heap_enter(heap, generation - 1 != 0 ? generation - 1 : generation + 2));
    ck_assert_uint_eq(visitors(heap), 2);
    heap_leave(heap);
    heap_leave(heap);
    ck_assert_uint_eq(visitors(heap), 0);
    ck_assert_uint_eq(phase(heap), GATE_OPEN);
    internals_end(heap);
    ck_assert_uint_eq(phase(heap), GATE_FREE);
    ck_assert(!heap_enter(heap, 0));
    ck_assert(!heap_enter(heap, generation));
}
END_TEST

/* Who leaves last releases the memory; until then it can be read, and nobody new comes in. */
START_TEST(destroyed_while_visited)
{
    struct perfpool_heap *heap = internals_heap(MEBIBYTE, 0, 0, NULL);
    FreeMemory(AllocateMemory(64, heap), heap);
    perfpool_thread_detach();
    ck_assert(heap_enter(heap, 0));
    ck_assert(heap_enter(heap, 0));
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
    ck_assert_uint_eq(phase(heap), GATE_CLOSING);
    ck_assert(!heap_enter(heap, 0));
    ck_assert_ptr_null(heap_resolve(heap));
    ck_assert_uint_eq(*(volatile uint32_t *)&heap->arena.words[0].trimmed, 0);
    heap_leave(heap);
    ck_assert_uint_eq(phase(heap), GATE_CLOSING);
    ck_assert_uint_eq(*(volatile uint32_t *)&pool_at(heap, 1)->id, 1);
    heap_leave(heap);
    ck_assert_uint_eq(phase(heap), GATE_FREE);
}
END_TEST

struct race {
    struct perfpool_heap *heap;
    struct barrier start, end;
    uint32_t entered;
    bool last;
};

/* Enters for as long as it can; inside, the heap's memory is there. */
static void visit_until_closed(void *argument)
{
    struct race *race = argument;
    for (;;) {
        barrier_wait(&race->start);
        if (race->last)
            break;
        const uint32_t generation = heap_generation(race->heap);
        while (heap_enter(race->heap, generation)) {
            require(load_relaxed_64(&race->heap->arena.words[0].claimed) != 0);
            require(load_relaxed_32(&pool_at(race->heap, 1)->id) == 1);
            fetch_add_32(&race->entered, 1);
            heap_leave(race->heap);
        }
        barrier_wait(&race->end);
    }
    thread_exit();
}

START_TEST(visitors_against_destroy)
{
    static struct race race;
    struct thread threads[THREADS];
    memset(&race, 0, sizeof race);
    barrier_init(&race.start, THREADS + 1);
    barrier_init(&race.end, THREADS + 1);
    for (uint32_t i = 0; i < THREADS; i++)
        thread_start(&threads[i], visit_until_closed, &race);
    for (uint32_t round = 0; round < RACES; round++) {
        race.heap = internals_heap(MEBIBYTE, 0, 0, NULL);
        require(AllocateMemory(64, race.heap) != NULL);
        race.entered = 0;
        barrier_wait(&race.start);
        while (load_relaxed_32(&race.entered) < 10)
            thread_yield();
        require(perfpool_heap_destroy(race.heap, PERFPOOL_DESTROY_LIVE) == 1);
        barrier_wait(&race.end);
        require(phase(race.heap) == GATE_FREE && visitors(race.heap) == 0);
    }
    race.last = true;
    barrier_wait(&race.start);
    for (uint32_t i = 0; i < THREADS; i++)
        thread_join(&threads[i]);
    barrier_destroy(&race.start);
    barrier_destroy(&race.end);
}
END_TEST

/* A slot rests for as long as there is one that has rested longer, so that a stale pointer to a heap is found out for as long as
 * can be. */
START_TEST(slots_are_reused_oldest_first)
{
    struct perfpool_heap *first = internals_heap(MEBIBYTE, 0, 0, NULL);
    struct perfpool_heap *second = internals_heap(MEBIBYTE, 0, 0, NULL);
    const uint32_t generation = heap_generation(first);
    ck_assert_ptr_ne(first, second);
    perfpool_heap_destroy(second, 0);
    perfpool_heap_destroy(first, 0);
    const struct perfpool_heap *order[2] = {NULL, NULL};
    uint32_t found = 0;
    uint32_t made = 0;
    for (; found < 2 && made < 2 * HEAP_SLOTS; made++) {
        struct perfpool_heap *heap = internals_heap(MEBIBYTE, 0, 0, NULL);
        if (heap == first || heap == second)
            order[found++] = heap;
        if (heap == first)
            ck_assert_uint_eq(heap_generation(heap), generation + 1);
        ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
    }
    ck_assert_ptr_eq(order[0], second);
    ck_assert_ptr_eq(order[1], first);
    ck_assert_uint_ge(made, HEAP_SLOTS - 16);
}
END_TEST

START_TEST(all_slots)
{
    static struct perfpool_heap *heaps[HEAP_SLOTS + 1];
    perfpool_options options = heap_options();
    uint32_t n = 0;
    options.reserve = SPAN_SIZE;
    while (n <= HEAP_SLOTS && (heaps[n] = perfpool_heap_create(&options)) != NULL)
        n++;
    const uint32_t error = os_save_error();
    ck_assert_uint_le(n, HEAP_SLOTS);
    ck_assert_uint_ge(n, HEAP_SLOTS - 16);
    os_set_error(OS_ERROR_MEMORY);
    ck_assert_uint_eq(error, os_save_error());
    for (uint32_t i = 0; i < n; i++)
        ck_assert_uint_eq(perfpool_heap_destroy(heaps[i], 0), 0);
}
END_TEST

START_TEST(only_open_heaps_resolve)
{
    int other = 0;
    struct perfpool_heap *heap = internals_heap(MEBIBYTE, 0, 0, NULL);
    ck_assert_ptr_eq(heap_resolve(heap), heap);
    ck_assert_ptr_null(heap_resolve((char *)heap + 1));
    ck_assert_ptr_null(heap_resolve((char *)heap + 8));
    ck_assert_ptr_null(heap_resolve(&other));
    ck_assert_ptr_null(heap_resolve((void *)((uintptr_t)heap_slots - HEAP_SLOT_SIZE)));
    ck_assert_ptr_null(heap_resolve((void *)((uintptr_t)heap_slots + sizeof heap_slots)));
    ck_assert_ptr_null(heap_resolve((void *)UINTPTR_MAX));
    uint32_t unused = 0;
    while (phase(&heap_slots[unused]) != GATE_FREE)
        unused++;
    ck_assert_ptr_null(heap_resolve(&heap_slots[unused]));
    internals_end(heap);
    ck_assert_ptr_null(heap_resolve(heap));
}
END_TEST

START_TEST(names_are_cut)
{
    perfpool_options options = heap_options();
    options.reserve = MEBIBYTE;
    options.name = "0123456789012345678901234567890123456789";
    struct perfpool_heap *heap = perfpool_heap_create(&options);
    ck_assert_str_eq(heap->name, "0123456789012345678901234567890");
    internals_end(heap);
    options.name = NULL;
    heap = perfpool_heap_create(&options);
    ck_assert_str_eq(heap->name, "unnamed");
    internals_end(heap);
}
END_TEST

struct newcomer {
    struct barrier *start;
    struct perfpool_heap *found;
};

static void find_default(void *argument)
{
    struct newcomer *newcomer = argument;
    barrier_wait(newcomer->start);
    newcomer->found = perfpool_heap_default(NULL);
}

/* Several threads need the default heap at once: one heap comes of it, and no candidate stays. */
START_TEST(default_heap_is_one)
{
    struct newcomer newcomers[THREADS];
    struct thread threads[THREADS];
    struct barrier start;
    uint32_t open = 0;
    ck_assert_ptr_null(heap_default_if_made());
    barrier_init(&start, THREADS);
    for (uint32_t i = 0; i < THREADS; i++) {
        newcomers[i] = (struct newcomer){&start, NULL};
        thread_start(&threads[i], find_default, &newcomers[i]);
    }
    for (uint32_t i = 0; i < THREADS; i++)
        thread_join(&threads[i]);
    barrier_destroy(&start);
    ck_assert_ptr_nonnull(heap_default_if_made());
    for (uint32_t i = 0; i < THREADS; i++)
        ck_assert_ptr_eq(newcomers[i].found, heap_default_if_made());
    for (uint32_t i = 0; i < HEAP_SLOTS; i++) {
        open += phase(&heap_slots[i]) != GATE_FREE;
        ck_assert_uint_eq(visitors(&heap_slots[i]), 0);
    }
    ck_assert_uint_eq(open, 1);
    ck_assert_str_eq(heap_default_if_made()->name, "default");
    ck_assert_uint_eq(perfpool_heap_destroy(heap_default_if_made(), 0), (size_t)-1);
}
END_TEST

/* What a heap without options gets: 64 MiB and 1024 pools where addresses have 32 bits. */
START_TEST(default_sizes)
{
    struct perfpool_heap *heap = perfpool_heap_create(NULL);
    ck_assert_ptr_nonnull(heap);
    const uint64_t bytes = (uint64_t)heap->arena.n_spans << SPAN_SHIFT;
#if UINTPTR_MAX > UINT32_MAX
    ck_assert_uint_eq(bytes, os_default_reserve(false));
    ck_assert_uint_ge(bytes, (uint64_t)1 << 30);
    ck_assert_uint_eq(heap->arena.pools_max, 16384);
#else
    ck_assert_uint_eq(bytes, 64 * MEBIBYTE);
    ck_assert_uint_eq(heap->arena.pools_max, 1024);
#endif
    internals_end(heap);
}
END_TEST

/* Twice the limit, or what part of it the system has; on 32-bit systems more than a size_t can say. */
START_TEST(limit_sets_the_reserve)
{
    struct perfpool_heap *heap = internals_heap(0, (size_t)3 << 30, 0, NULL);
    const uint64_t bytes = (uint64_t)heap->arena.n_spans << SPAN_SHIFT;
    ck_assert_uint_eq(heap->arena.limit, (uint64_t)3 << 30);
    if (sizeof(void *) == 8)
        ck_assert_uint_eq(bytes, (uint64_t)6 << 30);
    ck_assert_uint_ge(bytes, MEBIBYTE);
    internals_end(heap);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("heap");
    TCase *sizes = tcase_create("sizes");
    tcase_add_test(sizes, default_sizes);
    tcase_add_test(sizes, limit_sets_the_reserve);
    suite_add_tcase(suite, sizes);
    TCase *gate = tcase_create("gate");
    tcase_add_test(gate, gate_counts_visitors);
    tcase_add_test(gate, destroyed_while_visited);
    tcase_add_test(gate, visitors_against_destroy);
    suite_add_tcase(suite, gate);
    TCase *slots = tcase_create("slots");
    tcase_add_test(slots, slots_are_reused_oldest_first);
    tcase_add_test(slots, all_slots);
    tcase_add_test(slots, only_open_heaps_resolve);
    tcase_add_test(slots, names_are_cut);
    tcase_add_test(slots, default_heap_is_one); /* last: the default heap stays, and takes a slot */
    suite_add_tcase(suite, slots);
    return suite;
}
