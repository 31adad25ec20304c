/*
 * Seeded faults: how the checker of interleavings proves that it would see a protocol's step go wrong.
 *
 * `SEEDED(name, right, weakened)` is `right`. In the checker's build alone, tests/interleave/seeds.h lists the names, and the one
 * that is chosen at run time makes its place `weakened`. A function may stand for its call: SEEDED(name, cas_32,
 * split_cas_32)(...). Where an order of steps is the fault, MISPLACED(name, step) is where the step comes too early or too late,
 * and SEEDED(name, step, (void)0) where it belongs.
 */
#ifndef PERFPOOL_SEED_H
#define PERFPOOL_SEED_H

#ifdef PERFPOOL_CHECKER
#include "interleave/weakened.h"
#define SEEDED(name, right, weakened) (seed_chosen == SEED_##name ? (weakened) : (right))
#define MISPLACED(name, step) (seed_chosen == SEED_##name ? (void)(step) : (void)0)
#else
#define SEEDED(name, right, weakened) (right)
#define MISPLACED(name, step) ((void)0)
#endif

#endif
