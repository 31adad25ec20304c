/*
 * Misuse with a handler that returns: kind, fields and text of each fault, that it is told once, that the call had no effect,
 * and that the heap is whole afterwards.
 */
#include "perfpool.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "support/fault_log.h"
#include "support/heap_check.h"
#include "support/heaps.h"
#include "support/pattern.h"
#include "support/require.h"
#include "support/threads.h"
#include "support/valgrind.h"

static struct fault_log log_of_faults;

static perfpool_heap *make_web(unsigned flags)
{
    fault_log_clear(&log_of_faults);
    return heap_make_logged("web", flags, &log_of_faults);
}

/* The text has pointers with all their digits and no leading zeros. */
#define POINTER "0x%llx"

static unsigned long long number(const void *pointer)
{
    return (unsigned long long)(uintptr_t)pointer;
}

/* The one fault in the log, which is then cleared. */
static struct fault_entry take_fault(perfpool_fault_kind kind, const void *block, size_t block_size, const char *text)
{
    ck_assert_uint_eq(fault_log_count(&log_of_faults), 1);
    const struct fault_entry entry = log_of_faults.entries[0];
    ck_assert_str_eq(entry.text, text);
    ck_assert_int_eq((int)entry.fault.kind, (int)kind);
    ck_assert_uint_eq(entry.fault.size, sizeof(perfpool_fault));
    ck_assert_ptr_eq(entry.fault.block, block);
    ck_assert_uint_eq(entry.fault.block_size, block_size);
    fault_log_clear(&log_of_faults);
    return entry;
}

static void check_of_heap(const struct fault_entry *entry, const perfpool_heap *heap, const char *name)
{
    ck_assert_ptr_eq(entry->fault.heap, heap);
    ck_assert_str_eq(entry->heap_name, name);
}

static void destroy_checked(perfpool_heap *heap)
{
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}

/* ---- pointers that are no blocks ---- */

static void check_foreign(perfpool_heap *heap, const void *pointer)
{
    char text[FAULT_LOG_TEXT];
    FreeMemory((void *)pointer, heap);
    snprintf(text, sizeof(text), "perfpool: free of " POINTER ", which is in no heap (called with heap \"web\" " POINTER ")",
             number(pointer), number(heap));
    const struct fault_entry entry = take_fault(PERFPOOL_FAULT_FOREIGN, pointer, 0, text);
    check_of_heap(&entry, heap, "web");
}

START_TEST(foreign_pointers)
{
    static int in_data;
    int on_stack = 0;
    void *from_malloc = malloc(100);
    perfpool_heap *heap = make_web(0);
    void *block = AllocateMemory(100, heap);
    check_foreign(heap, &in_data);
    check_foreign(heap, &on_stack);
    check_foreign(heap, from_malloc);
    check_foreign(heap, heap);
    check_foreign(heap, (const void *)(uintptr_t)1);
    check_foreign(heap, (const void *)(uintptr_t)0x1000);
    check_foreign(heap, (const void *)(uintptr_t)0x7fffffffffc0);
    check_foreign(heap, (const void *)(UINTPTR_MAX - 63));
    check_foreign(heap, (const void *)UINTPTR_MAX);
    check_foreign(heap, (const void *)(UINTPTR_MAX / 2 + 1));
    free(from_malloc);
    ck_assert_uint_eq(heap_figures(heap).live_blocks, 1);
    FreeMemory(block, heap);
    destroy_checked(heap);
}
END_TEST

static void check_interior(perfpool_heap *heap, char *block, size_t block_size, size_t offset)
{
    char text[FAULT_LOG_TEXT];
    FreeMemory(block + offset, heap);
    snprintf(text, sizeof(text), "perfpool: free of " POINTER ", inside block " POINTER " (%zu bytes) of heap \"web\" " POINTER,
             number(block + offset), number(block), block_size, number(heap));
    const struct fault_entry entry = take_fault(PERFPOOL_FAULT_INTERIOR, block + offset, block_size, text);
    check_of_heap(&entry, heap, "web");
    ck_assert_uint_eq(perfpool_block_size(block, heap), block_size);
}

START_TEST(interior_pointers)
{
    static const size_t sizes[] = {64, 192, 640, 1000, 5000, 32768, 65536, 200000};
    perfpool_heap *heap = make_web(0);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        /* Not the first of its span, so that distance to the span's start tells nothing. */
        void *before = AllocateMemory(sizes[i], heap);
        char *block = AllocateMemory(sizes[i], heap);
        const size_t usable = perfpool_block_size(block, heap);
        pattern_fill(block, usable, i);
        check_interior(heap, block, usable, 1);
        check_interior(heap, block, usable, 8);
        check_interior(heap, block, usable, 63);
        check_interior(heap, block, usable, usable - 1);
        if (usable > 64) {
            check_interior(heap, block, usable, 64);
            check_interior(heap, block, usable, usable - 64);
        }
        if (usable > 65536)
            check_interior(heap, block, usable, 65536);
        ck_assert(pattern_holds(block, usable, i));
        FreeMemory(before, heap);
        FreeMemory(block, heap);
        ck_assert_uint_eq(fault_log_count(&log_of_faults), 0);
    }
    destroy_checked(heap);
}
END_TEST

static void check_never_allocated(perfpool_heap *heap, const void *pointer)
{
    char text[FAULT_LOG_TEXT];
    FreeMemory((void *)pointer, heap);
    snprintf(text, sizeof(text), "perfpool: free of " POINTER ", never allocated, in heap \"web\" " POINTER, number(pointer),
             number(heap));
    const struct fault_entry entry = take_fault(PERFPOOL_FAULT_NOT_ALLOCATED, pointer, 0, text);
    check_of_heap(&entry, heap, "web");
}

START_TEST(never_allocated_pointers)
{
    perfpool_heap *heap = make_web(0);
    char *block = AllocateMemory(64, heap);
    char *span = (char *)((uintptr_t)block & ~(uintptr_t)0xffff);
    check_never_allocated(heap, span + 65536 - 64);
    check_never_allocated(heap, span + 65536 - 100);
    check_never_allocated(heap, span + 16 * MEBIBYTE);
    check_never_allocated(heap, span + 16 * MEBIBYTE + 1);
    check_never_allocated(heap, span + 60 * MEBIBYTE);
    FreeMemory(block, heap);
    destroy_checked(heap);
}
END_TEST

START_TEST(blocks_of_another_heap)
{
    char text[FAULT_LOG_TEXT];
    perfpool_heap *web = make_web(0);
    perfpool_heap *db = heap_make_logged("db", 0, &log_of_faults);
    static const size_t sizes[] = {192, 131072};
    for (size_t i = 0; i < 2; i++) {
        void *block = AllocateMemory(sizes[i], db);
        FreeMemory(block, web);
        snprintf(text, sizeof(text),
                 "perfpool: free of block " POINTER " (%zu bytes) of heap \"db\" " POINTER " with heap \"web\" " POINTER,
                 number(block), sizes[i], number(db), number(web));
        const struct fault_entry entry = take_fault(PERFPOOL_FAULT_WRONG_HEAP, block, sizes[i], text);
        check_of_heap(&entry, web, "web");
        ck_assert_uint_eq(perfpool_block_size(block, db), sizes[i]);
        FreeMemory(block, db);
        ck_assert_uint_eq(fault_log_count(&log_of_faults), 0);
    }
    destroy_checked(web);
    destroy_checked(db);
}
END_TEST

/* ---- double frees ---- */

static void format_double_free(char text[FAULT_LOG_TEXT], const void *block, size_t block_size, const perfpool_heap *heap)
{
    snprintf(text, FAULT_LOG_TEXT, "perfpool: double free of block " POINTER " (%zu bytes) in heap \"web\" " POINTER, number(block),
             block_size, number(heap));
}

START_TEST(double_free_by_the_owner)
{
    char text[FAULT_LOG_TEXT];
    static const size_t sizes[] = {64, 192, 1024, 32768};
    perfpool_heap *heap = make_web(0);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        void *kept = AllocateMemory(sizes[i], heap);
        void *block = AllocateMemory(sizes[i], heap);
        FreeMemory(block, heap);
        for (int again = 0; again < 3; again++) {
            FreeMemory(block, heap);
            format_double_free(text, block, sizes[i], heap);
            const struct fault_entry entry = take_fault(PERFPOOL_FAULT_DOUBLE_FREE, block, sizes[i], text);
            check_of_heap(&entry, heap, "web");
        }
        ck_assert_uint_eq(heap_figures(heap).live_blocks, 1);
        FreeMemory(kept, heap);
    }
    destroy_checked(heap);
}
END_TEST

/* A freed large block's spans are empty at once, so the second free finds nothing there, or what once was there. */
START_TEST(double_free_of_a_large_block)
{
    perfpool_heap *heap = make_web(0);
    void *kept = AllocateMemory(200000, heap);
    void *block = AllocateMemory(200000, heap);
    FreeMemory(block, heap);
    FreeMemory(block, heap);
    ck_assert_uint_eq(fault_log_count(&log_of_faults), 1);
    ck_assert_int_eq((int)log_of_faults.entries[0].fault.kind, PERFPOOL_FAULT_DOUBLE_FREE);
    ck_assert_ptr_eq(log_of_faults.entries[0].fault.block, block);
    ck_assert_uint_eq(heap_figures(heap).large_runs, 1);
    FreeMemory(kept, heap);
    destroy_checked(heap);
}
END_TEST

struct free_job {
    perfpool_heap *heap;
    void *block;
    int times;
};

static void free_several_times(void *argument)
{
    const struct free_job *job = argument;
    valgrind_looks_away();
    for (int i = 0; i < job->times; i++)
        FreeMemory(job->block, job->heap);
    valgrind_looks();
}

enum { OPENED_BY_THEN = 20000 };

/* Blocks until the magazine is opened: by then, and before the block is handed out twice, the fault is told. */
static void allocate_until_fault(perfpool_heap *heap, const void *twice)
{
    static void *blocks[OPENED_BY_THEN];
    int handed_out = 0;
    size_t count = 0;
    while (count < OPENED_BY_THEN && fault_log_count(&log_of_faults) == 0) {
        blocks[count] = AllocateMemory(128, heap);
        ck_assert_ptr_nonnull(blocks[count]);
        handed_out += blocks[count] == twice;
        count++;
    }
    ck_assert_int_le(handed_out, 1);
    for (size_t i = 0; i < count; i++)
        FreeMemory(blocks[i], heap);
}

START_TEST(double_free_by_another_thread)
{
    char text[FAULT_LOG_TEXT];
    perfpool_heap *heap = make_web(0);
    void *block = AllocateMemory(128, heap);
    struct free_job job = {heap, block, 2};
    thread_run(free_several_times, &job);
    allocate_until_fault(heap, block);
    format_double_free(text, block, 128, heap);
    const struct fault_entry entry = take_fault(PERFPOOL_FAULT_DOUBLE_FREE, block, 128, text);
    check_of_heap(&entry, heap, "web");
    ck_assert_uint_eq(heap_figures(heap).live_blocks, 0);
    destroy_checked(heap);
}
END_TEST

/* Once by the owner, once by another thread, in either order. */
START_TEST(double_free_by_owner_and_another_thread)
{
    char text[FAULT_LOG_TEXT];
    for (int owner_first = 0; owner_first < 2; owner_first++) {
        perfpool_heap *heap = make_web(0);
        void *block = AllocateMemory(128, heap);
        struct free_job job = {heap, block, 1};
        if (owner_first)
            FreeMemory(block, heap);
        thread_run(free_several_times, &job);
        valgrind_looks_away();
        if (!owner_first)
            FreeMemory(block, heap);
        valgrind_looks();
        allocate_until_fault(heap, block);
        format_double_free(text, block, 128, heap);
        take_fault(PERFPOOL_FAULT_DOUBLE_FREE, block, 128, text);
        destroy_checked(heap);
    }
}
END_TEST

START_TEST(check_remote_tells_at_once)
{
    char text[FAULT_LOG_TEXT];
    perfpool_heap *heap = make_web(PERFPOOL_CHECK_REMOTE);
    void *block = AllocateMemory(128, heap);
    struct free_job job = {heap, block, 2};
    thread_run(free_several_times, &job);
    format_double_free(text, block, 128, heap);
    take_fault(PERFPOOL_FAULT_DOUBLE_FREE, block, 128, text);
    FreeMemory(block, heap);
    take_fault(PERFPOOL_FAULT_DOUBLE_FREE, block, 128, text);
    destroy_checked(heap);
}
END_TEST

/* ---- handlers ---- */

struct busy_handler {
    perfpool_heap *heap;
    int calls;
};

/* Calls everything a handler may call. */
static void PERFPOOL_CALL handle_busily(const perfpool_fault *fault, void *argument)
{
    struct busy_handler *handler = argument;
    handler->calls++;
    require(fault->size == sizeof(perfpool_fault) && strncmp(fault->text, "perfpool: ", 10) == 0);
    require(strchr(fault->text, '\n') == NULL);
    for (int i = 0; i < 100; i++) {
        void *small = AllocateMemory(128, handler->heap);
        void *large = AllocateMemory(100000, handler->heap);
        require(small != NULL && large != NULL);
        FreeMemory(small, handler->heap);
        FreeMemory(large, handler->heap);
    }
    perfpool_heap_trim(handler->heap);
    require(heap_figures(handler->heap).faults > 0);
    perfpool_heap *other = heap_make(0);
    require(perfpool_heap_destroy(other, 0) == 0);
    perfpool_thread_detach();
}

START_TEST(a_handler_may_call_perfpool)
{
    struct busy_handler handler = {NULL, 0};
    perfpool_options options = heap_options();
    options.reserve = 64 * MEBIBYTE;
    options.on_fault = handle_busily;
    options.fault_arg = &handler;
    perfpool_heap *heap = handler.heap = perfpool_heap_create(&options);
    char *block = AllocateMemory(128, heap);
    FreeMemory(&options, heap);
    FreeMemory(block + 8, heap);
    ck_assert_int_eq(handler.calls, 2);
    struct free_job job = {heap, block, 2};
    thread_run(free_several_times, &job);
    void *blocks[2000];
    for (size_t i = 0; i < 2000; i++) {
        blocks[i] = AllocateMemory(128, heap);
        ck_assert_ptr_nonnull(blocks[i]);
    }
    ck_assert_int_eq(handler.calls, 3);
    for (size_t i = 0; i < 2000; i++)
        FreeMemory(blocks[i], heap);
    ck_assert_uint_eq(heap_figures(heap).faults, 3);
    destroy_checked(heap);
}
END_TEST

/* Many bad frees of all kinds among good ones: each is told once, and nothing is lost or given twice. */
START_TEST(a_heap_survives_many_faults)
{
    static char *blocks[1000];
    perfpool_heap *heap = make_web(0);
    unsigned faults = 0;
    for (int round = 0; round < 10; round++) {
        for (size_t i = 0; i < 1000; i++) {
            blocks[i] = AllocateMemory(64 + i, heap);
            pattern_fill(blocks[i], 64 + i, i);
        }
        for (size_t i = 0; i < 1000; i++) {
            FreeMemory(blocks[i] + 1 + i % 63, heap);
            FreeMemory(&faults, heap);
            ck_assert(pattern_holds(blocks[i], 64 + i, i));
            FreeMemory(blocks[i], heap);
            FreeMemory(blocks[i], heap);
            faults += 3;
        }
        ck_assert_uint_eq(fault_log_count(&log_of_faults), faults);
    }
    ck_assert_uint_eq(heap_figures(heap).faults, faults);
    destroy_checked(heap);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("faults");
    TCase *pointers = tcase_create("pointers");
    tcase_add_test(pointers, foreign_pointers);
    tcase_add_test(pointers, interior_pointers);
    tcase_add_test(pointers, never_allocated_pointers);
    tcase_add_test(pointers, blocks_of_another_heap);
    suite_add_tcase(suite, pointers);

    TCase *twice = tcase_create("twice");
    tcase_add_test(twice, double_free_by_the_owner);
    tcase_add_test(twice, double_free_of_a_large_block);
    tcase_add_test(twice, double_free_by_another_thread);
    tcase_add_test(twice, double_free_by_owner_and_another_thread);
    tcase_add_test(twice, check_remote_tells_at_once);
    suite_add_tcase(suite, twice);

    TCase *handlers = tcase_create("handlers");
    tcase_add_test(handlers, a_handler_may_call_perfpool);
    tcase_add_test(handlers, a_heap_survives_many_faults);
    suite_add_tcase(suite, handlers);
    return suite;
}
