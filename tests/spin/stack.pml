/*
 * The index stack with something in its entries, as magazines are in inboxes and pools among the unbound: src/index_stack.h.
 *
 * Two entries. What an entry holds is written plainly by who pushes it and read by who pops it; every holder writes anew.
 */
#define LOCATIONS 5
#define PROCESSES 3
#define HEAD 0
#define LINK(entry) (entry) /* 1, 2 */
#define HOLDS(entry) ((entry) + 2) /* 3, 4 */
#include "memory.pml"

bool held[3] = true;
#include "index_stack.pml"

byte written[3]; /* what an entry truly holds */

/* Writes to an entry that this process holds, and says so to the model. */
inline fill(me, entry, value)
{
    atomic {
        written[entry] = value;
    }
    STORE(me, HOLDS(entry), value, RELAXED);
}

/* What a popped entry holds must be what was written to it last, and nobody else may have it. */
inline open(me, entry)
{
    if
    :: entry != 0 ->
        assert(!held[entry]);
        held[entry] = true;
        LOAD(me, HOLDS(entry), value, RELAXED);
        assert(value == written[entry])
    :: else
    fi
}

proctype pusher(byte me)
{
    byte head, found;
    fill(me, 1, 5);
    push(me, 1);
    fill(me, 2, 6);
    push(me, 2);
    FENCE(me)
}

proctype popper(byte me)
{
    byte head, found, next, value, entry;
    pop(me, entry);
    open(me, entry);
    if
    :: entry != 0 ->
        fill(me, entry, 7 + me);
        push(me, entry)
    :: else
    fi;
    FENCE(me)
}

/* Two entries on the stack or in hand, none twice: a wrong link would lose one. */
proctype last_popper(byte me)
{
    byte head, found, next, value, entry;
    pop(me, entry);
    open(me, entry);
    pop(me, entry);
    open(me, entry);
    FENCE(me)
}

init {
    atomic {
        run pusher(0);
        run popper(1);
        run last_popper(2)
    }
    (_nr_pr == 1);
    byte index = INDEX(NEWEST(HEAD));
    byte n = 0;
    do
    :: index != 0 && n < 3 ->
        assert(!held[index]);
        held[index] = true;
        index = NEWEST(LINK(index));
        n++
    :: else -> break
    od;
    assert(index == 0 && held[1] && held[2])
}
