/*
 * The part of a manifest that matters, as a tree: the counters section and the string tables.
 *
 * Elements of other namespaces, event sections and all else are left out with what they contain, as are attributes of other
 * namespaces. Names are without their namespace. Texts are UTF-8 whatever the file's encoding is.
 */
#ifndef CTRPP_XML_H
#define CTRPP_XML_H

#include "diagnostics.h"

struct xml_attribute {
    const char *name;
    const char *value;
    unsigned line;
};

struct xml_element {
    const char *name;
    unsigned line;
    struct xml_attribute *attributes;
    size_t n_attributes;
    struct xml_element *children; /* in document order */
    struct xml_element *last_child;
    struct xml_element *next; /* the parent's next child */
    struct xml_element *parent;
};

/* The root element, or NULL if the text is not well-formed XML or the root is of a foreign namespace, which is then reported. */
struct xml_element *xml_read(struct arena *arena, struct diagnostics *diagnostics, const char *bytes, size_t size);

/* NULL if the element has no such attribute. */
const struct xml_attribute *xml_attribute(const struct xml_element *element, const char *name);

/* The line of an attribute, or of the element if it has no such attribute. */
unsigned xml_line(const struct xml_element *element, const char *attribute);

#endif
