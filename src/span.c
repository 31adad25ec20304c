#include "span.h"

#include "seed.h"

#include "probes.h"

static struct span_record *record_at(const struct pool *pool, uint32_t span)
{
    return &pool->records[span];
}

static void list_add(struct pool *pool, uint32_t class, uint32_t span)
{
    struct bin *bin = &pool->bins[class];
    struct span_record *record = record_at(pool, span);
    record->previous = 0;
    record->next = bin->partial;
    if (bin->partial != 0)
        record_at(pool, bin->partial - 1)->previous = span + 1;
    bin->partial = span + 1;
}

static void list_remove(struct pool *pool, uint32_t class, uint32_t span)
{
    struct span_record *record = record_at(pool, span);
    if (record->previous != 0)
        record_at(pool, record->previous - 1)->next = record->next;
    else
        pool->bins[class].partial = record->next;
    if (record->next != 0)
        record_at(pool, record->next - 1)->previous = record->previous;
}

bool span_claim(struct pool *pool, uint32_t class)
{
    bool fresh;
    uint32_t span = arena_claim(&pool->heap->arena, 1, &fresh);
    if (span == ARENA_NONE)
        return false;
    struct span_record *record = record_at(pool, span);
    record->home = record->scan = 0;
    store_relaxed_16(&record->cut, 0);
    store_relaxed_8(&record->kind, (uint8_t) class);
    record->fresh = fresh;
    PROBE_SPAN(pool->heap, pool->id, class, span);
    pool->bins[class].cut_span = span + 1;
    pool->spans++;
    store_release_32(&pool->headers[span], pool->token | class); /* a reader of the header finds the record's cut and kind */
    return true;
}

uint32_t span_cut(struct pool *pool, uint32_t class, uint32_t *lines, uint32_t max, bool *fresh)
{
    struct bin *bin = &pool->bins[class];
    if (bin->cut_span == 0)
        return 0;
    uint32_t span = bin->cut_span - 1;
    struct span_record *record = record_at(pool, span);
    uint32_t step = pool->classes[class].lines;
    uint32_t left = pool->classes[class].blocks - record->cut;
    uint32_t n = left < max ? left : max;
    uint32_t line = span * SPAN_LINES + record->cut * step;
    for (uint32_t i = n; i-- > 0; line += step) {
        store_relaxed_32(&lines[i], line); /* statistics may look */
        store_relaxed_8(&pool->states[line], STATE_HELD);
        if (pool->heap->arena.slack != NULL)
            store_relaxed_16(&pool->heap->arena.slack[line], 0);
    }
    store_relaxed_16(&record->cut, (uint16_t)(record->cut + n));
    *fresh = record->fresh;
    if (n == left)
        bin->cut_span = 0;
    return n;
}

uint32_t span_collect(struct pool *pool, uint32_t class, uint32_t *lines, uint32_t max)
{
    struct bin *bin = &pool->bins[class];
    if (bin->partial == 0)
        return 0;
    uint32_t span = bin->partial - 1;
    struct span_record *record = record_at(pool, span);
    uint32_t step = pool->classes[class].lines;
    uint32_t n = 0;
    uint32_t i = record->scan;
    for (; n < max && n < record->home && i < record->cut; i++) {
        uint32_t line = span * SPAN_LINES + i * step;
        if (load_relaxed_8(&pool->states[line]) == STATE_HOME) {
            store_relaxed_8(&pool->states[line], STATE_HELD);
            store_relaxed_32(&lines[n++], line);
        }
    }
    record->scan = (uint16_t)i;
    record->home = (uint16_t)(record->home - n);
    if (record->home == 0)
        list_remove(pool, class, span);
    return n;
}

/* All blocks of a span are home: it goes back to the arena. */
static void span_release(struct pool *pool, uint32_t class, uint32_t span)
{
    if (pool->bins[class].cut_span == span + 1)
        pool->bins[class].cut_span = 0;
    pool->spans--;
    SEEDED(release_header, store_relaxed_32(&pool->headers[span], 0), (void)0); /* released to the next holder by the claimed bit */
    arena_release(&pool->heap->arena, span, 1);
    MISPLACED(release_header, store_relaxed_32(&pool->headers[span], 0));
}

/* Counts a block whose state is HOME already; returns 1 if that released the span. */
static uint32_t count_home(struct pool *pool, uint32_t class, uint32_t line)
{
    uint32_t span = line >> SPAN_LINES_SHIFT;
    struct span_record *record = record_at(pool, span);
    uint16_t index = (uint16_t)((line & (SPAN_LINES - 1)) / pool->classes[class].lines);
    if (record->home++ == 0) {
        list_add(pool, class, span);
        record->scan = index;
    } else if (index < record->scan) {
        record->scan = index;
    }
    if (record->home < record->cut)
        return 0;
    list_remove(pool, class, span);
    span_release(pool, class, span);
    return 1;
}

uint32_t span_home(struct pool *pool, uint32_t class, uint32_t line)
{
    store_relaxed_8(&pool->states[line], STATE_HOME);
    return count_home(pool, class, line);
}

/* Takes home the returned blocks of one of the pool's spans. */
static void collect_span(struct pool *pool, uint32_t class, uint32_t span)
{
    uint32_t step = pool->classes[class].lines;
    uint32_t cut = record_at(pool, span)->cut;
    for (uint32_t i = 0; i < cut; i++) {
        uint32_t line = span * SPAN_LINES + i * step;
        if (load_acquire_8(&pool->states[line]) !=
            STATE_RETURNED) /* pairs with the freer's CAS: its writes to the block come before ours */
            continue;
        store_relaxed_8(&pool->states[line], STATE_HOME);
        if (count_home(pool, class, line) != 0 && SEEDED(collect_last, true, false))
            return; /* that was the last one, and the span is not ours any more */
    }
}

void span_collect_returned(struct pool *pool)
{
    struct arena *arena = &pool->heap->arena;
    uint32_t opened = load_acquire_32(&arena->opened);
    for (uint32_t i = 0; i < opened; i++) {
        for (uint64_t bits = load_relaxed_64(&arena->words[i].returned); bits != 0; bits &= bits - 1) {
            uint32_t span = i * WORD_SPANS + (uint32_t)__builtin_ctzll(bits);
            uint32_t class = pool_class(load_relaxed_32(&pool->headers[span]), pool->token);
            if (class >= N_CLASSES)
                continue;
            /* The bit first, then the blocks: who returns one after we looked sets the bit again. */
            if (SEEDED(collect_order, true, false))
                SEEDED(collect_bit, fetch_and_64, split_and_64)(&arena->words[i].returned, ~(bits & -bits));
            collect_span(pool, class, span);
            MISPLACED(collect_order, fetch_and_64(&arena->words[i].returned, ~(bits & -bits)));
        }
    }
}
