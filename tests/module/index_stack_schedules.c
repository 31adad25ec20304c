/*
 * The lock-free stack under every order of its steps.
 *
 * The real code of index_stack.h runs on atomic accesses of this file's own. A thread is a short program of pushes and pops; one
 * step of it runs the program from its start with the recorded results of the accesses it has made, makes one more, and leaves at
 * the next. So a state is plain data, and the search goes on from it with each thread in turn and takes each step back.
 *
 * What every complete schedule must show: some order of the operations, in which none moves past one that had ended before it
 * began, gives a sequential stack the same results and the same contents. Three faults that the accesses can be given must be found
 * by the same search.
 */
#define PERFPOOL_ATOMIC_H /* instead of atomic.h */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { THREADS_MAX = 3, OPERATIONS_MAX = 3, ACTIONS_MAX = 64, ENTRIES_MAX = 16, UNBOUNDED = 1000 };

/* What the accesses do wrong. */
enum seeded_fault {
    FAULT_NONE,
    FAULT_TAG,       /* the tag is not advanced */
    FAULT_LATE_LINK, /* the link is written after the swap that publishes it: a missing release */
    FAULT_SPLIT_SWAP /* compare and swap are two steps */
};

/* One access that was made: what it found, when, and whether it swapped. */
struct action {
    uint64_t found;
    uint32_t time;
    bool swapped;
};

struct operation {
    uint32_t entry; /* pushed or popped, 0: found empty */
    uint32_t began, ended;
    bool is_push;
};

struct thread_state {
    struct action actions[ACTIONS_MAX];
    struct operation operations[OPERATIONS_MAX];
    uint32_t n_actions, n_operations;
    bool done;
};

struct world {
    uint64_t head;
    uint32_t links[ENTRIES_MAX];
    struct thread_state threads[THREADS_MAX];
    uint32_t time;
};

/* Programs of up to three operations: o pops, u pushes an entry of the thread's own, b pushes back what it popped first and still
 * has. */
struct scenario {
    const char *programs[THREADS_MAX];
    uint32_t initial; /* entries on the stack, the lowest on top */
};

static struct world *world;          /* the state that is being stepped */
static struct thread_state *running; /* the thread that is being stepped */
static uint32_t position;            /* actions of it that were repeated or made in this step */
static bool acted;                   /* the step has made its action */
static void *step_end[5];
static enum seeded_fault seeded;
static uint32_t *late_target;
static uint32_t late_value;

/* The next action of the running thread. *is_new: it is to be made now and recorded; else it is one of the past. Leaves the step if
 * that has made one. */
static struct action *next_action(bool *is_new)
{
    *is_new = position == running->n_actions;
    if (*is_new) {
        if (acted || running->n_actions == ACTIONS_MAX)
            __builtin_longjmp(step_end, 1);
        acted = true;
        running->actions[running->n_actions++].time = ++world->time;
    }
    return &running->actions[position++];
}

static uint64_t load_relaxed_64(const uint64_t *source)
{
    bool is_new;
    struct action *action = next_action(&is_new);
    if (is_new)
        action->found = *source;
    return action->found;
}

static uint64_t load_acquire_64(const uint64_t *source)
{
    return load_relaxed_64(source);
}

static uint32_t load_relaxed_32(const uint32_t *source)
{
    bool is_new;
    struct action *action = next_action(&is_new);
    if (is_new)
        action->found = *source;
    return (uint32_t)action->found;
}

static void store_at_once(uint32_t *target, uint32_t value)
{
    bool is_new;
    next_action(&is_new);
    if (is_new)
        *target = value;
}

static void store_relaxed_32(uint32_t *target, uint32_t value)
{
    late_target = target;
    late_value = value;
    if (seeded != FAULT_LATE_LINK)
        store_at_once(target, value);
}

static bool cas_64(uint64_t *target, uint64_t *expected, uint64_t desired)
{
    bool is_new;
    struct action *action = next_action(&is_new);
    if (seeded == FAULT_TAG)
        desired = (*expected & ~(uint64_t)UINT32_MAX) | (uint32_t)desired;
    if (is_new) {
        action->found = *target;
        action->swapped = *target == *expected;
        if (action->swapped && seeded != FAULT_SPLIT_SWAP)
            *target = desired;
    }
    if (!action->swapped) {
        *expected = action->found;
        return false;
    }
    if (seeded == FAULT_SPLIT_SWAP) {
        next_action(&is_new);
        if (is_new)
            *target = desired;
    }
    if (seeded == FAULT_LATE_LINK && late_target != NULL)
        store_at_once(late_target, late_value);
    return true;
}

#include "index_stack.h"

#include "harness.h"
#include "support/require.h"

static uint32_t *link_of(const void *table, uint32_t index)
{
    (void)table;
    return &world->links[index];
}

/* Makes one operation of a program; returns the entry pushed or popped. */
static uint32_t run_operation(char letter, uint32_t own_entry, uint32_t *held, struct operation *operation)
{
    struct index_stack *stack = (struct index_stack *)(void *)&world->head;
    const uint32_t first = position;
    late_target = NULL;
    operation->is_push = letter != 'o';
    if (letter == 'o') {
        operation->entry = index_stack_pop(stack, NULL, link_of);
    } else {
        operation->entry = letter == 'u' ? own_entry : *held;
        index_stack_push(stack, NULL, link_of, operation->entry);
    }
    operation->began = running->actions[first].time;
    operation->ended = running->actions[position - 1].time;
    return operation->entry;
}

static void run_program(const char *program, uint32_t first_entry)
{
    uint32_t held = 0;
    uint32_t n = 0;
    for (; *program != '\0'; program++) {
        if (*program == 'b' && held == 0)
            continue;
        struct operation operation;
        const uint32_t entry = run_operation(*program, first_entry++, &held, &operation);
        running->operations[n++] = operation;
        if (*program == 'b')
            held = 0;
        else if (*program == 'o' && held == 0)
            held = entry;
    }
    running->n_operations = n;
    running->done = true;
}

/* Lets a thread make one access, and all that it does until the next. */
static __attribute__((noinline)) void step(struct world *at, const struct scenario *scenario, uint32_t thread)
{
    world = at;
    running = &at->threads[thread];
    position = 0;
    acted = false;
    if (__builtin_setjmp(step_end) == 0)
        run_program(scenario->programs[thread], scenario->initial + 1 + thread * OPERATIONS_MAX);
}

struct model {
    uint32_t entries[ENTRIES_MAX];
    uint32_t n;
    uint32_t next[THREADS_MAX]; /* operations of each thread that have been put in order */
};

/* Whether another thread has an operation to put in order that had ended before this one began. */
static bool comes_too_early(const struct world *at, const struct model *model, const struct operation *operation)
{
    for (uint32_t i = 0; i < THREADS_MAX; i++)
        if (model->next[i] < at->threads[i].n_operations && at->threads[i].operations[model->next[i]].ended < operation->began)
            return true;
    return false;
}

static bool model_apply(struct model *model, const struct operation *operation)
{
    if (operation->is_push) {
        if (model->n == ENTRIES_MAX)
            return false;
        model->entries[model->n++] = operation->entry;
        return true;
    }
    return operation->entry == (model->n > 0 ? model->entries[--model->n] : 0);
}

static bool contents_agree(const struct world *at, const struct model *model)
{
    uint32_t index = (uint32_t)at->head;
    for (uint32_t i = model->n; i-- > 0; index = at->links[index])
        if (index != model->entries[i])
            return false;
    return index == 0;
}

/* Whether some order of what is left explains all results. */
static bool explained(const struct world *at, const struct model *model)
{
    bool all = true;
    for (uint32_t i = 0; i < THREADS_MAX; i++) {
        if (model->next[i] == at->threads[i].n_operations)
            continue;
        all = false;
        const struct operation *operation = &at->threads[i].operations[model->next[i]];
        struct model next = *model;
        if (comes_too_early(at, model, operation) || !model_apply(&next, operation))
            continue;
        next.next[i]++;
        if (explained(at, &next))
            return true;
    }
    return all && contents_agree(at, model);
}

struct search {
    const struct scenario *scenario;
    uint64_t schedules, wrong;
};

static void note_schedule(struct search *search, const struct world *at)
{
    struct model model = {.n = 0};
    for (uint32_t entry = search->scenario->initial; entry > 0; entry--)
        model.entries[model.n++] = entry;
    search->schedules++;
    search->wrong += !explained(at, &model);
}

/* What a step changes, but for the action it adds. */
struct before {
    uint64_t head;
    uint32_t links[ENTRIES_MAX];
    uint32_t time, n_actions;
};

static struct before remember(const struct world *at, uint32_t thread)
{
    struct before before = {.head = at->head, .time = at->time, .n_actions = at->threads[thread].n_actions};
    memcpy(before.links, at->links, sizeof before.links);
    return before;
}

static void take_back(struct world *at, uint32_t thread, const struct before *before)
{
    at->head = before->head;
    memcpy(at->links, before->links, sizeof before->links);
    at->time = before->time;
    at->threads[thread].n_actions = before->n_actions;
    at->threads[thread].done = false;
}

/* Goes on from a state in every way, with at most `preemptions` more switches away from a thread that could go on. A seeded fault
 * is sought once. */
static void explore(struct search *search, struct world *at, uint32_t last, uint32_t preemptions)
{
    bool any = false;
    for (uint32_t i = 0; i < THREADS_MAX && (seeded == FAULT_NONE || search->wrong == 0); i++) {
        if (at->threads[i].done)
            continue;
        any = true;
        const uint32_t cost = last < THREADS_MAX && last != i && !at->threads[last].done;
        if (cost > preemptions)
            continue;
        const struct before before = remember(at, i);
        step(at, search->scenario, i);
        require(at->threads[i].n_actions < ACTIONS_MAX);
        explore(search, at, i, preemptions - cost);
        take_back(at, i, &before);
    }
    if (!any)
        note_schedule(search, at);
}

/* Explores a scenario; returns its schedules and adds those that no order explains to *wrong. */
static uint64_t explore_scenario(const struct scenario *scenario, uint32_t preemptions, uint64_t *wrong)
{
    struct world start;
    struct search search = {scenario, 0, 0};
    memset(&start, 0, sizeof start);
    start.head = scenario->initial > 0 ? 1 : 0;
    for (uint32_t entry = 1; entry < scenario->initial; entry++)
        start.links[entry] = entry + 1;
    for (uint32_t i = 0; i < THREADS_MAX; i++)
        start.threads[i].done = scenario->programs[i] == NULL;
    explore(&search, &start, THREADS_MAX, preemptions);
    *wrong += search.wrong;
    return search.schedules;
}

static uint64_t explore_all(const struct scenario *scenarios, size_t n, uint32_t preemptions, uint64_t *wrong)
{
    uint64_t schedules = 0;
    for (size_t i = 0; i < n; i++)
        schedules += explore_scenario(&scenarios[i], preemptions, wrong);
    return schedules;
}

/* Pairs of programs of two operations, on stacks of 0 to 2 entries, all schedules. */
static uint64_t explore_pairs(uint64_t *wrong)
{
    static const char *const programs[] = {"oo", "ou", "ob", "uo", "uu"};
    const size_t n = sizeof programs / sizeof programs[0];
    uint64_t schedules = 0;
    for (uint32_t initial = 0; initial <= 2; initial++)
        for (size_t i = 0; i < n; i++)
            for (size_t k = i; k < n; k++) {
                const struct scenario scenario = {{programs[i], programs[k], NULL}, initial};
                schedules += explore_scenario(&scenario, UNBOUNDED, wrong);
            }
    return schedules;
}

/* An entry taken, others taken, the first put back, while another thread is in the middle of a pop. */
static const struct scenario reuse[] = {
    {{"o", "oob", NULL}, 2}, {{"o", "oob", NULL}, 3}, {{"oo", "oob", NULL}, 3}, {{"u", "oob", NULL}, 3}};

static const struct scenario threes[] = {
    {{"o", "o", "o"}, 2}, {{"o", "o", "o"}, 3}, {{"o", "o", "u"}, 1},
    {{"o", "u", "u"}, 0}, {{"o", "u", "u"}, 1}, {{"u", "u", "u"}, 0},
};

static const struct scenario threes_twice[] = {
    {{"ob", "oo", "ou"}, 2}, {{"ob", "ob", "ob"}, 3}, {{"oo", "uu", "ob"}, 1}, {{"uo", "uo", "uo"}, 0}, {{"ob", "oob", "oo"}, 3},
};

#define EXPLORE(scenarios, preemptions, wrong) \
    explore_all((scenarios), sizeof(scenarios) / sizeof((scenarios)[0]), (preemptions), (wrong))

START_TEST(two_threads)
{
    uint64_t wrong = 0;
    const uint64_t pairs = explore_pairs(&wrong);
    const uint64_t reuses = EXPLORE(reuse, UNBOUNDED, &wrong);
    printf("two threads: %llu schedules, all of them\n", (unsigned long long)pairs + reuses);
    ck_assert_uint_gt(pairs, 30000);
    ck_assert_uint_gt(reuses, 1000);
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(three_threads)
{
    uint64_t wrong = 0;
    const uint64_t once = EXPLORE(threes, UNBOUNDED, &wrong);
    const uint64_t twice = EXPLORE(threes_twice, 3, &wrong);
    printf("three threads: %llu schedules of one operation, all of them; %llu of two or three with at most 3 pre-emptions\n",
           (unsigned long long)once, (unsigned long long)twice);
    ck_assert_uint_gt(once, 5000);
    ck_assert_uint_gt(twice, 5000);
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* The search is worth something only if it finds what it is for. */
START_TEST(seeded_faults_are_found)
{
    static const char *const names[] = {"", "tag not advanced", "link written late", "swap in two steps"};
    for (int fault = FAULT_TAG; fault <= FAULT_SPLIT_SWAP; fault++) {
        uint64_t wrong = 0;
        seeded = (enum seeded_fault)fault;
        const uint64_t schedules = EXPLORE(reuse, UNBOUNDED, &wrong) + EXPLORE(threes, UNBOUNDED, &wrong);
        seeded = FAULT_NONE;
        printf("%s: found in %llu scenarios, %llu schedules looked at\n", names[fault], (unsigned long long)wrong,
               (unsigned long long)schedules);
        ck_assert_uint_gt(wrong, 0);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("index_stack_schedules");
    TCase *schedules = tcase_create("schedules");
    tcase_add_test(schedules, two_threads);
    tcase_add_test(schedules, three_threads);
    tcase_add_test(schedules, seeded_faults_are_found);
    suite_add_tcase(suite, schedules);
    return suite;
}
