/*
 * Each program of tests/misuse must die with its one line on stderr and nothing else: by abort on Linux, by fail-fast on
 * Windows, never by a segmentation fault.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "support/process.h"

/* The line, in which %p stands for a pointer as faults write them. */
struct misuse {
    const char *program, *line;
};

#define HEAP "heap \"test\" %p"

static const struct misuse misuses[] = {
    {"double_free", "perfpool: double free of block %p (192 bytes) in " HEAP},
    {"double_free_large", "perfpool: double free of block %p (131072 bytes) in " HEAP},
    {"double_free_remote", "perfpool: double free of block %p (192 bytes) in " HEAP},
    {"double_free_checked", "perfpool: double free of block %p (192 bytes) in " HEAP},
    {"foreign_stack", "perfpool: free of %p, which is in no heap (called with " HEAP ")"},
    {"foreign_unmapped", "perfpool: free of %p, which is in no heap (called with " HEAP ")"},
    {"foreign_low", "perfpool: free of 0x10, which is in no heap (called with " HEAP ")"},
    {"foreign_first_call", "perfpool: free of %p, which is in no heap (called with heap \"%s\" %p)"},
    {"wrong_heap", "perfpool: free of block %p (192 bytes) of heap \"db\" %p with " HEAP},
    {"interior", "perfpool: free of %p, inside block %p (192 bytes) of " HEAP},
    {"interior_misaligned", "perfpool: free of %p, inside block %p (192 bytes) of " HEAP},
    {"interior_large", "perfpool: free of %p, inside block %p (131072 bytes) of " HEAP},
    {"never_allocated", "perfpool: free of %p, never allocated, in " HEAP},
    {"bad_heap_allocate", "perfpool: 0x1234 is no heap"},
    {"bad_heap_free", "perfpool: %p is no heap"},
    {"destroyed_heap_allocate", "perfpool: %p is no heap"},
    {"destroyed_heap_free", "perfpool: %p is no heap"},
    {"overrun", "perfpool: block %p (100 bytes) in " HEAP " was written past its end"},
    {"write_after_free", "perfpool: block %p (%u bytes) in " HEAP " was written after it was freed"},
};
enum { MISUSES = sizeof(misuses) / sizeof(misuses[0]) };

/* 0x, then lower-case digits without leading zeros. */
static const char *skip_pointer(const char *text)
{
    if (strncmp(text, "0x", 2) != 0 || text[2] == '0')
        return NULL;
    const char *end = text + 2;
    while (isdigit((unsigned char)*end) || (*end >= 'a' && *end <= 'f'))
        end++;
    return end > text + 2 ? end : NULL;
}

static const char *skip_number(const char *text)
{
    const char *end = text;
    while (isdigit((unsigned char)*end))
        end++;
    return end > text ? end : NULL;
}

/* What stands for a part of the text: %p a pointer, %u a number, %s the rest up to a quotation mark. */
static const char *skip_part(const char *text, char kind)
{
    if (kind == 'p')
        return skip_pointer(text);
    if (kind == 'u')
        return skip_number(text);
    return strchr(text, '"');
}

/* Whether `text` is the line and its end, and nothing else. */
static bool is_line(const char *text, const char *line)
{
    while (*line != '\0') {
        if (*line == '%') {
            text = skip_part(text, line[1]);
            if (text == NULL)
                return false;
            line += 2;
        } else if (*text++ != *line++) {
            return false;
        }
    }
    return strcmp(text, "\n") == 0;
}

/* build/TARGET/tests/misuse/NAME, from build/TARGET/tests/api/misuse. */
static void find_program(char path[PROCESS_PATH], const char *name)
{
    char own[PROCESS_PATH];
    process_own_path(own);
    for (int levels = 0; levels < 2; levels++) {
        const size_t length = strlen(own);
        size_t i = length;
        while (i > 0 && own[i - 1] != '/' && own[i - 1] != '\\')
            i--;
        ck_assert_uint_gt(i, 0);
        own[i - 1] = '\0';
    }
#ifdef _WIN32
    const int written = snprintf(path, PROCESS_PATH, "%s\\misuse\\%s.exe", own, name);
#else
    const int written = snprintf(path, PROCESS_PATH, "%s/misuse/%s", own, name);
#endif
    ck_assert(written > 0 && written < PROCESS_PATH);
}

START_TEST(dies_of_one_line)
{
    const struct misuse *misuse = &misuses[_i];
    char path[PROCESS_PATH];
    struct process_result result;
    find_program(path, misuse->program);
    process_run(path, NULL, &result);
    ck_assert_msg(process_died_of_fault(&result), "%s: code %d, signal %d, stderr: %s", misuse->program, result.code, result.signal,
                  result.text);
    ck_assert_msg(is_line(result.text, misuse->line), "%s: stderr is\n%s\nnot\n%s", misuse->program, result.text, misuse->line);
}
END_TEST

/* The matcher itself must be able to say no. */
START_TEST(lines_are_told_apart)
{
    ck_assert(is_line("free of 0x7f10 (3 bytes)\n", "free of %p (%u bytes)"));
    ck_assert(!is_line("free of 0x7f10 (3 bytes)", "free of %p (%u bytes)"));
    ck_assert(!is_line("free of 0x7f10 (3 bytes)\nmore\n", "free of %p (%u bytes)"));
    ck_assert(!is_line("free of 7f10 (3 bytes)\n", "free of %p (%u bytes)"));
    ck_assert(!is_line("free of 0x007f10 (3 bytes)\n", "free of %p (%u bytes)"));
    ck_assert(!is_line("free of 0x7f10 ( bytes)\n", "free of %p (%u bytes)"));
    ck_assert(is_line("heap \"\" 0x1\n", "heap \"%s\" %p"));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("misuse");
    TCase *matcher = tcase_create("matcher");
    tcase_add_test(matcher, lines_are_told_apart);
    suite_add_tcase(suite, matcher);

    TCase *programs = tcase_create("programs");
    tcase_add_loop_test(programs, dies_of_one_line, 0, MISUSES);
    suite_add_tcase(suite, programs);
    return suite;
}
