/*
 * For tests that misuse blocks on purpose, to see what perfpool makes of it: valgrind, which is told of every block
 * (PERFPOOL_TOOLS), would report the same before perfpool does. Nothing outside valgrind, and where its headers are missing.
 */
#ifndef PERFPOOL_TESTS_VALGRIND_H
#define PERFPOOL_TESTS_VALGRIND_H

#include <stddef.h>

#if defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#endif
#endif
#ifndef VALGRIND_MAKE_MEM_DEFINED
#define VALGRIND_MAKE_MEM_DEFINED(start, size) ((void)(start), (void)(size))
#define VALGRIND_DISABLE_ERROR_REPORTING ((void)0)
#define VALGRIND_ENABLE_ERROR_REPORTING ((void)0)
#endif

/* What this thread does from here on is meant, until valgrind_looks. Calls nest. */
static inline void valgrind_looks_away(void)
{
    VALGRIND_DISABLE_ERROR_REPORTING;
}

static inline void valgrind_looks(void)
{
    VALGRIND_ENABLE_ERROR_REPORTING;
}

/* Memory that the test may read, and write if it is a block's slack, whoever wrote it last. */
static inline void valgrind_knows(const void *start, size_t size)
{
    VALGRIND_MAKE_MEM_DEFINED(start, size);
}

#endif
