/*
 * The library's own sources, all but those of the system layer, as part of the including program, which has put something of its
 * own in place of the accesses or calls it wants to disturb. The linker then takes nothing but the system layer from the library's
 * objects. Names that two sources use for something of their own are told apart here.
 */
#ifndef PERFPOOL_TESTS_WHOLE_LIBRARY_H
#define PERFPOOL_TESTS_WHOLE_LIBRARY_H

/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "../../src/arena.c"
#include "../../src/arena_spans.c"
#include "../../src/callbacks.c"
#include "../../src/fault.c"
#define heap_make library_heap_make
#include "../../src/heap.c"
#undef heap_make
#include "../../src/large.c"
#include "../../src/magazine.c"
#define store_of mailbox_store_of
#include "../../src/mailbox.c"
#undef store_of
#include "../../src/options.c"
#include "../../src/poison.c"
#include "../../src/pool.c"
#define store_of refill_store_of
#include "../../src/drain.c"
#include "../../src/refill.c"
#undef store_of
#include "../../src/size_class.c"
#include "../../src/slow_path.c"
#define record_at span_record_at
#include "../../src/span.c"
#undef record_at
#include "../../src/stats.c"
#include "../../src/text.c"
#define record_at thread_record_at
#include "../../src/thread.c"
#undef record_at
#define empty_pool trim_empty_pool
#include "../../src/trim.c"
#undef empty_pool
/* NOLINTEND(bugprone-suspicious-include) */

#endif
