/* Mailboxes: how a pool's outbox gathers blocks of others and sends them home, and what their owner finds. */
#include "mailbox.h"

#include "internals.h"

enum { OWNERS = 2 * OUTBOX_SLOTS + 2, LARGEST = N_CLASSES - 1 };

/* Takes `n` blocks of a class of an owner and sends them from `sender`. */
static void send_blocks(struct pool *owner, struct pool *sender, uint32_t class, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        internals_send(sender, internals_take(owner, class));
}

/* Opens all that is in an inbox, and gives what the pool has home. */
static void empty_pool(struct pool *pool)
{
    struct fault_list faults = {.n = 0};
    while (pool_drain(pool, &faults)) {
    }
    require(faults.n == 0);
    pool_give_back(pool);
}

static void end(struct perfpool_heap *heap)
{
    for (uint32_t id = 1; id <= heap->n_pools; id++) {
        outbox_post_all(pool_at(heap, id));
        pool_give_back(pool_at(heap, id)); /* what it took over goes to its owner */
    }
    for (uint32_t id = 1; id <= heap->n_pools; id++) {
        empty_pool(pool_at(heap, id));
        pool_release(pool_at(heap, id));
    }
    ck_assert_uint_eq(arena_in_use(&heap->arena), 0);
    internals_end(heap);
}

START_TEST(full_magazine_goes_home)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *owner = pool_acquire(heap);
    struct pool *sender = pool_acquire(heap);
    for (uint32_t class = 0; class < N_CLASSES; class ++) {
        const uint32_t capacity = size_classes[class].capacity;
        const uint64_t posted = sender->magazines_posted;
        send_blocks(owner, sender, class, capacity - 1);
        ck_assert_uint_eq(sender->magazines_posted, posted);
        check_equations(heap, 0);
        send_blocks(owner, sender, class, 1);
        ck_assert_uint_eq(sender->magazines_posted, posted + 1);
        ck_assert_uint_eq(sender->outbox.held, 0);
        const struct magazine *magazine = magazine_at(&heap->magazines, (uint32_t)owner->inbox.stack.head);
        ck_assert_uint_eq(magazine->count, capacity);
        ck_assert_uint_eq(magazine->class, class);
        ck_assert_uint_eq(magazine->owner, owner->id);
        ck_assert_uint_eq(magazine->kind, MAGAZINE_POSTED);
        check_equations(heap, 0);
    }
    end(heap);
}
END_TEST

/* A magazine of one class is filed as it is: the same magazine stands in the bin afterwards. */
START_TEST(one_class_is_filed_whole)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *owner = pool_acquire(heap);
    struct pool *sender = pool_acquire(heap);
    struct fault_list faults = {.n = 0};
    send_blocks(owner, sender, 3, size_classes[3].capacity);
    const uint32_t index = (uint32_t)owner->inbox.stack.head;
    ck_assert(pool_drain(owner, &faults));
    ck_assert(!pool_drain(owner, &faults));
    ck_assert_uint_eq(faults.n, 0);
    ck_assert_uint_eq(owner->bins[3].full, index);
    ck_assert_uint_eq(owner->bins[3].n_full, 1);
    check_equations(heap, 0);
    end(heap);
}
END_TEST

/* Long blocks that were freed in ascending order are allocated so, whatever their number. */
START_TEST(long_blocks_come_back_in_order)
{
    struct perfpool_heap *heap = internals_heap(32 * MEBIBYTE, 0, 0, NULL);
    struct pool *owner = pool_acquire(heap);
    struct pool *sender = pool_acquire(heap);
    struct fault_list faults = {.n = 0};
    for (uint32_t class = 15; class < N_CLASSES; class ++)
        for (uint32_t n = 1; n <= size_classes[class].capacity; n++) {
            uint32_t lines[MAGAZINE_CAPACITY];
            for (uint32_t i = 0; i < n; i++) {
                lines[i] = internals_take(owner, class);
                internals_send(sender, lines[i]);
            }
            outbox_post_all(sender);
            ck_assert(pool_drain(owner, &faults));
            const struct magazine *magazine = magazine_at(&heap->magazines, owner->bins[class].full);
            ck_assert_uint_eq(magazine->count, n);
            for (uint32_t i = 0; i < n; i++)
                ck_assert_uint_eq(magazine->lines[n - 1 - i], lines[i]);
            pool_give_back(owner);
        }
    ck_assert_uint_eq(faults.n, 0);
    check_equations(heap, 0);
    end(heap);
}
END_TEST

START_TEST(mixed_classes_are_sorted)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *owner = pool_acquire(heap);
    struct pool *sender = pool_acquire(heap);
    struct fault_list faults = {.n = 0};
    for (uint32_t i = 0; i < 10; i++) {
        send_blocks(owner, sender, 1, 1);
        send_blocks(owner, sender, 5, 2);
    }
    ck_assert_uint_eq(sender->outbox.slots[owner->id % OUTBOX_SLOTS].class, CLASS_MIXED);
    check_equations(heap, 0);
    outbox_post_all(sender);
    ck_assert_uint_eq(magazine_at(&heap->magazines, (uint32_t)owner->inbox.stack.head)->class, CLASS_MIXED);
    check_equations(heap, 0);
    ck_assert(pool_drain(owner, &faults));
    ck_assert_uint_eq(faults.n, 0);
    const struct bin *one = &owner->bins[1];
    const struct bin *five = &owner->bins[5];
    ck_assert_int_eq(one->free.top - (one->free.limit - size_classes[1].capacity), 10);
    ck_assert_int_eq(five->free.top - (five->free.limit - size_classes[5].capacity), 20);
    check_equations(heap, 0);
    end(heap);
}
END_TEST

/* 256 KiB are held back at most, and what was opened first goes first. */
START_TEST(hold_back_is_bounded_and_oldest_go_first)
{
    struct perfpool_heap *heap = internals_heap(16 * MEBIBYTE, 0, 0, NULL);
    struct pool *sender = pool_acquire(heap);
    struct pool *owners[9];
    for (uint32_t i = 0; i < 9; i++)
        owners[i] = pool_acquire(heap);
    /* Nine owners in an order that is not theirs; one block of the largest class (32 KiB) each: eight are within the bound. */
    for (uint32_t i = 0; i < 8; i++) {
        send_blocks(owners[(i * 5) % 9], sender, LARGEST, 1);
        ck_assert_uint_eq(sender->outbox.held, (i + 1) * SMALL_LINES_MAX);
    }
    ck_assert_uint_eq(sender->outbox.held, OUTBOX_LINES_MAX);
    ck_assert_uint_eq(sender->magazines_posted, 0);
    send_blocks(owners[(8 * 5) % 9], sender, LARGEST, 1);
    ck_assert_uint_eq(sender->magazines_posted, 1);
    ck_assert_uint_eq(internals_inbox_length(owners[0]), 1);
    ck_assert_uint_eq(sender->outbox.held, OUTBOX_LINES_MAX);
    check_equations(heap, 0);
    send_blocks(owners[0], sender, 0, 1);
    ck_assert_uint_eq(internals_inbox_length(owners[5]), 1);
    ck_assert_uint_eq(sender->magazines_posted, 2);
    /* The small block counts, and so do those that may come without outbox_put: few, as much is held. */
    const struct cursor *small = &sender->outbox.slots[owners[0]->id % OUTBOX_SLOTS].cursor;
    ck_assert_int_gt(small->limit - small->top, 0);
    ck_assert_int_lt(small->limit - small->top, MAGAZINE_CAPACITY - 2);
    ck_assert_uint_eq(sender->outbox.held, OUTBOX_LINES_MAX - SMALL_LINES_MAX + 1 + (uint32_t)(small->limit - small->top));
    end(heap);
}
END_TEST

/* Owners with the same low bits share a slot: the newcomer's block never gets into the other's magazine. */
START_TEST(owners_that_share_a_slot)
{
    struct perfpool_heap *heap = internals_heap(16 * MEBIBYTE, 0, 0, NULL);
    struct pool *pools[OWNERS];
    for (uint32_t i = 0; i < OWNERS; i++)
        pools[i] = pool_acquire(heap);
    struct pool *sender = pools[10];
    struct pool *first = pools[3];
    struct pool *second = pools[3 + OUTBOX_SLOTS];
    ck_assert_uint_eq(first->id % OUTBOX_SLOTS, second->id % OUTBOX_SLOTS);
    for (uint32_t i = 1; i <= 5; i++) {
        send_blocks(first, sender, 0, 1);
        send_blocks(second, sender, 0, 1);
        ck_assert_uint_eq(internals_inbox_length(first), i);
        ck_assert_uint_eq(internals_inbox_length(second), i - 1);
    }
    for (uint32_t i = 0; i < OWNERS; i++)
        if (pools[i] != sender)
            send_blocks(pools[i], sender, i % 8, 1 + i % 3);
    check_equations(heap, 0);
    end(heap);
}
END_TEST

/* The fullest of several. */
START_TEST(fullest_magazine_is_taken_out)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *owners[3] = {pool_acquire(heap), pool_acquire(heap), pool_acquire(heap)};
    const uint16_t counts[3] = {4, 9, 7};
    struct pool *sender = pool_acquire(heap);
    for (unsigned i = 0; i < 3; i++)
        send_blocks(owners[i], sender, 2, counts[i]);
    struct magazine *taken[2];
    taken[0] = outbox_take(sender, 2);
    ck_assert_ptr_nonnull(taken[0]);
    ck_assert_uint_eq(taken[0]->owner, owners[1]->id);
    ck_assert_uint_eq(taken[0]->count, 9);
    taken[1] = outbox_take(sender, 2);
    ck_assert_ptr_nonnull(taken[1]);
    ck_assert_uint_eq(taken[1]->owner, owners[2]->id);
    for (unsigned i = 0; i < 2; i++) {
        taken[i]->kind = MAGAZINE_POSTED;
        inbox_post(&heap->magazines, pool_at(heap, taken[i]->owner), taken[i]);
    }
    check_equations(heap, 0);
    end(heap);
}
END_TEST

START_TEST(open_magazine_of_a_class_can_be_taken_out)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *owner = pool_acquire(heap);
    struct pool *other = pool_acquire(heap);
    struct pool *sender = pool_acquire(heap);
    send_blocks(owner, sender, 2, 3);
    send_blocks(other, sender, 2, 1);
    send_blocks(other, sender, 4, 1); /* mixed: not to be had */
    ck_assert_ptr_null(outbox_take(sender, 4));
    struct magazine *magazine = outbox_take(sender, 2);
    ck_assert_ptr_nonnull(magazine);
    ck_assert_uint_eq(magazine->count, 3);
    ck_assert_uint_eq(magazine->owner, owner->id);
    ck_assert_uint_eq(sender->outbox.held, 3 + 5);
    ck_assert_ptr_null(outbox_take(sender, 2));
    magazine->kind = MAGAZINE_POSTED;
    inbox_post(&heap->magazines, owner, magazine);
    check_equations(heap, 0);
    end(heap);
}
END_TEST

/* Opening finds blocks freed twice, in one magazine or in two, and blocks already free; each is dropped and listed once, the rest
 * is filed. */
START_TEST(opening_drops_what_is_not_live)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *owner = pool_acquire(heap);
    struct pool *sender = pool_acquire(heap);
    struct pool *third = pool_acquire(heap);
    struct fault_list faults = {.n = 0};
    uint32_t lines[6];
    for (uint32_t i = 0; i < 6; i++)
        lines[i] = internals_take(owner, 1);
    internals_send(sender, lines[0]);
    internals_send(sender, lines[1]);
    internals_send(sender, lines[0]);
    internals_send(third, lines[1]);
    internals_send(third, lines[2]);
    internals_put(owner, lines[3]);
    internals_send(third, lines[3]);
    outbox_post_all(sender);
    outbox_post_all(third);
    while (pool_drain(owner, &faults)) {
    }
    ck_assert_uint_eq(faults.n, 3);
    uint32_t found[4] = {0};
    for (uint32_t i = 0; i < faults.n; i++)
        for (uint32_t k = 0; k < 4; k++)
            found[k] += faults.lines[i] == lines[k];
    ck_assert_uint_eq(found[0], 1);
    ck_assert_uint_eq(found[1], 1);
    ck_assert_uint_eq(found[2], 0);
    ck_assert_uint_eq(found[3], 1);
    check_equations(heap, 2);
    internals_put(owner, lines[4]);
    internals_put(owner, lines[5]);
    end(heap);
}
END_TEST

/* The second free of a block arrives when its span has long been another pool's: the header tells. */
START_TEST(opening_drops_blocks_of_others)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *owner = pool_acquire(heap);
    struct pool *sender = pool_acquire(heap);
    struct fault_list faults = {.n = 0};
    const uint32_t line = internals_take(owner, 0);
    internals_send(sender, line);
    internals_put(owner, line);
    pool_give_back(owner);
    ck_assert_uint_eq(heap->arena.headers[line >> SPAN_LINES_SHIFT], 0);
    const uint32_t again = internals_take(sender, 1);
    ck_assert_uint_eq(again >> SPAN_LINES_SHIFT, line >> SPAN_LINES_SHIFT);
    outbox_post_all(sender);
    ck_assert(pool_drain(owner, &faults));
    ck_assert_uint_eq(faults.n, 1);
    ck_assert_uint_eq(faults.lines[0], line);
    check_equations(heap, 1);
    internals_put(sender, again);
    end(heap);
}
END_TEST

/* With CHECK_REMOTE a block on its way home is marked sent; opening takes those and only those. */
START_TEST(sent_blocks_are_opened)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, PERFPOOL_CHECK_REMOTE, NULL);
    struct pool *owner = pool_acquire(heap);
    struct pool *sender = pool_acquire(heap);
    struct fault_list faults = {.n = 0};
    const uint32_t sent = internals_take(owner, 0);
    const uint32_t unmarked = internals_take(owner, 0);
    heap->arena.states[sent] = STATE_SENT;
    internals_send(sender, sent);
    internals_send(sender, unmarked);
    outbox_post_all(sender);
    ck_assert(pool_drain(owner, &faults));
    ck_assert_uint_eq(faults.n, 1);
    ck_assert_uint_eq(faults.lines[0], unmarked);
    check_equations(heap, 1);
    internals_put(owner, unmarked);
    end(heap);
}
END_TEST

START_TEST(no_magazine_no_outbox)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, 0, NULL);
    struct pool *owner = pool_acquire(heap);
    struct pool *sender = pool_acquire(heap);
    const uint32_t line = internals_take(owner, 0);
    heap->arena.limit = heap->arena.committed;
    ck_assert(!outbox_put(sender, line, internals_header(heap, line)));
    ck_assert_uint_eq(sender->outbox.held, 0);
    check_equations(heap, 1);
    heap->arena.limit = UINT64_MAX;
    internals_send(sender, line);
    end(heap);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("mailbox");
    TCase *outbox = tcase_create("outbox");
    tcase_add_test(outbox, full_magazine_goes_home);
    tcase_add_test(outbox, hold_back_is_bounded_and_oldest_go_first);
    tcase_add_test(outbox, owners_that_share_a_slot);
    tcase_add_test(outbox, fullest_magazine_is_taken_out);
    tcase_add_test(outbox, open_magazine_of_a_class_can_be_taken_out);
    tcase_add_test(outbox, no_magazine_no_outbox);
    suite_add_tcase(suite, outbox);
    TCase *inbox = tcase_create("inbox");
    tcase_add_test(inbox, one_class_is_filed_whole);
    tcase_add_test(inbox, mixed_classes_are_sorted);
    tcase_add_test(inbox, long_blocks_come_back_in_order);
    tcase_add_test(inbox, opening_drops_what_is_not_live);
    tcase_add_test(inbox, opening_drops_blocks_of_others);
    tcase_add_test(inbox, sent_blocks_are_opened);
    suite_add_tcase(suite, inbox);
    return suite;
}
