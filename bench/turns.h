/*
 * Turns: several processes of the benchmark measure by turns, a measurement at a time, so that what the machine does for a while it
 * does to all of them. run-bench lets one after the other go on.
 */
#ifndef PERFPOOL_BENCH_TURNS_H
#define PERFPOOL_BENCH_TURNS_H

#ifdef __cplusplus
extern "C" {
#endif

/* From now on turns_await waits; before, it returns at once. */
void turns_enable(void);

/* Asks for a turn with a line of its own on stderr, "turn", and waits until a line comes on standard input. The turn lasts until
 * the next call. Ends the program with a message if the input ends. */
void turns_await(void);

#ifdef __cplusplus
}
#endif

#endif
