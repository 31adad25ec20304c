/* Every scenario by its name; scenarios.c lists them in the order they run. */
#ifndef PERFPOOL_INTERLEAVE_SCENARIOS_ALL_H
#define PERFPOOL_INTERLEAVE_SCENARIOS_ALL_H

#include "interleave/explore.h"

#define SCENARIOS(X)     \
    X(stack_two)         \
    X(stack_reuse)       \
    X(stack_push_pop)    \
    X(stack_three)       \
    X(mail_two)          \
    X(mail_posters)      \
    X(mail_mixed)        \
    X(mail_twice)        \
    X(mail_refused)      \
    X(mail_freed_too)    \
    X(over_two)          \
    X(over_owner)        \
    X(over_three)        \
    X(over_ended)        \
    X(returned_two)      \
    X(returned_three)    \
    X(returned_twice)    \
    X(returned_taken)    \
    X(returned_leased)   \
    X(returned_last)     \
    X(adopt_first)       \
    X(adopt_kept)        \
    X(adopt_two)         \
    X(adopt_three)       \
    X(adopt_swept)       \
    X(adopt_sweeps)      \
    X(adopt_refused)     \
    X(newest_looked)     \
    X(records_first)     \
    X(records_ends)      \
    X(records_chunk)     \
    X(spans_open)        \
    X(spans_two)         \
    X(spans_three)       \
    X(spans_trim)        \
    X(spans_scarce)      \
    X(spans_words)       \
    X(spans_last)        \
    X(spans_trims)       \
    X(spans_untrim)      \
    X(spans_retrim)      \
    X(spans_refused)     \
    X(spans_limit)       \
    X(spans_outside)     \
    X(spans_hint)        \
    X(spans_counted)     \
    X(spans_words_trim)  \
    X(spans_trims_count) \
    X(runs_two)          \
    X(runs_three)        \
    X(large_two)         \
    X(large_three)       \
    X(large_twice)       \
    X(large_kept)        \
    X(kept_two)          \
    X(kept_both)         \
    X(kept_three)        \
    X(large_tails)       \
    X(large_looked)      \
    X(heaps_exit)        \
    X(heaps_detach)      \
    X(heaps_look)        \
    X(heaps_trim)        \
    X(heaps_both)        \
    X(heaps_again)       \
    X(heaps_next)        \
    X(heaps_other)       \
    X(heaps_made)        \
    X(heaps_gone)        \
    X(heaps_refused)     \
    X(default_two)       \
    X(default_options)   \
    X(default_search)    \
    X(trim_owner)        \
    X(trim_posts)        \
    X(trim_limit)        \
    X(trim_reclaims)     \
    X(trim_kept)         \
    X(trim_pile)         \
    X(trim_grows)        \
    X(trim_opens)        \
    X(trim_piles)        \
    X(trim_refused)      \
    X(look_figures)      \
    X(look_walk)         \
    X(look_trim)         \
    X(look_size)         \
    X(checked_owner)     \
    X(checked_remote)    \
    X(checked_poisoned)  \
    X(checked_three)

#define SCENARIO_DECLARED(name) extern const struct scenario name;
SCENARIOS(SCENARIO_DECLARED)
#undef SCENARIO_DECLARED

#endif
