/*
 * Spans of small blocks: 64 KiB cut into blocks of one class, owned by one pool.
 *
 * Per span: cut = blocks that have been handed to a magazine at least once; home = how many of them are free in the span, state
 * HOME. A span with 0 < home is in its bin's list of partly used spans. When home == cut all its blocks are home, and only then it
 * goes back to the arena: there is no other proof that nobody holds one. All functions are the owner's.
 */
#ifndef PERFPOOL_SPAN_H
#define PERFPOOL_SPAN_H

#include "pool.h"

/* Claims a span for a class and makes it the bin's span to cut from. False: no memory. Lock-free, may call the system. */
bool span_claim(struct pool *pool, uint32_t class);

/* Cuts up to `max` fresh blocks from the bin's span, lowest last; they are held. *fresh: they are known to be zero. Returns how
 * many. */
uint32_t span_cut(struct pool *pool, uint32_t class, uint32_t *lines, uint32_t max, bool *fresh);

/* Takes up to `max` home blocks of one partly used span of the bin; they are held. Returns how many. */
uint32_t span_collect(struct pool *pool, uint32_t class, uint32_t *lines, uint32_t max);

/* Gives a held block home; returns the number of spans (0 or 1) that went back to the arena. */
uint32_t span_home(struct pool *pool, uint32_t class, uint32_t line);

/* Takes home all returned blocks of the pool's spans whose bit is set. */
void span_collect_returned(struct pool *pool);

#endif
