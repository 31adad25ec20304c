/*
 * PERFLIB's functions under Windows' own names. They forward to the PERFLIB that perflib_use chose; what that one lacks is
 * ERROR_CALL_NOT_IMPLEMENTED.
 */
#define _ADVAPI32_ /* perflib.h then declares the functions as defined here and not in a DLL */
#include "perflib_table.h"

// The two systems' headers name the parameters differently; types and function names cannot stand in parentheses.
// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name, bugprone-macro-parentheses)

/*
 * Code that was compiled with Windows' perflib.h calls through pointers that the linker takes from an import library: __imp_ and
 * the function's name. These pointers are here too, so that an object which has them needs no import library. On 32-bit x86 a name
 * has a leading underscore and the bytes of its arguments behind it.
 */
#ifdef _WIN32
#ifdef __i386__
#define IMPORT_NAME(function, bytes) "__imp__" #function "@" #bytes
#else
#define IMPORT_NAME(function, bytes) "__imp_" #function
#endif
#define IMPORT(function, bytes)                                                                 \
    extern __typeof__(&function) const import_##function __asm__(IMPORT_NAME(function, bytes)); \
    __typeof__(&function) const import_##function = function;
#else
#define IMPORT(function, bytes)
#endif

#define FORWARD(function, bytes, parameters, ...)       \
    ULONG WINAPI function parameters                    \
    {                                                   \
        const struct perflib *perflib = perflib_used(); \
                                                        \
        if (perflib->function == NULL)                  \
            return ERROR_CALL_NOT_IMPLEMENTED;          \
        return perflib->function(__VA_ARGS__);          \
    }                                                   \
    IMPORT(function, bytes)

#define FORWARD_INSTANCE(function, bytes, parameters, ...) \
    PPERF_COUNTERSET_INSTANCE WINAPI function parameters   \
    {                                                      \
        const struct perflib *perflib = perflib_used();    \
                                                           \
        if (perflib->function == NULL) {                   \
            SetLastError(ERROR_CALL_NOT_IMPLEMENTED);      \
            return NULL;                                   \
        }                                                  \
        return perflib->function(__VA_ARGS__);             \
    }                                                      \
    IMPORT(function, bytes)

FORWARD(PerfStartProvider, 12, (LPGUID guid, PERFLIBREQUEST control, PHANDLE provider), guid, control, provider)
FORWARD(PerfStartProviderEx, 12, (LPGUID guid, PPERF_PROVIDER_CONTEXT context, PHANDLE provider), guid, context, provider)
FORWARD(PerfStopProvider, 4, (HANDLE provider), provider)
FORWARD(PerfSetCounterSetInfo, 12, (HANDLE provider, PPERF_COUNTERSET_INFO set, ULONG size), provider, set, size)
FORWARD_INSTANCE(PerfCreateInstance, 16, (HANDLE provider, LPCGUID set, PCWSTR name, ULONG id), provider, set, name, id)
FORWARD_INSTANCE(PerfQueryInstance, 16, (HANDLE provider, LPCGUID set, PCWSTR name, ULONG id), provider, set, name, id)
FORWARD(PerfDeleteInstance, 8, (HANDLE provider, PPERF_COUNTERSET_INSTANCE instance), provider, instance)
FORWARD(PerfSetCounterRefValue, 16, (HANDLE provider, PPERF_COUNTERSET_INSTANCE instance, ULONG id, PVOID address), provider,
        instance, id, address)
FORWARD(PerfSetULongCounterValue, 16, (HANDLE provider, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONG value), provider,
        instance, id, value)
FORWARD(PerfSetULongLongCounterValue, 20, (HANDLE provider, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONGLONG value),
        provider, instance, id, value)
FORWARD(PerfIncrementULongCounterValue, 16, (HANDLE provider, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONG value), provider,
        instance, id, value)
FORWARD(PerfIncrementULongLongCounterValue, 20, (HANDLE provider, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONGLONG value),
        provider, instance, id, value)
FORWARD(PerfDecrementULongCounterValue, 16, (HANDLE provider, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONG value), provider,
        instance, id, value)
FORWARD(PerfDecrementULongLongCounterValue, 20, (HANDLE provider, PPERF_COUNTERSET_INSTANCE instance, ULONG id, ULONGLONG value),
        provider, instance, id, value)
// NOLINTEND(readability-inconsistent-declaration-parameter-name, bugprone-macro-parentheses)
