/* A pointer to the second line of a block. */
#include "perfpool.h"

#include "support/heaps.h"

int main(void)
{
    perfpool_heap *heap = heap_make(0);
    char *block = AllocateMemory(192, heap);
    FreeMemory(block + 64, heap);
    return 0;
}
