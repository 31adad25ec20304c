/* zeroed: 100 cleared blocks are allocated and written to, then freed in the order in which they came. */
#include "work.h"
#include "workloads.h"

enum { BATCH = 100 };

/* Cleared memory is what is measured, so it had better be. The first word and the last stand for all. */
static void *take_cleared(const struct bench_memory *memory, size_t size)
{
    uint64_t *block = memory->allocate(size, memory->context);

    if (__builtin_expect(block == NULL || block[0] != 0 || block[size / sizeof *block - 1] != 0, 0))
        bench_fail("a block of %lu bytes is not there or not cleared", (unsigned long)size);
    bench_touch(block, size);
    block[0] = ~(uint64_t)0;
    block[size / sizeof *block - 1] = ~(uint64_t)0;
    return block;
}

static void work(struct bench_worker *worker, uint64_t operations)
{
    const struct bench_memory memory = worker->memory;
    const size_t size = worker->row->size;
    void *blocks[BATCH];

    while (operations > 0) {
        size_t n = operations < BATCH ? (size_t)operations : BATCH;

        for (size_t i = 0; i < n; i++)
            blocks[i] = take_cleared(&memory, size);
        for (size_t i = 0; i < n; i++)
            bench_give(&memory, blocks[i]);
        operations -= n;
    }
}

static uint64_t needs(const struct bench_row *row)
{
    return (uint64_t)BATCH * row->size * row->threads;
}

static const unsigned full_sizes[] = {64, 128, 256, 512, 1024, 4096, 0};

const struct bench_workload bench_zeroed = {
    .name = "zeroed",
    .operation = "allocate and free one cleared block, in batches of 100",
    .quick = {.sizes = bench_sizes_few, .threads = bench_threads_1},
    .full = {.sizes = full_sizes, .threads = bench_threads_1_2},
    .threads_step = 1,
    .needs_distinct = true,
    .zeroed = true,
    .only_zeroed = true,
    .needs = needs,
    .work = work,
};
