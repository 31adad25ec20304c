/*
 * What the module tests share: tiny heaps, and blocks moved by hand. A test may hold several pools at once on one thread, taken
 * with pool_acquire; each then acts for a thread of its own.
 */
#ifndef PERFPOOL_TESTS_INTERNALS_H
#define PERFPOOL_TESTS_INTERNALS_H

#include "drain.h"
#include "harness.h"
#include "pool.h"
#include "span.h"
#include "support/equations.h"
#include "support/fault_log.h"
#include "support/heaps.h"
#include "support/require.h"
#include "thread.h"

/* A heap of `reserve` bytes with a committed limit (0: none) and a log for its faults (NULL: it must have none). */
static inline struct perfpool_heap *internals_heap(size_t reserve, size_t limit, uint32_t flags, struct fault_log *log)
{
    perfpool_options options = heap_options();
    options.name = "module";
    options.reserve = reserve;
    options.limit = limit;
    options.flags = flags;
    options.on_fault = log != NULL ? fault_log_handler : NULL;
    options.fault_arg = log;
    struct perfpool_heap *heap = perfpool_heap_create(&options);
    require(heap != NULL);
    return heap;
}

static inline uint32_t internals_header(const struct perfpool_heap *heap, uint32_t line)
{
    return heap->arena.headers[line >> SPAN_LINES_SHIFT];
}

/* Takes a block of a class as AllocateMemory would; false if there is no memory. */
static inline bool internals_try_take(struct pool *pool, uint32_t class, uint32_t *line)
{
    struct fault_list faults = {.n = 0};
    uint32_t clear;
    if (!pool_take(pool, class, line, &clear, &faults))
        return false;
    require(faults.n == 0);
    require(pool->states[*line] == STATE_HELD);
    pool->states[*line] = STATE_LIVE;
    return true;
}

static inline uint32_t internals_take(struct pool *pool, uint32_t class)
{
    uint32_t line = 0;
    require(internals_try_take(pool, class, &line));
    return line;
}

/* Frees a block of the pool's own as FreeMemory would. */
static inline void internals_put(struct pool *pool, uint32_t line)
{
    const uint32_t class = pool_class(internals_header(pool->heap, line), pool->token);
    require(class < N_CLASSES && pool->states[line] == STATE_LIVE);
    pool->states[line] = STATE_HELD;
    bin_put(pool, class, line);
}

/* Frees another pool's block into the outbox of `pool`. */
static inline void internals_send(struct pool *pool, uint32_t line)
{
    require(outbox_put(pool, line, internals_header(pool->heap, line)));
}

static inline uint32_t internals_inbox_length(const struct pool *pool)
{
    uint32_t n = 0;
    for (uint32_t i = (uint32_t)pool->inbox.stack.head; i != 0; i = magazine_at(&pool->heap->magazines, i)->next)
        n++;
    return n;
}

/* Ends a test: nothing disagrees, nothing is handed out, and the heap goes. */
#define internals_end(heap)                                     \
    do {                                                        \
        check_equations((heap), 0);                             \
        ck_assert_uint_eq(perfpool_heap_destroy((heap), 0), 0); \
    } while (0)

#endif
