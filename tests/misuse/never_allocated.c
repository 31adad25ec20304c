/* A pointer into a part of the arena that was never used. */
#include "perfpool.h"

#include "support/heaps.h"

int main(void)
{
    perfpool_heap *heap = heap_make(0);
    char *block = AllocateMemory(192, heap);
    FreeMemory(block + 32 * MEBIBYTE, heap);
    return 0;
}
