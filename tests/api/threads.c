/* Threads: what a thread's first call may be, pools handed on, calls after detach and exit, idle owners, death in mid-call. */
#include "perfpool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "support/generator.h"
#include "support/heap_check.h"
#include "support/heaps.h"
#include "support/pattern.h"
#include "support/process.h"
#include "support/require.h"
#include "support/share.h"
#include "support/threads.h"

/* ---- first and last operations ---- */

/* One call as a thread's first, or as its first after detach. */
struct operation {
    perfpool_heap *heap;
    void *block; /* allocated by the main thread */
    int detach_before, detach_after;
    void (*call)(struct operation *operation);
};

static void first_allocate(struct operation *operation)
{
    void *block = AllocateMemory(100, operation->heap);
    require(block != NULL);
    FreeMemory(block, operation->heap);
}

static void first_allocate_large(struct operation *operation)
{
    void *block = AllocateMemory(100000, operation->heap);
    require(block != NULL);
    FreeMemory(block, operation->heap);
}

static void first_free(struct operation *operation)
{
    FreeMemory(operation->block, operation->heap);
    operation->block = NULL;
}

static void first_block_size(struct operation *operation)
{
    require(perfpool_block_size(operation->block, operation->heap) == 128);
}

static void first_stats(struct operation *operation)
{
    require(heap_figures(operation->heap).live_blocks == 1);
}

static void first_trim(struct operation *operation)
{
    perfpool_heap_trim(operation->heap);
}

static int PERFPOOL_CALL count_one(const void *block, size_t size, void *argument)
{
    struct operation *operation = argument;
    require(block == operation->block && size == 128);
    return 3;
}

static void first_walk(struct operation *operation)
{
    require(perfpool_heap_walk(operation->heap, count_one, operation) == 3);
}

static void first_detach(struct operation *operation)
{
    (void)operation;
    perfpool_thread_detach();
    perfpool_thread_detach();
}

static void first_heap(struct operation *operation)
{
    (void)operation;
    perfpool_heap *heap = heap_make(0);
    require(perfpool_heap_destroy(heap, 0) == 0);
}

static void first_destroy(struct operation *operation)
{
    require(perfpool_heap_destroy(operation->heap, 0) == 1);
}

static void first_default(struct operation *operation)
{
    (void)operation;
    require(perfpool_heap_default(NULL) != NULL);
}

static void (*const operations[])(struct operation *operation) = {
    first_allocate, first_allocate_large, first_free, first_block_size, first_stats,   first_trim,
    first_walk,     first_detach,         first_heap, first_destroy,    first_default,
};

static void run_operation(void *argument)
{
    struct operation *operation = argument;
    if (operation->detach_before) {
        FreeMemory(AllocateMemory(64, operation->heap), operation->heap);
        perfpool_thread_detach();
    }
    operation->call(operation);
    if (operation->detach_after)
        perfpool_thread_detach();
}

START_TEST(any_operation_may_be_a_threads_first)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        for (int detaches = 0; detaches < 4; detaches++) {
            struct operation operation = {heap_make(0), NULL, detaches & 1, detaches >> 1, operations[i]};
            operation.block = AllocateMemory(100, operation.heap);
            thread_run(run_operation, &operation);
            FreeMemory(operation.block, operation.heap);
            check_heap(operation.heap);
            ck_assert_uint_eq(heap_figures(operation.heap).live_blocks, 0);
            ck_assert_uint_eq(perfpool_heap_destroy(operation.heap, 0), 0);
        }
    }
}
END_TEST

/* ---- detach ---- */

enum { MINE = 500, MINE_SIZE = 100 };

struct detacher {
    perfpool_heap *heap;
    void *foreign[MINE];
};

static void work_after_detach(void *argument)
{
    struct detacher *detacher = argument;
    void *own[MINE];
    for (int round = 0; round < 5; round++) {
        for (size_t i = 0; i < MINE; i++) {
            own[i] = AllocateMemory(MINE_SIZE, detacher->heap);
            require(own[i] != NULL);
            pattern_fill(own[i], MINE_SIZE, i);
        }
        perfpool_thread_detach();
        for (size_t i = 0; i < MINE; i++) {
            require(pattern_holds(own[i], MINE_SIZE, i));
            FreeMemory(own[i], detacher->heap);
            if (i % 100 == 0)
                perfpool_thread_detach();
        }
        for (size_t i = (size_t)round; i < MINE; i += 5)
            FreeMemory(detacher->foreign[i], detacher->heap);
    }
}

START_TEST(frees_after_detach)
{
    static struct detacher detacher;
    detacher.heap = heap_make(0);
    for (size_t i = 0; i < MINE; i++)
        detacher.foreign[i] = AllocateMemory(200, detacher.heap);
    thread_run(work_after_detach, &detacher);
    check_heap(detacher.heap);
    ck_assert_uint_eq(heap_figures(detacher.heap).live_blocks, 0);
    perfpool_thread_detach();
    ck_assert_uint_eq(heap_figures(detacher.heap).pools_bound, 0);
    void *block = AllocateMemory(64, detacher.heap);
    ck_assert_uint_eq(heap_figures(detacher.heap).pools_bound, 1);
    FreeMemory(block, detacher.heap);
    check_heap(detacher.heap);
    ck_assert_uint_eq(perfpool_heap_destroy(detacher.heap, 0), 0);
}
END_TEST

/* ---- adoption ---- */

enum { WAVE = 4 };
static const int waves = 250;

struct visitor {
    perfpool_heap *heap;
    void **kept; /* freed by the next visitor */
};

static void visit_shortly(void *argument)
{
    struct visitor *visitor = argument;
    void *own = AllocateMemory(300, visitor->heap);
    FreeMemory(*visitor->kept, visitor->heap);
    *visitor->kept = own;
}

/* Pools of ended threads are adopted: their number is that of threads at once, however many come and go. */
START_TEST(pools_are_adopted)
{
    perfpool_heap *heap = heap_make(0);
    void *kept[WAVE] = {NULL};
    for (int wave = 0; wave < waves; wave++) {
        struct thread threads[WAVE];
        struct visitor visitors[WAVE];
        for (size_t i = 0; i < WAVE; i++) {
            visitors[i] = (struct visitor){heap, &kept[i]};
            thread_start(&threads[i], visit_shortly, &visitors[i]);
        }
        for (size_t i = 0; i < WAVE; i++)
            thread_join(&threads[i]);
        const perfpool_stats stats = heap_figures(heap);
        ck_assert_uint_le(stats.pools_bound, 1);
        ck_assert_uint_le(stats.pools_bound + stats.pools_unbound, WAVE + 1);
    }
    ck_assert_uint_eq(heap_figures(heap).live_blocks, WAVE);
    ck_assert_uint_le(heap_figures(heap).spans, 2 * WAVE);
    for (size_t i = 0; i < WAVE; i++)
        FreeMemory(kept[i], heap);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* Binds and detaches while another thread trims. */
struct rebinder {
    perfpool_heap *heap;
    struct barrier started;
    int stop;
};

static void rebind_until_stopped(void *argument)
{
    struct rebinder *rebinder = argument;
    barrier_wait(&rebinder->started);
    do {
        FreeMemory(AllocateMemory(100, rebinder->heap), rebinder->heap);
        perfpool_thread_detach();
    } while (!__atomic_load_n(&rebinder->stop, __ATOMIC_ACQUIRE));
}

/* What a trim holds for a moment is not there for a thread that needs a pool; that must not add up. */
START_TEST(pools_stay_few_while_a_thread_trims)
{
    enum { REBINDERS = 3 };
    const unsigned trims = share_of(20000);
    struct thread threads[REBINDERS];
    struct rebinder rebinder = {.heap = heap_make(0)};
    barrier_init(&rebinder.started, REBINDERS + 1);
    for (size_t i = 0; i < REBINDERS; i++)
        thread_start(&threads[i], rebind_until_stopped, &rebinder);
    barrier_wait(&rebinder.started);
    for (unsigned i = 0; i < trims; i++)
        perfpool_heap_trim(rebinder.heap);
    __atomic_store_n(&rebinder.stop, 1, __ATOMIC_RELEASE);
    for (size_t i = 0; i < REBINDERS; i++)
        thread_join(&threads[i]);
    const perfpool_stats stats = heap_figures(rebinder.heap);
    ck_assert_uint_eq(stats.pools_bound, 0);
    ck_assert_uint_le(stats.pools_unbound, 8 * REBINDERS);
    ck_assert_uint_ge(stats.pools_unbound, 1);
    check_heap(rebinder.heap);
    barrier_destroy(&rebinder.started);
    ck_assert_uint_eq(perfpool_heap_destroy(rebinder.heap, 0), 0);
}
END_TEST

/* ---- idle owner ---- */

enum { IDLE_BLOCKS = 4096, IDLE_SIZE = 512, IDLE_ROUNDS = 20 };

struct idle_owner {
    perfpool_heap *heap;
    void *blocks[IDLE_BLOCKS];
    struct semaphore allocated, end;
};

static void allocate_and_idle(void *argument)
{
    struct idle_owner *owner = argument;
    for (size_t i = 0; i < IDLE_BLOCKS; i++) {
        owner->blocks[i] = AllocateMemory(IDLE_SIZE, owner->heap);
        require(owner->blocks[i] != NULL);
    }
    semaphore_post(&owner->allocated);
    semaphore_wait(&owner->end);
}

/*
 * What is sent home to a thread that never allocates again is not lost: whoever frees it all and takes as many again gets the
 * same memory. One span may come on top, for the blocks in the freer's own open magazine, which is not sent yet.
 */
START_TEST(blocks_of_an_idle_owner_are_used)
{
    static struct idle_owner owner;
    struct thread thread;
    owner.heap = heap_make(0);
    semaphore_init(&owner.allocated);
    semaphore_init(&owner.end);
    thread_start(&thread, allocate_and_idle, &owner);
    semaphore_wait(&owner.allocated);
    const uint64_t before = heap_figures(owner.heap).spans;
    for (int round = 0; round < IDLE_ROUNDS; round++) {
        for (size_t i = 0; i < IDLE_BLOCKS; i++)
            FreeMemory(owner.blocks[i], owner.heap);
        for (size_t i = 0; i < IDLE_BLOCKS; i++) {
            owner.blocks[i] = AllocateMemory(IDLE_SIZE, owner.heap);
            ck_assert_ptr_nonnull(owner.blocks[i]);
        }
        ck_assert_uint_eq(heap_figures(owner.heap).live_blocks, IDLE_BLOCKS);
    }
    const perfpool_stats after = heap_figures(owner.heap);
    ck_assert_msg(after.spans <= before + 1, "%llu spans before, %llu after", (unsigned long long)before,
                  (unsigned long long)after.spans);
    ck_assert_uint_gt(after.magazines_taken_over, 0);
    check_heap(owner.heap);
    for (size_t i = 0; i < IDLE_BLOCKS; i++)
        FreeMemory(owner.blocks[i], owner.heap);
    semaphore_post(&owner.end);
    thread_join(&thread);
    check_heap(owner.heap);
    ck_assert_uint_eq(perfpool_heap_destroy(owner.heap, 0), 0);
    semaphore_destroy(&owner.allocated);
    semaphore_destroy(&owner.end);
}
END_TEST

/* ---- the end of the process while threads are inside calls ---- */

enum { HAMMERERS = 4 };

static struct semaphore hammering;

static void hammer(void *argument)
{
    static void *shared[64];
    struct generator generator = generator_make((uintptr_t)argument, 0);
    for (uint64_t turn = 0;; turn++) {
        void **slot = &shared[generator_below(&generator, 64)];
        void *block = AllocateMemory(generator_size(&generator, 2000), NULL);
        require(block != NULL);
        FreeMemory(__atomic_exchange_n(slot, block, __ATOMIC_ACQ_REL), NULL);
        if (turn == 1000)
            semaphore_post(&hammering);
    }
}

static int exit_while_threads_hammer(const char *argument)
{
    static struct thread threads[HAMMERERS];
    semaphore_init(&hammering);
    for (size_t i = 0; i < HAMMERERS; i++)
        thread_start(&threads[i], hammer, (void *)(uintptr_t)(i + 1));
    for (size_t i = 0; i < HAMMERERS; i++)
        semaphore_wait(&hammering);
    if (strcmp(argument, "detached") == 0)
        perfpool_thread_detach();
    return 0;
}

CHILD_CASES({"exit", exit_while_threads_hammer})

START_TEST(process_exit_with_threads_in_mid_call)
{
#ifdef _WIN32
    const int rounds = 5;
#else
    const int rounds = 20;
#endif
    for (int round = 0; round < rounds; round++) {
        struct process_result result;
        process_run_case("exit", round % 2 == 0 ? "" : "detached", NULL, &result);
        ck_assert_msg(result.code == 0, "round %d: code %d signal %d: %s", round, result.code, result.signal, result.text);
        ck_assert_str_eq(result.text, "");
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("threads");
    TCase *calls = tcase_create("calls");
    tcase_add_test(calls, any_operation_may_be_a_threads_first);
    tcase_add_test(calls, frees_after_detach);
    suite_add_tcase(suite, calls);

    TCase *pools = tcase_create("pools");
    tcase_add_test(pools, pools_are_adopted);
    tcase_add_test(pools, pools_stay_few_while_a_thread_trims);
    tcase_add_test(pools, blocks_of_an_idle_owner_are_used);
    suite_add_tcase(suite, pools);

    TCase *end = tcase_create("end");
    tcase_add_test(end, process_exit_with_threads_in_mid_call);
    suite_add_tcase(suite, end);
    return suite;
}
