/*
 * See contender.h.
 *
 * Every contender is called through the same two pointers, of exactly PERFLIB's types. Functions with the types of malloc and free
 * are called directly, without an adapter that would cost them a jump: on the targets here a callee that takes fewer arguments
 * ignores the last one.
 */
#include "contender.h"

#include "contender_perfpool.h"
#include "library.h"
#include "perfpool.h"

#include <stdio.h>
#include <string.h>

#ifdef _WIN32
#include <windows.h>
#endif

enum { NULL_BLOCK_SIZE = 2 * 1024 * 1024 };

const char contender_help[] = "  perfpool             perfpool with PERFPOOL_NO_ZERO (file: --library)\n"
                              "  perfpool-zeroed      perfpool as it is by default, blocks cleared\n"
                              "  malloc, calloc       the C library's, or those of a preloaded allocator\n"
#ifdef _WIN32
                              "  process-heap         HeapAlloc on the process heap, which is PERFLIB's default\n"
                              "  process-heap-zeroed  the same with HEAP_ZERO_MEMORY\n"
                              "  private-heap         HeapAlloc on heaps of HeapCreate\n"
                              "  private-heap-zeroed  the same with HEAP_ZERO_MEMORY\n"
#endif
                              "  null                 one fixed block for each thread, free does nothing: the harness's own cost\n"
                              "  NAME=PATH[:ALLOCATE,FREE]  functions like malloc and free of another library (like calloc, if\n"
                              "                       ALLOCATE ends in that)\n";

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

static void open_null(struct contender *contender)
{
    null_blocks = bench_own_memory((size_t)BENCH_MOST_THREADS * NULL_BLOCK_SIZE);
    contender->memory = (struct bench_memory){null_allocate, null_release, null_blocks};
    contender->is_null = true;
    snprintf(contender->origin, sizeof contender->origin, "none");
}

/* Functions with the types of malloc and free, or calloc and free. */
static void *malloc_library;
static void *(*calloc_function)(size_t n, size_t size);

static void *CALLBACK calloc_adapter(SIZE_T size, void *context)
{
    (void)context;
    return calloc_function(1, size);
}

static void open_malloc_like(struct contender *contender, void *library, const char *allocate, const char *release)
{
    library_function function = library_find(library, allocate);
    size_t length = strlen(allocate);

    malloc_library = library;
    contender->memory.allocate = (PERF_MEM_ALLOC)function;
    if (length >= 6 && strcmp(allocate + length - 6, "calloc") == 0) {
        calloc_function = (void *(*)(size_t, size_t))function;
        contender->memory.allocate = calloc_adapter;
    }
    contender->memory.release = (PERF_MEM_FREE)library_find(library, release);
    library_origin(function, contender->origin, sizeof contender->origin);
}

/* How allocators let their users ask for memory back; the first that is there is the one. */
static bool trim_malloc_like(void)
{
    library_function function;
    static const struct {
        const char *name;
        int argument;
    } functions[] = {
        {"mi_collect", 1}, {"scalable_allocation_command", 0}, {"MallocExtension_ReleaseFreeMemory", 0}, {"_heapmin", 0}};

    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        function = library_look(malloc_library, functions[i].name);
        if (function != NULL) {
            ((int (*)(int, void *))function)(functions[i].argument, NULL);
            return true;
        }
    }
    function = library_look(malloc_library, "mallctl");
    if (function != NULL) {
        /* 4096 stands for all arenas. */
        int (*control)(const char *, void *, size_t *, void *, size_t) =
            (int (*)(const char *, void *, size_t *, void *, size_t))function;

        control("thread.tcache.flush", NULL, NULL, NULL, 0);
        control("arena.4096.purge", NULL, NULL, NULL, 0);
        return true;
    }
    function = library_look(malloc_library, "malloc_trim");
    if (function != NULL)
        ((int (*)(size_t))function)(0);
    return function != NULL;
}

#ifdef _WIN32
/* The context is the heap. */
static HANDLE private_heaps[BENCH_MOST_HEAPS];

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

static HANDLE private_heap(unsigned index)
{
    if (private_heaps[index] == NULL)
        private_heaps[index] = HeapCreate(0, 0, 0);
    if (private_heaps[index] == NULL)
        bench_fail("HeapCreate: error %lu", GetLastError());
    return private_heaps[index];
}

static void open_heap(struct contender *contender, PERF_MEM_ALLOC allocate, HANDLE heap)
{
    contender->memory = (struct bench_memory){allocate, heap_release, heap};
    library_origin((library_function)HeapAlloc, contender->origin, sizeof contender->origin);
}
#endif

LPVOID contender_context(const struct bench_memory *memory, unsigned thread, unsigned heap)
{
    LPVOID own = contender_perfpool_heap(heap);

    if (memory->allocate == null_allocate)
        return null_blocks + (size_t)thread * NULL_BLOCK_SIZE;
#ifdef _WIN32
    if (own == NULL && private_heaps[0] != NULL)
        own = private_heap(heap);
#endif
    return own != NULL ? own : memory->context;
}

bool contender_trim(const struct bench_memory *memory)
{
#ifdef _WIN32
    if (memory->release == heap_release)
        return HeapCompact(memory->context, 0) != 0;
#else
    (void)memory;
#endif
    return contender_perfpool_trim() || trim_malloc_like();
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

static bool open_named(struct contender *contender, const char *what, const char *library)
{
    if (strcmp(what, "perfpool") == 0)
        contender_perfpool_open(contender, library, PERFPOOL_NO_ZERO);
    else if (strcmp(what, "perfpool-zeroed") == 0)
        contender_perfpool_open(contender, library, 0);
    else if (strcmp(what, "malloc") == 0 || strcmp(what, "calloc") == 0)
        open_malloc_like(contender, NULL, what, "free");
    else if (strcmp(what, "null") == 0)
        open_null(contender);
#ifdef _WIN32
    else if (strcmp(what, "process-heap") == 0)
        open_heap(contender, heap_allocate, GetProcessHeap());
    else if (strcmp(what, "process-heap-zeroed") == 0)
        open_heap(contender, heap_allocate_zeroed, GetProcessHeap());
    else if (strcmp(what, "private-heap") == 0)
        open_heap(contender, heap_allocate, private_heap(0));
    else if (strcmp(what, "private-heap-zeroed") == 0)
        open_heap(contender, heap_allocate_zeroed, private_heap(0));
#endif
    else
        return false;
    return true;
}

bool contender_open(struct contender *contender, const char *what, const char *library)
{
    const char *equals = strchr(what, '=');

    memset(contender, 0, sizeof *contender);
    snprintf(contender->name, sizeof contender->name, "%s", what);
    if (equals == NULL)
        return open_named(contender, what, library);
    open_other(contender, what, equals);
    return true;
}

void contender_close(struct contender *contender)
{
    if (contender->is_null)
        bench_own_release(null_blocks);
    contender_perfpool_close();
#ifdef _WIN32
    for (unsigned i = 0; i < BENCH_MOST_HEAPS && private_heaps[i] != NULL; i++)
        HeapDestroy(private_heaps[i]);
#endif
}
