#include "tools.h"

#include "heap.h"
#include "large.h"
#include "text.h"

#if defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#define ON_VALGRIND(request) request
#define ON_VALGRIND_OR(request, otherwise) request
#endif
#endif
#ifndef ON_VALGRIND
#define ON_VALGRIND(request) ((void)0)
#define ON_VALGRIND_OR(request, otherwise) (otherwise)
#endif

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/lsan_interface.h>

/* Where an address is in a heap. */
struct spot {
    const char *block; /* NULL: in no block */
    size_t usable;
    bool live;
};

/* The first span of the freed large block that had a free span; the span itself if there was none. */
static uint32_t last_run_over(const struct arena *arena, uint32_t span)
{
    for (uint32_t first = span; load_relaxed_32(&arena->headers[first]) == 0; first--) {
        const struct span_record *record = &arena->records[first];
        if (load_relaxed_8(&record->kind) == HEADER_LARGE && record_spans(record) > span - first)
            return first;
        if (first == 0)
            break;
    }
    return span;
}

static struct spot spot_of(const struct perfpool_heap *heap, const char *address)
{
    const struct arena *arena = &heap->arena;
    struct spot spot = {NULL, 0, false};
    uint32_t span = (uint32_t)((size_t)(address - arena->base) >> SPAN_SHIFT);
    uint32_t header = load_acquire_32(&arena->headers[span]);
    uint32_t kind = header & HEADER_KIND_MASK;
    if (kind == HEADER_TAIL)
        span -= header >> HEADER_ARGUMENT_SHIFT;
    if (header == 0) { /* free now: what it was last, or a large block that reached so far */
        span = last_run_over(arena, span);
        kind = load_relaxed_8(&arena->records[span].kind);
    }
    if (kind < N_CLASSES) {
        size_t size = size_class_bytes(&heap->classes[kind]);
        uint32_t index = (uint32_t)((size_t)(address - arena_span_start(arena, span)) / size);
        if (index >= load_relaxed_16(&arena->records[span].cut))
            return spot;
        spot.block = arena_span_start(arena, span) + index * size;
        spot.usable = size;
        uint8_t state = load_relaxed_8(&arena->states[(size_t)(spot.block - arena->base) >> LINE_SHIFT]);
        spot.live = header != 0 && state == STATE_LIVE;
    } else {
        spot.block = arena_span_start(arena, span);
        spot.usable = large_size(arena, span);
        spot.live = header != 0;
    }
    return spot;
}

static void add_distance(struct text *text, const struct spot *spot, size_t size, const char *address)
{
    size_t at = (size_t)(address - spot->block);
    text_add(text, ", which is ");
    text_add_number(text, at < size ? at : at - size);
    text_add(text, at < size ? " bytes inside " : " bytes past the end of ");
}

/* "perfpool: 0x.. is 3 bytes past the end of block 0x.. (61 bytes) in heap "web" 0x.., which is live". */
static void describe(const struct perfpool_heap *heap, const char *address)
{
    struct text text;
    struct spot spot = spot_of(heap, address);
    text_clear(&text);
    text_add(&text, "perfpool: the bad address is ");
    text_add_pointer(&text, address);
    if (spot.block != NULL) {
        /* What was requested ends where the poison begins; a block being freed elsewhere has none left. */
        const char *end = spot.live ? __asan_region_is_poisoned((void *)(uintptr_t)spot.block, spot.usable) : NULL;
        size_t size = end != NULL && end != spot.block ? (size_t)(end - spot.block) : spot.usable;
        bool live = spot.live && end != spot.block; /* a block on its way home is free, too */
        add_distance(&text, &spot, size, address);
        text_add(&text, live ? "live block " : "freed block ");
        text_add_pointer(&text, spot.block);
        text_add(&text, " (");
        text_add_number(&text, size);
        text_add(&text, " bytes)");
    } else {
        text_add(&text, ", where no block ever was,");
    }
    text_add(&text, " of heap \"");
    text_add(&text, heap->name);
    text_add(&text, "\" ");
    text_add_pointer(&text, heap);
    text_add(&text, "\n");
    os_write(text.characters, text.length);
}

/* AddressSanitizer has reported something: if it is in a heap, what it knows is a poisoned address, and the block is told here. */
static void explain(const char *report)
{
    (void)report;
    const char *address = __asan_get_report_address();
    for (uint32_t i = 0; address != NULL && i < HEAP_SLOTS; i++) {
        struct perfpool_heap *heap = &heap_slots[i];
        if (!heap_enter(heap, 0))
            continue;
        bool inside = (uintptr_t)address - (uintptr_t)heap->arena.base < arena_lines(&heap->arena) << LINE_SHIFT;
        if (inside)
            describe(heap, address);
        heap_leave(heap);
        if (inside)
            return;
    }
}

static void hide(const void *start, size_t size)
{
    __asan_poison_memory_region(start, size);
}

static void show(const void *start, size_t size)
{
    __asan_unpoison_memory_region(start, size);
}

static void roots(const struct arena *arena, uint32_t word, bool are)
{
    uint32_t left = arena->n_spans - word * WORD_SPANS;
    size_t bytes = (size_t)(left < WORD_SPANS ? left : WORD_SPANS) << SPAN_SHIFT;
    const void *start = arena_span_start(arena, word * WORD_SPANS);
    if (are)
        __lsan_register_root_region(start, bytes);
    else
        __lsan_unregister_root_region(start, bytes);
}

static void watch(void)
{
    __asan_set_error_report_callback(explain);
}
#else
static void hide(const void *start, size_t size)
{
    (void)start, (void)size;
}

static void show(const void *start, size_t size)
{
    (void)start, (void)size;
}

static void roots(const struct arena *arena, uint32_t word, bool are)
{
    (void)arena, (void)word, (void)are;
}

static void watch(void)
{
}
#endif

void tools_heap_made(const struct perfpool_heap *heap)
{
    watch();
    ON_VALGRIND(VALGRIND_CREATE_MEMPOOL(heap, 0, 0));
}

void tools_heap_released(const struct perfpool_heap *heap)
{
    const struct arena *arena = &heap->arena;
    ON_VALGRIND(VALGRIND_DESTROY_MEMPOOL(heap));
    /* The range may be anybody's next: the poison goes with the blocks. */
    show(arena->base, (size_t)arena_lines(arena) << LINE_SHIFT);
    for (uint32_t word = 0; word < load_acquire_32(&arena->opened); word++)
        roots(arena, word, false);
}

void tools_word_opened(const struct arena *arena, unsigned word)
{
    roots(arena, word, true);
}

void tools_committed(const void *start, size_t size)
{
    hide(start, size);
    ON_VALGRIND(VALGRIND_MAKE_MEM_NOACCESS(start, size));
}

void tools_revealed(const void *start, size_t size)
{
    show(start, size);
    ON_VALGRIND(VALGRIND_MAKE_MEM_DEFINED(start, size));
}

void tools_usable(const void *block, size_t size)
{
    show(block, size);
    /* Only what was slack: what was requested may be undefined, which valgrind is to find. */
    tools_quiet();
    uintptr_t slack = ON_VALGRIND_OR(VALGRIND_CHECK_MEM_IS_ADDRESSABLE(block, size), 0);
    tools_loud();
    if (slack != 0)
        ON_VALGRIND(VALGRIND_MAKE_MEM_DEFINED(slack, size - (slack - (uintptr_t)block)));
}

void tools_allocated(const struct perfpool_heap *heap, const void *block, size_t size, size_t usable, bool defined)
{
    (void)heap, (void)defined;
    show(block, size);
    hide((const char *)block + size, usable - size);
    /* With its slack, which nobody may touch, so that an overflow is known to be this block's. Redzones would do that, too, but
     * valgrind takes them from the neighbours when the block is freed. */
    ON_VALGRIND(VALGRIND_MEMPOOL_ALLOC(heap, block, usable));
    if (defined)
        ON_VALGRIND(VALGRIND_MAKE_MEM_DEFINED(block, size));
    ON_VALGRIND(VALGRIND_MAKE_MEM_NOACCESS((const char *)block + size, usable - size));
}

void tools_freed(const struct perfpool_heap *heap, const void *block, size_t usable)
{
    (void)heap;
    hide(block, usable);
    ON_VALGRIND(VALGRIND_MEMPOOL_FREE(heap, block));
    ON_VALGRIND(VALGRIND_MAKE_MEM_NOACCESS(block, usable));
}

void tools_quiet(void)
{
    ON_VALGRIND(VALGRIND_DISABLE_ERROR_REPORTING);
}

void tools_loud(void)
{
    ON_VALGRIND(VALGRIND_ENABLE_ERROR_REPORTING);
}
