/*
 * Shared memory accesses: thin wrappers over Concurrency Kit's ck_pr, named by their order.
 *
 * Every access to a word that two threads may touch at once goes through here. `relaxed` orders nothing, `acquire` keeps later
 * accesses behind the load, `release` keeps earlier ones before the store, and a read-modify-write does both. All of them are
 * wait-free for one attempt.
 */
#ifndef PERFPOOL_ATOMIC_H
#define PERFPOOL_ATOMIC_H

#include <ck_pr.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the checker of interleavings looks in, before each access; nothing in any other build. */
#ifdef PERFPOOL_CHECKER
#include "interleave/hook.h"
#else
#define SHARED_ACCESS(address, kind) ((void)0)
#endif

/*
 * The two 64-bit operations that CK has no whole form of on 32-bit processors, where its load and store are two of 32 bits each.
 * Its compare and swap is whole there, too. One instruction on x86 with SSE2; the word must be aligned to 8 bytes.
 */
#if UINTPTR_MAX > UINT32_MAX
static inline uint64_t load_whole_64(const uint64_t *source)
{
    return ck_pr_load_64(source);
}

static inline void store_whole_64(uint64_t *target, uint64_t value)
{
    ck_pr_store_64(target, value);
}
#else
_Static_assert(__GCC_ATOMIC_LLONG_LOCK_FREE == 2, "no library call with a lock in it");

struct alignment_of_64 {
    char first;
    uint64_t word;
};
_Static_assert(offsetof(struct alignment_of_64, word) == 8, "64-bit words of structures are aligned");

static inline uint64_t load_whole_64(const uint64_t *source)
{
    return __atomic_load_n(source, __ATOMIC_RELAXED);
}

static inline void store_whole_64(uint64_t *target, uint64_t value)
{
    __atomic_store_n(target, value, __ATOMIC_RELAXED);
}
#endif

static inline uint8_t load_relaxed_8(const uint8_t *source)
{
    SHARED_ACCESS(source, LOAD);
    return ck_pr_load_8(source);
}

static inline uint16_t load_relaxed_16(const uint16_t *source)
{
    SHARED_ACCESS(source, LOAD);
    return ck_pr_load_16(source);
}

static inline uint32_t load_relaxed_32(const uint32_t *source)
{
    SHARED_ACCESS(source, LOAD);
    return ck_pr_load_32(source);
}

static inline uint64_t load_relaxed_64(const uint64_t *source)
{
    SHARED_ACCESS(source, LOAD);
    return load_whole_64(source);
}

static inline void *load_relaxed_ptr(void *const *source)
{
    SHARED_ACCESS(source, LOAD);
    return ck_pr_load_ptr(source);
}

/* As load_relaxed_ptr, for a fast path: the compiler may make it part of a compare, which CK's instruction of its own cannot be.
 * For a pointer that is read once, is aligned, and is good in whatever state it is found. */
static inline void *load_folded_ptr(void *const *source)
{
    SHARED_ACCESS(source, LOAD);
#ifdef PERFPOOL_CHECKER
    return ck_pr_load_ptr(source); /* the compiler would announce a plain access */
#else
    return *source;
#endif
}

static inline uint8_t load_acquire_8(const uint8_t *source)
{
    SHARED_ACCESS(source, LOAD_ACQUIRE);
    uint8_t value = ck_pr_load_8(source);
    ck_pr_fence_acquire();
    return value;
}

static inline uint32_t load_acquire_32(const uint32_t *source)
{
    SHARED_ACCESS(source, LOAD_ACQUIRE);
    uint32_t value = ck_pr_load_32(source);
    ck_pr_fence_acquire();
    return value;
}

static inline uint64_t load_acquire_64(const uint64_t *source)
{
    SHARED_ACCESS(source, LOAD_ACQUIRE);
    uint64_t value = load_whole_64(source);
    ck_pr_fence_acquire();
    return value;
}

static inline void *load_acquire_ptr(void *const *source)
{
    SHARED_ACCESS(source, LOAD_ACQUIRE);
    void *value = ck_pr_load_ptr(source);
    ck_pr_fence_acquire();
    return value;
}

static inline void store_relaxed_8(uint8_t *target, uint8_t value)
{
    SHARED_ACCESS(target, STORE);
    ck_pr_store_8(target, value);
}

static inline void store_relaxed_16(uint16_t *target, uint16_t value)
{
    SHARED_ACCESS(target, STORE);
    ck_pr_store_16(target, value);
}

static inline void store_relaxed_32(uint32_t *target, uint32_t value)
{
    SHARED_ACCESS(target, STORE);
    ck_pr_store_32(target, value);
}

static inline void store_relaxed_64(uint64_t *target, uint64_t value)
{
    SHARED_ACCESS(target, STORE);
    store_whole_64(target, value);
}

static inline void store_relaxed_ptr(void **target, void *value)
{
    SHARED_ACCESS(target, STORE);
    ck_pr_store_ptr(target, value);
}

static inline void store_release_32(uint32_t *target, uint32_t value)
{
    SHARED_ACCESS(target, STORE_RELEASE);
    ck_pr_fence_release();
    ck_pr_store_32(target, value);
}

static inline void store_release_64(uint64_t *target, uint64_t value)
{
    SHARED_ACCESS(target, STORE_RELEASE);
    ck_pr_fence_release();
    store_whole_64(target, value);
}

/* Compare and swap, acquire and release. On failure *expected is what was found. */
static inline bool cas_8(uint8_t *target, uint8_t *expected, uint8_t desired)
{
    SHARED_ACCESS(target, SWAP);
    ck_pr_fence_release();
    bool swapped = ck_pr_cas_8_value(target, *expected, desired, expected);
    ck_pr_fence_acquire();
    return swapped;
}

static inline bool cas_32(uint32_t *target, uint32_t *expected, uint32_t desired)
{
    SHARED_ACCESS(target, SWAP);
    ck_pr_fence_release();
    bool swapped = ck_pr_cas_32_value(target, *expected, desired, expected);
    ck_pr_fence_acquire();
    return swapped;
}

static inline bool cas_64(uint64_t *target, uint64_t *expected, uint64_t desired)
{
    SHARED_ACCESS(target, SWAP);
    ck_pr_fence_release();
    bool swapped = ck_pr_cas_64_value(target, *expected, desired, expected);
    ck_pr_fence_acquire();
    return swapped;
}

static inline bool cas_ptr(void **target, void *expected, void *desired)
{
    SHARED_ACCESS(target, SWAP);
    ck_pr_fence_release();
    bool swapped = ck_pr_cas_ptr(target, expected, desired);
    ck_pr_fence_acquire();
    return swapped;
}

/* Add, subtract, or set and clear bits, acquire and release; lock-free (a CAS loop, so that 32-bit targets need nothing else).
 * Return the old value. */
static inline uint64_t fetch_add_64(uint64_t *target, uint64_t value)
{
    uint64_t old = load_relaxed_64(target);
    while (!cas_64(target, &old, old + value)) {
    }
    return old;
}

static inline uint64_t fetch_or_64(uint64_t *target, uint64_t bits)
{
    uint64_t old = load_relaxed_64(target);
    while (!cas_64(target, &old, old | bits)) {
    }
    return old;
}

static inline uint64_t fetch_and_64(uint64_t *target, uint64_t bits)
{
    uint64_t old = load_relaxed_64(target);
    while (!cas_64(target, &old, old & bits)) {
    }
    return old;
}

static inline uint32_t fetch_or_32(uint32_t *target, uint32_t bits)
{
    uint32_t old = load_relaxed_32(target);
    while (!cas_32(target, &old, old | bits)) {
    }
    return old;
}

static inline uint32_t fetch_add_32(uint32_t *target, uint32_t value)
{
    uint32_t old = load_relaxed_32(target);
    while (!cas_32(target, &old, old + value)) {
    }
    return old;
}

#endif
