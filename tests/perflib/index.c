/*
 * The index: finds an instance by counter set, name and id in about constant time, so that a benchmark of creating and deleting
 * instances measures the memory routines and not a search.
 *
 * Each stripe is a table of open addressing with linear probing; an instance's hash chooses the stripe by its low bits and the
 * place in it by the rest.
 */
#include "internal.h"

enum { SMALLEST_CAPACITY = 16, STRIPE_BITS = 6 };
_Static_assert(1 << STRIPE_BITS == INDEX_STRIPES, "a hash chooses a stripe by its low bits");

static uint32_t mix(uint32_t hash, uint32_t value)
{
    hash = (hash ^ value) * 0x9E3779B1U;
    return hash ^ (hash >> 15);
}

/* Hash of an instance's identity: equal for names that differ only in case. */
static uint32_t index_hash(const GUID *set, const WCHAR *name, ULONG id)
{
    uint32_t hash = mix((uint32_t)set->Data1, (uint32_t)id);

    for (; *name != 0; name++)
        hash = mix(hash, name_fold(*name));
    return hash;
}

static struct index_stripe *stripe_of(struct provider *provider, uint32_t hash)
{
    return &provider->index[hash % INDEX_STRIPES];
}

/* The place in the stripe where a search for the hash begins. */
static uint32_t home_of(const struct index_stripe *stripe, uint32_t hash)
{
    return (hash >> STRIPE_BITS) & (stripe->capacity - 1);
}

static uint32_t next_of(const struct index_stripe *stripe, uint32_t place)
{
    return (place + 1) & (stripe->capacity - 1);
}

/* The place of that identity, or of the empty entry that ends the search. The stripe has a capacity and its lock is held. */
static uint32_t search(const struct index_stripe *stripe, uint32_t hash, const GUID *set, const WCHAR *name, ULONG id)
{
    uint32_t place = home_of(stripe, hash);

    for (; stripe->entries[place].instance != NULL; place = next_of(stripe, place)) {
        const PERF_COUNTERSET_INSTANCE *instance = stripe->entries[place].instance;

        if (stripe->entries[place].hash == hash && instance->InstanceId == id && guid_equal(&instance->CounterSetGuid, set) &&
            name_equal(instance_name(instance), name))
            break;
    }
    return place;
}

PERF_COUNTERSET_INSTANCE *index_find(struct provider *provider, const GUID *set, const WCHAR *name, ULONG id)
{
    uint32_t hash = index_hash(set, name, id);
    struct index_stripe *stripe = stripe_of(provider, hash);
    PERF_COUNTERSET_INSTANCE *found = NULL;

    lock_take(&stripe->lock);
    if (stripe->capacity != 0)
        found = stripe->entries[search(stripe, hash, set, name, id)].instance;
    lock_release(&stripe->lock);
    return found;
}

/* Puts an entry into the first empty place of its search. */
static void place_entry(const struct index_stripe *stripe, struct index_entry entry)
{
    uint32_t place = home_of(stripe, entry.hash);

    while (stripe->entries[place].instance != NULL)
        place = next_of(stripe, place);
    stripe->entries[place] = entry;
}

/* Makes room for one more entry, keeping the table at most three quarters full. False if there is no memory. */
static bool make_room(const struct memory_routines *memory, struct index_stripe *stripe)
{
    struct index_stripe larger = {0};

    if (stripe->used + 1 <= stripe->capacity / 4 * 3)
        return true;
    larger.capacity = stripe->capacity == 0 ? SMALLEST_CAPACITY : stripe->capacity * 2;
    larger.entries = provider_allocate(memory, larger.capacity * sizeof *larger.entries);
    if (larger.entries == NULL)
        return false;
    for (uint32_t i = 0; i < stripe->capacity; i++)
        if (stripe->entries[i].instance != NULL)
            place_entry(&larger, stripe->entries[i]);
    if (stripe->entries != NULL)
        provider_release(memory, stripe->entries);
    stripe->entries = larger.entries;
    stripe->capacity = larger.capacity;
    return true;
}

ULONG index_add(struct provider *provider, PERF_COUNTERSET_INSTANCE *instance)
{
    struct index_entry entry = {.instance = instance};
    struct index_stripe *stripe;
    ULONG error = ERROR_NOT_ENOUGH_MEMORY;

    entry.hash = index_hash(&instance->CounterSetGuid, instance_name(instance), instance->InstanceId);
    stripe = stripe_of(provider, entry.hash);
    lock_take(&stripe->lock);
    if (make_room(&provider->memory, stripe)) {
        uint32_t place = search(stripe, entry.hash, &instance->CounterSetGuid, instance_name(instance), instance->InstanceId);

        error = ERROR_ALREADY_EXISTS;
        if (stripe->entries[place].instance == NULL) {
            stripe->entries[place] = entry;
            stripe->used++;
            error = ERROR_SUCCESS;
        }
    }
    lock_release(&stripe->lock);
    return error;
}

/* Empties a place and moves later entries of the same run forward, so that no search crosses an empty place. */
static void erase(struct index_stripe *stripe, uint32_t place)
{
    uint32_t mask = stripe->capacity - 1;

    for (uint32_t i = next_of(stripe, place); stripe->entries[i].instance != NULL; i = next_of(stripe, i)) {
        uint32_t home = home_of(stripe, stripe->entries[i].hash);

        if (((i - home) & mask) >= ((i - place) & mask)) {
            stripe->entries[place] = stripe->entries[i];
            place = i;
        }
    }
    stripe->entries[place] = (struct index_entry){0};
    stripe->used--;
}

bool index_remove(struct provider *provider, PERF_COUNTERSET_INSTANCE *instance)
{
    uint32_t hash = index_hash(&instance->CounterSetGuid, instance_name(instance), instance->InstanceId);
    struct index_stripe *stripe = stripe_of(provider, hash);
    bool found = false;

    lock_take(&stripe->lock);
    if (stripe->capacity != 0) {
        uint32_t place = search(stripe, hash, &instance->CounterSetGuid, instance_name(instance), instance->InstanceId);

        found = stripe->entries[place].instance == instance;
        if (found)
            erase(stripe, place);
    }
    lock_release(&stripe->lock);
    return found;
}

struct index_stripe *index_stripe_of(struct provider *provider, const PERF_COUNTERSET_INSTANCE *instance)
{
    return stripe_of(provider, index_hash(&instance->CounterSetGuid, instance_name(instance), instance->InstanceId));
}

size_t index_clear(struct provider *provider)
{
    size_t n = 0;

    for (int i = 0; i < INDEX_STRIPES; i++) {
        struct index_stripe *stripe = &provider->index[i];

        for (uint32_t place = 0; place < stripe->capacity; place++)
            if (stripe->entries[place].instance != NULL)
                instance_release(provider, stripe->entries[place].instance);
        if (stripe->entries != NULL)
            provider_release(&provider->memory, stripe->entries);
        stripe->entries = NULL;
        n += stripe->used;
        stripe->capacity = 0;
        stripe->used = 0;
    }
    return n;
}
