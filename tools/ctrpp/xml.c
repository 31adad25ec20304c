#include "xml.h"

#include "xml_encoding.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

/* Stands between namespace and name in what expat tells; no namespace has a line end in it. */
enum { SEPARATOR = '\n' };

struct reader {
    struct arena *arena;
    struct diagnostics *diagnostics;
    XML_Parser parser;
    struct xml_encoding encoding;
    const char *bytes;
    size_t size;
    struct xml_element *root;
    struct xml_element *open; /* the innermost element of the tree that is open */
    size_t skipped;           /* open elements that are left out */
    unsigned foreign_root;    /* its line if the root is of a foreign namespace, else 0 */
};

/* The namespaces in which manifests write what is read here; the empty one is that of the first manifests. */
static bool is_known_namespace(const char *name, size_t length)
{
    static const char *const known[] = {
        "",
        "http://schemas.microsoft.com/win/2004/08/events",
        "http://schemas.microsoft.com/win/2004/08/counters",
        "http://schemas.microsoft.com/win/2005/12/counters",
        "urn:schemas-microsoft-com:asm.v3",
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strlen(known[i]) == length && memcmp(known[i], name, length) == 0)
            return true;
    }
    return false;
}

/* The name without its namespace, or NULL if the namespace is foreign. */
static const char *known_name(const char *name)
{
    const char *separator = strchr(name, SEPARATOR);
    if (separator == NULL)
        return name;
    return is_known_namespace(name, (size_t)(separator - name)) ? separator + 1 : NULL;
}

/* Under the root only instrumentation and localization are read, under instrumentation only counters. */
static bool is_wanted(const struct xml_element *parent, const char *name)
{
    if (parent == NULL)
        return true;
    if (parent->parent == NULL)
        return strcmp(name, "instrumentation") == 0 || strcmp(name, "localization") == 0;
    if (strcmp(parent->name, "instrumentation") == 0 && parent->parent->parent == NULL)
        return strcmp(name, "counters") == 0;
    return true;
}

/* A walk over the text of a start tag, for the lines of its attributes. */
struct tag_walk {
    const struct reader *reader;
    size_t at, end;
    unsigned line;
};

/* The code unit at the walk's place; anything beyond ASCII is '?', which no markup is. */
static char tag_peek(const struct tag_walk *walk)
{
    const struct xml_encoding *encoding = &walk->reader->encoding;
    if (walk->at + encoding->unit_size > walk->end)
        return '\0';
    const char *unit = walk->reader->bytes + walk->at;
    if (encoding->unit_size == 2 && unit[1 - encoding->low_byte] != 0)
        return '?';
    if (unit[encoding->low_byte] == '\0')
        return '?';
    return unit[encoding->low_byte];
}

static char tag_take(struct tag_walk *walk)
{
    char unit = tag_peek(walk);
    if (unit != '\0')
        walk->at += walk->reader->encoding.unit_size;
    /* As expat counts: a line ends with LF, CR LF or CR. */
    if (unit == '\n' || (unit == '\r' && tag_peek(walk) != '\n'))
        walk->line++;
    return unit;
}

static bool is_space(char unit)
{
    return unit == ' ' || unit == '\t' || unit == '\n' || unit == '\r';
}

/*
 * Moves behind the next attribute of the tag and returns the line of its name; 0 behind the last. Namespace declarations, which
 * expat keeps to itself, are passed over. The tag is well-formed: expat has read it.
 */
static unsigned next_attribute_line(struct tag_walk *walk)
{
    for (;;) {
        while (is_space(tag_peek(walk)))
            tag_take(walk);
        unsigned line = walk->line;
        char name[7] = "";
        size_t length = 0;
        while (tag_peek(walk) != '=' && tag_peek(walk) != '\0' && !is_space(tag_peek(walk))) {
            char unit = tag_take(walk);
            if (length < sizeof(name) - 1)
                name[length++] = unit;
        }
        while (is_space(tag_peek(walk)))
            tag_take(walk);
        if (tag_peek(walk) != '=')
            return 0;
        tag_take(walk);
        while (is_space(tag_peek(walk)))
            tag_take(walk);
        char quotation_mark = tag_take(walk);
        while (tag_peek(walk) != quotation_mark && tag_peek(walk) != '\0')
            tag_take(walk);
        tag_take(walk);
        if (strcmp(name, "xmlns") != 0 && strcmp(name, "xmlns:") != 0)
            return line;
    }
}

/* Sets the walk behind the element's name, or at the end if the element came out of an entity. */
static struct tag_walk walk_tag(const struct reader *reader, unsigned line)
{
    XML_Index start = XML_GetCurrentByteIndex(reader->parser);
    int length = XML_GetCurrentByteCount(reader->parser);
    struct tag_walk walk = {reader, 0, 0, line};
    if (start < 0 || length <= 0 || (size_t)start + (size_t)length > reader->size)
        return walk;
    walk.at = (size_t)start;
    walk.end = (size_t)start + (size_t)length;
    if (tag_peek(&walk) != '<') {
        walk.at = walk.end;
        return walk;
    }
    while (tag_peek(&walk) != '\0' && !is_space(tag_peek(&walk)))
        tag_take(&walk);
    return walk;
}

static void add_attributes(struct reader *reader, struct xml_element *element, const XML_Char **attributes)
{
    size_t count = 0;
    while (attributes[2 * count] != NULL)
        count++;
    element->attributes = arena_allocate(reader->arena, count * sizeof(struct xml_attribute));
    struct tag_walk walk = walk_tag(reader, element->line);
    for (size_t i = 0; i < count; i++) {
        const char *name = attributes[2 * i];
        unsigned line = next_attribute_line(&walk);
        /* An attribute of a known namespace is not the plain one of that name: it keeps its namespace and is unknown. */
        const char *separator = strchr(name, SEPARATOR);
        if (separator != NULL && !is_known_namespace(name, (size_t)(separator - name)))
            continue;
        struct xml_attribute *attribute = &element->attributes[element->n_attributes++];
        char *copy = arena_copy(reader->arena, name, strlen(name));
        if (separator != NULL)
            copy[separator - name] = ':';
        attribute->name = copy;
        attribute->value = arena_copy(reader->arena, attributes[2 * i + 1], strlen(attributes[2 * i + 1]));
        attribute->line = line != 0 ? line : element->line;
    }
}

static void XMLCALL start_element(void *data, const XML_Char *name, const XML_Char **attributes)
{
    struct reader *reader = data;
    const char *known = known_name(name);
    if (reader->skipped > 0 || known == NULL || !is_wanted(reader->open, known)) {
        if (reader->open == NULL && reader->skipped == 0)
            reader->foreign_root = (unsigned)XML_GetCurrentLineNumber(reader->parser);
        reader->skipped++;
        return;
    }
    struct xml_element *element = arena_allocate(reader->arena, sizeof(*element));
    element->name = arena_copy(reader->arena, known, strlen(known));
    element->line = (unsigned)XML_GetCurrentLineNumber(reader->parser);
    element->parent = reader->open;
    add_attributes(reader, element, attributes);
    if (reader->open == NULL) {
        reader->root = element;
    } else if (reader->open->last_child == NULL) {
        reader->open->children = reader->open->last_child = element;
    } else {
        reader->open->last_child = reader->open->last_child->next = element;
    }
    reader->open = element;
}

static void XMLCALL end_element(void *data, const XML_Char *name)
{
    struct reader *reader = data;
    (void)name;
    if (reader->skipped > 0) {
        reader->skipped--;
    } else {
        reader->open = reader->open->parent;
    }
}

static bool parse(struct reader *reader)
{
    if (reader->size > INT_MAX) {
        report_error(reader->diagnostics, 1, "the file has %zu bytes, expected fewer than %d", reader->size, INT_MAX);
        return false;
    }
    if (XML_Parse(reader->parser, reader->bytes, (int)reader->size, 1) == XML_STATUS_ERROR) {
        report_error(reader->diagnostics, (unsigned)XML_GetCurrentLineNumber(reader->parser),
                     "the text is not well-formed XML (%s), expected an instrumentation manifest",
                     XML_ErrorString(XML_GetErrorCode(reader->parser)));
        return false;
    }
    if (reader->foreign_root != 0) {
        report_error(reader->diagnostics, reader->foreign_root,
                     "the root element is of a foreign namespace, expected instrumentationManifest of "
                     "http://schemas.microsoft.com/win/2004/08/events");
        return false;
    }
    return true;
}

struct xml_element *xml_read(struct arena *arena, struct diagnostics *diagnostics, const char *bytes, size_t size)
{
    struct reader reader = {.arena = arena, .diagnostics = diagnostics, .bytes = bytes, .size = size};
    reader.encoding = detect_encoding(bytes, size);
    reader.parser = XML_ParserCreateNS(reader.encoding.name, SEPARATOR);
    if (reader.parser == NULL) {
        report_error(diagnostics, 1, "no memory for the XML parser");
        return NULL;
    }
    XML_SetUserData(reader.parser, &reader);
    XML_SetElementHandler(reader.parser, start_element, end_element);
    XML_SetUnknownEncodingHandler(reader.parser, unknown_encoding, NULL);
    bool well_formed = parse(&reader);
    XML_ParserFree(reader.parser);
    return well_formed ? reader.root : NULL;
}

const struct xml_attribute *xml_attribute(const struct xml_element *element, const char *name)
{
    for (size_t i = 0; i < element->n_attributes; i++) {
        if (strcmp(element->attributes[i].name, name) == 0)
            return &element->attributes[i];
    }
    return NULL;
}

unsigned xml_line(const struct xml_element *element, const char *attribute)
{
    const struct xml_attribute *found = xml_attribute(element, attribute);
    return found != NULL ? found->line : element->line;
}
