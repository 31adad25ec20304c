/*
 * A magazine on its way home, and the block in it: src/mailbox.c, open_magazine and take_over of src/refill.c.
 *
 * The owner cuts a block, hands it out, and its user gives it to another thread, which writes to it and frees it: its line goes into a
 * magazine, the fields are set, the magazine is pushed. The owner and a taker pop. Whoever has the magazine opens it: the block's
 * header and state must be right, the state goes from live to held; then the block is handed out again, and must hold what its last
 * user left. The taker may instead put the magazine back as it is, or opened, as a checked one.
 *
 * Lines, fields, headers and states are loaded and stored relaxed: all their order is that of the stack, and of the program that
 * gives a block from thread to thread (GIVE, TAKE). EARLY_POST and LATE_STATE turn steps round.
 */
#define LOCATIONS 8
#define PROCESSES 3
#define HEAD 0
#define LINK(entry) (entry) /* 1 */
#define FIELDS 2            /* of the magazine */
#define LINE 3              /* that is in it */
#define STATE 4             /* of the block */
#define BLOCK 5             /* what its user has left in it */
#define HEADER 6            /* of its span */
#define GIVEN 7             /* the program's own */
#include "memory.pml"

bool held[3] = true;
#include "index_stack.pml"

#ifndef GIVE
#define GIVE RELEASE
#endif
#ifndef TAKE
#define TAKE ACQUIRE
#endif

/* Fields */
#define POSTED 1
#define CHECKED 2
/* States, and what a header and a line are when they are right */
#define LIVE 1
#define HELD 2
#define RIGHT 3

bool in_use = false; /* whether a user has the block */
byte content = 0;    /* what it truly holds */

/* A user gets the block and writes to it. */
inline use(me)
{
    atomic {
        assert(!in_use);
        in_use = true
    };
    STORE(me, STATE, LIVE, RELAXED);
    LOAD(me, BLOCK, value, RELAXED);
    assert(value == content);
    content = me + 5;
    STORE(me, BLOCK, me + 5, RELAXED)
}

inline post(me, kind)
{
#ifdef EARLY_POST
    push(me, 1);
    STORE(me, FIELDS, kind, RELAXED)
#else
    STORE(me, FIELDS, kind, RELAXED);
    push(me, 1)
#endif
}

/* Opens a magazine that was popped: what is in it must be what was posted. */
inline open(me)
{
    LOAD(me, FIELDS, fields, RELAXED);
    assert(fields == POSTED || fields == CHECKED);
    LOAD(me, LINE, value, RELAXED);
    assert(value == RIGHT);
    LOAD(me, HEADER, value, RELAXED);
    assert(value == RIGHT);
    LOAD(me, STATE, value, RELAXED);
    assert(value == (fields == POSTED -> LIVE : HELD));
#ifndef LATE_STATE
    STORE(me, STATE, HELD, RELAXED)
#endif
}

inline hold(me)
{
    assert(!held[1]);
    held[1] = true
}

proctype owner(byte me)
{
    byte head, found, next, value, entry, fields;
    STORE(me, HEADER, RIGHT, RELAXED);
    use(me);
    STORE(me, GIVEN, 1, GIVE);
    pop(me, entry);
    if
    :: entry != 0 -> hold(me); open(me); use(me)
    :: else
    fi;
    FENCE(me)
}

/* Another thread: the block is given to it, or not yet. */
proctype freer(byte me)
{
    byte head, found, value;
    LOAD(me, GIVEN, value, TAKE);
    if
    :: value == 1 ->
        LOAD(me, HEADER, value, RELAXED);
        assert(value == RIGHT);
        LOAD(me, BLOCK, value, RELAXED);
        assert(value == content);
        content = me + 5;
        STORE(me, BLOCK, me + 5, RELAXED);
        STORE(me, LINE, RIGHT, RELAXED);
        in_use = false;
        post(me, POSTED)
    :: else
    fi;
    FENCE(me)
}

proctype taker(byte me)
{
    byte head, found, next, value, entry, fields;
    pop(me, entry);
    if
    :: entry != 0 ->
        hold(me);
        if
        :: open(me); use(me)
        :: open(me); post(me, CHECKED)
#ifdef LATE_STATE
            ;
            STORE(me, STATE, HELD, RELAXED)
#endif
        :: push(me, 1) /* of another class: as it is */
        fi
    :: else
    fi;
    FENCE(me)
}

init {
    atomic {
        run owner(0);
        run freer(1);
        run taker(2)
    }
    (_nr_pr == 1);
    /* The block is with a user, or in a magazine that waits, and its state says which. */
    assert(in_use == (INDEX(NEWEST(HEAD)) == 0));
    assert(NEWEST(BLOCK) == content);
    assert(NEWEST(STATE) == (in_use || NEWEST(FIELDS) == POSTED -> LIVE : HELD))
}
