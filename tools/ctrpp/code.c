#include "guid.h"
#include "writers.h"

static void write_guids(struct text *text, const struct provider *provider, const char *prefix)
{
    text_print(text, "\nDECLSPEC_SELECTANY GUID %s%sGuid = ", prefix, provider->symbol);
    guid_add_plain(text, &provider->guid);
    text_add_string(text, ";\n");
    for (size_t i = 0; i < provider->n_sets; i++) {
        text_print(text, "DECLSPEC_SELECTANY GUID %s%sGuid = ", prefix, provider->sets[i].symbol);
        guid_add_plain(text, &provider->sets[i].guid);
        text_add_string(text, ";\n");
    }
    text_print(text, "\nDECLSPEC_SELECTANY HANDLE %s%s = NULL;\n", prefix, provider->symbol);
}

static void write_set(struct text *text, const struct provider *provider, const struct counter_set *set, const char *prefix)
{
    text_add_string(text, "\nDECLSPEC_SELECTANY struct {\n    PERF_COUNTERSET_INFO CounterSet;\n");
    for (size_t i = 0; i < set->n_counters; i++)
        text_print(text, "    PERF_COUNTER_INFO Counter%zu;\n", i);
    text_print(text, "} %s%sInfo = {\n    {", prefix, set->symbol);
    guid_add_plain(text, &set->guid);
    text_add_string(text, ", ");
    guid_add_plain(text, &provider->guid);
    text_print(text, ", %zu, %s},\n", set->n_counters, find_word_by_value(instance_words, set->instances)->constant);
    for (size_t i = 0; i < set->n_counters; i++) {
        const struct counter *counter = &set->counters[i];
        text_add_string(text, "    ");
        write_counter_info(text, counter, counter->type->size == 8 ? "sizeof(ULONGLONG)" : "sizeof(ULONG)", 0);
        text_add_string(text, ",\n");
    }
    text_add_string(text, "};\n");
}

static void write_cleanup(struct text *text, const char *handle, const char *prefix)
{
    text_print(text,
               "\n/* Stops the provider if it is running. */\n"
               "PERFPOOL_CTRPP_INLINE VOID %sCounterCleanup(VOID)\n"
               "{\n"
               "    if (%s != NULL) {\n"
               "        PerfStopProvider(%s);\n"
               "        %s = NULL;\n"
               "    }\n"
               "}\n",
               prefix, handle, handle, handle);
}

/* The names of parameters and variables are reserved: no symbol may hide behind them (see identifiers.c). */
static void write_initialize(struct text *text, const struct provider *provider, const char *handle, const char *prefix,
                             bool custom)
{
    text_print(
        text,
        "\n/* Starts the provider and describes its counter sets. On an error, which is returned, nothing is left running. */\n"
        "PERFPOOL_CTRPP_INLINE ULONG %sCounterInitialize(%s)\n"
        "{\n"
        "    ULONG status_;\n"
        "    PERF_PROVIDER_CONTEXT context_;\n"
        "\n"
        "    context_.ContextSize = sizeof(context_);\n"
        "    context_.Reserved = 0;\n"
        "    context_.ControlCallback = %s;\n"
        "    context_.MemAllocRoutine = %s;\n"
        "    context_.MemFreeRoutine = %s;\n"
        "    context_.pMemContext = %s;\n"
        "\n"
        "    status_ = PerfStartProviderEx(&%sGuid, &context_, &%s);\n"
        "    if (status_ != ERROR_SUCCESS) {\n"
        "        %s = NULL;\n"
        "        return status_;\n"
        "    }\n",
        prefix,
        custom ? "PERFLIBREQUEST callback_, PERF_MEM_ALLOC allocate_, PERF_MEM_FREE free_,\n"
                 "                                              PVOID memory_"
               : "VOID",
        custom ? "callback_" : "NULL", custom ? "allocate_" : "NULL", custom ? "free_" : "NULL", custom ? "memory_" : "NULL",
        handle, handle, handle);
    for (size_t i = 0; i < provider->n_sets; i++) {
        const char *symbol = provider->sets[i].symbol;
        text_print(text,
                   "\n    status_ = PerfSetCounterSetInfo(%s, &%s%sInfo.CounterSet, sizeof(%s%sInfo));\n"
                   "    if (status_ != ERROR_SUCCESS) {\n"
                   "        %sCounterCleanup();\n"
                   "        return status_;\n"
                   "    }\n",
                   handle, prefix, symbol, prefix, symbol, prefix);
    }
    text_add_string(text, "\n    return ERROR_SUCCESS;\n}\n");
}

/*
 * Last in the file, so that none of them can change what stands before. The names belong to the manifest: where a system header has
 * a macro of that name, the manifest's holds from here on.
 */
static void write_counter_symbols(struct text *text, const struct provider *provider)
{
    text_add_string(text, "\n/* The counters' ids. */\n");
    for (size_t i = 0; i < provider->n_sets; i++) {
        for (size_t k = 0; k < provider->sets[i].n_counters; k++) {
            const struct counter *counter = &provider->sets[i].counters[k];
            if (counter->symbol != NULL)
                text_print(text, "#undef %s\n#define %s (%u%s)\n", counter->symbol, counter->symbol, (unsigned)counter->id.value,
                           counter->id.value > INT32_MAX ? "u" : "");
        }
    }
}

void write_code(struct text *text, const struct manifest *manifest, const struct options *options)
{
    const struct provider *provider = &manifest->provider;
    const char *prefix = options->prefix;
    const char *handle = arena_format(text->arena, "%s%s", prefix, provider->symbol);
    bool custom = provider->custom_callback || options->memory_routines || options->notification_callback;
    write_origin(text, manifest);
    text_add_string(text, "/* windows.h, winperf.h and perflib.h are to be included before, in this order. */\n\n#pragma once\n\n");
    write_constants(text, manifest);
    text_add_string(text, "\n#ifndef PERFPOOL_CTRPP_INLINE\n"
                          "#ifdef __cplusplus\n"
                          "#define PERFPOOL_CTRPP_INLINE inline\n"
                          "#else\n"
                          "#define PERFPOOL_CTRPP_INLINE static __inline\n"
                          "#endif\n"
                          "#endif\n"
                          "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
    write_guids(text, provider, prefix);
    for (size_t i = 0; i < provider->n_sets; i++)
        write_set(text, provider, &provider->sets[i], prefix);
    write_cleanup(text, handle, prefix);
    write_initialize(text, provider, handle, prefix, custom);
    text_add_string(text, "\n#ifdef __cplusplus\n}\n#endif\n");
    write_counter_symbols(text, provider);
}
