/*
 * errno on POSIX, the last-error value on Windows: where perfpool says why something failed and what the callbacks leave alone.
 * Read it before the next of Check's assertions, which writes to a file and so changes it.
 */
#ifndef PERFPOOL_TESTS_ERROR_STATE_H
#define PERFPOOL_TESTS_ERROR_STATE_H

#ifdef _WIN32
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
enum {
    ERROR_STATE_INVALID = ERROR_INVALID_PARAMETER,
    ERROR_STATE_NO_MEMORY = ERROR_NOT_ENOUGH_MEMORY,
    ERROR_STATE_BUSY = ERROR_ALREADY_INITIALIZED,
};
static inline void error_state_set(int value)
{
    SetLastError((DWORD)value);
}
static inline int error_state_get(void)
{
    return (int)GetLastError();
}
#else
#include <errno.h>
enum {
    ERROR_STATE_INVALID = EINVAL,
    ERROR_STATE_NO_MEMORY = ENOMEM,
    ERROR_STATE_BUSY = EBUSY,
};
static inline void error_state_set(int value)
{
    errno = value;
}
static inline int error_state_get(void)
{
    return errno;
}
#endif

/* A value no call sets by itself. */
enum { ERROR_STATE_SENTINEL = 0x5e47 };

#endif
