/*
 * Statistics and walk: what is live, found by reading the tables; the fast paths count nothing.
 *
 * State equation, when no call is in flight: blocks whose state says live = handed out - freed + blocks in unchecked magazines. The
 * last term is subtracted by reading those magazines.
 */
#ifndef PERFPOOL_STATS_H
#define PERFPOOL_STATS_H

#include "heap.h"

/* Counts the live blocks of a heap the caller has entered; false if the system has no memory for it. Lock-free. */
bool stats_count_live(struct perfpool_heap *heap, uint64_t *live);

#endif
