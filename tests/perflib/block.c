/*
 * See block.h. The tree is a treap: ordered by address, and a heap by a priority that is a hash of the address, which keeps it
 * shallow in whatever order blocks come and go.
 */
#include "block.h"

#include "lock.h"

#include <stdlib.h>

struct node {
    struct block block;
    uint32_t priority;
    struct node *left;
    struct node *right;
};

static struct lock tree_lock = LOCK_INITIAL;
static struct node *tree; /* under tree_lock */

static uint32_t priority_of(uintptr_t start)
{
    uint64_t hash = (uint64_t)start * 0x9E3779B97F4A7C15U;

    return (uint32_t)(hash >> 32);
}

/* Cuts a tree into the nodes before `start` and the others. */
static void split(struct node *node, uintptr_t start, struct node **before, struct node **others)
{
    while (node != NULL) {
        if (node->block.start < start) {
            *before = node;
            before = &node->right;
            node = node->right;
        } else {
            *others = node;
            others = &node->left;
            node = node->left;
        }
    }
    *before = NULL;
    *others = NULL;
}

/* Makes one tree of two, all of the first being before all of the second. */
static struct node *merge(struct node *first, struct node *second)
{
    struct node *result = NULL;
    struct node **place = &result;

    while (first != NULL && second != NULL) {
        if (first->priority > second->priority) {
            *place = first;
            place = &first->right;
            first = first->right;
        } else {
            *place = second;
            place = &second->left;
            second = second->left;
        }
    }
    *place = first != NULL ? first : second;
    return result;
}

/* A block that shares a byte with that one, or NULL. Blocks do not overlap, so the last that starts before its end is the one. */
static struct node *find_overlap(const struct block *block)
{
    struct node *node = tree;
    struct node *last = NULL;

    while (node != NULL) {
        if (node->block.start < block->start + block->size) {
            last = node;
            node = node->right;
        } else {
            node = node->left;
        }
    }
    return last != NULL && last->block.start + last->block.size > block->start ? last : NULL;
}

static void insert(struct node *node)
{
    struct node **place = &tree;

    while (*place != NULL && (*place)->priority >= node->priority)
        place = node->block.start < (*place)->block.start ? &(*place)->left : &(*place)->right;
    split(*place, node->block.start, &node->left, &node->right);
    *place = node;
}

bool block_add(const struct block *block, struct block *other)
{
    struct node *node = malloc(sizeof *node);
    struct node *overlap;

    if (node == NULL)
        abort();
    node->block = *block;
    node->priority = priority_of(block->start);
    lock_take(&tree_lock);
    overlap = find_overlap(block);
    if (overlap != NULL)
        *other = overlap->block;
    else
        insert(node);
    lock_release(&tree_lock);
    if (overlap != NULL)
        free(node);
    return overlap == NULL;
}

/* Takes a node out of the tree; `place` is what points to it. */
static void remove_at(struct node **place)
{
    struct node *node = *place;

    *place = merge(node->left, node->right);
    free(node);
}

bool block_take(uintptr_t start, struct block *block)
{
    struct node **place = &tree;
    bool found;

    lock_take(&tree_lock);
    while (*place != NULL && (*place)->block.start != start)
        place = start < (*place)->block.start ? &(*place)->left : &(*place)->right;
    found = *place != NULL;
    if (found) {
        *block = (*place)->block;
        remove_at(place);
    }
    lock_release(&tree_lock);
    return found;
}

/* What points to some node of that owner below `place`, or NULL. */
static struct node **find_owner(struct node **place, uint64_t owner)
{
    struct node **found = NULL;

    if (*place == NULL || (*place)->block.memory.owner == owner)
        return *place == NULL ? NULL : place;
    found = find_owner(&(*place)->left, owner);
    return found != NULL ? found : find_owner(&(*place)->right, owner);
}

size_t block_take_owner(uint64_t owner, struct block *one)
{
    struct node **place;
    size_t n = 0;

    lock_take(&tree_lock);
    for (place = find_owner(&tree, owner); place != NULL; place = find_owner(&tree, owner)) {
        *one = (*place)->block;
        remove_at(place);
        n++;
    }
    lock_release(&tree_lock);
    return n;
}
