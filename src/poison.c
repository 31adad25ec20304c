#include "poison.h"

#include "tools.h"

#include <string.h>

enum { POISON_FREED = 0xdf };

static char *block_at(const struct perfpool_heap *heap, uint32_t line)
{
    return heap->arena.base + ((size_t)line << LINE_SHIFT);
}

TOOLS_UNCHECKED static bool all_bytes(const char *bytes, size_t n, int value)
{
    size_t i = 0;
    tools_quiet();
    while (i < n && (unsigned char)bytes[i] == value)
        i++;
    tools_loud();
    return i == n;
}

bool poison_verify(const struct perfpool_heap *heap, uint32_t line, size_t usable)
{
    return (load_relaxed_16(&heap->arena.slack[line]) & SLACK_POISONED) == 0 ||
           all_bytes(block_at(heap, line), usable, POISON_FREED);
}

void poison_arm(const struct perfpool_heap *heap, uint32_t line, size_t usable, size_t requested)
{
    store_relaxed_16(&heap->arena.slack[line], (uint16_t)(usable - requested));
    memset(block_at(heap, line) + requested, POISON_CANARY, usable - requested);
}

bool poison_intact(const struct perfpool_heap *heap, uint32_t line, size_t usable)
{
    size_t requested = poison_requested(heap, line, usable);
    return all_bytes(block_at(heap, line) + requested, usable - requested, POISON_CANARY);
}

bool poison_large_intact(const struct perfpool_heap *heap, uint32_t span)
{
    const struct span_record *record = &heap->arena.records[span];
    size_t usable = (size_t)load_relaxed_64(&record->lines) << LINE_SHIFT;
    size_t slack = load_relaxed_32(&record->slack);
    return slack > usable || all_bytes(arena_span_start(&heap->arena, span) + usable - slack, slack, POISON_CANARY);
}

void poison_fill(const struct perfpool_heap *heap, uint32_t line, size_t usable)
{
    tools_revealed(block_at(heap, line), usable);
    memset(block_at(heap, line), POISON_FREED, usable);
    store_relaxed_16(&heap->arena.slack[line], load_relaxed_16(&heap->arena.slack[line]) | SLACK_POISONED);
}

size_t poison_requested(const struct perfpool_heap *heap, uint32_t line, size_t usable)
{
    if (heap->arena.slack == NULL)
        return usable;
    size_t slack = load_relaxed_16(&heap->arena.slack[line]) & ~(unsigned)SLACK_POISONED;
    return slack <= usable ? usable - slack : usable;
}
