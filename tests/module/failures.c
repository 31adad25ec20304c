/*
 * Every call into the system refused, in turn: the nth one, for all n, and all from the nth on.
 *
 * Whatever is refused, a call says so clearly or does without; no block is lost or damaged, the heap's equations hold, and when the
 * system is willing again everything works.
 */
#include "os.h"

#include <stdint.h>

static uint32_t calls_made, refused_from, refused_to; /* calls number from 1; written between scenarios only */

static bool system_refuses(void);

#define os_reserve(range, size) (!system_refuses() && os_reserve((range), (size)))
#define os_commit(range, start, size) (!system_refuses() && os_commit((range), (start), (size)))
#define os_decommit(range, start, size) (!system_refuses() && os_decommit((range), (start), (size)))
#define os_thread_set(record) (!system_refuses() && os_thread_set(record))
#include "whole_library.h"

#include "internals.h"
#include "support/pattern.h"
#include "support/threads.h"

#include <stdio.h>

enum { BLOCKS = 64, CALLS_MAX = 5000, MARK = 1234, PATTERN_BYTES = 512 };

static bool system_refuses(void)
{
    const uint32_t call = fetch_add_32(&calls_made, 1) + 1;
    return call >= refused_from && call <= refused_to;
}

static uint32_t error_code(enum os_error error)
{
    os_set_error(error);
    return os_save_error();
}

struct scenario {
    struct perfpool_heap *heap;
    unsigned char *blocks[BLOCKS];
    size_t sizes[BLOCKS];
    uint32_t live;
    bool willing; /* nothing is refused any more: every allocation must succeed */
};

/* Sizes of many classes, some large, one longer than a word of spans. */
static size_t size_of(uint32_t i)
{
    if (i == 7)
        return (size_t)66 << 16;
    return i % 20 == 3 ? 40000 + (size_t)i * 1000 : 1 + (size_t)i * i * 4;
}

/* The two ends of a block. */
static void fill(unsigned char *block, size_t size, uint32_t seed)
{
    const size_t n = size < PATTERN_BYTES ? size : PATTERN_BYTES;
    pattern_fill(block, n, seed);
    pattern_fill(block + size - n, n, seed);
}

static bool is_whole(const unsigned char *block, size_t size, uint32_t seed)
{
    const size_t n = size < PATTERN_BYTES ? size : PATTERN_BYTES;
    return (size < 2 * n || pattern_holds(block, n, seed)) && pattern_holds(block + size - n, n, seed);
}

static void allocate(struct scenario *scenario, uint32_t i)
{
    if (scenario->blocks[i] != NULL)
        return;
    os_restore_error(MARK);
    scenario->blocks[i] = AllocateMemory(size_of(i), scenario->heap);
    require(os_save_error() == MARK);
    require(scenario->blocks[i] != NULL || !scenario->willing);
    if (scenario->blocks[i] == NULL)
        return;
    scenario->live++;
    scenario->sizes[i] = perfpool_block_size(scenario->blocks[i], scenario->heap);
    require(scenario->sizes[i] >= size_of(i));
    require(pattern_is_all(scenario->blocks[i], scenario->sizes[i] < 65536 ? scenario->sizes[i] : 65536, 0));
    fill(scenario->blocks[i], scenario->sizes[i], i);
}

static void release(struct scenario *scenario, uint32_t i)
{
    if (scenario->blocks[i] == NULL)
        return;
    require(is_whole(scenario->blocks[i], scenario->sizes[i], i));
    os_restore_error(MARK);
    FreeMemory(scenario->blocks[i], scenario->heap);
    require(os_save_error() == MARK);
    scenario->blocks[i] = NULL;
    scenario->live--;
}

static int PERFPOOL_CALL count_visit(const void *block, size_t size, void *argument)
{
    (void)block, (void)size;
    ++*(uint32_t *)argument;
    return 0;
}

/* What only looks: it is exact, or it fails with "no memory". */
static void look(struct scenario *scenario)
{
    perfpool_stats stats = {.size = sizeof stats};
    uint32_t visited = 0;
    os_restore_error(MARK);
    if (perfpool_heap_stats(scenario->heap, &stats) == 0)
        require(stats.live_blocks == scenario->live);
    else
        require(!scenario->willing && os_save_error() == error_code(OS_ERROR_MEMORY));
    if (perfpool_heap_walk(scenario->heap, count_visit, &visited) == 0)
        require(visited == scenario->live);
    else
        require(!scenario->willing && os_save_error() == error_code(OS_ERROR_MEMORY));
}

static void check(struct scenario *scenario)
{
    uint64_t handed_out;
    require(equations_disagreements(scenario->heap, &handed_out) == 0);
    require(handed_out == scenario->live);
}

/* Another thread frees blocks of the first, allocates, detaches, frees again, and ends. */
static void second_thread(void *argument)
{
    struct scenario *scenario = argument;
    for (uint32_t i = 0; i < BLOCKS; i += 2)
        release(scenario, i);
    for (uint32_t i = 0; i < BLOCKS; i += 4)
        allocate(scenario, i);
    perfpool_thread_detach();
    for (uint32_t i = 1; i < BLOCKS / 2; i += 2)
        release(scenario, i);
    thread_exit();
    for (uint32_t i = 0; i < BLOCKS; i += 8)
        release(scenario, i);
    allocate(scenario, 2);
}

/* The whole life of a heap, the creating thread being one that is new to the library. */
static void first_thread(void *argument)
{
    struct scenario *scenario = argument;
    perfpool_options options = heap_options();
    options.name = "failures";
    options.reserve = 32 * MEBIBYTE; /* words to spare: where spans are refused, single ones take what is left of a run's */
    options.precommit = 3 << 16;
    os_restore_error(MARK);
    scenario->heap = perfpool_heap_create(&options);
    if (scenario->heap == NULL) {
        require(!scenario->willing && os_save_error() == error_code(OS_ERROR_MEMORY));
        return;
    }
    for (uint32_t i = 0; i < BLOCKS; i++)
        allocate(scenario, i);
    check(scenario);
    thread_run(second_thread, scenario);
    check(scenario);
    look(scenario);
    perfpool_heap_trim(scenario->heap);
    check(scenario);
    for (uint32_t i = 0; i < BLOCKS; i++)
        allocate(scenario, i);
    for (uint32_t i = 0; i < BLOCKS; i += 3)
        release(scenario, i);
    perfpool_heap_trim(scenario->heap);
    check(scenario);
    const size_t live = perfpool_heap_destroy(scenario->heap, 0);
    require(live == scenario->live || (live == (size_t)-1 && !scenario->willing));
    thread_exit();
}

/* The system is willing again: all can be allocated, freed, and the heap destroyed, by yet another thread. */
static void last_thread(void *argument)
{
    struct scenario *scenario = argument;
    scenario->willing = true;
    for (uint32_t i = 0; i < BLOCKS; i++)
        allocate(scenario, i);
    look(scenario);
    check(scenario);
    for (uint32_t i = 0; i < BLOCKS; i++)
        release(scenario, i);
    perfpool_heap_trim(scenario->heap);
    check(scenario);
    require(perfpool_heap_destroy(scenario->heap, 0) == 0);
    thread_exit();
}

/* Forgets all thread records, so that the next scenario has to make them again. No thread has one. */
static void forget_records(void)
{
    thread_release_all();
    records_high = 0;
    records_free.head = 0;
}

/* Every record that was made is free again: all threads have ended. */
static void check_records(void)
{
    uint32_t n = 0;
    for (uint32_t index = (uint32_t)records_free.head; index != 0; index = *record_link(NULL, index))
        n++;
    require(n == records_high);
}

/* Runs a scenario with the calls from `from` to `to` refused; returns how many it made. */
static uint32_t run(uint32_t from, uint32_t to)
{
    static struct scenario scenario;
    scenario = (struct scenario){.willing = from == 0};
    forget_records();
    calls_made = 0;
    refused_from = from;
    refused_to = to;
    thread_run(first_thread, &scenario);
    const uint32_t calls = calls_made;
    refused_from = refused_to = 0;
    if (scenario.heap != NULL)
        thread_run(last_thread, &scenario);
    check_records();
    return calls;
}

static void refuse_each(bool all_that_follow)
{
    const uint32_t calls = run(0, 0);
    uint32_t n = 1;
    while (n <= run(n, all_that_follow ? UINT32_MAX : n)) {
        n++;
        require(n < CALLS_MAX);
    }
    printf("%u calls into the system, %s refused in turn: %u runs\n", calls, all_that_follow ? "all from each on" : "each", n);
    ck_assert_uint_ge(n, calls / 2);
}

START_TEST(each_call_refused)
{
    refuse_each(false);
}
END_TEST

START_TEST(all_calls_refused_from_some_point)
{
    refuse_each(true);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("failures");
    TCase *failures = tcase_create("failures");
    tcase_add_test(failures, each_call_refused);
    tcase_add_test(failures, all_calls_refused_from_some_point);
    suite_add_tcase(suite, failures);
    return suite;
}
