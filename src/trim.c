#include "trim.h"

#include "thread.h"

enum { RECLAIM_POOLS = 16 };

/* Adopts up to `max` unbound pools; they are linked by `next`, which is the holder's while they are on no stack. */
static struct pool *adopt_some(struct perfpool_heap *heap, uint32_t max)
{
    struct pool *held = NULL;
    for (uint32_t i = 0; i < max; i++) {
        struct pool *pool = pool_adopt(heap);
        if (pool == NULL)
            break;
        store_relaxed_32(&pool->next, held != NULL ? held->id : 0);
        held = pool;
    }
    return held;
}

static struct pool *next_held(const struct perfpool_heap *heap, const struct pool *pool)
{
    uint32_t id = load_relaxed_32(&pool->next);
    return id != 0 ? pool_at(heap, id) : NULL;
}

static void release_held(struct perfpool_heap *heap, struct pool *held)
{
    while (held != NULL) {
        struct pool *pool = held;
        held = next_held(heap, pool);
        magazine_cache_flush(&heap->magazines, &pool->empties);
        pool_release(pool);
    }
}

bool reclaim(struct perfpool_heap *heap, struct pool *own, struct fault_list *faults)
{
    uint64_t before = load_relaxed_64(&heap->arena.committed);
    uint32_t spans = own != NULL ? pool_give_back(own) : 0;
    struct pool *held = adopt_some(heap, RECLAIM_POOLS);
    for (struct pool *pool = held; pool != NULL; pool = next_held(heap, pool)) {
        pool_drain(pool, faults);
        spans += pool_give_back(pool);
    }
    release_held(heap, held);
    struct magazine_cache none = {0, 0, 0};
    magazine_store_trim(&heap->magazines, own != NULL ? &own->empties : &none);
    magazine_cache_flush(&heap->magazines, &none);
    return arena_trim(&heap->arena) > 0 || spans > 0 || load_relaxed_64(&heap->arena.committed) < before;
}

/* Empties a pool: inbox opened, blocks home, foreign ones back to their owners. True if its inbox had something. */
static bool empty_pool(struct perfpool_heap *heap, struct pool *pool)
{
    struct fault_list faults;
    faults.n = 0;
    bool any = pool_drain(pool, &faults);
    pool_give_back(pool);
    fault_report_list(heap, &faults);
    return any;
}

/* Empties the held pools and the thread's own, again while anything came in: what one pool had of another's went to that one's
 * inbox. */
static void empty_pools(struct perfpool_heap *heap, struct pool *held)
{
    for (bool any = true; any;) {
        any = false;
        for (struct pool *pool = held; pool != NULL; pool = next_held(heap, pool))
            any |= empty_pool(heap, pool);
        struct pool *own = thread_pool_if_bound(heap); /* each time anew: a fault's handler may have detached the thread */
        if (own != NULL)
            any |= empty_pool(heap, own);
    }
}

size_t perfpool_heap_trim(perfpool_heap *context)
{
    uint32_t saved = os_save_error();
    struct perfpool_heap *heap = heap_resolve_or_fault(context);
    if (heap == NULL || !heap_enter(heap, 0)) {
        os_set_error(context == NULL ? OS_ERROR_MEMORY : OS_ERROR_INVALID);
        return 0;
    }
    uint64_t before = load_relaxed_64(&heap->arena.committed);
    struct pool *held = adopt_some(heap, UINT32_MAX);
    struct pool *own = thread_pool_if_bound(heap);
    if (own != NULL)
        outbox_post_all(own);
    empty_pools(heap, held);
    release_held(heap, held);
    struct magazine_cache none = {0, 0, 0};
    own = thread_pool_if_bound(heap);
    magazine_store_trim(&heap->magazines, own != NULL ? &own->empties : &none);
    magazine_cache_flush(&heap->magazines, &none);
    arena_trim(&heap->arena);
    uint64_t after = load_relaxed_64(&heap->arena.committed);
    heap_leave(heap);
    os_restore_error(saved);
    return before > after ? (size_t)(before - after) : 0;
}
