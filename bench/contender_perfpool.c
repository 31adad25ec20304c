/* See contender_perfpool.h. */
#include "contender_perfpool.h"

#include "library.h"
#include "perfpool.h"

#include <stdio.h>
#include <string.h>

#ifdef _WIN32
#define PERFPOOL_FILE "perfpool.dll"
#else
#define PERFPOOL_FILE "libperfpool.so"
#endif

/* The first heap has room for the largest rows: as much as the default heap has by itself. Windows' defaults are enough there. */
static size_t reserve_of(unsigned index)
{
#if defined(_WIN32) || UINTPTR_MAX == UINT32_MAX
    (void)index;
    return 0;
#else
    return index == 0 ? (size_t)16 << 30 : 0;
#endif
}

static void *library;
static perfpool_options options;
static unsigned n_heaps;
static perfpool_heap *heaps[BENCH_MOST_HEAPS];
static perfpool_heap *(PERFPOOL_CALL *heap_create)(const perfpool_options *options);
static size_t(PERFPOOL_CALL *heap_destroy)(perfpool_heap *heap, unsigned flags);
static size_t(PERFPOOL_CALL *heap_trim)(perfpool_heap *heap);
static void(PERFPOOL_CALL *thread_detach)(void);
static int(PERFPOOL_CALL *heap_stats)(perfpool_heap *heap, perfpool_stats *stats);

void contender_perfpool_open(struct contender *contender, const char *path, uint32_t flags)
{
    const char *(PERFPOOL_CALL * version)(void);
    library_function allocate;
    size_t length;

    library = library_open(path != NULL ? path : PERFPOOL_FILE);
    heap_create = (perfpool_heap * (PERFPOOL_CALL *)(const perfpool_options *)) library_find(library, "perfpool_heap_create");
    heap_destroy = (size_t(PERFPOOL_CALL *)(perfpool_heap *, unsigned))library_find(library, "perfpool_heap_destroy");
    heap_trim = (size_t(PERFPOOL_CALL *)(perfpool_heap *))library_find(library, "perfpool_heap_trim");
    heap_stats = (int(PERFPOOL_CALL *)(perfpool_heap *, perfpool_stats *))library_find(library, "perfpool_heap_stats");
    thread_detach = (void(PERFPOOL_CALL *)(void))library_find(library, "perfpool_thread_detach");
    version = (const char *(PERFPOOL_CALL *)(void))library_find(library, "perfpool_version");
    allocate = library_find(library, "AllocateMemory");
    contender->memory.allocate = (PERF_MEM_ALLOC)allocate;
    contender->memory.release = (PERF_MEM_FREE)library_find(library, "FreeMemory");
    library_origin(allocate, contender->origin, sizeof contender->origin);
    length = strlen(contender->origin);
    snprintf(contender->origin + length, sizeof contender->origin - length, " %s", version());
    options = (perfpool_options){.size = sizeof options, .flags = flags, .name = "bench"};
    contender->memory.context = contender_perfpool_heap(0);
}

LPVOID contender_perfpool_heap(unsigned index)
{
    for (; library != NULL && n_heaps <= index; n_heaps++) {
        options.reserve = reserve_of(n_heaps);
        heaps[n_heaps] = heap_create(&options);
        if (heaps[n_heaps] == NULL)
            bench_fail("perfpool_heap_create: no heap");
    }
    return heaps[index];
}

bool contender_perfpool_trim(void)
{
    for (unsigned i = 0; i < n_heaps; i++)
        heap_trim(heaps[i]);
    return library != NULL;
}

void contender_detach(void)
{
    if (library != NULL)
        thread_detach();
}

struct contender_counts contender_counts_now(void)
{
    struct contender_counts counts = {0, 0, 0, 0};

    for (unsigned i = 0; i < n_heaps; i++) {
        perfpool_stats stats = {.size = sizeof stats};

        if (heap_stats(heaps[i], &stats) != 0)
            bench_fail("perfpool_heap_stats fails");
        counts.magazines_posted += stats.magazines_posted;
        counts.blocks_posted += stats.blocks_posted;
        counts.magazines_taken_over += stats.magazines_taken_over;
        counts.committed += stats.committed;
    }
    return counts;
}

void contender_perfpool_close(void)
{
    for (; n_heaps > 0; n_heaps--) {
        size_t live = heap_destroy(heaps[n_heaps - 1], 0);

        if (live != 0)
            bench_fail("%lu blocks are live at the end", (unsigned long)live);
    }
}
