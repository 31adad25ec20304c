/* See turns.h. */
#include "turns.h"

#include "bench.h"

#include <stdbool.h>
#include <stdio.h>

static bool enabled;

void turns_enable(void)
{
    enabled = true;
}

void turns_await(void)
{
    int character;

    if (!enabled)
        return;
    fputs("turn\n", stderr);
    fflush(stderr);
    do {
        character = getchar();
        if (character == EOF)
            bench_fail("standard input has ended, and with it the turns");
    } while (character != '\n');
}
