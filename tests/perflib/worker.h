/* The thread that executes consumers' requests. */
#ifndef PERFPOOL_TESTS_PERFLIB_WORKER_H
#define PERFPOOL_TESTS_PERFLIB_WORKER_H

#include <stdbool.h>

/* Starts the worker unless it runs. False if the system has no thread for it. */
bool worker_start(void);

/* Has the worker call `function` and returns when it is done. Requests are executed one after the other. Needs worker_start. */
void worker_run(void (*function)(void *argument), void *argument);

bool worker_is_this_thread(void);

#endif
