/*
 * GUIDs as text. Spelled with inner braces, so that no compiler misses any.
 */
#ifndef CTRPP_GUID_H
#define CTRPP_GUID_H

#include "manifest.h"
#include "text.h"

/* {01234567-89ab-cdef-0123-456789abcdef} */
const char *guid_text(struct arena *arena, const struct guid *guid);

/* A C initialiser: digits in lower case and not padded. */
void guid_add_plain(struct text *text, const struct guid *guid);

/* A C initialiser: digits in upper case and padded with zeros. */
void guid_add_padded(struct text *text, const struct guid *guid);

#endif
