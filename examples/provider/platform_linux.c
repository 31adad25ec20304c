#include "platform.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

/* What Ctrl+C sets, NULL: nothing. */
static struct platform_event *volatile interrupted;

static void *run_thread(void *argument)
{
    struct platform_thread *thread = argument;

    thread->run(thread->argument);
    return NULL;
}

bool platform_thread_start(struct platform_thread *thread, void (*run)(void *argument), void *argument)
{
    thread->run = run;
    thread->argument = argument;
    return pthread_create(&thread->handle, NULL, run_thread, thread) == 0;
}

void platform_thread_join(struct platform_thread *thread)
{
    pthread_join(thread->handle, NULL);
}

/* A semaphore that whoever got through posts again: it may be posted by a signal handler, a condition may not. */
bool platform_event_init(struct platform_event *event)
{
    return sem_init(&event->semaphore, 0, 0) == 0;
}

void platform_event_destroy(struct platform_event *event)
{
    sem_destroy(&event->semaphore);
}

void platform_event_set(struct platform_event *event)
{
    sem_post(&event->semaphore);
}

bool platform_event_wait(struct platform_event *event, uint32_t milliseconds)
{
    struct timespec deadline;
    int result;

    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += (time_t)(milliseconds / 1000);
    deadline.tv_nsec += (long)(milliseconds % 1000) * 1000000;
    if (deadline.tv_nsec >= 1000000000) {
        deadline.tv_sec++;
        deadline.tv_nsec -= 1000000000;
    }
    do {
        result = milliseconds == PLATFORM_FOREVER ? sem_wait(&event->semaphore) : sem_timedwait(&event->semaphore, &deadline);
    } while (result != 0 && errno == EINTR);
    if (result != 0) {
        return false;
    }
    sem_post(&event->semaphore);
    return true;
}

static void on_signal(int signal_number)
{
    const int saved_errno = errno;

    (void)signal_number;
    if (interrupted != NULL) {
        sem_post(&interrupted->semaphore);
    }
    errno = saved_errno;
}

void platform_set_on_interrupt(struct platform_event *event)
{
    struct sigaction action;

    interrupted = event;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

uint64_t platform_microseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}
