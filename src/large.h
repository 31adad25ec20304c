/*
 * Large blocks: runs of whole spans with a header kind of their own, allocated and freed by any thread.
 *
 * The first span's header is HEADER_LARGE with a generation while the block is live; the CAS from that to 0 is the free, so of two
 * frees one fails. The others' say how far the first is. Record fields are written between claim and publication, and read by the
 * one who won the free.
 *
 * A large block has no pool, and what the arena does for one is half a dozen read-modify-writes of lines that all threads share. So
 * a thread's pool keeps the last short run of each length that it freed, for its next block as long: still claimed, HEADER_KEPT,
 * the tails' headers as they were. INVARIANT: the run that a place of `kept` names is whoever's takes it out, by CAS; only the
 * owner puts one in, into an empty place. So nobody wants for memory because others keep some: see large_give_back.
 */
#ifndef PERFPOOL_LARGE_H
#define PERFPOOL_LARGE_H

#include "pool.h"

/* A block of `size` bytes, cleared unless the heap says otherwise; NULL if there is none. `pool` is the thread's own or NULL. Any
 * thread. Lock-free, may call the system. */
void *large_allocate(struct perfpool_heap *heap, struct pool *pool, size_t size);

/* The same of the run of that length that the pool keeps; NULL if it keeps none. Owner, concurrently with large_give_back.
 * Wait-free. */
void *large_allocate_kept(struct pool *pool, size_t size);

/* Whether the next run of `n` spans that the thread frees is to be kept. Owner. Wait-free. */
bool large_is_kept(const struct pool *pool, uint32_t n);

/* Makes the live block whose first span is `span` and whose header was `header` the caller's; false if it is not live any more. Any
 * thread. Wait-free. */
bool large_take(struct perfpool_heap *heap, uint32_t span, uint32_t header);

/* Gives the spans of a taken block back, or keeps them in `pool`, the thread's own or NULL. By who took it. Lock-free, may call the
 * system unless large_is_kept. */
void large_release(struct perfpool_heap *heap, struct pool *pool, uint32_t span);

/* Gives what a pool keeps to the arena; returns the spans. Any thread, concurrently with its owner. Lock-free, may call the system.
 */
uint32_t large_give_back(struct pool *pool);

/* The same of all pools of a heap. */
uint32_t large_give_back_all(struct perfpool_heap *heap);

/* Usable bytes of the large block whose first span is `span`, or was until it was freed (with POISON the requested ones). Any
 * thread. Wait-free. */
static inline size_t large_size(const struct arena *arena, uint32_t span)
{
    const struct span_record *record = &arena->records[span];
    return ((size_t)load_relaxed_64(&record->lines) << LINE_SHIFT) - load_relaxed_32(&record->slack);
}

#endif
