#include "interleave/memory.h"

#include "heap.h"
#include "interleave/explore.h"

#include <string.h>
#include <sys/mman.h>

enum {
    UNIT_SHIFT = 12,
    UNITS = WORLD_SIZE >> UNIT_SHIFT,
    LOG_MAX = 1 << 20,
    ALIGNMENT = 64 << 10,
    WORDS_SEEN = 4096,
    STATES_SEEN = 1 << 22
};
enum unit_state { UNIT_UNKNOWN, UNIT_COMMITTED, UNIT_RELEASED };

/* One word and what was there. */
struct note {
    uint64_t *word;
    uint64_t value;
};

extern char __data_start[], _end[]; /* the linker's: all variables of the program */

static char *world;
static uint8_t *units;     /* enum unit_state, in memory that is logged like the rest */
static size_t *world_used; /* bytes, and behind them ranges */
static struct note *notes;
static size_t n_notes;
static uint64_t *words_seen, *states_seen;

static void *map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        explore_broken("no memory for the checker");
    return memory;
}

void memory_create(void)
{
    world = map((size_t)WORLD_SIZE + ALIGNMENT);
    world += -(uintptr_t)world & (ALIGNMENT - 1);
    units = map(UNITS + 2 * sizeof *world_used);
    world_used = (size_t *)(void *)(units + UNITS);
    notes = map(LOG_MAX * sizeof *notes);
    words_seen = map(WORDS_SEEN * sizeof *words_seen);
    states_seen = map(STATES_SEEN * sizeof *states_seen);
}

static bool in_world(const volatile void *address)
{
    return (uintptr_t)address - (uintptr_t)world < WORLD_SIZE;
}

static size_t variables(void)
{
    return (uintptr_t)_end - (uintptr_t)__data_start;
}

bool memory_is_tracked(const volatile void *address)
{
    return in_world(address) || (uintptr_t)address - (uintptr_t)__data_start < variables();
}

size_t memory_place(const volatile void *address)
{
    return in_world(address) ? variables() + ((uintptr_t)address - (uintptr_t)world) : (uintptr_t)address - (uintptr_t)__data_start;
}

size_t memory_places(void)
{
    return variables() + WORLD_SIZE;
}

void memory_log(const volatile void *address, size_t size)
{
    uintptr_t at = (uintptr_t)address & ~(uintptr_t)7;
    for (; at < (uintptr_t)address + size; at += 8) {
        if (n_notes == LOG_MAX)
            explore_broken("a schedule writes too much");
        notes[n_notes++] = (struct note){(uint64_t *)at, *(const uint64_t *)at};
    }
}

void memory_roll_back(void)
{
    while (n_notes > 0) {
        n_notes--;
        *notes[n_notes].word = notes[n_notes].value;
    }
}

static uint64_t mix(uint64_t one, uint64_t other)
{
    uint64_t sum = (one ^ other * 0x9e3779b97f4a7c15) * 0xff51afd7ed558ccd;
    sum ^= sum >> 32;
    return sum * 0xc4ceb9fe1a85ec53;
}

/* Puts a value into a set, an open table with `n` places of which 0 is free; false if it is there or the table is full. */
static bool put_into(uint64_t *table, size_t n, uint64_t value)
{
    size_t at = (size_t)mix(value, 1) & (n - 1);
    for (size_t tries = 0; tries < 64; tries++, at = (at + 1) & (n - 1)) {
        if (table[at] == value)
            return false;
        if (table[at] == 0) {
            table[at] = value;
            return true;
        }
    }
    return true; /* counts as new */
}

/* The first note of a word has what was there at the set-up, so words that are as then do not count. */
bool memory_seen_before(uint64_t also)
{
    uint64_t sum = mix(also, 1) | 1;
    memset(words_seen, 0, WORDS_SEEN * sizeof *words_seen);
    if (n_notes > WORDS_SEEN / 2)
        return false;
    for (size_t i = 0; i < n_notes; i++)
        if (*notes[i].word != notes[i].value && put_into(words_seen, WORDS_SEEN, (uintptr_t)notes[i].word))
            sum += mix((uintptr_t)notes[i].word, *notes[i].word);
    return !put_into(states_seen, STATES_SEEN, sum | 1);
}

void memory_keep(void)
{
    n_notes = 0;
}

static uint64_t digest(uint64_t sum, const char *start, size_t size)
{
    for (size_t i = 0; i + 8 <= size; i += 8) {
        uint64_t word;
        memcpy(&word, start + i, 8);
        sum = (sum ^ word) * 0x9e3779b97f4a7c15 + i;
    }
    return sum;
}

uint64_t memory_digest(void)
{
    const uint64_t sum = digest(digest(0, world, *world_used), (const char *)units, UNITS);
    return digest(sum, (const char *)heap_slots, sizeof heap_slots);
}

char *memory_reserve(size_t size)
{
    const size_t start = *world_used;
    if (size > WORLD_SIZE - start)
        return NULL;
    memory_log(world_used, 2 * sizeof *world_used);
    world_used[1]++;
    *world_used = (start + size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    return world + start;
}

static void set_units(const char *start, size_t size, enum unit_state state)
{
    const size_t first = (size_t)(start - world) >> UNIT_SHIFT;
    const size_t end = ((size_t)(start - world) + size - 1) >> UNIT_SHIFT;
    for (size_t i = first; i <= end; i++) {
        if (units[i] == state)
            continue;
        if (units[i] == UNIT_RELEASED)
            explore_failed("memory at %p is used after it was released", (const void *)start);
        memory_log(&units[i], 1);
        units[i] = (uint8_t)state;
    }
}

void memory_release(const char *base, size_t size)
{
    if (units[(size_t)(base - world) >> UNIT_SHIFT] == UNIT_RELEASED)
        explore_failed("the range at %p is released twice", (const void *)base);
    set_units(base, size, UNIT_RELEASED);
    memory_log(world_used, 2 * sizeof *world_used);
    world_used[1]--;
}

size_t memory_ranges(void)
{
    return world_used[1];
}

void memory_commit(const char *start, size_t size)
{
    set_units(start, size, UNIT_COMMITTED);
}

void memory_clear(char *start, size_t size)
{
    for (uint64_t *word = (uint64_t *)(void *)start; word < (uint64_t *)(void *)(start + size); word++)
        if (*word != 0) {
            memory_log(word, sizeof *word);
            *word = 0;
        }
}

void memory_expect_usable(const volatile void *address, size_t size)
{
    if (!in_world(address))
        return;
    const size_t at = (uintptr_t)address - (uintptr_t)world;
    for (size_t i = at >> UNIT_SHIFT; i <= (at + size - 1) >> UNIT_SHIFT; i++)
        if (units[i] != UNIT_COMMITTED)
            explore_failed("%p is used, which is %s", (const void *)(uintptr_t)address,
                           units[i] == UNIT_RELEASED ? "released" : "not committed");
}
