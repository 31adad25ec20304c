/*
 * The test PERFLIB notices what a provider and its memory routines do wrong: each kind of violation is made on purpose and must be
 * reported, once and as that kind. What is right is not reported.
 */
#include "perflib/perflib_strict.h"
#include "harness.h"
#include "perflib/internal.h"
#include "perflib/perflib_consumer.h"
#include "support/process.h"

#include "perfpool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What the handler was told. */
static unsigned reported; /* a sum of violations */
static unsigned reports;
static char last_text[512];

static void note(enum perflib_violation violation, const char *text, void *argument)
{
    ck_assert_ptr_eq(argument, &reported);
    reported |= (unsigned)violation;
    reports++;
    strncpy(last_text, text, sizeof last_text - 1);
}

/* What the memory routines of a test do wrong from the nth allocation or release on, counted from 1; 0: nothing. */
static struct {
    unsigned allocations, releases;
    unsigned wrong_at;
    unsigned action;
    void *last; /* the block given last */
    void *kept; /* the C run-time's block around a misaligned one */
} routine;

enum {
    SET_ERROR_ON_ALLOCATE = 1,
    SET_ERROR_ON_RELEASE,
    SET_ERRNO_ON_ALLOCATE,
    GIVE_MISALIGNED,
    GIVE_DIRTY,
    GIVE_LAST_AGAIN,
    GIVE_INSIDE_OF_LAST,
};

static LPVOID CALLBACK allocate(SIZE_T size, LPVOID context)
{
    char *block;

    (void)context;
    if (++routine.allocations != routine.wrong_at)
        return routine.last = calloc(1, size);
    switch (routine.action) {
    case GIVE_LAST_AGAIN:
        return routine.last;
    case GIVE_INSIDE_OF_LAST:
        return (char *)routine.last + 16;
    case GIVE_MISALIGNED:
        routine.kept = block = calloc(1, size + 8);
        return block + sizeof(void *);
    case GIVE_DIRTY:
        block = calloc(1, size);
        block[size - 1] = 1;
        return block;
    case SET_ERROR_ON_ALLOCATE:
        SetLastError(5);
        return calloc(1, size);
    case SET_ERRNO_ON_ALLOCATE:
        block = calloc(1, size);
        errno = ENOMEM;
        return block;
    default:
        return calloc(1, size);
    }
}

static void CALLBACK release(LPVOID block, LPVOID context)
{
    (void)context;
    if (++routine.releases == routine.wrong_at && routine.action == SET_ERROR_ON_RELEASE)
        SetLastError(5);
    else if (routine.kept != NULL && block == (char *)routine.kept + sizeof(void *))
        block = routine.kept;
    free(block);
}

static GUID guid = {0x21222324, 0x2526, 0x2728, {1, 2, 3, 4, 5, 6, 7, 8}};
static HANDLE handle;
static const WCHAR name[] = {'o', 'n', 'e', 0};

static const struct {
    PERF_COUNTERSET_INFO set;
    PERF_COUNTER_INFO counter;
} description = {{{0x31323334, 0x3536, 0x3738, {1, 2, 3, 4, 5, 6, 7, 8}}, {0}, 1, PERF_COUNTERSET_MULTI_INSTANCES},
                 {1, PERF_COUNTER_RAWCOUNT, 0, 4, PERF_DETAIL_NOVICE, 0, 0}};

/* A provider's life; what it does wrong is up to the routines. The error of PerfCreateInstance. */
static DWORD live(PERF_PROVIDER_CONTEXT *context)
{
    PERF_COUNTERSET_INSTANCE *instance;
    DWORD error = ERROR_SUCCESS;
    char template[sizeof description];

    memcpy(template, &description, sizeof description);
    ck_assert_uint_eq(perflib_test()->PerfStartProviderEx(&guid, context, &handle), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib_test()->PerfSetCounterSetInfo(handle, (void *)template, sizeof template), ERROR_SUCCESS);
    SetLastError(0);
    instance = perflib_test()->PerfCreateInstance(handle, &description.set.CounterSetGuid, name, 0);
    error = GetLastError();
    if (instance != NULL)
        ck_assert_uint_eq(perflib_test()->PerfDeleteInstance(handle, instance), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib_test()->PerfStopProvider(handle), ERROR_SUCCESS);
    return error;
}

static DWORD live_with(unsigned action, unsigned wrong_at)
{
    PERF_PROVIDER_CONTEXT context = {sizeof context, 0, NULL, allocate, release, NULL};

    memset(&routine, 0, sizeof routine);
    routine.action = action;
    routine.wrong_at = wrong_at;
    return live(&context);
}

static void begin(void)
{
    reported = reports = 0;
    perflib_strict(PERFLIB_DEFAULT_CHECKS);
    perflib_on_violation(note, &reported);
}

static void end(void)
{
    perflib_on_violation(NULL, NULL);
    perflib_strict(PERFLIB_DEFAULT_CHECKS);
}

#define ck_assert_reported(violation)                                                                                          \
    do {                                                                                                                       \
        ck_assert_msg(reported == (violation), "reported: %#x, wanted: %#x (%s)", reported, (unsigned)(violation), last_text); \
        ck_assert_uint_eq(reports, 1);                                                                                         \
    } while (0)

/* The third allocation is an instance, after the provider and its set; the first release is that of the instance. */
enum { INSTANCE_ALLOCATION = 3 };

START_TEST(nothing_wrong_is_not_reported)
{
    PERF_PROVIDER_CONTEXT without = {sizeof without, 0, NULL, NULL, NULL, NULL};
    PERF_PROVIDER_CONTEXT with_perfpool = {sizeof with_perfpool, 0, NULL, AllocateMemory, FreeMemory, perfpool_heap_create(NULL)};

    ck_assert_uint_eq(live_with(0, 0), 0);
    ck_assert_uint_eq(live(&without), 0);
    ck_assert_uint_eq(live(&with_perfpool), 0);
    ck_assert_uint_eq(perfpool_heap_destroy(with_perfpool.pMemContext, 0), 0);
    ck_assert_msg(reports == 0, "%s", last_text);
}
END_TEST

START_TEST(changed_last_error_is_reported)
{
    SetLastError(77);
    ck_assert_uint_eq(live_with(SET_ERROR_ON_ALLOCATE, INSTANCE_ALLOCATION), 0);
    ck_assert_reported(PERFLIB_CHANGED_ERROR);
    reported = reports = 0;
    live_with(SET_ERROR_ON_RELEASE, 1);
    ck_assert_reported(PERFLIB_CHANGED_ERROR);
}
END_TEST

/* On Windows errno is the C run-time's, and no error state of the system. */
#ifndef _WIN32
START_TEST(changed_errno_is_reported)
{
    live_with(SET_ERRNO_ON_ALLOCATE, INSTANCE_ALLOCATION);
    ck_assert_reported(PERFLIB_CHANGED_ERROR);
}
END_TEST
#endif

START_TEST(misaligned_block_is_reported_and_not_used)
{
    ck_assert_uint_eq(live_with(GIVE_MISALIGNED, INSTANCE_ALLOCATION), ERROR_NOT_ENOUGH_MEMORY);
    ck_assert_reported(PERFLIB_MISALIGNED);
}
END_TEST

START_TEST(block_that_is_not_zero_is_reported_and_cleared)
{
    ck_assert_uint_eq(live_with(GIVE_DIRTY, INSTANCE_ALLOCATION), 0);
    ck_assert_reported(PERFLIB_NOT_ZEROED);
}
END_TEST

START_TEST(same_block_again_is_reported_and_not_used)
{
    ck_assert_uint_eq(live_with(GIVE_LAST_AGAIN, INSTANCE_ALLOCATION), ERROR_NOT_ENOUGH_MEMORY);
    ck_assert_reported(PERFLIB_OVERLAP);
}
END_TEST

START_TEST(block_inside_another_is_reported_and_not_used)
{
    ck_assert_uint_eq(live_with(GIVE_INSIDE_OF_LAST, INSTANCE_ALLOCATION), ERROR_NOT_ENOUGH_MEMORY);
    ck_assert_reported(PERFLIB_OVERLAP);
}
END_TEST

static struct memory_routines routines_of(PERF_MEM_ALLOC routine_allocate, PERF_MEM_FREE routine_release, LPVOID context)
{
    return memory_routines_make(routine_allocate, routine_release, context, UINT64_MAX);
}

static void CALLBACK release_nothing_at_all(LPVOID block, LPVOID context)
{
    (void)block;
    (void)context;
}

START_TEST(release_of_what_is_no_block_is_reported)
{
    struct memory_routines memory = routines_of(allocate, release_nothing_at_all, NULL);
    char *block = provider_allocate(&memory, 100);

    provider_release(&memory, block + 16);
    ck_assert_reported(PERFLIB_NEVER_ALLOCATED);
    reported = reports = 0;
    provider_release(&memory, block);
    ck_assert_uint_eq(reports, 0);
    provider_release(&memory, block);
    ck_assert_reported(PERFLIB_NEVER_ALLOCATED);
    free(block);
}
END_TEST

START_TEST(release_with_another_context_or_routine_is_reported)
{
    struct memory_routines memory = routines_of(allocate, release, NULL);
    struct memory_routines other_context = routines_of(allocate, release, &memory);
    struct memory_routines other_routine = routines_of(allocate, release_nothing_at_all, NULL);
    void *block = provider_allocate(&memory, 100);

    provider_release(&other_context, block);
    ck_assert_reported(PERFLIB_WRONG_CONTEXT);
    reported = reports = 0;
    block = provider_allocate(&memory, 100);
    provider_release(&other_routine, block);
    ck_assert_reported(PERFLIB_WRONG_CONTEXT);
    free(block);
}
END_TEST

START_TEST(leak_at_stop_is_reported_once)
{
    PERF_PROVIDER_CONTEXT context = {sizeof context, 0, NULL, allocate, release, NULL};
    void *blocks[2];

    memset(&routine, 0, sizeof routine);
    perflib_test()->PerfStartProviderEx(&guid, &context, &handle);
    for (int i = 0; i < 2; i++)
        blocks[i] = provider_allocate(&((struct provider *)handle)->memory, 100);
    ck_assert_uint_eq(perflib_test()->PerfStopProvider(handle), ERROR_SUCCESS);
    ck_assert_reported(PERFLIB_LEAK);
    ck_assert_ptr_nonnull(strstr(last_text, "leaves 2 blocks"));
    for (int i = 0; i < 2; i++)
        free(blocks[i]);
    reported = reports = 0;
    live_with(0, 0);
    ck_assert_uint_eq(reports, 0);
}
END_TEST

START_TEST(stopping_what_is_no_provider_is_reported)
{
    live_with(0, 0);
    ck_assert_uint_eq(perflib_test()->PerfStopProvider(handle), ERROR_INVALID_PARAMETER);
    ck_assert_reported(PERFLIB_BAD_HANDLE);
}
END_TEST

static ULONG error_of_stop;

static ULONG WINAPI stop_in_callback(ULONG code, PVOID buffer, ULONG size)
{
    (void)buffer;
    (void)size;
    if (code == PERF_COLLECT_START)
        error_of_stop = perflib_test()->PerfStopProvider(handle);
    return ERROR_SUCCESS;
}

START_TEST(stopping_in_the_control_callback_is_reported)
{
    PERF_PROVIDER_CONTEXT context = {sizeof context, 0, stop_in_callback, NULL, NULL, NULL};
    const struct perflib_sample *sample;
    struct perflib_query *query;
    char template[sizeof description];

    memcpy(template, &description, sizeof description);
    perflib_test()->PerfStartProviderEx(&guid, &context, &handle);
    perflib_test()->PerfSetCounterSetInfo(handle, (void *)template, sizeof template);
    ck_assert_uint_eq(perflib_query_open(&query), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib_query_add(query, &description.set.CounterSetGuid, PERF_WILDCARD_INSTANCE, 0, 1), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib_query_collect(query, &sample), ERROR_SUCCESS);
    ck_assert_uint_eq(error_of_stop, ERROR_INVALID_PARAMETER);
    ck_assert_reported(PERFLIB_BAD_HANDLE);
    perflib_query_close(query);
    ck_assert_uint_eq(perflib_test()->PerfStopProvider(handle), ERROR_SUCCESS);
    ck_assert_uint_eq(reports, 1);
}
END_TEST

START_TEST(instances_left_are_reported_if_asked_for)
{
    PERF_PROVIDER_CONTEXT context = {sizeof context, 0, NULL, allocate, release, NULL};
    char template[sizeof description];

    memset(&routine, 0, sizeof routine);
    memcpy(template, &description, sizeof description);
    for (int asked = 0; asked < 2; asked++) {
        perflib_strict(PERFLIB_DEFAULT_CHECKS | (asked ? PERFLIB_INSTANCES_LEFT : 0U));
        perflib_test()->PerfStartProviderEx(&guid, &context, &handle);
        perflib_test()->PerfSetCounterSetInfo(handle, (void *)template, sizeof template);
        ck_assert_ptr_nonnull(perflib_test()->PerfCreateInstance(handle, &description.set.CounterSetGuid, name, 0));
        perflib_test()->PerfStopProvider(handle);
        ck_assert_uint_eq(reports, (unsigned)asked);
    }
    ck_assert_reported(PERFLIB_INSTANCES_LEFT);
}
END_TEST

START_TEST(what_is_not_checked_is_not_reported)
{
    ck_assert_uint_eq(perflib_strict(PERFLIB_DEFAULT_CHECKS & ~(unsigned)PERFLIB_NOT_ZEROED), PERFLIB_DEFAULT_CHECKS);
    live_with(GIVE_DIRTY, INSTANCE_ALLOCATION);
    ck_assert_uint_eq(reports, 0);
    perflib_strict(0);
    live_with(SET_ERROR_ON_ALLOCATE, INSTANCE_ALLOCATION);
    ck_assert_uint_eq(reports, 0);
}
END_TEST

static int violate(const char *argument)
{
    struct memory_routines memory = routines_of(allocate, release, NULL);

    (void)argument;
    routine.action = GIVE_DIRTY;
    routine.wrong_at = 1;
    provider_allocate(&memory, 100);
    return 0;
}

CHILD_CASES({"violate", violate})

START_TEST(default_handler_says_what_is_wrong_and_aborts)
{
    struct process_result result;

    process_run_case("violate", NULL, NULL, &result);
    ck_assert_int_ne(result.code, 0);
    ck_assert_ptr_nonnull(strstr(result.text, "perflib: the allocate routine gave "));
    ck_assert_ptr_nonnull(strstr(result.text, " bytes, which are not zero\n"));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("perflib_strict");
    TCase *strict = tcase_create("strict");

    tcase_add_checked_fixture(strict, begin, end);
    tcase_add_test(strict, nothing_wrong_is_not_reported);
    tcase_add_test(strict, changed_last_error_is_reported);
#ifndef _WIN32
    tcase_add_test(strict, changed_errno_is_reported);
#endif
    tcase_add_test(strict, misaligned_block_is_reported_and_not_used);
    tcase_add_test(strict, block_that_is_not_zero_is_reported_and_cleared);
    tcase_add_test(strict, same_block_again_is_reported_and_not_used);
    tcase_add_test(strict, block_inside_another_is_reported_and_not_used);
    tcase_add_test(strict, release_of_what_is_no_block_is_reported);
    tcase_add_test(strict, release_with_another_context_or_routine_is_reported);
    tcase_add_test(strict, leak_at_stop_is_reported_once);
    tcase_add_test(strict, stopping_what_is_no_provider_is_reported);
    tcase_add_test(strict, stopping_in_the_control_callback_is_reported);
    tcase_add_test(strict, instances_left_are_reported_if_asked_for);
    tcase_add_test(strict, what_is_not_checked_is_not_reported);
    tcase_add_test(strict, default_handler_says_what_is_wrong_and_aborts);
    suite_add_tcase(suite, strict);
    return suite;
}
