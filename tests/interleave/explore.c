#include "interleave/explore.h"

#include "interleave/hook.h"
#include "interleave/memory.h"
#include "interleave/races.h"
#include "interleave/tree.h"
#include "os.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

enum { STACK_SIZE = 256 << 10, ALONE_MAX = 1 << 20, SEGMENTS_MAX = 4096, WARM_UP = 400, SECONDS_WITHOUT_END = 60 };

/* A coroutine, and what a thread of the system would have for itself. */
struct coroutine {
    ucontext_t context;
    char *stack;
    struct os_thread os_thread;
    uint32_t visits;
    int error;
    struct pending pending; /* size 0: ended */
};

/* A thread and how many accesses it made before another one went on. */
struct segment {
    unsigned thread;
    unsigned accesses;
};

enum mode { MODE_SETUP, MODE_BEGINNING, MODE_RANDOM, MODE_TREE, MODE_REPLAY, MODE_FINISH };

static struct os_thread first_threads[THREADS_MAX]; /* as the set-up leaves them */
static const struct scenario *scenario;
static struct outcome *outcome;
static struct coroutine coroutines[THREADS_MAX];
static ucontext_t scheduler;
static enum mode mode;
static unsigned running = THREADS_MAX;
static unsigned accesses; /* of the running thread since it was switched to */
static unsigned alone;    /* the same with plain accesses */
static bool abandoned;
static struct segment segments[SEGMENTS_MAX];
static unsigned n_segments;
static struct segment replayed[SEGMENTS_MAX];
static unsigned n_replayed, at_replayed;
static unsigned system_calls;
static uint64_t refused; /* system calls of this schedule that failed, as bits; refused_to: as the replay wants it */
static uint64_t refused_to;
static uint64_t random_state;
static bool tracing;

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 6364136223846793005 + 1442695040888963407;
    return (uint32_t)((random_state >> 33) % n);
}

/* The schedule so far: a12b3a4, and /n for the nth system call that failed. */
static void print_schedule(char *text, size_t size)
{
    size_t n = 0;
    unsigned sum = 0;
    text[0] = '\0';
    for (unsigned i = 0; i <= n_segments && n + 32 < size; i++) {
        const struct segment segment = i < n_segments ? segments[i] : (struct segment){running, accesses};
        sum += segment.accesses;
        const bool goes_on = i < n_segments && (i + 1 < n_segments ? segments[i + 1].thread : running) == segment.thread;
        if (goes_on || segment.thread == THREADS_MAX)
            continue;
        if (sum > 0)
            n += (size_t)snprintf(text + n, size - n, "%c%u", 'a' + (char)segment.thread, sum);
        sum = 0;
    }
    for (unsigned i = 0; i < 64 && n + 32 < size; i++)
        if ((refused >> i & 1) != 0)
            n += (size_t)snprintf(text + n, size - n, "/%u", i);
}

static _Noreturn void end(void)
{
    fflush(NULL);
    _exit(0);
}

_Noreturn void explore_failed(const char *format, ...)
{
    va_list arguments;
    const enum mode failed_in = mode;
    mode = MODE_SETUP;
    outcome->failed = true;
    va_start(arguments, format);
    // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is above; the checker loses it where functions do not return
    vsnprintf(outcome->reason, sizeof outcome->reason, format, arguments);
    va_end(arguments);
    if (failed_in == MODE_SETUP)
        snprintf(outcome->replay, sizeof outcome->replay, "(set-up)");
    else
        print_schedule(outcome->replay, sizeof outcome->replay);
    end();
}

_Noreturn void explore_broken(const char *text)
{
    outcome->broken = true;
    snprintf(outcome->reason, sizeof outcome->reason, "%s", text);
    print_schedule(outcome->replay, sizeof outcome->replay);
    end();
}

static void on_signal(int number)
{
    explore_failed("%s", number == SIGALRM ? "a schedule does not end" : "a crash");
}

static void handle_signals(void)
{
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM, SIGABRT};
    const stack_t stack = {.ss_sp = malloc(STACK_SIZE), .ss_size = STACK_SIZE};
    sigaltstack(&stack, NULL);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK | SA_NODEFER};
        sigaction(numbers[i], &action, NULL);
    }
}

/* Goes on with another thread, or with the scheduler (THREADS_MAX). */
static void switch_to(unsigned next)
{
    const unsigned before = running;
    if (n_segments == SEGMENTS_MAX)
        explore_failed("no end of it after %d switches", SEGMENTS_MAX);
    if (before < THREADS_MAX) {
        coroutines[before].os_thread = os_thread;
        coroutines[before].visits = os_thread_visits;
        coroutines[before].error = errno;
        segments[n_segments++] = (struct segment){before, accesses};
    }
    running = next;
    accesses = alone = 0;
    if (next < THREADS_MAX) {
        os_thread = coroutines[next].os_thread;
        os_thread_visits = coroutines[next].visits;
        errno = coroutines[next].error;
    }
    ucontext_t *from = before < THREADS_MAX ? &coroutines[before].context : &scheduler;
    swapcontext(from, next < THREADS_MAX ? &coroutines[next].context : &scheduler);
}

static unsigned choose_randomly(void)
{
    unsigned next;
    if (running < THREADS_MAX && coroutines[running].pending.size != 0 && random_below(6) != 0)
        return running;
    for (unsigned tries = 0; tries < 32; tries++) {
        next = random_below(THREADS_MAX);
        if (coroutines[next].pending.size != 0)
            return next;
    }
    for (next = 0; next < THREADS_MAX && coroutines[next].pending.size == 0; next++) {
    }
    return next;
}

static unsigned choose_by_replay(void)
{
    if (running < THREADS_MAX && coroutines[running].pending.size != 0 &&
        (at_replayed >= n_replayed || accesses < replayed[at_replayed].accesses))
        return running;
    unsigned next = 0;
    if (++at_replayed < n_replayed && coroutines[replayed[at_replayed].thread].pending.size != 0)
        return replayed[at_replayed].thread;
    for (; next < THREADS_MAX && coroutines[next].pending.size == 0; next++) {
    }
    return next;
}

/* Which thread goes on, the running one having come to an access or its end; THREADS_MAX: none. */
static unsigned choose(void)
{
    struct standing standing;
    unsigned left = 0;
    memset(&standing, 0, sizeof standing);
    for (unsigned i = 0; i < THREADS_MAX; i++) {
        standing.pending[i] = coroutines[i].pending;
        left += coroutines[i].pending.size != 0;
    }
    if (left == 0)
        return THREADS_MAX;
    if (mode == MODE_RANDOM)
        return choose_randomly();
    if (mode == MODE_REPLAY)
        return choose_by_replay();
    standing.current = running < THREADS_MAX && coroutines[running].pending.size != 0 ? running : THREADS_MAX;
    const unsigned next = tree_choose_thread(&standing);
    abandoned = next == THREADS_MAX;
    return next;
}

/* The running thread is about to make an access. */
static void come_to(uintptr_t address, size_t size, bool writes, bool contended)
{
    if (mode != MODE_RANDOM && mode != MODE_REPLAY && !contended)
        return;
    struct coroutine *coroutine = &coroutines[running];
    coroutine->pending.address = address;
    coroutine->pending.size = size;
    coroutine->pending.writes = writes;
    const unsigned next = mode == MODE_BEGINNING ? THREADS_MAX : choose();
    if (next != running)
        switch_to(next);
}

static void count_step(void)
{
    if (++alone > ALONE_MAX)
        explore_failed("thread %c goes on for ever while the others stand", 'a' + (char)running);
}

static void trace(const volatile void *address, const char *what)
{
    if (tracing)
        printf("  %c%-4u %-8s %s\n", 'a' + (char)running, accesses, what, explore_describe(address));
}

void checker_access(const volatile void *address, size_t size, enum access_kind kind)
{
    static const char *const names[] = {"load", "acquire", "store", "release", "swap"};
    const bool writes = kind != ACCESS_LOAD && kind != ACCESS_LOAD_ACQUIRE;
    if (!memory_is_tracked(address))
        return;
    if (running < THREADS_MAX) {
        come_to((uintptr_t)address, size, writes, races_contended(address));
        count_step();
        accesses++;
        trace(address, names[kind]);
        memory_expect_usable(address, size);
        races_shared(running, address, size, kind);
    }
    if (writes)
        memory_log(address, size);
}

bool explore_system_call(const void *start, size_t size, bool may_fail, enum system_effect effect)
{
    if (running == THREADS_MAX)
        return true;
    come_to((uintptr_t)start, size + SYSTEM_CALL_SIZE, true, true);
    count_step();
    accesses++;
    const unsigned number = system_calls++;
    bool refuse = false;
    if (may_fail && number < 64 && mode == MODE_REPLAY)
        refuse = (refused_to >> number & 1) != 0;
    else if (may_fail && number < 64 && (mode == MODE_TREE || mode == MODE_BEGINNING))
        refuse = tree_choose_refusal();
    refused |= (uint64_t)refuse << (number & 63);
    trace(start, refuse ? "refused" : "system");
    if (!refuse && effect == SYSTEM_CLEARS)
        races_range(running, start, size);
    if (!refuse && effect == SYSTEM_RELEASES)
        races_release(running, start, size);
    return !refuse;
}

bool explore_refused(void)
{
    return refused != 0;
}

/* A plain access of the sources under test. */
void checker_plain(const void *address, size_t size, bool writes);
void checker_plain(const void *address, size_t size, bool writes)
{
    if (!memory_is_tracked(address))
        return;
    if (running < THREADS_MAX) {
        count_step();
        memory_expect_usable(address, size);
        races_plain(running, address, size, writes);
    }
    if (writes)
        memory_log(address, size);
}

static void run_thread(void)
{
    scenario->threads[running]();
    coroutines[running].pending.size = 0;
    switch_to(mode == MODE_BEGINNING ? THREADS_MAX : choose());
    explore_broken("a thread that has ended runs");
}

static void make_context(struct coroutine *coroutine)
{
    getcontext(&coroutine->context);
    coroutine->context.uc_stack.ss_sp = coroutine->stack;
    coroutine->context.uc_stack.ss_size = STACK_SIZE;
    coroutine->context.uc_link = NULL;
    makecontext(&coroutine->context, run_thread, 0);
}

static void make_threads(void)
{
    for (unsigned i = 0; i < THREADS_MAX; i++) {
        struct coroutine *coroutine = &coroutines[i];
        coroutine->pending = (struct pending){0, 0, 0};
        if (scenario->threads[i] == NULL)
            continue;
        coroutine->pending.size = 1; /* about to begin */
        coroutine->os_thread = first_threads[i];
        coroutine->visits = 0;
        coroutine->error = 0;
        make_context(coroutine);
    }
}

void explore_act_as(unsigned thread)
{
    static struct os_thread own;
    static unsigned acting = THREADS_MAX;
    *(acting < THREADS_MAX ? &first_threads[acting] : &own) = os_thread;
    os_thread = thread < THREADS_MAX ? first_threads[thread] : own;
    acting = thread;
}

/* Runs one schedule. */
static void run(enum mode how)
{
    const struct os_thread own = os_thread;
    make_threads();
    races_begin();
    n_segments = accesses = system_calls = 0;
    refused = 0;
    abandoned = false;
    alarm(SECONDS_WITHOUT_END);
    if (how == MODE_TREE) {
        mode = MODE_BEGINNING;
        tree_restart();
        for (unsigned i = 0; i < THREADS_MAX; i++)
            if (scenario->threads[i] != NULL)
                switch_to(i);
    }
    mode = how;
    at_replayed = (unsigned)-1;
    const unsigned first = choose();
    if (first < THREADS_MAX)
        switch_to(first);
    mode = MODE_FINISH;
    os_thread = own;
    os_thread_visits = 0;
    if (!abandoned && (!memory_seen_before(refused != 0) || tracing))
        scenario->finish();
    memory_roll_back();
    os_thread = own;
    os_thread_visits = 0;
}

static void parse_replay(const char *text)
{
    n_replayed = 0;
    refused_to = 0;
    while (*text != '\0' && n_replayed < SEGMENTS_MAX) {
        char *end_of_number;
        const char letter = *text++;
        const unsigned number = (unsigned)strtoul(text, &end_of_number, 10);
        if (letter == '/')
            refused_to |= (uint64_t)1 << (number & 63);
        else if (letter >= 'a' && letter < 'a' + THREADS_MAX)
            replayed[n_replayed++] = (struct segment){(unsigned)(letter - 'a'), number};
        text = end_of_number;
    }
}

/* All schedules up to the bound, again while places turn out to be contended for. */
static void walk_tree(uint64_t schedules_max)
{
    do {
        tree_begin(outcome->preemptions, scenario->refusals);
        outcome->schedules = outcome->pruned = 0;
        do {
            run(MODE_TREE);
            abandoned ? outcome->pruned++ : outcome->schedules++;
            if (tree_depth() > outcome->depth)
                outcome->depth = tree_depth();
            const unsigned news = races_news();
            outcome->places += news;
            if (news != 0)
                break;
            outcome->complete = !tree_next();
        } while (!outcome->complete && (schedules_max == 0 || outcome->schedules < schedules_max));
    } while (!outcome->complete && (schedules_max == 0 || outcome->schedules < schedules_max));
}

void explore(const struct scenario *what, const struct limits *limits, struct outcome *result)
{
    scenario = what;
    outcome = result;
    mode = MODE_SETUP;
    handle_signals();
    memory_create();
    races_create();
    for (unsigned i = 0; i < THREADS_MAX; i++)
        coroutines[i].stack = malloc(STACK_SIZE);
    for (unsigned i = 0; i < THREADS_MAX; i++)
        first_threads[i] = os_thread;
    scenario->prepare();
    explore_act_as(THREADS_MAX);
    memory_keep();
    const uint64_t before = memory_digest();
    outcome->preemptions = scenario->preemptions == 0 ? UNBOUNDED
                           : limits->preemptions != 0 ? limits->preemptions
                                                      : scenario->preemptions;
    if (limits->replay != NULL) {
        parse_replay(limits->replay);
        tracing = limits->trace;
        run(MODE_REPLAY);
        outcome->schedules = 1;
        end();
    }
    random_state = 1;
    for (unsigned i = 0; i < WARM_UP; i++)
        run(MODE_RANDOM);
    outcome->places = races_news();
    walk_tree(limits->schedules);
    if (memory_digest() != before)
        explore_broken("something is written unseen");
    end();
}
