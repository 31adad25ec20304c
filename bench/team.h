/*
 * Runs a row: a team of threads that is started once, so that no thread's start is ever in a timed region. The calling thread is
 * the team's first; the others sleep between runs.
 */
#ifndef PERFPOOL_BENCH_TEAM_H
#define PERFPOOL_BENCH_TEAM_H

#include "bench.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Runs a row's workload for that many operations in each of its threads. Seconds from the common start to the last end. The row
 * is entered at its first run and left when another row's begins, so that its live blocks are made once.
 */
double team_run(const struct bench_row *row, const struct bench_memory *memory, uint64_t operations);

/* Leaves the last row and ends the threads. */
void team_stop(void);

#ifdef __cplusplus
}
#endif

#endif
