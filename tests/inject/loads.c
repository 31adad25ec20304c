/*
 * Loaded, used from several threads and unloaded, again and again, the threads being older than the library and outliving it:
 * nothing is left but what is live, and that exactly.
 */
#include "perfpool.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "inject/deep.h"
#include "inject/plugin.h"
#include "support/heaps.h"
#include "support/pattern.h"
#include "support/require.h"
#include "support/resident.h"
#include "support/threads.h"

enum {
    TEAM = 3,
    BLOCKS = 60,
    WARM_ROUNDS = 30,
    LIVE_ROUNDS = 20,
    LEFT_BYTES = 1000,
    HEAP_BYTES = 8 << 20,
    NOISE = 1 << 20 /* bytes that the system may take for itself, less than one heap has */
};

/* What all threads of a round use. */
struct round {
    struct plugin plugin;
    perfpool_heap *heap;
    unsigned char *blocks[TEAM][BLOCKS]; /* each freed by the next member */
    struct barrier begin, exchange, end; /* team and main thread */
    bool last;
};

static struct round round_of_all;

/* Allocates, frees the next one's blocks and some of the default heap's, and stays when the library goes. */
static void member(void *argument)
{
    struct round *round = &round_of_all;
    const size_t self = (size_t)(uintptr_t)argument;
    const struct library *library = &round->plugin.library;
    for (;;) {
        barrier_wait(&round->begin);
        if (round->last)
            return;
        for (size_t i = 0; i < BLOCKS; i++) {
            round->blocks[self][i] = library->allocate(100 + 40 * i, round->heap);
            require(round->blocks[self][i] != NULL);
            pattern_fill(round->blocks[self][i], 100, self);
        }
        barrier_wait(&round->exchange);
        const size_t next = (self + 1) % TEAM;
        for (size_t i = 0; i < BLOCKS; i++) {
            require(pattern_holds(round->blocks[next][i], 100, next));
            library->release(round->blocks[next][i], round->heap);
            library->release(library->allocate(500, NULL), NULL);
        }
        if (self == 0)
            round->plugin.thread_detach();
        barrier_wait(&round->end);
    }
}

static perfpool_heap *make_heap(const struct plugin *plugin)
{
    static perfpool_options options;
    options = heap_options();
    options.reserve = HEAP_BYTES;
    perfpool_heap *heap = plugin->library.heap_create(&options);
    require(heap != NULL);
    return heap;
}

/* One life of the library. */
static void live_once(struct round *round)
{
    plugin_load(&round->plugin);
    round->heap = make_heap(&round->plugin);
    barrier_wait(&round->begin);
    barrier_wait(&round->exchange);
    barrier_wait(&round->end);
    perfpool_stats stats = {.size = sizeof(stats)};
    require(round->plugin.library.heap_stats(round->heap, &stats) == 0 && stats.live_blocks == 0 && stats.faults == 0);
    require(round->plugin.library.heap_destroy(round->heap, 0) == 0);
    library_unload(&round->plugin.library);
}

#ifdef _WIN32
static size_t committed_bytes(void)
{
    MEMORY_BASIC_INFORMATION region;
    size_t total = 0;
    for (const char *at = NULL; VirtualQuery(at, &region, sizeof(region)) != 0;
         at = (const char *)region.BaseAddress + region.RegionSize)
        total += region.State == MEM_COMMIT && region.Type == MEM_PRIVATE ? region.RegionSize : 0;
    return total;
}

/* The thread-local index that the next who wants one gets. */
static unsigned next_index(void)
{
    const DWORD index = TlsAlloc();
    require(index != TLS_OUT_OF_INDEXES && TlsFree(index));
    return index;
}
#else
static size_t committed_bytes(void)
{
    return resident_bytes();
}

static unsigned next_index(void)
{
    pthread_key_t key;
    require(pthread_key_create(&key, NULL) == 0 && pthread_key_delete(key) == 0);
    return key;
}
#endif

static void set_options(void)
{
#ifdef _WIN32
    require(SetEnvironmentVariableA("PERFPOOL_OPTIONS", "reserve=4M"));
#else
    require(setenv("PERFPOOL_OPTIONS", "reserve=4M", 1) == 0);
#endif
}

static void start_team(struct thread threads[TEAM])
{
    struct round *round = &round_of_all;
    set_options();
    memset(round, 0, sizeof(*round));
    library_copy(&round->plugin.library);
    barrier_init(&round->begin, TEAM + 1);
    barrier_init(&round->exchange, TEAM + 1);
    barrier_init(&round->end, TEAM + 1);
    for (size_t i = 0; i < TEAM; i++)
        thread_start(&threads[i], member, (void *)(uintptr_t)i);
}

static void end_team(struct thread threads[TEAM])
{
    struct round *round = &round_of_all;
    round->last = true;
    barrier_wait(&round->begin);
    for (size_t i = 0; i < TEAM; i++)
        thread_join(&threads[i]);
    barrier_destroy(&round->begin);
    barrier_destroy(&round->exchange);
    barrier_destroy(&round->end);
    library_remove(&round->plugin.library);
}

/* What the process has. */
struct holdings {
    size_t handles, space, committed;
    unsigned index;
};

static struct holdings take_stock(void)
{
    const struct holdings holdings = {open_handles(), address_space_bytes(), committed_bytes(), next_index()};
    return holdings;
}

START_TEST(nothing_is_left)
{
    struct thread threads[TEAM];
    const unsigned rounds = deep_count(150, 1000);
    start_team(threads);
    for (unsigned i = 0; i < WARM_ROUNDS; i++)
        live_once(&round_of_all);
    const struct holdings before = take_stock();
    for (unsigned i = 0; i < rounds; i++)
        live_once(&round_of_all);
    const struct holdings after = take_stock();
    end_team(threads);
    printf("loads: %u lives of the library, %d threads\n", rounds, TEAM);
    ck_assert_uint_eq(after.index, before.index);
    ck_assert_uint_le(after.handles, before.handles);
    ck_assert_msg(after.space <= before.space + NOISE, "%zu bytes of address space, %zu before", after.space, before.space);
    ck_assert_msg(after.committed <= before.committed + NOISE, "%zu bytes committed, %zu before", after.committed,
                  before.committed);
}
END_TEST

/* Address space of one heap. */
static size_t measure_heap(struct round *round)
{
    plugin_load(&round->plugin);
    const size_t without = address_space_bytes();
    perfpool_heap *heap = make_heap(&round->plugin);
    const size_t with = address_space_bytes();
    require(round->plugin.library.heap_destroy(heap, 0) == 0);
    library_unload(&round->plugin.library);
    return with - without;
}

static struct {
    perfpool_heap *heap;
    unsigned char *block;
} left[LIVE_ROUNDS];

/* A life of the library that leaves a heap with a live block, and one without. */
static void leave_heap(struct round *round, unsigned i)
{
    plugin_load(&round->plugin);
    const struct library *library = &round->plugin.library;
    left[i].heap = make_heap(&round->plugin);
    left[i].block = library->allocate(LEFT_BYTES, left[i].heap);
    require(left[i].block != NULL);
    pattern_fill(left[i].block, LEFT_BYTES, i);
    perfpool_heap *idle = make_heap(&round->plugin);
    library->release(library->allocate(LEFT_BYTES, idle), idle);
#ifndef _WIN32
    require(library->heap_destroy(idle, 0) == 0);
#endif
    library_unload(&round->plugin.library);
}

/* A heap with a block that is live stays, and the block with it. Others are released by unloading where that takes the library
 * away, and are the caller's to destroy where it does not. */
START_TEST(live_heaps_are_left)
{
    struct thread threads[TEAM];
    struct round *round = &round_of_all;
    start_team(threads);
    for (unsigned i = 0; i < WARM_ROUNDS; i++)
        live_once(round);
    const size_t heap_bytes = measure_heap(round);
    const size_t before = address_space_bytes();
    for (unsigned i = 0; i < LIVE_ROUNDS; i++)
        leave_heap(round, i);
    const size_t growth = address_space_bytes() - before;
    unsigned whole = 0;
    for (unsigned i = 0; i < LIVE_ROUNDS; i++)
        whole += pattern_holds(left[i].block, LEFT_BYTES, i);
#ifndef _WIN32
    for (unsigned i = 0; i < LIVE_ROUNDS; i++) {
        round->plugin.library.release(left[i].block, left[i].heap);
        require(round->plugin.library.heap_destroy(left[i].heap, 0) == 0);
    }
    const size_t after = address_space_bytes();
#else
    const size_t after = before;
#endif
    end_team(threads);
    ck_assert_uint_eq(whole, LIVE_ROUNDS);
    ck_assert_uint_gt(heap_bytes, HEAP_BYTES);
    ck_assert_msg(growth + NOISE >= LIVE_ROUNDS * heap_bytes && growth <= LIVE_ROUNDS * heap_bytes + NOISE,
                  "%zu bytes more, %d heaps of %zu", growth, LIVE_ROUNDS, heap_bytes);
    ck_assert_uint_le(after, before + NOISE);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("loads");
    TCase *loads = tcase_create("loads");
    tcase_set_timeout(loads, DEEP_TIMEOUT);
    tcase_add_test(loads, nothing_is_left);
    tcase_add_test(loads, live_heaps_are_left);
    suite_add_tcase(suite, loads);
    return suite;
}
