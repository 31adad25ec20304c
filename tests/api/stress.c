/*
 * Conservation under stress: threads come and go, swap blocks with random partners through a shared table and verify a pattern
 * in each block they get. At the end nothing is live, and the memory goes back.
 *
 * PERFPOOL_TEST_SEED repeats a run as far as the system's scheduling allows; PERFPOOL_TEST_TURNS makes it longer (the turns of
 * one thread, 20000 by default; 200000 for minutes).
 */
#include "perfpool.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "support/generator.h"
#include "support/heap_check.h"
#include "support/heaps.h"
#include "support/pattern.h"
#include "support/require.h"
#include "support/threads.h"

enum { PLACES = 2048, HEADER = 16, LARGEST = 200000, PRIVATE = 64 };

#ifdef _WIN32
enum { DEFAULT_TURNS = 4000, WAVES = 6, WAVE_THREADS = 4 };
#else
enum { DEFAULT_TURNS = 20000, WAVES = 10, WAVE_THREADS = 6 };
#endif

/* At the start of each block: what the rest must hold. */
struct cargo {
    uint64_t seed;
    uint64_t size;
};
_Static_assert(sizeof(struct cargo) == HEADER, "the pattern starts behind the header");

struct arena_of_stress {
    perfpool_heap *heap;
    int is_zeroed, sizes_are_requested;
    size_t largest;
    void *places[PLACES];
};

struct worker {
    struct arena_of_stress *arena;
    struct generator generator;
    size_t turns;
};

static void *make_cargo(const struct arena_of_stress *arena, struct generator *generator)
{
    const size_t most = generator_below(generator, 200) == 0 ? arena->largest : 1500;
    const size_t size = HEADER + generator_size(generator, most);
    unsigned char *block = AllocateMemory(size, arena->heap);
    require(block != NULL);
    require(!arena->is_zeroed || pattern_is_all(block, size, 0));
    struct cargo *cargo = (struct cargo *)(void *)block;
    cargo->seed = generator_next(generator);
    cargo->size = size;
    pattern_fill(block + HEADER, size - HEADER, cargo->seed);
    return block;
}

static void unload_cargo(const struct arena_of_stress *arena, void *block)
{
    if (block == NULL)
        return;
    const struct cargo *cargo = block;
    const size_t size = (size_t)cargo->size;
    require(size >= HEADER && size <= HEADER + arena->largest);
    require(perfpool_block_size(block, arena->heap) >= size);
    require(pattern_holds((const unsigned char *)block + HEADER, size - HEADER, cargo->seed));
    FreeMemory(block, arena->heap);
}

/* A thread's life: blocks of its own, blocks for others, and now and then a rarer call. */
static void work(void *argument)
{
    struct worker *worker = argument;
    struct arena_of_stress *arena = worker->arena;
    struct generator *generator = &worker->generator;
    void *own[PRIVATE] = {NULL};
    for (size_t turn = 0; turn < worker->turns; turn++) {
        const size_t choice = generator_below(generator, 1000);
        if (choice < 400) {
            void **slot = &own[generator_below(generator, PRIVATE)];
            unload_cargo(arena, *slot);
            *slot = make_cargo(arena, generator);
        } else if (choice < 990) {
            void **place = &arena->places[generator_below(generator, PLACES)];
            void *block = choice < 900 ? make_cargo(arena, generator) : NULL;
            unload_cargo(arena, __atomic_exchange_n(place, block, __ATOMIC_ACQ_REL));
        } else if (choice < 996) {
            perfpool_thread_detach();
        } else if (choice < 998) {
            perfpool_heap_trim(arena->heap);
        } else {
            heap_figures(arena->heap);
        }
    }
    for (size_t i = 0; i < PRIVATE; i++)
        unload_cargo(arena, own[i]);
}

static const char *problem_of(const struct arena_of_stress *arena)
{
    return arena->sizes_are_requested ? heap_problem_poison(arena->heap) : heap_problem(arena->heap);
}

static size_t turns_of_a_thread(void)
{
    const char *given = getenv("PERFPOOL_TEST_TURNS");
    return given != NULL ? (size_t)strtoul(given, NULL, 10) : DEFAULT_TURNS;
}

/* At most WAVE_THREADS at once; each end makes room for the next, so that pools pass from one to the other. */
static void run_waves(struct arena_of_stress *arenas, size_t count, uint64_t seed, size_t turns)
{
    static struct worker workers[WAVES * WAVE_THREADS];
    struct thread threads[WAVES * WAVE_THREADS];
    size_t joined = 0;
    for (size_t i = 0; i < WAVES * WAVE_THREADS; i++) {
        /* Of different length, so that ends meet other threads in the middle. */
        workers[i] = (struct worker){&arenas[i % count], generator_make(seed, i), turns / 2 + turns * (i % 3) / 2};
        while (i - joined >= WAVE_THREADS)
            thread_join(&threads[joined++]);
        thread_start(&threads[i], work, &workers[i]);
    }
    while (joined < WAVES * WAVE_THREADS)
        thread_join(&threads[joined++]);
}

static uint64_t live_places(const struct arena_of_stress *arena)
{
    uint64_t live = 0;
    for (size_t i = 0; i < PLACES; i++)
        live += arena->places[i] != NULL;
    return live;
}

static void finish(struct arena_of_stress *arena)
{
    ck_assert_uint_eq(heap_figures(arena->heap).live_blocks, live_places(arena));
    check_heap_text(problem_of(arena));
    for (size_t i = 0; i < PLACES; i++) {
        unload_cargo(arena, arena->places[i]);
        arena->places[i] = NULL;
    }
    perfpool_heap_trim(arena->heap);
    const perfpool_stats stats = heap_figures(arena->heap);
    ck_assert_uint_eq(stats.live_blocks, 0);
    ck_assert_uint_eq(stats.large_runs, 0);
    ck_assert_uint_eq(stats.spans, 0);
    ck_assert_uint_eq(stats.faults, 0);
    ck_assert_uint_le(stats.pools_bound, 1);
    /* A trim claims unbound pools for a moment, and a thread that starts in it makes one more. */
    ck_assert_uint_le(stats.pools_bound + stats.pools_unbound, 5 * WAVE_THREADS);
    check_heap_text(problem_of(arena));
    /* The tables: a byte of state for each line of the arena, and with poison two more of size. */
    const uint64_t tables = stats.reserved / 64 * (arena->sizes_are_requested ? 3 : 1);
    ck_assert_msg(stats.committed <= 2 * MEBIBYTE + tables, "%llu bytes stay committed", (unsigned long long)stats.committed);
    ck_assert_uint_eq(perfpool_heap_destroy(arena->heap, 0), 0);
}

static void open_arena(struct arena_of_stress *arena, uint32_t flags, uint32_t isolation)
{
    perfpool_options options = heap_options();
    memset(arena, 0, sizeof(*arena));
    options.name = "stress";
    options.flags = flags;
    options.isolation = isolation;
    options.reserve = 128 * MEBIBYTE;
    arena->heap = perfpool_heap_create(&options);
    ck_assert_ptr_nonnull(arena->heap);
    arena->is_zeroed = (flags & PERFPOOL_NO_ZERO) == 0;
    arena->sizes_are_requested = (flags & PERFPOOL_POISON) != 0;
    arena->largest = LARGEST;
}

static struct arena_of_stress arenas[5];

static void stress_one(const char *name, uint32_t flags, uint32_t isolation, size_t share)
{
    const uint64_t seed = generator_seed(name);
    open_arena(&arenas[0], flags, isolation);
    run_waves(arenas, 1, seed, turns_of_a_thread() / share);
    finish(&arenas[0]);
}

START_TEST(stress_plain)
{
    stress_one("stress_plain", 0, 64, 1);
}
END_TEST

START_TEST(stress_no_zero)
{
    stress_one("stress_no_zero", PERFPOOL_NO_ZERO, 64, 2);
}
END_TEST

START_TEST(stress_isolated)
{
    stress_one("stress_isolated", 0, 128, 2);
}
END_TEST

START_TEST(stress_check_remote)
{
    stress_one("stress_check_remote", PERFPOOL_CHECK_REMOTE, 64, 2);
}
END_TEST

START_TEST(stress_poison)
{
    stress_one("stress_poison", PERFPOOL_POISON, 64, 4);
}
END_TEST

START_TEST(stress_several_heaps)
{
    const uint64_t seed = generator_seed("stress_several_heaps");
    open_arena(&arenas[0], 0, 0);
    open_arena(&arenas[1], PERFPOOL_NO_ZERO, 0);
    open_arena(&arenas[2], PERFPOOL_CHECK_REMOTE, 128);
    open_arena(&arenas[3], PERFPOOL_POISON, 0);
    open_arena(&arenas[4], PERFPOOL_POISON | PERFPOOL_NO_ZERO, 128);
    run_waves(arenas, 5, seed, turns_of_a_thread());
    for (size_t i = 0; i < 5; i++)
        finish(&arenas[i]);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("stress");
    TCase *one = tcase_create("one heap");
    tcase_add_test(one, stress_plain);
    tcase_add_test(one, stress_no_zero);
    tcase_add_test(one, stress_isolated);
    tcase_add_test(one, stress_check_remote);
    tcase_add_test(one, stress_poison);
    suite_add_tcase(suite, one);

    TCase *several = tcase_create("several heaps");
    tcase_add_test(several, stress_several_heaps);
    suite_add_tcase(suite, several);
    return suite;
}
