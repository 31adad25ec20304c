/*
 * Heaps: what pMemContext points to. A static table of slots; a heap is a pointer to its slot.
 *
 * The gate, one word per slot, says which life the slot is in (generation), whether the heap is open and how many visitors are
 * inside. Thread exit, detach, trim, walk and statistics enter and leave; destroy closes the gate, and whoever leaves last releases
 * the memory: nobody waits. AllocateMemory and FreeMemory do not enter: destroying a heap while they run on it is the caller's
 * error.
 */
#ifndef PERFPOOL_HEAP_H
#define PERFPOOL_HEAP_H

#include "arena.h"
#include "magazine.h"
#include "perfpool.h"

enum { HEAP_SLOTS = 1024, HEAP_NAME_MAX = 32, HEAP_SLOT_SHIFT = 10, HEAP_SLOT_SIZE = 1 << HEAP_SLOT_SHIFT };

/* Gate: generation in the high half, then phase and visitors. */
enum { GATE_PHASE_SHIFT = 30, GATE_FREE = 0, GATE_BUILDING = 1, GATE_OPEN = 2, GATE_CLOSING = 3 };

struct perfpool_heap {
    uint64_t gate __attribute__((aligned(128)));
    uint64_t retired;   /* when the slot's last heap went, in destructions; the oldest slot is used first */
    char *cached_pools; /* the arena's pools, here for thread_switch; NULL: no thread caches its pool, for all calls check more */

    struct arena arena __attribute__((aligned(128)));
    struct magazine_store magazines;
    uint32_t n_pools __attribute__((aligned(128))); /* pool ids 1 .. n_pools have memory; read-mostly */
    uint32_t flags, isolation;
    const struct size_class *classes;
    perfpool_fault_fn on_fault;
    void *fault_arg;
    char name[HEAP_NAME_MAX];
    struct index_stack unbound[2]
        __attribute__((aligned(128))); /* pools without a thread: those a sweep has seen, and the others */
    uint32_t swept;                    /* where the seen and the new ones go: 0 or 1; a hint, either is right */
    uint64_t faults;
};
_Static_assert(sizeof(struct perfpool_heap) == HEAP_SLOT_SIZE, "heaps are found by a shift");

extern struct perfpool_heap heap_slots[HEAP_SLOTS];

static inline uint32_t heap_slot(const struct perfpool_heap *heap)
{
    return (uint32_t)(heap - heap_slots);
}

static inline uint32_t heap_generation(const struct perfpool_heap *heap)
{
    return (uint32_t)(load_acquire_64(&heap->gate) >> 32); /* pairs with the release that opened the gate: all fields are set */
}

/* The open heap that `context` names, made first if it is NULL; NULL if there is none. Any thread. Lock-free. */
struct perfpool_heap *heap_resolve(const void *context);

/* As heap_resolve, but reports a bad context as a fault. */
struct perfpool_heap *heap_resolve_or_fault(const void *context);

extern struct perfpool_heap *heap_default;

/* The default heap if it has been made, else NULL. Any thread. Wait-free. */
static inline struct perfpool_heap *heap_default_if_made(void)
{
    return load_acquire_ptr((void *const *)&heap_default); /* pairs with the CAS that published it */
}

/* The slot at an address, or HEAP_SLOTS or more if there is none: a pointer into a slot has low bits, which the rotation makes high
 * ones. */
static inline uintptr_t heap_slot_of_address(const void *context)
{
    uintptr_t offset = (uintptr_t)context - (uintptr_t)heap_slots;
    return offset / HEAP_SLOT_SIZE | offset << (sizeof offset * 8 - HEAP_SLOT_SHIFT);
}

/* Whether a gate is that of an open heap of a generation. */
static inline bool gate_is_open(uint64_t gate, uint32_t generation)
{
    return gate >> GATE_PHASE_SHIFT == ((uint64_t)generation << (32 - GATE_PHASE_SHIFT) | GATE_OPEN);
}

/* Enters an open heap, of a given generation or of any (0); false if it is not open. Any thread. Lock-free. */
bool heap_enter(struct perfpool_heap *heap, uint32_t generation);

/* Leaves a heap; the last to leave a closed one releases its memory. */
void heap_leave(struct perfpool_heap *heap);

/* In a fork's child whose thread visits no heap: nobody is inside any, and what others had begun to build or destroy is over. Only
 * thread. */
void heap_forked(void);

/* Releases every heap without live blocks, as the library is unloaded. Only thread. */
void heap_release_all(void);

#endif
