/* FreeMemory with a pContext that is no heap. */
#include "perfpool.h"

int main(void)
{
    int no_heap[64] = {0};
    FreeMemory(AllocateMemory(192, NULL), no_heap);
    return 0;
}
