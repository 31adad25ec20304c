/* See rows.h. */
#include "rows.h"

#include <stdio.h>
#include <stdlib.h>

static const struct bench_workload *const workloads[] = {
    &bench_pair,     &bench_batch,          &bench_churn,     &bench_handoff, &bench_swap,
    &bench_counters, &bench_counters_apart, &bench_instances, &bench_spawn,
};
enum { N_WORKLOADS = sizeof workloads / sizeof workloads[0] };

static const unsigned default_sizes[] = {64, 256, 1024, 4096, 0};
static const unsigned default_threads[] = {1, 2, 0};

static void add_row(struct rows *rows, const struct bench_workload *workload, unsigned size, unsigned threads)
{
    struct bench_row *row;

    rows->rows = realloc(rows->rows, (rows->n + 1) * sizeof *rows->rows);
    if (rows->rows == NULL)
        bench_fail("out of memory");
    row = &rows->rows[rows->n++];
    row->workload = workload;
    row->size = size;
    row->threads = threads;
    snprintf(row->name, sizeof row->name, "%s/%u/%u", workload->name, size, threads);
}

static void add_workload(struct rows *rows, const struct bench_workload *workload, const struct rows_request *request)
{
    const unsigned *sizes = workload->sizes != NULL ? workload->sizes : default_sizes;
    const unsigned *threads = request->threads[0] != 0 ? request->threads : default_threads;

    if (request->sizes[0] != 0)
        sizes = request->sizes;
    for (; *sizes != 0; sizes++)
        for (const unsigned *n = threads; *n != 0; n++)
            if (*n % workload->threads_step == 0 && (!request->quick_zeroed || *n == 1))
                add_row(rows, workload, *sizes, *n);
}

struct rows rows_make(const struct rows_request *request)
{
    struct rows rows = {NULL, 0};

    for (size_t i = 0; i < N_WORKLOADS; i++) {
        bool left_out =
            (request->without_distinct && workloads[i]->needs_distinct) || (request->quick_zeroed && !workloads[i]->quick_zeroed);

        if (!left_out)
            add_workload(&rows, workloads[i], request);
    }
    return rows;
}

void rows_describe(void)
{
    for (size_t i = 0; i < N_WORKLOADS; i++)
        printf("  %-15s %s\n", workloads[i]->name, workloads[i]->operation);
}
