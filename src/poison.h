/*
 * PERFPOOL_POISON: the requested size of each block in a table of its own, a canary behind it, freed blocks filled and verified
 * before reuse.
 *
 * The slack table has an entry per line, at a block's first line: usable minus requested bytes of its last use, 0
 * before the first, with SLACK_POISONED while it is free and filled. Written by whoever holds the block.
 */
#ifndef PERFPOOL_POISON_H
#define PERFPOOL_POISON_H

#include "heap.h"

#define SLACK_POISONED 0x8000

enum { POISON_CANARY = 0xca };

/* Called with a block in hand, before it is cleared; false if it was written to after it was freed. */
bool poison_verify(const struct perfpool_heap *heap, uint32_t line, size_t usable);

/* Notes the requested size and writes the canary behind it. */
void poison_arm(const struct perfpool_heap *heap, uint32_t line, size_t usable, size_t requested);

/* Whether the canary behind a live block is whole. */
bool poison_intact(const struct perfpool_heap *heap, uint32_t line, size_t usable);

/* The same for a large block, given by its first span. Large blocks are not filled when freed: their spans may go back to the
 * system. */
bool poison_large_intact(const struct perfpool_heap *heap, uint32_t span);

/* Fills a block that is being freed. */
void poison_fill(const struct perfpool_heap *heap, uint32_t line, size_t usable);

/* Requested bytes of a live block; without POISON the usable ones. */
size_t poison_requested(const struct perfpool_heap *heap, uint32_t line, size_t usable);

#endif
