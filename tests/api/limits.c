/* Running out: NULL at the limit and when the system refuses, nothing lost, and the same again when memory has been freed. */
#include "perfpool.h"

#include <stdint.h>
#include <stdlib.h>

#ifndef _WIN32
#include <sys/resource.h>
#endif

#include "harness.h"
#include "support/error_state.h"
#include "support/generator.h"
#include "support/heap_check.h"
#include "support/heaps.h"
#include "support/process.h"
#include "support/require.h"
#include "support/share.h"
#include "support/threads.h"

enum { BLOCK = 16384, MOST = 300000, ROUNDS = 3 };

static void *blocks[MOST];

/* Allocates until NULL; returns how many came. */
static size_t fill(perfpool_heap *heap, size_t size)
{
    size_t count = 0;
    while (count < MOST && (blocks[count] = AllocateMemory(size, heap)) != NULL) {
        *(volatile unsigned char *)blocks[count] = 1;
        count++;
    }
    require(count < MOST);
    return count;
}

static void empty(perfpool_heap *heap, size_t count)
{
    for (size_t i = 0; i < count; i++)
        FreeMemory(blocks[i], heap);
}

/* The same number of blocks, within 5 %, however often the heap is filled and emptied. */
static size_t fill_again_and_again(perfpool_heap *heap)
{
    size_t first = 0;
    for (int round = 0; round < ROUNDS; round++) {
        const size_t count = fill(heap, BLOCK);
        if (round == 0)
            first = count;
        require(count * 20 >= first * 19 && count * 19 <= first * 20);
        require(heap_figures(heap).live_blocks == count);
        empty(heap, count);
    }
    return first;
}

static perfpool_heap *make_limited(size_t limit)
{
    perfpool_options options = heap_options();
    options.limit = limit;
    return perfpool_heap_create(&options);
}

START_TEST(limit_of_64_mebibytes_three_times)
{
    perfpool_heap *heap = make_limited(64 * MEBIBYTE);
    ck_assert_ptr_nonnull(heap);
    const size_t count = fill_again_and_again(heap);
    ck_assert_uint_ge(count, 64 * MEBIBYTE / BLOCK * 9 / 10);
    ck_assert_uint_le(heap_figures(heap).committed, 64 * MEBIBYTE);
    ck_assert_uint_eq(heap_figures(heap).live_blocks, 0);
    void *large = AllocateMemory(32 * MEBIBYTE, heap);
    ck_assert_msg(large != NULL, "after all is free, half of the limit cannot be had as one block");
    FreeMemory(large, heap);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* Whatever was cut for one size is to be had for the next. */
START_TEST(all_sizes_share_the_limit)
{
    static const size_t sizes[] = {4096, 512, 32768, 200000, 4096};
    perfpool_heap *heap = make_limited(16 * MEBIBYTE);
    ck_assert_ptr_nonnull(heap);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const size_t count = fill(heap, sizes[i]);
        ck_assert_msg(count * sizes[i] >= 8 * MEBIBYTE, "only %zu blocks of %zu bytes", count, sizes[i]);
        ck_assert_uint_le(heap_figures(heap).committed, 16 * MEBIBYTE);
        check_heap(heap);
        empty(heap, count);
    }
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

START_TEST(null_at_the_limit_works_again_after_frees)
{
    perfpool_heap *heap = make_limited(8 * MEBIBYTE);
    ck_assert_ptr_nonnull(heap);
    const size_t count = fill(heap, BLOCK);
    for (size_t i = 0; i < count; i++) {
        FreeMemory(blocks[i], heap);
        blocks[i] = AllocateMemory(BLOCK, heap);
        ck_assert_msg(blocks[i] != NULL, "block %zu of %zu cannot be had again", i, count);
    }
    empty(heap, count);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* Threads that have no pool when the heap is full: a free never needs memory. */
struct late_freer {
    perfpool_heap *heap;
    size_t first, end;
};

static void free_late(void *argument)
{
    struct late_freer *freer = argument;
    for (size_t i = freer->first; i < freer->end; i++)
        FreeMemory(blocks[i], freer->heap);
}

START_TEST(frees_at_the_limit_need_no_memory)
{
    enum { FREERS = 4 };
    perfpool_heap *heap = make_limited(16 * MEBIBYTE);
    ck_assert_ptr_nonnull(heap);
    for (int round = 0; round < 5; round++) {
        struct thread threads[FREERS];
        struct late_freer freers[FREERS];
        const size_t count = fill(heap, round % 2 == 0 ? 1024 : 64);
        for (size_t i = 0; i < FREERS; i++) {
            freers[i] = (struct late_freer){heap, count * i / FREERS, count * (i + 1) / FREERS};
            thread_start(&threads[i], free_late, &freers[i]);
        }
        for (size_t i = 0; i < FREERS; i++)
            thread_join(&threads[i]);
        ck_assert_uint_eq(heap_figures(heap).live_blocks, 0);
        check_heap(heap);
    }
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* Threads that meet at the limit, pass blocks to each other and get NULL now and then. */
static void *exchange[512];

struct contender {
    perfpool_heap *heap;
    struct generator generator;
    size_t turns, refused;
};

static void contend(void *argument)
{
    struct contender *contender = argument;
    for (size_t turn = 0; turn < contender->turns; turn++) {
        void **slot = &exchange[generator_below(&contender->generator, 512)];
        void *block = AllocateMemory(generator_size(&contender->generator, 32768), contender->heap);
        contender->refused += block == NULL;
        FreeMemory(__atomic_exchange_n(slot, block, __ATOMIC_ACQ_REL), contender->heap);
    }
}

START_TEST(threads_meet_at_the_limit)
{
    enum { THREADS = 3 };
    struct thread threads[THREADS];
    struct contender contenders[THREADS];
    const uint64_t seed = generator_seed("threads_meet_at_the_limit");
    perfpool_heap *heap = make_limited(4 * MEBIBYTE);
    ck_assert_ptr_nonnull(heap);
    size_t refused = 0;
    for (size_t i = 0; i < THREADS; i++) {
        contenders[i] = (struct contender){heap, generator_make(seed, i), share_of(100000), 0};
        thread_start(&threads[i], contend, &contenders[i]);
    }
    for (size_t i = 0; i < THREADS; i++) {
        thread_join(&threads[i]);
        refused += contenders[i].refused;
    }
    check_heap(heap);
    ck_assert_uint_gt(refused, 0);
    ck_assert_uint_lt(refused, (size_t)THREADS * share_of(100000));
    ck_assert_uint_le(heap_figures(heap).committed, 4 * MEBIBYTE);
    for (size_t i = 0; i < 512; i++) {
        FreeMemory(exchange[i], heap);
        exchange[i] = NULL;
    }
    ck_assert_uint_eq(heap_figures(heap).live_blocks, 0);
    /* The ended threads' pools keep what they had; a trim is what takes it from them. */
    perfpool_heap_trim(heap);
    const size_t count = fill(heap, BLOCK);
    ck_assert_uint_ge(count * BLOCK, 2 * MEBIBYTE);
    empty(heap, count);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* Too little for a single span: either there is no such heap, or it gives NULL and nothing else. */
START_TEST(limit_smaller_than_anything)
{
    static const size_t limits[] = {1, 64, 4096, 65536};
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        error_state_set(ERROR_STATE_SENTINEL);
        perfpool_heap *heap = make_limited(limits[i]);
        const int error = error_state_get();
        if (heap == NULL) {
            ck_assert(error == ERROR_STATE_NO_MEMORY || error == ERROR_STATE_INVALID);
            continue;
        }
        error_state_set(ERROR_STATE_SENTINEL);
        require(AllocateMemory(64, heap) == NULL);
        require(AllocateMemory(100000, heap) == NULL);
        require(error_state_get() == ERROR_STATE_SENTINEL);
        FreeMemory(NULL, heap);
        ck_assert_uint_le(heap_figures(heap).committed, limits[i]);
        check_heap(heap);
        ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
    }
}
END_TEST

/* Sanitizers need more address space than 600 MiB for themselves. */
#if !defined(_WIN32) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define HAS_ADDRESS_SPACE_LIMIT

/* The default heap takes at most a quarter of what is left of the address space, and goes on working in it. */
static int fill_address_space(const char *argument)
{
    const struct rlimit limit = {600 * MEBIBYTE, 600 * MEBIBYTE};
    (void)argument;
    require(setrlimit(RLIMIT_AS, &limit) == 0);
    perfpool_heap *heap = perfpool_heap_default(NULL);
    require(heap != NULL);
    require(heap_figures(heap).reserved <= 150 * MEBIBYTE);
    const size_t count = fill_again_and_again(heap);
    require(count * BLOCK >= 32 * MEBIBYTE);
    const char *problem = heap_problem(heap);
    require_text(problem == NULL, problem);
    void *rest = malloc(100 * MEBIBYTE);
    require(rest != NULL);
    free(rest);
    perfpool_options options = heap_options();
    options.reserve = (size_t)1 << 30;
    error_state_set(ERROR_STATE_SENTINEL);
    require(perfpool_heap_create(&options) == NULL);
    require(error_state_get() == ERROR_STATE_NO_MEMORY);
    return 0;
}

CHILD_CASES({"address-space", fill_address_space})

START_TEST(address_space_limit_of_600_mebibytes)
{
    struct process_result result;
    process_run_case("address-space", NULL, NULL, &result);
    ck_assert_msg(result.code == 0, "code %d signal %d: %s", result.code, result.signal, result.text);
}
END_TEST

#endif

Suite *make_suite(void)
{
    Suite *suite = suite_create("limits");
    TCase *limit = tcase_create("limit");
    tcase_add_test(limit, limit_of_64_mebibytes_three_times);
    tcase_add_test(limit, all_sizes_share_the_limit);
    tcase_add_test(limit, null_at_the_limit_works_again_after_frees);
    tcase_add_test(limit, frees_at_the_limit_need_no_memory);
    tcase_add_test(limit, threads_meet_at_the_limit);
    tcase_add_test(limit, limit_smaller_than_anything);
    suite_add_tcase(suite, limit);
#ifdef HAS_ADDRESS_SPACE_LIMIT
    TCase *system = tcase_create("system");
    tcase_add_test(system, address_space_limit_of_600_mebibytes);
    suite_add_tcase(suite, system);
#endif
    return suite;
}
