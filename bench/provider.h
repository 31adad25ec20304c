/*
 * The benchmark as a PERFLIB provider: it registers the contender's callbacks, describes counter sets and makes instances, as a
 * program with performance counters does.
 */
#ifndef PERFPOOL_BENCH_PROVIDER_H
#define PERFPOOL_BENCH_PROVIDER_H

#include "bench.h"

/* Smallest block of an instance: the header, one counter's slot and a name of at most three characters. */
enum { PROVIDER_SMALLEST_INSTANCE = 48 };

/*
 * Starts the provider with these callbacks (allocate NULL: PERFLIB's own default, the process heap), describes a set, makes an
 * instance and updates it. Once, at the start of the program. Ends the program if PERFLIB refuses.
 */
void bench_provider_start(const struct bench_memory *memory);

/* Deletes what is left and stops the provider. */
void bench_provider_stop(void);

/* Which PERFLIB is in use. */
const char *bench_provider_perflib_name(void);

/* The set whose instance blocks have that size, a multiple of 8; described at the first call. Main thread only. */
const GUID *bench_provider_set(unsigned instance_size);

/* The number of counters in each instance of that set. */
unsigned bench_provider_counters(unsigned instance_size);

/* PerfCreateInstance and PerfDeleteInstance; they end the program if PERFLIB refuses. Any thread. */
PERF_COUNTERSET_INSTANCE *bench_provider_create_instance(const GUID *set, ULONG id);
void bench_provider_delete_instance(PERF_COUNTERSET_INSTANCE *instance);

/* PerfIncrementULongLongCounterValue by 1 on an instance's counter number `counter`, from 0; as above. */
void bench_provider_update(PERF_COUNTERSET_INSTANCE *instance, unsigned counter);

/* The first of an instance's value slots. */
uint64_t *bench_provider_slots(PERF_COUNTERSET_INSTANCE *instance);

#endif
