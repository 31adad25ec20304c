/*
 * Output files: all of them or none. Each is written to a temporary file beside it; when all are complete they are renamed.
 */
#ifndef CTRPP_OUTPUT_H
#define CTRPP_OUTPUT_H

#include "text.h"

#include <stdbool.h>
#include <stdio.h>

enum { MOST_OUTPUTS = 4 };

struct output {
    const char *path;
    struct text text;
};

/* False if a file cannot be written, which is reported to `errors` unless that is NULL; then no file has been touched. */
bool outputs_write(struct arena *arena, struct output *outputs, size_t count, FILE *errors);

#endif
