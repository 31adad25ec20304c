/*
 * Magazines: fixed arrays of blocks that move between lists and between threads as one.
 *
 * They lie in a region of the heap that stays mapped as long as the heap, are named by index (0 is none) and belong to nobody:
 * whoever popped one from a stack or took it from a list of its own pool holds it. Blocks are named by the arena line they start
 * at.
 *
 * A magazine is unchecked (on its way home, its blocks still live) or checked (its blocks held), never both. Its `kind` says:
 * - EMPTY: in a chain of empties; the rest means nothing.
 * - TRIMMED: an empty in a trim's hands.
 * - OUTBOX: unchecked, being filled by a pool's outbox, which knows how far.
 * - POSTED: unchecked, in `owner`'s inbox or just taken from it; `count` blocks of class `class`, or of several (CLASS_MIXED).
 * - RETURN: checked, in `owner`'s inbox: foreign blocks that the taker did not use.
 * - BIN: checked, in a bin; while allocated from, `owner` is the pool of its blocks, 0 if that is the bin's.
 *
 * The holder writes all fields; `kind`, `count` and `lines` are read by statistics at any time.
 */
#ifndef PERFPOOL_MAGAZINE_H
#define PERFPOOL_MAGAZINE_H

#include "arena.h"
#include "index_stack.h"

enum magazine_kind { MAGAZINE_EMPTY, MAGAZINE_TRIMMED, MAGAZINE_OUTBOX, MAGAZINE_POSTED, MAGAZINE_RETURN, MAGAZINE_BIN };
enum { CLASS_MIXED = 0xff, CHAIN_LENGTH = 16 };

struct magazine {
    uint32_t next;  /* link of the stack it is on */
    uint32_t chain; /* link of its holder's list, or of its chain of empties */
    uint16_t owner; /* pool */
    uint16_t count;
    uint8_t class;
    uint8_t kind;
    uint16_t unused;
    uint32_t lines[MAGAZINE_CAPACITY];
};
_Static_assert(sizeof(struct magazine) == MAGAZINE_STRIDE, "a magazine is whole lines and its index a shift away");

/* The heap's magazines. Constant but for `high` and `pile`, which are any thread's. */
struct magazine_store {
    struct arena *arena;
    struct magazine *all;                        /* index 0 is not used */
    uint32_t high __attribute__((aligned(128))); /* indices below are committed */
    uint32_t trimming;                           /* 1 while a trim has the pile in hand; others do without, nobody waits */
    struct index_stack pile __attribute__((aligned(128))); /* chains of CHAIN_LENGTH empties, by their first */
};

/* A pool's empties. The pool's owner only. */
struct magazine_cache {
    uint32_t loose, n_loose; /* a chain being taken from and put to */
    uint32_t spare;          /* a whole chain, or 0 */
};

void magazine_store_create(struct magazine_store *store, struct arena *arena);

static inline struct magazine *magazine_at(const struct magazine_store *store, uint32_t index)
{
    return &store->all[index];
}

static inline uint32_t magazine_index(const struct magazine_store *store, const struct magazine *magazine)
{
    return (uint32_t)(magazine - store->all);
}

/* The magazine whose blocks begin at `lines`, as bins point to them. */
static inline struct magazine *magazine_of(uint32_t *lines)
{
    return (struct magazine *)(void *)((char *)lines - offsetof(struct magazine, lines));
}

/* Whether this is the first place of a magazine: they lie at multiples of their stride. */
static inline bool magazine_begins_at(const uint32_t *place)
{
    return (uintptr_t)place % MAGAZINE_STRIDE == offsetof(struct magazine, lines);
}

/* Whether there is a block below this place of a magazine, which is not behind the last one of the stride; NULL: no. */
static inline bool magazine_has_below(const uint32_t *place)
{
    return (uintptr_t)place % MAGAZINE_STRIDE > offsetof(struct magazine, lines);
}

/* Fetches all lines of a magazine that another core wrote to last, at once rather than one after the other. */
static inline void magazine_prefetch(const struct magazine *magazine)
{
    for (size_t at = LINE_SIZE; at < sizeof *magazine; at += LINE_SIZE)
        __builtin_prefetch((const char *)magazine + at, 1);
}

/* Link of magazine `index` of a store's array, for index_stack. */
static inline uint32_t *magazine_link(const void *all, uint32_t index)
{
    return &((struct magazine *)(uintptr_t)all)[index].next;
}

/* Fills an empty cache from the pile or the region; false if no magazine can be had. Lock-free, may call the system. */
bool magazine_cache_fill(struct magazine_store *store, struct magazine_cache *cache);

/* Makes room in a cache whose chain is full: it becomes the spare one, and the one that was goes to the pile. Lock-free. */
void magazine_cache_shed(struct magazine_store *store, struct magazine_cache *cache);

/* An empty magazine: from the cache, the pile or the region; NULL if none can be had. Lock-free, may call the system. */
static inline struct magazine *magazine_take(struct magazine_store *store, struct magazine_cache *cache)
{
    if (cache->loose == 0 && !magazine_cache_fill(store, cache))
        return NULL;
    struct magazine *magazine = magazine_at(store, cache->loose);
    cache->loose = magazine->chain;
    cache->n_loose--;
    magazine->chain = 0;
    return magazine;
}

/* Puts an empty magazine into the cache. Lock-free. */
static inline void magazine_put(struct magazine_store *store, struct magazine_cache *cache, struct magazine *magazine)
{
    store_relaxed_8(&magazine->kind, MAGAZINE_EMPTY);
    if (cache->n_loose >= CHAIN_LENGTH)
        magazine_cache_shed(store, cache);
    magazine->chain = cache->loose;
    cache->loose = magazine_index(store, magazine);
    cache->n_loose++;
}

/*
 * Gives back the memory of the highest magazines, as far as they are all empties of the pile or of `cache`, where that is safe. By
 * the holder of the cache; concurrently with everything. Lock-free, calls the system.
 */
void magazine_store_trim(struct magazine_store *store, struct magazine_cache *cache);

/* Moves a cache's empties to the pile. Lock-free. */
void magazine_cache_flush(struct magazine_store *store, struct magazine_cache *cache);

#endif
