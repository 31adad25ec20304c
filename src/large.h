/*
 * Large blocks: runs of whole spans with a header kind of their own, allocated and freed by any thread.
 *
 * The first span's header is HEADER_LARGE with a generation while the block is live; the CAS from that to 0 is the free, so of two
 * frees one fails. The others' say how far the first is. Record fields are written between claim and publication, and read by the
 * one who won the free.
 *
 * A large block has no pool, and what the arena does for one is half a dozen read-modify-writes of lines that all threads share. So
 * a pool keeps a few of the short runs that its thread freed, for the next blocks as long: still claimed, HEADER_KEPT, the tails'
 * headers as they were. They go back when the pool's blocks do (pool_give_back) and when its thread leaves it.
 */
#ifndef PERFPOOL_LARGE_H
#define PERFPOOL_LARGE_H

#include "pool.h"

#define KEPT_SIZE_MAX ((size_t)KEPT_LENGTH_MAX << SPAN_SHIFT) /* bytes of the longest block whose run may be kept */

/* Spans that a pool of this heap may keep: 512 KiB, less in a small heap, where others may need them; none where every call checks
 * more than the fast paths do. */
uint32_t large_kept_max(const struct perfpool_heap *heap);

/* A block of `size` bytes, cleared unless the heap says otherwise; NULL if there is none. `pool` is the thread's own or NULL. Any
 * thread. Lock-free, may call the system. */
void *large_allocate(struct perfpool_heap *heap, struct pool *pool, size_t size);

/* The same of a run that the pool has kept; NULL if it has none of that length. Owner. Wait-free. */
void *large_allocate_kept(struct pool *pool, size_t size);

/* Whether the pool has room to keep a run of `n` spans. Owner. */
static inline bool large_has_room(const struct pool *pool, uint32_t n)
{
    return n <= KEPT_LENGTH_MAX && pool->kept_spans + n <= pool->kept_max;
}

/* Makes the live block whose first span is `span` and whose header was `header` the caller's; false if it is not live any more. Any
 * thread. Wait-free. */
bool large_take(struct perfpool_heap *heap, uint32_t span, uint32_t header);

/* Gives the spans of a taken block back, or keeps them in `pool`, the thread's own or NULL. By who took it. Lock-free, may call the
 * system; wait-free if the pool has room. */
void large_release(struct perfpool_heap *heap, struct pool *pool, uint32_t span);

/* Gives all that a pool keeps back; returns the spans. Owner. Lock-free, may call the system. */
uint32_t large_give_back(struct pool *pool);

/* Usable bytes of the large block whose first span is `span`, or was until it was freed (with POISON the requested ones). Any
 * thread. Wait-free. */
static inline size_t large_size(const struct arena *arena, uint32_t span)
{
    const struct span_record *record = &arena->records[span];
    return ((size_t)load_relaxed_64(&record->lines) << LINE_SHIFT) - load_relaxed_32(&record->slack);
}

#endif
