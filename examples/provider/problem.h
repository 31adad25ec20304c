/* What went wrong: the function that failed and the error it gave. */
#ifndef EXAMPLE_PROBLEM_H
#define EXAMPLE_PROBLEM_H

#include "perflib_headers.h"

#include <stdbool.h>

/* `function` is NULL as long as nothing went wrong. */
struct problem {
    const char *function;
    ULONG error;
};

/* Notes `error` of `function`, unless it is ERROR_SUCCESS or an earlier problem is there. True if it is ERROR_SUCCESS. */
bool problem_note(struct problem *problem, const char *function, ULONG error);

/* The name of an error that PERFLIB documents, as winerror.h spells it; of others "an undocumented error". */
const char *problem_error_name(ULONG error);

#endif
