/* What a test writes into its blocks and expects to find there again. */
#ifndef PERFPOOL_TESTS_PATTERN_H
#define PERFPOOL_TESTS_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Fills `size` bytes with bytes that depend on the seed and on their place. */
void pattern_fill(void *block, size_t size, uint64_t seed);
bool pattern_holds(const void *block, size_t size, uint64_t seed);
/* True if all bytes are `value`. */
bool pattern_is_all(const void *block, size_t size, unsigned char value);

#endif
