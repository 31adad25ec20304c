#include "mailbox.h"

#include "pool.h"
#include "probes.h"
#include "seed.h"

enum { GRANT_FEW = 8 };

_Static_assert(sizeof(struct outbox_slot) == 1 << SLOT_SHIFT, "outbox_slot_offset finds it");

static struct magazine_store *store_of(const struct pool *pool)
{
    return &pool->heap->magazines;
}

void inbox_post(struct magazine_store *store, struct pool *owner, struct magazine *magazine)
{
    index_stack_push(&owner->inbox.stack, store->all, magazine_link, magazine_index(store, magazine));
}

struct magazine *inbox_take(struct magazine_store *store, struct pool *owner)
{
    uint32_t index = index_stack_pop(&owner->inbox.stack, store->all, magazine_link);
    return index != 0 ? magazine_at(store, index) : NULL;
}

static uint32_t slot_owner(const struct outbox_slot *slot)
{
    return slot->cursor.header >> HEADER_ARGUMENT_SHIFT;
}

static uint32_t slot_count(const struct pool *pool, const struct outbox_slot *slot)
{
    return (uint32_t)(slot->cursor.top - magazine_at(store_of(pool), slot->cursor.magazine)->lines);
}

/* Takes the open magazine out of a slot, its count set. */
static struct magazine *slot_close(struct outbox *outbox, struct outbox_slot *slot, struct magazine *magazine)
{
    store_relaxed_16(&magazine->count, (uint16_t)(slot->cursor.top - magazine->lines));
    magazine->class = slot->class;
    magazine->owner = (uint16_t)slot_owner(slot);
    outbox->held -= slot->held;
    store_relaxed_ptr((void **)&slot->cursor.top, NULL);
    slot->cursor.limit = NULL;
    slot->cursor.header = 0;
    store_relaxed_32(&slot->cursor.magazine, 0);
    return magazine;
}

static void slot_post(struct pool *pool, struct outbox_slot *slot)
{
    MISPLACED(post_early, inbox_post(store_of(pool), pool_at(pool->heap, slot_owner(slot)),
                                     magazine_at(store_of(pool), slot->cursor.magazine)));
    struct magazine *magazine = slot_close(&pool->outbox, slot, magazine_at(store_of(pool), slot->cursor.magazine));
    store_relaxed_8(&magazine->kind, MAGAZINE_POSTED);
    store_relaxed_64(&pool->magazines_posted, pool->magazines_posted + 1);
    store_relaxed_64(&pool->blocks_posted, pool->blocks_posted + magazine->count);
    pool_note_foreign(pool);
    PROBE_POST(pool->heap, pool->id, magazine->owner, magazine->count);
    SEEDED(post_early, inbox_post(store_of(pool), pool_at(pool->heap, magazine->owner), magazine), (void)0);
}

/* Posts the slot that was opened first. */
static void post_oldest(struct pool *pool)
{
    struct outbox_slot *oldest = NULL;
    for (uint32_t i = 0; i < OUTBOX_SLOTS; i++) {
        struct outbox_slot *slot = &pool->outbox.slots[i];
        if (slot->cursor.magazine != 0 && (oldest == NULL || (int16_t)(slot->opened - oldest->opened) < 0))
            oldest = slot;
    }
    if (oldest != NULL)
        slot_post(pool, oldest);
}

static bool slot_open(struct pool *pool, struct outbox_slot *slot, uint32_t header)
{
    struct magazine *magazine = magazine_take(store_of(pool), &pool->empties);
    if (magazine == NULL)
        return false;
    magazine_prefetch(magazine);
    store_relaxed_8(&magazine->kind, MAGAZINE_OUTBOX);
    store_relaxed_ptr((void **)&slot->cursor.top, magazine->lines);
    slot->cursor.limit = magazine->lines;
    slot->cursor.header = header;
    slot->held = 0;
    slot->opened = pool->outbox.opened++;
    slot->class = (uint8_t)(header & HEADER_KIND_MASK);
    store_relaxed_32(&slot->cursor.magazine, magazine_index(store_of(pool), magazine));
    return true;
}

/* Counts lines as held, of blocks that come or may come, or (negative) of those that may not any more. */
static void slot_hold(struct pool *pool, struct outbox_slot *slot, uint32_t lines)
{
    slot->held = (uint16_t)(slot->held + lines);
    pool->outbox.held += lines;
}

/* Takes back what FreeMemory was granted: the limit is the top then. */
static void slot_settle(struct pool *pool, struct outbox_slot *slot)
{
    const uint32_t places = (uint32_t)(slot->cursor.limit - slot->cursor.top);
    if (slot->class != CLASS_MIXED)
        slot_hold(pool, slot, 0 - places * pool->classes[slot->class].lines);
    slot->cursor.limit = slot->cursor.top;
}

/* Puts a block into a settled slot; the magazine has room for it. */
static void slot_put(struct pool *pool, struct outbox_slot *slot, uint32_t line, uint32_t header)
{
    const uint32_t class = header & HEADER_KIND_MASK;
    if (slot->class != class) {
        slot->class = CLASS_MIXED;
        slot->cursor.header = outbox_mixed_header(header);
    }
    store_relaxed_32(slot->cursor.top, line);
    slot->cursor.limit = slot->cursor.top + 1;
    store_relaxed_ptr((void **)&slot->cursor.top, slot->cursor.limit);
    slot_hold(pool, slot, pool->classes[class].lines);
}

/* Lets blocks be put into a settled slot without outbox_put, up to the last place but one: of one class by FreeMemory, or a few
 * while much is held; of several by outbox_add, which counts. False if the slot is full. */
static bool slot_grant(struct pool *pool, struct outbox_slot *slot)
{
    const bool mixed = slot->class == CLASS_MIXED;
    const uint32_t capacity = mixed ? MAGAZINE_CAPACITY : pool->classes[slot->class].capacity;
    uint32_t places = capacity - slot_count(pool, slot);
    if (places == 0 || (mixed && slot->held >= MIXED_LINES_MAX))
        return false;
    places--;
    if (!mixed) {
        const uint32_t lines = pool->classes[slot->class].lines;
        if (places > GRANT_FEW && pool->outbox.held + places * lines > OUTBOX_LINES_MAX)
            places = GRANT_FEW;
        slot_hold(pool, slot, places * lines);
    }
    slot->cursor.limit = slot->cursor.top + places;
    return true;
}

/*
 * Puts a block and sees to the bounds, which FreeMemory does not: 1. The slot is for this owner. 2. The block is in. 3. A full
 * magazine goes home; else more may come. 4. The oldest go home while too much is held.
 */
bool outbox_put(struct pool *pool, uint32_t line, uint32_t header)
{
    uint32_t owner = header >> HEADER_ARGUMENT_SHIFT;
    struct outbox_slot *slot = &pool->outbox.slots[owner % OUTBOX_SLOTS];
    if (slot->cursor.magazine != 0 && slot_owner(slot) != owner)
        slot_post(pool, slot); /* another owner with the same low bits */
    if (slot->cursor.magazine == 0 && !slot_open(pool, slot, header))
        return false;
    slot_settle(pool, slot);
    slot_put(pool, slot, line, header);
    if (!slot_grant(pool, slot))
        slot_post(pool, slot);
    while (pool->outbox.held > OUTBOX_LINES_MAX)
        post_oldest(pool);
    return true;
}

void outbox_post_all(struct pool *pool)
{
    for (uint32_t i = 0; i < OUTBOX_SLOTS; i++)
        if (pool->outbox.slots[i].cursor.magazine != 0)
            slot_post(pool, &pool->outbox.slots[i]);
}

struct magazine *outbox_take(struct pool *pool, uint32_t class)
{
    struct outbox_slot *fullest = NULL;
    uint32_t most = 0;
    for (uint32_t i = 0; i < OUTBOX_SLOTS; i++) {
        struct outbox_slot *slot = &pool->outbox.slots[i];
        if (slot->cursor.magazine == 0 || slot->class != class)
            continue;
        uint32_t count = slot_count(pool, slot);
        if (count > most) {
            most = count;
            fullest = slot;
        }
    }
    return fullest != NULL ? slot_close(&pool->outbox, fullest, magazine_at(store_of(pool), fullest->cursor.magazine)) : NULL;
}
