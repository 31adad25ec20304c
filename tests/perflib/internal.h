/*
 * What the parts of this PERFLIB share: the provider, its counter sets and its instance index.
 *
 * A provider owns its sets and its instances; PerfStopProvider frees them all. Sets are only ever added, at the head of a list
 * that readers follow without a lock. Instances are found through an index that is cut into stripes, each with a lock of its own,
 * so that threads which create and delete different instances rarely meet.
 */
#ifndef PERFPOOL_TESTS_PERFLIB_INTERNAL_H
#define PERFPOOL_TESTS_PERFLIB_INTERNAL_H

#include "lock.h"
#include "windows_shim.h"

#include <stdatomic.h>
#include <stdbool.h>

enum { INDEX_STRIPES = 64 };

/* The registered memory routines, or the process heap's. Never NULL, never change after the provider is started. */
struct memory_routines {
    PERF_MEM_ALLOC allocate;
    PERF_MEM_FREE release;
    LPVOID context;
};

/* A described counter set. Nothing but `instances` changes once it is in the provider's list. */
struct counter_set {
    struct counter_set *next;
    atomic_uint instances; /* instances alive, and those being created */
    PERF_COUNTERSET_INFO info;
    PERF_COUNTER_INFO counters[]; /* info.NumCounters of them */
};

/* A place of the index: an instance and the hash of its identity, or no instance. */
struct index_entry {
    PERF_COUNTERSET_INSTANCE *instance;
    uint32_t hash;
};

/* INVARIANT, under the lock: capacity is 0 or a power of two, and more than used; every entry is reachable from its hash's place
 * without crossing an empty one. Otherwise a lookup misses an instance, or never ends. */
struct index_stripe {
    struct lock lock;
    uint32_t capacity;
    uint32_t used;
    struct index_entry *entries;
    uint64_t apart[8]; /* keeps the locks of two stripes on different cache lines */
};

/* What a provider HANDLE points to. */
struct provider {
    struct memory_routines memory;
    PERFLIBREQUEST control;
    GUID guid;
    struct lock sets_lock; /* who holds it may add a set */
    _Atomic(struct counter_set *) sets;
    struct index_stripe index[INDEX_STRIPES];
};

/* Memory through the provider's routines; the block is zeroed, because a routine need not do it. NULL if there is none. */
void *provider_allocate(const struct memory_routines *memory, size_t size);
void provider_release(const struct memory_routines *memory, void *block);

/* The provider's set with that GUID, or NULL. */
struct counter_set *provider_find_set(struct provider *provider, const GUID *guid);

bool guid_equal(const GUID *a, const GUID *b);

/* The start of an instance's value slots, one of 8 bytes for each counter of the set in the set's order. */
static inline uint64_t *instance_slots(PERF_COUNTERSET_INSTANCE *instance)
{
    return (uint64_t *)(void *)(instance + 1);
}

/* Length of a name in characters, at most PERF_MAX_INSTANCE_NAME + 1. */
size_t name_length(const WCHAR *name);

/* Hash of an instance's identity: equal for names that differ only in case. */
uint32_t index_hash(const GUID *set, const WCHAR *name, ULONG id);

/* The instance with that identity, or NULL. */
PERF_COUNTERSET_INSTANCE *index_find(struct provider *provider, const GUID *set, const WCHAR *name, ULONG id);

/* Adds an instance. ERROR_SUCCESS, ERROR_ALREADY_EXISTS if its identity is there, ERROR_NOT_ENOUGH_MEMORY. */
ULONG index_add(struct provider *provider, PERF_COUNTERSET_INSTANCE *instance);

/* Takes exactly this instance out. False if it is not there. */
bool index_remove(struct provider *provider, PERF_COUNTERSET_INSTANCE *instance);

/* Frees all instances and the index itself; nothing else may use the provider. */
void index_clear(struct provider *provider);

/* The functions of the table, by file. */
ULONG WINAPI perflib_test_start(LPGUID guid, PERFLIBREQUEST control, PHANDLE out);
ULONG WINAPI perflib_test_start_ex(LPGUID guid, PPERF_PROVIDER_CONTEXT context, PHANDLE out);
ULONG WINAPI perflib_test_stop(HANDLE handle);
ULONG WINAPI perflib_test_set_info(HANDLE handle, PPERF_COUNTERSET_INFO info, ULONG size);
PPERF_COUNTERSET_INSTANCE WINAPI perflib_test_create(HANDLE handle, LPCGUID guid, PCWSTR name, ULONG id);
PPERF_COUNTERSET_INSTANCE WINAPI perflib_test_query(HANDLE handle, LPCGUID guid, PCWSTR name, ULONG id);
ULONG WINAPI perflib_test_delete(HANDLE handle, PPERF_COUNTERSET_INSTANCE instance);
ULONG WINAPI perflib_test_set_reference(HANDLE handle, PPERF_COUNTERSET_INSTANCE instance, ULONG id, PVOID address);
ULONG WINAPI perflib_test_set_ulong(HANDLE handle, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONG value);
ULONG WINAPI perflib_test_set_ulonglong(HANDLE handle, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONGLONG value);
ULONG WINAPI perflib_test_increment_ulong(HANDLE handle, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONG value);
ULONG WINAPI perflib_test_increment_ulonglong(HANDLE handle, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONGLONG value);
ULONG WINAPI perflib_test_decrement_ulong(HANDLE handle, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONG value);
ULONG WINAPI perflib_test_decrement_ulonglong(HANDLE handle, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONGLONG value);

#endif
