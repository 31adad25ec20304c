/* The fuzz target: libFuzzer finds the sequences. Built and run by tests/fuzz/run-fuzzer. */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz/sequence.h"
#include "support/require.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* In the place of support/require.c: libFuzzer keeps the input of a process that aborts, not of one that exits. */
_Noreturn void require_failed(const char *file, int line, const char *condition, const char *text)
{
    fprintf(stderr, "%s:%d: failed: %s %s\n", file, line, condition, text != NULL ? text : "");
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    sequence_run(bytes, size);
    return 0;
}
