/*
 * Roles: threads that do one thing at a time on demand and then wait, so that a sequence of calls on several threads happens in the
 * same order every time. Owned by whoever drives them.
 */
#ifndef PERFPOOL_TESTS_ROLES_H
#define PERFPOOL_TESTS_ROLES_H

#include <stdbool.h>

#include "support/threads.h"

struct role {
    struct thread thread;
    struct semaphore go, done;
    thread_function run; /* NULL: the thread is to end */
    void *argument;
    bool started;
};

/* Calls `run` on the role's thread, which is started if it is not there, and returns when it has returned. */
void role_call(struct role *role, thread_function run, void *argument);
/* Ends the role's thread; the next call starts another one. */
void role_end(struct role *role);

#endif
