/* Callbacks with another calling convention, or other arguments, than their types say: the stack is put right, and it is reported.
 */
#include "harness.h"
#include "perflib/memory.h"
#include "perflib/perflib_strict.h"

#include <stdlib.h>
#include <string.h>

#if defined(_WIN32) && defined(__i386__)
static unsigned reports;
static char last_text[512];

static void note(enum perflib_violation violation, const char *text, void *argument)
{
    (void)argument;
    ck_assert_uint_eq(violation, PERFLIB_UNBALANCED_STACK);
    strncpy(last_text, text, sizeof last_text - 1);
    reports++;
}

static LPVOID __cdecl allocate_cdecl(SIZE_T size, LPVOID context)
{
    (void)context;
    return calloc(1, size);
}

static void __stdcall release_one_argument(LPVOID block)
{
    free(block);
}

static void __stdcall release_three_arguments(LPVOID block, LPVOID context, LPVOID more)
{
    (void)context;
    (void)more;
    free(block);
}

static ULONG __cdecl control_cdecl(ULONG code, PVOID buffer, ULONG size)
{
    (void)code;
    (void)buffer;
    (void)size;
    return 1234;
}

/* The report, the first since the last time, names that many bytes. */
static void check_report(const char *bytes)
{
    ck_assert_uint_eq(reports, 1);
    ck_assert_msg(strstr(last_text, bytes) != NULL, "%s", last_text);
    reports = 0;
}

START_TEST(unbalanced_stack_is_reported_and_put_right)
{
    PERF_MEM_ALLOC allocate = (PERF_MEM_ALLOC)(void (*)(void))allocate_cdecl;
    struct memory_routines one =
        memory_routines_make(allocate, (PERF_MEM_FREE)(void (*)(void))release_one_argument, NULL, UINT64_MAX);
    struct memory_routines three =
        memory_routines_make(allocate, (PERF_MEM_FREE)(void (*)(void))release_three_arguments, NULL, UINT64_MAX);
    void *block;

    perflib_on_violation(note, NULL);
    block = provider_allocate(&one, 100);
    check_report("off by 8 bytes");
    provider_release(&one, block);
    check_report("off by 4 bytes");
    block = provider_allocate(&three, 100);
    check_report("off by 8 bytes");
    provider_release(&three, block);
    check_report("off by -4 bytes");
    ck_assert_uint_eq(memory_call_control((PERFLIBREQUEST)(void (*)(void))control_cdecl, 1, NULL, 0), 1234);
    check_report("off by 12 bytes");
    perflib_on_violation(NULL, NULL);
}
END_TEST
#endif

Suite *make_suite(void)
{
    Suite *suite = suite_create("perflib_stack");

#if defined(_WIN32) && defined(__i386__)
    TCase *stack = tcase_create("stack");

    tcase_add_test(stack, unbalanced_stack_is_reported_and_put_right);
    suite_add_tcase(suite, stack);
#else
    harness_skip("unbalanced_stack_is_reported_and_put_right", "only 32-bit x86 has callees that clear the stack");
#endif
    return suite;
}
