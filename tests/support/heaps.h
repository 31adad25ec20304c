/* Heaps as tests want them: named, with a small address range (tools and Wine pay for address space). */
#ifndef PERFPOOL_TESTS_HEAPS_H
#define PERFPOOL_TESTS_HEAPS_H

#include "perfpool.h"
#include "support/fault_log.h"

#define MEBIBYTE ((size_t)1 << 20)

/* Options with `size` set and all else default. */
perfpool_options heap_options(void);
/* A heap called "test" with 64 MiB of address range and the default fault handler. Ends the process if there is none. */
perfpool_heap *heap_make(unsigned flags);
/* The same with a handler that logs and returns. */
perfpool_heap *heap_make_logged(const char *name, unsigned flags, struct fault_log *log);
/* perfpool_heap_stats into a fresh structure; ends the process if it fails. */
perfpool_stats heap_figures(perfpool_heap *heap);

#endif
