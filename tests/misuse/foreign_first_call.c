/* A bad pointer in the first call of all, in the default heap. */
#include "perfpool.h"

int main(void)
{
    static char in_data[64];
    FreeMemory(in_data, NULL);
    return 0;
}
