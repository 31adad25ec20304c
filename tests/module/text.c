/* Lines of text without stdio: numbers, pointers, the cut at the end. */
#include "text.h"

#include "harness.h"

#include <stdio.h>
#include <string.h>

START_TEST(pieces_follow_each_other)
{
    struct text text;
    text_clear(&text);
    ck_assert_str_eq(text.characters, "");
    text_add(&text, "block ");
    text_add_number(&text, 192);
    text_add(&text, "");
    text_add(&text, " at ");
    text_add_pointer(&text, (const void *)(uintptr_t)0x7f10);
    ck_assert_str_eq(text.characters, "block 192 at 0x7f10");
    ck_assert_uint_eq(text.length, strlen(text.characters));
    text_clear(&text);
    ck_assert_uint_eq(text.length, 0);
    ck_assert_str_eq(text.characters, "");
}
END_TEST

START_TEST(numbers_of_all_lengths)
{
    struct text text;
    char expected[32];
    uint64_t number = 1;
    for (int digits = 1; digits <= 20; digits++, number *= 10) {
        text_clear(&text);
        text_add_number(&text, number - 1);
        snprintf(expected, sizeof expected, "%llu", (unsigned long long)(number - 1));
        ck_assert_str_eq(text.characters, expected);
    }
    text_clear(&text);
    text_add_number(&text, UINT64_MAX);
    ck_assert_str_eq(text.characters, "18446744073709551615");
}
END_TEST

START_TEST(pointers)
{
    struct text text;
    text_clear(&text);
    text_add_pointer(&text, NULL);
    ck_assert_str_eq(text.characters, "0x0");
    text_clear(&text);
    text_add_pointer(&text, (const void *)UINTPTR_MAX);
    ck_assert_str_eq(text.characters, sizeof(void *) == 8 ? "0xffffffffffffffff" : "0xffffffff");
}
END_TEST

START_TEST(what_does_not_fit_is_cut)
{
    struct text text;
    const size_t room = sizeof text.characters - 1;
    text_clear(&text);
    for (size_t i = 0; i < room - 1; i++)
        text_add(&text, "x");
    text_add(&text, "yz");
    text_add_number(&text, 7);
    ck_assert_uint_eq(text.length, room);
    ck_assert_uint_eq(strlen(text.characters), room);
    ck_assert_int_eq(text.characters[room - 1], 'y');
}
END_TEST

START_TEST(length_is_bounded)
{
    ck_assert_uint_eq(text_length("", 10), 0);
    ck_assert_uint_eq(text_length("abc", 10), 3);
    ck_assert_uint_eq(text_length("abc", 3), 3);
    ck_assert_uint_eq(text_length("abc", 2), 2);
    ck_assert_uint_eq(text_length("abc", 0), 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("text");
    TCase *text = tcase_create("text");
    tcase_add_test(text, pieces_follow_each_other);
    tcase_add_test(text, numbers_of_all_lengths);
    tcase_add_test(text, pointers);
    tcase_add_test(text, what_does_not_fit_is_cut);
    tcase_add_test(text, length_is_bounded);
    suite_add_tcase(suite, text);
    return suite;
}
