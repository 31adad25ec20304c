/* See run.h. */
#include "run.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

bool run_set_variable(const char *name, const char *value)
{
    return (value != NULL ? setenv(name, value, 1) : unsetenv(name)) == 0;
}

bool run_temporary_file(char path[RUN_PATH])
{
    const char *directory = getenv("TMPDIR");
    int file;

    if (snprintf(path, RUN_PATH, "%s/perflib-live-XXXXXX", directory != NULL ? directory : P_tmpdir) >= RUN_PATH)
        return false;
    file = mkstemp(path);
    return file >= 0 && close(file) == 0;
}

long run_program(char *const *arguments)
{
    pid_t child;
    int status;
    int error = posix_spawnp(&child, arguments[0], NULL, NULL, arguments, environ);

    if (error != 0) {
        fprintf(stderr, "perflib-live: %s: %s\n", arguments[0], strerror(error));
        return -1;
    }
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
