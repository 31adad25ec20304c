/*
 * What each provider function answers: every documented result is a named test. The same calls are made to the system's PERFLIB.
 * Windows' own must answer alike; Wine's differs in exactly the rows of `differences`: a difference that is not there fails, and
 * one that is there and does not show fails as well.
 */
#include "harness.h"
#include "perflib/rows.h"
#include "perflib/rows_instance.h"
#include "perflib/rows_provider.h"
#include "perflib/rows_value.h"
#include "support/process.h"

#include <stdio.h>

/* What Wine 8.0 answers otherwise than documented, and what is absent there. */
struct difference {
    const char *row;
    ULONG answer;
};

/* A block begins behind a prefix of Wine's own. */
enum { WINE_BLOCK_OFF = sizeof(void *) };

static const struct difference differences[] = {
    {"start_ex_without_context", ERROR_INVALID_PARAMETER},   {"start_ex_with_release_only", ERROR_SUCCESS},
    {"start_ex_calls_the_allocate_routine", ROW_WRONG},      {"stop_without_handle", ROW_DIES},
    {"create_calls_the_allocate_routine", ROW_WRONG},        {"create_other_name_same_id", ERROR_ALREADY_EXISTS},
    {"create_second_in_single_instance_set", ERROR_SUCCESS}, {"block_is_aligned", WINE_BLOCK_OFF},
    {"delete_block_of_another_provider", ERROR_SUCCESS},     {"reference_may_be_null", ERROR_INVALID_PARAMETER},
    {"reference_of_counter_by_value", ERROR_SUCCESS},
};

/* The functions that Wine 8.0 does not have; every row of theirs is ROW_ABSENT there. */
static const size_t absent[] = {
    offsetof(struct perflib, PerfQueryInstance),
    offsetof(struct perflib, PerfSetULongCounterValue),
    offsetof(struct perflib, PerfSetULongLongCounterValue),
    offsetof(struct perflib, PerfIncrementULongCounterValue),
    offsetof(struct perflib, PerfIncrementULongLongCounterValue),
    offsetof(struct perflib, PerfDecrementULongCounterValue),
    offsetof(struct perflib, PerfDecrementULongLongCounterValue),
};

enum { N_DIFFERENCES = sizeof differences / sizeof *differences, N_ABSENT = sizeof absent / sizeof *absent };

/* Wine's version, NULL if this is not Wine. */
static const char *wine_version(void)
{
#ifdef _WIN32
    const char *(CDECL * version)(void) =
        (const char *(CDECL *)(void))(void (*)(void))GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version");

    return version != NULL ? version() : NULL;
#else
    return NULL;
#endif
}

/* What the system is expected to answer. */
static ULONG expected_of_system(const struct row *row)
{
    if (wine_version() == NULL)
        return row->documented;
    for (size_t i = 0; i < N_ABSENT; i++)
        if (absent[i] == row->function)
            return ROW_ABSENT;
    for (size_t i = 0; i < N_DIFFERENCES; i++)
        if (strcmp(differences[i].row, row->name) == 0)
            return differences[i].answer;
    return row->documented;
}

static bool is_absent(const struct row *row)
{
    void (*function)(void);

    memcpy(&function, (const char *)perflib + row->function, sizeof function);
    return function == NULL;
}

/* The fixture for a PERFLIB; and what it leaves must be gone with the provider, if it came from the routines. */
static void begin(const struct perflib *of)
{
    perflib = of;
    start_with_set();
    one = create(NAME("one"), 0);
    ck_assert_ptr_nonnull(one);
}

static void end(void)
{
    ck_assert_uint_eq(perflib->PerfStopProvider(provider), ERROR_SUCCESS);
    ck_assert_uint_eq(memory.made, memory.freed);
}

static void check_row(const struct row *row)
{
    ULONG answer;

    begin(perflib_test());
    answer = row->act();
    end();
    ck_assert_msg(answer == row->documented, "%s: documented is %lu, the answer is %lu", row->name, (unsigned long)row->documented,
                  (unsigned long)answer);
}

/* A call that kills the process is made in another one. */
static int make_deadly_call(const char *name)
{
    (void)name;
#ifdef _WIN32
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
#endif
    perflib = perflib_system();
    perflib->PerfStopProvider(NULL);
    return 0;
}

CHILD_CASES({"stop_without_handle", make_deadly_call})

static ULONG answer_in_child(const char *row)
{
    struct process_result result;

    process_run_case(row, NULL, NULL, &result);
    return result.code == 0 ? ERROR_SUCCESS : (ULONG)ROW_DIES;
}

static void check_row_of_system(const struct row *row)
{
    const ULONG expected = expected_of_system(row);
    ULONG answer;

    begin(perflib_system());
    if (is_absent(row))
        answer = ROW_ABSENT;
    else
        answer = expected == ROW_DIES ? answer_in_child(row->name) : row->act();
    end();
    ck_assert_msg(answer == expected, "%s: the system was expected to answer %#lx, the answer is %#lx", row->name,
                  (unsigned long)expected, (unsigned long)answer);
}

#define ALL_ROWS(X) PROVIDER_ROWS(X) INSTANCE_ROWS(X) VALUE_ROWS(X)

/* A difference that names no row, or answers what is documented, is a mistake of the table. */
START_TEST(differences_are_rows)
{
#define ROW_OF(name) &row_##name,
    static const struct row *const rows[] = {ALL_ROWS(ROW_OF) NULL};

    for (size_t i = 0; i < N_DIFFERENCES; i++) {
        bool found = false;

        for (size_t j = 0; rows[j] != NULL; j++)
            found = found || (strcmp(rows[j]->name, differences[i].row) == 0 && rows[j]->documented != differences[i].answer);
        ck_assert_msg(found, "%s", differences[i].row);
    }
}
END_TEST

/* Allocation failures, of which only this library's PERFLIB can be told the place. */
START_TEST(start_without_memory_is_14)
{
    PERF_PROVIDER_CONTEXT context = own_memory();
    HANDLE handle = &memory;

    perflib_fail_allocation(1);
    ck_assert_uint_eq(perflib_test()->PerfStartProvider(&provider_guid, NULL, &handle), ERROR_OUTOFMEMORY);
    perflib_fail_allocation(1);
    ck_assert_uint_eq(perflib_test()->PerfStartProviderEx(&provider_guid, &context, &handle), ERROR_OUTOFMEMORY);
    ck_assert_uint_eq(perflib_fail_allocation(0), 0);
    ck_assert_ptr_eq(handle, &memory);
}
END_TEST

START_TEST(set_info_without_memory_is_14)
{
    struct description description = describe_other();

    begin(perflib_test());
    perflib_fail_allocation(1);
    ck_assert_uint_eq(set_info(&description, sizeof description), ERROR_OUTOFMEMORY);
    ck_assert_uint_eq(set_info(&description, sizeof description), ERROR_SUCCESS);
    end();
}
END_TEST

START_TEST(create_without_memory_is_8)
{
    begin(perflib_test());
    perflib_fail_allocation(1);
    ck_assert_refused(create(NAME("two"), 1), ERROR_NOT_ENOUGH_MEMORY);
    ck_assert_ptr_nonnull(create(NAME("two"), 1));
    end();
}
END_TEST

START_TEST(create_with_name_over_1024_characters_is_87)
{
    static WCHAR name[PERF_MAX_INSTANCE_NAME + 2];

    begin(perflib_test());
    for (size_t i = 0; i < PERF_MAX_INSTANCE_NAME + 1; i++)
        name[i] = 'x';
    ck_assert_refused(create(name, 1), ERROR_INVALID_PARAMETER);
    end();
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("perflib_results");
    TCase *documented = tcase_create("documented");
    const char *wine = wine_version();
    TCase *system;

#define ADD_DOCUMENTED(name) tcase_add_test(documented, name);
    ALL_ROWS(ADD_DOCUMENTED)
    tcase_add_test(documented, start_without_memory_is_14);
    tcase_add_test(documented, set_info_without_memory_is_14);
    tcase_add_test(documented, create_without_memory_is_8);
    tcase_add_test(documented, create_with_name_over_1024_characters_is_87);
    tcase_add_test(documented, differences_are_rows);
    suite_add_tcase(suite, documented);

    if (perflib_system() == NULL) {
        harness_skip("system", "Linux has no PERFLIB of its own");
        return suite;
    }
    if (wine != NULL && strncmp(wine, "8.", 2) != 0) {
        harness_skip("system", "the differences are those of Wine 8");
        return suite;
    }
    printf("the system is %s%s\n", wine != NULL ? "Wine " : "Windows", wine != NULL ? wine : "");
    system = tcase_create("system");
#define ADD_SYSTEM(name) tcase_add_test(system, system_##name);
    ALL_ROWS(ADD_SYSTEM)
    suite_add_tcase(suite, system);
    return suite;
}
