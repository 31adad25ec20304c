#include "failing.h"

#include <stdatomic.h>

#undef AllocateMemory

static atomic_uint calls;
static unsigned failing_call;

void failing_set(unsigned n)
{
    atomic_store(&calls, 0);
    failing_call = n;
}

bool failing_has_failed(void)
{
    return failing_call != 0 && atomic_load(&calls) >= failing_call;
}

void *PERFPOOL_CALLBACK failing_allocate(perfpool_size size, void *context)
{
    return atomic_fetch_add(&calls, 1) + 1 == failing_call ? NULL : AllocateMemory(size, context);
}
