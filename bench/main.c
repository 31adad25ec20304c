/*
 * perfpool-bench: measures one contender. It loads the contender's library, registers its callbacks with PERFLIB, makes counter
 * sets and instances, and runs the suite under Google Benchmark. run-bench runs it for all contenders in turn.
 */
#include "contender.h"
#include "fail.h"
#include "google_benchmark.h"
#include "provider.h"
#include "rows.h"
#include "team.h"
#include "turns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <windows.h>
#else
#include <unistd.h>
#endif

#ifdef __clang__
#define COMPILER "clang"
#else
#define COMPILER "gcc"
#endif

enum { EXIT_USAGE = 2 };

struct options {
    const char *contender;
    const char *library;
    const char *label;
    struct rows_request rows;
    bool list;
    bool held_back;
};

const char bench_program[] = "perfpool-bench";

/* Bytes of blocks that a row may need: 8 GiB, but no more than 3/4 of the machine's memory or, on Windows, of a default heap. */
static uint64_t most_bytes(void)
{
    uint64_t most = (uint64_t)8 << 30;
    uint64_t memory;
#ifdef _WIN32
    MEMORYSTATUSEX status = {.dwLength = sizeof status};

    memory = GlobalMemoryStatusEx(&status) ? status.ullTotalPhys : most;
    most = (uint64_t)768 << 20;
#else
    memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
#endif
    return memory / 4 * 3 < most ? memory / 4 * 3 : most;
}

static void help(void)
{
    printf("usage: perfpool-bench [--contender NAME] [--library PATH] [option...] [Google Benchmark's options]\n\n"
           "  --contender NAME   what to measure, perfpool if not given:\n%s"
           "  --library PATH     perfpool's library\n"
           "  --label NAME       the contender's name in the report\n"
           "  --full             all rows, not the quick suite's\n"
           "  --zeroed           only the rows for comparing cleared blocks\n"
           "  --sizes N,...      block sizes in bytes instead of the suite's\n"
           "  --threads N,...    numbers of threads instead of the suite's\n"
           "  --live N,...       for workloads that take it: lines of 64 bytes live in all threads together\n"
           "  --heaps N,...      for workloads that take it: numbers of heaps\n"
           "  --held-back        find how many blocks the threads hold back that they freed for others (perfpool)\n"
           "  --turns            ask for a turn on stderr before each measurement, and wait for a line on standard input\n"
           "  --list             list the rows and end\n"
           "  --help             this text; --benchmark_help lists Google Benchmark's options\n\n"
           "A row is workload/size/threads, with /live:N or /heaps:N where that is chosen; its figure is wall-clock time divided\n"
           "by the operations of one thread (of one pair of threads for handoff). One operation is:\n",
           contender_help);
    rows_describe();
}

static _Noreturn void usage(const char *message, const char *what)
{
    fprintf(stderr, "perfpool-bench: %s '%s'; --help lists the options\n", message, what);
    exit(EXIT_USAGE);
}

/* Reads numbers from `least` to `most`, separated by commas. */
static void parse_numbers(unsigned *numbers, const char *text, unsigned long least, unsigned long most)
{
    const char *next = text;
    size_t n = 0;

    do {
        char *end;
        unsigned long number = strtoul(next, &end, 10);

        if (end == next || (*end != ',' && *end != '\0') || number < least || number > most || n == ROWS_MOST_NUMBERS)
            usage("not a list of usable numbers:", text);
        numbers[n++] = (unsigned)number;
        next = *end == ',' ? end + 1 : end;
    } while (*next != '\0');
    numbers[n] = 0;
}

/* Takes an option without a value. False if it is none of ours. */
static bool take_flag(struct options *options, const char *argument)
{
    if (strcmp(argument, "--help") == 0) {
        help();
        exit(EXIT_SUCCESS);
    }
    if (strcmp(argument, "--list") == 0)
        options->list = true;
    else if (strcmp(argument, "--held-back") == 0)
        options->held_back = true;
    else if (strcmp(argument, "--turns") == 0)
        turns_enable();
    else if (strcmp(argument, "--full") == 0)
        options->rows.full = true;
    else if (strcmp(argument, "--zeroed") == 0)
        options->rows.zeroed = true;
    else
        return false;
    return true;
}

/* Takes an option with a value. False if it is none of ours. */
static bool take_value(struct options *options, const char *argument, const char *value)
{
    if (strcmp(argument, "--contender") == 0)
        options->contender = value;
    else if (strcmp(argument, "--library") == 0)
        options->library = value;
    else if (strcmp(argument, "--label") == 0)
        options->label = value;
    else if (strcmp(argument, "--sizes") == 0)
        parse_numbers(options->rows.sizes, value, BENCH_SMALLEST, BENCH_LARGEST);
    else if (strcmp(argument, "--threads") == 0)
        parse_numbers(options->rows.threads, value, 1, BENCH_MOST_THREADS);
    else if (strcmp(argument, "--live") == 0)
        parse_numbers(options->rows.live, value, 1000, UINT32_MAX);
    else if (strcmp(argument, "--heaps") == 0)
        parse_numbers(options->rows.heaps, value, 1, BENCH_MOST_HEAPS);
    else
        return false;
    return true;
}

/* Takes our options out of the arguments and leaves Google Benchmark's. */
static void parse(struct options *options, int *argc, char **argv)
{
    static const char *const with_value[] = {"--contender", "--library", "--label", "--sizes", "--threads", "--live", "--heaps"};
    int kept = 1;

    for (int i = 1; i < *argc; i++) {
        bool needs_value = false;

        for (size_t k = 0; k < sizeof with_value / sizeof with_value[0]; k++)
            needs_value = needs_value || strcmp(argv[i], with_value[k]) == 0;
        if (needs_value && i + 1 == *argc)
            usage("no value after", argv[i]);
        if (needs_value && take_value(options, argv[i], argv[i + 1]))
            i++;
        else if (!take_flag(options, argv[i]))
            argv[kept++] = argv[i];
    }
    *argc = kept;
    argv[kept] = NULL;
}

static void describe(const struct contender *contender, const char *label)
{
    google_benchmark_context("contender", label != NULL ? label : contender->name);
    google_benchmark_context("contender_functions_from", contender->origin);
    google_benchmark_context("perflib", bench_provider_perflib_name());
    google_benchmark_context("compiler", COMPILER " " __VERSION__);
    google_benchmark_context("compiler_options", PERFPOOL_BENCH_OPTIONS);
    fprintf(stderr, "contender %s, functions from %s; instances through %s\n", label != NULL ? label : contender->name,
            contender->origin, bench_provider_perflib_name());
}

int main(int argc, char **argv)
{
    struct options options = {.contender = "perfpool"};
    struct bench_memory perflib_default = {NULL, NULL, NULL};
    struct contender contender;
    struct rows rows;

    parse(&options, &argc, argv);
    if (!google_benchmark_options(&argc, argv))
        return EXIT_USAGE;
    options.rows.without_distinct = strcmp(options.contender, "null") == 0;
    options.rows.most_bytes = most_bytes();
    rows = rows_make(&options.rows);
    if (options.list) {
        for (size_t i = 0; i < rows.n; i++)
            printf("%s\n", rows.rows[i].name);
        return EXIT_SUCCESS;
    }
    if (!contender_open(&contender, options.contender, options.library))
        usage("unknown contender", options.contender);
    bench_provider_start(contender.is_null ? &perflib_default : &contender.memory);
    describe(&contender, options.label);
    if (google_benchmark_run(rows.rows, rows.n, &contender.memory, options.held_back) == 0)
        bench_fail("no row matches; --list lists them");
    team_stop();
    bench_provider_stop();
    contender_close(&contender);
    free(rows.rows);
    return EXIT_SUCCESS;
}
