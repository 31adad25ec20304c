/*
 * perfpool-side-by-side: compares builds of perfpool, and other allocators with them, by rows of the suite, all of them in one
 * process: each takes a slice of a fraction of a millisecond in turn, so that what the machine does to one it does to all. Tells 1
 * to 3 % where runs of whole programs in turn differ by 15.
 */
#include "barrier.h"
#include "fail.h"
#include "rival.h"
#include "rows.h"
#include "ticks.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BUILDS = 12, EXIT_USAGE = 2 };

/* One rival, and what the row's threads need for it. */
struct build {
    struct rival rival;
    struct bench_worker workers[BENCH_MOST_THREADS];
    void *shared;
    double *times; /* nanoseconds per operation, of each slice */
};

static struct build builds[MOST_BUILDS];
static unsigned n_builds;
static unsigned slices = 300;
static double slice_seconds = 0.3e-3;
static bool zeroed;
static struct bench_row row;

/* The slice that the threads are at: set by the first while the others wait. */
static uint64_t operations;
static struct barrier barrier;

const char bench_program[] = "perfpool-side-by-side";

static void help(void)
{
    printf("usage: perfpool-side-by-side [--slices N] [--slice-us N] [--zeroed] ROW LIBRARY LIBRARY...\n\n"
           "Compares builds of perfpool in one process, slice by slice in turn. ROW is a workload/size/threads as perfpool-bench\n"
           "has them, where it has that with /live:N or /heaps:N: of pair, batch, churn, handoff, swap, exchange, large or\n"
           "heaps (with --zeroed, for cleared blocks, also of zeroed). LIBRARY is a build of perfpool, or PATH:ALLOCATE,FREE for\n"
           "functions like malloc and free of another allocator (like calloc, if ALLOCATE ends in that), or the word stack: for\n"
           "rows of one thread and one size, a stack of pointers to blocks. It checks nothing and knows no sizes and no threads:\n"
           "what is left is the harness, and the caches that blocks go through.\n"
           "Prints for each library its median time per operation and the median and quartiles of its time by the first\n"
           "one's in the same round.\n\n"
           "  --slices N    slices of each library, 300 if not given\n"
           "  --slice-us N  microseconds of a slice, 300 if not given\n"
           "  --zeroed      heaps that clear their blocks\n\n"
           "Where a library lands in memory is worth 3 %%: run it several times, with a copy of the first library among the\n"
           "others. Some allocators want GLIBC_TUNABLES=glibc.rtld.optional_static_tls=65536 in the environment.\n");
}

static _Noreturn void usage(const char *message, const char *what)
{
    fprintf(stderr, "%s: %s '%s'; --help tells how to call it\n", bench_program, message, what);
    exit(EXIT_USAGE);
}

/* The number after the option at *next, which it then is. */
static unsigned parse_number(char **argv, int *next)
{
    const char *option = argv[(*next)++];
    const char *text = argv[*next] != NULL ? argv[*next] : "";
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    if (number == 0 || *end != '\0' || number > 1000000)
        usage("no number from 1 to 1000000 after", option);
    return (unsigned)number;
}

static bool is_comparable(const struct bench_row *candidate)
{
    static const char *const names[] = {"pair", "batch", "churn", "handoff", "swap", "exchange", "large", "heaps", "zeroed"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(candidate->workload->name, names[i]) == 0)
            return true;
    return false;
}

/* The number behind `mark` in the row's name; 0 if there is none, or it is above `most`. */
static unsigned number_behind(const char *name, const char *mark, unsigned most)
{
    const char *at = strstr(name, mark);
    unsigned long number = at != NULL ? strtoul(at + strlen(mark), NULL, 10) : 0;

    return number <= most ? (unsigned)number : 0;
}

/* Whatever sizes the suite has: makes the rows that have the name's numbers, and looks for the name among them. */
static void find_row(const char *name)
{
    struct rows_request request = {.full = true, .zeroed = zeroed, .most_bytes = UINT64_MAX};
    const char *threads = strchr(name, '/') != NULL ? strchr(strchr(name, '/') + 1, '/') : NULL;
    struct rows rows;
    bool found = false;

    request.sizes[0] = number_behind(name, "/", BENCH_LARGEST);
    request.threads[0] = threads != NULL ? number_behind(threads, "/", BENCH_MOST_THREADS) : 0;
    request.live[0] = number_behind(name, "/live:", UINT32_MAX);
    request.heaps[0] = number_behind(name, "/heaps:", BENCH_MOST_HEAPS);
    rows = rows_make(&request);
    for (size_t i = 0; i < rows.n && !found; i++) {
        found = strcmp(rows.rows[i].name, name) == 0 && is_comparable(&rows.rows[i]);
        row = rows.rows[i];
    }
    free(rows.rows);
    if (!found)
        usage("no row that can be compared:", name);
}

static void open_build(struct build *build, const char *path)
{
    rival_open(&build->rival, path, &row, zeroed);
    for (const struct build *other = builds; build->rival.library != NULL && other < build; other++)
        if (other->rival.library == build->rival.library)
            bench_fail("%s and %s are the same file: compare with a copy", other->rival.path, path);
    build->times = calloc(slices, sizeof *build->times);
    if (build->times == NULL)
        bench_fail("out of memory");
}

static void close_build(struct build *build)
{
    if (row.workload->close != NULL)
        row.workload->close(&row, build->shared);
    rival_close(&build->rival, &row);
    free(build->times);
}

/* Waits until all threads of the row are here. */
static void meet(void)
{
    enum { SPINS = 1000 }; /* they may be more than the processors */

    barrier_meet(&barrier, row.threads, SPINS);
}

/* Nanoseconds per operation, in the first thread. */
static double take_slice(struct bench_worker *worker, uint64_t n)
{
    double start;

    meet();
    start = bench_now();
    row.workload->work(worker, n);
    meet();
    return (bench_now() - start) * 1e9 / (double)n;
}

/* Finds how many operations a slice has, by the first library. Each try is made twice: the first may pay for new memory. */
static void calibrate(unsigned thread)
{
    uint64_t n = 1000;
    double nanoseconds;

    for (;; n *= 2) {
        take_slice(&builds[0].workers[thread], n);
        nanoseconds = take_slice(&builds[0].workers[thread], n);
        if (thread == 0)
            operations = nanoseconds * (double)n < slice_seconds / 2 * 1e9 ? 0 : (uint64_t)(slice_seconds * 1e9 / nanoseconds) + 1;
        meet();
        if (operations != 0)
            return;
    }
}

/* What each thread of the row does. All go through the same steps. */
static void *run(void *argument)
{
    const unsigned thread = *(const unsigned *)argument;

    for (unsigned i = 0; i < n_builds; i++)
        if (row.workload->enter != NULL)
            row.workload->enter(&builds[i].workers[thread]);
    meet();
    calibrate(thread);
    for (unsigned slice = 0; slice < slices; slice++) {
        for (unsigned k = 0; k < n_builds; k++) {
            struct build *build = &builds[(k + slice) % n_builds]; /* none has always the same before it */
            double nanoseconds;

            take_slice(&build->workers[thread], operations / 10 + 1); /* has the caches to itself before it is timed */
            nanoseconds = take_slice(&build->workers[thread], operations);
            if (thread == 0)
                build->times[slice] = nanoseconds;
        }
    }
    for (unsigned i = 0; i < n_builds; i++)
        if (row.workload->leave != NULL)
            row.workload->leave(&builds[i].workers[thread]);
    meet();
    return NULL;
}

static void run_threads(void)
{
    pthread_t threads[BENCH_MOST_THREADS];
    unsigned indices[BENCH_MOST_THREADS];

    for (unsigned thread = 0; thread < row.threads; thread++) {
        indices[thread] = thread;
        if (pthread_create(&threads[thread], NULL, run, &indices[thread]) != 0)
            bench_fail("cannot start thread %u", thread);
    }
    for (unsigned thread = 0; thread < row.threads; thread++)
        pthread_join(threads[thread], NULL);
}

static void prepare(struct build *build)
{
    build->shared = row.workload->open != NULL ? row.workload->open(&row) : NULL;
    for (unsigned thread = 0; thread < row.threads; thread++) {
        struct bench_worker *worker = &build->workers[thread];

        *worker = (struct bench_worker){.row = &row, .memory = build->rival.memory, .index = thread, .shared = build->shared};
        for (unsigned i = 0; i < row.heaps; i++)
            worker->contexts[i] = build->rival.contexts[i];
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static void print(const struct build *build, double *ratios)
{
    for (unsigned i = 0; i < slices; i++)
        ratios[i] = build->times[i] / builds[0].times[i];
    qsort(ratios, slices, sizeof *ratios, compare);
    printf("  %5.3f [%5.3f %5.3f]", ratios[slices / 2], ratios[slices / 4], ratios[slices - 1 - slices / 4]);
    memcpy(ratios, build->times, slices * sizeof *ratios);
    qsort(ratios, slices, sizeof *ratios, compare);
    printf("  %10.2f ns  %s\n", ratios[slices / 2], build->rival.path);
}

int main(int argc, char **argv)
{
    int next = 1;
    double *ratios;

    for (; next < argc && strncmp(argv[next], "--", 2) == 0; next++) {
        if (strcmp(argv[next], "--help") == 0) {
            help();
            return EXIT_SUCCESS;
        }
        if (strcmp(argv[next], "--zeroed") == 0)
            zeroed = true;
        else if (strcmp(argv[next], "--slices") == 0)
            slices = parse_number(argv, &next);
        else if (strcmp(argv[next], "--slice-us") == 0)
            slice_seconds = parse_number(argv, &next) * 1e-6;
        else
            usage("unknown option", argv[next]);
    }
    if (argc - next < 3 || argc - next - 1 > MOST_BUILDS)
        usage("wants a row and 2 to 12 libraries, not this many words:", argc > 1 ? argv[argc - 1] : "");
    find_row(argv[next++]);
    for (; next < argc; next++, n_builds++)
        open_build(&builds[n_builds], argv[next]);
    for (unsigned i = 0; i < n_builds; i++)
        prepare(&builds[i]);
    run_threads();
    ratios = calloc(slices, sizeof *ratios);
    if (ratios == NULL)
        bench_fail("out of memory");
    printf("%s, %u slices each of %llu operations, time by the first one's [quartiles], and itself:\n", row.name, slices,
           (unsigned long long)operations);
    for (unsigned i = 0; i < n_builds; i++)
        print(&builds[i], ratios);
    free(ratios);
    for (unsigned i = 0; i < n_builds; i++)
        close_build(&builds[i]);
    return EXIT_SUCCESS;
}
