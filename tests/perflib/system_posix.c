/* What the library needs of Linux: threads, clocks, the machine's name, the last error. */
#include "internal.h"
#include "lock.h"
#include "system.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { NANOSECONDS = 1000000000 };

static _Thread_local DWORD last_error;

DWORD WINAPI GetLastError(void)
{
    return last_error;
}

void WINAPI SetLastError(DWORD error)
{
    last_error = error;
}

bool condition_wait_for(struct condition *condition, struct lock *lock, uint64_t milliseconds)
{
    struct timespec until;
    uint64_t nanoseconds;

    clock_gettime(CLOCK_REALTIME, &until);
    nanoseconds = (uint64_t)until.tv_nsec + milliseconds % 1000 * 1000000;
    until.tv_sec += (time_t)(milliseconds / 1000 + nanoseconds / NANOSECONDS);
    until.tv_nsec = (long)(nanoseconds % NANOSECONDS);
    return pthread_cond_timedwait(&condition->condition, &lock->lock, &until) != ETIMEDOUT;
}

struct thread_start {
    void (*run)(void *argument);
    void *argument;
};

static void *run_thread(void *argument)
{
    struct thread_start start = *(struct thread_start *)argument;

    free(argument);
    start.run(start.argument);
    return NULL;
}

bool detached_thread_start(void (*run)(void *argument), void *argument)
{
    struct thread_start *start = malloc(sizeof *start);
    pthread_t thread;

    if (start == NULL)
        return false;
    *start = (struct thread_start){run, argument};
    if (pthread_create(&thread, NULL, run_thread, start) != 0) {
        free(start);
        return false;
    }
    pthread_detach(thread);
    return true;
}

uintptr_t thread_number(void)
{
    static _Thread_local char place;

    return (uintptr_t)&place;
}

void system_time(ULONGLONG *ticks, ULONGLONG *frequency, ULONGLONG *time_100ns)
{
    const uint64_t unix_epoch_100ns = 116444736000000000U; /* 1970, counted from 1601 */
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    *ticks = (uint64_t)now.tv_sec * NANOSECONDS + (uint64_t)now.tv_nsec;
    *frequency = NANOSECONDS;
    clock_gettime(CLOCK_REALTIME, &now);
    *time_100ns = unix_epoch_100ns + (uint64_t)now.tv_sec * (NANOSECONDS / 100) + (uint64_t)now.tv_nsec / 100;
}

size_t system_machine_name(WCHAR name[SYSTEM_MACHINE_NAME])
{
    char bytes[SYSTEM_MACHINE_NAME] = "";
    size_t length = 0;

    if (gethostname(bytes, sizeof bytes - 1) != 0)
        bytes[0] = '\0';
    for (; bytes[length] != '\0'; length++)
        name[length] = (WCHAR)(unsigned char)bytes[length];
    name[length] = 0;
    return length;
}

void system_local_time(ULONGLONG time_100ns, struct system_clock *clock)
{
    const uint64_t unix_epoch_100ns = 116444736000000000U;
    time_t seconds = (time_t)((time_100ns - unix_epoch_100ns) / 10000000);
    struct tm local;

    localtime_r(&seconds, &local);
    clock->hour = (unsigned)local.tm_hour;
    clock->minute = (unsigned)local.tm_min;
    clock->second = (unsigned)local.tm_sec;
    clock->millisecond = (unsigned)(time_100ns / 10000 % 1000);
}

bool system_is_terminal(FILE *file)
{
    return isatty(fileno(file)) != 0;
}

const struct perflib *perflib_system(void)
{
    return NULL;
}
