/*
 * Generated code and perfpool's callbacks together: what CounterInitialize and PerfAutoInitialize register is the two functions and
 * the heap, every block of the PERFLIB in use comes from it, and it is empty after the clean-up.
 */
#include "perflib_headers.h"

#include "counters.h"
#include "harness.h"
#include "perflib_table.h"
#include "support/heap_check.h"
#include "support/heaps.h"

#include <string.h>

static uint64_t live_blocks(perfpool_heap *heap)
{
    return heap_figures(heap).live_blocks;
}

/* perfpool's PERFLIB, which takes all its memory from the callbacks; Windows' own may not. */
static void use_our_perflib(void)
{
    perflib_use(perflib_test());
}

/* Creates instances and deletes them; each has a block of the heap that is large enough for it. */
static void use_provider(HANDLE provider, const GUID *set, perfpool_heap *heap)
{
    enum { INSTANCES = 100 };
    static PERF_COUNTERSET_INSTANCE *instances[INSTANCES];
    const uint64_t before = live_blocks(heap);
    WCHAR name[] = {'n', 0, 0};

    for (ULONG i = 0; i < INSTANCES; i++) {
        name[1] = (WCHAR)(0x100 + i);
        instances[i] = PerfCreateInstance(provider, set, name, i);
        ck_assert_ptr_nonnull(instances[i]);
        ck_assert_uint_ge(perfpool_block_size(instances[i], heap), instances[i]->dwSize);
    }
    ck_assert_uint_ge(live_blocks(heap), before + INSTANCES);
    for (ULONG i = 0; i < INSTANCES; i++) {
        ck_assert_uint_eq(PerfDeleteInstance(provider, instances[i]), ERROR_SUCCESS);
        ck_assert_uint_eq(perfpool_block_size(instances[i], heap), 0);
    }
    check_heap(heap);
}

START_TEST(counter_initialize_and_clean_up)
{
    perfpool_heap *heap = heap_make(0);

    for (int i = 0; i < 3; i++) {
        ck_assert_uint_eq(CounterInitialize(NULL, AllocateMemory, FreeMemory, heap), ERROR_SUCCESS);
        ck_assert_ptr_nonnull(ExampleServer);
        ck_assert_uint_ne(perfpool_block_size(ExampleServer, heap), 0);
        use_provider(ExampleServer, &SessionSetGuid, heap);
        CounterCleanup();
        ck_assert_ptr_null(ExampleServer);
        ck_assert_uint_eq(live_blocks(heap), 0);
        CounterCleanup();
    }
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

START_TEST(clean_up_frees_what_was_forgotten)
{
    perfpool_heap *heap = heap_make(0);

    ck_assert_uint_eq(CounterInitialize(NULL, AllocateMemory, FreeMemory, heap), ERROR_SUCCESS);
    ck_assert_ptr_nonnull(PerfCreateInstance(ExampleServer, &SessionSetGuid, WIDE("forgotten"), 1));
    CounterCleanup();
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* The generated code has one handle and does not look whether it is in use. */
START_TEST(a_second_start_loses_the_first_handle)
{
    perfpool_heap *heap = heap_make(0);
    HANDLE first;

    ck_assert_uint_eq(CounterInitialize(NULL, AllocateMemory, FreeMemory, heap), ERROR_SUCCESS);
    first = ExampleServer;
    ck_assert_uint_eq(CounterInitialize(NULL, AllocateMemory, FreeMemory, heap), ERROR_SUCCESS);
    ck_assert_ptr_ne(ExampleServer, first);
    CounterCleanup();
    ck_assert_uint_gt(live_blocks(heap), 0);
    ck_assert_uint_eq(PerfStopProvider(first), ERROR_SUCCESS);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

START_TEST(the_default_heap_is_a_null_context)
{
    const uint64_t before = live_blocks(NULL);

    ck_assert_uint_eq(CounterInitialize(NULL, AllocateMemory, FreeMemory, NULL), ERROR_SUCCESS);
    ck_assert_uint_gt(live_blocks(NULL), before);
    use_provider(ExampleServer, &SessionSetGuid, NULL);
    CounterCleanup();
    ck_assert_uint_eq(live_blocks(NULL), before);
}
END_TEST

/* At its limit the heap gives NULL, PERFLIB says so, and there is no harm done. */
START_TEST(a_heap_without_room_is_a_documented_error)
{
    enum { MOST = 100000 };
    perfpool_options options = heap_options();
    perfpool_heap *heap;

    options.reserve = (size_t)1 << 23;
    options.limit = (size_t)1 << 20;
    heap = perfpool_heap_create(&options);
    ck_assert_ptr_nonnull(heap);
    ck_assert_uint_eq(CounterInitialize(NULL, AllocateMemory, FreeMemory, heap), ERROR_SUCCESS);
    for (int round = 0; round < 2; round++) {
        static PERF_COUNTERSET_INSTANCE *instances[MOST];
        ULONG made;
        DWORD error;

        for (made = 0; made < MOST; made++) {
            instances[made] = PerfCreateInstance(ExampleServer, &SessionSetGuid, WIDE("client"), made);
            if (instances[made] == NULL) {
                break;
            }
        }
        error = GetLastError();
        ck_assert(error == ERROR_NOT_ENOUGH_MEMORY || error == ERROR_OUTOFMEMORY);
        ck_assert_uint_gt(made, 1000);
        ck_assert_uint_lt(made, MOST);
        ck_assert_uint_le(heap_figures(heap).committed, options.limit);
        while (made > 0) {
            ck_assert_uint_eq(PerfDeleteInstance(ExampleServer, instances[--made]), ERROR_SUCCESS);
        }
    }
    CounterCleanup();
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* Callbacks for headers that declare the types without a calling convention, as docs/windows.md has them. */
static LPVOID PERFPOOL_CALL allocate_memory(SIZE_T size, LPVOID heap)
{
    return AllocateMemory(size, heap);
}

static void PERFPOOL_CALL free_memory(LPVOID block, LPVOID heap)
{
    FreeMemory(block, heap);
}

START_TEST(callbacks_of_another_convention_are_two_lines)
{
    LPVOID(PERFPOOL_CALL *volatile allocate)(SIZE_T, LPVOID) = allocate_memory;
    void(PERFPOOL_CALL *volatile release)(LPVOID, LPVOID) = free_memory;
    perfpool_heap *heap = heap_make(0);

    for (int i = 0; i < 1000; i++) {
        void *block = allocate(100, heap);

        ck_assert_uint_ge(perfpool_block_size(block, heap), 100);
        release(block, heap);
    }
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

struct one_counter {
    PERF_COUNTERSET_INFO set;
    PERF_COUNTER_INFO counter;
};

/* A provider made by hand, with perfpool_fill_provider_context. */
static HANDLE start_provider(int number, perfpool_heap *heap, GUID *set)
{
    GUID guid = {0x5f3c1a88, 0x2d10, 0x4e63, {0x8b, 1, 2, 3, 4, 5, 6, (uint8_t)number}};
    struct one_counter description;
    PERF_PROVIDER_CONTEXT context;
    HANDLE provider = NULL;

    memset(&description, 0, sizeof description);
    description.set.ProviderGuid = guid;
    guid.Data1++;
    description.set.CounterSetGuid = guid;
    description.set.NumCounters = 1;
    description.set.InstanceType = PERF_COUNTERSET_MULTI_INSTANCES;
    description.counter.CounterId = 1;
    description.counter.Type = PERF_COUNTER_RAWCOUNT;
    *set = guid;
    perfpool_fill_provider_context(&context, NULL, heap);
    ck_assert_uint_eq(PerfStartProviderEx(&description.set.ProviderGuid, &context, &provider), ERROR_SUCCESS);
    ck_assert_uint_eq(PerfSetCounterSetInfo(provider, &description.set, sizeof description), ERROR_SUCCESS);
    return provider;
}

START_TEST(several_providers_share_a_heap)
{
    enum { PROVIDERS = 5 };
    perfpool_heap *heap = heap_make(0);
    HANDLE providers[PROVIDERS];
    GUID set;

    for (int i = 0; i < PROVIDERS; i++) {
        providers[i] = start_provider(i, heap, &set);
        use_provider(providers[i], &set, heap);
    }
    for (int i = 0; i < PROVIDERS; i++) {
        ck_assert_uint_gt(live_blocks(heap), 0);
        ck_assert_uint_eq(PerfStopProvider(providers[i]), ERROR_SUCCESS);
    }
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("pairing");
    TCase *generated = tcase_create("generated");
    TCase *by_hand = tcase_create("by_hand");

    tcase_add_checked_fixture(generated, use_our_perflib, NULL);
    tcase_add_test(generated, counter_initialize_and_clean_up);
    tcase_add_test(generated, clean_up_frees_what_was_forgotten);
    tcase_add_test(generated, a_second_start_loses_the_first_handle);
    tcase_add_test(generated, the_default_heap_is_a_null_context);
    tcase_add_test(generated, a_heap_without_room_is_a_documented_error);
    suite_add_tcase(suite, generated);
    tcase_add_checked_fixture(by_hand, use_our_perflib, NULL);
    tcase_add_test(by_hand, callbacks_of_another_convention_are_two_lines);
    tcase_add_test(by_hand, several_providers_share_a_heap);
    suite_add_tcase(suite, by_hand);
    return suite;
}
