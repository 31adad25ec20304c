/*
 * Who has touched what: which places threads contend for, so that only there a switch can matter, and whether plain accesses are
 * ordered by the acquires and releases that the sources name.
 */
#ifndef PERFPOOL_INTERLEAVE_RACES_H
#define PERFPOOL_INTERLEAVE_RACES_H

#include "interleave/hook.h"

#include <stdbool.h>
#include <stdint.h>

void races_create(void);

/* A schedule begins: nothing has happened since the set-up, which happened before everything. */
void races_begin(void);

/* Thread `thread` makes an access; fails the schedule on a race with a plain one. */
void races_plain(unsigned thread, const volatile void *address, size_t size, bool writes);
void races_shared(unsigned thread, const volatile void *address, size_t size, enum access_kind kind);

/* The system writes to a range: as if all shared places in it were stored to. */
void races_range(unsigned thread, const volatile void *start, size_t size);

/* A range goes back to the system: every access that other threads have made to it must be ordered before that. */
void races_release(unsigned thread, const volatile void *start, size_t size);

/* Whether in some schedule so far two threads have made shared accesses to the place, one of them a store. */
bool races_contended(const volatile void *address);

/* Places that have come to be contended since the last call. */
unsigned races_news(void);

#endif
