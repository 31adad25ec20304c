/*
 * The blocks that providers' memory routines have handed out and not got back: a tree by address. Any thread, at any time; the
 * records lie in the C run-time's heap, because they are the checker's and not PERFLIB's.
 */
#ifndef PERFPOOL_TESTS_PERFLIB_BLOCK_H
#define PERFPOOL_TESTS_PERFLIB_BLOCK_H

#include "memory.h"

/* What is known of a block. */
struct block {
    uintptr_t start;
    size_t size;
    struct memory_routines memory;
};

/* Adds a block. If it overlaps one that is there it is not added, `other` becomes that one and the result is false. */
bool block_add(const struct block *block, struct block *other);

/* Takes the block that starts there out of the tree, into `block`. False if there is none. */
bool block_take(uintptr_t start, struct block *block);

/* Takes all blocks of an owner out; returns how many there were, and one of them. */
size_t block_take_owner(uint64_t owner, struct block *one);

#endif
