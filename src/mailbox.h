/*
 * Mailboxes: how blocks go home. A pool's outbox gathers the blocks it frees for other owners into magazines, one open magazine per
 * owner; its inbox is the stack of magazines that others pushed home to it.
 */
#ifndef PERFPOOL_MAILBOX_H
#define PERFPOOL_MAILBOX_H

#include "index_stack.h"
#include "magazine.h"

struct pool;

enum {
    OUTBOX_SLOTS = 64,
    SLOT_SHIFT = 5,
    OUTBOX_LINES_MAX = (256 << 10) >> LINE_SHIFT,
    MIXED_LINES_MAX = (128 << 10) >> LINE_SHIFT /* of the blocks in a magazine of several classes: then it goes home */
};

/* Where FreeMemory puts a block with this header: *top++, up to the limit. Owner only; statistics read `top` of an outbox's. */
struct cursor {
    uint32_t *top, *limit;
    uint32_t header;
    union {                       /* here, where they take no room of their own */
        uint32_t magazine;        /* of an outbox's: where that is; 0 if the slot is free */
        struct {                  /* of a bin's: */
            uint16_t starved;     /* refills in a row that found few blocks freed and nothing else in the bin */
            uint16_t until_check; /* blocks that are allocated as EXTRA_NEWEST says before bin_check_newest */
        };
    };
};

/*
 * An open magazine of an outbox. The pool's owner only; statistics read the cursor's `magazine` and `top`.
 *
 * While all blocks are of one class FreeMemory itself puts more of them there, up to the cursor's limit. When another class comes
 * in, the cursor's header becomes the owner's with a kind that no block has: FreeMemory finds that it is none of its own, and goes
 * on to outbox_add. The rest is outbox_put's.
 */
struct outbox_slot {
    struct cursor cursor; /* header 0 if the slot is free */
    uint16_t held;        /* lines of the blocks in it, and of those that FreeMemory may put there without counting them */
    uint16_t opened;      /* order of opening: the oldest is posted first */
    uint8_t class;        /* of all blocks, or CLASS_MIXED */
} __attribute__((aligned(1 << SLOT_SHIFT)));

/* Bytes from the first slot to the one for the owner in a header: a shift and a mask. */
static inline uintptr_t outbox_slot_offset(uint32_t header)
{
    return header >> (HEADER_ARGUMENT_SHIFT - SLOT_SHIFT) & (OUTBOX_SLOTS - 1) << SLOT_SHIFT;
}

/* held = sum of the slots' held, at most OUTBOX_LINES_MAX between calls. */
struct outbox {
    uint32_t held;
    uint16_t opened;
    struct outbox_slot slots[OUTBOX_SLOTS];
};

/* Written by other threads: on lines of its own. */
struct inbox {
    struct index_stack stack;
    uint32_t returned; /* non-zero: some block of the pool was freed by the way that needs no memory */
};

/* The header of a slot with several classes: that of any of the owner's blocks, with a kind that no block has. */
static inline uint32_t outbox_mixed_header(uint32_t header)
{
    return header | HEADER_KIND_MASK;
}

/*
 * Puts a block where free_any would: into the open magazine of its owner, if that holds several classes and neither it nor the
 * outbox will be full then. Else false, and outbox_put does it. Pool's owner. Wait-free.
 */
static inline bool outbox_add(struct outbox *outbox, struct cursor *cursor, const struct size_class *classes, uint32_t line,
                              uint32_t header)
{
    const uint32_t class = header + HEADER_KIND_MASK - cursor->header; /* if it is that owner's, else at least N_CLASSES */
    uint32_t *const top = cursor->top;
    if (class >= N_CLASSES || top == cursor->limit)
        return false;
    struct outbox_slot *slot = (struct outbox_slot *)(void *)cursor; /* for no bin has such a header */
    const uint32_t held = slot->held + classes[class].lines;
    const uint32_t all = outbox->held + classes[class].lines;
    if (held >= MIXED_LINES_MAX || all > OUTBOX_LINES_MAX)
        return false;
    store_relaxed_32(top, line); /* statistics may look */
    store_relaxed_ptr((void **)&cursor->top, top + 1);
    slot->held = (uint16_t)held;
    outbox->held = all;
    return true;
}

/* Puts a block of another owner, given by its header, into the outbox. Pool's owner. Lock-free. False if there is no magazine to
 * put it in. */
bool outbox_put(struct pool *pool, uint32_t line, uint32_t header);

/* Posts every open magazine. Pool's owner. Lock-free. */
void outbox_post_all(struct pool *pool);

/* Takes the open magazine that holds the most blocks, all of `class`, out of the outbox, to allocate from; NULL if there is none.
 * Pool's owner. */
struct magazine *outbox_take(struct pool *pool, uint32_t class);

/* Pushes a magazine, its fields set, onto a pool's inbox. Any thread, concurrently with everything. Lock-free. */
void inbox_post(struct magazine_store *store, struct pool *owner, struct magazine *magazine);

/* Pops the magazine that was posted last, NULL if there is none. Reads nothing of the pool but its inbox: it may be in the making.
 * Any thread, concurrently with everything. Lock-free. */
struct magazine *inbox_take(struct magazine_store *store, struct pool *owner);

#endif
