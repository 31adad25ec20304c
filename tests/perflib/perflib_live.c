/*
 * perflib-live: runs a program that links perflib-test and shows its performance counters, in the manner of typeperf.
 */
#include "run.h"

#include "live.h"
#include "perflib_live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char usage[] =
    "usage: perflib-live [-si SECONDS] [-sc SAMPLES] [-o FILE] [-n NAMES] PROGRAM [ARGUMENT...]\n"
    "\n"
    "Runs PROGRAM, which must link perfpool's PERFLIB for tests (perflib-test), and prints a table of its performance\n"
    "counters while it runs and once more when its last provider stops.\n"
    "\n"
    "  -si SECONDS   time between two samples; default 1\n"
    "  -sc SAMPLES   how many samples to print, while the program runs on to its end; default: until that end\n"
    "  -o FILE       print into this file; default: standard output\n"
    "  -n NAMES      names for counter sets and counters: lines of `{guid} name` and `{guid} id name`, in UTF-8\n"
    "  -h, --help    this text\n"
    "\n"
    "Exit code: 0 the program ended with 0 and showed counters; 1 it could not be run, ended otherwise or showed none; 2 usage.\n";

/* The command line. */
struct command {
    double seconds;
    unsigned long samples;
    const char *output;
    const char *names;
    char **program; /* and its arguments, to the end of argv */
};

static int refuse(const char *what, const char *argument)
{
    fprintf(stderr, "perflib-live: %s: %s\n%s", what, argument, usage);
    return EXIT_USAGE;
}

static int read_seconds(const char *text, double *seconds)
{
    char *end;

    *seconds = strtod(text, &end);
    return end != text && *end == '\0' && *seconds >= 0.001 && *seconds <= 86400;
}

static int read_samples(const char *text, unsigned long *samples)
{
    char *end;

    errno = 0;
    *samples = strtoul(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *samples != 0;
}

/* Reads one option that has a value. EXIT_DONE if it is right. */
static int read_option(const char *option, const char *value, struct command *command)
{
    if (strcmp(option, "-si") == 0)
        return read_seconds(value, &command->seconds) ? EXIT_DONE : refuse("not a time from 0.001 to 86400 seconds", value);
    if (strcmp(option, "-sc") == 0)
        return read_samples(value, &command->samples) ? EXIT_DONE : refuse("not a number of samples", value);
    if (strcmp(option, "-o") == 0)
        command->output = value;
    else
        command->names = value;
    return EXIT_DONE;
}

/* EXIT_DONE if the command line is right. */
static int read_command(char **argv, struct command *command)
{
    static const char *const options[] = {"-si", "-sc", "-o", "-n"};
    size_t known;

    for (argv++; *argv != NULL && (*argv)[0] == '-'; argv++) {
        for (known = 0; known < sizeof options / sizeof *options && strcmp(*argv, options[known]) != 0; known++)
            ;
        if (known == sizeof options / sizeof *options)
            return refuse("unknown option", *argv);
        if (argv[1] == NULL)
            return refuse("a value is missing", *argv);
        if (read_option(argv[0], argv[1], command) != EXIT_DONE)
            return EXIT_USAGE;
        argv++;
    }
    if (*argv == NULL)
        return refuse("missing", "PROGRAM");
    command->program = argv;
    return EXIT_DONE;
}

/* Says what is wrong with a file of names before the program is started. */
static int names_are_right(const char *path)
{
    long wrong = perflib_live_read_names(path);

    if (wrong > 0)
        fprintf(stderr, "perflib-live: %s:%ld: neither `{guid} name` nor `{guid} id name`\n", path, wrong);
    else if (wrong < 0)
        fprintf(stderr, "perflib-live: %s cannot be read\n", path);
    return wrong == 0;
}

static int set_environment(const struct command *command, const char *mark)
{
    char options[64];

    snprintf(options, sizeof options, "%.3f,%lu", command->seconds, command->samples);
    return run_set_variable(PERFLIB_LIVE_VARIABLE, options) && run_set_variable(LIVE_MARK_VARIABLE, mark) &&
           run_set_variable(PERFLIB_LIVE_OUTPUT_VARIABLE, command->output) &&
           run_set_variable(PERFLIB_LIVE_NAMES_VARIABLE, command->names);
}

/* Whether the program has printed a sample; the file is gone afterwards. */
static int take_mark(const char *mark)
{
    FILE *file = fopen(mark, "r");
    int found = file != NULL && fgetc(file) != EOF;

    if (file != NULL)
        fclose(file);
    remove(mark);
    return found;
}

int main(int argc, char **argv)
{
    struct command command = {.seconds = 1};
    char mark[RUN_PATH];
    long code;

    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(usage, stdout);
        return EXIT_DONE;
    }
    if (read_command(argv, &command) != EXIT_DONE)
        return EXIT_USAGE;
    if (command.names != NULL && !names_are_right(command.names))
        return EXIT_FAILED;
    if (!run_temporary_file(mark) || !set_environment(&command, mark)) {
        fprintf(stderr, "perflib-live: no temporary file can be made\n");
        return EXIT_FAILED;
    }
    code = run_program(command.program);
    if (!take_mark(mark) && code >= 0) {
        fprintf(stderr, "perflib-live: %s showed no counters: it started no provider, or does not link perflib-test\n",
                command.program[0]);
        return EXIT_FAILED;
    }
    if (code > 0)
        fprintf(stderr, "perflib-live: %s ended with code %ld\n", command.program[0], code);
    return code == 0 ? EXIT_DONE : EXIT_FAILED;
}
