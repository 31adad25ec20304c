/* The fuzz target: libFuzzer finds the sequences. Built and run by tests/fuzz/run-fuzzer. */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz/sequence.h"
#include "support/require.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
const char *__asan_default_options(void); /* NOLINT(bugprone-reserved-identifier): AddressSanitizer's name */

/* Only the checks use malloc: to keep what they have freed from being used again costs more than their work. */
const char *__asan_default_options(void) /* NOLINT(bugprone-reserved-identifier) */
{
    return "quarantine_size_mb=0:thread_local_quarantine_size_kb=0";
}

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
