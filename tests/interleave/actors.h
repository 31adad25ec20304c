/*
 * What scenarios are made of: a heap, and blocks of which the checker knows who has them.
 */
#ifndef PERFPOOL_INTERLEAVE_ACTORS_H
#define PERFPOOL_INTERLEAVE_ACTORS_H

#include "interleave/explore.h"
#include "pool.h"
#include "thread.h"

/* Blocks of SIZE bytes: two fill a magazine and four a span, so that few calls come to every step. */
enum { MEGABYTE = 1 << 20, SIZE = 16384, BLOCKS = 4 };

/* The scenario's heap, made by make_heap. */
extern struct perfpool_heap *scene;

/* Makes the scenario's heap with an address range and a limit (0: none). Set-up only. */
void make_heap(size_t reserve, size_t limit, unsigned flags);

/* make_heap, and each thread has a pool. Set-up only. */
void make_pools(size_t limit, unsigned flags);

/* What a set-up has taken for the threads to give: four blocks of SIZE bytes, a whole span. */
extern void *blocks[BLOCKS];
void take_blocks(void);

/* Steps of many scenarios: two blocks of SIZE bytes, the first two of `blocks`, the other two. */
void take_two(void);
void give_two(void);
void give_others(void);

/* AllocateMemory; fails the schedule if another has the block, or if it is refused for no reason. */
void *take(size_t size);

/* The same where the heap may be full. */
void *try_take(size_t size);

/* FreeMemory. NULL is nothing. */
void give(void *block);

/* Notes that blocks change hands without the two calls. */
void note_taken(const void *block, size_t size);
void note_given(const void *block);

/* Says that a thread is through with something, and asks: neither is an access that others can come between. */
void note_done(unsigned thread);
bool is_done(unsigned thread);

/* Faults that were reported, and of what kind the last one was. */
unsigned faults_seen(void);
perfpool_fault_kind fault_kind(void);

/* For `finish`: the heap's internals agree, exactly the blocks that are taken are handed out, and there were `faults` faults. */
void expect_whole(struct perfpool_heap *heap, unsigned faults);

/* finish, for a heap without faults: as expect_whole, then again after all is given back and trimmed, when nothing may be left. */
void finish_scene(void);

/* Where one thread leaves a block for another. */
struct place {
    void *block;
};

static inline void leave_at(struct place *place, void *block)
{
    if (!cas_ptr(&place->block, NULL, block))
        give(block); /* there is one already */
}

/* What has been left, NULL if nothing is there. */
static inline void *take_from(struct place *place)
{
    void *found = load_acquire_ptr(&place->block);
    return found != NULL && cas_ptr(&place->block, found, NULL) ? found : NULL;
}

#endif
