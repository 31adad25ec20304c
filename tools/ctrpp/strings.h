/*
 * The string resources of a manifest: texts with $(string.X) replaced, and their ids.
 *
 * Schema 1.x numbers them: an item (a set, then its counters, then the next set) takes four ids from resourceBase on: name, the
 * name again for those who do not translate, description, one unused. Schema 2.0 gives the ids itself and has no second name.
 */
#ifndef CTRPP_STRINGS_H
#define CTRPP_STRINGS_H

#include "manifest.h"

enum string_kind { STRING_NAME, STRING_LOCKED_NAME, STRING_DESCRIPTION };

struct string {
    uint32_t id;
    enum string_kind kind;
    const char *text;
    size_t item; /* the set or counter it belongs to, in document order from 0 */
    unsigned line;
};

struct strings {
    struct string *strings; /* by item; in an item name, locked name, description */
    size_t count;
};

/* Reports references to strings that the manifest's tables lack, ids that do not fit a string table, and ids given twice. */
void strings_collect(struct arena *arena, struct diagnostics *diagnostics, const struct manifest *manifest,
                     struct strings *strings);

/* A text of the manifest with its references replaced. Those that no string table of the manifest could have are left as they are.
 */
const char *strings_resolve(struct arena *arena, struct diagnostics *diagnostics, const struct manifest *manifest, const char *text,
                            unsigned line);

#endif
