/*
 * A provider for check-live: it refreshes its counters at each collection and ends when so many have been made, so what a table
 * shows does not depend on time.
 *
 *     live_demo COLLECTIONS | none | fail
 *
 * Without PERFLIB_LIVE nobody collects, and it ends at once. `none` starts no provider; `fail` ends with code 3.
 */
#include "lock.h"
#include "perflib_live.h"
#include "windows_shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT = 1, CELL = 2, AVERAGE = 3, AVERAGE_BASE = 4, HIDDEN = 5, MASK = 6, RATE = 7, N_COUNTERS = 7 };

static GUID provider_guid = {0x61626364, 0x6566, 0x6768, {1, 2, 3, 4, 5, 6, 7, 8}};
static const GUID set_guid = {0x71727374, 0x7576, 0x7778, {1, 2, 3, 4, 5, 6, 7, 8}};

static HANDLE provider;
static PERF_COUNTERSET_INSTANCE *first;
static struct lock lock = LOCK_INITIAL;
static struct condition collected = CONDITION_INITIAL;
static unsigned long collections; /* under lock */
static ULONGLONG cell;            /* read by consumers between PERF_COLLECT_START and PERF_COLLECT_END */

/* The number of the collection, in the counters; an average of 10. */
static void refresh(ULONG number)
{
    PerfSetULongCounterValue(provider, first, COUNT, number);
    cell = (ULONGLONG)number << 32;
    PerfSetULongLongCounterValue(provider, first, AVERAGE, number * 50);
    PerfSetULongCounterValue(provider, first, AVERAGE_BASE, number * 5);
    PerfSetULongCounterValue(provider, first, HIDDEN, 12345);
    PerfSetULongCounterValue(provider, first, MASK, 0xAB);
    PerfSetULongCounterValue(provider, first, RATE, number * 1000);
}

static ULONG WINAPI control(ULONG code, PVOID buffer, ULONG size)
{
    (void)buffer;
    (void)size;
    lock_take(&lock);
    if (code == PERF_COLLECT_START)
        refresh((ULONG)collections + 1);
    if (code == PERF_COLLECT_END) {
        collections++;
        condition_wake_all(&collected);
    }
    lock_release(&lock);
    return ERROR_SUCCESS;
}

static ULONG describe(void)
{
    struct {
        PERF_COUNTERSET_INFO set;
        PERF_COUNTER_INFO counters[N_COUNTERS];
    } description = {{set_guid, provider_guid, N_COUNTERS, PERF_COUNTERSET_MULTI_INSTANCES},
                     {{COUNT, PERF_COUNTER_RAWCOUNT, 0, 4, PERF_DETAIL_NOVICE, 0, 0},
                      {CELL, PERF_COUNTER_LARGE_RAWCOUNT, PERF_ATTRIB_BY_REFERENCE, 8, PERF_DETAIL_NOVICE, 0, 0},
                      {AVERAGE, PERF_AVERAGE_BULK, 0, 8, PERF_DETAIL_NOVICE, 0, 0},
                      {AVERAGE_BASE, PERF_AVERAGE_BASE, 0, 4, PERF_DETAIL_NOVICE, 0, 0},
                      {HIDDEN, PERF_COUNTER_RAWCOUNT, PERF_ATTRIB_NO_DISPLAYABLE, 4, PERF_DETAIL_NOVICE, 0, 0},
                      {MASK, PERF_COUNTER_RAWCOUNT_HEX, 0, 4, PERF_DETAIL_NOVICE, 0, 0},
                      {RATE, PERF_COUNTER_COUNTER, 0, 4, PERF_DETAIL_NOVICE, 0, 0}}};

    return PerfSetCounterSetInfo(provider, &description.set, sizeof description);
}

/* The first collection may come as soon as the provider is started, and has to wait until there is something to refresh. */
static int start(void)
{
    static const WCHAR one[] = {'o', 'n', 'e', 0};
    static const WCHAR zwoelf[] = {'z', 'w', 0xF6, 'l', 'f', 0};
    int done;

    lock_take(&lock);
    done = PerfStartProvider(&provider_guid, control, &provider) == ERROR_SUCCESS && describe() == ERROR_SUCCESS;
    first = done ? PerfCreateInstance(provider, &set_guid, one, 0) : NULL;
    done = first != NULL && PerfCreateInstance(provider, &set_guid, zwoelf, 2) != NULL &&
           PerfSetCounterRefValue(provider, first, CELL, &cell) == ERROR_SUCCESS;
    lock_release(&lock);
    return done;
}

int main(int argc, char **argv)
{
    unsigned long wanted = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;

    if (argc == 2 && strcmp(argv[1], "none") == 0)
        return 0;
    if (!start()) {
        fprintf(stderr, "live_demo: PERFLIB refused\n");
        return 1;
    }
    lock_take(&lock);
    while (getenv(PERFLIB_LIVE_VARIABLE) != NULL && collections < wanted)
        condition_wait(&collected, &lock);
    lock_release(&lock);
    if (PerfStopProvider(provider) != ERROR_SUCCESS)
        return 1;
    puts("live_demo: done");
    return argc == 2 && strcmp(argv[1], "fail") == 0 ? 3 : 0;
}
