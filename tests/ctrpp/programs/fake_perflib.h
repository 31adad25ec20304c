/*
 * The functions that generated code calls, which note what they were given and answer as they are told.
 */
#ifndef PERFPOOL_TESTS_CTRPP_FAKE_PERFLIB_H
#define PERFPOOL_TESTS_CTRPP_FAKE_PERFLIB_H

/* The order matters: perflib.h uses the types of the other two. */
// clang-format off
#include <windows.h>
#include <winperf.h>
#include <perflib.h>
// clang-format on

struct fake_perflib {
    ULONG start_answer; /* of PerfStartProvider and PerfStartProviderEx */
    ULONG failing_set;  /* the how-manyth PerfSetCounterSetInfo fails with 183; 0: none */
    ULONG starts, plain_starts, sets, stops;
    GUID provider;
    PERF_PROVIDER_CONTEXT context;
    ULONG template_size;               /* of the last set */
    unsigned char template_copy[4096]; /* and its template */
};

#ifdef __cplusplus
extern "C" {
#endif
extern struct fake_perflib fake;

/* Counts and prints a condition that does not hold. */
void check_that(int condition, const char *text, int line);
extern int failures;
#ifdef __cplusplus
}
#endif

#define CHECK(condition) check_that((condition) ? 1 : 0, #condition, __LINE__)

#endif
