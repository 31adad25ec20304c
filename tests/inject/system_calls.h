/*
 * The functions of the system that perfpool imports, each with a wrapper in its place that refuses when it is told to.
 *
 * On Linux the wrappers go by the functions' own names: the library finds those of the program first. On Windows they are written
 * into the loaded library's import table. So it is the library as it was built that runs, and what it imports is what there is to
 * refuse: a function that is in neither list of system_calls_*.c is an error.
 */
#ifndef PERFPOOL_TESTS_SYSTEM_CALLS_H
#define PERFPOOL_TESTS_SYSTEM_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One import. */
struct system_call {
    const char *name;
    const char *never_refused; /* why there is nothing to refuse, NULL if it is refused */
};

enum { SYSTEM_CALLS_MAX = 32, SYSTEM_CALLS_TRACED = 4096 };

/* What crosses from the process that ran a scenario to the one that judges it. */
struct system_call_counts {
    uint32_t made, refused;                                       /* calls that can be refused */
    uint32_t calls[SYSTEM_CALLS_MAX], refusals[SYSTEM_CALLS_MAX]; /* by import */
    int64_t mapped;                                               /* bytes reserved and not given back */
    int64_t kept;                                                 /* bytes of these that the system refused to take back */
};

struct system_calls {
    struct system_call_counts counts;
    uint8_t trace[SYSTEM_CALLS_TRACED]; /* import of each call that can be refused, by its number */
    uint32_t refused_from, refused_to;  /* which calls are refused, numbered from 1 */
    bool armed;                         /* calls are the library's; else they go through unseen */
    bool strict;                        /* no writable memory is reserved: the system counts what is writable (Linux) */
};
extern struct system_calls system_calls;

/* All imports of the target, ended by a NULL name. */
extern const struct system_call system_call_table[];

/* Numbers calls from 1 again and refuses those from `from` to `to`; 0, 0 refuses none. While no call is in flight. */
void system_calls_refuse(uint32_t from, uint32_t to);

/* For wrappers: counts a call of an import; true if it is to be refused. */
bool system_call_refused(const char *name);

/* For wrappers: the library has reserved or given back this many bytes, or was refused to give them back. */
void system_calls_note_mapped(int64_t bytes);
void system_calls_note_kept(int64_t bytes);

/* Puts the wrappers into a library that was just loaded. NULL, or the name of an import that is in no list. */
const char *system_calls_attach(void *library);

#endif
