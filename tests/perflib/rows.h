/*
 * Rows: what one call of a provider function is documented to answer. Each is a named test of its own; the same calls are made to
 * the system's PERFLIB. Included by one test program, after the fixture.
 *
 *     ROW(name, function, result) { statements that make the call and return what it answered }
 *
 * A row begins with a started provider `provider`, its set `set_guid` (NARROW, WIDE, REFERENCE) and its instance `one` ("one", 0),
 * all of the PERFLIB `perflib`.
 */
#ifndef PERFPOOL_TESTS_PERFLIB_ROWS_H
#define PERFPOOL_TESTS_PERFLIB_ROWS_H

#include "perflib_fixture.h"

struct row {
    const char *name;
    size_t function; /* its place in struct perflib */
    ULONG documented;
    ULONG (*act)(void);
};

/* Answers that no function gives. */
enum {
    ROW_WRONG = 0x20000001,  /* the call did something else than its result says */
    ROW_ABSENT = 0x20000002, /* there is no such function */
    ROW_DIES = 0x20000003,   /* the process ends */
};

static PERF_COUNTERSET_INSTANCE *one;

static void check_row(const struct row *row);
static void check_row_of_system(const struct row *row);

#define ROW(name, function, documented)                                                                         \
    static ULONG act_##name(void);                                                                              \
    static const struct row row_##name = {#name, offsetof(struct perflib, function), (documented), act_##name}; \
    START_TEST(name)                                                                                            \
    {                                                                                                           \
        check_row(&row_##name);                                                                                 \
    }                                                                                                           \
    END_TEST                                                                                                    \
    START_TEST(system_##name)                                                                                   \
    {                                                                                                           \
        check_row_of_system(&row_##name);                                                                       \
    }                                                                                                           \
    END_TEST                                                                                                    \
    static ULONG act_##name(void)

/* What a function that returns an instance answered: its error, which it must not set on success. */
#define answer_of(call)                                                                                                    \
    __extension__({                                                                                                        \
        const void *answer_result;                                                                                         \
        DWORD answer_error;                                                                                                \
        SetLastError(ROW_WRONG);                                                                                           \
        answer_result = (call);                                                                                            \
        answer_error = GetLastError();                                                                                     \
        answer_result == NULL ? (ULONG)answer_error : answer_error == ROW_WRONG ? (ULONG)ERROR_SUCCESS : (ULONG)ROW_WRONG; \
    })

#endif
