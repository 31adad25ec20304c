#include "interleave/tree.h"

#include <string.h>

struct node {
    struct pending of_current; /* to see that a repeated schedule is the same */
    struct standing standing;
    bool is_refusal;
    uint8_t chosen, tried, sleeping; /* threads as bits, but for `chosen` */
    uint8_t preemptions, refusals;   /* before */
};

static struct node nodes[TREE_DEPTH_MAX];
static unsigned n_nodes;  /* that have been chosen at */
static unsigned position; /* in this schedule */
static unsigned preemptions_max, refusals_max;
static unsigned preemptions, refusals; /* in this schedule */
static uint8_t sleeping;               /* threads whose next access has been explored from an equal state */

void tree_begin(unsigned preemptions_allowed, unsigned refusals_allowed)
{
    preemptions_max = preemptions_allowed;
    refusals_max = refusals_allowed;
    n_nodes = 0;
    tree_restart();
}

void tree_restart(void)
{
    position = 0;
    preemptions = refusals = 0;
    sleeping = 0;
}

static bool independent(const struct pending *one, const struct pending *other)
{
    if (one->size >= SYSTEM_CALL_SIZE || other->size >= SYSTEM_CALL_SIZE)
        return false; /* it may change what any access finds */
    if (!one->writes && !other->writes)
        return true;
    return one->address + one->size <= other->address || other->address + other->size <= one->address;
}

static uint8_t enabled(const struct standing *standing)
{
    uint8_t threads = 0;
    for (unsigned i = 0; i < THREADS_MAX; i++)
        if (standing->pending[i].size != 0)
            threads |= (uint8_t)(1U << i);
    return threads;
}

/* Threads that may go on at a node, whether tried or not. */
static uint8_t candidates(const struct node *node)
{
    const uint8_t all = enabled(&node->standing);
    const uint8_t current = node->standing.current < THREADS_MAX ? (uint8_t)(1U << node->standing.current) : 0;
    return (all & current) != 0 && node->preemptions >= preemptions_max ? all & current : all & (uint8_t)~node->sleeping;
}

static unsigned lowest(uint8_t threads)
{
    return threads != 0 ? (unsigned)__builtin_ctz(threads) : THREADS_MAX;
}

/* What follows from the choice at a node. */
static void follow(const struct node *node)
{
    const struct standing *standing = &node->standing;
    const unsigned current = standing->current;
    if (current < THREADS_MAX && current != node->chosen && standing->pending[current].size != 0)
        preemptions++;
    sleeping = 0;
    if (preemptions_max < UNBOUNDED)
        return; /* an equal schedule may be beyond the bound */
    const uint8_t before = (uint8_t)((node->sleeping | node->tried) & ~(1U << node->chosen));
    for (unsigned i = 0; i < THREADS_MAX; i++)
        if ((before >> i & 1) != 0 && independent(&standing->pending[i], &standing->pending[node->chosen]))
            sleeping |= (uint8_t)(1U << i);
}

static struct node *new_node(void)
{
    if (n_nodes == TREE_DEPTH_MAX)
        explore_failed("no end of it after %d choices", TREE_DEPTH_MAX);
    struct node *node = &nodes[n_nodes++];
    node->tried = 0;
    node->preemptions = (uint8_t)preemptions;
    node->refusals = (uint8_t)refusals;
    node->sleeping = sleeping;
    return node;
}

unsigned tree_choose_thread(const struct standing *standing)
{
    struct node *node = &nodes[position];
    if (position < n_nodes) {
        // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): both were cleared before they were filled in
        if (node->is_refusal || memcmp(&node->standing, standing, sizeof *standing) != 0)
            explore_broken("a repeated schedule is not the same");
    } else {
        node = new_node();
        node->is_refusal = false;
        node->standing = *standing;
        const uint8_t threads = candidates(node);
        const unsigned current = standing->current;
        node->chosen = (uint8_t)(current < THREADS_MAX && (threads >> current & 1) != 0 ? current : lowest(threads));
        if (node->chosen == THREADS_MAX)
            return THREADS_MAX;
        node->tried = (uint8_t)(1U << node->chosen);
    }
    position++;
    follow(node);
    return node->chosen;
}

bool tree_choose_refusal(void)
{
    if (refusals >= refusals_max)
        return false;
    struct node *node = &nodes[position];
    if (position == n_nodes) {
        node = new_node();
        node->is_refusal = true;
        node->chosen = 0;
    } else if (!node->is_refusal) {
        explore_broken("a repeated schedule is not the same");
    }
    position++;
    refusals += node->chosen;
    return node->chosen != 0;
}

bool tree_next(void)
{
    for (; n_nodes > 0; n_nodes--) {
        struct node *node = &nodes[n_nodes - 1];
        if (node->is_refusal) {
            if (node->chosen == 0) {
                node->chosen = 1;
                return true;
            }
            continue;
        }
        const unsigned next = lowest((uint8_t)(candidates(node) & ~node->tried));
        if (next < THREADS_MAX) {
            node->chosen = (uint8_t)next;
            node->tried |= (uint8_t)(1U << next);
            return true;
        }
    }
    return false;
}

unsigned tree_depth(void)
{
    return n_nodes;
}
