/*
 * The deterministic scheduler: up to three threads of a scenario as coroutines of one thread of the system, switched only before
 * shared accesses and system calls, in every order up to a bound.
 *
 * Each schedule runs from the set-up's state anew. A switch is tried only before accesses to places that two threads contend for,
 * which is learnt: what is new makes the exploration begin again. A scenario is explored either in full, leaving out by sleep sets
 * what differs in the order of independent accesses only, or with a bound on pre-emptions, leaving out nothing. A thread that was
 * pre-empted stays where it is until the running one has ended, in one of the orders; so each thread is seen to end alone from
 * every state that is reached: nobody waits for anybody.
 */
#ifndef PERFPOOL_INTERLEAVE_EXPLORE_H
#define PERFPOOL_INTERLEAVE_EXPLORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { THREADS_MAX = 3, UNBOUNDED = 1000 };

struct scenario {
    const char *name, *protocol;
    void (*prepare)(void);              /* once; what it leaves is where every schedule begins */
    void (*threads[THREADS_MAX])(void); /* what runs at once */
    void (*finish)(void);               /* after each schedule: fails it if something is wrong */
    uint8_t preemptions;                /* at most; 0: all schedules */
    uint8_t refusals;                   /* system calls that fail, at most */
};

struct limits {
    uint64_t schedules;   /* at most, 0: any number */
    unsigned preemptions; /* instead of the scenario's own, unless that is all */
    const char *replay;   /* one schedule, as a failure printed it */
    bool trace;           /* print every access of it */
};

/* What an exploration came to; in memory that the parent process sees. */
struct outcome {
    uint64_t schedules, pruned; /* ended; left out on the way because they equal others */
    bool complete, failed, broken;
    unsigned preemptions, places, depth;
    char reason[400];
    char replay[4000];
};

/* Explores a scenario. Ends the process at the first failure, with the outcome filled in. */
void explore(const struct scenario *what, const struct limits *limits, struct outcome *result);

/* The schedule is wrong; ends the process. */
_Noreturn __attribute__((format(printf, 1, 2))) void explore_failed(const char *format, ...);

/* The checker itself is at its end. */
_Noreturn void explore_broken(const char *text);

/* For scenarios: whether a condition holds. */
#define expect(condition) ((condition) ? (void)0 : explore_failed("%s:%d: %s", __FILE__, __LINE__, #condition))

/* Names an address for a message. One at a time. */
const char *explore_describe(const volatile void *address);

/* For a set-up: goes on as one of the threads, so that it begins with what it is given here; THREADS_MAX: as no one of them. */
void explore_act_as(unsigned thread);

/* A system call on a range: a scheduling point. False: it is to fail. */
enum system_effect { SYSTEM_NOTHING, SYSTEM_CLEARS, SYSTEM_RELEASES };
bool explore_system_call(const void *start, size_t size, bool may_fail, enum system_effect effect);

/* Whether a system call was made to fail in this schedule. */
bool explore_refused(void);

#endif
