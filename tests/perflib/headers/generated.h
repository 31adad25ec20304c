/*
 * In the form of CTRPP's output, with what compilers stumble over: EXTERN_C before definitions, GUIDs without inner braces, a
 * negative scale as an unsigned number, annotations.
 */
#pragma once

#define DEMO_LIVE (1)
#define DEMO_BYTES (2)

// clang-format off
EXTERN_C DECLSPEC_SELECTANY GUID DemoGuid = { 0xf1e2d3c, 0x1, 0x4a00, 0x80, 0, 0, 0, 0, 0, 0xd0, 0x1 };
EXTERN_C DECLSPEC_SELECTANY GUID DemoSetGuid = { 0xf1e2d3c, 0x2, 0x4a00, 0x80, 0, 0, 0, 0, 0, 0xd0, 0x2 };

EXTERN_C DECLSPEC_SELECTANY HANDLE Demo = NULL;

EXTERN_C DECLSPEC_SELECTANY struct {
    PERF_COUNTERSET_INFO CounterSet;
    PERF_COUNTER_INFO Counter0;
    PERF_COUNTER_INFO Counter1;
} DemoSetInfo = {
    { { 0xf1e2d3c, 0x2, 0x4a00, 0x80, 0, 0, 0, 0, 0, 0xd0, 0x2 }, { 0xf1e2d3c, 0x1, 0x4a00, 0x80, 0, 0, 0, 0, 0, 0xd0, 0x1 }, 2, PERF_COUNTERSET_MULTI_INSTANCES },
    { 1, PERF_COUNTER_RAWCOUNT, 0, sizeof(ULONG), PERF_DETAIL_NOVICE, 0, 0 },
    { 2, PERF_COUNTER_LARGE_RAWCOUNT, PERF_ATTRIB_BY_REFERENCE | PERF_ATTRIB_DISPLAY_AS_HEX, sizeof(ULONGLONG), PERF_DETAIL_ADVANCED, 4294967293, 0 },
};

EXTERN_C FORCEINLINE VOID CounterCleanup(VOID)
{
    if (Demo != NULL) {
        PerfStopProvider(Demo);
        Demo = NULL;
    }
}

EXTERN_C FORCEINLINE ULONG CounterInitialize(
    __in_opt PERFLIBREQUEST NotificationCallback,
    __in_opt PERF_MEM_ALLOC MemoryAllocationFunction,
    __in_opt PERF_MEM_FREE MemoryFreeFunction,
    __inout_opt PVOID MemoryFunctionsContext)
{
    ULONG Status;
    PERF_PROVIDER_CONTEXT ProviderContext;

    ZeroMemory(&ProviderContext, sizeof(PERF_PROVIDER_CONTEXT));
    ProviderContext.ContextSize = sizeof(PERF_PROVIDER_CONTEXT);
    ProviderContext.ControlCallback = NotificationCallback;
    ProviderContext.MemAllocRoutine = MemoryAllocationFunction;
    ProviderContext.MemFreeRoutine = MemoryFreeFunction;
    ProviderContext.pMemContext = MemoryFunctionsContext;
    Status = PerfStartProviderEx(&DemoGuid, &ProviderContext, &Demo);
    if (Status != ERROR_SUCCESS) {
        Demo = NULL;
        return Status;
    }
    Status = PerfSetCounterSetInfo(Demo, &DemoSetInfo.CounterSet, sizeof DemoSetInfo);
    if (Status != ERROR_SUCCESS) {
        CounterCleanup();
        return Status;
    }
    return ERROR_SUCCESS;
}
// clang-format on
