#include "thread.h"

#include "seed.h"

enum { RECORDS_PER_CHUNK = 15, RECORD_CHUNKS = 8192 };

struct pool thread_empty_pool;
static const char tombstone; /* no caller's pContext has this address */

struct thread_record thread_unbound = {.pool = &thread_empty_pool};
struct thread_record thread_gone = {.pool = &thread_empty_pool};

/* All records, in chunks that are never unmapped while the library is loaded. */
static struct thread_record *record_chunks[RECORD_CHUNKS];
static uint32_t records_high; /* records 1 .. high exist */
static struct index_stack records_free;

static struct thread_record *record_at(uint32_t index)
{
    struct thread_record *chunk = load_acquire_ptr((void *const *)&record_chunks[(index - 1) / RECORDS_PER_CHUNK]);
    return &chunk[(index - 1) % RECORDS_PER_CHUNK];
}

static uint32_t *record_link(const void *unused, uint32_t index)
{
    (void)unused;
    return &record_at(index)->next;
}

/* Maps a chunk of records if it is not there. Any thread, concurrently with itself. Lock-free, calls the system. */
static bool chunk_provide(uint32_t chunk)
{
    struct os_range range;
    const size_t size = RECORDS_PER_CHUNK * sizeof(struct thread_record);
    if (load_acquire_ptr((void *const *)&record_chunks[chunk]) != NULL)
        return true;
    if (!os_reserve(&range, size))
        return false;
    if (!os_commit(&range, range.base, size) ||
        !SEEDED(records_chunk, cas_ptr, split_cas_ptr)((void **)&record_chunks[chunk], NULL, range.base))
        os_release(&range); /* refused, or another thread was first */
    return load_acquire_ptr((void *const *)&record_chunks[chunk]) != NULL;
}

static struct thread_record *record_take(void)
{
    uint32_t index = index_stack_pop(&records_free, NULL, record_link);
    if (index != 0)
        return record_at(index);
    uint32_t high = load_acquire_32(&records_high);
    do {
        if (high == RECORDS_PER_CHUNK * RECORD_CHUNKS || !chunk_provide(high / RECORDS_PER_CHUNK))
            return NULL;
    } while (!SEEDED(records_again, SEEDED(records_high, cas_32, split_cas_32), adding_cas_32)(&records_high, &high, high + 1));
    struct thread_record *record = record_at(high + 1);
    record->index = high + 1;
    record->pool = &thread_empty_pool;
    store_relaxed_ptr(&record->context, (void *)(uintptr_t)&tombstone);
    return record;
}

/* Releases all pools of a record. Its thread, or whoever took the record. */
static void record_detach(struct thread_record *record)
{
    thread_cache(record, &thread_empty_pool, (void *)(uintptr_t)&tombstone);
    for (uint32_t slot = 0; slot < record->slots; slot++) {
        struct thread_entry entry = record->entries[slot];
        record->entries[slot] = (struct thread_entry){0, 0};
        if (entry.pool == 0 || !heap_enter(&heap_slots[slot], entry.generation))
            continue; /* destroyed, or being destroyed: its memory goes as a whole */
        pool_release(pool_at(&heap_slots[slot], entry.pool));
        heap_leave(&heap_slots[slot]);
    }
    record->slots = 0;
}

static void record_put(struct thread_record *record)
{
    record_detach(record);
    index_stack_push(&records_free, NULL, record_link, record->index);
}

static struct pool *entry_pool(const struct thread_record *record, const struct perfpool_heap *heap)
{
    const struct thread_entry *entry = &record->entries[heap_slot(heap)];
    return entry->pool != 0 && SEEDED(entry_generation, entry->generation == heap_generation(heap), true)
               ? pool_at(heap, entry->pool)
               : NULL;
}

struct pool *thread_pool_if_bound(const struct perfpool_heap *heap)
{
    return entry_pool(os_thread_get(), heap);
}

/* The thread's own record, taken now if it has none; NULL if it is gone or none can be had. */
static struct thread_record *own_record(void)
{
    struct thread_record *record = os_thread_get();
    if (record == &thread_gone)
        return NULL;
    if (record != &thread_unbound)
        return record;
    record = record_take();
    if (record == NULL)
        return NULL;
    if (!os_thread_set(record)) {
        record_put(record);
        return NULL;
    }
    return record;
}

static struct pool *record_bind(struct thread_record *record, struct perfpool_heap *heap)
{
    struct pool *pool = pool_acquire(heap);
    if (pool == NULL)
        return NULL;
    uint32_t slot = heap_slot(heap);
    record->entries[slot] = (struct thread_entry){heap_generation(heap), pool->id};
    if (record->slots <= slot)
        record->slots = slot + 1;
    store_relaxed_ptr(&pool->record, record);
    return pool;
}

struct pool *thread_pool(struct perfpool_heap *heap, void *context)
{
    struct thread_record *record = own_record();
    if (record == NULL)
        return NULL;
    struct pool *pool = entry_pool(record, heap);
    if (pool == NULL)
        pool = record_bind(record, heap);
    if (pool != NULL && heap->cached_pools != NULL)
        thread_cache(record, pool, context);
    return pool;
}

void thread_forget(struct perfpool_heap *heap)
{
    uint32_t n_pools = load_acquire_32(&heap->n_pools);
    for (uint32_t id = 1; id <= n_pools; id++) {
        struct thread_record *record = load_relaxed_ptr(&pool_at(heap, id)->record);
        if ((uintptr_t)record > POOL_DEAD)
            SEEDED(forget, cas_ptr, split_cas_ptr)(&record->context, heap, (void *)(uintptr_t)&tombstone);
    }
}

void thread_exit(void)
{
    struct thread_record *record = os_thread_get();
    if (record == &thread_gone)
        return;
    SEEDED(exit_gone, os_thread_mark_gone(), (void)0);
    if (record != &thread_unbound)
        record_put(record);
}

void perfpool_thread_detach(void)
{
    struct thread_record *record = os_thread_get();
    uint32_t saved = os_save_error();
    if (record != &thread_gone && record != &thread_unbound)
        record_detach(record);
    os_restore_error(saved);
}

void thread_forked(void)
{
    const struct thread_record *own = os_thread_get();
    for (uint32_t slot = 0; slot < HEAP_SLOTS; slot++) {
        struct perfpool_heap *heap = &heap_slots[slot];
        if (!heap_enter(heap, 0))
            continue;
        uint32_t n_pools = load_acquire_32(&heap->n_pools);
        for (uint32_t id = 1; id <= n_pools; id++) {
            struct pool *pool = pool_at(heap, id);
            void *record = load_relaxed_ptr(&pool->record);
            if (record != NULL && record != own)
                store_relaxed_ptr(&pool->record, (void *)(uintptr_t)POOL_DEAD);
        }
        heap_leave(heap);
    }
}

void thread_release_all(void)
{
    const size_t size = RECORDS_PER_CHUNK * sizeof(struct thread_record);
    for (uint32_t i = 0; i < RECORD_CHUNKS && record_chunks[i] != NULL; i++) {
        struct os_range range = {(char *)record_chunks[i], size, false};
        os_release(&range);
        record_chunks[i] = NULL;
    }
}
