#include "interleave/explore.h"

#include "pool.h"
#include "thread.h"

#include <stdio.h>

static char text[120];

static bool in_table(const volatile void *address, const void *table, size_t size, size_t *offset)
{
    *offset = (uintptr_t)address - (uintptr_t)table;
    return table != NULL && *offset < size;
}

static void describe_in_pool(uint32_t heap, size_t offset)
{
    const size_t id = offset / POOL_STRIDE + 1;
    const size_t field = offset % POOL_STRIDE;
    if (field >= offsetof(struct pool, inbox))
        snprintf(text, sizeof text, "heap %u pool %zu %s", heap, id,
                 field == offsetof(struct pool, inbox.stack)      ? "inbox"
                 : field == offsetof(struct pool, inbox.returned) ? "inbox.returned"
                 : field == offsetof(struct pool, record)         ? "record"
                 : field == offsetof(struct pool, next)           ? "next"
                                                                  : "looked");
    else if (field >= offsetof(struct pool, outbox))
        snprintf(text, sizeof text, "heap %u pool %zu outbox or after, +%zu", heap, id, field - offsetof(struct pool, outbox));
    else
        snprintf(text, sizeof text, "heap %u pool %zu +%zu", heap, id, field);
}

static void describe_in_magazine(uint32_t heap, size_t offset)
{
    static const char *const fields[] = {"next", "chain", "owner or count", "class or kind"};
    const size_t field = offset % MAGAZINE_STRIDE / 4;
    snprintf(text, sizeof text, "heap %u magazine %zu %s", heap, offset / MAGAZINE_STRIDE, field < 4 ? fields[field] : "lines");
}

static bool describe_in_heap(const struct perfpool_heap *heap, uint32_t slot, const volatile void *address)
{
    static const char *const words[] = {"claimed", "committed", "returned", "trimmed"};
    const struct arena *arena = &heap->arena;
    size_t offset;
    if (in_table(address, arena->words, arena->n_words * sizeof(struct arena_word), &offset))
        snprintf(text, sizeof text, "heap %u word %zu %s", slot, offset / sizeof(struct arena_word),
                 words[offset % sizeof(struct arena_word) / 8]);
    else if (in_table(address, arena->headers, arena->n_spans * sizeof(uint32_t), &offset))
        snprintf(text, sizeof text, "heap %u header of span %zu", slot, offset / sizeof(uint32_t));
    else if (in_table(address, arena->records, arena->n_spans * sizeof(struct span_record), &offset))
        snprintf(text, sizeof text, "heap %u record of span %zu +%zu", slot, offset / sizeof(struct span_record),
                 offset % sizeof(struct span_record));
    else if (in_table(address, arena->states, (size_t)arena->n_spans * SPAN_LINES, &offset))
        snprintf(text, sizeof text, "heap %u state of line %zu", slot, offset);
    else if (in_table(address, arena->pools, (size_t)arena->pools_max * POOL_STRIDE, &offset))
        describe_in_pool(slot, offset);
    else if (in_table(address, arena->magazines, (size_t)arena->magazines_max * MAGAZINE_STRIDE, &offset))
        describe_in_magazine(slot, offset);
    else if (in_table(address, arena->base, (size_t)arena->n_spans << SPAN_SHIFT, &offset))
        snprintf(text, sizeof text, "heap %u block at line %zu", slot, offset >> LINE_SHIFT);
    else
        return false;
    return true;
}

const char *explore_describe(const volatile void *address)
{
    const size_t offset = (uintptr_t)address - (uintptr_t)heap_slots;
    if (offset < sizeof heap_slots) {
        const size_t field = offset % HEAP_SLOT_SIZE;
        const size_t arena = offsetof(struct perfpool_heap, arena);
        snprintf(text, sizeof text, "heap %zu %s+%zu", offset / HEAP_SLOT_SIZE,
                 field == 0       ? "gate "
                 : field >= arena ? "arena "
                                  : "",
                 field >= arena ? field - arena : field);
        return text;
    }
    for (uint32_t slot = 0; slot < 8; slot++)
        if (describe_in_heap(&heap_slots[slot], slot, address))
            return text;
    snprintf(text, sizeof text, "%p", (const void *)(uintptr_t)address);
    return text;
}
