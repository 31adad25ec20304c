#include "strings.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

/* A string table's ids have 16 bits, and so has the length of its strings. */
enum { LAST_ID = 0xFFFF, LONGEST_STRING = 0xFFFF, IDS_PER_ITEM = 4 };

struct collector {
    struct arena *arena;
    struct diagnostics *diagnostics;
    const struct manifest *manifest;
    struct strings *strings;
    size_t item;
};

static const struct xml_element *next_named(const struct xml_element *element, const char *name)
{
    while (element != NULL && strcmp(element->name, name) != 0)
        element = element->next;
    return element;
}

/* The string with an id in one culture's table, or NULL. */
static const char *find_in_resources(const struct xml_element *resources, const char *id, size_t length, bool *has_table)
{
    for (const struct xml_element *table = next_named(resources->children, "stringTable"); table != NULL;
         table = next_named(table->next, "stringTable")) {
        *has_table = true;
        for (const struct xml_element *string = next_named(table->children, "string"); string != NULL;
             string = next_named(string->next, "string")) {
            const struct xml_attribute *found = xml_attribute(string, "id");
            const struct xml_attribute *value = xml_attribute(string, "value");
            if (found != NULL && value != NULL && strlen(found->value) == length && memcmp(found->value, id, length) == 0)
                return value->value;
        }
    }
    return NULL;
}

/* The string with an id: of English if it is there, else of the first culture that has it. */
static const char *find_string(const struct xml_element *root, const char *id, size_t length, bool *has_table)
{
    const char *first = NULL;
    for (const struct xml_element *part = next_named(root->children, "localization"); part != NULL;
         part = next_named(part->next, "localization")) {
        for (const struct xml_element *resources = next_named(part->children, "resources"); resources != NULL;
             resources = next_named(resources->next, "resources")) {
            const char *value = find_in_resources(resources, id, length, has_table);
            const struct xml_attribute *culture = xml_attribute(resources, "culture");
            if (value != NULL && culture != NULL && strcmp(culture->value, "en-US") == 0)
                return value;
            first = first == NULL ? value : first;
        }
    }
    return first;
}

const char *strings_resolve(struct arena *arena, struct diagnostics *diagnostics, const struct manifest *manifest, const char *text,
                            unsigned line)
{
    static const char start[] = "$(string.";
    const char *reference = strstr(text, start);
    if (reference == NULL)
        return text;
    struct text resolved = {.arena = arena};
    const char *rest = text;
    for (; reference != NULL; reference = strstr(rest, start)) {
        const char *id = reference + sizeof(start) - 1;
        const char *end = strchr(id, ')');
        if (end == NULL)
            break;
        bool has_table = false;
        const char *value = find_string(manifest->root, id, (size_t)(end - id), &has_table);
        text_add(&resolved, rest, (size_t)(reference - rest));
        rest = end + 1;
        if (value == NULL && has_table)
            report_error(diagnostics, line, "no string %s in the manifest, expected one with that id in a stringTable",
                         quote(diagnostics, arena_copy(arena, id, (size_t)(end - id))));
        if (value != NULL) {
            text_add_string(&resolved, value);
        } else {
            text_add(&resolved, reference, (size_t)(rest - reference));
        }
    }
    text_add_string(&resolved, rest);
    return resolved.bytes;
}

static void add_string(struct collector *collector, uint64_t id, enum string_kind kind, const char *text, unsigned line)
{
    struct diagnostics *diagnostics = collector->diagnostics;
    const char *resolved = strings_resolve(collector->arena, diagnostics, collector->manifest, text, line);
    if (resolved[0] == '\0')
        return;
    if (utf16_length(resolved) > LONGEST_STRING)
        report_error(diagnostics, line, "text of %zu characters, expected at most %d in a string table", utf16_length(resolved),
                     LONGEST_STRING);
    if (id > LAST_ID) {
        report_error(diagnostics, line, "resource id %llu, expected at most %d, the last id of string tables",
                     (unsigned long long)id, LAST_ID);
        return;
    }
    struct string *string = &collector->strings->strings[collector->strings->count++];
    *string = (struct string){(uint32_t)id, kind, resolved, collector->item, line};
}

static void add_item(struct collector *collector, const struct xml_element *element, const struct labels *labels)
{
    const struct manifest *manifest = collector->manifest;
    unsigned name_line = xml_line(element, "name"), description_line = xml_line(element, "description");
    if (manifest->schema == SCHEMA_2) {
        if (labels->name != NULL && labels->name_id.given)
            add_string(collector, labels->name_id.value, STRING_NAME, labels->name, name_line);
        if (labels->description != NULL && labels->description_id.given)
            add_string(collector, labels->description_id.value, STRING_DESCRIPTION, labels->description, description_line);
    } else {
        uint64_t first = (uint64_t)manifest->provider.resource_base.value + collector->item * IDS_PER_ITEM + 1;
        if (labels->name != NULL) {
            size_t errors = collector->diagnostics->errors;
            add_string(collector, first, STRING_NAME, labels->name, name_line);
            if (collector->diagnostics->errors == errors)
                add_string(collector, first + 1, STRING_LOCKED_NAME, labels->name, name_line);
        }
        if (labels->description != NULL)
            add_string(collector, first + 2, STRING_DESCRIPTION, labels->description, description_line);
    }
    collector->item++;
}

static int compare_ids(const void *left, const void *right)
{
    const struct string *a = *(const struct string *const *)left;
    const struct string *b = *(const struct string *const *)right;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return a < b ? -1 : 1;
}

/* One id may stand for one text only; the same text under the same id is one string. Keeps the first of those. */
static void merge_ids(struct collector *collector)
{
    struct strings *strings = collector->strings;
    if (strings->count == 0)
        return;
    struct string **sorted = arena_allocate(collector->arena, strings->count * sizeof(struct string *));
    for (size_t i = 0; i < strings->count; i++)
        sorted[i] = &strings->strings[i];
    qsort(sorted, strings->count, sizeof(struct string *), compare_ids);
    const struct string *first = sorted[0];
    for (size_t i = 1; i < strings->count; i++) {
        if (sorted[i]->id != first->id) {
            first = sorted[i];
            continue;
        }
        if (strcmp(sorted[i]->text, first->text) != 0)
            report_error(collector->diagnostics, sorted[i]->line,
                         "resource id %u for a second text, line %u has it already, expected an id of its own",
                         (unsigned)sorted[i]->id, first->line);
        sorted[i]->text = NULL;
    }
    size_t kept = 0;
    for (size_t i = 0; i < strings->count; i++) {
        if (strings->strings[i].text != NULL)
            strings->strings[kept++] = strings->strings[i];
    }
    strings->count = kept;
}

void strings_collect(struct arena *arena, struct diagnostics *diagnostics, const struct manifest *manifest, struct strings *strings)
{
    const struct provider *provider = &manifest->provider;
    struct collector collector = {arena, diagnostics, manifest, strings, 0};
    size_t items = provider->n_sets;
    for (size_t i = 0; i < provider->n_sets; i++)
        items += provider->sets[i].n_counters;
    strings->strings = arena_allocate(arena, items * 3 * sizeof(struct string));
    strings->count = 0;
    for (size_t i = 0; i < provider->n_sets; i++) {
        const struct counter_set *set = &provider->sets[i];
        add_item(&collector, set->element, &set->labels);
        for (size_t k = 0; k < set->n_counters; k++)
            add_item(&collector, set->counters[k].element, &set->counters[k].labels);
    }
    merge_ids(&collector);
}
