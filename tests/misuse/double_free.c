/* A block freed twice by its owner. */
#include "perfpool.h"

#include "support/heaps.h"

int main(void)
{
    perfpool_heap *heap = heap_make(0);
    void *block = AllocateMemory(192, heap);
    FreeMemory(block, heap);
    FreeMemory(block, heap);
    return 0;
}
