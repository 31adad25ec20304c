/* What consumers list: the sets that are described, and the instances of a set. */
#include "query.h"
#include "registry.h"
#include "worker.h"

#include <stdlib.h>
#include <string.h>

/* A request on its way to the worker, and its answer. */
struct listing {
    struct perflib_query *query;
    const GUID *set; /* whose instances */
    ULONG error;
};

/* Makes room for one more in a list. False: no memory, and nothing changed. */
static bool make_room(struct list *list, size_t item_size)
{
    size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
    void *items;

    if (list->n < list->capacity)
        return true;
    items = realloc(list->items, capacity * item_size);
    if (items == NULL)
        return false;
    list->items = items;
    list->capacity = capacity;
    return true;
}

void list_clear(struct list *list)
{
    chunk_free(&list->chunks);
    list->n = 0;
}

static bool add_set(struct list *list, const struct provider *provider, const struct counter_set *set)
{
    const size_t size = set->info.NumCounters * sizeof(PERF_COUNTER_INFO);
    struct perflib_set *item;
    void *counters;

    if (!make_room(list, sizeof *item))
        return false;
    counters = chunk_add(&list->chunks, size);
    if (counters == NULL)
        return false;
    memcpy(counters, set->counters, size);
    item = (struct perflib_set *)list->items + list->n++;
    *item = (struct perflib_set){provider->guid, set->info.CounterSetGuid, set->info.InstanceType, set->info.NumCounters, counters};
    return true;
}

/* The provider's list has the newest set first; consumers see them as they were described. */
static void reverse_sets(struct perflib_set *sets, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        struct perflib_set set = sets[i];

        sets[i] = sets[n - 1 - i];
        sets[n - 1 - i] = set;
    }
}

static void list_sets(void *argument)
{
    struct listing *listing = argument;
    struct list *list = &listing->query->sets;
    struct provider *provider = registry_pin_next(0);

    while (provider != NULL) {
        const uint64_t serial = provider->memory.owner;
        const struct counter_set *set = atomic_load_explicit(&provider->sets, memory_order_acquire);
        const size_t before = list->n;

        for (; set != NULL; set = set->next)
            if (!add_set(list, provider, set))
                listing->error = ERROR_NOT_ENOUGH_MEMORY;
        if (list->n != before)
            reverse_sets((struct perflib_set *)list->items + before, list->n - before);
        registry_unpin(provider);
        provider = registry_pin_next(serial);
    }
}

ULONG perflib_query_sets(struct perflib_query *query, const struct perflib_set **sets, size_t *n)
{
    struct listing listing = {.query = query};

    if (query == NULL || sets == NULL || n == NULL)
        return ERROR_INVALID_PARAMETER;
    list_clear(&query->sets);
    worker_run(list_sets, &listing);
    *sets = query->sets.items;
    *n = query->sets.n;
    return listing.error;
}

static bool add_instance(struct list *list, const struct provider *provider, const PERF_COUNTERSET_INSTANCE *instance)
{
    struct perflib_instance *item;
    WCHAR *name;

    if (!make_room(list, sizeof *item))
        return false;
    name = chunk_add(&list->chunks, instance->InstanceNameSize);
    if (name == NULL)
        return false;
    memcpy(name, instance_name(instance), instance->InstanceNameSize);
    item = (struct perflib_instance *)list->items + list->n++;
    *item = (struct perflib_instance){provider->guid, name, instance->InstanceId};
    return true;
}

static ULONG list_stripe(struct list *list, const struct provider *provider, const struct index_stripe *stripe, const GUID *set)
{
    ULONG error = ERROR_SUCCESS;

    for (uint32_t i = 0; i < stripe->capacity; i++) {
        const PERF_COUNTERSET_INSTANCE *instance = stripe->entries[i].instance;

        if (instance != NULL && guid_equal(&instance->CounterSetGuid, set) && !add_instance(list, provider, instance))
            error = ERROR_NOT_ENOUGH_MEMORY;
    }
    return error;
}

static int compare_instances(const void *left, const void *right)
{
    const struct perflib_instance *a = left;
    const struct perflib_instance *b = right;
    const int names = name_compare(a->name, b->name);

    if (names != 0 || a->id == b->id)
        return names;
    return a->id < b->id ? -1 : 1;
}

/* Asks a provider, then lists its instances by name. */
static ULONG list_provider(struct listing *listing, struct provider *provider)
{
    struct list *list = &listing->query->instances;
    const size_t before = list->n;
    ULONG error = request_machine(provider, PERF_ENUM_INSTANCES);

    for (int i = 0; error == ERROR_SUCCESS && i < INDEX_STRIPES; i++) {
        lock_take(&provider->index[i].lock);
        error = list_stripe(list, provider, &provider->index[i], listing->set);
        lock_release(&provider->index[i].lock);
    }
    if (list->n != before)
        qsort((struct perflib_instance *)list->items + before, list->n - before, sizeof(struct perflib_instance),
              compare_instances);
    return error;
}

static void list_instances(void *argument)
{
    struct listing *listing = argument;
    struct provider *provider = registry_pin_next(0);
    ULONG refusal = ERROR_SUCCESS;

    listing->error = ERROR_NOT_FOUND;
    while (provider != NULL) {
        const uint64_t serial = provider->memory.owner;

        if (provider_find_set(provider, listing->set) != NULL) {
            ULONG error = list_provider(listing, provider);

            listing->error = ERROR_SUCCESS;
            if (refusal == ERROR_SUCCESS)
                refusal = error;
        }
        registry_unpin(provider);
        provider = registry_pin_next(serial);
    }
    if (refusal != ERROR_SUCCESS)
        listing->error = refusal;
}

ULONG perflib_query_instances(struct perflib_query *query, const GUID *set, const struct perflib_instance **instances, size_t *n)
{
    struct listing listing = {.query = query, .set = set};

    if (query == NULL || set == NULL || instances == NULL || n == NULL)
        return ERROR_INVALID_PARAMETER;
    list_clear(&query->instances);
    worker_run(list_instances, &listing);
    *instances = query->instances.items;
    *n = query->instances.n;
    return listing.error;
}
