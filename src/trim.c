#include "trim.h"

#include "drain.h"
#include "large.h"
#include "seed.h"
#include "thread.h"

enum { RECLAIM_POOLS = 64, DRAINS_MAX = 1 << 18, TRIM_PASSES = 8 };

/* Empties the inbox and gives all blocks home; *any says whether something was in the inbox. Returns spans given to the arena.
 * Owner. */
static uint32_t empty_pool(struct pool *pool, struct fault_list *faults, bool *any)
{
    uint32_t spans = 0;
    for (uint32_t i = 0; i < DRAINS_MAX && fault_list_has_room(faults) && pool_drain(pool, faults); i++) {
        spans += pool_give_back(pool); /* at once: what is home needs no magazine */
        *any = true;
    }
    return spans + pool_give_back(pool);
}

/* Gives empty magazines back, those of `own` (or NULL) among them. */
static void trim_magazines(struct perfpool_heap *heap, struct pool *own)
{
    struct magazine_cache none = {0, 0, 0};
    magazine_store_trim(&heap->magazines, own != NULL ? &own->empties : &none);
    magazine_cache_flush(&heap->magazines, &none);
}

bool reclaim(struct perfpool_heap *heap, struct pool *own, uint32_t want, struct fault_list *faults)
{
    uint64_t before = load_relaxed_64(&heap->arena.committed);
    bool came = false;
    uint32_t spans = large_give_back_all(heap);
    spans += own != NULL ? empty_pool(own, faults, &came) : 0;
    uint32_t ends = 0;  /* of sweeps: from one to the next every pool has been seen */
    uint32_t found = 0; /* pools that had something: only they are counted */
    uint64_t visits_max = 2 * (uint64_t)load_acquire_32(&heap->n_pools) + 2;
    for (uint64_t i = 0; i < visits_max && found < RECLAIM_POOLS && ends < 2 && spans < want; i++) {
        bool any = false;
        struct pool *pool = pool_sweep(heap);
        if (pool == NULL) {
            ends++;
            continue;
        }
        spans += empty_pool(pool, faults, &any);
        found += any;
        magazine_cache_flush(&heap->magazines, &pool->empties);
        pool_release_swept(pool);
    }
    trim_magazines(heap, own);
    return arena_trim(&heap->arena) > 0 || spans > 0 || load_relaxed_64(&heap->arena.committed) < before;
}

/* Empties every unbound pool and the thread's own; true if an inbox had something. Reports faults. */
static bool empty_pools(struct perfpool_heap *heap)
{
    bool any = false;
    struct fault_list faults;
    uint32_t ends = 0;
    uint64_t visits_max = 2 * (uint64_t)load_acquire_32(&heap->n_pools) + 2;
    for (uint64_t i = 0; i < visits_max && ends < 2; i++) {
        struct pool *pool = pool_sweep(heap);
        if (pool == NULL) {
            ends++;
            continue;
        }
        faults.n = 0;
        empty_pool(pool, &faults, &any);
        magazine_cache_flush(&heap->magazines, &pool->empties);
        SEEDED(trim_release, pool_release_swept(pool), (void)0);
        fault_report_list(heap, &faults);
    }
    struct pool *own = thread_pool_if_bound(heap); /* each time anew: a fault's handler may have detached the thread */
    if (own != NULL) {
        faults.n = 0;
        empty_pool(own, &faults, &any);
        fault_report_list(heap, &faults);
    }
    return any;
}

size_t perfpool_heap_trim(perfpool_heap *heap)
{
    uint32_t saved = os_save_error();
    const bool is_default = heap == NULL;
    heap = heap_resolve_or_fault(heap);
    if (heap == NULL || !heap_enter(heap, 0)) {
        os_set_error(is_default ? OS_ERROR_MEMORY : OS_ERROR_INVALID);
        return 0;
    }
    uint64_t before = load_relaxed_64(&heap->arena.committed);
    struct pool *own = thread_pool_if_bound(heap);
    if (own != NULL)
        outbox_post_all(own);
    /* Again while anything came in: what one pool had of another's went to that one's inbox. */
    for (uint32_t pass = 0; pass < TRIM_PASSES && empty_pools(heap); pass++) {
    }
    trim_magazines(heap, thread_pool_if_bound(heap));
    large_give_back_all(heap);
    arena_trim(&heap->arena);
    uint64_t after = load_relaxed_64(&heap->arena.committed);
    heap_leave(heap);
    os_restore_error(saved);
    return before > after ? (size_t)(before - after) : 0;
}
