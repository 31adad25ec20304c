/* What the programs here end with when they cannot go on: see bench_fail. */
#ifndef PERFPOOL_BENCH_FAIL_H
#define PERFPOOL_BENCH_FAIL_H

/* The program's name, for its messages. Each program has its own. */
extern const char bench_program[];

#endif
