/* A pointer to where nothing is mapped. */
#include "perfpool.h"

#include <stdint.h>

#include "support/heaps.h"

/* No program's memory: beyond what the systems in use map so low, and on 32-bit ones in the half that is the system's own. */
#define UNMAPPED (sizeof(void *) == 8 ? 0x5a5a5a5a5a40 : 0xdadadac0)

int main(void)
{
    perfpool_heap *heap = heap_make(0);
    FreeMemory((void *)(uintptr_t)UNMAPPED, heap);
    return 0;
}
