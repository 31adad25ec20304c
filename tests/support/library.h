/*
 * A second perfpool in the same process: a copy of the library's file, loaded under a name of its own. The program is linked
 * with the first one, which therefore never goes away; the copy can be loaded and unloaded like a plug-in's.
 */
#ifndef PERFPOOL_TESTS_LIBRARY_H
#define PERFPOOL_TESTS_LIBRARY_H

#include "perfpool.h"

enum { LIBRARY_PATH = 4096 };

/* The functions the tests use, as found by name in the loaded copy. */
struct library {
    void *handle;
    char path[LIBRARY_PATH];
    void *(PERFPOOL_CALLBACK *allocate)(perfpool_size size, void *heap);
    void(PERFPOOL_CALLBACK *release)(void *block, void *heap);
    perfpool_heap *(PERFPOOL_CALL *heap_create)(const perfpool_options *options);
    size_t(PERFPOOL_CALL *heap_destroy)(perfpool_heap *heap, unsigned flags);
    int(PERFPOOL_CALL *heap_stats)(perfpool_heap *heap, perfpool_stats *stats);
    const char *(PERFPOOL_CALL *version)(void);
};

/* Copies the file to a temporary place. */
void library_copy(struct library *library);
/* Loads the copy and finds its functions. */
void library_load(struct library *library);
void library_unload(struct library *library);
/* Removes the copy's file. */
void library_remove(struct library *library);

#endif
