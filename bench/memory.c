/*
 * memory-*: how much resident memory a pattern takes for the blocks that are live in it. Each is a scenario that runs once, in a
 * process that has done nothing else, over 64 MiB of live blocks (on Windows, whose heap is slow at it, 16 MiB; or /live:N lines)
 * of all threads together. Found are
 *   peak_live            the most requested bytes live at once
 *   peak_resident        the most that the process grew by
 *   peak_ratio           one divided by the other
 *   after_free           what is left of it when all blocks are freed
 *   after_trim           and when each thread has asked the allocator to give memory back
 *
 * Each worker has an array of its own for its blocks, and in handoff each second worker frees the blocks of the one before it.
 * Threads pause at a barrier while the first one looks at the process.
 */
#include "contender.h"
#include "resident.h"
#include "team.h"
#include "work.h"
#include "workloads.h"

#ifdef _WIN32
enum { USUAL_LIVE = 256 * 1024 };
#else
enum { USUAL_LIVE = 1024 * 1024 };
#endif
enum { SMALLEST = 32, TURNOVERS = 2, LOOKS = 16 };

enum pattern { CHURN, LINES, BATCH, HANDOFF };

struct piece {
    void *block;
    size_t size;
};

/* Written by the worker whose it is, between barriers read by the first. */
struct share {
    uint64_t live; /* requested bytes of this worker's array */
    size_t n;
    struct piece *pieces;
    uint64_t random;
    uint64_t apart[12];
};

struct memory {
    enum pattern pattern;
    uint64_t before; /* resident before the first block; the first worker's, like all that follows */
    uint64_t peak_live;
    uint64_t peak_resident;
    uint64_t after_free;
    uint64_t after_trim;
    struct share shares[BENCH_MOST_THREADS];
};

static size_t average(const struct bench_row *row, enum pattern pattern)
{
    if (pattern == CHURN)
        return (SMALLEST + row->size) / 2;
    return pattern == LINES ? (BENCH_LINE + row->size) / 2 : row->size;
}

static uint64_t live_bytes(const struct bench_row *row)
{
    return (row->live != 0 ? (uint64_t)row->live : USUAL_LIVE) * BENCH_LINE;
}

static size_t next_size(struct share *share, const struct bench_row *row, enum pattern pattern)
{
    if (pattern == CHURN)
        return SMALLEST + bench_random_below(&share->random, row->size - SMALLEST + 1);
    if (pattern == LINES)
        return ((size_t)bench_random_below(&share->random, row->size / BENCH_LINE) + 1) * BENCH_LINE;
    return row->size;
}

static void fill(struct share *share, const struct bench_worker *worker, size_t i, enum pattern pattern)
{
    const size_t size = next_size(share, worker->row, pattern);

    share->pieces[i] = (struct piece){bench_take(&worker->memory, size), size};
    share->live += size;
}

static void empty(struct share *share, const struct bench_worker *worker, size_t i)
{
    bench_give(&worker->memory, share->pieces[i].block);
    share->live -= share->pieces[i].size;
    share->pieces[i].block = NULL;
}

/* All threads pause; the first one looks. */
static void look(struct memory *all, const struct bench_worker *worker)
{
    team_meet(worker);
    if (worker->index == 0) {
        const uint64_t resident = resident_now();
        uint64_t live = 0;

        for (unsigned i = 0; i < worker->row->threads; i++)
            live += all->shares[i].live;
        if (live > all->peak_live)
            all->peak_live = live;
        if (resident > all->peak_resident)
            all->peak_resident = resident;
    }
    team_meet(worker);
}

/* Random blocks are replaced until each has been TURNOVERS times, on average. */
static void churn(struct memory *all, struct share *share, const struct bench_worker *worker)
{
    for (unsigned step = 0; step < TURNOVERS * LOOKS; step++) {
        for (size_t i = 0; i < share->n / LOOKS; i++) {
            const uint32_t victim = bench_random_below(&share->random, (uint32_t)share->n);

            empty(share, worker, victim);
            fill(share, worker, victim, all->pattern);
        }
        look(all, worker);
    }
}

/* Everything is freed and allocated again. */
static void batch(struct memory *all, struct share *share, const struct bench_worker *worker)
{
    for (unsigned turn = 0; turn < TURNOVERS; turn++) {
        for (size_t i = 0; i < share->n; i++)
            empty(share, worker, i);
        look(all, worker);
        for (size_t i = 0; i < share->n; i++)
            fill(share, worker, i, all->pattern);
        look(all, worker);
    }
}

/*
 * The array of the pair's first worker is a queue: the second frees its oldest sixteenth while the first waits, then the first
 * fills that up again.
 */
static void handoff(struct memory *all, struct share *share, const struct bench_worker *worker)
{
    const bool produces = worker->index % 2 == 0;
    struct share *queue = produces ? share : share - 1;

    for (unsigned step = 0; step < TURNOVERS * LOOKS; step++) {
        const size_t first = queue->n * (step % LOOKS) / LOOKS;
        const size_t end = queue->n * (step % LOOKS + 1) / LOOKS;

        for (size_t i = first; !produces && i < end; i++)
            empty(queue, worker, i);
        team_meet(worker);
        for (size_t i = first; produces && i < end; i++)
            fill(queue, worker, i, all->pattern);
        look(all, worker);
    }
}

/* After the scenario: all is freed, in handoff by the other thread; then all ask for memory back. */
static void wind_up(struct memory *all, struct share *share, const struct bench_worker *worker)
{
    struct share *mine = all->pattern != HANDOFF || worker->index % 2 == 0 ? share : share - 1;
    const bool frees = all->pattern != HANDOFF || worker->index % 2 == 1;

    for (size_t i = 0; frees && i < mine->n; i++)
        empty(mine, worker, i);
    team_meet(worker);
    if (worker->index == 0) {
        all->after_free = resident_now();
        if (all->after_free > all->peak_resident)
            all->peak_resident = all->after_free;
    }
    /* One after the other, so that each gets what those before it have sent home. */
    for (unsigned turn = 0; turn < worker->row->threads; turn++) {
        team_meet(worker);
        if (turn == worker->index)
            contender_trim(&worker->memory);
    }
    team_meet(worker);
    if (worker->index == 0)
        all->after_trim = resident_now();
}

static void work(struct bench_worker *worker, uint64_t operations)
{
    struct memory *all = worker->shared;
    struct share *share = &all->shares[worker->index];

    (void)operations;
    if (worker->index == 0) {
        all->before = resident_now();
        all->peak_live = 0;
        all->peak_resident = all->before;
    }
    team_meet(worker);
    for (size_t i = 0; i < share->n; i++)
        fill(share, worker, i, all->pattern);
    look(all, worker);
    if (all->pattern == BATCH)
        batch(all, share, worker);
    else if (all->pattern == HANDOFF)
        handoff(all, share, worker);
    else
        churn(all, share, worker);
    wind_up(all, share, worker);
}

static struct memory *open_pattern(const struct bench_row *row, enum pattern pattern)
{
    struct memory *all = bench_own_memory(sizeof *all);
    const unsigned arrays = pattern == HANDOFF ? row->threads / 2 : row->threads;

    all->pattern = pattern;
    for (unsigned i = 0; i < row->threads; i++) {
        if (pattern == HANDOFF && i % 2 == 1)
            continue;
        all->shares[i].n = (size_t)(live_bytes(row) / average(row, pattern) / arrays);
        all->shares[i].pieces = bench_own_memory(all->shares[i].n * sizeof(struct piece));
        all->shares[i].random = 0x9E3779B97F4A7C15U * (i + 1);
    }
    return all;
}

static void *open_churn(const struct bench_row *row)
{
    return open_pattern(row, CHURN);
}

static void *open_lines(const struct bench_row *row)
{
    return open_pattern(row, LINES);
}

static void *open_batch(const struct bench_row *row)
{
    return open_pattern(row, BATCH);
}

static void *open_handoff(const struct bench_row *row)
{
    return open_pattern(row, HANDOFF);
}

static void report(const struct bench_row *row, void *shared, struct bench_findings *findings)
{
    const struct memory *all = shared;
    const double before = (double)all->before;

    (void)row;
    bench_find(findings, "peak_live", (double)all->peak_live);
    bench_find(findings, "peak_resident", (double)all->peak_resident - before);
    bench_find(findings, "peak_ratio", ((double)all->peak_resident - before) / (double)all->peak_live);
    bench_find(findings, "after_free", (double)all->after_free - before);
    bench_find(findings, "after_trim", (double)all->after_trim - before);
}

static void close_all(const struct bench_row *row, void *shared)
{
    struct memory *all = shared;

    for (unsigned i = 0; i < row->threads; i++)
        bench_own_release(all->shares[i].pieces);
    bench_own_release(all);
}

static const unsigned churn_quick[] = {512, 0};
static const unsigned churn_full[] = {512, 4096, 0};
static const unsigned none[] = {0};
static const unsigned odd_sizes[] = {64, 100, 256, 1000, 1024, 0};

/* What the scenarios have in common. */
#define MEMORY_WORKLOAD                                                                                             \
    .threads_step = 1, .needs_distinct = true, .takes_live = true, .once = true, .needs = live_bytes, .work = work, \
    .report = report, .close = close_all

const struct bench_workload bench_memory_churn = {
    .name = "memory-churn",
    .operation = "resident memory: 64 MiB (Windows: 16 MiB) live, random blocks replaced, sizes 32 to N",
    .quick = {.sizes = churn_quick, .threads = bench_threads_1},
    .full = {.sizes = churn_full, .threads = bench_threads_1_2},
    MEMORY_WORKLOAD,
    .open = open_churn,
};

const struct bench_workload bench_memory_lines = {
    .name = "memory-lines",
    .operation = "the same with sizes that are multiples of 64, up to N",
    .quick = {.sizes = none},
    .full = {.sizes = churn_full, .threads = bench_threads_1_2},
    MEMORY_WORKLOAD,
    .open = open_lines,
};

const struct bench_workload bench_memory_batch = {
    .name = "memory-batch",
    .operation = "resident memory: as much live, all of it freed and allocated again",
    .quick = {.sizes = none},
    .full = {.sizes = odd_sizes, .threads = bench_threads_1_2},
    MEMORY_WORKLOAD,
    .open = open_batch,
};

const struct bench_workload bench_memory_handoff = {
    .name = "memory-handoff",
    .operation = "resident memory: as much live, the oldest freed by another thread than allocates",
    .quick = {.sizes = bench_sizes_64, .threads = bench_threads_2},
    .full = {.sizes = odd_sizes, .threads = bench_threads_2},
    .threads_step = 2,
    .needs_distinct = true,
    .takes_live = true,
    .once = true,
    .needs = live_bytes,
    .open = open_handoff,
    .work = work,
    .report = report,
    .close = close_all,
};
