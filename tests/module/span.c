/* Spans of small blocks: cut, collect, home, release, returned blocks. */
#include "internals.h"
#include "support/generator.h"

#include <string.h>

enum { LINES_MAX = 2 * SPAN_LINES };

struct fixture {
    struct perfpool_heap *heap;
    struct pool *pool;
    uint32_t lines[LINES_MAX];
};

static struct fixture *set_up(void)
{
    static struct fixture fixture;
    memset(&fixture, 0, sizeof fixture);
    fixture.heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    fixture.pool = pool_acquire(fixture.heap);
    require(fixture.pool != NULL);
    return &fixture;
}

static void tear_down(struct fixture *fixture)
{
    pool_release(fixture->pool);
    internals_end(fixture->heap);
}

START_TEST(whole_spans_of_all_classes)
{
    struct fixture *f = set_up();
    for (uint32_t class = 0; class < N_CLASSES; class ++) {
        bool fresh = false;
        const uint32_t blocks = size_classes[class].blocks;
        ck_assert(span_claim(f->pool, class));
        const uint32_t span = f->pool->bins[class].cut_span - 1;
        ck_assert_uint_eq(f->heap->arena.headers[span], f->pool->token | class);
        ck_assert_uint_eq(span_cut(f->pool, class, f->lines, 1, &fresh), 1);
        const uint32_t n = 1 + span_cut(f->pool, class, f->lines + 1, LINES_MAX, &fresh);
        ck_assert_uint_eq(n, blocks);
        ck_assert_uint_eq(f->pool->bins[class].cut_span, 0);
        ck_assert_uint_eq(span_cut(f->pool, class, f->lines, 1, &fresh), 0);
        for (uint32_t i = 0; i < n; i++) {
            ck_assert_uint_eq(f->pool->states[f->lines[i]], STATE_HELD);
            ck_assert_uint_eq(f->lines[i] / SPAN_LINES, span);
            ck_assert_uint_eq(f->lines[i] % SPAN_LINES % size_classes[class].lines, 0);
        }
        for (uint32_t i = 0; i + 1 < n; i++)
            ck_assert_uint_eq(span_home(f->pool, class, f->lines[i]), 0);
        ck_assert_uint_eq(span_home(f->pool, class, f->lines[n - 1]), 1);
        ck_assert_uint_eq(f->heap->arena.headers[span], 0);
        ck_assert_uint_eq(f->pool->bins[class].partial, 0);
    }
    ck_assert_uint_eq(arena_in_use(&f->heap->arena), 0);
    tear_down(f);
}
END_TEST

/* Blocks come lowest first from the end of the array: a magazine hands out its last one first. */
START_TEST(cut_is_ascending_from_the_top)
{
    struct fixture *f = set_up();
    bool fresh = false;
    span_claim(f->pool, 2);
    ck_assert_uint_eq(span_cut(f->pool, 2, f->lines, 10, &fresh), 10);
    ck_assert(fresh);
    for (uint32_t i = 0; i < 10; i++)
        ck_assert_uint_eq(f->lines[9 - i], i * 3);
    for (uint32_t i = 0; i < 10; i++)
        span_home(f->pool, 2, f->lines[i]);
    tear_down(f);
}
END_TEST

START_TEST(collect_finds_what_is_home)
{
    struct fixture *f = set_up();
    bool fresh;
    span_claim(f->pool, 0);
    span_cut(f->pool, 0, f->lines, LINES_MAX, &fresh);
    for (uint32_t i = 0; i < SPAN_LINES; i += 2)
        span_home(f->pool, 0, i);
    uint32_t found[SPAN_LINES];
    ck_assert_uint_eq(span_collect(f->pool, 0, found, 100), 100);
    ck_assert_uint_eq(f->heap->arena.records[0].home, SPAN_LINES / 2 - 100);
    span_home(f->pool, 0, 0); /* below the scan */
    ck_assert_uint_eq(span_collect(f->pool, 0, found + 100, SPAN_LINES), SPAN_LINES / 2 - 99);
    ck_assert_uint_eq(f->pool->bins[0].partial, 0);
    ck_assert_uint_eq(span_collect(f->pool, 0, found, 1), 0);
    for (uint32_t i = 0; i < SPAN_LINES; i++) {
        ck_assert_uint_eq(f->pool->states[i], STATE_HELD);
        span_home(f->pool, 0, i);
    }
    tear_down(f);
}
END_TEST

/* Several spans of a class go home and come back in random order; the list, the counts and the scans stay right. */
START_TEST(random_homecoming)
{
    struct fixture *f = set_up();
    struct generator generator = generator_make(generator_seed("span/random_homecoming"), 0);
    uint32_t n = 0;
    bool fresh;
    for (uint32_t round = 0; round < 4000; round++) {
        const uint32_t class = 7 + (uint32_t)generator_below(&generator, 2); /* 128 and 113 blocks in a span */
        if (n > 600 || generator_below(&generator, 3) == 0) {
            for (uint32_t i = 0; i < 40 && n > 0; i++) {
                const size_t k = generator_below(&generator, n);
                const uint32_t line = f->lines[k];
                f->lines[k] = f->lines[--n];
                f->pool->states[line] = STATE_HELD;
                span_home(f->pool, internals_header(f->heap, line) & HEADER_KIND_MASK, line);
            }
        } else {
            const uint32_t want = 1 + (uint32_t)generator_below(&generator, 60);
            uint32_t got = span_collect(f->pool, class, f->lines + n, want);
            if (got == 0)
                got = span_cut(f->pool, class, f->lines + n, want, &fresh);
            if (got == 0 && span_claim(f->pool, class))
                got = span_cut(f->pool, class, f->lines + n, want, &fresh);
            for (uint32_t i = n; i < n + got; i++)
                f->pool->states[f->lines[i]] = STATE_LIVE;
            n += got;
        }
        if (round % 50 == 0)
            check_equations(f->heap, n);
    }
    while (n > 0) {
        const uint32_t line = f->lines[--n];
        f->pool->states[line] = STATE_HELD;
        span_home(f->pool, internals_header(f->heap, line) & HEADER_KIND_MASK, line);
    }
    ck_assert_uint_eq(arena_in_use(&f->heap->arena), 0);
    tear_down(f);
}
END_TEST

START_TEST(returned_blocks_come_home)
{
    struct fixture *f = set_up();
    const uint32_t class = 15;
    const uint32_t blocks = size_classes[class].blocks;
    bool fresh;
    span_claim(f->pool, class);
    span_cut(f->pool, class, f->lines, blocks, &fresh);
    for (uint32_t i = 0; i < blocks; i++)
        f->pool->states[f->lines[i]] = STATE_LIVE;
    for (uint32_t i = 0; i < blocks; i += 2)
        ck_assert(pool_return(f->heap, f->lines[i], internals_header(f->heap, f->lines[i]), STATE_LIVE));
    ck_assert(!pool_return(f->heap, f->lines[0], internals_header(f->heap, f->lines[0]), STATE_LIVE));
    ck_assert_uint_eq(f->heap->arena.words[0].returned, 1);
    ck_assert_uint_eq(f->pool->inbox.returned, 1);
    check_equations(f->heap, blocks / 2);
    span_collect_returned(f->pool);
    ck_assert_uint_eq(f->heap->arena.words[0].returned, 0);
    ck_assert_uint_eq(f->heap->arena.records[0].home, blocks / 2);
    check_equations(f->heap, blocks / 2);
    for (uint32_t i = 1; i < blocks; i += 2)
        ck_assert(pool_return(f->heap, f->lines[i], internals_header(f->heap, f->lines[i]), STATE_LIVE));
    span_collect_returned(f->pool);
    ck_assert_uint_eq(arena_in_use(&f->heap->arena), 0);
    tear_down(f);
}
END_TEST

/* The bit is another owner's: it stays for that one. */
START_TEST(returned_blocks_of_others_stay)
{
    struct fixture *f = set_up();
    struct pool *other = pool_acquire(f->heap);
    bool fresh;
    span_claim(other, 0);
    span_cut(other, 0, f->lines, 1, &fresh);
    other->states[f->lines[0]] = STATE_LIVE;
    ck_assert(pool_return(f->heap, f->lines[0], internals_header(f->heap, f->lines[0]), STATE_LIVE));
    span_collect_returned(f->pool);
    ck_assert_uint_eq(f->heap->arena.words[0].returned, 1);
    ck_assert_uint_eq(other->states[f->lines[0]], STATE_RETURNED);
    span_collect_returned(other);
    ck_assert_uint_eq(f->heap->arena.words[0].returned, 0);
    pool_release(other);
    tear_down(f);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("span");
    TCase *span = tcase_create("span");
    tcase_add_test(span, whole_spans_of_all_classes);
    tcase_add_test(span, cut_is_ascending_from_the_top);
    tcase_add_test(span, collect_finds_what_is_home);
    tcase_add_test(span, random_homecoming);
    tcase_add_test(span, returned_blocks_come_home);
    tcase_add_test(span, returned_blocks_of_others_stay);
    suite_add_tcase(suite, span);
    return suite;
}
