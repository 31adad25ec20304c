/* batch: 1000 blocks are allocated, then freed in the order in which they came. */
#include "work.h"
#include "workloads.h"

enum { BATCH = 1000 };

static void work(struct bench_worker *worker, uint64_t operations)
{
    const struct bench_memory memory = worker->memory;
    const size_t size = worker->row->size;
    const uint32_t batch = bench_bounded(BATCH, size);
    void *blocks[BATCH];

    while (operations > 0) {
        size_t n = operations < batch ? (size_t)operations : batch;

        for (size_t i = 0; i < n; i++)
            blocks[i] = bench_take(&memory, size);
        for (size_t i = 0; i < n; i++)
            bench_give(&memory, blocks[i]);
        operations -= n;
    }
}

static uint64_t needs(const struct bench_row *row)
{
    return (uint64_t)bench_bounded(BATCH, row->size) * row->size * row->threads;
}

static const unsigned quick_sizes[] = {64, 512, 4096, 0};

const struct bench_workload bench_batch = {
    .name = "batch",
    .operation = "allocate and free one block, in batches of 1000 (256 MiB at most)",
    .quick = {.sizes = quick_sizes},
    .threads_step = 1,
    .zeroed = true,
    .needs = needs,
    .work = work,
};
