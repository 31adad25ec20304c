#include "platform.h"

/* What Ctrl+C sets, NULL: nothing. */
static struct platform_event *volatile interrupted;

static DWORD WINAPI run_thread(LPVOID argument)
{
    struct platform_thread *thread = argument;

    thread->run(thread->argument);
    return 0;
}

bool platform_thread_start(struct platform_thread *thread, void (*run)(void *argument), void *argument)
{
    thread->run = run;
    thread->argument = argument;
    thread->handle = CreateThread(NULL, 0, run_thread, thread, 0, NULL);
    return thread->handle != NULL;
}

void platform_thread_join(struct platform_thread *thread)
{
    WaitForSingleObject(thread->handle, INFINITE);
    CloseHandle(thread->handle);
}

bool platform_event_init(struct platform_event *event)
{
    event->handle = CreateEventA(NULL, TRUE, FALSE, NULL);
    return event->handle != NULL;
}

void platform_event_destroy(struct platform_event *event)
{
    CloseHandle(event->handle);
}

void platform_event_set(struct platform_event *event)
{
    SetEvent(event->handle);
}

bool platform_event_wait(struct platform_event *event, uint32_t milliseconds)
{
    return WaitForSingleObject(event->handle, milliseconds == PLATFORM_FOREVER ? INFINITE : milliseconds) == WAIT_OBJECT_0;
}

static BOOL WINAPI on_console_event(DWORD what)
{
    struct platform_event *event = interrupted;

    (void)what;
    if (event != NULL) {
        SetEvent(event->handle);
    }
    return TRUE;
}

void platform_set_on_interrupt(struct platform_event *event)
{
    if (interrupted == NULL && event != NULL) {
        SetConsoleCtrlHandler(on_console_event, TRUE);
    }
    interrupted = event;
}

uint64_t platform_microseconds(void)
{
    LARGE_INTEGER now;
    LARGE_INTEGER frequency;
    uint64_t seconds;

    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&frequency);
    seconds = (uint64_t)now.QuadPart / (uint64_t)frequency.QuadPart;
    return seconds * 1000000 +
           ((uint64_t)now.QuadPart - seconds * (uint64_t)frequency.QuadPart) * 1000000 / (uint64_t)frequency.QuadPart;
}
