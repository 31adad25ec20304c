#include "support/equations.h"

#ifdef PERFPOOL_STATIC /* only programs that link the objects can look inside */

#include "pool.h"
#include "support/require.h"
#include "thread.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { REPORTS_MAX = 12 };

/* Where a block was found. NOWHERE: in no magazine. */
enum place { PLACE_NOWHERE, PLACE_CHECKED, PLACE_UNCHECKED };

/* What is known of a span before it is looked at. */
struct span_notes {
    uint8_t cutting; /* it is some bin's span to cut from */
    uint8_t listed;  /* it is in some bin's list of partly used spans, or begins a run that some pool keeps */
};

struct survey {
    const struct perfpool_heap *heap;
    const struct arena *arena;
    uint32_t n_pools, n_magazines, n_spans; /* magazine indices and spans below these have tables */
    uint8_t *blocks;                        /* enum place, by line */
    uint8_t *magazines;                     /* how often each was found, by index */
    struct span_notes *spans;
    uint64_t handed_out, large;
    unsigned wrong;
};

__attribute__((format(printf, 2, 3))) static void disagree(struct survey *survey, const char *format, ...)
{
    va_list arguments;
    if (++survey->wrong > REPORTS_MAX)
        return;
    printf("equations, heap \"%s\": ", survey->heap->name);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
}

static bool is_own_span(const struct survey *survey, uint32_t span, const struct pool *pool, uint32_t class)
{
    return span < survey->n_spans && survey->arena->headers[span] == (pool->id << HEADER_ARGUMENT_SHIFT | class);
}

/* Notes that a magazine was found; false if there is no such magazine or it was found before, so that rings end. */
static bool note_magazine(struct survey *survey, uint32_t index, const char *where)
{
    if (index == 0 || index >= survey->n_magazines) {
        disagree(survey, "%s names magazine %u of %u", where, index, survey->n_magazines);
        return false;
    }
    if (++survey->magazines[index] == 1)
        return true;
    disagree(survey, "magazine %u is in two places, the second is %s", index, where);
    return false;
}

static void expect_kind(struct survey *survey, uint32_t index, enum magazine_kind kind, const char *where)
{
    const struct magazine *magazine = magazine_at(&survey->heap->magazines, index);
    if (magazine->kind != kind)
        disagree(survey, "magazine %u in %s is of kind %u, not %u", index, where, magazine->kind, (unsigned)kind);
}

/* Notes `count` blocks of a magazine: each is of `owner`, of `class` unless that is mixed, and in no other magazine. Returns their
 * lines. */
static uint32_t note_blocks(struct survey *survey, const uint32_t *lines, size_t count, uint32_t owner, uint32_t class,
                            enum place place)
{
    uint32_t sum = 0;
    if (count > MAGAZINE_CAPACITY ||
        (class != CLASS_MIXED && (class >= N_CLASSES || count > survey->heap->classes[class].capacity))) {
        disagree(survey, "a magazine of class %u holds %zu blocks", class, count);
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        const uint32_t line = lines[i];
        const uint32_t span = line >> SPAN_LINES_SHIFT;
        const uint32_t header = span < survey->n_spans ? survey->arena->headers[span] : 0;
        const uint32_t kind = header & HEADER_KIND_MASK;
        if (header >> HEADER_ARGUMENT_SHIFT != owner || kind >= N_CLASSES || (class != CLASS_MIXED && kind != class)) {
            disagree(survey, "a magazine of owner %u, class %u has line %u, whose header is %x", owner, class, line, header);
            continue;
        }
        if (survey->blocks[line] != PLACE_NOWHERE)
            disagree(survey, "the block at line %u is in two magazines", line);
        survey->blocks[line] = (uint8_t)place;
        sum += survey->heap->classes[kind].lines;
    }
    return sum;
}

static void survey_outbox(struct survey *survey, const struct pool *pool)
{
    uint32_t held = 0;
    for (uint32_t i = 0; i < OUTBOX_SLOTS; i++) {
        const struct outbox_slot *slot = &pool->outbox.slots[i];
        const struct cursor *cursor = &slot->cursor;
        const uint32_t owner = cursor->header >> HEADER_ARGUMENT_SHIFT;
        const bool mixed = slot->class == CLASS_MIXED;
        if ((cursor->header == 0) != (slot->cursor.magazine == 0))
            disagree(survey, "pool %u: outbox slot %u has header %x and magazine %u", pool->id, i, cursor->header,
                     slot->cursor.magazine);
        if (slot->cursor.magazine == 0 || !note_magazine(survey, slot->cursor.magazine, "an outbox"))
            continue;
        const struct magazine *magazine = magazine_at(&survey->heap->magazines, slot->cursor.magazine);
        const size_t count = (size_t)(cursor->top - magazine->lines);
        const size_t places = (size_t)(cursor->limit - cursor->top);
        expect_kind(survey, slot->cursor.magazine, MAGAZINE_OUTBOX, "an outbox");
        if (owner % OUTBOX_SLOTS != i || owner > survey->n_pools || owner == pool->id)
            disagree(survey, "pool %u: outbox slot %u is for owner %u", pool->id, i, owner);
        if (!mixed && slot->class >= N_CLASSES) {
            disagree(survey, "pool %u: the slot of owner %u is for class %u", pool->id, owner, slot->class);
            continue;
        }
        if ((cursor->header & HEADER_KIND_MASK) != (mixed ? HEADER_KIND_MASK : slot->class))
            disagree(survey, "pool %u: the slot of owner %u has header %x and class %u", pool->id, owner, cursor->header,
                     slot->class);
        const uint32_t capacity = mixed ? MAGAZINE_CAPACITY : survey->heap->classes[slot->class].capacity;
        if (cursor->limit < cursor->top || count + places >= capacity)
            disagree(survey, "pool %u: the open magazine of owner %u is full or may become so unseen", pool->id, owner);
        if (mixed && slot->held >= MIXED_LINES_MAX)
            disagree(survey, "pool %u: the open magazine of owner %u holds %u lines of several classes", pool->id, owner,
                     slot->held);
        const size_t lines = note_blocks(survey, magazine->lines, count, (uint16_t)owner, slot->class, PLACE_UNCHECKED);
        const size_t granted = mixed ? 0 : places * survey->heap->classes[slot->class].lines;
        if (lines + granted != slot->held)
            disagree(survey, "pool %u: the slot of owner %u does not hold %u lines", pool->id, owner, slot->held);
        held += slot->held;
    }
    if (pool->outbox.held != held || held > OUTBOX_LINES_MAX)
        disagree(survey, "pool %u: the outbox says %u lines, its slots %u", pool->id, pool->outbox.held, held);
}

static void survey_inbox(struct survey *survey, const struct pool *pool)
{
    const struct magazine_store *store = &survey->heap->magazines;
    for (uint32_t i = (uint32_t)pool->inbox.stack.head; i != 0; i = magazine_at(store, i)->next) {
        if (!note_magazine(survey, i, "an inbox"))
            return;
        const struct magazine *magazine = magazine_at(store, i);
        const bool returned = magazine->kind == MAGAZINE_RETURN;
        if (!returned)
            expect_kind(survey, i, MAGAZINE_POSTED, "an inbox");
        if (magazine->owner != pool->id)
            disagree(survey, "magazine %u of owner %u is in the inbox of %u", i, magazine->owner, pool->id);
        note_blocks(survey, magazine->lines, magazine->count, pool->id, magazine->class,
                    returned ? PLACE_CHECKED : PLACE_UNCHECKED);
    }
}

static uint32_t index_of_lines(const struct survey *survey, const uint32_t *lines)
{
    return (uint32_t)(((uintptr_t)lines - (uintptr_t)survey->heap->magazines.all) / MAGAZINE_STRIDE);
}

static void survey_bin_magazine(struct survey *survey, uint32_t index, size_t count, uint32_t owner, uint32_t class)
{
    if (!note_magazine(survey, index, "a bin"))
        return;
    expect_kind(survey, index, MAGAZINE_BIN, "a bin");
    note_blocks(survey, magazine_at(&survey->heap->magazines, index)->lines, count, owner, class, PLACE_CHECKED);
}

static void survey_magazines_of_bin(struct survey *survey, const struct pool *pool, const struct bin *bin, uint32_t class)
{
    const struct magazine_store *store = &survey->heap->magazines;
    uint32_t n_full = 0;
    if (bin->allocate_base != NULL) {
        const size_t count = (size_t)(bin->allocate_top - bin->allocate_base);
        const uint32_t index = index_of_lines(survey, bin->allocate_base);
        const uint32_t owner = magazine_at(store, index)->owner;
        survey_bin_magazine(survey, index, count, owner != 0 ? owner : pool->id, class);
    } else if (bin->allocate_top != NULL) {
        disagree(survey, "pool %u class %u: half an allocating magazine", pool->id, class);
    }
    if (bin->free.limit != NULL) {
        const uint32_t *base = bin->free.limit - survey->heap->classes[class].capacity;
        survey_bin_magazine(survey, index_of_lines(survey, base), (size_t)(bin->free.top - base), pool->id, class);
    } else if (bin->free.top != NULL) {
        disagree(survey, "pool %u class %u: half a freeing magazine", pool->id, class);
    }
    for (uint32_t i = bin->full; i != 0 && n_full <= bin->n_full; i = magazine_at(store, i)->chain, n_full++) {
        survey_bin_magazine(survey, i, magazine_at(store, i)->count, pool->id, class);
        if (magazine_at(store, i)->class != class)
            disagree(survey, "pool %u class %u: full magazine %u says class %u", pool->id, class, i, magazine_at(store, i)->class);
    }
    if (n_full != bin->n_full)
        disagree(survey, "pool %u class %u: %u full magazines, not %u", pool->id, class, n_full, bin->n_full);
    if (extra_rest(bin->extra) == EXTRA_NEWEST && pool->zero && extra_clear(bin->extra) != size_class_bytes(&pool->classes[class]))
        disagree(survey, "pool %u class %u: freed blocks are allocated without being cleared", pool->id, class);
    if (bin->run > bin->demand)
        disagree(survey, "pool %u class %u: run %u is above demand %u", pool->id, class, bin->run, bin->demand);
}

static void survey_spans_of_bin(struct survey *survey, const struct pool *pool, const struct bin *bin, uint32_t class)
{
    uint32_t previous = 0;
    if (bin->cut_span != 0 && !is_own_span(survey, bin->cut_span - 1, pool, class))
        disagree(survey, "pool %u class %u cuts span %u, which is not its", pool->id, class, bin->cut_span - 1);
    else if (bin->cut_span != 0)
        survey->spans[bin->cut_span - 1].cutting = 1;
    for (uint32_t at = bin->partial; at != 0; at = survey->arena->records[at - 1].next) {
        if (!is_own_span(survey, at - 1, pool, class) || survey->spans[at - 1].listed) {
            disagree(survey, "pool %u class %u lists span %u wrongly", pool->id, class, at - 1);
            return;
        }
        if (survey->arena->records[at - 1].previous != previous)
            disagree(survey, "pool %u class %u: span %u has a wrong link back", pool->id, class, at - 1);
        survey->spans[at - 1].listed = 1;
        previous = at;
    }
}

static void survey_kept(struct survey *survey, const struct pool *pool)
{
    for (uint32_t n = 1; n <= KEPT_LENGTH_MAX; n++) {
        const uint32_t at = pool->kept[n - 1];
        if (at == 0)
            continue;
        if (at > survey->n_spans || survey->arena->headers[at - 1] != (pool->id << HEADER_ARGUMENT_SHIFT | HEADER_KEPT) ||
            record_spans(&survey->arena->records[at - 1]) != n)
            disagree(survey, "pool %u keeps span %u wrongly", pool->id, at - 1);
        else
            survey->spans[at - 1].listed = 1;
    }
}

/* Notes a chain of empties; returns how many. */
static uint32_t survey_chain(struct survey *survey, uint32_t index, const char *where)
{
    uint32_t n = 0;
    for (; index != 0 && note_magazine(survey, index, where); index = magazine_at(&survey->heap->magazines, index)->chain, n++)
        expect_kind(survey, index, MAGAZINE_EMPTY, where);
    return n;
}

static void survey_pool(struct survey *survey, uint32_t id)
{
    const struct pool *pool = pool_at(survey->heap, id);
    if (pool->id != id || pool->token != id << HEADER_ARGUMENT_SHIFT || pool->heap != survey->heap)
        disagree(survey, "pool %u says it is %u", id, pool->id);
    if (pool->guess != GUESS_NONE && pool->guess_free != &pool->bins[pool_class(pool->guess, pool->token) % N_CLASSES].free)
        disagree(survey, "pool %u guesses header %x and another bin", id, pool->guess);
    uint32_t spans = 0;
    for (uint32_t span = 0; span < survey->arena->opened * WORD_SPANS && span < survey->arena->n_spans; span++)
        spans += pool_class(survey->arena->headers[span], pool->token) < N_CLASSES;
    if (pool->spans != spans)
        disagree(survey, "pool %u counts %u spans and has %u", id, pool->spans, spans);
    survey_kept(survey, pool);
    survey_outbox(survey, pool);
    survey_inbox(survey, pool);
    for (uint32_t class = 0; class < N_CLASSES; class ++) {
        survey_magazines_of_bin(survey, pool, &pool->bins[class], class);
        survey_spans_of_bin(survey, pool, &pool->bins[class], class);
    }
    if (survey_chain(survey, pool->empties.loose, "a pool's empties") > pool->empties.n_loose)
        disagree(survey, "pool %u counts fewer empties than it has", id);
    survey_chain(survey, pool->empties.spare, "a pool's empties");
}

static void survey_unbound(struct survey *survey, const struct index_stack *unbound)
{
    uint32_t n = 0;
    for (uint32_t id = (uint32_t)unbound->head; id != 0; id = pool_at(survey->heap, id)->next) {
        if (id > survey->n_pools || ++n > survey->n_pools) {
            disagree(survey, "the unbound pools are no list");
            return;
        }
        if (pool_at(survey->heap, id)->record != NULL || pool_at(survey->heap, id)->outbox.held != 0)
            disagree(survey, "pool %u is among the unbound ones and has a thread or an outbox", id);
    }
}

static void survey_pile(struct survey *survey)
{
    const struct magazine_store *store = &survey->heap->magazines;
    for (uint32_t i = (uint32_t)store->pile.head; i != 0 && i < survey->n_magazines; i = magazine_at(store, i)->next)
        if (survey_chain(survey, i, "the pile") == 0)
            break;
    for (uint32_t i = 1; i < survey->n_magazines; i++)
        if (survey->magazines[i] == 0)
            disagree(survey, "magazine %u is nowhere, its kind is %u", i, magazine_at(store, i)->kind);
}

/* A block's state must say where it is. Returns 1 if it is home. */
static uint32_t survey_block(struct survey *survey, uint32_t line, const struct pool *owner)
{
    const uint8_t state = survey->arena->states[line];
    const uint8_t place = survey->blocks[line];
    const uint32_t span = line >> SPAN_LINES_SHIFT;
    bool agree = false;
    if (state == STATE_HOME || state == STATE_RETURNED)
        agree = place == PLACE_NOWHERE;
    else if (state == STATE_HELD)
        agree = place == PLACE_CHECKED;
    else if (state == STATE_SENT)
        agree = place == PLACE_UNCHECKED && owner->remote_state == STATE_SENT;
    else if (state == STATE_LIVE)
        agree = place == PLACE_NOWHERE || (place == PLACE_UNCHECKED && owner->remote_state == STATE_LIVE);
    if (!agree)
        disagree(survey, "the block at line %u has state %u and is in place %u", line, state, place);
    if (state == STATE_LIVE && place == PLACE_NOWHERE)
        survey->handed_out++;
    if (state == STATE_RETURNED &&
        ((survey->arena->words[span / WORD_SPANS].returned >> span % WORD_SPANS & 1) == 0 || owner->inbox.returned == 0))
        disagree(survey, "the block at line %u is returned and its owner is not told", line);
    return state == STATE_HOME;
}

static void survey_small(struct survey *survey, uint32_t span, uint32_t header)
{
    const struct span_record *record = &survey->arena->records[span];
    const uint32_t class = header & HEADER_KIND_MASK;
    const uint32_t id = header >> HEADER_ARGUMENT_SHIFT;
    uint32_t home = 0;
    if (id == 0 || id > survey->n_pools || record->cut > survey->heap->classes[class].blocks) {
        disagree(survey, "span %u has header %x and %u blocks cut", span, header, record->cut);
        return;
    }
    for (uint32_t i = 0; i < record->cut; i++) {
        const bool is_home =
            survey_block(survey, span * SPAN_LINES + i * survey->heap->classes[class].lines, pool_at(survey->heap, id));
        home += is_home;
        if (is_home && i < record->scan)
            disagree(survey, "span %u: block %u is home, below the scan at %u", span, i, record->scan);
    }
    if (home != record->home || (home == record->cut && home != 0))
        disagree(survey, "span %u: %u of %u blocks are home, its record says %u", span, home, record->cut, record->home);
    if (survey->spans[span].listed != (home > 0))
        disagree(survey, "span %u with %u blocks home is %slisted", span, home, home > 0 ? "not " : "");
    if (survey->spans[span].cutting != (record->cut < survey->heap->classes[class].blocks))
        disagree(survey, "span %u, %u blocks cut, is %sbeing cut", span, record->cut, survey->spans[span].cutting ? "" : "not ");
}

/* A large block, or a run that was one and is kept. */
static void survey_run(struct survey *survey, uint32_t first)
{
    const struct span_record *record = &survey->arena->records[first];
    if (record->lines == 0 || record_spans(record) > survey->n_spans - first) {
        disagree(survey, "the large block at span %u has %llu lines in %u spans", first, (unsigned long long)record->lines,
                 record_spans(record));
        return;
    }
    for (uint32_t i = 1; i < record_spans(record); i++)
        if (survey->arena->headers[first + i] != (i << HEADER_ARGUMENT_SHIFT | HEADER_TAIL))
            disagree(survey, "span %u of the large block at %u has header %x", i, first, survey->arena->headers[first + i]);
}

static bool is_run(uint32_t header)
{
    const uint32_t kind = header & HEADER_KIND_MASK;
    return kind == HEADER_LARGE || kind == HEADER_KEPT;
}

static void survey_tail(struct survey *survey, uint32_t span, uint32_t distance)
{
    const uint32_t first = span - distance;
    if (distance == 0 || distance > span || !is_run(survey->arena->headers[first]) ||
        record_spans(&survey->arena->records[first]) <= distance)
        disagree(survey, "span %u is the tail of no large block", span);
}

static void survey_span(struct survey *survey, uint32_t span)
{
    const struct arena_word *word = &survey->arena->words[span / WORD_SPANS];
    const bool claimed = (word->claimed >> span % WORD_SPANS & 1) != 0;
    const bool committed = (word->committed >> span % WORD_SPANS & 1) != 0;
    const uint32_t header = survey->arena->headers[span];
    const uint32_t kind = header & HEADER_KIND_MASK;
    if (claimed != (header != 0) || (claimed && !committed))
        disagree(survey, "span %u: claimed %d, committed %d, header %x", span, claimed, committed, header);
    if (header == 0)
        return;
    if (kind < N_CLASSES)
        survey_small(survey, span, header);
    else if (is_run(header))
        survey_run(survey, span);
    else
        survey_tail(survey, span, header >> HEADER_ARGUMENT_SHIFT);
    survey->large += kind == HEADER_LARGE;
    if (kind == HEADER_KEPT && !survey->spans[span].listed)
        disagree(survey, "span %u, kept by pool %u, is not to be found there", span, header >> HEADER_ARGUMENT_SHIFT);
}

/* What is claimed, spare and charged, from the words. */
static void survey_words(struct survey *survey)
{
    const struct arena *arena = survey->arena;
    const uint64_t states = WORD_LINES + (arena->slack != NULL ? WORD_LINES * sizeof(uint16_t) : 0);
    uint32_t in_use = 0;
    uint32_t spare = 0;
    uint64_t bytes =
        (uint64_t)arena->opened * (sizeof(struct arena_word) + WORD_SPANS * (sizeof(uint32_t) + sizeof(struct span_record)));
    for (uint32_t i = 0; i < arena->opened; i++) {
        const struct arena_word *word = &arena->words[i];
        const uint32_t n = arena->n_spans - i * WORD_SPANS;
        const uint64_t mask = n >= WORD_SPANS ? UINT64_MAX : ((uint64_t)1 << n) - 1;
        if ((word->claimed & ~mask) != ~mask || (word->committed & ~mask) != 0)
            disagree(survey, "word %u: spans beyond the arena are free or committed", i);
        if (word->trimmed != 0 && ((word->claimed & mask) != 0 || word->committed != 0))
            disagree(survey, "word %u has no states and is in use", i);
        in_use += (uint32_t)__builtin_popcountll(word->claimed & mask);
        spare += (uint32_t)__builtin_popcountll(word->committed & ~word->claimed);
        bytes += ((uint64_t)__builtin_popcountll(word->committed) << SPAN_SHIFT) + (word->trimmed != 0 ? 0 : states);
    }
    bytes += (uint64_t)survey->n_pools * POOL_STRIDE;
    bytes += (uint64_t)survey->n_magazines * MAGAZINE_STRIDE;
    if (in_use != arena_in_use(arena) || spare != arena_spare(arena))
        disagree(survey, "%u spans in use and %u spare, the arena says %u and %u", in_use, spare, arena_in_use(arena),
                 arena_spare(arena));
    if (bytes != arena->committed || arena->committed > arena->limit)
        disagree(survey, "%llu bytes are committed, the arena says %llu", (unsigned long long)bytes,
                 (unsigned long long)arena->committed);
}

unsigned equations_disagreements(perfpool_heap *heap, uint64_t *handed_out)
{
    const uint32_t spans = (uint32_t)(arena_lines(&heap->arena) >> SPAN_LINES_SHIFT);
    struct survey survey = {
        .heap = heap, .arena = &heap->arena, .n_pools = heap->n_pools, .n_magazines = heap->magazines.high, .n_spans = spans};
    survey.blocks = calloc((size_t)spans + 1, SPAN_LINES);
    survey.magazines = calloc((size_t)survey.n_magazines + 1, 1);
    survey.spans = calloc((size_t)spans + 1, sizeof *survey.spans);
    require(survey.blocks != NULL && survey.magazines != NULL && survey.spans != NULL);
    survey_words(&survey);
    for (uint32_t id = 1; id <= survey.n_pools; id++)
        survey_pool(&survey, id);
    survey_unbound(&survey, &heap->unbound[0]);
    survey_unbound(&survey, &heap->unbound[1]);
    survey_pile(&survey);
    for (uint32_t span = 0; span < spans; span++)
        survey_span(&survey, span);
    if (handed_out != NULL)
        *handed_out = survey.handed_out + survey.large;
    fflush(stdout);
    free(survey.blocks);
    free(survey.magazines);
    free(survey.spans);
    return survey.wrong;
}

#endif
