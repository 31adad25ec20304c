/* The process's resident memory. */
#ifndef PERFPOOL_BENCH_RESIDENT_H
#define PERFPOOL_BENCH_RESIDENT_H

#include <stdint.h>

/* Bytes of it, without a call to any allocator. Ends the program with a message if the system does not tell. */
uint64_t resident_now(void);

#endif
