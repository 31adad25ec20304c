/*
 * The reference: what heaps there are and what is live in each, next to the real thing. It belongs to one thread after the other:
 * whoever's turn it is makes its calls itself.
 *
 * INVARIANT between steps: every block in `blocks` is live in its heap, holds its contents, and nothing else is live; a heap's
 * faults are what was provoked, no more and no less.
 */
#ifndef PERFPOOL_TESTS_MODEL_H
#define PERFPOOL_TESTS_MODEL_H

#include "perfpool.h"

#include <stdbool.h>

/* Heap 0 is the default heap, which is never destroyed. */
enum { MODEL_HEAPS = 5, MODEL_ROLES = 4, MODEL_BLOCKS = 400, MODEL_SMALL_MAX = 32768 };

struct model_heap {
    perfpool_heap *context; /* as passed: NULL for the default heap */
    bool open;
    unsigned flags;
    size_t limit;
    uint64_t live, live_large, live_bytes; /* bytes: those asked for */
    uint32_t faults;
};

struct model_block {
    unsigned char *block;
    size_t size, filled; /* asked for; bytes with contents */
    uint64_t seed;
    unsigned heap;
};

struct model {
    struct model_heap heaps[MODEL_HEAPS];
    struct model_block blocks[MODEL_BLOCKS];
    unsigned n_blocks;
    perfpool_heap *gone; /* a destroyed heap, or NULL */
    uint64_t seeds;
};

/* Takes over the process's default heap, which must not be in use. */
void model_begin(struct model *model);
/* Frees everything, checks every heap and destroys it. All threads but the caller have ended or detached. */
void model_end(struct model *model);

/* The steps of a sequence: each carried out, checked, and noted. */
void model_create(struct model *model, unsigned heap, unsigned flags, bool isolated, size_t limit);
void model_destroy(struct model *model, unsigned heap, bool live_too);
void model_allocate(struct model *model, unsigned heap, size_t size);
void model_free(struct model *model, unsigned i);
void model_trim(struct model *model, unsigned heap);
void model_look(struct model *model, unsigned heap);
void model_walk(struct model *model, unsigned heap);

/* One call of FreeMemory, after which exactly this fault must have been told, about this pointer. kind 0: none. */
void model_free_expecting(void *block, void *context, int kind);
/* The same for AllocateMemory with a context that is no heap. */
void model_allocate_expecting_bad_heap(void *context);
/* Whether a block's contents are what was written. */
bool model_block_holds(const struct model_block *block);

#endif
