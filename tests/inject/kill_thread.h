/*
 * Threads that can be killed in the middle of one of the library's own instructions, so that no lock of the system's is held.
 *
 * A signal on Linux, suspending it on Windows, makes the victim go on instruction by instruction, until it has come to the one that
 * it dies at. A victim must be in the library again and again.
 */
#ifndef PERFPOOL_TESTS_KILL_THREAD_H
#define PERFPOOL_TESTS_KILL_THREAD_H

#include "support/threads.h"

#include <stddef.h>
#include <stdint.h>

struct victim {
    thread_function run;
    void *argument;
#ifdef _WIN32
    HANDLE thread;
#else
    pthread_t thread;
    void *stack;
#endif
};

/* Main thread only, one victim at a time. */
void victim_start(struct victim *victim, thread_function run, void *argument);
/* Kills it when it has gone through this many more of the library's instructions. Returns when it is gone: nothing of it runs any
 * more, and no hook of its end has run. */
void victim_kill(struct victim *victim, uint32_t steps);
/* At how many different instructions victims were killed so far. */
uint32_t victim_places(void);

#endif
