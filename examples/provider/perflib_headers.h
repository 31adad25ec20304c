/*
 * PERFLIB's headers, and a literal of 16-bit characters.
 *
 * perfpool_perflib.h includes windows.h, winperf.h and perflib.h in the order they need, and defines the constants that MinGW's
 * lack. On Linux it finds headers of the same names that come with perfpool's PERFLIB for tests.
 */
#ifndef EXAMPLE_PERFLIB_HEADERS_H
#define EXAMPLE_PERFLIB_HEADERS_H

#include <perfpool_perflib.h>

#include <perfpool.h>

/*
 * Names of instances are UTF-16 everywhere. On Windows the type of a character is wchar_t, and L"" has it. On Linux wchar_t has
 * 32 bits, so the headers there use char16_t, and u"" has that.
 */
#ifdef _WIN32
#define WIDE(text) L##text
#else
#define WIDE(text) u##text
#endif

#endif
