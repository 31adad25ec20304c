/* The tree of blocks that strict mode keeps, against a plain list. */
#include "harness.h"
#include "perflib/block.h"

/* Blocks come and go in a mixed order; neighbours touch but do not overlap. */
START_TEST(tree_of_blocks_knows_what_is_there)
{
    enum { PLACES = 1000, STEP = 617, SIZE = 48 };
    static unsigned char there[PLACES];
    struct block block = {.size = SIZE, .memory.owner = UINT64_MAX};
    struct block other;
    size_t n = 0;

    for (unsigned i = 0; i < 20 * PLACES; i++) {
        unsigned place = i * STEP % PLACES;

        block.start = (uintptr_t)0x10000 + place * SIZE;
        if (i / PLACES % 2 == 0 || i % 3 == 0) {
            ck_assert_int_eq(block_add(&block, &other), !there[place]);
            n += !there[place];
            there[place] = 1;
        } else {
            ck_assert_int_eq(block_take(block.start, &other), there[place]);
            n -= there[place];
            there[place] = 0;
        }
    }
    ck_assert_uint_eq(block_take_owner(UINT64_MAX, &other), n);
    ck_assert_uint_eq(block_take_owner(UINT64_MAX, &other), 0);
}
END_TEST

START_TEST(overlaps_are_found_from_all_sides)
{
    struct block there = {.start = 0x20000, .size = 64, .memory.owner = UINT64_MAX};
    struct block other;
    static const struct {
        uintptr_t start;
        size_t size;
        int fits;
    } tries[] = {{0x20000, 64, 0},     {0x20000, 1, 0},  {0x2003F, 1, 0},  {0x1FFFF, 2, 0},
                 {0x1FF00, 0x1000, 0}, {0x20010, 16, 0}, {0x1FFC0, 64, 1}, {0x20040, 64, 1}};

    ck_assert(block_add(&there, &other));
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        struct block block = {.start = tries[i].start, .size = tries[i].size, .memory.owner = UINT64_MAX};

        ck_assert_int_eq(block_add(&block, &other), tries[i].fits);
        if (tries[i].fits)
            ck_assert(block_take(block.start, &other));
        else
            ck_assert_uint_eq(other.start, there.start);
    }
    ck_assert(!block_take(there.start + 16, &other));
    ck_assert_uint_eq(block_take_owner(UINT64_MAX, &other), 1);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("perflib_block");
    TCase *blocks = tcase_create("blocks");

    tcase_add_test(blocks, tree_of_blocks_knows_what_is_there);
    tcase_add_test(blocks, overlaps_are_found_from_all_sides);
    suite_add_tcase(suite, blocks);
    return suite;
}
