/* Blocks that know what is in them: made by one thread, checked and freed by whichever has them last. */
#ifndef PERFPOOL_TESTS_CARGO_H
#define PERFPOOL_TESTS_CARGO_H

#include "perfpool.h"

#include <stdbool.h>

#include "support/generator.h"

/* NULL only if `may_fail` and the heap has no memory. */
void *cargo_make(perfpool_heap *heap, struct generator *generator, size_t largest, bool zeroed, bool may_fail);
/* Checks and frees; NULL does nothing. */
void cargo_free(perfpool_heap *heap, void *block);

#endif
