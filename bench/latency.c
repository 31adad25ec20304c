/* See latency.h. */
#include "latency.h"

#include <string.h>

enum { N_QUANTILES = 5 };

static const double quantiles[N_QUANTILES] = {0.5, 0.99, 0.999, 0.9999, 1};
static const char *const allocate_names[N_QUANTILES] = {"allocate_p50", "allocate_p99", "allocate_p99.9", "allocate_p99.99",
                                                        "allocate_max"};
static const char *const release_names[N_QUANTILES] = {"free_p50", "free_p99", "free_p99.9", "free_p99.99", "free_max"};

void latency_clear(struct latency *latency)
{
    memset(latency, 0, sizeof *latency);
}

static void report_side(const struct histogram *histogram, const char *const *names, struct bench_findings *findings)
{
    for (size_t i = 0; i < N_QUANTILES; i++) {
        const double ticks = quantiles[i] < 1 ? histogram_quantile(histogram, quantiles[i]) : (double)histogram->most;

        bench_find(findings, names[i], ticks * ticks_nanoseconds());
    }
}

void *latency_open(const struct bench_row *row)
{
    return bench_own_memory(row->threads * sizeof(struct latency));
}

void latency_report(const struct bench_row *row, void *shared, struct bench_findings *findings)
{
    const struct latency *latencies = shared;
    struct latency *all = bench_own_memory(sizeof *all);

    for (unsigned i = 0; i < row->threads; i++) {
        histogram_merge(&all->allocate, &latencies[i].allocate);
        histogram_merge(&all->release, &latencies[i].release);
    }
    report_side(&all->allocate, allocate_names, findings);
    report_side(&all->release, release_names, findings);
    bench_own_release(all);
}

void latency_close(const struct bench_row *row, void *shared)
{
    (void)row;
    bench_own_release(shared);
}
