/* Runs of freed large blocks that a thread's pool keeps: which, for what, and how they go back. */
#include "large.h"

#include "internals.h"
#include "support/generator.h"
#include "support/heap_check.h"
#include "support/pattern.h"
#include "support/threads.h"

#include <string.h>

enum {
    RESERVE = 64,
    RELEASED = 64 /* of so many frees one goes to the arena */,
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

/* Spans that the thread keeps. */
static uint32_t kept(const struct perfpool_heap *heap)
{
    const struct pool *pool = thread_pool_if_bound(heap);
    uint32_t spans = 0;
    for (uint32_t n = 1; pool != NULL && n <= KEPT_LENGTH_MAX; n++)
        spans += pool->kept[n - 1] != 0 ? n : 0;
    return spans;
}

/* Frees blocks of all lengths that are kept, so that one of each is, and of none is the next free the one that goes to the arena.
 */
static void keep_one_of_each(struct perfpool_heap *heap)
{
    void *blocks[KEPT_LENGTH_MAX];
    for (uint32_t n = 1; n <= KEPT_LENGTH_MAX; n++)
        blocks[n - 1] = take(heap, n);
    for (uint32_t n = 1; n <= KEPT_LENGTH_MAX; n++)
        FreeMemory(blocks[n - 1], heap);
    require(kept(heap) == 1 + 2 + 3 + 4);
}

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
    Suite *suite = suite_create("kept");
    TCase *runs = tcase_create("runs");
    tcase_add_test(runs, freed_goes_first);
    tcase_add_test(runs, one_of_each_length);
    tcase_add_test(runs, a_while_passes);
    tcase_add_test(runs, not_where_every_call_is_checked);
    tcase_add_test(runs, cleared_again);
    tcase_add_test(runs, misuse_of_a_kept_block);
    tcase_add_test(runs, the_whole_arena_while_others_keep);
    tcase_add_test(runs, the_whole_limit_while_others_keep);
    tcase_add_test(runs, a_trim_gets_what_others_keep);
    tcase_add_test(runs, given_back_when_a_thread_ends);
    tcase_add_test(runs, no_pool_to_allocate);
    tcase_add_test(runs, pools_are_left_for_small_blocks);
    tcase_add_test(runs, the_whole_arena_from_several_pools);
    tcase_add_test(runs, one_of_two_frees_keeps_it);
    tcase_add_test(runs, traded_between_threads);
    suite_add_tcase(suite, runs);
    return suite;
}
