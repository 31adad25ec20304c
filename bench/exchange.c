/*
 * exchange: threads in a ring; each allocates blocks of random sizes from 32 bytes to the row's size, sends them to the next, and
 * frees what the one before it sends. Up to 1024 blocks of each (256 MiB at most) are on their way.
 */
#include "queue.h"
#include "work.h"
#include "workloads.h"

enum { UNDER_WAY = 1024, SMALLEST = 32 };

static uint32_t under_way(const struct bench_row *row)
{
    return bench_bounded(UNDER_WAY, row->size);
}

static uint64_t needs(const struct bench_row *row)
{
    return (uint64_t)under_way(row) * (SMALLEST + row->size) / 2 * row->threads;
}

static void *open_queues(const struct bench_row *row)
{
    return queues_open(row->threads, QUEUE_ITEMS);
}

/*
 * By turns, a batch sent and one received, which is so far behind. Nobody waits for ever: of the thread that has sent the fewest
 * blocks the queue is not full, and the one before it has sent more than it has received.
 */
static void work(struct bench_worker *worker, uint64_t operations)
{
    const struct bench_memory memory = worker->memory;
    const unsigned threads = worker->row->threads;
    const uint32_t sizes = worker->row->size > SMALLEST ? worker->row->size - SMALLEST + 1 : 1;
    const uint32_t behind = under_way(worker->row);
    struct queue *queues = worker->shared;
    struct queue *out = &queues[worker->index];
    struct queue *in = &queues[(worker->index + threads - 1) % threads];
    uint64_t random = bench_seed(worker);
    uint64_t sent = 0;
    uint64_t received = 0;

    while (received < operations) {
        for (unsigned i = 0; i < QUEUE_PUBLISH && sent < operations; i++, sent++)
            queue_put(out, bench_take(&memory, SMALLEST + bench_random_below(&random, sizes)));
        queue_publish(&out->head);
        for (; received + behind < sent || (sent == operations && received < operations); received++)
            bench_give(&memory, queue_get(in));
    }
    queue_publish(&in->tail);
}

static const unsigned quick_sizes[] = {512, 0};
static const unsigned full_sizes[] = {64, 512, 4096, 32768, 0};

const struct bench_workload bench_exchange = {
    .name = "exchange",
    .operation = "allocate a block for the next of a ring of threads, free one of the last's, sizes 32 to N",
    .quick = {.sizes = quick_sizes, .threads = bench_threads_2},
    .full = {.sizes = full_sizes},
    .threads_step = 2,
    .crosses = true,
    .needs = needs,
    .open = open_queues,
    .work = work,
    .close = bench_own_close,
};
