#define _GNU_SOURCE
#include "inject/plugin.h"

#include <string.h>

#include "support/require.h"

#ifndef _WIN32
#include <dlfcn.h>
#endif

typedef void (*any_function)(void);

static any_function find(const struct plugin *plugin, const char *name)
{
    any_function function;
#ifdef _WIN32
    function = (any_function)GetProcAddress((HMODULE)plugin->library.handle, name);
#else
    void *symbol = dlsym(plugin->library.handle, name);
    memcpy(&function, &symbol, sizeof(function)); /* ISO C has no conversion between the two */
#endif
    require_text(function != NULL, name);
    return function;
}

/* Every pointer to a function has the same form on both targets; the field gives it its type back. */
#define FIND(field, name)                                \
    do {                                                 \
        const any_function found = find(plugin, (name)); \
        memcpy(&plugin->field, &found, sizeof(found));   \
    } while (0)

void plugin_load(struct plugin *plugin)
{
    library_load(&plugin->library);
    FIND(heap_default, "perfpool_heap_default");
    FIND(heap_trim, "perfpool_heap_trim");
    FIND(heap_walk, "perfpool_heap_walk");
    FIND(block_size, "perfpool_block_size");
    FIND(thread_detach, "perfpool_thread_detach");
}
