/* Counters that a query wants, and which providers know it. */
#include "query.h"
#include "registry.h"

#include <stdlib.h>
#include <string.h>

static const WCHAR wildcard[] = {u'*', 0};

void *chunk_add(struct chunk **list, size_t size)
{
    struct chunk *chunk = calloc(1, sizeof *chunk + size);

    if (chunk == NULL)
        return NULL;
    chunk->next = *list;
    *list = chunk;
    return chunk->bytes;
}

void chunk_free(struct chunk **list)
{
    while (*list != NULL) {
        struct chunk *chunk = *list;

        *list = chunk->next;
        free(chunk);
    }
}

bool wanted_matches(const struct wanted *wanted, const GUID *set, const WCHAR *name, ULONG id)
{
    if (!guid_equal(&wanted->set, set))
        return false;
    if (wanted->instance == NULL || name_equal(wanted->instance, wildcard))
        return true;
    return wanted->id == id && name_equal(wanted->instance, name);
}

bool wanted_has_counter(const struct wanted *wanted, const struct counter_set *set)
{
    if (wanted->counter == PERF_WILDCARD_COUNTER)
        return true;
    for (ULONG i = 0; i < set->info.NumCounters; i++)
        if (set->counters[i].CounterId == wanted->counter)
            return true;
    return false;
}

ULONG wanted_subscribe(struct wanted *wanted, struct provider *provider, bool *asked)
{
    struct subscription *subscriptions;

    *asked = false;
    for (size_t i = 0; i < wanted->n_subscriptions; i++)
        if (wanted->subscriptions[i].provider == provider->memory.owner)
            return wanted->subscriptions[i].error;
    subscriptions = realloc(wanted->subscriptions, (wanted->n_subscriptions + 1) * sizeof *subscriptions);
    if (subscriptions == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    wanted->subscriptions = subscriptions;
    subscriptions += wanted->n_subscriptions++;
    subscriptions->provider = provider->memory.owner;
    subscriptions->error = request_counter(provider, PERF_ADD_COUNTER, wanted);
    *asked = true;
    return subscriptions->error;
}

void wanted_free(struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->n_subscriptions; i++) {
        const struct subscription *subscription = &wanted->subscriptions[i];
        struct provider *provider = subscription->error == ERROR_SUCCESS ? registry_pin(subscription->provider) : NULL;

        if (provider != NULL) {
            request_counter(provider, PERF_REMOVE_COUNTER, wanted);
            registry_unpin(provider);
        }
    }
    free(wanted->subscriptions);
    free(wanted->instance);
    free(wanted);
}
