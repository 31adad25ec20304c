#include "run_generator.h"

#include <check.h>
#include <string.h>

enum { MOST_ARGUMENTS = 16 };

struct generated generate_from(const char *bytes, size_t size, const char *arguments)
{
    struct generated generated = {.arena = {NULL}};
    struct arena *arena = &generated.arena;
    char *words[MOST_ARGUMENTS + 2] = {arena_format(arena, "ctrpp")};
    int count = 1;
    char *rest = arena_copy(arena, arguments, strlen(arguments));
    for (char *word = strtok(rest, " "); word != NULL && count < MOST_ARGUMENTS; word = strtok(NULL, " "))
        words[count++] = word;
    words[count++] = arena_format(arena, "test.man");

    struct options options;
    ck_assert_int_eq(options_read(count, words, &options, stderr), REQUEST_RUN);
    struct diagnostics diagnostics = {.arena = arena, .file = "test.man"};
    struct text messages = {.arena = arena};
    generated.count = generate(arena, &diagnostics, &options, bytes, size, generated.outputs);
    diagnostics_print(&diagnostics, &messages);
    generated.errors = diagnostics.errors;
    generated.warnings = diagnostics.warnings;
    generated.messages = messages.size > 0 ? messages.bytes : "";
    if (generated.errors > 0)
        ck_assert_uint_eq(generated.count, 0);
    return generated;
}

struct generated generate_text(const char *manifest, const char *arguments)
{
    return generate_from(manifest, strlen(manifest), arguments);
}

const char *generated_text(const struct generated *generated, const char *path)
{
    for (size_t i = 0; i < generated->count; i++) {
        if (strcmp(generated->outputs[i].path, path) == 0)
            return generated->outputs[i].text.bytes;
    }
    return "";
}

void generated_free(struct generated *generated)
{
    arena_free(&generated->arena);
}

const char *manifest_of(struct arena *arena, const char *head, const char *provider, const char *sets)
{
    return arena_format(arena,
                        "<instrumentationManifest xmlns=\"http://schemas.microsoft.com/win/2004/08/events\"><instrumentation>\n"
                        "<counters xmlns=\"http://schemas.microsoft.com/win/2005/12/counters\" %s>\n"
                        "<provider providerGuid=\"{11111111-2222-3333-4444-555555555555}\" applicationIdentity=\"test.exe\" %s>\n"
                        "%s\n"
                        "</provider></counters></instrumentation></instrumentationManifest>\n",
                        head, provider, sets);
}

const char *manifest_with(struct arena *arena, const char *sets)
{
    return manifest_of(arena, "schemaVersion=\"1.1\"", "symbol=\"Test\"", sets);
}

const char *manifest_with_counters(struct arena *arena, const char *counters)
{
    return manifest_with(arena,
                         arena_format(arena,
                                      "<counterSet symbol=\"Set\" guid=\"{66666666-7777-8888-9999-aaaaaaaaaaaa}\" uri=\"Set\" "
                                      "name=\"A set\" description=\"What it is\">\n%s\n</counterSet>",
                                      counters));
}
