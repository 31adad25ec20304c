/*
 * Memory that is given back as one: everything read from a manifest and everything written for it lives in one arena.
 *
 * No call returns NULL: without memory the program says so and ends with exit code 1, before any file is written.
 */
#ifndef CTRPP_MEMORY_H
#define CTRPP_MEMORY_H

#include <stddef.h>

/* A function that takes a format, which is C99's on Windows too, and its arguments. */
#if defined(__MINGW32__) && !defined(__clang__)
#define CTRPP_FORMAT(format_index, first) __attribute__((format(gnu_printf, format_index, first), nonnull(format_index)))
#else
#define CTRPP_FORMAT(format_index, first) __attribute__((format(printf, format_index, first), nonnull(format_index)))
#endif

struct arena {
    struct arena_block *blocks; /* newest first; NULL: nothing allocated yet */
};

/* Zeroed memory for any type, valid until arena_free. */
void *arena_allocate(struct arena *arena, size_t size);

/* A copy of `size` bytes with a NUL behind them. */
char *arena_copy(struct arena *arena, const char *text, size_t size);

/* printf into the arena. */
char *arena_format(struct arena *arena, const char *format, ...) CTRPP_FORMAT(2, 3);

/* Gives all of it back; the arena is empty and can be used again. */
void arena_free(struct arena *arena);

#endif
