/*
 * What AddressSanitizer, LeakSanitizer and valgrind are told, so that they know perfpool's blocks as they know malloc's: which
 * bytes are a live block's requested ones, that all else in a span is nobody's, and that blocks may hold the only pointers to
 * other memory. With the build option PERFPOOL_TOOLS only; else every hook is nothing.
 *
 * With it no heap is cached by its threads, so that every call takes the slow path: the fast paths know nothing of tools.
 *
 * A hook is called by whoever holds the block or span: tools_revealed and tools_allocated before it is handed out, tools_freed
 * before any other thread can find it.
 */
#ifndef PERFPOOL_TOOLS_H
#define PERFPOOL_TOOLS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct perfpool_heap;

#ifdef PERFPOOL_TOOLS
enum { TOOLS = 1 };

/* A heap is open, or about to be released. */
void tools_heap_made(const struct perfpool_heap *heap);
void tools_heap_released(const struct perfpool_heap *heap);

/* A word of an arena is opened: blocks will be in its spans. Once per word. */
void tools_word_opened(const struct arena *arena, unsigned word);

/* Spans are committed, and nothing in them is a block. */
void tools_committed(const void *start, size_t size);

/* perfpool itself is about to touch a block that is nobody's. */
void tools_revealed(const void *start, size_t size);

/* A caller was told that a live block has `size` usable bytes: all of them are its own from now on. */
void tools_usable(const void *block, size_t size);

/* A block of `usable` bytes is handed out for `size`; `defined`: its bytes have known values. */
void tools_allocated(const struct perfpool_heap *heap, const void *block, size_t size, size_t usable, bool defined);

/* A block is free. */
void tools_freed(const struct perfpool_heap *heap, const void *block, size_t usable);

/* Between these two a thread reads and fills what is nobody's: the canaries and freed blocks of PERFPOOL_POISON. */
void tools_quiet(void);
void tools_loud(void);
#define TOOLS_UNCHECKED __attribute__((no_sanitize_address))

#else
enum { TOOLS = 0 };
#define tools_heap_made(heap) ((void)0)
#define tools_heap_released(heap) ((void)0)
#define tools_word_opened(arena, word) ((void)0)
#define tools_committed(start, size) ((void)0)
#define tools_revealed(start, size) ((void)0)
#define tools_usable(block, size) ((void)0)
#define tools_allocated(heap, block, size, usable, defined) ((void)0)
#define tools_freed(heap, block, usable) ((void)0)
#define tools_quiet() ((void)0)
#define tools_loud() ((void)0)
#define TOOLS_UNCHECKED
#endif

#endif
