/*
 * perfpool-ctrpp: from a counter manifest to the code and the resources of a PERFLIB V2 provider.
 *
 * Exit code: 0 done, 1 the manifest is wrong or a file cannot be read or written, 2 usage.
 */
#include "generate.h"
#include "system.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_DONE = 0, EXIT_WRONG = 1, EXIT_USAGE = 2 };

/* False if it cannot be read; errno says why. */
static bool read_file(const char *path, struct text *text)
{
    char buffer[16384];
    size_t count;
    FILE *file = system_open(path, "rb");
    if (file == NULL)
        return false;
    errno = 0;
    while ((count = fread(buffer, 1, sizeof(buffer), file)) > 0)
        text_add(text, buffer, count);
    int error = ferror(file) ? errno != 0 ? errno : EIO : 0;
    fclose(file);
    errno = error;
    return error == 0;
}

/* Where the legacy files go: next to the manifest. */
static const char *manifest_folder(struct arena *arena, const char *path)
{
    size_t length = strlen(path);
    while (length > 0 && !system_is_separator(path[length - 1]))
        length--;
    return arena_copy(arena, path, length);
}

static void set_folder(struct arena *arena, struct output *outputs, const char *const *names, size_t count, const char *folder)
{
    size_t length = strlen(folder);
    const char *separator = length > 0 && !system_is_separator(folder[length - 1]) ? "/" : "";
    for (size_t i = 0; i < count; i++)
        outputs[i].path = arena_format(arena, "%s%s%s", folder, separator, names[i]);
}

/* Tries the folder that was asked for, else that of the manifest and then the working folder. */
static bool write_legacy(struct arena *arena, const struct options *options, struct output *outputs, size_t count)
{
    const char *names[MOST_OUTPUTS];
    const char *folder = options->folder != NULL ? options->folder : manifest_folder(arena, options->manifest);
    bool elsewhere = options->folder == NULL && folder[0] != '\0';
    for (size_t i = 0; i < count; i++)
        names[i] = outputs[i].path;
    set_folder(arena, outputs, names, count, folder);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(outputs[i].path, options->manifest) == 0) {
            fprintf(stderr, "perfpool-ctrpp: error: %s is the manifest and would be written over\n", options->manifest);
            return false;
        }
    }
    if (outputs_write(arena, outputs, count, elsewhere ? NULL : stderr))
        return true;
    if (!elsewhere)
        return false;
    set_folder(arena, outputs, names, count, "");
    return outputs_write(arena, outputs, count, stderr);
}

static int run(struct arena *arena, const struct options *options)
{
    struct text manifest = {.arena = arena}, messages = {.arena = arena};
    struct diagnostics diagnostics = {.arena = arena, .file = options->manifest};
    struct output outputs[MOST_OUTPUTS];
    if (!read_file(options->manifest, &manifest)) {
        fprintf(stderr, "%s:1: error: cannot be read (%s), expected a manifest\n", options->manifest, strerror(errno));
        return EXIT_WRONG;
    }
    size_t count = generate(arena, &diagnostics, options, manifest.bytes != NULL ? manifest.bytes : "", manifest.size, outputs);
    diagnostics_print(&diagnostics, &messages);
    if (messages.size > 0)
        fputs(messages.bytes, stderr);
    if (diagnostics.errors > 0)
        return EXIT_WRONG;
    bool written = options->legacy ? write_legacy(arena, options, outputs, count) : outputs_write(arena, outputs, count, stderr);
    return written ? EXIT_DONE : EXIT_WRONG;
}

int main(int count, char **arguments)
{
    struct arena arena = {NULL};
    struct options options;
    int exit_code = EXIT_DONE;
    system_arguments(&arena, &count, &arguments);
    switch (options_read(count, arguments, &options, stderr)) {
    case REQUEST_HELP:
        print_help(stdout);
        break;
    case REQUEST_VERSION:
        puts("perfpool-ctrpp " PERFPOOL_CTRPP_VERSION);
        break;
    case REQUEST_WRONG:
        exit_code = EXIT_USAGE;
        break;
    case REQUEST_RUN:
        exit_code = run(&arena, &options);
        break;
    }
    arena_free(&arena);
    return exit_code;
}
