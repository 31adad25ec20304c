#include "slow_path.h"

#include "large.h"
#include "poison.h"
#include "seed.h"
#include "span.h"
#include "thread.h"
#include "tools.h"
#include "trim.h"

#include <string.h>

/* A block found written to after it was freed, and the size it had; NULL: none. */
struct written {
    const void *block;
    size_t size;
};

/* A pool's block of a class, marked live and cleared; NULL if there is none. *written: if it was written to after it was freed
 * (POISON). Pool's owner. */
static void *take_block(struct pool *pool, uint32_t class, size_t size, struct fault_list *faults, struct written *written)
{
    uint32_t line;
    uint32_t clear;
    size_t usable = size_class_bytes(&pool->classes[class]);
    if (!pool_take(pool, class, &line, &clear, faults))
        return NULL;
    char *block = pool_block(pool, line);
    bool poison = pool->heap->arena.slack != NULL;
    tools_revealed(block, usable);
    if (poison && !poison_verify(pool->heap, line, usable))
        *written = (struct written){block, poison_requested(pool->heap, line, usable)};
    if (clear != 0)
        memset(block, 0, clear);
    if (poison)
        poison_arm(pool->heap, line, usable, size);
    tools_allocated(pool->heap, block, size, usable, pool->zero);
    store_relaxed_8(&pool->states[line], STATE_LIVE); /* whoever holds the block owns the byte */
    return block;
}

/* Reports what was found under way. Inside the heap, so that a handler may even destroy it. */
static void report_faults(struct perfpool_heap *heap, const struct fault_list *faults, const struct written *written)
{
    if ((faults->n == 0 && written->block == NULL) || !heap_enter(heap, 0))
        return;
    fault_report_list(heap, faults);
    if (written->block != NULL)
        fault_written(heap, PERFPOOL_FAULT_WRITE_AFTER_FREE, written->block, written->size);
    heap_leave(heap);
}

static void *allocate_small(struct perfpool_heap *heap, size_t size, void *context)
{
    struct fault_list faults;
    struct written written = {NULL, 0};
    faults.n = 0;
    struct pool *pool = thread_pool(heap, context);
    struct pool *leased = pool == NULL ? pool_acquire(heap) : NULL; /* a thread that has ended: a pool for this one call */
    if (pool == NULL && leased == NULL && reclaim(heap, NULL, 1, &faults))
        leased = pool_acquire(heap); /* the limit had no room for a pool */
    if (leased != NULL)
        pool = leased;
    void *block = NULL;
    if (pool != NULL)
        block = take_block(pool, size_class_of[(size + LINE_SIZE - 1) >> LINE_SHIFT], size, &faults, &written);
    if (leased != NULL)
        pool_release(leased);
    report_faults(heap, &faults, &written);
    return block;
}

static void *allocate_large(struct perfpool_heap *heap, size_t size)
{
    if (size > (size_t)heap->arena.n_spans << SPAN_SHIFT || size > heap->arena.limit)
        return NULL; /* whatever is given back, this heap cannot serve it */
    void *block = large_allocate(heap, thread_pool_if_bound(heap), size);
    struct fault_list faults;
    faults.n = 0;
    /* As many spans as it takes; and all there are, if those are not neighbours. */
    const uint32_t wants[] = {(uint32_t)(size >> SPAN_SHIFT) + 1, UINT32_MAX};
    for (uint32_t i = 0; block == NULL && i < 2 && reclaim(heap, thread_pool_if_bound(heap), wants[i], &faults); i++)
        block = large_allocate(heap, NULL, size);
    report_faults(heap, &faults, &(struct written){NULL, 0});
    return block;
}

/* A large block of a run that the cached pool keeps; NULL if there is none. It needs nothing that allocate_in_full provides. */
static void *allocate_kept(size_t size, void *context)
{
    const struct thread_record *record = os_thread_get();
    (void)thread_switch(context);
    return load_relaxed_ptr(&record->context) == context ? large_allocate_kept(thread_cached_pool(record), size) : NULL;
}

/*
 * What the fast path needs to be taken again: the thread's pool in the heap as the cached one, or, if that is it, blocks in its
 * empty bin, of what the pool has in it. That needs nothing that allocate_in_full provides. False: there is none.
 */
static inline bool provide(size_t size, void *context)
{
    const struct thread_record *record = os_thread_get();
    if (load_relaxed_ptr(&record->context) != context)
        return thread_switch(context);
    return bin_refill(thread_cached_pool(record), size_class_of[(size + LINE_SIZE - 1) >> LINE_SHIFT]);
}

/* With all that the fast path leaves out, faults and the thread's error state among it. Apart, for the ways back to the fast path
 * to save no registers. */
static __attribute__((noinline)) void *allocate_in_full(size_t size, void *context)
{
    void *block = NULL;
    uint32_t saved = os_save_error();
    struct perfpool_heap *heap = heap_resolve_or_fault(context);
    if (heap != NULL)
        block = size <= SMALL_SIZE_MAX ? allocate_small(heap, size, context) : allocate_large(heap, size);
    os_restore_error(saved);
    return block;
}

/* Each time the fast path is taken again it finds what it missed, and calls this again at most for want of something else. */
void *allocate_slow(size_t size, void *context)
{
    if (size <= SMALL_SIZE_MAX && provide(size, context))
        return AllocateMemory(size, context);
    void *kept = size > SMALL_SIZE_MAX ? allocate_kept(size, context) : NULL;
    return kept != NULL ? kept : allocate_in_full(size, context);
}

/* Takes a block of `pool` itself back from whoever frees it; false if it was not live. */
static inline bool take_back(struct pool *pool, uint32_t class, uint32_t line)
{
    uint8_t live = STATE_LIVE;
    if (pool->remote_state == STATE_SENT) { /* with POISON as well */
        if (!SEEDED(free_own, cas_8, split_cas_8)(&pool->states[line], &live,
                                                  STATE_HELD)) /* another thread may be freeing it, too */
            return false;
        if (pool->heap->arena.slack != NULL)
            poison_fill(pool->heap, line, size_class_bytes(&pool->classes[class]));
    } else {
        if (load_relaxed_8(&pool->states[line]) != STATE_LIVE)
            return false;
        store_relaxed_8(&pool->states[line], STATE_HELD);
    }
    tools_freed(pool->heap, pool_block(pool, line), size_class_bytes(&pool->classes[class]));
    return true;
}

/* Frees a block of `pool` itself; false if it was not live. */
static bool free_own(struct pool *pool, uint32_t class, uint32_t line)
{
    if (!take_back(pool, class, line))
        return false;
    bin_put(pool, class, line);
    return true;
}

/* Frees a block of another owner, `pool` being the thread's own or NULL; false if it was found not to be live. */
static bool free_remote(struct perfpool_heap *heap, struct pool *pool, uint32_t header, uint32_t line)
{
    uint8_t state = STATE_LIVE;
    if ((heap->flags & PERFPOOL_CHECK_REMOTE) != 0) {
        if (!SEEDED(free_sent, cas_8, split_cas_8)(&heap->arena.states[line], &state, STATE_SENT))
            return false;
        state = STATE_SENT;
        if (heap->arena.slack != NULL)
            poison_fill(heap, line, size_class_bytes(&heap->classes[header & HEADER_KIND_MASK]));
    }
    tools_freed(heap, heap->arena.base + ((size_t)line << LINE_SHIFT), size_class_bytes(&heap->classes[header & HEADER_KIND_MASK]));
    if (pool != NULL && outbox_put(pool, line, header))
        return true;
    return pool_return(heap, line, header, state);
}

/* Frees a small block; a fault kind if it could not, else 0. */
static int free_small(struct perfpool_heap *heap, void *context, uint32_t header, uint32_t line)
{
    size_t usable = size_class_bytes(&heap->classes[header & HEADER_KIND_MASK]);
    const uint8_t *state = &heap->arena.states[line];
    if (heap->arena.slack != NULL && load_relaxed_8(state) == STATE_LIVE && !poison_intact(heap, line, usable) &&
        SEEDED(free_again, load_relaxed_8(state) == STATE_LIVE,
               true)) /* still: else another thread has freed and filled it meanwhile */
        return PERFPOOL_FAULT_OVERRUN;
    struct pool *pool = thread_pool(heap, context);
    if (pool != NULL)
        pool->lines =
            arena_lines(&heap->arena); /* or a thread that only frees would come here with every block beyond what it saw first */
    uint32_t class = pool != NULL ? pool_class(header, pool->token) : N_CLASSES;
    bool freed = class < N_CLASSES ? free_own(pool, class, line) : free_remote(heap, pool, header, line);
    return freed ? 0 : PERFPOOL_FAULT_DOUBLE_FREE;
}

/* A pool for the thread to keep runs in, bound now if need be; of the pools that a heap can have, half are for who needs one. */
static struct pool *keeping_pool(struct perfpool_heap *heap, void *context)
{
    struct pool *pool = thread_pool_if_bound(heap);
    if (pool != NULL || heap->cached_pools == NULL || load_relaxed_32(&heap->n_pools) >= heap->arena.pools_max / 2)
        return pool;
    return thread_pool(heap, context);
}

static int free_large(struct perfpool_heap *heap, void *context, uint32_t header, uint32_t span)
{
    if (!large_take(heap, span, header))
        return PERFPOOL_FAULT_DOUBLE_FREE;
    if (heap->arena.slack != NULL && !poison_large_intact(heap, span)) {
        store_release_32(&heap->arena.headers[span], header); /* live as before: the call has no effect */
        return PERFPOOL_FAULT_OVERRUN;
    }
    tools_freed(heap, arena_span_start(&heap->arena, span), (size_t)heap->arena.records[span].lines << LINE_SHIFT);
    bool is_short = record_spans(&heap->arena.records[span]) <= KEPT_LENGTH_MAX;
    struct pool *pool = is_short ? keeping_pool(heap, context) : NULL;
    if (pool != NULL)
        pool->lines = arena_lines(&heap->arena); /* or the next ones may come here, too */
    large_release(heap, pool, span);
    return 0;
}

/* Frees a block by its header; 0, or the fault's kind (any but OVERRUN is found out anew by fault_free). */
static int free_by_header(struct perfpool_heap *heap, void *context, uintptr_t offset)
{
    uint32_t span = (uint32_t)(offset >> SPAN_SHIFT);
    uint32_t header =
        load_acquire_32(&heap->arena.headers[span]); /* pairs with the release of span or large block: the record is filled in */
    uint32_t kind = header & HEADER_KIND_MASK;
    if (header != 0 && kind < N_CLASSES && offset % LINE_SIZE == 0)
        return free_small(heap, context, header, (uint32_t)(offset >> LINE_SHIFT));
    if (kind == HEADER_LARGE && offset % SPAN_SIZE == 0)
        return free_large(heap, context, header, span);
    return PERFPOOL_FAULT_NOT_ALLOCATED;
}

/* Frees a large block whose run the pool keeps; false if that is not to be kept. */
static bool free_kept(struct pool *pool, uint32_t header, uint32_t span)
{
    struct perfpool_heap *heap = pool->heap;
    if (!large_is_kept(pool, record_spans(&pool->records[span])))
        return false;
    if (large_take(heap, span, header)) {
        large_release(heap, pool, span);
    } else { /* not tried again: by now it may be somebody's next block */
        uint32_t saved = os_save_error();
        fault_free(heap, arena_span_start(&heap->arena, span));
        os_restore_error(saved);
    }
    return true;
}

/* Frees what is another pool's into the outbox, what is large into what the pool keeps; false if it is neither, or there is no
 * room. Needs nothing that free_in_full provides. */
static inline bool free_not_own(struct pool *pool, uint32_t header, uint32_t line)
{
    if ((header & HEADER_KIND_MASK) == HEADER_LARGE && line % SPAN_LINES == 0)
        return free_kept(pool, header, line >> SPAN_LINES_SHIFT);
    return header != 0 && (header & HEADER_KIND_MASK) < N_CLASSES && outbox_put(pool, line, header);
}

static __attribute__((noinline)) void free_in_full(void *block, void *context)
{
    if (block == NULL)
        return;
    uint32_t saved = os_save_error();
    struct perfpool_heap *heap = heap_resolve_or_fault(context);
    if (heap != NULL) {
        uintptr_t offset = (uintptr_t)block - (uintptr_t)heap->arena.base;
        bool inside = offset >> LINE_SHIFT < arena_lines(&heap->arena);
        int fault = inside ? free_by_header(heap, context, offset) : PERFPOOL_FAULT_FOREIGN;
        if (fault == PERFPOOL_FAULT_OVERRUN)
            fault_written(heap, PERFPOOL_FAULT_OVERRUN, block, perfpool_block_size(block, heap));
        else if (fault != 0)
            fault_free(heap, block);
    }
    os_restore_error(saved);
}

void free_slow(void *block, void *context)
{
    if (thread_switch(context))
        FreeMemory(block, context);
    else
        free_in_full(block, context);
}

/* Once per magazine, as allocate_slow: the way to the bin is straight. */
void free_again(size_t line)
{
    const struct thread_record *record = os_thread_get();
    struct pool *pool = thread_cached_pool(record);
    uintptr_t offset = line << LINE_SHIFT | line >> (sizeof line * 8 - LINE_SHIFT);
    if (line < pool->lines) {
        uint32_t header = load_relaxed_32(&pool->headers[line >> SPAN_LINES_SHIFT]);
        uint32_t class = pool_class(header, pool->token);
        if (class < N_CLASSES) {
            if (take_back(pool, class, (uint32_t)line)) {
                bin_put(pool, class, (uint32_t)line);
                return;
            }
        } else if (free_not_own(pool, header, (uint32_t)line)) {
            return;
        }
    }
    free_slow((void *)((uintptr_t)pool->base + offset), load_folded_ptr(&record->context));
}
