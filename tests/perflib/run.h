/* How perflib-live runs a program. */
#ifndef PERFPOOL_TESTS_PERFLIB_RUN_H
#define PERFPOOL_TESTS_PERFLIB_RUN_H

#include <stdbool.h>

enum { RUN_PATH = 1024 };

/* Sets a variable of the environment that the program inherits; value NULL: takes it out. False: no memory. */
bool run_set_variable(const char *name, const char *value);

/* Makes an empty file and gives its path. */
bool run_temporary_file(char path[RUN_PATH]);

/*
 * Runs a program, which is looked for as a shell does, and waits for its end; interrupts are the program's. Returns its exit code
 * (a signal: 128 and its number), or -1 after a message if it could not be started.
 */
long run_program(char *const *arguments);

#endif
