/*
 * The reservation: what lies where in it, what is charged for it, and tables that grow.
 */
#include "arena.h"
#include "seed.h"

enum { RESERVE_MIN = 1 << 20, SMALL_PAGES_BYTES = 64 << 20 };

static uint64_t round_up(uint64_t value, uint64_t step)
{
    return (value + step - 1) / step * step;
}

/* Sizes of the tables of an arena with `size` bytes of spans. */
static void arena_measure(struct arena *arena, uint64_t size)
{
    uint64_t n_spans = size >> SPAN_SHIFT;
    uint64_t pools = n_spans * 4 < 64 ? 64 : n_spans * 4 > POOLS_MAX ? POOLS_MAX : n_spans * 4;
    uint64_t magazines = size / 8 / MAGAZINE_STRIDE;
    arena->n_spans = (uint32_t)n_spans;
    arena->n_words = (uint32_t)((n_spans + WORD_SPANS - 1) / WORD_SPANS);
    arena->pools_max = (uint32_t)pools;
    arena->magazines_max = (uint32_t)(magazines < 2048 ? 2048 : magazines > MAGAZINES_MAX ? MAGAZINES_MAX : magazines);
}

/*
 * Bytes that tables are shifted by. Else the same entries of all heaps would lie in the same few sets of the caches, and a thread
 * that goes round many heaps would miss with each access. Whole pairs of lines, for a pool begins with one; an odd number of them,
 * so that all shifts differ until they have come round. Not those of which pages are given back: states, and magazines, which
 * begin with another one instead (link_chain).
 */
static uint64_t table_shift(uint32_t colour)
{
    enum { PAIR = 2 * LINE_SIZE, STEP = 9 * PAIR, RANGE = 128 * PAIR };
    return (uint64_t)colour * STEP % RANGE;
}

/* Offset of each part of the reservation, and of its end. */
struct layout {
    uint64_t words, headers, records, states, slack, pools, magazines, spans, end;
};

static struct layout arena_layout(const struct arena *arena, const struct arena_wish *wish)
{
    const uint64_t page = 64 << 10; /* no system has larger ones, and tables then never share a page */
    const uint64_t shift = table_shift(wish->colour);
    uint64_t n_words = arena->n_words;
    struct layout at;
    at.words = shift;
    at.headers = round_up(at.words + n_words * sizeof(struct arena_word), page) + shift;
    at.records = round_up(at.headers + n_words * WORD_SPANS * sizeof(uint32_t), page) + shift;
    at.states = round_up(at.records + n_words * WORD_SPANS * sizeof(struct span_record), page);
    at.slack = round_up(at.states + n_words * WORD_LINES, page);
    at.pools = round_up(at.slack + (wish->poison ? n_words * WORD_LINES * sizeof(uint16_t) : 0), page) + shift;
    at.magazines = round_up(at.pools + (uint64_t)arena->pools_max * POOL_STRIDE, page);
    at.spans = round_up(at.magazines + (uint64_t)arena->magazines_max * MAGAZINE_STRIDE, page);
    at.end = at.spans + ((uint64_t)arena->n_spans << SPAN_SHIFT);
    return at;
}

static void arena_place(struct arena *arena, const struct layout *at, bool poison)
{
    char *base = arena->range.base;
    arena->words = (struct arena_word *)(void *)(base + at->words);
    arena->headers = (uint32_t *)(void *)(base + at->headers);
    arena->records = (struct span_record *)(void *)(base + at->records);
    arena->states = (uint8_t *)(base + at->states);
    arena->slack = poison ? (uint16_t *)(void *)(base + at->slack) : NULL;
    arena->pools = base + at->pools;
    arena->magazines = base + at->magazines;
    arena->base = base + at->spans;
}

bool arena_create(struct arena *arena, const struct arena_wish *wish)
{
    uint64_t size = wish->size;
    struct layout at;
    for (;; size = round_up(size / 2, SPAN_SIZE)) {
        arena_measure(arena, size);
        at = arena_layout(arena, wish);
        bool allowed = at.end <= wish->total_max && at.end <= SIZE_MAX;
        if (allowed && os_reserve(&arena->range, (size_t)at.end))
            break;
        if (!wish->halve || size / 2 < RESERVE_MIN)
            return false;
    }
    arena_place(arena, &at, wish->poison);
    size_t blocks = (size_t)arena->n_spans << SPAN_SHIFT;
    size_t small = blocks < SMALL_PAGES_BYTES ? blocks : SMALL_PAGES_BYTES;
    os_small_pages(arena->range.base, (size_t)(arena->base - arena->range.base) + small);
    arena->limit = UINT64_MAX;
    arena->spare_min = SPARE_SPANS_MIN;
    arena->opened = arena->free_hint = arena->spare_hint = 0;
    arena->peak = arena->most = arena->releases = arena->runs = arena->trims = 0;
    arena->committed = arena->counts = 0;
    return true;
}

void arena_destroy(struct arena *arena)
{
    os_release(&arena->range);
}

bool arena_charge(struct arena *arena, uint64_t bytes)
{
    uint64_t committed = load_relaxed_64(&arena->committed);
    do {
        if (bytes > arena->limit || committed > arena->limit - bytes)
            return false;
    } while (!SEEDED(charge_again, SEEDED(arena_charge, cas_64, split_cas_64), adding_cas_64)(&arena->committed, &committed,
                                                                                              committed + bytes));
    return true;
}

void arena_refund(struct arena *arena, uint64_t bytes)
{
    SEEDED(arena_refund, fetch_add_64, split_add_64)(&arena->committed, (uint64_t)0 - bytes);
}

uint32_t arena_extend(struct arena *arena, char *table, size_t stride, uint32_t *high, uint32_t n, uint32_t max)
{
    const uint64_t bytes = (uint64_t)n * stride;
    uint32_t now = load_acquire_32(high);
    while (now + n <= max) {
        /* The memory first, then the mark: whoever sees the mark may read what is below it. */
        if (!arena_charge(arena, bytes))
            return ARENA_NONE;
        bool usable = SEEDED(extend_order, os_commit(&arena->range, table + now * stride, (size_t)bytes), true);
        if (usable && SEEDED(extend_again, SEEDED(extend_mark, cas_32, split_cas_32), adding_cas_32)(high, &now, now + n)) {
            MISPLACED(extend_order, os_commit(&arena->range, table + now * stride, (size_t)bytes));
            return now;
        }
        arena_refund(arena, SEEDED(extend_refund, bytes,
                                   0)); /* a loser has made usable what is the winner's, too, and tries again above it */
        if (!usable)
            return ARENA_NONE;
    }
    return ARENA_NONE;
}
