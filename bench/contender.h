/* The allocators that can be measured, and what calling them takes. */
#ifndef PERFPOOL_BENCH_CONTENDER_H
#define PERFPOOL_BENCH_CONTENDER_H

#include "bench.h"

struct contender {
    struct bench_memory memory;
    char name[64];
    char origin[1024]; /* the file the functions come from, and its version if it tells */
    bool is_null;      /* one fixed block for each thread, free does nothing */
};

/* The contenders' names and what they are, a line each, for the help text. */
extern const char contender_help[];

/*
 * Makes a contender ready: `what` is one of the names in contender_help, or NAME=PATH[:ALLOCATE,FREE] for functions of a library
 * with the types of malloc and free (these two if none are named). `library` is perfpool's file. False if there is no such name;
 * ends the program with a message if the functions cannot be had.
 */
bool contender_open(struct contender *contender, const char *what, const char *library);

/* Undoes contender_open, as far as that can be; a perfpool heap with live blocks is reported. */
void contender_close(struct contender *contender);

/* The context for one of a team's threads: the null contender has a block for each, others have one context. */
LPVOID contender_context(const struct bench_memory *memory, unsigned thread);

#endif
