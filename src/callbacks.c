/*
 * AllocateMemory and FreeMemory: the fast paths, and only they. What they leave out is in slow_path.c.
 *
 * A thread starts, and a record rests, with a pool that has no blocks and no lines, so no path asks whether anything is
 * initialised.
 */
#include "perfpool.h"
#include "slow_path.h"
#include "thread.h"

#include <string.h>

/* Both start on a line of their own: 0.6 ns of a pair, and the same from build to build. */
#define FAST_PATH __attribute__((aligned(LINE_SIZE)))
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/* Keeps the compiler from making a conditional move of a branch whose prediction is wanted. */
#define KEEP_BRANCH(pointer) __asm__("" : "+r"(pointer))

typedef long long vector __attribute__((vector_size(16), may_alias));

enum { CLEAR_INLINE_MAX = 256 }; /* bytes: where a call of memset with its wider stores begins to pay */

/* Clears whole lines. A loop of stores: the sizes it is for are too small for a call. */
static inline void clear_lines(char *block, uint32_t bytes)
{
    vector *at = (vector *)(void *)block;
    vector *end = (vector *)(void *)(block + bytes);
    do {
        at[0] = at[1] = at[2] = at[3] = (vector){0, 0};
        at += LINE_SIZE / sizeof(vector);
        __asm__("" : "+r"(at)); /* keeps the compiler from making a memset call of it */
    } while (at != end);
}

/*
 * 1. The cached pool, if it is for this heap. 2. The bin by size. 3. A held block from the allocating magazine. 4. It is live
 * now. 5. Clear it.
 */
FAST_PATH void *PERFPOOL_CALLBACK AllocateMemory(perfpool_size AllocSize, void *pContext)
{
    const struct thread_record *record = os_thread_get();
    struct pool *pool = thread_cached_pool(record);
    if (UNLIKELY(AllocSize > SMALL_SIZE_MAX || record->context != pContext))
        return allocate_slow(AllocSize, pContext);
    struct bin *bin = &pool->bins[size_class_of[(AllocSize + LINE_SIZE - 1) >> LINE_SHIFT]];
    uint32_t *top = bin->allocate_top;
    if (UNLIKELY(top == bin->allocate_base))
        return allocate_slow(AllocSize, pContext);
    uint32_t line = *--top;
    uint32_t clear = bin->clear;
    char *block = pool_block(pool, line);
    uint8_t *state = &pool->states[line];
    bin->allocate_top = top;
    store_relaxed_8(state, STATE_LIVE); /* the byte belongs to whoever holds the block: no read-modify-write */
    if (clear == 0)
        return block;
    if (clear > CLEAR_INLINE_MAX)
        return memset(block, 0, clear); /* returns the block: a jump */
    clear_lines(block, clear);
    return block;
}

/* A block that is not this pool's: another owner's goes to the outbox, all else is for the slow path. Apart, so that the local path
 * needs no stack. */
static __attribute__((noinline)) void free_foreign(struct pool *pool, uint32_t line, uint32_t header, void *block, void *context)
{
    if (header == 0 || (header & HEADER_KIND_MASK) >= N_CLASSES || !outbox_put(pool, line, header))
        free_slow(block, context);
}

/*
 * 1. The cached pool. 2. Range and alignment in one compare: a misaligned pointer has low bits, which the rotation makes high
 * ones. 3. The span header: the class that is freed lately, else header minus token is the class if the owner is this pool. 4. The
 * block must be live; it is held now. 5. Into the freeing magazine. Another owner's block goes to the outbox, its state untouched:
 * whoever opens the magazine checks it.
 */
FAST_PATH void PERFPOOL_CALLBACK FreeMemory(void *pBuffer, void *pContext)
{
    const struct thread_record *record = os_thread_get();
    struct pool *pool = thread_cached_pool(record);
    if (UNLIKELY(record->context != pContext)) { /* first: a destroyed heap's pool is not mapped any more */
        free_slow(pBuffer, pContext);
        return;
    }
    size_t offset = (size_t)((char *)pBuffer - pool->base);
    size_t line = offset >> LINE_SHIFT | offset << (sizeof(size_t) * 8 - LINE_SHIFT);
    if (UNLIKELY(line >= pool->lines)) {
        free_slow(pBuffer, pContext);
        return;
    }
    uint32_t header = load_relaxed_32(&pool->headers[line >> SPAN_LINES_SHIFT]); /* cannot change while the block is handed out */
    struct bin *bin = pool->guess_bin;
    if (header != pool->guess) {
        uint32_t class = pool_class(header, pool->token);
        if (class >= N_CLASSES) {
            free_foreign(pool, (uint32_t)line, header, pBuffer, pContext);
            return;
        }
        bin = &pool->bins[class];
        KEEP_BRANCH(bin);
    }
    uint8_t *state = &pool->states[line];
    uint32_t *top = bin->free_top;
    if (UNLIKELY(load_relaxed_8(state) != STATE_LIVE || top == bin->free_limit)) {
        free_slow(pBuffer, pContext);
        return;
    }
    *top = (uint32_t)line;
    bin->free_top = top + 1;
    store_relaxed_8(state, STATE_HELD);
}
