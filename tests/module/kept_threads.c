/* Runs of freed large blocks that threads keep: how others get them, and races for them. */
#include "kept.h"

#include "support/generator.h"
#include "support/threads.h"

#include <string.h>

enum { RACES = 400, ROUNDS = 20000, LIVE = 12, LENGTHS = 6 };

/* Threads that keep what they can and stay until they are told to go. */
struct keepers {
    struct perfpool_heap *heap;
    struct barrier ready, leave;
};

static void keep_and_stay(void *argument)
{
    struct keepers *keepers = argument;
    keep_one_of_each(keepers->heap);
    barrier_wait(&keepers->ready);
    barrier_wait(&keepers->leave);
    thread_exit(); /* here, as a program that links the objects has no hook for it on Windows */
}

enum { KEEPERS = 3 };

static void begin_keeping(struct keepers *keepers, struct thread *threads)
{
    barrier_init(&keepers->ready, KEEPERS + 1);
    barrier_init(&keepers->leave, KEEPERS + 1);
    for (uint32_t i = 0; i < KEEPERS; i++)
        thread_start(&threads[i], keep_and_stay, keepers);
    barrier_wait(&keepers->ready);
    ck_assert_uint_ge(arena_in_use(&keepers->heap->arena), KEEPERS * 10);
}

static void end_keeping(struct keepers *keepers, struct thread *threads)
{
    check_equations(keepers->heap, 0);
    barrier_wait(&keepers->leave);
    for (uint32_t i = 0; i < KEEPERS; i++)
        thread_join(&threads[i]);
    barrier_destroy(&keepers->ready);
    barrier_destroy(&keepers->leave);
    end(keepers->heap);
}

/* What threads keep, this one and others that live and do nothing, is no reason to fail: the whole arena is to be had at once. */
START_TEST(the_whole_arena_while_others_keep)
{
    struct keepers keepers = {.heap = begin(PERFPOOL_NO_ZERO)};
    struct thread threads[KEEPERS];
    begin_keeping(&keepers, threads);
    keep_one_of_each(keepers.heap);
    void *all = AllocateMemory(RESERVE * MEBIBYTE, keepers.heap);
    ck_assert_ptr_nonnull(all);
    FreeMemory(all, keepers.heap);
    end_keeping(&keepers, threads);
}
END_TEST

/* Nor does it count against the limit for a small block. */
START_TEST(the_whole_limit_while_others_keep)
{
    struct keepers keepers = {.heap = begin(PERFPOOL_NO_ZERO)};
    struct thread threads[KEEPERS];
    begin_keeping(&keepers, threads);
    FreeMemory(AllocateMemory(64, keepers.heap), keepers.heap);
    perfpool_thread_detach();
    arena_trim(&keepers.heap->arena);
    keepers.heap->arena.limit = keepers.heap->arena.committed + SPAN_SIZE / 2;
    void *block = AllocateMemory(20000, keepers.heap);
    ck_assert_ptr_nonnull(block);
    FreeMemory(block, keepers.heap);
    keepers.heap->arena.limit = UINT64_MAX;
    perfpool_heap_trim(keepers.heap);
    end_keeping(&keepers, threads);
}
END_TEST

START_TEST(a_trim_gets_what_others_keep)
{
    struct keepers keepers = {.heap = begin(PERFPOOL_NO_ZERO)};
    struct thread threads[KEEPERS];
    begin_keeping(&keepers, threads);
    perfpool_heap_trim(keepers.heap);
    ck_assert_uint_eq(arena_in_use(&keepers.heap->arena), 0);
    ck_assert_uint_eq(arena_spare(&keepers.heap->arena), 0);
    end_keeping(&keepers, threads);
}
END_TEST

static void keep_and_end(void *argument)
{
    struct perfpool_heap *heap = argument;
    keep_one_of_each(heap);
    thread_exit();
}

/* What a thread keeps goes with it. */
START_TEST(given_back_when_a_thread_ends)
{
    struct perfpool_heap *heap = begin(PERFPOOL_NO_ZERO);
    thread_run(keep_and_end, heap);
    ck_assert_uint_eq(arena_in_use(&heap->arena), 0);
    end(heap);
}
END_TEST

/*
 * Threads without a live block hold spans with small ones at home: each pool gives back a few, and a block of the whole arena needs
 * all of them.
 */
static void free_small_ones(void *argument)
{
    struct perfpool_heap *heap = argument;
    void *blocks[400];
    for (uint32_t i = 0; i < 400; i++)
        blocks[i] = AllocateMemory(1000, heap);
    for (uint32_t i = 0; i < 400; i++)
        FreeMemory(blocks[i], heap);
}

static void hold_small_ones(void *argument)
{
    struct keepers *keepers = argument;
    free_small_ones(keepers->heap);
    barrier_wait(&keepers->ready);
    barrier_wait(&keepers->leave);
    thread_exit();
}

START_TEST(the_whole_arena_from_several_pools)
{
    struct keepers keepers = {.heap = begin(PERFPOOL_NO_ZERO)};
    struct thread threads[KEEPERS];
    barrier_init(&keepers.ready, KEEPERS + 1);
    barrier_init(&keepers.leave, KEEPERS + 1);
    for (uint32_t i = 0; i < KEEPERS; i++)
        thread_start(&threads[i], hold_small_ones, &keepers);
    barrier_wait(&keepers.ready);
    barrier_wait(&keepers.leave);
    for (uint32_t i = 0; i < KEEPERS; i++)
        thread_join(&threads[i]);
    ck_assert_uint_eq(keepers.heap->n_pools, KEEPERS);
    ck_assert_uint_gt(arena_in_use(&keepers.heap->arena), KEEPERS);
    free_small_ones(keepers.heap);
    void *all = AllocateMemory(RESERVE * MEBIBYTE, keepers.heap);
    ck_assert_ptr_nonnull(all);
    FreeMemory(all, keepers.heap);
    barrier_destroy(&keepers.ready);
    barrier_destroy(&keepers.leave);
    end(keepers.heap);
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
    Suite *suite = suite_create("kept_threads");
    TCase *runs = tcase_create("runs");
    tcase_add_test(runs, the_whole_arena_while_others_keep);
    tcase_add_test(runs, the_whole_limit_while_others_keep);
    tcase_add_test(runs, a_trim_gets_what_others_keep);
    tcase_add_test(runs, given_back_when_a_thread_ends);
    tcase_add_test(runs, the_whole_arena_from_several_pools);
    tcase_add_test(runs, one_of_two_frees_keeps_it);
    tcase_add_test(runs, traded_between_threads);
    suite_add_tcase(suite, runs);
    return suite;
}
