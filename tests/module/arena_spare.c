/* What an arena keeps committed of what is not in use, and for how long. */
#include "arena_check.h"

#include "support/generator.h"

enum { SPANS = 300 };

/* What was in use lately stays committed, at least 2 MiB; the rest goes as the peak is forgotten. */
START_TEST(spare_is_bounded)
{
    struct arena arena;
    bool fresh;
    make_arena(&arena, SPANS);
    for (uint32_t i = 0; i < 100; i++)
        arena_claim(&arena, 1, &fresh);
    for (uint32_t i = 0; i < 100; i++)
        arena_release(&arena, i, 1);
    ck_assert_uint_ge(arena_spare(&arena), 2 * SPARE_SPANS_MIN);
    ck_assert_uint_le(arena_spare(&arena), 100);
    for (uint32_t i = 0; i < 50000; i++)
        arena_release(&arena, arena_claim(&arena, 1, &fresh), 1);
    ck_assert_uint_le(arena.peak, 1 + SPARE_SPANS_MIN);
    const uint32_t first = arena_claim(&arena, 60, &fresh);
    arena_release(&arena, first, 60);
    check_arena(&arena, 0);
    arena_destroy(&arena);
}
END_TEST

/* Claims single spans until n are in use and releases all; returns how many had to be committed. */
static uint32_t up_and_down(struct arena *arena, uint32_t n)
{
    uint32_t committed = 0;
    bool fresh;
    for (uint32_t i = 0; i < n; i++) {
        arena_claim(arena, 1, &fresh);
        committed += fresh;
    }
    for (uint32_t i = 0; i < n; i++)
        arena_release(arena, i, 1);
    return committed;
}

/* What is used once is given back, what is used again and again is kept, until somebody trims. */
START_TEST(what_is_used_again_is_kept)
{
    enum { MANY = 500 };
    struct arena arena;
    bool fresh;
    make_arena(&arena, MANY);
    for (uint32_t round = 0; round < 2; round++) {
        ck_assert_uint_eq(up_and_down(&arena, MANY), MANY);
        ck_assert_uint_lt(arena_spare(&arena), MANY / 2);
        ck_assert_uint_gt(up_and_down(&arena, MANY), MANY / 2);
        for (uint32_t again = 0; again < 10; again++)
            ck_assert_uint_eq(up_and_down(&arena, MANY), 0);
        check_arena(&arena, 0);
        arena_trim(&arena);
        ck_assert_uint_eq(arena_spare(&arena), 0);
    }
    up_and_down(&arena, MANY);
    up_and_down(&arena, MANY);
    for (uint32_t i = 0; i < 20 * MANY; i++) /* not for long */
        arena_release(&arena, arena_claim(&arena, 1, &fresh), 1);
    ck_assert_uint_le(arena.peak, 1 + SPARE_SPANS_MIN);
    arena_destroy(&arena);
}
END_TEST

/* What runs kept while many were in use goes as they do. */
START_TEST(what_runs_kept_goes_with_them)
{
    enum { RUNS = 1500, LONG = 2 };
    struct arena arena;
    bool fresh;
    make_arena(&arena, RUNS * LONG);
    for (uint32_t i = 0; i < RUNS; i++)
        ck_assert_uint_eq(arena_claim(&arena, LONG, &fresh), i * LONG);
    for (uint32_t i = 0; i < RUNS; i++)
        arena_release(&arena, i * LONG, LONG);
    /* Half of what was in use at some time was more than twice that; the peak is forgotten by now. */
    ck_assert_uint_le(arena_spare(&arena), RUNS * LONG / 8);
    check_arena(&arena, 0);
    arena_destroy(&arena);
}
END_TEST

/* Spans that come and go by the hundred, with many replacements in between: once they have been missed a few times they stay. */
START_TEST(a_few_that_were_missed_are_enough)
{
    enum { MANY = 90, REPLACED = 1500, ROUNDS = 60 };
    struct arena arena;
    uint32_t committed = 0;
    bool fresh;
    make_arena(&arena, SPANS);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < MANY; i++) {
            arena_claim(&arena, 1, &fresh);
            committed += fresh;
        }
        for (uint32_t i = 0; i < REPLACED; i++) {
            arena_release(&arena, i % MANY, 1);
            ck_assert_uint_eq(arena_claim(&arena, 1, &fresh), i % MANY);
            committed += fresh;
        }
        for (uint32_t i = 0; i < MANY; i++)
            arena_release(&arena, i, 1);
    }
    ck_assert_uint_lt(committed, ROUNDS * MANY / 10);
    check_arena(&arena, 0);
    arena_destroy(&arena);
}
END_TEST

/* Runs of random lengths that replace each other settle in what is committed: a claim seldom has to commit, a release to give back.
 * Of a few, whose sum goes up and down, as well. */
START_TEST(runs_that_replace_each_other_stay_committed)
{
    enum { MOST = 100, LONGEST = 16, REPLACED = 20000 };
    const uint32_t lives[] = {10, 30, MOST};
    struct generator generator = generator_make(generator_seed("arena/runs_that_replace_each_other"), 0);
    for (uint32_t k = 0; k < 3; k++) {
        struct arena arena;
        uint32_t first[MOST];
        uint32_t length[MOST];
        uint32_t changes = 0;
        bool fresh;
        make_arena(&arena, 64 * WORD_SPANS);
        for (uint32_t i = 0; i < lives[k]; i++) {
            length[i] = 1 + (uint32_t)generator_below(&generator, LONGEST);
            first[i] = arena_claim(&arena, length[i], &fresh);
        }
        for (uint32_t i = 0; i < REPLACED; i++) {
            const size_t victim = generator_below(&generator, lives[k]);
            const uint64_t before = arena.committed;
            arena_release(&arena, first[victim], length[victim]);
            changes += arena.committed != before;
            length[victim] = 1 + (uint32_t)generator_below(&generator, LONGEST);
            first[victim] = arena_claim(&arena, length[victim], &fresh);
            ck_assert_uint_ne(first[victim], ARENA_NONE);
        }
        ck_assert_msg(changes <= REPLACED / 50, "%u of %u releases gave back with %u live", changes, (unsigned)REPLACED, lives[k]);
        for (uint32_t i = 0; i < lives[k]; i++)
            arena_release(&arena, first[i], length[i]);
        check_arena(&arena, 0);
        arena_destroy(&arena);
    }
}
END_TEST

/* Gaps that are too small for the runs that come and go are no reason to give back those, wherever they lie. */
START_TEST(gaps_that_serve_nobody_go_first)
{
    enum { SINGLES = 1600, EACH = 16, LONG = 32, PAIRS = 1000 };
    const uint32_t below = _i == 0 ? 0 : LONG; /* spans of the run, if it lies there */
    struct arena arena;
    bool fresh;
    make_arena(&arena, 4 * SINGLES);
    if (below != 0)
        arena_claim(&arena, below, &fresh);
    for (uint32_t i = 0; i < SINGLES; i++)
        ck_assert_uint_eq(arena_claim(&arena, 1, &fresh), below + i);
    for (uint32_t i = 0; i < SINGLES; i++)
        if (i % EACH != 0)
            arena_release(&arena, below + i, 1);
    if (below != 0)
        arena_release(&arena, 0, below);
    for (uint32_t i = 0; i < PAIRS; i++) {
        const uint32_t first = arena_claim(&arena, LONG, &fresh);
        const uint64_t before = arena.committed;
        ck_assert(below == 0 || first == 0);
        arena_release(&arena, first, LONG);
        ck_assert(i < PAIRS / 2 || arena.committed == before);
    }
    for (uint32_t i = 0; i < SINGLES; i += EACH)
        arena_release(&arena, below + i, 1);
    check_arena(&arena, 0);
    arena_destroy(&arena);
}
END_TEST

/* What a run has left goes soon where only single spans come and go. */
START_TEST(single_spans_let_a_run_go)
{
    enum { LONG = 5000, PAIRS = 1000 };
    struct arena arena;
    bool fresh;
    make_arena(&arena, LONG + WORD_SPANS);
    const uint32_t first = arena_claim(&arena, LONG, &fresh);
    arena_release(&arena, first, LONG);
    for (uint32_t i = 0; i < PAIRS; i++)
        arena_release(&arena, arena_claim(&arena, 1, &fresh), 1);
    ck_assert_uint_le(arena_spare(&arena), LONG / 4);
    check_arena(&arena, 0);
    arena_destroy(&arena);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("arena_spare");
    TCase *arena = tcase_create("arena_spare");
    tcase_add_test(arena, spare_is_bounded);
    tcase_add_test(arena, what_is_used_again_is_kept);
    tcase_add_test(arena, what_runs_kept_goes_with_them);
    tcase_add_test(arena, a_few_that_were_missed_are_enough);
    tcase_add_test(arena, runs_that_replace_each_other_stay_committed);
    tcase_add_loop_test(arena, gaps_that_serve_nobody_go_first, 0, 2);
    tcase_add_test(arena, single_spans_let_a_run_go);
    suite_add_tcase(suite, arena);
    return suite;
}
