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
#define fetch_and_64(target, bits) (delay(), fetch_and_64((target), (bits)))
#include "whole_library.h"

#include "internals.h"
#include "support/generator.h"
#include "support/pattern.h"
#include "support/threads.h"

#include <stdio.h>

enum { THREADS = 4, PLACES = 64, ROUNDS = 1200, LIVES = 3, MARK_BYTES = 32 };

static __thread uint32_t delay_state; /* 0: this thread is not delayed */

/* One access in about 64 gives the processor away. */
static void delay(void)
{
    if (delay_state == 0)
        return;
    delay_state ^= delay_state << 13;
    delay_state ^= delay_state >> 17;
    delay_state ^= delay_state << 5;
    if (delay_state % 64 == 0)
        thread_yield();
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
    ck_assert_uint_eq(exchange.heap->arena.in_use, 0);
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

Suite *make_suite(void)
{
    Suite *suite = suite_create("delay");
    TCase *exchange = tcase_create("exchange");
    tcase_add_test(exchange, plain);
    tcase_add_test(exchange, checked);
    tcase_add_test(exchange, poisoned);
    tcase_add_test(exchange, at_the_limit);
    suite_add_tcase(suite, exchange);
    return suite;
}
