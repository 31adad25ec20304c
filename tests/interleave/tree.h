/*
 * The tree of choices that an exploration walks, depth first: which thread goes on, and whether a system call fails.
 */
#ifndef PERFPOOL_INTERLEAVE_TREE_H
#define PERFPOOL_INTERLEAVE_TREE_H

#include "interleave/explore.h"

enum { TREE_DEPTH_MAX = 20000, SYSTEM_CALL_SIZE = 1 << 12 /* added to a call's size: no access is as long */ };

/* An access that a thread is about to make. Size 0: none, the thread has ended. */
struct pending {
    uintptr_t address;
    size_t size;
    size_t writes; /* whether; as wide as the others, so that they compare as bytes */
};

/* What the running schedule stands at: who is about to do what, and who was running (THREADS_MAX: one that has ended). */
struct standing {
    struct pending pending[THREADS_MAX];
    unsigned current;
};

struct tree;

/* Forgets everything; the bounds are a scenario's. */
void tree_begin(unsigned preemptions, unsigned refusals);

/* A schedule begins, which repeats the choices up to the one that tree_next has changed. */
void tree_restart(void);

/* Which thread goes on; THREADS_MAX: none, all that could be seen from here has been. */
unsigned tree_choose_thread(const struct standing *standing);

/* Whether a system call is refused. */
bool tree_choose_refusal(void);

/* Changes the last choice that can be another; false if there is none. */
bool tree_next(void);

unsigned tree_depth(void);

#endif
