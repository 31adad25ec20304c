/*
 * The identifiers that a generated header defines, and which of them it must not.
 */
#ifndef CTRPP_IDENTIFIERS_H
#define CTRPP_IDENTIFIERS_H

#include "manifest.h"

/* Which symbols a header needs. */
struct symbol_needs {
    bool required;    /* provider and sets must have one */
    bool identifiers; /* they become identifiers, after `prefix` */
    const char *prefix;
};

/* Reports symbols that are missing where they are needed, that no program may define, or that collide. */
void check_identifiers(struct arena *arena, struct diagnostics *diagnostics, const struct manifest *manifest,
                       struct symbol_needs needs);

#endif
