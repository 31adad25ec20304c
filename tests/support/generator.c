#include "support/generator.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

uint64_t generator_seed(const char *test)
{
    const char *given = getenv("PERFPOOL_TEST_SEED");
    const uint64_t seed = given != NULL ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
    printf("%s: PERFPOOL_TEST_SEED=%llu\n", test, (unsigned long long)seed);
    fflush(stdout);
    return seed;
}

struct generator generator_make(uint64_t seed, uint64_t stream)
{
    struct generator generator = {seed * 0x9e3779b97f4a7c15u + stream * 0xd1342543de82ef95u + 1};
    generator_next(&generator);
    return generator;
}

/* SplitMix64: every seed is good, also 0. */
uint64_t generator_next(struct generator *generator)
{
    uint64_t z = generator->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

size_t generator_below(struct generator *generator, size_t bound)
{
    return (size_t)(generator_next(generator) % bound);
}

size_t generator_size(struct generator *generator, size_t most)
{
    const size_t range = 1 + generator_below(generator, most);
    return 1 + generator_below(generator, range);
}
