#include "fuzz/model.h"

#include <stdio.h>
#include <string.h>

#include "fuzz/contents.h"
#include "support/equations.h"
#include "support/heaps.h"
#include "support/require.h"

/* What the handler was told since the last look. */
static struct {
    unsigned count;
    perfpool_fault last;
} told;

/* Address range of a heap: three words of spans, so that a run may be longer than one. */
static const size_t reserve_size = 12 * MEBIBYTE;

static void PERFPOOL_CALL on_fault(const perfpool_fault *fault, void *arg)
{
    (void)arg;
    require(fault->size == sizeof *fault && strncmp(fault->text, "perfpool: ", 10) == 0);
    told.count++;
    told.last = *fault;
}

void model_begin(struct model *model)
{
    static bool made;
    perfpool_options options = heap_options();
    memset(model, 0, sizeof *model);
    options.on_fault = on_fault;
    options.reserve = reserve_size;
    if (!made)
        require(perfpool_heap_default(&options) != NULL);
    made = true;
    model->heaps[0].open = true;
    perfpool_stats stats = heap_figures(NULL);
    require(stats.live_blocks == 0);
    model->heaps[0].faults = stats.faults;
    told.count = 0;
}

void model_create(struct model *model, unsigned heap, unsigned flags, bool isolated, size_t limit)
{
    struct model_heap *to = &model->heaps[heap];
    perfpool_options options = heap_options();
    if (to->open)
        return;
    options.name = "fuzz";
    options.flags = flags;
    options.isolation = isolated ? 128 : 0;
    options.reserve = reserve_size;
    options.limit = limit;
    options.on_fault = on_fault;
    *to = (struct model_heap){.context = perfpool_heap_create(&options), .open = true, .flags = flags, .limit = limit};
    require(to->context != NULL);
    if (model->gone == to->context)
        model->gone = NULL;
}

/* Forgets the blocks of a heap. */
static void forget_blocks(struct model *model, unsigned heap)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < model->n_blocks; i++)
        if (model->blocks[i].heap != heap)
            model->blocks[kept++] = model->blocks[i];
    model->n_blocks = kept;
}

void model_destroy(struct model *model, unsigned heap, bool live_too)
{
    struct model_heap *of = &model->heaps[heap];
    if (!of->open)
        return;
    const size_t found = perfpool_heap_destroy(of->context, live_too ? PERFPOOL_DESTROY_LIVE : 0);
    require(told.count == 0);
    require(found == (heap == 0 ? (size_t)-1 : (size_t)of->live));
    if (heap == 0 || (of->live > 0 && !live_too))
        return;
    forget_blocks(model, heap);
    model->gone = of->context;
    of->open = false;
}

bool model_block_holds(const struct model_block *block)
{
    return contents_hold(block->block, block->filled, block->seed);
}

/* Whether the heap may say that it has no memory. */
static bool may_refuse(const struct model_heap *heap, size_t size)
{
    return heap->limit != 0 || size > reserve_size || heap->live_bytes + size > reserve_size / 4;
}

/* No two live blocks share a line, whatever heap they are of. */
static bool is_apart(const struct model *model, const unsigned char *memory, size_t usable)
{
    for (unsigned i = 0; i < model->n_blocks; i++) {
        const struct model_block *other = &model->blocks[i];
        const size_t lines = (other->filled + 63) / 64 * 64;
        if ((uintptr_t)memory < (uintptr_t)other->block + lines && (uintptr_t)other->block < (uintptr_t)memory + usable)
            return false;
    }
    return true;
}

void model_allocate(struct model *model, unsigned heap, size_t size)
{
    struct model_heap *of = &model->heaps[heap];
    if (!of->open || model->n_blocks == MODEL_BLOCKS)
        return;
    unsigned char *memory = AllocateMemory(size, of->context);
    require(told.count == 0);
    if (memory == NULL) {
        require(may_refuse(of, size));
        return;
    }
    const bool poison = (of->flags & PERFPOOL_POISON) != 0;
    const size_t usable = perfpool_block_size(memory, of->context);
    require((uintptr_t)memory % 64 == 0);
    require(is_apart(model, memory, usable));
    require(poison ? usable == size : usable >= size && usable % 64 == 0);
    require((of->flags & PERFPOOL_NO_ZERO) != 0 || contents_are_zero(memory, usable));
    struct model_block *block = &model->blocks[model->n_blocks++];
    *block = (struct model_block){memory, size, usable, ++model->seeds, heap};
    contents_fill(block->block, block->filled, block->seed);
    of->live++;
    of->live_large += size > MODEL_SMALL_MAX;
    of->live_bytes += size;
}

void model_free(struct model *model, unsigned i)
{
    struct model_block block = model->blocks[i];
    struct model_heap *of = &model->heaps[block.heap];
    require(model_block_holds(&block));
    FreeMemory(block.block, of->context);
    require(told.count == 0);
    model->blocks[i] = model->blocks[--model->n_blocks];
    of->live--;
    of->live_large -= block.size > MODEL_SMALL_MAX;
    of->live_bytes -= block.size;
}

void model_trim(struct model *model, unsigned heap)
{
    if (!model->heaps[heap].open)
        return;
    perfpool_heap_trim(model->heaps[heap].context);
    require(told.count == 0);
}

void model_look(struct model *model, unsigned heap)
{
    const struct model_heap *of = &model->heaps[heap];
    if (!of->open)
        return;
    const perfpool_stats stats = heap_figures(of->context);
    require(told.count == 0);
    require(stats.live_blocks == of->live);
    require(stats.large_runs == of->live_large);
    require(stats.faults == of->faults);
    require(of->limit == 0 || stats.committed <= of->limit);
    require(stats.pools_bound <= MODEL_ROLES + 1);
    if ((of->flags & PERFPOOL_POISON) != 0)
        require(stats.live_bytes == of->live_bytes);
    else
        require(stats.live_bytes >= of->live_bytes);
}

/* A walk under way. */
struct survey {
    const struct model *model;
    unsigned heap, visited;
};

static int PERFPOOL_CALL visit(const void *block, size_t size, void *argument)
{
    struct survey *survey = argument;
    for (unsigned i = 0; i < survey->model->n_blocks; i++) {
        const struct model_block *known = &survey->model->blocks[i];
        if (known->block == block && known->heap == survey->heap) {
            require(size == known->filled);
            survey->visited++;
            return 0;
        }
    }
    require_text(false, "a block is visited that is not live");
    return 1;
}

void model_walk(struct model *model, unsigned heap)
{
    const struct model_heap *of = &model->heaps[heap];
    struct survey survey = {model, heap, 0};
    if (!of->open)
        return;
    require(perfpool_heap_walk(of->context, visit, &survey) == 0);
    require(told.count == 0);
    require(survey.visited == of->live);
}

/* Exactly this fault was told, about this pointer. */
static void require_told(int kind, const void *block)
{
    const bool right =
        told.count == (kind != 0 ? 1U : 0U) && (kind == 0 || ((int)told.last.kind == kind && told.last.block == block));
    if (!right)
        fprintf(stderr, "expected fault %d about %p, %u told, the last of kind %d about %p\n", kind, block, told.count,
                (int)told.last.kind, told.last.block);
    require(right);
    told.count = 0;
}

void model_free_expecting(void *block, void *context, int kind)
{
    FreeMemory(block, context);
    require_told(kind, kind == PERFPOOL_FAULT_BAD_HEAP ? NULL : block);
}

void model_allocate_expecting_bad_heap(void *context)
{
    require(AllocateMemory(64, context) == NULL);
    require_told(PERFPOOL_FAULT_BAD_HEAP, NULL);
}

void model_end(struct model *model)
{
    while (model->n_blocks > 0)
        model_free(model, model->n_blocks - 1);
    for (unsigned i = 0; i < MODEL_HEAPS; i++) {
        const struct model_heap *heap = &model->heaps[i];
        uint64_t handed_out = 0;
        if (!heap->open)
            continue;
        perfpool_heap *whole = i == 0 ? perfpool_heap_default(NULL) : heap->context;
        require(equations_disagreements(whole, &handed_out) == 0 && handed_out == 0);
        perfpool_heap_trim(heap->context);
        require(heap_figures(heap->context).spans == 0);
        require(told.count == 0);
        require(i == 0 || perfpool_heap_destroy(heap->context, 0) == 0);
    }
    perfpool_thread_detach();
}
