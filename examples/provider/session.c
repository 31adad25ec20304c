#include "session.h"

#include "counters.h"
#include "platform.h"

#include <stddef.h>
#include <stdio.h>

enum { NAME_SIZE = 32 };

static void write_name(WCHAR name[NAME_SIZE], unsigned number)
{
    char text[NAME_SIZE];
    int i = 0;

    snprintf(text, sizeof text, "client-%u", number);
    do {
        name[i] = (WCHAR)text[i];
    } while (text[i++] != '\0');
}

bool session_open(struct session *session, perfpool_heap *heap, unsigned number, struct problem *problem)
{
    WCHAR name[NAME_SIZE];

    session->buffered = AllocateMemory(sizeof *session->buffered, heap);
    if (session->buffered == NULL) {
        return problem_note(problem, "AllocateMemory", ERROR_NOT_ENOUGH_MEMORY);
    }
    write_name(name, number);
    session->instance = PerfCreateInstance(ExampleServer, &SessionSetGuid, name, number);
    if (session->instance == NULL) {
        /* Read at once: whatever is called next may change it. */
        problem_note(problem, "PerfCreateInstance", GetLastError());
        FreeMemory((void *)session->buffered, heap);
        session->buffered = NULL;
        return false;
    }
    if (!problem_note(problem, "PerfSetCounterRefValue",
                      PerfSetCounterRefValue(ExampleServer, session->instance, SESSION_BUFFERED, (PVOID)session->buffered))) {
        session_close(session, heap, problem);
        return false;
    }
    return true;
}

bool session_count(struct session *session, uint32_t bytes, uint32_t microseconds, uint32_t pending, struct problem *problem)
{
    PERF_COUNTERSET_INSTANCE *instance = session->instance;

    /* No PERFLIB for this one: the variable is ours. */
    platform_store(session->buffered, (uint64_t)bytes * pending);
    return problem_note(problem, "PerfIncrementULongLongCounterValue",
                        PerfIncrementULongLongCounterValue(ExampleServer, instance, SESSION_REQUESTS, 1)) &&
           problem_note(problem, "PerfIncrementULongCounterValue",
                        PerfIncrementULongCounterValue(ExampleServer, instance, SESSION_REQUEST_RATE, 1)) &&
           problem_note(problem, "PerfIncrementULongLongCounterValue",
                        PerfIncrementULongLongCounterValue(ExampleServer, instance, SESSION_SEND_RATE, bytes)) &&
           problem_note(problem, "PerfSetULongCounterValue",
                        PerfSetULongCounterValue(ExampleServer, instance, SESSION_PENDING, pending)) &&
           problem_note(problem, "PerfIncrementULongLongCounterValue",
                        PerfIncrementULongLongCounterValue(ExampleServer, instance, SESSION_LATENCY, microseconds)) &&
           problem_note(problem, "PerfIncrementULongCounterValue",
                        PerfIncrementULongCounterValue(ExampleServer, instance, SESSION_LATENCY_BASE, 1));
}

bool session_close(struct session *session, perfpool_heap *heap, struct problem *problem)
{
    bool deleted = problem_note(problem, "PerfDeleteInstance", PerfDeleteInstance(ExampleServer, session->instance));

    session->instance = NULL;
    /* Not before the instance is gone, because PERFLIB reads the variable until then. */
    if (deleted) {
        FreeMemory((void *)session->buffered, heap);
    }
    session->buffered = NULL;
    return deleted;
}
