#define _GNU_SOURCE
#include "support/library.h"

#include <stdio.h>
#include <string.h>

#include "support/require.h"

typedef void (*any_function)(void);

static any_function find(const struct library *library, const char *name);

#ifdef _WIN32

void library_copy(struct library *library)
{
    char own[LIBRARY_PATH];
    char directory[LIBRARY_PATH / 2];
    memset(library, 0, sizeof(*library));
    const HMODULE module = GetModuleHandleA("perfpool.dll");
    require(module != NULL);
    require(GetModuleFileNameA(module, own, sizeof(own)) > 0);
    require(GetTempPathA(sizeof(directory), directory) > 0);
    snprintf(library->path, sizeof(library->path), "%sperfpool-copy-%lu.dll", directory, GetCurrentProcessId());
    require_text(CopyFileA(own, library->path, FALSE), library->path);
}

static void open_library(struct library *library)
{
    library->handle = (void *)LoadLibraryA(library->path);
    require(library->handle != NULL);
}

static any_function find(const struct library *library, const char *name)
{
    return (any_function)GetProcAddress((HMODULE)library->handle, name);
}

void library_unload(struct library *library)
{
    require(FreeLibrary((HMODULE)library->handle));
}

void library_remove(struct library *library)
{
    DeleteFileA(library->path);
}

#else

#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void copy_file(const char *from, int to)
{
    char buffer[65536];
    size_t got;
    FILE *source = fopen(from, "rb");
    require_text(source != NULL, from);
    while ((got = fread(buffer, 1, sizeof(buffer), source)) > 0)
        require(write(to, buffer, got) == (ssize_t)got);
    fclose(source);
}

void library_copy(struct library *library)
{
    Dl_info own;
    memset(library, 0, sizeof(*library));
    void *symbol = dlsym(RTLD_DEFAULT, "perfpool_version");
    require(symbol != NULL && dladdr(symbol, &own) != 0);
    snprintf(library->path, sizeof(library->path), "/tmp/perfpool-copy-XXXXXX");
    const int file = mkstemp(library->path);
    require(file >= 0);
    copy_file(own.dli_fname, file);
    close(file);
}

static void open_library(struct library *library)
{
    library->handle = dlopen(library->path, RTLD_NOW | RTLD_LOCAL);
    require_text(library->handle != NULL, dlerror());
}

static any_function find(const struct library *library, const char *name)
{
    void *symbol = dlsym(library->handle, name);
    any_function function;
    memcpy(&function, &symbol, sizeof(function)); /* ISO C has no conversion between the two */
    return function;
}

void library_unload(struct library *library)
{
    require(dlclose(library->handle) == 0);
}

void library_remove(struct library *library)
{
    unlink(library->path);
}

#endif

/* Every pointer to a function has the same form on both targets; the field gives it its type back. */
#define FIND(library, field, name)                          \
    do {                                                    \
        const any_function found = find((library), (name)); \
        require_text(found != NULL, (name));                \
        memcpy(&(library)->field, &found, sizeof(found));   \
    } while (0)

void library_load(struct library *library)
{
    open_library(library);
    FIND(library, allocate, "AllocateMemory");
    FIND(library, release, "FreeMemory");
    FIND(library, heap_create, "perfpool_heap_create");
    FIND(library, heap_destroy, "perfpool_heap_destroy");
    FIND(library, heap_stats, "perfpool_heap_stats");
    FIND(library, version, "perfpool_version");
}
