/* The command line: every option in several spellings, and what is refused. */
#include "options.h"

#include "harness.h"

#include <string.h>

enum { MOST_WORDS = 16 };

/* Reads words with one space between them; messages go nowhere. */
static enum request read_words(const char *words, struct options *options)
{
    static char copy[256];
    char *list[MOST_WORDS] = {"ctrpp"};
    int count = 1;
    snprintf(copy, sizeof(copy), "%s", words);
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
        list[count++] = word;
#ifdef _WIN32
    FILE *nowhere = fopen("NUL", "w");
#else
    FILE *nowhere = fopen("/dev/null", "w");
#endif
    enum request request = options_read(count, list, options, nowhere);
    fclose(nowhere);
    return request;
}

START_TEST(spellings)
{
    static const char *const lines[] = {
        "-o a.h -rc a.rc -ch b.h -prefix P_ -MemoryRoutines -NotificationCallback in.man",
        "/o a.h /rc a.rc /ch b.h /prefix P_ /MemoryRoutines /NotificationCallback in.man",
        "-O a.h -RC a.rc -CH b.h -PREFIX P_ -MEMORYROUTINES -NOTIFICATIONCALLBACK in.man",
        "in.man /Prefix P_ --memoryroutines /notificationCallback -o a.h -Ch b.h -Rc a.rc",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct options options;
        ck_assert_int_eq(read_words(lines[i], &options), REQUEST_RUN);
        ck_assert_str_eq(options.manifest, "in.man");
        ck_assert_str_eq(options.code, "a.h");
        ck_assert_str_eq(options.resources, "a.rc");
        ck_assert_str_eq(options.symbols, "b.h");
        ck_assert_str_eq(options.prefix, "P_");
        ck_assert(options.memory_routines && options.notification_callback && !options.legacy);
    }
}
END_TEST

START_TEST(defaults)
{
    struct options options;
    ck_assert_int_eq(read_words("in.man", &options), REQUEST_RUN);
    ck_assert_ptr_null(options.code);
    ck_assert_ptr_null(options.resources);
    ck_assert_ptr_null(options.symbols);
    ck_assert_ptr_null(options.folder);
    ck_assert_str_eq(options.prefix, "");
    ck_assert(!options.memory_routines && !options.notification_callback && !options.legacy);
    ck_assert_int_eq(read_words("-legacy -MemoryRoutines -folder out in.man", &options), REQUEST_RUN);
    ck_assert(options.memory_routines && !options.notification_callback && options.legacy);
    ck_assert_str_eq(options.folder, "out");
}
END_TEST

/* Words with a slash that are no option are files; values are taken as they are. */
START_TEST(paths)
{
    struct options options;
    ck_assert_int_eq(read_words("/tmp/in.man", &options), REQUEST_RUN);
    ck_assert_str_eq(options.manifest, "/tmp/in.man");
    ck_assert_int_eq(read_words("/o /tmp/o.h /rc -x.rc /legacy/in.man", &options), REQUEST_RUN);
    ck_assert_str_eq(options.code, "/tmp/o.h");
    ck_assert_str_eq(options.resources, "-x.rc");
    ck_assert_str_eq(options.manifest, "/legacy/in.man");
}
END_TEST

START_TEST(help_and_version)
{
    static const char *const help[] = {"-?", "/?", "-h", "--help", "-HELP", "/Help", "-o a.h --help", "in.man -?"};
    struct options options;
    for (size_t i = 0; i < sizeof(help) / sizeof(help[0]); i++)
        ck_assert_int_eq(read_words(help[i], &options), REQUEST_HELP);
    ck_assert_int_eq(read_words("--version", &options), REQUEST_VERSION);
    ck_assert_int_eq(read_words("/VERSION", &options), REQUEST_VERSION);
}
END_TEST

static const char *const refused[] = {
    "",
    "-o a.h",
    "a.man b.man",
    "-x in.man",
    "-output a.h in.man",
    "- in.man",
    "in.man -o",
    "-o a.h -o b.h in.man",
    "-prefix 1x in.man",
    "-prefix a-b in.man",
    "-o a.h -rc a.h in.man",
    "-o in.man in.man",
    "-legacy -o a.h in.man",
    "-legacy -rc a.rc in.man",
    "-legacy -ch a.h in.man",
    "-legacy -prefix P in.man",
    "-folder x in.man",
    "-migrate new.man old.man",
    "-Summary path in.man",
    "/sumPath path in.man",
    "-backcompat in.man",
};

START_TEST(refused_lines)
{
    struct options options;
    ck_assert_msg(read_words(refused[_i], &options) == REQUEST_WRONG, "%s", refused[_i]);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("options");
    TCase *tests = tcase_create("options");
    tcase_add_test(tests, spellings);
    tcase_add_test(tests, defaults);
    tcase_add_test(tests, paths);
    tcase_add_test(tests, help_and_version);
    tcase_add_loop_test(tests, refused_lines, 0, (int)(sizeof(refused) / sizeof(refused[0])));
    suite_add_tcase(suite, tests);
    return suite;
}
