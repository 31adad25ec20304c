/*
 * What the consumers share: programs for Microsoft's ABI without a C run-time, which is not here. A check that fails ends the
 * program with exit code 1 and a line that says where.
 */
#ifndef PERFPOOL_TESTS_CONSUMER_H
#define PERFPOOL_TESTS_CONSUMER_H

#include "layout.h"

/* As in the SDK's perflib.h (Wine's has another calling convention). */
typedef LPVOID(CALLBACK *PERF_MEM_ALLOC)(SIZE_T AllocSize, LPVOID pContext);
typedef void(CALLBACK *PERF_MEM_FREE)(LPVOID pBuffer, LPVOID pContext);

static void consumer_write(HANDLE file, const char *text)
{
    DWORD length = 0;
    DWORD written;
    while (text[length] != '\0')
        length++;
    WriteFile(file, text, length, &written, NULL);
}

static void consumer_check(int holds, const char *what)
{
    if (holds)
        return;
    consumer_write(GetStdHandle(STD_ERROR_HANDLE), "failed: ");
    consumer_write(GetStdHandle(STD_ERROR_HANDLE), what);
    consumer_write(GetStdHandle(STD_ERROR_HANDLE), "\n");
    ExitProcess(1);
}

#define CONSUMER_TEXT(text) #text
#define CONSUMER_LINE(line) CONSUMER_TEXT(line)
#define CHECK(condition) consumer_check((condition) != 0, __FILE__ ":" CONSUMER_LINE(__LINE__) ": " #condition)

#endif
