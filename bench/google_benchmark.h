/* The one door to Google Benchmark, whose interface is C++. */
#ifndef PERFPOOL_BENCH_GOOGLE_BENCHMARK_H
#define PERFPOOL_BENCH_GOOGLE_BENCHMARK_H

#include "bench.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Adds a line to the context that Google Benchmark prints and writes into its JSON. */
void google_benchmark_context(const char *key, const char *value);

/*
 * Takes Google Benchmark's own options out of the arguments. False if anything is left that it does not know, which it names on
 * stderr.
 */
bool google_benchmark_options(int *argc, char **argv);

/*
 * Registers the rows and runs those that its filter lets through, with this memory. `held_back`: also find how many blocks the
 * threads' outboxes hold at a run's end, by having the threads detach. The number that ran.
 */
size_t google_benchmark_run(const struct bench_row *rows, size_t n_rows, const struct bench_memory *memory, bool held_back);

#ifdef __cplusplus
}
#endif

#endif
