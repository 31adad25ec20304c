#include "interleave/races.h"

#include "interleave/explore.h"
#include "interleave/memory.h"

#include <string.h>
#include <sys/mman.h>

enum past { PAST_PLAIN_READ, PAST_PLAIN_WRITE, PAST_SHARED_READ, PAST_SHARED_WRITE, PASTS };

/* A place: a field's first byte, or every fourth one of what is longer. */
struct cell {
    uint32_t schedule;                 /* what follows is of this one, but for the two flags */
    uint8_t readers, writers;          /* threads; shared accesses only */
    bool contended, known;             /* in any schedule; known: it is in `cells` */
    uint16_t past[PASTS][THREADS_MAX]; /* a thread's clock at its last access of each kind */
    uint16_t released[THREADS_MAX];    /* the clocks that the last release left here */
};

enum { CELLS_MAX = 1 << 20 };

static struct cell *shadow;
static struct cell **cells; /* all that were ever touched, to find those of a range */
static const volatile char **addresses;
static unsigned n_cells, news;
static uint32_t schedule;
static uint16_t clocks[THREADS_MAX][THREADS_MAX]; /* [thread][what it knows of whom] */

static void *map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        explore_broken("no memory for the checker");
    return memory;
}

void races_create(void)
{
    shadow = map(memory_places() * sizeof *shadow);
    cells = map(CELLS_MAX * sizeof *cells);         // NOLINT(bugprone-sizeof-expression): what it points to is meant
    addresses = map(CELLS_MAX * sizeof *addresses); // NOLINT(bugprone-sizeof-expression): it is a table of pointers
}

void races_begin(void)
{
    schedule++;
    memset(clocks, 0, sizeof clocks);
    for (unsigned i = 0; i < THREADS_MAX; i++)
        clocks[i][i] = 1;
}

static struct cell *cell_at(const volatile void *address)
{
    struct cell *cell = &shadow[memory_place(address)];
    if (!cell->known) {
        if (n_cells == CELLS_MAX)
            explore_broken("too many places");
        cell->known = true;
        addresses[n_cells] = address;
        cells[n_cells++] = cell;
    }
    if (cell->schedule != schedule) {
        cell->schedule = schedule;
        cell->readers = cell->writers = 0;
        memset(cell->past, 0, sizeof cell->past);
        memset(cell->released, 0, sizeof cell->released);
    }
    return cell;
}

static void expect_ordered(unsigned thread, const struct cell *cell, enum past past, const volatile void *address, bool writes)
{
    for (unsigned other = 0; other < THREADS_MAX; other++)
        if (other != thread && cell->past[past][other] > clocks[thread][other])
            explore_failed("race at %s: a %s of thread %c and a %s of thread %c, not both atomic, are not ordered",
                           explore_describe(address), writes ? "write" : "read", 'a' + (char)thread,
                           past == PAST_PLAIN_WRITE || past == PAST_SHARED_WRITE ? "write" : "read", 'a' + (char)other);
}

static void plain_cell(unsigned thread, const volatile void *address, bool writes)
{
    struct cell *cell = cell_at(address);
    expect_ordered(thread, cell, PAST_PLAIN_WRITE, address, writes);
    expect_ordered(thread, cell, PAST_SHARED_WRITE, address, writes);
    if (writes) {
        expect_ordered(thread, cell, PAST_PLAIN_READ, address, writes);
        expect_ordered(thread, cell, PAST_SHARED_READ, address, writes);
    }
    cell->past[writes ? PAST_PLAIN_WRITE : PAST_PLAIN_READ][thread] = clocks[thread][thread];
}

void races_plain(unsigned thread, const volatile void *address, size_t size, bool writes)
{
    for (size_t i = 0; i < size; i += 4)
        plain_cell(thread, (const volatile char *)address + i, writes);
}

static void note_contention(unsigned thread, struct cell *cell, bool writes)
{
    *(writes ? &cell->writers : &cell->readers) |= (uint8_t)(1U << thread);
    const uint8_t all = cell->readers | cell->writers;
    if (!cell->contended && cell->writers != 0 && (all & (all - 1)) != 0) {
        cell->contended = true;
        news++;
    }
}

static void shared_cell(unsigned thread, const volatile void *address, bool writes)
{
    struct cell *cell = cell_at(address);
    expect_ordered(thread, cell, PAST_PLAIN_WRITE, address, writes);
    if (writes)
        expect_ordered(thread, cell, PAST_PLAIN_READ, address, writes);
    cell->past[writes ? PAST_SHARED_WRITE : PAST_SHARED_READ][thread] = clocks[thread][thread];
    note_contention(thread, cell, writes);
}

static void acquire(unsigned thread, const struct cell *cell)
{
    for (unsigned i = 0; i < THREADS_MAX; i++)
        if (cell->released[i] > clocks[thread][i])
            clocks[thread][i] = cell->released[i];
}

static void release(unsigned thread, struct cell *cell)
{
    memcpy(cell->released, clocks[thread], sizeof cell->released);
    clocks[thread][thread]++;
}

void races_shared(unsigned thread, const volatile void *address, size_t size, enum access_kind kind)
{
    const bool writes = kind != ACCESS_LOAD && kind != ACCESS_LOAD_ACQUIRE;
    struct cell *cell = cell_at(address);
    if (kind == ACCESS_LOAD_ACQUIRE || kind == ACCESS_SWAP)
        acquire(thread, cell);
    for (size_t i = 0; i < size; i += 4)
        shared_cell(thread, (const volatile char *)address + i, writes);
    if (kind == ACCESS_STORE)
        memset(cell->released, 0, sizeof cell->released);
    if (kind == ACCESS_STORE_RELEASE || kind == ACCESS_SWAP)
        release(thread, cell);
}

void races_range(unsigned thread, const volatile void *start, size_t size)
{
    for (unsigned i = 0; i < n_cells; i++)
        if (cells[i]->schedule == schedule && (uintptr_t)addresses[i] - (uintptr_t)start < size)
            shared_cell(thread, addresses[i], true);
}

void races_release(unsigned thread, const volatile void *start, size_t size)
{
    for (unsigned i = 0; i < n_cells; i++)
        if (cells[i]->schedule == schedule && (uintptr_t)addresses[i] - (uintptr_t)start < size)
            for (enum past past = 0; past < PASTS; past++)
                expect_ordered(thread, cells[i], past, addresses[i], true);
}

bool races_contended(const volatile void *address)
{
    return memory_is_tracked(address) && shadow[memory_place(address)].contended;
}

unsigned races_news(void)
{
    const unsigned n = news;
    news = 0;
    return n;
}
