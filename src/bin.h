/*
 * Bins: a pool's own blocks of one class, and how their magazines go round: the one it allocates from, the one it frees into, full
 * ones. What comes from elsewhere is refill.c's. All of it is the owner's of the pool.
 */
#ifndef PERFPOOL_BIN_H
#define PERFPOOL_BIN_H

#include "mailbox.h"

/*
 * A pool's blocks of one class. The owner allocates from one magazine and frees into another: with a single one, free and allocate
 * would be one long chain of store-to-load forwarding. Both are empty (top == base, top == limit) until the slow path provides
 * them.
 */
struct bin {
    uint32_t *allocate_top, *allocate_base; /* takes *--top */
    struct cursor free;                     /* puts *top++ */
    uint16_t extra;                         /* what allocating from that magazine takes besides: see extra_clear, extra_rest */
    uint16_t n_full;                        /* magazines with blocks, */
    uint32_t full;                          /* linked by `chain` */
    uint32_t cut_span, partial;             /* span index + 1: being cut; list of spans with blocks at home */
    uint16_t refills;                       /* and the like, in the window of bin_note_demand */
    uint16_t run, peak, demand;             /* magazines used above the last low; most of that in the window, and lately */
} __attribute__((aligned(64)));

/* Of a bin's `extra`: bytes to clear in a block of the allocating magazine, which are whole lines; 0 if they are known to be zero
 * or need not be. */
static inline uint32_t extra_clear(uint32_t extra)
{
    return extra & ~(uint32_t)(LINE_SIZE - 1);
}

/*
 * Of a bin's `extra`, the rest: 0; or how many lines of the block that comes next to fetch ahead, at most AHEAD_MAX; or
 * EXTRA_NEWEST: the block that was freed last goes first, if one was freed.
 */
enum {
    AHEAD_MAX = 3,
    AHEAD_SPANS = 64, /* of a pool, up to which what it uses is in the caches anyway */
    EXTRA_NEWEST = 32,
    NEWEST_SPANS_MAX = 256, /* of a pool: 16 MiB, of which what it uses is a part */
    NEWEST_LINES_MIN = 128, /* of blocks that always go newest first */
    NEWEST_CHECK = 32       /* blocks between checks, each as good as a filled magazine for the guess */
};

static inline uint32_t extra_rest(uint32_t extra)
{
    return extra & (LINE_SIZE - 1);
}

/* Refills in a row that find few blocks freed and nothing else in the bin, until it gets a span more. */
enum { BIN_STARVED_MAX = 64 };

/* Whether a bin has blocks in its spans. */
static inline bool bin_has_in_spans(const struct bin *bin)
{
    return bin->partial != 0 || bin->cut_span != 0;
}

/* Blocks in the freeing magazine; `capacity` is the class's. */
static inline uint32_t bin_freed(const struct bin *bin, uint32_t capacity)
{
    return bin->free.limit != NULL ? (uint32_t)(bin->free.top - (bin->free.limit - capacity)) : 0;
}

/* Whether so many are too few to go round with, if the bin has others. */
static inline bool bin_few(uint32_t freed, uint32_t capacity)
{
    return freed < capacity / 4;
}

/* Most magazines that a bin may be found to need, in an arena of `size` bytes: see demand in struct bin. */
uint16_t bin_most(const struct size_class *class, uint64_t size);

/* Puts a held block of the pool into its bin; needs no memory. Owner. Lock-free, may call the system. */
void bin_put(struct pool *pool, uint32_t class, uint32_t line);

/* Files a magazine of held blocks, all of `class`, as a full one of its bin, or gives it home if the bin has enough. Owner.
 * Lock-free, may call the system. */
void bin_file(struct pool *pool, uint32_t class, struct magazine *magazine);

/*
 * The cheap half of refill: what the pool has in its bin, if nothing waits in its inbox. False: refill must do it. Owner.
 * Lock-free. For classes whose magazines hold few blocks the way here counts: see provide in slow_path.c.
 */
bool bin_refill(struct pool *pool, uint32_t class);

/* Its two halves, for refill: to allocate from what was freed; from a full magazine. False: there is none. Owner. Lock-free. */
bool bin_swap(struct pool *pool, uint32_t class);
bool bin_take_full(struct pool *pool, uint32_t class);

/* Keeps the bin's demand: a magazine more was needed than the freeing one. Owner. Wait-free. */
void bin_note_demand(struct pool *pool, uint32_t class);

/* Makes a magazine with `count` blocks the one a bin allocates from. `fresh`: they are known to be zero. `owner`: of its blocks, 0
 * if it is this pool. Owner. Wait-free. */
void bin_allocate_from(struct pool *pool, uint32_t class, struct magazine *magazine, uint32_t count, bool fresh, uint16_t owner);

/*
 * After each NEWEST_CHECK blocks that were allocated as EXTRA_NEWEST says, for no refill looks while that lasts: ends it when it
 * would not be begun now, and when blocks have come home, for then a refill has something to do; and gives home what the bin need
 * not keep any more. Owner. Lock-free, may call the system.
 */
void bin_check_newest(struct pool *pool, struct bin *bin);

#endif
