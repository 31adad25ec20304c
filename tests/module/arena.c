/* The arena by itself: claims and releases of runs, the limit, trim. No pools, so spans have no headers. */
#include "arena_check.h"

#include "support/generator.h"
#include "support/threads.h"
#include "support/valgrind.h"

enum { SPANS = 300, RUN_MAX = 200, RUNS_MAX = 64, ROUNDS = 3000, THREADS = 4, THREAD_ROUNDS = 1500 };

static bool is_zero(const char *memory, size_t size)
{
    static const char zero[4096];
    for (; size > 0; size -= sizeof zero, memory += sizeof zero)
        if (memcmp(memory, zero, sizeof zero) != 0)
            return false;
    return true;
}

struct run {
    uint32_t first, n;
};

/* Claims a run and checks it against a map of what is claimed: in range, free until now, zero if it says so, and usable. */
static bool claim_checked(struct arena *arena, struct run *run, uint32_t n, uint8_t *owned)
{
    bool fresh = false;
    run->n = n;
    run->first = arena_claim(arena, n, &fresh);
    if (run->first == ARENA_NONE)
        return false;
    require(run->first + n <= arena->n_spans);
    valgrind_knows(arena_span_start(arena, run->first), (size_t)n << SPAN_SHIFT);
    for (uint32_t i = run->first; i < run->first + n; i++) {
        char *span = arena_span_start(arena, i);
        require(owned[i] == 0);
        owned[i] = 1;
        require(!fresh || is_zero(span, SPAN_SIZE));
        span[0] = span[SPAN_SIZE - 1] = 1;
    }
    return true;
}

static void release_checked(struct arena *arena, const struct run *run, uint8_t *owned)
{
    memset(owned + run->first, 0, run->n);
    arena_release(arena, run->first, run->n);
}

START_TEST(random_runs)
{
    struct arena arena;
    struct run runs[RUNS_MAX];
    uint8_t owned[SPANS] = {0};
    uint32_t n_runs = 0;
    uint32_t in_use = 0;
    struct generator generator = generator_make(generator_seed("arena/random_runs"), 0);
    make_arena(&arena, SPANS);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        if (n_runs < RUNS_MAX && generator_below(&generator, 2) == 0) {
            const uint32_t n = (uint32_t)generator_size(&generator, RUN_MAX);
            if (claim_checked(&arena, &runs[n_runs], n, owned))
                in_use += runs[n_runs++].n;
        } else if (n_runs > 0) {
            const size_t i = generator_below(&generator, n_runs);
            in_use -= runs[i].n;
            release_checked(&arena, &runs[i], owned);
            runs[i] = runs[--n_runs];
        }
        if (generator_below(&generator, 100) == 0)
            arena_trim(&arena);
        check_arena(&arena, in_use);
    }
    while (n_runs > 0)
        release_checked(&arena, &runs[--n_runs], owned);
    check_arena(&arena, 0);
    arena_destroy(&arena);
}
END_TEST

/* Every length from one span to the whole arena finds room in an empty arena, twice, and nothing longer does. */
START_TEST(every_length)
{
    static const uint32_t sizes[] = {1, 3, 64, 65, 128, 300};
    for (size_t size = 0; size < sizeof sizes / sizeof sizes[0]; size++) {
        struct arena arena;
        bool fresh;
        make_arena(&arena, sizes[size]);
        for (uint32_t n = 1; n <= sizes[size]; n += n < 70 ? 1 : 23) {
            for (uint32_t twice = 0; twice < 2; twice++) {
                const uint32_t first = arena_claim(&arena, n, &fresh);
                require(first != ARENA_NONE);
                check_arena(&arena, n);
                arena_release(&arena, first, n);
            }
        }
        ck_assert_uint_eq(arena_claim(&arena, sizes[size], &fresh), 0);
        ck_assert_uint_eq(arena_claim(&arena, 1, &fresh), ARENA_NONE);
        arena_release(&arena, 0, sizes[size]);
        ck_assert_uint_eq(arena_claim(&arena, sizes[size] + 1, &fresh), ARENA_NONE);
        check_arena(&arena, 0);
        arena_destroy(&arena);
    }
}
END_TEST

START_TEST(long_runs_go_around_what_is_claimed)
{
    struct arena arena;
    bool fresh;
    make_arena(&arena, 5 * WORD_SPANS);
    for (uint32_t i = 0; i < 2 * WORD_SPANS + 1; i++)
        ck_assert_uint_eq(arena_claim(&arena, 1, &fresh), i);
    ck_assert_uint_eq(arena_claim(&arena, 2 * WORD_SPANS, &fresh), 3 * WORD_SPANS);
    ck_assert_uint_eq(arena_claim(&arena, WORD_SPANS + 1, &fresh), ARENA_NONE);
    check_arena(&arena, 4 * WORD_SPANS + 1);
    arena_release(&arena, 2 * WORD_SPANS, 1);
    arena_release(&arena, 3 * WORD_SPANS, 2 * WORD_SPANS);
    ck_assert_uint_eq(arena_claim(&arena, 3 * WORD_SPANS, &fresh), 2 * WORD_SPANS);
    check_arena(&arena, 5 * WORD_SPANS);
    arena_destroy(&arena);
}
END_TEST

START_TEST(words_open_one_by_one)
{
    struct arena arena;
    bool fresh;
    make_arena(&arena, SPANS);
    ck_assert_uint_eq(arena_lines(&arena), 0);
    for (uint32_t i = 0; i < SPANS; i++) {
        ck_assert_uint_eq(arena_claim(&arena, 1, &fresh), i);
        ck_assert(fresh);
        ck_assert_uint_eq(arena.opened, i / WORD_SPANS + 1);
        const uint64_t lines = (uint64_t)arena.opened * WORD_LINES;
        ck_assert_uint_eq(arena_lines(&arena), lines < SPANS * SPAN_LINES ? lines : SPANS * SPAN_LINES);
    }
    ck_assert_uint_eq(arena_claim(&arena, 1, &fresh), ARENA_NONE);
    check_arena(&arena, SPANS);
    arena_destroy(&arena);
}
END_TEST

/* The lowest free span is found again whatever the hints have become, and one that was kept committed is preferred. */
START_TEST(released_spans_are_found)
{
    struct arena arena;
    bool fresh;
    make_arena(&arena, SPANS);
    for (uint32_t i = 0; i < SPANS; i++)
        arena_claim(&arena, 1, &fresh);
    for (uint32_t i = SPANS; i-- > 0;) {
        arena_release(&arena, i, 1);
        ck_assert_uint_eq(arena_claim(&arena, 1, &fresh), i);
        ck_assert(!fresh);
    }
    arena_release(&arena, 5, 1);
    arena_trim(&arena);
    arena_release(&arena, 200, 1);
    ck_assert_uint_eq(arena_claim(&arena, 1, &fresh), 200);
    ck_assert(!fresh);
    ck_assert_uint_eq(arena_claim(&arena, 1, &fresh), 5);
    ck_assert(fresh);
    check_arena(&arena, SPANS);
    arena_destroy(&arena);
}
END_TEST

START_TEST(trim_gives_back_what_is_free)
{
    struct arena arena;
    bool fresh;
    make_arena(&arena, SPANS);
    for (uint32_t i = 0; i < 70; i++)
        arena_claim(&arena, 1, &fresh);
    arena.states[3 * SPAN_LINES] = STATE_LIVE;
    for (uint32_t i = 0; i < 64; i++)
        arena_release(&arena, i, 1);
    const uint64_t before = arena.committed;
    const uint64_t bytes = arena_trim(&arena);
    ck_assert_uint_eq(before - arena.committed, bytes);
    ck_assert_uint_eq(arena_spare(&arena), 0);
    ck_assert_uint_eq(arena.words[0].committed, 0);
    ck_assert_uint_eq(arena.words[0].trimmed, OS_DECOMMITTED_READABLE);
    ck_assert_uint_eq(arena.words[1].trimmed, 0);
    ck_assert_uint_eq(arena_trim(&arena), 0);
    if (OS_DECOMMITTED_READABLE)
        ck_assert_uint_eq(arena.states[3 * SPAN_LINES], STATE_NONE);
    check_arena(&arena, 6);
    ck_assert_uint_eq(arena_claim(&arena, 1, &fresh), 0);
    ck_assert(fresh);
    valgrind_knows(arena_span_start(&arena, 0), SPAN_SIZE);
    ck_assert(is_zero(arena_span_start(&arena, 0), SPAN_SIZE));
    ck_assert_uint_eq(arena.words[0].trimmed, 0);
    check_arena(&arena, 7);
    arena_destroy(&arena);
}
END_TEST

/* At the limit a claim fails and leaves nothing behind; a refund makes room. */
START_TEST(limit_is_kept)
{
    struct arena arena;
    bool fresh;
    make_arena(&arena, SPANS);
    arena.limit = table_bytes + 10 * SPAN_SIZE;
    for (uint32_t i = 0; i < 10; i++)
        ck_assert_uint_ne(arena_claim(&arena, 1, &fresh), ARENA_NONE);
    ck_assert_uint_eq(arena_claim(&arena, 1, &fresh), ARENA_NONE);
    ck_assert_uint_eq(arena_claim(&arena, 70, &fresh), ARENA_NONE);
    ck_assert(!arena_charge(&arena, 1));
    ck_assert(!arena_charge(&arena, UINT64_MAX));
    check_arena(&arena, 10);
    arena_release(&arena, 4, 1);
    ck_assert_uint_eq(arena_claim(&arena, 2, &fresh), ARENA_NONE);
    ck_assert_uint_eq(arena_trim(&arena), SPAN_SIZE);
    ck_assert(arena_charge(&arena, SPAN_SIZE));
    ck_assert_uint_eq(arena_claim(&arena, 1, &fresh), ARENA_NONE);
    arena_refund(&arena, SPAN_SIZE);
    ck_assert_uint_eq(arena_claim(&arena, 1, &fresh), 4);
    check_arena(&arena, 10);
    arena_destroy(&arena);
}
END_TEST

START_TEST(precommit_keeps_spans)
{
    struct arena arena;
    bool fresh;
    make_arena(&arena, SPANS);
    ck_assert(arena_precommit(&arena, 100 * SPAN_SIZE - 1));
    check_arena(&arena, 0);
    ck_assert_uint_eq(arena_spare(&arena), 100);
    for (uint32_t i = 0; i < 100; i++) {
        const uint32_t span = arena_claim(&arena, 1, &fresh);
        ck_assert_uint_lt(span, 100);
    }
    ck_assert_uint_eq(arena_spare(&arena), 0);
    for (uint32_t i = 0; i < 100; i++)
        arena_release(&arena, i, 1);
    ck_assert_uint_eq(arena_spare(&arena), 100);
    arena_destroy(&arena);
    make_arena(&arena, 10);
    ck_assert(!arena_precommit(&arena, 11 * SPAN_SIZE));
    arena_destroy(&arena);
}
END_TEST

START_TEST(tables_are_extended)
{
    struct arena arena;
    uint32_t high = 0;
    make_arena(&arena, SPANS);
    ck_assert_uint_eq(arena_extend(&arena, arena.pools, POOL_STRIDE, &high, 3, 8), 0);
    ck_assert_uint_eq(high, 3);
    ck_assert_uint_eq(arena.committed, 3 * POOL_STRIDE);
    ck_assert(is_zero(arena.pools, 4096));
    arena.limit = 5 * POOL_STRIDE;
    ck_assert_uint_eq(arena_extend(&arena, arena.pools, POOL_STRIDE, &high, 3, 8), ARENA_NONE);
    ck_assert_uint_eq(arena_extend(&arena, arena.pools, POOL_STRIDE, &high, 2, 4), ARENA_NONE);
    ck_assert_uint_eq(high, 3);
    ck_assert_uint_eq(arena.committed, 3 * POOL_STRIDE);
    ck_assert_uint_eq(arena_extend(&arena, arena.pools, POOL_STRIDE, &high, 2, 8), 3);
    ck_assert_uint_eq(high, 5);
    arena_destroy(&arena);
}
END_TEST

START_TEST(reservation_is_halved_on_request_only)
{
    struct arena arena;
    struct arena_wish wish = {.size = (uint64_t)64 << 20, .total_max = (uint64_t)32 << 20};
    ck_assert(!arena_create(&arena, &wish));
    wish.halve = true;
    ck_assert(arena_create(&arena, &wish));
    ck_assert_uint_eq((uint64_t)arena.n_spans << SPAN_SHIFT, (uint64_t)16 << 20);
    ck_assert_uint_le(arena.range.size, wish.total_max);
    arena_destroy(&arena);
    wish.total_max = 1;
    ck_assert(!arena_create(&arena, &wish));
}
END_TEST

/* A table of `size` bytes begins with a line, and ends before a page that the next one begins in. */
static void check_table(const void *table, const void *next, size_t size)
{
    const uintptr_t page = (uintptr_t)64 << 10;
    ck_assert_uint_eq((uintptr_t)table % LINE_SIZE, 0);
    ck_assert_uint_le((uintptr_t)table + size, (uintptr_t)next / page * page);
}

START_TEST(tables_lie_apart)
{
    for (uint32_t colour = 0; colour < 300; colour += 7) {
        struct arena arena;
        const struct arena_wish wish = {
            .size = (uint64_t)SPANS << SPAN_SHIFT, .total_max = UINT64_MAX, .colour = colour, .poison = colour % 2 == 1};
        memset(&arena, 0, sizeof arena);
        ck_assert(arena_create(&arena, &wish));
        const size_t spans = (size_t)arena.n_words * WORD_SPANS;
        const void *after_states = wish.poison ? (void *)arena.slack : arena.pools;
        ck_assert_uint_ge((uintptr_t)arena.words, (uintptr_t)arena.range.base);
        check_table(arena.words, arena.headers, arena.n_words * sizeof(struct arena_word));
        check_table(arena.headers, arena.records, spans * sizeof(uint32_t));
        check_table(arena.records, arena.states, spans * sizeof(struct span_record));
        check_table(arena.states, after_states, spans * SPAN_LINES);
        if (wish.poison)
            check_table(arena.slack, arena.pools, spans * SPAN_LINES * sizeof(uint16_t));
        check_table(arena.pools, arena.magazines, (size_t)arena.pools_max * POOL_STRIDE);
        check_table(arena.magazines, arena.base, (size_t)arena.magazines_max * MAGAZINE_STRIDE);
        ck_assert_uint_eq((uintptr_t)arena.base % SPAN_SIZE, (uintptr_t)arena.range.base % SPAN_SIZE);
        ck_assert_uint_le((uintptr_t)arena_span_start(&arena, arena.n_spans), (uintptr_t)arena.range.base + arena.range.size);
        ck_assert_uint_eq((uintptr_t)arena.pools % 128, 0);
        ck_assert_uint_eq((uintptr_t)arena.magazines % MAGAZINE_STRIDE, 0);
        ck_assert_uint_eq((uintptr_t)arena.states % ((uintptr_t)64 << 10), 0);
        arena_destroy(&arena);
    }
}
END_TEST

START_TEST(tables_of_neighbouring_heaps_share_no_set)
{
    enum { HEAPS = 32, PAGE = 4096 }; /* as many pairs of lines as a page has */
    bool taken[4][PAGE / 128] = {{false}};
    for (uint32_t colour = 0; colour < HEAPS; colour++) {
        struct arena arena;
        const struct arena_wish wish = {.size = SPAN_SIZE, .total_max = UINT64_MAX, .colour = colour};
        memset(&arena, 0, sizeof arena);
        ck_assert(arena_create(&arena, &wish));
        const void *tables[] = {arena.words, arena.headers, arena.records, arena.pools};
        for (uint32_t i = 0; i < 4; i++) {
            bool *set = &taken[i][(uintptr_t)tables[i] % PAGE / 128];
            ck_assert_msg(!*set, "table %u of heap %u begins where an earlier heap's does", i, colour);
            *set = true;
        }
        arena_destroy(&arena);
    }
}
END_TEST

struct claimer {
    struct arena *arena;
    uint32_t *owners; /* by span: who claimed it */
    struct barrier *start;
    struct generator generator;
    uint32_t name;
};

static void mark_run(struct claimer *claimer, const struct run *run, uint32_t from, uint32_t to)
{
    for (uint32_t i = run->first; i < run->first + run->n; i++) {
        uint32_t expected = from;
        require(cas_32(&claimer->owners[i], &expected, to));
        if (to != 0)
            *(volatile char *)arena_span_start(claimer->arena, i) = (char)to;
    }
}

static void claim_and_release(void *argument)
{
    struct claimer *claimer = argument;
    struct run runs[8];
    uint32_t n_runs = 0;
    barrier_wait(claimer->start);
    for (uint32_t round = 0; round < THREAD_ROUNDS; round++) {
        bool fresh;
        if (n_runs < 8 && generator_below(&claimer->generator, 2) == 0) {
            struct run *run = &runs[n_runs];
            run->n = (uint32_t)generator_size(&claimer->generator, generator_below(&claimer->generator, 8) == 0 ? 100 : 6);
            run->first = arena_claim(claimer->arena, run->n, &fresh);
            if (run->first == ARENA_NONE)
                continue;
            valgrind_knows(arena_span_start(claimer->arena, run->first), (size_t)run->n << SPAN_SHIFT);
            mark_run(claimer, run, 0, claimer->name);
            require(!fresh || *(volatile char *)(arena_span_start(claimer->arena, run->first) + 64) == 0);
            n_runs++;
        } else if (n_runs > 0) {
            const struct run run = runs[--n_runs];
            mark_run(claimer, &run, claimer->name, 0);
            arena_release(claimer->arena, run.first, run.n);
        } else if (generator_below(&claimer->generator, 16) == 0) {
            arena_trim(claimer->arena);
        }
    }
    while (n_runs > 0) {
        mark_run(claimer, &runs[--n_runs], claimer->name, 0);
        arena_release(claimer->arena, runs[n_runs].first, runs[n_runs].n);
    }
}

START_TEST(claims_of_threads_never_overlap)
{
    static uint32_t owners[SPANS];
    struct arena arena;
    struct claimer claimers[THREADS];
    struct thread threads[THREADS];
    struct barrier start;
    const uint64_t seed = generator_seed("arena/claims_of_threads_never_overlap");
    memset(owners, 0, sizeof owners);
    make_arena(&arena, SPANS);
    barrier_init(&start, THREADS);
    for (uint32_t i = 0; i < THREADS; i++) {
        claimers[i] = (struct claimer){&arena, owners, &start, generator_make(seed, i), i + 1};
        thread_start(&threads[i], claim_and_release, &claimers[i]);
    }
    for (uint32_t i = 0; i < THREADS; i++)
        thread_join(&threads[i]);
    check_arena(&arena, 0);
    arena_trim(&arena);
    check_arena(&arena, 0);
    ck_assert_uint_eq(arena_spare(&arena), 0);
    barrier_destroy(&start);
    arena_destroy(&arena);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("arena");
    TCase *arena = tcase_create("arena");
    tcase_add_test(arena, random_runs);
    tcase_add_test(arena, every_length);
    tcase_add_test(arena, long_runs_go_around_what_is_claimed);
    tcase_add_test(arena, words_open_one_by_one);
    tcase_add_test(arena, released_spans_are_found);
    tcase_add_test(arena, trim_gives_back_what_is_free);
    tcase_add_test(arena, limit_is_kept);
    tcase_add_test(arena, precommit_keeps_spans);
    tcase_add_test(arena, tables_are_extended);
    tcase_add_test(arena, reservation_is_halved_on_request_only);
    tcase_add_test(arena, tables_lie_apart);
    tcase_add_test(arena, tables_of_neighbouring_heaps_share_no_set);
    tcase_add_test(arena, claims_of_threads_never_overlap);
    suite_add_tcase(suite, arena);
    return suite;
}
