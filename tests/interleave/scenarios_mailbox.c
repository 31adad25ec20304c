/*
 * Blocks on their way home: outboxes, inboxes, magazines that an idle owner's are taken over from, and the way of freeing that
 * needs no memory. Blocks of 16 KiB, of which two fill a magazine and four a span, so that few calls come to every step.
 */
#include "interleave/actors.h"
#include "interleave/scenarios_all.h"

enum { SIZE = 16384, OTHER_SIZE = 8192, BLOCKS = 6 };

static void *blocks[BLOCKS];

/* Each thread has a pool; the first one has handed out the blocks. */
static void prepare(void)
{
    make_heap(MEGABYTE, 0, PERFPOOL_NO_ZERO);
    for (unsigned i = 0; i < THREADS_MAX; i++) {
        explore_act_as(i);
        give(take(64));
    }
    explore_act_as(0);
    for (unsigned i = 0; i < 4; i++)
        blocks[i] = take(SIZE);
    blocks[4] = take(OTHER_SIZE);
    blocks[5] = take(OTHER_SIZE);
}

static void give_two(void)
{
    give(blocks[0]);
    give(blocks[1]);
}

static void give_others(void)
{
    give(blocks[2]);
    give(blocks[3]);
}

static void give_mixed(void)
{
    give(blocks[2]);
    give(blocks[4]);
    perfpool_thread_detach();
}

static void take_two(void)
{
    take(SIZE);
    take(SIZE);
}

static void take_and_give(void)
{
    void *first = take(SIZE);
    void *second = take(SIZE);
    give(first);
    give(second);
}

/* One block freed twice by another thread: the owner finds the second when it opens the magazine. */
static void give_twice(void)
{
    give(blocks[0]);
    FreeMemory(blocks[0], scene);
    perfpool_thread_detach();
}

static void finish_twice(void)
{
    struct fault_list faults = {.n = 0};
    struct pool *pool = pool_at(scene, 1);
    while (pool_drain(pool, &faults)) {
    }
    expect(faults.n + faults_seen() == 1);
    expect_whole(scene, faults_seen());
}

const struct scenario mail_two = {"mail/post-open", "mailbox", prepare, {take_two, give_two, NULL}, finish_scene, 0, 0};
const struct scenario mail_posters = {"mail/two-post", "mailbox", prepare, {take_and_give, give_two, give_others},
                                      finish_scene,    3,         0};
const struct scenario mail_mixed = {"mail/mixed-classes", "mailbox", prepare, {take_two, give_mixed, give_two}, finish_scene, 3, 0};
const struct scenario mail_twice = {"mail/freed-twice", "mailbox", prepare, {take_two, give_twice, NULL}, finish_twice, 4, 0};
const struct scenario mail_refused = {"mail/refused", "mailbox", prepare, {take_two, give_two, NULL}, finish_scene, 4, 1};

/* As before, and two magazines wait in the first thread's inbox, whose owner has not been there since others looked. */
static void prepare_waiting(void)
{
    prepare();
    explore_act_as(1);
    give_two();
    explore_act_as(2);
    give_others();
    pool_at(scene, 1)->looked = pool_at(scene, 1)->refills;
}

static void take_and_detach(void)
{
    take(SIZE);
    perfpool_thread_detach();
}

static void take_otherwise(void)
{
    take(OTHER_SIZE);
    take(SIZE);
}

const struct scenario over_two = {"over/two-take", "take over", prepare_waiting, {NULL, take_two, take_two}, finish_scene, 0, 0};
const struct scenario over_owner = {
    "over/owner-wakes", "take over", prepare_waiting, {take_two, take_two, NULL}, finish_scene, 0, 0};
const struct scenario over_three = {
    "over/three", "take over", prepare_waiting, {take_two, take_and_detach, take_otherwise}, finish_scene, 3, 0};

/* The owner has ended: its pool may be adopted while magazines are taken from it. */
static void prepare_ended(void)
{
    prepare_waiting();
    explore_act_as(0);
    perfpool_thread_detach();
}

const struct scenario over_ended = {
    "over/owner-ended", "take over", prepare_ended, {take_and_give, take_two, take_and_detach}, finish_scene, 3, 0};

/* The other two threads have ended, and free without a pool. */
static void prepare_gone(void)
{
    prepare();
    for (unsigned i = 1; i < THREADS_MAX; i++) {
        explore_act_as(i);
        thread_exit();
    }
}

static void give_one(void)
{
    give(blocks[1]);
}

static void give_other_class(void)
{
    give(blocks[4]);
    give(blocks[5]);
}

/* Two that have ended free one block: one of them is told. */
static void free_one(void)
{
    FreeMemory(blocks[0], scene);
}

static void finish_one(void)
{
    note_given(blocks[0]);
    expect_whole(scene, 1);
}

static void collect(void)
{
    struct fault_list faults = {.n = 0};
    pool_drain(thread_pool_if_bound(scene), &faults);
    pool_drain(thread_pool_if_bound(scene), &faults);
    expect(faults.n == 0);
}

/* All that was returned is found by the next drain, and then nothing is marked. */
static void finish_returned(void)
{
    struct fault_list faults = {.n = 0};
    expect_whole(scene, 0);
    pool_drain(pool_at(scene, 1), &faults);
    expect(pool_at(scene, 1)->inbox.returned == 0 && scene->arena.words[0].returned == 0);
    expect_whole(scene, 0);
}

static void take_one(void)
{
    take(SIZE);
}

const struct scenario returned_two = {
    "returned/one-collects", "returned", prepare_gone, {collect, give_two, NULL}, finish_returned, 0, 0};
const struct scenario returned_three = {
    "returned/two-return", "returned", prepare_gone, {collect, give_one, give_other_class}, finish_returned, 3, 0};
const struct scenario returned_twice = {
    "returned/freed-twice", "returned", prepare_gone, {NULL, free_one, free_one}, finish_one, 0, 0};
const struct scenario returned_taken = {
    "returned/owner-takes", "returned", prepare_gone, {take_and_give, give_two, NULL}, finish_scene, 4, 0};
const struct scenario returned_leased = {
    "returned/ended-take", "returned", prepare_gone, {take_one, take_one, give_others}, finish_scene, 3, 0};
