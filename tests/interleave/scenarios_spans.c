/*
 * The supply of spans: claims of one and of many, releases, trims, tables that grow, and large blocks.
 */
#include "interleave/actors.h"
#include "interleave/scenarios_all.h"
#include "large.h"

static struct arena *arena;
static uint32_t held_by[256]; /* spans, plain: the claimed bits hand them over */

static void hold(uint32_t first, uint32_t n)
{
    for (uint32_t i = first; i < first + n; i++) {
        expect(held_by[i] == 0);
        held_by[i] = 1;
    }
}

static uint32_t claim(uint32_t n)
{
    bool fresh;
    const uint32_t first = arena_claim(arena, n, &fresh);
    if (first != ARENA_NONE)
        hold(first, n);
    return first;
}

static void release(uint32_t first, uint32_t n)
{
    if (first == ARENA_NONE)
        return;
    for (uint32_t i = first; i < first + n; i++)
        held_by[i] = 0;
    arena_release(arena, first, n);
}

static uint32_t surely_claim(uint32_t n)
{
    const uint32_t first = claim(n);
    expect(first != ARENA_NONE || explore_refused());
    return first;
}

/* What is still held is released, then everything agrees. */
static void finish(void)
{
    for (uint32_t i = 0; i < arena->n_spans; i++)
        if (held_by[i] != 0)
            release(i, 1);
    expect_whole(scene, 0);
    expect(arena_in_use(arena) == 0);
    perfpool_heap_trim(scene);
    expect_whole(scene, 0);
    expect(arena_spare(arena) == 0);
    release(surely_claim(1), 1);
    expect_whole(scene, 0);
}

static void prepare(void)
{
    make_heap(MEGABYTE, 0, PERFPOOL_NO_ZERO);
    arena = &scene->arena;
}

/* Some spans committed and free. */
static void prepare_spare(void)
{
    prepare();
    const uint32_t first = claim(3);
    release(first, 3);
}

/* All taken but two, which are committed. */
static void prepare_scarce(void)
{
    prepare();
    claim(14);
    release(claim(2), 2);
}

/* Two words, one span free in each. */
static void prepare_words(void)
{
    make_heap(8 * MEGABYTE, 0, PERFPOOL_NO_ZERO);
    arena = &scene->arena;
    claim(64);
    claim(64);
    release(7, 1);
    release(71, 1);
}

/* One span is free, and committed. */
static void prepare_last(void)
{
    prepare();
    claim(15);
    release(claim(1), 1);
}

/* Room for one more span below the limit. */
static void prepare_limit(void)
{
    prepare();
    claim(1);
    arena->limit = arena->committed + SPAN_SIZE;
}

/* Two words, all taken but one span of the second, and nothing is to stay committed. */
static void prepare_hint(void)
{
    make_heap(8 * MEGABYTE, 0, PERFPOOL_NO_ZERO);
    arena = &scene->arena;
    claim(64);
    claim(64);
    release(71, 1);
    arena_trim(arena);
    arena->peak = arena->spare_min = 0;
}

/* Two words, all free, one span of them committed. */
static void prepare_free(void)
{
    make_heap(8 * MEGABYTE, 0, PERFPOOL_NO_ZERO);
    arena = &scene->arena;
    release(claim(1), 1);
}

/* All taken but one span, which is committed. */
static void prepare_one(void)
{
    prepare();
    claim(16);
    release(1, 1);
}

/* The first span is taken, and no other is committed. */
static void prepare_first(void)
{
    prepare();
    claim(1);
}

/* Two words, all free, trimmed. */
static void prepare_trimmed(void)
{
    make_heap(8 * MEGABYTE, 0, PERFPOOL_NO_ZERO);
    arena = &scene->arena;
    release(claim(1), 1);
    arena_trim(arena);
}

/* Three words, all free, none opened. */
static void prepare_long(void)
{
    make_heap(12 * MEGABYTE, 0, PERFPOOL_NO_ZERO);
    arena = &scene->arena;
}

static void claim_two(void)
{
    surely_claim(1);
    surely_claim(1);
}

static void claim_and_release(void)
{
    const uint32_t one = surely_claim(1);
    release(one, 1);
    surely_claim(2);
}

static void claim_scarce(void)
{
    release(surely_claim(1), 1);
    release(surely_claim(1), 1);
}

static void claim_one(void)
{
    release(surely_claim(1), 1);
}

static void claim_pair(void)
{
    release(claim(2), 2);
    release(claim(1), 1);
}

static void trim(void)
{
    arena_trim(arena);
}

static void claim_if_any(void)
{
    release(claim(1), 1);
}

static void finish_limit(void)
{
    expect(arena->committed <= arena->limit);
    arena->limit = UINT64_MAX;
    finish();
}

/* More than there are outside the heap's end. */
static void claim_too_many(void)
{
    expect(claim(17) == ARENA_NONE);
}

static void claim_and_hold(void)
{
    surely_claim(1);
}

static void release_other(void)
{
    release(7, 1);
}

static void finish_hint(void)
{
    surely_claim(1);
    finish();
}

static void release_first(void)
{
    release(0, 1);
}

/* Of sixteen spans there are never more in use or spare. */
static void claim_and_count(void)
{
    const uint32_t first = surely_claim(1);
    expect(arena_in_use(arena) <= arena->n_spans && arena_spare(arena) <= arena->n_spans);
    release(first, 1);
}

static void trim_to_end(void)
{
    arena_trim(arena);
    note_done(1);
}

static void trim_as_first(void)
{
    arena_trim(arena);
    note_done(0);
}

static void release_and_trim(void)
{
    release(3, 1);
    release(14, 2);
    trim_to_end();
}

/* There is no pair only before it is released, and while a trim has one of it. */
static void claim_pair_beside_trims(void)
{
    const uint32_t first = claim(2);
    expect(first != ARENA_NONE || !is_done(0) || !is_done(1));
    release(first, 2);
}

/* There is none only while a trim has it. */
static void claim_last(void)
{
    const uint32_t first = claim(1);
    expect(first != ARENA_NONE || !is_done(1));
}

/* Likewise, beside another claim that leaves some free. */
static void trim_as_third(void)
{
    arena_trim(arena);
    note_done(2);
}

static void claim_beside_trim(void)
{
    const uint32_t first = claim(1);
    expect(first != ARENA_NONE || !is_done(2));
    release(first, 1);
}

static void claim_long(void)
{
    release(claim(65), 65);
    release(claim(1), 1);
}

static void claim_longer(void)
{
    release(claim(129), 129);
    release(claim(65), 65);
}

const struct scenario spans_open = {"spans/open", "spans", prepare, {claim_two, claim_and_release, NULL}, finish, 3, 0};
const struct scenario spans_two = {"spans/two", "spans", prepare_spare, {claim_two, claim_and_release, NULL}, finish, 3, 0};
const struct scenario spans_three = {"spans/three", "spans", prepare_spare, {claim_one, claim_pair, trim}, finish, 3, 0};
const struct scenario spans_trim = {"spans/trim", "spans", prepare_spare, {claim_and_release, trim, NULL}, finish, 4, 0};
const struct scenario spans_scarce = {"spans/scarce", "spans", prepare_scarce, {claim_scarce, trim, NULL}, finish, 4, 0};
const struct scenario spans_words = {"spans/words", "spans", prepare_words, {claim_one, trim, NULL}, finish, 4, 0};
const struct scenario spans_last = {"spans/last", "spans", prepare_last, {claim_last, trim_to_end, NULL}, finish, 4, 0};
const struct scenario spans_trims = {"spans/two-trim", "spans", prepare_spare, {trim, trim, claim_one}, finish, 3, 0};
const struct scenario spans_untrim = {"spans/untrim", "spans", prepare_trimmed, {claim_one, claim_pair, NULL}, finish, 3, 0};
const struct scenario spans_retrim = {"spans/untrim-trim", "spans", prepare_trimmed, {claim_one, trim, claim_one}, finish, 3, 0};
const struct scenario spans_refused = {"spans/refused", "spans", prepare, {claim_two, claim_one, NULL}, finish, 3, 1};
const struct scenario spans_limit = {"spans/limit", "spans", prepare_limit, {claim_if_any, claim_if_any, NULL}, finish_limit, 3, 0};
const struct scenario spans_outside = {"spans/outside", "spans", prepare, {claim_one, claim_too_many, NULL}, finish, 3, 0};
const struct scenario spans_hint = {"spans/hint", "spans", prepare_hint, {claim_and_hold, release_other, NULL}, finish_hint, 3, 0};
const struct scenario spans_counted = {
    "spans/counted", "spans", prepare_first, {release_first, claim_and_count, NULL}, finish, 3, 0};
const struct scenario spans_words_trim = {"spans/two-trim-words", "spans", prepare_free, {trim, trim, NULL}, finish, 3, 0};
const struct scenario spans_trims_count = {
    "spans/trims-counted", "counted trims", prepare_one, {trim_as_first, release_and_trim, claim_pair_beside_trims}, finish, 3, 0};
const struct scenario runs_two = {"runs/two", "runs", prepare_long, {claim_long, claim_long, NULL}, finish, 3, 0};
const struct scenario runs_three = {
    "runs/three", "runs", prepare_long, {claim_longer, claim_beside_trim, trim_as_third}, finish, 3, 0};

enum { LONGER = (KEPT_LENGTH_MAX + 1) * SPAN_SIZE }; /* a block whose run no pool keeps */

static void *large;
static uint32_t large_header;

static void prepare_large(void)
{
    prepare();
    large = take(SPAN_SIZE);
}

/* Where the next large block begins there was a longer one. */
static void prepare_longer(void)
{
    prepare();
    large = take(LONGER);
    give(large);
}

/* A long one, and another thread that takes what it leaves. */
static void prepare_long_large(void)
{
    prepare();
    large = take(LONGER);
}

static void give_long_large(void)
{
    give(large);
}

static void take_in_its_place(void)
{
    take(2 * SPAN_SIZE);
}

static void take_shorter(void)
{
    expect(take(SPAN_SIZE) == large);
}

static void look_at_shorter(void)
{
    const size_t size = perfpool_block_size(large, scene);
    expect(size == 0 || size == SPAN_SIZE);
}

static void large_pair(void)
{
    void *block = take(LONGER);
    give(block);
    take(2 * SPAN_SIZE);
}

static void give_large(void)
{
    give(large);
    take(SPAN_SIZE);
}

/* Two frees of one block, of which each has read its header: one takes it, and allocates anew, which the other must leave alone. */
static void free_large(void)
{
    if (large_take(scene, 0, large_header)) {
        expect(!is_done(0));
        note_done(0);
        note_given(large);
        large_release(scene, NULL, 0);
        take(SPAN_SIZE);
    }
}

static void prepare_freed_twice(void)
{
    prepare_large();
    large_header = arena->headers[0];
}

/* The same through FreeMemory, of threads whose pools both have room to keep it: one does, and the other is told. */
static void prepare_kept(void)
{
    make_heap(16 * MEGABYTE, 0, PERFPOOL_NO_ZERO);
    for (unsigned i = 0; i < 2; i++) {
        explore_act_as(i);
        give(take(SPAN_SIZE));
    }
    large = take(SPAN_SIZE);
    note_given(large);
}

static void free_to_keep(void)
{
    FreeMemory(large, scene);
}

static void finish_kept(void)
{
    expect_whole(scene, 1);
    expect(fault_kind() == PERFPOOL_FAULT_DOUBLE_FREE);
    for (unsigned i = 0; i < 2; i++) {
        explore_act_as(i);
        take(SPAN_SIZE);
    }
    expect_whole(scene, 1);
}

/* What a thread keeps it takes, or others give it back, or it is just being put there. */
static void take_kept_and_give(void)
{
    void *block = take(SPAN_SIZE);
    give(block);
}

static void give_back_kept(void)
{
    large_give_back_all(scene);
}

static void give_back_and_take(void)
{
    large_give_back_all(scene);
    take(SPAN_SIZE);
}

static void prepare_keeper(void)
{
    make_heap(16 * MEGABYTE, 0, PERFPOOL_NO_ZERO);
    for (unsigned i = 0; i < 2; i++) {
        explore_act_as(i);
        give(take(SPAN_SIZE));
    }
    explore_act_as(0);
}

/* Each block of the scenario may begin there. */
static void look_at_large(void)
{
    const size_t size = perfpool_block_size(large, scene);
    expect(size == 0 || size == SPAN_SIZE || size == 2 * SPAN_SIZE || size == LONGER);
}

const struct scenario large_two = {"large/two", "large", prepare_large, {large_pair, give_large, NULL}, finish_scene, 3, 0};
const struct scenario large_three = {
    "large/three", "large", prepare_large, {large_pair, give_large, look_at_large}, finish_scene, 3, 0};
const struct scenario large_tails = {
    "large/tails", "large", prepare_long_large, {give_long_large, take_in_its_place, NULL}, finish_scene, 0, 0};
const struct scenario large_looked = {
    "large/looked-at", "large", prepare_longer, {take_shorter, look_at_shorter, NULL}, finish_scene, 0, 0};
const struct scenario large_twice = {
    "large/freed-twice", "large", prepare_freed_twice, {free_large, free_large, NULL}, finish_scene, 3, 0};
const struct scenario kept_two = {
    "kept/two", "kept runs", prepare_keeper, {take_kept_and_give, give_back_kept, NULL}, finish_scene, 3, 0};
const struct scenario kept_both = {
    "kept/both", "kept runs", prepare_keeper, {take_kept_and_give, give_back_and_take, NULL}, finish_scene, 3, 0};
const struct scenario kept_three = {
    "kept/three", "kept runs", prepare_keeper, {take_kept_and_give, give_back_and_take, give_back_kept}, finish_scene, 3, 0};
const struct scenario large_kept = {
    "large/kept-twice", "large", prepare_kept, {free_to_keep, free_to_keep, NULL}, finish_kept, 3, 0};
