/* A byte written into a freed block, in a heap with PERFPOOL_POISON. */
#include "perfpool.h"

#include "support/heaps.h"

int main(void)
{
    static void *blocks[10000];
    perfpool_heap *heap = heap_make(PERFPOOL_POISON);
    unsigned char *block = AllocateMemory(100, heap);
    FreeMemory(block, heap);
    *(volatile unsigned char *)&block[50] = 1;
    for (size_t i = 0; i < 10000; i++)
        blocks[i] = AllocateMemory(100, heap);
    return blocks[0] == NULL;
}
