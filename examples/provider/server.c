#include "server.h"

#include "counters.h"
#include "leak_report.h"
#include "publisher.h"

#include <string.h>

/* The sets whose instances are to be gone before the provider stops. */
static const struct leak_report_set known_sets[] = {{&SessionSetGuid, "Example Server Sessions"}};
enum { KNOWN_SETS = sizeof known_sets / sizeof known_sets[0] };

static bool make_heap(struct server *server)
{
    perfpool_options options;

    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    options.name = "example server";
    server->heap = perfpool_heap_create(&options);
    /* Either the address space or the table of heaps is used up. */
    return server->heap != NULL || problem_note(&server->problem, "perfpool_heap_create", ERROR_NOT_ENOUGH_MEMORY);
}

bool server_open(struct server *server, const struct server_options *options)
{
    memset(server, 0, sizeof *server);
    server->options = *options;
    for (unsigned i = 0; i < options->threads; i++) {
        server->workers[i].server = server;
        server->workers[i].random = i + 1;
    }
    if (!platform_event_init(&server->stop)) {
        return problem_note(&server->problem, "making an event", ERROR_NOT_ENOUGH_MEMORY);
    }
    if (make_heap(server)) {
        if (publisher_start(server->heap, &server->problem)) {
            return true;
        }
        server->left = perfpool_heap_destroy(server->heap, 0);
    }
    platform_event_destroy(&server->stop);
    return false;
}

/* Numbers that look random; Marsaglia's xorshift. */
static uint32_t next_random(struct server_worker *worker, uint32_t below)
{
    uint64_t x = worker->random;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    worker->random = x;
    return (uint32_t)(x >> 32) % below;
}

static bool is_last_request(struct server *server)
{
    uint64_t number = platform_add(&server->requests, 1);

    return server->options.requests != 0 && number >= server->options.requests;
}

/*
 * A burst of requests of one client: opens the session if there is none, closes it if it was its last one. A session that cannot
 * be counted is no reason not to serve the client, so the server goes on.
 */
static void serve(struct server_worker *worker, unsigned number)
{
    struct server *server = worker->server;
    struct session *session = &server->slots[number].session;
    const uint32_t later = next_random(worker, 8); /* requests that wait until the next burst */
    uint32_t pending = 1 + next_random(worker, 16);

    if (session->instance == NULL) {
        if (session_open(session, server->heap, number + 1, &worker->problem)) {
            session->requests_left = server->options.session_requests;
            platform_add(&server->opened, 1);
        } else {
            platform_add(&server->refused, 1);
        }
    }
    while (pending-- > 0) {
        if (session->instance != NULL) {
            session_count(session, 200 + next_random(worker, 4000), 50 + next_random(worker, 2000), pending + later,
                          &worker->problem);
            session->requests_left--;
        }
        if (is_last_request(server)) {
            platform_event_set(&server->stop);
            return;
        }
        if (session->instance != NULL && session->requests_left == 0) {
            session_close(session, server->heap, &worker->problem);
            return;
        }
    }
}

void server_work(struct server_worker *worker)
{
    struct server *server = worker->server;

    while (!platform_event_wait(&server->stop, server->options.pause)) {
        unsigned number = next_random(worker, server->options.sessions);
        struct server_slot *slot = &server->slots[number];

        if (platform_claim(&slot->claimed)) {
            serve(worker, number);
            platform_unclaim(&slot->claimed);
        }
    }
}

static void run_worker(void *worker)
{
    server_work(worker);
}

bool server_start(struct server *server)
{
    while (server->started < server->options.threads) {
        struct server_worker *worker = &server->workers[server->started];

        if (!platform_thread_start(&worker->thread, run_worker, worker)) {
            return problem_note(&server->problem, "starting a thread", ERROR_NOT_ENOUGH_MEMORY);
        }
        server->started++;
    }
    return true;
}

void server_wait(struct server *server, uint32_t milliseconds)
{
    platform_event_wait(&server->stop, milliseconds);
}

static void close_sessions(struct server *server)
{
    for (unsigned i = 0; i < server->options.sessions; i++) {
        if (server->slots[i].session.instance != NULL) {
            session_close(&server->slots[i].session, server->heap, &server->problem);
        }
    }
}

/*
 * The order of the end:
 *  1. nobody uses the counters any more;
 *  2. the sessions that are left are closed; an instance that is there still has been forgotten;
 *  3. the provider is stopped, after which PERFLIB neither calls nor reads anything of ours;
 *  4. its memory goes. What is left then was allocated by the program itself, and not freed.
 */
void server_close(struct server *server, FILE *report)
{
    platform_event_set(&server->stop);
    for (unsigned i = 0; i < server->started; i++) {
        platform_thread_join(&server->workers[i].thread);
    }
    for (unsigned i = 0; i < server->options.threads; i++) {
        problem_note(&server->problem, server->workers[i].problem.function, server->workers[i].problem.error);
    }
    close_sessions(server);
    server->left = leak_report_instances(report, server->heap, known_sets, KNOWN_SETS);
    publisher_stop(&server->problem);
    if (perfpool_heap_destroy(server->heap, 0) != 0) {
        server->left += leak_report_blocks(report, server->heap, known_sets, KNOWN_SETS);
        perfpool_heap_destroy(server->heap, PERFPOOL_DESTROY_LIVE);
    }
    platform_event_destroy(&server->stop);
}
