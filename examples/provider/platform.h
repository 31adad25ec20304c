/*
 * What the example needs of the system beside PERFLIB: threads, an event, a clock, Ctrl+C and atomic numbers. platform_linux.c and
 * platform_windows.c have one half each.
 */
#ifndef EXAMPLE_PLATFORM_H
#define EXAMPLE_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

#ifdef _WIN32
#include <windows.h>
#else
#include <pthread.h>
#include <semaphore.h>
#endif

/* Belongs to whoever starts the thread, and stays in place until it is joined. */
struct platform_thread {
    void (*run)(void *argument);
    void *argument;
#ifdef _WIN32
    HANDLE handle;
#else
    pthread_t handle;
#endif
};

/* Set once, it stays set. Any thread may set it and wait for it. */
struct platform_event {
#ifdef _WIN32
    HANDLE handle;
#else
    sem_t semaphore;
#endif
};

/* False if the system refuses. */
bool platform_thread_start(struct platform_thread *thread, void (*run)(void *argument), void *argument);
void platform_thread_join(struct platform_thread *thread);

/* False if the system refuses. */
bool platform_event_init(struct platform_event *event);
void platform_event_destroy(struct platform_event *event);
void platform_event_set(struct platform_event *event);
/* Waits until it is set, at most so many milliseconds, PLATFORM_FOREVER: as long as it takes. True if it is set. */
bool platform_event_wait(struct platform_event *event, uint32_t milliseconds);
#define PLATFORM_FOREVER UINT32_MAX

/* From now on Ctrl+C, and what else asks a program to end, sets the event; NULL: it does nothing. Main thread. */
void platform_set_on_interrupt(struct platform_event *event);

/* Since some fixed moment. */
uint64_t platform_microseconds(void);

/*
 * Numbers that several threads, and PERFLIB's own, read and write at the same time. 8 bytes are never seen half old and half new,
 * on 32-bit Windows neither.
 */
static inline void platform_store(volatile uint64_t *number, uint64_t value)
{
#ifdef _WIN32
    InterlockedExchange64((volatile LONG64 *)number, (LONG64)value);
#else
    __atomic_store_n(number, value, __ATOMIC_SEQ_CST);
#endif
}

/* Returns the sum. */
static inline uint64_t platform_add(volatile uint64_t *number, uint64_t value)
{
#ifdef _WIN32
    return (uint64_t)InterlockedExchangeAdd64((volatile LONG64 *)number, (LONG64)value) + value;
#else
    return __atomic_add_fetch(number, value, __ATOMIC_SEQ_CST);
#endif
}

/* True if the flag was clear: whoever set it owns what it stands for, until it clears it. */
static inline bool platform_claim(volatile int32_t *flag)
{
#ifdef _WIN32
    return InterlockedExchange((volatile LONG *)flag, 1) == 0;
#else
    return __atomic_exchange_n(flag, 1, __ATOMIC_SEQ_CST) == 0;
#endif
}

static inline void platform_unclaim(volatile int32_t *flag)
{
#ifdef _WIN32
    InterlockedExchange((volatile LONG *)flag, 0);
#else
    __atomic_store_n(flag, 0, __ATOMIC_SEQ_CST);
#endif
}

#endif
