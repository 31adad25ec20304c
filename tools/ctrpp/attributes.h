/*
 * Attributes of a manifest's elements: which there are, and their values by type. What is wrong is reported once.
 */
#ifndef CTRPP_ATTRIBUTES_H
#define CTRPP_ATTRIBUTES_H

#include "manifest.h"

struct attribute_rule {
    const char *name; /* NULL behind the last */
    bool required;
};

/* Reports attributes that no rule names, and required ones that are missing. */
void check_attributes(struct diagnostics *diagnostics, const struct xml_element *element, const struct attribute_rule *rules);

/* NULL if absent. */
const char *read_text(const struct xml_element *element, const char *name);

/* NULL if absent, empty or no C identifier; the last is reported. */
const char *read_symbol(struct diagnostics *diagnostics, const struct xml_element *element, const char *name);

/* Decimal, or 0x and 1 to 8 hexadecimal digits, up to 2^32 - 1. */
struct number read_number(struct diagnostics *diagnostics, const struct xml_element *element, const char *name);

/* A decimal number in `from` to `to`; `otherwise` if absent or wrong. */
int read_integer(struct diagnostics *diagnostics, const struct xml_element *element, const char *name, int from, int to,
                 int otherwise);

/* NULL if absent or not one of the words, which is reported. */
const struct word *read_word(struct diagnostics *diagnostics, const struct xml_element *element, const char *name,
                             const struct word *words);

/* False if absent or not of the form {8-4-4-4-12}, which is reported. */
bool read_guid(struct diagnostics *diagnostics, const struct xml_element *element, const char *name, struct guid *guid);

/* True for a C identifier, however it is spelled. */
bool is_identifier(const char *text);

#endif
