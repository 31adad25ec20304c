/* The wrappers on Linux: functions of the system's names, which the dynamic linker finds in the program before those of libc. */
#define _GNU_SOURCE
#include "inject/system_calls.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/require.h"

const struct system_call system_call_table[] = {
    {"mmap", NULL},
    {"munmap", NULL},
    {"mprotect", NULL},
    {"madvise", NULL},
    {"getrlimit", NULL},
    {"syscall", NULL},
    {"pthread_key_create", NULL},
    {"pthread_setspecific", NULL},
    {"__register_atfork", NULL},
    {"secure_getenv", "no call into the system"},
    {"sysconf", "for the size of a page, a constant"},
    {"abort", "ends the process"},
    {"memcpy", "no call into the system"},
    {"memset", "no call into the system"},
    {"memcmp", "no call into the system"},
    {"__errno_location", "no call into the system"},
    {"__cxa_finalize", "of the compiler's start-up code"},
    {"__gmon_start__", "of the compiler's start-up code"},
    {"_ITM_deregisterTMCloneTable", "of the compiler's start-up code"},
    {"_ITM_registerTMCloneTable", "of the compiler's start-up code"},
    {NULL, NULL},
};

const char *system_calls_attach(void *library)
{
    (void)library; /* attached by name; check-imports compares what the library imports with what is here */
    return NULL;
}

/* The system's own function. A pointer to an object and one to a function have the same form. */
static void find(void *function, const char *name)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    require_text(symbol != NULL, name);
    memcpy(function, &symbol, sizeof(symbol));
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the headers' names of parameters are reserved ones */
void *mmap(void *address, size_t size, int protection, int flags, int file, off_t offset)
{
    static void *(*next)(void *, size_t, int, int, int, off_t);
    if (next == NULL)
        find(&next, "mmap");
    if (system_call_refused("mmap") || (system_calls.armed && system_calls.strict && (protection & PROT_WRITE) != 0)) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    void *base = next(address, size, protection, flags, file, offset);
    if (base != MAP_FAILED)
        system_calls_note_mapped((int64_t)size);
    return base;
}

int munmap(void *address, size_t size)
{
    static int (*next)(void *, size_t);
    if (next == NULL)
        find(&next, "munmap");
    if (system_call_refused("munmap")) {
        system_calls_note_kept((int64_t)size);
        errno = ENOMEM;
        return -1;
    }
    const int result = next(address, size);
    if (result == 0)
        system_calls_note_mapped(-(int64_t)size);
    return result;
}

int mprotect(void *address, size_t size, int protection)
{
    static int (*next)(void *, size_t, int);
    if (next == NULL)
        find(&next, "mprotect");
    if (system_call_refused("mprotect")) {
        errno = ENOMEM;
        return -1;
    }
    return next(address, size, protection);
}

int madvise(void *address, size_t size, int advice)
{
    static int (*next)(void *, size_t, int);
    if (next == NULL)
        find(&next, "madvise");
    if (system_call_refused("madvise")) {
        errno = EINVAL;
        return -1;
    }
    return next(address, size, advice);
}

int getrlimit(__rlimit_resource_t resource, struct rlimit *limit)
{
    static int (*next)(__rlimit_resource_t, struct rlimit *);
    if (next == NULL)
        find(&next, "getrlimit");
    if (system_call_refused("getrlimit")) {
        errno = EPERM;
        return -1;
    }
    return next(resource, limit);
}

long syscall(long number, ...)
{
    static long (*next)(long, ...);
    long arguments[6];
    va_list list;
    if (next == NULL)
        find(&next, "syscall");
    va_start(list, number);
    for (size_t i = 0; i < 6; i++)
        arguments[i] = va_arg(list, long); /* those that are not there are passed on and not looked at */
    va_end(list);
    if (system_call_refused("syscall")) {
        errno = EIO;
        return -1;
    }
    if (system_calls.armed && number == SYS_write)
        return arguments[2]; /* messages that the scenario provokes, as if written */
    return next(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *))
{
    static int (*next)(pthread_key_t *, void (*)(void *));
    if (next == NULL)
        find(&next, "pthread_key_create");
    return system_call_refused("pthread_key_create") ? EAGAIN : next(key, destructor);
}

int pthread_setspecific(pthread_key_t key, const void *value)
{
    static int (*next)(pthread_key_t, const void *);
    if (next == NULL)
        find(&next, "pthread_setspecific");
    return system_call_refused("pthread_setspecific") ? ENOMEM : next(key, value);
}

int __register_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void), void *library);

/* NOLINTNEXTLINE(bugprone-reserved-identifier): the name that libc's static half of pthread_atfork calls */
int __register_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void), void *library)
{
    static int (*next)(void (*)(void), void (*)(void), void (*)(void), void *);
    if (next == NULL)
        find(&next, "__register_atfork");
    return system_call_refused("__register_atfork") ? ENOMEM : next(prepare, parent, child, library);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
