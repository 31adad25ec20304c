/*
 * Heaps: entering, leaving and destroying, claiming a slot, publishing the default heap; threads that end while their heap goes.
 */
#include "interleave/actors.h"
#include "interleave/memory.h"
#include "interleave/scenarios_all.h"
#include "support/heaps.h"

static struct perfpool_heap *made[THREADS_MAX];
static struct perfpool_heap *told;       /* the next heap at a destroyed one's address, for who asks for it */
static struct thread_record *other_user; /* of a heap that stays */

static void prepare(void)
{
    make_heap(MEGABYTE, 0, PERFPOOL_NO_ZERO);
}

static void PERFPOOL_CALL ignore_fault(const perfpool_fault *fault, void *argument)
{
    (void)fault, (void)argument;
}

/* A heap that two of the threads have used and left empty, and a default one, which hears of calls that come too late. */
static void prepare_used(void)
{
    prepare();
    perfpool_options options = heap_options();
    options.reserve = MEGABYTE;
    options.on_fault = ignore_fault;
    expect(perfpool_heap_default(&options) != NULL);
    for (unsigned i = 0; i < HEAP_SLOTS; i++)
        heap_slots[i].retired = HEAP_SLOTS; /* so that the next heap has the slot of the one that is destroyed */
    for (unsigned i = 0; i < 2; i++) {
        explore_act_as(i);
        void *block = take(SIZE);
        give(block);
    }
}

static void destroy(void)
{
    expect(perfpool_heap_destroy(scene, 0) == 0 || explore_refused());
}

/* Two may try: one of them destroys it, the other is told that it is no heap. */
static void destroy_maybe(void)
{
    const size_t live = perfpool_heap_destroy(scene, 0);
    expect(live == 0 || live == (size_t)-1);
}

static void detach(void)
{
    perfpool_thread_detach();
}

static void end(void)
{
    thread_exit();
}

static void figures(void)
{
    perfpool_stats stats = {.size = sizeof stats};
    const int result = perfpool_heap_stats(scene, &stats);
    expect(result == -1 || stats.live_blocks == 0);
}

static void trim(void)
{
    perfpool_heap_trim(scene);
}

/* Destroys the heap, and makes another one in a slot. */
static void destroy_and_make(void)
{
    perfpool_options options = heap_options();
    destroy_maybe();
    options.reserve = MEGABYTE;
    made[0] = perfpool_heap_create(&options);
    expect(made[0] != NULL || explore_refused());
}

/* The same, and tells of the other one. */
static void destroy_and_tell(void)
{
    destroy_and_make();
    cas_ptr((void **)&told, NULL, made[0]);
}

/* Uses the next heap, if there is one. It is where the last was, which this thread has used, and nothing of that may be left. */
static void use_next(void)
{
    struct perfpool_heap *heap = load_acquire_ptr((void *const *)&told);
    if (heap == NULL)
        return;
    void *block = AllocateMemory(SIZE, heap);
    expect(block != NULL || explore_refused());
    FreeMemory(block, heap);
}

/* Turns from the heap that is being destroyed to another. */
static void use_other(void)
{
    void *block = AllocateMemory(SIZE, NULL);
    expect(block != NULL || explore_refused());
    FreeMemory(block, NULL);
    other_user = os_thread_get();
}

static void make_and_use(unsigned thread)
{
    perfpool_options options = heap_options();
    options.reserve = MEGABYTE;
    struct perfpool_heap *heap = perfpool_heap_create(&options);
    expect(heap != NULL || explore_refused());
    made[thread] = heap;
    if (heap == NULL)
        return;
    void *block = AllocateMemory(64, heap);
    expect(block != NULL || explore_refused());
    FreeMemory(block, heap);
}

static void make_first(void)
{
    make_and_use(0);
}

static void make_second(void)
{
    make_and_use(1);
}

static void make_and_destroy(void)
{
    make_and_use(2);
    if (made[2] != NULL)
        expect(perfpool_heap_destroy(made[2], 0) == 0 || explore_refused());
    made[2] = NULL;
}

static unsigned phase_of(const struct perfpool_heap *heap)
{
    return (uint32_t)heap->gate >> GATE_PHASE_SHIFT;
}

static size_t open_heaps(void)
{
    size_t n = 0;
    for (unsigned i = 0; i < 8; i++)
        n += phase_of(&heap_slots[i]) == GATE_OPEN;
    return n;
}

/* Nobody is left inside any heap, no two have one slot, and what is destroyed is released. */
static void expect_gates(void)
{
    for (unsigned i = 0; i < 8; i++) {
        const uint32_t low = (uint32_t)heap_slots[i].gate;
        expect(low == 0 || low == (uint32_t)GATE_OPEN << GATE_PHASE_SHIFT);
    }
    for (unsigned i = 0; i < THREADS_MAX; i++)
        for (unsigned k = i + 1; k < THREADS_MAX; k++)
            expect(made[i] == NULL || made[i] != made[k]);
}

static void finish_destroyed(void)
{
    expect_gates();
    expect(memory_ranges() == open_heaps() + 1); /* with the chunk of records */
    expect(explore_refused() || made[0] == scene || phase_of(scene) == GATE_FREE);
    for (unsigned i = 0; i < THREADS_MAX; i++)
        if (made[i] != NULL)
            expect_whole(made[i], 0);
}

/* And who has turned to another heap before or meanwhile has that one at hand. */
static void finish_turned(void)
{
    finish_destroyed();
    expect(other_user->context == NULL);
}

static void finish_made(void)
{
    expect_gates();
    for (unsigned i = 0; i < THREADS_MAX; i++)
        if (made[i] != NULL) {
            expect(phase_of(made[i]) == GATE_OPEN);
            expect_whole(made[i], 0);
        }
}

static struct perfpool_heap *seen[THREADS_MAX];

/* The default heap, by whatever comes first; everybody gets the same. */
static void use_default(unsigned thread)
{
    void *block = AllocateMemory(64, NULL);
    expect(block != NULL || explore_refused());
    if (block != NULL)
        note_taken(block, 64);
    seen[thread] = heap_default_if_made();
}

static void use_default_first(void)
{
    use_default(0);
}

static void use_default_second(void)
{
    use_default(1);
    FreeMemory(NULL, NULL);
}

static void make_default(void)
{
    perfpool_options options = heap_options();
    options.reserve = 2 * MEGABYTE;
    struct perfpool_heap *heap = perfpool_heap_default(&options);
    seen[2] = heap_default_if_made();
    expect(heap == NULL || heap == seen[2]);
    expect(heap == NULL || heap->arena.n_spans == 32);
}

/* A fault's search visits every heap, the losers' among them. */
static void search(void)
{
    static char nowhere;
    FreeMemory(&nowhere, scene);
}

static void nothing(void)
{
}

static void finish_default(void)
{
    struct perfpool_heap *heap = heap_default_if_made();
    expect(heap != NULL || explore_refused());
    for (unsigned i = 0; i < THREADS_MAX; i++)
        expect(seen[i] == NULL || seen[i] == heap);
    expect_gates();
    expect(open_heaps() == (heap != NULL ? 1U : 0U) + (scene != NULL ? 1U : 0U));
    if (heap != NULL)
        expect_whole(heap, faults_seen());
}

const struct scenario heaps_exit = {"heaps/exit", "heaps", prepare_used, {destroy, end, NULL}, finish_destroyed, 0, 0};
const struct scenario heaps_detach = {"heaps/detach", "heaps", prepare_used, {detach, destroy, figures}, finish_destroyed, 3, 0};
const struct scenario heaps_look = {"heaps/figures", "heaps", prepare_used, {destroy, figures, NULL}, finish_destroyed, 0, 0};
const struct scenario heaps_trim = {"heaps/trim", "heaps", prepare_used, {destroy, trim, NULL}, finish_destroyed, 3, 0};
const struct scenario heaps_both = {
    "heaps/two-destroy", "heaps", prepare_used, {destroy_maybe, destroy_maybe, end}, finish_destroyed, 3, 0};
const struct scenario heaps_again = {
    "heaps/slot-again", "heaps", prepare_used, {destroy_and_make, end, figures}, finish_destroyed, 3, 0};
const struct scenario heaps_next = {
    "heaps/address-again", "heaps", prepare_used, {destroy_and_tell, use_next, NULL}, finish_destroyed, 3, 0};
const struct scenario heaps_other = {"heaps/other-used", "heaps", prepare_used, {destroy, use_other, NULL}, finish_turned, 0, 0};
const struct scenario heaps_made = {"heaps/made", "heaps", nothing, {make_first, make_second, NULL}, finish_made, 3, 0};
const struct scenario heaps_gone = {"heaps/made-and-gone", "heaps", nothing, {make_first, make_and_destroy, NULL},
                                    finish_made,           3,       0};
const struct scenario heaps_refused = {"heaps/refused", "heaps", prepare_used, {destroy, end, NULL}, finish_destroyed, 3, 1};
const struct scenario default_two = {
    "default/two-use", "default heap", nothing, {use_default_first, use_default_second, NULL}, finish_default, 3, 0};
const struct scenario default_options = {
    "default/options", "default heap", nothing, {use_default_first, NULL, make_default}, finish_default, 3, 1};
const struct scenario default_search = {
    "default/searched", "default heap", prepare, {use_default_first, use_default_second, search}, finish_default, 3, 0};
