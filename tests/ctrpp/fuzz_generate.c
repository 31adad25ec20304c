/*
 * The fuzzer over reader, checks and writers: any bytes as a manifest, in the form that the first byte says. Built by the target
 * perfpool-ctrpp-fuzzer with clang; its arguments are those of libFuzzer.
 */
#include "generate.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    struct arena arena = {NULL};
    bool legacy = (bytes[0] & 1) != 0;
    struct options options = {.manifest = "fuzzed.man",
                              .code = legacy ? NULL : "o.h",
                              .resources = legacy ? NULL : "o.rc",
                              .symbols = legacy ? NULL : "s.h",
                              .prefix = (bytes[0] & 2) != 0 ? "p_" : "",
                              .legacy = legacy,
                              .memory_routines = (bytes[0] & 4) != 0};
    struct diagnostics diagnostics = {.arena = &arena, .file = options.manifest};
    struct text messages = {.arena = &arena};
    struct output outputs[MOST_OUTPUTS];
    /* A copy, so that reading behind the end is found. */
    char *copy = malloc(size);
    memcpy(copy, bytes, size);
    size_t count = generate(&arena, &diagnostics, &options, copy + 1, size - 1, outputs);
    diagnostics_print(&diagnostics, &messages);
    if ((count > 0) == (diagnostics.errors > 0))
        abort();
    free(copy);
    arena_free(&arena);
    return 0;
}
