#include "manifest.h"

#include "attributes.h"

#include <string.h>

const char *const reference_attributes[REFERENCE_COUNT] = {"baseID", "perfTimeID", "perfFreqID", "multiCounterID"};

/* Reports a child element that does not belong here. */
static void report_child(struct diagnostics *diagnostics, const struct xml_element *child, const char *expected)
{
    report_error(diagnostics, child->line, "unknown element %s in %s, expected %s", quote(diagnostics, child->name),
                 child->parent->name, expected);
}

static void read_labels(struct diagnostics *diagnostics, const struct xml_element *element, struct labels *labels)
{
    labels->name = read_text(element, "name");
    labels->description = read_text(element, "description");
    labels->name_id = read_number(diagnostics, element, "nameID");
    labels->description_id = read_number(diagnostics, element, "descriptionID");
}

static uint32_t read_counter_attributes(struct diagnostics *diagnostics, const struct xml_element *list)
{
    static const struct attribute_rule none[] = {{NULL, false}};
    static const struct attribute_rule rules[] = {{"name", true}, {NULL, false}};
    uint32_t attributes = 0;
    check_attributes(diagnostics, list, none);
    for (const struct xml_element *child = list->children; child != NULL; child = child->next) {
        if (strcmp(child->name, "counterAttribute") != 0) {
            report_child(diagnostics, child, "counterAttribute");
            continue;
        }
        check_attributes(diagnostics, child, rules);
        const struct word *word = read_word(diagnostics, child, "name", attribute_words);
        if (word != NULL && (attributes & word->value) != 0)
            report_error(diagnostics, child->line, "second counterAttribute \"%s\", expected each only once", word->name);
        attributes |= word != NULL ? word->value : 0;
    }
    if (list->children == NULL)
        report_error(diagnostics, list->line, "counterAttributes is empty, expected 1 to 5 counterAttribute elements");
    return attributes;
}

static const struct counter_type *read_type(struct diagnostics *diagnostics, const struct xml_element *element)
{
    const char *name = read_text(element, "type");
    if (name == NULL)
        return NULL;
    const struct counter_type *type = find_counter_type(name);
    if (type == NULL) {
        report_error(diagnostics, xml_line(element, "type"),
                     "unknown type %s of counter, expected a counter type in lower case like perf_counter_rawcount",
                     quote(diagnostics, name));
    } else if (type->size == 0) {
        report_error(diagnostics, xml_line(element, "type"),
                     "type of counter is \"%s\", which no value counter can have, expected a type with a value of 4 or 8 bytes",
                     name);
        return NULL;
    }
    return type;
}

static void read_counter_children(struct diagnostics *diagnostics, struct counter *counter)
{
    bool seen = false;
    for (const struct xml_element *child = counter->element->children; child != NULL; child = child->next) {
        if (strcmp(child->name, "counterAttributes") != 0) {
            report_child(diagnostics, child, "counterAttributes");
        } else if (seen) {
            report_error(diagnostics, child->line, "second counterAttributes in counter, expected one");
        } else {
            counter->attributes = read_counter_attributes(diagnostics, child);
            seen = true;
        }
    }
}

static void read_counter(struct diagnostics *diagnostics, const struct xml_element *element, struct counter *counter)
{
    static const struct attribute_rule rules[] = {
        {"symbol", false},
        {"id", true},
        {"uri", true},
        {"name", false},
        {"nameID", false},
        {"description", false},
        {"descriptionID", false},
        {"type", true},
        {"baseID", false},
        {"detailLevel", false}, /* required by some schemas only */
        {"defaultScale", false},
        {"aggregate", false},
        {"perfTimeID", false},
        {"perfFreqID", false},
        {"multiCounterID", false},
        {"struct", false},
        {"field", false},
        {NULL, false},
    };
    counter->element = element;
    check_attributes(diagnostics, element, rules);
    counter->symbol = read_symbol(diagnostics, element, "symbol");
    counter->uri = read_text(element, "uri");
    counter->id = read_number(diagnostics, element, "id");
    read_labels(diagnostics, element, &counter->labels);
    counter->type = read_type(diagnostics, element);
    const struct word *word = read_word(diagnostics, element, "detailLevel", detail_words);
    counter->detail_level = word != NULL ? word->value : detail_words[0].value;
    word = read_word(diagnostics, element, "aggregate", aggregate_words);
    counter->aggregate = word != NULL ? word->value : aggregate_words[0].value;
    counter->default_scale = read_integer(diagnostics, element, "defaultScale", -10, 10, 0);
    for (size_t i = 0; i < REFERENCE_COUNT; i++)
        counter->references[i] = read_number(diagnostics, element, reference_attributes[i]);
    read_symbol(diagnostics, element, "struct");
    read_symbol(diagnostics, element, "field");
    read_counter_children(diagnostics, counter);
}

/* Kernel mode's structures: user-mode manifests carry them too, for nothing. */
static void check_structs(struct diagnostics *diagnostics, const struct xml_element *structs)
{
    static const struct attribute_rule none[] = {{NULL, false}};
    static const struct attribute_rule rules[] = {{"name", true}, {"type", true}, {NULL, false}};
    check_attributes(diagnostics, structs, none);
    for (const struct xml_element *child = structs->children; child != NULL; child = child->next) {
        if (strcmp(child->name, "struct") != 0) {
            report_child(diagnostics, child, "struct");
            continue;
        }
        check_attributes(diagnostics, child, rules);
        read_symbol(diagnostics, child, "name");
        read_symbol(diagnostics, child, "type");
    }
}

static size_t count_children(const struct xml_element *element, const char *name)
{
    size_t count = 0;
    for (const struct xml_element *child = element->children; child != NULL; child = child->next)
        count += strcmp(child->name, name) == 0;
    return count;
}

static void read_set_children(struct arena *arena, struct diagnostics *diagnostics, struct counter_set *set)
{
    bool seen_structs = false;
    set->counters = arena_allocate(arena, count_children(set->element, "counter") * sizeof(struct counter));
    for (const struct xml_element *child = set->element->children; child != NULL; child = child->next) {
        if (strcmp(child->name, "counter") == 0) {
            read_counter(diagnostics, child, &set->counters[set->n_counters++]);
        } else if (strcmp(child->name, "structs") != 0) {
            report_child(diagnostics, child, "counter or structs");
        } else if (seen_structs) {
            report_error(diagnostics, child->line, "second structs in counterSet, expected one");
        } else {
            check_structs(diagnostics, child);
            seen_structs = true;
        }
    }
    if (set->n_counters == 0)
        report_error(diagnostics, set->element->line, "the counterSet has no counters, expected at least one counter element");
}

static void read_set(struct arena *arena, struct diagnostics *diagnostics, const struct xml_element *element,
                     struct counter_set *set)
{
    static const struct attribute_rule rules[] = {
        {"symbol", false},     {"guid", true},           {"uri", true},        {"name", true}, {"nameID", false},
        {"description", true}, {"descriptionID", false}, {"instances", false}, {NULL, false},
    };
    set->element = element;
    check_attributes(diagnostics, element, rules);
    set->symbol = read_symbol(diagnostics, element, "symbol");
    set->uri = read_text(element, "uri");
    set->has_guid = read_guid(diagnostics, element, "guid", &set->guid);
    read_labels(diagnostics, element, &set->labels);
    const struct word *word = read_word(diagnostics, element, "instances", instance_words);
    set->instances = word != NULL ? word->value : instance_words[0].value;
    read_set_children(arena, diagnostics, set);
}

static void read_sets(struct arena *arena, struct diagnostics *diagnostics, struct provider *provider)
{
    provider->sets = arena_allocate(arena, count_children(provider->element, "counterSet") * sizeof(struct counter_set));
    for (const struct xml_element *child = provider->element->children; child != NULL; child = child->next) {
        if (strcmp(child->name, "counterSet") == 0) {
            read_set(arena, diagnostics, child, &provider->sets[provider->n_sets++]);
        } else {
            report_child(diagnostics, child, "counterSet");
        }
    }
    if (provider->n_sets == 0)
        report_error(diagnostics, provider->element->line,
                     "the manifest has no counters, expected a counterSet with counters in provider");
}

static bool read_provider(struct arena *arena, struct diagnostics *diagnostics, const struct xml_element *element,
                          struct provider *provider)
{
    static const struct attribute_rule rules[] = {
        {"symbol", false},       {"providerGuid", true}, {"applicationIdentity", true}, {"providerType", false},
        {"providerName", false}, {"callback", false},    {"resourceBase", false},       {NULL, false},
    };
    provider->element = element;
    const char *type = read_text(element, "providerType");
    if (type != NULL && strcmp(type, "kernelMode") == 0) {
        report_error(diagnostics, xml_line(element, "providerType"),
                     "the provider is a kernel-mode one, which is not supported, expected providerType \"userMode\"");
        return false;
    }
    check_attributes(diagnostics, element, rules);
    provider->symbol = read_symbol(diagnostics, element, "symbol");
    provider->has_guid = read_guid(diagnostics, element, "providerGuid", &provider->guid);
    read_word(diagnostics, element, "providerType", provider_words);
    const struct word *word = read_word(diagnostics, element, "callback", callback_words);
    provider->custom_callback = word != NULL && word->value == 1;
    provider->resource_base = read_number(diagnostics, element, "resourceBase");
    read_sets(arena, diagnostics, provider);
    return true;
}

static enum schema read_schema(struct diagnostics *diagnostics, const struct xml_element *counters)
{
    const char *version = read_text(counters, "schemaVersion");
    if (version == NULL)
        return SCHEMA_VISTA;
    if (strcmp(version, "1.0") == 0)
        return SCHEMA_1_0;
    if (strcmp(version, "1.1") == 0)
        return SCHEMA_1;
    if (strcmp(version, "2.0") == 0)
        return SCHEMA_2;
    report_error(diagnostics, xml_line(counters, "schemaVersion"), "schemaVersion of counters is %s, expected 1.0, 1.1 or 2.0",
                 quote(diagnostics, version));
    return version[0] == '2' ? SCHEMA_2 : SCHEMA_1;
}

/* The one counters element, or NULL, which is reported. */
static const struct xml_element *find_counters(struct diagnostics *diagnostics, const struct xml_element *root)
{
    const struct xml_element *counters = NULL;
    for (const struct xml_element *part = root->children; part != NULL; part = part->next) {
        if (strcmp(part->name, "instrumentation") != 0)
            continue;
        for (const struct xml_element *child = part->children; child != NULL; child = child->next) {
            if (counters != NULL)
                report_error(diagnostics, child->line, "second counters element, expected one in a manifest");
            if (counters == NULL)
                counters = child;
        }
    }
    if (counters == NULL)
        report_error(diagnostics, root->line, "the manifest has no counters, expected a counters element in instrumentation");
    return counters;
}

static bool read_counters(struct arena *arena, struct diagnostics *diagnostics, const struct xml_element *counters,
                          struct manifest *manifest)
{
    static const struct attribute_rule rules[] = {{"schemaVersion", false}, {NULL, false}};
    check_attributes(diagnostics, counters, rules);
    manifest->schema = read_schema(diagnostics, counters);
    const struct xml_element *provider = NULL;
    for (const struct xml_element *child = counters->children; child != NULL; child = child->next) {
        if (strcmp(child->name, "provider") != 0) {
            report_child(diagnostics, child, "provider");
        } else if (provider != NULL) {
            report_error(diagnostics, child->line,
                         "second provider in counters, expected one: a manifest has one counter provider");
        } else {
            provider = child;
        }
    }
    if (provider == NULL) {
        report_error(diagnostics, counters->line, "the manifest has no counters, expected a provider in counters");
        return false;
    }
    if (!read_provider(arena, diagnostics, provider, &manifest->provider))
        return false;
    if (manifest->schema == SCHEMA_VISTA && manifest_has_symbols(manifest))
        report_error(diagnostics, counters->line,
                     "missing attribute \"schemaVersion\" of counters, expected 1.1 or 2.0 in a manifest with symbols");
    return true;
}

bool manifest_read(struct arena *arena, struct diagnostics *diagnostics, const struct xml_element *root, struct manifest *manifest)
{
    if (strcmp(root->name, "instrumentationManifest") != 0 && strcmp(root->name, "assembly") != 0) {
        report_error(diagnostics, root->line, "the root element is %s, expected instrumentationManifest",
                     quote(diagnostics, root->name));
        return false;
    }
    manifest->root = root;
    const struct xml_element *counters = find_counters(diagnostics, root);
    return counters != NULL && read_counters(arena, diagnostics, counters, manifest);
}

bool manifest_has_symbols(const struct manifest *manifest)
{
    if (manifest->provider.symbol != NULL)
        return true;
    for (size_t i = 0; i < manifest->provider.n_sets; i++) {
        const struct counter_set *set = &manifest->provider.sets[i];
        if (set->symbol != NULL)
            return true;
    }
    return false;
}
