#include "inject/system_calls.h"

#include <string.h>

#include "support/require.h"

struct system_calls system_calls;

void system_calls_refuse(uint32_t from, uint32_t to)
{
    system_calls.counts.made = 0;
    system_calls.refused_from = from;
    system_calls.refused_to = to;
}

bool system_call_refused(const char *name)
{
    uint32_t i = 0;
    if (!__atomic_load_n(&system_calls.armed, __ATOMIC_ACQUIRE))
        return false;
    while (i < SYSTEM_CALLS_MAX && system_call_table[i].name != NULL && strcmp(system_call_table[i].name, name) != 0)
        i++;
    require_text(i < SYSTEM_CALLS_MAX && system_call_table[i].name != NULL, name);
    __atomic_fetch_add(&system_calls.counts.calls[i], 1, __ATOMIC_RELAXED);
    if (system_call_table[i].never_refused != NULL)
        return false;
    const uint32_t call = __atomic_fetch_add(&system_calls.counts.made, 1, __ATOMIC_RELAXED) + 1;
    if (call < SYSTEM_CALLS_TRACED)
        system_calls.trace[call] = (uint8_t)i;
    if (call < system_calls.refused_from || call > system_calls.refused_to)
        return false;
    __atomic_fetch_add(&system_calls.counts.refusals[i], 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&system_calls.counts.refused, 1, __ATOMIC_RELAXED);
    return true;
}

void system_calls_note_mapped(int64_t bytes)
{
    if (__atomic_load_n(&system_calls.armed, __ATOMIC_ACQUIRE))
        __atomic_fetch_add(&system_calls.counts.mapped, bytes, __ATOMIC_RELAXED);
}

void system_calls_note_kept(int64_t bytes)
{
    if (__atomic_load_n(&system_calls.armed, __ATOMIC_ACQUIRE))
        __atomic_fetch_add(&system_calls.counts.kept, bytes, __ATOMIC_RELAXED);
}
