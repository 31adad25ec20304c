/* Calls made while a thread ends, by destructors that run before and after perfpool's own, and threads that are killed. */
#include "perfpool.h"

#include <stdint.h>
#include <string.h>

#include "harness.h"
#include "support/heap_check.h"
#include "support/heaps.h"
#include "support/pattern.h"
#include "support/require.h"
#include "support/threads.h"

enum { LATE_BLOCKS = 40, OWN_SIZE = 100 };

/* What a thread leaves for its destructors: blocks of its own and of the main thread's. */
struct estate {
    perfpool_heap *heap;
    void *own[LATE_BLOCKS], *foreign[LATE_BLOCKS];
    int visits;
};

static void collect_blocks(struct estate *estate)
{
    for (size_t i = 0; i < LATE_BLOCKS; i++) {
        estate->own[i] = AllocateMemory(OWN_SIZE, estate->heap);
        require(estate->own[i] != NULL);
        pattern_fill(estate->own[i], OWN_SIZE, i);
    }
}

/* Some frees of both kinds and some allocations, as often as the thread's end calls it. */
static void execute_estate(struct estate *estate)
{
    for (size_t i = (size_t)estate->visits; i < LATE_BLOCKS; i += 4) {
        require(pattern_holds(estate->own[i], OWN_SIZE, i));
        FreeMemory(estate->own[i], estate->heap);
        FreeMemory(estate->foreign[i], estate->heap);
        void *block = AllocateMemory(300 + i, estate->heap);
        require(block != NULL && pattern_is_all(block, 300 + i, 0));
        memset(block, 0xa5, 300 + i);
        FreeMemory(block, estate->heap);
    }
    estate->visits++;
}

static void prepare_estate(struct estate *estate, perfpool_heap *heap)
{
    estate->heap = heap;
    estate->visits = 0;
    for (size_t i = 0; i < LATE_BLOCKS; i++)
        estate->foreign[i] = AllocateMemory(200, heap);
}

#ifdef _WIN32

static DWORD fiber_slot;

static void WINAPI execute_at_exit(void *argument)
{
    struct estate *estate = argument;
    for (int i = 0; i < 4; i++)
        execute_estate(estate);
}

static void live_and_end(void *argument)
{
    collect_blocks(argument);
    require(FlsSetValue(fiber_slot, argument));
}

static void open_slots(void)
{
    fiber_slot = FlsAlloc(execute_at_exit);
    require(fiber_slot != FLS_OUT_OF_INDEXES);
}

static void close_slots(void)
{
    require(FlsFree(fiber_slot));
}

/* A thread that is killed in the middle of its own computing leaves its pool behind, bound for ever; the heap goes on. */
struct victim {
    struct estate estate;
    HANDLE ready;
    volatile LONG turns;
};

static DWORD WINAPI compute_until_killed(LPVOID argument)
{
    struct victim *victim = argument;
    collect_blocks(&victim->estate);
    SetEvent(victim->ready);
    for (;;)
        victim->turns++;
    return 0;
}

START_TEST(a_killed_thread_leaves_the_heap_whole)
{
    static struct victim victim;
    perfpool_heap *heap = heap_make(0);
    for (int round = 0; round < 10; round++) {
        prepare_estate(&victim.estate, heap);
        victim.ready = CreateEventA(NULL, FALSE, FALSE, NULL);
        HANDLE thread = CreateThread(NULL, 0, compute_until_killed, &victim, 0, NULL);
        ck_assert(thread != NULL);
        ck_assert_uint_eq(WaitForSingleObject(victim.ready, INFINITE), WAIT_OBJECT_0);
        /* Beyond SetEvent, where it might still be inside a system call. */
        for (const LONG turns = victim.turns; victim.turns < turns + 1000;)
            SwitchToThread();
        ck_assert(TerminateThread(thread, 0));
        ck_assert_uint_eq(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
        CloseHandle(thread);
        CloseHandle(victim.ready);
        check_heap(heap);
        for (int i = 0; i < 4; i++)
            execute_estate(&victim.estate);
        ck_assert_uint_eq(heap_figures(heap).live_blocks, 0);
        check_heap(heap);
    }
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

#else

/* Keys made after perfpool's own: glibc runs the destructors in the order of the keys, four times over. */
enum { KEYS = 40 };
static pthread_key_t keys[KEYS];

static __thread int pending_keys;

static void execute_at_exit(void *argument)
{
    struct estate *estate = argument;
    if (--pending_keys > 0)
        return;
    execute_estate(estate);
    if (estate->visits < 4) {
        pending_keys = 1;
        require(pthread_setspecific(keys[KEYS - 1], estate) == 0);
    }
}

static void live_and_end(void *argument)
{
    collect_blocks(argument);
    pending_keys = KEYS;
    for (size_t i = 0; i < KEYS; i++)
        require(pthread_setspecific(keys[i], argument) == 0);
}

static void open_slots(void)
{
    for (size_t i = 0; i < KEYS; i++)
        require(pthread_key_create(&keys[i], execute_at_exit) == 0);
}

static void close_slots(void)
{
    for (size_t i = 0; i < KEYS; i++)
        require(pthread_key_delete(keys[i]) == 0);
}

#endif

START_TEST(destructors_allocate_and_free)
{
    perfpool_heap *heap = heap_make(0);
    static struct estate estate;
    open_slots();
    for (int round = 0; round < 100; round++) {
        prepare_estate(&estate, heap);
        thread_run(live_and_end, &estate);
        ck_assert_int_eq(estate.visits, 4);
        ck_assert_uint_eq(heap_figures(heap).live_blocks, 0);
        check_heap(heap);
        ck_assert_uint_le(heap_figures(heap).pools_bound, 1);
        ck_assert_uint_le(heap_figures(heap).pools_unbound, 2);
    }
    close_slots();
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

#ifndef _WIN32
/* Many threads end at once, each with late calls. */
START_TEST(late_calls_of_many_threads)
{
    enum { THREADS = 8 };
    static struct estate estates[THREADS];
    struct thread threads[THREADS];
    perfpool_heap *heap = heap_make(0);
    open_slots();
    for (int round = 0; round < 25; round++) {
        for (size_t i = 0; i < THREADS; i++)
            prepare_estate(&estates[i], heap);
        for (size_t i = 0; i < THREADS; i++)
            thread_start(&threads[i], live_and_end, &estates[i]);
        for (size_t i = 0; i < THREADS; i++)
            thread_join(&threads[i]);
        ck_assert_uint_eq(heap_figures(heap).live_blocks, 0);
        check_heap(heap);
    }
    close_slots();
    ck_assert_uint_le(heap_figures(heap).pools_unbound, 2 * THREADS);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST
#endif

Suite *make_suite(void)
{
    Suite *suite = suite_create("thread_end");
    TCase *late = tcase_create("late calls");
    tcase_add_test(late, destructors_allocate_and_free);
#ifndef _WIN32
    tcase_add_test(late, late_calls_of_many_threads);
#endif
    suite_add_tcase(suite, late);
#ifdef _WIN32
    TCase *killed = tcase_create("killed");
    tcase_add_test(killed, a_killed_thread_leaves_the_heap_whole);
    suite_add_tcase(suite, killed);
#endif
    return suite;
}
