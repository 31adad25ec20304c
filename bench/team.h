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
 * Has the threads enter the row, if they have not, and leave the one before it: a row's live blocks are made once, at its first
 * run.
 */
void team_enter(const struct bench_row *row, const struct bench_memory *memory);

/* Runs the entered row's workload for that many operations in each of its threads. Seconds from the common start to the last end.
 */
double team_run(uint64_t operations);

/* What the workload found in the row's last run, besides its time. */
void team_report(struct bench_findings *findings);

/* Has every thread of the row call contender_detach. */
void team_detach(void);

/* Waits, within a run, until all threads of the row are here. */
void team_meet(const struct bench_worker *worker);

/* Whether the row has more threads than the machine has processors. */
bool team_is_oversubscribed(const struct bench_row *row);

/* Leaves the last row and ends the threads. */
void team_stop(void);

#ifdef __cplusplus
}
#endif

#endif
