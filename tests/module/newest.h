/* What the tests of allocating newest first share: threads whose blocks change sizes, and the bins of their pools. */
#ifndef PERFPOOL_TESTS_NEWEST_H
#define PERFPOOL_TESTS_NEWEST_H

#include "bins.h"

enum { LONG_SIZE = 32 * LINE_SIZE, OTHER_SIZE = 96 * LINE_SIZE, SHORT_SIZE = LINE_SIZE, ROUNDS = 40 };

static inline struct pool *own_pool(const struct perfpool_heap *heap)
{
    return thread_pool_if_bound(heap);
}

static inline const struct bin *bin_of(const struct perfpool_heap *heap, size_t size)
{
    return &own_pool(heap)->bins[size_class_of[size / LINE_SIZE]];
}

static inline bool newest_first(const struct perfpool_heap *heap, size_t size)
{
    return extra_rest(bin_of(heap, size)->extra) == EXTRA_NEWEST;
}

/* Blocks of a size, allocated and freed. */
static inline void go_through_some(struct perfpool_heap *heap, size_t size, uint32_t n)
{
    void *blocks[2 * MAGAZINE_CAPACITY];
    for (uint32_t i = 0; i < n; i++) {
        blocks[i] = AllocateMemory(size, heap);
        ck_assert_ptr_nonnull(blocks[i]);
        memset(blocks[i], 0xa5, size);
    }
    for (uint32_t i = 0; i < n; i++)
        FreeMemory(blocks[i], heap);
}

/* More than a magazine of them. */
static inline void go_through(struct perfpool_heap *heap, size_t size)
{
    go_through_some(heap, size, 2 * size_classes[size_class_of[size / LINE_SIZE]].capacity);
}

/* Mostly long ones, block by block. */
static inline void change_sizes(struct perfpool_heap *heap)
{
    for (uint32_t round = 0; round < ROUNDS; round++) {
        go_through(heap, LONG_SIZE);
        go_through(heap, OTHER_SIZE);
        go_through_some(heap, SHORT_SIZE, 8);
    }
}

#endif
