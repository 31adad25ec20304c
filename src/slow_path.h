/*
 * The slow paths of both callbacks: everything the fast paths leave out, for any thread, heap, size and pointer.
 */
#ifndef PERFPOOL_SLOW_PATH_H
#define PERFPOOL_SLOW_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As AllocateMemory and FreeMemory. */
void *allocate_slow(size_t size, void *context);
void free_slow(void *block, void *context);

/* Frees what the fast path could not, of the cached pool's context: the rotated offset in its arena, see line_of in callbacks.c. */
void free_again(size_t line) __attribute__((cold));

#endif
