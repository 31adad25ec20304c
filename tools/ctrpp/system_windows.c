#include "system.h"

#include <errno.h>
#include <windows.h>

/* The C run-time's own: the words of the command line in UTF-16. MinGW's headers do not declare it. */
int __cdecl __wgetmainargs(int *count, wchar_t ***words, wchar_t ***environment, int expand_wildcards, int *new_mode);

/* A UTF-16 copy that the caller frees with HeapFree; NULL if that is not possible. */
static WCHAR *widen(const char *text)
{
    int length = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    WCHAR *wide = HeapAlloc(GetProcessHeap(), 0, (SIZE_T)length * sizeof(WCHAR));
    if (wide != NULL)
        MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, length);
    return wide;
}

FILE *system_open(const char *path, const char *mode)
{
    WCHAR *wide_path = widen(path), *wide_mode = widen(mode);
    FILE *file = NULL;
    errno = ENOMEM;
    if (wide_path != NULL && wide_mode != NULL)
        file = _wfopen(wide_path, wide_mode);
    HeapFree(GetProcessHeap(), 0, wide_path);
    HeapFree(GetProcessHeap(), 0, wide_mode);
    return file;
}

bool system_replace(const char *from, const char *to)
{
    WCHAR *wide_from = widen(from), *wide_to = widen(to);
    bool moved = wide_from != NULL && wide_to != NULL && MoveFileExW(wide_from, wide_to, MOVEFILE_REPLACE_EXISTING);
    HeapFree(GetProcessHeap(), 0, wide_from);
    HeapFree(GetProcessHeap(), 0, wide_to);
    if (!moved)
        errno = EACCES;
    return moved;
}

void system_remove(const char *path)
{
    WCHAR *wide = widen(path);
    if (wide != NULL)
        DeleteFileW(wide);
    HeapFree(GetProcessHeap(), 0, wide);
}

bool system_is_folder(const char *path)
{
    WCHAR *wide = widen(path);
    DWORD attributes = wide != NULL ? GetFileAttributesW(wide) : INVALID_FILE_ATTRIBUTES;
    HeapFree(GetProcessHeap(), 0, wide);
    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

unsigned long system_process(void)
{
    return GetCurrentProcessId();
}

bool system_is_separator(char character)
{
    return character == '/' || character == '\\' || character == ':';
}

void system_arguments(struct arena *arena, int *count, char ***arguments)
{
    int wide_count = 0, new_mode = 0;
    wchar_t **wide = NULL, **environment = NULL;
    if (__wgetmainargs(&wide_count, &wide, &environment, 0, &new_mode) != 0 || wide == NULL)
        return;
    char **converted = arena_allocate(arena, ((size_t)wide_count + 1) * sizeof(char *));
    for (int i = 0; i < wide_count; i++) {
        int length = WideCharToMultiByte(CP_UTF8, 0, wide[i], -1, NULL, 0, NULL, NULL);
        converted[i] = arena_allocate(arena, (size_t)length + 1);
        WideCharToMultiByte(CP_UTF8, 0, wide[i], -1, converted[i], length, NULL, NULL);
    }
    *count = wide_count;
    *arguments = converted;
}
