/*
 * burst: the first thread allocates up to 10 000 blocks, hands them to the others and sleeps; the others free them, allocate as
 * many of their own and free those; the last of them wakes the first. So the owner's inbox is full while it is of no use to it.
 */
#include "team.h"
#include "work.h"
#include "workloads.h"

#include <pthread.h>

enum { BURST = 10000 };

/* Guarded by the lock: turn and busy. The blocks belong to whose turn it is. */
struct burst {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t turn; /* counts: odd, it is the others' */
    unsigned busy; /* others that are not done in this turn */
    size_t n;
    void *blocks[BURST];
};

static void *open_burst(const struct bench_row *row)
{
    struct burst *burst = bench_own_memory(sizeof *burst);

    (void)row;
    if (pthread_mutex_init(&burst->lock, NULL) != 0 || pthread_cond_init(&burst->changed, NULL) != 0)
        bench_fail("cannot make a lock");
    return burst;
}

static uint64_t needs(const struct bench_row *row)
{
    return (uint64_t)bench_bounded(BURST, row->size) * row->size * 2;
}

/* Ends the caller's turn; the last one begins the next. */
static void end_turn(struct burst *burst, unsigned next_busy)
{
    pthread_mutex_lock(&burst->lock);
    if (--burst->busy == 0) {
        burst->busy = next_busy;
        burst->turn++;
        pthread_cond_broadcast(&burst->changed);
    }
    pthread_mutex_unlock(&burst->lock);
}

/* Sleeps until turn number `turn` begins. */
static void await_turn(struct burst *burst, uint64_t turn)
{
    pthread_mutex_lock(&burst->lock);
    while (burst->turn < turn)
        pthread_cond_wait(&burst->changed, &burst->lock);
    pthread_mutex_unlock(&burst->lock);
}

static void own_turn(struct burst *burst, const struct bench_worker *owner, size_t n)
{
    for (size_t i = 0; i < n; i++)
        burst->blocks[i] = bench_take(&owner->memory, owner->row->size);
    burst->n = n;
}

static void other_turn(struct burst *burst, const struct bench_worker *worker)
{
    const size_t others = worker->row->threads - 1;
    const size_t first = burst->n * (worker->index - 1) / others;
    const size_t end = burst->n * worker->index / others;

    for (size_t i = first; i < end; i++)
        bench_give(&worker->memory, burst->blocks[i]);
    for (size_t i = first; i < end; i++)
        burst->blocks[i] = bench_take(&worker->memory, worker->row->size);
    for (size_t i = first; i < end; i++)
        bench_give(&worker->memory, burst->blocks[i]);
}

static void work(struct bench_worker *worker, uint64_t operations)
{
    struct burst *burst = worker->shared;
    const unsigned others = worker->row->threads - 1;
    const uint32_t most = bench_bounded(BURST, worker->row->size);
    uint64_t turn;

    /* Every run begins with the owner's turn. */
    if (worker->index == 0)
        burst->busy = 1;
    turn = burst->turn;
    team_meet(worker);
    while (operations > 0) {
        const size_t n = operations < most ? (size_t)operations : most;

        if (worker->index == 0) {
            own_turn(burst, worker, n);
            end_turn(burst, others);
            await_turn(burst, turn + 2);
        } else {
            await_turn(burst, turn + 1);
            other_turn(burst, worker);
            end_turn(burst, 1);
        }
        turn += 2;
        operations -= n;
    }
    /* The others may be ahead of the last turn's end. */
    await_turn(burst, turn);
}

static void close_burst(const struct bench_row *row, void *shared)
{
    struct burst *burst = shared;

    (void)row;
    pthread_cond_destroy(&burst->changed);
    pthread_mutex_destroy(&burst->lock);
    bench_own_release(burst);
}

static const unsigned full_threads[] = {2, 4, 8, 0};

const struct bench_workload bench_burst = {
    .name = "burst",
    .operation =
        "one thread allocates a block and sleeps; others free it, allocate one and free that (per block; 10 000 at a time)",
    .quick = {.sizes = bench_sizes_64, .threads = bench_threads_2},
    .full = {.sizes = bench_sizes_few, .threads = full_threads},
    .threads_step = 2,
    .crosses = true,
    .needs = needs,
    .open = open_burst,
    .work = work,
    .close = close_burst,
};
