/*
 * Races made wide: before any access that is shared, a thread may be sent to the back of the queue.
 *
 * Several steps make one publication in many places (state, bit, flag; memory, mark; bits, header), and a thread is rarely stopped
 * between them. Here it often is. Threads exchange blocks over shared places, each block filled with a pattern that must still be
 * there, and end, detach, trim and look.
 */
#include "atomic.h"

static void delay(void);

#define load_relaxed_8(source) (delay(), load_relaxed_8(source))
#define load_relaxed_32(source) (delay(), load_relaxed_32(source))
#define load_relaxed_64(source) (delay(), load_relaxed_64(source))
#define load_acquire_32(source) (delay(), load_acquire_32(source))
#define load_acquire_64(source) (delay(), load_acquire_64(source))
#define store_relaxed_8(target, value) (delay(), store_relaxed_8((target), (value)))
#define store_relaxed_32(target, value) (delay(), store_relaxed_32((target), (value)))
#define store_relaxed_ptr(target, value) (delay(), store_relaxed_ptr((target), (value)))
#define store_release_32(target, value) (delay(), store_release_32((target), (value)))
#define store_release_64(target, value) (delay(), store_release_64((target), (value)))
#define cas_8(target, expected, desired) (delay(), cas_8((target), (expected), (desired)))
#define cas_32(target, expected, desired) (delay(), cas_32((target), (expected), (desired)))
#define cas_64(target, expected, desired) (delay(), cas_64((target), (expected), (desired)))
#define cas_ptr(target, expected, desired) (delay(), cas_ptr((target), (expected), (desired)))
#define fetch_or_64(target, bits) (delay(), fetch_or_64((target), (bits)))
#define fetch_or_32(target, bits) (delay(), fetch_or_32((target), (bits)))
#define fetch_and_64(target, bits) (delay(), fetch_and_64((target), (bits)))
#include "whole_library.h"

#include "internals.h"
#include "support/generator.h"
#include "support/pattern.h"
#include "support/threads.h"

#include <stdio.h>

enum { THREADS = 4, PLACES = 64, ROUNDS = 1200, LIVES = 3, MARK_BYTES = 32, RETURNED = 20, COLLECTIONS = 1500 };

static __thread uint32_t delay_state; /* 0: this thread is not delayed */

/* One access in about 32 is late, a few of them by giving the processor away. */
static void delay(void)
{
    if (delay_state == 0)
        return;
    delay_state ^= delay_state << 13;
    delay_state ^= delay_state >> 17;
    delay_state ^= delay_state << 5;
    if (delay_state % 2048 == 0)
        thread_yield();
    else if (delay_state % 32 == 0)
        for (uint32_t i = delay_state >> 8 & 511; i > 0; i--)
            __asm__ volatile("" ::: "memory");
}

/* A place blocks are left at; whoever swaps one out frees it. */
struct exchange {
    struct perfpool_heap *heap;
    void *places[PLACES];
    struct barrier start;
    uint32_t served, refused;
};

struct worker {
    struct exchange *exchange;
    struct generator generator;
};

/* What is in a block: its size, and a pattern that depends on where it is. */
static void *make_block(struct exchange *exchange, struct generator *generator)
{
    const size_t most = generator_below(generator, 50) == 0 ? 200000 : generator_below(generator, 4) == 0 ? 8000 : 300;
    const size_t size = MARK_BYTES + sizeof(size_t) + generator_size(generator, most);
    char *block = AllocateMemory(size, exchange->heap);
    if (block == NULL) {
        fetch_add_32(&exchange->refused, 1);
        return NULL;
    }
    require(pattern_is_all(block, size, 0));
    *(size_t *)(void *)block = size;
    pattern_fill(block + sizeof(size_t), MARK_BYTES, (uintptr_t)block);
    pattern_fill(block + size - 1, 1, size);
    return block;
}

static void free_block(struct exchange *exchange, char *block)
{
    if (block == NULL)
        return;
    const size_t size = *(size_t *)(void *)block;
    require(pattern_holds(block + sizeof(size_t), MARK_BYTES, (uintptr_t)block));
    require(size <= MARK_BYTES + sizeof(size_t) + 1 || pattern_holds(block + size - 1, 1, size));
    FreeMemory(block, exchange->heap);
}

static void exchange_block(struct exchange *exchange, struct generator *generator)
{
    void *block = make_block(exchange, generator);
    const size_t place = generator_below(generator, PLACES);
    free_block(exchange, __atomic_exchange_n(&exchange->places[place], block, __ATOMIC_ACQ_REL));
    fetch_add_32(&exchange->served, block != NULL);
}

static void live_once(void *argument)
{
    struct worker *worker = argument;
    struct exchange *exchange = worker->exchange;
    delay_state = (uint32_t)generator_next(&worker->generator) | 1;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        exchange_block(exchange, &worker->generator);
        const size_t choice = generator_below(&worker->generator, 400);
        if (choice == 0) {
            perfpool_thread_detach();
        } else if (choice == 1) {
            perfpool_heap_trim(exchange->heap);
        } else if (choice == 2) {
            perfpool_stats stats = {.size = sizeof stats};
            require(perfpool_heap_stats(exchange->heap, &stats) == 0);
        }
    }
    thread_exit(); /* the system's hook does it, too, where there is one */
    exchange_block(exchange, &worker->generator);
    delay_state = 0;
}

/* Threads that end and are followed by others, which adopt what they left. */
static void live_again(void *argument)
{
    struct worker *worker = argument;
    barrier_wait(&worker->exchange->start);
    for (uint32_t life = 0; life < LIVES; life++)
        thread_run(live_once, worker);
}

static void exchange_blocks(const char *name, size_t limit, uint32_t flags)
{
    static struct exchange exchange;
    struct worker workers[THREADS];
    struct thread threads[THREADS];
    const uint64_t seed = generator_seed(name);
    exchange = (struct exchange){.heap = internals_heap(32 * MEBIBYTE, limit, flags, NULL)};
    barrier_init(&exchange.start, THREADS);
    for (uint32_t i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){&exchange, generator_make(seed, i)};
        thread_start(&threads[i], live_again, &workers[i]);
    }
    for (uint32_t i = 0; i < THREADS; i++)
        thread_join(&threads[i]);
    uint32_t live = 0;
    for (uint32_t i = 0; i < PLACES; i++)
        live += exchange.places[i] != NULL;
    check_equations(exchange.heap, live);
    for (uint32_t i = 0; i < PLACES; i++)
        free_block(&exchange, exchange.places[i]);
    check_equations(exchange.heap, 0);
    perfpool_heap_trim(exchange.heap);
    check_equations(exchange.heap, 0);
    ck_assert_uint_eq(arena_in_use(&exchange.heap->arena), 0);
    printf("%s: %u blocks served, %u refused\n", name, exchange.served, exchange.refused);
    ck_assert_uint_gt(exchange.served, 0);
    ck_assert(limit != 0 || exchange.refused == 0);
    barrier_destroy(&exchange.start);
    ck_assert_uint_eq(perfpool_heap_destroy(exchange.heap, 0), 0);
    perfpool_thread_detach();
}

START_TEST(plain)
{
    exchange_blocks("delay/plain", 0, 0);
}
END_TEST

START_TEST(checked)
{
    exchange_blocks("delay/checked", 0, PERFPOOL_CHECK_REMOTE);
}
END_TEST

START_TEST(poisoned)
{
    exchange_blocks("delay/poisoned", 0, PERFPOOL_POISON);
}
END_TEST

/* So little memory that pools, magazines and spans are refused all the time. */
START_TEST(at_the_limit)
{
    exchange_blocks("delay/at_the_limit", 1200 << 10, 0);
}
END_TEST

/* Blocks that others return while their owner collects. */
struct collection {
    struct perfpool_heap *heap;
    struct barrier start, end;
    uint32_t lines[2][RETURNED];
    uint32_t threads; /* that have taken a row of lines */
    bool last;
};

static void return_blocks(void *argument)
{
    struct collection *collection = argument;
    const uint32_t *lines = collection->lines[fetch_add_32(&collection->threads, 1)];
    for (;;) {
        barrier_wait(&collection->start);
        if (collection->last)
            break;
        for (uint32_t i = 0; i < RETURNED; i++)
            require(pool_return(collection->heap, lines[i], internals_header(collection->heap, lines[i]), STATE_LIVE));
        barrier_wait(&collection->end);
    }
}

/* State, bit and flag are three steps for who returns a block, and for who collects it: whatever the order, the last block is
 * found. */
START_TEST(returned_while_collected)
{
    static struct collection collection;
    struct thread threads[2];
    struct fault_list faults = {.n = 0};
    const uint64_t seed = generator_seed("delay/returned_while_collected");
    collection = (struct collection){.heap = internals_heap(MEBIBYTE, 0, 0, NULL)};
    struct pool *owner = pool_acquire(collection.heap);
    barrier_init(&collection.start, 3);
    barrier_init(&collection.end, 3);
    for (uint32_t i = 0; i < 2; i++)
        thread_start(&threads[i], return_blocks, &collection);
    delay_state = (uint32_t)seed | 1;
    for (uint32_t round = 0; round < COLLECTIONS; round++) {
        for (uint32_t i = 0; i < 2 * RETURNED; i++)
            collection.lines[i % 2][i / 2] = internals_take(owner, 15);
        barrier_wait(&collection.start);
        for (uint32_t i = 0; i < 20; i++)
            pool_drain(owner, &faults);
        barrier_wait(&collection.end);
        pool_drain(owner, &faults);
        for (uint32_t i = 0; i < 2 * RETURNED; i++)
            require(collection.heap->arena.states[collection.lines[i % 2][i / 2]] == STATE_HOME);
    }
    delay_state = 0;
    collection.last = true;
    barrier_wait(&collection.start);
    for (uint32_t i = 0; i < 2; i++)
        thread_join(&threads[i]);
    barrier_destroy(&collection.start);
    barrier_destroy(&collection.end);
    ck_assert_uint_eq(faults.n, 0);
    pool_give_back(owner);
    pool_release(owner);
    internals_end(collection.heap);
}
END_TEST

/* Claims and frees large blocks, half of them longer than a word of spans. */
static void claim_long_runs(void *argument)
{
    struct worker *worker = argument;
    barrier_wait(&worker->exchange->start);
    delay_state = (uint32_t)generator_next(&worker->generator) | 1;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        const size_t spans =
            generator_below(&worker->generator, 2) == 0 ? 1 : WORD_SPANS + 1 + generator_below(&worker->generator, 80);
        void *block = AllocateMemory(spans * SPAN_SIZE, worker->exchange->heap);
        fetch_add_32(block != NULL ? &worker->exchange->served : &worker->exchange->refused, 1);
        if (generator_below(&worker->generator, 4) == 0)
            thread_yield();
        FreeMemory(block, worker->exchange->heap);
    }
    delay_state = 0;
    thread_exit();
}

/* Runs of several words are claimed word by word: where two threads meet, one takes back what it has. */
START_TEST(long_runs)
{
    static struct exchange exchange;
    struct worker workers[THREADS];
    struct thread threads[THREADS];
    const uint64_t seed = generator_seed("delay/long_runs");
    exchange = (struct exchange){.heap = internals_heap(16 * MEBIBYTE, 0, PERFPOOL_NO_ZERO, NULL)};
    barrier_init(&exchange.start, THREADS);
    for (uint32_t i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){&exchange, generator_make(seed, i)};
        thread_start(&threads[i], claim_long_runs, &workers[i]);
    }
    for (uint32_t i = 0; i < THREADS; i++)
        thread_join(&threads[i]);
    printf("delay/long_runs: %u blocks served, %u refused\n", exchange.served, exchange.refused);
    ck_assert_uint_gt(exchange.served, 0);
    check_equations(exchange.heap, 0);
    void *all = AllocateMemory(16 * MEBIBYTE, exchange.heap);
    ck_assert_ptr_nonnull(all);
    FreeMemory(all, exchange.heap);
    barrier_destroy(&exchange.start);
    perfpool_thread_detach();
    internals_end(exchange.heap);
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
    delay_state = 1 + (uint32_t)((uintptr_t)&race >> 4); /* the threads' stacks differ */
    for (uint32_t round = 0; round < ROUNDS; round++) {
        barrier_wait(&race->start);
        if (large_take(race->heap, race->span, race->header)) {
            fetch_add_32(&race->wins, 1);
            large_release(race->heap, NULL, race->span);
        }
        barrier_wait(&race->end);
    }
    delay_state = 0;
}

/* Two threads free the same large block: exactly one does. */
START_TEST(one_of_two_frees_wins)
{
    static struct race race;
    struct thread threads[2];
    race = (struct race){.heap = internals_heap(MEBIBYTE, 0, 0, NULL)};
    barrier_init(&race.start, 3);
    barrier_init(&race.end, 3);
    for (uint32_t i = 0; i < 2; i++)
        thread_start(&threads[i], free_in_race, &race);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        void *block = large_allocate(race.heap, NULL, SPAN_SIZE);
        require(block != NULL);
        race.span = (uint32_t)((size_t)((char *)block - race.heap->arena.base) >> SPAN_SHIFT);
        race.header = race.heap->arena.headers[race.span];
        race.wins = 0;
        barrier_wait(&race.start);
        barrier_wait(&race.end);
        require(race.wins == 1);
    }
    for (uint32_t i = 0; i < 2; i++)
        thread_join(&threads[i]);
    barrier_destroy(&race.start);
    barrier_destroy(&race.end);
    internals_end(race.heap);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("delay");
    TCase *exchange = tcase_create("exchange");
    tcase_add_test(exchange, plain);
    tcase_add_test(exchange, checked);
    tcase_add_test(exchange, poisoned);
    tcase_add_test(exchange, at_the_limit);
    tcase_add_test(exchange, returned_while_collected);
    tcase_add_test(exchange, long_runs);
    tcase_add_test(exchange, one_of_two_frees_wins);
    suite_add_tcase(suite, exchange);
    return suite;
}
