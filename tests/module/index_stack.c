/* The lock-free stack: order on one thread, nothing lost or doubled among several. */
#include "index_stack.h"

#include "harness.h"
#include "support/generator.h"
#include "support/require.h"
#include "support/threads.h"

enum { THREADS = 4, ENTRIES = 64, ROUNDS = 20000, HELD_MAX = 8 };

struct table {
    struct index_stack stack;
    uint32_t links[ENTRIES + 1];
    uint32_t holders[ENTRIES + 1]; /* 0: on the stack; written by whoever holds the entry */
};

static uint32_t *link_of(const void *table, uint32_t index)
{
    return &((struct table *)(uintptr_t)table)->links[index];
}

static void push(struct table *table, uint32_t index)
{
    index_stack_push(&table->stack, table, link_of, index);
}

static uint32_t pop(struct table *table)
{
    return index_stack_pop(&table->stack, table, link_of);
}

START_TEST(last_in_first_out)
{
    struct table table = {.stack = {0}};
    ck_assert(index_stack_empty(&table.stack));
    ck_assert_uint_eq(pop(&table), 0);
    for (uint32_t i = 1; i <= ENTRIES; i++)
        push(&table, i);
    ck_assert(!index_stack_empty(&table.stack));
    for (uint32_t i = ENTRIES; i >= 1; i--)
        ck_assert_uint_eq(pop(&table), i);
    ck_assert_uint_eq(pop(&table), 0);
    ck_assert(index_stack_empty(&table.stack));
}
END_TEST

START_TEST(every_change_advances_the_tag)
{
    struct table table = {.stack = {0}};
    push(&table, 7);
    const uint64_t once = table.stack.head;
    ck_assert_uint_eq(pop(&table), 7);
    push(&table, 7);
    ck_assert_uint_eq((uint32_t)table.stack.head, (uint32_t)once);
    ck_assert_uint_eq(table.stack.head >> 32, (once >> 32) + 2);
}
END_TEST

START_TEST(tag_wraps)
{
    struct table table = {.stack = {(uint64_t)UINT32_MAX << 32}};
    push(&table, 3);
    ck_assert_uint_eq(table.stack.head, 3);
    push(&table, 4);
    ck_assert_uint_eq(pop(&table), 4);
    ck_assert_uint_eq(pop(&table), 3);
    ck_assert_uint_eq(pop(&table), 0);
}
END_TEST

struct worker {
    struct table *table;
    struct barrier *start;
    struct generator generator;
    uint32_t name;
};

/* Holds up to HELD_MAX entries; marks each as its own, which nobody else's may be. */
static void push_and_pop(void *argument)
{
    struct worker *worker = argument;
    struct table *table = worker->table;
    uint32_t held[HELD_MAX];
    size_t n = 0;
    barrier_wait(worker->start);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        if (n < HELD_MAX && generator_below(&worker->generator, 2) == 0) {
            const uint32_t index = pop(table);
            if (index == 0)
                continue;
            require(index <= ENTRIES);
            uint32_t nobody = 0;
            require(cas_32(&table->holders[index], &nobody, worker->name));
            held[n++] = index;
        } else if (n > 0) {
            const uint32_t index = held[--n];
            uint32_t own = worker->name;
            require(cas_32(&table->holders[index], &own, 0));
            push(table, index);
        }
    }
    while (n > 0) {
        table->holders[held[--n]] = 0;
        push(table, held[n]);
    }
}

/* With few entries the threads fight over the same ones all the time, with many they are rarely out of them. */
static void push_and_pop_together(uint32_t entries)
{
    struct table table = {.stack = {0}};
    struct worker workers[THREADS];
    struct thread threads[THREADS];
    struct barrier start;
    const uint64_t seed = generator_seed("index_stack");
    barrier_init(&start, THREADS);
    for (uint32_t i = 1; i <= entries; i++)
        push(&table, i);
    for (uint32_t i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){&table, &start, generator_make(seed, i), i + 1};
        thread_start(&threads[i], push_and_pop, &workers[i]);
    }
    for (uint32_t i = 0; i < THREADS; i++)
        thread_join(&threads[i]);
    uint64_t seen = 0;
    for (uint32_t i = 0; i < entries; i++)
        seen |= (uint64_t)1 << (pop(&table) - 1);
    ck_assert_uint_eq(seen, entries == 64 ? UINT64_MAX : ((uint64_t)1 << entries) - 1);
    ck_assert_uint_eq(pop(&table), 0);
    barrier_destroy(&start);
}

START_TEST(threads_lose_nothing)
{
    push_and_pop_together(3);
    push_and_pop_together(ENTRIES);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("index_stack");
    TCase *stack = tcase_create("stack");
    tcase_add_test(stack, last_in_first_out);
    tcase_add_test(stack, every_change_advances_the_tag);
    tcase_add_test(stack, tag_wraps);
    tcase_add_test(stack, threads_lose_nothing);
    suite_add_tcase(suite, stack);
    return suite;
}
