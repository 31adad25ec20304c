#include "diagnostics.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PRINTED = 100, MOST_QUOTED = 80, MOST_FORMATTED = 1024 };

struct diagnostic {
    struct diagnostic *next;
    unsigned line;
    unsigned order; /* keeps the order of those on one line */
    const char *kind;
    const char *message;
};

static void report(struct diagnostics *diagnostics, unsigned line, const char *kind, const char *message)
{
    struct diagnostic *diagnostic = arena_allocate(diagnostics->arena, sizeof(*diagnostic));
    diagnostic->line = line;
    diagnostic->order = (unsigned)(diagnostics->errors + diagnostics->warnings);
    diagnostic->kind = kind;
    diagnostic->message = message;
    if (diagnostics->last != NULL) {
        diagnostics->last->next = diagnostic;
    } else {
        diagnostics->first = diagnostic;
    }
    diagnostics->last = diagnostic;
}

void report_error(struct diagnostics *diagnostics, unsigned line, const char *format, ...)
{
    char message[MOST_FORMATTED];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    report(diagnostics, line, "error", arena_copy(diagnostics->arena, message, strlen(message)));
    diagnostics->errors++;
}

void report_warning(struct diagnostics *diagnostics, unsigned line, const char *format, ...)
{
    char message[MOST_FORMATTED];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    report(diagnostics, line, "warning", arena_copy(diagnostics->arena, message, strlen(message)));
    diagnostics->warnings++;
}

static int compare_lines(const void *left, const void *right)
{
    const struct diagnostic *a = *(const struct diagnostic *const *)left;
    const struct diagnostic *b = *(const struct diagnostic *const *)right;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

void diagnostics_print(const struct diagnostics *diagnostics, struct text *text)
{
    size_t count = diagnostics->errors + diagnostics->warnings;
    if (count == 0)
        return;
    const struct diagnostic **sorted = arena_allocate(diagnostics->arena, count * sizeof(const struct diagnostic *));
    size_t n = 0;
    for (const struct diagnostic *diagnostic = diagnostics->first; diagnostic != NULL; diagnostic = diagnostic->next)
        sorted[n++] = diagnostic;
    qsort(sorted, n, sizeof(const struct diagnostic *), compare_lines);
    for (size_t i = 0; i < n && i < MOST_PRINTED; i++)
        text_print(text, "%s:%u: %s: %s\n", diagnostics->file, sorted[i]->line, sorted[i]->kind, sorted[i]->message);
    if (n > MOST_PRINTED)
        text_print(text, "%s: %zu more messages are not shown\n", diagnostics->file, n - MOST_PRINTED);
}

const char *quote(struct diagnostics *diagnostics, const char *text)
{
    struct text quoted = {.arena = diagnostics->arena};
    text_add_string(&quoted, "\"");
    for (size_t n = 0; *text != '\0'; n++) {
        if (n == MOST_QUOTED) {
            text_add_string(&quoted, "...");
            break;
        }
        const char *start = text;
        uint32_t point = utf8_next(&text);
        if (point < 0x20 || (point >= 0x7F && point < 0xA0)) {
            text_print(&quoted, "\\x%02x", (unsigned)point);
        } else {
            text_add(&quoted, start, (size_t)(text - start));
        }
    }
    text_add_string(&quoted, "\"");
    return quoted.bytes;
}
