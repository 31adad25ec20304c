#include "output.h"

#include "system.h"

#include <errno.h>
#include <string.h>

static bool write_file(const char *path, const struct text *text)
{
    FILE *file = system_open(path, "wb");
    if (file == NULL)
        return false;
    bool written = fwrite(text->bytes, 1, text->size, file) == text->size;
    int error = errno;
    if (fclose(file) != 0) {
        error = errno;
        written = false;
    }
    errno = error;
    return written;
}

static void complain(FILE *errors, const char *path)
{
    if (errors != NULL)
        fprintf(errors, "perfpool-ctrpp: error: %s cannot be written: %s\n", path, strerror(errno));
}

bool outputs_write(struct arena *arena, struct output *outputs, size_t count, FILE *errors)
{
    const char *temporary[MOST_OUTPUTS];
    size_t n = 0;
    bool complete = true;
    for (; n < count && complete; n++) {
        temporary[n] = arena_format(arena, "%s.%lu.tmp", outputs[n].path, system_process());
        /* Renaming would find this out too, but only after other files have been replaced. */
        if (system_is_folder(outputs[n].path)) {
            errno = EISDIR;
            complete = false;
        } else {
            complete = write_file(temporary[n], &outputs[n].text);
        }
        if (!complete)
            complain(errors, outputs[n].path);
    }
    for (size_t i = 0; i < n && complete; i++) {
        complete = system_replace(temporary[i], outputs[i].path);
        if (!complete)
            complain(errors, outputs[i].path);
    }
    for (size_t i = 0; i < n && !complete; i++)
        system_remove(temporary[i]);
    return complete;
}
