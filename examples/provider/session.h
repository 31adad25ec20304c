/* A client's session, as an instance of "Example Server Sessions". One thread at a time may use a session. */
#ifndef EXAMPLE_SESSION_H
#define EXAMPLE_SESSION_H

#include "perflib_headers.h"
#include "problem.h"

#include <stdint.h>

/* `instance` is NULL while there is no session. */
struct session {
    PERF_COUNTERSET_INSTANCE *instance;
    volatile uint64_t *buffered; /* what SESSION_BUFFERED points to, a block of its own */
    uint64_t requests_left;      /* until the client goes; the server counts them down */
};

/* Opens the session of client-`number`. If it fails there is no session and nothing is left of it. */
bool session_open(struct session *session, perfpool_heap *heap, unsigned number, struct problem *problem);

/* Counts one request that sent so many bytes and took so long; `pending` others wait. */
bool session_count(struct session *session, uint32_t bytes, uint32_t microseconds, uint32_t pending, struct problem *problem);

/* Ends the session, on whatever thread. */
bool session_close(struct session *session, perfpool_heap *heap, struct problem *problem);

#endif
