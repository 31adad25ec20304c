#include "support/heaps.h"

#include <string.h>

#include "support/require.h"

perfpool_options heap_options(void)
{
    perfpool_options options;
    memset(&options, 0, sizeof(options));
    options.size = sizeof(options);
    return options;
}

perfpool_heap *heap_make(unsigned flags)
{
    perfpool_options options = heap_options();
    options.name = "test";
    options.flags = flags;
    options.reserve = 64 * MEBIBYTE;
    perfpool_heap *heap = perfpool_heap_create(&options);
    require(heap != NULL);
    return heap;
}

perfpool_heap *heap_make_logged(const char *name, unsigned flags, struct fault_log *log)
{
    perfpool_options options = heap_options();
    options.name = name;
    options.flags = flags;
    options.reserve = 64 * MEBIBYTE;
    options.on_fault = fault_log_handler;
    options.fault_arg = log;
    perfpool_heap *heap = perfpool_heap_create(&options);
    require(heap != NULL);
    return heap;
}

perfpool_stats heap_figures(perfpool_heap *heap)
{
    perfpool_stats stats;
    memset(&stats, 0xa5, sizeof(stats));
    stats.size = sizeof(stats);
    require(perfpool_heap_stats(heap, &stats) == 0);
    return stats;
}
