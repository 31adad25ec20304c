/*
 * What is wrong with a manifest: collected while it is read and checked, printed in the order of its lines.
 */
#ifndef CTRPP_DIAGNOSTICS_H
#define CTRPP_DIAGNOSTICS_H

#include "text.h"

struct diagnostics {
    struct arena *arena;
    const char *file; /* as the user named it */
    struct diagnostic *first, *last;
    size_t errors;
    size_t warnings;
};

/* The message names what was found and what was expected; `line` counts from 1. */
void report_error(struct diagnostics *diagnostics, unsigned line, const char *format, ...) CTRPP_FORMAT(3, 4);
void report_warning(struct diagnostics *diagnostics, unsigned line, const char *format, ...) CTRPP_FORMAT(3, 4);

/* Appends a line `file:line: error: message` for each, by line, at most 100 of them. */
void diagnostics_print(const struct diagnostics *diagnostics, struct text *text);

/* A manifest's text in quotation marks, on one line and not too long, for a message. */
const char *quote(struct diagnostics *diagnostics, const char *text);

#endif
