/* What the timed loops of the workloads are made of. */
#ifndef PERFPOOL_BENCH_WORK_H
#define PERFPOOL_BENCH_WORK_H

#include "bench.h"

/* Writes a word into every cache line of a block. */
static inline void bench_touch(void *block, size_t size)
{
    for (size_t i = 0; i < size; i += BENCH_LINE)
        *(volatile uint64_t *)(void *)((char *)block + i) = i;
}

/* Allocates a block and touches all of it. */
static inline void *bench_take(const struct bench_memory *memory, size_t size)
{
    void *block = memory->allocate(size, memory->context);

    if (__builtin_expect(block == NULL, 0))
        bench_fail("the contender has no block of %lu bytes", (unsigned long)size);
    bench_touch(block, size);
    return block;
}

static inline void bench_give(const struct bench_memory *memory, void *block)
{
    memory->release(block, memory->context);
}

/* The next of a sequence of pseudo-random numbers; state must not be 0. */
static inline uint64_t bench_random(uint64_t *state)
{
    uint64_t x = *state;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    *state = x;
    return x * 0x2545F4914F6CDD1DU;
}

/* A pseudo-random number below `limit`, without a division. */
static inline uint32_t bench_random_below(uint64_t *state, uint32_t limit)
{
    return (uint32_t)(((bench_random(state) >> 32) * limit) >> 32);
}

/* A worker's seed: the same in every run, another for each worker. */
static inline uint64_t bench_seed(const struct bench_worker *worker)
{
    return 0x9E3779B97F4A7C15U * (worker->index + 1);
}

/* As many of `wanted` blocks of that size as make 256 MiB, at least 16: what a workload keeps live when its blocks get large. */
static inline uint32_t bench_bounded(uint32_t wanted, size_t size)
{
    const size_t most = (size_t)256 * 1024 * 1024 / size;

    if (most < 16)
        return 16;
    return most < wanted ? (uint32_t)most : wanted;
}

/* Tells the processor that this is a spin loop. */
static inline void bench_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#endif
