/* A pointer into the first page. */
#include "perfpool.h"

#include <stdint.h>

#include "support/heaps.h"

int main(void)
{
    perfpool_heap *heap = heap_make(0);
    FreeMemory((void *)(uintptr_t)0x10, heap);
    return 0;
}
