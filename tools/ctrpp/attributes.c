#include "attributes.h"

#include "text.h"

#include <string.h>

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static int hexadecimal_digit(char character)
{
    if (is_digit(character))
        return character - '0';
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    if (character >= 'A' && character <= 'F')
        return character - 'A' + 10;
    return -1;
}

static bool is_space(char character)
{
    return character == ' ' || character == '\t' || character == '\n' || character == '\r';
}

bool is_identifier(const char *text)
{
    if (*text == '\0' || is_digit(*text))
        return false;
    for (; *text != '\0'; text++) {
        bool letter = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') || *text == '_';
        if (!letter && !is_digit(*text))
            return false;
    }
    return true;
}

static const char *list_rules(struct arena *arena, const struct attribute_rule *rules)
{
    struct text list = {.arena = arena};
    if (rules->name == NULL)
        return "none";
    for (; rules->name != NULL; rules++)
        text_print(&list, "%s%s", list.size > 0 ? ", " : "", rules->name);
    return list.bytes;
}

static const char *list_words(struct arena *arena, const struct word *words)
{
    struct text list = {.arena = arena};
    for (; words->name != NULL; words++) {
        text_print(&list, "%s%s", list.size == 0 ? "" : words[1].name == NULL ? " or " : ", ", words->name);
    }
    return list.bytes;
}

void check_attributes(struct diagnostics *diagnostics, const struct xml_element *element, const struct attribute_rule *rules)
{
    for (size_t i = 0; i < element->n_attributes; i++) {
        const struct attribute_rule *rule = rules;
        while (rule->name != NULL && strcmp(rule->name, element->attributes[i].name) != 0)
            rule++;
        if (rule->name == NULL) {
            report_error(diagnostics, element->attributes[i].line, "unknown attribute %s of %s, expected one of: %s",
                         quote(diagnostics, element->attributes[i].name), element->name, list_rules(diagnostics->arena, rules));
        }
    }
    for (const struct attribute_rule *rule = rules; rule->name != NULL; rule++) {
        if (rule->required && xml_attribute(element, rule->name) == NULL)
            report_error(diagnostics, element->line, "missing attribute \"%s\" of %s, expected a value for it", rule->name,
                         element->name);
    }
}

const char *read_text(const struct xml_element *element, const char *name)
{
    const struct xml_attribute *attribute = xml_attribute(element, name);
    return attribute != NULL ? attribute->value : NULL;
}

const char *read_symbol(struct diagnostics *diagnostics, const struct xml_element *element, const char *name)
{
    const struct xml_attribute *attribute = xml_attribute(element, name);
    if (attribute == NULL || attribute->value[0] == '\0')
        return NULL;
    if (!is_identifier(attribute->value)) {
        report_error(diagnostics, attribute->line, "%s of %s is %s, expected a C identifier", name, element->name,
                     quote(diagnostics, attribute->value));
        return NULL;
    }
    return attribute->value;
}

/* The number behind the white space at *text, which moves behind it; false if there is none or it is over 2^32 - 1. */
static bool parse_number(const char **text, uint32_t *value)
{
    const char *at = *text;
    uint64_t sum = 0;
    size_t digits = 0;
    if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
        for (at += 2; hexadecimal_digit(*at) >= 0; at++, digits++)
            sum = digits < 8 ? sum * 16 + (unsigned)hexadecimal_digit(*at) : UINT64_MAX;
        if (digits > 8)
            return false;
    } else {
        for (; is_digit(*at); at++, digits++) {
            sum = sum * 10 + (unsigned)(*at - '0');
            if (sum > UINT32_MAX)
                return false;
        }
    }
    *text = at;
    *value = (uint32_t)sum;
    return digits > 0;
}

static const char *skip_space(const char *text)
{
    while (is_space(*text))
        text++;
    return text;
}

struct number read_number(struct diagnostics *diagnostics, const struct xml_element *element, const char *name)
{
    struct number number = {false, 0};
    const struct xml_attribute *attribute = xml_attribute(element, name);
    if (attribute == NULL)
        return number;
    const char *at = skip_space(attribute->value);
    number.given = parse_number(&at, &number.value) && *skip_space(at) == '\0';
    if (!number.given)
        report_error(diagnostics, attribute->line, "%s of %s is %s, expected a number from 0 to 4294967295 or 0x and 1 to 8 digits",
                     name, element->name, quote(diagnostics, attribute->value));
    return number;
}

int read_integer(struct diagnostics *diagnostics, const struct xml_element *element, const char *name, int from, int to,
                 int otherwise)
{
    const struct xml_attribute *attribute = xml_attribute(element, name);
    if (attribute == NULL)
        return otherwise;
    const char *at = skip_space(attribute->value);
    bool negative = *at == '-';
    if (*at == '-' || *at == '+')
        at++;
    uint32_t digits = 0;
    bool decimal = !(at[0] == '0' && (at[1] == 'x' || at[1] == 'X'));
    if (decimal && parse_number(&at, &digits) && *skip_space(at) == '\0') {
        int64_t value = negative ? -(int64_t)digits : (int64_t)digits;
        if (value >= from && value <= to)
            return (int)value;
    }
    report_error(diagnostics, attribute->line, "%s of %s is %s, expected a number from %d to %d", name, element->name,
                 quote(diagnostics, attribute->value), from, to);
    return otherwise;
}

const struct word *read_word(struct diagnostics *diagnostics, const struct xml_element *element, const char *name,
                             const struct word *words)
{
    const struct xml_attribute *attribute = xml_attribute(element, name);
    if (attribute == NULL)
        return NULL;
    const struct word *word = find_word(words, attribute->value);
    if (word == NULL)
        report_error(diagnostics, attribute->line, "%s of %s is %s, expected %s", name, element->name,
                     quote(diagnostics, attribute->value), list_words(diagnostics->arena, words));
    return word;
}

/* Reads `count` bytes as pairs of hexadecimal digits and then the character `end`. */
static bool parse_bytes(const char **text, uint8_t *bytes, size_t count, char end)
{
    for (size_t i = 0; i < count; i++) {
        int high = hexadecimal_digit((*text)[0]);
        int low = high >= 0 ? hexadecimal_digit((*text)[1]) : -1;
        if (low < 0)
            return false;
        bytes[i] = (uint8_t)(high * 16 + low);
        *text += 2;
    }
    if (**text != end)
        return false;
    (*text)++;
    return true;
}

bool read_guid(struct diagnostics *diagnostics, const struct xml_element *element, const char *name, struct guid *guid)
{
    const struct xml_attribute *attribute = xml_attribute(element, name);
    if (attribute == NULL)
        return false;
    const char *at = attribute->value;
    uint8_t b[16];
    bool valid = *at++ == '{' && parse_bytes(&at, b, 4, '-') && parse_bytes(&at, b + 4, 2, '-') &&
                 parse_bytes(&at, b + 6, 2, '-') && parse_bytes(&at, b + 8, 2, '-') && parse_bytes(&at, b + 10, 6, '}') &&
                 *at == '\0';
    if (!valid) {
        report_error(diagnostics, attribute->line, "%s of %s is %s, expected a GUID like {01234567-89ab-cdef-0123-456789abcdef}",
                     name, element->name, quote(diagnostics, attribute->value));
        return false;
    }
    guid->data1 = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    guid->data2 = (uint16_t)(b[4] << 8 | b[5]);
    guid->data3 = (uint16_t)(b[6] << 8 | b[7]);
    memcpy(guid->data4, b + 8, 8);
    return true;
}
