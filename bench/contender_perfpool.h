/* perfpool as a contender: loaded at run time like any program loads it. The functions do nothing where it is not the contender. */
#ifndef PERFPOOL_BENCH_CONTENDER_PERFPOOL_H
#define PERFPOOL_BENCH_CONTENDER_PERFPOOL_H

#include "contender.h"

#include <stddef.h>
#include <stdint.h>

/* Loads the library and makes the first heap. Ends the program with a message if that fails. */
void contender_perfpool_open(struct contender *contender, const char *path, uint32_t flags);

/* Heap number `index`, made if need be, or NULL where perfpool is not the contender. Main thread only. */
LPVOID contender_perfpool_heap(unsigned index);

/* Trims all heaps. False where perfpool is not the contender. */
bool contender_perfpool_trim(void);

/* Destroys the heaps. Ends the program with a message if blocks are live. */
void contender_perfpool_close(void);

#endif
