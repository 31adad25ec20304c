/*
 * PERFLIB V2 under Windows' names on both systems, and the layout everything here relies on.
 *
 * On Windows these are the system's headers and the constants that MinGW's lack; on Linux the folder linux, which has headers of
 * the same names, is on the include path.
 */
#ifndef PERFPOOL_TESTS_PERFLIB_WINDOWS_SHIM_H
#define PERFPOOL_TESTS_PERFLIB_WINDOWS_SHIM_H

#include <perfpool_perflib.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define PERFLIB_STATIC_ASSERT static_assert
#else
#define PERFLIB_STATIC_ASSERT _Static_assert
#endif
PERFLIB_STATIC_ASSERT(sizeof(GUID) == 16, "GUID");
PERFLIB_STATIC_ASSERT(sizeof(PERF_PROVIDER_CONTEXT) == 8 + 4 * sizeof(void *), "PERF_PROVIDER_CONTEXT");
PERFLIB_STATIC_ASSERT(sizeof(PERF_COUNTERSET_INFO) == 40, "PERF_COUNTERSET_INFO");
PERFLIB_STATIC_ASSERT(sizeof(PERF_COUNTER_INFO) == 32, "PERF_COUNTER_INFO");
PERFLIB_STATIC_ASSERT(sizeof(PERF_COUNTERSET_INSTANCE) == 32, "PERF_COUNTERSET_INSTANCE");
PERFLIB_STATIC_ASSERT(sizeof(PERF_COUNTER_IDENTITY) == 40, "PERF_COUNTER_IDENTITY");
PERFLIB_STATIC_ASSERT(sizeof(WCHAR) == 2, "WCHAR");

#endif
