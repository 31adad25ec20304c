/*
 * How often: `few` in ./run test, `many` where PERFPOOL_TEST_DEEP is set, which tests/inject/check-deep does. What is tested is the
 * same.
 */
#ifndef PERFPOOL_TESTS_DEEP_H
#define PERFPOOL_TESTS_DEEP_H

#include <stdlib.h>

static inline unsigned deep_count(unsigned few, unsigned many)
{
    return getenv("PERFPOOL_TEST_DEEP") != NULL ? many : few;
}

/* Seconds after which a test counts as hanging. */
enum { DEEP_TIMEOUT = 1200 };

#endif
