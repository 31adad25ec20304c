/*
 * What src/atomic.h calls in the checker's build: every shared access is announced before it is made, and another thread may run
 * first.
 */
#ifndef PERFPOOL_INTERLEAVE_HOOK_H
#define PERFPOOL_INTERLEAVE_HOOK_H

#include <stddef.h>

enum access_kind {
    ACCESS_LOAD,
    ACCESS_LOAD_ACQUIRE,
    ACCESS_STORE,
    ACCESS_STORE_RELEASE,
    ACCESS_SWAP /* compare and swap: a store that acquires and releases, even where it fails */
};

/* Announces an access to [address, address + size) and returns when it is this thread's turn to make it. */
void checker_access(const volatile void *address, size_t size, enum access_kind kind);

#define SHARED_ACCESS(address, kind) checker_access((address), sizeof *(address), ACCESS_##kind)

#endif
