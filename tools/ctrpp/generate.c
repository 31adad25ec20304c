#include "generate.h"

#include "identifiers.h"
#include "system.h"
#include "validate.h"
#include "writers.h"
#include "xml.h"

#include <string.h>

static const char *file_name(const char *path)
{
    const char *name = path;
    for (; *path != '\0'; path++) {
        if (system_is_separator(*path))
            name = path + 1;
    }
    return name;
}

static bool read_and_check(struct arena *arena, struct diagnostics *diagnostics, const struct options *options, const char *bytes,
                           size_t size, struct manifest *manifest, struct strings *strings)
{
    bool any_output = options->code != NULL || options->resources != NULL || options->symbols != NULL;
    const struct xml_element *root = xml_read(arena, diagnostics, bytes, size);
    if (root == NULL || !manifest_read(arena, diagnostics, root, manifest))
        return false;
    validate(arena, diagnostics, manifest);
    /* The legacy files name everything by number. Without outputs a manifest may be meant for them, if its schema allows. */
    bool by_symbol = any_output || (!options->legacy && manifest->schema >= SCHEMA_1);
    check_identifiers(arena, diagnostics, manifest, (struct symbol_needs){by_symbol, by_symbol, options->prefix});
    strings_collect(arena, diagnostics, manifest, strings);
    return diagnostics->errors == 0;
}

static void set_names(struct arena *arena, struct manifest *manifest, const char *path)
{
    const char *name = file_name(path);
    const char *extension = strrchr(name, '.');
    size_t length = extension != NULL && extension != name ? (size_t)(extension - name) : strlen(name);
    manifest->file_name = name;
    manifest->base_name = arena_copy(arena, name, length);
}

static struct text *add_output(struct arena *arena, struct output *outputs, size_t *count, const char *path)
{
    struct output *output = &outputs[(*count)++];
    output->path = path;
    output->text = (struct text){.arena = arena};
    return &output->text;
}

static size_t generate_legacy(struct arena *arena, const struct manifest *manifest, const struct strings *strings,
                              const struct options *options, struct output *outputs)
{
    size_t count = 0;
    const char *name = manifest->base_name;
    write_legacy_header(add_output(arena, outputs, &count, arena_format(arena, "%s.h", name)), manifest, options);
    write_legacy_code(add_output(arena, outputs, &count, arena_format(arena, "%s.c", name)), manifest, options);
    write_legacy_resources(add_output(arena, outputs, &count, arena_format(arena, "%s.rc", name)), manifest, strings);
    write_legacy_ids(add_output(arena, outputs, &count, arena_format(arena, "%s_r.h", name)), manifest, strings);
    return count;
}

size_t generate(struct arena *arena, struct diagnostics *diagnostics, const struct options *options, const char *bytes, size_t size,
                struct output *outputs)
{
    struct manifest *manifest = arena_allocate(arena, sizeof(*manifest));
    struct strings strings = {0};
    size_t count = 0;
    set_names(arena, manifest, options->manifest);
    if (!read_and_check(arena, diagnostics, options, bytes, size, manifest, &strings))
        return 0;
    if (options->legacy && strpbrk(manifest->base_name, "\"\\\n\r") != NULL) {
        report_error(diagnostics, 1, "the manifest's file name is %s, expected one that an #include can name",
                     quote(diagnostics, manifest->file_name));
        return 0;
    }
    if (options->legacy)
        return generate_legacy(arena, manifest, &strings, options, outputs);
    if (options->code != NULL)
        write_code(add_output(arena, outputs, &count, options->code), manifest, options);
    if (options->resources != NULL)
        write_resources(add_output(arena, outputs, &count, options->resources), manifest, &strings);
    if (options->symbols != NULL)
        write_symbols(add_output(arena, outputs, &count, options->symbols), manifest, &strings, options);
    return count;
}
