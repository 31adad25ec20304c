#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_add(struct text *text, const char *bytes, size_t size)
{
    if (text->capacity - text->size <= size) {
        size_t capacity = (text->size + size + 1) * 2;
        if (capacity < 1024)
            capacity = 1024;
        char *grown = arena_allocate(text->arena, capacity);
        if (text->size > 0)
            memcpy(grown, text->bytes, text->size);
        text->bytes = grown;
        text->capacity = capacity;
    }
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
    text->bytes[text->size] = '\0';
}

void text_add_string(struct text *text, const char *string)
{
    text_add(text, string, strlen(string));
}

void text_print(struct text *text, const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    if (length >= 0 && (size_t)length < sizeof(line)) {
        text_add(text, line, (size_t)length);
        return;
    }
    char *longer = arena_allocate(text->arena, (size_t)length + 1);
    va_start(arguments, format);
    vsnprintf(longer, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text_add(text, longer, (size_t)length);
}

uint32_t utf8_next(const char **at)
{
    const unsigned char *bytes = (const unsigned char *)*at;
    size_t length = bytes[0] < 0x80 ? 1 : bytes[0] < 0xE0 ? 2 : bytes[0] < 0xF0 ? 3 : 4;
    static const unsigned char masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t point = bytes[0] & masks[length];
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80) {
            (*at)++;
            return 0xFFFD;
        }
        point = point << 6 | (bytes[i] & 0x3Fu);
    }
    *at += length;
    return point;
}

size_t utf16_length(const char *utf8)
{
    size_t length = 0;
    while (*utf8 != '\0')
        length += utf8_next(&utf8) > 0xFFFF ? 2 : 1;
    return length;
}
