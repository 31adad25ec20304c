/*
 * One line of text in a buffer of its own: what fault messages are made with, for there is no stdio here.
 * What does not fit is cut off; the text is always terminated.
 */
#ifndef PERFPOOL_TEXT_H
#define PERFPOOL_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct text {
    size_t length;
    char characters[256];
};

void text_clear(struct text *text);
void text_add(struct text *text, const char *string);
void text_add_pointer(struct text *text, const void *pointer); /* 0x and lower-case hexadecimal digits */
void text_add_number(struct text *text, uint64_t number);      /* decimal */

/* Length of a string, at most `limit`. */
size_t text_length(const char *string, size_t limit);

#endif
