/* What the tests of the arena share: an arena of its own, and whether what it counts is what its words say. */
#ifndef PERFPOOL_TESTS_ARENA_CHECK_H
#define PERFPOOL_TESTS_ARENA_CHECK_H

#include "arena.h"

#include "harness.h"
#include "support/require.h"

#include <string.h>

static const uint64_t table_bytes =
    sizeof(struct arena_word) + WORD_SPANS * (sizeof(uint32_t) + sizeof(struct span_record)) + WORD_LINES;

static inline void make_arena(struct arena *arena, uint32_t spans)
{
    const struct arena_wish wish = {.size = (uint64_t)spans << SPAN_SHIFT, .total_max = UINT64_MAX};
    memset(arena, 0, sizeof *arena);
    require(arena_create(arena, &wish));
    require(arena->n_spans == spans);
}

static inline uint64_t charged(const struct arena *arena)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < arena->opened; i++) {
        bytes += table_bytes - (arena->words[i].trimmed != 0 ? WORD_LINES : 0);
        bytes += (uint64_t)__builtin_popcountll(arena->words[i].committed) << SPAN_SHIFT;
    }
    return bytes;
}

/* in_use, spare and committed are what the words say; `in_use` spans are the caller's. */
static inline void check_arena(const struct arena *arena, uint32_t in_use)
{
    uint32_t claimed = 0;
    uint32_t spare = 0;
    for (uint32_t i = 0; i < arena->opened; i++) {
        const uint32_t n = arena->n_spans - i * WORD_SPANS;
        const uint64_t mask = n >= WORD_SPANS ? UINT64_MAX : ((uint64_t)1 << n) - 1;
        require((arena->words[i].claimed & ~mask) == ~mask);
        require((arena->words[i].claimed & mask & ~arena->words[i].committed) == 0);
        claimed += (uint32_t)__builtin_popcountll(arena->words[i].claimed & mask);
        spare += (uint32_t)__builtin_popcountll(arena->words[i].committed & ~arena->words[i].claimed);
    }
    require(claimed == in_use && arena_in_use(arena) == in_use);
    require(arena_spare(arena) == spare);
    require(arena->committed == charged(arena));
}

#endif
