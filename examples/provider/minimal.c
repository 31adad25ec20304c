#include <perfpool.h>
#include <perfpool_perflib.h> /* windows.h, winperf.h, perflib.h and the constants that MinGW lacks */
#include <stdio.h>

#include "counters.h" /* made of counters.man, by perfpool-ctrpp or CTRPP */

int main(void)
{
    perfpool_heap *heap = perfpool_heap_create(NULL);
    if (heap == NULL || CounterInitialize(NULL, AllocateMemory, FreeMemory, heap) != ERROR_SUCCESS)
        return 1;
    PERF_COUNTERSET_INSTANCE *session = PerfCreateInstance(ExampleServer, &SessionSetGuid, L"client-1", 1);
    if (session != NULL) { /* in cache lines of its own: what other threads count in other sessions is not in its way */
        PerfIncrementULongLongCounterValue(ExampleServer, session, SESSION_REQUESTS, 1);
        PerfDeleteInstance(ExampleServer, session);
    }
    CounterCleanup(); /* first the provider, then its memory */
    printf("%d blocks left\n", (int)perfpool_heap_destroy(heap, 0));
    return 0;
}
