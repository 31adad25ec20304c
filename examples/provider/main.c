/* The program: options, Ctrl+C, and what comes out in the end. */
#include "server.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { DONE = 0, FAILED = 1, USAGE = 2 };

static const char usage[] = "usage: provider [OPTION...]\n"
                            "\n"
                            "A made-up server that shows performance counters, until Ctrl+C.\n"
                            "\n"
                            "  --seconds N           stop after so many seconds\n"
                            "  --requests N          stop after so many requests\n"
                            "  --threads N           workers, 1 to 64 (2)\n"
                            "  --sessions N          clients at once, 1 to 256 (4)\n"
                            "  --session-requests N  a client goes after so many requests (500)\n"
                            "  --pause N             milliseconds a worker rests between two bursts of requests (1)\n"
                            "  --help                this text\n"
                            "\n"
                            "Exit code: 0 done, 1 an error or blocks left behind, 2 usage.\n";

struct arguments {
    struct server_options server;
    uint64_t seconds;
    bool help;
};

static bool read_number(const char *text, uint64_t lowest, uint64_t highest, uint64_t *number)
{
    char *end;

    errno = 0;
    *number = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *number >= lowest && *number <= highest;
}

/* Reads one option that has a number. False if there is no such option or the number is none of its. */
static bool read_option(struct arguments *arguments, const char *option, const char *value)
{
    uint64_t number = 0;

    if (strcmp(option, "--seconds") == 0) {
        return read_number(value, 1, 1000000, &arguments->seconds);
    }
    if (strcmp(option, "--requests") == 0) {
        return read_number(value, 1, UINT64_MAX, &arguments->server.requests);
    }
    if (strcmp(option, "--session-requests") == 0) {
        return read_number(value, 1, UINT64_MAX, &arguments->server.session_requests);
    }
    if (strcmp(option, "--threads") == 0 && read_number(value, 1, SERVER_MOST_THREADS, &number)) {
        arguments->server.threads = (unsigned)number;
        return true;
    }
    if (strcmp(option, "--sessions") == 0 && read_number(value, 1, SERVER_MOST_SESSIONS, &number)) {
        arguments->server.sessions = (unsigned)number;
        return true;
    }
    if (strcmp(option, "--pause") == 0 && read_number(value, 0, 1000, &number)) {
        arguments->server.pause = (unsigned)number;
        return true;
    }
    return false;
}

static bool read_arguments(struct arguments *arguments, int count, char **texts)
{
    for (int i = 1; i < count; i++) {
        if (strcmp(texts[i], "--help") == 0) {
            arguments->help = true;
        } else if (i + 1 < count && read_option(arguments, texts[i], texts[i + 1])) {
            i++;
        } else {
            fprintf(stderr, "provider: not understood: %s%s%s\n%s", texts[i], i + 1 < count ? " " : "",
                    i + 1 < count ? texts[i + 1] : "", usage);
            return false;
        }
    }
    return true;
}

/* True if all went well. */
static bool report(const struct server *server)
{
    printf("%" PRIu64 " requests, %" PRIu64 " sessions, %" PRIu64 " not counted, %u blocks left\n", server->requests,
           server->opened, server->refused, (unsigned)server->left);
    if (server->problem.function != NULL) {
        fprintf(stderr, "provider: %s failed: error %lu, %s\n", server->problem.function, (unsigned long)server->problem.error,
                problem_error_name(server->problem.error));
    }
    return server->problem.function == NULL && server->left == 0;
}

static bool serve(const struct arguments *arguments)
{
    static struct server server; /* too large for a stack */

    if (server_open(&server, &arguments->server)) {
        platform_set_on_interrupt(&server.stop);
        if (server_start(&server)) {
            server_wait(&server, arguments->seconds == 0 ? PLATFORM_FOREVER : (uint32_t)arguments->seconds * 1000);
        }
        platform_set_on_interrupt(NULL);
        server_close(&server, stderr);
    }
    return report(&server);
}

int main(int argc, char **argv)
{
    struct arguments arguments = {.server = {.threads = 2, .sessions = 4, .session_requests = 500, .pause = 1}};

    if (!read_arguments(&arguments, argc, argv)) {
        return USAGE;
    }
    if (arguments.help) {
        fputs(usage, stdout);
        return DONE;
    }
    return serve(&arguments) ? DONE : FAILED;
}
