/* What the tests of kept runs share: large blocks, and what the thread keeps of those it freed. */
#ifndef PERFPOOL_TESTS_KEPT_H
#define PERFPOOL_TESTS_KEPT_H

#include "large.h"

#include "internals.h"

enum { RESERVE = 64 /* MiB */ };

static inline struct perfpool_heap *begin(uint32_t flags)
{
    return internals_heap(RESERVE * MEBIBYTE, 0, flags, NULL);
}

/* Ends a test of which nothing may be left but what the thread keeps, which goes with it. */
static inline void end(struct perfpool_heap *heap)
{
    check_equations(heap, 0);
    perfpool_thread_detach();
    ck_assert_uint_eq(arena_in_use(&heap->arena), 0);
    internals_end(heap);
}

static inline void *take(struct perfpool_heap *heap, uint32_t spans)
{
    void *block = AllocateMemory(spans * (size_t)SPAN_SIZE, heap);
    require(block != NULL);
    return block;
}

/* Spans that the thread keeps. */
static inline uint32_t kept(const struct perfpool_heap *heap)
{
    const struct pool *pool = thread_pool_if_bound(heap);
    uint32_t spans = 0;
    for (uint32_t n = 1; pool != NULL && n <= KEPT_LENGTH_MAX; n++)
        spans += pool->kept[n - 1] != 0 ? n : 0;
    return spans;
}

/* Frees blocks of all lengths that are kept, so that one of each is, and of none is the next free the one that goes to the arena.
 */
static inline void keep_one_of_each(struct perfpool_heap *heap)
{
    void *blocks[KEPT_LENGTH_MAX];
    for (uint32_t n = 1; n <= KEPT_LENGTH_MAX; n++)
        blocks[n - 1] = take(heap, n);
    for (uint32_t n = 1; n <= KEPT_LENGTH_MAX; n++)
        FreeMemory(blocks[n - 1], heap);
    require(kept(heap) == 1 + 2 + 3 + 4);
}

#endif
