/*
 * Threads: the record behind the one thread-local pointer, and how a thread gets and leaves its pools.
 *
 * Records are never unmapped while the library is loaded. A record's owner is the thread that points to it; a heap's destroyer only
 * replaces `context` by the tombstone, by CAS. Two records are static: thread_unbound, where a thread starts, and thread_gone,
 * where it ends. Their pool has empty bins and no lines, so every call on them takes the slow path without asking.
 */
#ifndef PERFPOOL_THREAD_H
#define PERFPOOL_THREAD_H

#include "pool.h"
#include "seed.h"

/* A pool of one heap. */
struct thread_entry {
    uint32_t generation; /* of the heap's slot; another one: the entry is of a heap that is gone */
    uint32_t pool;       /* id, 0 none */
} __attribute__((aligned(8)));

struct thread_record {
    void *context;     /* the pContext the cached pool is for, as passed (NULL or a heap) */
    struct pool *pool; /* the cached pool; on Linux it is in os_thread */
    uint32_t next;     /* link of the free records */
    uint32_t index;    /* name of the record, from 1 */
    uint32_t slots;    /* entries below may be in use */
    struct thread_entry entries[HEAP_SLOTS];
} __attribute__((aligned(128)));

/* A pool with no blocks in its bins and no lines: every call finds nothing there and takes the slow path. */
extern struct pool thread_empty_pool;

/* The pool that the thread's own record has cached, valid if the record's context is the caller's. Wait-free. */
static inline struct pool *thread_cached_pool(const struct thread_record *record)
{
#ifdef _WIN32
    return record->pool;
#else
    (void)record;
    return os_thread.pool;
#endif
}

/* Sets it, and what it is for. The record's thread. */
static inline void thread_cache(struct thread_record *record, struct pool *pool, void *context)
{
#ifdef _WIN32
    record->pool = pool;
#else
    os_thread.pool = pool;
#endif
    store_relaxed_ptr(&record->context, context);
}

/*
 * This thread's pool in a heap, bound now if need be; `context` is what the caller named the heap by. NULL: the thread can have
 * none, because it has ended or no more pools can be had; a call may then adopt one for its own length. Lock-free, may call the
 * system.
 */
struct pool *thread_pool(struct perfpool_heap *heap, void *context);

/*
 * Makes the pool that this thread has in the heap of `context` the cached one; false if it is already, if the thread has none, and
 * if the heap is never cached. What a call for another heap than the last one costs. Wait-free.
 */
static inline bool thread_switch(void *context)
{
    struct thread_record *record = os_thread_get();
    if (load_relaxed_ptr(&record->context) == context)
        return false;
    uintptr_t slot = heap_slot_of_address(context != NULL ? context : heap_default_if_made());
    if (slot >= HEAP_SLOTS)
        return false;
    const struct perfpool_heap *heap = &heap_slots[slot];
    struct thread_entry entry = record->entries[slot];
    if (entry.pool == 0 || !SEEDED(entry_generation, gate_is_open(load_acquire_64(&heap->gate), entry.generation), true) ||
        heap->cached_pools == NULL)
        return false;
    thread_cache(record, (struct pool *)(void *)(heap->cached_pools + (size_t)(entry.pool - 1) * POOL_STRIDE), context);
    return true;
}

/* The thread's own pool in a heap if it has one, else NULL. Wait-free. */
struct pool *thread_pool_if_bound(const struct perfpool_heap *heap);

/* Turns the cached heap of every thread bound to `heap` into a tombstone. By its destroyer. Wait-free in the number of pools. */
void thread_forget(struct perfpool_heap *heap);

/* A thread ends: releases its pools and marks it gone. Called by the system's hook. */
void thread_exit(void);

/* In a fork's child: the pools of all other threads are dead. */
void thread_forked(void);

/* Unmaps all records, as the library is unloaded. Only thread. */
void thread_release_all(void);

#endif
