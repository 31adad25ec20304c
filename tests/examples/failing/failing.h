/*
 * The example server with memory that fails on demand: its sources are compiled with this header in front, so that what they call
 * AllocateMemory is failing_allocate, in the server's own calls and among the callbacks it registers.
 */
#ifndef PERFPOOL_TESTS_EXAMPLES_FAILING_H
#define PERFPOOL_TESTS_EXAMPLES_FAILING_H

#include <perfpool_perflib.h>

#include <perfpool.h>

#include <stdbool.h>

/* The nth allocation from now on, counted from 1, gives NULL; 0: none does. While no thread allocates. */
void failing_set(unsigned n);
/* Whether it has. */
bool failing_has_failed(void);

void *PERFPOOL_CALLBACK failing_allocate(perfpool_size size, void *context);

#define AllocateMemory failing_allocate

#endif
