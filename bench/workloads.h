/* The workloads, a file each, and what their sets of rows share. */
#ifndef PERFPOOL_BENCH_WORKLOADS_H
#define PERFPOOL_BENCH_WORKLOADS_H

#include "bench.h"

extern const struct bench_workload bench_pair, bench_batch, bench_churn, bench_handoff, bench_swap, bench_exchange, bench_burst,
    bench_large, bench_heaps, bench_zeroed, bench_counters, bench_counters_apart, bench_perflib, bench_instances, bench_spawn,
    bench_latency, bench_latency_drain, bench_latency_start, bench_latency_class, bench_memory_churn, bench_memory_lines,
    bench_memory_batch, bench_memory_handoff;

/* Lists for sets of rows. */
extern const unsigned bench_sizes_64[], bench_sizes_few[], bench_sizes_usual[], bench_sizes_instances[], bench_sizes_large[];
extern const unsigned bench_threads_1[], bench_threads_2[], bench_threads_1_2[];

#endif
