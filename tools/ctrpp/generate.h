/*
 * From the bytes of a manifest to the texts of the output files, without touching a file.
 */
#ifndef CTRPP_GENERATE_H
#define CTRPP_GENERATE_H

#include "diagnostics.h"
#include "options.h"
#include "output.h"

/*
 * Reads and checks a manifest and fills `outputs`, at most MOST_OUTPUTS, with what the options ask for. Paths of legacy files are
 * without a folder. Returns their number; 0 with errors in `diagnostics` if the manifest is wrong.
 */
size_t generate(struct arena *arena, struct diagnostics *diagnostics, const struct options *options, const char *bytes, size_t size,
                struct output *outputs);

#endif
