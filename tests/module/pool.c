/* Pools: what a bin keeps, giving back, adoption. */
#include "bins.h"

START_TEST(bins_keep_what_was_in_demand)
{
    struct perfpool_heap *heap = internals_heap(32 * MEBIBYTE, 0, 0, NULL);
    struct pool *pool = pool_acquire(heap);
    static uint32_t lines[64 * CAPACITY];
    struct bin *bin = &pool->bins[CLASS];

    /* A high tide is kept for the next one. */
    take_all(pool, lines, 64 * CAPACITY);
    put_all(pool, lines, 64 * CAPACITY);
    ck_assert_uint_ge(bin->n_full, 60);
    const uint32_t spans = arena_in_use(&heap->arena);
    take_all(pool, lines, 64 * CAPACITY);
    put_all(pool, lines, 64 * CAPACITY);
    ck_assert_uint_le(arena_in_use(&heap->arena), spans + 1);

    check_equations(heap, 0);
    end(heap);
}
END_TEST

/* However high the tide, a bin keeps 4 MiB of it, of long blocks 16 if the heap is large or its limit high. */
START_TEST(bins_keep_no_more_than_that)
{
    static uint32_t lines[40 * MEBIBYTE >> 10];
    const struct {
        uint32_t class, bytes, mebibytes, heap, limit;
    } cases[] = {{CLASS, 1024, 4, 256, 0}, {31, 4096, 16, 256, 0}, {31, 4096, 4, 64, 0}, {31, 4096, 4, 256, 64}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct perfpool_heap *heap = internals_heap(cases[i].heap * (size_t)MEBIBYTE, cases[i].limit * (size_t)MEBIBYTE, 0, NULL);
        struct pool *pool = pool_acquire(heap);
        const struct size_class *class = &size_classes[cases[i].class];
        ck_assert_uint_eq(size_class_bytes(class), cases[i].bytes);
        const uint32_t n = 40 * MEBIBYTE / cases[i].bytes;
        for (int tide = 0; tide < 2; tide++) {
            for (uint32_t k = 0; k < n; k++)
                lines[k] = internals_take(pool, cases[i].class);
            for (uint32_t k = 0; k < n; k++)
                internals_put(pool, lines[k]);
            const uint64_t kept = (uint64_t)pool->bins[cases[i].class].n_full * class->capacity * cases[i].bytes;
            ck_assert_uint_ge(kept, (cases[i].mebibytes - 1) * (uint64_t)MEBIBYTE);
            ck_assert_uint_le(kept, cases[i].mebibytes * (uint64_t)MEBIBYTE);
        }
        check_equations(heap, 0);
        end(heap);
    }
}
END_TEST

/* A high tide is forgotten in the course of many low ones. */
START_TEST(bins_forget_old_demand)
{
    struct perfpool_heap *heap = internals_heap(32 * MEBIBYTE, 0, 0, NULL);
    struct pool *pool = pool_acquire(heap);
    static uint32_t lines[64 * CAPACITY];
    take_all(pool, lines, 64 * CAPACITY);
    put_all(pool, lines, 64 * CAPACITY);
    ck_assert_uint_ge(pool->bins[CLASS].demand, 60);
    for (uint32_t round = 0; round < 64 * 64; round++) {
        take_all(pool, lines, 2 * CAPACITY);
        put_all(pool, lines, 2 * CAPACITY);
    }
    ck_assert_uint_lt(pool->bins[CLASS].demand, 12);
    check_equations(heap, 0);
    end(heap);
}
END_TEST

/* Has a class's bin refilled, of which nothing was left to allocate from. */
static const struct bin *refill_emptied(struct pool *pool, uint32_t class)
{
    struct bin *bin = &pool->bins[class];
    struct fault_list faults = {.n = 0};
    uint32_t lines[MAGAZINE_CAPACITY];
    uint32_t n = 0;
    while (bin->allocate_top != bin->allocate_base)
        lines[n++] = internals_take(pool, class);
    require(refill(pool, class, &faults));
    while (n-- > 0)
        internals_put(pool, lines[n]);
    return bin;
}

/* Takes and puts two magazines' worth of each of n classes by turns, many times; then has the first one's bin refilled. */
static const struct bin *churn_classes(struct pool *pool, const uint32_t *classes, uint32_t n)
{
    uint32_t lines[2][2 * CAPACITY];
    for (uint32_t round = 0; round < 4 * GUESS_STREAK; round++) {
        for (uint32_t i = 0; i < 2 * CAPACITY; i++)
            for (uint32_t k = 0; k < n; k++)
                lines[k][i] = internals_take(pool, classes[k]);
        for (uint32_t i = 0; i < 2 * CAPACITY; i++)
            for (uint32_t k = 0; k < n; k++)
                internals_put(pool, lines[k][i]);
    }
    return refill_emptied(pool, classes[0]);
}

/* The next block is fetched ahead where the sizes of own blocks change and there are many of them, nowhere else, whatever is to be
 * cleared. Where there are few, long ones are allocated newest first. */
START_TEST(fetched_ahead_where_classes_change)
{
    const uint32_t classes[] = {CLASS, CLASS - 1};
    const uint32_t long_ones[] = {size_class_of[2 * MEAN_LONG], size_class_of[MEAN_LONG]};
    const uint32_t small[] = {0, CLASS};
    const uint32_t flags[] = {0, PERFPOOL_NO_ZERO};
    for (uint32_t i = 0; i < 2; i++) {
        struct perfpool_heap *heap = internals_heap(16 * MEBIBYTE, 0, flags[i], NULL);
        struct pool *pool = pool_acquire(heap);
        struct pool *other = pool_acquire(heap);
        uint32_t many[2 * (AHEAD_SPANS + 1)]; /* two in a span */
        const uint32_t clear = flags[i] == 0 ? (uint32_t)size_class_bytes(&size_classes[CLASS]) : 0;

        ck_assert_uint_eq(extra_rest(churn_classes(pool, long_ones, 2)->extra), EXTRA_NEWEST);
        ck_assert_uint_eq(churn_classes(pool, classes, 2)->extra, clear);
        for (uint32_t k = 0; k < 2 * (AHEAD_SPANS + 1); k++)
            many[k] = internals_take(pool, N_CLASSES - 1);
        ck_assert_uint_eq(churn_classes(pool, classes, 2)->extra, clear + 3);
        ck_assert_uint_eq(extra_clear(pool->bins[CLASS].extra), clear);
        /* Of a small block no more than there is of it: the lines behind it are another's. */
        ck_assert_uint_eq(extra_rest(churn_classes(pool, small, 2)->extra), 1);
        ck_assert_uint_eq(churn_classes(pool, classes, 1)->extra, clear);

        /* Blocks of others among them: where the next one is cold is not known. */
        churn_classes(pool, classes, 2);
        internals_send(pool, internals_take(other, CLASS));
        outbox_post_all(pool);
        uint32_t line = internals_take(pool, CLASS);
        ck_assert_uint_eq(refill_emptied(pool, CLASS)->extra, clear);
        internals_put(pool, line);
        for (uint32_t k = 0; k < 2 * (AHEAD_SPANS + 1); k++)
            internals_put(pool, many[k]);
        end(heap);
    }
}
END_TEST

/* At the limit all of the inbox is taken in before a call fails, although no few of its magazines make a span free. */
START_TEST(at_the_limit_the_whole_inbox_is_taken_in)
{
    enum { SPANS = 32, EACH = 2 * CAPACITY };
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *pool = pool_acquire(heap);
    struct pool *other = pool_acquire(heap);
    static uint32_t lines[SPANS * EACH];
    uint32_t line;
    take_all(pool, lines, SPANS * EACH);
    for (uint32_t i = 0; i < EACH; i++) /* one block of each span, and again: a magazine has one of each */
        for (uint32_t span = 0; span < SPANS; span++)
            internals_send(other, lines[span * EACH + i]);
    ck_assert_uint_eq(internals_inbox_length(pool), EACH);
    heap->arena.limit = heap->arena.committed;
    ck_assert(internals_try_take(pool, 0, &line));
    ck_assert_uint_eq(internals_inbox_length(pool), 0);
    check_equations(heap, 1);
    internals_put(pool, line);
    end(heap);
}
END_TEST

START_TEST(giving_back_empties_every_bin)
{
    struct perfpool_heap *heap = internals_heap(32 * MEBIBYTE, 0, 0, NULL);
    struct pool *pool = pool_acquire(heap);
    static uint32_t lines[N_CLASSES * 4];
    uint32_t n = 0;
    for (uint32_t class = 0; class < N_CLASSES; class ++)
        for (uint32_t i = 0; i < 4; i++)
            lines[n++] = internals_take(pool, class);
    const uint32_t kept = lines[50];
    for (uint32_t i = 0; i < n; i++)
        if (i != 50)
            internals_put(pool, lines[i]);
    const uint32_t spans = arena_in_use(&heap->arena);
    ck_assert_uint_eq(pool_give_back(pool), spans - 1);
    ck_assert_uint_eq(arena_in_use(&heap->arena), 1);
    check_equations(heap, 1);
    internals_put(pool, kept);
    ck_assert_uint_eq(pool_give_back(pool), 1);
    end(heap);
}
END_TEST

/* A pool that was left is adopted whole: its bins and its inbox. */
START_TEST(adoption_is_whole)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *left = pool_acquire(heap);
    struct pool *other = pool_acquire(heap);
    uint32_t lines[3 * CAPACITY];
    take_all(left, lines, 3 * CAPACITY);
    for (uint32_t i = 0; i < CAPACITY; i++)
        internals_put(left, lines[i]);
    internals_send(left, internals_take(other, 0));
    pool_release(left);
    ck_assert_uint_eq(internals_inbox_length(other), 1); /* its outbox went out */
    for (uint32_t i = CAPACITY; i < 2 * CAPACITY; i++)
        internals_send(other, lines[i]);
    check_equations(heap, CAPACITY);
    const uint32_t spans = arena_in_use(&heap->arena);
    struct pool *adopted = pool_acquire(heap);
    ck_assert_ptr_eq(adopted, left);
    ck_assert_uint_eq(heap->n_pools, 2);
    ck_assert(index_stack_empty(&heap->unbound[0]) && index_stack_empty(&heap->unbound[1]));
    for (uint32_t i = 0; i < 2 * CAPACITY; i++)
        internals_take(adopted, CLASS);
    ck_assert_uint_eq(arena_in_use(&heap->arena), spans);
    for (uint32_t i = 0; i < 3 * CAPACITY; i++)
        internals_put(adopted, lines[i]);
    end(heap);
}
END_TEST

/* A sweep sees every unbound pool once; then the next begins. */
START_TEST(sweep_sees_every_pool_once)
{
    struct perfpool_heap *heap = internals_heap(MEBIBYTE, 0, 0, NULL);
    struct pool *pools[10];
    for (uint32_t i = 0; i < 10; i++)
        pools[i] = pool_acquire(heap);
    for (uint32_t i = 0; i < 10; i++)
        pool_release(pools[i]);
    for (uint32_t sweep = 0; sweep < 3; sweep++) {
        uint32_t seen = 0;
        for (struct pool *pool = pool_sweep(heap); pool != NULL; pool = pool_sweep(heap)) {
            ck_assert_uint_eq(seen >> pool->id & 1, 0);
            seen |= (uint32_t)1 << pool->id;
            pool_release_swept(pool);
        }
        ck_assert_uint_eq(seen, 0x7fe);
    }
    ck_assert_uint_eq(heap->n_pools, 10);
    end(heap);
}
END_TEST

START_TEST(all_pools_of_a_heap)
{
    struct perfpool_heap *heap = internals_heap(MEBIBYTE, 0, 0, NULL);
    uint32_t n = 0;
    while (pool_acquire(heap) != NULL)
        n++;
    ck_assert_uint_eq(n, heap->arena.pools_max);
    ck_assert_uint_eq(n, heap->n_pools);
    struct pool *first = pool_at(heap, 1);
    struct pool *last = pool_at(heap, n);
    ck_assert((char *)(last + 1) <= heap->arena.magazines);
    const uint32_t line = internals_take(last, 0);
    internals_send(first, line);
    check_equations(heap, 0);
    for (uint32_t id = 1; id <= n; id++)
        pool_release(pool_at(heap, id));
    for (uint32_t id = n; id >= 1; id--)
        ck_assert_ptr_eq(pool_acquire(heap), pool_at(heap, id));
    end(heap);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("pool");
    TCase *pools = tcase_create("pools");
    tcase_add_test(pools, bins_keep_what_was_in_demand);
    tcase_add_test(pools, bins_keep_no_more_than_that);
    tcase_add_test(pools, bins_forget_old_demand);
    tcase_add_test(pools, fetched_ahead_where_classes_change);
    tcase_add_test(pools, at_the_limit_the_whole_inbox_is_taken_in);
    tcase_add_test(pools, giving_back_empties_every_bin);
    tcase_add_test(pools, adoption_is_whole);
    tcase_add_test(pools, sweep_sees_every_pool_once);
    tcase_add_test(pools, all_pools_of_a_heap);
    suite_add_tcase(suite, pools);
    return suite;
}
