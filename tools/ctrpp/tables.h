/*
 * The words of a counter manifest and what they stand for.
 */
#ifndef CTRPP_TABLES_H
#define CTRPP_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct word {
    const char *name;     /* as the manifest spells it; NULL behind the last of a table */
    const char *constant; /* the C constant; NULL where there is none */
    uint32_t value;
};

extern const struct word instance_words[];  /* counterSet instances */
extern const struct word attribute_words[]; /* counterAttribute name */
extern const struct word detail_words[];    /* counter detailLevel */
extern const struct word aggregate_words[]; /* counter aggregate */
extern const struct word callback_words[];  /* provider callback; value 1: custom */
extern const struct word provider_words[];  /* provider providerType; value 1: kernelMode */

enum { ATTRIBUTE_REFERENCE = 0x1, ATTRIBUTE_NO_DISPLAY = 0x2 };

/* What else a counter type's value is made of. */
enum need {
    NEED_BASE = 1, /* baseID, a counter of type `base` */
    NEED_TIME = 2, /* perfTimeID and perfFreqID */
    NEED_MULTI = 4 /* multiCounterID */
};

struct counter_type {
    const char *name;     /* as the manifest spells it */
    const char *constant; /* as winperf.h spells it */
    uint32_t value;
    unsigned size;    /* bytes of a value; 0: no value counter can have this type */
    unsigned needs;   /* of enum need */
    const char *base; /* with NEED_BASE: the type of the base counter */
};

extern const struct counter_type counter_types[];
extern const size_t counter_type_count;

/* NULL if there is no such word or type. Case matters, as in the manifest. */
const struct word *find_word(const struct word *words, const char *name);
const struct word *find_word_by_value(const struct word *words, uint32_t value);
const struct counter_type *find_counter_type(const char *name);

/* A constant that MinGW's headers lack, as text for a generated file. */
struct constant {
    const char *name;
    const char *value;
};

extern const struct constant perflib_constants[];
extern const size_t perflib_constant_count;

#endif
