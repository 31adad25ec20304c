/*
 * heaps: batches of blocks, each block in another heap than the one before. An allocator without heaps gets the same calls; its
 * row shows what the harness's own walk over them costs.
 */
#include "work.h"
#include "workloads.h"

enum { BATCH = 1000 };

static void work(struct bench_worker *worker, uint64_t operations)
{
    const struct bench_memory memory = worker->memory;
    const size_t size = worker->row->size;
    const unsigned heaps = worker->row->heaps;
    void *blocks[BATCH];

    while (operations > 0) {
        size_t n = operations < BATCH ? (size_t)operations : BATCH;
        unsigned heap = 0;

        for (size_t i = 0; i < n; i++) {
            const struct bench_memory in_heap = {memory.allocate, memory.release, worker->contexts[heap]};

            blocks[i] = bench_take(&in_heap, size);
            heap = heap + 1 < heaps ? heap + 1 : 0;
        }
        heap = 0;
        for (size_t i = 0; i < n; i++) {
            memory.release(blocks[i], worker->contexts[heap]);
            heap = heap + 1 < heaps ? heap + 1 : 0;
        }
        operations -= n;
    }
}

static const struct bench_point quick_points[] = {{64, 1, 0, 1}, {64, 1, 0, 16}, {0, 0, 0, 0}};
static const struct bench_point full_points[] = {
    {64, 1, 0, 1},   {64, 1, 0, 2},    {64, 1, 0, 4},    {64, 1, 0, 8},  {64, 1, 0, 16}, {64, 1, 0, 32},
    {64, 1, 0, 64},  {64, 2, 0, 1},    {64, 2, 0, 4},    {64, 2, 0, 16}, {64, 2, 0, 64}, {1024, 1, 0, 1},
    {1024, 1, 0, 4}, {1024, 1, 0, 16}, {1024, 1, 0, 64}, {0, 0, 0, 0},
};
static const unsigned none[] = {0};

const struct bench_workload bench_heaps = {
    .name = "heaps",
    .operation = "allocate and free one block, in batches of 1000, each block in the next of N heaps",
    .quick = {.sizes = none, .points = quick_points},
    .full = {.sizes = none, .points = full_points},
    .threads_step = 1,
    .takes_heaps = true,
    .work = work,
};
