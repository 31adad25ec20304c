#include "publisher.h"

#include "counters.h"
#include "platform.h"

#include <stddef.h>
#include <string.h>

/* What the by-reference counters of MemorySet point to. A 4-byte counter reads the low half: both targets are little-endian. */
struct memory_values {
    volatile uint64_t live_blocks;
    volatile uint64_t live_bytes;
    volatile uint64_t committed;
    volatile uint64_t sent_home;
    volatile uint64_t threads;
    volatile uint64_t faults;
};

static const struct {
    ULONG counter;
    size_t offset;
} references[] = {
    {MEMORY_LIVE_BLOCKS, offsetof(struct memory_values, live_blocks)},
    {MEMORY_LIVE_BYTES, offsetof(struct memory_values, live_bytes)},
    {MEMORY_COMMITTED, offsetof(struct memory_values, committed)},
    {MEMORY_SENT_HOME_RATE, offsetof(struct memory_values, sent_home)},
    {MEMORY_THREADS, offsetof(struct memory_values, threads)},
    {MEMORY_FAULTS, offsetof(struct memory_values, faults)},
};

/* Set before the provider starts and kept until it has stopped, so the callback finds them whenever it comes. */
static perfpool_heap *publisher_heap;
static struct memory_values *values;
static PERF_COUNTERSET_INSTANCE *memory_instance;

static bool refresh_values(void)
{
    perfpool_stats stats;

    memset(&stats, 0, sizeof stats);
    stats.size = sizeof stats;
    if (perfpool_heap_stats(publisher_heap, &stats) != 0) {
        return false;
    }
    platform_store(&values->live_blocks, stats.live_blocks);
    platform_store(&values->live_bytes, stats.live_bytes);
    platform_store(&values->committed, stats.committed);
    platform_store(&values->sent_home, stats.blocks_posted);
    platform_store(&values->threads, stats.pools_bound);
    platform_store(&values->faults, stats.faults);
    return true;
}

/*
 * The ControlCallback. PERFLIB calls it on a thread of its own, perhaps on several at once, perhaps before CounterInitialize has
 * returned, and waits for it for a second: no locks, no Perf* calls.
 */
static ULONG WINAPI on_request(ULONG request, PVOID buffer, ULONG size)
{
    (void)buffer;
    (void)size;
    if (request == PERF_COLLECT_START && !refresh_values()) {
        return ERROR_NO_DATA;
    }
    return ERROR_SUCCESS;
}

static bool create_memory_instance(struct problem *problem)
{
    memory_instance = PerfCreateInstance(ExampleServer, &MemorySetGuid, WIDE("_Default"), 0);
    if (memory_instance == NULL) {
        return problem_note(problem, "PerfCreateInstance", GetLastError());
    }
    for (size_t i = 0; i < sizeof references / sizeof references[0]; i++) {
        ULONG error =
            PerfSetCounterRefValue(ExampleServer, memory_instance, references[i].counter, (char *)values + references[i].offset);

        if (!problem_note(problem, "PerfSetCounterRefValue", error)) {
            return false;
        }
    }
    return true;
}

bool publisher_start(perfpool_heap *heap, struct problem *problem)
{
    publisher_heap = heap;
    /* A block of its own: nobody else's updates are on these lines. It is zero. */
    values = AllocateMemory(sizeof *values, heap);
    if (values == NULL) {
        return problem_note(problem, "AllocateMemory", ERROR_NOT_ENOUGH_MEMORY);
    }
    if (!problem_note(problem, "CounterInitialize", CounterInitialize(on_request, AllocateMemory, FreeMemory, heap)) ||
        !create_memory_instance(problem)) {
        publisher_stop(problem);
        return false;
    }
    return true;
}

/* In this order: the instance, the provider, and only then what PERFLIB may still have read or the callback written. */
void publisher_stop(struct problem *problem)
{
    if (memory_instance != NULL) {
        problem_note(problem, "PerfDeleteInstance", PerfDeleteInstance(ExampleServer, memory_instance));
        memory_instance = NULL;
    }
    CounterCleanup();
    FreeMemory(values, publisher_heap);
    values = NULL;
}
