/*
 * Large blocks: runs of whole spans with a header kind of their own, allocated and freed by any thread; they have no pool.
 *
 * The first span's header is HEADER_LARGE with a generation while the block is live; the CAS from that to 0 is the free, so of two
 * frees one fails. The others' say how far the first is. Record fields are written between claim and publication, and read by the
 * one who won the free.
 */
#ifndef PERFPOOL_LARGE_H
#define PERFPOOL_LARGE_H

#include "heap.h"

/* A block of `size` bytes, cleared unless the heap says otherwise; NULL if there is none. Any thread. Lock-free, may call the
 * system. */
void *large_allocate(struct perfpool_heap *heap, size_t size);

/* Makes the live block whose first span is `span` and whose header was `header` the caller's; false if it is not live any more. Any
 * thread. Wait-free. */
bool large_take(struct perfpool_heap *heap, uint32_t span, uint32_t header);

/* Gives the spans of a taken block back. By who took it. Lock-free, may call the system. */
void large_release(struct perfpool_heap *heap, uint32_t span);

/* Usable bytes of the live large block whose first span is `span` (with POISON the requested ones). Any thread. Wait-free. */
static inline size_t large_size(const struct arena *arena, uint32_t span)
{
    const struct span_record *record = &arena->records[span];
    return ((size_t)load_relaxed_64(&record->lines) << LINE_SHIFT) - load_relaxed_32(&record->slack);
}

#endif
