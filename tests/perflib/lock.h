/*
 * Locks, conditions and threads, the same on POSIX and Windows. A lock lives in zeroed or statically initialised memory and needs
 * no destruction.
 */
#ifndef PERFPOOL_TESTS_PERFLIB_LOCK_H
#define PERFPOOL_TESTS_PERFLIB_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#ifdef _WIN32
#include <windows.h>

struct lock {
    SRWLOCK lock;
};
struct condition {
    CONDITION_VARIABLE condition;
};
/* clang-format off */
#define LOCK_INITIAL {SRWLOCK_INIT}
#define CONDITION_INITIAL {CONDITION_VARIABLE_INIT}
/* clang-format on */

static inline void lock_init(struct lock *lock)
{
    InitializeSRWLock(&lock->lock);
}

static inline void lock_take(struct lock *lock)
{
    AcquireSRWLockExclusive(&lock->lock);
}

static inline void lock_release(struct lock *lock)
{
    ReleaseSRWLockExclusive(&lock->lock);
}

/* Gives up the lock until another thread calls condition_wake_all, or without a reason; so ask again what was waited for. */
static inline void condition_wait(struct condition *condition, struct lock *lock)
{
    SleepConditionVariableSRW(&condition->condition, &lock->lock, INFINITE, 0);
}

static inline void condition_wake_all(struct condition *condition)
{
    WakeAllConditionVariable(&condition->condition);
}
#else
#include <pthread.h>

struct lock {
    pthread_mutex_t lock;
};
struct condition {
    pthread_cond_t condition;
};
/* clang-format off */
#define LOCK_INITIAL {PTHREAD_MUTEX_INITIALIZER}
#define CONDITION_INITIAL {PTHREAD_COND_INITIALIZER}
/* clang-format on */

static inline void lock_init(struct lock *lock)
{
    lock->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
}

static inline void lock_take(struct lock *lock)
{
    pthread_mutex_lock(&lock->lock);
}

static inline void lock_release(struct lock *lock)
{
    pthread_mutex_unlock(&lock->lock);
}

/* Gives up the lock until another thread calls condition_wake_all, or without a reason; so ask again what was waited for. */
static inline void condition_wait(struct condition *condition, struct lock *lock)
{
    pthread_cond_wait(&condition->condition, &lock->lock);
}

static inline void condition_wake_all(struct condition *condition)
{
    pthread_cond_broadcast(&condition->condition);
}
#endif

/* The same as condition_wait, but for so many milliseconds at most. False if they have passed. */
bool condition_wait_for(struct condition *condition, struct lock *lock, uint64_t milliseconds);

/* Starts a thread that nobody waits for. False if the system has none. */
bool detached_thread_start(void (*run)(void *argument), void *argument);

/* A number that is different for each running thread. */
uintptr_t thread_number(void);

#endif
