#include "fault.h"

#include "heap.h"
#include "large.h"
#include "poison.h"
#include "probes.h"
#include "seed.h"
#include "text.h"

/* Where a pointer is in an arena. */
struct place {
    perfpool_fault_kind kind; /* what is wrong with freeing it there */
    const char *block;        /* start of the block it belongs to, or the pointer itself */
    size_t size;              /* of that block, 0 if there is none */
};

static void place_small(const struct perfpool_heap *heap, struct place *place, uint32_t span, uint32_t class, const char *pointer)
{
    const struct arena *arena = &heap->arena;
    size_t bytes = size_class_bytes(&heap->classes[class]);
    uint32_t index = (uint32_t)((size_t)(pointer - arena_span_start(arena, span)) / bytes);
    if (index >= load_relaxed_16(&arena->records[span].cut))
        return; /* never cut */
    place->block = arena_span_start(arena, span) + index * bytes;
    place->size = poison_requested(heap, (uint32_t)((size_t)(place->block - arena->base) >> LINE_SHIFT), bytes);
    place->kind = pointer == place->block ? PERFPOOL_FAULT_DOUBLE_FREE : PERFPOOL_FAULT_INTERIOR;
}

/* Finds out where a pointer inside the arena is, from the span's header or, if the span is free, from what it was last. */
static struct place place_of(const struct perfpool_heap *heap, const char *pointer)
{
    const struct arena *arena = &heap->arena;
    struct place place = {PERFPOOL_FAULT_NOT_ALLOCATED, pointer, 0};
    if ((size_t)(pointer - arena->base) >> LINE_SHIFT >= arena_lines(arena))
        return place; /* no span was ever claimed there, and its tables are not committed */
    uint32_t span = (uint32_t)((size_t)(pointer - arena->base) >> SPAN_SHIFT);
    uint32_t header = load_acquire_32(&arena->headers[span]);
    uint32_t kind = header != 0 ? header & HEADER_KIND_MASK : load_relaxed_8(&arena->records[span].kind);
    if (kind < N_CLASSES) {
        place_small(heap, &place, span, kind, pointer);
        if (header == 0 && place.kind == PERFPOOL_FAULT_INTERIOR)
            place = (struct place){PERFPOOL_FAULT_NOT_ALLOCATED, pointer, 0}; /* there is no such block any more */
        return place;
    }
    uint32_t first = kind == HEADER_TAIL ? span - (header >> HEADER_ARGUMENT_SHIFT) : span;
    const char *start = arena_span_start(arena, first);
    if (pointer != start && (load_relaxed_32(&arena->headers[first]) & HEADER_KIND_MASK) != HEADER_LARGE)
        return place; /* there is no such block any more */
    place.block = start;
    place.size = large_size(arena, first);
    place.kind = pointer == start ? PERFPOOL_FAULT_DOUBLE_FREE : PERFPOOL_FAULT_INTERIOR;
    return place;
}

static bool in_arena(const struct perfpool_heap *heap, const void *pointer)
{
    return ((uintptr_t)pointer - (uintptr_t)heap->arena.base) >> SPAN_SHIFT < heap->arena.n_spans;
}

/* Gives a fault to a heap's handler; without one, or without a heap, writes it and ends the process. */
static void report(struct perfpool_heap *heap, perfpool_fault *fault, struct text *text)
{
    fault->size = sizeof *fault;
    fault->text = text->characters;
    PROBE_FAULT(fault->heap, fault->kind, fault->block);
    if (heap != NULL) {
        SEEDED(count_fault, fetch_add_64, split_add_64)(&heap->faults, 1);
        if (heap->on_fault != NULL) {
            heap->on_fault(fault, heap->fault_arg);
            return;
        }
    }
    struct text line = *text;
    text_add(&line, "\n");
    os_write(line.characters, line.length);
    os_fail(text->characters);
}

static void add_block(struct text *text, const void *block, size_t size)
{
    text_add(text, "block ");
    text_add_pointer(text, block);
    text_add(text, " (");
    text_add_number(text, size);
    text_add(text, " bytes)");
}

static void add_heap(struct text *text, const char *name, const void *heap)
{
    text_add(text, "heap \"");
    text_add(text, name);
    text_add(text, "\" ");
    text_add_pointer(text, heap);
}

/* "perfpool: free of <what> of heap ..." for a pointer inside `heap`'s arena. */
static void report_place(struct perfpool_heap *heap, const void *pointer, const struct place *place)
{
    struct text text;
    perfpool_fault fault = {
        .kind = place->kind, .block = pointer, .block_size = place->size, .heap = heap, .heap_name = heap->name};
    text_clear(&text);
    if (place->kind == PERFPOOL_FAULT_DOUBLE_FREE) {
        text_add(&text, "perfpool: double free of ");
        add_block(&text, place->block, place->size);
        text_add(&text, " in ");
    } else {
        text_add(&text, "perfpool: free of ");
        text_add_pointer(&text, pointer);
        if (place->kind == PERFPOOL_FAULT_INTERIOR) {
            text_add(&text, ", inside ");
            add_block(&text, place->block, place->size);
            text_add(&text, " of ");
        } else {
            text_add(&text, ", never allocated, in ");
        }
    }
    add_heap(&text, heap->name, heap);
    report(heap, &fault, &text);
}

/* If the pointer is in another heap, describes it there: "free of block 0x.. (n bytes) of heap "db" 0x..". */
static bool describe_elsewhere(const struct perfpool_heap *heap, const void *pointer, struct text *text, size_t *size)
{
    for (uint32_t i = 0; i < HEAP_SLOTS; i++) {
        struct perfpool_heap *other = &heap_slots[i];
        if (other == heap || !heap_enter(other, 0))
            continue;
        bool found = in_arena(other, pointer);
        if (found) {
            struct place place = place_of(other, pointer);
            *size = place.size;
            add_block(text, place.block, place.size);
            text_add(text, " of ");
            add_heap(text, other->name, other);
        }
        heap_leave(other);
        if (found)
            return true;
    }
    return false;
}

static void report_outside(struct perfpool_heap *heap, const void *pointer)
{
    struct text text;
    perfpool_fault fault = {.kind = PERFPOOL_FAULT_WRONG_HEAP, .block = pointer, .heap = heap, .heap_name = heap->name};
    text_clear(&text);
    text_add(&text, "perfpool: free of ");
    if (describe_elsewhere(heap, pointer, &text, &fault.block_size)) {
        text_add(&text, " with ");
        add_heap(&text, heap->name, heap);
    } else {
        fault.kind = PERFPOOL_FAULT_FOREIGN;
        text_add_pointer(&text, pointer);
        text_add(&text, ", which is in no heap (called with ");
        add_heap(&text, heap->name, heap);
        text_add(&text, ")");
    }
    report(heap, &fault, &text);
}

void fault_free(struct perfpool_heap *heap, const void *pointer)
{
    if (!in_arena(heap, pointer)) {
        report_outside(heap, pointer);
        return;
    }
    struct place place = place_of(heap, pointer);
    report_place(heap, pointer, &place);
}

void fault_report_list(struct perfpool_heap *heap, const struct fault_list *list)
{
    for (uint32_t i = 0; i < list->n; i++)
        fault_free(heap, heap->arena.base + ((size_t)list->lines[i] << LINE_SHIFT));
}

void fault_bad_heap(const void *context)
{
    struct text text;
    perfpool_fault fault = {.kind = PERFPOOL_FAULT_BAD_HEAP, .heap = context, .heap_name = ""};
    text_clear(&text);
    text_add(&text, "perfpool: ");
    text_add_pointer(&text, context);
    text_add(&text, " is no heap");
    report(heap_default_if_made(), &fault, &text);
}

void fault_written(struct perfpool_heap *heap, perfpool_fault_kind kind, const void *block, size_t size)
{
    struct text text;
    perfpool_fault fault = {.kind = kind, .block = block, .block_size = size, .heap = heap, .heap_name = heap->name};
    text_clear(&text);
    text_add(&text, "perfpool: ");
    add_block(&text, block, size);
    text_add(&text, " in ");
    add_heap(&text, heap->name, heap);
    text_add(&text, kind == PERFPOOL_FAULT_OVERRUN ? " was written past its end" : " was written after it was freed");
    report(heap, &fault, &text);
}
