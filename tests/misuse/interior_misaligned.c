/* A pointer eight bytes into a block, as a member of the structure there. */
#include "perfpool.h"

#include "support/heaps.h"

int main(void)
{
    perfpool_heap *heap = heap_make(0);
    char *block = AllocateMemory(192, heap);
    FreeMemory(block + 8, heap);
    return 0;
}
