/* Size classes: the bounds on waste, the table, isolation. */
#include "size_class.h"

#include "harness.h"

enum { FINE_LINES_MAX = (8 << 10) >> LINE_SHIFT };

START_TEST(classes_ascend)
{
    for (uint32_t class = 1; class < N_CLASSES; class ++)
        ck_assert_uint_gt(size_classes[class].lines, size_classes[class - 1].lines);
    ck_assert_uint_eq(size_classes[0].lines, 1);
    ck_assert_uint_eq(size_classes[N_CLASSES - 1].lines, SMALL_LINES_MAX);
    for (uint32_t lines = 1; lines <= 16; lines++)
        ck_assert_uint_eq(size_classes[lines - 1].lines, lines);
}
END_TEST

static void check_facts(const struct size_class *class)
{
    ck_assert_uint_le((uint32_t) class->blocks * class->lines, SPAN_LINES);
    ck_assert_uint_gt((class->blocks + 1U) * class->lines, SPAN_LINES);
    ck_assert_uint_ge(class->capacity, 2);
    ck_assert_uint_le(class->capacity, MAGAZINE_CAPACITY);
    if (class->capacity > 2)
        ck_assert_uint_le(class->capacity * size_class_bytes(class), MAGAZINE_BYTES_MAX);
    ck_assert_uint_eq(size_class_bytes(class), (size_t) class->lines * LINE_SIZE);
    ck_assert_uint_ge(class->keep * class->capacity * size_class_bytes(class), KEEP_BYTES_MIN);
    ck_assert_uint_lt((class->keep - 1U) * class->capacity * size_class_bytes(class), KEEP_BYTES_MIN);
}

START_TEST(blocks_fit_into_span_and_magazine)
{
    for (uint32_t class = 0; class < N_CLASSES; class ++) {
        check_facts(&size_classes[class]);
        check_facts(&size_classes_isolated[class]);
    }
}
END_TEST

START_TEST(every_size_gets_the_smallest_class_that_holds_it)
{
    ck_assert_uint_eq(size_class_of[0], 0);
    for (uint32_t lines = 1; lines <= SMALL_LINES_MAX; lines++) {
        const uint32_t class = size_class_of[lines];
        ck_assert_uint_lt(class, N_CLASSES);
        ck_assert_uint_ge(size_classes[class].lines, lines);
        ck_assert(class == 0 || size_classes[class - 1].lines < lines);
    }
}
END_TEST

/* Inner waste: at most an eighth of the block up to 8 KiB; above, a quarter of the span, its tail included. */
START_TEST(waste_is_bounded)
{
    for (uint32_t lines = 17; lines <= SMALL_LINES_MAX; lines++) {
        const uint32_t class = size_class_of[lines];
        const struct size_class *facts = &size_classes[class];
        const uint32_t waste = facts->lines - lines;
        if (lines <= FINE_LINES_MAX)
            ck_assert_uint_le(waste * 8, facts->lines);
        else if (class != N_CLASSES - 3 && class != N_CLASSES - 2) /* the tails of 24 and 28 KiB are never touched */
            ck_assert_uint_le((SPAN_LINES - facts->blocks * lines) * 4, SPAN_LINES);
        else
            ck_assert_uint_le(waste * 4, facts->lines);
    }
}
END_TEST

/* With an isolation of 128 bytes every block is whole pairs of lines, and at most one line longer. */
START_TEST(isolation_uses_pairs_of_lines_only)
{
    for (uint32_t class = 0; class < N_CLASSES; class ++) {
        ck_assert_uint_eq(size_classes_isolated[class].lines % 2, 0);
        ck_assert_uint_ge(size_classes_isolated[class].lines, size_classes[class].lines);
        ck_assert_uint_le(size_classes_isolated[class].lines, size_classes[class].lines + 1);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("size_class");
    TCase *classes = tcase_create("classes");
    tcase_add_test(classes, classes_ascend);
    tcase_add_test(classes, blocks_fit_into_span_and_magazine);
    tcase_add_test(classes, every_size_gets_the_smallest_class_that_holds_it);
    tcase_add_test(classes, waste_is_bounded);
    tcase_add_test(classes, isolation_uses_pairs_of_lines_only);
    suite_add_tcase(suite, classes);
    return suite;
}
