/*
 * Progress: a thread that is stopped anywhere, in the middle of any call, makes no other thread wait. Threads are stopped at
 * random moments while they hammer a heap; meanwhile every call must come back on the others. A test that hangs has failed.
 */
#include "perfpool.h"

#include <stdint.h>

#ifndef _WIN32
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#endif

#include "harness.h"
#include "support/generator.h"
#include "support/heap_check.h"
#include "support/heaps.h"
#include "support/require.h"
#include "support/share.h"
#include "support/threads.h"

enum { VICTIMS = 2, PLACES = 256, STOPS = 300 };

struct victim {
    struct thread thread;
    struct generator generator;
    uint64_t turns; /* read by the main thread */
#ifndef _WIN32
    int stopped[2], resumed[2]; /* pipes: reading and writing are what a signal handler may do */
#endif
};

static perfpool_heap *heap;
static void *places[PLACES];
static int stop;

static void swap_block(struct generator *generator)
{
    void **place = &places[generator_below(generator, PLACES)];
    void *block = AllocateMemory(generator_size(generator, generator_below(generator, 100) == 0 ? 100000 : 4000), heap);
    require(block != NULL);
    FreeMemory(__atomic_exchange_n(place, block, __ATOMIC_ACQ_REL), heap);
}

static void prepare_stopping(struct victim *victim);

static void hammer(void *argument)
{
    struct victim *victim = argument;
    prepare_stopping(victim);
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
        swap_block(&victim->generator);
        const size_t choice = generator_below(&victim->generator, 200);
        if (choice == 0)
            perfpool_thread_detach();
        else if (choice == 1)
            perfpool_heap_trim(heap);
        else if (choice == 2)
            heap_figures(heap);
        __atomic_store_n(&victim->turns, victim->turns + 1, __ATOMIC_RELEASE);
    }
}

#ifdef _WIN32

static void prepare_stopping(struct victim *victim)
{
    (void)victim;
}

static void stop_victim(struct victim *victim)
{
    require(SuspendThread(victim->thread.handle) != (DWORD)-1);
    /* Returns when it is really stopped. */
    CONTEXT context = {.ContextFlags = CONTEXT_CONTROL};
    require(GetThreadContext(victim->thread.handle, &context));
}

static void resume_victim(struct victim *victim)
{
    require(ResumeThread(victim->thread.handle) != (DWORD)-1);
}

#else

static __thread struct victim *self;

static void wait_in_handler(int signal_number)
{
    const int saved = errno;
    char byte = 0;
    (void)signal_number;
    while (write(self->stopped[1], &byte, 1) != 1) {
    }
    while (read(self->resumed[0], &byte, 1) != 1) {
    }
    errno = saved;
}

static void prepare_stopping(struct victim *victim)
{
    struct sigaction action = {.sa_handler = wait_in_handler, .sa_flags = SA_RESTART};
    self = victim;
    require(pipe(victim->stopped) == 0 && pipe(victim->resumed) == 0);
    require(sigaction(SIGUSR1, &action, NULL) == 0);
}

static void stop_victim(struct victim *victim)
{
    char byte;
    require(pthread_kill(victim->thread.handle, SIGUSR1) == 0);
    require(read(victim->stopped[0], &byte, 1) == 1);
}

static void resume_victim(struct victim *victim)
{
    const char byte = 0;
    require(write(victim->resumed[1], &byte, 1) == 1);
}

#endif

static int PERFPOOL_CALL count_block(const void *block, size_t size, void *argument)
{
    require(block != NULL && size > 0);
    ++*(uint64_t *)argument;
    return 0;
}

static void live_shortly(void *argument)
{
    for (int i = 0; i < 50; i++)
        swap_block(argument);
}

/* Every call there is, on this thread and on one that starts and ends meanwhile. */
static void use_everything(struct generator *generator)
{
    uint64_t blocks = 0;
    for (int i = 0; i < 100; i++)
        swap_block(generator);
    thread_run(live_shortly, generator);
    perfpool_heap_trim(heap);
    heap_figures(heap);
    require(perfpool_heap_walk(heap, count_block, &blocks) == 0);
    perfpool_thread_detach();
    perfpool_heap *other = heap_make(0);
    FreeMemory(AllocateMemory(100, other), other);
    require(perfpool_heap_destroy(other, 0) == 0);
}

START_TEST(a_stopped_thread_stops_nobody_else)
{
    static struct victim victims[VICTIMS];
    const uint64_t seed = generator_seed("a_stopped_thread_stops_nobody_else");
    struct generator generator = generator_make(seed, VICTIMS);
    heap = heap_make(0);
    for (size_t i = 0; i < VICTIMS; i++) {
        victims[i].generator = generator_make(seed, i);
        thread_start(&victims[i].thread, hammer, &victims[i]);
        while (__atomic_load_n(&victims[i].turns, __ATOMIC_ACQUIRE) == 0)
            thread_yield();
    }
    const unsigned stops = share_of(STOPS);
    for (unsigned round = 0; round < stops; round++) {
        const size_t count = 1 + generator_below(&generator, VICTIMS);
        const uint64_t turns = __atomic_load_n(&victims[0].turns, __ATOMIC_ACQUIRE);
        for (size_t i = 0; i < count; i++)
            stop_victim(&victims[i]);
        use_everything(&generator);
        for (size_t i = 0; i < count; i++)
            resume_victim(&victims[i]);
        while (__atomic_load_n(&victims[0].turns, __ATOMIC_ACQUIRE) == turns)
            thread_yield();
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    for (size_t i = 0; i < VICTIMS; i++)
        thread_join(&victims[i].thread);
    for (size_t i = 0; i < PLACES; i++)
        FreeMemory(places[i], heap);
    ck_assert_uint_eq(heap_figures(heap).live_blocks, 0);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("progress");
    TCase *stopped_threads = tcase_create("stopped threads");
    tcase_add_test(stopped_threads, a_stopped_thread_stops_nobody_else);
    suite_add_tcase(suite, stopped_threads);
    return suite;
}
