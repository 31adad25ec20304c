/* See table.h. */
#include "table.h"

#include "name.h"
#include "system.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Text that grows. After a failure nothing is added any more. */
struct text {
    char *bytes;
    size_t length;
    size_t capacity;
    bool failed;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
    enum { LONGEST = NAME_UTF8 + 4096 }; /* a line: an instance's name, two other names, a figure */
    va_list arguments;
    int length;

    if (text->capacity - text->length < LONGEST && !text->failed) {
        char *bytes = realloc(text->bytes, text->capacity * 2 + LONGEST);

        text->failed = bytes == NULL;
        if (bytes != NULL) {
            text->bytes = bytes;
            text->capacity = text->capacity * 2 + LONGEST;
        }
    }
    if (text->failed)
        return;
    va_start(arguments, format);
    length = vsnprintf(text->bytes + text->length, LONGEST, format, arguments);
    va_end(arguments);
    if (length < 0 || length >= LONGEST)
        text->failed = true;
    else
        text->length += (size_t)length;
}

/* `set(instance)\counter`: names where they are known, else GUID and id. An id behind the name tells instances apart. */
static void add_path(struct text *text, const struct perflib_value *value)
{
    const char *set = table_set_name(&value->set);
    const char *counter = table_counter_name(&value->set, value->counter);
    char guid[GUID_TEXT];
    char instance[NAME_UTF8];

    guid_to_text(&value->set, guid);
    name_to_utf8(value->instance, instance);
    add(text, "%s(%s", set != NULL ? set : guid, instance);
    if (value->instance_id != 0)
        add(text, "#%lu", (unsigned long)value->instance_id);
    if (counter != NULL)
        add(text, ")\\%s", counter);
    else
        add(text, ")\\%lu", (unsigned long)value->counter);
}

/* Numbers are written in full, what is computed with three digits behind the point. */
static void add_figure(struct text *text, const struct perflib_sample *before, const struct perflib_sample *after, size_t index)
{
    enum { KIND_MASK = 0xC00, NUMBER_MASK = 0x30000 };
    const struct perflib_value *value = &after->values[index];
    const bool is_number = (value->type & KIND_MASK) == PERF_TYPE_NUMBER;
    double figure;

    if (value->status != ERROR_SUCCESS) {
        add(text, "%s", value->status == ERROR_NO_DATA ? "no data" : "error");
    } else if (is_number && ((value->type & NUMBER_MASK) == PERF_NUMBER_HEX || (value->attrib & PERF_ATTRIB_DISPLAY_AS_HEX) != 0)) {
        add(text, "0x%" PRIx64, (uint64_t)value->value);
    } else if (is_number && (value->attrib & PERF_ATTRIB_DISPLAY_AS_REAL) == 0) {
        add(text, "%" PRIu64, (uint64_t)value->value);
    } else if (perflib_display(before, after, index, &figure)) {
        add(text, "%.3f%s", figure, perflib_display_unit(value->type));
    } else {
        add(text, "-");
    }
}

/* Bases are part of what they are the base of. */
static bool is_shown(const struct perflib_value *value)
{
    enum { BASE_MASK = 0x70C00 };

    return (value->attrib & PERF_ATTRIB_NO_DISPLAYABLE) == 0 &&
           (value->type & BASE_MASK) != (PERF_TYPE_COUNTER | PERF_COUNTER_BASE);
}

/* Characters of UTF-8 text: bytes that do not continue one. */
static size_t width_of(const char *text, size_t length)
{
    size_t width = 0;

    for (size_t i = 0; i < length; i++)
        width += ((unsigned char)text[i] & 0xC0) != 0x80;
    return width;
}

/* How wide the column of paths has to be. */
static size_t widest_path(const struct perflib_sample *sample)
{
    struct text text = {0};
    size_t widest = 0;

    for (size_t i = 0; i < sample->n_values; i++) {
        size_t width;

        if (!is_shown(&sample->values[i]))
            continue;
        text.length = 0;
        add_path(&text, &sample->values[i]);
        width = width_of(text.bytes, text.length);
        if (width > widest)
            widest = width;
    }
    free(text.bytes);
    return widest;
}

bool table_print(FILE *out, const struct perflib_sample *before, const struct perflib_sample *after, ULONG error)
{
    enum { FIGURE_WIDTH = 20 };
    const size_t column = widest_path(after);
    struct text text = {0};
    struct text figure = {0};
    struct system_clock clock;
    bool written;

    system_local_time(after->time_100ns, &clock);
    add(&text, "%s%02u:%02u:%02u.%03u\n", system_is_terminal(out) ? "\033[H\033[2J" : "", clock.hour, clock.minute, clock.second,
        clock.millisecond);
    for (size_t i = 0; i < after->n_values && !text.failed; i++) {
        const size_t start = text.length;

        if (!is_shown(&after->values[i]))
            continue;
        add_path(&text, &after->values[i]);
        if (text.failed)
            break;
        figure.length = 0;
        add_figure(&figure, before, after, i);
        add(&text, "%*s%*s\n", (int)(column - width_of(text.bytes + start, text.length - start)), "", FIGURE_WIDTH,
            figure.failed ? "" : figure.bytes);
    }
    if (error != ERROR_SUCCESS)
        add(&text, "a provider refused: error %lu\n", (unsigned long)error);
    add(&text, "\n");
    written = !text.failed && fwrite(text.bytes, 1, text.length, out) == text.length && fflush(out) == 0;
    free(text.bytes);
    free(figure.bytes);
    return written;
}
