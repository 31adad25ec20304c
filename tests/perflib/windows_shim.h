/*
 * Windows' names for PERFLIB V2, on both targets.
 *
 * On Windows: the system's headers, and the constants that MinGW's perflib.h lacks. On Linux: the same types with the same layout
 * as on 64-bit Windows; a WCHAR is a UTF-16 code unit there too.
 */
#ifndef PERFPOOL_TESTS_PERFLIB_WINDOWS_SHIM_H
#define PERFPOOL_TESTS_PERFLIB_WINDOWS_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef _WIN32
/* The order matters: perflib.h uses the types of the other two. */
// clang-format off
#include <windows.h>
#include <winperf.h>
#include <perflib.h>
// clang-format on
#else
#include <uchar.h>

#define CALLBACK
#define WINAPI

typedef uint32_t DWORD;
typedef uint32_t ULONG;
typedef int32_t LONG;
typedef uint64_t ULONGLONG;
typedef size_t SIZE_T;
typedef char16_t WCHAR;
typedef const WCHAR *PCWSTR;
typedef void *LPVOID;
typedef void *PVOID;
typedef void *HANDLE;
typedef HANDLE *PHANDLE;

typedef struct _GUID {
    uint32_t Data1;
    uint16_t Data2;
    uint16_t Data3;
    uint8_t Data4[8];
} GUID;
typedef GUID *LPGUID;
typedef const GUID *LPCGUID;

typedef LPVOID(CALLBACK *PERF_MEM_ALLOC)(SIZE_T AllocSize, LPVOID pContext);
typedef void(CALLBACK *PERF_MEM_FREE)(LPVOID pBuffer, LPVOID pContext);
typedef ULONG(WINAPI *PERFLIBREQUEST)(ULONG RequestCode, PVOID Buffer, ULONG BufferSize);

typedef struct _PERF_PROVIDER_CONTEXT {
    DWORD ContextSize;
    DWORD Reserved;
    PERFLIBREQUEST ControlCallback;
    PERF_MEM_ALLOC MemAllocRoutine;
    PERF_MEM_FREE MemFreeRoutine;
    LPVOID pMemContext;
} PERF_PROVIDER_CONTEXT, *PPERF_PROVIDER_CONTEXT;

typedef struct _PERF_COUNTERSET_INFO {
    GUID CounterSetGuid;
    GUID ProviderGuid;
    ULONG NumCounters;
    ULONG InstanceType;
} PERF_COUNTERSET_INFO, *PPERF_COUNTERSET_INFO;

typedef struct _PERF_COUNTER_INFO {
    ULONG CounterId;
    ULONG Type;
    ULONGLONG Attrib;
    ULONG Size;
    ULONG DetailLevel;
    LONG Scale;
    ULONG Offset;
} PERF_COUNTER_INFO, *PPERF_COUNTER_INFO;

typedef struct _PERF_COUNTERSET_INSTANCE {
    GUID CounterSetGuid;
    ULONG dwSize;
    ULONG InstanceId;
    ULONG InstanceNameOffset;
    ULONG InstanceNameSize;
} PERF_COUNTERSET_INSTANCE, *PPERF_COUNTERSET_INSTANCE;

typedef struct _PERF_COUNTER_IDENTITY {
    GUID CounterSetGuid;
    ULONG BufferSize;
    ULONG CounterId;
    ULONG InstanceId;
    ULONG MachineOffset;
    ULONG NameOffset;
    ULONG Reserved;
} PERF_COUNTER_IDENTITY, *PPERF_COUNTER_IDENTITY;

#define ERROR_SUCCESS 0U
#define ERROR_NOT_ENOUGH_MEMORY 8U
#define ERROR_OUTOFMEMORY 14U
#define ERROR_INVALID_PARAMETER 87U
#define ERROR_ALREADY_EXISTS 183U
#define ERROR_NOT_FOUND 1168U

#define PERF_COUNTER_RAWCOUNT 0x00010000U
#define PERF_COUNTER_LARGE_RAWCOUNT 0x00010100U
#define PERF_DETAIL_NOVICE 100

/* The calling thread's last error, as on Windows. */
DWORD GetLastError(void);
void SetLastError(DWORD error);
#endif

#ifndef PERF_COUNTERSET_SINGLE_INSTANCE
#define PERF_COUNTERSET_SINGLE_INSTANCE 0
#endif
#ifndef PERF_COUNTERSET_MULTI_INSTANCES
#define PERF_COUNTERSET_MULTI_INSTANCES 2
#endif
#ifndef PERF_ATTRIB_BY_REFERENCE
#define PERF_ATTRIB_BY_REFERENCE 0x1
#endif
#ifndef PERF_MAX_INSTANCE_NAME
#define PERF_MAX_INSTANCE_NAME 1024
#endif

#ifdef __cplusplus
#define PERFLIB_STATIC_ASSERT static_assert
#else
#define PERFLIB_STATIC_ASSERT _Static_assert
#endif
PERFLIB_STATIC_ASSERT(sizeof(GUID) == 16, "GUID");
PERFLIB_STATIC_ASSERT(sizeof(PERF_PROVIDER_CONTEXT) == 8 + 4 * sizeof(void *), "PERF_PROVIDER_CONTEXT");
PERFLIB_STATIC_ASSERT(sizeof(PERF_COUNTERSET_INFO) == 40, "PERF_COUNTERSET_INFO");
PERFLIB_STATIC_ASSERT(sizeof(PERF_COUNTER_INFO) == 32, "PERF_COUNTER_INFO");
PERFLIB_STATIC_ASSERT(sizeof(PERF_COUNTERSET_INSTANCE) == 32, "PERF_COUNTERSET_INSTANCE");
PERFLIB_STATIC_ASSERT(sizeof(PERF_COUNTER_IDENTITY) == 40, "PERF_COUNTER_IDENTITY");
PERFLIB_STATIC_ASSERT(sizeof(WCHAR) == 2, "WCHAR");

#endif
