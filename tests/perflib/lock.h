/* A plain mutual-exclusion lock that lives in zeroed memory and needs no destruction. */
#ifndef PERFPOOL_TESTS_PERFLIB_LOCK_H
#define PERFPOOL_TESTS_PERFLIB_LOCK_H

#ifdef _WIN32
#include <windows.h>

struct lock {
    SRWLOCK lock;
};

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
#else
#include <pthread.h>

struct lock {
    pthread_mutex_t lock;
};

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
#endif

#endif
