/* Names of sets and counters, read from a file before a table is printed. */
#include "name.h"
#include "perflib_live.h"
#include "table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A name of a set, or of one of its counters. */
struct entry {
    struct entry *next;
    GUID set;
    bool is_counter;
    ULONG counter;
    char name[];
};

/* Only grows, so what is returned stays. */
static struct entry *entries;

static const char *find(const GUID *set, bool is_counter, ULONG counter)
{
    for (const struct entry *entry = entries; entry != NULL; entry = entry->next)
        if (entry->is_counter == is_counter && entry->counter == counter && guid_equal(&entry->set, set))
            return entry->name;
    return NULL;
}

const char *table_set_name(const GUID *set)
{
    return find(set, false, 0);
}

const char *table_counter_name(const GUID *set, ULONG counter)
{
    return find(set, true, counter);
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t\r\n");
}

/* Reads the number of a counter. NULL: the text is no number with a blank behind it. */
static const char *take_number(const char *text, ULONG *number)
{
    unsigned long value;
    char *end;

    if (*text < '0' || *text > '9')
        return NULL;
    errno = 0;
    value = strtoul(text, &end, 0);
    if (errno != 0 || value > UINT32_MAX || (*end != ' ' && *end != '\t'))
        return NULL;
    *number = (ULONG)value;
    return end;
}

/* Adds the name of a line. False if the line is wrong. */
static bool add_line(char *line, bool *no_memory)
{
    struct entry head = {0};
    const char *text = guid_from_text(skip_blanks(line), &head.set);
    const char *behind_number;
    struct entry *entry;
    size_t length;

    if (text == NULL || (*text != ' ' && *text != '\t'))
        return false;
    text = skip_blanks(text);
    behind_number = take_number(text, &head.counter);
    if (behind_number != NULL) {
        head.is_counter = true;
        text = skip_blanks(behind_number);
    }
    length = strlen(text);
    while (length != 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
        length--;
    if (length == 0)
        return false;
    entry = malloc(sizeof *entry + length + 1);
    *no_memory = entry == NULL;
    if (entry == NULL)
        return false;
    *entry = head;
    memcpy(entry->name, text, length);
    entry->name[length] = '\0';
    entry->next = entries;
    entries = entry;
    return true;
}

long perflib_live_read_names(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[2048];
    long number = 0;
    long wrong = 0;

    if (file == NULL)
        return -1;
    while (wrong == 0 && fgets(line, sizeof line, file) != NULL) {
        const char *text = skip_blanks(line);
        bool no_memory = false;

        number++;
        if (*text != '\0' && *text != '#' && !add_line(line, &no_memory))
            wrong = no_memory ? -1 : number;
    }
    if (wrong == 0 && ferror(file))
        wrong = -1;
    fclose(file);
    return wrong;
}
