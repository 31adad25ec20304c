/* After fork the child can free and allocate; the pools of threads that do not exist there are dead. Linux only. */
#include "perfpool.h"

#include "harness.h"

#ifdef _WIN32

Suite *make_suite(void)
{
    harness_skip("fork", "Windows has no fork");
    return suite_create("fork");
}

#else

#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/generator.h"
#include "support/heap_check.h"
#include "support/heaps.h"
#include "support/pattern.h"
#include "support/require.h"
#include "support/threads.h"

enum { BLOCKS = 1000 };

static perfpool_heap *heap;
static unsigned char *inherited[BLOCKS];

static void take_inherited(size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        inherited[i] = AllocateMemory(64 + i % 500, heap);
        require(inherited[i] != NULL);
        pattern_fill(inherited[i], 64 + i % 500, i);
    }
}

static void free_inherited(void)
{
    for (size_t i = 0; i < BLOCKS; i++) {
        require(pattern_holds(inherited[i], 64 + i % 500, i));
        FreeMemory(inherited[i], heap);
    }
}

static void churn(void *argument)
{
    (void)argument;
    void *blocks[100];
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < 100; i++) {
            blocks[i] = AllocateMemory(50 * (i + 1), heap);
            require(blocks[i] != NULL && pattern_is_all(blocks[i], 50 * (i + 1), 0));
            memset(blocks[i], 0xa5, 50 * (i + 1));
        }
        for (size_t i = 0; i < 100; i++)
            FreeMemory(blocks[i], heap);
    }
}

/* The child's exit code: 0 if `live` blocks are live after it has freed what it inherited. */
_Noreturn static void be_child(uint64_t live)
{
    free_inherited();
    churn(NULL);
    thread_run(churn, NULL);
    perfpool_heap_trim(heap);
    require(heap_figures(heap).live_blocks == live);
    require(heap_figures(heap).pools_bound <= 1);
    const char *problem = heap_problem(heap);
    require_text(problem == NULL, problem);
    perfpool_heap *own = heap_make(0);
    void *block = AllocateMemory(100, own);
    require(block != NULL);
    FreeMemory(block, own);
    require(perfpool_heap_destroy(own, 0) == 0);
    _exit(0);
}

static void wait_for_child(pid_t child)
{
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with status 0x%x", (unsigned)status);
}

START_TEST(a_child_frees_what_it_inherited)
{
    heap = heap_make(0);
    take_inherited(0, BLOCKS);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        be_child(0);
    wait_for_child(child);
    ck_assert_uint_eq(heap_figures(heap).live_blocks, BLOCKS);
    free_inherited();
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* Owns half of the blocks and waits while the main thread forks. */
struct owner {
    struct semaphore ready, end;
};

static void own_half(void *argument)
{
    struct owner *owner = argument;
    take_inherited(BLOCKS / 2, BLOCKS);
    semaphore_post(&owner->ready);
    semaphore_wait(&owner->end);
}

START_TEST(a_child_frees_blocks_of_threads_it_has_not)
{
    struct owner owner;
    struct thread thread;
    heap = heap_make(0);
    semaphore_init(&owner.ready);
    semaphore_init(&owner.end);
    take_inherited(0, BLOCKS / 2);
    thread_start(&thread, own_half, &owner);
    semaphore_wait(&owner.ready);
    for (int round = 0; round < 5; round++) {
        const pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0)
            be_child(0);
        wait_for_child(child);
    }
    semaphore_post(&owner.end);
    thread_join(&thread);
    ck_assert_uint_eq(heap_figures(heap).live_blocks, BLOCKS);
    free_inherited();
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

START_TEST(a_grandchild_works_too)
{
    heap = heap_make(0);
    take_inherited(0, BLOCKS);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        int status = 0;
        churn(NULL);
        const pid_t grandchild = fork();
        require(grandchild >= 0);
        if (grandchild == 0)
            be_child(0);
        require(waitpid(grandchild, &status, 0) == grandchild && WIFEXITED(status) && WEXITSTATUS(status) == 0);
        be_child(0);
    }
    wait_for_child(child);
    free_inherited();
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* Threads that are inside calls at the moment of the fork. */
static void *exchange[64];
static int stop;

static void hammer(void *argument)
{
    struct generator *generator = argument;
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
        void **slot = &exchange[generator_below(generator, 64)];
        void *block = AllocateMemory(generator_size(generator, 2000), heap);
        require(block != NULL);
        FreeMemory(__atomic_exchange_n(slot, block, __ATOMIC_ACQ_REL), heap);
    }
}

/*
 * What those threads held in hand is lost to the child, so it cannot say how many blocks are live: it frees its own, works, and
 * asks for everything else without a crash or a hang.
 */
_Noreturn static void be_child_of_hammered_heap(void)
{
    free_inherited();
    churn(NULL);
#ifndef __SANITIZE_ADDRESS__ /* its own lock may be held by a thread that is gone, and a new thread would wait for it */
    thread_run(churn, NULL);
#endif
    perfpool_heap_trim(heap);
    perfpool_thread_detach();
    require(heap_figures(heap).live_blocks <= heap_figures(heap).committed / 64);
    churn(NULL);
    _exit(0);
}

START_TEST(fork_with_threads_in_mid_call)
{
    enum { THREADS = 3, FORKS = 40 };
    struct thread threads[THREADS];
    struct generator generators[THREADS];
    const uint64_t seed = generator_seed("fork_with_threads_in_mid_call");
    heap = heap_make(0);
    stop = 0;
    take_inherited(0, BLOCKS);
    for (size_t i = 0; i < THREADS; i++) {
        generators[i] = generator_make(seed, i);
        thread_start(&threads[i], hammer, &generators[i]);
    }
    for (int i = 0; i < FORKS; i++) {
        const pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0)
            be_child_of_hammered_heap();
        wait_for_child(child);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    for (size_t i = 0; i < THREADS; i++)
        thread_join(&threads[i]);
    for (size_t i = 0; i < 64; i++) {
        FreeMemory(exchange[i], heap);
        exchange[i] = NULL;
    }
    free_inherited();
    ck_assert_uint_eq(heap_figures(heap).live_blocks, 0);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("fork");
    TCase *quiet = tcase_create("quiet");
    tcase_add_test(quiet, a_child_frees_what_it_inherited);
    tcase_add_test(quiet, a_child_frees_blocks_of_threads_it_has_not);
    tcase_add_test(quiet, a_grandchild_works_too);
    suite_add_tcase(suite, quiet);

    TCase *busy = tcase_create("busy");
    tcase_add_test(busy, fork_with_threads_in_mid_call);
    suite_add_tcase(suite, busy);
    return suite;
}

#endif
