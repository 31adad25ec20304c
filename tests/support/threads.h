/*
 * Threads, semaphores and barriers for tests, the same on POSIX and Windows. Nothing here fails: what the system refuses ends
 * the program with a message.
 */
#ifndef PERFPOOL_TESTS_THREADS_H
#define PERFPOOL_TESTS_THREADS_H

#ifdef _WIN32
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
#else
#include <pthread.h>
#include <semaphore.h>
#endif

typedef void (*thread_function)(void *argument);

/* Owned by whoever starts the thread; stays in place until it is joined. */
struct thread {
    thread_function run;
    void *argument;
#ifdef _WIN32
    HANDLE handle;
#else
    pthread_t handle;
#endif
};

/* A counting semaphore. Any thread may post and wait. */
struct semaphore {
#ifdef _WIN32
    HANDLE handle;
#else
    sem_t handle;
#endif
};

/* A barrier that may be used again and again by the same number of threads. */
struct barrier {
#ifdef _WIN32
    SRWLOCK lock;
    CONDITION_VARIABLE opened;
    unsigned threads, waiting, round;
#else
    pthread_barrier_t handle;
#endif
};

void thread_start(struct thread *thread, thread_function run, void *argument);
/* Returns when the thread has ended, its exit handlers included. */
void thread_join(struct thread *thread);
/* Starts a thread and waits for its end. */
void thread_run(thread_function run, void *argument);
void thread_yield(void);

void semaphore_init(struct semaphore *semaphore);
void semaphore_post(struct semaphore *semaphore);
void semaphore_wait(struct semaphore *semaphore);
void semaphore_destroy(struct semaphore *semaphore);

void barrier_init(struct barrier *barrier, unsigned threads);
void barrier_wait(struct barrier *barrier);
void barrier_destroy(struct barrier *barrier);

#endif
