/* Random numbers for tests: repeatable from a seed, which is printed. */
#ifndef PERFPOOL_TESTS_GENERATOR_H
#define PERFPOOL_TESTS_GENERATOR_H

#include <stddef.h>
#include <stdint.h>

/* Owned by one thread. */
struct generator {
    uint64_t state;
};

/* The seed of a test: PERFPOOL_TEST_SEED if set, else from the clock. Prints it. */
uint64_t generator_seed(const char *test);
/* Streams of the same seed are independent of each other. */
struct generator generator_make(uint64_t seed, uint64_t stream);
uint64_t generator_next(struct generator *generator);
/* 0 <= result < bound; bound > 0. */
size_t generator_below(struct generator *generator, size_t bound);
/* A size from 1 to most, small ones more often. */
size_t generator_size(struct generator *generator, size_t most);

#endif
