/* Magazines: caches and pile, the end of the region, trim, several threads. */
#include "magazine.h"

#include "internals.h"
#include "support/generator.h"
#include "support/threads.h"

#include <string.h>

enum { MANY = 2000, THREADS = 4, ROUNDS = 4000, HELD_MAX = 60 };

static uint32_t chain_length(const struct magazine_store *store, uint32_t index)
{
    uint32_t n = 0;
    for (; index != 0; index = magazine_at(store, index)->chain)
        n++;
    return n;
}

static uint32_t pile_length(const struct magazine_store *store)
{
    uint32_t n = 0;
    for (uint32_t i = (uint32_t)store->pile.head; i != 0; i = magazine_at(store, i)->next)
        n += chain_length(store, i);
    return n;
}

static uint32_t cached(const struct magazine_store *store, const struct magazine_cache *cache)
{
    return chain_length(store, cache->loose) + chain_length(store, cache->spare);
}

START_TEST(taken_magazines_are_different)
{
    static uint8_t seen[2 * MANY];
    static struct magazine *magazines[MANY];
    struct perfpool_heap *heap = internals_heap(MEBIBYTE, 0, 0, NULL);
    struct magazine_store *store = &heap->magazines;
    struct magazine_cache cache = {0, 0, 0};
    memset(seen, 0, sizeof seen);
    for (uint32_t i = 0; i < MANY; i++) {
        magazines[i] = magazine_take(store, &cache);
        ck_assert_ptr_nonnull(magazines[i]);
        const uint32_t index = magazine_index(store, magazines[i]);
        ck_assert(index > 0 && index < store->high);
        ck_assert_uint_eq(seen[index]++, 0);
        ck_assert_ptr_eq(magazine_at(store, index), magazines[i]);
    }
    ck_assert_uint_le(store->high, MANY + MANY / 8 + 2 * CHAIN_LENGTH); /* an eighth more than needed */
    ck_assert_uint_eq(heap->arena.committed, (uint64_t)store->high * MAGAZINE_STRIDE);
    for (uint32_t i = 0; i < MANY; i++)
        magazine_put(store, &cache, magazines[i]);
    ck_assert_uint_le(cached(store, &cache), 2 * CHAIN_LENGTH);
    ck_assert_uint_eq(cached(store, &cache) + pile_length(store), store->high - 1);
    magazine_cache_flush(store, &cache);
    ck_assert_uint_eq(cached(store, &cache), 0);
    ck_assert_uint_eq(pile_length(store), store->high - 1);
    internals_end(heap);
}
END_TEST

/* A cache that takes and puts around a chain's end does not go to the pile each time. */
START_TEST(chains_do_not_bounce)
{
    struct perfpool_heap *heap = internals_heap(MEBIBYTE, 0, 0, NULL);
    struct magazine_store *store = &heap->magazines;
    struct magazine_cache cache = {0, 0, 0};
    struct magazine *magazines[3 * CHAIN_LENGTH];
    for (uint32_t i = 0; i < 3 * CHAIN_LENGTH; i++)
        magazines[i] = magazine_take(store, &cache);
    for (uint32_t i = 0; i < 2 * CHAIN_LENGTH; i++)
        magazine_put(store, &cache, magazines[i]);
    const uint64_t head = store->pile.head;
    for (uint32_t round = 0; round < 50; round++) {
        for (uint32_t i = 0; i < CHAIN_LENGTH; i++)
            magazines[i] = magazine_take(store, &cache);
        for (uint32_t i = 0; i < CHAIN_LENGTH; i++)
            magazine_put(store, &cache, magazines[i]);
    }
    ck_assert_uint_eq(store->pile.head, head);
    for (uint32_t i = 2 * CHAIN_LENGTH; i < 3 * CHAIN_LENGTH; i++)
        magazine_put(store, &cache, magazines[i]);
    magazine_cache_flush(store, &cache);
    internals_end(heap);
}
END_TEST

/* Keeps a magazine that was taken: `taken` is the last one, each has the one before in its first line. */
static void keep(struct magazine_store *store, struct magazine *magazine, uint32_t *taken)
{
    magazine->lines[0] = *taken;
    *taken = magazine_index(store, magazine);
}

static void put_taken(struct magazine_store *store, struct magazine_cache *cache, uint32_t taken)
{
    while (taken != 0) {
        struct magazine *magazine = magazine_at(store, taken);
        taken = magazine->lines[0];
        magazine_put(store, cache, magazine);
    }
    magazine_cache_flush(store, cache);
}

/* Takes magazines until more of the region are opened, and keeps them; returns how many were opened at once. */
static uint32_t take_until_opened(struct magazine_store *store, struct magazine_cache *cache, uint32_t *taken)
{
    const uint32_t before = store->high;
    while (store->high == before) {
        struct magazine *magazine = magazine_take(store, cache);
        ck_assert_ptr_nonnull(magazine);
        keep(store, magazine, taken);
    }
    return store->high - before;
}

START_TEST(region_ends)
{
    struct perfpool_heap *heap = internals_heap(MEBIBYTE, 0, 0, NULL);
    struct magazine_store *store = &heap->magazines;
    struct magazine_cache cache = {0, 0, 0};
    uint32_t taken = 0;
    uint32_t n = 0;
    for (struct magazine *magazine; (magazine = magazine_take(store, &cache)) != NULL; n++)
        keep(store, magazine, &taken);
    ck_assert_uint_eq(n, heap->arena.magazines_max / CHAIN_LENGTH * CHAIN_LENGTH - 1);
    ck_assert_uint_le(store->high, heap->arena.magazines_max);
    ck_assert_ptr_null(magazine_take(store, &cache));
    magazine_put(store, &cache, magazine_at(store, 5));
    ck_assert_ptr_eq(magazine_take(store, &cache), magazine_at(store, 5));
    ck_assert_ptr_null(magazine_take(store, &cache));
    put_taken(store, &cache, taken);
    internals_end(heap);
}
END_TEST

START_TEST(limit_stops_new_ones)
{
    struct perfpool_heap *heap = internals_heap(MEBIBYTE, 0, 0, NULL);
    struct magazine_store *store = &heap->magazines;
    struct magazine_cache cache = {0, 0, 0};
    heap->arena.limit = CHAIN_LENGTH * MAGAZINE_STRIDE - 1;
    ck_assert_ptr_null(magazine_take(store, &cache));
    ck_assert_uint_eq(heap->arena.committed, 0);
    heap->arena.limit++;
    struct magazine *magazine = magazine_take(store, &cache);
    ck_assert_ptr_nonnull(magazine);
    magazine_put(store, &cache, magazine);
    magazine_cache_flush(store, &cache);
    internals_end(heap);
}
END_TEST

/* Each time that new magazines are needed an eighth more of them are opened, up to 16 chains; what is not needed at once is in the
 * pile. */
START_TEST(region_grows_by_an_eighth)
{
    struct perfpool_heap *heap = internals_heap((size_t)32 * MEBIBYTE, 0, 0, NULL);
    struct magazine_store *store = &heap->magazines;
    struct magazine_cache cache = {0, 0, 0};
    uint32_t taken = 0;
    uint32_t most = 0;
    while (store->high < 18 * 8 * CHAIN_LENGTH) {
        const uint32_t before = store->high;
        const uint32_t wanted = 1 + before / (8 * CHAIN_LENGTH);
        const uint32_t opened = take_until_opened(store, &cache, &taken);
        ck_assert_uint_eq(opened, (wanted < 16 ? wanted : 16) * CHAIN_LENGTH);
        ck_assert_uint_eq(pile_length(store), opened - CHAIN_LENGTH);
        ck_assert_uint_eq(heap->arena.committed, (uint64_t)store->high * MAGAZINE_STRIDE);
        most = opened > most ? opened : most;
    }
    ck_assert_uint_eq(most, 16 * CHAIN_LENGTH);
    put_taken(store, &cache, taken);
    ck_assert_uint_eq(pile_length(store), store->high - 1);
    internals_end(heap);
}
END_TEST

/* Where the region or the limit has room for one chain only, that is opened, and then nothing is left. */
START_TEST(one_chain_where_there_is_no_room_for_more)
{
    struct perfpool_heap *heap = internals_heap(MEBIBYTE, 0, 0, NULL);
    struct magazine_store *store = &heap->magazines;
    struct magazine_cache cache = {0, 0, 0};
    uint32_t taken = 0;
    while (store->high < 2 * 8 * CHAIN_LENGTH)
        take_until_opened(store, &cache, &taken);
    const uint64_t limit = heap->arena.limit;
    if (_i == 0)
        heap->arena.magazines_max = store->high + 2 * CHAIN_LENGTH - 1;
    else
        heap->arena.limit = heap->arena.committed + 2 * CHAIN_LENGTH * MAGAZINE_STRIDE - 1;
    ck_assert_uint_eq(take_until_opened(store, &cache, &taken), CHAIN_LENGTH);
    ck_assert_uint_eq(pile_length(store), 0);
    for (uint32_t i = 1; i < CHAIN_LENGTH; i++) {
        struct magazine *magazine = magazine_take(store, &cache);
        ck_assert_ptr_nonnull(magazine);
        keep(store, magazine, &taken);
    }
    const uint32_t high = store->high;
    ck_assert_ptr_null(magazine_take(store, &cache));
    ck_assert_uint_eq(store->high, high);
    ck_assert_uint_eq(heap->arena.committed, (uint64_t)high * MAGAZINE_STRIDE);
    heap->arena.limit = limit;
    put_taken(store, &cache, taken);
    internals_end(heap);
}
END_TEST

START_TEST(trim_gives_back_the_highest)
{
    struct perfpool_heap *heap = internals_heap(MEBIBYTE, 0, 0, NULL);
    struct magazine_store *store = &heap->magazines;
    struct magazine_cache cache = {0, 0, 0};
    static struct magazine *magazines[MANY];
    for (uint32_t i = 0; i < MANY; i++)
        magazines[i] = magazine_take(store, &cache);
    for (uint32_t i = 1; i < MANY; i++)
        magazine_put(store, &cache, magazines[i]);
    const uint32_t high = store->high;
    magazine_store_trim(store, &cache);
    if (OS_DECOMMITTED_READABLE)
        ck_assert_uint_lt(store->high, high);
    ck_assert_uint_gt(store->high, magazine_index(store, magazines[0]));
    ck_assert_uint_eq(heap->arena.committed, (uint64_t)store->high * MAGAZINE_STRIDE);
    ck_assert_uint_eq(cached(store, &cache) + pile_length(store), store->high - 2);
    magazine_put(store, &cache, magazines[0]);
    magazine_store_trim(store, &cache);
    magazine_cache_flush(store, &cache);
    if (OS_DECOMMITTED_READABLE)
        ck_assert_uint_eq(store->high, 0);
    struct magazine *again = magazine_take(store, &cache);
    ck_assert_ptr_nonnull(again);
    ck_assert_uint_eq(magazine_index(store, again) == 0, 0);
    magazine_put(store, &cache, again);
    magazine_cache_flush(store, &cache);
    internals_end(heap);
}
END_TEST

struct worker {
    struct perfpool_heap *heap;
    uint32_t *holders; /* by index */
    struct barrier *start;
    struct generator generator;
    uint32_t name;
};

static void take_and_put(void *argument)
{
    struct worker *worker = argument;
    struct magazine_store *store = &worker->heap->magazines;
    struct magazine_cache cache = {0, 0, 0};
    struct magazine *held[HELD_MAX];
    size_t n = 0;
    barrier_wait(worker->start);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        if (n < HELD_MAX && generator_below(&worker->generator, 2) == 0) {
            struct magazine *magazine = magazine_take(store, &cache);
            require(magazine != NULL);
            uint32_t nobody = 0;
            require(cas_32(&worker->holders[magazine_index(store, magazine)], &nobody, worker->name));
            store_relaxed_8(&magazine->kind, MAGAZINE_BIN);
            held[n++] = magazine;
        } else if (n > 0) {
            uint32_t own = worker->name;
            require(cas_32(&worker->holders[magazine_index(store, held[--n])], &own, 0));
            magazine_put(store, &cache, held[n]);
        }
        if (generator_below(&worker->generator, 200) == 0)
            magazine_store_trim(store, &cache);
    }
    while (n > 0) {
        worker->holders[magazine_index(store, held[--n])] = 0;
        magazine_put(store, &cache, held[n]);
    }
    magazine_cache_flush(store, &cache);
}

START_TEST(threads_lose_nothing)
{
    static uint32_t holders[4096];
    struct perfpool_heap *heap = internals_heap(MEBIBYTE, 0, 0, NULL);
    struct worker workers[THREADS];
    struct thread threads[THREADS];
    struct barrier start;
    const uint64_t seed = generator_seed("magazine/threads_lose_nothing");
    memset(holders, 0, sizeof holders);
    require(heap->arena.magazines_max <= 4096);
    barrier_init(&start, THREADS);
    for (uint32_t i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){heap, holders, &start, generator_make(seed, i), i + 1};
        thread_start(&threads[i], take_and_put, &workers[i]);
    }
    for (uint32_t i = 0; i < THREADS; i++)
        thread_join(&threads[i]);
    barrier_destroy(&start);
    internals_end(heap);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("magazine");
    TCase *magazine = tcase_create("magazine");
    tcase_add_test(magazine, taken_magazines_are_different);
    tcase_add_test(magazine, chains_do_not_bounce);
    tcase_add_test(magazine, region_ends);
    tcase_add_test(magazine, limit_stops_new_ones);
    tcase_add_test(magazine, region_grows_by_an_eighth);
    tcase_add_loop_test(magazine, one_chain_where_there_is_no_room_for_more, 0, 2);
    tcase_add_test(magazine, trim_gives_back_the_highest);
    tcase_add_test(magazine, threads_lose_nothing);
    suite_add_tcase(suite, magazine);
    return suite;
}
