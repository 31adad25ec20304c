/*
 * A leak report: which counter instances a heap holds, by name. PERFLIB itself has none.
 *
 * An instance's block begins with a PERF_COUNTERSET_INSTANCE. A heap holds other blocks too, PERFLIB's own and the program's, so
 * nothing is believed: a block is an instance only if every field agrees with the others and with the size of the block. Whether
 * Windows puts something in front of the header is not documented, so it is looked for at the first few places.
 *
 * Nobody may allocate or free in the heap meanwhile: a block that another thread frees may vanish while it is read.
 */
#ifndef EXAMPLE_LEAK_REPORT_H
#define EXAMPLE_LEAK_REPORT_H

#include <perfpool_perflib.h>

#include <perfpool.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A counter set of the program's, and what to call it. */
struct leak_report_set {
    const GUID *guid;
    const char *name;
};

/* Room for a name of PERF_MAX_INSTANCE_NAME characters in UTF-8, all of them escaped. */
enum { LEAK_REPORT_NAME_SIZE = 6 * 1024 + 1 };

/* What a block says of itself. */
struct leak_report_instance {
    GUID set;
    ULONG id;
    ULONG size;                       /* of the instance, bytes */
    size_t offset;                    /* of the header in the block */
    char name[LEAK_REPORT_NAME_SIZE]; /* UTF-8; control characters, quotes and halves of a pair as \uXXXX */
};

/*
 * Reads a block of `size` bytes as an instance of one of `count` sets; with no sets, of any set. False if it is none. Reads nothing
 * beyond the block.
 */
bool leak_report_decode(const void *block, size_t size, const struct leak_report_set *sets, size_t count,
                        struct leak_report_instance *instance);

/* Prints the instances of these sets that are alive in the heap, a line for each. Returns how many there are. */
size_t leak_report_instances(FILE *out, perfpool_heap *heap, const struct leak_report_set *sets, size_t count);

/* Prints all live blocks of the heap, a line for each; of those that are no instances it says so. Returns how many there are. */
size_t leak_report_blocks(FILE *out, perfpool_heap *heap, const struct leak_report_set *sets, size_t count);

#endif
