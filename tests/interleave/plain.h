/*
 * Put before each source under test: block operations are seen like single accesses. The compiler announces the latter itself.
 */
#ifndef PERFPOOL_INTERLEAVE_PLAIN_H
#define PERFPOOL_INTERLEAVE_PLAIN_H

#include <stdbool.h>
#include <string.h>

void checker_plain(const void *address, size_t size, bool writes);

static inline void *checker_memset(void *target, int value, size_t size)
{
    checker_plain(target, size, true);
    return memset(target, value, size);
}

static inline void *checker_memcpy(void *target, const void *source, size_t size)
{
    checker_plain(source, size, false);
    checker_plain(target, size, true);
    return memcpy(target, source, size);
}

#define memset checker_memset
#define memcpy checker_memcpy

#endif
