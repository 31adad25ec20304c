/*
 * The slow paths of both callbacks: everything the fast paths leave out, for any thread, heap, size and pointer.
 */
#ifndef PERFPOOL_SLOW_PATH_H
#define PERFPOOL_SLOW_PATH_H

#include <stddef.h>

/* As AllocateMemory and FreeMemory. */
void *allocate_slow(size_t size, void *context);
void free_slow(void *block, void *context);

#endif
