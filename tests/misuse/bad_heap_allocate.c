/* AllocateMemory with a pContext that is no heap. */
#include "perfpool.h"

#include <stdint.h>

int main(void)
{
    return AllocateMemory(192, (void *)(uintptr_t)0x1234) == NULL ? 0 : 1;
}
