/*
 * Roles: threads that do one thing at a time on demand and then wait, so that a sequence of calls on several threads happens in the
 * same order every time. Owned by whoever drives them.
 */
#ifndef PERFPOOL_TESTS_ROLES_H
#define PERFPOOL_TESTS_ROLES_H

#include <stdbool.h>

#include "support/threads.h"

/* Written by the thread whose turn it is: the role's own while it runs, else whoever calls it. */
struct role {
    struct thread thread;
    struct semaphore go;
    thread_function run; /* NULL: the thread is to end */
    void *argument;
    struct semaphore *done;    /* posted when it has returned */
    struct role *passed_on_to; /* NULL, or who goes on instead */
    bool started;
};

/* Calls `run` on the role's thread, which is started if it is not there; posts `done` when it has returned. */
void role_call(struct role *role, thread_function run, void *argument, struct semaphore *done);
/* Within `run`: when it returns another role calls it again and tells the caller. One hand-over, where returning costs two. */
void role_pass_on(struct role *from, struct role *to);
/* Ends the role's thread; the next call starts another one. */
void role_end(struct role *role);

#endif
