/*
 * src/atomic.h for ThreadSanitizer, which sees neither inline assembly nor fences: the same functions in the compiler's atomics,
 * each with exactly the order its name says. The build with `thread` among its sanitizers includes this file before any other, so
 * that the original's include guard leaves the original out.
 *
 * So what ThreadSanitizer finds to be ordered is ordered by the accesses that are named acquire, release or compare-and-swap, and
 * by nothing else: a plain access that relies on a relaxed one is a race.
 */
#if !defined(PERFPOOL_ATOMIC_H) && !defined(TEST_HAS_OWN_ATOMICS) /* a test that schedules the accesses itself */
#define PERFPOOL_ATOMIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOAD_FOR_TSAN(order, ORDER, bits)                                            \
    static inline uint##bits##_t load_##order##_##bits(const uint##bits##_t *source) \
    {                                                                                \
        return __atomic_load_n(source, __ATOMIC_##ORDER);                            \
    }
LOAD_FOR_TSAN(relaxed, RELAXED, 8)
LOAD_FOR_TSAN(relaxed, RELAXED, 16)
LOAD_FOR_TSAN(relaxed, RELAXED, 32)
LOAD_FOR_TSAN(relaxed, RELAXED, 64)
LOAD_FOR_TSAN(acquire, ACQUIRE, 8)
LOAD_FOR_TSAN(acquire, ACQUIRE, 32)
LOAD_FOR_TSAN(acquire, ACQUIRE, 64)

#define STORE_FOR_TSAN(order, ORDER, bits)                                                  \
    static inline void store_##order##_##bits(uint##bits##_t *target, uint##bits##_t value) \
    {                                                                                       \
        __atomic_store_n(target, value, __ATOMIC_##ORDER);                                  \
    }
STORE_FOR_TSAN(relaxed, RELAXED, 8)
STORE_FOR_TSAN(relaxed, RELAXED, 16)
STORE_FOR_TSAN(relaxed, RELAXED, 32)
STORE_FOR_TSAN(relaxed, RELAXED, 64)
STORE_FOR_TSAN(release, RELEASE, 32)
STORE_FOR_TSAN(release, RELEASE, 64)

#define CAS_FOR_TSAN(bits)                                                                                        \
    static inline bool cas_##bits(uint##bits##_t *target, uint##bits##_t *expected, uint##bits##_t desired)       \
    {                                                                                                             \
        return __atomic_compare_exchange_n(target, expected, desired, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE); \
    }
CAS_FOR_TSAN(8)
CAS_FOR_TSAN(32)
CAS_FOR_TSAN(64)

#define CHANGE_FOR_TSAN(name, bits)                                                                  \
    static inline uint##bits##_t fetch_##name##_##bits(uint##bits##_t *target, uint##bits##_t value) \
    {                                                                                                \
        return __atomic_fetch_##name(target, value, __ATOMIC_ACQ_REL);                               \
    }
CHANGE_FOR_TSAN(add, 32)
CHANGE_FOR_TSAN(add, 64)
CHANGE_FOR_TSAN(or, 64)
CHANGE_FOR_TSAN(or, 32)
CHANGE_FOR_TSAN(and, 64)

static inline void *load_relaxed_ptr(void *const *source)
{
    return __atomic_load_n(source, __ATOMIC_RELAXED);
}

static inline void *load_folded_ptr(void *const *source)
{
    return __atomic_load_n(source, __ATOMIC_RELAXED);
}

static inline void *load_acquire_ptr(void *const *source)
{
    return __atomic_load_n(source, __ATOMIC_ACQUIRE);
}

static inline void store_relaxed_ptr(void **target, void *value)
{
    __atomic_store_n(target, value, __ATOMIC_RELAXED);
}

static inline bool cas_ptr(void **target, void *expected, void *desired)
{
    return __atomic_compare_exchange_n(target, &expected, desired, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

#endif
