#include "support/require.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void require_failed(const char *file, int line, const char *condition, const char *text)
{
    fprintf(stderr, "%s:%d: failed: %s %s\n", file, line, condition, text != NULL ? text : "");
    fflush(NULL);
    _Exit(1);
}
