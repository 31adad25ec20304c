/*
 * Pools and threads: adopting, releasing and sweeping pools, the first call of a thread and its end.
 */
#include "interleave/actors.h"
#include "interleave/memory.h"
#include "interleave/scenarios_all.h"

enum { RECORDS_PER_CHUNK = 15 };

static void *block;

static void prepare(void)
{
    make_heap(MEGABYTE, 0, PERFPOOL_NO_ZERO);
}

/* Two pools without a thread, one with a magazine in its inbox. */
static void prepare_unbound(void)
{
    void *own[2];
    prepare();
    explore_act_as(0);
    own[0] = take(SIZE);
    own[1] = take(SIZE);
    block = take(SIZE);
    explore_act_as(1);
    give(take(SIZE));
    give(own[0]);
    give(own[1]);
    perfpool_thread_detach();
    explore_act_as(0);
    perfpool_thread_detach();
}

static void live(void)
{
    void *mine = take(SIZE);
    give(mine);
    perfpool_thread_detach();
}

static void live_and_end(void)
{
    take(SIZE);
    thread_exit();
}

static struct pool *kept;

/* Adopts a pool and keeps it. */
static void take_and_keep(void)
{
    take(SIZE);
    kept = thread_pool_if_bound(scene);
}

static void finish_kept(void)
{
    expect(kept != NULL && kept->record != NULL);
    finish_scene();
}

static void give_block(void)
{
    give(block);
    perfpool_thread_detach();
}

static void trim(void)
{
    perfpool_heap_trim(scene);
}

const struct scenario adopt_first = {"adopt/first-calls", "adopt", prepare, {take_two, take_two, NULL}, finish_scene, 3, 0};
const struct scenario adopt_kept = {"adopt/kept", "adopt", prepare_unbound, {take_and_keep, live, NULL}, finish_kept, 3, 0};
const struct scenario adopt_two = {"adopt/two", "adopt", prepare_unbound, {live, live, NULL}, finish_scene, 4, 0};
const struct scenario adopt_three = {"adopt/three", "adopt", prepare_unbound, {live_and_end, live, give_block}, finish_scene, 3, 0};
const struct scenario adopt_swept = {"adopt/swept", "adopt", prepare_unbound, {live, trim, NULL}, finish_scene, 3, 0};
const struct scenario adopt_sweeps = {"adopt/two-sweep", "adopt", prepare_unbound, {trim, trim, NULL}, finish_scene, 3, 0};
const struct scenario adopt_refused = {"adopt/refused", "adopt", prepare, {take_two, live_and_end, NULL}, finish_scene, 3, 1};

/* Newest first: the allocating magazine has a block, the freeing one another, and the next call is to take the latter. */
static void *resting;
static void *newest;

static void prepare_newest(void)
{
    prepare();
    explore_act_as(0);
    newest = take(SIZE);
    take(SIZE);
    take(SIZE);
    struct pool *pool = thread_pool_if_bound(scene);
    struct bin *bin = &pool->bins[pool_class(pool->headers[0], pool->token)];
    expect(bin->allocate_top - bin->allocate_base == 1);
    resting = pool_block(pool, bin->allocate_top[-1]);
    give(newest);
    bin->extra = EXTRA_NEWEST;
    bin->free.until_check = NEWEST_CHECK;
}

static void take_newest(void)
{
    expect(take(SIZE) == newest);
}

/* What is in a magazine throughout is at no time a live block. */
static void look_at_resting(void)
{
    for (unsigned i = 0; i < 2; i++)
        expect(perfpool_block_size(resting, scene) == 0);
}

const struct scenario newest_looked = {
    "newest/looked-at", "newest first", prepare_newest, {take_newest, look_at_resting, NULL}, finish_scene, 0, 0};

/* Thread records: as many first calls at once as there are threads, before any record exists. */
static void expect_records(void)
{
    for (unsigned i = 1; i <= scene->n_pools; i++)
        for (unsigned k = i + 1; k <= scene->n_pools; k++)
            expect(pool_at(scene, i)->record != pool_at(scene, k)->record || pool_at(scene, i)->record == NULL);
    expect(memory_ranges() == 2); /* the heap, and one chunk of records */
    finish_scene();
}

/* All records of the first chunk but one are in use: two first calls need two chunks. */
static void prepare_chunk(void)
{
    const struct os_thread before = os_thread;
    prepare();
    for (unsigned i = 0; i < RECORDS_PER_CHUNK - 1; i++) {
        give(take(SIZE));
        os_thread = before;
    }
}

static void expect_chunks(void)
{
    expect(memory_ranges() == 3);
    finish_scene();
}

static void live_twice(void)
{
    take(SIZE);
    thread_exit();
    take(SIZE);
}

const struct scenario records_first = {"threads/first-calls", "threads", prepare, {take_two, take_two, live}, expect_records, 3, 0};
const struct scenario records_chunk = {
    "threads/next-chunk", "threads", prepare_chunk, {take_two, take_two, NULL}, expect_chunks, 3, 0};
const struct scenario records_ends = {"threads/ends", "threads", prepare, {live_twice, live_and_end, NULL}, expect_records, 3, 0};
