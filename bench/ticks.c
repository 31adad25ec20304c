/* See ticks.h. */
#include "ticks.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <time.h>
#endif

double bench_now(void)
{
#ifdef _WIN32
    LARGE_INTEGER count;
    LARGE_INTEGER frequency;

    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&count);
    return (double)count.QuadPart / (double)frequency.QuadPart;
#else
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
#endif
}

double ticks_nanoseconds(void)
{
    static double nanoseconds;

    if (nanoseconds == 0) {
        const double start = bench_now();
        const uint64_t first = ticks_read();
        double end = start;

        while (end - start < 0.02)
            end = bench_now();
        nanoseconds = (end - start) * 1e9 / (double)(ticks_read() - first);
    }
    return nanoseconds;
}
