#include "drain.h"

#include "probes.h"
#include "seed.h"
#include "span.h"

enum { TURN_LINES_MIN = 16 };

/* What an opened magazine's blocks are found by: the pool's fields, for no store of a state to make the compiler read them again.
 */
struct opening {
    const uint32_t *headers;
    uint8_t *states;
    uint32_t token;   /* of the pool that owns the blocks */
    uint8_t expected; /* state */
};

static struct opening opening_of(const struct pool *pool, uint32_t token)
{
    return (struct opening){pool->headers, pool->states, token, pool->remote_state};
}

/* The class of a block if its header says the right owner, else at least N_CLASSES. */
static inline uint32_t opened_class(struct opening opening, uint32_t line)
{
    return pool_class(load_relaxed_32(&opening.headers[line >> SPAN_LINES_SHIFT]), opening.token);
}

/* Makes a block held whose header is right; false if its state is not. */
static inline bool open_state(struct opening opening, uint32_t line)
{
    if (SEEDED(open_state, load_relaxed_8(&opening.states[line]) != opening.expected, false))
        return false;
    store_relaxed_8(&opening.states[line], STATE_HELD);
    return true;
}

static inline __attribute__((always_inline)) bool open_block(struct opening opening, uint32_t line, uint32_t class)
{
    return SEEDED(open_header, opened_class(opening, line) == class, true) && open_state(opening, line);
}

uint32_t drain_open(const struct pool *pool, struct magazine *magazine, uint32_t token, struct fault_list *faults)
{
    uint32_t count = magazine->count;
    uint32_t good = 0;
    const uint32_t class = magazine->class;
    const struct opening opening = opening_of(pool, token);
    if (SEEDED(open_checked, magazine->kind == MAGAZINE_RETURN, false))
        return count;
    magazine_prefetch(magazine);
    while (good < count && open_block(opening, magazine->lines[good], class))
        good++; /* as far as none is dropped, which is to the end but for misuse, they stay where they are */
    for (uint32_t i = good; i < count; i++) {
        uint32_t line = magazine->lines[i];
        if (open_block(opening, line, class))
            store_relaxed_32(&magazine->lines[good++], line); /* statistics may look */
        else
            fault_list_add(faults, line);
    }
    store_relaxed_16(&magazine->count, (uint16_t)good);
    return good;
}

/* Opens a magazine of several classes and puts its blocks into their bins one by one. */
static void sort_magazine(struct pool *pool, const struct magazine *magazine, struct fault_list *faults)
{
    const struct opening opening = opening_of(pool, pool->token);
    magazine_prefetch(magazine);
    for (uint32_t i = 0; i < magazine->count; i++) {
        uint32_t line = magazine->lines[i];
        uint32_t class = opened_class(opening, line);
        if (class >= N_CLASSES || !open_state(opening, line)) {
            fault_list_add(faults, line);
            continue;
        }
        struct cursor *free = &pool->bins[class].free;
        if (free->top != free->limit)
            store_relaxed_32(free->top++, line); /* statistics may look */
        else
            bin_put(pool, class, line);
    }
}

/*
 * Turns a magazine of long blocks round: they are allocated from its end, and what was freed first, often what lies first, comes
 * first then. Processors fetch ahead upwards, beyond the end of a page, too.
 */
static void turn_long(struct magazine *magazine, uint32_t block_lines)
{
    if (block_lines < TURN_LINES_MIN)
        return;
    uint32_t *first = magazine->lines;
    for (uint32_t *last = first + magazine->count - 1; first < last; first++, last--) {
        const uint32_t line = *first;
        store_relaxed_32(first, *last); /* statistics may look */
        store_relaxed_32(last, line);
    }
}

/* Takes in a magazine from the inbox. */
static void open_and_file(struct pool *pool, struct magazine *magazine, struct fault_list *faults)
{
    if (magazine->class == CLASS_MIXED) {
        sort_magazine(pool, magazine, faults);
    } else if (drain_open(pool, magazine, pool->token, faults) > 0) {
        struct bin *bin = &pool->bins[magazine->class];
        turn_long(magazine, pool->classes[magazine->class].lines);
        if (bin->run > 0)
            bin->run--;
        bin_file(pool, magazine->class, magazine);
        return;
    }
    magazine_put(&pool->heap->magazines, &pool->empties, magazine);
}

uint32_t pool_drain(struct pool *pool, struct fault_list *faults)
{
    uint32_t blocks = 0;
    struct magazine *magazine = fault_list_has_room(faults) ? inbox_take(&pool->heap->magazines, pool) : NULL;
    if (magazine != NULL) {
        blocks = magazine->count > 0 ? magazine->count : 1;
        PROBE_DRAIN(pool->heap, pool->id, magazine->count);
        open_and_file(pool, magazine, faults);
    }
    if (load_relaxed_32(&pool->inbox.returned) != 0) {
        uint32_t one = 1;
        if (SEEDED(drain_flag, true, false))
            cas_32(&pool->inbox.returned, &one, 0); /* before the bits are read: who sets one later sets it again */
        span_collect_returned(pool);
        MISPLACED(drain_flag, cas_32(&pool->inbox.returned, &one, 0));
        blocks = blocks > 0 ? blocks : 1;
    }
    return blocks;
}
