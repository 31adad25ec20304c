/* A pointer into the stack. */
#include "perfpool.h"

#include "support/heaps.h"

int main(void)
{
    char on_stack[64] = {0};
    perfpool_heap *heap = heap_make(0);
    FreeMemory(on_stack, heap);
    return 0;
}
