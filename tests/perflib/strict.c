/* See perflib_strict.h. */
#include "strict.h"

#include "lock.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static void print_and_abort(enum perflib_violation violation, const char *text, void *argument)
{
    (void)violation;
    (void)argument;
    fprintf(stderr, "perflib: %s\n", text);
    fflush(stderr);
    abort();
}

static atomic_uint checked = PERFLIB_DEFAULT_CHECKS;
static atomic_uint allocations_to_failure; /* 0: none is to fail */
static struct lock handler_lock = LOCK_INITIAL;
static perflib_violation_fn current = print_and_abort; /* under handler_lock, as its argument */
static void *current_argument;

void perflib_on_violation(perflib_violation_fn handler, void *argument)
{
    lock_take(&handler_lock);
    current = handler != NULL ? handler : print_and_abort;
    current_argument = argument;
    lock_release(&handler_lock);
}

unsigned perflib_strict(unsigned checks)
{
    return atomic_exchange(&checked, checks);
}

bool strict_checks(unsigned violations)
{
    return (atomic_load_explicit(&checked, memory_order_relaxed) & violations) != 0;
}

void strict_report(enum perflib_violation violation, const char *format, ...)
{
    char text[512];
    perflib_violation_fn handler;
    void *argument;
    va_list arguments;

    if (!strict_checks(violation))
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    lock_take(&handler_lock);
    handler = current;
    argument = current_argument;
    lock_release(&handler_lock);
    handler(violation, text, argument);
}

unsigned perflib_fail_allocation(unsigned n)
{
    return atomic_exchange(&allocations_to_failure, n);
}

bool strict_allocation_fails(void)
{
    unsigned left = atomic_load_explicit(&allocations_to_failure, memory_order_relaxed);

    while (left != 0)
        if (atomic_compare_exchange_weak(&allocations_to_failure, &left, left - 1))
            return left == 1;
    return false;
}
