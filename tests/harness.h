/*
 * The main program of every Check program in tests/api and tests/module.
 *
 * A test program includes this header and defines make_suite; harness.c has main. The program's last line is
 * `<program>: N passed, N failed, N skipped`, and it exits with 1 if anything failed. A program that ends without that line
 * has crashed, and whoever runs it counts one failure.
 *
 *     program [--no-fork] [test case]
 *
 * On Linux each test is a process of its own unless --no-fork or CK_FORK=no says otherwise; on Windows all share one, so a
 * test must leave the process as it found it. CK_VERBOSITY=verbose lists the tests.
 */
#ifndef PERFPOOL_TESTS_HARNESS_H
#define PERFPOOL_TESTS_HARNESS_H

#include <check.h>

/* The program's one suite. Called once, before any test runs. */
Suite *make_suite(void);

/*
 * Notes that a test was skipped: prints `SKIP <program>/<test>: <reason>`. Either called once by the test, which then returns,
 * or by make_suite for a test it does not add. A line `<target> <program>/<test>: <reason>` in tests/skips.txt allows it;
 * without one the skip counts as a failure. Main thread of the test only.
 */
void harness_skip(const char *test, const char *reason);

#endif
