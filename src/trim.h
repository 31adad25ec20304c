/*
 * Giving memory back: all that can be released on request, and a bounded part of it when an allocation would fail.
 */
#ifndef PERFPOOL_TRIM_H
#define PERFPOOL_TRIM_H

#include "pool.h"

/*
 * When memory runs out: gives back the runs of freed large blocks that pools keep, the caller's own surplus (`own` may be NULL),
 * that of pools without a thread until `want` spans have come, of a bounded number if they have mail, empty magazines and free
 * spans, so that another class or thread may have them. False if there was nothing. By `own`'s owner, concurrently with everything.
 * Lock-free, calls the system.
 */
bool reclaim(struct perfpool_heap *heap, struct pool *own, uint32_t want, struct fault_list *faults);

#endif
