/* See rows.h. */
#include "rows.h"

#include "workloads.h"

#include <stdio.h>
#include <stdlib.h>

static const struct bench_workload *const workloads[] = {
    &bench_pair,         &bench_batch,          &bench_churn,          &bench_handoff,       &bench_swap,
    &bench_exchange,     &bench_burst,          &bench_large,          &bench_heaps,         &bench_zeroed,
    &bench_counters,     &bench_counters_apart, &bench_perflib,        &bench_instances,     &bench_spawn,
    &bench_latency,      &bench_latency_drain,  &bench_latency_start,  &bench_latency_class, &bench_memory_churn,
    &bench_memory_lines, &bench_memory_batch,   &bench_memory_handoff,
};
enum { N_WORKLOADS = sizeof workloads / sizeof workloads[0] };

const unsigned bench_sizes_64[] = {64, 0};
const unsigned bench_sizes_few[] = {64, 1024, 0};
const unsigned bench_sizes_usual[] = {64, 256, 1024, 4096, 0};
const unsigned bench_sizes_instances[] = {48, 80, 176, 0};
const unsigned bench_sizes_large[] = {65536, 262144, 1048576, 0};
const unsigned bench_threads_1[] = {1, 0};
const unsigned bench_threads_2[] = {2, 0};
const unsigned bench_threads_1_2[] = {1, 2, 0};

static const unsigned full_sizes[] = {64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 262144, 1048576, 0};
static const unsigned full_threads[] = {1, 2, 4, 8, 0};
static const unsigned only_default[] = {0, 0}; /* one entry, which leaves the dimension as it is */

static void name_row(struct bench_row *row)
{
    int length = snprintf(row->name, sizeof row->name, "%s/%u/%u", row->workload->name, row->size, row->threads);

    if (row->live != 0)
        length += snprintf(row->name + length, sizeof row->name - (size_t)length, "/live:%u", row->live);
    if (row->workload->takes_heaps)
        snprintf(row->name + length, sizeof row->name - (size_t)length, "/heaps:%u", row->heaps);
}

static void add_row(struct rows *rows, const struct bench_workload *workload, struct bench_point point, uint64_t most_bytes)
{
    struct bench_row row = {.workload = workload,
                            .size = point.size,
                            .threads = point.threads != 0 ? point.threads : 1,
                            .live = point.live,
                            .heaps = point.heaps != 0 ? point.heaps : 1};
    uint64_t needs = workload->needs != NULL ? workload->needs(&row) : 0;

    if (row.threads % workload->threads_step != 0)
        return;
    name_row(&row);
    if (needs > most_bytes) {
        fprintf(stderr, "left out: %s needs %.1f GiB for its blocks\n", row.name, (double)needs / (1024.0 * 1024.0 * 1024.0));
        return;
    }
    rows->rows = realloc(rows->rows, (rows->n + 1) * sizeof *rows->rows);
    if (rows->rows == NULL)
        bench_fail("out of memory");
    rows->rows[rows->n++] = row;
}

/* A list of the command line if there is one, else the workload's, else the suite's. */
static const unsigned *choose(const unsigned *requested, const unsigned *own, const unsigned *usual)
{
    if (requested[0] != 0)
        return requested;
    return own != NULL ? own : usual;
}

static void add_workload(struct rows *rows, const struct bench_workload *workload, const struct rows_request *request)
{
    /* Cleared blocks are compared briefly in workloads that are there for others. */
    const bool briefly = request->zeroed && !workload->only_zeroed;
    const struct bench_set brief = {workload->quick.sizes, bench_threads_1, NULL};
    const struct bench_set *set = briefly ? &brief : request->full ? &workload->full : &workload->quick;
    const unsigned *sizes = choose(request->sizes, set->sizes, request->full ? full_sizes : bench_sizes_few);
    const unsigned *threads = choose(request->threads, set->threads, request->full ? full_threads : bench_threads_1_2);
    const unsigned *lives = workload->takes_live && request->live[0] != 0 ? request->live : only_default;
    const unsigned *heaps = workload->takes_heaps && request->heaps[0] != 0 ? request->heaps : only_default;
    bool asked = request->sizes[0] != 0 || request->threads[0] != 0 || lives != only_default || heaps != only_default;

    for (const unsigned *size = sizes; *size != 0; size++)
        for (const unsigned *n = threads; *n != 0; n++)
            for (size_t l = 0; l == 0 || lives[l] != 0; l++)
                for (size_t h = 0; h == 0 || heaps[h] != 0; h++)
                    add_row(rows, workload, (struct bench_point){*size, *n, lives[l], heaps[h]}, request->most_bytes);
    for (const struct bench_point *point = set->points; point != NULL && !asked && point->size != 0; point++)
        add_row(rows, workload, *point, request->most_bytes);
}

static bool is_part(const struct bench_workload *workload, const struct rows_request *request)
{
    if (request->without_distinct && workload->needs_distinct)
        return false;
    return request->zeroed ? workload->zeroed && (request->full || workload->only_zeroed) : !workload->only_zeroed;
}

struct rows rows_make(const struct rows_request *request)
{
    struct rows rows = {NULL, 0};

    for (size_t i = 0; i < N_WORKLOADS; i++)
        if (is_part(workloads[i], request))
            add_workload(&rows, workloads[i], request);
    return rows;
}

void rows_describe(void)
{
    for (size_t i = 0; i < N_WORKLOADS; i++)
        printf("  %-15s %s\n", workloads[i]->name, workloads[i]->operation);
}
