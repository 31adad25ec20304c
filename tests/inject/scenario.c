#include "inject/scenario.h"

#include <string.h>

#include "support/error_state.h"
#include "support/heaps.h"
#include "support/pattern.h"
#include "support/require.h"
#include "support/threads.h"

enum { PATTERN_BYTES = 512, DEFAULT_HEAP = 0, PLAIN, LIMITED, CHECKED, POISONED, ISOLATED };

struct visit {
    const struct scenario_heap *heap;
    uint32_t seen;
};

/* Sizes of many classes, one large, one longer than a word of spans. */
static size_t size_of(const struct scenario_heap *heap, uint32_t i)
{
    if (i == 7)
        return heap->kind == PLAIN ? (size_t)66 << 16 : 200000;
    return i % 10 == 3 ? 40000 + (size_t)i * 1000 : 1 + (size_t)i * i * 30;
}

static uint32_t seed_of(const struct scenario_heap *heap, uint32_t i)
{
    return heap->kind << 16 | i;
}

/* The two ends of a block. */
static void fill(unsigned char *block, size_t size, uint32_t seed)
{
    const size_t n = size < PATTERN_BYTES ? size : PATTERN_BYTES;
    pattern_fill(block + size - n, n, seed + 1);
    pattern_fill(block, n, seed);
}

static bool is_whole(const unsigned char *block, size_t size, uint32_t seed)
{
    const size_t n = size < PATTERN_BYTES ? size : PATTERN_BYTES;
    return pattern_holds(block, n, seed) && (size < 2 * n || pattern_holds(block + size - n, n, seed + 1));
}

static void allocate(struct scenario *scenario, struct scenario_heap *heap, uint32_t i)
{
    const struct plugin *plugin = scenario->plugin;
    const size_t size = size_of(heap, i);
    if (!heap->there || heap->blocks[i] != NULL)
        return;
    error_state_set(ERROR_STATE_SENTINEL);
    unsigned char *block = plugin->library.allocate(size, heap->heap);
    require(error_state_get() == ERROR_STATE_SENTINEL);
    require(block != NULL || !scenario->willing);
    if (block == NULL)
        return;
    heap->blocks[i] = block;
    heap->live++;
    heap->sizes[i] = plugin->block_size(block, heap->heap);
    require(heap->sizes[i] >= size);
    require(heap->kind == CHECKED || pattern_is_all(block, size < 65536 ? size : 65536, 0));
    fill(block, heap->sizes[i], seed_of(heap, i));
}

static void release(struct scenario *scenario, struct scenario_heap *heap, uint32_t i)
{
    if (heap->blocks[i] == NULL)
        return;
    require(is_whole(heap->blocks[i], heap->sizes[i], seed_of(heap, i)));
    error_state_set(ERROR_STATE_SENTINEL);
    scenario->plugin->library.release(heap->blocks[i], heap->heap);
    require(error_state_get() == ERROR_STATE_SENTINEL);
    heap->blocks[i] = NULL;
    heap->live--;
}

static void PERFPOOL_CALL note_fault(const perfpool_fault *fault, void *argument)
{
    struct scenario_heap *heap = argument;
    require(fault->heap == heap->heap && fault->kind == PERFPOOL_FAULT_INTERIOR);
    heap->faults++;
}

/* A pointer into a block is found out whatever the system does, and nothing happens to the block. */
static void misuse(struct scenario *scenario, struct scenario_heap *heap)
{
    for (uint32_t i = 0; !heap->is_default && i < SCENARIO_BLOCKS; i += 5) {
        if (heap->blocks[i] == NULL)
            continue;
        heap->faults_expected++;
        scenario->plugin->library.release(heap->blocks[i] + 1, heap->heap);
    }
    require(heap->faults == heap->faults_expected);
}

static int PERFPOOL_CALL find_block(const void *block, size_t size, void *argument)
{
    struct visit *visit = argument;
    for (uint32_t i = 0; i < SCENARIO_BLOCKS; i++) {
        if (visit->heap->blocks[i] == block) {
            require(visit->heap->sizes[i] == size);
            visit->seen++;
            return 0;
        }
    }
    require_text(false, "the walk shows a block that nobody has");
    return 1;
}

/* What only looks: it agrees with what was handed out, or it says that there is no memory. */
static void look(struct scenario *scenario, struct scenario_heap *heap)
{
    perfpool_stats stats = {.size = sizeof(stats)};
    struct visit visit = {heap, 0};
    size_t bytes = 0;
    for (uint32_t i = 0; i < SCENARIO_BLOCKS; i++)
        bytes += heap->blocks[i] != NULL ? heap->sizes[i] : 0;
    if (scenario->plugin->library.heap_stats(heap->heap, &stats) == 0) {
        require(stats.live_blocks == heap->live && stats.live_bytes == bytes);
        require(stats.faults == heap->faults_expected);
    } else {
        require(!scenario->willing && error_state_get() == ERROR_STATE_NO_MEMORY);
    }
    const int walked = scenario->plugin->heap_walk(heap->heap, find_block, &visit);
    if (walked == 0)
        require(visit.seen == heap->live);
    else
        require(!scenario->willing && walked == -1 && error_state_get() == ERROR_STATE_NO_MEMORY);
    for (uint32_t i = 0; i < SCENARIO_BLOCKS; i++)
        if (heap->blocks[i] != NULL)
            require(scenario->plugin->block_size(heap->blocks[i], heap->heap) == heap->sizes[i]);
}

static perfpool_options options_of(struct scenario_heap *heap)
{
    perfpool_options options = heap_options();
    options.name = "scenario";
    options.reserve = (heap->kind == PLAIN ? 20 : 4) * MEBIBYTE; /* PLAIN: words to spare for a run, whatever single spans take */
    options.precommit = heap->kind == PLAIN ? 3 << 16 : 0;
    options.limit = heap->kind == LIMITED ? 4 * MEBIBYTE : 0;
    options.flags = heap->kind == CHECKED ? PERFPOOL_CHECK_REMOTE | PERFPOOL_NO_ZERO : heap->kind == POISONED ? PERFPOOL_POISON : 0;
    options.isolation = heap->kind == ISOLATED ? 128 : 0;
    options.on_fault = note_fault;
    options.fault_arg = heap;
    return options;
}

/* Makes a heap that is not there. The default heap was made by the first call that needed it, or could not be. */
static void create(struct scenario *scenario, struct scenario_heap *heap)
{
    const perfpool_options options = options_of(heap);
    if (heap->there)
        return;
    error_state_set(ERROR_STATE_SENTINEL);
    perfpool_heap *made = heap->is_default ? scenario->plugin->heap_default(NULL) : scenario->plugin->library.heap_create(&options);
    heap->there = made != NULL;
    require(heap->there || (!scenario->willing && error_state_get() == ERROR_STATE_NO_MEMORY));
    if (heap->is_default && heap->there) {
        require(scenario->plugin->heap_default(&options) == NULL && error_state_get() == ERROR_STATE_BUSY);
        require(scenario->plugin->library.heap_destroy(NULL, 0) == (size_t)-1);
        require(error_state_get() == ERROR_STATE_INVALID);
    } else {
        heap->heap = made;
    }
}

/* Another thread frees blocks of the first, allocates, detaches, frees again, and ends. */
static void second_thread(void *argument)
{
    struct scenario *scenario = argument;
    for (uint32_t k = 0; k < SCENARIO_HEAPS; k++) {
        struct scenario_heap *heap = &scenario->heaps[k];
        for (uint32_t i = 0; i < SCENARIO_BLOCKS; i += 2)
            release(scenario, heap, i);
        for (uint32_t i = 0; i < SCENARIO_BLOCKS; i += 4)
            allocate(scenario, heap, i);
    }
    scenario->plugin->thread_detach();
    for (uint32_t k = 0; k < SCENARIO_HEAPS; k++)
        for (uint32_t i = 1; i < SCENARIO_BLOCKS / 2; i += 2)
            release(scenario, &scenario->heaps[k], i);
}

static void destroy(struct scenario *scenario, struct scenario_heap *heap, unsigned flags)
{
    const uint32_t live = heap->live;
    const size_t found = scenario->plugin->library.heap_destroy(heap->heap, flags);
    require(found == live || (found == (size_t)-1 && !scenario->willing && error_state_get() == ERROR_STATE_NO_MEMORY));
    if (found != live || (live > 0 && flags == 0))
        return;
    *heap = (struct scenario_heap){.kind = heap->kind};
}

static void first_thread(void *argument)
{
    struct scenario *scenario = argument;
    for (uint32_t k = 0; k < SCENARIO_HEAPS; k++) {
        struct scenario_heap *heap = &scenario->heaps[k];
        *heap = (struct scenario_heap){.kind = k, .is_default = k == DEFAULT_HEAP, .there = k == DEFAULT_HEAP};
        allocate(scenario, heap, 0); /* the first call there is */
        heap->there = heap->is_default && heap->live > 0;
        create(scenario, heap);
        for (uint32_t i = 0; i < SCENARIO_BLOCKS; i++)
            allocate(scenario, heap, i);
    }
    thread_run(second_thread, scenario);
    for (uint32_t k = 0; k < SCENARIO_HEAPS; k++) {
        struct scenario_heap *heap = &scenario->heaps[k];
        if (!heap->there)
            continue;
        look(scenario, heap);
        misuse(scenario, heap);
        scenario->plugin->heap_trim(heap->heap);
        for (uint32_t i = 0; i < SCENARIO_BLOCKS; i++)
            allocate(scenario, heap, i);
        for (uint32_t i = 0; i < SCENARIO_BLOCKS; i += 3)
            release(scenario, heap, i);
        if (!heap->is_default)
            destroy(scenario, heap, heap->kind == ISOLATED ? PERFPOOL_DESTROY_LIVE : 0);
    }
}

static void last_thread(void *argument)
{
    struct scenario *scenario = argument;
    for (uint32_t k = 0; k < SCENARIO_HEAPS; k++) {
        struct scenario_heap *heap = &scenario->heaps[k];
        create(scenario, heap);
        for (uint32_t i = 0; i < SCENARIO_BLOCKS; i++)
            allocate(scenario, heap, i);
        look(scenario, heap);
        misuse(scenario, heap);
    }
    thread_run(second_thread, scenario);
    for (uint32_t k = 0; k < SCENARIO_HEAPS; k++) {
        struct scenario_heap *heap = &scenario->heaps[k];
        look(scenario, heap);
        for (uint32_t i = 0; i < SCENARIO_BLOCKS; i++)
            release(scenario, heap, i);
        look(scenario, heap);
        scenario->plugin->heap_trim(heap->heap);
        if (!heap->is_default)
            destroy(scenario, heap, 0);
    }
}

void scenario_run(struct scenario *scenario)
{
    thread_run(first_thread, scenario);
}

void scenario_end(struct scenario *scenario)
{
    scenario->willing = true;
    thread_run(last_thread, scenario);
}
