/*
 * PERFLIB's provider functions as a table, so that a program can choose a PERFLIB at run time: this library's own, the system's,
 * or a mixture of both.
 *
 * This library's own does what PERFLIB is documented to do, takes every byte it needs through the memory routines that were
 * registered with PerfStartProviderEx (without routines: the process heap), and is strict (perflib_strict.h). What consumers see
 * of a provider is in perflib_consumer.h.
 *
 * The library also defines the 14 functions under Windows' own names. They forward to the table that perflib_use chose, so code
 * written or generated for perflib.h links with it; on Windows it must come before advapi32 in the linker's command line.
 *
 * Thread safety of this library's functions: any function may run on any thread at any time, except that PerfDeleteInstance must
 * not run while another thread of the provider uses the same instance, and PerfStopProvider not while one uses the same provider.
 * Consumers are no such threads: deleting and stopping wait until they are done with the instance or the provider.
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
 * The system's PERFLIB for what it has everywhere (start, describe a set, create, bind by reference, delete, stop) and this
 * library's for values, PerfQueryInstance and consumers, which work on the system's blocks by their documented layout. NULL where
 * the system has none (Linux). Under Wine the instances' memory is then Wine's: it does not call memory routines.
 */
const struct perflib *perflib_mixed(void);

/*
 * Whether `perflib` has all functions and takes an instance's memory through registered memory routines: true for Windows' own
 * and for perflib_test(), false for Wine's. It finds out by registering routines of its own for a moment.
 */
int perflib_uses_memory_routines(const struct perflib *perflib);

/* The system's PERFLIB if perflib_uses_memory_routines says so of it, else perflib_test(). */
const struct perflib *perflib_choose(void);

/*
 * Which PERFLIB the functions under Windows' names use from now on; NULL: the default, which is perflib_choose() (for a program
 * that perflib-live runs on Windows itself: perflib_mixed(), because the table shows no provider it does not know). Any thread,
 * while no provider is started.
 */
void perflib_use(const struct perflib *perflib);

/* The PERFLIB in use; its `name` says which. */
const struct perflib *perflib_used(void);

#ifdef __cplusplus
}
#endif

#endif
