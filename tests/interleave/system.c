/*
 * The system layer of the library in the checker: memory is the checker's, every call that the system would answer is a scheduling
 * point and may be refused, a thread is a coroutine.
 */
#include "os.h"

#include "interleave/explore.h"
#include "interleave/memory.h"
#include "perfpool.h"
#include "thread.h"

#include <errno.h>

__thread struct os_thread os_thread = {&thread_unbound, &thread_empty_pool};
__thread uint32_t os_thread_visits;

static const char nothing; /* stands for what the system keeps to itself */

/* A range is the library's, often a heap's, and this file is not compiled like its sources. */
void checker_plain(const void *address, size_t size, bool writes);

bool os_reserve(struct os_range *range, size_t size)
{
    if (!explore_system_call(&nothing, 1, true, SYSTEM_NOTHING))
        return false;
    checker_plain(range, sizeof *range, true);
    range->base = memory_reserve(size);
    range->size = size;
    range->prefix = false;
    return range->base != NULL;
}

void os_release(const struct os_range *range)
{
    checker_plain(range, sizeof *range, false);
    const char *base = range->base;
    const size_t size = range->size;
    explore_system_call(base, size, false, SYSTEM_RELEASES);
    memory_release(base, size);
}

bool os_commit(const struct os_range *range, void *start, size_t size)
{
    (void)range;
    if (!explore_system_call(&nothing, 1, true, SYSTEM_NOTHING))
        return false;
    memory_commit(start, size);
    return true;
}

bool os_decommit(const struct os_range *range, void *start, size_t size)
{
    (void)range;
    if (!explore_system_call(start, size, true, SYSTEM_CLEARS))
        return false;
    memory_clear(start, size);
    return true;
}

void os_small_pages(void *start, size_t size)
{
    (void)start, (void)size;
}

size_t os_address_space_left(void)
{
    return SIZE_MAX;
}

size_t os_default_reserve(bool default_heap)
{
    (void)default_heap;
    return (size_t)1 << 20;
}

void os_set_error(enum os_error error)
{
    errno = 1 + (int)error;
}

uint32_t os_save_error(void)
{
    return (uint32_t)errno;
}

void os_restore_error(uint32_t saved)
{
    errno = (int)saved;
}

const char *os_environment(char *buffer, size_t size)
{
    (void)buffer, (void)size;
    return NULL;
}

void os_write(const char *text, size_t length)
{
    (void)text, (void)length;
}

_Noreturn void os_fail(const char *text)
{
    explore_failed("%s", text);
}

bool os_library_attach(void)
{
    return true;
}

bool os_thread_set(struct thread_record *record)
{
    if (!explore_system_call(&nothing, 1, true, SYSTEM_NOTHING))
        return false;
    os_thread.record = record;
    return true;
}

void os_thread_mark_gone(void)
{
    os_thread.record = &thread_gone;
}
