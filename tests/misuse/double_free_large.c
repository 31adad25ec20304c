/* A large block freed twice. */
#include "perfpool.h"

#include "support/heaps.h"

int main(void)
{
    perfpool_heap *heap = heap_make(0);
    void *block = AllocateMemory(131072, heap);
    FreeMemory(block, heap);
    FreeMemory(block, heap);
    return 0;
}
