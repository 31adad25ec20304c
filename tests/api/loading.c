/* The library as a plug-in brings it: loaded late, used by threads older than it, unloaded, again and again. */
#include "perfpool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "support/error_state.h"
#include "support/heaps.h"
#include "support/library.h"
#include "support/require.h"
#include "support/resident.h"
#include "support/threads.h"

static struct library library;

/* Wine never gives the tables behind a reservation back, so heaps here are small. */
static perfpool_heap *make_small_heap(void)
{
    static perfpool_options options;
    options = heap_options();
    options.reserve = MEBIBYTE;
    perfpool_heap *heap = library.heap_create(&options);
    require(heap != NULL);
    return heap;
}

static void use_library(perfpool_heap *heap)
{
    void *blocks[200];
    for (size_t i = 0; i < 200; i++) {
        error_state_set(ERROR_STATE_SENTINEL);
        blocks[i] = library.allocate(64 + i, heap);
        require(blocks[i] != NULL);
        require(error_state_get() == ERROR_STATE_SENTINEL);
    }
    for (size_t i = 0; i < 200; i++) {
        library.release(blocks[i], heap);
        require(error_state_get() == ERROR_STATE_SENTINEL);
    }
}

static uint64_t live_blocks(perfpool_heap *heap)
{
    perfpool_stats stats = {.size = sizeof(stats)};
    require(library.heap_stats(heap, &stats) == 0);
    return stats.live_blocks;
}

/* A thread that is older than the library, uses it, and ends before or after it is unloaded. */
struct elder {
    struct semaphore go, used, end;
    perfpool_heap *heap;
    void *given; /* a block of the main thread's, freed here */
};

static void use_when_told(void *argument)
{
    struct elder *elder = argument;
    semaphore_wait(&elder->go);
    library.release(elder->given, elder->heap);
    use_library(elder->heap);
    semaphore_post(&elder->used);
    semaphore_wait(&elder->end);
}

static void start_elder(struct elder *elder, struct thread *thread)
{
    semaphore_init(&elder->go);
    semaphore_init(&elder->used);
    semaphore_init(&elder->end);
    thread_start(thread, use_when_told, elder);
}

static void end_elder(struct elder *elder, struct thread *thread)
{
    semaphore_post(&elder->end);
    thread_join(thread);
    semaphore_destroy(&elder->go);
    semaphore_destroy(&elder->used);
    semaphore_destroy(&elder->end);
}

START_TEST(threads_older_than_the_library)
{
    library_copy(&library);
    for (int ends_after_unload = 0; ends_after_unload < 2; ends_after_unload++) {
        struct elder elders[3];
        struct thread threads[3];
        for (size_t i = 0; i < 3; i++)
            start_elder(&elders[i], &threads[i]);
        library_load(&library);
        perfpool_heap *heap = make_small_heap();
        for (size_t i = 0; i < 3; i++) {
            elders[i].heap = heap;
            elders[i].given = library.allocate(100, heap);
            semaphore_post(&elders[i].go);
        }
        for (size_t i = 0; i < 3; i++)
            semaphore_wait(&elders[i].used);
        ck_assert_uint_eq(live_blocks(heap), 0);
        if (!ends_after_unload) {
            for (size_t i = 0; i < 3; i++)
                end_elder(&elders[i], &threads[i]);
            ck_assert_uint_eq(live_blocks(heap), 0);
        }
        ck_assert_uint_eq(library.heap_destroy(heap, 0), 0);
        library_unload(&library);
        if (ends_after_unload) {
            for (size_t i = 0; i < 3; i++)
                end_elder(&elders[i], &threads[i]);
        }
    }
    library_remove(&library);
}
END_TEST

static void use_from_thread(void *argument)
{
    use_library(argument);
}

/* One life of the plug-in. What it leaves to the library: a heap without live blocks. */
static void load_use_unload(int leave_heap)
{
    library_load(&library);
    perfpool_heap *heap = make_small_heap();
    use_library(heap);
    thread_run(use_from_thread, heap);
    if (!leave_heap)
        require(library.heap_destroy(heap, 0) == 0);
    library_unload(&library);
}

/* Handles and address space after the first hundred lives are those after the last. */
START_TEST(a_thousand_loads_leave_nothing)
{
    library_copy(&library);
    for (int i = 0; i < 100; i++)
        load_use_unload(0);
    const size_t handles = open_handles();
    const size_t space = address_space_bytes();
    for (int i = 0; i < 900; i++)
        load_use_unload(0);
    ck_assert_uint_le(open_handles(), handles + 2);
    ck_assert_uint_le(address_space_bytes(), space + 4 * MEBIBYTE);
    library_remove(&library);
}
END_TEST

#ifdef _WIN32

START_TEST(unloading_releases_heaps_without_live_blocks)
{
    library_copy(&library);
    for (int i = 0; i < 10; i++)
        load_use_unload(1);
    const size_t space = address_space_bytes();
    for (int i = 0; i < 50; i++)
        load_use_unload(1);
    ck_assert_uint_le(address_space_bytes(), space + 4 * MEBIBYTE);
    library_remove(&library);
}
END_TEST

/* Blocks that are live when the library goes stay readable and writable. */
START_TEST(live_blocks_outlive_the_library)
{
    library_copy(&library);
    library_load(&library);
    perfpool_heap *heap = make_small_heap();
    unsigned char *block = library.allocate(1000, heap);
    ck_assert_ptr_nonnull(block);
    memset(block, 0x5a, 1000);
    library_unload(&library);
    ck_assert_uint_eq(block[999], 0x5a);
    memset(block, 0xa5, 1000);
    library_remove(&library);
}
END_TEST

static DWORD free_index(void)
{
    const DWORD index = TlsAlloc();
    require(index != TLS_OUT_OF_INDEXES && TlsFree(index));
    return index;
}

START_TEST(the_thread_local_index_is_given_back)
{
    library_copy(&library);
    load_use_unload(0);
    const DWORD before = free_index();
    for (int i = 0; i < 50; i++)
        load_use_unload(0);
    ck_assert_uint_eq(free_index(), before);
    library_remove(&library);
}
END_TEST

/* With all direct slots taken the library must go through TlsGetValue, and still leave the last error alone. */
START_TEST(thread_local_index_above_63)
{
    enum { INDEXES = 80 };
    DWORD indexes[INDEXES];
    library_copy(&library);
    for (size_t i = 0; i < INDEXES; i++) {
        indexes[i] = TlsAlloc();
        ck_assert_uint_ne(indexes[i], TLS_OUT_OF_INDEXES);
    }
    ck_assert_uint_ge(indexes[INDEXES - 1], 64);
    struct elder elder;
    struct thread thread;
    start_elder(&elder, &thread);
    library_load(&library);
    elder.heap = make_small_heap();
    elder.given = library.allocate(1, elder.heap);
    use_library(elder.heap);
    semaphore_post(&elder.go);
    semaphore_wait(&elder.used);
    thread_run(use_from_thread, elder.heap);
    ck_assert_uint_eq(live_blocks(elder.heap), 0);
    end_elder(&elder, &thread);
    ck_assert_uint_eq(library.heap_destroy(elder.heap, 0), 0);
    library_unload(&library);
    for (size_t i = 0; i < INDEXES; i++)
        ck_assert(TlsFree(indexes[i]));
    library_remove(&library);
}
END_TEST

#else

/* dlclose leaves it in place: a thread's end may come later and needs the code. */
START_TEST(late_thread_ends_find_the_code)
{
    struct elder elder;
    struct thread thread;
    library_copy(&library);
    start_elder(&elder, &thread);
    library_load(&library);
    elder.heap = make_small_heap();
    elder.given = library.allocate(1, elder.heap);
    semaphore_post(&elder.go);
    semaphore_wait(&elder.used);
    library_unload(&library);
    ck_assert_str_eq(library.version(), perfpool_version());
    end_elder(&elder, &thread);
    ck_assert_uint_eq(live_blocks(elder.heap), 0);
    ck_assert_uint_eq(library.heap_destroy(elder.heap, 0), 0);
    library_remove(&library);
}
END_TEST

#endif

Suite *make_suite(void)
{
    Suite *suite = suite_create("loading");
    TCase *late = tcase_create("late");
    tcase_add_test(late, threads_older_than_the_library);
#ifdef _WIN32
    tcase_add_test(late, thread_local_index_above_63);
#else
    tcase_add_test(late, late_thread_ends_find_the_code);
#endif
    suite_add_tcase(suite, late);

    TCase *again = tcase_create("again");
    tcase_add_test(again, a_thousand_loads_leave_nothing);
#ifdef _WIN32
    tcase_add_test(again, unloading_releases_heaps_without_live_blocks);
    tcase_add_test(again, live_blocks_outlive_the_library);
    tcase_add_test(again, the_thread_local_index_is_given_back);
#endif
    suite_add_tcase(suite, again);
    return suite;
}
