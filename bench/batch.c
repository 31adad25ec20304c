/* batch: 1000 blocks are allocated, then freed in the order in which they came. */
#include "work.h"

enum { BATCH = 1000 };

static void work(struct bench_worker *worker, uint64_t operations)
{
    const struct bench_memory memory = worker->memory;
    const size_t size = worker->row->size;
    void *blocks[BATCH];

    while (operations > 0) {
        size_t n = operations < BATCH ? (size_t)operations : BATCH;

        for (size_t i = 0; i < n; i++)
            blocks[i] = bench_take(&memory, size);
        for (size_t i = 0; i < n; i++)
            bench_give(&memory, blocks[i]);
        operations -= n;
    }
}

const struct bench_workload bench_batch = {
    .name = "batch",
    .operation = "allocate and free one block, in batches of 1000",
    .threads_step = 1,
    .quick_zeroed = true,
    .work = work,
};
