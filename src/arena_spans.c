/*
 * The supply of spans: claiming, committing, releasing and trimming them, all by CAS in the words' bitmaps.
 */
#include "arena.h"
#include "seed.h"
#include "tools.h"

enum {
    RUN_ATTEMPTS = 64,
    CLAIM_ATTEMPTS = 64,
    PEAK_RELEASES = 16,
    PATIENCE = 1024, /* to commit a span costs as much as some 20 releases */
    PATIENCE_MAX = 8192,
    RUNS_REMEMBERED = 256,
    SHED_MORE = 8,
    PAGE_MIN = 4096
};

/* Bits of a word that are spans of the arena. */
static uint64_t word_mask(const struct arena *arena, uint32_t word)
{
    uint32_t n = arena->n_spans - word * WORD_SPANS;
    return n >= WORD_SPANS ? UINT64_MAX : ((uint64_t)1 << n) - 1;
}

static bool commit_tables(struct arena *arena, uint32_t word)
{
    size_t span = (size_t)word * WORD_SPANS;
    size_t line = (size_t)word * WORD_LINES;
    size_t spans = (size_t)(arena->n_spans - span < WORD_SPANS ? arena->n_spans - span : WORD_SPANS);
    return os_commit(&arena->range, arena->words + word, sizeof(struct arena_word)) &&
           os_commit(&arena->range, arena->headers + span, WORD_SPANS * sizeof(uint32_t)) &&
           os_commit(&arena->range, arena->records + span, WORD_SPANS * sizeof(struct span_record)) &&
           os_commit(&arena->range, arena->states + line, WORD_LINES) &&
           (arena->slack == NULL || os_commit(&arena->range, arena->slack + line, WORD_LINES * sizeof(uint16_t))) &&
           (!arena->range.prefix || os_commit(&arena->range, arena_span_start(arena, (uint32_t)span), spans << SPAN_SHIFT));
}

/* Bytes of a word's block states and slack. */
static uint64_t states_bytes(const struct arena *arena)
{
    return WORD_LINES + (arena->slack != NULL ? WORD_LINES * sizeof(uint16_t) : 0);
}

/* Opens words until `want` of them are. Any thread, concurrently with itself. Lock-free. */
static bool open_words(struct arena *arena, uint32_t want)
{
    const uint64_t bytes =
        sizeof(struct arena_word) + WORD_SPANS * (sizeof(uint32_t) + sizeof(struct span_record)) + states_bytes(arena);
    uint32_t opened = load_acquire_32(&arena->opened);
    while (opened < want) {
        if (want > arena->n_words || !arena_charge(arena, bytes))
            return false;
        if (!SEEDED(open_order, commit_tables(arena, opened), true)) {
            arena_refund(arena, bytes);
            return false;
        }
        uint64_t outside = ~word_mask(arena, opened);
        if (SEEDED(open_order, SEEDED(open_late, outside != 0, false), false))
            SEEDED(open_outside, fetch_or_64, split_or_64)(&arena->words[opened].claimed, outside);
        if (SEEDED(open_word, cas_32, split_cas_32)(&arena->opened, &opened,
                                                    opened + 1)) { /* release: whoever sees the word finds its tables */
            MISPLACED(open_order, commit_tables(arena, opened) && fetch_or_64(&arena->words[opened].claimed, outside));
            MISPLACED(open_late, fetch_or_64(&arena->words[opened].claimed, outside));
            tools_word_opened(arena, opened);
            opened++;
        } else {
            arena_refund(arena, SEEDED(open_refund, bytes, 0));
            MISPLACED(open_again, want++);
        }
    }
    return true;
}

/* Sets bits of a word if none of them is set. */
static bool claim_bits(struct arena_word *word, uint64_t bits)
{
    uint64_t claimed = load_relaxed_64(&word->claimed);
    while ((claimed & bits) == 0)
        if (SEEDED(claim_again, SEEDED(claim_bits, cas_64, split_cas_64), setting_cas_64)(
                &word->claimed, &claimed, claimed | bits)) /* acquire: what the last holder wrote to the tables is seen */
            return true;
    return false;
}

/* The lowest `n` neighbouring set bits of `free`, as a mask, or 0. */
static uint64_t find_bits(uint64_t free, uint32_t n)
{
    uint32_t have = 1;
    uint64_t starts = free;
    while (have < n && starts != 0) {
        uint32_t step = n - have < have ? n - have : have;
        starts &= starts >> step;
        have += step;
    }
    if (starts == 0)
        return 0;
    uint64_t bits = n == WORD_SPANS ? UINT64_MAX : ((uint64_t)1 << n) - 1;
    return bits << __builtin_ctzll(starts);
}

/* Claims n <= 64 spans inside one word in [from, opened); with `spare` only committed ones. Returns the first span. */
static uint32_t claim_in_word(struct arena *arena, uint32_t n, uint32_t *hint, bool spare)
{
    uint32_t opened = load_acquire_32(&arena->opened);
    uint32_t from = hint != NULL ? load_relaxed_32(hint) : 0;
    for (uint32_t i = from; i < opened; i++) {
        struct arena_word *word = &arena->words[i];
        for (;;) {
            uint64_t free = ~load_relaxed_64(&word->claimed);
            if (spare)
                free &= load_relaxed_64(&word->committed);
            uint64_t bits = find_bits(free, n);
            if (bits == 0)
                break;
            if (claim_bits(word, bits)) {
                if (hint != NULL && i != from)
                    cas_32(hint, &from, i);
                return i * WORD_SPANS + (uint32_t)__builtin_ctzll(bits);
            }
            if (SEEDED(claim_retry, false, true)) /* look again: another thread made progress */
                break;
        }
    }
    return ARENA_NONE;
}

/* Part of the run [first, first + n) that lies in word i. */
static uint64_t run_bits(uint32_t first, uint32_t n, uint32_t i)
{
    uint64_t start = i * (uint64_t)WORD_SPANS;
    uint64_t from = first > start ? first - start : 0;
    uint64_t to = (uint64_t)first + n - start < WORD_SPANS ? (uint64_t)first + n - start : WORD_SPANS;
    return (to == WORD_SPANS ? UINT64_MAX : ((uint64_t)1 << to) - 1) & ~(((uint64_t)1 << from) - 1);
}

/* Lets go of bits of a word. Release: the next holder sees what we wrote. */
static void unclaim_bits(struct arena_word *word, uint64_t bits)
{
    SEEDED(unclaim, fetch_and_64, split_and_64)(&word->claimed, ~bits);
}

static void unclaim(struct arena *arena, uint32_t first, uint32_t n)
{
    for (uint32_t i = first / WORD_SPANS; i * WORD_SPANS < first + n; i++)
        unclaim_bits(&arena->words[i], run_bits(first, n, i));
}

/* Claims n > 64 spans, word by word in ascending order from a word's start; on conflict what was claimed is rolled back. */
static uint32_t claim_words(struct arena *arena, uint32_t n)
{
    uint32_t words = (n + WORD_SPANS - 1) / WORD_SPANS;
    uint32_t i = 0;
    for (uint32_t attempt = 0; attempt < RUN_ATTEMPTS && i + words <= arena->n_words; attempt++) {
        uint32_t opened = load_acquire_32(&arena->opened);
        uint32_t k = 0;
        while (i + words <= arena->n_words && k < words) {
            uint32_t first = i * WORD_SPANS;
            if (i + k >= opened || (load_relaxed_64(&arena->words[i + k].claimed) & run_bits(first, n, i + k)) == 0) {
                k++;
            } else {
                i += k + 1;
                k = 0;
            }
        }
        if (k < words || !open_words(arena, i + words))
            return ARENA_NONE;
        for (k = 0; k < words && claim_bits(&arena->words[i + k], run_bits(i * WORD_SPANS, n, i + k)); k++) {
        }
        if (k == words)
            return i * WORD_SPANS;
        unclaim(arena, i * WORD_SPANS, SEEDED(run_roll_back, k, 0) * WORD_SPANS);
    }
    return ARENA_NONE;
}

/* Decommits held spans of a word; returns those the system has taken. The others stay committed. */
static uint64_t decommit_bits(struct arena *arena, uint32_t i, uint64_t bits)
{
    uint64_t gone = 0;
    for (uint64_t left = bits; left != 0;) {
        uint32_t from = (uint32_t)__builtin_ctzll(left);
        uint64_t inverse = ~(left >> from);
        uint32_t n = inverse == 0 ? WORD_SPANS : (uint32_t)__builtin_ctzll(inverse);
        uint64_t run = run_bits(from, n, 0);
        if (os_decommit(&arena->range, arena_span_start(arena, i * WORD_SPANS + from), (size_t)n << SPAN_SHIFT))
            gone |= run;
        left &= ~run;
    }
    SEEDED(decommit_bits, fetch_and_64, split_and_64)(&arena->words[i].committed, ~gone);
    arena_refund(arena, (uint64_t)__builtin_popcountll(gone) << SPAN_SHIFT);
    return gone;
}

/* Charges a word's states again if a trim gave them back; their memory comes by itself. By the holder of a span in it. Lock-free.
 */
static bool untrim(struct arena *arena, struct arena_word *word)
{
    uint32_t trimmed = load_relaxed_32(&word->trimmed);
    if (trimmed == 0)
        return true;
    if (!arena_charge(arena, states_bytes(arena)))
        return false;
    if (!SEEDED(untrim, cas_32, split_cas_32)(&word->trimmed, &trimmed, 0))
        arena_refund(arena, SEEDED(untrim_refund, states_bytes(arena), 0)); /* another holder was first */
    return true;
}

/* Counts spans that come into use and into the spare, both signed. One operation for both, as each costs as much as the rest of a
 * claim; the spare is counted before its bits are clear and off after they are set, so it is never below zero. */
static void arena_count(struct arena *arena, int32_t in_use, int32_t spare)
{
    uint64_t change = ((uint64_t)(uint32_t)in_use << 32) + (uint64_t)(int64_t)spare;
    SEEDED(count_spans, fetch_add_64, split_add_64)(&arena->counts, change);
}

/* Makes claimed spans usable; on failure those that were not stay so. *new_count: how many were not. */
static bool commit_run(struct arena *arena, uint32_t first, uint32_t n, uint32_t *new_count)
{
    uint32_t new_spans = 0;
    uint32_t last_word = (first + n - 1) / WORD_SPANS;
    for (uint32_t i = first / WORD_SPANS; i <= last_word; i++)
        if (!untrim(arena, &arena->words[i]))
            return false;
    for (uint32_t i = first / WORD_SPANS; i <= last_word; i++)
        new_spans += (uint32_t)__builtin_popcountll(run_bits(first, n, i) & ~load_relaxed_64(&arena->words[i].committed));
    if (new_spans > 0) {
        if (!arena_charge(arena, (uint64_t)new_spans << SPAN_SHIFT))
            return false;
        if (!os_commit(&arena->range, arena_span_start(arena, first), (size_t)n << SPAN_SHIFT)) {
            arena_refund(arena, (uint64_t)new_spans << SPAN_SHIFT);
            return false;
        }
        for (uint32_t i = first / WORD_SPANS; i <= last_word; i++)
            SEEDED(commit_bits, fetch_or_64, split_or_64)(&arena->words[i].committed, run_bits(first, n, i));
        tools_committed(arena_span_start(arena, first), (size_t)n << SPAN_SHIFT);
    }
    *new_count = new_spans;
    return true;
}

/* Claims n <= 64 spans that look committed, so that the spare can shrink to what is in use, and because it is the short way. */
static uint32_t claim_spare(struct arena *arena, uint32_t n)
{
    if (n > WORD_SPANS || arena_spare(arena) < n)
        return ARENA_NONE;
    return claim_in_word(arena, n, n == 1 ? &arena->spare_hint : NULL, true);
}

/* Whether claimed spans of one word are usable as they are. By their holder. */
static bool is_committed(const struct arena *arena, uint32_t first, uint32_t n)
{
    const struct arena_word *word = &arena->words[first / WORD_SPANS];
    uint64_t bits = run_bits(first % WORD_SPANS, n, 0);
    return n <= WORD_SPANS && load_relaxed_32(&word->trimmed) == 0 && (bits & ~load_relaxed_64(&word->committed)) == 0;
}

static uint32_t claim_run(struct arena *arena, uint32_t n)
{
    if (n > WORD_SPANS)
        return claim_words(arena, n);
    uint32_t first = claim_in_word(arena, n, n == 1 ? &arena->free_hint : NULL, false);
    while (first == ARENA_NONE) {
        uint32_t opened = load_acquire_32(&arena->opened); /* before the search: what others open meanwhile is searched, too */
        first = SEEDED(claim_hint, claim_in_word(arena, n, NULL, false), ARENA_NONE); /* the hint may have missed one */
        if (first == ARENA_NONE && !open_words(arena, SEEDED(spans_seen, opened, load_acquire_32(&arena->opened)) + 1))
            return ARENA_NONE;
    }
    return first;
}

/* Claims a run, committed or not. */
static uint32_t claim_any(struct arena *arena, uint32_t n)
{
    uint32_t trims = load_acquire_32(&arena->trims);
    uint32_t first = claim_run(arena, n);
    for (uint32_t attempt = 0; first == ARENA_NONE && attempt < CLAIM_ATTEMPTS; attempt++) {
        /* Pairs with the count after a trim let its spans go. One that has them now is not waited
         * for: a claim of neighbouring spans in a full arena may fail while another thread trims. */
        uint32_t now = load_acquire_32(&arena->trims);
        if (SEEDED(claim_trims, now == trims, true))
            break;
        trims = now;
        first = claim_run(arena, n);
    }
    return first;
}

/*
 * Spans were committed, `committed` are now. If there were as many before, some were given back too early: each is worth PATIENCE
 * released spans without forgetting, up to PATIENCE_MAX. So memory that is used up and down again and again is kept, and what was
 * used once is not, once others have been released.
 */
static void note_commit(struct arena *arena, uint32_t committed, uint32_t new_spans)
{
    uint32_t most = load_relaxed_32(&arena->most);
    if (committed > most) {
        store_relaxed_32(&arena->most, committed);
        return;
    }
    int64_t patience = (int64_t)new_spans * PATIENCE - (int32_t)load_relaxed_32(&arena->releases);
    store_relaxed_32(&arena->releases, (uint32_t)(0 - (patience < PATIENCE_MAX ? patience : PATIENCE_MAX)));
}

uint32_t arena_claim(struct arena *arena, uint32_t n, bool *fresh)
{
    uint32_t new_spans = 0;
    uint32_t first = claim_spare(arena, n);
    if (first == ARENA_NONE)
        first = claim_any(arena, n);
    if (first == ARENA_NONE)
        return ARENA_NONE;
    /* Asked of the holder only: a trim may have had them between the look and the claim. */
    if (!SEEDED(claim_committed, is_committed(arena, first, n), true) && !commit_run(arena, first, n, &new_spans)) {
        unclaim(arena, first, n);
        return ARENA_NONE;
    }
    *fresh = new_spans == n;
    arena_count(arena, (int32_t)n, (int32_t)(new_spans - n));
    uint32_t in_use = arena_in_use(arena);
    if (in_use > load_relaxed_32(&arena->peak))
        store_relaxed_32(&arena->peak, in_use); /* a lost update only shifts a limit for a while */
    if (new_spans > 0)
        note_commit(arena, in_use + arena_spare(arena), new_spans);
    return first;
}

static void lower_hint(uint32_t *hint, uint32_t word)
{
    uint32_t now = load_relaxed_32(hint);
    while (word < now && !cas_32(hint, &now, word)) {
    }
}

/*
 * How many spans may stay committed and free once `n` more are, with `in_use` of them taken: what was in use lately and is not now.
 * Single spans fill every gap. Runs do not, so with runs among the last releases as many as half of that again may wait for one
 * that fits: with less, a program that replaces runs at random pays for the same pages again and again.
 */
static uint32_t spare_allowed(struct arena *arena, uint32_t n, uint32_t in_use)
{
    uint32_t peak = load_relaxed_32(&arena->peak);
    /* Plain counts will do, here and below: a lost update only shifts a limit. */
    int32_t releases = (int32_t)load_relaxed_32(&arena->releases);
    if (releases < 0) {
        releases = releases + (int32_t)n < 0 ? releases + (int32_t)n : 0;
    } else if (++releases == PEAK_RELEASES) {
        releases = 0;
        if (peak > in_use)
            store_relaxed_32(&arena->peak, peak - (peak - in_use + 7) / 8);
    }
    store_relaxed_32(&arena->releases, (uint32_t)releases);
    uint32_t runs = n > 1 ? RUNS_REMEMBERED : load_relaxed_32(&arena->runs);
    store_relaxed_32(&arena->runs, runs > 0 ? runs - 1 : 0);
    uint32_t wanted = runs > 0 ? peak + peak / 2 : peak;
    return wanted > in_use + arena->spare_min ? wanted - in_use : arena->spare_min;
}

/* Gives a word's states back; false if the system keeps them. By the holder of all its spans. */
static bool trim_states(struct arena *arena, uint32_t i)
{
    size_t line = (size_t)i * WORD_LINES;
    if (!os_decommit(&arena->range, arena->states + line, WORD_LINES))
        return false;
    if (arena->slack != NULL && !os_decommit(&arena->range, arena->slack + line, WORD_LINES * sizeof(uint16_t)))
        return false;
    store_relaxed_32(&arena->words[i].trimmed, 1); /* released to the next holder by the claimed bits */
    arena_refund(arena, states_bytes(arena));
    return true;
}

/* Decommits the held spans of a word and, if that is all of them, its states. Returns the bytes. */
static uint64_t trim_held(struct arena *arena, uint32_t i, uint64_t held)
{
    struct arena_word *word = &arena->words[i];
    uint64_t gone = decommit_bits(arena, i, SEEDED(trim_committed, held & load_relaxed_64(&word->committed), held));
    uint64_t bytes = (uint64_t)__builtin_popcountll(gone) << SPAN_SHIFT;
    arena_count(arena, 0, -__builtin_popcountll(gone));
    if (held == word_mask(arena, i) && OS_DECOMMITTED_READABLE && SEEDED(trim_again, load_relaxed_32(&word->trimmed) == 0, true) &&
        trim_states(arena, i))
        bytes += states_bytes(arena);
    return bytes;
}

/* What a trim takes in hand of a word at once: all of it if it is free and its states are there to give, else one span. */
static uint64_t trim_choice(const struct arena *arena, uint32_t i)
{
    const struct arena_word *word = &arena->words[i];
    uint64_t free = ~load_relaxed_64(&word->claimed);
    uint64_t spare = free & load_relaxed_64(&word->committed);
    if (free == word_mask(arena, i) && arena->n_words > 1 && OS_DECOMMITTED_READABLE && load_relaxed_32(&word->trimmed) == 0)
        return free;
    return spare & -spare;
}

/* Takes free spans of a word in hand, decommits them and lets them go. *bytes: what that gave, 0 if the system keeps them. False:
 * some are in use again. */
static bool trim_spans(struct arena *arena, uint32_t i, uint64_t spans, uint64_t *bytes)
{
    if (!SEEDED(trim_claim, claim_bits(&arena->words[i], spans), (fetch_or_64(&arena->words[i].claimed, spans), true)))
        return false;
    *bytes = trim_held(arena, i, spans);
    MISPLACED(trim_early, fetch_add_32(&arena->trims, 1));
    SEEDED(trim_unclaim, fetch_and_64, split_and_64)(&arena->words[i].claimed, ~spans);
    /* After the bits are clear: who sees the count finds the spans. */
    SEEDED(trim_counts, fetch_add_32, split_add_32)(&arena->trims, SEEDED(trim_early, SEEDED(trim_count, 1, 0), 0));
    lower_hint(&arena->free_hint, i);
    return true;
}

uint64_t arena_trim(struct arena *arena)
{
    uint64_t bytes = 0;
    /* Who trims wants it so: what is committed again was not given back too early. */
    store_relaxed_32(&arena->most, arena_in_use(arena));
    store_relaxed_32(&arena->releases, 0);
    uint32_t opened = load_acquire_32(&arena->opened);
    for (uint32_t i = 0; i < opened; i++) {
        for (uint64_t held = trim_choice(arena, i); held != 0; held = trim_choice(arena, i)) {
            uint64_t gone;
            if (!trim_spans(arena, i, held, &gone))
                continue; /* another thread made progress */
            bytes += gone;
            if (gone == 0)
                break; /* the system keeps it */
        }
    }
    return bytes;
}

/* Gives back up to n free spans, the lowest first: claims take those, so what others leave is there. */
static void shed_spans(struct arena *arena, uint32_t n)
{
    uint32_t opened = load_acquire_32(&arena->opened);
    for (uint32_t i = load_relaxed_32(&arena->spare_hint); i < opened && n > 0; i++) {
        uint64_t spare = ~load_relaxed_64(&arena->words[i].claimed) & load_relaxed_64(&arena->words[i].committed);
        uint64_t spans = 0;
        uint64_t bytes;
        for (; n > 0 && spare != 0; n--, spare &= spare - 1)
            spans |= spare & -spare;
        if (spans != 0 && trim_spans(arena, i, spans, &bytes) && bytes == 0)
            return; /* the system keeps it */
    }
}

/*
 * What is more than may stay goes at once if it is a single span, and else later: a run fits best what comes next, and spans that
 * fit nothing lie in gaps between others. So a run stays, and as many of the lowest free spans go, no matter whose; also where more
 * was allowed before.
 */
void arena_release(struct arena *arena, uint32_t first, uint32_t n)
{
    uint32_t in_use = arena_in_use(arena) - n;
    uint32_t allowed = spare_allowed(arena, n, in_use);
    uint32_t spare = arena_spare(arena);
    bool keep = n > 1 || spare + n <= allowed;
    uint32_t kept = n;
    for (uint32_t i = first / WORD_SPANS; !keep && i <= (first + n - 1) / WORD_SPANS; i++)
        kept -= (uint32_t)__builtin_popcountll(decommit_bits(arena, i, run_bits(first, n, i)));
    if (spare + kept > allowed) /* before this one is free: it is not to be among them */
        shed_spans(arena, spare + kept - allowed < n + SHED_MORE ? spare + kept - allowed : n + SHED_MORE);
    SEEDED(release_count, arena_count(arena, -(int32_t)n, (int32_t)kept),
           (void)0); /* before the bits are clear: a claimer subtracts at once */
    unclaim(arena, first, n);
    MISPLACED(release_count, arena_count(arena, -(int32_t)n, (int32_t)kept));
    lower_hint(&arena->free_hint, first / WORD_SPANS);
    if (kept > 0)
        lower_hint(&arena->spare_hint, first / WORD_SPANS);
}

bool arena_precommit(struct arena *arena, uint64_t bytes)
{
    uint32_t n = (uint32_t)((bytes + SPAN_SIZE - 1) >> SPAN_SHIFT);
    uint32_t left = n;
    arena->spare_min = n > SPARE_SPANS_MIN ? n : SPARE_SPANS_MIN;
    for (uint32_t first = 0; left > 0; first += WORD_SPANS) {
        uint32_t run = left < WORD_SPANS ? left : WORD_SPANS;
        uint32_t new_spans;
        if (!open_words(arena, first / WORD_SPANS + 1) ||
            !claim_bits(&arena->words[first / WORD_SPANS], run_bits(first, run, first / WORD_SPANS)) ||
            !commit_run(arena, first, run, &new_spans))
            return false;
        tools_revealed(arena_span_start(arena, first), (size_t)run << SPAN_SHIFT);
        for (size_t at = 0; at < (size_t)run << SPAN_SHIFT; at += PAGE_MIN)
            *(volatile char *)(arena_span_start(arena, first) + at) = 0;
        tools_committed(arena_span_start(arena, first), (size_t)run << SPAN_SHIFT);
        arena_count(arena, 0, (int32_t)run);
        unclaim(arena, first, run);
        left -= run;
    }
    return true;
}
