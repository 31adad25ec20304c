#include "xml_encoding.h"

#include <ctype.h>
#include <string.h>

static int equal_without_case(const char *a, const char *b)
{
    while (*a != '\0' && tolower((unsigned char)*a) == tolower((unsigned char)*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

/* True if a text in single bytes declares itself UTF-16, which it then cannot be. */
static int declares_utf16(const char *bytes, size_t size)
{
    char declaration[200];
    size_t length = 0;
    while (length < size && length < sizeof(declaration) - 1 && bytes[length] != '>' && bytes[length] != '\0') {
        declaration[length] = (char)tolower((unsigned char)bytes[length]);
        length++;
    }
    declaration[length] = '\0';
    if (strncmp(declaration, "<?xml", 5) != 0)
        return 0;
    const char *encoding = strstr(declaration, "encoding");
    return encoding != NULL && strstr(encoding, "utf-16") != NULL;
}

struct xml_encoding detect_encoding(const char *bytes, size_t size)
{
    static const struct {
        const char *start;
        size_t size;
        struct xml_encoding encoding;
    } starts[] = {
        {"\xFF\xFE", 2, {"UTF-16", 2, 0}}, {"\xFE\xFF", 2, {"UTF-16", 2, 1}}, {"\xEF\xBB\xBF", 3, {"UTF-8", 1, 0}},
        {"<\0", 2, {"UTF-16LE", 2, 0}},    {"\0<", 2, {"UTF-16BE", 2, 1}},
    };
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        if (size >= starts[i].size && memcmp(bytes, starts[i].start, starts[i].size) == 0)
            return starts[i].encoding;
    }
    return (struct xml_encoding){declares_utf16(bytes, size) ? "UTF-8" : NULL, 1, 0};
}

int XMLCALL unknown_encoding(void *unused, const XML_Char *name, XML_Encoding *info)
{
    /* 0x80 to 0x9F; the five that the code page leaves open are no characters. */
    static const unsigned short high[32] = {
        0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
        0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
    };
    (void)unused;
    if (!equal_without_case(name, "windows-1252") && !equal_without_case(name, "cp1252"))
        return XML_STATUS_ERROR;
    for (int i = 0; i < 256; i++)
        info->map[i] = i;
    for (int i = 0; i < 32; i++)
        info->map[0x80 + i] = high[i] != 0 ? high[i] : -1;
    info->data = NULL;
    info->convert = NULL;
    info->release = NULL;
    return XML_STATUS_OK;
}
