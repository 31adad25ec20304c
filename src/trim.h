/*
 * Giving memory back: all that can be released on request, and a bounded part of it when an allocation would fail.
 */
#ifndef PERFPOOL_TRIM_H
#define PERFPOOL_TRIM_H

#include "pool.h"

/*
 * When memory runs out: gives back the runs of freed large blocks that pools keep, or else the caller's own surplus (`own` may be
 * NULL), or else that of a bounded number of pools without a thread, then empty magazines and free spans, so that another class or
 * thread may have them. False if there was nothing. By `own`'s owner, concurrently with everything. Lock-free, calls the system.
 */
bool reclaim(struct perfpool_heap *heap, struct pool *own, struct fault_list *faults);

#endif
