#include "support/threads.h"

#include "support/require.h"

#ifdef _WIN32

static DWORD WINAPI run_thread(LPVOID argument)
{
    struct thread *thread = argument;
    thread->run(thread->argument);
    return 0;
}

void thread_start(struct thread *thread, thread_function run, void *argument)
{
    thread->run = run;
    thread->argument = argument;
    thread->handle = CreateThread(NULL, 0, run_thread, thread, 0, NULL);
    require(thread->handle != NULL);
}

void thread_join(struct thread *thread)
{
    require(WaitForSingleObject(thread->handle, INFINITE) == WAIT_OBJECT_0);
    require(CloseHandle(thread->handle));
}

void thread_yield(void)
{
    SwitchToThread();
}

void semaphore_init(struct semaphore *semaphore)
{
    semaphore->handle = CreateSemaphoreA(NULL, 0, 0x7fffffff, NULL);
    require(semaphore->handle != NULL);
}

void semaphore_post(struct semaphore *semaphore)
{
    require(ReleaseSemaphore(semaphore->handle, 1, NULL));
}

void semaphore_wait(struct semaphore *semaphore)
{
    require(WaitForSingleObject(semaphore->handle, INFINITE) == WAIT_OBJECT_0);
}

void semaphore_destroy(struct semaphore *semaphore)
{
    require(CloseHandle(semaphore->handle));
}

void barrier_init(struct barrier *barrier, unsigned threads)
{
    InitializeSRWLock(&barrier->lock);
    InitializeConditionVariable(&barrier->opened);
    barrier->threads = threads;
    barrier->waiting = 0;
    barrier->round = 0;
}

void barrier_wait(struct barrier *barrier)
{
    AcquireSRWLockExclusive(&barrier->lock);
    const unsigned round = barrier->round;
    if (++barrier->waiting == barrier->threads) {
        barrier->waiting = 0;
        barrier->round++;
        WakeAllConditionVariable(&barrier->opened);
    }
    while (barrier->round == round)
        require(SleepConditionVariableSRW(&barrier->opened, &barrier->lock, INFINITE, 0));
    ReleaseSRWLockExclusive(&barrier->lock);
}

void barrier_destroy(struct barrier *barrier)
{
    barrier->threads = 0;
}

#else

#include <errno.h>
#include <sched.h>

static void *run_thread(void *argument)
{
    struct thread *thread = argument;
    thread->run(thread->argument);
    return NULL;
}

void thread_start(struct thread *thread, thread_function run, void *argument)
{
    thread->run = run;
    thread->argument = argument;
    require(pthread_create(&thread->handle, NULL, run_thread, thread) == 0);
}

void thread_join(struct thread *thread)
{
    require(pthread_join(thread->handle, NULL) == 0);
}

void thread_yield(void)
{
    sched_yield();
}

void semaphore_init(struct semaphore *semaphore)
{
    require(sem_init(&semaphore->handle, 0, 0) == 0);
}

void semaphore_post(struct semaphore *semaphore)
{
    require(sem_post(&semaphore->handle) == 0);
}

void semaphore_wait(struct semaphore *semaphore)
{
    while (sem_wait(&semaphore->handle) != 0)
        require(errno == EINTR);
}

void semaphore_destroy(struct semaphore *semaphore)
{
    require(sem_destroy(&semaphore->handle) == 0);
}

void barrier_init(struct barrier *barrier, unsigned threads)
{
    require(pthread_barrier_init(&barrier->handle, NULL, threads) == 0);
}

void barrier_wait(struct barrier *barrier)
{
    const int result = pthread_barrier_wait(&barrier->handle);
    require(result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD);
}

void barrier_destroy(struct barrier *barrier)
{
    require(pthread_barrier_destroy(&barrier->handle) == 0);
}

#endif

void thread_run(thread_function run, void *argument)
{
    struct thread thread;
    thread_start(&thread, run, argument);
    thread_join(&thread);
}
