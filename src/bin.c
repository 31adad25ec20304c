#include "bin.h"

#include "drain.h"
#include "span.h"

enum {
    DEMAND_WINDOW = 64,
    DEMAND_BYTES_MAX = 4 << 20,
    DEMAND_BYTES_MAX_LONG = 16 << 20,
    DEMAND_SHARE = 16,
    LONG_BYTES_MIN = 4 << 10
};

/* What goes round once per magazine: of 4 KiB blocks that is each eighth call, and there half of its instructions were here. */
#define OFTEN static inline __attribute__((always_inline))

OFTEN struct magazine_store *store_of(const struct pool *pool)
{
    return &pool->heap->magazines;
}

/*
 * What allocating takes besides.
 *
 * Where blocks of the pool's own are freed in changing sizes: while the pool has few spans its live blocks are in the caches, and
 * what was freed last as well; but all the blocks that go round through two magazines of each class need not be, if blocks are long
 * in the mean. So they are allocated newest first, in all bins: where that depends on the class, a branch goes either way. With
 * short ones it costs more than it saves. Of many spans the next block of each size has not been touched for a while, and is
 * fetched ahead: as many lines as it takes until the processor sees where the caller is going, but none of another block, for
 * somebody may be counting in that.
 *
 * The longest ones always go newest first: to touch them costs so much more in the next cache that even one size that comes and
 * goes is better off with the same block.
 */
OFTEN uint32_t rest_of_extra(const struct pool *pool, const struct size_class *facts)
{
    if (facts->lines >= NEWEST_LINES_MIN)
        return EXTRA_NEWEST;
    if (pool->n_own == 0 || pool->guess != GUESS_NONE)
        return 0;
    if (pool->long_ones && pool->spans <= NEWEST_SPANS_MAX)
        return EXTRA_NEWEST;
    if (pool->spans <= AHEAD_SPANS)
        return 0;
    return facts->lines < AHEAD_MAX ? facts->lines : AHEAD_MAX;
}

OFTEN void allocate_from(const struct pool *pool, struct bin *bin, const struct size_class *facts, struct magazine *magazine,
                         uint32_t count, bool fresh, uint16_t owner)
{
    store_relaxed_8(&magazine->kind, MAGAZINE_BIN);
    magazine->owner = owner;
    bin->allocate_base = magazine->lines;
    bin->allocate_top = magazine->lines + count;
    bin->free.starved = 0;
    bin->free.until_check = NEWEST_CHECK;
    uint32_t rest = rest_of_extra(pool, facts);
    if ((pool->zero && fresh) || owner != 0) /* no magazine of another owner's blocks shall wait while others are taken */
        rest &= ~(uint32_t)EXTRA_NEWEST;
    /* Fresh ones need not be cleared; what was freed meanwhile would have to be. */
    bin->extra = (uint16_t)((pool->zero && !fresh ? size_class_bytes(facts) : 0) + rest);
}

void bin_allocate_from(struct pool *pool, uint32_t class, struct magazine *magazine, uint32_t count, bool fresh, uint16_t owner)
{
    allocate_from(pool, &pool->bins[class], &pool->classes[class], magazine, count, fresh, owner);
}

/*
 * Step 2 of refill: allocate from the magazine the bin freed into, and free into the one it allocated from. Less than half full it
 * waits until the bin has no full one: where some of the blocks allocated are not freed here, each swap would find fewer than the
 * last, down to one, and each is a refill. Less than a quarter full it waits for what the bin has in its spans as well: else the
 * same few blocks would go round where as many are freed as allocated.
 */
OFTEN bool swap(struct pool *pool, struct bin *bin, uint32_t class)
{
    if (bin->free.limit == NULL)
        return false; /* and the empty pool of a thread without one has nothing else to read */
    const struct size_class *facts = &pool->classes[class];
    const uint32_t capacity = facts->capacity;
    const uint32_t count = bin_freed(bin, capacity);
    uint16_t starved = 0;
    if (count < capacity / 2) {
        if (count == 0 || bin->full != 0 || (bin_few(count, capacity) && bin_has_in_spans(bin)))
            return false;
        if (bin_few(count, capacity))
            starved = bin->free.starved + 1;
    }
    uint32_t *empty = bin->allocate_base;
    allocate_from(pool, bin, facts, magazine_of(bin->free.limit - capacity), count, false, 0);
    bin->free.starved = starved;
    bin->free.top = empty;
    bin->free.limit = empty != NULL ? empty + capacity : NULL;
    pool_note_own(pool, class, count);
    return true;
}

bool bin_swap(struct pool *pool, uint32_t class)
{
    return swap(pool, &pool->bins[class], class);
}

/* Step 3: a full magazine of the bin. */
OFTEN bool take_full(struct pool *pool, struct bin *bin, uint32_t class)
{
    if (bin->full == 0)
        return false;
    if (bin->allocate_base != NULL)
        magazine_put(store_of(pool), &pool->empties, magazine_of(bin->allocate_base));
    struct magazine *magazine = magazine_at(store_of(pool), bin->full);
    bin->full = magazine->chain;
    bin->n_full--;
    allocate_from(pool, bin, &pool->classes[class], magazine, magazine->count, false, 0);
    return true;
}

bool bin_take_full(struct pool *pool, uint32_t class)
{
    return take_full(pool, &pool->bins[class], class);
}

/*
 * Of long blocks more, as the way to a span and back is for a few of them only, where the heap is large enough: an idle thread
 * keeps its own.
 */
uint16_t bin_most(const struct size_class *class, uint64_t size)
{
    uint32_t bytes = (uint32_t)size_class_bytes(class);
    uint64_t most = DEMAND_BYTES_MAX;
    if (bytes >= LONG_BYTES_MIN) {
        uint64_t share = size / DEMAND_SHARE;
        most = share < most ? most : share < DEMAND_BYTES_MAX_LONG ? share : DEMAND_BYTES_MAX_LONG;
    }
    return (uint16_t)(most / (class->capacity * bytes));
}

/* A refill of the window has passed. At its end the demand is what was needed in it, or all but an eighth of what it was. */
OFTEN void pass_window(struct bin *bin)
{
    if (++bin->refills >= DEMAND_WINDOW + 2 * bin->demand) {
        uint16_t less = (uint16_t)(bin->demand - (bin->demand + 7) / 8);
        bin->demand = bin->peak > less ? bin->peak : less;
        bin->peak = bin->run;
        bin->refills = 0;
    }
}

/*
 * Keeps the bin's demand: the most magazines it used above its low, lately. Lately is a window of refills that has room for two of
 * the largest swings seen; a window without such a swing lets an eighth of the demand go.
 */
OFTEN void note_demand(const struct pool *pool, struct bin *bin, uint32_t class)
{
    if (bin->run < pool->most[class])
        bin->run++;
    if (bin->run > bin->peak)
        bin->peak = bin->run;
    if (bin->peak > bin->demand)
        bin->demand = bin->peak;
    pass_window(bin);
}

void bin_note_demand(struct pool *pool, uint32_t class)
{
    note_demand(pool, &pool->bins[class], class);
}

bool bin_refill(struct pool *pool, uint32_t class)
{
    struct bin *bin = &pool->bins[class];
    if (has_come_home(pool) || bin->free.starved >= BIN_STARVED_MAX)
        return false;
    if (swap(pool, bin, class))
        return true; /* its blocks were never filed as surplus: no demand */
    if (!take_full(pool, bin, class))
        return false;
    note_demand(pool, bin, class);
    store_relaxed_32(&pool->refills, pool->refills + 1);
    return true;
}

/* Full magazines that a bin may keep. */
OFTEN uint32_t keeps(const struct pool *pool, const struct bin *bin, uint32_t class)
{
    const uint32_t least = pool->classes[class].keep;
    return bin->demand > least ? bin->demand : least;
}

/* Gives full magazines home that the bin need not keep, at most `most` of them, so that no call pays for all. */
static __attribute__((noinline)) void shed(struct pool *pool, struct bin *bin, uint32_t class, uint32_t most)
{
    const uint32_t keep = keeps(pool, bin, class);
    for (uint32_t i = 0; i < most && bin->n_full > keep; i++) {
        struct magazine *surplus = magazine_at(store_of(pool), bin->full);
        bin->full = surplus->chain;
        bin->n_full--;
        for (uint32_t k = 0; k < surplus->count; k++)
            span_home(pool, class, surplus->lines[k]);
        magazine_put(store_of(pool), &pool->empties, surplus);
    }
}

OFTEN void file(struct pool *pool, struct bin *bin, uint32_t class, struct magazine *magazine)
{
    store_relaxed_8(&magazine->kind, MAGAZINE_BIN);
    magazine->chain = bin->full;
    bin->full = magazine_index(store_of(pool), magazine);
    bin->n_full++;
    if (bin->n_full > keeps(pool, bin, class))
        shed(pool, bin, class, 2); /* one in, at most two home: the surplus shrinks when the demand has */
}

void bin_file(struct pool *pool, uint32_t class, struct magazine *magazine)
{
    file(pool, &pool->bins[class], class, magazine);
}

void bin_check_newest(struct pool *pool, struct bin *bin)
{
    const uint32_t class = (uint32_t)(bin - pool->bins);
    bin->free.until_check = NEWEST_CHECK;
    pool_note_own(pool, class, NEWEST_CHECK);
    store_relaxed_32(&pool->refills, pool->refills + 1); /* or it would look idle */
    pass_window(bin);                                    /* or what a burst has left would be kept */
    if (bin->n_full > keeps(pool, bin, class))
        shed(pool, bin, class, 1);
    if (rest_of_extra(pool, &pool->classes[class]) != EXTRA_NEWEST || has_come_home(pool))
        bin->extra -= EXTRA_NEWEST;
}

/* Puts a block where the cursor says, which has room. */
OFTEN void put(struct bin *bin, uint32_t line)
{
    store_relaxed_32(bin->free.top++, line); /* statistics may look */
}

/*
 * For a full freeing magazine where the newest goes first: it is allocated from when the next one, which is empty now, has no block
 * left, and after it what was allocated from so far. So all of the bin's blocks go in the order in which they were freed, the last
 * one first.
 */
static __attribute__((noinline)) bool put_on_top(struct pool *pool, struct bin *bin, uint32_t class, uint32_t line)
{
    const struct size_class *facts = &pool->classes[class];
    struct magazine *older = magazine_of(bin->allocate_base);
    struct magazine *empty = magazine_take(store_of(pool), &pool->empties);
    if (empty == NULL)
        return false;
    store_relaxed_8(&empty->kind, MAGAZINE_BIN);
    store_relaxed_16(&older->count, (uint16_t)(bin->allocate_top - bin->allocate_base));
    older->class = (uint8_t) class;
    allocate_from(pool, bin, facts, magazine_of(bin->free.limit - facts->capacity), facts->capacity, false, 0);
    bin->free.top = empty->lines;
    bin->free.limit = empty->lines + facts->capacity;
    put(bin, line);
    pool_note_own(pool, class, facts->capacity);
    if (bin->run > 0)
        bin->run--;
    file(pool, bin, class, older);
    return true;
}

/*
 * For a full freeing magazine: it is allocated from at once, and frees go on top of what is left in the other, the first one with
 * `line`. So what was freed last goes first, and where as many blocks are freed as allocated no other refill is needed. False if
 * the other one is full, too (but see put_on_top), or holds another owner's blocks, or some wait in the inbox: then the next
 * allocation shall find it empty.
 */
OFTEN bool turn_round(struct pool *pool, struct bin *bin, uint32_t class, uint32_t line)
{
    const struct size_class *facts = &pool->classes[class];
    const uint32_t capacity = facts->capacity;
    uint32_t *base = bin->allocate_base;
    uint32_t *top = bin->allocate_top;
    const bool newest = extra_rest(bin->extra) == EXTRA_NEWEST;
    if (base == NULL || (top == base + capacity && !newest) || magazine_of(base)->owner != 0 || has_come_home(pool))
        return false;
    if (newest && top != base && put_on_top(pool, bin, class, line))
        return true;
    if (top == base + capacity)
        return false;
    allocate_from(pool, bin, facts, magazine_of(bin->free.limit - capacity), capacity, false, 0);
    bin->free.top = top;
    bin->free.limit = base + capacity;
    put(bin, line);
    pool_note_own(pool, class, capacity);
    store_relaxed_32(&pool->refills, pool->refills + 1);
    pass_window(bin);
    if (bin->n_full > keeps(pool, bin, class))
        shed(pool, bin, class, 1);
    return true;
}

/* Files the freeing magazine, if there is one, and provides an empty one; false if there is none. */
OFTEN bool change_freed(struct pool *pool, struct bin *bin, uint32_t class)
{
    struct magazine *empty = magazine_take(store_of(pool), &pool->empties);
    if (empty == NULL)
        return false;
    const uint32_t capacity = pool->classes[class].capacity;
    uint32_t *limit = bin->free.limit;
    store_relaxed_8(&empty->kind, MAGAZINE_BIN);
    bin->free.top = empty->lines;
    bin->free.limit = empty->lines + capacity;
    if (limit == NULL) {
        pool_note_own(pool, class, 0);
        return true;
    }
    pool_note_own(pool, class, capacity);
    struct magazine *full = magazine_of(limit - capacity);
    store_relaxed_16(&full->count, (uint16_t)capacity);
    full->class = (uint8_t) class;
    if (bin->run > 0)
        bin->run--;
    file(pool, bin, class, full);
    return true;
}

void bin_put(struct pool *pool, uint32_t class, uint32_t line)
{
    struct bin *bin = &pool->bins[class];
    const bool full = bin->free.top == bin->free.limit;
    if (full && bin->free.limit != NULL && turn_round(pool, bin, class, line))
        return;
    if (full && !change_freed(pool, bin, class))
        span_home(pool, class, line);
    else
        put(bin, line);
}
