#include "os.h"

#include "thread.h"

#include <windows.h>

enum { TEB_SLOTS = 64 };
#define FAULT_EXCEPTION ((DWORD)0xe0505046) /* "PF" with the severity and customer bits set */

uint32_t os_teb_offset;
static DWORD tls_index = TLS_OUT_OF_INDEXES;

bool os_reserve(struct os_range *range, size_t size)
{
    DWORD saved = GetLastError();
    range->size = size;
    range->prefix = false;
    range->base = VirtualAlloc(NULL, size, MEM_RESERVE, PAGE_READWRITE);
    SetLastError(saved);
    return range->base != NULL;
}

void os_release(const struct os_range *range)
{
    VirtualFree(range->base, 0, MEM_RELEASE);
}

bool os_commit(const struct os_range *range, void *start, size_t size)
{
    (void)range;
    DWORD saved = GetLastError();
    bool done = VirtualAlloc(start, size, MEM_COMMIT, PAGE_READWRITE) != NULL;
    SetLastError(saved);
    return done;
}

bool os_decommit(const struct os_range *range, void *start, size_t size)
{
    (void)range;
    DWORD saved = GetLastError();
    bool done = VirtualFree(start, size, MEM_DECOMMIT) != 0;
    SetLastError(saved);
    return done;
}

void os_small_pages(void *start, size_t size)
{
    (void)start, (void)size; /* Windows uses large pages on request only */
}

size_t os_address_space_left(void)
{
    return SIZE_MAX;
}

size_t os_default_reserve(bool default_heap)
{
    (void)default_heap;
    return sizeof(size_t) < 8 ? (size_t)64 << 20 : (size_t)1 << 30;
}

void os_set_error(enum os_error error)
{
    SetLastError(error == OS_ERROR_INVALID ? ERROR_INVALID_PARAMETER
                 : error == OS_ERROR_BUSY  ? ERROR_ALREADY_INITIALIZED
                                           : ERROR_NOT_ENOUGH_MEMORY);
}

uint32_t os_save_error(void)
{
    return GetLastError();
}

void os_restore_error(uint32_t saved)
{
    SetLastError(saved);
}

const char *os_environment(char *buffer, size_t size)
{
    DWORD length = GetEnvironmentVariableA("PERFPOOL_OPTIONS", buffer, (DWORD)size);
    return length > 0 && length < size ? buffer : NULL;
}

void os_write(const char *text, size_t length)
{
    DWORD written;
    OutputDebugStringA(text);
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), text, (DWORD)length, &written, NULL);
}

_Noreturn void os_fail(const char *text)
{
    /* The text goes into the exception, so that error reporting shows it. */
    EXCEPTION_RECORD record = {.ExceptionCode = FAULT_EXCEPTION, .ExceptionFlags = EXCEPTION_NONCONTINUABLE, .NumberParameters = 1};
    record.ExceptionInformation[0] = (ULONG_PTR)text;
    RaiseFailFastException(&record, NULL, FAIL_FAST_GENERATE_EXCEPTION_ADDRESS);
    TerminateProcess(GetCurrentProcess(), 2);
    for (;;) {
    }
}

bool os_library_attach(void)
{
    if (tls_index != TLS_OUT_OF_INDEXES)
        return true;
    tls_index = TlsAlloc();
    if (tls_index < TEB_SLOTS)
        os_teb_offset = (uint32_t)(OS_TEB_SLOTS + tls_index * sizeof(void *));
    else
        os_teb_offset = (uint32_t)(OS_FAR + (tls_index - TEB_SLOTS) * sizeof(void *));
    return tls_index != TLS_OUT_OF_INDEXES;
}

bool os_thread_set(struct thread_record *record)
{
    DWORD saved = GetLastError();
    bool done = TlsSetValue(tls_index, record) != 0;
    SetLastError(saved);
    return done;
}

void os_thread_mark_gone(void)
{
    TlsSetValue(tls_index, &thread_gone); /* a slot that could be set before can be set again */
}

#ifndef PERFPOOL_STATIC
/*
 * The DLL is linked without the C run-time, whose start-up code would import malloc; these are what the compiler may call. The
 * names of their parameters are not the header's. NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
 */
void *memset(void *target, int value, size_t n)
{
    void *at = target;
    __asm__ volatile("rep stosb" : "+D"(at), "+c"(n) : "a"(value) : "memory");
    return target;
}

void *memcpy(void *restrict target, const void *restrict source, size_t n)
{
    void *at = target;
    __asm__ volatile("rep movsb" : "+D"(at), "+S"(source), "+c"(n) : : "memory");
    return target;
}

int memcmp(const void *left, const void *right, size_t n)
{
    const unsigned char *a = left;
    const unsigned char *b = right;
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/*
 * Attach allocates the slot and nothing else. A thread's end releases its pools. The process's end does nothing: other threads were
 * ended in the middle of anything. FreeLibrary releases every heap without live blocks; others stay, as their blocks do.
 */
BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved);

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved)
{
    (void)instance;
    if (reason == DLL_PROCESS_ATTACH)
        return os_library_attach();
    if (reason == DLL_THREAD_DETACH)
        thread_exit();
    if (reason == DLL_PROCESS_DETACH && reserved == NULL) {
        heap_release_all();
        thread_release_all();
        TlsFree(tls_index);
    }
    return TRUE;
}
#endif
