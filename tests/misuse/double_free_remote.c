/* A block freed twice by another thread: caught when its magazine is opened, before the block is handed out again. */
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
    static void *blocks[10000];
    heap = heap_make(0);
    thread_run(free_twice, AllocateMemory(192, heap));
    for (size_t i = 0; i < 10000; i++)
        blocks[i] = AllocateMemory(192, heap);
    return blocks[0] == NULL;
}
