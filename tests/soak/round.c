#include "soak/round.h"

#include "perfpool.h"

#include <string.h>

#include "soak/cargo.h"
#include "support/heap_check.h"
#include "support/heaps.h"
#include "support/require.h"
#include "support/threads.h"

enum { PLACES = 1024, QUEUE = 256, OWN = 64, WORKERS = 6, LIVES = 4, LARGEST = 150000 };

#ifdef _WIN32
enum { TURNS = 3000 };
#else
enum { TURNS = 20000 };
#endif

/* What the threads of a round share. A place, and a queue's slot, is a block or NULL, taken and put by exchange. */
struct soak_round {
    perfpool_heap *heap;
    uint64_t seed;
    unsigned flags;
    bool limited;
    void *places[PLACES], *queue[QUEUE];
    uint64_t blocks, heaps;  /* atomic sums */
    uint64_t committed_most; /* the tender's */
    int over;
};

/* A thread of a round, and the lives it has left: each is a thread of its own, one after the other. */
struct worker {
    struct soak_round *round;
    struct thread thread;
    unsigned number, lives;
};

static void *make(struct soak_round *round, struct generator *generator)
{
    return cargo_make(round->heap, generator, LARGEST, (round->flags & PERFPOOL_NO_ZERO) == 0, round->limited);
}

/* A heap of one thread's own: made, used, and destroyed with or without what is in it. */
static void churn_heap(struct soak_round *round, struct generator *generator)
{
    void *blocks[40];
    perfpool_options options = heap_options();
    options.reserve = 4 * MEBIBYTE;
    options.flags = (uint32_t)generator_below(generator, 8);
    perfpool_heap *heap = perfpool_heap_create(&options);
    require(heap != NULL);
    const bool zeroed = (options.flags & PERFPOOL_NO_ZERO) == 0;
    for (size_t i = 0; i < 40; i++)
        blocks[i] = cargo_make(heap, generator, 20000, zeroed, false);
    size_t left = generator_below(generator, 2) == 0 ? 0 : generator_below(generator, 40);
    for (size_t i = left; i < 40; i++)
        cargo_free(heap, blocks[i]);
    require(perfpool_heap_destroy(heap, PERFPOOL_DESTROY_LIVE) == left);
    __atomic_fetch_add(&round->heaps, 1, __ATOMIC_RELAXED);
}

/* Producers fill a queue's slots that are empty, consumers empty those that are full: blocks go one way. */
static void hand_on(struct soak_round *round, struct generator *generator, bool producer)
{
    void **slot = &round->queue[generator_below(generator, QUEUE)];
    if (!producer) {
        cargo_free(round->heap, __atomic_exchange_n(slot, NULL, __ATOMIC_ACQ_REL));
    } else if (__atomic_load_n(slot, __ATOMIC_RELAXED) == NULL) {
        void *block = make(round, generator);
        void *none = NULL;
        if (!__atomic_compare_exchange_n(slot, &none, block, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
            cargo_free(round->heap, block);
    }
}

static void live(void *argument)
{
    const struct worker *worker = argument;
    struct soak_round *round = worker->round;
    struct generator generator = generator_make(round->seed, worker->number * LIVES + worker->lives);
    void *own[OWN] = {NULL};
    const bool producer = worker->number % 2 == 0;
    const size_t turns = TURNS / 2 + generator_below(&generator, TURNS);
    for (size_t turn = 0; turn < turns; turn++) {
        const size_t choice = generator_below(&generator, 1000);
        if (choice < 300) {
            void **slot = &own[generator_below(&generator, OWN)];
            cargo_free(round->heap, *slot);
            *slot = make(round, &generator);
        } else if (choice < 650) {
            void **place = &round->places[generator_below(&generator, PLACES)];
            cargo_free(round->heap, __atomic_exchange_n(place, make(round, &generator), __ATOMIC_ACQ_REL));
        } else if (choice < 997) {
            hand_on(round, &generator, producer);
        } else if (choice < 998) {
            perfpool_thread_detach();
        } else if (turn % 16 == 0) {
            churn_heap(round, &generator);
        }
    }
    for (size_t i = 0; i < OWN; i++)
        cargo_free(round->heap, own[i]);
    __atomic_fetch_add(&round->blocks, turns, __ATOMIC_RELAXED);
}

/* Tables: a byte for each line of the arena, two more with poison. Each thread may keep what its bins and outbox hold. */
static uint64_t ceiling(const struct soak_round *round)
{
    const uint64_t tables = 128 * MEBIBYTE / 64 * ((round->flags & PERFPOOL_POISON) != 0 ? 3 : 1);
    return round->limited ? 8 * MEBIBYTE : tables + 48 * MEBIBYTE;
}

/* Trims and looks until the round is over. */
static void tend(void *argument)
{
    struct soak_round *round = argument;
    while (!__atomic_load_n(&round->over, __ATOMIC_ACQUIRE)) {
        perfpool_heap_trim(round->heap);
        const perfpool_stats stats = heap_figures(round->heap);
        require(stats.faults == 0 && stats.committed <= ceiling(round));
        if (stats.committed > round->committed_most)
            round->committed_most = stats.committed;
        for (int i = 0; i < 100; i++)
            thread_yield();
    }
}

static void open_round(struct soak_round *round, uint64_t seed, uint64_t number)
{
    static const unsigned flags[] = {0, PERFPOOL_NO_ZERO, 0, PERFPOOL_CHECK_REMOTE, 0, PERFPOOL_POISON};
    perfpool_options options = heap_options();
    memset(round, 0, sizeof *round);
    round->seed = seed + number;
    round->flags = flags[number % (sizeof flags / sizeof flags[0])];
    round->limited = number % 4 == 3;
    options.name = "soak";
    options.flags = round->flags;
    options.isolation = number % 5 == 4 ? 128 : 64;
    options.reserve = 128 * MEBIBYTE;
    options.limit = round->limited ? 8 * MEBIBYTE : 0;
    round->heap = perfpool_heap_create(&options);
    require(round->heap != NULL);
}

static void close_round(struct soak_round *round, struct totals *totals)
{
    require(heap_figures(round->heap).committed <= ceiling(round));
    if (round->committed_most > totals->committed_most)
        totals->committed_most = round->committed_most;
    for (size_t i = 0; i < PLACES; i++)
        cargo_free(round->heap, round->places[i]);
    for (size_t i = 0; i < QUEUE; i++)
        cargo_free(round->heap, round->queue[i]);
    const char *problem = (round->flags & PERFPOOL_POISON) != 0 ? heap_problem_poison(round->heap) : heap_problem(round->heap);
    require_text(problem == NULL, problem);
    perfpool_heap_trim(round->heap);
    const perfpool_stats after = heap_figures(round->heap);
    require(after.live_blocks == 0 && after.spans == 0 && after.large_runs == 0 && after.faults == 0);
    require(after.pools_bound <= 1);
    require(perfpool_heap_destroy(round->heap, 0) == 0);
}

void round_run(uint64_t seed, struct totals *totals)
{
    static struct soak_round round;
    struct worker workers[WORKERS];
    struct thread tender;
    open_round(&round, seed, totals->rounds);
    thread_start(&tender, tend, &round);
    for (unsigned i = 0; i < WORKERS; i++) {
        workers[i] = (struct worker){.round = &round, .number = i, .lives = LIVES};
        thread_start(&workers[i].thread, live, &workers[i]);
    }
    /* One after the other is joined and lives again, while the others are in the middle of theirs. */
    for (unsigned n = 0; n < WORKERS * LIVES; n++) {
        struct worker *worker = &workers[n % WORKERS];
        thread_join(&worker->thread);
        totals->threads++;
        if (--worker->lives > 0)
            thread_start(&worker->thread, live, worker);
    }
    __atomic_store_n(&round.over, 1, __ATOMIC_RELEASE);
    thread_join(&tender);
    totals->blocks += round.blocks;
    totals->heaps += round.heaps + 1;
    close_round(&round, totals);
    totals->rounds++;
}
