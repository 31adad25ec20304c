#include "support/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/require.h"

#define CASE_VARIABLE "PERFPOOL_TEST_CHILD"
#define ARGUMENT_VARIABLE "PERFPOOL_TEST_ARGUMENT"
#define OPTIONS_VARIABLE "PERFPOOL_OPTIONS"
#define START_VARIABLE "PERFPOOL_TEST_START" /* the words before a program's name that start it, if it is for another processor */

static void set_variable(const char *name, const char *value);

void process_become_case(const struct child_case *cases)
{
    /* Copies: what getenv returns goes away when a variable is set. */
    static char name[64];
    static char argument[256];
    if (getenv(CASE_VARIABLE) == NULL)
        return;
    snprintf(name, sizeof(name), "%s", getenv(CASE_VARIABLE));
    snprintf(argument, sizeof(argument), "%s", getenv(ARGUMENT_VARIABLE) != NULL ? getenv(ARGUMENT_VARIABLE) : "");
    set_variable(CASE_VARIABLE, NULL);
    set_variable(ARGUMENT_VARIABLE, NULL);
    for (const struct child_case *child = cases; child->name != NULL; child++) {
        if (strcmp(child->name, name) == 0)
            exit(child->run(argument));
    }
    require_text(false, name);
}

#ifdef _WIN32

#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>

enum { START_ATTEMPTS = 5 };
enum { FAIL_FAST_CODE = 2 }; /* low byte of STATUS_FAIL_FAST_EXCEPTION: all that Wine keeps of an exit code */

/* A NULL value removes the variable. The run-time's copy is changed too: the child case reads it by getenv. */
static void set_variable(const char *name, const char *value)
{
    require(_putenv_s(name, value != NULL ? value : "") == 0);
    require(SetEnvironmentVariableA(name, value) || value == NULL);
}

void process_own_path(char path[PROCESS_PATH])
{
    const DWORD length = GetModuleFileNameA(NULL, path, PROCESS_PATH);
    require(length > 0 && length < PROCESS_PATH);
}

static void read_all(HANDLE pipe, char text[PROCESS_TEXT])
{
    size_t used = 0;
    char byte;
    DWORD got;
    while (ReadFile(pipe, &byte, 1, &got, NULL) && got == 1) {
        if (byte != '\r' && used < PROCESS_TEXT - 1)
            text[used++] = byte;
    }
    text[used] = '\0';
}

static void run_to_end(const char *program, struct process_result *result)
{
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof(inherited), .bInheritHandle = TRUE};
    STARTUPINFOA start = {.cb = sizeof(start), .dwFlags = STARTF_USESTDHANDLES};
    PROCESS_INFORMATION process;
    HANDLE reader;
    char command[PROCESS_PATH + 2];
    DWORD code = 0;
    require(CreatePipe(&reader, &start.hStdError, &inherited, 0));
    require(SetHandleInformation(reader, HANDLE_FLAG_INHERIT, 0));
    start.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    start.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
    snprintf(command, sizeof(command), "\"%s\"", program);
    /* Under load Wine fails at it once in some ten thousand times; starting a process is not what is tested. */
    for (unsigned attempt = 1; !CreateProcessA(program, command, NULL, NULL, TRUE, 0, NULL, NULL, &start, &process); attempt++) {
        printf("%s: not started, error %lu\n", program, GetLastError());
        require(attempt < START_ATTEMPTS);
    }
    require(CloseHandle(start.hStdError));
    read_all(reader, result->text);
    require(WaitForSingleObject(process.hProcess, INFINITE) == WAIT_OBJECT_0);
    require(GetExitCodeProcess(process.hProcess, &code));
    result->code = (int)(code & 0xff);
    require(CloseHandle(reader) && CloseHandle(process.hProcess) && CloseHandle(process.hThread));
}

bool process_died_of_fault(const struct process_result *result)
{
    return result->code == FAIL_FAST_CODE;
}

#else

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* A NULL value removes the variable. */
static void set_variable(const char *name, const char *value)
{
    require((value != NULL ? setenv(name, value, 1) : unsetenv(name)) == 0);
}

void process_own_path(char path[PROCESS_PATH])
{
    const ssize_t length = readlink("/proc/self/exe", path, PROCESS_PATH - 1);
    require(length > 0);
    path[length] = '\0';
}

static void read_all(int pipe_end, char text[PROCESS_TEXT])
{
    size_t used = 0;
    for (;;) {
        char buffer[512];
        const ssize_t got = read(pipe_end, buffer, sizeof(buffer));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        for (ssize_t i = 0; i < got && used < PROCESS_TEXT - 1; i++)
            text[used++] = buffer[i];
    }
    text[used] = '\0';
}

/* In the new process: misuse programs die by abort, and nobody wants their core files. */
_Noreturn static void become(const char *program, int error_output)
{
    const struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    dup2(error_output, STDERR_FILENO);
    if (getenv(START_VARIABLE) != NULL)
        execl("/bin/sh", "sh", "-c", "exec $" START_VARIABLE " \"$0\"", program, (char *)NULL);
    else
        execl(program, program, (char *)NULL);
    _exit(127);
}

static void run_to_end(const char *program, struct process_result *result)
{
    int ends[2];
    int status = 0;
    fflush(NULL);
    require(pipe(ends) == 0);
    const pid_t child = fork();
    require(child >= 0);
    if (child == 0) {
        close(ends[0]);
        become(program, ends[1]);
    }
    close(ends[1]);
    read_all(ends[0], result->text);
    close(ends[0]);
    while (waitpid(child, &status, 0) != child)
        require(errno == EINTR);
    result->code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    result->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

bool process_died_of_fault(const struct process_result *result)
{
    return result->signal == SIGABRT;
}

#endif

void process_run(const char *program, const char *options, struct process_result *result)
{
    char *before = getenv(OPTIONS_VARIABLE);
    before = before != NULL ? strdup(before) : NULL;
    memset(result, 0, sizeof(*result));
    set_variable(OPTIONS_VARIABLE, options);
    run_to_end(program, result);
    set_variable(OPTIONS_VARIABLE, before);
    free(before);
}

void process_run_case(const char *name, const char *argument, const char *options, struct process_result *result)
{
    char path[PROCESS_PATH];
    process_own_path(path);
    set_variable(CASE_VARIABLE, name);
    set_variable(ARGUMENT_VARIABLE, argument);
    process_run(path, options, result);
    set_variable(CASE_VARIABLE, NULL);
    set_variable(ARGUMENT_VARIABLE, NULL);
}
