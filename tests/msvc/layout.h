/*
 * The layout of perfpool.h's structures, which compilers of different makers have to agree on. A compile error if it is another.
 */
#ifndef PERFPOOL_TESTS_LAYOUT_H
#define PERFPOOL_TESTS_LAYOUT_H

#include <perfpool.h>
#include <stddef.h>

#ifdef __cplusplus
#define LAYOUT_ASSERT(condition) static_assert(condition, #condition)
#else
#define LAYOUT_ASSERT(condition) _Static_assert(condition, #condition)
#endif
#define LAYOUT_AT(type, field, offset) LAYOUT_ASSERT(offsetof(type, field) == (offset))

enum { LAYOUT_POINTER = sizeof(void *) };

LAYOUT_ASSERT(sizeof(perfpool_size) == LAYOUT_POINTER);
LAYOUT_ASSERT(sizeof(size_t) == LAYOUT_POINTER);
LAYOUT_ASSERT(sizeof(perfpool_fault_kind) == 4);

LAYOUT_ASSERT(sizeof(perfpool_options) == 16 + 6 * LAYOUT_POINTER);
LAYOUT_AT(perfpool_options, size, 0);
LAYOUT_AT(perfpool_options, flags, 4);
LAYOUT_AT(perfpool_options, name, 8);
LAYOUT_AT(perfpool_options, reserve, 8 + 1 * LAYOUT_POINTER);
LAYOUT_AT(perfpool_options, limit, 8 + 2 * LAYOUT_POINTER);
LAYOUT_AT(perfpool_options, precommit, 8 + 3 * LAYOUT_POINTER);
LAYOUT_AT(perfpool_options, isolation, 8 + 4 * LAYOUT_POINTER);
LAYOUT_AT(perfpool_options, unused, 12 + 4 * LAYOUT_POINTER);
LAYOUT_AT(perfpool_options, on_fault, 16 + 4 * LAYOUT_POINTER);
LAYOUT_AT(perfpool_options, fault_arg, 16 + 5 * LAYOUT_POINTER);

LAYOUT_ASSERT(sizeof(perfpool_fault) == 8 + 5 * LAYOUT_POINTER);
LAYOUT_AT(perfpool_fault, size, 0);
LAYOUT_AT(perfpool_fault, kind, 4);
LAYOUT_AT(perfpool_fault, block, 8);
LAYOUT_AT(perfpool_fault, block_size, 8 + 1 * LAYOUT_POINTER);
LAYOUT_AT(perfpool_fault, heap, 8 + 2 * LAYOUT_POINTER);
LAYOUT_AT(perfpool_fault, heap_name, 8 + 3 * LAYOUT_POINTER);
LAYOUT_AT(perfpool_fault, text, 8 + 4 * LAYOUT_POINTER);

LAYOUT_ASSERT(sizeof(perfpool_stats) == 96 + 64 * 16);
LAYOUT_AT(perfpool_stats, size, 0);
LAYOUT_AT(perfpool_stats, pools_bound, 4);
LAYOUT_AT(perfpool_stats, pools_unbound, 8);
LAYOUT_AT(perfpool_stats, faults, 12);
LAYOUT_AT(perfpool_stats, reserved, 16);
LAYOUT_AT(perfpool_stats, committed, 24);
LAYOUT_AT(perfpool_stats, live_blocks, 32);
LAYOUT_AT(perfpool_stats, live_bytes, 40);
LAYOUT_AT(perfpool_stats, magazines_posted, 48);
LAYOUT_AT(perfpool_stats, blocks_posted, 56);
LAYOUT_AT(perfpool_stats, magazines_taken_over, 64);
LAYOUT_AT(perfpool_stats, spans, 72);
LAYOUT_AT(perfpool_stats, large_runs, 80);
LAYOUT_AT(perfpool_stats, classes, 88);
LAYOUT_AT(perfpool_stats, unused, 92);
LAYOUT_AT(perfpool_stats, class_stats, 96);
LAYOUT_AT(perfpool_stats, class_stats[1].block_size, 112);
LAYOUT_AT(perfpool_stats, class_stats[1].spans, 116);
LAYOUT_AT(perfpool_stats, class_stats[1].live_blocks, 120);

#endif
