/* Calls both callbacks and every other function of the DLL through the import library for Microsoft's linker, in C. */
#include "consumer.h"

enum { BLOCKS = 500 };

static void *blocks[BLOCKS];
static perfpool_stats stats;
static perfpool_fault_kind fault_kind;
static size_t fault_bytes;
static int faults;
static int visits;

static void __cdecl on_fault(const perfpool_fault *fault, void *arg)
{
    CHECK(arg == &faults);
    CHECK(fault->size == sizeof(perfpool_fault));
    CHECK(fault->text[0] == 'p' && fault->heap_name[0] == 'm');
    fault_kind = fault->kind;
    fault_bytes = fault->block_size;
    faults++;
}

static int __cdecl visit(const void *block, size_t size, void *arg)
{
    CHECK(arg == &visits && block != NULL && size % 64 == 0);
    visits++;
    return 0;
}

static perfpool_heap *make_heap(void)
{
    static perfpool_options options;
    options.size = sizeof(options);
    options.name = "msvc";
    options.reserve = (size_t)16 << 20;
    options.on_fault = on_fault;
    options.fault_arg = &faults;
    return perfpool_heap_create(&options);
}

/* Both callbacks leave the last error alone; every block is aligned, zero and the caller's own. */
static void use_callbacks(PERF_MEM_ALLOC allocate, PERF_MEM_FREE release, void *heap)
{
    int i, k;
    SetLastError(4711);
    for (i = 0; i < BLOCKS; i++) {
        volatile unsigned char *bytes;
        blocks[i] = allocate((SIZE_T)(1 + i), heap);
        bytes = (volatile unsigned char *)blocks[i];
        CHECK(bytes != NULL && (size_t)blocks[i] % 64 == 0);
        for (k = 0; k <= i; k++) {
            CHECK(bytes[k] == 0);
            bytes[k] = (unsigned char)i;
        }
    }
    for (i = 0; i < BLOCKS; i++) {
        const volatile unsigned char *bytes = (const volatile unsigned char *)blocks[i];
        CHECK(bytes[0] == (unsigned char)i && bytes[i] == (unsigned char)i);
    }
    for (i = 0; i < BLOCKS; i += 2)
        release(blocks[i], heap);
    CHECK(GetLastError() == 4711);
}

static void check_figures(perfpool_heap *heap)
{
    stats.size = sizeof(stats);
    CHECK(perfpool_heap_stats(heap, &stats) == 0);
    CHECK(stats.live_blocks == BLOCKS / 2);
    CHECK(stats.pools_bound == 1 && stats.reserved == (uint64_t)16 << 20);
    CHECK(perfpool_heap_walk(heap, visit, &visits) == 0);
    CHECK(visits == BLOCKS / 2);
    CHECK(perfpool_block_size(blocks[99], heap) == 128);
}

static void check_faults(PERF_MEM_FREE release, perfpool_heap *heap)
{
    release(blocks[0], heap);
    CHECK(faults == 1 && fault_kind == PERFPOOL_FAULT_DOUBLE_FREE && fault_bytes == 64);
    release((char *)blocks[1] + 1, heap);
    CHECK(faults == 2 && fault_kind == PERFPOOL_FAULT_INTERIOR);
}

int start(void)
{
    int i;
    perfpool_heap *heap = make_heap();
    CHECK(heap != NULL);
    use_callbacks(AllocateMemory, FreeMemory, heap);
    check_figures(heap);
    check_faults(FreeMemory, heap);
    CHECK(perfpool_heap_destroy(heap, 0) == BLOCKS / 2);
    for (i = 1; i < BLOCKS; i += 2)
        FreeMemory(blocks[i], heap);
    perfpool_heap_trim(heap);
    perfpool_thread_detach();
    CHECK(perfpool_heap_destroy(heap, 0) == 0);
    CHECK(faults == 2);
    CHECK(AllocateMemory(1, perfpool_heap_default(NULL)) != NULL);
    CHECK(perfpool_version()[0] == '0' + PERFPOOL_VERSION_MAJOR);
    consumer_write(GetStdHandle(STD_OUTPUT_HANDLE), "consumer of C: passed\n");
    ExitProcess(0);
}
