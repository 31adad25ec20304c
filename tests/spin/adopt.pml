/*
 * A pool that goes from thread to thread: src/pool.c. All of it is plain but the record, which others load, and all is handed over by
 * the stack of unbound pools. Its first owner leaves it; two others adopt it, work, and leave it again.
 */
#define LOCATIONS 4
#define PROCESSES 3
#define HEAD 0
#define LINK(entry) (entry) /* 1 */
#define CONTENTS 2
#define RECORD 3
#include "memory.pml"

bool held[3] = true;
#include "index_stack.pml"

byte contents = 0; /* as they truly are */
byte owner = 1;    /* the record of who has the pool, 0 nobody */

inline work(me)
{
    LOAD(me, CONTENTS, value, RELAXED);
    assert(value == contents);
    contents = value + 1;
    STORE(me, CONTENTS, value + 1, RELAXED)
}

inline leave(me)
{
    STORE(me, RECORD, 0, RELAXED);
    owner = 0;
    push(me, 1)
}

inline adopt(me)
{
    pop(me, entry);
    if
    :: entry != 0 ->
        assert(owner == 0);
        owner = me + 1;
        LOAD(me, RECORD, value, RELAXED);
        assert(value == 0);
        STORE(me, RECORD, me + 1, RELAXED);
        work(me)
    :: else
    fi
}

proctype first_owner(byte me)
{
    byte head, found, value;
    STORE(me, RECORD, 1, RELAXED);
    work(me);
    leave(me);
    FENCE(me)
}

proctype adopter(byte me)
{
    byte head, found, next, value, entry;
    adopt(me);
    if
    :: entry != 0 -> work(me); leave(me)
    :: else
    fi;
    FENCE(me)
}

init {
    atomic {
        run first_owner(0);
        run adopter(1);
        run adopter(2)
    }
    (_nr_pr == 1);
    assert(NEWEST(RECORD) == owner && NEWEST(CONTENTS) == contents);
    assert((INDEX(NEWEST(HEAD)) == 1) == (owner == 0))
}
