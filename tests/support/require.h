/*
 * require: the assertion for threads and child processes, where Check's own cannot be used (without fork mode it jumps out of
 * the running test, which only the main thread may do). A condition that fails ends the process with exit code 1 and a line
 * that says where; the program then ends without its summary line, which counts as a failure.
 */
#ifndef PERFPOOL_TESTS_REQUIRE_H
#define PERFPOOL_TESTS_REQUIRE_H

#define require(condition) ((condition) ? (void)0 : require_failed(__FILE__, __LINE__, #condition, ""))
/* The same with an explanation, which may be NULL. */
#define require_text(condition, text) ((condition) ? (void)0 : require_failed(__FILE__, __LINE__, #condition, (text)))

_Noreturn void require_failed(const char *file, int line, const char *condition, const char *text);

#endif
