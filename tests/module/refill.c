/* Refill: where it takes its blocks from, and in which order. */
#include "bins.h"

enum { HALF = CAPACITY / 2, FEW = CAPACITY / 4 - 1 };

/*
 * Puts more than a magazine of blocks so that the allocating one is empty: a full one would be allocated from at once, if there
 * were not those of `spare`, a magazine of live blocks, which are put before and taken again.
 */
static void put_behind(struct pool *pool, const uint32_t *lines, uint32_t n, uint32_t *spare)
{
    const struct bin *bin = &pool->bins[CLASS];
    put_all(pool, spare, CAPACITY);
    put_all(pool, lines, n);
    take_all(pool, spare, CAPACITY);
    require(bin->allocate_top == bin->allocate_base);
}

START_TEST(refill_goes_from_near_to_far)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *pool = pool_acquire(heap);
    struct pool *other = pool_acquire(heap);
    struct fault_list faults = {.n = 0};
    struct bin *bin = &pool->bins[CLASS];
    uint32_t lines[6 * CAPACITY];
    ck_assert_uint_eq(size_classes[CLASS].capacity, CAPACITY);
    take_all(pool, lines, 6 * CAPACITY);
    ck_assert_ptr_eq(bin->allocate_top, bin->allocate_base);

    /* Two blocks home, one magazine full, the freeing one half full, one in the inbox, and fresh blocks left in the span. */
    for (uint32_t i = 0; i < 2; i++) {
        pool->states[lines[i]] = STATE_HELD;
        span_home(pool, CLASS, lines[i]);
    }
    put_behind(pool, lines + CAPACITY, CAPACITY + HALF, lines + 5 * CAPACITY);
    for (uint32_t i = 3 * CAPACITY; i < 4 * CAPACITY; i++)
        internals_send(other, lines[i]);
    ck_assert_uint_eq(bin->n_full, 1);
    ck_assert_uint_eq(internals_inbox_length(pool), 1);
    check_equations(heap, 6 * CAPACITY - 2 - (CAPACITY + HALF) - CAPACITY);

    /* The inbox is emptied into the bin, then the freeing magazine is swapped in. */
    ck_assert(refill(pool, CLASS, &faults));
    ck_assert_uint_eq(internals_inbox_length(pool), 0);
    ck_assert_uint_eq(bin->n_full, 2);
    ck_assert_int_eq(bin->allocate_top - bin->allocate_base, HALF);
    for (uint32_t i = HALF; i-- > 0;)
        ck_assert_uint_eq(internals_take(pool, CLASS), lines[2 * CAPACITY + i]);

    /* Then the full ones, the one filed last first: the one that came home, whose first block comes first. */
    ck_assert(refill(pool, CLASS, &faults));
    ck_assert_uint_eq(bin->n_full, 1);
    ck_assert_int_eq(bin->allocate_top - bin->allocate_base, CAPACITY);
    ck_assert_uint_eq(internals_take(pool, CLASS), lines[3 * CAPACITY]);
    for (uint32_t i = 1; i < CAPACITY; i++)
        internals_take(pool, CLASS);
    for (uint32_t i = 0; i < CAPACITY; i++)
        internals_take(pool, CLASS);
    ck_assert_uint_eq(bin->n_full, 0);

    /* Then the blocks at home, then fresh ones. */
    ck_assert_uint_ne(bin->partial, 0);
    ck_assert(refill(pool, CLASS, &faults));
    ck_assert_uint_eq(bin->partial, 0);
    ck_assert_int_eq(bin->allocate_top - bin->allocate_base, 2);
    ck_assert_uint_eq(arena_in_use(&heap->arena), 3);
    check_equations(heap, 6 * CAPACITY - 2);
    for (uint32_t i = 0; i < 2; i++)
        internals_take(pool, CLASS);
    for (uint32_t span = 0; span < 3; span++)
        for (uint32_t i = 0; i < size_classes[CLASS].blocks; i++)
            internals_put(pool, span * SPAN_LINES + i * size_classes[CLASS].lines);
    end(heap);
}
END_TEST

/* A freeing magazine that is less than half full is swapped in when the bin has no full one, whichever way the refill goes. */
START_TEST(few_freed_blocks_wait_for_more)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *pool = pool_acquire(heap);
    struct fault_list faults = {.n = 0};
    struct bin *bin = &pool->bins[CLASS];
    uint32_t lines[4 * CAPACITY]; /* two spans, so that there are no others */

    for (int way = 0; way < 2; way++) {
        take_all(pool, lines, 4 * CAPACITY);
        put_behind(pool, lines, CAPACITY + HALF - 1, lines + 2 * CAPACITY);
        ck_assert_uint_eq(bin->n_full, 1);
        ck_assert(way == 0 ? refill(pool, CLASS, &faults) : bin_refill(pool, CLASS));
        ck_assert_uint_eq(bin->n_full, 0);
        for (uint32_t i = CAPACITY; i-- > 0;)
            ck_assert_uint_eq(internals_take(pool, CLASS), lines[i]);
        ck_assert_ptr_eq(bin->allocate_top, bin->allocate_base);
        ck_assert(way == 0 ? refill(pool, CLASS, &faults) : bin_refill(pool, CLASS));
        for (uint32_t i = CAPACITY + HALF - 1; i-- > CAPACITY;)
            ck_assert_uint_eq(internals_take(pool, CLASS), lines[i]);
        check_equations(heap, 4 * CAPACITY);
        put_all(pool, lines, 4 * CAPACITY);
    }
    end(heap);
}
END_TEST

/* A full freeing magazine is allocated from at once, unless the other one is full, too. */
START_TEST(what_was_freed_last_goes_first)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *pool = pool_acquire(heap);
    const struct bin *bin = &pool->bins[CLASS];
    uint32_t lines[CAPACITY + 1];
    take_all(pool, lines, CAPACITY + 1); /* one of the second magazine */
    const uint32_t refills = pool->refills;

    put_all(pool, lines, CAPACITY + 1);
    ck_assert_uint_eq(bin->n_full, 0);
    ck_assert_ptr_eq(bin->free.top, bin->free.limit);
    for (uint32_t i = CAPACITY; i-- > 0;)
        ck_assert_uint_eq(internals_take(pool, CLASS), lines[i]);
    ck_assert_uint_eq(pool->refills, refills + 1);
    check_equations(heap, CAPACITY);

    put_all(pool, lines, CAPACITY);
    ck_assert_uint_eq(bin->n_full, 0);
    take_all(pool, lines, 1); /* and put back: both are full but for one */
    internals_put(pool, lines[0]);
    check_equations(heap, 0);
    end(heap);
}
END_TEST

/* So it is when blocks that come home one by one fill it, in the middle of a refill. */
START_TEST(what_comes_home_fills_the_freeing_magazine)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *pool = pool_acquire(heap);
    struct pool *other = pool_acquire(heap);
    const struct bin *bin = &pool->bins[CLASS];
    uint32_t lines[2 * CAPACITY];
    const uint32_t small = internals_take(pool, 0);
    take_all(pool, lines, 2 * CAPACITY);
    put_all(pool, lines, CAPACITY - 1);
    for (uint32_t i = CAPACITY; i < CAPACITY + 3; i++)
        internals_send(other, lines[i]);
    internals_send(other, small);
    outbox_post_all(other);
    ck_assert_ptr_eq(bin->allocate_top, bin->allocate_base);

    const uint32_t line = internals_take(pool, CLASS);
    ck_assert_int_eq(bin->allocate_top - bin->allocate_base, CAPACITY - 1);
    check_equations(heap, 2 * CAPACITY - (CAPACITY - 1) - 3 + 1);
    internals_put(pool, line);
    for (uint32_t i = CAPACITY - 1; i < 2 * CAPACITY; i++)
        if (i < CAPACITY || i >= CAPACITY + 3)
            internals_put(pool, lines[i]);
    end(heap);
}
END_TEST

/* Of another owner's blocks none is put with the pool's own. */
START_TEST(others_blocks_stay_apart)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *owner = pool_acquire(heap);
    struct pool *pool = pool_acquire(heap);
    const struct bin *bin = &pool->bins[CLASS];
    uint32_t own[2 * CAPACITY];
    uint32_t others[2 * CAPACITY];
    take_all(pool, own, 2 * CAPACITY);
    take_all(owner, others, 2 * CAPACITY);
    for (uint32_t i = 0; i < 3; i++)
        internals_send(pool, others[i]);
    ck_assert_uint_eq(internals_take(pool, CLASS), others[2]);
    ck_assert_uint_eq(magazine_of(bin->allocate_base)->owner, owner->id);

    put_all(pool, own, CAPACITY + 1);
    ck_assert_uint_eq(bin->n_full, 1);
    ck_assert_uint_eq(magazine_of(bin->allocate_base)->owner, owner->id);
    check_equations(heap, 2 * CAPACITY - 2 + CAPACITY - 1);
    for (uint32_t i = CAPACITY + 1; i < 2 * CAPACITY; i++)
        internals_put(pool, own[i]);
    for (uint32_t i = 2; i < 2 * CAPACITY; i++)
        internals_put(owner, others[i]);
    end(heap);
}
END_TEST

/* Frees and allocates one block after the other, `n` times, of those that `lines` names. Returns the refills. */
static uint32_t go_round(struct pool *pool, uint32_t *lines, uint32_t n)
{
    const uint32_t before = pool->refills;
    for (uint32_t i = 0; i < n; i++) {
        internals_put(pool, lines[i % CAPACITY]);
        lines[i % CAPACITY] = internals_take(pool, CLASS);
        internals_put(pool, internals_take(pool, 0)); /* which other classes do not change */
    }
    return pool->refills - before;
}

/* Where all blocks of the pool's spans are live but one, each call would be a refill: it gets another span, and only one. */
START_TEST(a_few_blocks_do_not_go_round)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *pool = pool_acquire(heap);
    uint32_t lines[2 * CAPACITY];
    internals_put(pool, internals_take(pool, 0)); /* the other class has its span */
    take_all(pool, lines, 2 * CAPACITY);
    ck_assert_uint_eq(size_classes[CLASS].blocks, 2 * CAPACITY); /* all of the span */
    ck_assert_uint_eq(arena_in_use(&heap->arena), 1 + 1);

    ck_assert_uint_gt(go_round(pool, lines, 50), 40); /* it may be for a while only */
    ck_assert_uint_eq(arena_in_use(&heap->arena), 1 + 1);
    ck_assert_uint_le(go_round(pool, lines, 50), 50);
    ck_assert_uint_eq(arena_in_use(&heap->arena), 1 + 2);
    const uint32_t others = 100U * CAPACITY / size_classes[0].capacity + 1;
    ck_assert_uint_le(go_round(pool, lines, 100 * CAPACITY), 100 + 1 + others); /* one for each magazine's worth */
    ck_assert_uint_eq(arena_in_use(&heap->arena), 1 + 2);
    check_equations(heap, 2 * CAPACITY);
    put_all(pool, lines, 2 * CAPACITY);
    end(heap);
}
END_TEST

/* At the limit they do go round: no span is had for them, and no call fails. */
START_TEST(a_few_blocks_go_round_at_the_limit)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *pool = pool_acquire(heap);
    uint32_t lines[2 * CAPACITY];
    internals_put(pool, internals_take(pool, 0)); /* the other class has its span */
    take_all(pool, lines, 2 * CAPACITY);
    go_round(pool, lines, 1); /* the freeing magazine is there */

    heap->arena.limit = heap->arena.committed;
    ck_assert_uint_gt(go_round(pool, lines, 500), 400);
    ck_assert_uint_eq(arena_in_use(&heap->arena), 1 + 1);
    check_equations(heap, 2 * CAPACITY);
    put_all(pool, lines, 2 * CAPACITY);
    end(heap);
}
END_TEST

/* Blocks at hand in a span are taken before the few freed ones go round. */
START_TEST(few_freed_blocks_wait_for_those_in_spans)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *pool = pool_acquire(heap);
    const struct bin *bin = &pool->bins[CLASS];
    uint32_t lines[2 * CAPACITY];
    take_all(pool, lines, CAPACITY);
    put_all(pool, lines, FEW);

    take_all(pool, lines + CAPACITY, CAPACITY);
    ck_assert_ptr_eq(bin->allocate_top, bin->allocate_base);
    ck_assert_int_eq(bin->free.limit - bin->free.top, CAPACITY - FEW);
    check_equations(heap, 2 * CAPACITY - FEW);
    for (uint32_t i = FEW; i < 2 * CAPACITY; i++)
        internals_put(pool, lines[i]);
    end(heap);
}
END_TEST

/* Two magazines in the outbox, each with a block that is free already, and room for the faults of one. At the limit, so that no
 * span saves the refill from the second. */
START_TEST(no_magazine_is_opened_without_room_for_its_faults)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *owners[2] = {pool_acquire(heap), pool_acquire(heap)};
    struct pool *pool = pool_acquire(heap);
    struct fault_list faults = {.n = FAULT_LIST_MAX - MAGAZINE_CAPACITY};
    for (uint32_t i = 0; i < 2; i++) {
        const uint32_t line = internals_take(owners[i], CLASS);
        internals_put(owners[i], line);
        internals_send(pool, line);
    }
    heap->arena.limit = heap->arena.committed;
    ck_assert(!refill(pool, CLASS, &faults));
    ck_assert_uint_eq(faults.n, FAULT_LIST_MAX - MAGAZINE_CAPACITY + 1);
    heap->arena.limit = UINT64_MAX;
    faults.n = 0;
    outbox_post_all(pool);
    for (uint32_t i = 0; i < 2; i++)
        pool_drain(owners[i], &faults);
    ck_assert_uint_eq(faults.n, 1);
    end(heap);
}
END_TEST

/* Magazines that came in a burst go home although each refill finds another that was posted since the last. */
START_TEST(a_backlog_is_worked_off)
{
    enum { BURST = 40, MANY_REFILLS = 32 * BURST };
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *pool = pool_acquire(heap);
    struct pool *other = pool_acquire(heap);
    static uint32_t lines[BURST * CAPACITY];
    take_all(pool, lines, BURST * CAPACITY);
    for (uint32_t i = 0; i < BURST * CAPACITY; i++)
        internals_send(other, lines[i]);
    ck_assert_uint_eq(internals_inbox_length(pool), BURST);
    for (uint32_t round = 0; round < MANY_REFILLS; round++) {
        take_all(pool, lines, CAPACITY);
        for (uint32_t i = 0; i < CAPACITY; i++)
            internals_send(other, lines[i]);
    }
    ck_assert_uint_le(internals_inbox_length(pool), 4);
    check_equations(heap, 0);
    end(heap);
}
END_TEST

/* Where many owners' blocks are freed each magazine has few: a refill takes in more of them, or what is under way would grow. */
START_TEST(short_magazines_do_not_pile_up)
{
    enum { CLASSES = 16, EACH = 2, WARM = 200, PILED_MAX = 64 };
    struct perfpool_heap *heap = internals_heap(64 * MEBIBYTE, 0, 0, NULL);
    struct pool *pool = pool_acquire(heap);
    struct pool *other = pool_acquire(heap);
    uint32_t spans = 0;
    for (uint32_t round = 0; round < 10 * WARM; round++) {
        for (uint32_t i = 0; i < CLASSES; i++) {
            internals_send(other, internals_take(pool, (i * 7 + round) % CLASSES));
            if (i % EACH == EACH - 1)
                outbox_post_all(other);
        }
        if (round == WARM)
            spans = arena_in_use(&heap->arena);
    }
    ck_assert_uint_le(internals_inbox_length(pool), PILED_MAX + CLASSES * MAGAZINE_CAPACITY / EACH);
    ck_assert_uint_le(arena_in_use(&heap->arena), 2 * spans);
    check_equations(heap, 0);
    end(heap);
}
END_TEST

START_TEST(refill_opens_four_magazines_at_most)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *pool = pool_acquire(heap);
    struct pool *other = pool_acquire(heap);
    struct fault_list faults = {.n = 0};
    uint32_t lines[7 * CAPACITY];
    take_all(pool, lines, 7 * CAPACITY);
    for (uint32_t i = 0; i < 7 * CAPACITY; i++)
        internals_send(other, lines[i]);
    ck_assert_uint_eq(internals_inbox_length(pool), 7);
    ck_assert(refill(pool, CLASS, &faults)); /* one is enough where it brings blocks of the class */
    ck_assert_uint_eq(internals_inbox_length(pool), 6);
    check_equations(heap, 0);
    ck_assert(refill(pool, 0, &faults));
    ck_assert_uint_eq(internals_inbox_length(pool), 2);
    check_equations(heap, 0);
    end(heap);
}
END_TEST

/* Before a new span: what this pool has for others in its outbox, then what waits for an idle owner. The blocks keep their owner.
 */
START_TEST(blocks_of_others_before_a_new_span)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *owner = pool_acquire(heap);
    struct pool *pool = pool_acquire(heap);
    uint32_t lines[3 * CAPACITY];
    take_all(owner, lines, 3 * CAPACITY);
    for (uint32_t i = 0; i < 2 * CAPACITY + 3; i++)
        internals_send(pool, lines[i]);
    ck_assert_uint_eq(internals_inbox_length(owner), 2);
    const uint32_t spans = arena_in_use(&heap->arena);

    uint32_t line = internals_take(pool, CLASS);
    ck_assert_uint_eq(line, lines[2 * CAPACITY + 2]);
    ck_assert_uint_eq(pool->outbox.held, 0);
    ck_assert_uint_eq(magazine_of(pool->bins[CLASS].allocate_base)->owner, owner->id);
    ck_assert_uint_eq(internals_header(heap, line) >> HEADER_ARGUMENT_SHIFT, owner->id);
    check_equations(heap, CAPACITY - 3 + 1);
    internals_take(pool, CLASS);
    internals_take(pool, CLASS);
    ck_assert_uint_eq(pool->magazines_taken_over, 0);

    line = internals_take(pool, CLASS);
    ck_assert_uint_eq(pool->magazines_taken_over, 1);
    ck_assert_uint_eq(internals_inbox_length(owner), 1);
    ck_assert_uint_eq(line, lines[2 * CAPACITY - 1]);
    check_equations(heap, CAPACITY + 1);

    /* Another class is not taken over: it stays in the owner's inbox. */
    internals_take(pool, 0);
    ck_assert_uint_eq(internals_inbox_length(owner), 1);
    ck_assert_uint_eq(arena_in_use(&heap->arena), spans + 1);
    for (uint32_t i = CAPACITY; i < 2 * CAPACITY - 1; i++)
        ck_assert_uint_ne(heap->arena.states[lines[i]], STATE_LIVE);

    /* What was not used of the foreign magazine goes home checked. */
    pool_give_back(pool);
    ck_assert_uint_eq(internals_inbox_length(owner), 2);
    ck_assert_uint_eq(magazine_at(&heap->magazines, (uint32_t)owner->inbox.stack.head)->kind, MAGAZINE_RETURN);
    check_equations(heap, CAPACITY + 2);
    perfpool_heap_destroy(heap, PERFPOOL_DESTROY_LIVE);
}
END_TEST

/* A busy owner's inbox is left alone: its thread has refilled since the last look. Once it has not, it is idle. */
START_TEST(busy_owners_are_left_alone)
{
    static struct thread_record thread;
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *owner = pool_acquire(heap);
    struct pool *pool = pool_acquire(heap);
    uint32_t lines[CAPACITY];
    store_relaxed_ptr(&owner->record, &thread);
    take_all(owner, lines, CAPACITY);
    for (uint32_t i = 0; i < CAPACITY; i++)
        internals_send(pool, lines[i]);
    internals_put(pool, internals_take(pool, CLASS)); /* looks, finds it busy: a span of its own */
    ck_assert_uint_eq(pool->magazines_taken_over, 0);
    ck_assert_uint_eq(internals_inbox_length(owner), 1);
    pool_give_back(pool);
    const uint32_t line = internals_take(pool, CLASS); /* looks again, nothing has moved since */
    ck_assert_uint_eq(pool->magazines_taken_over, 1);
    ck_assert_uint_eq(internals_header(heap, line) >> HEADER_ARGUMENT_SHIFT, owner->id);
    internals_send(pool, line);
    store_relaxed_ptr(&owner->record, NULL);
    end(heap);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("refill");
    TCase *refills = tcase_create("refill");
    tcase_add_test(refills, refill_goes_from_near_to_far);
    tcase_add_test(refills, few_freed_blocks_wait_for_more);
    tcase_add_test(refills, what_was_freed_last_goes_first);
    tcase_add_test(refills, what_comes_home_fills_the_freeing_magazine);
    tcase_add_test(refills, others_blocks_stay_apart);
    tcase_add_test(refills, few_freed_blocks_wait_for_those_in_spans);
    tcase_add_test(refills, a_few_blocks_do_not_go_round);
    tcase_add_test(refills, a_few_blocks_go_round_at_the_limit);
    tcase_add_test(refills, no_magazine_is_opened_without_room_for_its_faults);
    tcase_add_test(refills, a_backlog_is_worked_off);
    tcase_add_test(refills, short_magazines_do_not_pile_up);
    tcase_add_test(refills, refill_opens_four_magazines_at_most);
    tcase_add_test(refills, blocks_of_others_before_a_new_span);
    tcase_add_test(refills, busy_owners_are_left_alone);
    suite_add_tcase(suite, refills);
    return suite;
}
