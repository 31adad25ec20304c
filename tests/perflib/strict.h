/* How the parts of this library use perflib_strict.h. */
#ifndef PERFPOOL_TESTS_PERFLIB_STRICT_H
#define PERFPOOL_TESTS_PERFLIB_STRICT_H

#include "perflib_strict.h"

#include <stdbool.h>

/* Whether any of these is checked. */
bool strict_checks(unsigned violations);

/* Tells the handler, if that violation is checked. */
__attribute__((format(printf, 2, 3))) void strict_report(enum perflib_violation violation, const char *format, ...);

/* Counts an allocation; true if it is the one that perflib_fail_allocation chose. */
bool strict_allocation_fails(void);

#endif
