/*
 * Collecting from one provider: its values are copied, instance by instance under the lock of the instance's stripe, into a reply
 * that lies in the provider's memory; what the query wants of it then becomes values of a sample.
 *
 * INVARIANT: an instance that is in the index while its stripe's lock is held is complete and stays, and the addresses in its
 * by-reference slots may be read; who deletes it or replaces an address takes that lock. Otherwise this reads freed memory.
 */
#include "query.h"

#include <stdlib.h>
#include <string.h>

enum { TYPE_SIZE_MASK = 0x300, TYPE_SIZE_DWORD = 0, TYPE_SIZE_LARGE = 0x100, FIRST_CAPACITY = 4096 };

/* The value of one counter. */
struct cell {
    uint64_t value;
    ULONG status;
};

/* An instance in a reply: this, a cell for each counter of the set, the name; multiples of 8 bytes. */
struct record {
    const struct counter_set *set;
    ULONG id;
    ULONG size; /* of the whole record */
    struct cell cells[];
};

/* Records one after the other, in memory of the provider's. */
struct reply {
    const struct memory_routines *memory;
    char *bytes;
    size_t used;
    size_t capacity;
};

static const WCHAR *record_name(const struct record *record)
{
    return (const WCHAR *)(const void *)&record->cells[record->set->info.NumCounters];
}

/* Makes the reply at least that large. */
static bool reply_grow(struct reply *reply, size_t needed)
{
    size_t capacity = reply->capacity == 0 ? FIRST_CAPACITY : reply->capacity * 2;
    char *bytes;

    if (capacity < needed)
        capacity = needed;
    bytes = provider_allocate(reply->memory, capacity);
    if (bytes == NULL)
        return false;
    if (reply->bytes != NULL) {
        memcpy(bytes, reply->bytes, reply->used);
        provider_release(reply->memory, reply->bytes);
    }
    reply->bytes = bytes;
    reply->capacity = capacity;
    return true;
}

/* Reads 4 or 8 bytes at once where the address is aligned, as documented. */
static uint64_t read_value(const void *address, bool large)
{
    uint64_t wide;
    uint32_t narrow;

    if ((uintptr_t)address % (large ? sizeof wide : sizeof narrow) == 0)
        return large ? __atomic_load_n((const uint64_t *)address, __ATOMIC_RELAXED)
                     : __atomic_load_n((const uint32_t *)address, __ATOMIC_RELAXED);
    if (large) {
        memcpy(&wide, address, sizeof wide);
        return wide;
    }
    memcpy(&narrow, address, sizeof narrow);
    return narrow;
}

/* A by-reference slot holds a pointer in as many bytes as pointers have. */
static struct cell read_cell(const PERF_COUNTER_INFO *counter, const uint64_t *slot)
{
    const unsigned size = counter->Type & TYPE_SIZE_MASK;
    const void *address = slot;

    if ((counter->Attrib & PERF_ATTRIB_BY_REFERENCE) != 0)
        address = (const void *)__atomic_load_n((const uintptr_t *)(const void *)slot, __ATOMIC_RELAXED);
    if (address == NULL || (size != TYPE_SIZE_DWORD && size != TYPE_SIZE_LARGE))
        return (struct cell){0, ERROR_NO_DATA};
    return (struct cell){read_value(address, size == TYPE_SIZE_LARGE), ERROR_SUCCESS};
}

static size_t record_size(const struct counter_set *set, const PERF_COUNTERSET_INSTANCE *instance)
{
    return (sizeof(struct record) + set->info.NumCounters * sizeof(struct cell) + instance->InstanceNameSize + 7) & ~(size_t)7;
}

static void write_record(char *place, const struct counter_set *set, PERF_COUNTERSET_INSTANCE *instance)
{
    struct record *record = (struct record *)(void *)place;

    record->set = set;
    record->id = instance->InstanceId;
    record->size = (ULONG)record_size(set, instance);
    for (ULONG i = 0; i < set->info.NumCounters; i++)
        record->cells[i] = read_cell(&set->counters[i], instance_slots(instance) + i);
    memcpy(&record->cells[set->info.NumCounters], instance_name(instance), instance->InstanceNameSize);
}

static bool is_wanted(const struct perflib_query *query, const GUID *set, const WCHAR *name, ULONG id, ULONG counter)
{
    for (const struct wanted *wanted = query->wanted; wanted != NULL; wanted = wanted->next)
        if (wanted->accepted &&
            (counter == PERF_WILDCARD_COUNTER || wanted->counter == PERF_WILDCARD_COUNTER || wanted->counter == counter) &&
            wanted_matches(wanted, set, name, id))
            return true;
    return false;
}

/* Copies what is wanted of a stripe. Returns 0, or how large the reply has to be to hold the next record. Under the lock. */
static size_t copy_stripe(const struct perflib_query *query, struct provider *provider, const struct index_stripe *stripe,
                          struct reply *reply)
{
    for (uint32_t i = 0; i < stripe->capacity; i++) {
        PERF_COUNTERSET_INSTANCE *instance = stripe->entries[i].instance;
        const struct counter_set *set;
        size_t size;

        if (instance == NULL ||
            !is_wanted(query, &instance->CounterSetGuid, instance_name(instance), instance->InstanceId, PERF_WILDCARD_COUNTER))
            continue;
        set = provider_find_set(provider, &instance->CounterSetGuid);
        size = record_size(set, instance);
        if (reply->used + size > reply->capacity)
            return reply->used + size;
        write_record(reply->bytes + reply->used, set, instance);
        reply->used += size;
    }
    return 0;
}

/* A reply that turns out too small grows while no lock is held, and the stripe is copied anew. */
static bool copy_provider(const struct perflib_query *query, struct provider *provider, struct reply *reply)
{
    if (!reply_grow(reply, 0))
        return false;
    for (int i = 0; i < INDEX_STRIPES; i++) {
        struct index_stripe *stripe = &provider->index[i];
        const size_t before = reply->used;
        size_t needed;

        do {
            lock_take(&stripe->lock);
            needed = copy_stripe(query, provider, stripe, reply);
            lock_release(&stripe->lock);
            if (needed != 0) {
                reply->used = before;
                if (!reply_grow(reply, needed))
                    return false;
            }
        } while (needed != 0);
    }
    return true;
}

/* Order of a sample: sets as they were described, instances by name and id. */
static int compare_records(const void *left, const void *right)
{
    const struct record *a = *(const struct record *const *)left;
    const struct record *b = *(const struct record *const *)right;
    int names;

    if (a->set != b->set)
        return a->set->number < b->set->number ? -1 : 1;
    names = name_compare(record_name(a), record_name(b));
    if (names != 0 || a->id == b->id)
        return names;
    return a->id < b->id ? -1 : 1;
}

/* The base that a type needs, or 0. */
static ULONG base_of(ULONG type)
{
    switch (type) {
    case PERF_AVERAGE_TIMER:
    case PERF_AVERAGE_BULK:
        return PERF_AVERAGE_BASE;
    case PERF_SAMPLE_FRACTION:
        return PERF_SAMPLE_BASE;
    case PERF_RAW_FRACTION:
        return PERF_RAW_BASE;
    case PERF_LARGE_RAW_FRACTION:
    case PERF_PRECISION_SYSTEM_TIMER:
    case PERF_PRECISION_100NS_TIMER:
    case PERF_PRECISION_OBJECT_TIMER:
        return PERF_LARGE_RAW_BASE;
    case PERF_COUNTER_MULTI_TIMER:
    case PERF_COUNTER_MULTI_TIMER_INV:
    case PERF_100NSEC_MULTI_TIMER:
    case PERF_100NSEC_MULTI_TIMER_INV:
        return PERF_COUNTER_MULTI_BASE;
    default:
        return 0;
    }
}

static struct cell find_base(const struct record *record, ULONG counter)
{
    const ULONG base = base_of(record->set->counters[counter].Type);

    for (ULONG i = counter + 1; base != 0 && i < record->set->info.NumCounters; i++)
        if (record->set->counters[i].Type == base)
            return record->cells[i];
    return (struct cell){0, ERROR_NO_DATA};
}

/* A new value at the end of the sample, or NULL. */
static struct perflib_value *add_value(struct sample *sample)
{
    if (sample->sample.n_values == sample->capacity) {
        size_t capacity = sample->capacity == 0 ? 64 : sample->capacity * 2;
        struct perflib_value *values = realloc(sample->values, capacity * sizeof *values);

        if (values == NULL)
            return NULL;
        sample->values = values;
        sample->capacity = capacity;
    }
    return &sample->values[sample->sample.n_values++];
}

static bool add_record(const struct perflib_query *query, const struct provider *provider, const struct record *record,
                       struct sample *sample)
{
    const struct counter_set *set = record->set;

    for (ULONG i = 0; i < set->info.NumCounters; i++) {
        const PERF_COUNTER_INFO *counter = &set->counters[i];
        const struct cell base = find_base(record, i);
        struct perflib_value *value;

        if (!is_wanted(query, &set->info.CounterSetGuid, record_name(record), record->id, counter->CounterId))
            continue;
        value = add_value(sample);
        if (value == NULL)
            return false;
        *value = (struct perflib_value){.provider = provider->guid,
                                        .set = set->info.CounterSetGuid,
                                        .instance = record_name(record),
                                        .instance_id = record->id,
                                        .counter = counter->CounterId,
                                        .type = counter->Type,
                                        .attrib = counter->Attrib,
                                        .scale = counter->Scale,
                                        .status = record->cells[i].status,
                                        .value = record->cells[i].value,
                                        .base = base.value,
                                        .base_status = base.status};
    }
    return true;
}

/* Makes values of a copy of the reply, which belongs to the sample. */
static bool add_reply(const struct perflib_query *query, const struct provider *provider, const struct reply *reply,
                      struct sample *sample)
{
    const char *bytes = chunk_add(&sample->chunks, reply->used);
    const struct record **records;
    size_t n = 0;
    bool done = bytes != NULL;

    if (!done)
        return false;
    memcpy((void *)bytes, reply->bytes, reply->used);
    records = calloc(reply->used / sizeof(struct record) + 1, sizeof(const struct record *));
    if (records == NULL)
        return false;
    for (size_t at = 0; at < reply->used; at += records[n++]->size)
        records[n] = (const struct record *)(const void *)(bytes + at);
    qsort(records, n, sizeof(const struct record *), compare_records);
    for (size_t i = 0; done && i < n; i++)
        done = add_record(query, provider, records[i], sample);
    free(records);
    return done;
}

ULONG collect_provider(struct perflib_query *query, struct provider *provider, struct sample *sample)
{
    struct reply reply = {.memory = &provider->memory};
    ULONG error = request_machine(provider, PERF_COLLECT_START);
    bool done;

    if (error != ERROR_SUCCESS)
        return error;
    done = copy_provider(query, provider, &reply);
    request_machine(provider, PERF_COLLECT_END);
    done = done && add_reply(query, provider, &reply, sample);
    if (reply.bytes != NULL)
        provider_release(&provider->memory, reply.bytes);
    return done ? ERROR_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;
}
