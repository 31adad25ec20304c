/*
 * The seeded faults: every re-check, tag, compare and swap and order of steps that a protocol needs, and which protocol that is.
 */
#ifndef PERFPOOL_INTERLEAVE_SEEDS_H
#define PERFPOOL_INTERLEAVE_SEEDS_H

/* X(name, protocol, what is wrong with it) */
#define SEEDS(X)                                                                                       \
    X(stack_tag, "index stack", "the tag is not advanced")                                             \
    X(stack_push, "index stack", "push swaps in two steps")                                            \
    X(stack_pop, "index stack", "pop swaps in two steps")                                              \
    X(stack_link, "index stack", "an entry is pushed before its link is set")                          \
    X(arena_charge, "spans", "the limit is charged in two steps")                                      \
    X(arena_refund, "spans", "the charge is taken back in two steps")                                  \
    X(spans_seen, "spans", "a word that another thread has opened since the search is not searched")   \
    X(open_outside, "spans", "the spans outside are marked in two steps")                              \
    X(open_word, "spans", "a word is opened in two steps")                                             \
    X(open_refund, "spans", "who loses a race for a word is charged all the same")                     \
    X(claim_bits, "spans", "spans are claimed in two steps")                                           \
    X(unclaim, "spans", "spans are let go in two steps")                                               \
    X(decommit_bits, "spans", "spans are marked as not committed in two steps")                        \
    X(untrim, "spans", "a word's states are charged again in two steps")                               \
    X(untrim_refund, "spans", "two holders are both charged for a word's states")                      \
    X(commit_bits, "spans", "spans are marked as committed in two steps")                              \
    X(claim_committed, "spans", "spans are taken for committed without a look by their holder")        \
    X(claim_trims, "spans", "a claim that found none does not look again after a trim")                \
    X(count_spans, "spans", "spans in use and spare ones are counted in two steps")                    \
    X(trim_claim, "spans", "a trim takes spans that are in use again")                                 \
    X(trim_unclaim, "spans", "a trim lets spans go in two steps")                                      \
    X(trim_count, "spans", "trims are not counted")                                                    \
    X(charge_again, "spans", "who loses a race for the limit does not look at it again")               \
    X(open_order, "spans", "a word is opened before its tables are there")                             \
    X(open_late, "spans", "a word is opened before the spans outside are marked")                      \
    X(open_again, "spans", "who loses a race for a word opens another")                                \
    X(claim_again, "spans", "who loses a race for spans does not look at them again")                  \
    X(claim_retry, "spans", "who loses a race for spans leaves their word")                            \
    X(claim_hint, "spans", "the hint is believed")                                                     \
    X(trim_early, "spans", "a trim is counted before its spans are let go")                            \
    X(trim_counts, "counted trims", "a trim is counted in two steps")                                  \
    X(trim_committed, "spans", "a trim gives back what is not committed")                              \
    X(trim_again, "spans", "a word's states are given back that another trim has given back")          \
    X(release_count, "spans", "released spans are counted after their bits are clear")                 \
    X(release_header, "trim", "a span is let go before its header is cleared")                         \
    X(trim_release, "trim", "a pool that a trim has emptied is not let go")                            \
    X(look_posted, "statistics", "blocks in posted magazines are taken for live")                      \
    X(run_roll_back, "runs", "a run of several words that meets another is not rolled back")           \
    X(pile_mark, "pile", "the mark of magazines is lowered in two steps")                              \
    X(pile_keep, "pile", "magazines that cannot be given back are forgotten")                          \
    X(pile_trimming, "pile", "two trims have the pile in hand")                                        \
    X(pile_high, "pile", "the mark is read before the pile is in hand")                                \
    X(pile_memory, "pile", "the mark is lowered before the memory is given back")                      \
    X(pile_kinds, "pile", "the mark is lowered before the kinds are set")                              \
    X(extend_order, "adopt", "a table's mark is moved before its memory is there")                     \
    X(extend_again, "adopt", "who loses a race for a table's entries takes the next ones as they are") \
    X(unbind_record, "adopt", "a pool is let go before its record is cleared")                         \
    X(extend_mark, "adopt", "a table's mark is moved in two steps")                                    \
    X(extend_refund, "adopt", "who loses a race for a table's entries is charged all the same")        \
    X(return_state, "returned", "a block is returned in two steps")                                    \
    X(return_bit, "returned", "the bit is set in two steps")                                           \
    X(return_early, "returned", "the bit is set before the state")                                     \
    X(return_flag, "returned", "the flag is set before the bit")                                       \
    X(collect_last, "returned", "a span is collected from that has gone back")                         \
    X(unbind_outbox, "adopt", "a pool is let go with blocks in its outbox")                            \
    X(collect_order, "returned", "the blocks are collected before the bit is cleared")                 \
    X(collect_bit, "returned", "the bit is cleared in two steps")                                      \
    X(drain_flag, "returned", "the owner's flag is cleared after the bits are read")                   \
    X(post_early, "mailbox", "a magazine is posted before its fields are set")                         \
    X(open_header, "mailbox", "the headers of a magazine's blocks are not checked")                    \
    X(open_state, "mailbox", "states of a magazine's blocks are not checked")                          \
    X(open_checked, "take over", "a checked magazine that comes back is checked as if it were not")    \
    X(newest_live, "newest first", "a block that goes back into its magazine was live for a moment")   \
    X(over_class, "take over", "a magazine of any class is taken over")                                \
    X(over_repost, "take over", "a magazine of another class is not put back")                         \
    X(enter_again, "heaps", "who loses a race for the gate does not look at it again")                 \
    X(slot_early, "heaps", "a slot is free before its heap's memory is released")                      \
    X(open_early, "default heap", "a heap is open before it is made")                                  \
    X(destroy_leave, "heaps", "a destroyed heap is left before it is forgotten")                       \
    X(records_again, "threads", "who loses a race for a record takes the next without its chunk")      \
    X(large_early, "large", "the header is set before the record")                                     \
    X(large_tails, "large", "spans are let go before their headers are cleared")                       \
    X(free_again, "checked frees", "a block that was freed meanwhile is taken for overrun")            \
    X(count_fault, "checked frees", "faults are counted in two steps")                                 \
    X(enter_phase, "heaps", "a heap is entered that is closed")                                        \
    X(enter_generation, "heaps", "a heap is entered that came after the one that is meant")            \
    X(enter, "heaps", "the gate is entered in two steps")                                              \
    X(leave, "heaps", "the gate is left in two steps")                                                 \
    X(leave_last, "heaps", "whoever leaves a closed heap releases it")                                 \
    X(close, "heaps", "the gate is closed in two steps")                                               \
    X(slot_free, "heaps", "a slot is claimed that is not free any more")                               \
    X(slot_claim, "heaps", "a slot is claimed in two steps")                                           \
    X(slot_generation, "heaps", "a slot's next heap has the generation of its last")                   \
    X(destroy_forget, "heaps", "threads go on to use a destroyed heap")                                \
    X(publish, "default heap", "the default heap is published in two steps")                           \
    X(publish_loser, "default heap", "the loser's heap stays")                                         \
    X(publish_winner, "default heap", "the loser returns its own heap")                                \
    X(records_chunk, "threads", "a chunk of records is published in two steps")                        \
    X(records_high, "threads", "a record is taken in two steps")                                       \
    X(forget, "heaps", "a cached heap is forgotten in two steps")                                      \
    X(entry_generation, "heaps", "a pool of a destroyed heap is taken for one of the next")            \
    X(exit_gone, "threads", "a thread that has ended goes on with its record")                         \
    X(large_take, "large", "a large block is taken in two steps")                                      \
    X(large_tag, "large", "all large blocks have one generation")                                      \
    X(kept_take, "kept runs", "a kept run is taken in two steps")                                      \
    X(kept_early, "kept runs", "a run is there to be taken before it has its header")                  \
    X(free_own, "checked frees", "the owner's free is checked in two steps")                           \
    X(free_sent, "checked frees", "another thread's free is checked in two steps")

#define SEED_NAME(name, protocol, what) SEED_##name,
enum seed { SEEDS(SEED_NAME) SEED_NONE };
#undef SEED_NAME

extern enum seed seed_chosen;

#endif
