/* The rows of the suite. */
#ifndef PERFPOOL_BENCH_ROWS_H
#define PERFPOOL_BENCH_ROWS_H

#include "bench.h"

/* Lists of numbers from the command line, 0 ends them; an empty list means the suite's own. */
enum { ROWS_MOST_NUMBERS = 32 };

struct rows_request {
    unsigned sizes[ROWS_MOST_NUMBERS + 1];
    unsigned threads[ROWS_MOST_NUMBERS + 1];
    unsigned live[ROWS_MOST_NUMBERS + 1];
    unsigned heaps[ROWS_MOST_NUMBERS + 1];
    bool full;             /* the full suite, not the quick one */
    bool without_distinct; /* leave out workloads that need blocks that differ */
    bool zeroed;           /* only the comparison of cleared blocks */
    uint64_t most_bytes;   /* rows that need more memory for their blocks are left out, and named on stderr */
};

struct rows {
    struct bench_row *rows;
    size_t n;
};

/* Makes the rows in their order; the caller frees rows.rows. */
struct rows rows_make(const struct rows_request *request);

/* Prints what the workloads' operations are. */
void rows_describe(void);

#endif
