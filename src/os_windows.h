/*
 * The thread-local pointer on Windows, where TlsSetValue puts it: in one of 64 slots of the thread's TEB, or for higher indexes in
 * an array that the TEB points to once the thread has set one of them. Reading it there needs no call, so the callbacks need no
 * stack. The GNU toolchain emulates _Thread_local, slowly, and frees it before the detach call.
 */
#ifndef PERFPOOL_OS_WINDOWS_H
#define PERFPOOL_OS_WINDOWS_H

#ifdef _WIN64
#define OS_TEB_LOAD "movq %%gs:(%1), %0"
enum { OS_TEB_SLOTS = 0x1480, OS_TEB_FAR_SLOTS = 0x1780 };
#else
#define OS_TEB_LOAD "movl %%fs:(%1), %0"
enum { OS_TEB_SLOTS = 0xE10, OS_TEB_FAR_SLOTS = 0xF94 };
#endif

/* Byte offset of our slot in the TEB, or OS_FAR plus that in the array of far slots. Constant after load. */
enum { OS_FAR = 1 << 16 };
extern uint32_t os_teb_offset;

static inline void *os_teb_load(uintptr_t offset)
{
    void *value;
    __asm__ volatile(OS_TEB_LOAD : "=r"(value) : "r"(offset));
    return value;
}

static inline void os_visit(uint32_t change)
{
    (void)change; /* counted for fork only */
}

static inline struct thread_record *os_thread_get(void)
{
    uintptr_t offset = os_teb_offset;
    struct thread_record *record = (void *)0;
    if (__builtin_expect(offset < OS_FAR, 1)) {
        record = os_teb_load(offset);
    } else {
        char *slots = os_teb_load(OS_TEB_FAR_SLOTS);
        if (slots != (void *)0)
            record = *(struct thread_record **)(void *)(slots + (offset - OS_FAR));
    }
    return record != (void *)0 ? record : &thread_unbound;
}

#endif
