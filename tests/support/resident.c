#include "support/resident.h"

#include "support/require.h"

#ifdef _WIN32

#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#define PSAPI_VERSION 2
#include <windows.h>

#include <psapi.h>

size_t resident_bytes(void)
{
    PROCESS_MEMORY_COUNTERS counters;
    require(GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof(counters)));
    return counters.WorkingSetSize;
}

size_t address_space_bytes(void)
{
    MEMORY_BASIC_INFORMATION region;
    size_t total = 0;
    for (const char *at = NULL; VirtualQuery(at, &region, sizeof(region)) != 0;) {
        if (region.State != MEM_FREE)
            total += region.RegionSize;
        at = (const char *)region.BaseAddress + region.RegionSize;
    }
    return total;
}

size_t open_handles(void)
{
    DWORD count = 0;
    require(GetProcessHandleCount(GetCurrentProcess(), &count));
    return count;
}

#else

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

/* /proc/self/statm: pages of address space, then resident pages. */
static size_t statm_bytes(int resident)
{
    size_t total_pages = 0;
    size_t resident_pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    require(file != NULL);
    const int fields = fscanf(file, "%zu %zu", &total_pages, &resident_pages);
    fclose(file);
    require(fields == 2);
    return (resident ? resident_pages : total_pages) * (size_t)sysconf(_SC_PAGESIZE);
}

size_t resident_bytes(void)
{
    return statm_bytes(1);
}

size_t address_space_bytes(void)
{
    return statm_bytes(0);
}

size_t open_handles(void)
{
    size_t count = 0;
    DIR *directory = opendir("/proc/self/fd");
    require(directory != NULL);
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

#endif
