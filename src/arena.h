/*
 * The arena: a heap's reserved address range, cut into spans, and the tables beside it.
 *
 * One reservation holds, in this order, the words (bitmaps), span headers, span records, block states, with PERFPOOL_POISON the
 * slack table, then the pools, the magazines and the spans themselves. Nothing of the allocator lies in or next to a block. 64
 * spans make a word; words are opened in ascending order: their part of every table is committed before any of their spans can be
 * claimed, and stays.
 *
 * Per word:  claimed  bit set = somebody holds the span. Whoever sets it owns the span's header, record, states and commitment
 * until it clears it. committed  bit set = the span's memory is usable. Changed by the span's holder only; other bits of the word
 * are other holders'. returned  bit set = a block of the span was freed by the way that needs no memory. trimmed   1 = the word's
 * block states are given back; set by who holds all its spans, cleared by who claims one next. INVARIANT: a span's header is 0
 * unless the span is claimed, and changes only while none of its blocks is handed out, in a magazine or returned; so a freer reads
 * it without synchronisation. The tables' fields are constant once the heap is open; `opened`, `committed`, `counts` and the
 * hints are any thread's.
 */
#ifndef PERFPOOL_ARENA_H
#define PERFPOOL_ARENA_H

#include "atomic.h"
#include "os.h"
#include "size_class.h"

/* States of a block, one byte for each line of the arena; only the byte of a block's first line means anything. */
enum block_state {
    STATE_NONE,     /* never cut */
    STATE_HOME,     /* free, in its span */
    STATE_HELD,     /* free, in a checked magazine */
    STATE_LIVE,     /* handed out, or in an unchecked magazine */
    STATE_RETURNED, /* freed by the way that needs no memory; its span's bit in `returned` is set or about to be */
    STATE_SENT      /* with PERFPOOL_CHECK_REMOTE: freed by another thread, in an unchecked magazine */
};

/*
 * A span header: 0, or the kind in the low byte and its argument above.
 * Kinds below N_CLASSES: small blocks of that class, the argument is the owning pool. Owner and class in one: header minus the
 * pool's token is the class if the owner is that pool, else out of range.
 */
enum {
    HEADER_ARGUMENT_SHIFT = 8,
    HEADER_KIND_MASK = 0xff,
    HEADER_LARGE = 0x80, /* first span of a large block; the argument is its generation */
    HEADER_TAIL = 0x81,  /* another span of it, live or kept; the argument is the distance to the first */
    HEADER_KEPT = 0x82   /* first span of a run that a pool keeps (large.h); the argument is the pool */
};

/* What the span's holder needs to know of it. Fields that a fault report may read meanwhile are relaxed atomics. */
struct span_record {
    uint32_t next, previous; /* in the bin's list of spans with blocks at home; span index + 1, 0 is the end */
    uint64_t lines;          /* large: usable lines */
    uint32_t slack;          /* large, POISON: usable minus requested bytes */
    uint32_t generation;     /* large: blocks that began in this span so far, for their tags */
    uint16_t home;           /* blocks at home */
    uint16_t cut;            /* blocks cut so far; the next ones have never been handed out */
    uint16_t scan;           /* no block below this one is at home */
    uint8_t kind;            /* what the span was last claimed for, for fault reports: a class or HEADER_LARGE */
    uint8_t fresh;           /* blocks not yet cut are known to be zero */
};

struct arena_word {
    uint64_t claimed, committed, returned;
    uint32_t trimmed;
};

enum {
    WORD_SPANS = 64,
    WORD_LINES = WORD_SPANS * SPAN_LINES,
    SPARE_SPANS_MIN = 32,  /* 2 MiB stay committed */
    POOL_STRIDE = 5760,    /* bytes of a pool; pool.c asserts it */
    MAGAZINE_STRIDE = 512, /* bytes of a magazine; magazine.c asserts it */
    MAGAZINES_MAX = 1 << 22,
    POOLS_MAX = sizeof(void *) == 8 ? 16384 : 1024
};
#define ARENA_SIZE_MAX ((uint64_t)1 << (32 + LINE_SHIFT)) /* a line index has 32 bits */

struct arena {
    struct os_range range;
    char *base; /* of the first span */
    struct arena_word *words;
    uint32_t *headers;
    struct span_record *records;
    uint8_t *states;
    uint16_t *slack; /* with POISON: one per line, see poison.h; else NULL */
    char *pools, *magazines;
    uint64_t limit; /* most bytes committed */
    uint32_t n_spans, n_words, pools_max, magazines_max;
    uint32_t spare_min; /* free spans that stay committed at least */

    uint32_t opened __attribute__((aligned(128))); /* words */
    uint32_t free_hint, spare_hint; /* words below have no free span, no free committed span: a hint, not a promise */
    uint64_t counts;                /* spans claimed in the high half, in the low one those committed and not claimed */
    uint32_t peak;                  /* spans in use at once in the last few hundred releases */
    uint32_t releases;  /* counts them; as int32_t below 0: spans to be released before the peak is forgotten any further */
    uint32_t most;      /* spans committed at once so far, since the last trim */
    uint32_t runs;      /* above 0 if one of the last releases was of several spans */
    uint32_t trims;     /* trims that held free spans for a moment: a claim that found none looks again */
    uint64_t committed; /* bytes charged */
};

/* What to reserve. */
struct arena_wish {
    uint64_t size;      /* bytes for blocks, a multiple of SPAN_SIZE */
    uint64_t total_max; /* bytes with all tables, at most */
    uint32_t colour;    /* a small number of the heap's own: where in a page its tables begin */
    bool halve;         /* less will do: halve it until the system agrees */
    bool poison;        /* with a slack table */
};

/* Reserves the range. False: the system has none. */
bool arena_create(struct arena *arena, const struct arena_wish *wish);
void arena_destroy(struct arena *arena);

/* Charges bytes against the limit; false at the limit. Any thread. Lock-free. */
bool arena_charge(struct arena *arena, uint64_t bytes);
void arena_refund(struct arena *arena, uint64_t bytes);

/*
 * Claims `n` more entries of a table of which *high are in use, at most `max`: charged, usable and zero. Returns the first, or
 * ARENA_NONE at the maximum, the limit or if the system refuses. Any thread, concurrently with itself. Lock-free, calls the system.
 */
#define ARENA_NONE UINT32_MAX
uint32_t arena_extend(struct arena *arena, char *table, size_t stride, uint32_t *high, uint32_t n, uint32_t max);

/* Lines a pointer may be in: everything below has committed tables. Only grows. Any thread. Wait-free. */
static inline uint64_t arena_lines(const struct arena *arena)
{
    uint64_t lines =
        (uint64_t)load_acquire_32(&arena->opened) * WORD_LINES; /* pairs with the CAS that opened the word: tables committed */
    uint64_t all = (uint64_t)arena->n_spans * SPAN_LINES;
    return lines < all ? lines : all;
}

/* Spans of a large block. */
static inline uint32_t record_spans(const struct span_record *record)
{
    return (uint32_t)((load_relaxed_64(&record->lines) + SPAN_LINES - 1) >> SPAN_LINES_SHIFT);
}

/* Spans that somebody holds. Any thread. Wait-free. */
static inline uint32_t arena_in_use(const struct arena *arena)
{
    return (uint32_t)(load_relaxed_64(&arena->counts) >> 32);
}

/* Spans that are committed and free. Any thread. Wait-free. */
static inline uint32_t arena_spare(const struct arena *arena)
{
    return (uint32_t)load_relaxed_64(&arena->counts);
}

static inline char *arena_span_start(const struct arena *arena, uint32_t span)
{
    return arena->base + ((size_t)span << SPAN_SHIFT);
}

/*
 * Claims `n` neighbouring spans, commits them and returns the first, or ARENA_NONE at the limit, when none are free or if the
 * system refuses. *fresh says whether all of them are known to be zero. Any thread, concurrently with everything. Lock-free, may
 * call the system.
 */
uint32_t arena_claim(struct arena *arena, uint32_t n, bool *fresh);

/* Gives claimed spans back; their headers are 0. Keeps them committed while that stays within the spare. Any thread. Lock-free, may
 * call the system. */
void arena_release(struct arena *arena, uint32_t first, uint32_t n);

/* Decommits free spans and, where that is safe, the states of words that are all free; returns the bytes. Any thread, concurrently
 * with everything. Lock-free, calls the system. */
uint64_t arena_trim(struct arena *arena);

/* Commits `bytes` of spans at creation, touches them and keeps them as spare. Creator only. */
bool arena_precommit(struct arena *arena, uint64_t bytes);

#endif
