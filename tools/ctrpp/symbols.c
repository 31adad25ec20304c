#include "guid.h"
#include "writers.h"

/* A string literal of C. Beyond ASCII it is spelled with universal character names, whatever the compiler takes the file for. */
static void write_literal(struct text *text, const char *string)
{
    text_add_string(text, "\"");
    while (*string != '\0') {
        uint32_t point = utf8_next(&string);
        if (point == '"' || point == '\\' || point == '?') {
            text_print(text, "\\%c", (char)point); /* the question mark because of trigraphs */
        } else if (point >= 0x20 && point < 0x7F) {
            text_print(text, "%c", (char)point);
        } else if (point < 0xA0) {
            text_print(text, "\\%03o", (unsigned)point);
        } else {
            text_print(text, point > 0xFFFF ? "\\U%08X" : "\\u%04X", (unsigned)point);
        }
    }
    text_add_string(text, "\"");
}

static const char introduction[] =
    "/*\n"
    " * For consumers: the counter sets' names as UTF-16 strings, their GUIDs as initialisers. Macros only.\n"
    " * The form is perfpool's own.\n"
    " */\n\n"
    "#pragma once\n\n"
    "#ifndef PERFPOOL_CTRPP_UTF16\n"
    "#ifdef _WIN32\n"
    "#define PERFPOOL_CTRPP_UTF16(text) L##text\n"
    "#else\n"
    "#define PERFPOOL_CTRPP_UTF16(text) u##text\n"
    "#endif\n"
    "#endif\n\n";

/* The name of the item in `strings`, NULL if it has none. */
static const char *item_name(const struct strings *strings, size_t item)
{
    for (size_t i = 0; i < strings->count; i++) {
        if (strings->strings[i].item == item && strings->strings[i].kind == STRING_NAME)
            return strings->strings[i].text;
    }
    return NULL;
}

void write_symbols(struct text *text, const struct manifest *manifest, const struct strings *strings, const struct options *options)
{
    const struct provider *provider = &manifest->provider;
    size_t item = 0;
    write_origin(text, manifest);
    text_add_string(text, introduction);
    text_print(text, "#define %s%s_GUID ", options->prefix, provider->symbol);
    guid_add_plain(text, &provider->guid);
    text_add_string(text, "\n");
    for (size_t i = 0; i < provider->n_sets; i++) {
        const struct counter_set *set = &provider->sets[i];
        const char *name = item_name(strings, item);
        item += 1 + set->n_counters;
        text_print(text, "\n#define %s%s_NAME PERFPOOL_CTRPP_UTF16(", options->prefix, set->symbol);
        write_literal(text, name != NULL ? name : "");
        text_print(text, ")\n#define %s%s_GUID ", options->prefix, set->symbol);
        guid_add_plain(text, &set->guid);
        text_add_string(text, "\n");
    }
}
