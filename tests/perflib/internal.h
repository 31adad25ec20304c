/*
 * What the parts of this PERFLIB share: the provider, its counter sets and its instance index.
 *
 * A provider owns its sets and its instances; PerfStopProvider frees them all. Sets are only ever added, at the head of a list
 * that readers follow without a lock. Instances are found through an index that is cut into stripes, each with a lock of its own,
 * so that threads which create and delete different instances rarely meet. The lock of an instance's stripe also keeps consumers
 * and whoever deletes the instance or rebinds its references apart.
 */
#ifndef PERFPOOL_TESTS_PERFLIB_INTERNAL_H
#define PERFPOOL_TESTS_PERFLIB_INTERNAL_H

#include "lock.h"
#include "memory.h"
#include "name.h"
#include "perflib_table.h"
#include "windows_shim.h"

#include <stdatomic.h>
#include <stdbool.h>

enum { INDEX_STRIPES = 64 };

/* A described counter set. Nothing but `instances` changes once it is in the provider's list. */
struct counter_set {
    struct counter_set *next;
    unsigned number;       /* counts the provider's sets */
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
    const struct perflib *system; /* whose functions make its instances, NULL: this library's */
    HANDLE system_handle;         /* of the same provider there */
    struct provider *next;        /* in the registry, under its lock */
    unsigned pins;                /* the same; consumers that are at work in it */
    struct lock sets_lock;        /* who holds it may add a set */
    _Atomic(struct counter_set *) sets;
    struct index_stripe index[INDEX_STRIPES];
};

/* The provider's set with that GUID, or NULL. */
struct counter_set *provider_find_set(struct provider *provider, const GUID *guid);

/* The start of an instance's value slots, one of 8 bytes for each counter of the set in the set's order. */
static inline uint64_t *instance_slots(PERF_COUNTERSET_INSTANCE *instance)
{
    return (uint64_t *)(void *)(instance + 1);
}

static inline const WCHAR *instance_name(const PERF_COUNTERSET_INSTANCE *instance)
{
    return (const WCHAR *)(const void *)((const char *)instance + instance->InstanceNameOffset);
}

/* Gives an instance's block back to who made it. */
void instance_release(struct provider *provider, PERF_COUNTERSET_INSTANCE *instance);

/* The instance with that identity, or NULL. */
PERF_COUNTERSET_INSTANCE *index_find(struct provider *provider, const GUID *set, const WCHAR *name, ULONG id);

/* Adds an instance. ERROR_SUCCESS, ERROR_ALREADY_EXISTS if its identity is there, ERROR_NOT_ENOUGH_MEMORY. */
ULONG index_add(struct provider *provider, PERF_COUNTERSET_INSTANCE *instance);

/* Takes exactly this instance out. False if it is not there. */
bool index_remove(struct provider *provider, PERF_COUNTERSET_INSTANCE *instance);

/* The stripe in which the instance is, or would be. */
struct index_stripe *index_stripe_of(struct provider *provider, const PERF_COUNTERSET_INSTANCE *instance);

/* Frees all instances and the index itself, and returns how many instances there were; nothing else may use the provider. */
size_t index_clear(struct provider *provider);

/* Starts a provider; `system` as in struct provider. */
ULONG provider_start(LPGUID guid, PPERF_PROVIDER_CONTEXT context, const struct perflib *system, PHANDLE out);

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
