#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#define PROGRAM_CAN_FORK 0
#else
#include <sys/mman.h>
#define PROGRAM_CAN_FORK 1
#endif

#ifdef HARNESS_ATTACHES_LIBRARY
#include "os.h"
#endif

/* Skips noted by tests are seen from the process that counts them, so they lie in memory that forked tests share with it. */
struct skip_counts {
    int unadded; /* by make_suite: Check never runs these */
    int inside;  /* by tests: Check counts these as passed */
};

static struct skip_counts *skips;
static int tests_are_running;
static char program_name[64] = "?";

static struct skip_counts *make_shared_counts(void)
{
#ifdef _WIN32
    static struct skip_counts counts;
    return &counts;
#else
    void *memory = mmap(NULL, sizeof(struct skip_counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        perror("harness: mmap");
        exit(1);
    }
    return memory;
#endif
}

void harness_skip(const char *test, const char *reason)
{
    printf("SKIP %s/%s: %s\n", program_name, test, reason);
    fflush(stdout);
    if (tests_are_running) {
        skips->inside++;
    } else {
        skips->unadded++;
    }
}

static void set_program_name(const char *path)
{
    const char *name = path;
    for (const char *at = path; *at != '\0'; at++) {
        if (*at == '/' || *at == '\\') {
            name = at + 1;
        }
    }
    size_t length = strlen(name);
    if (length > 4 && strcmp(name + length - 4, ".exe") == 0) {
        length -= 4;
    }
    snprintf(program_name, sizeof(program_name), "%.*s", (int)length, name);
}

static void prepare_process(void)
{
#ifdef _WIN32
    /* Windows has no line buffering, and a crash must not take the lines before it along. */
    setvbuf(stdout, NULL, _IONBF, 0);
#else
    setvbuf(stdout, NULL, _IOLBF, 0);
    /* Check's own default of 4 seconds is too short for a stress test on a busy machine. */
    setenv("CK_DEFAULT_TIMEOUT", "120", 0);
#endif
#if defined(HARNESS_ATTACHES_LIBRARY) && defined(_WIN32)
    /* The objects are linked into this program, so there is no DllMain that would do it. */
    os_library_attach();
#endif
}

int main(int argc, char **argv)
{
    const char *test_case = NULL;
    int no_fork = 0;

    set_program_name(argc > 0 ? argv[0] : "?");
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--no-fork") == 0) {
            no_fork = 1;
        } else if (argv[i][0] != '-' && test_case == NULL) {
            test_case = argv[i];
        } else {
            fprintf(stderr, "%s: unknown argument: %s\nusage: %s [--no-fork] [test case]\n", program_name, argv[i], program_name);
            return 2;
        }
    }
    skips = make_shared_counts();
    prepare_process();

    SRunner *runner = srunner_create(make_suite());
    if (no_fork || !PROGRAM_CAN_FORK) {
        srunner_set_fork_status(runner, CK_NOFORK);
    }
    tests_are_running = 1;
    fflush(stdout);
    srunner_run(runner, NULL, test_case, CK_ENV);
    tests_are_running = 0;

    int run = srunner_ntests_run(runner);
    int failed = srunner_ntests_failed(runner);
    int skipped = skips->unadded + skips->inside;
    if (run == 0 && (test_case != NULL || skipped == 0)) {
        printf("%s: no tests%s%s\n", program_name, test_case != NULL ? " in test case " : "", test_case != NULL ? test_case : "");
        failed = 1;
        run = 1;
    }
    printf("%s: %d passed, %d failed, %d skipped\n", program_name, run - failed - skips->inside, failed, skipped);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
