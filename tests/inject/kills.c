/*
 * Threads killed inside perfpool's own instructions, wherever they happen to be there, never inside a system call: the others go on
 * with everything, no block of theirs is lost or changed, and what is lost with a killed thread is at most what a thread may hold.
 */
#define _GNU_SOURCE
#include "perfpool.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifndef _WIN32
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "harness.h"
#include "inject/deep.h"
#include "inject/kill_thread.h"
#include "support/generator.h"
#include "support/heap_check.h"
#include "support/heaps.h"
#include "support/require.h"
#include "support/threads.h"

enum {
    PLACES = 256,
    SURVIVORS = 2,
    KILLS = 6, /* in a heap */
    SIZE_SMALL = 400,
    SIZE_BIG = 9000, /* magazines of these have a few blocks only: most of their calls are slow ones */
    SIZE_LEAST = 24,
    STEPS_MAX = 300,  /* instructions from there to its death: a few calls, fast and slow ones */
    WARM_TURNS = 300, /* of a victim, before it may be killed */
    /* What a thread may hold back of a class: two magazines, the full ones it keeps, the span it cuts; and its outbox. */
    CLASSES_USED = 42,
    HELD_PER_CLASS = (2 * 32 + 64 + 64) << 10,
    HELD_IN_OUTBOX = 256 << 10,
    HELD_MAX = CLASSES_USED * HELD_PER_CLASS + HELD_IN_OUTBOX
};

/* A heap, and blocks that any thread swaps for new ones. */
struct playground {
    perfpool_heap *heap;
    unsigned char *places[PLACES];
    bool everything; /* victims visit the heap, too: statistics, walk, trim, detach */
    int stop;
};

struct player {
    struct playground *playground;
    struct generator generator;
    uint64_t turns_to_warm;
    struct semaphore warm; /* posted after that many: from then on it may be killed */
};

/* A block's size, and at both ends a mark of its own. With few instructions: a victim goes through each of them by a step. */
static uint64_t mark_of(const unsigned char *block)
{
    return (uintptr_t)block * 0x9e3779b97f4a7c15;
}

static void write_marks(unsigned char *block, size_t size, uint64_t mark)
{
    memcpy(block + sizeof(size), &mark, sizeof(mark));
    memcpy(block + size - sizeof(mark), &mark, sizeof(mark));
}

static bool marks_are(const unsigned char *block, size_t size, uint64_t mark)
{
    uint64_t first;
    uint64_t last;
    memcpy(&first, block + sizeof(size), sizeof(first));
    memcpy(&last, block + size - sizeof(last), sizeof(last));
    return first == mark && last == mark;
}

static unsigned char *make_block(const struct playground *playground, struct generator *generator)
{
    const size_t most = generator_below(generator, 2) == 0 ? SIZE_BIG : SIZE_SMALL;
    const size_t size = SIZE_LEAST + generator_below(generator, most - SIZE_LEAST);
    unsigned char *block = AllocateMemory(size, playground->heap);
    require(block != NULL);
    memcpy(block, &size, sizeof(size));
    write_marks(block, size, mark_of(block));
    return block;
}

static void free_block(const struct playground *playground, unsigned char *block)
{
    size_t size;
    if (block == NULL)
        return;
    memcpy(&size, block, sizeof(size));
    require(size >= SIZE_LEAST && size < SIZE_BIG && marks_are(block, size, mark_of(block)));
    write_marks(block, size, ~mark_of(block)); /* were it handed out twice, the other holder would find this */
    FreeMemory(block, playground->heap);
}

static void swap_block(struct playground *playground, struct generator *generator)
{
    const size_t place = generator_below(generator, PLACES);
    unsigned char *block = make_block(playground, generator);
    free_block(playground, __atomic_exchange_n(&playground->places[place], block, __ATOMIC_ACQ_REL));
}

static int PERFPOOL_CALL visit_nothing(const void *block, size_t size, void *argument)
{
    (void)block, (void)size, (void)argument;
    return 0;
}

static void visit_heap(struct playground *playground, size_t choice)
{
    if (choice == 0)
        perfpool_thread_detach();
    else if (choice == 1)
        perfpool_heap_trim(playground->heap);
    else if (choice == 2)
        heap_figures(playground->heap);
    else if (choice == 3)
        require(perfpool_heap_walk(playground->heap, visit_nothing, NULL) == 0);
    else if (choice == 4)
        FreeMemory(AllocateMemory(100000, playground->heap), playground->heap);
}

static void play_until_killed(void *argument)
{
    struct player *player = argument;
    for (;;) {
        swap_block(player->playground, &player->generator);
        if (player->playground->everything)
            visit_heap(player->playground, generator_below(&player->generator, 20));
        if (--player->turns_to_warm == 0)
            semaphore_post(&player->warm);
    }
}

static void play_until_stopped(void *argument)
{
    struct player *player = argument;
    do {
        swap_block(player->playground, &player->generator);
        visit_heap(player->playground, generator_below(&player->generator, 500));
    } while (!__atomic_load_n(&player->playground->stop, __ATOMIC_ACQUIRE));
}

/* Kills one player; afterwards the main thread does everything once. */
static void kill_one(struct playground *playground, struct generator *generator, uint64_t seed)
{
    static struct player player;
    struct victim victim;
    memset(&player, 0, sizeof(player));
    player.playground = playground;
    player.generator = generator_make(seed, generator_next(generator));
    player.turns_to_warm = WARM_TURNS + generator_below(generator, WARM_TURNS);
    semaphore_init(&player.warm);
    victim_start(&victim, play_until_killed, &player);
    semaphore_wait(&player.warm);
    victim_kill(&victim, (uint32_t)generator_size(generator, STEPS_MAX));
    semaphore_destroy(&player.warm);
    for (size_t i = 0; i < 50; i++)
        swap_block(playground, generator);
    for (size_t choice = 0; choice < 5; choice++)
        visit_heap(playground, choice);
}

static void free_all(struct playground *playground)
{
    for (size_t i = 0; i < PLACES; i++)
        free_block(playground, playground->places[i]);
    perfpool_heap_trim(playground->heap);
}

/* Whether there is memory at an address. */
static bool is_mapped(void *address)
{
#ifdef _WIN32
    MEMORY_BASIC_INFORMATION region;
    require(VirtualQuery(address, &region, sizeof(region)) != 0);
    return region.State != MEM_FREE;
#else
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    return msync((char *)address - (uintptr_t)address % page, page, MS_ASYNC) == 0;
#endif
}

/* A heap in which some threads are killed while others go on. Returns what is committed when all that is known of is freed. */
static uint64_t play(bool everything, uint32_t kills, struct generator *generator, uint64_t seed)
{
    static struct playground playground;
    static struct player survivors[SURVIVORS];
    struct thread threads[SURVIVORS];
    memset(&playground, 0, sizeof(playground));
    playground.heap = heap_make(PERFPOOL_NO_ZERO); /* single steps through clearing would take most of the time */
    playground.everything = everything;
    for (size_t i = 0; i < SURVIVORS; i++) {
        survivors[i].playground = &playground;
        survivors[i].generator = generator_make(seed, generator_next(generator));
        thread_start(&threads[i], play_until_stopped, &survivors[i]);
    }
    for (uint32_t i = 0; i < kills; i++)
        kill_one(&playground, generator, seed);
    __atomic_store_n(&playground.stop, 1, __ATOMIC_RELEASE);
    for (size_t i = 0; i < SURVIVORS; i++)
        thread_join(&threads[i]);
    free_all(&playground);
    const perfpool_stats stats = heap_figures(playground.heap);
    ck_assert_uint_eq(stats.faults, 0);
    ck_assert_uint_le(stats.live_bytes, (uint64_t)kills * HELD_MAX);
    if (!everything) {                               /* else one may have been killed in detach or after it, without a pool */
        ck_assert_uint_ge(stats.pools_bound, kills); /* theirs, for ever */
        check_heap(playground.heap);
    }
    void *block = AllocateMemory(100, playground.heap);
    ck_assert(is_mapped(block));
    ck_assert_uint_ne(perfpool_heap_destroy(playground.heap, PERFPOOL_DESTROY_LIVE), (size_t)-1);
    if (!everything)
        ck_assert(!is_mapped(block));
    return stats.committed;
}

/* Killed in allocate and free: what is lost is bounded, and the heap can be destroyed and is gone. */
START_TEST(killed_in_allocate_and_free)
{
    const uint64_t seed = generator_seed("kills/killed_in_allocate_and_free");
    struct generator generator = generator_make(seed, 0);
    const uint32_t heaps = deep_count(8, 170);
    uint64_t most = 0;
    const uint64_t none = play(false, 0, &generator, seed);
    for (uint32_t i = 0; i < heaps; i++) {
        const uint64_t committed = play(false, KILLS, &generator, seed);
        const uint64_t lost = committed > none ? committed - none : 0;
        ck_assert_uint_le(lost, (uint64_t)KILLS * HELD_MAX);
        most = lost / KILLS > most ? lost / KILLS : most;
    }
    printf("kills: %u threads killed at %u different instructions, at most %u KiB kept for one, bound %d\n", heaps * KILLS,
           victim_places(), (unsigned)(most >> 10), HELD_MAX >> 10);
    ck_assert_uint_gt(victim_places(), heaps * KILLS / 4);
}
END_TEST

/* Killed anywhere. A heap that a killed thread was visiting is closed by destroy, and its memory stays. */
START_TEST(killed_in_any_call)
{
    const uint64_t seed = generator_seed("kills/killed_in_any_call");
    struct generator generator = generator_make(seed, 0);
    const uint32_t heaps = deep_count(8, 170);
    for (uint32_t i = 0; i < heaps; i++)
        play(true, KILLS, &generator, seed);
    printf("kills: %u threads killed in any call, at %u different instructions\n", heaps * KILLS, victim_places());
}
END_TEST

#if defined(_WIN32) && !defined(_WIN64)
enum { CAN_STEP = 0 };
#else
enum { CAN_STEP = 1 };
#endif

Suite *make_suite(void)
{
    Suite *suite = suite_create("kills");
    if (!CAN_STEP) {
        harness_skip("threads", "in 32-bit Wine stepping a thread comes to no end");
        return suite;
    }
    TCase *usual = tcase_create("allocate and free");
    tcase_set_timeout(usual, DEEP_TIMEOUT);
    tcase_add_test(usual, killed_in_allocate_and_free);
    suite_add_tcase(suite, usual);

    TCase *any = tcase_create("any call");
    tcase_set_timeout(any, DEEP_TIMEOUT);
    tcase_add_test(any, killed_in_any_call);
    suite_add_tcase(suite, any);
    return suite;
}
