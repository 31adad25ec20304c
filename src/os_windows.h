/*
 * The thread-local pointer on Windows: a slot of the TEB. The GNU toolchain emulates _Thread_local, slowly, and frees it before the
 * detach call.
 */
#ifndef PERFPOOL_OS_WINDOWS_H
#define PERFPOOL_OS_WINDOWS_H

/* Byte offset of our slot in the TEB; 0 if the index is not one of the 64 that lie there. Constant after load. */
extern uint32_t os_teb_offset;

/* For an index of 64 or above: TlsGetValue with the last error preserved. */
struct thread_record *os_thread_get_far(void);

static inline void os_visit(uint32_t change)
{
    (void)change; /* counted for fork only */
}

static inline struct thread_record *os_thread_get(void)
{
    struct thread_record *record;
    uintptr_t offset = os_teb_offset;
    if (__builtin_expect(offset == 0, 0))
        return os_thread_get_far();
#ifdef _WIN64
    __asm__ volatile("movq %%gs:(%1), %0" : "=r"(record) : "r"(offset));
#else
    __asm__ volatile("movl %%fs:(%1), %0" : "=r"(record) : "r"(offset));
#endif
    return record != (void *)0 ? record : &thread_unbound;
}

#endif
