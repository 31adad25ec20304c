/*
 * AllocateMemory and FreeMemory: the fast paths, and only they. What they leave out is in slow_path.c.
 *
 * A thread starts, and a record rests, with a pool that has no blocks and no lines, so no path asks whether anything is
 * initialised.
 */
#include "perfpool.h"
#include "seed.h"
#include "slow_path.h"
#include "thread.h"

#include <string.h>

/* Begins with a line of its own: 0.6 ns of a pair, and the same from build to build. */
#define FAST_PATH __attribute__((aligned(LINE_SIZE)))
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define LIKELY(condition) __builtin_expect(!!(condition), 1)

/*
 * What takes more registers than the paths beside it. Windows has fewer that a function need not save: there it is apart, or all
 * would save them, and has few arguments, so that they are passed in registers.
 */
#ifdef _WIN32
#define MANY_REGISTERS static __attribute__((noinline))
#else
#define MANY_REGISTERS static inline __attribute__((always_inline))
#endif

/* Keeps the compiler from joining this with what looks the same elsewhere. */
#define KEEP_APART() __asm__ volatile("")

/*
 * a = a2, b = b2, c = c - 1 if x < n, by conditional moves: the compiler would make a branch of it. Elsewhere it may.
 */
#if defined(__x86_64__)
#define CHOOSE_IF_BELOW(x, n, a, a2, b, b2, c)                         \
    __asm__("cmp %6, %5\n\tcmovb %3, %0\n\tcmovb %4, %1\n\tsbb $0, %2" \
            : "+&r"(a), "+&r"(b), "+&r"(c)                             \
            : "r"(a2), "r"(b2), "r"(x), "i"(n)                         \
            : "cc")
#else
#define CHOOSE_IF_BELOW(x, n, a, a2, b, b2, c) \
    do {                                       \
        a = (x) < (n) ? (a2) : (a);            \
        b = (x) < (n) ? (b2) : (b);            \
        c -= (x) < (n);                        \
    } while (0)
#endif

_Static_assert(AHEAD_MAX == 3, "finish fetches three lines");
_Static_assert(STATE_HELD == STATE_LIVE - 1, "free_any goes from one to the other by subtraction");

typedef long long vector __attribute__((vector_size(16), may_alias));

enum { CLEAR_INLINE_MAX = 256 }; /* bytes: where a call of memset with its wider stores begins to pay */

static inline void clear_line(char *block)
{
    vector *at = (vector *)(void *)block;
    at[0] = at[1] = at[2] = at[3] = (vector){0, 0};
}

/* Clears whole lines, at least one. A loop of stores: the sizes it is for are too small for a call. */
static inline void clear_lines(char *block, uint32_t bytes)
{
    const char *end = block + bytes;
    do {
        clear_line(block);
        block += LINE_SIZE;
        __asm__("" : "+r"(block)); /* keeps the compiler from making a memset call of it */
    } while (block != end);
}

/* Clears whole lines, at least one; returns the block. One or two without a loop, whose end would be one more jump. */
static inline void *clear_block(char *block, uint32_t bytes)
{
    if (bytes > CLEAR_INLINE_MAX)
        return memset(block, 0, bytes); /* returns the block: a jump */
    clear_line(block);
    if (bytes > LINE_SIZE)
        clear_line(block + LINE_SIZE);
    if (bytes > 2 * LINE_SIZE)
        clear_lines(block + 2 * LINE_SIZE, bytes - 2 * LINE_SIZE);
    return block;
}

/* Apart, so that finish_newest need not save the registers that a call may use. */
static __attribute__((noinline)) void *check_newest(char *block, struct bin *bin, struct pool *pool)
{
    bin_check_newest(pool, bin);
    uint32_t clear = extra_clear(bin->extra);
    return clear != 0 ? clear_block(block, clear) : block;
}

/*
 * EXTRA_NEWEST: takes the block that was freed last instead of `block`, which goes back and was never live: others may look at its
 * state at any time. Every so often the mode is looked at, for no refill does while it lasts.
 */
static __attribute__((noinline)) void *finish_newest(char *block, struct bin *bin, struct pool *pool, uint8_t *state)
{
    uint32_t *freed = bin->free.top;
    uint32_t clear = extra_clear(bin->extra);
    if (magazine_has_below(freed)) {
        MISPLACED(newest_live, store_relaxed_8(state, STATE_LIVE));
        MISPLACED(newest_live, store_relaxed_8(state, STATE_HELD));
        uint32_t line = *--freed;
        block = pool_block(pool, line);
        state = &pool->states[line];
        bin->free.top = freed;
        bin->allocate_top++;
        if (UNLIKELY(--bin->free.until_check == 0)) {
            store_relaxed_8(state, STATE_LIVE);
            return check_newest(block, bin, pool);
        }
    }
    store_relaxed_8(state, STATE_LIVE);
    return clear != 0 ? clear_block(block, clear) : block;
}

/* Clears whole lines where sizes change: a loop whose end is guessed. Apart, for the way past it to be straight. */
static __attribute__((noinline)) void *clear_mixed(char *block, uint32_t bytes)
{
    if (bytes > CLEAR_INLINE_MAX)
        return memset(block, 0, bytes);
    clear_lines(block, bytes);
    return block;
}

/* Fetches the first lines of the block that comes next, clears this one if need be. */
static inline __attribute__((always_inline)) void *finish_ahead(char *block, uint32_t extra, const struct pool *pool,
                                                                const uint32_t *top)
{
    uint32_t ahead = extra_rest(extra); /* 1, 2 or 3 lines, some twice: a loop would end at random */
    if (LIKELY(!magazine_begins_at(top))) {
        const char *next = pool_block(pool, top[-1]);
        __builtin_prefetch(next, 1);
        __builtin_prefetch(next + (size_t)(ahead / 2) * LINE_SIZE, 1);
        __builtin_prefetch(next + (size_t)(ahead - 1) * LINE_SIZE, 1);
    }
    if (LIKELY(extra_clear(extra) == 0)) {
        KEEP_APART();
        return block;
    }
    return clear_mixed(block, extra_clear(extra));
}

/* The bin of a class, and what it is computed from, which AllocateMemory has at hand. */
static inline struct bin *bin_at(char *class_start)
{
    return (struct bin *)(void *)(class_start + offsetof(struct pool, bins));
}

/* What some blocks take besides, see `extra`. Apart, so that those that need none of it have the registers. */
FAST_PATH static __attribute__((noinline)) void *finish(char *block, char *class_start, struct pool *pool, uint8_t *state)
{
    struct bin *bin = bin_at(class_start);
    uint32_t extra = bin->extra;
    if (LIKELY(extra_rest(extra) == 0)) {
        store_relaxed_8(state, STATE_LIVE);
        return clear_block(block, extra);
    }
    if (extra_rest(extra) == EXTRA_NEWEST)
        return finish_newest(block, bin, pool, state);
    store_relaxed_8(state, STATE_LIVE);
    return finish_ahead(block, extra, pool, bin->allocate_top);
}

/*
 * 1. The cached pool, if it is for this heap. 2. The bin by size. 3. A held block from the allocating magazine. 4. It is live
 * now. 5. Where it has to be: take another one, fetch the next one, clear this one.
 */
FAST_PATH void *PERFPOOL_CALLBACK AllocateMemory(perfpool_size AllocSize, void *pContext)
{
    const struct thread_record *record = os_thread_get();
    struct pool *pool = thread_cached_pool(record);
    if (UNLIKELY(AllocSize > SMALL_SIZE_MAX || load_folded_ptr(&record->context) != pContext))
        return allocate_slow(AllocSize, pContext);
    char *class_start = (char *)pool + size_class_of[(AllocSize + LINE_SIZE - 1) >> LINE_SHIFT] * sizeof(struct bin);
    struct bin *bin = bin_at(class_start);
    uint32_t *top = bin->allocate_top;
    if (UNLIKELY(top == bin->allocate_base))
        return allocate_slow(AllocSize, pContext);
    uint32_t line = *--top;
    uint32_t extra = bin->extra;
    char *block = pool_block(pool, line);
    uint8_t *state = &pool->states[line];
    bin->allocate_top = top;
    if (UNLIKELY(extra != 0)) /* not because it is: to clear a block costs more than the jump it takes */
        return finish(block, class_start, pool, state);
    store_relaxed_8(state, STATE_LIVE); /* the byte belongs to whoever holds the block: no read-modify-write */
    return block;
}

/*
 * Range and alignment of a pointer in one number: its line, which is beyond any pool's if it is misaligned, for the rotation makes
 * low bits high ones.
 */
static inline size_t line_of(const struct pool *pool, const void *block)
{
    uintptr_t offset = (uintptr_t)block - (uintptr_t)pool->base;
    return offset >> LINE_SHIFT | offset << (sizeof offset * 8 - LINE_SHIFT);
}

/* What free_any could not do: where sizes change, mostly one more block for another owner. Apart, for free_any to need few
 * registers. */
static __attribute__((noinline)) void free_changing(struct cursor *cursor, struct pool *pool, size_t line, uint32_t header)
{
    if (!outbox_add(&pool->outbox, cursor, pool->classes, (uint32_t)line, header))
        free_again(line);
}

/*
 * Frees a block that may be this pool's or another's, without a branch that asks: it would go either way. The block goes where its
 * header's cursor says. What is done to its state if it is this pool's is done to `live` if not, to no effect.
 */
MANY_REGISTERS void free_any(uint32_t header, struct pool *pool, size_t line)
{
    uintptr_t class = pool_class(header, pool->token) * (uintptr_t)sizeof(struct bin);
    uintptr_t bin = (uintptr_t)&pool->bins->free + class;
    uintptr_t cursor = (uintptr_t)pool->outbox.slots + outbox_slot_offset(header);
    uintptr_t own_state = (uintptr_t)&pool->states[line];
    uintptr_t state = (uintptr_t)&pool->live;
    uint32_t freed = STATE_LIVE;
    CHOOSE_IF_BELOW(class, N_CLASSES * sizeof(struct bin), cursor, bin, state, own_state, freed);
    struct cursor *at = (struct cursor *)cursor;
    uint8_t *state_at = (uint8_t *)state;
    uint32_t *top = at->top;
    if (UNLIKELY(at->header != header || load_relaxed_8(state_at) != STATE_LIVE || top == at->limit)) {
        free_changing(at, pool, line, header);
        return;
    }
    store_relaxed_32(top, (uint32_t)line); /* statistics may look */
    store_relaxed_ptr((void **)&at->top, top + 1);
    store_relaxed_8(state_at, (uint8_t)freed);
}

/* Puts a live block of the pool's own where the cursor says; false if it is not live or there is no place. */
static inline __attribute__((always_inline)) bool put_held(const struct pool *pool, struct cursor *cursor, size_t line)
{
    uint8_t *state = &pool->states[line];
    uint32_t *top = cursor->top;
    if (UNLIKELY(top == cursor->limit || load_relaxed_8(state) != STATE_LIVE))
        return false;
    store_relaxed_8(state, STATE_HELD);
    store_relaxed_32(top, (uint32_t)line); /* statistics may look */
    cursor->top = top + 1;
    return true;
}

/*
 * 1. The cached pool. 2. Range and alignment in one compare. 3. The span header: the guess of what is freed lately, else header
 * minus token is the class if the owner is this pool, unless others' blocks come as well (pool_note_own). 4. The block must be
 * live; it is held now. 5. Into the freeing magazine. Another owner's block goes to the outbox, its state untouched: whoever opens
 * the magazine checks it.
 */
FAST_PATH void PERFPOOL_CALLBACK FreeMemory(void *pBuffer, void *pContext)
{
    const struct thread_record *record = os_thread_get();
    struct pool *pool = thread_cached_pool(record);
    if (UNLIKELY(load_folded_ptr(&record->context) != pContext)) { /* first: a destroyed heap's pool is not mapped any more */
        free_slow(pBuffer, pContext);
        return;
    }
    size_t line = line_of(pool, pBuffer);
    if (UNLIKELY(line >= pool->lines)) {
        free_again(line);
        return;
    }
    uint32_t header = load_relaxed_32(&pool->headers[line >> SPAN_LINES_SHIFT]); /* cannot change while the block is handed out */
    if (LIKELY(header == pool->guess)) {
        if (UNLIKELY(!put_held(pool, pool->guess_free, line)))
            free_again(line);
        return;
    }
    uint32_t class = pool_class(header, pool->token);
    if (class >= pool->n_own) {
        free_any(header, pool, line);
        return;
    }
    if (UNLIKELY(!put_held(pool, &pool->bins[class].free, line))) {
        free_again(line);
        return;
    }
    KEEP_APART();
}
