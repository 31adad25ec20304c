/*
 * How the bytes of a manifest are encoded. What the bytes show goes before what the XML declaration says, because editors and
 * version control systems re-encode files and leave the declaration alone.
 */
#ifndef CTRPP_XML_ENCODING_H
#define CTRPP_XML_ENCODING_H

#include <expat.h>
#include <stddef.h>

struct xml_encoding {
    const char *name; /* for expat; NULL: let the declaration decide */
    size_t unit_size; /* bytes of a code unit: 1 or 2 */
    size_t low_byte;  /* index of a unit's low byte */
};

struct xml_encoding detect_encoding(const char *bytes, size_t size);

/* expat's handler for encodings it does not know by itself: windows-1252 is all that is added. */
int XMLCALL unknown_encoding(void *unused, const XML_Char *name, XML_Encoding *info);

#endif
