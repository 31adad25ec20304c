/*
 * Blocks on their way home: outboxes, inboxes, magazines that an idle owner's are taken over from, and the way of freeing that
 * needs no memory.
 */
#include "drain.h"
#include "interleave/actors.h"
#include "interleave/scenarios_all.h"

enum { OTHER_SIZE = 8192 };

static void *others[2]; /* of another class */

/* Each thread has a pool; the first one has handed out the blocks. */
static void prepare(void)
{
    make_pools(0, PERFPOOL_NO_ZERO);
    explore_act_as(0);
    take_blocks();
    others[0] = take(OTHER_SIZE);
    others[1] = take(OTHER_SIZE);
}

static void give_mixed(void)
{
    give(blocks[2]);
    give(others[0]);
    perfpool_thread_detach();
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

/* The owner's block is in another thread's outbox, where it cannot be told apart from one freed once, when the owner frees it, too.
 * Its span goes back and is a third thread's, of another class, whose block is where the old one was. */
static void prepare_freed_too(void)
{
    prepare();
    explore_act_as(1);
    FreeMemory(blocks[0], scene);
    explore_act_as(0);
    give_two();
    give_others();
    take(64); /* its span shall not be free */
    perfpool_heap_trim(scene);
    explore_act_as(2);
    expect(take(OTHER_SIZE) == blocks[0]);
}

static void take_other(void)
{
    take(OTHER_SIZE);
    take(OTHER_SIZE);
}

const struct scenario mail_freed_too = {
    "mail/owner-frees-too", "mailbox", prepare_freed_too, {take_two, perfpool_thread_detach, take_other}, finish_twice, 3, 0};

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
    give(others[0]);
    give(others[1]);
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

static struct place given;

/* Of a span that is the lowest free one when it goes, all is at home but its first block, which is returned. */
static void prepare_last(void)
{
    prepare_gone();
    explore_act_as(0);
    take(64);
    explore_act_as(2);
    give(blocks[0]);
    explore_act_as(0);
    give(blocks[1]);
    give_others();
    pool_give_back(pool_at(scene, 1));
}

static void take_two_and_leave(void)
{
    take(SIZE);
    leave_at(&given, take(SIZE));
}

static void give_left(void)
{
    give(take_from(&given));
}

const struct scenario returned_two = {
    "returned/one-collects", "returned", prepare_gone, {collect, give_two, NULL}, finish_returned, 0, 0};
const struct scenario returned_three = {
    "returned/two-return", "returned", prepare_gone, {collect, give_one, give_other_class}, finish_returned, 3, 0};
const struct scenario returned_twice = {
    "returned/freed-twice", "returned", prepare_gone, {NULL, free_one, free_one}, finish_one, 0, 0};
const struct scenario returned_taken = {
    "returned/owner-takes", "returned", prepare_gone, {take_and_give, give_two, NULL}, finish_scene, 4, 0};
const struct scenario returned_last = {
    "returned/last-one", "returned", prepare_last, {collect, take_two_and_leave, give_left}, finish_scene, 3, 0};
const struct scenario returned_leased = {
    "returned/ended-take", "returned", prepare_gone, {take_one, take_one, give_others}, finish_scene, 3, 0};
