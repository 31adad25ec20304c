/* Runs of freed large blocks that a pool keeps: which, how many, for what, and how they go back. */
#include "large.h"

#include "internals.h"
#include "support/generator.h"
#include "support/heap_check.h"
#include "support/pattern.h"
#include "support/threads.h"

#include <string.h>

enum {
    RESERVE = 64,
    ROOM = 8 /* spans that a pool of a heap of 64 MiB keeps */,
    RACES = 400,
    ROUNDS = 20000,
    LIVE = 12,
    LENGTHS = 6
};

static struct perfpool_heap *begin(uint32_t flags)
{
    return internals_heap(RESERVE * MEBIBYTE, 0, flags, NULL);
}

/* Ends a test of which nothing may be left but what the thread keeps, which goes with it. */
static void end(struct perfpool_heap *heap)
{
    check_equations(heap, 0);
    perfpool_thread_detach();
    ck_assert_uint_eq(arena_in_use(&heap->arena), 0);
    internals_end(heap);
}

static void *take(struct perfpool_heap *heap, uint32_t spans)
{
    void *block = AllocateMemory(spans * (size_t)SPAN_SIZE, heap);
    require(block != NULL);
    return block;
}

static uint32_t kept(const struct perfpool_heap *heap)
{
    const struct pool *pool = thread_pool_if_bound(heap);
    return pool != NULL ? pool->kept_spans : 0;
}

/* Frees `n` blocks of `spans` each that were live at once. */
static void free_several(struct perfpool_heap *heap, uint32_t n, uint32_t spans)
{
    void *blocks[LIVE];
    for (uint32_t i = 0; i < n; i++)
        blocks[i] = take(heap, spans);
    for (uint32_t i = 0; i < n; i++)
        FreeMemory(blocks[i], heap);
}

/* The next block as long is the one that was freed last, and the arena hears of neither. */
START_TEST(freed_last_goes_first)
{
    struct perfpool_heap *heap = begin(PERFPOOL_NO_ZERO);
    for (uint32_t spans = 1; spans <= KEPT_LENGTH_MAX; spans++) {
        void *a = take(heap, spans);
        void *b = take(heap, spans);
        void *other = take(heap, spans == 1 ? 2 : 1);
        FreeMemory(a, heap);
        FreeMemory(b, heap);
        const uint64_t counts = heap->arena.counts;
        ck_assert_uint_eq(kept(heap), 2 * spans);
        check_equations(heap, 1);
        check_heap(heap);
        ck_assert_ptr_eq(AllocateMemory(spans * (size_t)SPAN_SIZE - 100, heap), b);
        ck_assert_uint_eq(perfpool_block_size(b, heap), spans * (size_t)SPAN_SIZE - 64);
        ck_assert_ptr_eq(take(heap, spans), a);
        ck_assert_uint_eq(kept(heap), 0);
        check_equations(heap, 3);
        FreeMemory(a, heap);
        FreeMemory(b, heap);
        ck_assert_uint_eq(heap->arena.counts, counts);
        FreeMemory(other, heap);
        perfpool_heap_trim(heap);
        ck_assert_uint_eq(kept(heap), 0);
    }
    end(heap);
}
END_TEST

/* What is longer than the longest, or more than there is room for, goes to the arena. */
START_TEST(no_more_than_there_is_room_for)
{
    struct perfpool_heap *heap = begin(PERFPOOL_NO_ZERO);
    FreeMemory(take(heap, KEPT_LENGTH_MAX + 1), heap);
    ck_assert_uint_eq(kept(heap), 0);
    ck_assert_uint_eq(arena_in_use(&heap->arena), 0);
    free_several(heap, LIVE, 1);
    ck_assert_uint_eq(kept(heap), ROOM);
    ck_assert_uint_eq(arena_in_use(&heap->arena), ROOM);
    end(heap);
}
END_TEST

/* Where the lengths change, those that are freed now take the place of the others. */
START_TEST(lengths_of_late_are_kept)
{
    struct perfpool_heap *heap = begin(PERFPOOL_NO_ZERO);
    for (uint32_t spans = 1; spans <= KEPT_LENGTH_MAX; spans++) {
        free_several(heap, LIVE, spans);
        ck_assert_uint_eq(kept(heap), ROOM / spans * spans);
        ck_assert_uint_eq(thread_pool_if_bound(heap)->kept_spans, arena_in_use(&heap->arena));
        for (uint32_t other = 1; other < spans; other++)
            ck_assert(ROOM % spans >= other || thread_pool_if_bound(heap)->kept[other - 1] == 0);
        check_equations(heap, 0);
    }
    FreeMemory(take(heap, 1), heap);
    ck_assert_uint_ne(thread_pool_if_bound(heap)->kept[0], 0);
    end(heap);
}
END_TEST

/* A small heap, or one with a low limit, keeps little: others may need it. A heap that checks every call keeps nothing. */
START_TEST(room_is_a_share_of_the_heap)
{
    static const struct {
        size_t reserve, limit;
        uint32_t flags, room;
    } heaps[] = {
        {64 * MEBIBYTE, 0, 0, 8},
        {16 * MEBIBYTE, 0, 0, 2},
        {4 * MEBIBYTE, 0, 0, 0},
        {64 * MEBIBYTE, 16 * MEBIBYTE, 0, 2},
        {64 * MEBIBYTE, 0, PERFPOOL_CHECK_REMOTE, 0},
        {64 * MEBIBYTE, 0, PERFPOOL_POISON, 0},
    };
    for (size_t i = 0; i < sizeof heaps / sizeof heaps[0]; i++) {
        struct perfpool_heap *heap = internals_heap(heaps[i].reserve, heaps[i].limit, heaps[i].flags, NULL);
        free_several(heap, LIVE, 1);
        ck_assert_uint_eq(kept(heap), heaps[i].room);
        ck_assert_uint_eq(arena_in_use(&heap->arena), heaps[i].room);
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

/* Kept runs are no reason to fail: a block of the whole arena is to be had. */
START_TEST(given_back_when_memory_is_short)
{
    struct perfpool_heap *heap = begin(PERFPOOL_NO_ZERO);
    free_several(heap, LIVE, 2);
    ck_assert_uint_eq(kept(heap), ROOM);
    void *all = AllocateMemory(RESERVE * MEBIBYTE, heap);
    ck_assert_ptr_nonnull(all);
    FreeMemory(all, heap);
    end(heap);
}
END_TEST

static void leave_kept_runs(void *argument)
{
    struct perfpool_heap *heap = argument;
    free_several(heap, 4, 2);
    require(kept(heap) == ROOM);
    thread_exit(); /* here, as a program that links the objects has no hook for it on Windows */
}

/* What a thread keeps goes with it. */
START_TEST(given_back_when_a_thread_ends)
{
    struct perfpool_heap *heap = begin(PERFPOOL_NO_ZERO);
    thread_run(leave_kept_runs, heap);
    ck_assert_uint_eq(arena_in_use(&heap->arena), 0);
    check_equations(heap, 0);
    end(heap);
}
END_TEST

/* Blocks are kept by who frees them, if that is a thread that has a pool. */
struct freer {
    struct perfpool_heap *heap;
    void *large;
    uint32_t kept_without_pool, kept_with_pool;
};

static void free_what_others_allocated(void *argument)
{
    struct freer *freer = argument;
    FreeMemory(freer->large, freer->heap);
    freer->kept_without_pool = arena_in_use(&freer->heap->arena);
    void *own = take(freer->heap, 1);
    FreeMemory(own, freer->heap);
    freer->kept_with_pool = kept(freer->heap);
    thread_exit();
}

START_TEST(a_thread_without_a_pool_keeps_nothing)
{
    struct freer freer = {.heap = begin(PERFPOOL_NO_ZERO)};
    freer.large = take(freer.heap, 2);
    thread_run(free_what_others_allocated, &freer);
    ck_assert_uint_eq(freer.kept_without_pool, 0);
    ck_assert_uint_eq(freer.kept_with_pool, 1);
    end(freer.heap);
}
END_TEST

struct race {
    struct perfpool_heap *heap;
    struct barrier start, end;
    void *block;
};

static void free_in_race(void *argument)
{
    struct race *race = argument;
    FreeMemory(take(race->heap, 1), race->heap); /* for a pool */
    for (uint32_t round = 0; round < RACES; round++) {
        barrier_wait(&race->start);
        FreeMemory(race->block, race->heap);
        barrier_wait(&race->end);
    }
    thread_exit();
}

/* Two threads free the same block at once, and both have room for it: one keeps it, the other is told. */
START_TEST(one_of_two_frees_keeps_it)
{
    static struct fault_log log;
    static struct race race;
    struct thread threads[2];
    memset(&log, 0, sizeof log);
    race.heap = internals_heap(RESERVE * MEBIBYTE, 0, PERFPOOL_NO_ZERO, &log);
    barrier_init(&race.start, 3);
    barrier_init(&race.end, 3);
    for (uint32_t i = 0; i < 2; i++)
        thread_start(&threads[i], free_in_race, &race);
    for (uint32_t round = 0; round < RACES; round++) {
        race.block = take(race.heap, 2);
        barrier_wait(&race.start);
        barrier_wait(&race.end);
        require(fault_log_count(&log) == round + 1);
    }
    for (uint32_t i = 0; i < 2; i++)
        thread_join(&threads[i]);
    for (uint32_t i = 0; i < FAULT_LOG_ENTRIES; i++)
        ck_assert_int_eq(log.entries[i].fault.kind, PERFPOOL_FAULT_DOUBLE_FREE);
    barrier_destroy(&race.start);
    barrier_destroy(&race.end);
    end(race.heap);
}
END_TEST

struct trader {
    struct perfpool_heap *heap;
    void **places;
    struct barrier *start;
    struct generator generator;
};

/* Writes a block's address at both its ends. */
static void mark(char *block, size_t size)
{
    const uintptr_t address = (uintptr_t)block;
    memcpy(block, &address, sizeof address);
    memcpy(block + size - sizeof address, &address, sizeof address);
}

static bool is_marked(const char *block, size_t size)
{
    const uintptr_t address = (uintptr_t)block;
    return memcmp(block, &address, sizeof address) == 0 && memcmp(block + size - sizeof address, &address, sizeof address) == 0;
}

/* Exchanges blocks of 1 to LENGTHS spans through shared places; each holds its mark until it is freed. */
static void trade(void *argument)
{
    struct trader *trader = argument;
    barrier_wait(trader->start);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        const size_t size = (1 + generator_below(&trader->generator, LENGTHS)) * (size_t)SPAN_SIZE;
        char *block = AllocateMemory(size, trader->heap);
        require(block != NULL);
        mark(block, size);
        void **place = &trader->places[generator_below(&trader->generator, LIVE)];
        char *old;
        do
            old = load_acquire_ptr(place);
        while (!cas_ptr(place, old, block));
        if (old == NULL)
            continue;
        const size_t old_size = perfpool_block_size(old, trader->heap);
        require(old_size >= SPAN_SIZE && old_size % SPAN_SIZE == 0);
        require(is_marked(old, old_size));
        FreeMemory(old, trader->heap);
    }
    thread_exit();
}

START_TEST(traded_between_threads)
{
    static void *places[LIVE];
    struct perfpool_heap *heap = begin(PERFPOOL_NO_ZERO);
    struct trader traders[3];
    struct thread threads[3];
    struct barrier start;
    const uint64_t seed = generator_seed("kept/traded_between_threads");
    memset(places, 0, sizeof places);
    barrier_init(&start, 3);
    for (uint32_t i = 0; i < 3; i++) {
        traders[i] = (struct trader){heap, places, &start, generator_make(seed, i)};
        thread_start(&threads[i], trade, &traders[i]);
    }
    for (uint32_t i = 0; i < 3; i++)
        thread_join(&threads[i]);
    barrier_destroy(&start);
    for (uint32_t i = 0; i < LIVE; i++)
        FreeMemory(places[i], heap);
    end(heap);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("kept");
    TCase *runs = tcase_create("runs");
    tcase_add_test(runs, freed_last_goes_first);
    tcase_add_test(runs, no_more_than_there_is_room_for);
    tcase_add_test(runs, lengths_of_late_are_kept);
    tcase_add_test(runs, room_is_a_share_of_the_heap);
    tcase_add_test(runs, cleared_again);
    tcase_add_test(runs, misuse_of_a_kept_block);
    tcase_add_test(runs, given_back_when_memory_is_short);
    tcase_add_test(runs, given_back_when_a_thread_ends);
    tcase_add_test(runs, a_thread_without_a_pool_keeps_nothing);
    tcase_add_test(runs, one_of_two_frees_keeps_it);
    tcase_add_test(runs, traded_between_threads);
    suite_add_tcase(suite, runs);
    return suite;
}
