/*
 * What has come home to a pool: its inbox's magazines are opened, block by block, and filed, and returned blocks collected.
 */
#ifndef PERFPOOL_DRAIN_H
#define PERFPOOL_DRAIN_H

#include "pool.h"

/*
 * Opens a magazine of one class that was in the inbox of the pool with `token`: each block's header must say that pool and the
 * class, and its state that it is live (or sent); it becomes held. Others are dropped from the magazine and listed. Returns how
 * many are left. By whoever popped the magazine, who has asked fault_list_has_room.
 */
uint32_t drain_open(const struct pool *pool, struct magazine *magazine, uint32_t token, struct fault_list *faults);

/* Opens a magazine of the inbox and files it, and collects returned blocks. Returns how many blocks the magazine had, at least 1 if
 * anything had come home, else 0. Owner. Lock-free. */
uint32_t pool_drain(struct pool *pool, struct fault_list *faults);

/* Whether blocks have come home that a refill should take in. Owner. Wait-free. */
static inline bool has_come_home(const struct pool *pool)
{
    return !index_stack_empty(&pool->inbox.stack) || load_relaxed_32(&pool->inbox.returned) != 0;
}

#endif
