/*
 * The program as a provider of counters: both counter sets, and the one instance of "Example Server Memory". There is one provider
 * in a program, because CounterInitialize keeps its handle in a variable.
 */
#ifndef EXAMPLE_PUBLISHER_H
#define EXAMPLE_PUBLISHER_H

#include "perflib_headers.h"
#include "problem.h"

/*
 * Starts the provider with the heap's memory. From here until publisher_stop has returned the heap must exist. If it fails, nothing
 * is started and nothing of the heap is in use. Main thread.
 */
bool publisher_start(perfpool_heap *heap, struct problem *problem);

/* Stops it; no other thread may use the provider any more, and instances that still exist are gone. Main thread. */
void publisher_stop(struct problem *problem);

#endif
