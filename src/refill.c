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
    TAG_IDLE = 4
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

/* Whether a bin has blocks besides those it allocates from. */
static bool has_at_hand(const struct pool *pool, uint32_t class)
{
    const struct bin *bin = &pool->bins[class];
    return bin_freed(bin, pool->classes[class].capacity) != 0 || bin->full != 0 || bin_has_in_spans(bin);
}

/* Step 4: blocks at home in a partly used span, else fresh ones. */
static bool take_from_spans(struct pool *pool, struct bin *bin, uint32_t class)
{
    if (!bin_has_in_spans(bin))
        return false;
    struct magazine *magazine = allocating_magazine(pool, bin);
    if (magazine == NULL)
        return false;
    bool fresh = false;
    uint32_t capacity = pool->classes[class].capacity;
    uint32_t count = span_collect(pool, class, magazine->lines, capacity);
    if (count == 0)
        count = span_cut(pool, class, magazine->lines, capacity, &fresh);
    bin_allocate_from(pool, class, magazine, count, fresh, 0);
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
    bin_allocate_from(pool, class, magazine, count, false, magazine->owner);
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

static bool refill_once(struct pool *pool, uint32_t class, struct fault_list *faults)
{
    struct bin *bin = &pool->bins[class];
    if (bin->free.starved >= BIN_STARVED_MAX) {
        bin->free.starved = 0;
        if (bin_few(bin_freed(bin, pool->classes[class].capacity), pool->classes[class].capacity) && bin->full == 0 &&
            !bin_has_in_spans(bin))
            (void)span_claim(pool, class); /* without one it goes on as it was */
    }
    if (bin_swap(pool, class))
        return true; /* its blocks were never filed as surplus: no demand */
    bin_note_demand(pool, class);
    if (bin_take_full(pool, class) || take_from_spans(pool, bin, class))
        return true;
    if (bin_has_in_spans(bin))
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

/*
 * Step 1: of the inbox one magazine, so that no refill takes much longer than another; up to DRAIN_MAX while the bin has nothing at
 * hand, and DRAIN_MORE each DRAIN_MANY-th time: else a backlog would stay where each refill finds another that was posted since the
 * last. With 32 blocks a magazine that is less than one call in a thousand. If they hold few blocks, more of them: where many
 * owners' blocks are freed each magazine has few, and one a refill would leave more behind each time, for ever.
 */
static void take_in(struct pool *pool, uint32_t class, struct fault_list *faults)
{
    const bool many = ++pool->took_in % DRAIN_MANY == 0;
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
        return true; /* blocks of a mixed magazine filled the freeing one: see bin_put */
    if (refill_once(pool, class, faults))
        return true;
    return reclaim(pool->heap, pool, 1, faults) && refill_once(pool, class, faults);
}
