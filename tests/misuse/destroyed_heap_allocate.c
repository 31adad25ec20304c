/* AllocateMemory in a destroyed heap. */
#include "perfpool.h"

#include "support/heaps.h"

int main(void)
{
    perfpool_heap *heap = heap_make(0);
    FreeMemory(AllocateMemory(192, heap), heap);
    if (perfpool_heap_destroy(heap, 0) != 0)
        return 1;
    return AllocateMemory(192, heap) == NULL ? 0 : 1;
}
