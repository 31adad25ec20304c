/* All scenarios, by protocol. */
#ifndef PERFPOOL_INTERLEAVE_SCENARIOS_H
#define PERFPOOL_INTERLEAVE_SCENARIOS_H

#include "interleave/explore.h"

extern const struct scenario *const scenarios[];
extern const size_t n_scenarios;

#endif
