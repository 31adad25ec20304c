#include "options.h"

#include "attributes.h"

#include <ctype.h>
#include <string.h>

enum option {
    OPTION_CODE,
    OPTION_RESOURCES,
    OPTION_SYMBOLS,
    OPTION_PREFIX,
    OPTION_FOLDER,
    OPTION_LEGACY,
    OPTION_MEMORY_ROUTINES,
    OPTION_NOTIFICATION_CALLBACK,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_NOT_SUPPORTED
};

static const struct option_name {
    const char *name; /* in lower case */
    enum option option;
    bool takes_value;
} option_names[] = {
    {"o", OPTION_CODE, true},
    {"rc", OPTION_RESOURCES, true},
    {"ch", OPTION_SYMBOLS, true},
    {"prefix", OPTION_PREFIX, true},
    {"folder", OPTION_FOLDER, true},
    {"legacy", OPTION_LEGACY, false},
    {"memoryroutines", OPTION_MEMORY_ROUTINES, false},
    {"notificationcallback", OPTION_NOTIFICATION_CALLBACK, false},
    {"?", OPTION_HELP, false},
    {"h", OPTION_HELP, false},
    {"help", OPTION_HELP, false},
    {"version", OPTION_VERSION, false},
    {"migrate", OPTION_NOT_SUPPORTED, false},
    {"summary", OPTION_NOT_SUPPORTED, false},
    {"sumpath", OPTION_NOT_SUPPORTED, false},
    {"backcompat", OPTION_NOT_SUPPORTED, false},
};

static bool equal_without_case(const char *text, const char *lower)
{
    while (*text != '\0' && tolower((unsigned char)*text) == *lower) {
        text++;
        lower++;
    }
    return *text == *lower;
}

/* NULL if the word is no option. */
static const struct option_name *find_option(const char *word)
{
    const char *name = word + 1;
    if (word[0] == '-' && word[1] == '-')
        name++;
    for (size_t i = 0; i < sizeof(option_names) / sizeof(option_names[0]); i++) {
        if (equal_without_case(name, option_names[i].name))
            return &option_names[i];
    }
    return NULL;
}

static enum request wrong(FILE *errors, const char *what, const char *word)
{
    fprintf(errors, "perfpool-ctrpp: %s: %s\nperfpool-ctrpp --help tells how it is used\n", word, what);
    return REQUEST_WRONG;
}

static enum request set_value(struct options *options, const struct option_name *name, const char *word, const char *value,
                              FILE *errors)
{
    const char **target = name->option == OPTION_CODE        ? &options->code
                          : name->option == OPTION_RESOURCES ? &options->resources
                          : name->option == OPTION_SYMBOLS   ? &options->symbols
                          : name->option == OPTION_PREFIX    ? &options->prefix
                                                             : &options->folder;
    if (value == NULL || value[0] == '\0')
        return wrong(errors, "a value must follow", word);
    if (*target != NULL)
        return wrong(errors, "given twice", word);
    if (name->option == OPTION_PREFIX && !is_identifier(value))
        return wrong(errors, "not the start of a C identifier", value);
    *target = value;
    return REQUEST_RUN;
}

static enum request set_flag(struct options *options, const struct option_name *name, const char *word, FILE *errors)
{
    switch (name->option) {
    case OPTION_LEGACY:
        options->legacy = true;
        return REQUEST_RUN;
    case OPTION_MEMORY_ROUTINES:
        options->memory_routines = true;
        return REQUEST_RUN;
    case OPTION_NOTIFICATION_CALLBACK:
        options->notification_callback = true;
        return REQUEST_RUN;
    case OPTION_HELP:
        return REQUEST_HELP;
    case OPTION_VERSION:
        return REQUEST_VERSION;
    default:
        return wrong(errors, "not supported", word);
    }
}

/* What cannot be given together, and what must be. */
static enum request check(struct options *options, FILE *errors)
{
    const char *const files[] = {options->manifest, options->code, options->resources, options->symbols};
    if (options->manifest == NULL)
        return wrong(errors, "the manifest is missing", "command line");
    if (options->legacy &&
        (options->code != NULL || options->resources != NULL || options->symbols != NULL || options->prefix != NULL))
        return wrong(errors, "not together with -o, -rc, -ch or -prefix", "-legacy");
    if (!options->legacy && options->folder != NULL)
        return wrong(errors, "only together with -legacy", "-folder");
    for (size_t i = 0; i < 4; i++) {
        for (size_t k = 0; k < i; k++) {
            if (files[i] != NULL && strcmp(files[i], files[k] != NULL ? files[k] : "") == 0)
                return wrong(errors, "named for two files", files[i]);
        }
    }
    if (options->prefix == NULL)
        options->prefix = "";
    return REQUEST_RUN;
}

enum request options_read(int count, char **arguments, struct options *options, FILE *errors)
{
    *options = (struct options){0};
    for (int i = 1; i < count; i++) {
        const char *word = arguments[i];
        const struct option_name *name = word[0] == '-' || word[0] == '/' ? find_option(word) : NULL;
        enum request request = REQUEST_RUN;
        if (name != NULL && name->takes_value) {
            i++;
            request = set_value(options, name, word, i < count ? arguments[i] : NULL, errors);
        } else if (name != NULL) {
            request = set_flag(options, name, word, errors);
        } else if (word[0] == '-') {
            request = wrong(errors, "unknown option", word);
        } else if (word[0] == '\0') {
            request = wrong(errors, "an empty argument", "command line");
        } else if (options->manifest != NULL) {
            request = wrong(errors, "a second manifest", word);
        } else {
            options->manifest = word;
        }
        if (request != REQUEST_RUN)
            return request;
    }
    return check(options, errors);
}

void print_help(FILE *stream)
{
    static const char *const lines[] = {
        "usage: perfpool-ctrpp [-o FILE] [-rc FILE] [-ch FILE] [-prefix P] [-MemoryRoutines] [-NotificationCallback] MANIFEST",
        "       perfpool-ctrpp -legacy [-MemoryRoutines] [-NotificationCallback] [-folder FOLDER] MANIFEST",
        "",
        "Reads the counters section of an instrumentation manifest and writes the C code and the string resources of its",
        "provider, as Microsoft's CTRPP does. Without -o, -rc, -ch and -legacy it only checks the manifest.",
        "",
        "  -o FILE                header with CounterInitialize and CounterCleanup",
        "  -rc FILE               string table, to be compiled into the program named by applicationIdentity",
        "  -ch FILE               header for consumers: names and GUIDs of the counter sets, in a form of perfpool's own",
        "  -prefix P              P goes before the names of generated functions and variables",
        "  -NotificationCallback  CounterInitialize takes a callback and memory routines, as with callback=\"custom\"",
        "  -MemoryRoutines        the same; with -legacy: perfpool's AllocateMemory and FreeMemory are registered",
        "  -legacy                the four files of Windows Vista, NAME.h, NAME.c, NAME.rc and NAME_r.h, next to the manifest,",
        "                         or in the working folder if nothing can be written there",
        "  -folder FOLDER         with -legacy: where the four files go (not an option of CTRPP)",
        "  --help, -?             this text",
        "  --version              the version",
        "",
        "Options start with - or /, in any case. A word that starts with / and is none of the options above is a file.",
        "Not supported: -migrate, -summary, -sumPath, -backcompat.",
        "Exit code: 0 done, 1 the manifest is wrong or a file cannot be read or written, 2 usage.",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        fprintf(stream, "%s\n", lines[i]);
}
