/* Options: which values a heap can be made with, and the words of PERFPOOL_OPTIONS. */
#include "options.h"

#include "arena.h"
#include "harness.h"
#include "support/heaps.h"

#include <stdio.h>

START_TEST(defaults_are_valid)
{
    perfpool_options options = heap_options();
    ck_assert(options_valid(&options));
}
END_TEST

START_TEST(values_out_of_range_are_not_valid)
{
    perfpool_options options = heap_options();
    options.size--;
    ck_assert(!options_valid(&options));
    options = heap_options();
    options.flags = 8;
    ck_assert(!options_valid(&options));
    options = heap_options();
    options.unused = 1;
    ck_assert(!options_valid(&options));
    static const uint32_t bad_isolation[] = {1, 32, 63, 65, 96, 192, 256};
    for (size_t i = 0; i < sizeof bad_isolation / sizeof bad_isolation[0]; i++) {
        options = heap_options();
        options.isolation = bad_isolation[i];
        ck_assert_msg(!options_valid(&options), "isolation %u", bad_isolation[i]);
    }
}
END_TEST

START_TEST(sizes_have_bounds)
{
    perfpool_options options = heap_options();
#if SIZE_MAX > UINT32_MAX
    options.reserve = (size_t)ARENA_SIZE_MAX;
    ck_assert(options_valid(&options));
    options.reserve++;
    ck_assert(!options_valid(&options));
    options = heap_options();
#endif
    options.reserve = MEBIBYTE;
    options.precommit = MEBIBYTE;
    ck_assert(options_valid(&options));
    options.precommit++;
    ck_assert(!options_valid(&options));
    options.reserve = 0;
    options.limit = MEBIBYTE;
    ck_assert(!options_valid(&options));
    options.limit++;
    ck_assert(options_valid(&options));
}
END_TEST

START_TEST(all_words_are_read)
{
    perfpool_options options;
    ck_assert(options_parse("no_zero,check_remote,poison,reserve=64M,limit=3G,precommit=100K,isolation=128", &options));
    ck_assert_uint_eq(options.size, sizeof options);
    ck_assert_uint_eq(options.flags, PERFPOOL_NO_ZERO | PERFPOOL_CHECK_REMOTE | PERFPOOL_POISON);
    ck_assert_uint_eq(options.reserve, (size_t)64 << 20);
    ck_assert_uint_eq(options.limit, (size_t)3 << 30);
    ck_assert_uint_eq(options.precommit, (size_t)100 << 10);
    ck_assert_uint_eq(options.isolation, 128);
    ck_assert_ptr_null(options.name);
}
END_TEST

START_TEST(nothing_means_defaults)
{
    static const char *const texts[] = {NULL, "", ",", ",,,"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        perfpool_options options;
        ck_assert(options_parse(texts[i], &options));
        ck_assert_uint_eq(options.size, sizeof options);
        ck_assert_uint_eq(options.flags, 0);
        ck_assert_uint_eq(options.reserve + options.limit + options.precommit + options.isolation, 0);
    }
}
END_TEST

START_TEST(bytes_without_a_unit)
{
    perfpool_options options;
    ck_assert(options_parse("limit=65536,,reserve=1048576,", &options));
    ck_assert_uint_eq(options.limit, 65536);
    ck_assert_uint_eq(options.reserve, 1048576);
    ck_assert(options_parse("limit=1K,limit=2K", &options));
    ck_assert_uint_eq(options.limit, 2048);
}
END_TEST

/* Each mistake is written to stderr, and nothing of the text is used, whatever stood before it. */
START_TEST(mistakes_give_all_defaults)
{
    static const char *const mistakes[] = {
        "nozero",
        "no_zero ",
        " no_zero",
        "no_zero=1",
        "NO_ZERO",
        "limit",
        "limit=",
        "limit=K",
        "limit=1T",
        "limit=1k",
        "limit=1KK",
        "limit=-1",
        "limit=0x10",
        "limit=1.5M",
        "isolation=96",
        "isolation=",
        "isolation=4294967360",
        "reserve=999999999999999999999",
        "limit=18014398509481984K",
        "reserve=512G",
        "limit=1M;no_zero",
        "limit =1M",
        "reserve=1M,precommit=2M",
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        char text[128];
        perfpool_options options;
        snprintf(text, sizeof text, "poison,limit=8M,%s,check_remote", mistakes[i]);
        ck_assert_msg(!options_parse(text, &options), "%s", text);
        ck_assert_uint_eq(options.size, sizeof options);
        ck_assert_uint_eq(options.flags, 0);
        ck_assert_uint_eq(options.reserve + options.limit + options.precommit + options.isolation, 0);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("options");
    TCase *values = tcase_create("values");
    tcase_add_test(values, defaults_are_valid);
    tcase_add_test(values, values_out_of_range_are_not_valid);
    tcase_add_test(values, sizes_have_bounds);
    suite_add_tcase(suite, values);
    TCase *words = tcase_create("words");
    tcase_add_test(words, all_words_are_read);
    tcase_add_test(words, nothing_means_defaults);
    tcase_add_test(words, bytes_without_a_unit);
    tcase_add_test(words, mistakes_give_all_defaults);
    suite_add_tcase(suite, words);
    return suite;
}
