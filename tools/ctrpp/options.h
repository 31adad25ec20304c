/*
 * The command line. Options start with - or /, their case does not matter, and a word that starts with / is an option only if it
 * is one of the known names, so that absolute paths are files.
 */
#ifndef CTRPP_OPTIONS_H
#define CTRPP_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

struct options {
    const char *manifest;
    const char *code;      /* -o */
    const char *resources; /* -rc */
    const char *symbols;   /* -ch */
    const char *prefix;    /* -prefix; "" if absent */
    const char *folder;    /* -folder; NULL: next to the manifest */
    bool legacy;
    bool memory_routines;
    bool notification_callback;
};

/* What the command line asks for. */
enum request { REQUEST_RUN, REQUEST_HELP, REQUEST_VERSION, REQUEST_WRONG };

/* With REQUEST_WRONG the mistake has been written to `errors`. The strings are those of `arguments`. */
enum request options_read(int count, char **arguments, struct options *options, FILE *errors);

void print_help(FILE *stream);

#endif
