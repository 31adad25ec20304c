/*
 * The common checker of the module tests: do a heap's internals agree with each other?
 *
 * INVARIANT checked, with no call in flight. Every cut block is in exactly one place: handed out, in one magazine, returned, or
 * home, and its state says so. Every magazine below the region's mark is in exactly one place: an outbox, an inbox, a bin, a pool's
 * empties or the pile. A span is claimed if and only if it has a header, and claimed means committed. What spans, bins and outboxes
 * count is what is there, and what is charged against the limit is what is committed.
 *
 * Blocks that were freed twice are in two places until the magazine they were sent home in is opened: open it before checking.
 */
#ifndef PERFPOOL_TESTS_EQUATIONS_H
#define PERFPOOL_TESTS_EQUATIONS_H

#include "perfpool.h"

/*
 * How many things disagree; the first few are printed. *handed_out, if not NULL: blocks found to be with a user, large ones
 * included. Any thread, while no other is inside a call on the heap.
 */
unsigned equations_disagreements(perfpool_heap *heap, uint64_t *handed_out);

/* For a test's main thread: everything agrees, and exactly `blocks` blocks are handed out. */
#define check_equations(heap, blocks)                                                           \
    do {                                                                                        \
        uint64_t equations_found = 0;                                                           \
        const unsigned equations_wrong = equations_disagreements((heap), &equations_found);     \
        ck_assert_msg(equations_wrong == 0, "%u things disagree in the heap", equations_wrong); \
        ck_assert_uint_eq(equations_found, (blocks));                                           \
    } while (0)

#endif
