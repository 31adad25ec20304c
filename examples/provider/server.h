/*
 * The made-up server: worker threads that serve the requests of clients who come and go. A server is all that main has to know:
 *
 *     server_open, server_start, server_wait, server_close
 *
 * They are for the main thread, in this order.
 */
#ifndef EXAMPLE_SERVER_H
#define EXAMPLE_SERVER_H

#include "platform.h"
#include "problem.h"
#include "session.h"

#include <stdio.h>

enum { SERVER_MOST_THREADS = 64, SERVER_MOST_SESSIONS = 256 };

struct server_options {
    unsigned threads;          /* workers */
    unsigned sessions;         /* clients at once */
    uint64_t requests;         /* stop after so many, 0: never */
    uint64_t session_requests; /* a client goes after so many */
    unsigned pause;            /* milliseconds a worker rests between two bursts of requests */
};

/* A client's place. Whoever claims it has the session to himself, so sessions wander from thread to thread. */
struct server_slot {
    volatile int32_t claimed;
    struct session session;
};

struct server;

/* One worker; `problem` is the first that it met. */
struct server_worker {
    struct server *server;
    struct platform_thread thread;
    struct problem problem;
    uint64_t random;
};

struct server {
    struct server_options options;
    perfpool_heap *heap;
    struct platform_event stop;
    volatile uint64_t requests; /* begun; goes beyond options.requests by what other workers had begun */
    volatile uint64_t opened;   /* sessions */
    volatile uint64_t refused;  /* sessions that could not be opened */
    struct problem problem;     /* the first of the main thread's, and after server_close of all */
    size_t left;                /* instances and blocks that were left behind in the end: should be 0 */
    unsigned started;           /* workers that run */
    struct server_worker workers[SERVER_MOST_THREADS];
    struct server_slot slots[SERVER_MOST_SESSIONS];
};

/* Makes the heap and starts the provider. If it fails, all of it is undone; server->problem says what failed. */
bool server_open(struct server *server, const struct server_options *options);

/* Starts the workers. If it fails, server_close is still to be called. */
bool server_start(struct server *server);

/* What each worker does, until the server is to stop. */
void server_work(struct server_worker *worker);

/* Waits until the server is to stop, at most so many milliseconds (PLATFORM_FOREVER). */
void server_wait(struct server *server, uint32_t milliseconds);

/* Stops all and destroys the heap. What is left behind then is listed on `report` and counted in server->left. */
void server_close(struct server *server, FILE *report);

#endif
