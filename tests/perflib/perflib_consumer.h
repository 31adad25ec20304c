/*
 * The consumer side of PERFLIB: what Performance Monitor does, for the providers of this process that were started with
 * perflib_test() or perflib_mixed().
 *
 * A query has a list of counters and collects their values. All its requests are executed one after the other by a worker thread
 * of this library, which is started with the first query: it calls the providers' ControlCallbacks and copies the values out of
 * the instances' blocks into a buffer that it takes from the provider's memory routines. By-reference counters are read through
 * their address; each 4- or 8-byte value is read at once. The values of an instance are copied together, but not at one instant.
 *
 * Providers, instances and references may come and go meanwhile: PerfDeleteInstance and PerfSetCounterRefValue take the lock under
 * which the worker copies the instance, and PerfStopProvider waits until the worker has left the provider. What they return from
 * is not read any more.
 *
 * ControlCallbacks run without any lock of this library, so they may call the provider functions (except PerfStopProvider), but
 * not the functions below. PERFLIB gives a callback one second; this library waits for its end.
 *
 * Aggregates (`_Total`) are not made: how counters add up is registration data that a provider does not pass on.
 *
 * A query is used by one thread at a time, different queries by any.
 */
#ifndef PERFPOOL_TESTS_PERFLIB_PERFLIB_CONSUMER_H
#define PERFPOOL_TESTS_PERFLIB_PERFLIB_CONSUMER_H

#include "windows_shim.h"

#ifdef __cplusplus
extern "C" {
#endif

struct perflib_query;

/* A described counter set of a provider. */
struct perflib_set {
    GUID provider;
    GUID set;
    ULONG type; /* PERF_COUNTERSET_SINGLE_INSTANCE ... */
    ULONG n_counters;
    const PERF_COUNTER_INFO *counters;
};

/* An instance of a set. */
struct perflib_instance {
    GUID provider;
    const WCHAR *name;
    ULONG id;
};

/* The value of one counter of one instance at one time. */
struct perflib_value {
    GUID provider;
    GUID set;
    const WCHAR *instance;
    ULONG instance_id;
    ULONG counter;     /* CounterId */
    ULONG type;        /* PERF_COUNTER_RAWCOUNT ... */
    ULONGLONG attrib;  /* PERF_ATTRIB_... */
    LONG scale;        /* the default scale */
    ULONG status;      /* ERROR_SUCCESS, or why there is no value: ERROR_NO_DATA for a by-reference counter without an address */
    ULONGLONG value;   /* 0 without one */
    ULONGLONG base;    /* value of the counter's base: the next counter of the set whose type is the base this one needs */
    ULONG base_status; /* ERROR_SUCCESS, or ERROR_NO_DATA if there is none */
};

/* What a collection found. An instance's values follow each other in the order of its set. */
struct perflib_sample {
    ULONGLONG ticks;      /* time of the performance clock */
    ULONGLONG frequency;  /* its ticks per second */
    ULONGLONG time_100ns; /* time of day, UTC: 100 ns since 1601 */
    const struct perflib_value *values;
    size_t n_values;
};

/* Makes an empty query. ERROR_SUCCESS, ERROR_INVALID_PARAMETER, ERROR_NOT_ENOUGH_MEMORY. */
ULONG perflib_query_open(struct perflib_query **query);

/* Removes all counters from the query and frees it and all it returned. NULL does nothing. */
void perflib_query_close(struct perflib_query *query);

/*
 * Adds counters: of the set, of the instance with that name and id (PERF_WILDCARD_INSTANCE: all instances, whatever the id; NULL:
 * that of a single-instance set), with that CounterId (PERF_WILDCARD_COUNTER: all). The providers that have the set get
 * PERF_ADD_COUNTER; providers that describe it later get it before they are first collected.
 *
 * ERROR_SUCCESS; ERROR_INVALID_PARAMETER; ERROR_NOT_FOUND if no provider has described the set, or it has no such counter;
 * ERROR_ALREADY_EXISTS if the query has it; the callback's error if all providers refused; ERROR_NOT_ENOUGH_MEMORY.
 */
ULONG perflib_query_add(struct perflib_query *query, const GUID *set, const WCHAR *instance, ULONG id, ULONG counter);

/* Removes what perflib_query_add added with the same arguments; the providers get PERF_REMOVE_COUNTER. ERROR_NOT_FOUND. */
ULONG perflib_query_remove(struct perflib_query *query, const GUID *set, const WCHAR *instance, ULONG id, ULONG counter);

/*
 * Collects: each provider concerned gets PERF_COLLECT_START, its values are copied, it gets PERF_COLLECT_END. A provider whose
 * callback answers PERF_COLLECT_START with an error is left out and gets no PERF_COLLECT_END.
 *
 * ERROR_SUCCESS, or the first such error, or ERROR_NOT_ENOUGH_MEMORY if memory routines gave no buffer; the sample has what the
 * other providers gave. It stays valid until the next but one collection of the query, so that two can be compared.
 */
ULONG perflib_query_collect(struct perflib_query *query, const struct perflib_sample **sample);

/*
 * The instances of a set, of all providers that have it; these get PERF_ENUM_INSTANCES first. Valid until the next call.
 * ERROR_SUCCESS; ERROR_NOT_FOUND; the first error of a callback, whose provider is left out; ERROR_NOT_ENOUGH_MEMORY.
 */
ULONG perflib_query_instances(struct perflib_query *query, const GUID *set, const struct perflib_instance **instances, size_t *n);

/* All sets of all providers, without asking them. Valid until the next call. ERROR_SUCCESS, ERROR_NOT_ENOUGH_MEMORY. */
ULONG perflib_query_sets(struct perflib_query *query, const struct perflib_set **sets, size_t *n);

/*
 * What Performance Monitor would show for value number `index` of `after`: the figure itself, a rate, a percentage or an average,
 * as the counter's type says. `before` is an earlier sample of the same query, or NULL. False if there is nothing to show: no
 * value, a type that needs two samples or a base which are not there, no events to take the average of, or a type that is not
 * shown by itself (bases, text).
 */
int perflib_display(const struct perflib_sample *before, const struct perflib_sample *after, size_t index, double *result);

/* What stands behind such a figure: "/s", "%", "s" or "". */
const char *perflib_display_unit(ULONG type);

#ifdef __cplusplus
}
#endif

#endif
