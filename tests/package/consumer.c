/* The least a user of an installed perfpool does: a block from the default heap, and back. */
#include <perfpool.h>
#include <stdio.h>

int main(void)
{
    char *block = (char *)AllocateMemory(100, NULL);
    if (block == NULL) {
        puts("no block");
        return 1;
    }
    block[99] = 1;
    FreeMemory(block, NULL);
    printf("perfpool %s\n", perfpool_version());
    return 0;
}
