/*
 * Faults: what was wrong with a call, told to the heap's handler as one line of text.
 *
 * Faults are reported when the step they were found in is complete and nothing of the allocator is in hand, because a handler may
 * call perfpool.
 */
#ifndef PERFPOOL_FAULT_H
#define PERFPOOL_FAULT_H

#include "arena.h"
#include "perfpool.h"

enum { FAULT_LIST_MAX = 6 * MAGAZINE_CAPACITY };

/* Blocks found bad while magazines were opened, to be reported at the end of the call. On its caller's stack. */
struct fault_list {
    uint32_t n;
    uint32_t lines[FAULT_LIST_MAX];
};

/* Whether one more magazine can be opened: each block of it may be bad. */
static inline bool fault_list_has_room(const struct fault_list *list)
{
    return list->n <= FAULT_LIST_MAX - MAGAZINE_CAPACITY;
}

static inline void fault_list_add(struct fault_list *list, uint32_t line)
{
    list->lines[list->n++] = line;
}

/* Finds out what is wrong with freeing `pointer` in `heap` and reports it. Any thread, holding nothing. Calls the handler. */
void fault_free(struct perfpool_heap *heap, const void *pointer);

/* Reports the blocks of a list, all freed twice or never allocated. Any thread, holding nothing. Calls the handler. */
void fault_report_list(struct perfpool_heap *heap, const struct fault_list *list);

/* Reports that `context` is no heap, to the default heap's handler. */
void fault_bad_heap(const void *context);

/* Reports a write outside a block's life or size (with PERFPOOL_POISON). */
void fault_written(struct perfpool_heap *heap, perfpool_fault_kind kind, const void *block, size_t size);

#endif
