/*
 * Shows what a leak report looks like: opens sessions of the example server's counters, forgets two of them and a block of its own,
 * and reports what it left behind. Exit code: 0 it did, 1 an error. Built by ../provider/CMakeLists.txt.
 */
#include "perflib_headers.h"

#include "counters.h"
#include "leak_report.h"
#include "problem.h"

static const struct leak_report_set sets[] = {{&SessionSetGuid, "Example Server Sessions"}};

static bool leave_things_behind(perfpool_heap *heap, struct problem *problem)
{
    static const PCWSTR names[] = {WIDE("alice"), WIDE("bob"), WIDE("J\u00fcrgen \"jj\"")};

    for (ULONG i = 0; i < 3; i++) {
        PERF_COUNTERSET_INSTANCE *session = PerfCreateInstance(ExampleServer, &SessionSetGuid, names[i], i + 1);

        if (session == NULL) {
            return problem_note(problem, "PerfCreateInstance", GetLastError());
        }
        /* Only bob says goodbye. */
        if (i == 1 && !problem_note(problem, "PerfDeleteInstance", PerfDeleteInstance(ExampleServer, session))) {
            return false;
        }
    }
    if (AllocateMemory(100, heap) == NULL) {
        return problem_note(problem, "AllocateMemory", ERROR_NOT_ENOUGH_MEMORY);
    }
    return true;
}

static bool run(perfpool_heap *heap, struct problem *problem)
{
    bool done;

    if (!problem_note(problem, "CounterInitialize", CounterInitialize(NULL, AllocateMemory, FreeMemory, heap))) {
        return false;
    }
    done = leave_things_behind(heap, problem);
    /* While the provider is there, its instances can still be named; CounterCleanup frees those that were forgotten. */
    printf("before CounterCleanup:\n");
    printf("%u instances\n", (unsigned)leak_report_instances(stdout, heap, sets, 1));
    CounterCleanup();
    printf("after CounterCleanup:\n");
    printf("%u blocks\n", (unsigned)leak_report_blocks(stdout, heap, sets, 1));
    return done;
}

int main(void)
{
    struct problem problem = {NULL, ERROR_SUCCESS};
    perfpool_heap *heap = perfpool_heap_create(NULL);
    bool done;

    if (heap == NULL) {
        fprintf(stderr, "leak-report: perfpool_heap_create failed\n");
        return 1;
    }
    done = run(heap, &problem);
    if (!done) {
        fprintf(stderr, "leak-report: %s failed: error %lu, %s\n", problem.function, (unsigned long)problem.error,
                problem_error_name(problem.error));
    }
    perfpool_heap_destroy(heap, PERFPOOL_DESTROY_LIVE);
    return done ? 0 : 1;
}
