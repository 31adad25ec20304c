#include "magazine.h"
#include "seed.h"

enum {
    GROWTH = 8,
    CHAINS_MAX = 16,                         /* opened by one call: 256 KiB */
    TRIM_UNIT = (64 << 10) / MAGAZINE_STRIDE /* no system has larger pages */
};

void magazine_store_create(struct magazine_store *store, struct arena *arena)
{
    store->arena = arena;
    store->all = (struct magazine *)arena->magazines;
    store->high = 0;
    store->pile.head = 0;
}

/*
 * Makes a chain of the CHAIN_LENGTH new magazines from `first` on; returns its first. It begins somewhere among them, in each heap
 * elsewhere, as far as its pools are shifted: see table_shift.
 */
static uint32_t link_chain(struct magazine_store *store, uint32_t first)
{
    uint32_t begin = (uint32_t)((uintptr_t)store->arena->pools / MAGAZINE_STRIDE);
    uint32_t chain = 0;
    for (uint32_t i = CHAIN_LENGTH; i-- > 0;) {
        uint32_t index = first + (begin + i) % CHAIN_LENGTH;
        if (index == 0)
            continue; /* 0 is no magazine */
        magazine_at(store, index)->chain = chain;
        store_relaxed_8(&magazine_at(store, index)->kind, MAGAZINE_EMPTY);
        chain = index;
    }
    return chain;
}

/*
 * Opens new magazines of the region; returns a chain of them, or 0. One more chain for every GROWTH there are goes to the pile: the
 * memory's first touch is what takes long here, so few calls shall meet it. Any thread. Lock-free, calls the system.
 */
static uint32_t new_chain(struct magazine_store *store)
{
    struct arena *arena = store->arena;
    uint32_t n = 1 + load_relaxed_32(&store->high) / (GROWTH * CHAIN_LENGTH);
    uint32_t first;
    if (n > CHAINS_MAX)
        n = CHAINS_MAX;
    while ((first = arena_extend(arena, arena->magazines, MAGAZINE_STRIDE, &store->high, n * CHAIN_LENGTH, arena->magazines_max)) ==
           ARENA_NONE) {
        if (n == 1)
            return 0;
        n = 1; /* there may be room for that */
    }
    while (--n > 0)
        index_stack_push(&store->pile, store->all, magazine_link, link_chain(store, first + n * CHAIN_LENGTH));
    return link_chain(store, first);
}

bool magazine_cache_fill(struct magazine_store *store, struct magazine_cache *cache)
{
    uint32_t chain = cache->spare;
    cache->spare = 0;
    if (chain == 0)
        chain = index_stack_pop(&store->pile, store->all, magazine_link);
    if (chain == 0)
        chain = new_chain(store);
    if (chain == 0)
        return false;
    cache->loose = chain;
    cache->n_loose = CHAIN_LENGTH;
    return true;
}

void magazine_cache_shed(struct magazine_store *store, struct magazine_cache *cache)
{
    if (cache->spare != 0)
        index_stack_push(&store->pile, store->all, magazine_link, cache->spare);
    cache->spare = cache->loose;
    cache->loose = 0;
    cache->n_loose = 0;
}

void magazine_cache_flush(struct magazine_store *store, struct magazine_cache *cache)
{
    if (cache->spare != 0)
        index_stack_push(&store->pile, store->all, magazine_link, cache->spare);
    if (cache->loose != 0)
        index_stack_push(&store->pile, store->all, magazine_link, cache->loose);
    *cache = (struct magazine_cache){0, 0, 0};
}

/* Takes all empties of the pile in hand, marked TRIMMED. */
static void trim_hold(struct magazine_store *store)
{
    for (;;) {
        uint32_t index = index_stack_pop(&store->pile, store->all, magazine_link);
        if (index == 0)
            return;
        for (; index != 0; index = magazine_at(store, index)->chain)
            store_relaxed_8(&magazine_at(store, index)->kind, MAGAZINE_TRIMMED);
    }
}

static void mark(struct magazine_store *store, uint32_t from, uint32_t to, enum magazine_kind kind)
{
    for (uint32_t i = from == 0 ? 1 : from; i < to; i++)
        store_relaxed_8(&magazine_at(store, i)->kind, (uint8_t)kind);
}

/* Gives back [keep, high), all of them in hand; false if others have taken new ones meanwhile, and then nothing of them is lost. */
static bool trim_above(struct magazine_store *store, uint32_t keep, uint32_t high)
{
    uint32_t end = high / TRIM_UNIT * TRIM_UNIT;
    /* First the memory and the kinds, then the mark: below the mark they are ours alone, above it anybody's. */
    if (end <= keep ||
        !SEEDED(pile_memory, os_decommit(&store->arena->range, store->all + keep, (size_t)(end - keep) * MAGAZINE_STRIDE), true))
        return false;
    SEEDED(pile_kinds, mark(store, end, high, MAGAZINE_EMPTY), (void)0);
    uint32_t now = high;
    if (SEEDED(pile_mark, cas_32, split_cas_32)(&store->high, &now, keep)) {
        MISPLACED(pile_memory, os_decommit(&store->arena->range, store->all + keep, (size_t)(end - keep) * MAGAZINE_STRIDE));
        MISPLACED(pile_kinds, mark(store, end, high, MAGAZINE_EMPTY));
        arena_refund(store->arena, (uint64_t)(high - keep) * MAGAZINE_STRIDE);
        return true;
    }
    mark(store, keep, high, SEEDED(pile_keep, MAGAZINE_TRIMMED, MAGAZINE_EMPTY));
    return false;
}

void magazine_store_trim(struct magazine_store *store, struct magazine_cache *cache)
{
    uint32_t trimming = 0;
    if (!OS_DECOMMITTED_READABLE || !SEEDED(pile_trimming, cas_32, split_cas_32)(&store->trimming, &trimming, 1))
        return; /* another thread is at it: two would take each other's for their own */
    magazine_cache_flush(store, cache);
    SEEDED(pile_high, trim_hold(store), (void)0);
    uint32_t high = load_acquire_32(&store->high); /* after that: all in hand are below it */
    MISPLACED(pile_high, trim_hold(store));
    uint32_t keep = high;
    while (keep > 1 && load_relaxed_8(&magazine_at(store, keep - 1)->kind) == MAGAZINE_TRIMMED)
        keep--;
    keep = keep <= 1 ? 0 : (keep + TRIM_UNIT - 1) / TRIM_UNIT * TRIM_UNIT;
    if (keep < high && trim_above(store, keep, high))
        high = keep;
    for (uint32_t i = 1; i < high; i++)
        if (load_relaxed_8(&magazine_at(store, i)->kind) == MAGAZINE_TRIMMED)
            magazine_put(store, cache, magazine_at(store, i));
    store_release_32(&store->trimming, 0);
}
