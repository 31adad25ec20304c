/*
 * Child processes: other programs, and this program again with one of its child cases instead of its suite.
 *
 * A program with child cases names them with CHILD_CASES: before main, the environment is searched for the name of a case to
 * run in main's place. A child case uses require, never Check.
 */
#ifndef PERFPOOL_TESTS_PROCESS_H
#define PERFPOOL_TESTS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

enum { PROCESS_TEXT = 8192, PROCESS_PATH = 4096 };

struct process_result {
    int code;                /* exit code, -1 if a signal ended it */
    int signal;              /* the signal that ended it, 0 if none; always 0 on Windows */
    char text[PROCESS_TEXT]; /* what it wrote to stderr, line ends as "\n", terminated */
};

struct child_case {
    const char *name;
    int (*run)(const char *argument); /* returns the exit code */
};

/* CHILD_CASES({"name", function}, ...), once in a program, at file level. */
#define CHILD_CASES(...)                                                      \
    __attribute__((constructor)) static void child_cases_look(void)           \
    {                                                                         \
        static const struct child_case cases[] = {__VA_ARGS__, {NULL, NULL}}; \
        process_become_case(cases);                                           \
    }

/* Runs the case the environment names and exits; returns if it names none. Used by CHILD_CASES. */
void process_become_case(const struct child_case *cases);

/* Runs a program to its end. `options` is its PERFPOOL_OPTIONS, NULL for none. Main thread only. */
void process_run(const char *program, const char *options, struct process_result *result);
/* Runs this program's child case `name`; `argument` may be NULL. */
void process_run_case(const char *name, const char *argument, const char *options, struct process_result *result);
/* The path of this program. */
void process_own_path(char path[PROCESS_PATH]);
/* How the default fault handler ends a process. */
bool process_died_of_fault(const struct process_result *result);

#endif
