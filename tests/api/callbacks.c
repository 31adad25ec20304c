/* AllocateMemory and FreeMemory: their types and the sizes they serve. */
#ifdef _WIN32
#include <windows.h>

#include <perflib.h>
#endif

#include "perfpool.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "support/fault_log.h"
#include "support/heap_check.h"
#include "support/heaps.h"
#include "support/pattern.h"

enum { LINE = 64, SPAN = 65536, LARGEST_CLASS = 32768 };

#ifdef _WIN32
typedef PERF_MEM_ALLOC allocate_type;
typedef PERF_MEM_FREE free_type;
#else
typedef void *(*allocate_type)(size_t size, void *context);
typedef void (*free_type)(void *block, void *context);
#endif

START_TEST(types_are_perflibs)
{
    _Static_assert(__builtin_types_compatible_p(__typeof__(&AllocateMemory), allocate_type), "PERF_MEM_ALLOC");
    _Static_assert(__builtin_types_compatible_p(__typeof__(&FreeMemory), free_type), "PERF_MEM_FREE");
    const allocate_type allocate = AllocateMemory;
    const free_type release = FreeMemory;
    void *block = allocate(100, NULL);
    ck_assert_ptr_nonnull(block);
    release(block, NULL);
    check_heap(perfpool_heap_default(NULL));
}
END_TEST

START_TEST(version_is_the_headers)
{
    char expected[32];
    snprintf(expected, sizeof(expected), "%d.%d.%d", PERFPOOL_VERSION_MAJOR, PERFPOOL_VERSION_MINOR, PERFPOOL_VERSION_PATCH);
    ck_assert_str_eq(perfpool_version(), expected);
}
END_TEST

#ifdef _WIN32
static ULONG WINAPI no_control(ULONG code, PVOID buffer, ULONG size)
{
    (void)code, (void)buffer, (void)size;
    return ERROR_SUCCESS;
}

START_TEST(provider_context_is_filled)
{
    perfpool_heap *heap = heap_make(0);
    PERF_PROVIDER_CONTEXT context;
    memset(&context, 0xff, sizeof(context));
    perfpool_fill_provider_context(&context, no_control, heap);
    ck_assert_uint_eq(context.ContextSize, sizeof(context));
    ck_assert_uint_eq(context.Reserved, 0);
    ck_assert(context.ControlCallback == no_control);
    ck_assert_ptr_eq(context.pMemContext, heap);
    void *block = context.MemAllocRoutine(48, context.pMemContext);
    ck_assert_uint_eq(perfpool_block_size(block, heap), 64);
    context.MemFreeRoutine(block, context.pMemContext);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST
#endif

START_TEST(size_zero_is_a_smallest_block)
{
    perfpool_heap *heap = heap_make(0);
    void *first = AllocateMemory(0, heap);
    void *second = AllocateMemory(0, heap);
    ck_assert(first != NULL && second != NULL && first != second);
    ck_assert_uint_eq(perfpool_block_size(first, heap), LINE);
    FreeMemory(first, heap);
    FreeMemory(second, heap);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

START_TEST(free_of_null_does_nothing)
{
    struct fault_log log = {0};
    perfpool_heap *heap = heap_make_logged("null", 0, &log);
    FreeMemory(NULL, heap);
    FreeMemory(NULL, NULL);
    ck_assert_uint_eq(fault_log_count(&log), 0);
    ck_assert_uint_eq(heap_figures(heap).live_blocks, 0);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* One block of `size`: large enough, aligned, not too large, and writable from end to end. */
static void check_one_size(perfpool_heap *heap, size_t size)
{
    unsigned char *block = AllocateMemory(size, heap);
    ck_assert_msg(block != NULL, "no block of %zu bytes", size);
    const size_t usable = perfpool_block_size(block, heap);
    ck_assert_uint_ge(usable, size);
    ck_assert_uint_eq((uintptr_t)block % LINE, 0);
    ck_assert_uint_eq(usable % LINE, 0);
    const size_t waste = usable - size;
    if (size <= 8192) {
        ck_assert_msg(waste < LINE || waste * 8 <= usable, "%zu bytes take %zu", size, usable);
    } else if (size <= LARGEST_CLASS) {
        ck_assert_msg(waste * 4 <= usable, "%zu bytes take %zu", size, usable);
    } else {
        ck_assert_msg(waste < SPAN, "%zu bytes take %zu", size, usable);
    }
    ck_assert_msg(pattern_is_all(block, usable, 0), "a block of %zu bytes is not zero", size);
    pattern_fill(block, usable, size);
    ck_assert(pattern_holds(block, usable, size));
    FreeMemory(block, heap);
    ck_assert_uint_eq(perfpool_block_size(block, heap), 0);
}

START_TEST(sizes_around_every_class_border)
{
    perfpool_heap *heap = heap_make(0);
    const perfpool_stats stats = heap_figures(heap);
    ck_assert_uint_ge(stats.classes, 2);
    ck_assert_uint_eq(stats.class_stats[0].block_size, LINE);
    ck_assert_uint_eq(stats.class_stats[stats.classes - 1].block_size, LARGEST_CLASS);
    for (uint32_t i = 0; i < stats.classes; i++) {
        const size_t border = stats.class_stats[i].block_size;
        check_one_size(heap, border - 1);
        check_one_size(heap, border);
        check_one_size(heap, border + 1);
        void *block = AllocateMemory(border, heap);
        ck_assert_uint_eq(perfpool_block_size(block, heap), border);
        ck_assert_uint_eq(heap_figures(heap).class_stats[i].live_blocks, 1);
        FreeMemory(block, heap);
    }
    for (size_t size = 1; size <= LARGEST_CLASS; size += 61)
        check_one_size(heap, size);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

START_TEST(large_sizes_up_to_the_whole_arena)
{
    static const size_t sizes[] = {
        LARGEST_CLASS + 1, SPAN - 1,  SPAN,          SPAN + 1,  3 * SPAN + 100, 1 << 20,
        63 * SPAN,         64 * SPAN, 64 * SPAN + 1, 65 * SPAN, 130 * SPAN,     16 << 20,
    };
    perfpool_heap *heap = heap_make(0);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        check_one_size(heap, sizes[i]);
    ck_assert_uint_eq(heap_figures(heap).large_runs, 0);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);

    heap = heap_make(0);
    const size_t whole = (size_t)heap_figures(heap).reserved;
    unsigned char *all = AllocateMemory(whole, heap);
    ck_assert_msg(all != NULL, "the whole arena is not to be had");
    all[0] = 1;
    all[whole - 1] = 1;
    ck_assert_ptr_null(AllocateMemory(SPAN, heap));
    FreeMemory(all, heap);
    check_heap(heap);
    check_one_size(heap, SPAN);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

START_TEST(impossible_sizes_give_null)
{
    static const size_t sizes[] = {
        SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 63, SIZE_MAX - 64, SIZE_MAX - 65535, SIZE_MAX - 65536, SIZE_MAX / 2, SIZE_MAX / 2 + 1,
    };
    perfpool_heap *heap = heap_make(0);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        ck_assert_ptr_null(AllocateMemory(sizes[i], heap));
        ck_assert_ptr_null(AllocateMemory(sizes[i], NULL));
    }
    ck_assert_ptr_null(AllocateMemory((size_t)heap_figures(heap).reserved + 1, heap));
    check_heap(heap);
    check_one_size(heap, 100);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("callbacks");
    TCase *contract = tcase_create("contract");
    tcase_add_test(contract, types_are_perflibs);
    tcase_add_test(contract, version_is_the_headers);
#ifdef _WIN32
    tcase_add_test(contract, provider_context_is_filled);
#endif
    tcase_add_test(contract, size_zero_is_a_smallest_block);
    tcase_add_test(contract, free_of_null_does_nothing);
    suite_add_tcase(suite, contract);

    TCase *sizes = tcase_create("sizes");
    tcase_add_test(sizes, sizes_around_every_class_border);
    tcase_add_test(sizes, large_sizes_up_to_the_whole_arena);
    tcase_add_test(sizes, impossible_sizes_give_null);
    suite_add_tcase(suite, sizes);

    return suite;
}
