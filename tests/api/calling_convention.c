/*
 * The callbacks are what PERFLIB's types say, down to who clears the stack on 32-bit x86: there a function called by the wrong
 * convention leaves the stack pointer off by its arguments.
 */
#ifdef _WIN32
#include <windows.h>
#include <winperf.h>

#include <perflib.h>
#endif

#include "msvc/layout.h"

#include <stdint.h>

#include "harness.h"
#include "support/heaps.h"

#ifndef _WIN32
typedef void *(*PERF_MEM_ALLOC)(size_t size, void *context);
typedef void (*PERF_MEM_FREE)(void *block, void *context);
#endif

/* No cast: another type would not compile. */
static const PERF_MEM_ALLOC allocate = AllocateMemory;
static const PERF_MEM_FREE release = FreeMemory;

START_TEST(callbacks_through_the_types)
{
    perfpool_heap *heap = heap_make(0);
    void *block = allocate(100, heap);
    ck_assert_ptr_nonnull(block);
    ck_assert_uint_eq(perfpool_block_size(block, heap), 128);
    release(block, heap);
    ck_assert_uint_eq(heap_figures(heap).live_blocks, 0);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

#ifdef __i386__
/*
 * Calls a function of two words as a caller of any convention may: arguments pushed from the right, then the call. Gives its result
 * and in *popped the bytes that it took off the stack itself, which the caller's copy of the stack pointer tells.
 */
static __attribute__((noinline)) uintptr_t call_raw(uintptr_t function, uintptr_t first, uintptr_t second, int *popped)
{
    uintptr_t result = function;
    uintptr_t second_then_after = second;
    __asm__ volatile("movl %%esp, %%ebx\n\t"
                     "pushl %[after]\n\t"
                     "pushl %[first]\n\t"
                     "call *%%eax\n\t"
                     "movl %%esp, %[after]\n\t"
                     "movl %%ebx, %%esp\n\t"
                     "subl %%ebx, %[after]\n\t"
                     : "+a"(result), [after] "+D"(second_then_after)
                     : [first] "S"(first)
                     : "ebx", "ecx", "edx", "memory", "cc");
    *popped = (int)(intptr_t)second_then_after + 8;
    return result;
}

static int __cdecl caller_clears(uintptr_t first, uintptr_t second)
{
    return (int)(first - second);
}

static int __stdcall function_clears(uintptr_t first, uintptr_t second)
{
    return (int)(first - second);
}

/* The measure must be able to tell. */
START_TEST(conventions_are_told_apart)
{
    int popped = -1;
    ck_assert_uint_eq(call_raw((uintptr_t)caller_clears, 9, 2, &popped), 7);
    ck_assert_int_eq(popped, 0);
    ck_assert_uint_eq(call_raw((uintptr_t)function_clears, 9, 2, &popped), 7);
    ck_assert_int_eq(popped, 8);
}
END_TEST

/* Fast and slow path, small and large blocks, NULL and a fault's handler: every way out of the two functions. */
START_TEST(callbacks_clear_their_arguments)
{
    static const size_t sizes[] = {0, 1, 64, 100, 300, 4096, 32768, 32769, 1 << 20, (size_t)1 << 30};
    struct fault_log log = {0};
    perfpool_heap *heap = heap_make_logged("balance", 0, &log);
    int popped = -1;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (int round = 0; round < 200; round++) {
            const uintptr_t block = call_raw((uintptr_t)allocate, sizes[i], (uintptr_t)heap, &popped);
            ck_assert_int_eq(popped, 8);
            ck_assert_int_eq(block != 0, sizes[i] < (size_t)1 << 30);
            call_raw((uintptr_t)release, block, (uintptr_t)heap, &popped);
            ck_assert_int_eq(popped, 8);
        }
    }
    call_raw((uintptr_t)release, (uintptr_t)&log, (uintptr_t)heap, &popped);
    ck_assert_int_eq(popped, 8);
    ck_assert_uint_eq(fault_log_count(&log), 1);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* As PERFLIB's own code calls them: the compiler takes for granted what the types say of the stack. */
START_TEST(stack_is_balanced_in_compiled_calls)
{
    perfpool_heap *heap = heap_make(0);
    uintptr_t before;
    uintptr_t between;
    uintptr_t after;
    __asm__ volatile("movl %%esp, %0" : "=m"(before));
    void *block = allocate(100, heap);
    __asm__ volatile("movl %%esp, %0" : "=m"(between));
    release(block, heap);
    __asm__ volatile("movl %%esp, %0" : "=m"(after));
    ck_assert_uint_eq(between, before);
    ck_assert_uint_eq(after, before);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* All but the callbacks is __cdecl. */
START_TEST(other_functions_leave_their_arguments)
{
    perfpool_heap *heap = heap_make(0);
    int popped = -1;
    call_raw((uintptr_t)perfpool_version, 0, 0, &popped);
    ck_assert_int_eq(popped, 0);
    call_raw((uintptr_t)perfpool_block_size, 0, (uintptr_t)heap, &popped);
    ck_assert_int_eq(popped, 0);
    call_raw((uintptr_t)perfpool_heap_trim, (uintptr_t)heap, 0, &popped);
    ck_assert_int_eq(popped, 0);
    call_raw((uintptr_t)perfpool_thread_detach, 0, 0, &popped);
    ck_assert_int_eq(popped, 0);
    ck_assert_uint_eq(call_raw((uintptr_t)perfpool_heap_destroy, (uintptr_t)heap, 0, &popped), 0);
    ck_assert_int_eq(popped, 0);
}
END_TEST
#endif

Suite *make_suite(void)
{
    Suite *suite = suite_create("calling_convention");
    TCase *types = tcase_create("types");
    tcase_add_test(types, callbacks_through_the_types);
    suite_add_tcase(suite, types);
#ifdef __i386__
    TCase *stack = tcase_create("stack");
    tcase_add_test(stack, conventions_are_told_apart);
    tcase_add_test(stack, callbacks_clear_their_arguments);
    tcase_add_test(stack, stack_is_balanced_in_compiled_calls);
    tcase_add_test(stack, other_functions_leave_their_arguments);
    suite_add_tcase(suite, stack);
#endif
    return suite;
}
