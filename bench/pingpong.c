/*
 * perfpool-pingpong: what it costs to move cache lines from one processor to another, as JSON. The constants of the model in
 * docs/scaling.md; nothing of perfpool is in it.
 *
 *   transfer  two threads on two processors take turns on a word by compare-and-swap: one way of it, each waiting for the other
 *   lines     one thread has written to every line of 512 bytes, the other fetches all of them ahead and writes to them: for the
 *             512 bytes, beyond what it takes where they were its own already
 *
 * Usage: perfpool-pingpong PROCESSOR PROCESSOR
 */
#define _GNU_SOURCE /* sched_setaffinity */
#include "fail.h"
#include "ticks.h"
#include "work.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { TURNS = 20000, GROUP = 512, GROUPS = 256, PASSES = 40, REPEATS = 15 };

/* Shared by both threads; each word on lines of its own. */
static struct {
    _Alignas(256) _Atomic uint64_t word;
    _Alignas(256) _Atomic uint64_t turn;
    _Alignas(256) char groups[GROUPS][GROUP];
} shared;

const char bench_program[] = "perfpool-pingpong";

static void pin(int processor)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET((size_t)processor, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        bench_fail("cannot run on processor %d", processor);
}

/* Waits until the word is `from` and makes it one more. */
static void swap_turns(uint64_t from, unsigned turns)
{
    for (unsigned i = 0; i < turns; i++, from += 2) {
        uint64_t expected = from;

        while (
            !atomic_compare_exchange_weak_explicit(&shared.word, &expected, from + 1, memory_order_acq_rel, memory_order_relaxed)) {
            expected = from;
            while (atomic_load_explicit(&shared.word, memory_order_relaxed) != from)
                bench_pause();
        }
    }
}

/* Fetches each group ahead, as a magazine is, and writes to every line of it. Groups in an order that no prefetcher guesses. */
static void write_groups(void)
{
    for (unsigned i = 0; i < GROUPS; i++) {
        char *group = shared.groups[i * 37 % GROUPS];

        for (size_t at = 0; at < GROUP; at += BENCH_LINE)
            __builtin_prefetch(group + at, 1);
        for (size_t at = 0; at < GROUP; at += BENCH_LINE)
            ++*(volatile uint64_t *)(void *)(group + at);
    }
}

static void await(uint64_t turn)
{
    while (atomic_load_explicit(&shared.turn, memory_order_acquire) != turn)
        bench_pause();
}

static void *partner(void *processor)
{
    pin(*(int *)processor);
    for (unsigned repeat = 0; repeat < REPEATS; repeat++) {
        swap_turns((uint64_t)repeat * 2 * TURNS + 1, TURNS);
        for (unsigned pass = 0; pass < PASSES; pass++) {
            await((uint64_t)(repeat * PASSES + pass) * 2 + 1);
            write_groups();
            atomic_store_explicit(&shared.turn, (uint64_t)(repeat * PASSES + pass) * 2 + 2, memory_order_release);
        }
    }
    return NULL;
}

/* Nanoseconds of one way of the word. */
static double measure_transfer(unsigned repeat)
{
    const double start = bench_now();

    swap_turns((uint64_t)repeat * 2 * TURNS, TURNS);
    return (bench_now() - start) * 1e9 / (2.0 * TURNS);
}

static int compare(const void *a, const void *b)
{
    const double first = *(const double *)a;
    const double second = *(const double *)b;

    return (first > second) - (first < second);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare);
    return values[n / 2];
}

/* Nanoseconds for the lines of a group that the partner wrote to. */
static double measure_lines(unsigned repeat)
{
    double remote[PASSES];
    double local[PASSES];

    for (unsigned pass = 0; pass < PASSES; pass++) {
        double start;

        await((uint64_t)(repeat * PASSES + pass) * 2);
        start = bench_now();
        write_groups();
        remote[pass] = bench_now() - start;
        start = bench_now();
        write_groups();
        local[pass] = bench_now() - start;
        atomic_store_explicit(&shared.turn, (uint64_t)(repeat * PASSES + pass) * 2 + 1, memory_order_release);
    }
    return (median(remote, PASSES) - median(local, PASSES)) * 1e9 / GROUPS;
}

int main(int argc, char **argv)
{
    double transfers[REPEATS];
    double lines[REPEATS];
    pthread_t thread;
    int processors[2];

    if (argc != 3) {
        fputs("usage: perfpool-pingpong PROCESSOR PROCESSOR\n", stderr);
        return 2;
    }
    processors[0] = atoi(argv[1]);
    processors[1] = atoi(argv[2]);
    pin(processors[0]);
    if (pthread_create(&thread, NULL, partner, &processors[1]) != 0)
        bench_fail("cannot start a thread");
    for (unsigned repeat = 0; repeat < REPEATS; repeat++) {
        transfers[repeat] = measure_transfer(repeat);
        lines[repeat] = measure_lines(repeat);
    }
    pthread_join(thread, NULL);
    printf("{\"transfer_ns\": %.2f, \"lines_ns\": %.2f}\n", median(transfers, REPEATS), median(lines, REPEATS));
    return EXIT_SUCCESS;
}
