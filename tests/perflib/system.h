/* What the library asks the operating system for, apart from locks and threads (lock.h). */
#ifndef PERFPOOL_TESTS_PERFLIB_SYSTEM_H
#define PERFPOOL_TESTS_PERFLIB_SYSTEM_H

#include "windows_shim.h"

#include <stdbool.h>
#include <stdio.h>

enum { SYSTEM_MACHINE_NAME = 256 };

struct system_clock {
    unsigned hour, minute, second, millisecond;
};

/* The performance clock and the time of day as in a struct perflib_sample. */
void system_time(ULONGLONG *ticks, ULONGLONG *frequency, ULONGLONG *time_100ns);

/* This machine's name, terminated; "" if it has none. Returns its length. */
size_t system_machine_name(WCHAR name[SYSTEM_MACHINE_NAME]);

/* Local time of day. */
void system_local_time(ULONGLONG time_100ns, struct system_clock *clock);

/* Whether someone looks at what is written there. */
bool system_is_terminal(FILE *file);

#endif
