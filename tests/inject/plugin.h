/*
 * The whole public interface of a perfpool that was loaded from a copy of its file, so that a program can have one that is new:
 * nothing made, nothing cached. support/library.h makes the copy and says what loading and unloading it means.
 */
#ifndef PERFPOOL_TESTS_PLUGIN_H
#define PERFPOOL_TESTS_PLUGIN_H

#include "perfpool.h"
#include "support/library.h"

struct plugin {
    struct library library; /* what is not below is called through it: allocate, release, heap_create, heap_destroy, heap_stats */
    perfpool_heap *(PERFPOOL_CALL *heap_default)(const perfpool_options *options);
    size_t(PERFPOOL_CALL *heap_trim)(perfpool_heap *heap);
    int(PERFPOOL_CALL *heap_walk)(perfpool_heap *heap, perfpool_visit_fn visit, void *argument);
    size_t(PERFPOOL_CALL *block_size)(const void *block, const void *heap);
    void(PERFPOOL_CALL *thread_detach)(void);
};

/* Loads the copy that library_copy(&plugin->library) has made, and finds all of its functions. */
void plugin_load(struct plugin *plugin);

#endif
