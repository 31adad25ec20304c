#include "heap.h"

#include "fault.h"
#include "options.h"
#include "seed.h"
#include "stats.h"
#include "text.h"
#include "thread.h"
#include "tools.h"

#include <string.h>

struct perfpool_heap heap_slots[HEAP_SLOTS];
struct perfpool_heap *heap_default;
static uint64_t retirements;

static uint64_t gate_make(uint32_t generation, uint32_t phase, uint32_t visitors)
{
    return (uint64_t)generation << 32 | phase << GATE_PHASE_SHIFT | visitors;
}

static uint32_t gate_phase(uint64_t gate)
{
    return (uint32_t)gate >> GATE_PHASE_SHIFT;
}

static uint32_t gate_visitors(uint64_t gate)
{
    return (uint32_t)gate & (((uint32_t)1 << GATE_PHASE_SHIFT) - 1);
}

bool heap_enter(struct perfpool_heap *heap, uint32_t generation)
{
    uint64_t gate = load_acquire_64(&heap->gate);
    do {
        if (SEEDED(enter_phase, gate_phase(gate) != GATE_OPEN, false) ||
            SEEDED(enter_generation, (generation != 0 && gate >> 32 != generation), false))
            return false;
    } while (!SEEDED(enter_again, SEEDED(enter, cas_64, split_cas_64), adding_cas_64)(&heap->gate, &gate, gate + 1));
    os_visit(1);
    return true;
}

static void slot_let_go(struct perfpool_heap *heap)
{
    store_release_64(&heap->gate, gate_make((uint32_t)(load_relaxed_64(&heap->gate) >> 32), GATE_FREE, 0));
}

/* Gives the heap's memory back and its slot to whoever makes the next. By the one who found nobody left in it. */
static void heap_release(struct perfpool_heap *heap)
{
    MISPLACED(slot_early, slot_let_go(heap));
    tools_heap_released(heap);
    arena_destroy(&heap->arena);
    store_relaxed_64(&heap->retired, fetch_add_64(&retirements, 1) + 1);
    SEEDED(slot_early, slot_let_go(heap), (void)0);
}

void heap_leave(struct perfpool_heap *heap)
{
    uint64_t gate = load_relaxed_64(&heap->gate);
    while (!SEEDED(leave, cas_64, split_cas_64)(&heap->gate, &gate, gate - 1)) {
    }
    os_visit((uint32_t)-1);
    if (gate_phase(gate) == GATE_CLOSING && SEEDED(leave_last, gate_visitors(gate) == 1, true))
        heap_release(heap);
}

/* Closes a heap the caller has entered: nobody enters it any more, and the last to leave releases it. Lock-free. */
static void heap_close(struct perfpool_heap *heap)
{
    uint64_t gate = load_relaxed_64(&heap->gate);
    while (gate_phase(gate) == GATE_OPEN &&
           !SEEDED(close, cas_64, split_cas_64)(&heap->gate, &gate, gate | (uint64_t)GATE_CLOSING << GATE_PHASE_SHIFT)) {
    }
}

/* Claims the free slot whose last heap went longest ago; NULL if all are in use. Any thread. Lock-free. */
static struct perfpool_heap *slot_claim(void)
{
    for (;;) {
        struct perfpool_heap *oldest = NULL;
        for (uint32_t i = 0; i < HEAP_SLOTS; i++) {
            struct perfpool_heap *heap = &heap_slots[i];
            if (gate_phase(load_relaxed_64(&heap->gate)) == GATE_FREE &&
                (oldest == NULL || load_relaxed_64(&heap->retired) < load_relaxed_64(&oldest->retired)))
                oldest = heap;
        }
        if (oldest == NULL)
            return NULL;
        uint64_t gate = load_acquire_64(&oldest->gate);
        if (SEEDED(slot_free, gate_phase(gate) == GATE_FREE, true) &&
            SEEDED(slot_claim, cas_64, split_cas_64)(
                &oldest->gate, &gate, gate_make((uint32_t)(gate >> 32) + SEEDED(slot_generation, 1, 0), GATE_BUILDING, 0)))
            return oldest;
    }
}

/* How much to reserve, and whether less will do. */
static uint64_t reserve_size(const perfpool_options *options, bool is_default, struct arena_wish *wish)
{
    uint64_t size = options->reserve;
    wish->halve = size == 0;
    wish->total_max = UINT64_MAX;
    if (size == 0) {
        size_t left = os_address_space_left();
        size = os_default_reserve(is_default);
        uint64_t limit = options->limit;
        if (limit != 0)
            size = limit < ARENA_SIZE_MAX / 2 ? limit * 2 : ARENA_SIZE_MAX;
        if (left != SIZE_MAX)
            wish->total_max = left / 4;
    }
    return (size + SPAN_SIZE - 1) & ~(uint64_t)(SPAN_SIZE - 1);
}

static void set_name(struct perfpool_heap *heap, const char *name)
{
    size_t length = text_length(name, HEAP_NAME_MAX - 1);
    memset(heap->name, 0, HEAP_NAME_MAX);
    memcpy(heap->name, name, length);
}

/* Makes a heap of valid options; NULL: no memory. */
static struct perfpool_heap *heap_make(const perfpool_options *options, bool is_default)
{
    struct arena_wish wish;
    struct perfpool_heap *heap = slot_claim();
    if (heap == NULL)
        return NULL;
    heap->n_pools = 0;
    heap->flags = options->flags | ((options->flags & PERFPOOL_POISON) != 0 ? PERFPOOL_CHECK_REMOTE : 0);
    heap->isolation = options->isolation != 0 ? options->isolation : LINE_SIZE;
    heap->classes = heap->isolation == LINE_SIZE ? size_classes : size_classes_isolated;
    heap->on_fault = options->on_fault;
    heap->fault_arg = options->fault_arg;
    heap->unbound[0].head = heap->unbound[1].head = 0;
    heap->swept = 0;
    heap->faults = 0;
    set_name(heap, options->name != NULL ? options->name : is_default ? "default" : "unnamed");
    wish.size = reserve_size(options, is_default, &wish);
    wish.colour = heap_slot(heap);
    wish.poison = (heap->flags & PERFPOOL_POISON) != 0;
    uint32_t generation = heap_generation(heap);
    MISPLACED(open_early, store_release_64(&heap->gate, gate_make(generation, GATE_OPEN, 0)));
    if (!arena_create(&heap->arena, &wish)) {
        store_release_64(&heap->gate, gate_make(generation, GATE_FREE, 0));
        return NULL;
    }
    if (options->limit != 0)
        heap->arena.limit = options->limit;
    tools_heap_made(heap);
    magazine_store_create(&heap->magazines, &heap->arena);
    heap->cached_pools = TOOLS || (heap->flags & PERFPOOL_CHECK_REMOTE) != 0 ? NULL : heap->arena.pools;
    if (options->precommit != 0 && !arena_precommit(&heap->arena, options->precommit)) {
        heap_release(heap);
        return NULL;
    }
    /* Pairs with heap_enter and heap_generation. */
    SEEDED(open_early, store_release_64(&heap->gate, gate_make(generation, GATE_OPEN, 0)), (void)0);
    return heap;
}

perfpool_heap *perfpool_heap_create(const perfpool_options *options)
{
    static const perfpool_options defaults = {.size = sizeof(perfpool_options)};
    if (options == NULL)
        options = &defaults;
    if (!options_valid(options)) {
        os_set_error(OS_ERROR_INVALID);
        return NULL;
    }
    struct perfpool_heap *heap = heap_make(options, false);
    if (heap == NULL)
        os_set_error(OS_ERROR_MEMORY);
    return heap;
}

/* Makes a heap and publishes it as the default one; the loser of a race releases its own. *won says whose it is. */
static struct perfpool_heap *default_publish(const perfpool_options *options, bool *won)
{
    struct perfpool_heap *heap = heap_make(options, true);
    *won = heap != NULL && SEEDED(publish, cas_ptr, split_cas_ptr)((void **)&heap_default, NULL, heap);
    if (heap != NULL && !*won && heap_enter(heap, 0)) { /* nobody uses it, but a fault's search may be inside */
        SEEDED(publish_loser, heap_close(heap), (void)0);
        heap_leave(heap);
    }
    return SEEDED(publish_winner, heap_default_if_made(), heap);
}

static struct perfpool_heap *default_provide(void)
{
    struct perfpool_heap *heap = heap_default_if_made();
    if (heap != NULL)
        return heap;
    bool won;
    char buffer[512];
    perfpool_options options;
    options_parse(os_environment(buffer, sizeof buffer), &options);
    return default_publish(&options, &won);
}

perfpool_heap *perfpool_heap_default(const perfpool_options *options)
{
    bool won;
    if (options == NULL) {
        struct perfpool_heap *heap = default_provide();
        if (heap == NULL)
            os_set_error(OS_ERROR_MEMORY);
        return heap;
    }
    if (!options_valid(options)) {
        os_set_error(OS_ERROR_INVALID);
        return NULL;
    }
    if (heap_default_if_made() != NULL) {
        os_set_error(OS_ERROR_BUSY);
        return NULL;
    }
    struct perfpool_heap *heap = default_publish(options, &won);
    if (!won)
        os_set_error(heap != NULL ? OS_ERROR_BUSY : OS_ERROR_MEMORY);
    return won ? heap : NULL;
}

/* The open heap at an address, or NULL. */
static struct perfpool_heap *heap_at(const void *context)
{
    uintptr_t slot = heap_slot_of_address(context);
    if (slot >= HEAP_SLOTS)
        return NULL;
    struct perfpool_heap *heap = &heap_slots[slot];
    return gate_phase(load_acquire_64(&heap->gate)) == GATE_OPEN ? heap : NULL;
}

struct perfpool_heap *heap_resolve(const void *context)
{
    return context == NULL ? default_provide() : heap_at(context);
}

struct perfpool_heap *heap_resolve_or_fault(const void *context)
{
    struct perfpool_heap *heap = heap_resolve(context);
    if (heap == NULL && context != NULL)
        fault_bad_heap(context);
    return heap;
}

size_t perfpool_heap_destroy(perfpool_heap *heap, unsigned flags)
{
    uint64_t live;
    if (heap == NULL || heap == heap_default_if_made() || (flags & ~(unsigned)PERFPOOL_DESTROY_LIVE) != 0) {
        os_set_error(OS_ERROR_INVALID);
        return (size_t)-1;
    }
    if (heap_resolve_or_fault(heap) == NULL || !heap_enter(heap, 0)) {
        os_set_error(OS_ERROR_INVALID);
        return (size_t)-1;
    }
    if (!stats_count_live(heap, &live)) {
        heap_leave(heap);
        os_set_error(OS_ERROR_MEMORY);
        return (size_t)-1;
    }
    if (live == 0 || (flags & PERFPOOL_DESTROY_LIVE) != 0) {
        heap_close(heap);
        MISPLACED(destroy_leave, heap_leave(heap));
        SEEDED(destroy_forget, thread_forget(heap), (void)0);
        MISPLACED(destroy_leave, heap_enter(heap, 0));
    }
    heap_leave(heap);
    return (size_t)live;
}

void heap_release_all(void)
{
    for (uint32_t i = 0; i < HEAP_SLOTS; i++) {
        uint64_t live;
        struct perfpool_heap *heap = &heap_slots[i];
        if (gate_phase(load_acquire_64(&heap->gate)) == GATE_OPEN && stats_count_live(heap, &live) && live == 0)
            heap_release(heap);
    }
}

void heap_forked(void)
{
    for (uint32_t i = 0; i < HEAP_SLOTS; i++) {
        struct perfpool_heap *heap = &heap_slots[i];
        uint64_t gate = load_relaxed_64(&heap->gate);
        uint32_t generation = (uint32_t)(gate >> 32);
        if (gate_phase(gate) == GATE_FREE)
            continue; /* and not a page of the unused ones is touched */
        heap->magazines.trimming = 0;
        if (gate_phase(gate) == GATE_OPEN)
            store_relaxed_64(&heap->gate, gate_make(generation, GATE_OPEN, 0));
        else if (gate_phase(gate) == GATE_CLOSING && gate_visitors(gate) > 0) {
            thread_forget(heap); /* its destroyer may not have come to it */
            heap_release(heap);
        } else /* being built, or released: its range may be anybody's by now, so what is left of it stays */
            store_relaxed_64(&heap->gate, gate_make(generation, GATE_FREE, 0));
    }
}

const char *perfpool_version(void)
{
#define TEXT_OF(number) #number
#define VERSION_TEXT(major, minor, patch) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)
    return VERSION_TEXT(PERFPOOL_VERSION_MAJOR, PERFPOOL_VERSION_MINOR, PERFPOOL_VERSION_PATCH);
}
