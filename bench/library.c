/* See library.h. */
#ifndef _WIN32
#define _GNU_SOURCE /* dladdr, RTLD_DEFAULT */
#endif
#include "library.h"

#include "bench.h"

#include <stdio.h>
#include <string.h>

#ifdef _WIN32
#include <windows.h>

void *library_open(const char *path)
{
    HMODULE module = LoadLibraryA(path);

    if (module == NULL)
        bench_fail("cannot load %s: error %lu", path, GetLastError());
    return module;
}

library_function library_look(void *library, const char *name)
{
    HMODULE module = library != NULL ? library : GetModuleHandleA("msvcrt.dll");

    return (library_function)(void (*)(void))GetProcAddress(module, name);
}

void library_origin(library_function function, char *path, size_t size)
{
    HMODULE module = NULL;
    LPCSTR address;
    DWORD flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;

    memcpy(&address, &function, sizeof address);
    if (!GetModuleHandleExA(flags, address, &module) || GetModuleFileNameA(module, path, (DWORD)size) == 0)
        snprintf(path, size, "unknown");
}
#else
#include <dlfcn.h>

void *library_open(const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    if (library == NULL)
        bench_fail("cannot load %s: %s", path, dlerror());
    return library;
}

library_function library_look(void *library, const char *name)
{
    void *address = dlsym(library != NULL ? library : RTLD_DEFAULT, name);
    library_function function;

    /* POSIX says that a function's address goes through void *; ISO C has no cast for it. */
    memcpy(&function, &address, sizeof function);
    return function;
}

void library_origin(library_function function, char *path, size_t size)
{
    void *address;
    Dl_info info;

    memcpy(&address, &function, sizeof address);
    snprintf(path, size, "%s", dladdr(address, &info) != 0 && info.dli_fname != NULL ? info.dli_fname : "unknown");
}
#endif

library_function library_find(void *library, const char *name)
{
    library_function function = library_look(library, name);

    if (function == NULL)
        bench_fail("there is no function %s in that library", name);
    return function;
}
