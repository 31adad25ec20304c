#include "large.h"

#include "poison.h"
#include "seed.h"
#include "tools.h"

#include <string.h>

void *large_allocate(struct perfpool_heap *heap, size_t size)
{
    struct arena *arena = &heap->arena;
    bool fresh;
    if (size > (size_t)arena->n_spans << SPAN_SHIFT)
        return NULL;
    uint32_t n = (uint32_t)((size + SPAN_SIZE - 1) >> SPAN_SHIFT);
    uint64_t lines = ((uint64_t)size + LINE_SIZE - 1) >> LINE_SHIFT;
    uint64_t even = heap->isolation / LINE_SIZE; /* 1, or 2 for whole pairs of lines */
    lines = (lines + even - 1) & ~(even - 1);
    uint32_t first = arena_claim(arena, n, &fresh);
    if (first == ARENA_NONE)
        return NULL;
    struct span_record *record = &arena->records[first];
    char *block = arena_span_start(arena, first);
    size_t usable = (size_t)lines << LINE_SHIFT;
    tools_revealed(block, usable);
    if ((heap->flags & PERFPOOL_NO_ZERO) == 0 && !fresh)
        memset(block, 0, usable);
    MISPLACED(large_early,
              store_release_32(&arena->headers[first], (record->generation + 1) << HEADER_ARGUMENT_SHIFT | HEADER_LARGE));
    store_relaxed_8(&record->kind, HEADER_LARGE);
    store_relaxed_64(&record->lines, lines);
    store_relaxed_32(&record->slack, arena->slack != NULL ? (uint32_t)(usable - size) : 0);
    if (arena->slack != NULL)
        memset(block + size, POISON_CANARY, usable - size);
    for (uint32_t i = 1; i < n; i++)
        store_relaxed_32(&arena->headers[first + i], i << HEADER_ARGUMENT_SHIFT | HEADER_TAIL);
    record->generation += SEEDED(large_tag, 1, 0);
    tools_allocated(heap, block, size, usable, (heap->flags & PERFPOOL_NO_ZERO) == 0);
    store_release_32(&arena->headers[first],
                     record->generation << HEADER_ARGUMENT_SHIFT | HEADER_LARGE); /* pairs with who reads it: the rest is there */
    return block;
}

bool large_take(struct perfpool_heap *heap, uint32_t span, uint32_t header)
{
    return SEEDED(large_take, cas_32, split_cas_32)(&heap->arena.headers[span], &header,
                                                    0); /* of two frees of this block one gets it */
}

void large_release(struct perfpool_heap *heap, uint32_t span)
{
    struct arena *arena = &heap->arena;
    uint32_t n = record_spans(&arena->records[span]);
    MISPLACED(large_tails, arena_release(arena, span, n));
    for (uint32_t i = 1; i < n; i++)
        store_relaxed_32(&arena->headers[span + i], 0);
    SEEDED(large_tails, arena_release(arena, span, n), (void)0);
}
