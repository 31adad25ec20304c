/*
 * A histogram of tick counts whose cells are at most 1.6 % wide: 64 cells for each power of two. `most` is exact.
 *
 * One thread adds to it; the sum of `counts` is `n`.
 */
#ifndef PERFPOOL_BENCH_HISTOGRAM_H
#define PERFPOOL_BENCH_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_FINE_BITS = 6, HISTOGRAM_FINE = 1 << HISTOGRAM_FINE_BITS, HISTOGRAM_CELLS = 40 * HISTOGRAM_FINE };

struct histogram {
    uint64_t n;
    uint64_t most;
    uint32_t counts[HISTOGRAM_CELLS];
};

/* Values below 64 have a cell each; above, the highest bits of the value tell the cell. Very large ones share the last. */
static inline uint32_t histogram_cell(uint64_t value)
{
    unsigned shift;
    uint64_t cell;

    if (value < HISTOGRAM_FINE)
        return (uint32_t)value;
    shift = 63U - (unsigned)__builtin_clzll(value) - HISTOGRAM_FINE_BITS;
    cell = (uint64_t)(shift + 1) * HISTOGRAM_FINE + ((value >> shift) & (HISTOGRAM_FINE - 1));
    return cell < HISTOGRAM_CELLS ? (uint32_t)cell : HISTOGRAM_CELLS - 1;
}

static inline void histogram_add(struct histogram *histogram, uint64_t value)
{
    histogram->counts[histogram_cell(value)]++;
    histogram->n++;
    if (value > histogram->most)
        histogram->most = value;
}

/* Adds all of `from` to `into`. */
void histogram_merge(struct histogram *into, const struct histogram *from);

/* The value that the share `quantile` (0 to 1) of all values does not exceed: the middle of its cell. 0 if there are no values. */
double histogram_quantile(const struct histogram *histogram, double quantile);

#endif
