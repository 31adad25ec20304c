/* The allocators that can be measured, and what calling them takes. */
#ifndef PERFPOOL_BENCH_CONTENDER_H
#define PERFPOOL_BENCH_CONTENDER_H

#include "bench.h"

#ifdef __cplusplus
extern "C" {
#endif

struct contender {
    struct bench_memory memory;
    char name[64];
    char origin[1024]; /* the file the functions come from, and its version if it tells */
    bool is_null;      /* one fixed block for each thread, free does nothing */
};

/* What perfpool's heaps counted up to now; all 0 for other contenders. */
struct contender_counts {
    uint64_t magazines_posted;
    uint64_t blocks_posted;
    uint64_t magazines_taken_over;
    uint64_t committed;
};

/* The contenders' names and what they are, a line each, for the help text. */
extern const char contender_help[];

/*
 * Makes a contender ready: `what` is one of the names in contender_help, or NAME=PATH[:ALLOCATE,FREE] for functions of a library
 * with the types of malloc and free (these two if none are named; an ALLOCATE whose name ends in calloc is called like calloc).
 * `library` is perfpool's file. False if there is no such name; ends the program with a message if the functions cannot be had.
 */
bool contender_open(struct contender *contender, const char *what, const char *library);

/* Undoes contender_open, as far as that can be; a perfpool heap with live blocks is reported. */
void contender_close(struct contender *contender);

/*
 * The context for one of a team's threads in one of its heaps: the null contender has a block for each thread, perfpool and
 * private heaps have as many heaps as are asked for, others have one context. Main thread only.
 */
LPVOID contender_context(const struct bench_memory *memory, unsigned thread, unsigned heap);

/* Has the contender give memory back, as it lets its users ask for it; false if it does not. Every thread for itself. */
bool contender_trim(const struct bench_memory *memory);

/* Has the thread give back all that the contender keeps for it, if it has a way for that. Every thread for itself. */
void contender_detach(void);

struct contender_counts contender_counts_now(void);

#ifdef __cplusplus
}
#endif

#endif
