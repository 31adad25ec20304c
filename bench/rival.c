/* See rival.h. */
#include "rival.h"

#include "library.h"

#include <stdio.h>
#include <string.h>

/* The context is the function. */
static void *CALLBACK call_calloc(SIZE_T size, void *context)
{
    void *(*function)(size_t, size_t);

    memcpy(&function, &context, sizeof function);
    return function(1, size);
}

/* The part of PATH:ALLOCATE,FREE behind the path, which may have a drive's letter; NULL if that is all there is. */
static const char *functions_in(const char *path)
{
    const char *colon = strrchr(path, ':');

    return colon != NULL && strchr(colon, ',') != NULL ? colon : NULL;
}

/* Functions like malloc and free: they do without the context, and without an adapter. */
static void open_other(struct rival *rival, const struct bench_row *row, const char *functions)
{
    char file[1024];
    char allocate[64];
    const char *comma = strchr(functions, ',');
    const int length = (int)(comma - functions - 1);
    library_function function;

    if ((size_t)snprintf(file, sizeof file, "%.*s", (int)(functions - rival->path), rival->path) >= sizeof file ||
        (size_t)snprintf(allocate, sizeof allocate, "%.*s", length, functions + 1) >= sizeof allocate)
        bench_fail("too long: %s", rival->path);
    rival->library = library_open(file);
    function = library_find(rival->library, allocate);
    rival->memory.allocate = (PERF_MEM_ALLOC)function;
    rival->memory.release = (PERF_MEM_FREE)library_find(rival->library, comma + 1);
    if (length >= 6 && strcmp(allocate + length - 6, "calloc") == 0) {
        rival->memory.allocate = call_calloc;
        memcpy(&rival->memory.context, &function, sizeof function);
    }
    for (unsigned i = 0; i < row->heaps; i++)
        rival->contexts[i] = rival->memory.context;
}

/* Blocks of one size, the one that was freed last on top. */
struct stack {
    void **top;
    size_t bytes_to_clear;
    void *blocks[4096];
};

static void *CALLBACK stack_pop(SIZE_T size, void *context)
{
    struct stack *stack = context;
    void *block;

    (void)size;
    if (stack->top == stack->blocks)
        return NULL;
    block = *--stack->top;
    if (stack->bytes_to_clear != 0)
        memset(block, 0, stack->bytes_to_clear);
    return block;
}

static void CALLBACK stack_push(void *block, void *context)
{
    struct stack *stack = context;

    *stack->top++ = block;
}

static void open_stack(struct rival *rival, const struct bench_row *row, bool zeroed)
{
    const char *workload = row->workload->name;
    const bool one_size = strcmp(workload, "pair") == 0 || strcmp(workload, "batch") == 0 || strcmp(workload, "zeroed") == 0;
    const size_t n = row->workload->needs != NULL ? (size_t)(row->workload->needs(row) / row->size) : 1;
    const size_t distance = (row->size + BENCH_LINE - 1) / BENCH_LINE * BENCH_LINE;
    struct stack *stack = bench_own_memory(sizeof *stack);
    char *blocks = bench_own_memory(n * distance);

    if (!one_size || row->threads != 1 || n > sizeof stack->blocks / sizeof stack->blocks[0])
        bench_fail("a stack is for rows of one thread and one size, which this is not: '%s'", row->name);
    stack->top = stack->blocks;
    stack->bytes_to_clear = zeroed ? row->size : 0;
    for (size_t i = n; i-- > 0;)
        stack_push(blocks + i * distance, stack);
    rival->memory = (struct bench_memory){stack_pop, stack_push, stack};
    rival->contexts[0] = stack;
}

static void open_perfpool(struct rival *rival, const struct bench_row *row, bool zeroed)
{
    perfpool_options options = {.size = sizeof options, .flags = zeroed ? 0 : PERFPOOL_NO_ZERO, .name = "bench"};
    perfpool_heap *(PERFPOOL_CALL * create)(const perfpool_options *options);

    rival->library = library_open(rival->path);
    create = (perfpool_heap * (PERFPOOL_CALL *)(const perfpool_options *)) library_find(rival->library, "perfpool_heap_create");
    rival->heap_destroy = (size_t(PERFPOOL_CALL *)(perfpool_heap *, unsigned))library_find(rival->library, "perfpool_heap_destroy");
    rival->memory.allocate = (PERF_MEM_ALLOC)library_find(rival->library, "AllocateMemory");
    rival->memory.release = (PERF_MEM_FREE)library_find(rival->library, "FreeMemory");
    for (unsigned i = 0; i < row->heaps; i++) {
        rival->contexts[i] = create(&options);
        if (rival->contexts[i] == NULL)
            bench_fail("%s makes no heap", rival->path);
    }
    rival->memory.context = rival->contexts[0];
}

void rival_open(struct rival *rival, const char *path, const struct bench_row *row, bool zeroed)
{
    const char *functions = functions_in(path);

    *rival = (struct rival){.path = path};
    if (functions != NULL)
        open_other(rival, row, functions);
    else if (strcmp(path, "stack") == 0)
        open_stack(rival, row, zeroed);
    else
        open_perfpool(rival, row, zeroed);
}

void rival_close(const struct rival *rival, const struct bench_row *row)
{
    for (unsigned i = 0; i < row->heaps && rival->heap_destroy != NULL; i++) {
        size_t live = rival->heap_destroy(rival->contexts[i], 0);

        if (live != 0)
            bench_fail("%s: %lu blocks are live at the end", rival->path, (unsigned long)live);
    }
}
