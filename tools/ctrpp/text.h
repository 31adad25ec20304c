/*
 * Text that grows: what is to become an output file, and helpers for UTF-8. A text's bytes live in its arena.
 */
#ifndef CTRPP_TEXT_H
#define CTRPP_TEXT_H

#include "memory.h"

#include <stdint.h>

struct text {
    struct arena *arena;
    char *bytes; /* NUL-terminated; NULL while empty */
    size_t size; /* without the NUL */
    size_t capacity;
};

void text_add(struct text *text, const char *bytes, size_t size);
void text_add_string(struct text *text, const char *string);
void text_print(struct text *text, const char *format, ...) CTRPP_FORMAT(2, 3);

/*
 * The code point at *at, which must lie before the terminating NUL; *at moves behind it. U+FFFD for a byte that is not UTF-8, which
 * names of files may hold; the texts of a manifest are always valid.
 */
uint32_t utf8_next(const char **at);

/* Length of valid UTF-8 in UTF-16 code units, which is how Windows counts characters. */
size_t utf16_length(const char *utf8);

#endif
