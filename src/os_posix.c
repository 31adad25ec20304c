#include "os.h"

#include "text.h"
#include "thread.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

__thread struct os_thread os_thread PERFPOOL_TLS_MODEL = {&thread_unbound, &thread_empty_pool};

__thread uint32_t os_thread_visits PERFPOOL_TLS_MODEL;

static pthread_key_t exit_key; /* its destructor is the hook at thread end */
static bool attached;
static char environment[512]; /* PERFPOOL_OPTIONS as at load: later the program may move or overwrite it */

static size_t page_size(void)
{
    static uint32_t known; /* racing writers write the same */
    uint32_t size = load_relaxed_32(&known);
    if (size == 0) {
        size = (uint32_t)sysconf(_SC_PAGESIZE);
        store_relaxed_32(&known, size);
    }
    return size;
}

/* Maps a range aligned as Windows aligns its own; NULL if the system refuses. */
static char *map_aligned(size_t size, int protection)
{
    const size_t alignment = (size_t)64 << 10;
    char *base = mmap(NULL, size + alignment, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        return NULL;
    size_t before = (size_t)(-(uintptr_t)base & (alignment - 1));
    if (before > 0)
        munmap(base, before);
    munmap(base + before + size, alignment - before);
    return base + before;
}

bool os_reserve(struct os_range *range, size_t size)
{
    int saved = errno;
    if (size > SIZE_MAX - ((size_t)128 << 10))
        return false; /* no such range, and the roundings below would wrap */
    range->size = (size + page_size() - 1) & ~(page_size() - 1);
    range->prefix = false;
    range->base = map_aligned(range->size, PROT_READ | PROT_WRITE);
    if (range->base == NULL) { /* strict overcommit counts what is writable: open it step by step instead */
        range->base = map_aligned(range->size, PROT_NONE);
        range->prefix = true;
    }
    errno = saved;
    return range->base != NULL;
}

void os_release(const struct os_range *range)
{
    munmap(range->base, range->size);
}

bool os_commit(const struct os_range *range, void *start, size_t size)
{
    if (!range->prefix)
        return true;
    uintptr_t first = (uintptr_t)start & ~(uintptr_t)(page_size() - 1);
    uintptr_t end = ((uintptr_t)start + size + page_size() - 1) & ~(uintptr_t)(page_size() - 1);
    int saved = errno;
    bool done = mprotect((void *)first, end - first, PROT_READ | PROT_WRITE) == 0;
    errno = saved;
    return done;
}

bool os_decommit(const struct os_range *range, void *start, size_t size)
{
    (void)range;
    int saved = errno;
    bool done = madvise(start, size, MADV_DONTNEED) == 0; /* not MADV_FREE: what reads as zero later must be zero */
    errno = saved;
    return done;
}

void os_small_pages(void *start, size_t size)
{
    int saved = errno;
    madvise(start, size, MADV_NOHUGEPAGE); /* a kernel without huge pages refuses, which is as good */
    errno = saved;
}

/* Bytes of address space in use, 0 if unknown. Without stdio, which allocates, and by syscall, which is no cancellation point. */
static size_t address_space_used(void)
{
    char digits[32];
    size_t pages = 0;
    int file = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    long n = syscall(SYS_read, file, digits, sizeof digits);
    syscall(SYS_close, file);
    for (long i = 0; i < n && digits[i] >= '0' && digits[i] <= '9'; i++)
        pages = pages * 10 + (size_t)(digits[i] - '0');
    return pages * page_size();
}

size_t os_address_space_left(void)
{
    struct rlimit limit;
    int saved = errno;
    size_t left = SIZE_MAX;
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
        size_t used = address_space_used();
        left = limit.rlim_cur > used ? (size_t)limit.rlim_cur - used : 0;
    }
    errno = saved;
    return left;
}

size_t os_default_reserve(bool default_heap)
{
    if (sizeof(size_t) < 8)
        return (size_t)64 << 20;
    return default_heap ? (size_t)16 << 30 : (size_t)4 << 30;
}

void os_set_error(enum os_error error)
{
    errno = error == OS_ERROR_INVALID ? EINVAL : error == OS_ERROR_BUSY ? EBUSY : ENOMEM;
}

uint32_t os_save_error(void)
{
    return (uint32_t)errno;
}

void os_restore_error(uint32_t saved)
{
    errno = (int)saved;
}

const char *os_environment(char *buffer, size_t size)
{
    (void)buffer, (void)size;
    return environment[0] != '\0' ? environment : NULL;
}

void os_write(const char *text, size_t length)
{
    while (length > 0) {
        long n = syscall(SYS_write, STDERR_FILENO, text, length);
        if (n < 0 && errno != EINTR)
            return;
        if (n > 0) {
            text += n;
            length -= (size_t)n;
        }
    }
}

_Noreturn void os_fail(const char *text)
{
    (void)text; /* on stderr already */
    abort();
}

/* In a fork's child, where only the calling thread exists. */
static void forked(void)
{
    if (os_thread_visits ==
        0) /* else it forked inside a visit or a fault's handler: the counts stay, and with them what they keep alive */
        heap_forked();
    thread_forked();
}

static void thread_ends(void *record)
{
    (void)record;
    thread_exit();
}

/* At load, as the order of things demands: key and fork handlers may allocate, and later a tool may have made us the allocator. */
__attribute__((constructor)) static void library_loaded(void)
{
    os_library_attach();
}

bool os_library_attach(void)
{
    if (attached)
        return true;
    const char *options = secure_getenv("PERFPOOL_OPTIONS");
    if (options != NULL)
        memcpy(environment, options, text_length(options, sizeof environment - 1));
    attached = pthread_key_create(&exit_key, thread_ends) == 0;
    pthread_atfork(NULL, NULL, forked);
    return attached;
}

bool os_thread_set(struct thread_record *record)
{
    /* Ours first: setting a key of 32 or more allocates, and that allocation may come back to us. */
    os_thread.record = record;
    if (attached && pthread_setspecific(exit_key, record) == 0)
        return true;
    os_thread.record = &thread_unbound;
    return false;
}

void os_thread_mark_gone(void)
{
    os_thread.record = &thread_gone;
}
