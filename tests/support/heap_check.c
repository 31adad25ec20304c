#include "support/heap_check.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LINE = 64, SPAN = 65536, CLASSES = 64 };

/* What a walk has found; `problem` is the first thing wrong. */
struct survey {
    perfpool_heap *heap;
    const perfpool_stats *stats;
    bool sizes_are_requested;
    uintptr_t end;
    uint64_t blocks, bytes, large;
    uint64_t class_blocks[CLASSES];
    const char *problem;
};

static void note_class(struct survey *survey, size_t size)
{
    const perfpool_stats *stats = survey->stats;
    for (uint32_t i = 0; i < stats->classes; i++) {
        if (stats->class_stats[i].block_size == size) {
            survey->class_blocks[i]++;
            return;
        }
    }
    survey->large++;
    if (stats->classes > 0 && size <= stats->class_stats[stats->classes - 1].block_size)
        survey->problem = "the walk shows a small block with the size of no class";
}

static int PERFPOOL_CALL survey_block(const void *block, size_t size, void *argument)
{
    struct survey *survey = argument;
    const uintptr_t start = (uintptr_t)block;
    if (start % LINE != 0)
        survey->problem = "a block is not aligned to its lines";
    if (survey->blocks > 0 && start < survey->end)
        survey->problem = "the walk is out of order, or blocks overlap or share a line";
    if (perfpool_block_size(block, survey->heap) != size)
        survey->problem = "walk and perfpool_block_size disagree";
    survey->end = (start + size + LINE - 1) & ~(uintptr_t)(LINE - 1);
    survey->blocks++;
    survey->bytes += size;
    if (!survey->sizes_are_requested)
        note_class(survey, size);
    return survey->problem != NULL;
}

static const char *class_problem(const struct survey *survey)
{
    const perfpool_stats *stats = survey->stats;
    uint64_t live = 0;
    uint64_t spans = 0;
    if (stats->classes == 0 || stats->classes > CLASSES)
        return "the number of classes is out of range";
    for (uint32_t i = 0; i < stats->classes; i++) {
        const uint64_t size = stats->class_stats[i].block_size;
        live += stats->class_stats[i].live_blocks;
        spans += stats->class_stats[i].spans;
        if (i > 0 && size <= stats->class_stats[i - 1].block_size)
            return "the classes are not in order of size";
        if (stats->class_stats[i].live_blocks * size > (uint64_t)stats->class_stats[i].spans * SPAN)
            return "a class has more live blocks than its spans can hold";
        if (!survey->sizes_are_requested && stats->class_stats[i].live_blocks != survey->class_blocks[i])
            return "walk and class_stats disagree on a class";
    }
    if (live + stats->large_runs != stats->live_blocks)
        return "class_stats and large_runs do not add up to live_blocks";
    if (spans != stats->spans)
        return "the spans of the classes do not add up to spans";
    if (!survey->sizes_are_requested && stats->large_runs != survey->large)
        return "walk and large_runs disagree";
    return NULL;
}

static const char *find_problem(perfpool_heap *heap, bool sizes_are_requested)
{
    perfpool_stats stats;
    memset(&stats, 0, sizeof(stats));
    stats.size = sizeof(stats);
    if (perfpool_heap_stats(heap, &stats) != 0)
        return "perfpool_heap_stats fails";
    struct survey survey = {.heap = heap, .stats = &stats, .sizes_are_requested = sizes_are_requested};
    const int walked = perfpool_heap_walk(heap, survey_block, &survey);
    if (survey.problem != NULL)
        return survey.problem;
    if (walked != 0)
        return "perfpool_heap_walk fails";
    if (survey.blocks != stats.live_blocks)
        return "walk and live_blocks disagree";
    if (survey.bytes != stats.live_bytes)
        return "walk and live_bytes disagree";
    if (stats.spans * SPAN > stats.committed)
        return "fewer bytes are committed than the spans in use have";
    return class_problem(&survey);
}

/* The figures behind a problem, for the reader of a failed test. */
static const char *report(perfpool_heap *heap, const char *problem)
{
    perfpool_stats stats = {.size = sizeof(stats)};
    if (problem != NULL && perfpool_heap_stats(heap, &stats) == 0)
        fprintf(stderr, "heap check: %s: live_blocks %llu, live_bytes %llu, spans %llu, large_runs %llu, committed %llu\n", problem,
                (unsigned long long)stats.live_blocks, (unsigned long long)stats.live_bytes, (unsigned long long)stats.spans,
                (unsigned long long)stats.large_runs, (unsigned long long)stats.committed);
    return problem;
}

const char *heap_problem(perfpool_heap *heap)
{
    return report(heap, find_problem(heap, false));
}

const char *heap_problem_poison(perfpool_heap *heap)
{
    return report(heap, find_problem(heap, true));
}
