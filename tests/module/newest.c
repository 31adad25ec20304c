/* Allocating newest first: when it begins and ends, that it does so, and that what it hands out is zero. */
#include "newest.h"

#include "support/generator.h"
#include "support/threads.h"

/* Short ones only, and so many that what was before is forgotten. */
static void change_short_sizes(struct perfpool_heap *heap)
{
    for (uint32_t round = 0; round < ROUNDS; round++)
        for (uint32_t lines = 2; lines <= 16; lines += 2)
            go_through(heap, (size_t)lines * LINE_SIZE);
}

START_TEST(where_sizes_change_the_newest_goes_first)
{
    enum { N = 10 };
    struct perfpool_heap *heap = internals_heap(64 * MEBIBYTE, 0, PERFPOOL_NO_ZERO, NULL);
    void *blocks[N];
    go_through(heap, LONG_SIZE);
    ck_assert(!newest_first(heap, LONG_SIZE));
    change_sizes(heap);
    ck_assert(newest_first(heap, LONG_SIZE));
    ck_assert(newest_first(heap, OTHER_SIZE));
    ck_assert(newest_first(heap, SHORT_SIZE)); /* or a branch would go either way */

    for (uint32_t i = 0; i < N; i++)
        blocks[i] = AllocateMemory(LONG_SIZE, heap);
    check_equations(heap, N);
    for (uint32_t i = 0; i < N; i++)
        FreeMemory(blocks[i], heap);
    check_equations(heap, 0);
    for (uint32_t i = N; i-- > 0;)
        ck_assert_ptr_eq(AllocateMemory(LONG_SIZE, heap), blocks[i]);
    check_equations(heap, N);
    for (uint32_t i = 0; i < N; i++)
        FreeMemory(blocks[i], heap);
    internals_end(heap);
}
END_TEST

/* Two magazines of each class of short blocks are in the caches anyway. */
START_TEST(not_where_blocks_are_short)
{
    struct perfpool_heap *heap = internals_heap(64 * MEBIBYTE, 0, PERFPOOL_NO_ZERO, NULL);
    change_short_sizes(heap);
    for (uint32_t lines = 2; lines <= 16; lines += 2)
        ck_assert_uint_eq(bin_of(heap, (size_t)lines * LINE_SIZE)->extra, 0);
    ck_assert_uint_eq(own_pool(heap)->guess, GUESS_NONE);
    internals_end(heap);
}
END_TEST

/* It is the number of blocks that counts, although long ones fill more magazines. */
START_TEST(not_where_a_few_are_long)
{
    struct perfpool_heap *heap = internals_heap(64 * MEBIBYTE, 0, PERFPOOL_NO_ZERO, NULL);
    for (uint32_t round = 0; round < 4 * ROUNDS; round++) {
        go_through_some(heap, SHORT_SIZE, 180);
        go_through_some(heap, (size_t)64 * LINE_SIZE, 20);
        ck_assert_uint_eq(own_pool(heap)->long_ones, 0);
    }
    ck_assert_uint_eq(own_pool(heap)->guess, GUESS_NONE);
    ck_assert_uint_eq(bin_of(heap, SHORT_SIZE)->extra, 0);
    ck_assert_uint_eq(bin_of(heap, (size_t)64 * LINE_SIZE)->extra, 0);
    internals_end(heap);
}
END_TEST

/* Between the two means it stays as it is, or bins would be in one mode and in the other by turns. */
START_TEST(between_the_means_it_stays_as_it_is)
{
    struct perfpool_heap *heap = internals_heap(64 * MEBIBYTE, 0, PERFPOOL_NO_ZERO, NULL);
    struct pool *pool = pool_acquire(heap);
    const uint32_t between = size_class_of[(MEAN_SHORT + MEAN_LONG) / 2];
    const uint32_t extremes[2] = {size_class_of[MEAN_SHORT / 2], size_class_of[2 * MEAN_LONG]};
    ck_assert_uint_gt(size_classes[between].lines, MEAN_SHORT);
    ck_assert_uint_lt(size_classes[between].lines, MEAN_LONG);
    for (uint32_t round = 0; round < 4; round++) {
        for (uint32_t i = 0; i < 16 * NOTED_MAX / CAPACITY; i++)
            pool_note_change(pool, extremes[round % 2], CAPACITY);
        for (uint32_t i = 0; i < 16 * NOTED_MAX / CAPACITY; i++) {
            ck_assert_uint_eq(pool->long_ones, round % 2);
            pool_note_change(pool, between, CAPACITY);
        }
    }
    internals_end(heap);
}
END_TEST

/* Also when the freeing magazine is empty, or there is none. */
START_TEST(where_none_was_freed_the_magazine_goes_on)
{
    struct perfpool_heap *heap = internals_heap(64 * MEBIBYTE, 0, PERFPOOL_NO_ZERO, NULL);
    void *blocks[3 * CAPACITY];
    change_sizes(heap);
    ck_assert(newest_first(heap, LONG_SIZE));
    for (uint32_t i = 0; i < 3 * CAPACITY; i++) {
        blocks[i] = AllocateMemory(LONG_SIZE, heap);
        for (uint32_t k = 0; k < i; k++)
            ck_assert_ptr_ne(blocks[i], blocks[k]);
    }
    check_equations(heap, 3 * CAPACITY);
    for (uint32_t i = 0; i < 3 * CAPACITY; i++)
        FreeMemory(blocks[i], heap);
    internals_end(heap);
}
END_TEST

enum { LONG_TIME = 4096 };

/* Frees and allocates one block of a size after the other while its bin allocates newest first, for a long time at most; returns
 * how often. */
static uint32_t pairs_until_it_ends(struct perfpool_heap *heap, size_t size, size_t other_size)
{
    uint32_t n = 0;
    for (; newest_first(heap, size) && n < LONG_TIME; n++) {
        FreeMemory(AllocateMemory(size, heap), heap);
        FreeMemory(AllocateMemory(other_size, heap), heap);
    }
    return n;
}

/* Each end of it has the older blocks of the bin go round, which are in no cache. The owner does not look idle meanwhile. */
START_TEST(it_goes_on_while_nothing_changes)
{
    struct perfpool_heap *heap = internals_heap(64 * MEBIBYTE, 0, PERFPOOL_NO_ZERO, NULL);
    change_sizes(heap);
    ck_assert(newest_first(heap, LONG_SIZE));
    void *newest = AllocateMemory(LONG_SIZE, heap);
    FreeMemory(newest, heap);
    const uint32_t refills = own_pool(heap)->refills;
    ck_assert_uint_eq(pairs_until_it_ends(heap, LONG_SIZE, OTHER_SIZE), LONG_TIME);
    ck_assert_uint_ge(own_pool(heap)->refills - refills, LONG_TIME / NEWEST_CHECK);
    ck_assert_uint_eq(own_pool(heap)->guess, GUESS_NONE);
    void *block = AllocateMemory(LONG_SIZE, heap);
    ck_assert_ptr_eq(block, newest);
    FreeMemory(block, heap);
    internals_end(heap);
}
END_TEST

/* What was begun in a small pool does not go on in a large one. */
START_TEST(it_ends_when_the_pool_has_grown)
{
    struct perfpool_heap *heap = internals_heap(64 * MEBIBYTE, 0, PERFPOOL_NO_ZERO, NULL);
    change_sizes(heap);
    ck_assert(newest_first(heap, LONG_SIZE));
    own_pool(heap)->spans += NEWEST_SPANS_MAX;
    ck_assert_uint_le(pairs_until_it_ends(heap, LONG_SIZE, OTHER_SIZE), NEWEST_CHECK);
    own_pool(heap)->spans -= NEWEST_SPANS_MAX;
    internals_end(heap);
}
END_TEST

START_TEST(it_ends_when_sizes_cease_to_change)
{
    struct perfpool_heap *heap = internals_heap(64 * MEBIBYTE, 0, PERFPOOL_NO_ZERO, NULL);
    change_sizes(heap);
    ck_assert(newest_first(heap, LONG_SIZE));
    ck_assert_uint_le(pairs_until_it_ends(heap, LONG_SIZE, LONG_SIZE), (GUESS_STREAK + 2) * NEWEST_CHECK);
    ck_assert_uint_ne(own_pool(heap)->guess, GUESS_NONE);
    for (uint32_t i = 0; i < LONG_TIME; i++)
        FreeMemory(AllocateMemory(LONG_SIZE, heap), heap);
    ck_assert(!newest_first(heap, LONG_SIZE));
    internals_end(heap);
}
END_TEST

START_TEST(it_ends_when_blocks_become_short)
{
    struct perfpool_heap *heap = internals_heap(64 * MEBIBYTE, 0, PERFPOOL_NO_ZERO, NULL);
    change_sizes(heap);
    change_short_sizes(heap);
    for (uint32_t lines = 2; lines <= 16; lines += 2)
        ck_assert_uint_eq(bin_of(heap, (size_t)lines * LINE_SIZE)->extra, 0);
    ck_assert(newest_first(heap, OTHER_SIZE)); /* as nothing came of it */
    ck_assert_uint_le(pairs_until_it_ends(heap, OTHER_SIZE, SHORT_SIZE), NEWEST_CHECK);
    ck_assert_uint_eq(own_pool(heap)->long_ones, 0);
    internals_end(heap);
}
END_TEST

/* Nor need a magazine be filled for that: while a bin goes on newest first, its checks tell. */
START_TEST(its_checks_tell_how_long_blocks_are)
{
    struct perfpool_heap *heap = internals_heap(64 * MEBIBYTE, 0, PERFPOOL_NO_ZERO, NULL);
    change_sizes(heap);
    struct pool *pool = own_pool(heap);
    struct bin *bin = &pool->bins[size_class_of[1]];
    uint32_t n = 0;
    while (extra_rest(bin->extra) == EXTRA_NEWEST && n < NOTED_MAX) {
        n += NEWEST_CHECK;
        bin_check_newest(pool, bin);
        bin_check_newest(pool, &pool->bins[size_class_of[2]]); /* sizes change still */
    }
    ck_assert_uint_lt(n, NOTED_MAX);
    ck_assert_uint_eq(pool->long_ones, 0);
    ck_assert_uint_eq(pool->guess, GUESS_NONE);
    internals_end(heap);
}
END_TEST

struct sender {
    struct perfpool_heap *heap;
    void *block;
};

static void send_home(void *argument)
{
    const struct sender *sender = argument;
    FreeMemory(sender->block, sender->heap);
    perfpool_thread_detach();
}

/* A refill takes in what has come home as soon as without it, or nearly. */
START_TEST(it_ends_when_blocks_have_come_home)
{
    struct perfpool_heap *heap = internals_heap(64 * MEBIBYTE, 0, PERFPOOL_NO_ZERO, NULL);
    struct thread thread;
    change_sizes(heap);
    struct sender sender = {heap, AllocateMemory(OTHER_SIZE, heap)};
    thread_start(&thread, send_home, &sender);
    thread_join(&thread);
    ck_assert_uint_eq(internals_inbox_length(own_pool(heap)), 1);
    ck_assert(newest_first(heap, LONG_SIZE));
    ck_assert_uint_le(pairs_until_it_ends(heap, LONG_SIZE, OTHER_SIZE), NEWEST_CHECK);
    for (uint32_t i = 0; i < CAPACITY + 1; i++)
        FreeMemory(AllocateMemory(LONG_SIZE, heap), heap);
    ck_assert_uint_eq(internals_inbox_length(own_pool(heap)), 0);
    internals_end(heap);
}
END_TEST

/* A pool with many spans fetches ahead instead. */
START_TEST(not_with_many_spans)
{
    enum { MANY = 2 * (NEWEST_SPANS_MAX + 1) }; /* two in a span */
    struct perfpool_heap *heap = internals_heap(64 * MEBIBYTE, 0, PERFPOOL_NO_ZERO, NULL);
    void *blocks[MANY];
    for (uint32_t i = 0; i < MANY; i++)
        blocks[i] = AllocateMemory(SMALL_SIZE_MAX, heap);
    change_sizes(heap);
    ck_assert_uint_gt(own_pool(heap)->spans, NEWEST_SPANS_MAX);
    ck_assert_uint_eq(extra_rest(bin_of(heap, LONG_SIZE)->extra), AHEAD_MAX);
    check_equations(heap, MANY);
    for (uint32_t i = 0; i < MANY; i++)
        FreeMemory(blocks[i], heap);
    internals_end(heap);
}
END_TEST

static bool is_zero(const uint64_t *block, size_t size)
{
    for (size_t i = 0; i < size / sizeof *block; i++)
        if (block[i] != 0)
            return false;
    return true;
}

/* Blocks are zero wherever they come from: from a fresh span while freed ones wait, newest first, or by turns. */
START_TEST(what_goes_first_is_zero)
{
    enum { LIVE = 60, CALLS = 60000 };
    struct perfpool_heap *before = internals_heap(64 * MEBIBYTE, 0, 0, NULL); /* so that the tables of the next are shifted */
    struct perfpool_heap *heap = internals_heap(64 * MEBIBYTE, 0, 0, NULL);
    struct generator generator = generator_make(generator_seed("newest/what_goes_first_is_zero"), 0);
    void *blocks[LIVE] = {NULL};
    uint32_t fresh = 0;
    uint32_t newest = 0;
    for (uint32_t call = 0; call < CALLS; call++) {
        const uint32_t i = (uint32_t)generator_below(&generator, LIVE);
        const size_t size = LINE_SIZE * (size_t)(1 + generator_below(&generator, call < CALLS / 2 ? 16 : 64));
        if (blocks[i] != NULL)
            FreeMemory(blocks[i], heap);
        blocks[i] = AllocateMemory(size, heap);
        ck_assert_ptr_nonnull(blocks[i]);
        ck_assert_msg(is_zero(blocks[i], size), "call %u: a block of %zu bytes is not zero", call, size);
        memset(blocks[i], 0xa5, size);
        fresh += bin_of(heap, size)->extra == 0;
        newest += newest_first(heap, size);
    }
    ck_assert_uint_gt(fresh, 0);
    ck_assert_uint_gt(newest, CALLS / 10);
    check_equations(heap, LIVE);
    for (uint32_t i = 0; i < LIVE; i++)
        FreeMemory(blocks[i], heap);
    internals_end(heap);
    internals_end(before);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("newest");
    TCase *newest = tcase_create("newest");
    tcase_add_test(newest, where_sizes_change_the_newest_goes_first);
    tcase_add_test(newest, not_where_blocks_are_short);
    tcase_add_test(newest, not_where_a_few_are_long);
    tcase_add_test(newest, between_the_means_it_stays_as_it_is);
    tcase_add_test(newest, it_ends_when_blocks_become_short);
    tcase_add_test(newest, its_checks_tell_how_long_blocks_are);
    tcase_add_test(newest, where_none_was_freed_the_magazine_goes_on);
    tcase_add_test(newest, it_goes_on_while_nothing_changes);
    tcase_add_test(newest, it_ends_when_the_pool_has_grown);
    tcase_add_test(newest, it_ends_when_sizes_cease_to_change);
    tcase_add_test(newest, it_ends_when_blocks_have_come_home);
    tcase_add_test(newest, not_with_many_spans);
    tcase_add_test(newest, what_goes_first_is_zero);
    suite_add_tcase(suite, newest);
    return suite;
}
