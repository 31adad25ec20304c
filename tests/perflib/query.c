/* Queries: open, add, remove, collect, close. Each request is executed by the worker. */
#include "query.h"
#include "registry.h"
#include "system.h"
#include "worker.h"

#include <stdlib.h>
#include <string.h>

/* A request on its way to the worker, and its answer. */
struct request {
    struct perflib_query *query;
    struct wanted *wanted;
    ULONG error;
};

ULONG perflib_query_open(struct perflib_query **query)
{
    if (query == NULL)
        return ERROR_INVALID_PARAMETER;
    *query = calloc(1, sizeof **query);
    if (*query != NULL && worker_start())
        return ERROR_SUCCESS;
    free(*query);
    *query = NULL;
    return ERROR_NOT_ENOUGH_MEMORY;
}

static void sample_clear(struct sample *sample)
{
    chunk_free(&sample->chunks);
    sample->sample.n_values = 0;
}

static void close_query(void *argument)
{
    struct perflib_query *query = argument;

    while (query->wanted != NULL) {
        struct wanted *wanted = query->wanted;

        query->wanted = wanted->next;
        wanted_free(wanted);
    }
    for (int i = 0; i < 2; i++) {
        sample_clear(&query->samples[i]);
        free(query->samples[i].values);
    }
    list_clear(&query->sets);
    free(query->sets.items);
    list_clear(&query->instances);
    free(query->instances.items);
    free(query);
}

void perflib_query_close(struct perflib_query *query)
{
    if (query != NULL)
        worker_run(close_query, query);
}

static bool same_name(const WCHAR *a, const WCHAR *b)
{
    return a == NULL || b == NULL ? a == b : name_equal(a, b);
}

/* What points to those counters in the query's list, or to its end. */
static struct wanted **place_of(struct perflib_query *query, const GUID *set, const WCHAR *instance, ULONG id, ULONG counter)
{
    struct wanted **place = &query->wanted;

    while (*place != NULL && !((*place)->counter == counter && (*place)->id == id && guid_equal(&(*place)->set, set) &&
                               same_name((*place)->instance, instance)))
        place = &(*place)->next;
    return place;
}

/* NULL: no memory. */
static struct wanted *wanted_make(const GUID *set, const WCHAR *instance, ULONG id, ULONG counter)
{
    struct wanted *wanted = calloc(1, sizeof *wanted);

    if (wanted == NULL)
        return NULL;
    wanted->set = *set;
    wanted->id = id;
    wanted->counter = counter;
    if (instance != NULL) {
        size_t size = (name_length(instance) + 1) * sizeof(WCHAR);

        wanted->instance = malloc(size);
        if (wanted->instance == NULL) {
            free(wanted);
            return NULL;
        }
        memcpy(wanted->instance, instance, size);
    }
    return wanted;
}

/* What a provider says to the counters; ERROR_NOT_FOUND if it has none of them. */
static ULONG add_to_provider(struct wanted *wanted, struct provider *provider)
{
    const struct counter_set *set = provider_find_set(provider, &wanted->set);
    bool asked;

    if (set == NULL || !wanted_has_counter(wanted, set))
        return ERROR_NOT_FOUND;
    if (wanted->instance == NULL && (set->info.InstanceType & PERF_COUNTERSET_FLAG_MULTIPLE) != 0)
        return ERROR_INVALID_PARAMETER;
    return wanted_subscribe(wanted, provider, &asked);
}

/* One provider that accepts is enough; else the first answer that says more than ERROR_NOT_FOUND counts. */
static void add_counters(void *argument)
{
    struct request *request = argument;
    struct wanted *wanted = request->wanted;
    struct provider *provider = registry_pin_next(0);
    ULONG refusal = ERROR_NOT_FOUND;
    bool accepted = false;

    while (provider != NULL) {
        uint64_t serial = provider->memory.owner;
        ULONG error = add_to_provider(wanted, provider);

        accepted = accepted || error == ERROR_SUCCESS;
        if (refusal == ERROR_NOT_FOUND)
            refusal = error;
        registry_unpin(provider);
        provider = registry_pin_next(serial);
    }
    request->error = accepted ? ERROR_SUCCESS : refusal;
    if (accepted)
        *place_of(request->query, &wanted->set, wanted->instance, wanted->id, wanted->counter) = wanted;
    else
        wanted_free(wanted);
}

ULONG perflib_query_add(struct perflib_query *query, const GUID *set, const WCHAR *instance, ULONG id, ULONG counter)
{
    struct request request = {.query = query};

    if (query == NULL || set == NULL || (instance != NULL && name_length(instance) > PERF_MAX_INSTANCE_NAME))
        return ERROR_INVALID_PARAMETER;
    if (*place_of(query, set, instance, id, counter) != NULL)
        return ERROR_ALREADY_EXISTS;
    request.wanted = wanted_make(set, instance, id, counter);
    if (request.wanted == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    worker_run(add_counters, &request);
    return request.error;
}

static void remove_counters(void *argument)
{
    struct request *request = argument;

    wanted_free(request->wanted);
}

ULONG perflib_query_remove(struct perflib_query *query, const GUID *set, const WCHAR *instance, ULONG id, ULONG counter)
{
    struct request request = {.query = query};
    struct wanted **place;

    if (query == NULL || set == NULL)
        return ERROR_INVALID_PARAMETER;
    place = place_of(query, set, instance, id, counter);
    if (*place == NULL)
        return ERROR_NOT_FOUND;
    request.wanted = *place;
    *place = request.wanted->next;
    worker_run(remove_counters, &request);
    return ERROR_SUCCESS;
}

/* Notes which counters the provider gives, asking it for those it does not know. `error` becomes its refusal, if it was asked. */
static bool accept_counters(struct perflib_query *query, struct provider *provider, ULONG *error)
{
    bool any = false;

    for (struct wanted *wanted = query->wanted; wanted != NULL; wanted = wanted->next) {
        const struct counter_set *set = provider_find_set(provider, &wanted->set);
        ULONG answer;
        bool asked;

        wanted->accepted = false;
        if (set == NULL || !wanted_has_counter(wanted, set))
            continue;
        answer = wanted_subscribe(wanted, provider, &asked);
        wanted->accepted = answer == ERROR_SUCCESS;
        any = any || wanted->accepted;
        if (answer != ERROR_SUCCESS && (asked || answer == ERROR_NOT_ENOUGH_MEMORY) && *error == ERROR_SUCCESS)
            *error = answer;
    }
    return any;
}

static void collect(void *argument)
{
    struct request *request = argument;
    struct perflib_query *query = request->query;
    struct sample *sample = &query->samples[query->current ^ 1];
    struct provider *provider = registry_pin_next(0);

    sample_clear(sample);
    system_time(&sample->sample.ticks, &sample->sample.frequency, &sample->sample.time_100ns);
    while (provider != NULL) {
        uint64_t serial = provider->memory.owner;
        ULONG error = ERROR_SUCCESS;

        if (accept_counters(query, provider, &request->error))
            error = collect_provider(query, provider, sample);
        if (request->error == ERROR_SUCCESS)
            request->error = error;
        registry_unpin(provider);
        provider = registry_pin_next(serial);
    }
    sample->sample.values = sample->values;
    query->current ^= 1;
}

ULONG perflib_query_collect(struct perflib_query *query, const struct perflib_sample **sample)
{
    struct request request = {.query = query, .error = ERROR_SUCCESS};

    if (query == NULL || sample == NULL)
        return ERROR_INVALID_PARAMETER;
    worker_run(collect, &request);
    *sample = &query->samples[query->current].sample;
    return request.error;
}
