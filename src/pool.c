#include "pool.h"

#include "large.h"
#include "probes.h"
#include "seed.h"
#include "span.h"
#include "thread.h"

_Static_assert(sizeof(struct pool) == POOL_STRIDE, "pools are found by their id");
_Static_assert(offsetof(struct pool, token) < 64, "what both fast paths read is one line");
_Static_assert(offsetof(struct pool, record) - offsetof(struct pool, inbox) >= 128, "what others write is apart");
_Static_assert(sizeof(struct bin) == 64, "a bin is a line");

static uint32_t *pool_link(const void *heap, uint32_t id)
{
    return &pool_at(heap, id)->next;
}

static void pool_create(struct pool *pool, struct perfpool_heap *heap, uint32_t id)
{
    struct arena *arena = &heap->arena;
    pool->base = arena->base;
    pool->states = arena->states;
    pool->headers = arena->headers;
    pool->records = arena->records;
    pool->lines = arena_lines(arena);
    pool->heap = heap;
    pool->token = id << HEADER_ARGUMENT_SHIFT;
    pool->remote_state = (heap->flags & PERFPOOL_CHECK_REMOTE) != 0 ? STATE_SENT : STATE_LIVE;
    pool->zero = (heap->flags & PERFPOOL_NO_ZERO) == 0;
    pool->classes = heap->classes;
    pool->last_class = N_CLASSES;
    pool->guess = GUESS_NONE;
    pool->guess_free = &pool->bins[0].free;
    pool->live = STATE_LIVE;
    const uint64_t all = (uint64_t)arena->n_spans << SPAN_SHIFT;
    for (uint32_t class = 0; class < N_CLASSES; class ++) {
        pool->bins[class].free.header = pool->token | class;
        pool->most[class] = bin_most(&heap->classes[class], all < arena->limit ? all : arena->limit);
    }
    store_relaxed_32(&pool->id, id);
}

/* Whether the pool's own blocks are long ones, of which two magazines of each class are more than stays in the caches. Blocks are
 * counted, not magazines, of which long ones fill more; and there are two bounds, or bins would change to and fro. */
static void note_length(struct pool *pool, uint32_t class, uint32_t blocks)
{
    pool->noted += blocks;
    pool->noted_lines += blocks * pool->classes[class].lines;
    if (pool->noted >= NOTED_MAX) {
        pool->noted /= 2;
        pool->noted_lines /= 2;
    }
    pool->long_ones = pool->noted_lines >= pool->noted * (pool->long_ones ? MEAN_SHORT : MEAN_LONG);
}

void pool_note_change(struct pool *pool, uint32_t class, uint32_t blocks)
{
    if (pool->own_streak < GUESS_STREAK)
        pool->own_streak++;
    else
        pool->n_own = N_CLASSES;
    note_length(pool, class, blocks);
    if (pool->last_class != class) {
        pool->last_class = (uint8_t) class;
        pool->streak = 0;
        pool->guess = GUESS_NONE;
    } else if (pool->streak < GUESS_STREAK) {
        pool->streak++;
    } else {
        pool->guess = pool->token | class;
        pool->guess_free = &pool->bins[class].free;
    }
}

static struct pool *unbound_pop(struct perfpool_heap *heap, uint32_t which)
{
    uint32_t id = index_stack_pop(&heap->unbound[which & 1], heap, pool_link);
    return id != 0 ? pool_at(heap, id) : NULL;
}

static struct pool *pool_adopt(struct perfpool_heap *heap)
{
    uint32_t swept = load_relaxed_32(&heap->swept);
    struct pool *pool = unbound_pop(heap, swept ^ 1); /* what a thread left last is there */
    return pool != NULL ? pool : unbound_pop(heap, swept);
}

struct pool *pool_sweep(struct perfpool_heap *heap)
{
    uint32_t swept = load_relaxed_32(&heap->swept);
    struct pool *pool = unbound_pop(heap, swept ^ 1);
    if (pool == NULL)
        store_relaxed_32(&heap->swept, swept ^ 1);
    return pool;
}

struct pool *pool_acquire(struct perfpool_heap *heap)
{
    struct pool *pool = pool_adopt(heap);
    if (pool != NULL) {
        PROBE_ADOPT(heap, pool->id);
        return pool;
    }
    struct arena *arena = &heap->arena;
    uint32_t index = arena_extend(arena, arena->pools, POOL_STRIDE, &heap->n_pools, 1, arena->pools_max);
    if (index == ARENA_NONE)
        return NULL;
    pool = pool_at(heap, index + 1);
    pool_create(pool, heap, index + 1);
    return pool;
}

/* What is left of a foreign allocating magazine goes to its owner's inbox, checked. */
static void return_foreign(struct pool *pool, struct bin *bin, uint32_t class)
{
    if (bin->allocate_base == NULL || magazine_of(bin->allocate_base)->owner == 0)
        return;
    struct magazine *magazine = magazine_of(bin->allocate_base);
    store_relaxed_16(&magazine->count, (uint16_t)(bin->allocate_top - bin->allocate_base));
    magazine->class = (uint8_t) class;
    store_relaxed_8(&magazine->kind, MAGAZINE_RETURN);
    inbox_post(&pool->heap->magazines, pool_at(pool->heap, magazine->owner), magazine);
    bin->allocate_base = bin->allocate_top = NULL;
}

static void unbind(struct pool *pool, bool seen)
{
    struct perfpool_heap *heap = pool->heap;
    uint32_t swept = load_relaxed_32(&heap->swept) & 1;
    SEEDED(unbind_outbox, outbox_post_all(pool), (void)0);
    for (uint32_t class = 0; class < N_CLASSES; class ++)
        return_foreign(pool, &pool->bins[class], class);
    large_give_back(pool); /* blocks of any length may need it, and the next thread may have no large ones */
    SEEDED(unbind_record, store_relaxed_ptr(&pool->record, NULL), (void)0); /* before it is anybody's */
    index_stack_push(&heap->unbound[seen ? swept : swept ^ 1], heap, pool_link, pool->id);
    MISPLACED(unbind_record, store_relaxed_ptr(&pool->record, NULL));
}

void pool_release(struct pool *pool)
{
    unbind(pool, false);
}

void pool_release_swept(struct pool *pool)
{
    unbind(pool, true);
}

bool pool_take(struct pool *pool, uint32_t class, uint32_t *line, uint32_t *clear, struct fault_list *faults)
{
    struct bin *bin = &pool->bins[class];
    if (bin->allocate_top == bin->allocate_base && !refill(pool, class, faults)) {
        /* No magazine to be had, but perhaps a block. */
        bool fresh = false;
        if (span_collect(pool, class, line, 1) == 0 && span_cut(pool, class, line, 1, &fresh) == 0)
            return false;
        *clear = pool->zero && !fresh ? (uint32_t)size_class_bytes(&pool->classes[class]) : 0;
        return true;
    }
    *line = *--bin->allocate_top;
    *clear = extra_clear(bin->extra);
    return true;
}

static uint32_t give_home(struct pool *pool, uint32_t class, const uint32_t *lines, uint32_t n)
{
    uint32_t spans = 0;
    for (uint32_t i = 0; i < n; i++)
        spans += span_home(pool, class, lines[i]);
    return spans;
}

static uint32_t bin_give_back(struct pool *pool, struct bin *bin, uint32_t class)
{
    uint32_t spans = 0;
    struct magazine_store *store = &pool->heap->magazines;
    return_foreign(pool, bin, class);
    if (bin->allocate_base != NULL) {
        spans += give_home(pool, class, bin->allocate_base, (uint32_t)(bin->allocate_top - bin->allocate_base));
        magazine_put(store, &pool->empties, magazine_of(bin->allocate_base));
        bin->allocate_base = bin->allocate_top = NULL;
    }
    if (bin->free.limit != NULL) {
        uint32_t *base = bin->free.limit - pool->classes[class].capacity;
        spans += give_home(pool, class, base, (uint32_t)(bin->free.top - base));
        magazine_put(store, &pool->empties, magazine_of(base));
        bin->free.top = bin->free.limit = NULL;
    }
    while (bin->full != 0) {
        struct magazine *magazine = magazine_at(store, bin->full);
        bin->full = magazine->chain;
        bin->n_full--;
        spans += give_home(pool, class, magazine->lines, magazine->count);
        magazine_put(store, &pool->empties, magazine);
    }
    bin->run = bin->peak = bin->demand = bin->refills = 0;
    return spans;
}

uint32_t pool_give_back(struct pool *pool)
{
    uint32_t spans = 0;
    for (uint32_t class = 0; class < N_CLASSES; class ++)
        spans += bin_give_back(pool, &pool->bins[class], class);
    return spans;
}

bool pool_return(struct perfpool_heap *heap, uint32_t line, uint32_t header, uint8_t expected)
{
    struct arena *arena = &heap->arena;
    uint32_t span = line >> SPAN_LINES_SHIFT;
    uint64_t *bits = &arena->words[span / WORD_SPANS].returned;
    uint64_t bit = (uint64_t)1 << span % WORD_SPANS;
    MISPLACED(return_early, fetch_or_64(bits, bit));
    if (!SEEDED(return_state, cas_8, split_cas_8)(&arena->states[line], &expected, STATE_RETURNED))
        return false;
    uint32_t *flag = &pool_at(heap, header >> HEADER_ARGUMENT_SHIFT)->inbox.returned;
    MISPLACED(return_flag, fetch_or_32(flag, 1));
    /* After the state: who finds the bit finds the block. */
    SEEDED(return_early, (void)SEEDED(return_bit, fetch_or_64, split_or_64)(bits, bit), (void)0);
    /* After the bit. Not a store: that would not hand on what another freer has released with it. */
    SEEDED(return_flag, (void)fetch_or_32(flag, 1), (void)0);
    return true;
}
