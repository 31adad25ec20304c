/*
 * What this library's PERFLIB checks of a provider and its memory routines, always and on every thread.
 *
 * A violation is told to a handler; the default one writes it to stderr and aborts. If a handler returns, PERFLIB goes on; a block
 * that is misaligned or overlaps another it does not use, but takes as no memory.
 */
#ifndef PERFPOOL_TESTS_PERFLIB_PERFLIB_STRICT_H
#define PERFPOOL_TESTS_PERFLIB_PERFLIB_STRICT_H

#ifdef __cplusplus
extern "C" {
#endif

/* What can be wrong. Each is a bit, so that they make up the set of what is checked. */
enum perflib_violation {
    PERFLIB_WRONG_CONTEXT = 1,    /* a block goes back to other routines or another context than it came from */
    PERFLIB_UNBALANCED_STACK = 2, /* a callback took another number of bytes off the stack than its type says (32-bit x86) */
    PERFLIB_CHANGED_ERROR = 4,    /* a memory routine changed the last error (on Linux: or errno) */
    PERFLIB_MISALIGNED = 8,       /* a block is not aligned as the process heap's are: 16 bytes, on 32-bit systems 8 */
    PERFLIB_NOT_ZEROED = 16,      /* a new block is not zero */
    PERFLIB_OVERLAP = 32,         /* a new block overlaps one that was not given back */
    PERFLIB_NEVER_ALLOCATED = 64, /* a block goes back that is none */
    PERFLIB_LEAK = 128,           /* PerfStopProvider leaves blocks of the provider behind */
    PERFLIB_BAD_HANDLE = 256,     /* PerfStopProvider of what is no started provider, or by a ControlCallback of its own */
    PERFLIB_INSTANCES_LEFT = 512, /* PerfStopProvider finds instances that were not deleted; not among the defaults */
    PERFLIB_DEFAULT_CHECKS = 511
};

/* Called by the thread that found it, possibly under a lock: it must not call PERFLIB. `text` is one line. */
typedef void (*perflib_violation_fn)(enum perflib_violation violation, const char *text, void *argument);

/* Who is told from now on; NULL: the default handler. Any thread. */
void perflib_on_violation(perflib_violation_fn handler, void *argument);

/*
 * Chooses what is checked from now on, a sum of perflib_violation; returns what was before. PERFLIB promises no more than the
 * process heap gives, so who wants blocks that are not zero leaves PERFLIB_NOT_ZEROED out; who measures chooses 0. While no
 * provider is started.
 */
unsigned perflib_strict(unsigned checks);

/*
 * Makes the nth allocation from now on, counted from 1 over all providers and threads, fail: PERFLIB is answered NULL without its
 * asking the memory routine. 0 takes that back. Returns how many allocations were still to come: 0 if the one chosen before has
 * failed (or none was chosen).
 */
unsigned perflib_fail_allocation(unsigned n);

#ifdef __cplusplus
}
#endif

#endif
