#include "large.h"

#include "poison.h"
#include "seed.h"
#include "tools.h"

#include <string.h>

enum { KEPT_SPANS_MAX = 8, KEPT_SHARE = 128 /* of a heap, that a pool keeps at most */ };

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

/* Takes a kept run of n spans out of the pool; there is one. */
static uint32_t pop_kept(struct pool *pool, uint32_t n)
{
    uint32_t first = pool->kept[n - 1] - 1;
    pool->kept[n - 1] = pool->records[first].next;
    pool->kept_spans -= n;
    return first;
}

/* Keeps a held run, if need be in place of longer or shorter ones, which the thread does not free just now; false: it is not to be
 * kept. */
static bool keep(struct pool *pool, uint32_t first, uint32_t n)
{
    if (n > KEPT_LENGTH_MAX || n > pool->kept_max)
        return false;
    for (uint32_t other = KEPT_LENGTH_MAX; !large_has_room(pool, n); other--) {
        if (other == 0)
            return false;
        while (other != n && pool->kept[other - 1] != 0 && !large_has_room(pool, n))
            release_run(&pool->heap->arena, pop_kept(pool, other), other);
    }
    store_relaxed_32(&pool->headers[first], pool->id << HEADER_ARGUMENT_SHIFT | HEADER_KEPT);
    pool->records[first].next = pool->kept[n - 1];
    pool->kept[n - 1] = first + 1;
    pool->kept_spans += n;
    return true;
}

uint32_t large_kept_max(const struct perfpool_heap *heap)
{
    const struct arena *arena = &heap->arena;
    uint64_t spans = arena->limit >> SPAN_SHIFT < arena->n_spans ? arena->limit >> SPAN_SHIFT : arena->n_spans;
    if (heap->cached_pools == NULL)
        return 0;
    return spans / KEPT_SHARE < KEPT_SPANS_MAX ? (uint32_t)(spans / KEPT_SHARE) : KEPT_SPANS_MAX;
}

void *large_allocate_kept(struct pool *pool, size_t size)
{
    if (size > KEPT_SIZE_MAX) /* before the rounding below, which may wrap */
        return NULL;
    uint32_t n = spans_for(size);
    if (pool->kept[n - 1] == 0)
        return NULL;
    return begin_block(pool->heap, pop_kept(pool, n), size, false);
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
    uint32_t spans = pool->kept_spans;
    for (uint32_t n = 1; n <= KEPT_LENGTH_MAX; n++)
        while (pool->kept[n - 1] != 0)
            release_run(&pool->heap->arena, pop_kept(pool, n), n);
    return spans;
}
