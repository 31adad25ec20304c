/* pair: a block is allocated and freed at once. */
#include "work.h"
#include "workloads.h"

static void work(struct bench_worker *worker, uint64_t operations)
{
    const struct bench_memory memory = worker->memory;
    const size_t size = worker->row->size;

    for (uint64_t i = 0; i < operations; i++)
        bench_give(&memory, bench_take(&memory, size));
}

const struct bench_workload bench_pair = {
    .name = "pair",
    .operation = "allocate a block, free it",
    .threads_step = 1,
    .zeroed = true,
    .work = work,
};
