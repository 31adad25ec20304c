/*
 * What is written for a manifest. Each function appends one file to a text; the manifest has passed all checks.
 */
#ifndef CTRPP_WRITERS_H
#define CTRPP_WRITERS_H

#include "manifest.h"
#include "options.h"
#include "strings.h"
#include "text.h"

/* The header of -o. */
void write_code(struct text *text, const struct manifest *manifest, const struct options *options);

/* The header of -ch. `strings` has the resolved names. */
void write_symbols(struct text *text, const struct manifest *manifest, const struct strings *strings,
                   const struct options *options);

/* The .rc of -rc. */
void write_resources(struct text *text, const struct manifest *manifest, const struct strings *strings);

/* The four files of -legacy. */
void write_legacy_header(struct text *text, const struct manifest *manifest, const struct options *options);
void write_legacy_code(struct text *text, const struct manifest *manifest, const struct options *options);
void write_legacy_resources(struct text *text, const struct manifest *manifest, const struct strings *strings);
void write_legacy_ids(struct text *text, const struct manifest *manifest, const struct strings *strings);

/* What the writers share. */

/* A comment that says what the file was made from. */
void write_origin(struct text *text, const struct manifest *manifest);

/* The constants that a header uses or its users may need, where the system's headers lack them. */
void write_constants(struct text *text, const struct manifest *manifest);

/* An initialiser of PERF_COUNTER_INFO. */
void write_counter_info(struct text *text, const struct counter *counter, const char *size, unsigned offset);

/* A text as a string of an .rc file. */
void write_resource_string(struct text *text, const char *string);

/* The manifest's base name as part of an identifier. */
const char *module_name(struct arena *arena, const struct manifest *manifest);

#endif
