/*
 * What the model writes into its blocks, and how it looks for it. A sequence may hold hundreds of megabytes, so the cost of a look
 * is bounded: a block of up to 8 KiB is filled whole; of a longer one both ends and the start of each span, for memory comes and
 * goes by spans. That no two blocks overlap is not seen by contents: the model compares addresses.
 */
#ifndef PERFPOOL_TESTS_CONTENTS_H
#define PERFPOOL_TESTS_CONTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `size` bytes whose values follow from the seed. */
void contents_fill(unsigned char *block, size_t size, uint64_t seed);
/* Whether they are what contents_fill wrote. */
bool contents_hold(const unsigned char *block, size_t size, uint64_t seed);
/* Whether what contents_fill would write is all zero. */
bool contents_are_zero(const unsigned char *block, size_t size);

#endif
