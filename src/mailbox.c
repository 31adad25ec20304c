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

/* Of the first block. */
static uint32_t slot_class(const struct outbox_slot *slot)
{
    return slot->cursor.header & HEADER_KIND_MASK;
}

static uint32_t slot_count(const struct pool *pool, const struct outbox_slot *slot)
{
    return (uint32_t)(slot->cursor.top - magazine_at(store_of(pool), slot->cursor.magazine)->lines);
}

/* Takes the open magazine out of a slot, its count set. */
static struct magazine *slot_close(struct outbox *outbox, struct outbox_slot *slot, struct magazine *magazine)
{
    store_relaxed_16(&magazine->count, (uint16_t)(slot->cursor.top - magazine->lines));
    magazine->class = slot->mixed ? CLASS_MIXED : (uint8_t)slot_class(slot);
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
    slot->mixed = 0;
    store_relaxed_32(&slot->cursor.magazine, magazine_index(store_of(pool), magazine));
    return true;
}

/* Lines of a slot's places up to its limit. */
static uint32_t slot_granted(const struct pool *pool, const struct outbox_slot *slot)
{
    return (uint32_t)(slot->cursor.limit - slot->cursor.top) * pool->classes[slot_class(slot)].lines;
}

static void slot_set_limit(struct pool *pool, struct outbox_slot *slot, uint32_t places)
{
    uint32_t before = slot_granted(pool, slot);
    slot->cursor.limit = slot->cursor.top + places;
    uint32_t more = slot_granted(pool, slot) - before;
    slot->held = (uint16_t)(slot->held + more);
    pool->outbox.held += more;
}

/* Puts a block into a slot whose limit is its top; the magazine has room for it. */
static void slot_put(struct pool *pool, struct outbox_slot *slot, uint32_t line, uint32_t header)
{
    uint32_t lines = pool->classes[header & HEADER_KIND_MASK].lines;
    slot->mixed |= slot->cursor.header != header;
    store_relaxed_32(slot->cursor.top, line);
    slot->cursor.limit = slot->cursor.top + 1;
    store_relaxed_ptr((void **)&slot->cursor.top, slot->cursor.limit);
    slot->held = (uint16_t)(slot->held + lines);
    pool->outbox.held += lines;
}

/*
 * Puts a block and sees to the bounds, which FreeMemory does not: 1. The slot is for this owner. 2. The block is in. 3. A full
 * magazine goes home; else FreeMemory may go on to the last place but one, or a few while much is held. 4. The oldest go home while
 * too much is held.
 */
bool outbox_put(struct pool *pool, uint32_t line, uint32_t header)
{
    uint32_t owner = header >> HEADER_ARGUMENT_SHIFT;
    struct outbox_slot *slot = &pool->outbox.slots[owner % OUTBOX_SLOTS];
    if (slot->cursor.magazine != 0 && slot_owner(slot) != owner)
        slot_post(pool, slot); /* another owner with the same low bits */
    if (slot->cursor.magazine == 0 && !slot_open(pool, slot, header))
        return false;
    slot_set_limit(pool, slot, 0);
    slot_put(pool, slot, line, header);
    const struct size_class *class = &pool->classes[slot_class(slot)];
    uint32_t count = slot_count(pool, slot);
    if (count == class->capacity) {
        slot_post(pool, slot);
    } else if (!slot->mixed) {
        uint32_t places = class->capacity - 1U - count;
        bool much = pool->outbox.held + places * class->lines > OUTBOX_LINES_MAX;
        slot_set_limit(pool, slot, much && places > GRANT_FEW ? GRANT_FEW : places);
    }
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
        if (slot->cursor.magazine == 0 || slot_class(slot) != class || slot->mixed)
            continue;
        uint32_t count = slot_count(pool, slot);
        if (count > most) {
            most = count;
            fullest = slot;
        }
    }
    return fullest != NULL ? slot_close(&pool->outbox, fullest, magazine_at(store_of(pool), fullest->cursor.magazine)) : NULL;
}
