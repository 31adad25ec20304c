/* What CTRPP makes of a manifest with one multi-instance counter set of two counters and callback="custom", written by hand for the
 * README's example. */
#ifndef COUNTERS_H
#define COUNTERS_H

#define REQUESTS (1)
#define BYTES_SENT (2)

static GUID WebServerGuid = {0x0f1e2d3c, 0x0001, 0x4a00, {0x80, 0, 0, 0, 0, 0, 0xd0, 0x01}};
static GUID WebServerSetGuid = {0x0f1e2d3c, 0x0002, 0x4a00, {0x80, 0, 0, 0, 0, 0, 0xd0, 0x02}};
static HANDLE WebServer = NULL;

static struct {
    PERF_COUNTERSET_INFO CounterSet;
    PERF_COUNTER_INFO Counter0;
    PERF_COUNTER_INFO Counter1;
} WebServerSetInfo = {
    {{0x0f1e2d3c, 0x0002, 0x4a00, {0x80, 0, 0, 0, 0, 0, 0xd0, 0x02}},
     {0x0f1e2d3c, 0x0001, 0x4a00, {0x80, 0, 0, 0, 0, 0, 0xd0, 0x01}},
     2,
     2},
    {1, PERF_COUNTER_LARGE_RAWCOUNT, 0, sizeof(ULONGLONG), PERF_DETAIL_NOVICE, 0, 0},
    {2, PERF_COUNTER_BULK_COUNT, 0, sizeof(ULONGLONG), PERF_DETAIL_NOVICE, 0, 0},
};

static __inline VOID CounterCleanup(VOID)
{
    if (WebServer != NULL) {
        PerfStopProvider(WebServer);
        WebServer = NULL;
    }
}

static __inline ULONG CounterInitialize(PERFLIBREQUEST NotificationCallback, PERF_MEM_ALLOC MemoryAllocationFunction,
                                        PERF_MEM_FREE MemoryFreeFunction, PVOID MemoryFunctionsContext)
{
    PERF_PROVIDER_CONTEXT context;
    ULONG status;
    ZeroMemory(&context, sizeof(context));
    context.ContextSize = sizeof(context);
    context.ControlCallback = NotificationCallback;
    context.MemAllocRoutine = MemoryAllocationFunction;
    context.MemFreeRoutine = MemoryFreeFunction;
    context.pMemContext = MemoryFunctionsContext;
    status = PerfStartProviderEx(&WebServerGuid, &context, &WebServer);
    if (status != ERROR_SUCCESS) {
        WebServer = NULL;
        return status;
    }
    status = PerfSetCounterSetInfo(WebServer, &WebServerSetInfo.CounterSet, sizeof(WebServerSetInfo));
    if (status != ERROR_SUCCESS)
        CounterCleanup();
    return status;
}

#endif
