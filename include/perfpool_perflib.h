/*
 * The constants of PERFLIB V2 that MinGW-w64's perflib.h lacks, each only if nobody has defined it: Microsoft's own header wins.
 *
 * Includes on Windows windows.h, winperf.h and perflib.h, in the order they need. On other systems it includes a perflib.h that
 * is on the include path (that of perfpool's PERFLIB for tests), if there is one. Needs nothing of perfpool; include it before
 * perfpool.h to get perfpool_fill_provider_context as well.
 */
#ifndef PERFPOOL_PERFLIB_H
#define PERFPOOL_PERFLIB_H

// clang-format off
#if defined(_WIN32)
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#define PERFPOOL_UNDEF_LEAN_AND_MEAN
#endif
#include <windows.h>
#ifdef PERFPOOL_UNDEF_LEAN_AND_MEAN
#undef WIN32_LEAN_AND_MEAN
#undef PERFPOOL_UNDEF_LEAN_AND_MEAN
#endif
#include <winperf.h>
#include <perflib.h>
#elif defined(__has_include)
#if __has_include(<perflib.h>)
#include <windows.h>
#include <winperf.h>
#include <perflib.h>
#endif
#endif
// clang-format on

/* Where a provider runs. */
#ifndef PERF_PROVIDER_USER_MODE
#define PERF_PROVIDER_USER_MODE 0
#endif
#ifndef PERF_PROVIDER_KERNEL_MODE
#define PERF_PROVIDER_KERNEL_MODE 1
#endif
#ifndef PERF_PROVIDER_DRIVER
#define PERF_PROVIDER_DRIVER 2
#endif

/* PERF_COUNTERSET_INFO.InstanceType: flags, and the types they make up. */
#ifndef PERF_COUNTERSET_FLAG_MULTIPLE
#define PERF_COUNTERSET_FLAG_MULTIPLE 2
#endif
#ifndef PERF_COUNTERSET_FLAG_AGGREGATE
#define PERF_COUNTERSET_FLAG_AGGREGATE 4
#endif
#ifndef PERF_COUNTERSET_FLAG_HISTORY
#define PERF_COUNTERSET_FLAG_HISTORY 8
#endif
#ifndef PERF_COUNTERSET_FLAG_INSTANCE
#define PERF_COUNTERSET_FLAG_INSTANCE 16
#endif
#ifndef PERF_COUNTERSET_SINGLE_INSTANCE
#define PERF_COUNTERSET_SINGLE_INSTANCE 0
#endif
#ifndef PERF_COUNTERSET_MULTI_INSTANCES
#define PERF_COUNTERSET_MULTI_INSTANCES 2
#endif
#ifndef PERF_COUNTERSET_SINGLE_AGGREGATE
#define PERF_COUNTERSET_SINGLE_AGGREGATE 4
#endif
#ifndef PERF_COUNTERSET_MULTI_AGGREGATE
#define PERF_COUNTERSET_MULTI_AGGREGATE 6
#endif
#ifndef PERF_COUNTERSET_SINGLE_AGGREGATE_HISTORY
#define PERF_COUNTERSET_SINGLE_AGGREGATE_HISTORY 12
#endif
#ifndef PERF_COUNTERSET_INSTANCE_AGGREGATE
#define PERF_COUNTERSET_INSTANCE_AGGREGATE 22
#endif

/* How a counter's values add up in an aggregate set; registration data only. */
#ifndef PERF_AGGREGATE_UNDEFINED
#define PERF_AGGREGATE_UNDEFINED 0
#endif
#ifndef PERF_AGGREGATE_TOTAL
#define PERF_AGGREGATE_TOTAL 1
#endif
#ifndef PERF_AGGREGATE_AVG
#define PERF_AGGREGATE_AVG 2
#endif
#ifndef PERF_AGGREGATE_MIN
#define PERF_AGGREGATE_MIN 3
#endif
#ifndef PERF_AGGREGATE_MAX
#define PERF_AGGREGATE_MAX 4
#endif

/* PERF_COUNTER_INFO.Attrib, which has 64 bits: so the complement of one keeps the upper half. */
#ifndef PERF_ATTRIB_BY_REFERENCE
#define PERF_ATTRIB_BY_REFERENCE 0x0000000000000001ULL
#endif
#ifndef PERF_ATTRIB_NO_DISPLAYABLE
#define PERF_ATTRIB_NO_DISPLAYABLE 0x0000000000000002ULL
#endif
#ifndef PERF_ATTRIB_NO_GROUP_SEPARATOR
#define PERF_ATTRIB_NO_GROUP_SEPARATOR 0x0000000000000004ULL
#endif
#ifndef PERF_ATTRIB_DISPLAY_AS_REAL
#define PERF_ATTRIB_DISPLAY_AS_REAL 0x0000000000000008ULL
#endif
#ifndef PERF_ATTRIB_DISPLAY_AS_HEX
#define PERF_ATTRIB_DISPLAY_AS_HEX 0x0000000000000010ULL
#endif

/* RequestCode of the ControlCallback (PERFLIBREQUEST); 4, 7 and 8 are not defined. */
#ifndef PERF_ADD_COUNTER
#define PERF_ADD_COUNTER 1
#endif
#ifndef PERF_REMOVE_COUNTER
#define PERF_REMOVE_COUNTER 2
#endif
#ifndef PERF_ENUM_INSTANCES
#define PERF_ENUM_INSTANCES 3
#endif
#ifndef PERF_COLLECT_START
#define PERF_COLLECT_START 5
#endif
#ifndef PERF_COLLECT_END
#define PERF_COLLECT_END 6
#endif
#ifndef PERF_FILTER
#define PERF_FILTER 9
#endif

/* Names and ids with a meaning of their own. A WCHAR is 16 bits on every system. */
#ifndef PERF_WILDCARD_COUNTER
#define PERF_WILDCARD_COUNTER 0xFFFFFFFF
#endif
#ifndef PERF_WILDCARD_INSTANCE
#ifdef _WIN32
#define PERF_WILDCARD_INSTANCE L"*"
#else
#define PERF_WILDCARD_INSTANCE u"*"
#endif
#endif
#ifndef PERF_AGGREGATE_INSTANCE
#ifdef _WIN32
#define PERF_AGGREGATE_INSTANCE L"_Total"
#else
#define PERF_AGGREGATE_INSTANCE u"_Total"
#endif
#endif
#ifndef PERF_MAX_INSTANCE_NAME
#define PERF_MAX_INSTANCE_NAME 1024 /* characters, without the terminator */
#endif

/* PERF_COUNTER_INFO.DetailLevel. */
#ifndef PERF_DETAIL_NOVICE
#define PERF_DETAIL_NOVICE 100
#endif
#ifndef PERF_DETAIL_ADVANCED
#define PERF_DETAIL_ADVANCED 200
#endif
#ifndef PERF_DETAIL_EXPERT
#define PERF_DETAIL_EXPERT 300
#endif
#ifndef PERF_DETAIL_WIZARD
#define PERF_DETAIL_WIZARD 400
#endif

#endif
