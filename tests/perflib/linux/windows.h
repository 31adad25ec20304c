/*
 * Windows' names on Linux, as far as a provider of performance counters and the code that CTRPP generates use them. The types have
 * the sizes of 64-bit Windows.
 *
 * A WCHAR is a UTF-16 code unit, char16_t, so a literal is u"text". L"text" does not fit: wchar_t has 32 bits on Linux. Sources for
 * both systems use one macro, for example
 *
 *     #ifdef _WIN32
 *     #define WIDE(text) L##text
 *     #else
 *     #define WIDE(text) u##text
 *     #endif
 */
#ifndef PERFPOOL_TESTS_PERFLIB_LINUX_WINDOWS_H
#define PERFPOOL_TESTS_PERFLIB_LINUX_WINDOWS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifndef __cplusplus
#include <uchar.h>
#endif

/* Calling conventions: there is only one here. */
#define CALLBACK
#define WINAPI
#define APIENTRY

/*
 * Generated headers define data and functions after these words, and are included by more than one source. GCC warns of a
 * definition with `extern "C"` in front, so EXTERN_C is empty there; functions of your own go into an extern "C" block instead.
 * Clang does not warn, and needs it to share a variable of an unnamed type.
 */
#if defined(__cplusplus) && defined(__clang__)
#define EXTERN_C extern "C"
#else
#define EXTERN_C
#endif
#define DECLSPEC_SELECTANY __attribute__((__weak__))
#define DECLSPEC_IMPORT
#ifdef __cplusplus
#define FORCEINLINE inline __attribute__((__always_inline__))
#else
#define FORCEINLINE static __inline__ __attribute__((__always_inline__, __unused__))
#endif

/* Annotations. __in and __out are missing on purpose in C++: libstdc++ uses both as names. */
#define __in_opt
#define __out_opt
#define __inout_opt
#define __inout
#define __in_bcount(size)
#define __in_bcount_opt(size)
#define __out_bcount(size)
#ifndef __cplusplus
#define __in
#define __out
#endif
#define _In_
#define _In_opt_
#define _In_z_
#define _Inout_
#define _Inout_opt_
#define _Out_
#define _Out_opt_

#define VOID void
#define CONST const
#define TRUE 1
#define FALSE 0
#define UNREFERENCED_PARAMETER(parameter) ((void)(parameter))

typedef char CHAR;
typedef uint8_t BYTE;
typedef uint8_t UCHAR;
typedef int16_t SHORT;
typedef uint16_t WORD;
typedef uint16_t USHORT;
typedef int BOOL;
typedef int INT;
typedef unsigned UINT;
typedef int32_t LONG;
typedef uint32_t ULONG;
typedef uint32_t DWORD;
typedef int64_t LONGLONG;
typedef int64_t LONG64;
typedef uint64_t ULONGLONG;
typedef uint64_t ULONG64;
typedef uint64_t DWORD64;
typedef size_t SIZE_T;
typedef intptr_t LONG_PTR;
typedef uintptr_t ULONG_PTR;
typedef uintptr_t DWORD_PTR;
typedef char16_t WCHAR;

typedef void *PVOID;
typedef void *LPVOID;
typedef const void *LPCVOID;
typedef BYTE *PBYTE;
typedef LONG *PLONG;
typedef ULONG *PULONG;
typedef DWORD *PDWORD;
typedef DWORD *LPDWORD;
typedef ULONGLONG *PULONGLONG;
typedef CHAR *LPSTR;
typedef const CHAR *LPCSTR;
typedef WCHAR *PWSTR;
typedef WCHAR *LPWSTR;
typedef const WCHAR *PCWSTR;
typedef const WCHAR *LPCWSTR;
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

#define ZeroMemory(destination, size) memset((destination), 0, (size))
#define FillMemory(destination, size, byte) memset((destination), (byte), (size))
#define CopyMemory(destination, source, size) memcpy((destination), (source), (size))
#define MoveMemory(destination, source, size) memmove((destination), (source), (size))
#define RtlZeroMemory ZeroMemory
#define RtlCopyMemory CopyMemory

#define ERROR_SUCCESS 0U
#define NO_ERROR 0U
#define ERROR_INVALID_HANDLE 6U
#define ERROR_NOT_ENOUGH_MEMORY 8U
#define ERROR_OUTOFMEMORY 14U
#define ERROR_INVALID_PARAMETER 87U
#define ERROR_CALL_NOT_IMPLEMENTED 120U
#define ERROR_ALREADY_EXISTS 183U
#define ERROR_MORE_DATA 234U
#define ERROR_NO_DATA 232U
#define ERROR_NOT_FOUND 1168U

#ifdef __cplusplus
extern "C" {
#endif

/* The calling thread's last error, as on Windows. */
DWORD WINAPI GetLastError(void);
void WINAPI SetLastError(DWORD error);

#ifdef __cplusplus
}
#endif

#endif
