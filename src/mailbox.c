#include "mailbox.h"

#include "pool.h"

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

/* Takes the open magazine out of a slot, its count set. */
static struct magazine *slot_close(struct outbox *outbox, struct outbox_slot *slot, struct magazine *magazine)
{
    store_relaxed_16(&magazine->count, (uint16_t)(slot->top - magazine->lines));
    magazine->class = slot->mixed ? CLASS_MIXED : slot->class;
    magazine->owner = slot->owner;
    outbox->held -= slot->held;
    slot->owner = 0;
    slot->top = slot->limit = NULL;
    store_relaxed_32(&slot->magazine, 0);
    return magazine;
}

static void slot_post(struct pool *pool, struct outbox_slot *slot)
{
    struct magazine *magazine = slot_close(&pool->outbox, slot, magazine_at(store_of(pool), slot->magazine));
    store_relaxed_8(&magazine->kind, MAGAZINE_POSTED);
    store_relaxed_64(&pool->magazines_posted, pool->magazines_posted + 1);
    store_relaxed_64(&pool->blocks_posted, pool->blocks_posted + magazine->count);
    inbox_post(store_of(pool), pool_at(pool->heap, magazine->owner), magazine);
}

/* Posts the slot that was opened first. */
static void post_oldest(struct pool *pool)
{
    struct outbox_slot *oldest = NULL;
    for (uint32_t i = 0; i < OUTBOX_SLOTS; i++) {
        struct outbox_slot *slot = &pool->outbox.slots[i];
        if (slot->owner != 0 && (oldest == NULL || (int32_t)(slot->opened - oldest->opened) < 0))
            oldest = slot;
    }
    if (oldest != NULL)
        slot_post(pool, oldest);
}

static bool slot_open(struct pool *pool, struct outbox_slot *slot, uint32_t owner, uint32_t class)
{
    if (slot->owner != 0)
        slot_post(pool, slot); /* another owner with the same low bits */
    struct magazine *magazine = magazine_take(store_of(pool), &pool->empties);
    if (magazine == NULL)
        return false;
    store_relaxed_8(&magazine->kind, MAGAZINE_OUTBOX);
    slot->owner = (uint16_t)owner;
    slot->class = (uint8_t) class;
    slot->mixed = 0;
    slot->held = 0;
    slot->opened = pool->outbox.opened++;
    slot->top = magazine->lines;
    slot->limit = magazine->lines + pool->classes[class].capacity;
    store_relaxed_32(&slot->magazine, magazine_index(store_of(pool), magazine));
    return true;
}

/* What outbox_put leaves out: a magazine is full, or the outbox holds too much. */
static __attribute__((noinline)) void outbox_overflow(struct pool *pool, struct outbox_slot *slot)
{
    if (slot->top == slot->limit)
        slot_post(pool, slot);
    while (pool->outbox.held > OUTBOX_LINES_MAX)
        post_oldest(pool);
}

static inline void slot_put(struct pool *pool, struct outbox_slot *slot, uint32_t line, uint32_t class)
{
    struct outbox *outbox = &pool->outbox;
    uint32_t lines = pool->classes[class].lines;
    uint32_t *top = slot->top;
    *top = line;
    slot->mixed |= slot->class ^ (uint8_t) class;
    slot->held += lines;
    outbox->held += lines;
    store_relaxed_ptr((void **)&slot->top, top + 1);
}

/* outbox_put with no magazine open for this owner. */
static __attribute__((noinline)) bool outbox_put_first(struct pool *pool, struct outbox_slot *slot, uint32_t line, uint32_t header)
{
    uint32_t class = header & HEADER_KIND_MASK;
    if (!slot_open(pool, slot, header >> HEADER_ARGUMENT_SHIFT, class))
        return false;
    slot_put(pool, slot, line, class);
    if (pool->outbox.held > OUTBOX_LINES_MAX)
        outbox_overflow(pool, slot);
    return true;
}

bool outbox_put(struct pool *pool, uint32_t line, uint32_t header)
{
    struct outbox *outbox = &pool->outbox;
    uint32_t owner = header >> HEADER_ARGUMENT_SHIFT;
    struct outbox_slot *slot = &outbox->slots[owner % OUTBOX_SLOTS];
    if (__builtin_expect(slot->owner != owner, 0))
        return outbox_put_first(pool, slot, line, header);
    slot_put(pool, slot, line, header & HEADER_KIND_MASK);
    if (__builtin_expect(slot->top == slot->limit || outbox->held > OUTBOX_LINES_MAX, 0))
        outbox_overflow(pool, slot);
    return true;
}

void outbox_post_all(struct pool *pool)
{
    for (uint32_t i = 0; i < OUTBOX_SLOTS; i++)
        if (pool->outbox.slots[i].owner != 0)
            slot_post(pool, &pool->outbox.slots[i]);
}

struct magazine *outbox_take(struct pool *pool, uint32_t class)
{
    for (uint32_t i = 0; i < OUTBOX_SLOTS; i++) {
        struct outbox_slot *slot = &pool->outbox.slots[i];
        if (slot->owner != 0 && slot->class == class && !slot->mixed)
            return slot_close(&pool->outbox, slot, magazine_at(store_of(pool), slot->magazine));
    }
    return NULL;
}
