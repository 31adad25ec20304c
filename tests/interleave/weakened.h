/*
 * What the seeded faults of src/ are made of: read-modify-writes in two steps, between which another thread may come.
 */
#ifndef PERFPOOL_INTERLEAVE_WEAKENED_H
#define PERFPOOL_INTERLEAVE_WEAKENED_H

#include "atomic.h"
#include "interleave/seeds.h"

static inline bool split_cas_8(uint8_t *target, uint8_t *expected, uint8_t desired)
{
    const uint8_t found = load_acquire_8(target);
    const bool same = found == *expected;
    *expected = found;
    if (same)
        store_relaxed_8(target, desired);
    return same;
}

static inline bool split_cas_32(uint32_t *target, uint32_t *expected, uint32_t desired)
{
    const uint32_t found = load_acquire_32(target);
    const bool same = found == *expected;
    *expected = found;
    if (same)
        store_release_32(target, desired);
    return same;
}

static inline bool split_cas_64(uint64_t *target, uint64_t *expected, uint64_t desired)
{
    const uint64_t found = load_acquire_64(target);
    const bool same = found == *expected;
    *expected = found;
    if (same)
        store_release_64(target, desired);
    return same;
}

static inline bool split_cas_ptr(void **target, void *expected, void *desired)
{
    if (load_acquire_ptr(target) != expected)
        return false;
    store_relaxed_ptr(target, desired);
    return true;
}

static inline uint64_t split_add_64(uint64_t *target, uint64_t value)
{
    const uint64_t old = load_acquire_64(target);
    store_release_64(target, old + value);
    return old;
}

static inline uint64_t split_or_64(uint64_t *target, uint64_t bits)
{
    const uint64_t old = load_acquire_64(target);
    store_release_64(target, old | bits);
    return old;
}

static inline uint64_t split_and_64(uint64_t *target, uint64_t bits)
{
    const uint64_t old = load_acquire_64(target);
    store_release_64(target, old & bits);
    return old;
}

static inline uint32_t split_add_32(uint32_t *target, uint32_t value)
{
    const uint32_t old = load_acquire_32(target);
    store_release_32(target, old + value);
    return old;
}

/* Where another thread was first, these do the same to what they find: what was looked at before the swap is not looked at again.
 */
static inline bool adding_cas_64(uint64_t *target, uint64_t *expected, uint64_t desired)
{
    *expected = fetch_add_64(target, desired - *expected);
    return true;
}

static inline bool adding_cas_32(uint32_t *target, uint32_t *expected, uint32_t desired)
{
    *expected = fetch_add_32(target, desired - *expected);
    return true;
}

static inline bool setting_cas_64(uint64_t *target, uint64_t *expected, uint64_t desired)
{
    *expected = fetch_or_64(target, desired & ~*expected);
    return true;
}

#endif
