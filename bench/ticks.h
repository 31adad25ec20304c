/* The processor's time-stamp counter, for timing single calls. */
#ifndef PERFPOOL_BENCH_TICKS_H
#define PERFPOOL_BENCH_TICKS_H

#include <stdint.h>

/* Seconds since some fixed moment. */
double bench_now(void);

/* Nanoseconds of one tick, measured against bench_now at the first call, which takes 20 ms. Main thread only. */
double ticks_nanoseconds(void);

/* The counter, read when all that comes before in the program is done and nothing that follows has begun. */
static inline uint64_t ticks_read(void)
{
#if defined(__x86_64__) || defined(__i386__)
    uint64_t ticks;

    __builtin_ia32_lfence();
    ticks = __builtin_ia32_rdtsc();
    __builtin_ia32_lfence();
    return ticks;
#elif defined(__aarch64__)
    uint64_t ticks;

    __asm__ volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r"(ticks) : : "memory");
    return ticks;
#else
#error "no time-stamp counter is known for this processor"
#endif
}

#endif
