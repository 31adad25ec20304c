/* See memory.h. */
#include "memory.h"

#include "block.h"
#include "stack.h"
#include "strict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Alignment of the process heap's blocks (MEMORY_ALLOCATION_ALIGNMENT), and what needs the tree of blocks. */
enum {
    BLOCK_ALIGNMENT = 2 * sizeof(void *),
    TRACKED_CHECKS = PERFLIB_WRONG_CONTEXT | PERFLIB_OVERLAP | PERFLIB_NEVER_ALLOCATED | PERFLIB_LEAK,
};

/* The process heap, for providers without memory routines. */
static LPVOID CALLBACK process_heap_allocate(SIZE_T size, LPVOID context)
{
    (void)context;
#ifdef _WIN32
    return HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, size);
#else
    return calloc(1, size);
#endif
}

static void CALLBACK process_heap_release(LPVOID block, LPVOID context)
{
    (void)context;
#ifdef _WIN32
    HeapFree(GetProcessHeap(), 0, block);
#else
    free(block);
#endif
}

/* For providers that can allocate but not free: PERFLIB accepts them. */
static void CALLBACK release_nothing(LPVOID block, LPVOID context)
{
    (void)block;
    (void)context;
}

struct memory_routines memory_routines_make(PERF_MEM_ALLOC allocate, PERF_MEM_FREE release, LPVOID context, uint64_t owner)
{
    if (allocate == NULL)
        return (struct memory_routines){process_heap_allocate, process_heap_release, NULL, owner};
    return (struct memory_routines){allocate, release != NULL ? release : release_nothing, context, owner};
}

/*
 * The error state of the calling thread around a callback: the last error, and errno where that is the system's. It is set to
 * values that no function sets, so that a change shows.
 */
struct error_state {
    DWORD last_error;
    int number;
};

enum { MARK_LAST_ERROR = 0x2000B10C, MARK_ERRNO = 0x5B10C };

static struct error_state error_state_mark(void)
{
    struct error_state state = {GetLastError(), errno};

    if (strict_checks(PERFLIB_CHANGED_ERROR)) {
        SetLastError(MARK_LAST_ERROR);
        errno = MARK_ERRNO;
    }
    return state;
}

/* Reports a change since the mark, and puts the state back. The C run-time's errno is no error state on Windows. */
static void error_state_check(struct error_state state, const char *callback)
{
    DWORD last_error = GetLastError();
    int number = errno;

    if (strict_checks(PERFLIB_CHANGED_ERROR)) {
        SetLastError(state.last_error);
        errno = state.number;
        if (last_error != MARK_LAST_ERROR)
            strict_report(PERFLIB_CHANGED_ERROR, "%s changed the last error to %lu", callback, (unsigned long)last_error);
#ifndef _WIN32
        if (number != MARK_ERRNO)
            strict_report(PERFLIB_CHANGED_ERROR, "%s changed errno to %d", callback, number);
#else
        (void)number;
#endif
    }
}

static void check_stack(const char *callback, int moved)
{
    if (moved != 0)
        strict_report(PERFLIB_UNBALANCED_STACK,
                      "%s left the stack pointer off by %d bytes: it is not __stdcall with these arguments", callback, moved);
}

static bool is_zero(const unsigned char *block, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (block[i] != 0)
            return false;
    return true;
}

/* What can be seen of a new block. False if it cannot be used. */
static bool check_block(const struct memory_routines *memory, void *block, size_t size)
{
    struct block new = {(uintptr_t)block, size, *memory};
    struct block other;

    if (new.start % BLOCK_ALIGNMENT != 0 && strict_checks(PERFLIB_MISALIGNED)) {
        strict_report(PERFLIB_MISALIGNED, "the allocate routine gave %p for %lu bytes, which is not aligned to %d", block,
                      (unsigned long)size, (int)BLOCK_ALIGNMENT);
        memory->release(block, memory->context);
        return false;
    }
    if (strict_checks(TRACKED_CHECKS) && !block_add(&new, &other)) {
        strict_report(PERFLIB_OVERLAP, "the allocate routine gave %p for %lu bytes, which overlaps block %p of %lu bytes", block,
                      (unsigned long)size, (void *)other.start, (unsigned long)other.size);
        return false;
    }
    if (strict_checks(PERFLIB_NOT_ZEROED) && !is_zero(block, size))
        strict_report(PERFLIB_NOT_ZEROED, "the allocate routine gave %p for %lu bytes, which are not zero", block,
                      (unsigned long)size);
    return true;
}

void *provider_allocate(const struct memory_routines *memory, size_t size)
{
    struct error_state state;
    void *block;
    int moved;

    if (strict_allocation_fails())
        return NULL;
    state = error_state_mark();
    block = stack_call_allocate(memory->allocate, size, memory->context, &moved);
    error_state_check(state, "the allocate routine");
    check_stack("the allocate routine", moved);
    if (block == NULL || !check_block(memory, block, size))
        return NULL;
    memset(block, 0, size);
    return block;
}

/* Takes the block out of the tree, before its owner may give it to somebody else. */
static void untrack(const struct memory_routines *memory, void *block)
{
    struct block known;

    if (!strict_checks(TRACKED_CHECKS))
        return;
    if (!block_take((uintptr_t)block, &known))
        strict_report(PERFLIB_NEVER_ALLOCATED, "block %p goes back, which no allocate routine gave", block);
    else if (known.memory.release != memory->release || known.memory.context != memory->context)
        strict_report(PERFLIB_WRONG_CONTEXT, "block %p goes back with context %p; it was allocated with context %p", block,
                      memory->context, known.memory.context);
}

void provider_release(const struct memory_routines *memory, void *block)
{
    struct error_state state;
    int moved;

    untrack(memory, block);
    state = error_state_mark();
    stack_call_release(memory->release, block, memory->context, &moved);
    error_state_check(state, "the free routine");
    check_stack("the free routine", moved);
}

void memory_check_leak(uint64_t owner)
{
    struct block one;
    size_t n;

    if (!strict_checks(TRACKED_CHECKS))
        return;
    n = block_take_owner(owner, &one);
    if (n != 0)
        strict_report(PERFLIB_LEAK, "PerfStopProvider leaves %lu blocks behind, one of them %p of %lu bytes", (unsigned long)n,
                      (void *)one.start, (unsigned long)one.size);
}

ULONG memory_call_control(PERFLIBREQUEST control, ULONG code, PVOID buffer, ULONG size)
{
    int moved;
    ULONG error = stack_call_control(control, code, buffer, size, &moved);

    check_stack("the ControlCallback", moved);
    return error;
}
