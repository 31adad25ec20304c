/*
 * The slow paths of both callbacks: everything the fast paths leave out, for any thread, heap, size and pointer.
 */
#ifndef PERFPOOL_SLOW_PATH_H
#define PERFPOOL_SLOW_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool;

/* As AllocateMemory and FreeMemory. */
void *allocate_slow(size_t size, void *context);
void free_slow(void *block, void *context);

/* Frees a live block at a line below the pool's `lines`: its own into the bin, another pool's into the outbox, a large one into
 * what the pool keeps; false if it is anything else, or there is no room. Needs nothing that free_slow provides besides. Owner.
 * Lock-free. */
bool free_into_pool(struct pool *pool, uint32_t line);

#endif
