/*
 * The checker's memory: what the library gets from the checker's system layer, and a log that takes back what a schedule has
 * written there and in the program's variables.
 *
 * The sources under test are compiled with the calls that ThreadSanitizer wants, which are answered here: so every write is seen
 * before it is made, and a schedule costs what it writes, not what there is.
 */
#ifndef PERFPOOL_INTERLEAVE_MEMORY_H
#define PERFPOOL_INTERLEAVE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WORLD_SIZE = 128 << 20 };

/* Maps the world. Once. */
void memory_create(void);

/* Whether the address is the world's or a variable of the program, and not on a stack. */
bool memory_is_tracked(const volatile void *address);

/* A number for each byte that is tracked, below memory_places(). */
size_t memory_place(const volatile void *address);
size_t memory_places(void);

/* Notes what is there, before it is written. */
void memory_log(const volatile void *address, size_t size);

/* Takes back all that was noted since the last call. */
void memory_roll_back(void);

/* Whether a schedule has ended with the memory as it is now before. Notes that this one has. `also` tells states apart, too. */
bool memory_seen_before(uint64_t also);

/* Forgets the notes: what is written so far stays. */
void memory_keep(void);

/* A digest of everything, to see that nothing is written unseen. */
uint64_t memory_digest(void);

/* The system's part. Reserved ranges are never used again within a schedule. */
char *memory_reserve(size_t size);
void memory_release(const char *base, size_t size);
size_t memory_ranges(void); /* reserved and not released */
void memory_commit(const char *start, size_t size);
void memory_clear(char *start, size_t size);

/* Fails the schedule if memory is used that is not committed, or was released. */
void memory_expect_usable(const volatile void *address, size_t size);

#endif
