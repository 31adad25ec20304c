/* A sample as text, and the names in it. */
#ifndef PERFPOOL_TESTS_PERFLIB_TABLE_H
#define PERFPOOL_TESTS_PERFLIB_TABLE_H

#include "perflib_consumer.h"

#include <stdbool.h>
#include <stdio.h>

/* Prints the sample's time and its figures, in one write. `before` is as in perflib_display. False: no memory, or not written. */
bool table_print(FILE *out, const struct perflib_sample *before, const struct perflib_sample *after, ULONG error);

/* The name of a set, or of its counter with that id; NULL: it has none. */
const char *table_set_name(const GUID *set);
const char *table_counter_name(const GUID *set, ULONG counter);

#endif
