/*
 * The index stack alone, on entries of this file: who pops an entry has it alone, and nothing is lost.
 */
#include "interleave/scenarios_all.h"

#include "index_stack.h"

enum { ENTRIES = 8 };

static struct index_stack stack;
static uint32_t links[ENTRIES], held_by[ENTRIES];
static unsigned held;

static uint32_t *link_of(const void *table, uint32_t index)
{
    (void)table;
    return &links[index];
}

static uint32_t pop(void)
{
    const uint32_t entry = index_stack_pop(&stack, NULL, link_of);
    if (entry == 0)
        return 0;
    expect(entry < ENTRIES && held_by[entry] == 0);
    held_by[entry] = 1; /* plain: the swap has handed it over */
    return entry;
}

static void push(uint32_t entry)
{
    if (entry == 0)
        return;
    held_by[entry] = 0;
    index_stack_push(&stack, NULL, link_of, entry);
}

static void fill(uint32_t n)
{
    for (uint32_t entry = n; entry > 0; entry--)
        index_stack_push(&stack, NULL, link_of, entry);
    for (uint32_t entry = n + 1; entry < ENTRIES; entry++)
        held_by[entry] = 1;
}

static void prepare_two(void)
{
    fill(2);
}

static void prepare_three(void)
{
    fill(3);
}

static void pop_push(void)
{
    push(pop());
}

static void pop_pop_push(void)
{
    const uint32_t first = pop();
    const uint32_t second = pop();
    push(first);
    expect(second == 0 || held_by[second] != 0);
}

static void push_own(void)
{
    push(5);
    push(pop());
}

static void finish(void)
{
    uint8_t seen[ENTRIES] = {0};
    unsigned n = 0;
    for (uint32_t entry = (uint32_t)stack.head; entry != 0; entry = links[entry]) {
        expect(entry < ENTRIES && !seen[entry] && held_by[entry] == 0);
        seen[entry] = 1;
        n++;
    }
    for (uint32_t entry = 1; entry < ENTRIES; entry++)
        expect(seen[entry] || held_by[entry] != 0);
    held = n;
}

const struct scenario stack_two = {"stack/two", "index stack", prepare_two, {pop_pop_push, pop_push, NULL}, finish, 0, 0};
const struct scenario stack_reuse = {"stack/reuse", "index stack", prepare_three, {pop_pop_push, pop_pop_push, NULL}, finish, 0, 0};
const struct scenario stack_push_pop = {"stack/push-pop", "index stack", prepare_two, {push_own, pop_pop_push, NULL}, finish, 0, 0};
const struct scenario stack_three = {"stack/three", "index stack", prepare_two, {pop_push, pop_push, push_own}, finish, 3, 0};
