/* The wrappers on Windows: written over the addresses that the loader has put into the DLL's import table. */
#include "inject/system_calls.h"

#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>

#include <string.h>

#include "support/require.h"

const struct system_call system_call_table[] = {
    {"VirtualAlloc", NULL},
    {"VirtualFree", NULL},
    {"TlsSetValue", NULL},
    {"TlsFree", NULL},
    {"GetEnvironmentVariableA", NULL},
    {"GetStdHandle", NULL},
    {"WriteFile", NULL},
    {"TlsAlloc", "called before the import table can be written; calls.c has all indexes taken instead"},
    {"OutputDebugStringA", "has no result"},
    {"GetLastError", "no call into the system"},
    {"SetLastError", "no call into the system"},
    {"GetCurrentProcess", "no call into the system"},
    {"RaiseFailFastException", "ends the process"},
    {"TerminateProcess", "ends the process"},
    {NULL, NULL},
};

static int64_t range_size(const void *base)
{
    MEMORY_BASIC_INFORMATION region;
    int64_t size = 0;
    for (const char *at = base; VirtualQuery(at, &region, sizeof(region)) != 0 && region.AllocationBase == base;
         at += region.RegionSize)
        size += (int64_t)region.RegionSize;
    return size;
}

static LPVOID WINAPI virtual_alloc(LPVOID address, SIZE_T size, DWORD type, DWORD protection)
{
    if (system_call_refused("VirtualAlloc")) {
        SetLastError(ERROR_COMMITMENT_LIMIT);
        return NULL;
    }
    void *base = VirtualAlloc(address, size, type, protection);
    if (base != NULL && (type & MEM_RESERVE) != 0)
        system_calls_note_mapped(range_size(base));
    return base;
}

static BOOL WINAPI virtual_free(LPVOID address, SIZE_T size, DWORD type)
{
    const int64_t bytes = (type & MEM_RELEASE) != 0 ? range_size(address) : 0;
    if (system_call_refused("VirtualFree")) {
        system_calls_note_kept(bytes);
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    const BOOL done = VirtualFree(address, size, type);
    if (done)
        system_calls_note_mapped(-bytes);
    return done;
}

static BOOL WINAPI tls_set_value(DWORD index, LPVOID value)
{
    if (!system_call_refused("TlsSetValue"))
        return TlsSetValue(index, value);
    SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return FALSE;
}

/* Given back all the same: a process has few of them, and the next life of the library is to find one. */
static BOOL WINAPI tls_free(DWORD index)
{
    const BOOL done = TlsFree(index);
    if (!system_call_refused("TlsFree"))
        return done;
    SetLastError(ERROR_INVALID_PARAMETER);
    return FALSE;
}

static DWORD WINAPI get_environment_variable(LPCSTR name, LPSTR buffer, DWORD size)
{
    if (!system_call_refused("GetEnvironmentVariableA"))
        return GetEnvironmentVariableA(name, buffer, size);
    SetLastError(ERROR_ENVVAR_NOT_FOUND);
    return 0;
}

static HANDLE WINAPI get_std_handle(DWORD which)
{
    if (!system_call_refused("GetStdHandle"))
        return GetStdHandle(which);
    SetLastError(ERROR_INVALID_HANDLE);
    return INVALID_HANDLE_VALUE;
}

static BOOL WINAPI write_file(HANDLE file, LPCVOID data, DWORD size, LPDWORD written, LPOVERLAPPED overlapped)
{
    const bool refused = system_call_refused("WriteFile");
    *written = refused ? 0 : size; /* messages that the scenario provokes, as if written */
    if (!refused)
        return system_calls.armed ? TRUE : WriteFile(file, data, size, written, overlapped);
    SetLastError(ERROR_BROKEN_PIPE);
    return FALSE;
}

/* What is written over an import, NULL if it is never refused. */
static FARPROC wrapper_of(const char *name)
{
    static const struct {
        const char *name;
        FARPROC wrapper;
    } wrappers[] = {
        {"VirtualAlloc", (FARPROC)(void (*)(void))virtual_alloc},
        {"VirtualFree", (FARPROC)(void (*)(void))virtual_free},
        {"TlsSetValue", (FARPROC)(void (*)(void))tls_set_value},
        {"TlsFree", (FARPROC)(void (*)(void))tls_free},
        {"GetEnvironmentVariableA", (FARPROC)(void (*)(void))get_environment_variable},
        {"GetStdHandle", (FARPROC)(void (*)(void))get_std_handle},
        {"WriteFile", (FARPROC)(void (*)(void))write_file},
    };
    for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++)
        if (strcmp(wrappers[i].name, name) == 0)
            return wrappers[i].wrapper;
    return NULL;
}

static const struct system_call *entry_of(const char *name)
{
    const struct system_call *entry = system_call_table;
    while (entry->name != NULL && strcmp(entry->name, name) != 0)
        entry++;
    return entry->name != NULL ? entry : NULL;
}

static void write_slot(ULONG_PTR *slot, FARPROC function)
{
    DWORD before;
    require(VirtualProtect(slot, sizeof(*slot), PAGE_READWRITE, &before));
    *slot = (ULONG_PTR)function;
    require(VirtualProtect(slot, sizeof(*slot), before, &before));
}

/* The imports of one DLL: two tables side by side, of the names and of the addresses. */
static const char *attach_imports(char *image, const IMAGE_IMPORT_DESCRIPTOR *from)
{
    const IMAGE_THUNK_DATA *names = (const IMAGE_THUNK_DATA *)(void *)(image + from->OriginalFirstThunk);
    IMAGE_THUNK_DATA *slots = (IMAGE_THUNK_DATA *)(void *)(image + from->FirstThunk);
    for (; names->u1.AddressOfData != 0; names++, slots++) {
        if (IMAGE_SNAP_BY_ORDINAL(names->u1.Ordinal))
            return "an import by ordinal";
        const char *name = (const char *)((const IMAGE_IMPORT_BY_NAME *)(void *)(image + names->u1.AddressOfData))->Name;
        const struct system_call *entry = entry_of(name);
        const FARPROC wrapper = wrapper_of(name);
        if (entry == NULL || (entry->never_refused == NULL) != (wrapper != NULL))
            return name;
        if (wrapper != NULL)
            write_slot(&slots->u1.Function, wrapper);
    }
    return NULL;
}

const char *system_calls_attach(void *library)
{
    char *image = library;
    const IMAGE_DOS_HEADER *dos = library;
    const IMAGE_NT_HEADERS *headers = (const IMAGE_NT_HEADERS *)(void *)(image + dos->e_lfanew);
    const IMAGE_DATA_DIRECTORY *directory = &headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT];
    const char *unknown = NULL;
    require(dos->e_magic == IMAGE_DOS_SIGNATURE && headers->Signature == IMAGE_NT_SIGNATURE && directory->Size != 0);
    const IMAGE_IMPORT_DESCRIPTOR *from = (const IMAGE_IMPORT_DESCRIPTOR *)(void *)(image + directory->VirtualAddress);
    for (; from->Name != 0 && unknown == NULL; from++)
        unknown = attach_imports(image, from);
    return unknown;
}
