/*
 * PERFLIB's provider functions as a table, so that a program can use the system's or this library's at run time.
 *
 * This library's own PERFLIB does what PERFLIB is documented to do, and takes every byte it needs through the memory routines
 * that were registered with PerfStartProviderEx (without routines: the process heap). Differences on purpose: it validates what
 * it can cheaply see, and collects nothing yet.
 *
 * Thread safety of this library's functions: any function may run on any thread at any time, except that PerfDeleteInstance must
 * not run while another thread uses the same instance, and PerfStopProvider not while another thread uses the same provider.
 */
#ifndef PERFPOOL_TESTS_PERFLIB_PERFLIB_TABLE_H
#define PERFPOOL_TESTS_PERFLIB_PERFLIB_TABLE_H

#include "windows_shim.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One PERFLIB. The functions are those of perflib.h, under their own names. A function that this PERFLIB lacks is NULL. */
struct perflib {
    const char *name; /* what to call it in messages */
    ULONG(WINAPI *PerfStartProvider)(LPGUID guid, PERFLIBREQUEST control, PHANDLE provider);
    ULONG(WINAPI *PerfStartProviderEx)(LPGUID guid, PPERF_PROVIDER_CONTEXT context, PHANDLE provider);
    ULONG(WINAPI *PerfStopProvider)(HANDLE provider);
    ULONG(WINAPI *PerfSetCounterSetInfo)(HANDLE provider, PPERF_COUNTERSET_INFO set, ULONG size);
    PPERF_COUNTERSET_INSTANCE(WINAPI *PerfCreateInstance)(HANDLE provider, LPCGUID set, PCWSTR name, ULONG id);
    PPERF_COUNTERSET_INSTANCE(WINAPI *PerfQueryInstance)(HANDLE provider, LPCGUID set, PCWSTR name, ULONG id);
    ULONG(WINAPI *PerfDeleteInstance)(HANDLE provider, PPERF_COUNTERSET_INSTANCE instance);
    ULONG(WINAPI *PerfSetCounterRefValue)(HANDLE provider, PPERF_COUNTERSET_INSTANCE instance, ULONG id, PVOID address);
    ULONG(WINAPI *PerfSetULongCounterValue)(HANDLE provider, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONG value);
    ULONG(WINAPI *PerfSetULongLongCounterValue)(HANDLE provider, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONGLONG value);
    ULONG(WINAPI *PerfIncrementULongCounterValue)(HANDLE provider, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONG value);
    ULONG(WINAPI *PerfIncrementULongLongCounterValue)
    (HANDLE provider, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONGLONG value);
    ULONG(WINAPI *PerfDecrementULongCounterValue)(HANDLE provider, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONG value);
    ULONG(WINAPI *PerfDecrementULongLongCounterValue)
    (HANDLE provider, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONGLONG value);
};

/* This library's own PERFLIB: complete, on both targets. */
const struct perflib *perflib_test(void);

/* The system's PERFLIB, or NULL where there is none (Linux). On Wine some of its functions are NULL. */
const struct perflib *perflib_system(void);

/*
 * Whether `perflib` has all functions and takes an instance's memory through registered memory routines: true for Windows' own
 * and for perflib_test(), false for Wine's. It finds out by registering routines of its own for a moment.
 */
int perflib_uses_memory_routines(const struct perflib *perflib);

/* The system's PERFLIB if perflib_uses_memory_routines says so of it, else perflib_test(). */
const struct perflib *perflib_choose(void);

#ifdef __cplusplus
}
#endif

#endif
