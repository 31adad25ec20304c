/* The providers that are started, for consumers. */
#ifndef PERFPOOL_TESTS_PERFLIB_REGISTRY_H
#define PERFPOOL_TESTS_PERFLIB_REGISTRY_H

#include "internal.h"

/* A number for a new provider: never 0, larger than all before. */
uint64_t registry_serial(void);

/* Makes a provider visible to consumers. */
void registry_add(struct provider *provider);

/*
 * Takes it out again and waits until no consumer is at work in it. False, and nothing done, if it is not there, or if the calling
 * thread is the worker of consumers, which is at work in it.
 */
bool registry_remove(struct provider *provider);

/* Whether this is a started provider, and the only one. */
bool registry_has_only(const struct provider *provider);

/* The provider with the smallest serial number above that one, pinned: it stays until registry_unpin. NULL: no more. */
struct provider *registry_pin_next(uint64_t serial);

/* The provider with that serial number, pinned, or NULL. */
struct provider *registry_pin(uint64_t serial);

void registry_unpin(struct provider *provider);

#endif
