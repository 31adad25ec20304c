/* Shared libraries at run time, on both targets. */
#ifndef PERFPOOL_BENCH_LIBRARY_H
#define PERFPOOL_BENCH_LIBRARY_H

#include <stddef.h>

typedef void (*library_function)(void);

/* Loads a library. Ends the program with a message if that fails. */
void *library_open(const char *path);

/* A function of the library, or of the C library if library is NULL. Ends the program with a message if there is none. */
library_function library_find(void *library, const char *name);

/* The same, but NULL if there is none. */
library_function library_look(void *library, const char *name);

/* Writes the path of the file that a function lies in, or "unknown". */
void library_origin(library_function function, char *path, size_t size);

#endif
