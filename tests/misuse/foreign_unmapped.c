/* A pointer to where nothing is mapped. */
#include "perfpool.h"

#include <stdint.h>

#include "support/heaps.h"

int main(void)
{
    perfpool_heap *heap = heap_make(0);
    FreeMemory((void *)(uintptr_t)0x5a5a5a5a5a40, heap);
    return 0;
}
