/* A live table of all performance counters of this process, in the manner of typeperf. */
#ifndef PERFPOOL_TESTS_PERFLIB_PERFLIB_LIVE_H
#define PERFPOOL_TESTS_PERFLIB_PERFLIB_LIVE_H

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Environment variables of a program that perflib-live runs. If PERFLIB_LIVE is set, a program's first PerfStartProvider(Ex)
 * starts a thread that prints the table.
 */
#define PERFLIB_LIVE_VARIABLE "PERFLIB_LIVE"             /* "SECONDS,SAMPLES": e.g. "1,0"; 0 samples: no end */
#define PERFLIB_LIVE_OUTPUT_VARIABLE "PERFLIB_LIVE_FILE" /* where to; not set: stdout */
#define PERFLIB_LIVE_NAMES_VARIABLE "PERFLIB_LIVE_NAMES" /* a file of names for perflib_live_read_names */

struct perflib_live_options {
    double seconds;        /* between two samples; 0: 1 */
    unsigned long samples; /* how many; 0: until perflib_live_stop */
    FILE *out;             /* NULL: stdout */
};

/*
 * Names for sets and counters, of which a provider tells only GUIDs and ids. Each line of the file is `{guid} name` or
 * `{guid} id name`; UTF-8. Empty lines and those that begin with # are skipped. 0, or the number of the first line that is wrong,
 * or -1 if the file cannot be read or there is no memory. While no table is printed.
 */
long perflib_live_read_names(const char *path);

/*
 * Prints the table until the samples are taken or perflib_live_stop is called. Each sample is a block of lines: the time, then a
 * line `set(instance)\counter  figure` for each counter. Rates and averages appear from the second sample on. Returns
 * 0, or the error that ended it.
 */
unsigned perflib_live_table(const struct perflib_live_options *options);

/* Ends all tables after the sample they are taking. Any thread. */
void perflib_live_stop(void);

#ifdef __cplusplus
}
#endif

#endif
