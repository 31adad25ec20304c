/* See resident.h. */
#ifdef _WIN32
#include <windows.h>
/* After windows.h, whose types it uses. */
#include <psapi.h>
#else
#include <fcntl.h>
#include <unistd.h>
#endif

#include "resident.h"

#include "bench.h"

#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
uint64_t resident_now(void)
{
    PROCESS_MEMORY_COUNTERS counters;

    if (!GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters))
        bench_fail("GetProcessMemoryInfo: error %lu", GetLastError());
    return counters.WorkingSetSize;
}
#else
/* smaps_rollup counts exactly; the kernel's own sums lag behind by some pages for each thread. */
uint64_t resident_now(void)
{
    char text[4096];
    const char *line = NULL;
    const int file = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
    ssize_t length = -1;

    if (file >= 0) {
        length = read(file, text, sizeof text - 1);
        close(file);
    }
    if (length > 0) {
        text[length] = '\0';
        line = strstr(text, "\nRss:");
    }
    if (line == NULL)
        bench_fail("/proc/self/smaps_rollup does not tell the resident memory");
    return strtoull(line + strlen("\nRss:"), NULL, 10) * 1024;
}
#endif
