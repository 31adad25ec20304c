/* Bins that allocate newest first: the order of what they keep, and how much that is. */
#include "newest.h"

/* Also through full magazines: all that were freed come in the opposite order. */
START_TEST(the_order_is_kept_through_magazines)
{
    enum { N = 32, OLDER = 8 };
    struct perfpool_heap *heap = internals_heap(64 * MEBIBYTE, 0, PERFPOOL_NO_ZERO, NULL);
    void *blocks[N];
    void *older[OLDER];
    ck_assert_uint_eq(size_classes[size_class_of[LONG_SIZE / LINE_SIZE]].capacity, N / 2);
    for (uint32_t round = 0; round < 4; round++) {
        change_sizes(heap);
        for (uint32_t i = 0; i < OLDER; i++)
            older[i] = AllocateMemory(LONG_SIZE, heap);
        for (uint32_t i = 0; i < N; i++)
            blocks[i] = AllocateMemory(LONG_SIZE, heap);
        for (uint32_t i = 0; i < OLDER; i++)
            FreeMemory(older[i], heap);
        ck_assert(newest_first(heap, LONG_SIZE));
        for (uint32_t i = 0; i < N; i++)
            FreeMemory(blocks[i], heap);
        check_equations(heap, 0);
        for (uint32_t i = N; i-- > 0;)
            ck_assert_ptr_eq(AllocateMemory(LONG_SIZE, heap), blocks[i]);
        for (uint32_t i = OLDER; i-- > 0;)
            ck_assert_ptr_eq(AllocateMemory(LONG_SIZE, heap), older[i]);
        check_equations(heap, N + OLDER);
        for (uint32_t i = 0; i < N; i++)
            FreeMemory(blocks[i], heap);
        for (uint32_t i = 0; i < OLDER; i++)
            FreeMemory(older[i], heap);
    }
    internals_end(heap);
}
END_TEST

/* One block that comes and goes; whether it was the same all the time. */
static bool stays_the_same(size_t size)
{
    struct perfpool_heap *heap = internals_heap(64 * MEBIBYTE, 0, PERFPOOL_NO_ZERO, NULL);
    void *first = AllocateMemory(size, heap);
    bool same = true;
    FreeMemory(first, heap);
    for (uint32_t i = 0; i < 8 * GUESS_STREAK * NEWEST_CHECK; i++) {
        void *block = AllocateMemory(size, heap);
        same = same && block == first;
        FreeMemory(block, heap);
    }
    ck_assert_uint_ne(own_pool(heap)->guess, GUESS_NONE);
    internals_end(heap);
    return same;
}

/* Although only one size is freed. */
START_TEST(the_longest_always_do)
{
    const uint32_t class = size_class_of[NEWEST_LINES_MIN];
    ck_assert(stays_the_same(size_class_bytes(&size_classes[class])));
    ck_assert(!stays_the_same(size_class_bytes(&size_classes[class - 1])));
}
END_TEST

/* No refill comes while one block comes and goes; what a burst has left goes home all the same. */
START_TEST(what_a_burst_has_left_goes_home)
{
    enum { BURST = 512, MANY = 64 * 64 * NEWEST_CHECK };
    struct perfpool_heap *heap = internals_heap(64 * MEBIBYTE, 0, PERFPOOL_NO_ZERO, NULL);
    const size_t size = (size_t)2 * NEWEST_LINES_MIN * LINE_SIZE;
    const struct size_class *class = &size_classes[size_class_of[2 * NEWEST_LINES_MIN]];
    for (uint32_t round = 0; round < 3; round++)
        for (uint32_t i = 0; i < BURST / (2 * MAGAZINE_CAPACITY) + 1; i++)
            go_through_some(heap, size, 2 * MAGAZINE_CAPACITY);
    ck_assert_uint_gt(bin_of(heap, size)->n_full, 8 * class->keep);
    const uint32_t spans = own_pool(heap)->spans;
    for (uint32_t i = 0; i < MANY; i++)
        FreeMemory(AllocateMemory(size, heap), heap);
    ck_assert(newest_first(heap, size));
    ck_assert_uint_le(bin_of(heap, size)->n_full, class->keep);
    ck_assert_uint_lt(own_pool(heap)->spans, spans / 4);
    internals_end(heap);
}
END_TEST

/* Others' blocks would wait below those that come and go: nobody but this thread can use them. */
START_TEST(others_blocks_do_not_wait)
{
    struct perfpool_heap *heap = internals_heap(64 * MEBIBYTE, 0, 0, NULL);
    struct pool *pool = pool_acquire(heap);
    struct pool *other = pool_acquire(heap);
    const uint32_t class = size_class_of[NEWEST_LINES_MIN];
    struct fault_list faults = {.n = 0};
    uint32_t line = internals_take(other, class);
    internals_send(pool, line);
    ck_assert(refill(pool, class, &faults)); /* from the outbox */
    struct bin *bin = &pool->bins[class];
    ck_assert_uint_eq(magazine_of(bin->allocate_base)->owner, other->id);
    ck_assert_uint_eq(extra_rest(bin->extra), 0);
    ck_assert_uint_eq(extra_clear(bin->extra), size_class_bytes(&size_classes[class]));
    ck_assert_uint_eq(internals_take(pool, class), line);
    internals_send(pool, line);
    end(heap);
}
END_TEST

/* Where no empty magazine can be had frees go on top of what is left in the one that was allocated from. */
START_TEST(without_a_magazine_frees_go_on_top)
{
    struct perfpool_heap *heap = internals_heap(8 * MEBIBYTE, 0, PERFPOOL_NO_ZERO, NULL);
    struct pool *pool = pool_acquire(heap);
    const uint32_t class = size_class_of[NEWEST_LINES_MIN];
    const uint32_t capacity = size_classes[class].capacity;
    uint32_t lines[MAGAZINE_CAPACITY];
    for (uint32_t i = 0; i < capacity + 1; i++)
        lines[i] = internals_take(pool, class);
    for (uint32_t i = 0; i < capacity; i++)
        internals_put(pool, lines[i]);
    struct bin *bin = &pool->bins[class];
    ck_assert_ptr_eq(bin->free.top, bin->free.limit);
    ck_assert_ptr_ne(bin->allocate_top, bin->allocate_base);
    ck_assert_uint_eq(extra_rest(bin->extra), EXTRA_NEWEST);
    struct magazine *held = NULL;
    heap->arena.limit = heap->arena.committed;
    for (struct magazine *magazine; (magazine = magazine_take(&heap->magazines, &pool->empties)) != NULL; held = magazine)
        magazine->chain = held != NULL ? magazine_index(&heap->magazines, held) : 0;
    internals_put(pool, lines[capacity]);
    ck_assert_uint_eq(pool->states[lines[capacity]], STATE_HELD); /* not home */
    ck_assert_uint_eq(bin->free.top[-1], lines[capacity]);
    ck_assert_ptr_eq(bin->allocate_top, bin->allocate_base + capacity);
    while (held != NULL) {
        struct magazine *next = held->chain != 0 ? magazine_at(&heap->magazines, held->chain) : NULL;
        magazine_put(&heap->magazines, &pool->empties, held);
        held = next;
    }
    heap->arena.limit = UINT64_MAX;
    end(heap);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("newest_kept");
    TCase *kept = tcase_create("kept");
    tcase_add_test(kept, the_order_is_kept_through_magazines);
    tcase_add_test(kept, the_longest_always_do);
    tcase_add_test(kept, what_a_burst_has_left_goes_home);
    tcase_add_test(kept, others_blocks_do_not_wait);
    tcase_add_test(kept, without_a_magazine_frees_go_on_top);
    suite_add_tcase(suite, kept);
    return suite;
}
