/*
 * The whole interface in one run, on a library that nobody has used yet: the default heap as PERFPOOL_OPTIONS wants it, a heap of
 * each kind of option, small and large blocks, two threads, detach, trim, statistics, walk, misuse and destroy.
 *
 * Every result must be right or a clear refusal, and what is handed out must agree with statistics and walk, block by block. While
 * `willing`, nothing may be refused.
 */
#ifndef PERFPOOL_TESTS_SCENARIO_H
#define PERFPOOL_TESTS_SCENARIO_H

#include "inject/plugin.h"

#include <stdbool.h>
#include <stdint.h>

enum { SCENARIO_BLOCKS = 24, SCENARIO_HEAPS = 6 };

/* One heap and what a right library has handed out of it. */
struct scenario_heap {
    perfpool_heap *heap; /* NULL while there is none, and for the default heap */
    bool there;          /* can be used */
    bool is_default;
    uint32_t kind;
    unsigned char *blocks[SCENARIO_BLOCKS];
    size_t sizes[SCENARIO_BLOCKS]; /* usable bytes */
    uint32_t live, faults, faults_expected;
};

struct scenario {
    struct plugin *plugin;
    bool willing;
    struct scenario_heap heaps[SCENARIO_HEAPS];
};

/* Everything, by threads of its own, while calls may be refused. */
void scenario_run(struct scenario *scenario);

/* The system is willing again: all of it once more, and all heaps but the default one go. */
void scenario_end(struct scenario *scenario);

#endif
