/*
 * How often: all of the rounds a test has for ./run test, or one of PERFPOOL_TEST_SHARE rounds where that is set, which
 * tests/tools/run-preset does for tools that make programs ten to a hundred times slower. What is tested is the same.
 */
#ifndef PERFPOOL_TESTS_SHARE_H
#define PERFPOOL_TESTS_SHARE_H

#include <stdlib.h>

/* `rounds` or the share of them, rounded up. */
static inline unsigned share_of(unsigned rounds)
{
    const char *given = getenv("PERFPOOL_TEST_SHARE");
    const unsigned share = given != NULL ? (unsigned)strtoul(given, NULL, 10) : 1;
    return share > 1 ? (rounds + share - 1) / share : rounds;
}

#endif
