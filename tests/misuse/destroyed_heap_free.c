/* A block freed after its heap was destroyed. */
#include "perfpool.h"

#include "support/heaps.h"

int main(void)
{
    perfpool_heap *heap = heap_make(0);
    void *block = AllocateMemory(192, heap);
    if (perfpool_heap_destroy(heap, PERFPOOL_DESTROY_LIVE) != 1)
        return 1;
    FreeMemory(block, heap);
    return 0;
}
