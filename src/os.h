/*
 * Everything the system gives us: address ranges, one thread-local pointer, the caller's error state, a place to write to.
 *
 * Nothing here calls malloc or anything that might. os_posix.c and os_windows.c implement it.
 */
#ifndef PERFPOOL_OS_H
#define PERFPOOL_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct thread_record;

/* Where a thread starts, and where it ends: see thread.h. */
extern struct thread_record thread_unbound, thread_gone;

/* A reserved range of addresses, aligned to 64 KiB. Constant after os_reserve. */
struct os_range {
    char *base;
    size_t size;
    bool prefix; /* reserved without access: whole steps of it are opened in ascending order */
};

/* Reserves a range: not backed by memory, zero when first read. False if the system has none. Any thread. */
bool os_reserve(struct os_range *range, size_t size);
void os_release(const struct os_range *range);

/*
 * Makes part of a range usable, whole pages around [start, start + size). May be repeated on a part that is usable already, by
 * several threads at once. False if the system refuses.
 */
bool os_commit(const struct os_range *range, void *start, size_t size);

/*
 * Gives the memory of whole pages back; after the next os_commit they read as zero. The caller owns the part. False if the system
 * keeps it (locked pages): then nothing has changed.
 */
bool os_decommit(const struct os_range *range, void *start, size_t size);

/*
 * Whether decommitted memory can still be read (as zero). Only then tables that a stale reader may look into are given back.
 */
#ifdef _WIN32
enum { OS_DECOMMITTED_READABLE = 0 };
#else
enum { OS_DECOMMITTED_READABLE = 1 };
#endif

/* Asks for no huge pages in a part, so that a small heap stays small. */
void os_small_pages(void *start, size_t size);

/* Bytes of address space this process may still reserve, SIZE_MAX if unlimited. */
size_t os_address_space_left(void);

/* Default sizes of the address range for blocks. */
size_t os_default_reserve(bool default_heap);

/* What an error is called on both systems. */
enum os_error { OS_ERROR_INVALID, OS_ERROR_MEMORY, OS_ERROR_BUSY };
void os_set_error(enum os_error error);

/* The caller's error state, which both callbacks leave as they found it (PERFLIB has no channel for ours). */
uint32_t os_save_error(void);
void os_restore_error(uint32_t saved);

/* The value of PERFPOOL_OPTIONS, or NULL. Copied into `buffer` where the system wants one. */
const char *os_environment(char *buffer, size_t size);

/* Writes to stderr, and to a debugger if the system has a channel for that. */
void os_write(const char *text, size_t length);

/* Ends the process; `text` is shown by the system's error reporting where it can. */
_Noreturn void os_fail(const char *text);

/*
 * Set-up at load: the thread-local slot, the environment, fork handlers. Programs that link the objects themselves call it first;
 * repeated calls do nothing. False if the system has no slot.
 */
bool os_library_attach(void);

/* Makes `record` this thread's, and its end call thread_exit. False if the system refuses. */
bool os_thread_set(struct thread_record *record);

/* Makes thread_gone this thread's record, for good. */
void os_thread_mark_gone(void);

#ifdef _WIN32
#include "os_windows.h"
#else
#ifdef PERFPOOL_DYNAMIC_TLS
#define PERFPOOL_TLS_MODEL
#else
#define PERFPOOL_TLS_MODEL __attribute__((tls_model("initial-exec")))
#endif
struct pool;

/* The thread-local: the record, and the pool it has cached (the record's `pool` on Windows), so that neither load waits for the
 * other. */
struct os_thread {
    struct thread_record *record;
    struct pool *pool;
};
extern __thread struct os_thread os_thread PERFPOOL_TLS_MODEL;

/* How many heaps this thread is visiting: what is left of the visitors in a fork's child. */
extern __thread uint32_t os_thread_visits PERFPOOL_TLS_MODEL;

static inline void os_visit(uint32_t change)
{
    os_thread_visits += change;
}

/* This thread's record. Wait-free. Never NULL: it starts as thread_unbound. */
static inline struct thread_record *os_thread_get(void)
{
    return os_thread.record;
}
#endif

#endif
