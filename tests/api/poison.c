/* PERFPOOL_POISON: writes past the requested size and after the free are caught, and nothing else is. */
#include "perfpool.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "support/fault_log.h"
#include "support/generator.h"
#include "support/heap_check.h"
#include "support/heaps.h"
#include "support/pattern.h"
#include "support/share.h"
#include "support/threads.h"
#include "support/valgrind.h"

static struct fault_log log_of_faults;

static perfpool_heap *make_poisoned(void)
{
    fault_log_clear(&log_of_faults);
    return heap_make_logged("web", PERFPOOL_POISON, &log_of_faults);
}

static void take_fault(perfpool_fault_kind kind, const void *block, const perfpool_heap *heap, const char *what)
{
    char text[FAULT_LOG_TEXT];
    ck_assert_uint_eq(fault_log_count(&log_of_faults), 1);
    const struct fault_entry *entry = &log_of_faults.entries[0];
    ck_assert_int_eq((int)entry->fault.kind, (int)kind);
    ck_assert_ptr_eq(entry->fault.block, block);
    ck_assert_ptr_eq(entry->fault.heap, heap);
    snprintf(text, sizeof(text), "perfpool: block 0x%llx (%zu bytes) in heap \"web\" 0x%llx %s",
             (unsigned long long)(uintptr_t)block, entry->fault.block_size, (unsigned long long)(uintptr_t)heap, what);
    ck_assert_str_eq(entry->text, text);
}

/* None fills its block to the last byte: what is past the end must be the block's own. */
static const size_t sizes[] = {1, 63, 100, 127, 600, 5000, 30000, 65537, 200001};
enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

START_TEST(the_requested_size_is_kept)
{
    perfpool_heap *heap = make_poisoned();
    for (size_t size = 1; size < 40000; size += 1 + size / 20) {
        unsigned char *block = AllocateMemory(size, heap);
        ck_assert_uint_eq(perfpool_block_size(block, heap), size);
        ck_assert(pattern_is_all(block, size, 0));
        pattern_fill(block, size, size);
        check_poison_heap(heap);
        FreeMemory(block, heap);
    }
    ck_assert_uint_eq(fault_log_count(&log_of_faults), 0);
    check_poison_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* The free is told of and has no effect; once the byte is as it was, it works. */
START_TEST(an_overrun_is_caught_on_free)
{
    for (size_t i = 0; i < SIZES; i++) {
        perfpool_heap *heap = make_poisoned();
        unsigned char *block = AllocateMemory(sizes[i], heap);
        valgrind_looks_away();
        const unsigned char canary = block[sizes[i]];
        block[sizes[i]] = (unsigned char)(canary + 1);
        valgrind_looks();
        FreeMemory(block, heap);
        take_fault(PERFPOOL_FAULT_OVERRUN, block, heap, "was written past its end");
        ck_assert_uint_eq(log_of_faults.entries[0].fault.block_size, sizes[i]);
        ck_assert_uint_eq(perfpool_block_size(block, heap), sizes[i]);
        ck_assert_uint_eq(heap_figures(heap).live_blocks, 1);
        check_poison_heap(heap);
        valgrind_looks_away();
        block[sizes[i]] = canary;
        valgrind_looks();
        FreeMemory(block, heap);
        ck_assert_uint_eq(fault_log_count(&log_of_faults), 1);
        check_poison_heap(heap);
        ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
    }
}
END_TEST

/* The block is never handed out as if nothing had happened, and the call in which it is found succeeds. */
static void check_write_after_free(size_t size, size_t offset)
{
    enum { REUSED_BY_THEN = 2000 };
    static void *blocks[REUSED_BY_THEN];
    perfpool_heap *heap = make_poisoned();
    unsigned char *block = AllocateMemory(size, heap);
    FreeMemory(block, heap);
    valgrind_looks_away();
    block[offset] = (unsigned char)(block[offset] + 1);
    valgrind_looks();
    size_t count = 0;
    while (count < REUSED_BY_THEN && fault_log_count(&log_of_faults) == 0) {
        blocks[count] = AllocateMemory(size, heap);
        ck_assert_ptr_nonnull(blocks[count]);
        ck_assert(pattern_is_all(blocks[count], size, 0));
        count++;
    }
    take_fault(PERFPOOL_FAULT_WRITE_AFTER_FREE, block, heap, "was written after it was freed");
    check_poison_heap(heap);
    for (size_t i = 0; i < count; i++)
        FreeMemory(blocks[i], heap);
    ck_assert_uint_eq(heap_figures(heap).live_blocks, 0);
    check_poison_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}

START_TEST(a_write_after_free_is_caught_before_reuse)
{
    check_write_after_free(100, 0);
    check_write_after_free(100, 99);
    check_write_after_free(600, 300);
    check_write_after_free(5000, 4999);
}
END_TEST

/* Correct use on several threads, with blocks freed by others: not one fault. */
enum { PLACES = 256 };
static void *places[PLACES];

struct user {
    perfpool_heap *heap;
    struct generator generator;
};

static void use_correctly(void *argument)
{
    struct user *user = argument;
    const int turns = (int)share_of(50000);
    for (int turn = 0; turn < turns; turn++) {
        const size_t size = generator_size(&user->generator, turn % 100 == 0 ? 100000 : 2000);
        void *block = AllocateMemory(size, user->heap);
        memset(block, turn, size);
        void **place = &places[generator_below(&user->generator, PLACES)];
        FreeMemory(__atomic_exchange_n(place, block, __ATOMIC_ACQ_REL), user->heap);
    }
}

START_TEST(correct_use_is_no_fault)
{
    struct user users[3];
    struct thread threads[3];
    const uint64_t seed = generator_seed("correct_use_is_no_fault");
    perfpool_heap *heap = make_poisoned();
    for (size_t i = 0; i < 3; i++) {
        users[i] = (struct user){heap, generator_make(seed, i)};
        thread_start(&threads[i], use_correctly, &users[i]);
    }
    for (size_t i = 0; i < 3; i++)
        thread_join(&threads[i]);
    check_poison_heap(heap);
    for (size_t i = 0; i < PLACES; i++) {
        FreeMemory(places[i], heap);
        places[i] = NULL;
    }
    ck_assert_uint_eq(fault_log_count(&log_of_faults), 0);
    ck_assert_uint_eq(heap_figures(heap).live_blocks, 0);
    check_poison_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

static void free_twice(void *argument)
{
    perfpool_heap *heap = ((void **)argument)[0];
    void *block = ((void **)argument)[1];
    FreeMemory(block, heap);
    FreeMemory(block, heap);
}

START_TEST(poison_implies_check_remote)
{
    perfpool_heap *heap = make_poisoned();
    void *arguments[2] = {heap, AllocateMemory(100, heap)};
    thread_run(free_twice, arguments);
    ck_assert_uint_eq(fault_log_count(&log_of_faults), 1);
    ck_assert_int_eq((int)log_of_faults.entries[0].fault.kind, PERFPOOL_FAULT_DOUBLE_FREE);
    check_poison_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("poison");
    TCase *correct = tcase_create("correct use");
    tcase_add_test(correct, the_requested_size_is_kept);
    tcase_add_test(correct, correct_use_is_no_fault);
    suite_add_tcase(suite, correct);

    TCase *caught = tcase_create("caught");
    tcase_add_test(caught, an_overrun_is_caught_on_free);
    tcase_add_test(caught, a_write_after_free_is_caught_before_reuse);
    tcase_add_test(caught, poison_implies_check_remote);
    suite_add_tcase(suite, caught);
    return suite;
}
