/* The default heap, in processes of its own: its options work before its first use only, and its handler gets what no heap owns. */
#include "perfpool.h"

#include <stdint.h>
#include <string.h>

#include "harness.h"
#include "support/error_state.h"
#include "support/fault_log.h"
#include "support/heap_check.h"
#include "support/heaps.h"
#include "support/process.h"
#include "support/require.h"
#include "support/threads.h"

#define REFUSED ((size_t)-1)

static int default_takes_options(const char *argument)
{
    (void)argument;
    perfpool_options options = heap_options();
    options.size = 1;
    error_state_set(ERROR_STATE_SENTINEL);
    require(perfpool_heap_default(&options) == NULL);
    require(error_state_get() == ERROR_STATE_INVALID);
    options = heap_options();
    options.reserve = 32 * MEBIBYTE;
    perfpool_heap *heap = perfpool_heap_default(&options);
    require(heap != NULL);
    require(heap_figures(NULL).reserved == 32 * MEBIBYTE);
    require(perfpool_heap_default(NULL) == heap);
    error_state_set(ERROR_STATE_SENTINEL);
    require(perfpool_heap_default(&options) == NULL);
    require(error_state_get() == ERROR_STATE_BUSY);
    void *block = AllocateMemory(100, NULL);
    require(perfpool_block_size(block, heap) == 128);
    FreeMemory(block, heap);
    require_text(heap_problem(NULL) == NULL, "default heap");
    return 0;
}

static int default_is_busy_after_use(const char *argument)
{
    perfpool_options options = heap_options();
    if (strcmp(argument, "allocate") == 0)
        require(AllocateMemory(1, NULL) != NULL);
    else
        require(heap_figures(NULL).live_blocks == 0);
    error_state_set(ERROR_STATE_SENTINEL);
    require(perfpool_heap_default(&options) == NULL);
    require(error_state_get() == ERROR_STATE_BUSY);
    return 0;
}

/* Many threads whose first call needs the default heap: one heap comes of it. */
static struct barrier first_use;
static perfpool_heap *seen[8];

static void use_default_first(void *argument)
{
    size_t *i = argument;
    barrier_wait(&first_use);
    void *block = AllocateMemory(64, NULL);
    seen[*i] = perfpool_heap_default(NULL);
    require(perfpool_block_size(block, seen[*i]) == 64);
    FreeMemory(block, NULL);
}

static int default_is_made_once(const char *argument)
{
    (void)argument;
    struct thread threads[8];
    size_t numbers[8];
    barrier_init(&first_use, 8);
    for (size_t i = 0; i < 8; i++) {
        numbers[i] = i;
        thread_start(&threads[i], use_default_first, &numbers[i]);
    }
    for (size_t i = 0; i < 8; i++)
        thread_join(&threads[i]);
    for (size_t i = 1; i < 8; i++)
        require(seen[i] == seen[0]);
    require(heap_figures(NULL).live_blocks == 0);
    require_text(heap_problem(NULL) == NULL, "default heap");
    return 0;
}

/* A fault that belongs to no live heap goes to the default heap's handler. */
static int destroyed_heap_is_caught(const char *argument)
{
    (void)argument;
    static struct fault_log log;
    perfpool_options options = heap_options();
    options.on_fault = fault_log_handler;
    options.fault_arg = &log;
    require(perfpool_heap_default(&options) != NULL);
    perfpool_heap *heap = heap_make(0);
    void *block = AllocateMemory(100, heap);
    require(perfpool_heap_destroy(heap, PERFPOOL_DESTROY_LIVE) == 1);
    error_state_set(ERROR_STATE_SENTINEL);
    require(AllocateMemory(100, heap) == NULL);
    require(fault_log_count(&log) == 1);
    FreeMemory(block, heap);
    require(fault_log_count(&log) == 2);
    require(error_state_get() == ERROR_STATE_SENTINEL);
    for (unsigned i = 0; i < 2; i++) {
        require(log.entries[i].fault.kind == PERFPOOL_FAULT_BAD_HEAP);
        require((const void *)log.entries[i].fault.heap == (const void *)heap);
    }
    perfpool_stats stats = {.size = sizeof(stats)};
    require(perfpool_heap_stats(heap, &stats) == -1 && error_state_get() == ERROR_STATE_INVALID);
    require(perfpool_block_size(block, heap) == 0);
    require(perfpool_heap_destroy(heap, 0) == REFUSED);
    require_text(heap_problem(NULL) == NULL, "default heap");
    return 0;
}

static int PERFPOOL_CALL never_visit(const void *block, size_t size, void *argument)
{
    (void)block, (void)size, (void)argument;
    require_text(0, "a block of no heap was visited");
    return 0;
}

/* The other functions refuse what is no heap, whether or not they also tell the handler. */
static int no_heap_is_refused(const char *argument)
{
    (void)argument;
    static struct fault_log log;
    static uint64_t no_heap[256];
    perfpool_heap *bad[] = {(perfpool_heap *)(void *)no_heap, (perfpool_heap *)(uintptr_t)1, (perfpool_heap *)UINTPTR_MAX, NULL};
    perfpool_stats stats = {.size = sizeof(stats)};
    perfpool_options options = heap_options();
    options.on_fault = fault_log_handler;
    options.fault_arg = &log;
    require(perfpool_heap_default(&options) != NULL);
    bad[3] = (perfpool_heap *)((uintptr_t)heap_make(0) + 8);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        error_state_set(ERROR_STATE_SENTINEL);
        require(perfpool_heap_stats(bad[i], &stats) == -1 && error_state_get() == ERROR_STATE_INVALID);
        error_state_set(ERROR_STATE_SENTINEL);
        require(perfpool_heap_walk(bad[i], never_visit, NULL) == -1 && error_state_get() == ERROR_STATE_INVALID);
        error_state_set(ERROR_STATE_SENTINEL);
        require(perfpool_heap_destroy(bad[i], PERFPOOL_DESTROY_LIVE) == REFUSED && error_state_get() == ERROR_STATE_INVALID);
        require(perfpool_heap_trim(bad[i]) == 0);
        require(perfpool_block_size(no_heap, bad[i]) == 0);
        fault_log_clear(&log);
        require(AllocateMemory(100, bad[i]) == NULL);
        require(fault_log_count(&log) == 1 && log.entries[0].fault.kind == PERFPOOL_FAULT_BAD_HEAP);
    }
    return 0;
}

CHILD_CASES({"options", default_takes_options}, {"busy", default_is_busy_after_use}, {"once", default_is_made_once},
            {"destroyed", destroyed_heap_is_caught}, {"none", no_heap_is_refused})

static void check_case(const char *name, const char *argument)
{
    struct process_result result;
    process_run_case(name, argument, NULL, &result);
    ck_assert_msg(result.code == 0, "%s: code %d signal %d: %s", name, result.code, result.signal, result.text);
}

START_TEST(default_heap_takes_options_before_its_first_use)
{
    check_case("options", NULL);
    check_case("busy", "allocate");
    check_case("busy", "stats");
}
END_TEST

START_TEST(default_heap_is_made_once)
{
    for (int i = 0; i < 10; i++)
        check_case("once", NULL);
}
END_TEST

START_TEST(use_of_a_destroyed_heap_is_caught)
{
    check_case("destroyed", NULL);
}
END_TEST

START_TEST(what_is_no_heap_is_refused)
{
    check_case("none", NULL);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("default_heap");
    TCase *first = tcase_create("first use");
    tcase_add_test(first, default_heap_takes_options_before_its_first_use);
    tcase_add_test(first, default_heap_is_made_once);
    suite_add_tcase(suite, first);

    TCase *handler = tcase_create("handler");
    tcase_add_test(handler, use_of_a_destroyed_heap_is_caught);
    tcase_add_test(handler, what_is_no_heap_is_refused);
    suite_add_tcase(suite, handler);
    return suite;
}
