#include "interleave/actors.h"

#include "interleave/memory.h"
#include "support/equations.h"
#include "support/heaps.h"

enum { TAKEN_MAX = 512 };

/* A block that somebody has. */
struct taken {
    const char *block;
    size_t size;
};

struct perfpool_heap *scene;
void *blocks[BLOCKS];
static struct taken taken[TAKEN_MAX];
static unsigned n_taken, faults;
static perfpool_fault_kind kind;
static bool done[THREADS_MAX];

static void PERFPOOL_CALL count_fault(const perfpool_fault *fault, void *argument)
{
    (void)argument;
    memory_log(&faults, sizeof faults);
    memory_log(&kind, sizeof kind);
    faults++;
    kind = fault->kind;
}

void make_heap(size_t reserve, size_t limit, unsigned flags)
{
    perfpool_options options = heap_options();
    options.name = "scene";
    options.reserve = reserve;
    options.limit = limit;
    options.flags = flags;
    options.on_fault = count_fault;
    scene = perfpool_heap_create(&options);
    expect(scene != NULL);
}

void make_pools(size_t limit, unsigned flags)
{
    make_heap(MEGABYTE, limit, flags);
    for (unsigned i = 0; i < THREADS_MAX; i++) {
        explore_act_as(i);
        give(take(64));
    }
}

void take_blocks(void)
{
    for (unsigned i = 0; i < BLOCKS; i++)
        blocks[i] = take(SIZE);
}

void take_two(void)
{
    take(SIZE);
    take(SIZE);
}

void give_two(void)
{
    give(blocks[0]);
    give(blocks[1]);
}

void give_others(void)
{
    give(blocks[2]);
    give(blocks[3]);
}

void note_taken(const void *block, size_t size)
{
    const char *start = block;
    for (unsigned i = 0; i < n_taken; i++)
        if (start < taken[i].block + taken[i].size && taken[i].block < start + size)
            explore_failed("%s is handed out twice", explore_describe(block));
    expect(n_taken < TAKEN_MAX);
    memory_log(&n_taken, sizeof n_taken);
    memory_log(&taken[n_taken], sizeof taken[0]);
    taken[n_taken++] = (struct taken){start, size};
}

void note_given(const void *block)
{
    for (unsigned i = 0; i < n_taken; i++)
        if (taken[i].block == block) {
            memory_log(&n_taken, sizeof n_taken);
            memory_log(&taken[i], sizeof taken[0]);
            taken[i] = taken[--n_taken];
            return;
        }
    explore_failed("%s is given and was not taken", explore_describe(block));
}

void *try_take(size_t size)
{
    void *block = AllocateMemory(size, scene);
    if (block != NULL)
        note_taken(block, size == 0 ? 1 : size);
    return block;
}

void *take(size_t size)
{
    void *block = try_take(size);
    if (block == NULL && !explore_refused())
        explore_failed("no block of %zu bytes is to be had", size);
    return block;
}

void give(void *block)
{
    if (block == NULL)
        return;
    note_given(block);
    FreeMemory(block, scene);
}

void note_done(unsigned thread)
{
    memory_log(&done[thread], sizeof done[0]);
    done[thread] = true;
}

bool is_done(unsigned thread)
{
    return done[thread];
}

unsigned faults_seen(void)
{
    return faults;
}

perfpool_fault_kind fault_kind(void)
{
    return kind;
}

void expect_whole(struct perfpool_heap *heap, unsigned faults_expected)
{
    uint64_t handed_out = 0;
    const unsigned wrong = equations_disagreements(heap, &handed_out);
    if (wrong != 0)
        explore_failed("%u things disagree in the heap", wrong);
    if (handed_out != n_taken)
        explore_failed("%u blocks are taken, the heap has handed out %llu", n_taken, (unsigned long long)handed_out);
    if (faults != faults_expected)
        explore_failed("%u faults were reported, not %u", faults, faults_expected);
}

void finish_scene(void)
{
    expect_whole(scene, 0);
    while (n_taken > 0)
        give((void *)(uintptr_t)taken[n_taken - 1].block);
    perfpool_thread_detach();
    perfpool_heap_trim(scene);
    expect_whole(scene, 0);
}
