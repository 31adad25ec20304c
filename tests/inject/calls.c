/*
 * Every call of the library into the system refused, in turn: the nth one, for all n, and all from the nth on, in a scenario that
 * uses the whole interface, each time on a library just loaded.
 *
 * Whatever is refused, a call says so clearly or does without; no block is lost, changed or handed out twice; when the system is
 * willing again everything works; and in the end no more is mapped than after a run in which nothing was refused.
 */
#include "perfpool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "inject/deep.h"
#include "inject/scenario.h"
#include "inject/system_calls.h"
#include "support/heaps.h"
#include "support/process.h"
#include "support/require.h"

#ifndef _WIN32
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

enum { FIRST_OCCURRENCES = 2 };

/* How the system is while the scenario runs. */
struct setting {
    const char *name, *options; /* of the default heap: PERFPOOL_OPTIONS */
    bool strict;                /* no writable reservations, and a bounded address space (Linux) */
    unsigned few;               /* in ./run test one of so many calls is refused, and the first ones of each import */
};

static const struct setting settings[] = {
    {"configured", "reserve=8M,limit=6M,check_remote", false, 8},
    {"misconfigured", "reserve=8M,nonsense=1", true, 32},
};

struct run {
    uint32_t from, to;                  /* calls refused in the scenario */
    uint32_t unload_from;               /* calls refused from there on while the library is unloaded, 0: none (Windows) */
    uint32_t made, refused;             /* in the scenario */
    uint8_t trace[SYSTEM_CALLS_TRACED]; /* in the scenario */
    uint32_t unload_made;
    struct system_call_counts counts; /* in all, at the end */
};

static struct plugin plugin;

static void set_options(const char *options)
{
#ifdef _WIN32
    require(SetEnvironmentVariableA("PERFPOOL_OPTIONS", options));
#else
    require(setenv("PERFPOOL_OPTIONS", options, 1) == 0);
#endif
}

/* A life of the library, from loading to unloading. */
static void live(const struct setting *setting, struct run *run)
{
    static struct scenario scenario;
    memset(&scenario, 0, sizeof(scenario));
    memset(&system_calls, 0, sizeof(system_calls));
    set_options(setting->options);
    scenario.plugin = &plugin;
    system_calls.strict = setting->strict;
    system_calls_refuse(run->from, run->to);
    system_calls.armed = true;
    plugin_load(&plugin);
    const char *unknown = system_calls_attach(plugin.library.handle);
    require_text(unknown == NULL, unknown);
    scenario_run(&scenario);
    run->made = system_calls.counts.made;
    run->refused = system_calls.counts.refused;
    memcpy(run->trace, system_calls.trace, sizeof(run->trace));
    system_calls_refuse(0, 0);
    scenario_end(&scenario);
    system_calls_refuse(run->unload_from, run->unload_from != 0 ? UINT32_MAX : 0);
    library_unload(&plugin.library);
    run->unload_made = system_calls.counts.made;
    system_calls.armed = false;
    run->counts = system_calls.counts;
}

#ifdef _WIN32

static void live_apart(const struct setting *setting, struct run *run)
{
    live(setting, run);
}

#else

static void live_apart(const struct setting *setting, struct run *run)
{
    const struct rlimit space = {(rlim_t)256 << 30, (rlim_t)256 << 30};
    struct run *shared = mmap(NULL, sizeof(*run), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status = 0;
    require(shared != MAP_FAILED);
    *shared = *run;
    /* dlclose leaves the library in place, so each life has a process of its own. */
    const pid_t child = fork();
    require(child >= 0);
    if (child == 0) {
        require(!setting->strict || setrlimit(RLIMIT_AS, &space) == 0);
        live(setting, shared);
        _exit(0);
    }
    require(waitpid(child, &status, 0) == child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fprintf(stderr, "%s: calls %u to %u refused: status %x\n", setting->name, run->from, run->to, (unsigned)status);
    require(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    *run = *shared;
    require(munmap(shared, sizeof(*run)) == 0);
}

#endif

static struct system_call_counts total;
static uint32_t lives;

static void add_to_total(const struct run *run)
{
    lives++;
    total.refused += run->counts.refused;
    for (uint32_t i = 0; i < SYSTEM_CALLS_MAX; i++) {
        total.calls[i] += run->counts.calls[i];
        total.refusals[i] += run->counts.refusals[i];
    }
}

/* Whether the nth call is one to refuse: each, or one of few and the first ones of each import. */
static bool is_chosen(const struct setting *setting, const struct run *clean, uint32_t n)
{
    uint32_t before = 0;
    for (uint32_t i = 1; i < n && i < SYSTEM_CALLS_TRACED; i++)
        before += clean->trace[i] == clean->trace[n];
    return n % deep_count(setting->few, 1) == 0 || before < FIRST_OCCURRENCES;
}

/*
 * Refuses the nth call, or all from the nth on, for all n; `clean` is a run without refusals. One that is refused something may
 * make more calls than the clean one or fewer, so this ends where nothing was left to refuse.
 */
static void refuse_each(const struct setting *setting, const struct run *clean, bool all_that_follow)
{
    const int64_t clean_bytes = clean->counts.mapped - clean->counts.kept;
    uint32_t runs = 0;
    uint32_t n = 1;
    for (;; n++) {
        struct run run = {.from = n, .to = all_that_follow ? UINT32_MAX : n};
        require(n < SYSTEM_CALLS_TRACED);
        if (!is_chosen(setting, clean, n))
            continue;
        live_apart(setting, &run);
        add_to_total(&run);
        runs++;
        const long long bytes = run.counts.mapped - run.counts.kept;
        ck_assert_msg(bytes <= clean_bytes, "%s, call %u%s refused: %lld bytes are mapped in the end, not %lld", setting->name, n,
                      all_that_follow ? " and all that follow" : "", bytes, (long long)clean_bytes);
        if (run.refused == 0)
            break;
    }
    printf("%s: %u calls into the system, %s refused in turn: %u runs\n", setting->name, clean->made,
           all_that_follow ? "all from some on" : "one", runs);
    ck_assert_uint_ge(n, clean->made / 2);
}

/* Unloading gives back what it can; a heap whose blocks it cannot count stays. */
static void refuse_unloading(const struct setting *setting, const struct run *clean)
{
    for (uint32_t n = 1; n <= clean->unload_made; n++) {
        struct run run = {.unload_from = n};
        live_apart(setting, &run);
        add_to_total(&run);
        ck_assert_uint_ge(run.counts.refused, 1);
    }
}

/* What is in the list of what can be refused was called, and was refused. */
static void check_coverage(void)
{
    for (uint32_t i = 0; system_call_table[i].name != NULL; i++) {
        const struct system_call *call = &system_call_table[i];
        if (call->never_refused != NULL)
            continue;
        printf("  %-24s %7u calls %6u refused\n", call->name, total.calls[i], total.refusals[i]);
        ck_assert_msg(total.refusals[i] > 0, "%s was never refused", call->name);
    }
    printf("calls: %u refusals in %u lives of the library\n", total.refused, lives);
}

START_TEST(every_call_refused)
{
    library_copy(&plugin.library);
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        struct run clean = {.from = 0};
        live_apart(&settings[i], &clean);
        ck_assert_uint_gt(clean.made, 20);
#ifdef _WIN32
        ck_assert_int_eq(clean.counts.mapped, 0);
#endif
        refuse_each(&settings[i], &clean, false);
        refuse_each(&settings[i], &clean, true);
        refuse_unloading(&settings[i], &clean);
    }
    check_coverage();
    library_remove(&plugin.library);
}
END_TEST

#ifdef _WIN32

/* The one call that comes before the import table can be written: with no index left the library says that it cannot be loaded. */
START_TEST(loading_without_an_index)
{
    static DWORD indexes[2048];
    size_t n = 0;
    library_copy(&plugin.library);
    while (n < sizeof(indexes) / sizeof(indexes[0]) && (indexes[n] = TlsAlloc()) != TLS_OUT_OF_INDEXES)
        n++;
    ck_assert_uint_lt(n, sizeof(indexes) / sizeof(indexes[0]));
    const HMODULE loaded = LoadLibraryA(plugin.library.path);
    const DWORD error = GetLastError();
    ck_assert_ptr_null(loaded);
    ck_assert_uint_eq(error, ERROR_DLL_INIT_FAILED);
    ck_assert(TlsFree(indexes[--n]));
    struct run run = {.from = 0};
    live(&settings[0], &run);
    ck_assert_int_eq(run.counts.mapped, 0);
    while (n > 0)
        ck_assert(TlsFree(indexes[--n]));
    library_remove(&plugin.library);
}
END_TEST

#endif

/* For check-imports: each import, and what is done with it. */
static int list_imports(const char *argument)
{
    (void)argument;
    for (uint32_t i = 0; system_call_table[i].name != NULL; i++)
        fprintf(stderr, "%s %s\n", system_call_table[i].name, system_call_table[i].never_refused != NULL ? "never" : "refused");
    return 0;
}

CHILD_CASES({"imports", list_imports})

Suite *make_suite(void)
{
    Suite *suite = suite_create("calls");
    TCase *calls = tcase_create("calls");
    tcase_set_timeout(calls, DEEP_TIMEOUT);
    tcase_add_test(calls, every_call_refused);
#ifdef _WIN32
    tcase_add_test(calls, loading_without_an_index);
#endif
    suite_add_tcase(suite, calls);
    return suite;
}
