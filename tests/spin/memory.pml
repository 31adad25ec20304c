/*
 * Two memories for the models, chosen by a macro. Locations 0 .. LOCATIONS-1 hold bytes and begin as 0; processes are `me`, 0 ..
 * PROCESSES-1. All that a model does to memory goes through LOAD, STORE and CAS, with an order of RELAXED, ACQUIRE, RELEASE or both.
 *
 * TSO: each process has a first-in-first-out store buffer, which empties whenever it likes and before a compare and swap. A load
 * takes what the process has stored last. Orders mean nothing.
 *
 * Otherwise relaxed: a location keeps all values it ever had, in order. Each process has a view: how old a value of each location it
 * may still load. A load takes any value that is not older, so loads and stores of different locations pass each other; what it took
 * becomes the oldest for it. A store with RELEASE carries the storer's view, and a load with ACQUIRE takes over the view that the
 * value carries. A compare and swap acts on the newest value and hands on the view that this one carries, whatever its own order.
 */
#define RELAXED 0
#define ACQUIRE 1
#define RELEASE 2
#define BOTH 3

#ifdef TSO

#define BUFFER 4
byte memory[LOCATIONS];
byte buffered_at[PROCESSES * BUFFER];
byte buffered[PROCESSES * BUFFER];
byte n_buffered[PROCESSES];

inline flush_one(me)
{
    d_step {
        memory[buffered_at[me * BUFFER]] = buffered[me * BUFFER];
        n_buffered[me]--;
        byte at_ = 0;
        do
        :: at_ < n_buffered[me] ->
            buffered_at[me * BUFFER + at_] = buffered_at[me * BUFFER + at_ + 1];
            buffered[me * BUFFER + at_] = buffered[me * BUFFER + at_ + 1];
            at_++
        :: else -> break
        od;
        at_ = 0
    };
    skip
}

inline flush_some(me)
{
    do
    :: n_buffered[me] > 0 -> flush_one(me)
    :: break
    od;
    skip
}

inline FENCE(me)
{
    do
    :: n_buffered[me] > 0 -> flush_one(me)
    :: else -> break
    od;
    skip
}

inline LOAD(me, location, value, order)
{
    flush_some(me);
    d_step {
        byte i_ = 0;
        value = memory[location];
        do
        :: i_ < n_buffered[me] ->
            if
            :: buffered_at[me * BUFFER + i_] == location -> value = buffered[me * BUFFER + i_]
            :: else
            fi;
            i_++
        :: else -> break
        od;
        i_ = 0
    }
}

inline STORE(me, location, value, order)
{
    flush_some(me);
    if
    :: n_buffered[me] == BUFFER -> flush_one(me)
    :: else
    fi;
    atomic {
        buffered_at[me * BUFFER + n_buffered[me]] = location;
        buffered[me * BUFFER + n_buffered[me]] = value;
        n_buffered[me]++
    }
}

/* `found` is what was there; it has swapped if that equals `expected`. */
inline CAS(me, location, expected, found, desired, order, order_of_failure)
{
    FENCE(me);
    d_step {
        found = memory[location];
        if
        :: found == expected -> memory[location] = desired
        :: else
        fi
    }
}

/* The newest value, for the end of a model when all buffers are empty. */
#define NEWEST(location) memory[location]

#else

#define AGES 8
byte ever[LOCATIONS * AGES];
byte carried[LOCATIONS * AGES * LOCATIONS];
byte newest[LOCATIONS];
byte view[PROCESSES * LOCATIONS];

#define NEWEST(location) ever[(location) * AGES + newest[location]]

inline FENCE(me)
{
    skip
}

/* Takes over the view that value `age` of a location carries. */
inline take_over_view(me, location, age)
{
    byte l_ = 0;
    do
    :: l_ < LOCATIONS ->
        if
        :: carried[(location * AGES + age) * LOCATIONS + l_] > view[me * LOCATIONS + l_] ->
            view[me * LOCATIONS + l_] = carried[(location * AGES + age) * LOCATIONS + l_]
        :: else
        fi;
        l_++
    :: else -> break
    od;
    l_ = 0
}

/* A new newest value; `handed_on`: with the view that the one before carries. */
inline add_value(me, location, value, order, handed_on)
{
    byte k_ = 0;
    assert(newest[location] + 1 < AGES);
    newest[location]++;
    ever[location * AGES + newest[location]] = value;
    view[me * LOCATIONS + location] = newest[location];
    do
    :: k_ < LOCATIONS ->
        if
        :: handed_on ->
            carried[(location * AGES + newest[location]) * LOCATIONS + k_] =
                carried[(location * AGES + newest[location] - 1) * LOCATIONS + k_]
        :: else
        fi;
        if
        :: (order & RELEASE) && view[me * LOCATIONS + k_] > carried[(location * AGES + newest[location]) * LOCATIONS + k_] ->
            carried[(location * AGES + newest[location]) * LOCATIONS + k_] = view[me * LOCATIONS + k_]
        :: else
        fi;
        k_++
    :: else -> break
    od;
    k_ = 0
}

inline LOAD(me, location, value, order)
{
    atomic {
        age_[me] = view[me * LOCATIONS + location];
        do
        :: age_[me] < newest[location] -> age_[me]++
        :: break
        od;
        value = ever[location * AGES + age_[me]];
        view[me * LOCATIONS + location] = age_[me];
        if
        :: order & ACQUIRE -> take_over_view(me, location, age_[me])
        :: else
        fi;
        age_[me] = 0
    }
}

inline STORE(me, location, value, order)
{
    d_step {
        add_value(me, location, value, order, false)
    }
}

inline CAS(me, location, expected, found, desired, order, order_of_failure)
{
    d_step {
        found = NEWEST(location);
        view[me * LOCATIONS + location] = newest[location];
        if
        :: found == expected ->
            if
            :: order & ACQUIRE -> take_over_view(me, location, newest[location])
            :: else
            fi;
            add_value(me, location, desired, order, true)
        :: else ->
            if
            :: order_of_failure & ACQUIRE -> take_over_view(me, location, newest[location])
            :: else
            fi
        fi
    }
}

byte age_[PROCESSES];

#endif
