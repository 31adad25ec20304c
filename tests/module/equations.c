/* The checker itself: a heap that is right passes, and each thing put wrong by hand is found. */
#include "internals.h"

enum { CLASS = 15, SENT = 5 };

/* A heap with something of everything: blocks handed out, held, home, on their way and returned, a large one, an unbound pool. */
struct fixture {
    struct perfpool_heap *heap;
    struct pool *owner, *sender;
    uint32_t line; /* of a block that is handed out */
};

static struct fixture set_up(void)
{
    struct fixture f = {.heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL)};
    f.owner = pool_acquire(f.heap);
    f.sender = pool_acquire(f.heap);
    pool_release(pool_acquire(f.heap));
    f.line = internals_take(f.owner, CLASS);
    internals_put(f.owner, internals_take(f.owner, CLASS));
    for (uint32_t i = 0; i < SENT; i++)
        internals_send(f.sender, internals_take(f.owner, CLASS));
    outbox_post_all(f.sender);
    internals_send(f.sender, internals_take(f.owner, CLASS));
    const uint32_t home = internals_take(f.owner, CLASS);
    f.heap->arena.states[home] = STATE_HELD;
    span_home(f.owner, CLASS, home);
    const uint32_t returned = internals_take(f.owner, CLASS);
    ck_assert(pool_return(f.heap, returned, internals_header(f.heap, returned), STATE_LIVE));
    ck_assert_ptr_nonnull(AllocateMemory(2 * SPAN_SIZE, f.heap));
    return f;
}

static void tear_down(const struct fixture *f)
{
    ck_assert_uint_eq(equations_disagreements(f->heap, NULL), 0);
    perfpool_heap_destroy(f->heap, PERFPOOL_DESTROY_LIVE);
}

/* Adds to a field, expects the checker to find that, and puts back what was there. */
#define expect_found(f, field, change)                                                          \
    do {                                                                                        \
        const __typeof__(field) value_before = (field);                                         \
        (field) = (__typeof__(field))(value_before + (change));                                 \
        ck_assert_msg(equations_disagreements((f).heap, NULL) > 0, "%s was not found", #field); \
        (field) = value_before;                                                                 \
        ck_assert_uint_eq(equations_disagreements((f).heap, NULL), 0);                          \
    } while (0)

START_TEST(a_right_heap_passes)
{
    struct fixture f = set_up();
    check_equations(f.heap, 2);
    tear_down(&f);
}
END_TEST

START_TEST(wrong_blocks_are_found)
{
    struct fixture f = set_up();
    struct bin *bin = &f.owner->bins[CLASS];
    expect_found(f, f.heap->arena.states[f.line], 2);                /* sent, in a heap that does not mark so */
    expect_found(f, f.heap->arena.states[f.line], -1);               /* held, and in no magazine */
    expect_found(f, f.heap->arena.states[bin->allocate_base[0]], 1); /* live, and in a bin */
    expect_found(f, bin->allocate_base[0], bin->allocate_base[1] - bin->allocate_base[0]); /* in two places */
    struct magazine *posted = magazine_at(&f.heap->magazines, (uint32_t)f.owner->inbox.stack.head);
    expect_found(f, posted->lines[0], f.line - posted->lines[1]);
    expect_found(f, posted->class, 1);
    expect_found(f, posted->owner, 1);
    expect_found(f, posted->kind, 1);
    expect_found(f, posted->count, 200);
    tear_down(&f);
}
END_TEST

START_TEST(wrong_counts_are_found)
{
    struct fixture f = set_up();
    struct arena *arena = &f.heap->arena;
    const uint32_t span = f.line >> SPAN_LINES_SHIFT;
    expect_found(f, arena->records[span].home, 1);
    expect_found(f, arena->records[span].cut, 1);
    expect_found(f, arena->records[span].scan, 40);
    expect_found(f, f.owner->bins[CLASS].n_full, 1);
    expect_found(f, f.sender->outbox.held, 1);
    expect_found(f, arena->counts, (uint64_t)1 << 32);
    expect_found(f, arena->counts, 1);
    expect_found(f, arena->committed, 1);
    tear_down(&f);
}
END_TEST

START_TEST(wrong_spans_and_lists_are_found)
{
    struct fixture f = set_up();
    struct arena *arena = &f.heap->arena;
    const uint32_t span = f.line >> SPAN_LINES_SHIFT;
    const uint64_t free_span = (uint64_t)1 << 40;
    expect_found(f, arena->headers[span], 1);
    expect_found(f, arena->headers[span], 1 << HEADER_ARGUMENT_SHIFT);
    expect_found(f, arena->headers[40], 1);
    expect_found(f, arena->words[0].claimed, free_span);
    expect_found(f, arena->words[0].committed, free_span);
    expect_found(f, arena->words[0].returned, -((uint64_t)1 << span));
    expect_found(f, f.owner->inbox.returned, (uint32_t)-1);
    expect_found(f, f.owner->bins[CLASS].partial, 1);
    expect_found(f, f.owner->empties.n_loose, (uint32_t)-2);
    expect_found(f, magazine_at(&f.heap->magazines, f.owner->empties.loose)->kind, MAGAZINE_BIN);
    const uint32_t lost = f.owner->empties.loose;
    f.owner->empties.loose = 0;
    ck_assert_uint_gt(equations_disagreements(f.heap, NULL), 0);
    f.owner->empties.loose = lost;
    tear_down(&f);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("equations");
    TCase *checker = tcase_create("checker");
    tcase_add_test(checker, a_right_heap_passes);
    tcase_add_test(checker, wrong_blocks_are_found);
    tcase_add_test(checker, wrong_counts_are_found);
    tcase_add_test(checker, wrong_spans_and_lists_are_found);
    suite_add_tcase(suite, checker);
    return suite;
}
