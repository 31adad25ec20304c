#include "interleave/scenarios.h"

#include "interleave/scenarios_all.h"

#define SCENARIO_LISTED(name) &(name),
const struct scenario *const scenarios[] = {SCENARIOS(SCENARIO_LISTED)};
const size_t n_scenarios = sizeof scenarios / sizeof scenarios[0];
