/*
 * Files and the command line as the system has them. Paths are UTF-8 on both systems.
 */
#ifndef CTRPP_SYSTEM_H
#define CTRPP_SYSTEM_H

#include "memory.h"

#include <stdbool.h>
#include <stdio.h>

/* NULL if it cannot be opened; errno says why. `mode` as for fopen, binary. */
FILE *system_open(const char *path, const char *mode);

/* Moves a file over another of the same folder, in one step. False and errno if that is not possible. */
bool system_replace(const char *from, const char *to);

void system_remove(const char *path);

bool system_is_folder(const char *path);

/* A number of this process, for names of temporary files. */
unsigned long system_process(void);

/* True for the characters that end a folder's name in a path. */
bool system_is_separator(char character);

/* The command line in UTF-8: `arguments` is replaced where the system has a better one. */
void system_arguments(struct arena *arena, int *count, char ***arguments);

#endif
