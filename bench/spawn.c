/* spawn: a thread is started, allocates 64 blocks, frees them and ends; the next one follows. */
#include "work.h"
#include "workloads.h"

#include <pthread.h>

static void *short_life(void *argument)
{
    const struct bench_worker *parent = argument;
    const struct bench_memory memory = parent->memory;
    void *blocks[BENCH_SPAWN_BLOCKS];

    for (size_t i = 0; i < BENCH_SPAWN_BLOCKS; i++)
        blocks[i] = bench_take(&memory, parent->row->size);
    for (size_t i = 0; i < BENCH_SPAWN_BLOCKS; i++)
        bench_give(&memory, blocks[i]);
    return NULL;
}

static void work(struct bench_worker *worker, uint64_t operations)
{
    for (uint64_t i = 0; i < operations; i++) {
        pthread_t thread;

        if (pthread_create(&thread, NULL, short_life, worker) != 0 || pthread_join(thread, NULL) != 0)
            bench_fail("cannot start a thread");
    }
}

const struct bench_workload bench_spawn = {
    .name = "spawn",
    .operation = "start a thread that allocates and frees 64 blocks, and join it",
    .quick = {.sizes = bench_sizes_64, .threads = bench_threads_1},
    .full = {.sizes = bench_sizes_64, .threads = bench_threads_1_2},
    .threads_step = 1,
    .work = work,
};
