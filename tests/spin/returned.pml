/*
 * The way of freeing that needs no memory: pool_return of src/pool.c against pool_drain and span_collect_returned. Two blocks of one
 * span, or with TWO_SPANS of two, freed by two threads that leave something in them; their owner collects while they do. What it finds
 * must have what its last user left there, and what it does not find must be marked for the next time. With DRAIN_STORE the owner
 * clears the flag by a store, with FLAG_STORE a freer sets it by one.
 */
#define LOCATIONS 7
#define PROCESSES 3
#define STATE(block) (block) /* 0, 1 */
#define BLOCK(block) ((block) + 2) /* 2, 3: what the user has left */
#ifdef TWO_SPANS
#define BIT(block) ((block) + 4)
#else
#define BIT(block) 4
#endif
#define FLAG 6
#include "memory.pml"

#ifndef RETURN_STATE
#define RETURN_STATE BOTH
#endif
#ifndef RETURN_BIT
#define RETURN_BIT BOTH
#endif
#ifndef RETURN_FLAG
#define RETURN_FLAG BOTH
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
    LOAD(me, BIT(me), marked, RELAXED);
    do
    ::  CAS(me, BIT(me), marked, found, 1, RETURN_BIT, RELAXED);
        if
        :: found == marked -> break
        :: else -> marked = found
        fi
    od;
#ifdef FLAG_STORE
    STORE(me, FLAG, 1, RETURN_FLAG);
#else
    LOAD(me, FLAG, marked, RELAXED);
    do
    ::  CAS(me, FLAG, marked, found, 1, RETURN_FLAG, RELAXED);
        if
        :: found == marked -> break
        :: else -> marked = found
        fi
    od;
#endif
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

inline clear_flag(me)
{
#ifdef DRAIN_STORE
    STORE(me, FLAG, 0, BOTH)
#else
    CAS(me, FLAG, 1, found, 0, DRAIN_FLAG, RELAXED)
#endif
}

/* The span of block 0 or of both; with TWO_SPANS that of block 1. */
inline collect_first(me)
{
    LOAD(me, BIT(0), value, RELAXED);
    if
    :: value == 1 ->
        CAS(me, BIT(0), 1, found, 0, COLLECT_BIT, RELAXED);
#ifndef TWO_SPANS
        collect_block(me, 1);
#endif
        collect_block(me, 0)
    :: else
    fi
}

inline collect_second(me)
{
    LOAD(me, BIT(1), value, RELAXED);
    if
    :: value == 1 ->
        CAS(me, BIT(1), 1, found, 0, COLLECT_BIT, RELAXED);
        collect_block(me, 1)
    :: else
    fi
}

inline drain(me)
{
    LOAD(me, FLAG, value, RELAXED);
    if
    :: value == 1 ->
        clear_flag(me);
#ifdef TWO_SPANS
        collect_second(me);
#endif
        collect_first(me)
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
    assert(NEWEST(STATE(0)) == HOME || (NEWEST(BIT(0)) == 1 && NEWEST(FLAG) == 1));
    assert(NEWEST(STATE(1)) == HOME || (NEWEST(BIT(1)) == 1 && NEWEST(FLAG) == 1))
}
