/*
 * Mutated manifests through the generator: each gives a message with file and line, or output. What is accepted is written to a
 * folder, with one file for each form that includes all of them, for compilers to judge.
 *
 *     mutants SEED COUNT FOLDER MANIFEST...
 *
 * Prints the seed, and the counts: mutants, well-formed ones, accepted ones. Exit code 1 if a mutant gave neither, if fewer than
 * half are well-formed, or if none was accepted.
 */
#include "generate.h"
#include "mutator.h"
#include "system.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_MANIFESTS = 16 };

struct run {
    const char *folder;
    FILE *modern, *legacy; /* what includes all the accepted */
    unsigned long number;
    size_t well_formed, accepted, wrong;
};

static bool read_file(struct arena *arena, const char *path, struct text *text)
{
    char buffer[4096];
    size_t count;
    FILE *file = system_open(path, "rb");
    text->arena = arena;
    if (file == NULL)
        return false;
    while ((count = fread(buffer, 1, sizeof(buffer), file)) > 0)
        text_add(text, buffer, count);
    fclose(file);
    return text->size > 0;
}

static bool is_well_formed(const char *bytes, size_t size)
{
    XML_Parser parser = XML_ParserCreateNS(NULL, '\n');
    bool well_formed = XML_Parse(parser, bytes, (int)size, 1) == XML_STATUS_OK;
    XML_ParserFree(parser);
    return well_formed;
}

static void write_file(const struct run *run, struct arena *arena, const struct output *output)
{
    FILE *file = system_open(arena_format(arena, "%s/%s", run->folder, output->path), "wb");
    if (file == NULL || fwrite(output->text.bytes, 1, output->text.size, file) != output->text.size) {
        printf("%s/%s cannot be written\n", run->folder, output->path);
        exit(1);
    }
    fclose(file);
}

/* Takes a header's macros back, so that the next one starts without them. */
static void undefine(FILE *file, const char *header)
{
    for (const char *line = strstr(header, "#undef "); line != NULL; line = strstr(line + 1, "#undef "))
        fprintf(file, "%.*s\n", (int)strcspn(line, "\n"), line);
}

/* The first message must say where; with errors there is no output. */
static bool messages_are_right(const char *file, const struct diagnostics *diagnostics, const char *messages, size_t count)
{
    size_t length = strlen(file), digits = 0;
    if (diagnostics->errors == 0)
        return count > 0;
    if (count > 0 || strncmp(messages, file, length) != 0 || messages[length] != ':')
        return false;
    digits = strspn(messages + length + 1, "0123456789");
    const char *kind = messages + length + 1 + digits;
    return digits > 0 && messages[length + 1] != '0' &&
           (strncmp(kind, ": error: ", 9) == 0 || strncmp(kind, ": warning: ", 11) == 0);
}

static void generate_form(struct run *run, const struct options *options, const char *bytes, size_t size)
{
    struct arena arena = {NULL};
    struct diagnostics diagnostics = {.arena = &arena, .file = options->manifest};
    struct text messages = {.arena = &arena};
    struct output outputs[MOST_OUTPUTS];
    size_t count = generate(&arena, &diagnostics, options, bytes, size, outputs);
    diagnostics_print(&diagnostics, &messages);
    if (!messages_are_right(options->manifest, &diagnostics, messages.bytes != NULL ? messages.bytes : "", count)) {
        printf("mutant %lu: %zu errors, %zu outputs, messages:\n%s\n", run->number, diagnostics.errors, count,
               messages.bytes != NULL ? messages.bytes : "");
        run->wrong++;
    }
    for (size_t i = 0; i < count; i++)
        write_file(run, &arena, &outputs[i]);
    if (count > 0 && options->legacy) {
        fprintf(run->legacy, "#define PerfAutoInitialize m%lu_initialize\n#define PerfAutoCleanup m%lu_cleanup\n#include \"%s\"\n",
                run->number, run->number, outputs[1].path);
        fprintf(run->legacy, "#undef PerfAutoInitialize\n#undef PerfAutoCleanup\n");
    } else if (count > 0) {
        fprintf(run->modern, "#include \"%s\"\n#include \"%s\"\n", outputs[0].path, outputs[2].path);
        undefine(run->modern, outputs[0].text.bytes);
    }
    run->accepted += count > 0;
    arena_free(&arena);
}

static void run_mutant(struct run *run, struct random *random, const char *manifest)
{
    struct arena arena = {NULL};
    size_t size;
    const char *bytes = mutate(&arena, random, manifest, &size);
    const char *name = arena_format(&arena, "m%lu", run->number);
    struct options modern = {.manifest = arena_format(&arena, "%s.man", name),
                             .code = arena_format(&arena, "%s.modern.h", name),
                             .resources = arena_format(&arena, "%s.modern.rc", name),
                             .symbols = arena_format(&arena, "%s.symbols.h", name),
                             .prefix = arena_format(&arena, "%s_", name),
                             .memory_routines = random_below(random, 2) == 0};
    struct options legacy = {.manifest = modern.manifest, .prefix = "", .legacy = true, .memory_routines = modern.memory_routines};
    run->well_formed += is_well_formed(bytes, size);
    generate_form(run, &modern, bytes, size);
    generate_form(run, &legacy, bytes, size);
    arena_free(&arena);
}

int main(int count, char **arguments)
{
    struct arena arena = {NULL};
    struct text manifests[MOST_MANIFESTS] = {{NULL}};
    if (count < 5 || count > 4 + MOST_MANIFESTS) {
        fputs("usage: mutants SEED COUNT FOLDER MANIFEST...\n", stderr);
        return 2;
    }
    unsigned long seed = strtoul(arguments[1], NULL, 10), wanted = strtoul(arguments[2], NULL, 10);
    size_t n_manifests = (size_t)count - 4;
    struct random random = {seed * 2 + 1};
    struct run run = {.folder = arguments[3]};
    for (size_t i = 0; i < n_manifests; i++) {
        if (!read_file(&arena, arguments[4 + i], &manifests[i])) {
            printf("%s cannot be read\n", arguments[4 + i]);
            return 1;
        }
    }
    run.modern = system_open(arena_format(&arena, "%s/modern.c", run.folder), "wb");
    run.legacy = system_open(arena_format(&arena, "%s/legacy.c", run.folder), "wb");
    if (run.modern == NULL || run.legacy == NULL) {
        printf("nothing can be written to %s\n", run.folder);
        return 1;
    }
    fputs("#include <windows.h>\n#include <winperf.h>\n#include <perflib.h>\n", run.modern);
    printf("seed %lu\n", seed);
    fflush(stdout);
    for (run.number = 1; run.number <= wanted; run.number++)
        run_mutant(&run, &random, manifests[random_below(&random, n_manifests)].bytes);
    fclose(run.modern);
    fclose(run.legacy);
    printf("%lu mutants, %zu well-formed, %zu outputs accepted, %zu wrong\n", wanted, run.well_formed, run.accepted, run.wrong);
    arena_free(&arena);
    return run.wrong == 0 && 2 * run.well_formed >= wanted && run.accepted > 0 ? 0 : 1;
}
