/*
 * Random sequences of calls, checked against the reference model: the fuzz target's code, driven by a generator. A seed repeats a
 * run. PERFPOOL_TEST_SEQUENCES is their number.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz/sequence.h"
#include "harness.h"
#include "support/generator.h"

enum { LONGEST = 3000 };

#ifdef _WIN32
enum { SEQUENCES = 200 };
#else
enum { SEQUENCES = 1000 };
#endif

static size_t count_of_sequences(void)
{
    const char *given = getenv("PERFPOOL_TEST_SEQUENCES");
    return given != NULL ? (size_t)strtoul(given, NULL, 10) : SEQUENCES;
}

START_TEST(random_sequences)
{
    static uint8_t bytes[LONGEST];
    const uint64_t seed = generator_seed("random_sequences");
    for (size_t i = 0; i < count_of_sequences(); i++) {
        struct generator generator = generator_make(seed, i);
        const size_t size = generator_size(&generator, LONGEST);
        for (size_t k = 0; k < size; k++)
            bytes[k] = (uint8_t)generator_next(&generator);
        sequence_run(bytes, size);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("random_sequences");
    TCase *sequences = tcase_create("sequences");
    tcase_add_test(sequences, random_sequences);
    suite_add_tcase(suite, sequences);
    return suite;
}
