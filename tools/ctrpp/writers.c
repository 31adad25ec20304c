#include "writers.h"

#include <string.h>

static bool is_plain(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9');
}

void write_origin(struct text *text, const struct manifest *manifest)
{
    text_add_string(text, "/* Made from ");
    /* A file's name may hold what ends a comment. */
    for (const char *at = manifest->file_name; *at != '\0'; at++)
        text_add(text, is_plain(*at) || strchr("-_. ", *at) != NULL ? at : "_", 1);
    text_add_string(text, " by perfpool-ctrpp. Change the manifest, not this file. */\n");
}

const char *module_name(struct arena *arena, const struct manifest *manifest)
{
    char *name = arena_copy(arena, manifest->base_name, strlen(manifest->base_name));
    for (char *at = name; *at != '\0'; at++) {
        if (!is_plain(*at))
            *at = '_';
    }
    return name;
}

static void write_constant(struct text *text, const char *name, const char *value)
{
    text_print(text, "#ifndef %s\n#define %s %s\n#endif\n", name, name, value);
}

static bool uses_type(const struct manifest *manifest, const struct counter_type *type)
{
    const struct provider *provider = &manifest->provider;
    for (size_t i = 0; i < provider->n_sets; i++) {
        for (size_t k = 0; k < provider->sets[i].n_counters; k++) {
            if (provider->sets[i].counters[k].type == type)
                return true;
        }
    }
    return false;
}

void write_constants(struct text *text, const struct manifest *manifest)
{
    text_add_string(text, "/* What some headers lack; where the system has a name, the system's value holds. */\n");
    for (size_t i = 0; i < perflib_constant_count; i++)
        write_constant(text, perflib_constants[i].name, perflib_constants[i].value);
    for (size_t i = 0; i < counter_type_count; i++) {
        if (uses_type(manifest, &counter_types[i]))
            write_constant(text, counter_types[i].constant, arena_format(text->arena, "0x%08X", (unsigned)counter_types[i].value));
    }
}

void write_counter_info(struct text *text, const struct counter *counter, const char *size, unsigned offset)
{
    text_print(text, "{%u%s, %s, ", (unsigned)counter->id.value, counter->id.value > INT32_MAX ? "u" : "", counter->type->constant);
    if (counter->attributes == 0)
        text_add_string(text, "0");
    bool first = true;
    for (const struct word *word = attribute_words; word->name != NULL; word++) {
        if ((counter->attributes & word->value) != 0) {
            text_print(text, "%s%s", first ? "" : " | ", word->constant);
            first = false;
        }
    }
    text_print(text, ", %s, %s, %d, %u}", size, find_word_by_value(detail_words, counter->detail_level)->constant,
               counter->default_scale, offset);
}
