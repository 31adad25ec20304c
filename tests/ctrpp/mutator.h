/*
 * Changes a manifest at random: elements, attributes and values are replaced, repeated, moved and left out, so that most results
 * are still well-formed XML; sometimes bytes are changed or the encoding is.
 */
#ifndef PERFPOOL_TESTS_CTRPP_MUTATOR_H
#define PERFPOOL_TESTS_CTRPP_MUTATOR_H

#include "text.h"

/* The same state makes the same changes on every target. */
struct random {
    uint64_t state; /* not 0 */
};

/* A number below `bound`, which is not 0. */
size_t random_below(struct random *random, size_t bound);

/* A changed copy of `manifest`, UTF-8 text. The result may be of any encoding and may contain NULs: it has *size bytes. */
const char *mutate(struct arena *arena, struct random *random, const char *manifest, size_t *size);

#endif
