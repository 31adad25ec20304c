/* A byte written behind the requested size, in a heap with PERFPOOL_POISON. */
#include "perfpool.h"

#include "support/heaps.h"

int main(void)
{
    perfpool_heap *heap = heap_make(PERFPOOL_POISON);
    unsigned char *block = AllocateMemory(100, heap);
    block[100] = (unsigned char)(block[100] + 1);
    FreeMemory(block, heap);
    return 0;
}
