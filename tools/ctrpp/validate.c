#include "validate.h"

#include "guid.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NAME = 1023 };

typedef void reporter(struct diagnostics *diagnostics, unsigned line, const char *format, ...) CTRPP_FORMAT(3, 4);

/* A value that must be unique among its like. */
struct key {
    const char *value;
    const struct xml_element *element;
    size_t order;
};

/* Keys of one kind: the values of one attribute. */
struct keys {
    struct arena *arena;
    const char *attribute;
    struct key *keys;
    size_t count, capacity;
};

static void add_key(struct keys *keys, const char *value, const struct xml_element *element)
{
    if (value == NULL)
        return;
    if (keys->count == keys->capacity) {
        size_t capacity = keys->capacity * 2 + 16;
        struct key *grown = arena_allocate(keys->arena, capacity * sizeof(*grown));
        if (keys->count > 0)
            memcpy(grown, keys->keys, keys->count * sizeof(*grown));
        keys->keys = grown;
        keys->capacity = capacity;
    }
    keys->keys[keys->count] = (struct key){value, element, keys->count};
    keys->count++;
}

static int compare_keys(const void *left, const void *right)
{
    const struct key *a = left, *b = right;
    int order = strcmp(a->value, b->value);
    if (order != 0)
        return order;
    return a->order < b->order ? -1 : 1;
}

/* Reports each key that an earlier one equals; `report` is report_error or report_warning. */
static void report_duplicates(struct diagnostics *diagnostics, struct keys *keys, const char *scope, reporter *report)
{
    if (keys->count == 0)
        return;
    qsort(keys->keys, keys->count, sizeof(struct key), compare_keys);
    const struct key *first = &keys->keys[0];
    for (size_t i = 1; i < keys->count; i++) {
        const struct key *key = &keys->keys[i];
        if (strcmp(first->value, key->value) != 0) {
            first = key;
            continue;
        }
        report(diagnostics, xml_line(key->element, keys->attribute),
               "%s of %s is %s, which line %u has already, expected one that is unique in the %s", keys->attribute,
               key->element->name, quote(diagnostics, key->value), xml_line(first->element, keys->attribute), scope);
    }
}

/* Names and URIs, on which no generated code depends, must be unique by the schema of 1.x; that of 2.0 does not ask for it. */
static reporter *text_reporter(const struct manifest *manifest)
{
    return manifest->schema == SCHEMA_2 ? report_warning : report_error;
}

static void check_unique_sets(struct arena *arena, struct diagnostics *diagnostics, const struct manifest *manifest)
{
    const struct provider *provider = &manifest->provider;
    struct keys guids = {.arena = arena, .attribute = "guid"};
    struct keys uris = {.arena = arena, .attribute = "uri"};
    struct keys names = {.arena = arena, .attribute = "name"};
    struct keys symbols = {.arena = arena, .attribute = "symbol"};
    for (size_t i = 0; i < provider->n_sets; i++) {
        const struct counter_set *set = &provider->sets[i];
        add_key(&guids, set->has_guid ? guid_text(arena, &set->guid) : NULL, set->element);
        add_key(&uris, set->uri, set->element);
        add_key(&names, set->labels.name, set->element);
        add_key(&symbols, set->symbol, set->element);
    }
    report_duplicates(diagnostics, &guids, "manifest", report_error);
    report_duplicates(diagnostics, &uris, "manifest", text_reporter(manifest));
    report_duplicates(diagnostics, &names, "manifest", text_reporter(manifest));
    report_duplicates(diagnostics, &symbols, "manifest", report_error);
}

static void check_unique_counters(struct arena *arena, struct diagnostics *diagnostics, const struct manifest *manifest)
{
    const struct provider *provider = &manifest->provider;
    struct keys uris = {.arena = arena, .attribute = "uri"};
    struct keys symbols = {.arena = arena, .attribute = "symbol"};
    for (size_t i = 0; i < provider->n_sets; i++) {
        const struct counter_set *set = &provider->sets[i];
        struct keys ids = {.arena = arena, .attribute = "id"};
        struct keys names = {.arena = arena, .attribute = "name"};
        for (size_t k = 0; k < set->n_counters; k++) {
            const struct counter *counter = &set->counters[k];
            const char *name = counter->labels.name;
            add_key(&uris, counter->uri, counter->element);
            add_key(&symbols, counter->symbol, counter->element);
            add_key(&ids, counter->id.given ? arena_format(arena, "%u", (unsigned)counter->id.value) : NULL, counter->element);
            add_key(&names, name != NULL && name[0] != '\0' ? name : NULL, counter->element);
        }
        report_duplicates(diagnostics, &ids, "counterSet", report_error);
        report_duplicates(diagnostics, &names, "counterSet", text_reporter(manifest));
    }
    report_duplicates(diagnostics, &uris, "manifest", text_reporter(manifest));
    report_duplicates(diagnostics, &symbols, "manifest", report_error);
}

static void require(struct diagnostics *diagnostics, const struct xml_element *element, const char *attribute, const char *why,
                    reporter *report)
{
    if (xml_attribute(element, attribute) == NULL)
        report(diagnostics, element->line, "missing attribute \"%s\" of %s, expected %s", attribute, element->name, why);
}

static void forbid(struct diagnostics *diagnostics, const struct xml_element *element, const char *attribute, const char *why)
{
    if (xml_attribute(element, attribute) != NULL)
        report_error(diagnostics, xml_line(element, attribute), "attribute \"%s\" of %s, expected %s", attribute, element->name,
                     why);
}

/* Texts and their resource ids as the schema asks for them; `hidden`: they may be absent, because noDisplay is set. */
static void check_labels(struct diagnostics *diagnostics, enum schema schema, const struct xml_element *element,
                         const struct labels *labels, bool hidden)
{
    if (labels->name != NULL && utf16_length(labels->name) > LONGEST_NAME)
        report_error(diagnostics, xml_line(element, "name"), "name of %s has %zu characters, expected at most %d", element->name,
                     utf16_length(labels->name), LONGEST_NAME);
    if (strcmp(element->name, "counter") == 0 && !hidden) {
        require(diagnostics, element, "name", "it in a counter without noDisplay", report_error);
        /* The schema of 1.x does not ask for it, and a counter is found and shown without it. */
        require(diagnostics, element, "description", "it in a counter without noDisplay",
                schema == SCHEMA_2 ? report_error : report_warning);
    }
    if (schema != SCHEMA_2) {
        forbid(diagnostics, element, "nameID", "it only with schemaVersion 2.0");
        forbid(diagnostics, element, "descriptionID", "it only with schemaVersion 2.0");
        return;
    }
    if (!hidden || labels->name != NULL)
        require(diagnostics, element, "nameID", "it with schemaVersion 2.0", report_error);
    if (!hidden || labels->description != NULL)
        require(diagnostics, element, "descriptionID", "it with schemaVersion 2.0", report_error);
}

static const struct counter *find_counter(const struct counter_set *set, uint32_t id)
{
    for (size_t i = 0; i < set->n_counters; i++) {
        if (set->counters[i].id.given && set->counters[i].id.value == id)
            return &set->counters[i];
    }
    return NULL;
}

/* The type that a counter of type `type` refers to, NULL if it needs no such reference. */
static const char *needed_type(const struct counter_type *type, enum reference reference)
{
    switch (reference) {
    case REFERENCE_BASE:
        return (type->needs & NEED_BASE) != 0 ? type->base : NULL;
    case REFERENCE_TIME:
    case REFERENCE_FREQUENCY:
        return (type->needs & NEED_TIME) != 0 ? "perf_counter_large_rawcount" : NULL;
    default:
        return (type->needs & NEED_MULTI) != 0 ? "perf_counter_rawcount" : NULL;
    }
}

static bool is_base(const struct counter_type *type)
{
    for (size_t i = 0; i < counter_type_count; i++) {
        if (counter_types[i].base != NULL && strcmp(counter_types[i].base, type->name) == 0)
            return true;
    }
    return false;
}

/*
 * A value with no base to divide it by means nothing. What else a counter refers to, and which of the bases it is, the schema
 * leaves open, and no generated code depends on it.
 */
static void check_reference(struct diagnostics *diagnostics, const struct counter_set *set, const struct counter *counter,
                            enum reference reference)
{
    const char *attribute = reference_attributes[reference];
    const char *wanted = counter->type != NULL ? needed_type(counter->type, reference) : NULL;
    if (xml_attribute(counter->element, attribute) == NULL) {
        reporter *report = reference == REFERENCE_BASE ? report_error : report_warning;
        if (wanted != NULL)
            report(diagnostics, counter->element->line, "missing attribute \"%s\" of counter, expected the id of a %s for %s",
                   attribute, wanted, counter->type->name);
        return;
    }
    if (!counter->references[reference].given)
        return;
    const struct counter *other = find_counter(set, counter->references[reference].value);
    if (other == NULL) {
        report_error(diagnostics, xml_line(counter->element, attribute),
                     "%s of counter is %u, which no counter of the counterSet has, expected the id of one of them", attribute,
                     (unsigned)counter->references[reference].value);
    } else if (wanted != NULL && other->type != NULL && strcmp(other->type->name, wanted) != 0) {
        reporter *report = reference == REFERENCE_BASE && !is_base(other->type) ? report_error : report_warning;
        report(diagnostics, xml_line(counter->element, attribute), "%s of counter is %u, which is a %s, expected a %s for %s",
               attribute, (unsigned)counter->references[reference].value, other->type->name, wanted, counter->type->name);
    }
}

static void check_provider(struct diagnostics *diagnostics, const struct manifest *manifest)
{
    if (manifest->schema == SCHEMA_2)
        forbid(diagnostics, manifest->provider.element, "resourceBase", "it only with schemaVersion 1.x");
}

void validate(struct arena *arena, struct diagnostics *diagnostics, const struct manifest *manifest)
{
    const struct provider *provider = &manifest->provider;
    check_provider(diagnostics, manifest);
    check_unique_sets(arena, diagnostics, manifest);
    check_unique_counters(arena, diagnostics, manifest);
    for (size_t i = 0; i < provider->n_sets; i++) {
        const struct counter_set *set = &provider->sets[i];
        check_labels(diagnostics, manifest->schema, set->element, &set->labels, false);
        for (size_t k = 0; k < set->n_counters; k++) {
            const struct counter *counter = &set->counters[k];
            bool hidden = (counter->attributes & ATTRIBUTE_NO_DISPLAY) != 0;
            /* Microsoft's example of the Vista form has counters without one. */
            if (manifest->schema != SCHEMA_VISTA)
                require(diagnostics, counter->element, "detailLevel", "a value for it", report_error);
            check_labels(diagnostics, manifest->schema, counter->element, &counter->labels, hidden);
            for (int r = 0; r < REFERENCE_COUNT; r++)
                check_reference(diagnostics, set, counter, (enum reference)r);
        }
    }
}
