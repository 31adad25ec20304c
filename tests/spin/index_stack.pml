/*
 * push and pop of src/index_stack.h, with the orders of their accesses as macros. A model defines HEAD and LINK(entry), and `held`,
 * true for the entries that somebody has. Head: index in the low two bits, tag above.
 */
#ifndef PUSH_SWAP
#define PUSH_SWAP BOTH
#endif
#ifndef POP_LOAD
#define POP_LOAD ACQUIRE
#endif
#ifndef POP_SWAP
#define POP_SWAP BOTH
#endif
#ifndef POP_SWAP_FAILS
#define POP_SWAP_FAILS ACQUIRE
#endif

#define INDEX(head) ((head) & 3)
#define NEXT(head, index) (((((head) >> 2) + 1) << 2) | (index))

inline push(me, entry)
{
    held[entry] = false;
    LOAD(me, HEAD, head, RELAXED);
    do
    ::  STORE(me, LINK(entry), INDEX(head), RELAXED);
        CAS(me, HEAD, head, found, NEXT(head, entry), PUSH_SWAP, RELAXED);
        if
        :: found == head -> break
        :: else -> head = found
        fi
    od
}

inline pop(me, entry)
{
    LOAD(me, HEAD, head, POP_LOAD);
    entry = 0;
    do
    :: INDEX(head) == 0 -> break
    :: else ->
        LOAD(me, LINK(INDEX(head)), next, RELAXED);
        CAS(me, HEAD, head, found, NEXT(head, next), POP_SWAP, POP_SWAP_FAILS);
        if
        :: found == head -> entry = INDEX(head); break
        :: else -> head = found
        fi
    od
}
