/*
 * Size classes: which block sizes there are, in cache lines.
 *
 * Multiples of a line up to 16 lines, then steps of at most 12.5 % up to 8 KiB; above, sizes that fill a span, and 24 and 28 KiB,
 * whose tail is never touched. With an isolation of 128 bytes only the even classes are used, so that every block is whole pairs of
 * lines.
 */
#ifndef PERFPOOL_SIZE_CLASS_H
#define PERFPOOL_SIZE_CLASS_H

#include <stddef.h>
#include <stdint.h>

enum {
    LINE_SHIFT = 6,
    LINE_SIZE = 1 << LINE_SHIFT,
    SPAN_LINES_SHIFT = 10,
    SPAN_LINES = 1 << SPAN_LINES_SHIFT,
    SPAN_SHIFT = LINE_SHIFT + SPAN_LINES_SHIFT,
    SPAN_SIZE = 1 << SPAN_SHIFT,
    N_CLASSES = 48,
    SMALL_LINES_MAX = 512,
    SMALL_SIZE_MAX = SMALL_LINES_MAX << LINE_SHIFT,
    MAGAZINE_CAPACITY = 124,
    MAGAZINE_BYTES_MAX = 32 << 10, /* blocks in one magazine, so that large classes do not hoard */
    KEEP_BYTES_MIN = 64 << 10
};

/* A class's facts. Constant. */
struct size_class {
    uint16_t lines;    /* of one block */
    uint16_t blocks;   /* in one span */
    uint16_t capacity; /* of one magazine */
    uint16_t keep;     /* full magazines that a bin keeps in any case */
};

/* The classes of a heap, by its isolation. With 128 bytes the odd ones are as large as the next. */
extern const struct size_class size_classes[N_CLASSES], size_classes_isolated[N_CLASSES];

/*
 * From size in lines to class, the same for both. A table of constants rather than of the pool: the load need not wait for the
 * pool's address (1 ns of a 9 ns pair).
 */
extern const uint8_t size_class_of[SMALL_LINES_MAX + 1];

static inline size_t size_class_bytes(const struct size_class *class)
{
    return (size_t) class->lines << LINE_SHIFT;
}

#endif
