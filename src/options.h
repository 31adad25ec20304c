/*
 * Options of a heap: which values are allowed, and how PERFPOOL_OPTIONS spells them.
 */
#ifndef PERFPOOL_OPTIONS_H
#define PERFPOOL_OPTIONS_H

#include "perfpool.h"
#include <stdbool.h>

/* Whether every field has a value that a heap can be made with. */
bool options_valid(const perfpool_options *options);

/*
 * Reads "no_zero,limit=64M,..." into *options, which is then ready for a heap. A mistake is written to stderr, naming the word, and
 * false returned with defaults in *options.
 */
bool options_parse(const char *text, perfpool_options *options);

#endif
