#include "mutator.h"

#include <stdbool.h>
#include <string.h>

/* A part of a text. */
struct span {
    size_t start, end;
};

enum { MOST_SPANS = 4096 };

/* Where a manifest's elements and attributes are. */
struct map {
    struct span elements[MOST_SPANS];   /* with what they contain */
    struct span start_tags[MOST_SPANS]; /* of the same elements: the names in their start tags */
    struct span attributes[MOST_SPANS]; /* from the space before the name to behind the quotation mark */
    struct span values[MOST_SPANS];     /* of the same attributes, without the quotation marks */
    size_t n_elements, n_attributes;
};

/* Values that manifests have, and some that they should not have. */
static const char *const values[] = {
    "",
    "0",
    "1",
    "2",
    "3",
    "7",
    "0x1",
    "0xFFFFFFFF",
    "4294967295",
    "4294967296",
    "2147483648",
    "-1",
    "-10",
    "10",
    "11",
    "65535",
    "65530",
    "1.0",
    "1.1",
    "2.0",
    "single",
    "multiple",
    "globalAggregate",
    "multipleAggregate",
    "globalAggregateHistory",
    "userMode",
    "kernelMode",
    "custom",
    "default",
    "standard",
    "advanced",
    "sum",
    "undefined",
    "reference",
    "noDisplay",
    "noDigitGrouping",
    "displayAsReal",
    "displayAsHex",
    "perf_counter_rawcount",
    "perf_counter_large_rawcount",
    "perf_counter_bulk_count",
    "perf_raw_base",
    "perf_raw_fraction",
    "perf_average_base",
    "perf_average_bulk",
    "perf_counter_text",
    "perf_elapsed_time",
    "perf_sample_fraction",
    "{01234567-89ab-cdef-0123-456789abcdef}",
    "{FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF}",
    "{0-0-0-0-0}",
    "symbol",
    "Status",
    "int",
    "NULL",
    "status_",
    "context_",
    "DELETE",
    "ERROR",
    "CounterSet",
    "Counter0",
    "CounterInitialize",
    "min",
    "_",
    "__FILE__",
    "main",
    "GUID",
    "x&quot;y",
    "\\",
    "\\n",
    "*/",
    "?\?/",
    "&#10;",
    "&#9;",
    "&#x85;",
    "&#x1F600;",
    "caf\xC3\xA9",
    "%s%n",
    "$(string.x)",
    "$(string.",
    "//",
    "a\tb",
    " 5 ",
    "&lt;&gt;&amp;",
    "'",
    "#define X",
    "END",
};

static const char *const names[] = {
    "symbol",
    "id",
    "uri",
    "name",
    "nameID",
    "description",
    "descriptionID",
    "type",
    "baseID",
    "detailLevel",
    "defaultScale",
    "aggregate",
    "perfTimeID",
    "perfFreqID",
    "multiCounterID",
    "struct",
    "field",
    "guid",
    "instances",
    "providerGuid",
    "applicationIdentity",
    "providerType",
    "providerName",
    "callback",
    "resourceBase",
    "schemaVersion",
    "xmlns",
    "xml:lang",
    "other",
    "counter",
    "counterSet",
    "provider",
    "counters",
    "counterAttributes",
    "counterAttribute",
    "structs",
    "instrumentation",
    "localization",
    "stringTable",
    "string",
};

static const char *const inserts[] = {
    "<!-- a comment -->",
    "text",
    "<x/>",
    "<x xmlns='urn:x'><counter/></x>",
    "<?instruction?>",
    "<![CDATA[<counter/>]]>",
    "&#65;",
    "\n\n",
    "<counter/>",
    "<counterAttributes><counterAttribute name='reference'/></counterAttributes>",
    "&x;",
    "<",
};

#define ANY(random, list) ((list)[random_below(random, sizeof(list) / sizeof((list)[0]))])

size_t random_below(struct random *random, size_t bound)
{
    random->state ^= random->state >> 12;
    random->state ^= random->state << 25;
    random->state ^= random->state >> 27;
    return (size_t)((random->state * 0x2545F4914F6CDD1Du >> 33) % bound);
}

/* Notes the attributes of the start tag whose name ends at `at`, and returns where the tag ends. */
static size_t map_attributes(struct map *map, const char *text, size_t at)
{
    for (;;) {
        size_t start = at;
        at += strspn(text + at, " \t\r\n");
        if (text[at] == '>' || text[at] == '/' || text[at] == '\0')
            return at;
        at += strcspn(text + at, "\"'>");
        if (text[at] == '>' || text[at] == '\0')
            return at;
        char quotation_mark = text[at++];
        size_t value = at;
        while (text[at] != quotation_mark && text[at] != '\0')
            at++;
        if (map->n_attributes < MOST_SPANS) {
            map->values[map->n_attributes] = (struct span){value, at};
            map->attributes[map->n_attributes++] = (struct span){start, at + (text[at] != '\0')};
        }
        at += text[at] != '\0';
    }
}

/* Maps well-formed text; of other text it maps something. */
static void map_text(struct map *map, const char *text)
{
    size_t open[64], depth = 0, at = 0;
    map->n_elements = map->n_attributes = 0;
    while ((at += strcspn(text + at, "<")), text[at] != '\0') {
        size_t start = at++;
        if (text[at] == '!' || text[at] == '?') {
            const char *end = strstr(text + at, strncmp(text + at, "!--", 3) == 0 ? "-->" : ">");
            at = end != NULL ? (size_t)(end - text) : strlen(text);
        } else if (text[at] == '/') {
            at += strcspn(text + at, ">");
            if (depth > 0 && text[at] != '\0')
                map->elements[open[--depth]].end = at + 1;
        } else if (map->n_elements < MOST_SPANS && depth < 64) {
            size_t element = map->n_elements++, name_end = at + strcspn(text + at, " \t\r\n/>");
            map->start_tags[element] = (struct span){at, name_end};
            at = map_attributes(map, text, name_end);
            bool empty = text[at] == '/';
            at += strcspn(text + at, ">");
            map->elements[element] = (struct span){start, at + (text[at] != '\0')};
            if (!empty)
                open[depth++] = element;
        }
    }
}

/* The text with a part replaced by bytes. */
static char *replace(struct arena *arena, const char *text, struct span part, const char *bytes, size_t size)
{
    struct text result = {.arena = arena};
    text_add(&result, text, part.start);
    text_add(&result, bytes, size);
    text_add_string(&result, text + part.end);
    return result.bytes;
}

static char *replace_string(struct arena *arena, const char *text, struct span part, const char *string)
{
    return replace(arena, text, part, string, strlen(string));
}

static char *change_attribute(struct arena *arena, struct random *random, const char *text, const struct map *map)
{
    size_t i = random_below(random, map->n_attributes), k = random_below(random, map->n_attributes);
    struct span whole = map->attributes[i], value = map->values[i], other = map->values[k];
    const char *copy = arena_copy(arena, text + other.start, other.end - other.start);
    switch (random_below(random, 10)) {
    case 0: /* left out */
        return replace_string(arena, text, whole, "");
    case 1: /* a further one */
        return replace_string(arena, text, (struct span){whole.end, whole.end},
                              arena_format(arena, " %s=\"%s\"", ANY(random, names), ANY(random, values)));
    case 2: /* another's value */
    case 3:
        return replace_string(arena, text, value, copy);
    case 4: /* another name */
        return replace_string(arena, text, whole, arena_format(arena, " %s=\"%s\"", ANY(random, names), copy));
    case 5: /* a long value */
        return replace_string(arena, text, value,
                              arena_format(arena, "%0*d", (int)random_below(random, 3000), (int)random_below(random, 100)));
    default:
        return replace_string(arena, text, value, ANY(random, values));
    }
}

static char *change_element(struct arena *arena, struct random *random, const char *text, const struct map *map)
{
    size_t i = random_below(random, map->n_elements), k = random_below(random, map->n_elements);
    struct span element = map->elements[i], other = map->elements[k];
    const char *copy = text + other.start;
    switch (random_below(random, 6)) {
    case 0: /* left out */
        return replace_string(arena, text, element, "");
    case 1: /* repeated */
        return replace(arena, text, (struct span){element.end, element.end}, text + element.start, element.end - element.start);
    case 2: /* replaced by another */
        return replace(arena, text, element, copy, other.end - other.start);
    case 3: /* another beside it */
        return replace(arena, text, (struct span){element.start, element.start}, copy, other.end - other.start);
    case 4: /* another name, at its start only if it has an end tag */
        return replace_string(arena, text, map->start_tags[i], ANY(random, names));
    default:
        return replace_string(arena, text, (struct span){element.start, element.start}, ANY(random, inserts));
    }
}

static char *change_bytes(struct arena *arena, struct random *random, const char *text)
{
    size_t length = strlen(text), at = random_below(random, length);
    char *copy = arena_copy(arena, text, length);
    if (random_below(random, 4) == 0) {
        copy[at] = '\0';
    } else {
        copy[at] = (char)(1 + random_below(random, 255));
    }
    return copy;
}

static const char *to_utf16(struct arena *arena, struct random *random, const char *text, size_t *size)
{
    struct text result = {.arena = arena};
    bool big_endian = random_below(random, 2) == 0;
    text_add(&result, big_endian ? "\xFE\xFF" : "\xFF\xFE", 2);
    while (*text != '\0') {
        uint32_t point = utf8_next(&text), units[2] = {point, 0};
        if (point > 0xFFFF) {
            units[0] = 0xD800 + ((point - 0x10000) >> 10);
            units[1] = 0xDC00 + ((point - 0x10000) & 0x3FF);
        }
        for (size_t i = 0; i < (point > 0xFFFF ? 2u : 1u); i++) {
            char bytes[2] = {(char)(units[i] & 0xFF), (char)(units[i] >> 8)};
            char swapped[2] = {bytes[1], bytes[0]};
            text_add(&result, big_endian ? swapped : bytes, 2);
        }
    }
    *size = result.size;
    return result.bytes;
}

const char *mutate(struct arena *arena, struct random *random, const char *manifest, size_t *size)
{
    struct map *map = arena_allocate(arena, sizeof(*map));
    const char *text = manifest;
    for (size_t n = 1 + random_below(random, 3); n > 0; n--) {
        map_text(map, text);
        if (text[0] == '\0' || map->n_elements == 0 || map->n_attributes == 0)
            break;
        size_t kind = random_below(random, 16);
        if (kind == 0) {
            text = change_bytes(arena, random, text);
        } else if (kind < 5) {
            text = change_element(arena, random, text, map);
        } else {
            text = change_attribute(arena, random, text, map);
        }
    }
    *size = strlen(text);
    return random_below(random, 8) == 0 ? to_utf16(arena, random, text, size) : text;
}
