/*
 * Memory ceilings: what perfpool keeps beyond what is live. On Linux as growth of the process's resident memory, which no
 * account of ours can embellish; everywhere as bytes committed.
 */
#include "perfpool.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "support/heap_check.h"
#include "support/heaps.h"
#include "support/require.h"
#include "support/resident.h"
#include "support/threads.h"

#ifdef _WIN32
enum { SHORT_THREADS = 2000, TRANSFERS = 200000, BATCHES = 200 };
#else
enum { SHORT_THREADS = 20000, TRANSFERS = 1000000, BATCHES = 1000 };
#endif

/* Resident memory says something natively, and without a sanitizer's own. */
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define RESIDENT_COUNTS 1
#else
#define RESIDENT_COUNTS 0
#endif

static size_t growth_since(size_t before)
{
    const size_t now = resident_bytes();
    return now > before ? now - before : 0;
}

#define check_growth(before, most, what)                                                                              \
    do {                                                                                                              \
        const size_t growth = growth_since(before);                                                                   \
        printf("%s: resident memory grew by %zu KiB\n", (what), growth / 1024);                                       \
        ck_assert_msg(!RESIDENT_COUNTS || growth <= (most), "%s: resident memory grew by %zu bytes", (what), growth); \
    } while (0)

/* ---- producer and consumer ---- */

enum { QUEUE = 4096 };

/* One producer, one consumer; an empty place is NULL. */
struct queue {
    perfpool_heap *heap;
    size_t block_size, transfers;
    void *places[QUEUE];
};

static void consume(void *argument)
{
    struct queue *queue = argument;
    for (size_t i = 0; i < queue->transfers; i++) {
        void **place = &queue->places[i % QUEUE];
        void *block;
        while ((block = __atomic_load_n(place, __ATOMIC_ACQUIRE)) == NULL)
            thread_yield();
        __atomic_store_n(place, NULL, __ATOMIC_RELEASE);
        FreeMemory(block, queue->heap);
    }
}

static void produce(struct queue *queue)
{
    for (size_t i = 0; i < queue->transfers; i++) {
        void **place = &queue->places[i % QUEUE];
        unsigned char *block = AllocateMemory(queue->block_size, queue->heap);
        ck_assert_ptr_nonnull(block);
        block[0] = 1;
        while (__atomic_load_n(place, __ATOMIC_RELAXED) != NULL)
            thread_yield();
        __atomic_store_n(place, block, __ATOMIC_RELEASE);
    }
}

START_TEST(producer_and_consumer_stay_below_8_mebibytes)
{
    static const size_t sizes[] = {64, 256, 1024};
    static struct queue queue;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct thread consumer;
        const size_t before = resident_bytes();
        queue.heap = heap_make(0);
        queue.block_size = sizes[i];
        queue.transfers = TRANSFERS;
        thread_start(&consumer, consume, &queue);
        produce(&queue);
        thread_join(&consumer);
        check_growth(before, 8 * MEBIBYTE, "producer and consumer");
        ck_assert_uint_le(heap_figures(queue.heap).committed, 8 * MEBIBYTE);
        ck_assert_uint_eq(heap_figures(queue.heap).live_blocks, 0);
        check_heap(queue.heap);
        ck_assert_uint_eq(perfpool_heap_destroy(queue.heap, 0), 0);
    }
}
END_TEST

/* ---- small heaps ---- */

START_TEST(a_heap_with_one_block_takes_at_most_512_kibibytes)
{
    enum { HEAPS = 8 };
    perfpool_heap *heaps[HEAPS];
    for (size_t i = 0; i < HEAPS; i++) {
        const size_t before = resident_bytes();
        heaps[i] = perfpool_heap_create(NULL);
        ck_assert_ptr_nonnull(heaps[i]);
        unsigned char *block = AllocateMemory(64, heaps[i]);
        ck_assert_ptr_nonnull(block);
        block[0] = 1;
        check_growth(before, 512 * 1024, "heap with one block");
        ck_assert_uint_le(heap_figures(heaps[i]).committed, MEBIBYTE);
    }
    for (size_t i = 0; i < HEAPS; i++) {
        check_heap(heaps[i]);
        ck_assert_uint_eq(perfpool_heap_destroy(heaps[i], PERFPOOL_DESTROY_LIVE), 1);
    }
}
END_TEST

/* ---- short threads ---- */

static void allocate_and_free_64(void *argument)
{
    void *blocks[64];
    for (size_t i = 0; i < 64; i++) {
        blocks[i] = AllocateMemory(64 + 16 * i, argument);
        require(blocks[i] != NULL);
        memset(blocks[i], 0xa5, 64 + 16 * i);
    }
    for (size_t i = 0; i < 64; i++)
        FreeMemory(blocks[i], argument);
}

START_TEST(many_short_threads_stay_below_4_mebibytes)
{
    thread_run(allocate_and_free_64, NULL);
    const size_t before = resident_bytes();
    perfpool_heap *heap = heap_make(0);
    for (int i = 0; i < SHORT_THREADS; i++)
        thread_run(allocate_and_free_64, heap);
    check_growth(before, 4 * MEBIBYTE, "short threads");
    const perfpool_stats stats = heap_figures(heap);
    ck_assert_uint_le(stats.committed, 4 * MEBIBYTE);
    ck_assert_uint_le(stats.pools_bound + stats.pools_unbound, 2);
    ck_assert_uint_eq(stats.live_blocks, 0);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* ---- a thread that only frees ---- */

enum { BATCH = 1000 };

struct batch_freer {
    perfpool_heap *heap;
    void *blocks[BATCH];
    int end;
    struct semaphore filled, freed;
};

static void only_free(void *argument)
{
    struct batch_freer *freer = argument;
    for (;;) {
        semaphore_wait(&freer->filled);
        if (freer->end)
            return;
        for (size_t i = 0; i < BATCH; i++)
            FreeMemory(freer->blocks[i], freer->heap);
        semaphore_post(&freer->freed);
    }
}

static void feed_batch(struct batch_freer *freer)
{
    for (size_t i = 0; i < BATCH; i++) {
        freer->blocks[i] = AllocateMemory(64 + i % 4 * 200, freer->heap);
        ck_assert_ptr_nonnull(freer->blocks[i]);
        memset(freer->blocks[i], 1, 64);
    }
    semaphore_post(&freer->filled);
    semaphore_wait(&freer->freed);
}

START_TEST(a_thread_that_only_frees_stays_below_4_mebibytes)
{
    static struct batch_freer freer;
    struct thread thread;
    freer.heap = heap_make(0);
    freer.end = 0;
    semaphore_init(&freer.filled);
    semaphore_init(&freer.freed);
    thread_start(&thread, only_free, &freer);
    for (int i = 0; i < 10; i++)
        feed_batch(&freer);
    const size_t before = resident_bytes();
    const uint64_t committed = heap_figures(freer.heap).committed;
    for (int i = 0; i < BATCHES; i++)
        feed_batch(&freer);
    check_growth(before, 4 * MEBIBYTE, "thread that only frees");
    ck_assert_uint_le(heap_figures(freer.heap).committed, committed + 4 * MEBIBYTE);
    ck_assert_uint_eq(heap_figures(freer.heap).live_blocks, 0);
    check_heap(freer.heap);
    freer.end = 1;
    semaphore_post(&freer.filled);
    thread_join(&thread);
    ck_assert_uint_eq(perfpool_heap_destroy(freer.heap, 0), 0);
    semaphore_destroy(&freer.filled);
    semaphore_destroy(&freer.freed);
}
END_TEST

/* ---- trim, and what goes back without it ---- */

enum { TRIM_BLOCKS = 20000, TRIM_SIZE = 1000 };

struct trim_job {
    perfpool_heap *heap;
    void *blocks[TRIM_BLOCKS];
};

/* After a burst the thread goes on with little, some of it in whole spans: most of the burst goes back although nobody trims. */
START_TEST(a_burst_goes_back_by_itself)
{
    static struct trim_job burst[2];
    perfpool_heap *heap = heap_make(0);
    for (size_t i = 0; i < 2 * TRIM_BLOCKS; i++) {
        unsigned char *block = AllocateMemory(TRIM_SIZE, heap);
        ck_assert_ptr_nonnull(block);
        block[0] = 1;
        burst[i / TRIM_BLOCKS].blocks[i % TRIM_BLOCKS] = block;
    }
    const uint64_t most = heap_figures(heap).committed;
    for (size_t i = 0; i < 2 * TRIM_BLOCKS; i++)
        FreeMemory(burst[i / TRIM_BLOCKS].blocks[i % TRIM_BLOCKS], heap);
    for (int round = 0; round < 2000; round++) {
        for (size_t i = 0; i < 64; i++)
            burst[0].blocks[i] = AllocateMemory(TRIM_SIZE, heap);
        for (size_t i = 0; i < 64; i++)
            FreeMemory(burst[0].blocks[i], heap);
        FreeMemory(AllocateMemory(65536, heap), heap);
    }
    const uint64_t left = heap_figures(heap).committed;
    printf("burst: %llu KiB committed at most, %llu KiB afterwards\n", (unsigned long long)most / 1024,
           (unsigned long long)left / 1024);
    ck_assert_uint_ge(most, 2 * TRIM_BLOCKS * (uint64_t)TRIM_SIZE);
    ck_assert_uint_le(left, most / 2);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

static void allocate_and_end(void *argument)
{
    struct trim_job *job = argument;
    for (size_t i = 0; i < TRIM_BLOCKS; i++) {
        job->blocks[i] = AllocateMemory(TRIM_SIZE, job->heap);
        require(job->blocks[i] != NULL);
        memset(job->blocks[i], 1, TRIM_SIZE);
    }
}

static void free_and_end(void *argument)
{
    struct trim_job *job = argument;
    for (size_t i = 0; i < TRIM_BLOCKS; i++)
        FreeMemory(job->blocks[i], job->heap);
}

/* Uses require, because one caller is not the main thread. */
static void check_trimmed(perfpool_heap *heap, const char *whose)
{
    const uint64_t before = heap_figures(heap).committed;
    const size_t given_back = perfpool_heap_trim(heap);
    const perfpool_stats stats = heap_figures(heap);
    printf("trim, %s: %zu KiB given back, %llu KiB stay\n", whose, given_back / 1024, (unsigned long long)stats.committed / 1024);
    require_text(stats.live_blocks == 0, whose);
    require_text(stats.spans == 0 && stats.large_runs == 0, whose);
    require_text(stats.committed <= 2 * MEBIBYTE, whose);
    require_text(stats.committed + given_back == before, whose);
    const char *problem = heap_problem(heap);
    require_text(problem == NULL, problem);
}

START_TEST(trim_gives_all_back)
{
    static struct trim_job job;
    job.heap = heap_make(0);
    allocate_and_end(&job);
    free_and_end(&job);
    check_trimmed(job.heap, "own blocks");

    thread_run(allocate_and_end, &job);
    free_and_end(&job);
    check_trimmed(job.heap, "blocks of an ended thread");

    allocate_and_end(&job);
    thread_run(free_and_end, &job);
    check_trimmed(job.heap, "own blocks freed by an ended thread");

    thread_run(allocate_and_end, &job);
    thread_run(free_and_end, &job);
    check_trimmed(job.heap, "blocks of ended threads");

    void *large = AllocateMemory(20 * MEBIBYTE, job.heap);
    ck_assert_ptr_nonnull(large);
    memset(large, 1, 20 * MEBIBYTE);
    FreeMemory(large, job.heap);
    check_trimmed(job.heap, "a large block");
    ck_assert_uint_eq(perfpool_heap_destroy(job.heap, 0), 0);
}
END_TEST

/* Trim by a thread that never used the heap. */
static void trim_elsewhere(void *argument)
{
    check_trimmed(argument, "trim by a stranger");
}

START_TEST(any_thread_may_trim)
{
    static struct trim_job job;
    job.heap = heap_make(0);
    thread_run(allocate_and_end, &job);
    thread_run(free_and_end, &job);
    perfpool_thread_detach();
    thread_run(trim_elsewhere, job.heap);
    ck_assert_uint_eq(perfpool_heap_destroy(job.heap, 0), 0);
}
END_TEST

/* Memory that was trimmed comes again, zeroed, and goes again. */
START_TEST(trim_again_and_again)
{
    static struct trim_job job;
    job.heap = heap_make(0);
    const size_t before = resident_bytes();
    for (int round = 0; round < 10; round++) {
        for (size_t i = 0; i < TRIM_BLOCKS; i++) {
            unsigned char *block = AllocateMemory(TRIM_SIZE, job.heap);
            ck_assert_ptr_nonnull(block);
            ck_assert(block[0] == 0 && block[TRIM_SIZE - 1] == 0 && memcmp(block, block + 1, TRIM_SIZE - 1) == 0);
            memset(block, 0xa5, TRIM_SIZE);
            job.blocks[i] = block;
        }
        free_and_end(&job);
        check_trimmed(job.heap, "again");
        check_growth(before, 4 * MEBIBYTE, "trim");
    }
    ck_assert_uint_eq(perfpool_heap_destroy(job.heap, 0), 0);
}
END_TEST

/* A destroyed heap leaves nothing behind. */
START_TEST(destroy_gives_all_back)
{
    static struct trim_job job;
    const size_t before = resident_bytes();
    for (int round = 0; round < 10; round++) {
        job.heap = heap_make(0);
        allocate_and_end(&job);
        ck_assert_uint_eq(perfpool_heap_destroy(job.heap, PERFPOOL_DESTROY_LIVE), TRIM_BLOCKS);
        check_growth(before, 2 * MEBIBYTE, "destroyed heaps");
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("memory");
    TCase *ceilings = tcase_create("ceilings");
    tcase_add_test(ceilings, producer_and_consumer_stay_below_8_mebibytes);
    tcase_add_test(ceilings, a_heap_with_one_block_takes_at_most_512_kibibytes);
    tcase_add_test(ceilings, many_short_threads_stay_below_4_mebibytes);
    tcase_add_test(ceilings, a_thread_that_only_frees_stays_below_4_mebibytes);
    suite_add_tcase(suite, ceilings);

    TCase *trim = tcase_create("trim");
    tcase_add_test(trim, a_burst_goes_back_by_itself);
    tcase_add_test(trim, trim_gives_all_back);
    tcase_add_test(trim, any_thread_may_trim);
    tcase_add_test(trim, trim_again_and_again);
    tcase_add_test(trim, destroy_gives_all_back);
    suite_add_tcase(suite, trim);
    return suite;
}
