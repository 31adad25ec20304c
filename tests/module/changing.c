/* Outboxes of threads that free other owners' blocks in changing sizes: what outbox_add takes, what it leaves to outbox_put. That
 * FreeMemory goes to outbox_add at all, check-pattern-costs tells. */
#include "bins.h"

#include "support/generator.h"

enum { LARGEST = N_CLASSES - 1 };

/* Two threads' pools, as the tests act for both. */
struct pair {
    struct perfpool_heap *heap;
    struct pool *sender, *owner;
    struct outbox_slot *slot; /* the sender's for the owner */
};

static struct pair begin(void)
{
    struct pair pair = {.heap = internals_heap(64 * MEBIBYTE, 0, PERFPOOL_NO_ZERO, NULL)};
    pair.owner = pool_acquire(pair.heap);
    pair.sender = pool_acquire(pair.heap);
    pair.slot = &pair.sender->outbox.slots[pair.owner->id % OUTBOX_SLOTS];
    return pair;
}

static bool add(const struct pair *pair, uint32_t line, uint32_t header)
{
    return outbox_add(&pair->sender->outbox, &pair->slot->cursor, pair->sender->classes, line, header);
}

/* Whether outbox_add takes another block of a class of the owner; if not, the block stays with the owner. */
static bool adds(const struct pair *pair, uint32_t class)
{
    const uint32_t line = internals_take(pair->owner, class);
    if (add(pair, line, internals_header(pair->heap, line)))
        return true;
    internals_put(pair->owner, line);
    return false;
}

static void send(const struct pair *pair, uint32_t class)
{
    internals_send(pair->sender, internals_take(pair->owner, class));
}

static uint32_t count_of(const struct pair *pair)
{
    return (uint32_t)(pair->slot->cursor.top - magazine_at(&pair->heap->magazines, pair->slot->cursor.magazine)->lines);
}

/* An open magazine with two blocks, of two classes. */
static struct pair begin_mixed(uint32_t first, uint32_t second)
{
    struct pair pair = begin();
    send(&pair, first);
    send(&pair, second);
    require(pair.slot->class == CLASS_MIXED);
    return pair;
}

/* The first block of another class makes the magazine a mixed one: what was granted to FreeMemory is not counted any more. */
START_TEST(another_class_mixes)
{
    struct pair pair = begin();
    ck_assert(!adds(&pair, 1)); /* no magazine is open */
    send(&pair, 1);
    ck_assert(!adds(&pair, 1)); /* one class: FreeMemory's */
    ck_assert(!adds(&pair, 3));
    ck_assert_uint_eq(pair.slot->class, 1);
    ck_assert_uint_gt(pair.slot->held, 2);
    send(&pair, 3);
    ck_assert_uint_eq(pair.slot->class, CLASS_MIXED);
    ck_assert_uint_eq(pair.slot->held, 2 + 4);
    ck_assert_uint_eq(pair.sender->outbox.held, 2 + 4);
    check_equations(pair.heap, 0);
    ck_assert(adds(&pair, 1));
    ck_assert(adds(&pair, 3));
    ck_assert(adds(&pair, 9));
    ck_assert_uint_eq(pair.slot->held, 2 * (2 + 4) + 10);
    ck_assert_uint_eq(count_of(&pair), 5);
    check_equations(pair.heap, 0);
    end(pair.heap);
}
END_TEST

/* The last place is outbox_put's: it sends the magazine home. */
START_TEST(a_full_magazine_is_left_to_put)
{
    struct pair pair = begin_mixed(0, 1);
    for (uint32_t n = 2; n < MAGAZINE_CAPACITY - 1; n++) {
        ck_assert(adds(&pair, n % 3));
        check_equations(pair.heap, 0);
    }
    ck_assert(!adds(&pair, 0));
    ck_assert_uint_eq(pair.sender->magazines_posted, 0);
    send(&pair, 2);
    ck_assert_uint_eq(pair.sender->magazines_posted, 1);
    ck_assert_uint_eq(pair.sender->blocks_posted, MAGAZINE_CAPACITY);
    ck_assert_uint_eq(pair.sender->outbox.held, 0);
    ck_assert(!adds(&pair, 0)); /* the next one begins as of one class */
    end(pair.heap);
}
END_TEST

/* And so is the block with which it holds MIXED_LINES_MAX lines. */
START_TEST(a_magazine_of_long_blocks_goes_home_early)
{
    struct pair pair = begin_mixed(0, LARGEST);
    ck_assert_uint_eq(pair.slot->held, 1 + SMALL_LINES_MAX);
    uint32_t before = 0;
    while (adds(&pair, CLASS)) {
        before = pair.slot->held;
        check_equations(pair.heap, 0);
    }
    ck_assert_uint_lt(before, MIXED_LINES_MAX);
    ck_assert_uint_ge(before + size_classes[CLASS].lines, MIXED_LINES_MAX);
    send(&pair, 0); /* too short to fill it: there is room for that still */
    ck_assert_uint_eq(pair.sender->magazines_posted, 0);
    send(&pair, CLASS);
    ck_assert_uint_eq(pair.sender->magazines_posted, 1);
    ck_assert_uint_eq(pair.sender->outbox.held, 0);
    check_equations(pair.heap, 0);
    end(pair.heap);
}
END_TEST

/* 256 KiB for all owners together: at the bound outbox_put posts the oldest. */
START_TEST(much_held_is_left_to_put)
{
    struct pair pair = begin_mixed(0, 1);
    const uint32_t short_lines = pair.sender->outbox.held;
    for (uint32_t i = 0; i < OUTBOX_LINES_MAX / SMALL_LINES_MAX - 1; i++) {
        struct pool *other = pool_acquire(pair.heap);
        internals_send(pair.sender, internals_take(other, LARGEST));
    }
    ck_assert_uint_eq(pair.sender->outbox.held, OUTBOX_LINES_MAX - SMALL_LINES_MAX + short_lines);
    while (pair.sender->outbox.held + 10 <= OUTBOX_LINES_MAX)
        ck_assert(adds(&pair, 9));
    ck_assert(!adds(&pair, 9));
    ck_assert_uint_eq(pair.sender->magazines_posted, 0);
    check_equations(pair.heap, 0);
    send(&pair, 9);
    ck_assert_uint_eq(pair.sender->magazines_posted, 1);
    ck_assert_uint_eq(pair.slot->cursor.magazine, 0); /* that was the oldest */
    ck_assert_uint_eq(pair.sender->outbox.held, OUTBOX_LINES_MAX - SMALL_LINES_MAX);
    end(pair.heap);
}
END_TEST

/* No header but of the owner's small blocks: not another owner's, with other low bits or the same, not the pool's own, and of no
 * large block whose argument is the owner's number. */
START_TEST(other_headers_are_refused)
{
    struct pair pair = begin_mixed(0, 1);
    const uint32_t before = pair.sender->outbox.held;
    const uint32_t line = internals_take(pair.owner, 0);
    for (uint32_t id = 0; id < 4 * OUTBOX_SLOTS; id++)
        for (uint32_t kind = 0; kind <= HEADER_KIND_MASK; kind++)
            if (id != pair.owner->id || kind >= N_CLASSES)
                ck_assert(!add(&pair, line, id << HEADER_ARGUMENT_SHIFT | kind));
    ck_assert(!add(&pair, line, 0));
    ck_assert(!add(&pair, line, UINT32_MAX));
    ck_assert_uint_eq(pair.sender->outbox.held, before);
    ck_assert_uint_eq(count_of(&pair), 2);
    /* Nor does a cursor take anything that is none of a mixed magazine: a bin's, a free slot's. */
    struct outbox *outbox = &pair.sender->outbox;
    for (uint32_t class = 0; class < N_CLASSES; class ++) {
        const uint32_t own = pair.sender->token | class;
        const uint32_t foreign = pair.owner->token | class;
        struct outbox_slot free_slot = {.cursor = {.top = (uint32_t[2]){0}}};
        free_slot.cursor.limit = free_slot.cursor.top + 1;
        ck_assert(!outbox_add(outbox, &pair.sender->bins[class].free, pair.sender->classes, line, own));
        ck_assert(!outbox_add(outbox, &free_slot.cursor, pair.sender->classes, line, foreign));
        ck_assert(!outbox_add(outbox, &free_slot.cursor, pair.sender->classes, line, class));
    }
    internals_put(pair.owner, line);
    end(pair.heap);
}
END_TEST

/* Through FreeMemory, several owners, all sizes: nothing is lost, and all equations hold at every step. */
START_TEST(freed_by_the_callback)
{
    struct perfpool_heap *heap = internals_heap(64 * MEBIBYTE, 0, PERFPOOL_NO_ZERO, NULL);
    struct generator generator = generator_make(generator_seed("freed_by_the_callback"), 0);
    FreeMemory(AllocateMemory(1, heap), heap);
    struct pool *sender = thread_pool(heap, heap);
    struct pool *owners[5];
    for (uint32_t i = 0; i < 5; i++)
        owners[i] = pool_acquire(heap);
    uint32_t most = 0;
    for (uint32_t i = 0; i < 4000; i++) {
        const uint32_t class = (uint32_t)generator_below(&generator, generator_below(&generator, 4) != 0 ? 8 : N_CLASSES);
        const uint32_t line = internals_take(owners[generator_below(&generator, 5)], class);
        if (heap->cached_pools != NULL)
            FreeMemory(pool_block(sender, line), heap);
        else /* valgrind, for which every call is slow, knows nothing of blocks that were taken by hand */
            internals_send(sender, line);
        most = sender->outbox.held > most ? sender->outbox.held : most;
        ck_assert_uint_le(sender->outbox.held, OUTBOX_LINES_MAX);
        if (i % 16 == 0)
            check_equations(heap, 0);
    }
    ck_assert_uint_gt(most, MIXED_LINES_MAX);
    outbox_post_all(sender);
    ck_assert_uint_eq(sender->blocks_posted, 4000);
    end(heap);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("changing");
    TCase *outbox = tcase_create("outbox");
    tcase_add_test(outbox, another_class_mixes);
    tcase_add_test(outbox, a_full_magazine_is_left_to_put);
    tcase_add_test(outbox, a_magazine_of_long_blocks_goes_home_early);
    tcase_add_test(outbox, much_held_is_left_to_put);
    tcase_add_test(outbox, other_headers_are_refused);
    tcase_add_test(outbox, freed_by_the_callback);
    suite_add_tcase(suite, outbox);
    return suite;
}
