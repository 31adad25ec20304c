/*
 * The way of freeing that needs no memory: pool_return of src/pool.c against pool_drain and span_collect_returned. Two blocks of one
 * span, freed by two threads that leave something in them; their owner collects while they do. What it
 * finds must have what its last user left there, and what it does not find must be marked for the next time.
 */
#define LOCATIONS 6
#define PROCESSES 3
#define STATE(block) (block) /* 0, 1 */
#define BLOCK(block) ((block) + 2) /* 2, 3: what the user has left */
#define BIT 4
#define FLAG 5
#include "memory.pml"

#ifndef RETURN_STATE
#define RETURN_STATE BOTH
#endif
#ifndef RETURN_BIT
#define RETURN_BIT BOTH
#endif
#ifndef RETURN_FLAG
#define RETURN_FLAG RELEASE
#endif
#ifndef DRAIN_FLAG
#define DRAIN_FLAG BOTH
#endif
#ifndef COLLECT_BIT
#define COLLECT_BIT BOTH
#endif
#ifndef COLLECT_STATE
#define COLLECT_STATE ACQUIRE
#endif

#define LIVE 0
#define RETURNED 1
#define HOME 2

proctype freer(byte me)
{
    byte found, marked;
    STORE(me, BLOCK(me), 7, RELAXED);
    CAS(me, STATE(me), LIVE, found, RETURNED, RETURN_STATE, RELAXED);
    assert(found == LIVE);
    LOAD(me, BIT, marked, RELAXED);
    do
    ::  CAS(me, BIT, marked, found, 1, RETURN_BIT, RELAXED);
        if
        :: found == marked -> break
        :: else -> marked = found
        fi
    od;
    STORE(me, FLAG, 1, RETURN_FLAG);
    FENCE(me)
}

inline collect_block(me, block)
{
    LOAD(me, STATE(block), value, COLLECT_STATE);
    if
    :: value == RETURNED ->
        LOAD(me, BLOCK(block), value, RELAXED);
        assert(value == 7);
        STORE(me, STATE(block), HOME, RELAXED)
    :: else
    fi
}

inline drain(me)
{
    LOAD(me, FLAG, value, RELAXED);
    if
    :: value == 1 ->
        CAS(me, FLAG, 1, found, 0, DRAIN_FLAG, RELAXED);
        LOAD(me, BIT, value, RELAXED);
        if
        :: value == 1 ->
            CAS(me, BIT, 1, found, 0, COLLECT_BIT, RELAXED);
            collect_block(me, 0);
            collect_block(me, 1)
        :: else
        fi
    :: else
    fi
}

proctype owner(byte me)
{
    byte found, value;
    drain(me);
    FENCE(me)
}

init {
    atomic {
        run freer(0);
        run freer(1);
        run owner(2)
    }
    (_nr_pr == 1);
    /* A block that is not home is marked, so that the next drain finds it. */
    assert(NEWEST(STATE(0)) == HOME || (NEWEST(BIT) == 1 && NEWEST(FLAG) == 1));
    assert(NEWEST(STATE(1)) == HOME || (NEWEST(BIT) == 1 && NEWEST(FLAG) == 1))
}
