/*
 * Refill: where a bin's next magazine comes from, once per magazine.
 */
#include "drain.h"
#include "probes.h"
#include "seed.h"
#include "span.h"
#include "trim.h"

enum {
    LOOKS = 16,
    FEW_MAX = 4,
    DRAIN_MAX = 4,
    DRAIN_MAX_SHORT = 16,
    DRAIN_BLOCKS_MIN = 32,
    DRAIN_MORE = 2,
    DRAIN_MANY = 32,
    STARVED_MAX = 64,
    TAG_IDLE = 4,
    DEMAND_WINDOW = 64,
    DEMAND_BYTES_MAX = 4 << 20,
    DEMAND_BYTES_MAX_LONG = 16 << 20,
    DEMAND_SHARE = 16,
    LONG_BYTES_MIN = 4 << 10,
    KEEP_BYTES_MIN = 64 << 10
};

static struct magazine_store *store_of(const struct pool *pool)
{
    return &pool->heap->magazines;
}

/* The magazine a bin allocates from, which is empty now; a new one if it has none yet. NULL: none can be had. */
static struct magazine *allocating_magazine(struct pool *pool, struct bin *bin)
{
    if (bin->allocate_base == NULL)
        return magazine_take(store_of(pool), &pool->empties);
    return magazine_of(bin->allocate_base);
}

/*
 * What allocating takes besides where blocks of the pool's own are freed in changing sizes.
 *
 * While the pool has few spans its live blocks are in the caches, and what was freed last as well; but all the blocks that go round
 * through two magazines of each class need not be, if blocks are long in the mean. So they are allocated newest first, in all bins:
 * where that depends on the class, a branch goes either way. With short ones it costs more than it saves. Else the next block of
 * each size has not been touched for a while, and is fetched ahead: as many lines as it takes until the processor sees where the
 * caller is going, but none of another block, for somebody may be counting in that.
 */
static uint32_t rest_of_extra(const struct pool *pool, uint32_t class)
{
    uint32_t lines = pool->classes[class].lines;
    if (pool->n_own == 0 || pool->guess != GUESS_NONE)
        return 0;
    if (pool->spans <= NEWEST_SPANS_MAX)
        return pool->long_ones ? EXTRA_NEWEST : 0;
    return lines < AHEAD_MAX ? lines : AHEAD_MAX;
}

/* Makes a magazine the one a bin allocates from. `owner`: of its blocks, 0 if it is this pool. */
static void allocate_from(struct pool *pool, struct bin *bin, struct magazine *magazine, uint32_t count, uint32_t class, bool fresh,
                          uint16_t owner)
{
    store_relaxed_8(&magazine->kind, MAGAZINE_BIN);
    magazine->owner = owner;
    bin->allocate_base = magazine->lines;
    bin->allocate_top = magazine->lines + count;
    bin->free.starved = 0;
    bin->free.newest = NEWEST_MAX;
    uint32_t rest = rest_of_extra(pool, class);
    if (pool->zero && fresh) /* these need not be cleared; what was freed meanwhile would have to be */
        bin->extra = (uint16_t)(rest & ~(uint32_t)EXTRA_NEWEST);
    else
        bin->extra = (uint16_t)((pool->zero ? size_class_bytes(&pool->classes[class]) : 0) + rest);
}

/* Blocks in a bin's freeing magazine. */
static uint32_t freed_blocks(const struct pool *pool, uint32_t class)
{
    const struct cursor *free = &pool->bins[class].free;
    return free->limit != NULL ? (uint32_t)(free->top - (free->limit - pool->classes[class].capacity)) : 0;
}

/* Whether those are too few to go round with, if the bin has others. */
static bool few_freed(const struct pool *pool, uint32_t class)
{
    return freed_blocks(pool, class) < pool->classes[class].capacity / 4;
}

/* Whether a bin has blocks in its spans. */
static bool has_in_spans(const struct bin *bin)
{
    return bin->partial != 0 || bin->cut_span != 0;
}

/* Whether a bin has blocks besides those it allocates from. */
static bool has_at_hand(const struct pool *pool, uint32_t class)
{
    const struct bin *bin = &pool->bins[class];
    return freed_blocks(pool, class) != 0 || bin->full != 0 || has_in_spans(bin);
}

/*
 * Step 2: allocate from the magazine the bin freed into, and free into the one it allocated from. Less than half full it waits
 * until the bin has no full one: where some of the blocks allocated are not freed here, each swap would find fewer than the last,
 * down to one, and each is a refill. Less than a quarter full it waits for what the bin has in its spans as well: else the same
 * few blocks would go round where as many are freed as allocated.
 */
static bool swap_magazines(struct pool *pool, struct bin *bin, uint32_t class)
{
    if (bin->free.limit == NULL)
        return false; /* and the empty pool of a thread without one has nothing else to read */
    uint32_t capacity = pool->classes[class].capacity;
    struct magazine *freed = magazine_of(bin->free.limit - capacity);
    uint32_t count = freed_blocks(pool, class);
    bool few = few_freed(pool, class);
    if (count == 0 || (count < capacity / 2 && bin->full != 0) || (few && has_in_spans(bin)))
        return false;
    uint16_t starved = few ? bin->free.starved + 1 : 0;
    uint32_t *empty = bin->allocate_base;
    allocate_from(pool, bin, freed, count, class, false, 0);
    bin->free.starved = starved;
    bin->free.top = empty;
    bin->free.limit = empty != NULL ? empty + capacity : NULL;
    pool_note_own(pool, class, count);
    return true;
}

/* Step 3: a full magazine of the bin. */
static bool take_full(struct pool *pool, struct bin *bin, uint32_t class)
{
    if (bin->full == 0)
        return false;
    if (bin->allocate_base != NULL)
        magazine_put(store_of(pool), &pool->empties, allocating_magazine(pool, bin));
    struct magazine *magazine = magazine_at(store_of(pool), bin->full);
    bin->full = magazine->chain;
    bin->n_full--;
    allocate_from(pool, bin, magazine, magazine->count, class, false, 0);
    return true;
}

/* Step 4: blocks at home in a partly used span, else fresh ones. */
static bool take_from_spans(struct pool *pool, struct bin *bin, uint32_t class)
{
    if (!has_in_spans(bin))
        return false;
    struct magazine *magazine = allocating_magazine(pool, bin);
    if (magazine == NULL)
        return false;
    bool fresh = false;
    uint32_t capacity = pool->classes[class].capacity;
    uint32_t count = span_collect(pool, class, magazine->lines, capacity);
    if (count == 0)
        count = span_cut(pool, class, magazine->lines, capacity, &fresh);
    allocate_from(pool, bin, magazine, count, class, fresh, 0);
    return count > 0;
}

/* Allocates from an opened magazine of another owner's blocks. */
static bool allocate_foreign(struct pool *pool, struct bin *bin, struct magazine *magazine, uint32_t class,
                             struct fault_list *faults)
{
    uint32_t count = drain_open(pool, magazine, (uint32_t)magazine->owner << HEADER_ARGUMENT_SHIFT, faults);
    if (count == 0) {
        magazine_put(store_of(pool), &pool->empties, magazine);
        return false;
    }
    if (bin->allocate_base != NULL)
        magazine_put(store_of(pool), &pool->empties, allocating_magazine(pool, bin));
    allocate_from(pool, bin, magazine, count, class, false, magazine->owner);
    return true;
}

/*
 * Other owners' blocks on their way out. Where threads swap blocks there are always some, of every owner a few, and their states
 * lie between the states of blocks that others hold: to allocate from them moves more lines from core to core than to let them go
 * home. So only FEW_MAX times, then a span of its own makes up for what is under way.
 */
static bool take_outgoing(struct pool *pool, struct bin *bin, uint32_t class, struct fault_list *faults)
{
    struct magazine *magazine = fault_list_has_room(faults) && pool->outgoing_taken < FEW_MAX ? outbox_take(pool, class) : NULL;
    if (magazine == NULL)
        return false;
    pool->outgoing_taken++;
    return allocate_foreign(pool, bin, magazine, class, faults);
}

/* Whether a pool's owner has taken nothing home lately: no thread, no refill since the last look, or several magazines posted since
 * its last. */
static bool owner_idle(struct pool *pool)
{
    uint32_t refills = load_relaxed_32(&pool->refills);
    uint32_t tag = (uint32_t)(load_relaxed_64(&pool->inbox.stack.head) >> 32);
    bool idle = (uintptr_t)load_relaxed_ptr(&pool->record) <= POOL_DEAD || load_relaxed_32(&pool->looked) == refills ||
                tag - load_relaxed_32(&pool->refill_tag) >= TAG_IDLE;
    store_relaxed_32(&pool->looked, refills);
    return idle;
}

/* Step 5: a magazine of this class that waits in an idle owner's inbox. Its blocks keep their owner. */
static bool take_over(struct pool *pool, struct bin *bin, uint32_t class, struct fault_list *faults)
{
    uint32_t n_pools = load_acquire_32(&pool->heap->n_pools); /* pairs with the pool's making: it is committed */
    for (uint32_t i = 0; i < LOOKS && i < n_pools && fault_list_has_room(faults); i++) {
        struct pool *other = pool_at(pool->heap, pool->look % n_pools + 1);
        if (other != pool && !index_stack_empty(&other->inbox.stack) && owner_idle(other)) {
            struct magazine *magazine = inbox_take(store_of(pool), other);
            if (magazine != NULL && SEEDED(over_class, magazine->class == class, true)) {
                store_relaxed_64(&pool->magazines_taken_over, pool->magazines_taken_over + 1);
                if (allocate_foreign(pool, bin, magazine, class, faults))
                    return true;
            } else if (magazine != NULL) {
                SEEDED(over_repost, inbox_post(store_of(pool), other, magazine), (void)0);
            }
        }
        pool->look++;
    }
    return false;
}

/*
 * Most magazines a bin may be found to need. Of long blocks more, as the way to a span and back is for a few of them only, where
 * the heap is large enough: an idle thread keeps its own.
 */
static uint32_t demand_max(const struct arena *arena, const struct size_class *class)
{
    uint32_t bytes = (uint32_t)size_class_bytes(class);
    uint64_t most = DEMAND_BYTES_MAX;
    if (bytes >= LONG_BYTES_MIN) {
        uint64_t all = (uint64_t)arena->n_spans << SPAN_SHIFT;
        uint64_t share = (all < arena->limit ? all : arena->limit) / DEMAND_SHARE;
        most = share < most ? most : share < DEMAND_BYTES_MAX_LONG ? share : DEMAND_BYTES_MAX_LONG;
    }
    return (uint32_t)most / (class->capacity * bytes);
}

/* A refill of the window has passed. At its end the demand is what was needed in it, or all but an eighth of what it was. */
static void pass_window(struct bin *bin)
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
static void note_demand(const struct pool *pool, struct bin *bin, uint32_t class)
{
    if (bin->run < demand_max(&pool->heap->arena, &pool->classes[class]))
        bin->run++;
    if (bin->run > bin->peak)
        bin->peak = bin->run;
    if (bin->peak > bin->demand)
        bin->demand = bin->peak;
    pass_window(bin);
}

static bool refill_once(struct pool *pool, uint32_t class, struct fault_list *faults)
{
    struct bin *bin = &pool->bins[class];
    if (bin->free.starved >= STARVED_MAX) {
        bin->free.starved = 0;
        if (few_freed(pool, class) && bin->full == 0 && !has_in_spans(bin))
            (void)span_claim(pool, class); /* without one it goes on as it was */
    }
    if (swap_magazines(pool, bin, class))
        return true; /* its blocks were never filed as surplus: no demand */
    note_demand(pool, bin, class);
    if (take_full(pool, bin, class) || take_from_spans(pool, bin, class))
        return true;
    if (has_in_spans(bin))
        return false; /* there are blocks, but no magazine to put them in: pool_take hands them out singly */
    if (!fault_list_has_room(faults))
        return span_claim(pool, class) && take_from_spans(pool, bin, class);
    if (take_outgoing(pool, bin, class, faults))
        return true;
    if (take_over(pool, bin, class, faults))
        return true;
    pool->outgoing_taken = 0;
    return span_claim(pool, class) ? take_from_spans(pool, bin, class) : take_outgoing(pool, bin, class, faults);
}

bool refill_from_bin(struct pool *pool, uint32_t class)
{
    struct bin *bin = &pool->bins[class];
    if (has_come_home(pool) || bin->free.starved >= STARVED_MAX)
        return false;
    if (swap_magazines(pool, bin, class))
        return true;
    if (!take_full(pool, bin, class))
        return false;
    note_demand(pool, bin, class);
    store_relaxed_32(&pool->refills, pool->refills + 1);
    return true;
}

/*
 * Step 1: of the inbox one magazine, so that no refill takes much longer than another; up to DRAIN_MAX while the bin has nothing at
 * hand, and DRAIN_MORE each DRAIN_MANY-th time: else a backlog would stay where each refill finds another that was posted since the
 * last. With 32 blocks a magazine that is less than one call in a thousand. If they hold few blocks, more of them: where many
 * owners' blocks are freed each magazine has few, and one a refill would leave more behind each time, for ever.
 */
static void take_in(struct pool *pool, uint32_t class, struct fault_list *faults)
{
    const bool many = pool->refills % DRAIN_MANY == 0;
    uint32_t blocks = 0;
    for (uint32_t i = 1; i <= DRAIN_MAX_SHORT; i++) {
        uint32_t n = pool_drain(pool, faults);
        blocks += n;
        if (n == 0 || (blocks >= DRAIN_BLOCKS_MIN && i >= (!has_at_hand(pool, class) ? DRAIN_MAX : many ? DRAIN_MORE : 1)))
            return;
    }
}

/* Steps 1 to 7 of the design: inbox; swap; full magazine; spans at hand; outbox; idle owners; new span; outbox again; own surplus,
 * once. */
bool refill(struct pool *pool, uint32_t class, struct fault_list *faults)
{
    PROBE_REFILL(pool->heap, pool->id, class);
    store_relaxed_32(&pool->refills, pool->refills + 1);
    pool->lines = arena_lines(&pool->heap->arena);
    take_in(pool, class, faults);
    store_relaxed_32(&pool->refill_tag, (uint32_t)(load_relaxed_64(&pool->inbox.stack.head) >> 32));
    if (pool->bins[class].allocate_top != pool->bins[class].allocate_base)
        return true; /* blocks of a mixed magazine filled the freeing one: see refill_from_freed */
    if (refill_once(pool, class, faults))
        return true;
    return reclaim(pool->heap, pool, 1, faults) && refill_once(pool, class, faults);
}

/* Full magazines a bin may keep. */
static uint32_t bin_keeps(const struct pool *pool, const struct bin *bin, uint32_t class)
{
    uint32_t bytes = pool->classes[class].capacity * (uint32_t)size_class_bytes(&pool->classes[class]);
    uint32_t keep = (KEEP_BYTES_MIN + bytes - 1) / bytes;
    return bin->demand > keep ? bin->demand : keep;
}

/* Gives up to `most` full magazines home that the bin need not keep: a few, so that no call pays for all of them. */
static void shed_surplus(struct pool *pool, struct bin *bin, uint32_t class, uint32_t most)
{
    if (bin->n_full == 0)
        return; /* as mostly, and what follows divides */
    uint32_t keep = bin_keeps(pool, bin, class);
    for (uint32_t i = 0; i < most && bin->n_full > keep; i++) {
        struct magazine *surplus = magazine_at(store_of(pool), bin->full);
        bin->full = surplus->chain;
        bin->n_full--;
        for (uint32_t k = 0; k < surplus->count; k++)
            span_home(pool, class, surplus->lines[k]);
        magazine_put(store_of(pool), &pool->empties, surplus);
    }
}

void pool_file(struct pool *pool, uint32_t class, struct magazine *magazine)
{
    struct bin *bin = &pool->bins[class];
    store_relaxed_8(&magazine->kind, MAGAZINE_BIN);
    magazine->chain = bin->full;
    bin->full = magazine_index(store_of(pool), magazine);
    bin->n_full++;
    shed_surplus(pool, bin, class, 2); /* one in, at most two home: the surplus shrinks when the demand has */
}

void refill_check_newest(struct pool *pool, struct bin *bin)
{
    pool_note_own(pool, (uint32_t)(bin - pool->bins), NEWEST_CHECK);
    if (bin->free.newest == 0 || pool->guess != GUESS_NONE || !pool->long_ones || has_come_home(pool))
        bin->extra -= EXTRA_NEWEST;
}

bool refill_from_freed(struct pool *pool, uint32_t class)
{
    struct bin *bin = &pool->bins[class];
    uint32_t capacity = pool->classes[class].capacity;
    uint32_t *base = bin->allocate_base;
    uint32_t *top = bin->allocate_top;
    if (bin->free.limit == NULL || base == NULL || top == base + capacity || magazine_of(base)->owner != 0 || has_come_home(pool))
        return false;
    allocate_from(pool, bin, magazine_of(bin->free.limit - capacity), capacity, class, false, 0);
    bin->free.top = top;
    bin->free.limit = base + capacity;
    pool_note_own(pool, class, capacity);
    store_relaxed_32(&pool->refills, pool->refills + 1);
    pass_window(bin);
    shed_surplus(pool, bin, class, 1);
    return true;
}
