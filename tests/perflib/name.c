/* See name.h. */
#include "name.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

WCHAR name_fold(WCHAR c)
{
    if (c < 0x80)
        return c >= u'A' && c <= u'Z' ? (WCHAR)(c + 0x20) : c;
    if (c >= 0xC0 && c <= 0xDE && c != 0xD7)
        return (WCHAR)(c + 0x20);
    /* Pairs of upper and lower case, first with even then with odd upper case and even again; U+0130 and U+0178 have no partner
     * beside them. */
    if ((c >= 0x100 && c <= 0x137 && c != 0x130 && c != 0x131) || (c >= 0x14A && c <= 0x177))
        return (WCHAR)(c | 1);
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E))
        return (WCHAR)(c + (c & 1));
    if (c == 0x178)
        return 0xFF;
    if ((c >= 0x391 && c <= 0x3AB && c != 0x3A2) || (c >= 0x410 && c <= 0x42F))
        return (WCHAR)(c + 0x20);
    if (c >= 0x400 && c <= 0x40F)
        return (WCHAR)(c + 0x50);
    return c;
}

size_t name_length(const WCHAR *name)
{
    size_t length = 0;

    while (length <= PERF_MAX_INSTANCE_NAME && name[length] != 0)
        length++;
    return length;
}

int name_compare(const WCHAR *a, const WCHAR *b)
{
    while (*a != 0 && name_fold(*a) == name_fold(*b)) {
        a++;
        b++;
    }
    return (int)name_fold(*a) - (int)name_fold(*b);
}

bool name_equal(const WCHAR *a, const WCHAR *b)
{
    return name_compare(a, b) == 0;
}

bool guid_equal(const GUID *a, const GUID *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* Writes one character and returns what comes behind it. */
static char *put_utf8(char *text, uint32_t c)
{
    if (c < 0x80) {
        *text++ = (char)c;
        return text;
    }
    if (c < 0x800) {
        *text++ = (char)(0xC0 | c >> 6);
    } else {
        if (c < 0x10000) {
            *text++ = (char)(0xE0 | c >> 12);
        } else {
            *text++ = (char)(0xF0 | c >> 18);
            *text++ = (char)(0x80 | (c >> 12 & 0x3F));
        }
        *text++ = (char)(0x80 | (c >> 6 & 0x3F));
    }
    *text++ = (char)(0x80 | (c & 0x3F));
    return text;
}

size_t name_to_utf8(const WCHAR *name, char text[NAME_UTF8])
{
    const WCHAR *end = name + PERF_MAX_INSTANCE_NAME;
    char *at = text;

    while (name < end && *name != 0) {
        uint32_t c = *name++;

        if (c >= 0xD800 && c <= 0xDFFF) {
            if (c < 0xDC00 && name < end && *name >= 0xDC00 && *name <= 0xDFFF)
                c = 0x10000 + ((c - 0xD800) << 10) + (*name++ - 0xDC00U);
            else
                c = 0xFFFD;
        }
        at = put_utf8(at, c);
    }
    *at = '\0';
    return (size_t)(at - text);
}

void guid_to_text(const GUID *guid, char text[GUID_TEXT])
{
    snprintf(text, GUID_TEXT, "{%08lx-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x}", (unsigned long)guid->Data1, guid->Data2,
             guid->Data3, guid->Data4[0], guid->Data4[1], guid->Data4[2], guid->Data4[3], guid->Data4[4], guid->Data4[5],
             guid->Data4[6], guid->Data4[7]);
}

static int digit_of(char c)
{
    const char *digits = "0123456789abcdef";
    const char *found = c == '\0' ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c + 0x20 : c);

    return found == NULL ? -1 : (int)(found - digits);
}

/* Reads n hexadecimal digits and moves on. False if there are fewer. */
static bool take_digits(const char **text, unsigned n, uint32_t *value)
{
    *value = 0;
    for (; n != 0; n--, (*text)++) {
        int digit = digit_of(**text);

        if (digit < 0)
            return false;
        *value = *value << 4 | (uint32_t)digit;
    }
    return true;
}

const char *guid_from_text(const char *text, GUID *guid)
{
    uint32_t part;

    if (*text++ != '{' || !take_digits(&text, 8, &part) || *text++ != '-')
        return NULL;
    guid->Data1 = part;
    if (!take_digits(&text, 4, &part) || *text++ != '-')
        return NULL;
    guid->Data2 = (uint16_t)part;
    if (!take_digits(&text, 4, &part) || *text++ != '-')
        return NULL;
    guid->Data3 = (uint16_t)part;
    for (int i = 0; i < 8; i++) {
        if ((i == 2 && *text++ != '-') || !take_digits(&text, 2, &part))
            return NULL;
        guid->Data4[i] = (uint8_t)part;
    }
    return *text == '}' ? text + 1 : NULL;
}
