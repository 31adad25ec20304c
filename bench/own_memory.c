/* The harness's own memory. A line before it holds its size. */
#include "bench.h"

#include <string.h>

#ifdef _WIN32
#include <windows.h>
#else
#include <sys/mman.h>
#endif

void *bench_own_memory(size_t size)
{
    const size_t all = size + BENCH_LINE;
#ifdef _WIN32
    char *start = VirtualAlloc(NULL, all, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    const bool failed = start == NULL;
#else
    char *start = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const bool failed = start == MAP_FAILED;
#endif

    if (failed)
        bench_fail("no memory for the harness");
    memset(start, 0, all);
    memcpy(start, &all, sizeof all);
    return start + BENCH_LINE;
}

#ifdef _WIN32
static void release(char *start)
{
    VirtualFree(start, 0, MEM_RELEASE);
}
#else
static void release(char *start)
{
    size_t all;

    memcpy(&all, start, sizeof all);
    munmap(start, all);
}
#endif

void bench_own_release(void *memory)
{
    if (memory != NULL)
        release((char *)memory - BENCH_LINE);
}

void bench_own_close(const struct bench_row *row, void *shared)
{
    (void)row;
    bench_own_release(shared);
}
