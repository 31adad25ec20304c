#include "writers.h"

#include <stdlib.h>
#include <string.h>

/*
 * All compilers of .rc files agree on this: a quotation mark is doubled, a backslash is escaped, and text beyond ASCII is UTF-8
 * because of the #pragma code_page before it.
 */
void write_resource_string(struct text *text, const char *string)
{
    text_add_string(text, "\"");
    for (; *string != '\0'; string++) {
        unsigned char byte = (unsigned char)*string;
        switch (byte) {
        case '"':
            text_add_string(text, "\"\"");
            break;
        case '\\':
            text_add_string(text, "\\\\");
            break;
        case '\n':
            text_add_string(text, "\\n");
            break;
        case '\r':
            text_add_string(text, "\\r");
            break;
        case '\t':
            text_add_string(text, "\\t");
            break;
        default:
            text_add(text, string, 1);
            break;
        }
    }
    text_add_string(text, "\"");
}

static int compare_ids(const void *left, const void *right)
{
    const struct string *a = *(const struct string *const *)left, *b = *(const struct string *const *)right;
    return a->id < b->id ? -1 : a->id > b->id;
}

void write_resources(struct text *text, const struct manifest *manifest, const struct strings *strings)
{
    write_origin(text, manifest);
    text_add_string(text, "#pragma code_page(65001)\n");
    if (strings->count == 0)
        return;
    const struct string **sorted = arena_allocate(text->arena, strings->count * sizeof(const struct string *));
    for (size_t i = 0; i < strings->count; i++)
        sorted[i] = &strings->strings[i];
    qsort(sorted, strings->count, sizeof(const struct string *), compare_ids);
    text_add_string(text, "\nSTRINGTABLE\nBEGIN\n");
    for (size_t i = 0; i < strings->count; i++) {
        text_print(text, "    %u ", (unsigned)sorted[i]->id);
        write_resource_string(text, sorted[i]->text);
        text_add_string(text, sorted[i]->kind == STRING_LOCKED_NAME ? " // {Locked} not to be translated\n" : "\n");
    }
    text_add_string(text, "END\n");
}

/* Calls `write` for each string as the legacy files order them: the last item first, in an item the description first. */
static void for_each_legacy(const struct strings *strings, struct text *text, const char *module,
                            void (*write)(struct text *text, const char *module, const struct string *string))
{
    size_t end = strings->count;
    while (end > 0) {
        size_t start = end - 1;
        while (start > 0 && strings->strings[start - 1].item == strings->strings[end - 1].item)
            start--;
        for (size_t i = start; i < end; i++) {
            if (strings->strings[i].kind == STRING_DESCRIPTION)
                write(text, module, &strings->strings[i]);
        }
        for (size_t i = start; i < end; i++) {
            if (strings->strings[i].kind != STRING_DESCRIPTION)
                write(text, module, &strings->strings[i]);
        }
        end = start;
    }
}

static void write_legacy_string(struct text *text, const char *module, const struct string *string)
{
    text_print(text, "    IDS_%s_%05u ", module, (unsigned)string->id);
    write_resource_string(text, string->text);
    text_add_string(text, string->kind == STRING_LOCKED_NAME ? " // {Locked} not to be translated\n" : "\n");
}

void write_legacy_resources(struct text *text, const struct manifest *manifest, const struct strings *strings)
{
    write_origin(text, manifest);
    text_print(text, "#pragma code_page(65001)\n#include <windows.h>\n\n#include \"%s_r.h\"\n", manifest->base_name);
    if (strings->count == 0)
        return;
    text_add_string(text, "\nSTRINGTABLE\nBEGIN\n");
    for_each_legacy(strings, text, module_name(text->arena, manifest), write_legacy_string);
    text_add_string(text, "END\n");
}

static void write_legacy_id(struct text *text, const char *module, const struct string *string)
{
    text_print(text, "#define IDS_%s_%05u %u\n", module, (unsigned)string->id, (unsigned)string->id);
}

void write_legacy_ids(struct text *text, const struct manifest *manifest, const struct strings *strings)
{
    write_origin(text, manifest);
    for_each_legacy(strings, text, module_name(text->arena, manifest), write_legacy_id);
}
