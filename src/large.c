#include "large.h"

#include "poison.h"
#include "seed.h"
#include "tools.h"

#include <string.h>

enum { RELEASED = 64 };

static uint32_t spans_for(size_t size)
{
    return (uint32_t)((size + SPAN_SIZE - 1) >> SPAN_SHIFT);
}

/* Makes a live block of `size` bytes of a held run whose tails have their headers. `zero`: it is known to be. */
static void *begin_block(struct perfpool_heap *heap, uint32_t first, size_t size, bool zero)
{
    struct arena *arena = &heap->arena;
    struct span_record *record = &arena->records[first];
    uint64_t lines = ((uint64_t)size + LINE_SIZE - 1) >> LINE_SHIFT;
    uint64_t even = heap->isolation / LINE_SIZE; /* 1, or 2 for whole pairs of lines */
    lines = (lines + even - 1) & ~(even - 1);
    char *block = arena_span_start(arena, first);
    size_t usable = (size_t)lines << LINE_SHIFT;
    tools_revealed(block, usable);
    if ((heap->flags & PERFPOOL_NO_ZERO) == 0 && !zero)
        memset(block, 0, usable);
    MISPLACED(large_early,
              store_release_32(&arena->headers[first], (record->generation + 1) << HEADER_ARGUMENT_SHIFT | HEADER_LARGE));
    store_relaxed_8(&record->kind, HEADER_LARGE);
    store_relaxed_64(&record->lines, lines);
    store_relaxed_32(&record->slack, arena->slack != NULL ? (uint32_t)(usable - size) : 0);
    if (arena->slack != NULL)
        memset(block + size, POISON_CANARY, usable - size);
    record->generation += SEEDED(large_tag, 1, 0);
    tools_allocated(heap, block, size, usable, (heap->flags & PERFPOOL_NO_ZERO) == 0);
    store_release_32(&arena->headers[first],
                     record->generation << HEADER_ARGUMENT_SHIFT | HEADER_LARGE); /* pairs with who reads it: the rest is there */
    return block;
}

/* Lets go of a held run. */
static void release_run(struct arena *arena, uint32_t first, uint32_t n)
{
    store_relaxed_32(&arena->headers[first], 0);
    MISPLACED(large_tails, arena_release(arena, first, n));
    for (uint32_t i = 1; i < n; i++)
        store_relaxed_32(&arena->headers[first + i], 0);
    SEEDED(large_tails, arena_release(arena, first, n), (void)0);
}

/* Takes the kept run of n spans out of a pool; ARENA_NONE if there is none. */
static uint32_t take_kept(struct pool *pool, uint32_t n)
{
    uint32_t *place = &pool->kept[n - 1];
    uint32_t run = load_relaxed_32(place);
    if (run == 0 || !SEEDED(kept_take, cas_32, split_cas_32)(place, &run, 0)) /* acquire: its header and its tails' */
        return ARENA_NONE;
    return run - 1;
}

/*
 * Each RELEASED-th run goes to the arena all the same: there a while is counted in released spans, and what was used once would not
 * go back while none are.
 */
bool large_is_kept(const struct pool *pool, uint32_t n)
{
    return n <= KEPT_LENGTH_MAX && load_relaxed_32(&pool->kept[n - 1]) == 0 && pool->large_frees % RELEASED != RELEASED - 1 &&
           pool->heap->cached_pools != NULL; /* else every call checks more than the fast paths do, a freed block among it */
}

/* Keeps a held run, if it is to be. */
static bool keep(struct pool *pool, uint32_t first, uint32_t n)
{
    bool is_kept = large_is_kept(pool, n);
    pool->large_frees++;
    if (!is_kept)
        return false;
    MISPLACED(kept_early, store_release_32(&pool->kept[n - 1], first + 1));
    store_relaxed_32(&pool->headers[first], pool->id << HEADER_ARGUMENT_SHIFT | HEADER_KEPT);
    /* Release: for who takes it out. No read-modify-write, as nobody else puts anything there. */
    SEEDED(kept_early, store_release_32(&pool->kept[n - 1], first + 1), (void)0);
    return true;
}

void *large_allocate_kept(struct pool *pool, size_t size)
{
    if (size > (size_t)KEPT_LENGTH_MAX << SPAN_SHIFT) /* before the rounding below, which may wrap */
        return NULL;
    uint32_t first = take_kept(pool, spans_for(size));
    return first != ARENA_NONE ? begin_block(pool->heap, first, size, false) : NULL;
}

void *large_allocate(struct perfpool_heap *heap, struct pool *pool, size_t size)
{
    struct arena *arena = &heap->arena;
    bool fresh;
    if (size > (size_t)arena->n_spans << SPAN_SHIFT)
        return NULL;
    void *block = pool != NULL ? large_allocate_kept(pool, size) : NULL;
    if (block != NULL)
        return block;
    uint32_t n = spans_for(size);
    uint32_t first = arena_claim(arena, n, &fresh);
    if (first == ARENA_NONE)
        return NULL;
    for (uint32_t i = 1; i < n; i++)
        store_relaxed_32(&arena->headers[first + i], i << HEADER_ARGUMENT_SHIFT | HEADER_TAIL);
    return begin_block(heap, first, size, fresh);
}

bool large_take(struct perfpool_heap *heap, uint32_t span, uint32_t header)
{
    return SEEDED(large_take, cas_32, split_cas_32)(&heap->arena.headers[span], &header,
                                                    0); /* of two frees of this block one gets it */
}

void large_release(struct perfpool_heap *heap, struct pool *pool, uint32_t span)
{
    uint32_t n = record_spans(&heap->arena.records[span]);
    if (pool == NULL || !keep(pool, span, n))
        release_run(&heap->arena, span, n);
}

uint32_t large_give_back(struct pool *pool)
{
    uint32_t spans = 0;
    for (uint32_t n = 1; n <= KEPT_LENGTH_MAX; n++) {
        uint32_t first = take_kept(pool, n);
        if (first != ARENA_NONE) {
            release_run(&pool->heap->arena, first, n);
            spans += n;
        }
    }
    return spans;
}

uint32_t large_give_back_all(struct perfpool_heap *heap)
{
    uint32_t spans = 0;
    uint32_t n_pools = load_acquire_32(&heap->n_pools); /* pairs with the pool's making: it is committed */
    for (uint32_t id = 1; id <= n_pools; id++)
        spans += large_give_back(pool_at(heap, id));
    return spans;
}
