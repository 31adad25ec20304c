/* What the library needs of Windows: threads, clocks, the machine's name, the system's own PERFLIB. */
#include "internal.h"
#include "lock.h"
#include "perflib_table.h"
#include "system.h"

#include <io.h>
#include <stdlib.h>

bool condition_wait_for(struct condition *condition, struct lock *lock, uint64_t milliseconds)
{
    return SleepConditionVariableSRW(&condition->condition, &lock->lock, (DWORD)milliseconds, 0) || GetLastError() != ERROR_TIMEOUT;
}

struct thread_start {
    void (*run)(void *argument);
    void *argument;
};

static DWORD WINAPI run_thread(LPVOID argument)
{
    struct thread_start start = *(struct thread_start *)argument;

    free(argument);
    start.run(start.argument);
    return 0;
}

bool detached_thread_start(void (*run)(void *argument), void *argument)
{
    struct thread_start *start = malloc(sizeof *start);
    HANDLE thread;

    if (start == NULL)
        return false;
    *start = (struct thread_start){run, argument};
    thread = CreateThread(NULL, 0, run_thread, start, 0, NULL);
    if (thread == NULL) {
        free(start);
        return false;
    }
    CloseHandle(thread);
    return true;
}

uintptr_t thread_number(void)
{
    return GetCurrentThreadId();
}

void system_time(ULONGLONG *ticks, ULONGLONG *frequency, ULONGLONG *time_100ns)
{
    LARGE_INTEGER number;
    FILETIME now;

    QueryPerformanceCounter(&number);
    *ticks = (ULONGLONG)number.QuadPart;
    QueryPerformanceFrequency(&number);
    *frequency = (ULONGLONG)number.QuadPart;
    GetSystemTimeAsFileTime(&now);
    *time_100ns = (ULONGLONG)now.dwHighDateTime << 32 | now.dwLowDateTime;
}

size_t system_machine_name(WCHAR name[SYSTEM_MACHINE_NAME])
{
    DWORD length = SYSTEM_MACHINE_NAME;

    if (!GetComputerNameW(name, &length))
        length = 0;
    name[length] = 0;
    return length;
}

void system_local_time(ULONGLONG time_100ns, struct system_clock *clock)
{
    FILETIME time = {(DWORD)time_100ns, (DWORD)(time_100ns >> 32)};
    SYSTEMTIME utc;
    SYSTEMTIME local;

    FileTimeToSystemTime(&time, &utc);
    if (!SystemTimeToTzSpecificLocalTime(NULL, &utc, &local))
        local = utc;
    clock->hour = local.wHour;
    clock->minute = local.wMinute;
    clock->second = local.wSecond;
    clock->millisecond = local.wMilliseconds;
}

bool system_is_terminal(FILE *file)
{
    return _isatty(_fileno(file)) != 0;
}

static struct perflib system_table;
static INIT_ONCE system_once = INIT_ONCE_STATIC_INIT;

/* The functions are resolved by name, because a program that imports one Wine lacks dies at the first call. */
static BOOL CALLBACK fill_system_table(PINIT_ONCE once, PVOID parameter, PVOID *context)
{
    HMODULE module = LoadLibraryA("advapi32.dll");

    (void)once;
    (void)parameter;
    (void)context;
    if (module == NULL)
        return TRUE;
    system_table.name = "the system's PERFLIB";
#define RESOLVE(function) \
    system_table.function = (__typeof__(system_table.function))(void (*)(void))GetProcAddress(module, #function)
    RESOLVE(PerfStartProvider);
    RESOLVE(PerfStartProviderEx);
    RESOLVE(PerfStopProvider);
    RESOLVE(PerfSetCounterSetInfo);
    RESOLVE(PerfCreateInstance);
    RESOLVE(PerfQueryInstance);
    RESOLVE(PerfDeleteInstance);
    RESOLVE(PerfSetCounterRefValue);
    RESOLVE(PerfSetULongCounterValue);
    RESOLVE(PerfSetULongLongCounterValue);
    RESOLVE(PerfIncrementULongCounterValue);
    RESOLVE(PerfIncrementULongLongCounterValue);
    RESOLVE(PerfDecrementULongCounterValue);
    RESOLVE(PerfDecrementULongLongCounterValue);
#undef RESOLVE
    return TRUE;
}

const struct perflib *perflib_system(void)
{
    InitOnceExecuteOnce(&system_once, fill_system_table, NULL, NULL);
    return system_table.name != NULL ? &system_table : NULL;
}
