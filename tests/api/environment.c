/* PERFPOOL_OPTIONS: each word, the suffixes, mistakes, and that only the default heap reads it. In child processes. */
#include "perfpool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "support/error_state.h"
#include "support/heap_check.h"
#include "support/heaps.h"
#include "support/pattern.h"
#include "support/process.h"
#include "support/require.h"
#include "support/threads.h"

/* ---- in the child ---- */

/* argument: bytes the default heap must have reserved, 0 for whatever defaults give, that is neither of the tests' own values. */
static int has_reserved(const char *argument)
{
    const unsigned long long expected = strtoull(argument, NULL, 10);
    const unsigned long long reserved = heap_figures(NULL).reserved;
    if (expected != 0)
        require(reserved == expected);
    else
        require(reserved != 48 * MEBIBYTE && reserved != 32 * MEBIBYTE);
    return 0;
}

static int has_limit(const char *argument)
{
    const unsigned long long limit = strtoull(argument, NULL, 10);
    size_t blocks = 0;
    while (AllocateMemory(16384, NULL) != NULL)
        require(++blocks < 100000);
    require(heap_figures(NULL).committed <= limit);
    require(heap_figures(NULL).committed > limit / 2);
    return 0;
}

static int has_precommit(const char *argument)
{
    require(heap_figures(NULL).committed >= strtoull(argument, NULL, 10));
    return 0;
}

static int has_isolation(const char *argument)
{
    const unsigned long isolation = strtoul(argument, NULL, 10);
    for (int i = 0; i < 100; i++) {
        void *block = AllocateMemory(1, NULL);
        require(perfpool_block_size(block, NULL) == isolation);
        require((uintptr_t)block % isolation == 0);
    }
    return 0;
}

static int is_not_zeroed(const char *argument)
{
    (void)argument;
    size_t dirty = 0;
    for (int round = 0; round < 1000; round++) {
        unsigned char *block = AllocateMemory(64, NULL);
        dirty += pattern_is_all(block, 64, 0xa5);
        memset(block, 0xa5, 64);
        FreeMemory(block, NULL);
    }
    require(dirty > 0);
    return 0;
}

static int is_poisoned(const char *argument)
{
    (void)argument;
    void *block = AllocateMemory(100, NULL);
    require(perfpool_block_size(block, NULL) == 100);
    FreeMemory(block, NULL);
    return 0;
}

static void free_twice(void *block)
{
    FreeMemory(block, NULL);
    FreeMemory(block, NULL);
}

/* Dies of the second free; without check_remote nobody would open the magazine. */
static int frees_remotely_twice(const char *argument)
{
    (void)argument;
    thread_run(free_twice, AllocateMemory(64, NULL));
    return 0;
}

static int created_heap_has_defaults(const char *argument)
{
    (void)argument;
    perfpool_heap *heap = perfpool_heap_create(NULL);
    require(heap != NULL);
    require(heap_figures(heap).reserved != 48 * MEBIBYTE);
    void *block = AllocateMemory(100, heap);
    require(perfpool_block_size(block, heap) == 128);
    FreeMemory(block, heap);
    require(perfpool_heap_destroy(heap, 0) == 0);
    return 0;
}

/* Options in the program's own words go before those of the environment. */
static int program_goes_first(const char *argument)
{
    (void)argument;
    perfpool_options options = heap_options();
    options.reserve = 32 * MEBIBYTE;
    require(perfpool_heap_default(&options) != NULL);
    require(heap_figures(NULL).reserved == 32 * MEBIBYTE);
    void *block = AllocateMemory(100, NULL);
    require(perfpool_block_size(block, NULL) == 128);
    return 0;
}

static int is_all_default(const char *argument)
{
    (void)argument;
    has_reserved("0");
    has_isolation("64");
    void *block = AllocateMemory(100, NULL);
    require(perfpool_block_size(block, NULL) == 128);
    require(pattern_is_all(block, 128, 0));
    return 0;
}

CHILD_CASES({"reserved", has_reserved}, {"limit", has_limit}, {"precommit", has_precommit}, {"isolation", has_isolation},
            {"no_zero", is_not_zeroed}, {"poison", is_poisoned}, {"remote", frees_remotely_twice},
            {"created", created_heap_has_defaults}, {"program", program_goes_first}, {"default", is_all_default})

/* ---- in the test ---- */

static void check_quiet(const char *name, const char *argument, const char *options)
{
    struct process_result result;
    process_run_case(name, argument, options, &result);
    ck_assert_msg(result.code == 0, "%s with %s: code %d signal %d: %s", name, options, result.code, result.signal, result.text);
    ck_assert_str_eq(result.text, "");
}

START_TEST(sizes_have_binary_suffixes)
{
    check_quiet("reserved", "50331648", "reserve=50331648");
    check_quiet("reserved", "50331648", "reserve=49152K");
    check_quiet("reserved", "50331648", "reserve=48M");
    if (sizeof(void *) == 8) /* else so much in one piece is luck */
        check_quiet("reserved", "1073741824", "reserve=1G");
}
END_TEST

START_TEST(each_word_works)
{
    check_quiet("limit", "8388608", "limit=8M");
    check_quiet("precommit", "4194304", "precommit=4M");
    check_quiet("isolation", "128", "isolation=128");
    check_quiet("isolation", "64", "isolation=64");
    check_quiet("no_zero", NULL, "no_zero");
    check_quiet("poison", NULL, "poison");
}
END_TEST

START_TEST(words_are_separated_by_commas)
{
    check_quiet("reserved", "50331648", "no_zero,reserve=48M,isolation=128");
    check_quiet("isolation", "128", "no_zero,reserve=48M,isolation=128");
    check_quiet("no_zero", NULL, "isolation=128,reserve=48M,no_zero");
}
END_TEST

START_TEST(nothing_set_means_defaults)
{
    check_quiet("default", NULL, NULL);
}
END_TEST

START_TEST(check_remote_catches_a_remote_double_free)
{
    struct process_result result;
    process_run_case("remote", NULL, "check_remote", &result);
    ck_assert_msg(process_died_of_fault(&result), "code %d signal %d", result.code, result.signal);
    ck_assert_ptr_nonnull(strstr(result.text, "perfpool: double free of block 0x"));
}
END_TEST

START_TEST(created_heaps_do_not_read_it)
{
    check_quiet("created", NULL, "poison,isolation=128,reserve=48M");
}
END_TEST

START_TEST(options_of_the_program_go_first)
{
    check_quiet("program", NULL, "poison,reserve=48M");
}
END_TEST

/* The word is named in one line on stderr, and nothing of the whole is used. */
static void check_mistake(const char *options, const char *word)
{
    struct process_result result;
    process_run_case("default", NULL, options, &result);
    ck_assert_msg(result.code == 0, "%s: code %d: %s", options, result.code, result.text);
    ck_assert_msg(strstr(result.text, word) != NULL, "%s: stderr does not name the word: %s", options, result.text);
    ck_assert_msg(strncmp(result.text, "perfpool: ", 10) == 0, "%s: %s", options, result.text);
    const char *end = strchr(result.text, '\n');
    ck_assert_msg(end != NULL && end[1] == '\0', "%s: not one line: %s", options, result.text);
}

START_TEST(mistakes_are_named_and_defaults_used)
{
    check_mistake("no_zer", "no_zer");
    check_mistake("bogus", "bogus");
    check_mistake("reserve", "reserve");
    check_mistake("reserve=", "reserve=");
    check_mistake("reserve=abc", "reserve=abc");
    check_mistake("reserve=64X", "reserve=64X");
    check_mistake("reserve=48MM", "reserve=48MM");
    check_mistake("reserve=-64M", "reserve=-64M");
    check_mistake("limit=12x4", "limit=12x4");
    check_mistake("precommit=4 M", "precommit=4 M");
    check_mistake("no_zero=1", "no_zero=1");
    check_mistake("isolation=65", "isolation=65");
    check_mistake("isolation=128M", "isolation=128M");
    check_mistake("reserve=99999999999999999999999", "reserve=99999999999999999999999");
    check_mistake("reserve=18446744073709551615G", "reserve=18446744073709551615G");
    check_mistake("reserve=48M,isolation=128,bogus", "bogus");
    check_mistake("bogus,poison,no_zero", "bogus");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("environment");
    TCase *words = tcase_create("words");
    tcase_add_test(words, nothing_set_means_defaults);
    tcase_add_test(words, sizes_have_binary_suffixes);
    tcase_add_test(words, each_word_works);
    tcase_add_test(words, words_are_separated_by_commas);
    tcase_add_test(words, check_remote_catches_a_remote_double_free);
    suite_add_tcase(suite, words);

    TCase *scope = tcase_create("scope");
    tcase_add_test(scope, created_heaps_do_not_read_it);
    tcase_add_test(scope, options_of_the_program_go_first);
    suite_add_tcase(suite, scope);

    TCase *mistakes = tcase_create("mistakes");
    tcase_add_test(mistakes, mistakes_are_named_and_defaults_used);
    suite_add_tcase(suite, mistakes);
    return suite;
}
