/*
 * The one lock-free structure: a stack of entries that are named by an index and never unmapped.
 *
 * Inboxes, the pile, unbound pools and free thread records are all this. The head is one 64-bit word, index in the low half and tag
 * in the high half; index 0 is no entry. Each entry has a link word that belongs to the stack while the entry is on it.
 *
 * INVARIANT: an entry's link word stays readable for as long as any thread may pop, whoever holds the entry. A popper may read the
 * link of an entry that another has just taken; what it read is then stale, and the tag, which every push and pop advances, makes
 * its CAS fail. Were it unmapped instead, the popper would crash.
 */
#ifndef PERFPOOL_INDEX_STACK_H
#define PERFPOOL_INDEX_STACK_H

#include "atomic.h"
#include "seed.h"

struct index_stack {
    uint64_t head;
};

/* The link word of an entry of `table`. */
typedef uint32_t *(*index_stack_link)(const void *table, uint32_t index);

static inline uint64_t index_stack_head(uint64_t old, uint32_t index)
{
    return ((old >> 32) + SEEDED(stack_tag, 1, 0)) << 32 | index;
}

/* Pushes an entry the caller holds. Any thread, concurrently with itself and with pop. Lock-free. */
static inline void index_stack_push(struct index_stack *stack, const void *table, index_stack_link link, uint32_t index)
{
    uint32_t *next = link(table, index);
    uint64_t head = load_relaxed_64(&stack->head);
    do {
        /* Published by the release in the CAS, read by the pop that sees it. */
        SEEDED(stack_link, store_relaxed_32(next, (uint32_t)head), (void)0);
    } while (!SEEDED(stack_push, cas_64, split_cas_64)(&stack->head, &head, index_stack_head(head, index)));
    MISPLACED(stack_link, store_relaxed_32(next, (uint32_t)head));
}

/* Takes the entry pushed last, 0 if there is none. Any thread, concurrently with itself and with push. Lock-free. */
static inline uint32_t index_stack_pop(struct index_stack *stack, const void *table, index_stack_link link)
{
    uint64_t head = load_acquire_64(&stack->head); /* pairs with the push's CAS: the link is there */
    while ((uint32_t)head != 0) {
        uint32_t next = load_relaxed_32(link(table, (uint32_t)head));
        if (SEEDED(stack_pop, cas_64, split_cas_64)(&stack->head, &head, index_stack_head(head, next)))
            return (uint32_t)head;
    }
    return 0;
}

/* Whether it looked empty. Any thread. Wait-free. */
static inline bool index_stack_empty(const struct index_stack *stack)
{
    return (uint32_t)load_relaxed_64(&stack->head) == 0;
}

#endif
