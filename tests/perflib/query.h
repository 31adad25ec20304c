/*
 * What the parts of the consumer side share. All of this is used by one thread at a time: the worker while it executes a request
 * of the query, else whoever owns the query.
 */
#ifndef PERFPOOL_TESTS_PERFLIB_QUERY_H
#define PERFPOOL_TESTS_PERFLIB_QUERY_H

#include "internal.h"
#include "perflib_consumer.h"

/* A provider's answer to PERF_ADD_COUNTER. */
struct subscription {
    uint64_t provider; /* its serial number */
    ULONG error;
};

/* Counters that a query wants. */
struct wanted {
    struct wanted *next;
    GUID set;
    WCHAR *instance; /* of its own; NULL: the one of a single-instance set */
    ULONG id;
    ULONG counter;
    struct subscription *subscriptions;
    size_t n_subscriptions;
    bool accepted; /* by the provider that is being collected */
};

/* A piece of memory that goes when the list it is in goes. */
struct chunk {
    struct chunk *next;
    uint64_t bytes[];
};

/* A sample and what belongs to it. The values' names lie in the chunks. */
struct sample {
    struct perflib_sample sample;
    struct perflib_value *values;
    size_t capacity;
    struct chunk *chunks;
};

/* A growing list; what its items point to lies in the chunks. */
struct list {
    void *items;
    size_t n;
    size_t capacity;
    struct chunk *chunks;
};

struct perflib_query {
    struct wanted *wanted;
    struct sample samples[2];
    unsigned current;      /* the sample that was taken last */
    struct list sets;      /* what the last perflib_query_sets returned, struct perflib_set */
    struct list instances; /* and perflib_query_instances, struct perflib_instance */
};

/* Adds a chunk of so many bytes to a list and returns its bytes, which are zero; NULL: no memory. */
void *chunk_add(struct chunk **list, size_t size);
void chunk_free(struct chunk **list);

/* Empties a list; its items' room stays. */
void list_clear(struct list *list);

/* Whether an instance is among those wanted, apart from which counters. */
bool wanted_matches(const struct wanted *wanted, const GUID *set, const WCHAR *name, ULONG id);

/* Whether the set has a counter that is wanted. */
bool wanted_has_counter(const struct wanted *wanted, const struct counter_set *set);

/*
 * Sends PERF_ADD_COUNTER to a provider that has not had it, and returns its answer; `asked` becomes whether it was sent now.
 * ERROR_NOT_ENOUGH_MEMORY if the answer could not be kept, in which case it was not asked.
 */
ULONG wanted_subscribe(struct wanted *wanted, struct provider *provider, bool *asked);

/* Sends PERF_REMOVE_COUNTER to the providers that accepted it, and frees it. */
void wanted_free(struct wanted *wanted);

/*
 * Collects from one provider the counters that are accepted, and adds them to the sample. ERROR_SUCCESS, the error of the
 * provider's callback, ERROR_NOT_ENOUGH_MEMORY.
 */
ULONG collect_provider(struct perflib_query *query, struct provider *provider, struct sample *sample);

/* The ControlCallback of a provider, if it has one, with the payload of the request. What it returns. */
ULONG request_counter(const struct provider *provider, ULONG code, const struct wanted *wanted);
ULONG request_machine(const struct provider *provider, ULONG code);

#endif
