#include "fuzz/misuse.h"

#include <stdlib.h>

#include "support/heaps.h"
#include "support/require.h"

/* Where a block's contents end and the canary of PERFPOOL_POISON begins. */
static unsigned char *slack_of(const struct model_block *block)
{
    return block->block + block->size;
}

/* Whether every faulty free in its heap is told at once. Else what is not its thread's own is looked at as it comes home. */
static bool is_told_at_once(const struct model *model, const struct model_block *block)
{
    return (model->heaps[block->heap].flags & (PERFPOOL_CHECK_REMOTE | PERFPOOL_POISON)) != 0 || block->size > MODEL_SMALL_MAX;
}

static void free_inside(struct model *model, const struct model_block *block, unsigned number)
{
    struct model_heap *of = &model->heaps[block->heap];
    size_t inside = 1 + number % (block->size > 1 ? block->size - 1 : 1);
    if (inside % 64 == 0 && !is_told_at_once(model, block))
        inside--; /* what is no line's start is told at once by everybody */
    model_free_expecting(block->block + inside, of->context, PERFPOOL_FAULT_INTERIOR);
    of->faults++;
}

static void free_with_other_heap(struct model *model, const struct model_block *block, unsigned heap)
{
    struct model_heap *other = &model->heaps[heap];
    if (heap == block->heap || !other->open)
        return;
    model_free_expecting(block->block, other->context, PERFPOOL_FAULT_WRONG_HEAP);
    other->faults++;
}

static void free_twice(struct model *model, unsigned i)
{
    const struct model_block block = model->blocks[i];
    struct model_heap *of = &model->heaps[block.heap];
    if (!is_told_at_once(model, &block))
        return;
    model_free(model, i);
    model_free_expecting(block.block, of->context, PERFPOOL_FAULT_DOUBLE_FREE);
    of->faults++;
}

/* Writes past the end, which has no other effect once it is undone; not where a tool watches that would report it, too. */
static void overrun(struct model *model, const struct model_block *block)
{
    struct model_heap *of = &model->heaps[block->heap];
    if ((of->flags & PERFPOOL_POISON) == 0 || block->size % 64 == 0 || getenv("PERFPOOL_TEST_NO_OVERRUN") != NULL)
        return;
    unsigned char *slack = slack_of(block);
    const unsigned char before = *slack;
    *slack ^= 0x55;
    model_free_expecting(block->block, of->context, PERFPOOL_FAULT_OVERRUN);
    of->faults++;
    *slack = before;
}

static void free_foreign(struct model *model, unsigned heap, unsigned number)
{
    static char ours[64] = {0};
    struct model_heap *of = &model->heaps[heap];
    if (!of->open)
        return;
    void *foreign = number % 2 == 0 ? (void *)ours : (void *)(uintptr_t)(1 + number);
    model_free_expecting(foreign, of->context, PERFPOOL_FAULT_FOREIGN);
    of->faults++;
}

/* The default heap's handler is told, for the bad one has none. */
static void use_bad_heap(struct model *model, unsigned number)
{
    static char ours[64];
    void *bad = number % 2 == 0 && model->gone != NULL ? (void *)model->gone : (void *)ours;
    if (number % 4 < 2)
        model_allocate_expecting_bad_heap(bad);
    else
        model_free_expecting(ours, bad, PERFPOOL_FAULT_BAD_HEAP);
    model->heaps[0].faults++;
}

static void ask_for_the_impossible(const struct model *model)
{
    perfpool_options options = heap_options();
    options.flags = 1u << 20;
    require(perfpool_heap_create(&options) == NULL);
    options = heap_options();
    options.isolation = 96;
    require(perfpool_heap_create(&options) == NULL);
    require(perfpool_heap_default(&options) == NULL);
    require(perfpool_heap_destroy(NULL, 0) == (size_t)-1);
    require(perfpool_block_size(&options, model->heaps[0].context) == 0);
}

void misuse(struct model *model, unsigned heap, unsigned kind, unsigned number)
{
    if (kind % 8 == 0) {
        free_foreign(model, heap, number);
    } else if (kind % 8 == 1) {
        use_bad_heap(model, number);
    } else if (kind % 8 == 2) {
        ask_for_the_impossible(model);
        model_free_expecting(NULL, model->heaps[0].context, 0);
    } else if (model->n_blocks > 0) {
        const unsigned i = number % model->n_blocks;
        const struct model_block *block = &model->blocks[i];
        if (kind % 8 == 3)
            free_inside(model, block, number);
        else if (kind % 8 == 4)
            free_with_other_heap(model, block, heap);
        else if (kind % 8 == 5)
            overrun(model, block);
        else
            free_twice(model, i);
    }
}
