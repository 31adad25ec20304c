/* What the tests of refill and pools share: a class, and all of a pool's blocks taken and given back. */
#ifndef PERFPOOL_TESTS_BINS_H
#define PERFPOOL_TESTS_BINS_H

#include "internals.h"

enum { CLASS = 15, CAPACITY = 32 /* of its magazines */ };

/* Ends a heap whose blocks have all been put: nothing of it may be in use then. */
static inline void end(struct perfpool_heap *heap)
{
    struct fault_list faults = {.n = 0};
    for (uint32_t round = 0; round < 2; round++)
        for (uint32_t id = 1; id <= heap->n_pools; id++) {
            struct pool *pool = pool_at(heap, id);
            outbox_post_all(pool);
            while (pool_drain(pool, &faults)) {
            }
            pool_give_back(pool);
        }
    require(faults.n == 0);
    ck_assert_uint_eq(arena_in_use(&heap->arena), 0);
    internals_end(heap);
}

/* Takes n blocks of the class, and puts them. */
static inline void take_all(struct pool *pool, uint32_t *lines, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        lines[i] = internals_take(pool, CLASS);
}

static inline void put_all(struct pool *pool, const uint32_t *lines, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        internals_put(pool, lines[i]);
}

#endif
