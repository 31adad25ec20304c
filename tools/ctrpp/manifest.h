/*
 * What a counter manifest says. Texts are UTF-8 and live, like all of it, in the arena it was read into.
 */
#ifndef CTRPP_MANIFEST_H
#define CTRPP_MANIFEST_H

#include "tables.h"
#include "xml.h"

struct guid {
    uint32_t data1;
    uint16_t data2, data3;
    uint8_t data4[8];
};

/* A number that an attribute gives; `given` is false if the attribute is absent or was reported as wrong. */
struct number {
    bool given;
    uint32_t value;
};

/* The attributes by which a counter names others of its set. */
enum reference { REFERENCE_BASE, REFERENCE_TIME, REFERENCE_FREQUENCY, REFERENCE_MULTI, REFERENCE_COUNT };
extern const char *const reference_attributes[REFERENCE_COUNT];

/* A name and a description, and the resource ids the manifest gives for them. NULL or not given where absent. */
struct labels {
    const char *name, *description;
    struct number name_id, description_id;
};

struct counter {
    const struct xml_element *element;
    const char *symbol; /* NULL: none */
    const char *uri;
    struct number id;
    struct labels labels;
    const struct counter_type *type; /* NULL: absent or reported */
    uint32_t attributes;             /* PERF_ATTRIB_* */
    uint32_t detail_level;           /* PERF_DETAIL_* */
    uint32_t aggregate;              /* PERF_AGGREGATE_* */
    int default_scale;
    struct number references[REFERENCE_COUNT];
};

struct counter_set {
    const struct xml_element *element;
    const char *symbol; /* NULL: none */
    const char *uri;
    bool has_guid;
    struct guid guid;
    struct labels labels;
    uint32_t instances; /* PERF_COUNTERSET_* */
    struct counter *counters;
    size_t n_counters;
};

struct provider {
    const struct xml_element *element;
    const char *symbol; /* NULL: none */
    bool has_guid;
    struct guid guid;
    bool custom_callback;
    bool kernel_mode;
    struct number resource_base;
    struct counter_set *sets;
    size_t n_sets;
};

enum schema {
    SCHEMA_VISTA, /* no schemaVersion and no symbols */
    SCHEMA_1_0,
    SCHEMA_1,
    SCHEMA_2
};

struct manifest {
    const char *base_name; /* of the file, without folder and extension */
    const char *file_name; /* of the file, without folder */
    enum schema schema;
    const struct xml_element *root;
    struct provider provider;
};

/*
 * Reads a manifest out of its tree; what is wrong with single elements and attributes is reported. Returns false if there is
 * nothing that could be checked further.
 */
bool manifest_read(struct arena *arena, struct diagnostics *diagnostics, const struct xml_element *root, struct manifest *manifest);

/* True if anything in it has a symbol, which manifests of the Vista form do not. */
bool manifest_has_symbols(const struct manifest *manifest);

#endif
