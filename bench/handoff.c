/*
 * handoff: of each two threads the first allocates blocks, the second frees them; a queue of 4096 blocks (256 MiB at most)
 * is between them.
 */
#include "queue.h"
#include "work.h"
#include "workloads.h"

static void *open_queues(const struct bench_row *row)
{
    return queues_open(row->threads / 2, bench_bounded(QUEUE_ITEMS, row->size));
}

static uint64_t needs(const struct bench_row *row)
{
    return (uint64_t)bench_bounded(QUEUE_ITEMS, row->size) * row->size * (row->threads / 2);
}

static void produce(const struct bench_memory *memory, size_t size, struct queue *queue, uint64_t operations)
{
    for (uint64_t i = 0; i < operations; i++)
        queue_put(queue, bench_take(memory, size));
    queue_publish(&queue->head);
}

static void consume(const struct bench_memory *memory, struct queue *queue, uint64_t operations)
{
    for (uint64_t i = 0; i < operations; i++)
        bench_give(memory, queue_get(queue));
    queue_publish(&queue->tail);
}

static void work(struct bench_worker *worker, uint64_t operations)
{
    const struct bench_memory memory = worker->memory;
    struct queue *queue = (struct queue *)worker->shared + worker->index / 2;

    if (worker->index % 2 == 0)
        produce(&memory, worker->row->size, queue, operations);
    else
        consume(&memory, queue, operations);
}

static const unsigned quick_sizes[] = {64, 256, 1024, 0};

const struct bench_workload bench_handoff = {
    .name = "handoff",
    .operation = "one thread allocates a block, another frees it (per pair of threads)",
    .quick = {.sizes = quick_sizes, .threads = bench_threads_2},
    .threads_step = 2,
    .crosses = true,
    .needs = needs,
    .open = open_queues,
    .work = work,
    .close = bench_own_close,
};
