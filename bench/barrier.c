/* See barrier.h. */
#include "barrier.h"

#include "work.h"

#include <sched.h>

void barrier_meet(struct barrier *barrier, unsigned n, unsigned most_spins)
{
    unsigned phase = atomic_load_explicit(&barrier->phase, memory_order_relaxed);

    if (atomic_fetch_add_explicit(&barrier->arrived, 1, memory_order_acq_rel) + 1 == n) {
        atomic_store_explicit(&barrier->arrived, 0, memory_order_relaxed);
        /* Release: what all did before is seen by all after. */
        atomic_store_explicit(&barrier->phase, phase + 1, memory_order_release);
        return;
    }
    for (unsigned spins = 1; atomic_load_explicit(&barrier->phase, memory_order_acquire) == phase; spins++) {
        if (spins % most_spins == 0)
            sched_yield();
        else
            bench_pause();
    }
}
