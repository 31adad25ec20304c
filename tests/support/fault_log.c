#include "support/fault_log.h"

#include <string.h>

#include "support/require.h"

static void copy_text(char *to, const char *from)
{
    require(from != NULL);
    require(strlen(from) < FAULT_LOG_TEXT);
    memcpy(to, from, strlen(from) + 1);
}

void PERFPOOL_CALL fault_log_handler(const perfpool_fault *fault, void *log)
{
    struct fault_log *target = log;
    const unsigned i = __atomic_fetch_add(&target->count, 1, __ATOMIC_ACQ_REL);
    if (i >= FAULT_LOG_ENTRIES)
        return;
    struct fault_entry *entry = &target->entries[i];
    entry->fault = *fault;
    copy_text(entry->heap_name, fault->heap_name);
    copy_text(entry->text, fault->text);
}

unsigned fault_log_count(const struct fault_log *log)
{
    return __atomic_load_n(&log->count, __ATOMIC_ACQUIRE);
}

void fault_log_clear(struct fault_log *log)
{
    memset(log, 0, sizeof(*log));
}
