#include "stats.h"

#include "fault.h"
#include "large.h"
#include "poison.h"
#include "pool.h"
#include "seed.h"
#include "thread.h"
#include "tools.h"

#include <string.h>

/* A bit for each line below `lines`: set where an unchecked magazine holds the block. In a mapping of its own. */
struct marks {
    struct os_range range;
    uint64_t lines;
};

static void marks_set(const struct marks *marks, uint32_t line)
{
    if (line < marks->lines)
        marks->range.base[line / 8] = (char)(marks->range.base[line / 8] | 1 << line % 8);
}

static bool marks_get(const struct marks *marks, uint32_t line)
{
    return (marks->range.base[line / 8] >> line % 8 & 1) != 0;
}

static void mark_magazine(const struct marks *marks, const struct magazine *magazine, size_t count)
{
    for (size_t i = 0; i < count && i < MAGAZINE_CAPACITY; i++)
        marks_set(marks, load_relaxed_32(&magazine->lines[i]));
}

/* Magazines on their way home. */
static void mark_posted(const struct perfpool_heap *heap, const struct marks *marks)
{
    uint32_t high = load_acquire_32(&heap->magazines.high); /* pairs with its CAS: magazines below are committed */
    for (uint32_t i = 1; i < high; i++) {
        const struct magazine *magazine = magazine_at(&heap->magazines, i);
        if (SEEDED(look_posted, load_relaxed_8(&magazine->kind) == MAGAZINE_POSTED, false))
            mark_magazine(marks, magazine, load_relaxed_16(&magazine->count));
    }
}

/* Magazines in outboxes, which know how far they are filled. */
static void mark_outboxes(const struct perfpool_heap *heap, const struct marks *marks)
{
    uint32_t n_pools = load_acquire_32(&heap->n_pools);
    for (uint32_t id = 1; id <= n_pools; id++) {
        const struct pool *pool = pool_at(heap, id);
        for (uint32_t i = 0; i < OUTBOX_SLOTS; i++) {
            const struct outbox_slot *slot = &pool->outbox.slots[i];
            uint32_t index = load_relaxed_32(&slot->cursor.magazine);
            if (index == 0)
                continue;
            const struct magazine *magazine = magazine_at(&heap->magazines, index);
            uintptr_t bytes = (uintptr_t)load_relaxed_ptr((void *const *)&slot->cursor.top) - (uintptr_t)magazine->lines;
            if (bytes <= sizeof magazine->lines)
                mark_magazine(marks, magazine, bytes / sizeof magazine->lines[0]);
        }
    }
}

static bool marks_create(struct marks *marks, const struct perfpool_heap *heap)
{
    marks->lines = arena_lines(&heap->arena);
    size_t size = (size_t)(marks->lines / 8 + 1);
    if (!os_reserve(&marks->range, size))
        return false;
    if (!os_commit(&marks->range, marks->range.base, size)) {
        os_release(&marks->range);
        return false;
    }
    mark_posted(heap, marks);
    mark_outboxes(heap, marks);
    return true;
}

/* What a walk does at each live block; `class` is N_CLASSES for a large one. Non-zero ends it. */
typedef int (*walk_fn)(void *arg, const void *block, size_t size, uint32_t class);

static int walk_small(const struct perfpool_heap *heap, const struct marks *marks, uint32_t span, uint32_t class, walk_fn visit,
                      void *arg)
{
    const struct arena *arena = &heap->arena;
    uint32_t cut = load_relaxed_16(&arena->records[span].cut);
    for (uint32_t i = 0; i < cut && i < heap->classes[class].blocks; i++) {
        uint32_t line = span * SPAN_LINES + i * heap->classes[class].lines;
        if (load_relaxed_8(&arena->states[line]) != STATE_LIVE || marks_get(marks, line))
            continue;
        size_t size = poison_requested(heap, line, size_class_bytes(&heap->classes[class]));
        int stop = visit(arg, arena->base + ((size_t)line << LINE_SHIFT), size, class);
        if (stop != 0)
            return stop;
    }
    return 0;
}

/* Visits all live blocks; *result is what ended it, or 0. False: no memory for the marks. The caller has entered the heap. */
static bool walk(const struct perfpool_heap *heap, walk_fn visit, void *arg, int *result)
{
    struct marks marks;
    const struct arena *arena = &heap->arena;
    *result = 0;
    if (!marks_create(&marks, heap))
        return false;
    uint32_t spans = (uint32_t)(marks.lines >> SPAN_LINES_SHIFT);
    for (uint32_t span = 0; span < spans && *result == 0; span++) {
        uint32_t header = load_acquire_32(&arena->headers[span]); /* pairs with its release: the record is filled in */
        uint32_t kind = header & HEADER_KIND_MASK;
        if (header == 0)
            continue;
        if (kind < N_CLASSES)
            *result = walk_small(heap, &marks, span, kind, visit, arg);
        else if (kind == HEADER_LARGE)
            *result = visit(arg, arena_span_start(arena, span), large_size(arena, span), N_CLASSES);
    }
    os_release(&marks.range);
    return true;
}

/* Statistics under way, and which of their entries a class belongs to: classes of one size, as with an isolation of 128 bytes,
 * share one. */
struct count {
    perfpool_stats *stats;
    uint8_t entry[N_CLASSES];
};

static void count_begin(struct count *count, const struct perfpool_heap *heap, perfpool_stats *stats)
{
    memset(stats, 0, sizeof *stats);
    stats->size = sizeof *stats;
    count->stats = stats;
    for (uint32_t class = 0; class < N_CLASSES; class ++) {
        if (class == 0 || heap->classes[class].lines != heap->classes[class - 1].lines)
            stats->classes++;
        count->entry[class] = (uint8_t)(stats->classes - 1);
        stats->class_stats[stats->classes - 1].block_size = (uint32_t)size_class_bytes(&heap->classes[class]);
    }
}

static int count_block(void *arg, const void *block, size_t size, uint32_t class)
{
    const struct count *count = arg;
    perfpool_stats *stats = count->stats;
    (void)block;
    stats->live_blocks++;
    stats->live_bytes += size;
    if (class < N_CLASSES)
        stats->class_stats[count->entry[class]].live_blocks++;
    return 0;
}

static int count_only(void *arg, const void *block, size_t size, uint32_t class)
{
    (void)block, (void)size, (void)class;
    ++*(uint64_t *)arg;
    return 0;
}

bool stats_count_live(struct perfpool_heap *heap, uint64_t *live)
{
    int result;
    *live = 0;
    return walk(heap, count_only, live, &result);
}

static void count_spans(const struct perfpool_heap *heap, const struct count *count)
{
    perfpool_stats *stats = count->stats;
    const struct arena *arena = &heap->arena;
    uint32_t spans = (uint32_t)(arena_lines(arena) >> SPAN_LINES_SHIFT);
    for (uint32_t span = 0; span < spans; span++) {
        uint32_t header = load_relaxed_32(&arena->headers[span]);
        uint32_t kind = header & HEADER_KIND_MASK;
        if (header != 0 && kind < N_CLASSES) {
            stats->spans++;
            stats->class_stats[count->entry[kind]].spans++;
        } else if (kind == HEADER_LARGE) {
            stats->large_runs++;
        }
    }
}

static void count_pools(const struct perfpool_heap *heap, perfpool_stats *stats)
{
    uint32_t n_pools = load_acquire_32(&heap->n_pools);
    for (uint32_t id = 1; id <= n_pools; id++) {
        const struct pool *pool = pool_at(heap, id);
        if ((uintptr_t)load_relaxed_ptr(&pool->record) > POOL_DEAD)
            stats->pools_bound++;
        else
            stats->pools_unbound++;
        stats->magazines_posted += load_relaxed_64(&pool->magazines_posted);
        stats->blocks_posted += load_relaxed_64(&pool->blocks_posted);
        stats->magazines_taken_over += load_relaxed_64(&pool->magazines_taken_over);
    }
}

/* Resolves and enters a heap for one of the functions below; NULL with the error set. */
static struct perfpool_heap *enter_or_fault(perfpool_heap *context)
{
    struct perfpool_heap *heap = heap_resolve_or_fault(context);
    if (heap == NULL || !heap_enter(heap, 0)) {
        os_set_error(heap == NULL && context == NULL ? OS_ERROR_MEMORY : OS_ERROR_INVALID);
        return NULL;
    }
    return heap;
}

int perfpool_heap_stats(perfpool_heap *heap, perfpool_stats *stats)
{
    int result;
    struct count count;
    if (stats == NULL || stats->size != sizeof *stats) {
        os_set_error(OS_ERROR_INVALID);
        return -1;
    }
    heap = enter_or_fault(heap);
    if (heap == NULL)
        return -1;
    count_begin(&count, heap, stats);
    stats->reserved = (uint64_t)heap->arena.n_spans << SPAN_SHIFT;
    stats->committed = load_relaxed_64(&heap->arena.committed);
    stats->faults = (uint32_t)load_relaxed_64(&heap->faults);
    count_spans(heap, &count);
    count_pools(heap, stats);
    bool walked = walk(heap, count_block, &count, &result);
    heap_leave(heap);
    if (!walked)
        os_set_error(OS_ERROR_MEMORY);
    return walked ? 0 : -1;
}

struct visitor {
    perfpool_visit_fn visit;
    void *arg;
};

static int visit_block(void *arg, const void *block, size_t size, uint32_t class)
{
    const struct visitor *visitor = arg;
    (void)class;
    tools_usable(block, size);
    return visitor->visit(block, size, visitor->arg);
}

int perfpool_heap_walk(perfpool_heap *heap, perfpool_visit_fn visit, void *arg)
{
    int result;
    struct visitor visitor = {visit, arg};
    if (visit == NULL) {
        os_set_error(OS_ERROR_INVALID);
        return -1;
    }
    heap = enter_or_fault(heap);
    if (heap == NULL)
        return -1;
    bool walked = walk(heap, visit_block, &visitor, &result);
    heap_leave(heap);
    if (!walked)
        os_set_error(OS_ERROR_MEMORY);
    return walked ? result : -1;
}

size_t perfpool_block_size(const void *block, const void *pContext)
{
    const struct perfpool_heap *heap = pContext != NULL ? heap_resolve(pContext) : heap_default_if_made();
    if (heap == NULL)
        return 0;
    const struct arena *arena = &heap->arena;
    uintptr_t offset = (uintptr_t)block - (uintptr_t)arena->base;
    if (offset >> LINE_SHIFT >= arena_lines(arena) || offset % LINE_SIZE != 0)
        return 0;
    uint32_t line = (uint32_t)(offset >> LINE_SHIFT);
    uint32_t header = load_acquire_32(&arena->headers[line >> SPAN_LINES_SHIFT]);
    uint32_t kind = header & HEADER_KIND_MASK;
    size_t size = 0;
    if (header != 0 && kind < N_CLASSES && load_relaxed_8(&arena->states[line]) == STATE_LIVE)
        size = poison_requested(heap, line, size_class_bytes(&heap->classes[kind]));
    else if (kind == HEADER_LARGE && offset % SPAN_SIZE == 0)
        size = large_size(arena, line >> SPAN_LINES_SHIFT);
    tools_usable(block, size);
    return size;
}
