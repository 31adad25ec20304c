/*
 * The checker of interleavings. Each scenario, and each seeded fault, is explored by a process of its own.
 */
#include "interleave/explore.h"
#include "interleave/scenarios.h"
#include "interleave/seeds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SEED_FACTOR = 30, SEED_FEW = 50, SEED_MORE = 10 };

enum seed seed_chosen = SEED_NONE;

struct seed_facts {
    const char *name, *protocol, *what;
};

#define SEED_FACTS(name, protocol, what) {#name, (protocol), (what)},
static const struct seed_facts seeds[] = {SEEDS(SEED_FACTS)};

static struct outcome *shared;

/* Explores a scenario in a process of its own. */
static struct outcome explore_apart(const struct scenario *scenario, const struct limits *limits, enum seed seed)
{
    memset(shared, 0, sizeof *shared);
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        seed_chosen = seed;
        if (seed != SEED_NONE && freopen("/dev/null", "w", stdout) == NULL)
            _exit(1);
        explore(scenario, limits, shared);
        _exit(1);
    }
    int status = -1;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
        shared->broken = true;
        snprintf(shared->reason, sizeof shared->reason, "the checker's process ended with status %d", status);
    }
    return *shared;
}

/* Processor time of the explorations so far: what a busy machine does not change. */
static double seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void print_outcome(const struct scenario *scenario, const struct outcome *outcome, double took)
{
    const bool good = !outcome->failed && !outcome->broken;
    char bound[48] = "all schedules";
    if (outcome->preemptions < UNBOUNDED)
        snprintf(bound, sizeof bound, "up to %u pre-emptions", outcome->preemptions);
    printf("%s %-28s %9llu schedules, %s%s, %u contended places, %u choices deep, %.1f s\n", good ? "ok  " : "FAIL", scenario->name,
           (unsigned long long)outcome->schedules, bound, outcome->complete ? "" : ", NOT ALL", outcome->places, outcome->depth,
           took);
    if (!good)
        printf("     %s\n     schedule: %s %s\n", outcome->reason, scenario->name, outcome->replay);
}

static bool is_scenario(const char *name)
{
    for (size_t i = 0; i < n_scenarios; i++)
        if (strcmp(scenarios[i]->name, name) == 0)
            return true;
    return false;
}

/* A word is a whole name, or else part of one. */
static bool is_named(const char *name, int n, char **names)
{
    for (int i = 0; i < n; i++)
        if (is_scenario(names[i]) ? strcmp(name, names[i]) == 0 : strstr(name, names[i]) != NULL)
            return true;
    return n == 0;
}

static unsigned check_scenarios(const struct limits *limits, int n, char **names, unsigned *failed)
{
    unsigned passed = 0;
    uint64_t schedules = 0;
    for (size_t i = 0; i < n_scenarios; i++) {
        if (!is_named(scenarios[i]->name, n, names))
            continue;
        const double start = seconds();
        const struct outcome outcome = explore_apart(scenarios[i], limits, SEED_NONE);
        print_outcome(scenarios[i], &outcome, seconds() - start);
        schedules += outcome.schedules;
        const bool good = !outcome.failed && !outcome.broken && (outcome.complete || limits->schedules != 0);
        passed += good;
        *failed += !good;
    }
    printf("%llu schedules\n", (unsigned long long)schedules);
    return passed;
}

/* Whether a scenario of the fault's protocol finds it within some schedules; *broken: it could not be found out. */
static bool is_caught_within(size_t seed, const struct limits *limits, bool *broken)
{
    for (size_t i = 0; i < n_scenarios; i++) {
        if (strcmp(scenarios[i]->protocol, seeds[seed].protocol) != 0)
            continue;
        const struct outcome outcome = explore_apart(scenarios[i], limits, (enum seed)seed);
        if (outcome.broken) {
            printf("     %s with %s: %s\n", scenarios[i]->name, seeds[seed].name, outcome.reason);
            *broken = true;
            return false;
        }
        if (!outcome.failed)
            continue;
        printf("ok   %-28s caught by %s after %llu schedules: %s\n", seeds[seed].name, scenarios[i]->name,
               (unsigned long long)outcome.schedules, outcome.reason);
        return true;
    }
    return false;
}

/* First a few schedules of each scenario, since most faults are found at once by one of them; then more and more. */
static bool is_caught(size_t seed, const struct limits *limits)
{
    struct limits few = *limits;
    bool broken = false;
    const uint64_t most = limits->schedules != 0 ? limits->schedules : SEED_FEW * SEED_MORE;
    for (few.schedules = SEED_FEW; few.schedules < most; few.schedules *= SEED_MORE)
        if (is_caught_within(seed, &few, &broken) || broken)
            return !broken;
    return is_caught_within(seed, limits, &broken);
}

static unsigned check_seeds(const struct limits *limits, int n, char **names, unsigned *failed)
{
    unsigned caught = 0;
    for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++) {
        if (!is_named(seeds[i].name, n, names))
            continue;
        if (is_caught(i, limits)) {
            caught++;
        } else {
            printf("FAIL %-28s is not caught: %s (%s)\n", seeds[i].name, seeds[i].what, seeds[i].protocol);
            ++*failed;
        }
    }
    return caught;
}

/* Whether what has a scenario has a seeded fault: else nothing shows that its scenarios would find anything. */
static unsigned check_protocols(unsigned *failed)
{
    unsigned seeded = 0;
    for (size_t i = 0; i < n_scenarios; i++) {
        bool again = false;
        bool found = false;
        for (size_t k = 0; k < i; k++)
            again |= strcmp(scenarios[k]->protocol, scenarios[i]->protocol) == 0;
        for (size_t k = 0; k < sizeof seeds / sizeof seeds[0]; k++)
            found |= strcmp(seeds[k].protocol, scenarios[i]->protocol) == 0;
        if (again)
            continue;
        if (!found) {
            printf("FAIL %-28s has no seeded fault\n", scenarios[i]->protocol);
            ++*failed;
        }
        seeded += found;
    }
    return seeded;
}

static int replay(const char *name, const char *schedule, const char *seed)
{
    const struct limits limits = {.replay = schedule, .trace = true};
    enum seed chosen = SEED_NONE;
    for (size_t i = 0; seed != NULL && i < sizeof seeds / sizeof seeds[0]; i++)
        if (strcmp(seed, seeds[i].name) == 0)
            chosen = (enum seed)i;
    for (size_t i = 0; i < n_scenarios; i++)
        if (strcmp(scenarios[i]->name, name) == 0) {
            seed_chosen = chosen;
            const struct outcome outcome = explore_apart(scenarios[i], &limits, chosen);
            printf("%s\n", outcome.failed || outcome.broken ? outcome.reason : "nothing is wrong");
            return outcome.failed || outcome.broken;
        }
    printf("no such scenario: %s\n", name);
    return 2;
}

static int usage(void)
{
    printf("usage: interleave [--schedules N] [--preemptions N] scenarios|seeds|all [NAME...]\n"
           "       interleave list\n"
           "       interleave --replay SCENARIO SCHEDULE [SEED]\n");
    return 2;
}

int main(int argc, char **argv)
{
    struct limits limits = {.schedules = 0};
    unsigned passed = 0;
    unsigned failed = 0;
    int at = 1;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return 1;
    if (argc >= 4 && strcmp(argv[1], "--replay") == 0)
        return replay(argv[2], argv[3], argc > 4 ? argv[4] : NULL);
    for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
        if (strcmp(argv[at], "--schedules") == 0)
            limits.schedules = strtoull(argv[at + 1], NULL, 10);
        else if (strcmp(argv[at], "--preemptions") == 0)
            limits.preemptions = (unsigned)strtoul(argv[at + 1], NULL, 10);
        else
            return usage();
    }
    if (at >= argc)
        return usage();
    if (strcmp(argv[at], "list") == 0) {
        for (size_t i = 0; i < n_scenarios; i++)
            puts(scenarios[i]->name);
        return 0;
    }
    const bool all = strcmp(argv[at], "all") == 0;
    const bool is_seeds = strcmp(argv[at], "seeds") == 0;
    if (!all && !is_seeds && strcmp(argv[at], "scenarios") != 0)
        return usage();
    if (!is_seeds)
        passed += check_scenarios(&limits, argc - at - 1, argv + at + 1, &failed);
    if (all)
        limits.schedules *= SEED_FACTOR; /* faults need a few more, and nearly all of them are caught before */
    if (all || is_seeds) {
        passed += check_seeds(&limits, argc - at - 1, argv + at + 1, &failed);
        passed += argc - at - 1 == 0 ? check_protocols(&failed) : 0;
    }
    printf("interleave: %u passed, %u failed, 0 skipped\n", passed, failed);
    return failed != 0 || passed == 0;
}
