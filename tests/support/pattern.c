#include "support/pattern.h"

#include <string.h>

/* Patterns go by words: under tools, bytes by themselves would be most of a test. */
enum { WORD = sizeof(uint64_t) };

/* Bytes from 8 * k on. A block that starts with another one's end does not go on like it. */
static uint64_t pattern_word(uint64_t seed, size_t k)
{
    return (seed + (k + 1) * 0x9e3779b97f4a7c15u) * 0xd1342543de82ef95u;
}

void pattern_fill(void *block, size_t size, uint64_t seed)
{
    unsigned char *bytes = block;
    const size_t words = size / WORD;
    for (size_t k = 0; k < words; k++) {
        const uint64_t word = pattern_word(seed, k);
        memcpy(bytes + k * WORD, &word, WORD);
    }
    const uint64_t last = pattern_word(seed, words);
    memcpy(bytes + words * WORD, &last, size % WORD);
}

bool pattern_holds(const void *block, size_t size, uint64_t seed)
{
    const unsigned char *bytes = block;
    const size_t words = size / WORD;
    for (size_t k = 0; k < words; k++) {
        uint64_t word;
        memcpy(&word, bytes + k * WORD, WORD);
        if (word != pattern_word(seed, k))
            return false;
    }
    const uint64_t last = pattern_word(seed, words);
    return memcmp(bytes + words * WORD, &last, size % WORD) == 0;
}

bool pattern_is_all(const void *block, size_t size, unsigned char value)
{
    const unsigned char *bytes = block;
    const uint64_t expected = value * (uint64_t)0x0101010101010101u;
    const size_t words = size / WORD;
    for (size_t k = 0; k < words; k++) {
        uint64_t word;
        memcpy(&word, bytes + k * WORD, WORD);
        if (word != expected)
            return false;
    }
    return memcmp(bytes + words * WORD, &expected, size % WORD) == 0;
}
