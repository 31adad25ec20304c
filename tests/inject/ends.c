/* Processes that end while threads are in the middle of calls: in every way a process can end, and none hangs or says anything. */
#include "perfpool.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "inject/deep.h"
#include "support/generator.h"
#include "support/heaps.h"
#include "support/process.h"
#include "support/require.h"
#include "support/threads.h"

#ifndef _WIN32
#include <unistd.h>
#endif

enum { HAMMERERS = 3, PLACES = 64, TURNS = 500, CODE = 7 };

static struct semaphore hammering;
static perfpool_heap *heap;

static void hammer(void *argument)
{
    static void *places[PLACES];
    struct generator generator = generator_make((uintptr_t)argument, 0);
    for (uint64_t turn = 0;; turn++) {
        void **place = &places[generator_below(&generator, PLACES)];
        perfpool_heap *where = place < places + PLACES / 2 ? heap : NULL;
        void *block = AllocateMemory(generator_size(&generator, turn % 50 == 0 ? 100000 : 3000), where);
        require(block != NULL);
        FreeMemory(__atomic_exchange_n(place, block, __ATOMIC_ACQ_REL), where);
        if (turn % 64 == 0)
            perfpool_heap_trim(where);
        if (turn % 100 == 0)
            perfpool_thread_detach();
        if (turn == TURNS)
            semaphore_post(&hammering);
    }
}

static void start_hammering(void)
{
    static struct thread threads[HAMMERERS];
    semaphore_init(&hammering);
    heap = heap_make(0);
    for (size_t i = 0; i < HAMMERERS; i++)
        thread_start(&threads[i], hammer, (void *)(uintptr_t)(i + 1));
    for (size_t i = 0; i < HAMMERERS; i++)
        semaphore_wait(&hammering);
}

/* main returns: the run-time's exit handlers run. */
static int returns(const char *argument)
{
    (void)argument;
    start_hammering();
    return CODE;
}

static void exit_here(void *argument)
{
    (void)argument;
    exit(CODE);
}

/* Another thread than the main one ends it, while the main one hammers, too. */
static int ended_by_another(const char *argument)
{
    static struct thread thread;
    (void)argument;
    start_hammering();
    thread_start(&thread, exit_here, NULL);
    hammer((void *)(uintptr_t)99);
    return 0;
}

static void use_library(void)
{
    void *block = AllocateMemory(3000, heap);
    require(block != NULL);
    FreeMemory(block, heap);
    FreeMemory(AllocateMemory(100, NULL), NULL);
}

/* Exit handlers that call the library, which others are still using. */
static int calls_at_exit(const char *argument)
{
    (void)argument;
    require(atexit(use_library) == 0);
    start_hammering();
    return CODE;
}

/* Without any handler. */
static int ended_at_once(const char *argument)
{
    (void)argument;
    start_hammering();
#ifdef _WIN32
    TerminateProcess(GetCurrentProcess(), CODE);
#else
    _exit(CODE);
#endif
    return 0;
}

CHILD_CASES({"returns", returns}, {"ended_by_another", ended_by_another}, {"calls_at_exit", calls_at_exit},
            {"ended_at_once", ended_at_once})

START_TEST(ended_in_mid_call)
{
    static const char *const ways[] = {"returns", "ended_by_another", "calls_at_exit", "ended_at_once"};
    const unsigned rounds = deep_count(4, 250);
    for (unsigned round = 0; round < rounds; round++) {
        for (size_t way = 0; way < sizeof(ways) / sizeof(ways[0]); way++) {
            struct process_result result;
            process_run_case(ways[way], "", "reserve=64M", &result);
            ck_assert_msg(result.code == CODE && result.signal == 0, "%s, round %u: code %d signal %d: %s", ways[way], round,
                          result.code, result.signal, result.text);
            ck_assert_str_eq(result.text, "");
        }
    }
    printf("ends: %zu processes ended in mid-call\n", rounds * sizeof(ways) / sizeof(ways[0]));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("ends");
    TCase *ends = tcase_create("ends");
    tcase_set_timeout(ends, DEEP_TIMEOUT);
    tcase_add_test(ends, ended_in_mid_call);
    suite_add_tcase(suite, ends);
    return suite;
}
