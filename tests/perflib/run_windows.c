/* See run.h. */
#include "run.h"

#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool run_set_variable(const char *name, const char *value)
{
    return SetEnvironmentVariableA(name, value) || (value == NULL && GetLastError() == ERROR_ENVVAR_NOT_FOUND);
}

bool run_temporary_file(char path[RUN_PATH])
{
    char directory[MAX_PATH + 1];

    return GetTempPathA(sizeof directory, directory) != 0 && GetTempFileNameA(directory, "plv", 0, path) != 0;
}

/*
 * Appends an argument to a command line so that the program's run-time takes it apart as it was: in quotation marks, backslashes
 * doubled before one, and each quotation mark behind a backslash. Returns what comes behind it.
 */
static char *append_argument(char *at, const char *argument)
{
    size_t backslashes = 0;

    *at++ = '"';
    for (; *argument != '\0'; argument++) {
        if (*argument == '"')
            for (backslashes++; backslashes != 0; backslashes--)
                *at++ = '\\';
        backslashes = *argument == '\\' ? backslashes + 1 : 0;
        *at++ = *argument;
    }
    for (; backslashes != 0; backslashes--)
        *at++ = '\\';
    *at++ = '"';
    return at;
}

/* The arguments as one line, or NULL: no memory. */
static char *make_command_line(char *const *arguments)
{
    size_t size = 1;
    char *line;
    char *at;

    for (size_t i = 0; arguments[i] != NULL; i++)
        size += 2 * strlen(arguments[i]) + 3;
    line = malloc(size);
    if (line == NULL)
        return NULL;
    at = line;
    for (size_t i = 0; arguments[i] != NULL; i++) {
        at = append_argument(at, arguments[i]);
        *at++ = ' ';
    }
    at[-1] = '\0';
    return line;
}

/* The program gets interrupts from the console itself. */
static BOOL WINAPI leave_to_program(DWORD event)
{
    return event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT;
}

/* Table and names are UTF-8. Consoles that know the terminal's sequences have to be told to heed them. */
static void prepare_console(void)
{
    HANDLE console = GetStdHandle(STD_OUTPUT_HANDLE);
    DWORD mode;

    SetConsoleOutputCP(CP_UTF8);
    if (GetConsoleMode(console, &mode))
        SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
    SetConsoleCtrlHandler(leave_to_program, TRUE);
}

long run_program(char *const *arguments)
{
    STARTUPINFOA start = {.cb = sizeof start};
    PROCESS_INFORMATION process;
    char *line = make_command_line(arguments);
    DWORD code;

    prepare_console();
    if (line == NULL || !CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &start, &process)) {
        fprintf(stderr, "perflib-live: %s cannot be run: error %lu\n", arguments[0], (unsigned long)GetLastError());
        free(line);
        return -1;
    }
    free(line);
    WaitForSingleObject(process.hProcess, INFINITE);
    if (!GetExitCodeProcess(process.hProcess, &code))
        code = 1;
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return (long)(code & 0x7FFFFFFF);
}
