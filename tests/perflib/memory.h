/*
 * A provider's memory: its registered routines, called as strictly as perflib_strict.h says.
 */
#ifndef PERFPOOL_TESTS_PERFLIB_MEMORY_H
#define PERFPOOL_TESTS_PERFLIB_MEMORY_H

#include "windows_shim.h"

#include <stdbool.h>

/* The registered memory routines, or the process heap's. Never NULL, never change after the provider is started. */
struct memory_routines {
    PERF_MEM_ALLOC allocate;
    PERF_MEM_FREE release;
    LPVOID context;
    uint64_t owner; /* the provider's serial number */
};

/* The routines of a provider that has registered these; allocate NULL: the process heap. */
struct memory_routines memory_routines_make(PERF_MEM_ALLOC allocate, PERF_MEM_FREE release, LPVOID context, uint64_t owner);

/* Memory through the provider's routines; the block is zeroed, because a routine need not do it. NULL if there is none. */
void *provider_allocate(const struct memory_routines *memory, size_t size);
void provider_release(const struct memory_routines *memory, void *block);

/* Reports the blocks of that owner which are not given back, and forgets them. */
void memory_check_leak(uint64_t owner);

/* Calls a provider's ControlCallback. */
ULONG memory_call_control(PERFLIBREQUEST control, ULONG code, PVOID buffer, ULONG size);

#endif
