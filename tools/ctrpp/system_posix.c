#include "system.h"

#include <sys/stat.h>
#include <unistd.h>

FILE *system_open(const char *path, const char *mode)
{
    return fopen(path, mode);
}

bool system_replace(const char *from, const char *to)
{
    return rename(from, to) == 0;
}

void system_remove(const char *path)
{
    unlink(path);
}

bool system_is_folder(const char *path)
{
    struct stat information;
    return stat(path, &information) == 0 && S_ISDIR(information.st_mode);
}

unsigned long system_process(void)
{
    return (unsigned long)getpid();
}

bool system_is_separator(char character)
{
    return character == '/';
}

void system_arguments(struct arena *arena, int *count, char ***arguments)
{
    (void)arena;
    (void)count;
    (void)arguments;
}
