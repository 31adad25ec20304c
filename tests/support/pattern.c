#include "support/pattern.h"

#include <string.h>

static unsigned char pattern_byte(uint64_t seed, size_t i)
{
    return (unsigned char)((seed >> (8 * (i & 7))) + (i >> 3) * 31 + 1);
}

void pattern_fill(void *block, size_t size, uint64_t seed)
{
    unsigned char *bytes = block;
    for (size_t i = 0; i < size; i++)
        bytes[i] = pattern_byte(seed, i);
}

bool pattern_holds(const void *block, size_t size, uint64_t seed)
{
    const unsigned char *bytes = block;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != pattern_byte(seed, i))
            return false;
    }
    return true;
}

bool pattern_is_all(const void *block, size_t size, unsigned char value)
{
    const unsigned char *bytes = block;
    return size == 0 || (bytes[0] == value && memcmp(bytes, bytes + 1, size - 1) == 0);
}
