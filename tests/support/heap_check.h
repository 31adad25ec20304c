/*
 * The common checker: statistics, walk and perfpool_block_size of a heap must tell the same story.
 *
 * INVARIANT checked, with no call in flight: the walk visits live_blocks blocks of live_bytes bytes in ascending order without
 * overlap; each class has the live blocks the walk finds of its size, and they fit into its spans; the spans of the classes add
 * up to the heap's; all else that is live is a large run; perfpool_block_size says of every block what the walk says.
 */
#ifndef PERFPOOL_TESTS_HEAP_CHECK_H
#define PERFPOOL_TESTS_HEAP_CHECK_H

#include "perfpool.h"

/*
 * NULL if all is well, else what is wrong (static text). For the main thread and others alike; no other thread may be inside a
 * call on the heap.
 */
const char *heap_problem(perfpool_heap *heap);
/* The same for a heap with PERFPOOL_POISON, whose sizes are those requested and tell nothing of the class. */
const char *heap_problem_poison(perfpool_heap *heap);

/* For a test's main thread. */
#define check_heap(heap) check_heap_text(heap_problem(heap))
#define check_poison_heap(heap) check_heap_text(heap_problem_poison(heap))
#define check_heap_text(problem)                                             \
    do {                                                                     \
        const char *heap_check_problem = (problem);                          \
        ck_assert_msg(heap_check_problem == NULL, "%s", heap_check_problem); \
    } while (0)

#endif
