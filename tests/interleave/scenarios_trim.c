/*
 * Giving memory back, and looking, while others allocate and free: trims, reclaims at the limit, statistics and walks.
 */
#include "interleave/actors.h"
#include "interleave/scenarios_all.h"
#include "trim.h"

enum { ENOUGH = 700 << 10, MANY = 300, KEPT = 100, CHAINS = 9 };

static void use(unsigned thread, size_t limit)
{
    make_pools(limit, PERFPOOL_NO_ZERO);
    explore_act_as(thread);
    take_blocks();
}

static void prepare(void)
{
    use(0, 0);
}

/* Room for one more span; the second thread's pool is left with blocks and no thread. */
static void prepare_limit(void)
{
    use(1, ENOUGH);
    give(blocks[0]);
    give(blocks[1]);
    perfpool_thread_detach();
    scene->arena.limit = scene->arena.committed;
}

/* At least `n` magazines are empties of the pile, a trim's prey; that of index `but` is not put there (0: none such). */
static void fill_pile(uint32_t n, uint32_t but)
{
    struct magazine_store *store = &scene->magazines;
    struct magazine_cache cache = {0, 0, 0};
    uint32_t first = 0;
    while (store->high < n) {
        struct magazine *magazine = magazine_take(store, &cache);
        magazine->chain = first;
        first = magazine_index(store, magazine);
    }
    while (first != 0) {
        struct magazine *magazine = magazine_at(store, first);
        const uint32_t index = first;
        first = magazine->chain;
        if (index != but)
            magazine_put(store, &cache, magazine);
    }
    magazine_cache_flush(store, &cache);
}

static void prepare_no_pile(void)
{
    use(0, 0);
    give_two();
    give_others();
    magazine_cache_flush(&scene->magazines, &thread_pool_if_bound(scene)->empties);
}

static void prepare_pile(void)
{
    prepare_no_pile();
    fill_pile(MANY, 0);
}

/* One of the pile is in use, so a trim gives back the unit above it and lowers the mark by that and the part of a unit behind. */
static void prepare_kept(void)
{
    prepare_no_pile();
    fill_pile(MANY, KEPT);
    store_relaxed_8(&magazine_at(&scene->magazines, KEPT)->kind, MAGAZINE_BIN);
}

static uint32_t aside[THREADS_MAX]; /* chains of empties */

/* The pile is empty, so the next magazine is a new one. */
static void prepare_empty_pile(void)
{
    prepare_no_pile();
    for (unsigned i = 0; i < THREADS_MAX; i++)
        aside[i] = index_stack_pop(&scene->magazines.pile, scene->magazines.all, magazine_link);
    expect(scene->magazines.pile.head << 32 == 0);
}

static void trim(void)
{
    perfpool_heap_trim(scene);
}

static void give_others_and_detach(void)
{
    give_others();
    perfpool_thread_detach();
}

static void try_two(void)
{
    void *block = try_take(SIZE);
    give(try_take(2 * SIZE));
    give(block);
}

static void try_one(void)
{
    give(try_take(SIZE / 2));
}

/* At the limit, and nothing to give back but what another thread has: still there must be a block for one who comes alone. */
static void finish_limit(void)
{
    expect_whole(scene, 0);
    perfpool_thread_detach();
    perfpool_heap_trim(scene);
    expect_whole(scene, 0);
    scene->arena.limit = UINT64_MAX;
    finish_scene();
}

/* Magazines by hand: taken and put as a pool's owner does. */
static void swap_magazines(void)
{
    struct magazine_cache cache = {0, 0, 0};
    struct magazine *first = magazine_take(&scene->magazines, &cache);
    struct magazine *second = magazine_take(&scene->magazines, &cache);
    expect(first != second && (first != NULL || explore_refused()));
    if (first != NULL)
        store_relaxed_8(&first->kind, MAGAZINE_BIN);
    if (first != NULL)
        magazine_put(&scene->magazines, &cache, first);
    if (second != NULL)
        magazine_put(&scene->magazines, &cache, second);
    magazine_cache_flush(&scene->magazines, &cache);
}

/* With the pile in a trim's hands the table grows. */
static void take_magazine(void)
{
    struct magazine_cache cache = {0, 0, 0};
    struct magazine *magazine = magazine_take(&scene->magazines, &cache);
    if (magazine != NULL)
        magazine_put(&scene->magazines, &cache, magazine);
    magazine_cache_flush(&scene->magazines, &cache);
}

static void trim_magazines_alone(void)
{
    struct magazine_cache cache = {0, 0, 0};
    magazine_store_trim(&scene->magazines, &cache);
    magazine_cache_flush(&scene->magazines, &cache);
}

static struct magazine *in_use[CHAINS];
static struct magazine_cache caches[CHAINS];

/* With the pile in a trim's hands, as many chains as that trim gives back and more: one magazine of each is in use. */
static void use_chains(void)
{
    for (unsigned i = 0; i < CHAINS; i++) {
        in_use[i] = magazine_take(&scene->magazines, &caches[i]);
        expect(in_use[i] != NULL);
        store_relaxed_8(&in_use[i]->kind, MAGAZINE_BIN);
    }
}

/* All but one pool's own lie in the pile, so a trim can have them. */
static void finish_pile(void)
{
    expect(scene->magazines.trimming == 0);
    expect_whole(scene, 0);
    finish_scene();
}

static void finish_opens(void)
{
    for (unsigned i = 0; i < THREADS_MAX; i++)
        if (aside[i] != 0)
            index_stack_push(&scene->magazines.pile, scene->magazines.all, magazine_link, aside[i]);
    finish_pile();
}

/* What is in use is so still. */
static void finish_kept(void)
{
    struct magazine_cache cache = {0, 0, 0};
    for (unsigned i = 0; i < CHAINS; i++) {
        expect(in_use[i]->kind == MAGAZINE_BIN);
        magazine_put(&scene->magazines, &caches[i], in_use[i]);
        magazine_cache_flush(&scene->magazines, &caches[i]);
    }
    magazine_put(&scene->magazines, &cache, magazine_at(&scene->magazines, KEPT));
    magazine_cache_flush(&scene->magazines, &cache);
    finish_pile();
}

/* When all is over each pool has a thread or is there for the next. */
static void finish_trim(void)
{
    uint32_t pools = 0;
    finish_scene();
    for (unsigned i = 0; i < 2; i++)
        for (uint32_t id = (uint32_t)scene->unbound[i].head; id != 0; id = pool_at(scene, id)->next)
            pools++;
    for (uint32_t id = 1; id <= scene->n_pools; id++)
        pools += (uintptr_t)pool_at(scene, id)->record > POOL_DEAD;
    expect(pools == scene->n_pools);
}

static uint64_t seen;

static int PERFPOOL_CALL count(const void *block, size_t size, void *argument)
{
    expect(block != NULL && size >= 64);
    ++*(uint64_t *)argument;
    return 0;
}

/* Four blocks at first, of which others give up to four and take up to two. */
static void look(void)
{
    perfpool_stats stats = {.size = sizeof stats};
    expect(perfpool_heap_stats(scene, &stats) == 0 || explore_refused());
    expect(stats.live_blocks <= 6);
}

static void walk(void)
{
    uint64_t n = 0;
    const int result = perfpool_heap_walk(scene, count, &n);
    expect(result == 0 || explore_refused());
    expect(n <= 6);
    seen = n;
}

/* All blocks are free, some of them in a magazine on its way home. */
static void finish_walk(void)
{
    perfpool_stats stats = {.size = sizeof stats};
    expect(perfpool_heap_stats(scene, &stats) == 0 && stats.live_blocks == 0);
    finish_scene();
}

static void ask(void)
{
    size_t size = perfpool_block_size(blocks[0], scene);
    expect(size == 0 || size == SIZE);
    size = perfpool_block_size(blocks[3], scene);
    expect(size == 0 || size == SIZE);
}

const struct scenario trim_owner = {"trim/owner-takes", "trim", prepare, {take_two, trim, NULL}, finish_trim, 3, 0};
const struct scenario trim_posts = {"trim/others-free", "trim", prepare, {trim, give_two, give_others_and_detach},
                                    finish_trim,        3,      0};
const struct scenario trim_limit = {"trim/limit", "trim", prepare_limit, {try_two, try_one, NULL}, finish_limit, 3, 0};
const struct scenario trim_reclaims = {"trim/limit-trim", "trim", prepare_limit, {try_two, NULL, trim}, finish_limit, 3, 0};
const struct scenario trim_pile = {"trim/pile", "pile", prepare_pile, {swap_magazines, trim_magazines_alone, NULL}, finish_pile,
                                   3,           0};
const struct scenario trim_grows = {
    "trim/pile-grows", "pile", prepare_pile, {trim_magazines_alone, take_magazine, NULL}, finish_pile, 3, 0};
const struct scenario trim_opens = {
    "trim/pile-opens", "pile", prepare_empty_pile, {trim_magazines_alone, take_magazine, NULL}, finish_opens, 3, 0};
const struct scenario trim_kept = {
    "trim/pile-kept", "pile", prepare_kept, {trim_magazines_alone, use_chains, NULL}, finish_kept, 1, 0};
const struct scenario trim_piles = {
    "trim/two-pile", "pile", prepare_pile, {trim_magazines_alone, trim_magazines_alone, swap_magazines}, finish_pile, 3, 0};
const struct scenario trim_refused = {
    "trim/pile-refused", "pile", prepare_pile, {swap_magazines, trim_magazines_alone, NULL}, finish_pile, 3, 1};
const struct scenario look_figures = {"look/figures", "statistics", prepare, {take_two, look, give_two}, finish_scene, 3, 0};
const struct scenario look_walk = {"look/walk", "statistics", prepare, {walk, give_two, give_others_and_detach}, finish_walk, 3, 0};
const struct scenario look_trim = {"look/trim", "statistics", prepare, {look, trim, NULL}, finish_scene, 3, 0};
const struct scenario look_size = {
    "look/block-size", "statistics", prepare, {ask, give_two, give_others_and_detach}, finish_scene, 3, 0};

/* Two free one block: where that is checked at once, exactly one is told. */
static void prepare_checked(void)
{
    make_pools(0, PERFPOOL_NO_ZERO | PERFPOOL_CHECK_REMOTE);
    explore_act_as(0);
    take_blocks();
}

/* A block that does not fill its size class, so that an overrun could be told. */
static void prepare_poisoned(void)
{
    make_pools(0, PERFPOOL_NO_ZERO | PERFPOOL_POISON);
    explore_act_as(0);
    blocks[0] = take(SIZE - 1);
}

static void free_one(void)
{
    FreeMemory(blocks[0], scene);
}

static void free_and_end(void)
{
    FreeMemory(blocks[0], scene);
    thread_exit();
}

static void free_ended(void)
{
    thread_exit();
    FreeMemory(blocks[0], scene);
}

static void finish_checked(void)
{
    note_given(blocks[0]);
    expect_whole(scene, explore_refused() ? faults_seen() : 1);
}

static void finish_checked_three(void)
{
    note_given(blocks[0]);
    expect_whole(scene, 2);
    expect(scene->faults == 2);
}

/* Of the two frees one is told that it is the second, not that somebody wrote to the block. */
static void finish_poisoned(void)
{
    finish_checked();
    expect(fault_kind() == PERFPOOL_FAULT_DOUBLE_FREE);
}

const struct scenario checked_owner = {
    "checked/owner-too", "checked frees", prepare_checked, {free_one, free_one, NULL}, finish_checked, 0, 0};
const struct scenario checked_remote = {
    "checked/two-others", "checked frees", prepare_checked, {NULL, free_one, free_and_end}, finish_checked, 0, 0};
const struct scenario checked_poisoned = {
    "checked/poisoned", "checked frees", prepare_poisoned, {NULL, free_one, free_one}, finish_poisoned, 0, 0};
const struct scenario checked_three = {
    "checked/three", "checked frees", prepare_checked, {free_one, free_ended, free_and_end}, finish_checked_three, 3, 0};
