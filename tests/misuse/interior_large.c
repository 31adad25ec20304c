/* A pointer into the second span of a large block. */
#include "perfpool.h"

#include "support/heaps.h"

int main(void)
{
    perfpool_heap *heap = heap_make(0);
    char *block = AllocateMemory(131072, heap);
    FreeMemory(block + 65536, heap);
    return 0;
}
