/* Statistics: conservation, exactness also while freed blocks are on their way home, and the figures of each class. */
#include "perfpool.h"

#include <stdint.h>
#include <string.h>

#include "harness.h"
#include "support/error_state.h"
#include "support/fault_log.h"
#include "support/generator.h"
#include "support/heap_check.h"
#include "support/heaps.h"
#include "support/require.h"
#include "support/share.h"
#include "support/threads.h"

START_TEST(unknown_sizes_are_refused)
{
    perfpool_heap *heap = heap_make(0);
    perfpool_stats stats = {.size = sizeof(stats) - 8};
    error_state_set(ERROR_STATE_SENTINEL);
    const int answer = perfpool_heap_stats(heap, &stats);
    const int error = error_state_get();
    ck_assert_int_eq(answer, -1);
    ck_assert_int_eq(error, ERROR_STATE_INVALID);
    stats.size = 0;
    ck_assert_int_eq(perfpool_heap_stats(heap, &stats), -1);
    stats.size = sizeof(stats) + 8;
    ck_assert_int_eq(perfpool_heap_stats(heap, &stats), -1);
    stats.size = sizeof(stats);
    ck_assert_int_eq(perfpool_heap_stats(heap, &stats), 0);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

START_TEST(a_new_heap_has_nothing)
{
    perfpool_heap *heap = heap_make(0);
    const perfpool_stats stats = heap_figures(heap);
    ck_assert_uint_eq(stats.size, sizeof(stats));
    ck_assert_uint_eq(stats.unused, 0);
    ck_assert_uint_eq(stats.live_blocks, 0);
    ck_assert_uint_eq(stats.live_bytes, 0);
    ck_assert_uint_eq(stats.large_runs, 0);
    ck_assert_uint_eq(stats.faults, 0);
    ck_assert_uint_eq(stats.magazines_posted, 0);
    ck_assert_uint_eq(stats.blocks_posted, 0);
    ck_assert_uint_eq(stats.reserved, 64 * MEBIBYTE);
    ck_assert_uint_le(stats.pools_bound + stats.pools_unbound, 1);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

/* What the test has handed out, by its own account. */
enum { LEDGER = 3000 };

struct ledger {
    perfpool_heap *heap;
    void *blocks[LEDGER];
    size_t sizes[LEDGER];
    uint64_t live, bytes;
};

static void ledger_turn(struct ledger *ledger, size_t i, size_t size)
{
    if (ledger->blocks[i] != NULL) {
        FreeMemory(ledger->blocks[i], ledger->heap);
        ledger->blocks[i] = NULL;
        ledger->live--;
        ledger->bytes -= ledger->sizes[i];
        return;
    }
    ledger->blocks[i] = AllocateMemory(size, ledger->heap);
    require(ledger->blocks[i] != NULL);
    ledger->sizes[i] = perfpool_block_size(ledger->blocks[i], ledger->heap);
    ledger->live++;
    ledger->bytes += ledger->sizes[i];
}

static void check_ledger(struct ledger *ledger)
{
    const perfpool_stats stats = heap_figures(ledger->heap);
    ck_assert_uint_eq(stats.live_blocks, ledger->live);
    ck_assert_uint_eq(stats.live_bytes, ledger->bytes);
    check_heap(ledger->heap);
}

START_TEST(live_is_handed_out_less_freed)
{
    static struct ledger ledger;
    struct generator generator = generator_make(generator_seed("live_is_handed_out_less_freed"), 0);
    ledger.heap = heap_make(0);
    const unsigned turns = share_of(200000);
    for (unsigned turn = 0; turn < turns; turn++) {
        ledger_turn(&ledger, generator_below(&generator, LEDGER), generator_size(&generator, turn % 100 == 0 ? 100000 : 2000));
        if (turn % 5000 == 0)
            check_ledger(&ledger);
    }
    for (size_t i = 0; i < LEDGER; i++) {
        if (ledger.blocks[i] != NULL)
            ledger_turn(&ledger, i, 0);
    }
    ck_assert_uint_eq(ledger.live, 0);
    check_ledger(&ledger);
    ck_assert_uint_eq(perfpool_heap_destroy(ledger.heap, 0), 0);
}
END_TEST

/* Another thread that frees what it is told to and then stays, with whatever it holds back. */
struct freer {
    perfpool_heap *heap;
    void **blocks;
    size_t count;
    struct semaphore go, done;
};

static void free_on_command(void *argument)
{
    struct freer *freer = argument;
    for (;;) {
        semaphore_wait(&freer->go);
        if (freer->blocks == NULL)
            return;
        for (size_t i = 0; i < freer->count; i++)
            FreeMemory(freer->blocks[i], freer->heap);
        semaphore_post(&freer->done);
    }
}

static void command_free(struct freer *freer, void **blocks, size_t count)
{
    freer->blocks = blocks;
    freer->count = count;
    semaphore_post(&freer->go);
    if (blocks != NULL)
        semaphore_wait(&freer->done);
}

/* Numbers of blocks that do and do not fill whole magazines: open outbox, posted, taken, in all mixtures. */
START_TEST(exact_while_blocks_are_on_their_way_home)
{
    static void *blocks[4000];
    struct freer freer = {.heap = heap_make(0)};
    struct thread thread;
    struct generator generator = generator_make(generator_seed("exact_while_blocks_are_on_their_way_home"), 0);
    semaphore_init(&freer.go);
    semaphore_init(&freer.done);
    thread_start(&thread, free_on_command, &freer);
    const unsigned rounds = share_of(40);
    for (unsigned round = 0; round < rounds; round++) {
        const size_t kinds = 1 + generator_below(&generator, 3);
        for (size_t i = 0; i < 4000; i++) {
            blocks[i] = AllocateMemory(64 * (1 + i % kinds), freer.heap);
            ck_assert_ptr_nonnull(blocks[i]);
        }
        for (size_t freed = 0; freed < 4000;) {
            size_t part = 1 + generator_below(&generator, 700);
            part = part < 4000 - freed ? part : 4000 - freed;
            command_free(&freer, blocks + freed, part);
            freed += part;
            ck_assert_uint_eq(heap_figures(freer.heap).live_blocks, 4000 - freed);
            check_heap(freer.heap);
        }
    }
    const perfpool_stats stats = heap_figures(freer.heap);
    ck_assert_uint_gt(stats.magazines_posted, 0);
    ck_assert_uint_gt(stats.blocks_posted, stats.magazines_posted);
    ck_assert_uint_le(stats.blocks_posted, rounds * 4000);
    ck_assert_uint_ge(stats.blocks_posted, rounds * 4000 / 2);
    command_free(&freer, NULL, 0);
    thread_join(&thread);
    ck_assert_uint_eq(heap_figures(freer.heap).live_blocks, 0);
    check_heap(freer.heap);
    ck_assert_uint_eq(perfpool_heap_destroy(freer.heap, 0), 0);
    semaphore_destroy(&freer.go);
    semaphore_destroy(&freer.done);
}
END_TEST

/* Owners that stay, so that none adopts another's pool. */
enum { OWNERS = 8, OWNED = 200, OWNED_SIZE = 4096, HELD_BACK = 256 << 10 };

struct owner {
    perfpool_heap *heap;
    void *blocks[OWNED];
    struct semaphore allocated, end;
};

static void own_blocks(void *argument)
{
    struct owner *owner = argument;
    for (size_t i = 0; i < OWNED; i++) {
        owner->blocks[i] = AllocateMemory(OWNED_SIZE, owner->heap);
        require(owner->blocks[i] != NULL);
    }
    semaphore_post(&owner->allocated);
    semaphore_wait(&owner->end);
}

/* Whoever frees blocks of many owners keeps at most 256 KiB of them from going home, and none once it has detached. */
START_TEST(a_freer_holds_back_little)
{
    static struct owner owners[OWNERS];
    struct thread threads[OWNERS];
    perfpool_heap *heap = heap_make(0);
    for (size_t i = 0; i < OWNERS; i++) {
        owners[i].heap = heap;
        semaphore_init(&owners[i].allocated);
        semaphore_init(&owners[i].end);
        thread_start(&threads[i], own_blocks, &owners[i]);
        semaphore_wait(&owners[i].allocated);
    }
    for (uint64_t freed = 0; freed < OWNERS * OWNED; freed++) {
        FreeMemory(owners[freed % OWNERS].blocks[freed / OWNERS], heap);
        const uint64_t held = freed + 1 - heap_figures(heap).blocks_posted;
        ck_assert_uint_le(held * OWNED_SIZE, HELD_BACK);
    }
    perfpool_thread_detach();
    ck_assert_uint_eq(heap_figures(heap).blocks_posted, OWNERS * OWNED);
    check_heap(heap);
    for (size_t i = 0; i < OWNERS; i++) {
        semaphore_post(&owners[i].end);
        thread_join(&threads[i]);
        semaphore_destroy(&owners[i].allocated);
        semaphore_destroy(&owners[i].end);
    }
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

START_TEST(classes_and_large_runs_are_told_apart)
{
    perfpool_heap *heap = heap_make(0);
    perfpool_stats stats = heap_figures(heap);
    for (uint32_t i = 0; i < stats.classes; i++) {
        for (uint32_t n = 0; n <= i % 5; n++)
            ck_assert_ptr_nonnull(AllocateMemory(stats.class_stats[i].block_size, heap));
    }
    for (int i = 0; i < 7; i++)
        ck_assert_ptr_nonnull(AllocateMemory(100000, heap));
    stats = heap_figures(heap);
    uint64_t total = 7;
    for (uint32_t i = 0; i < stats.classes; i++) {
        ck_assert_uint_eq(stats.class_stats[i].live_blocks, i % 5 + 1);
        ck_assert_uint_ge(stats.class_stats[i].spans, 1);
        total += i % 5 + 1;
    }
    ck_assert_uint_eq(stats.large_runs, 7);
    ck_assert_uint_eq(stats.live_blocks, total);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, PERFPOOL_DESTROY_LIVE), total);
}
END_TEST

START_TEST(poison_counts_requested_bytes)
{
    perfpool_heap *heap = heap_make(PERFPOOL_POISON);
    void *small = AllocateMemory(100, heap);
    void *large = AllocateMemory(100000, heap);
    ck_assert_uint_eq(perfpool_block_size(small, heap), 100);
    ck_assert_uint_eq(perfpool_block_size(large, heap), 100000);
    ck_assert_uint_eq(heap_figures(heap).live_bytes, 100100);
    check_poison_heap(heap);
    FreeMemory(small, heap);
    FreeMemory(large, heap);
    check_poison_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

START_TEST(faults_are_counted)
{
    struct fault_log log = {0};
    perfpool_heap *heap = heap_make_logged("counted", 0, &log);
    for (int i = 0; i < 5; i++)
        FreeMemory(&log, heap);
    ck_assert_uint_eq(fault_log_count(&log), 5);
    ck_assert_uint_eq(heap_figures(heap).faults, 5);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

START_TEST(block_size_knows_live_blocks_only)
{
    perfpool_heap *heap = heap_make(0);
    perfpool_heap *other = heap_make(0);
    char *small = AllocateMemory(100, heap);
    char *large = AllocateMemory(200000, heap);
    ck_assert_uint_eq(perfpool_block_size(small, heap), 128);
    ck_assert_uint_ge(perfpool_block_size(large, heap), 200000);
    ck_assert_uint_eq(perfpool_block_size(small, other), 0);
    ck_assert_uint_eq(perfpool_block_size(small, NULL), 0);
    ck_assert_uint_eq(perfpool_block_size(small + 1, heap), 0);
    ck_assert_uint_eq(perfpool_block_size(small + 64, heap), 0);
    ck_assert_uint_eq(perfpool_block_size(large + 64, heap), 0);
    ck_assert_uint_eq(perfpool_block_size(large + 65536, heap), 0);
    ck_assert_uint_eq(perfpool_block_size(NULL, heap), 0);
    ck_assert_uint_eq(perfpool_block_size(&heap, heap), 0);
    ck_assert_uint_eq(perfpool_block_size((void *)UINTPTR_MAX, heap), 0);
    ck_assert_uint_eq(perfpool_block_size(small, &heap), 0);
    FreeMemory(small, heap);
    FreeMemory(large, heap);
    ck_assert_uint_eq(perfpool_block_size(small, heap), 0);
    ck_assert_uint_eq(perfpool_block_size(large, heap), 0);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
    ck_assert_uint_eq(perfpool_heap_destroy(other, 0), 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("stats");
    TCase *reading = tcase_create("reading");
    tcase_add_test(reading, unknown_sizes_are_refused);
    tcase_add_test(reading, a_new_heap_has_nothing);
    tcase_add_test(reading, classes_and_large_runs_are_told_apart);
    tcase_add_test(reading, poison_counts_requested_bytes);
    tcase_add_test(reading, faults_are_counted);
    tcase_add_test(reading, block_size_knows_live_blocks_only);
    suite_add_tcase(suite, reading);

    TCase *conservation = tcase_create("conservation");
    tcase_add_test(conservation, live_is_handed_out_less_freed);
    tcase_add_test(conservation, a_freer_holds_back_little);
    tcase_add_test(conservation, exact_while_blocks_are_on_their_way_home);
    suite_add_tcase(suite, conservation);
    return suite;
}
