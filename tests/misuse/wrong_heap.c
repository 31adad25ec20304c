/* A block freed with another heap than its own. */
#include "perfpool.h"

#include "support/heaps.h"

int main(void)
{
    perfpool_options options = heap_options();
    options.name = "db";
    options.reserve = 64 * MEBIBYTE;
    perfpool_heap *db = perfpool_heap_create(&options);
    perfpool_heap *heap = heap_make(0);
    FreeMemory(AllocateMemory(192, db), heap);
    return 0;
}
