/*
 * See contender.h.
 *
 * Every contender is called through the same two pointers, of exactly PERFLIB's types. Functions with the types of malloc and free
 * are called directly, without an adapter that would cost them a jump: on the targets here a callee that takes fewer arguments
 * ignores the last one.
 */
#include "contender.h"

#include "library.h"
#include "perfpool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <windows.h>
#define PERFPOOL_FILE "perfpool.dll"
#else
#define PERFPOOL_FILE "libperfpool.so"
#endif

enum { NULL_BLOCK_SIZE = 2 * 1024 * 1024 };

const char contender_help[] = "  perfpool             perfpool with PERFPOOL_NO_ZERO (file: --library)\n"
                              "  perfpool-zeroed      perfpool as it is by default, blocks cleared\n"
                              "  malloc, calloc       the C library's, or those of a preloaded allocator\n"
#ifdef _WIN32
                              "  process-heap         HeapAlloc on the process heap, which is PERFLIB's default\n"
                              "  process-heap-zeroed  the same with HEAP_ZERO_MEMORY\n"
#endif
                              "  null                 one fixed block for each thread, free does nothing: the harness's own cost\n"
                              "  NAME=PATH[:ALLOCATE,FREE]  functions like malloc and free of another library\n";

/* The null contender. */
static char *null_blocks;

static void *CALLBACK null_allocate(SIZE_T size, void *context)
{
    (void)size;
    return context;
}

static void CALLBACK null_release(void *block, void *context)
{
    (void)block;
    (void)context;
}

LPVOID contender_context(const struct bench_memory *memory, unsigned thread)
{
    return memory->allocate == null_allocate ? null_blocks + (size_t)thread * NULL_BLOCK_SIZE : memory->context;
}

static void open_null(struct contender *contender)
{
    null_blocks = bench_own_memory((size_t)BENCH_MOST_THREADS * NULL_BLOCK_SIZE);
    contender->memory = (struct bench_memory){null_allocate, null_release, null_blocks};
    contender->is_null = true;
    snprintf(contender->origin, sizeof contender->origin, "none");
}

/* Functions with the types of malloc and free. */
static void open_malloc_like(struct contender *contender, void *library, const char *allocate, const char *release)
{
    library_function function = library_find(library, allocate);

    contender->memory.allocate = (PERF_MEM_ALLOC)function;
    contender->memory.release = (PERF_MEM_FREE)library_find(library, release);
    library_origin(function, contender->origin, sizeof contender->origin);
}

static void *(*calloc_function)(size_t n, size_t size);

static void *CALLBACK calloc_adapter(SIZE_T size, void *context)
{
    (void)context;
    return calloc_function(1, size);
}

static void open_calloc(struct contender *contender)
{
    open_malloc_like(contender, NULL, "calloc", "free");
    calloc_function = (void *(*)(size_t, size_t))library_find(NULL, "calloc");
    contender->memory.allocate = calloc_adapter;
}

#ifdef _WIN32
/* The context is the heap. */
static void *CALLBACK heap_allocate(SIZE_T size, void *context)
{
    return HeapAlloc(context, 0, size);
}

static void *CALLBACK heap_allocate_zeroed(SIZE_T size, void *context)
{
    return HeapAlloc(context, HEAP_ZERO_MEMORY, size);
}

static void CALLBACK heap_release(void *block, void *context)
{
    HeapFree(context, 0, block);
}

static void open_process_heap(struct contender *contender, PERF_MEM_ALLOC allocate)
{
    contender->memory = (struct bench_memory){allocate, heap_release, GetProcessHeap()};
    library_origin((library_function)HeapAlloc, contender->origin, sizeof contender->origin);
}
#endif

/* perfpool, loaded at run time like any program loads it. */
static perfpool_heap *heap;
static size_t(PERFPOOL_CALL *heap_destroy)(perfpool_heap *heap, unsigned flags);

static void open_perfpool(struct contender *contender, const char *path, uint32_t flags)
{
    void *library = library_open(path != NULL ? path : PERFPOOL_FILE);
    perfpool_heap *(PERFPOOL_CALL * heap_create)(const perfpool_options *options);
    const char *(PERFPOOL_CALL * version)(void);
    perfpool_options options = {.size = sizeof options, .flags = flags, .name = "bench"};
    size_t length;

    heap_create = (perfpool_heap * (PERFPOOL_CALL *)(const perfpool_options *)) library_find(library, "perfpool_heap_create");
    heap_destroy = (size_t(PERFPOOL_CALL *)(perfpool_heap *, unsigned))library_find(library, "perfpool_heap_destroy");
    version = (const char *(PERFPOOL_CALL *)(void))library_find(library, "perfpool_version");
    open_malloc_like(contender, library, "AllocateMemory", "FreeMemory");
    length = strlen(contender->origin);
    snprintf(contender->origin + length, sizeof contender->origin - length, " %s", version());
    heap = heap_create(&options);
    if (heap == NULL)
        bench_fail("perfpool_heap_create: no heap");
    contender->memory.context = heap;
}

/* NAME=PATH[:ALLOCATE,FREE]; `equals` points to the sign. A colon that belongs to a Windows drive is part of the path. */
static void open_other(struct contender *contender, const char *what, const char *equals)
{
    char path[1024];
    char *functions;
    char *comma;

    snprintf(contender->name, sizeof contender->name, "%.*s", (int)(equals - what), what);
    snprintf(path, sizeof path, "%s", equals + 1);
    functions = strrchr(path, ':');
    comma = functions != NULL ? strchr(functions, ',') : NULL;
    if (comma == NULL) {
        open_malloc_like(contender, library_open(path), "malloc", "free");
        return;
    }
    *functions = '\0';
    *comma = '\0';
    open_malloc_like(contender, library_open(path), functions + 1, comma + 1);
}

bool contender_open(struct contender *contender, const char *what, const char *library)
{
    const char *equals = strchr(what, '=');

    memset(contender, 0, sizeof *contender);
    snprintf(contender->name, sizeof contender->name, "%s", what);
    if (equals != NULL)
        open_other(contender, what, equals);
    else if (strcmp(what, "perfpool") == 0)
        open_perfpool(contender, library, PERFPOOL_NO_ZERO);
    else if (strcmp(what, "perfpool-zeroed") == 0)
        open_perfpool(contender, library, 0);
    else if (strcmp(what, "malloc") == 0)
        open_malloc_like(contender, NULL, "malloc", "free");
    else if (strcmp(what, "calloc") == 0)
        open_calloc(contender);
    else if (strcmp(what, "null") == 0)
        open_null(contender);
#ifdef _WIN32
    else if (strcmp(what, "process-heap") == 0)
        open_process_heap(contender, heap_allocate);
    else if (strcmp(what, "process-heap-zeroed") == 0)
        open_process_heap(contender, heap_allocate_zeroed);
#endif
    else
        return false;
    return true;
}

void contender_close(struct contender *contender)
{
    if (contender->is_null)
        free(null_blocks);
    if (heap != NULL) {
        size_t live = heap_destroy(heap, 0);

        if (live != 0)
            bench_fail("%lu blocks are live at the end", (unsigned long)live);
    }
    heap = NULL;
}
