/*
 * Pools: one thread's share of a heap. A bin per size class, an outbox, an inbox.
 *
 * All but `inbox`, `kept`, `record` and `next` belongs to the owner: the thread whose record is in `record`, or whoever popped the
 * pool from the heap's stack of unbound pools. That pop and push hand everything over. Pools stay mapped as long as their heap.
 */
#ifndef PERFPOOL_POOL_H
#define PERFPOOL_POOL_H

#include "bin.h"
#include "fault.h"
#include "heap.h"

enum {
    NOTED_MAX = 4096, /* blocks that make the mean, the older ones less */
    MEAN_LONG = 26,   /* lines of the mean from which on blocks are long ones */
    MEAN_SHORT = 22,  /* lines below which they are not any more */
    GUESS_STREAK = 8,
    GUESS_NONE = HEADER_KIND_MASK /* a kind that no header has: not 0, which is the header of a span that nobody holds */
};
enum { KEPT_LENGTH_MAX = 4 }; /* spans of the longest run that is kept: see large.h */
enum pool_binding {
    POOL_UNBOUND = 0,
    POOL_DEAD = 1
}; /* values of `record` that are no record; DEAD: its thread is not in this process (fork) */

struct pool {
    char *base; /* copies of the arena's, so that the fast paths find them in one line */
    uint8_t *states;
    uint32_t *headers;
    uint64_t lines;            /* the arena's as last seen by the slow path */
    struct cursor *guess_free; /* of the bin of `guess` */
    uint32_t guess;            /* header of the class that was freed lately and not others, or GUESS_NONE: see pool_note_own */
    uint32_t token;            /* id << HEADER_ARGUMENT_SHIFT */
    uint32_t n_own;            /* N_CLASSES while the owner has lately freed blocks of its own only, else 0 */
    const struct size_class *classes;
    uint8_t remote_state;                   /* state of a block that another thread freed: LIVE, or SENT with CHECK_REMOTE */
    uint8_t zero;                           /* whether blocks are cleared */
    uint8_t last_class, streak, own_streak; /* of magazines filled by frees: the last one's class, and how many were like it */
    uint8_t live; /* always STATE_LIVE: what stands for the state of another pool's block where no branch may ask whose it is */
    uint8_t outgoing_taken; /* magazines taken out of the outbox since the last span: see take_outgoing */
    uint8_t long_ones;      /* whether own blocks are long ones in the mean: see note_length in pool.c */
    struct span_record *records;
    struct perfpool_heap *heap;

    struct bin bins[N_CLASSES];
    struct outbox outbox;
    struct magazine_cache empties;
    uint32_t id;
    uint32_t look; /* the pool whose inbox to look at next */
    uint64_t magazines_posted, blocks_posted, magazines_taken_over;
    uint32_t refills;         /* slow paths taken: an idle owner's does not change */
    uint32_t took_in;         /* refills that looked into the inbox */
    uint32_t refill_tag;      /* the inbox's tag when the owner last took from it */
    uint32_t spans;           /* that are the pool's */
    uint32_t noted;           /* own blocks that came and went lately, */
    uint32_t noted_lines;     /* and their lines */
    uint32_t large_frees;     /* by the owner, of short runs */
    uint16_t most[N_CLASSES]; /* magazines that each bin may be found to need; constant */

    struct inbox inbox __attribute__((aligned(128)));
    uint32_t kept[KEPT_LENGTH_MAX] __attribute__((aligned(128))); /* runs by length, see large.h: index of the first span + 1 */
    void *record;                                                 /* thread_record or pool_binding */
    uint32_t next;                                                /* link of the unbound stack */
    uint32_t looked;                                              /* `refills` when another pool last looked */
};

static inline struct pool *pool_at(const struct perfpool_heap *heap, uint32_t id)
{
    return (struct pool *)(void *)(heap->arena.pools + (size_t)(id - 1) * POOL_STRIDE);
}

static inline void *pool_block(const struct pool *pool, uint32_t line)
{
    return pool->base + ((size_t)line << LINE_SHIFT);
}

/* What pool_note_own does where something may change. */
void pool_note_change(struct pool *pool, uint32_t class, uint32_t blocks);

/*
 * What FreeMemory expects next, from what filled the last magazines. A wrong guess costs a mispredicted branch, so each needs a
 * streak of magazines.
 *
 * One class of the owner's own: the guess. FreeMemory then compares the block's header with it instead of computing the bin from
 * it, so that the address of the bin's cursor does not wait for the header (2.5 ns of a 12 ns pair: later loads wait for stores
 * whose address is unknown). Own blocks only: `n_own`, for a branch between own and foreign blocks that is always taken. Else no
 * branch asks, for it would go either way at random (6 of 31 ns where two threads swap blocks).
 *
 * `blocks` of the pool's own came and went: a magazine of them, mostly. Owner. Wait-free.
 */
static inline void pool_note_own(struct pool *pool, uint32_t class, uint32_t blocks)
{
    if (pool->guess != (pool->token | class)) /* else all is as expected, and the mean is for sizes that change */
        pool_note_change(pool, class, blocks);
}

static inline void pool_note_foreign(struct pool *pool)
{
    pool->streak = pool->own_streak = 0;
    pool->guess = GUESS_NONE;
    pool->n_own = 0;
}

/* The class of a header if its owner is the pool with this token, else at least N_CLASSES. */
static inline uint32_t pool_class(uint32_t header, uint32_t token)
{
    return header - token;
}

/* Adopts a pool without a thread, else makes one; NULL if there can be no more. Any thread. Lock-free, may call the system. */
struct pool *pool_acquire(struct perfpool_heap *heap);

/*
 * Adopts an unbound pool that the current sweep has not seen, to be given back by pool_release_swept. NULL: none is left, and a new
 * sweep begins. So giving memory back goes through all of them holding one at a time, and others still find the rest. Any thread.
 * Lock-free.
 */
struct pool *pool_sweep(struct perfpool_heap *heap);
void pool_release_swept(struct pool *pool);

/* Posts the outbox, sends foreign blocks home, gives kept runs back and leaves the pool to whoever adopts it. Owner. Lock-free, may
 * call the system. */
void pool_release(struct pool *pool);

/* Takes a held block of a class, refilling the bin if need be; *line is its line, *clear the bytes to clear. False: no memory.
 * Owner. Lock-free, may call the system. */
bool pool_take(struct pool *pool, uint32_t class, uint32_t *line, uint32_t *clear, struct fault_list *faults);

/* Gives the blocks of all bins home and foreign ones back. Returns spans given to the arena. Owner. Lock-free, may call the system.
 */
uint32_t pool_give_back(struct pool *pool);

/* The way of freeing that needs no memory: turns a block's state from `expected` to returned and tells its owner. False if it was
 * another. Any thread. Lock-free. */
bool pool_return(struct perfpool_heap *heap, uint32_t line, uint32_t header, uint8_t expected);

/* Provides the bin's allocating magazine with at least one block; false if no memory can be had. Owner. Lock-free, may call the
 * system. */
bool refill(struct pool *pool, uint32_t class, struct fault_list *faults);

#endif
