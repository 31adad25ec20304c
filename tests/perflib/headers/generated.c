/* Compiled and run by check-headers as C and as C++: a program around a header of CTRPP's form, with perfpool's memory. */
// clang-format off
#include <windows.h>
#include <winperf.h>
#include <perflib.h>
#include <perfpool_perflib.h>
// clang-format on
#include <perfpool.h>

#include "generated.h"

int main(void)
{
    perfpool_heap *heap = perfpool_heap_create(NULL);
    ULONG error = CounterInitialize(NULL, AllocateMemory, FreeMemory, heap);
    const WCHAR name[] = {'o', 'n', 'e', 0};
    PERF_COUNTERSET_INSTANCE *instance;

    if (error != ERROR_SUCCESS)
        return 1;
    instance = PerfCreateInstance(Demo, &DemoSetGuid, name, 0);
    if (instance == NULL || PerfIncrementULongCounterValue(Demo, instance, DEMO_LIVE, 1) != ERROR_SUCCESS ||
        DemoSetInfo.Counter1.Scale != -3)
        return 2;
    CounterCleanup();
    return perfpool_heap_destroy(heap, 0) == 0 ? 0 : 3;
}
