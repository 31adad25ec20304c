/* 64-bit words are loaded, stored and exchanged whole, also where a register has 32 bits. */
#include "atomic.h"

#include "harness.h"
#include "support/threads.h"

enum { ROUNDS = 200000 };

/* The word holds the same 32 bits twice whenever it is looked at; `other` is changed by compare and swap only. */
struct shared {
    uint64_t word;
    uint64_t other;
    uint32_t done;
};

static uint64_t twice(uint32_t value)
{
    return (uint64_t)value << 32 | value;
}

static void change(void *argument)
{
    struct shared *shared = argument;
    for (uint32_t i = 1; i <= ROUNDS; i++) {
        store_relaxed_64(&shared->word, twice(i * 0x9e3779b9u));
        fetch_add_64(&shared->other, twice(1));
    }
    store_release_32(&shared->done, 1); /* pairs with the readers' load */
}

START_TEST(halves_belong_together)
{
    static struct shared shared;
    struct thread thread;
    shared = (struct shared){0, 0, 0};
    thread_start(&thread, change, &shared);
    uint64_t torn = 0;
    while (load_acquire_32(&shared.done) == 0) {
        const uint64_t word = load_relaxed_64(&shared.word);
        const uint64_t other = load_acquire_64(&shared.other);
        torn += (uint32_t)(word >> 32) != (uint32_t)word;
        torn += (uint32_t)(other >> 32) != (uint32_t)other;
    }
    thread_join(&thread);
    ck_assert_uint_eq(torn, 0);
    ck_assert_uint_eq(shared.other, twice(ROUNDS));
}
END_TEST

START_TEST(swap_compares_both_halves)
{
    const uint64_t start = 0x1111111122222222;
    uint64_t word = start;
    uint64_t expected = start + ((uint64_t)1 << 32);
    ck_assert(!cas_64(&word, &expected, 0));
    ck_assert_uint_eq(word, start);
    ck_assert_uint_eq(expected, start);
    expected = start + 1;
    ck_assert(!cas_64(&word, &expected, 0));
    ck_assert_uint_eq(word, start);
    ck_assert_uint_eq(expected, start);
    ck_assert(cas_64(&word, &expected, UINT64_MAX));
    ck_assert_uint_eq(word, UINT64_MAX);
}
END_TEST

START_TEST(read_and_change_gives_the_old_value)
{
    uint64_t word = UINT32_MAX;
    ck_assert_uint_eq(fetch_add_64(&word, 1), UINT32_MAX);
    ck_assert_uint_eq(word, (uint64_t)1 << 32);
    ck_assert_uint_eq(fetch_or_64(&word, (uint64_t)1 << 63 | 1), (uint64_t)1 << 32);
    ck_assert_uint_eq(word, (uint64_t)1 << 63 | (uint64_t)1 << 32 | 1);
    ck_assert_uint_eq(fetch_and_64(&word, ~((uint64_t)1 << 63)), (uint64_t)1 << 63 | (uint64_t)1 << 32 | 1);
    ck_assert_uint_eq(word, (uint64_t)1 << 32 | 1);
    uint32_t half = 4;
    ck_assert_uint_eq(fetch_or_32(&half, 1), 4);
    ck_assert_uint_eq(fetch_or_32(&half, 1), 5);
    ck_assert_uint_eq(half, 5);
    store_release_64(&word, 7);
    ck_assert_uint_eq(load_acquire_64(&word), 7);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("atomic");
    TCase *words = tcase_create("words");
    tcase_add_test(words, halves_belong_together);
    tcase_add_test(words, swap_compares_both_halves);
    tcase_add_test(words, read_and_change_gives_the_old_value);
    suite_add_tcase(suite, words);
    return suite;
}
