/*
 * The library's own sources with a point before every shared access at which one thread can be made to stop: at the nth such point
 * after pause_arm, for as long as the test likes. Any other thread goes through at once.
 */
#ifndef PERFPOOL_TESTS_PAUSED_LIBRARY_H
#define PERFPOOL_TESTS_PAUSED_LIBRARY_H

#include "atomic.h"
#include "support/threads.h"

/* The thread that stops, and who stops it. */
struct pause {
    uint32_t stop_at; /* number of the access to stop before, from 1; 0: none. Set before the thread is armed */
    uint32_t passed;  /* accesses of the armed thread */
    bool stopped;     /* it came to stop_at */
    struct semaphore event, resume;
};

static struct pause pause;
static __thread bool pause_armed; /* this thread is the one */

/* Posts `event` before access stop_at and waits for `resume`. */
static void pause_point(void)
{
    if (!pause_armed || ++pause.passed != pause.stop_at)
        return;
    pause.stopped = true;
    semaphore_post(&pause.event);
    semaphore_wait(&pause.resume);
}

#define load_relaxed_8(source) (pause_point(), load_relaxed_8(source))
#define load_relaxed_16(source) (pause_point(), load_relaxed_16(source))
#define load_relaxed_32(source) (pause_point(), load_relaxed_32(source))
#define load_relaxed_64(source) (pause_point(), load_relaxed_64(source))
#define load_relaxed_ptr(source) (pause_point(), load_relaxed_ptr(source))
#define load_acquire_8(source) (pause_point(), load_acquire_8(source))
#define load_acquire_32(source) (pause_point(), load_acquire_32(source))
#define load_acquire_64(source) (pause_point(), load_acquire_64(source))
#define load_acquire_ptr(source) (pause_point(), load_acquire_ptr(source))
#define store_relaxed_8(target, value) (pause_point(), store_relaxed_8((target), (value)))
#define store_relaxed_16(target, value) (pause_point(), store_relaxed_16((target), (value)))
#define store_relaxed_32(target, value) (pause_point(), store_relaxed_32((target), (value)))
#define store_relaxed_64(target, value) (pause_point(), store_relaxed_64((target), (value)))
#define store_relaxed_ptr(target, value) (pause_point(), store_relaxed_ptr((target), (value)))
#define store_release_32(target, value) (pause_point(), store_release_32((target), (value)))
#define store_release_64(target, value) (pause_point(), store_release_64((target), (value)))
#define cas_8(target, expected, desired) (pause_point(), cas_8((target), (expected), (desired)))
#define cas_32(target, expected, desired) (pause_point(), cas_32((target), (expected), (desired)))
#define cas_64(target, expected, desired) (pause_point(), cas_64((target), (expected), (desired)))
#define cas_ptr(target, expected, desired) (pause_point(), cas_ptr((target), (expected), (desired)))
#define fetch_add_32(target, value) (pause_point(), fetch_add_32((target), (value)))
#define fetch_add_64(target, value) (pause_point(), fetch_add_64((target), (value)))
#define fetch_or_64(target, bits) (pause_point(), fetch_or_64((target), (bits)))
#define fetch_or_32(target, bits) (pause_point(), fetch_or_32((target), (bits)))
#define fetch_and_64(target, bits) (pause_point(), fetch_and_64((target), (bits)))
#include "module/whole_library.h"

#endif
