/*
 * Runs perfpool-ctrpp's generator on a manifest in memory, with the options as on its command line.
 */
#ifndef PERFPOOL_TESTS_CTRPP_RUN_GENERATOR_H
#define PERFPOOL_TESTS_CTRPP_RUN_GENERATOR_H

#include "generate.h"

struct generated {
    struct arena arena;
    size_t errors, warnings;
    const char *messages; /* "" if there are none; the file is called test.man */
    struct output outputs[MOST_OUTPUTS];
    size_t count;
};

/* `arguments` are words with one space between them, the manifest's name not among them. */
struct generated generate_from(const char *bytes, size_t size, const char *arguments);
struct generated generate_text(const char *manifest, const char *arguments);

/* The text of the output with a name, "" if there is none. */
const char *generated_text(const struct generated *generated, const char *path);

void generated_free(struct generated *generated);

/*
 * A manifest around elements: `head` goes into the counters' start tag, `provider` into the provider's, `sets` is its content.
 * There is one line before counters, which is line 2; the provider is on line 3, the sets start on line 4.
 */
const char *manifest_of(struct arena *arena, const char *head, const char *provider, const char *sets);

/* manifest_of with schema 1.1 and a provider "Test". */
const char *manifest_with(struct arena *arena, const char *sets);

/* manifest_with one counterSet "Set", whose start tag is on line 4; the counters start on line 5. */
const char *manifest_with_counters(struct arena *arena, const char *counters);

#endif
