#include "guid.h"
#include "writers.h"

/* Which context PerfAutoInitialize passes to perfpool's two callbacks is a variable of the generated code. */

static void write_provider(struct text *text, const struct provider *provider, const char *module)
{
    text_print(text, "\n#ifdef __INIT_%s_IMP\n#define PROVIDER_GUID_%s_1 ", module, module);
    guid_add_padded(text, &provider->guid);
    text_print(text,
               "\nGUID ProviderGuid_%s_1 = PROVIDER_GUID_%s_1;\n"
               "HANDLE hDataSource_%s_1 = NULL;\n"
               "#else\n"
               "extern GUID ProviderGuid_%s_1;\n"
               "extern HANDLE hDataSource_%s_1;\n"
               "#endif\n",
               module, module, module, module, module);
}

/* The size of a value as the legacy code tells it: by reference, that of a pointer. */
static const char *legacy_size(const struct counter *counter)
{
    if ((counter->attributes & ATTRIBUTE_REFERENCE) != 0)
        return "sizeof(LPVOID)";
    return counter->type->size == 8 ? "sizeof(ULONGLONG)" : "sizeof(DWORD)";
}

static void write_template(struct text *text, const struct counter_set *set, const char *module, size_t number)
{
    text_print(text,
               "CTRSET_%s_1_%zu CtrSet_%s_1_%zu = {\n"
               "    {CTRSET_GUID_%s_1_%zu, PROVIDER_GUID_%s_1, %zu, %s},\n",
               module, number, module, number, module, number, module, set->n_counters,
               find_word_by_value(instance_words, set->instances)->constant);
    for (size_t i = 0; i < set->n_counters; i++) {
        text_add_string(text, "    ");
        write_counter_info(text, &set->counters[i], legacy_size(&set->counters[i]), (unsigned)(8 * i));
        text_add_string(text, i + 1 < set->n_counters ? ",\n" : "\n");
    }
    text_print(text, "};\nULONG dwCtrSet_%s_1_%zu = sizeof(CTRSET_%s_1_%zu);\n", module, number, module, number);
}

static void write_set(struct text *text, const struct counter_set *set, const char *module, size_t number)
{
    text_print(text, "\ntypedef struct _CTRSET_%s_1_%zu {\n    PERF_COUNTERSET_INFO CtSet_%s_1_%zu;\n", module, number, module,
               number);
    for (size_t i = 1; i <= set->n_counters; i++)
        text_print(text, "    PERF_COUNTER_INFO Ctr_%s_1_%zu_%zu;\n", module, number, i);
    text_print(text, "} CTRSET_%s_1_%zu, *PCTRSET_%s_1_%zu;\n\n#ifdef __INIT_%s_IMP\n#define CTRSET_GUID_%s_1_%zu ", module, number,
               module, number, module, module, number);
    guid_add_padded(text, &set->guid);
    text_print(text, "\nGUID CtrSetGuid_%s_1_%zu = CTRSET_GUID_%s_1_%zu;\n", module, number, module, number);
    write_template(text, set, module, number);
    text_print(text,
               "#else\n"
               "extern GUID CtrSetGuid_%s_1_%zu;\n"
               "extern CTRSET_%s_1_%zu CtrSet_%s_1_%zu;\n"
               "extern ULONG dwCtrSet_%s_1_%zu;\n"
               "#endif\n",
               module, number, module, number, module, number, module, number);
}

void write_legacy_header(struct text *text, const struct manifest *manifest, const struct options *options)
{
    const struct provider *provider = &manifest->provider;
    const char *module = module_name(text->arena, manifest);
    write_origin(text, manifest);
    text_print(text,
               "#ifndef _%s_H\n#define _%s_H\n\n"
               "#include <windows.h>\n#include <winperf.h>\n#include <perflib.h>\n\n",
               module, module);
    write_constants(text, manifest);
    text_add_string(text, "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
    write_provider(text, provider, module);
    for (size_t i = 0; i < provider->n_sets; i++)
        write_set(text, &provider->sets[i], module, i + 1);
    if (options->memory_routines)
        text_print(
            text,
            "\n/* What AllocateMemory and FreeMemory get as their context: a heap of perfpool's, or NULL for the default one.\n"
            " * To be set before PerfAutoInitialize. */\n"
            "#ifdef __INIT_%s_IMP\nLPVOID pMemContext_%s_1 = NULL;\n#else\nextern LPVOID pMemContext_%s_1;\n#endif\n",
            module, module, module);
    text_print(
        text,
        "\n/* Starts the provider and describes its counter sets. On an error, which is returned, nothing is left running. */\n"
        "ULONG PerfAutoInitialize(void);\n\n"
        "/* Stops the provider if it is running. Always ERROR_SUCCESS. */\n"
        "ULONG PerfAutoCleanup(void);\n\n"
        "#ifdef __cplusplus\n}\n#endif\n\n"
        "#endif /* _%s_H */\n",
        module);
}

static void write_callback(struct text *text, const char *module)
{
    static const char *const requests[][2] = {
        {"PERF_ADD_COUNTER", "a consumer adds a counter to its query"},
        {"PERF_REMOVE_COUNTER", "a consumer removes a counter from its query"},
        {"PERF_ENUM_INSTANCES", "a consumer lists the instances of a counter set"},
        {"PERF_COLLECT_START", "values are about to be copied: bring them up to date here"},
        {"PERF_COLLECT_END", "values have been copied"},
        {"PERF_FILTER", "not defined yet"},
    };
    text_print(
        text,
        "/* What PERFLIB asks of the provider, on threads of its own. An error keeps PERFLIB from going on with the request. */\n"
        "ULONG WINAPI ControlCallback_%s_1(ULONG RequestCode, PVOID Buffer, ULONG BufferSize);\n"
        "ULONG WINAPI ControlCallback_%s_1(ULONG RequestCode, PVOID Buffer, ULONG BufferSize)\n"
        "{\n"
        "    ULONG Status = ERROR_SUCCESS;\n"
        "    (void)Buffer;\n"
        "    (void)BufferSize;\n\n"
        "    switch (RequestCode) {\n",
        module, module);
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        text_print(text, "    case %s: /* %s */\n        break;\n", requests[i][0], requests[i][1]);
    text_add_string(text,
                    "    default:\n        Status = ERROR_INVALID_PARAMETER;\n        break;\n    }\n    return Status;\n}\n");
}

static void write_start(struct text *text, const char *module, bool memory_routines, bool notification_callback)
{
    text_add_string(text, "\nULONG PerfAutoInitialize(void)\n{\n    ULONG Status;\n");
    if (!memory_routines && !notification_callback) {
        text_print(text, "\n    Status = PerfStartProvider(&ProviderGuid_%s_1, ControlCallback_%s_1, &hDataSource_%s_1);\n", module,
                   module, module);
    } else {
        text_print(text,
                   "    PERF_PROVIDER_CONTEXT Context;\n\n"
                   "    Context.ContextSize = sizeof(Context);\n"
                   "    Context.Reserved = 0;\n"
                   "    Context.ControlCallback = ControlCallback_%s_1;\n"
                   "    Context.MemAllocRoutine = %s;\n"
                   "    Context.MemFreeRoutine = %s;\n"
                   "    Context.pMemContext = %s%s%s;\n"
                   "    Status = PerfStartProviderEx(&ProviderGuid_%s_1, &Context, &hDataSource_%s_1);\n",
                   module, memory_routines ? "AllocateMemory" : "NULL", memory_routines ? "FreeMemory" : "NULL",
                   memory_routines ? "pMemContext_" : "NULL", memory_routines ? module : "", memory_routines ? "_1" : "", module,
                   module);
    }
    text_print(text, "    if (Status != ERROR_SUCCESS) {\n        hDataSource_%s_1 = NULL;\n        return Status;\n    }\n",
               module);
}

void write_legacy_code(struct text *text, const struct manifest *manifest, const struct options *options)
{
    const char *module = module_name(text->arena, manifest);
    write_origin(text, manifest);
    text_print(text, "#define __INIT_%s_IMP\n#include \"%s.h\"\n\n", module, manifest->base_name);
    if (options->memory_routines)
        text_add_string(text, "/* perfpool's two callbacks, as perfpool.h declares them. */\n"
                              "#ifndef PERFPOOL_H\n"
                              "#ifdef __cplusplus\nextern \"C\" {\n#endif\n"
                              "LPVOID CALLBACK AllocateMemory(SIZE_T AllocSize, LPVOID pContext);\n"
                              "void CALLBACK FreeMemory(LPVOID pBuffer, LPVOID pContext);\n"
                              "#ifdef __cplusplus\n}\n#endif\n"
                              "#endif\n\n");
    write_callback(text, module);
    write_start(text, module, options->memory_routines, options->notification_callback);
    for (size_t i = 1; i <= manifest->provider.n_sets; i++)
        text_print(text,
                   "\n    Status = PerfSetCounterSetInfo(hDataSource_%s_1, &CtrSet_%s_1_%zu.CtSet_%s_1_%zu, dwCtrSet_%s_1_%zu);\n"
                   "    if (Status != ERROR_SUCCESS) {\n        PerfAutoCleanup();\n        return Status;\n    }\n",
                   module, module, i, module, i, module, i);
    text_print(text,
               "\n    return ERROR_SUCCESS;\n}\n\n"
               "ULONG PerfAutoCleanup(void)\n{\n"
               "    if (hDataSource_%s_1 != NULL) {\n"
               "        PerfStopProvider(hDataSource_%s_1);\n"
               "        hDataSource_%s_1 = NULL;\n"
               "    }\n"
               "    return ERROR_SUCCESS;\n}\n",
               module, module, module);
}
