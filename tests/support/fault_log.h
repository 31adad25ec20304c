/*
 * A fault handler that returns, and a record of what it was told. One log, filled by any thread, read when no call that can
 * fault is in flight.
 */
#ifndef PERFPOOL_TESTS_FAULT_LOG_H
#define PERFPOOL_TESTS_FAULT_LOG_H

#include "perfpool.h"

enum { FAULT_LOG_ENTRIES = 64, FAULT_LOG_TEXT = 256 };

/* A copy of one perfpool_fault: the fault itself is valid during the handler's call only. */
struct fault_entry {
    perfpool_fault fault;
    char heap_name[FAULT_LOG_TEXT];
    char text[FAULT_LOG_TEXT];
};

/* The handler; `log` is passed as fault_arg and is a struct fault_log. */
void PERFPOOL_CALL fault_log_handler(const perfpool_fault *fault, void *log);

struct fault_log {
    unsigned count; /* faults told, also those beyond the entries; written with atomic operations */
    struct fault_entry entries[FAULT_LOG_ENTRIES];
};

unsigned fault_log_count(const struct fault_log *log);
void fault_log_clear(struct fault_log *log);

#endif
