/* See histogram.h. */
#include "histogram.h"

#include <math.h>

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    for (uint32_t i = 0; i < HISTOGRAM_CELLS; i++)
        into->counts[i] += from->counts[i];
    into->n += from->n;
    if (from->most > into->most)
        into->most = from->most;
}

/* The middle of the values that fall into a cell. */
static double middle(uint32_t cell)
{
    const unsigned shift = cell / HISTOGRAM_FINE > 0 ? cell / HISTOGRAM_FINE - 1 : 0;
    const double first = shift == 0 ? cell : (double)((uint64_t)(HISTOGRAM_FINE + cell % HISTOGRAM_FINE) << shift);

    return first + (double)(((uint64_t)1 << shift) - 1) / 2;
}

double histogram_quantile(const struct histogram *histogram, double quantile)
{
    const double wanted = ceil(quantile * (double)histogram->n);
    uint64_t seen = 0;

    if (histogram->n == 0)
        return 0;
    for (uint32_t i = 0; i < HISTOGRAM_CELLS; i++) {
        seen += histogram->counts[i];
        if (seen > 0 && (double)seen >= wanted)
            return middle(i) < (double)histogram->most ? middle(i) : (double)histogram->most;
    }
    return (double)histogram->most;
}
