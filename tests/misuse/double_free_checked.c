/* A block freed twice by another thread in a heap with PERFPOOL_CHECK_REMOTE: caught at once. */
#include "perfpool.h"

#include "support/heaps.h"
#include "support/threads.h"

static perfpool_heap *heap;

static void free_twice(void *block)
{
    FreeMemory(block, heap);
    FreeMemory(block, heap);
}

int main(void)
{
    heap = heap_make(PERFPOOL_CHECK_REMOTE);
    thread_run(free_twice, AllocateMemory(192, heap));
    return 0;
}
