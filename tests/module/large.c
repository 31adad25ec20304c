/* Large blocks: runs of spans, their headers, generations, who wins a race of frees, long runs under contention. */
#include "large.h"

#include "internals.h"
#include "support/generator.h"
#include "support/pattern.h"
#include "support/threads.h"
#include "support/valgrind.h"

#include <string.h>

enum { THREADS = 4, ROUNDS = 800, RACES = 400, HEAP_SPANS = 256 };

static uint32_t span_of(const struct perfpool_heap *heap, const void *block)
{
    return (uint32_t)((size_t)((const char *)block - heap->arena.base) >> SPAN_SHIFT);
}

/* Frees the block of a header; false if that is not live. */
static bool free_header(struct perfpool_heap *heap, uint32_t span, uint32_t header)
{
    if (!large_take(heap, span, header))
        return false;
    large_release(heap, NULL, span);
    return true;
}

static bool free_run(struct perfpool_heap *heap, const void *block)
{
    const uint32_t span = span_of(heap, block);
    return free_header(heap, span, heap->arena.headers[span]);
}

START_TEST(headers_of_a_run)
{
    struct perfpool_heap *heap = internals_heap(16 * MEBIBYTE, 0, 0, NULL);
    for (uint32_t n = 1; n <= HEAP_SPANS; n = n < 4 ? n + 1 : n * 2) {
        const size_t size = (size_t)n * SPAN_SIZE - 100;
        char *block = large_allocate(heap, NULL, size);
        ck_assert_ptr_nonnull(block);
        const uint32_t span = span_of(heap, block);
        ck_assert_uint_eq((uintptr_t)block % SPAN_SIZE, (uintptr_t)heap->arena.base % SPAN_SIZE);
        ck_assert_uint_eq(heap->arena.headers[span] & HEADER_KIND_MASK, HEADER_LARGE);
        for (uint32_t i = 1; i < n; i++)
            ck_assert_uint_eq(heap->arena.headers[span + i], i << HEADER_ARGUMENT_SHIFT | HEADER_TAIL);
        ck_assert_uint_ge(large_size(&heap->arena, span), size);
        ck_assert_uint_lt(large_size(&heap->arena, span), size + LINE_SIZE);
        valgrind_knows(block, large_size(&heap->arena, span));
        ck_assert(pattern_is_all(block, large_size(&heap->arena, span), 0));
        memset(block, 0xee, large_size(&heap->arena, span));
        check_equations(heap, 1);
        ck_assert(free_run(heap, block));
        for (uint32_t i = 0; i < n; i++)
            ck_assert_uint_eq(heap->arena.headers[span + i], 0);
        check_equations(heap, 0);
    }
    ck_assert_ptr_null(large_allocate(heap, NULL, (size_t)HEAP_SPANS * SPAN_SIZE + 1));
    ck_assert_ptr_null(large_allocate(heap, NULL, SIZE_MAX));
    internals_end(heap);
}
END_TEST

/* A header from an earlier life of the run frees nothing. */
START_TEST(generations)
{
    struct perfpool_heap *heap = internals_heap(4 * MEBIBYTE, 0, 0, NULL);
    char *block = large_allocate(heap, NULL, 3 * SPAN_SIZE);
    const uint32_t span = span_of(heap, block);
    const uint32_t header = heap->arena.headers[span];
    ck_assert(free_header(heap, span, header));
    ck_assert(!free_header(heap, span, header));
    char *again = large_allocate(heap, NULL, 3 * SPAN_SIZE);
    ck_assert_ptr_eq(again, block);
    ck_assert_uint_ne(heap->arena.headers[span], header);
    ck_assert(!free_header(heap, span, header));
    check_equations(heap, 1);
    ck_assert(free_run(heap, again));
    internals_end(heap);
}
END_TEST

START_TEST(isolation_rounds_to_pairs_of_lines)
{
    perfpool_options options = heap_options();
    options.reserve = 4 * MEBIBYTE;
    options.isolation = 128;
    struct perfpool_heap *heap = perfpool_heap_create(&options);
    char *block = large_allocate(heap, NULL, SMALL_SIZE_MAX + 1);
    ck_assert_uint_eq(large_size(&heap->arena, span_of(heap, block)), SMALL_SIZE_MAX + 128);
    ck_assert(free_run(heap, block));
    internals_end(heap);
}
END_TEST

struct race {
    struct perfpool_heap *heap;
    struct barrier start, end;
    uint32_t span, header, wins;
};

static void free_in_race(void *argument)
{
    struct race *race = argument;
    for (uint32_t round = 0; round < RACES; round++) {
        barrier_wait(&race->start);
        if (free_header(race->heap, race->span, race->header))
            fetch_add_32(&race->wins, 1);
        barrier_wait(&race->end);
    }
}

/* Two threads free the same block at once: exactly one does. */
START_TEST(one_of_two_frees_wins)
{
    static struct race race;
    struct thread threads[2];
    memset(&race, 0, sizeof race);
    race.heap = internals_heap(4 * MEBIBYTE, 0, 0, NULL);
    barrier_init(&race.start, 3);
    barrier_init(&race.end, 3);
    for (uint32_t i = 0; i < 2; i++)
        thread_start(&threads[i], free_in_race, &race);
    for (uint32_t round = 0; round < RACES; round++) {
        race.span = span_of(race.heap, large_allocate(race.heap, NULL, 2 * SPAN_SIZE));
        race.header = race.heap->arena.headers[race.span];
        race.wins = 0;
        barrier_wait(&race.start);
        barrier_wait(&race.end);
        require(race.wins == 1);
        require(arena_in_use(&race.heap->arena) == 0);
    }
    for (uint32_t i = 0; i < 2; i++)
        thread_join(&threads[i]);
    barrier_destroy(&race.start);
    barrier_destroy(&race.end);
    internals_end(race.heap);
}
END_TEST

struct worker {
    struct perfpool_heap *heap;
    struct barrier *start;
    struct generator generator;
    uint64_t seed;
    uint32_t served;
};

/* Runs from one span to more than two words; each is filled with a pattern that must be whole at its free. */
static void allocate_and_free(void *argument)
{
    struct worker *worker = argument;
    struct {
        char *block;
        size_t size;
    } held[3] = {{NULL, 0}};
    barrier_wait(worker->start);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        const size_t i = generator_below(&worker->generator, 3);
        if (held[i].block != NULL) {
            require(pattern_holds(held[i].block, 256, worker->seed + i));
            require(pattern_holds(held[i].block + held[i].size - 256, 256, worker->seed + i));
            require(free_run(worker->heap, held[i].block));
            held[i].block = NULL;
        } else {
            held[i].size = (1 + generator_size(&worker->generator, 150)) * (size_t)SPAN_SIZE;
            held[i].block = large_allocate(worker->heap, NULL, held[i].size);
            if (held[i].block == NULL)
                continue;
            worker->served++;
            pattern_fill(held[i].block, 256, worker->seed + i);
            pattern_fill(held[i].block + held[i].size - 256, 256, worker->seed + i);
        }
    }
    for (size_t i = 0; i < 3; i++)
        if (held[i].block != NULL)
            require(free_run(worker->heap, held[i].block));
}

/* Long runs are claimed word by word and rolled back when they meet: no span is lost by that. */
START_TEST(long_runs_of_several_threads)
{
    perfpool_options options = heap_options();
    options.reserve = (size_t)HEAP_SPANS * SPAN_SIZE;
    options.flags = PERFPOOL_NO_ZERO; /* what is cleared here would take all the time */
    struct perfpool_heap *heap = perfpool_heap_create(&options);
    struct worker workers[THREADS];
    struct thread threads[THREADS];
    struct barrier start;
    const uint64_t seed = generator_seed("large/long_runs_of_several_threads");
    barrier_init(&start, THREADS);
    for (uint32_t i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){heap, &start, generator_make(seed, i), seed + 10 * i, 0};
        thread_start(&threads[i], allocate_and_free, &workers[i]);
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        thread_join(&threads[i]);
        ck_assert_uint_gt(workers[i].served, 0);
    }
    barrier_destroy(&start);
    check_equations(heap, 0);
    void *all = large_allocate(heap, NULL, (size_t)HEAP_SPANS * SPAN_SIZE);
    ck_assert_ptr_nonnull(all);
    ck_assert(free_run(heap, all));
    internals_end(heap);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("large");
    TCase *large = tcase_create("large");
    tcase_add_test(large, headers_of_a_run);
    tcase_add_test(large, generations);
    tcase_add_test(large, isolation_rounds_to_pairs_of_lines);
    tcase_add_test(large, one_of_two_frees_wins);
    tcase_add_test(large, long_runs_of_several_threads);
    suite_add_tcase(suite, large);
    return suite;
}
