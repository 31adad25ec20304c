#include "text.h"

void text_clear(struct text *text)
{
    text->length = 0;
    text->characters[0] = '\0';
}

static void text_add_character(struct text *text, char character)
{
    if (text->length + 1 >= sizeof text->characters)
        return;
    text->characters[text->length++] = character;
    text->characters[text->length] = '\0';
}

void text_add(struct text *text, const char *string)
{
    while (*string != '\0')
        text_add_character(text, *string++);
}

static void text_add_digits(struct text *text, uint64_t number, unsigned base)
{
    char digits[20];
    size_t n = 0;
    do {
        digits[n++] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number != 0);
    while (n > 0)
        text_add_character(text, digits[--n]);
}

void text_add_pointer(struct text *text, const void *pointer)
{
    text_add(text, "0x");
    text_add_digits(text, (uintptr_t)pointer, 16);
}

void text_add_number(struct text *text, uint64_t number)
{
    text_add_digits(text, number, 10);
}

size_t text_length(const char *string, size_t limit)
{
    size_t length = 0;
    while (length < limit && string[length] != '\0')
        length++;
    return length;
}
