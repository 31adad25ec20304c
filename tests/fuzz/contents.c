#include "fuzz/contents.h"

#include <string.h>

enum { WHOLE_MAX = 8192, END_BYTES = 1024, PROBE_BYTES = 64, PROBE_STEP = 65536 };

/* A part of a block, and what of a seed is its. */
typedef bool (*part_function)(unsigned char *part, size_t size, uint64_t seed);

static uint64_t word_of(uint64_t seed, size_t i)
{
    return (seed + i) * 0x9e3779b97f4a7c15; /* odd, so different words for different i */
}

static bool fill_part(unsigned char *part, size_t size, uint64_t seed)
{
    size_t i = 0;
    for (; i < size / sizeof(uint64_t); i++) {
        const uint64_t word = word_of(seed, i);
        memcpy(part + i * sizeof word, &word, sizeof word);
    }
    const uint64_t last = word_of(seed, i);
    memcpy(part + i * sizeof last, &last, size % sizeof last);
    return true;
}

static bool part_holds(unsigned char *part, size_t size, uint64_t seed)
{
    const size_t words = size / sizeof(uint64_t);
    uint64_t differences = 0;
    for (size_t i = 0; i < words; i++) {
        uint64_t word;
        memcpy(&word, part + i * sizeof word, sizeof word);
        differences |= word ^ word_of(seed, i);
    }
    const uint64_t last = word_of(seed, words);
    return differences == 0 && memcmp(part + words * sizeof last, &last, size % sizeof last) == 0;
}

static bool part_is_zero(unsigned char *part, size_t size, uint64_t unused)
{
    (void)unused;
    return size == 0 || (part[0] == 0 && memcmp(part, part + 1, size - 1) == 0);
}

/* Whether `function` is true of each part of a block. */
static bool each_part(unsigned char *block, size_t size, uint64_t seed, part_function function)
{
    if (size <= WHOLE_MAX)
        return function(block, size, seed);
    for (size_t at = PROBE_STEP; at < size - END_BYTES - PROBE_BYTES; at += PROBE_STEP)
        if (!function(block + at, PROBE_BYTES, seed + at))
            return false;
    return function(block, END_BYTES, seed) && function(block + size - END_BYTES, END_BYTES, seed + size);
}

void contents_fill(unsigned char *block, size_t size, uint64_t seed)
{
    each_part(block, size, seed << 32, fill_part);
}

bool contents_hold(const unsigned char *block, size_t size, uint64_t seed)
{
    return each_part((unsigned char *)(uintptr_t)block, size, seed << 32, part_holds);
}

bool contents_are_zero(const unsigned char *block, size_t size)
{
    return each_part((unsigned char *)(uintptr_t)block, size, 0, part_is_zero);
}
