/* Instance names and GUIDs: compared, measured, written. */
#ifndef PERFPOOL_TESTS_PERFLIB_NAME_H
#define PERFPOOL_TESTS_PERFLIB_NAME_H

#include "windows_shim.h"

#include <stdbool.h>

/*
 * Lower case of ASCII, Latin-1, Latin Extended-A, Greek and Cyrillic as far as it is one character; other characters are their
 * own, which is less than Windows does.
 */
WCHAR name_fold(WCHAR c);

/* Length of a name in characters, at most PERF_MAX_INSTANCE_NAME + 1. */
size_t name_length(const WCHAR *name);

/* Less than, equal to or greater than 0 as the first name comes before, is the same but for case, or comes after the second. */
int name_compare(const WCHAR *a, const WCHAR *b);

bool name_equal(const WCHAR *a, const WCHAR *b);

bool guid_equal(const GUID *a, const GUID *b);

/* Room for any instance name in UTF-8, and for a GUID. */
enum { NAME_UTF8 = 3 * PERF_MAX_INSTANCE_NAME + 1, GUID_TEXT = 39 };

/* The name in UTF-8, terminated; a surrogate without its partner becomes U+FFFD. Returns its length. */
size_t name_to_utf8(const WCHAR *name, char text[NAME_UTF8]);

/* "{01234567-89ab-cdef-0123-456789abcdef}". */
void guid_to_text(const GUID *guid, char text[GUID_TEXT]);

/* Reads such a text, with digits of either case, and returns what comes behind it; NULL if it is none. */
const char *guid_from_text(const char *text, GUID *guid);

#endif
