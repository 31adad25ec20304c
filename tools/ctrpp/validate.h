/*
 * What must hold between the parts of a manifest: keys that are unique, references that lead somewhere, what each schema asks for.
 */
#ifndef CTRPP_VALIDATE_H
#define CTRPP_VALIDATE_H

#include "manifest.h"

/* Reports what does not hold. */
void validate(struct arena *arena, struct diagnostics *diagnostics, const struct manifest *manifest);

#endif
