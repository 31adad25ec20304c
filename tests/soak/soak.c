/*
 * Soak: every pattern in which blocks cross threads, all at once and for as long as wanted, with every block's contents checked.
 *
 *     soak [--minutes N | --seconds N] [--seed N]
 *
 * In each round threads come and go (thread churn), swap blocks through a table (random owners), hand them on in one direction
 * (producers and consumers), keep some of their own, and make heaps of their own and destroy them (heap churn), while another
 * thread trims and looks. After each round nothing is live, and no more memory is committed than the round's ceiling. A line each
 * ten seconds says how far it is; exit code 0: nothing was lost. What goes wrong ends the process with exit code 1 and says where.
 */
#include "soak/round.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support/generator.h"
#include "support/require.h"

static uint64_t number_of(const char *text)
{
    char *end;
    const uint64_t number = strtoull(text, &end, 0);
    require_text(*text != '\0' && *end == '\0', "a number is wanted");
    return number;
}

int main(int argc, char **argv)
{
    uint64_t seconds = 60;
    uint64_t seed = (uint64_t)time(NULL);
    struct totals totals = {0};
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--minutes") == 0)
            seconds = number_of(argv[i + 1]) * 60;
        else if (strcmp(argv[i], "--seconds") == 0)
            seconds = number_of(argv[i + 1]);
        else if (strcmp(argv[i], "--seed") == 0)
            seed = number_of(argv[i + 1]);
        else
            argc = 0;
    }
    if (argc % 2 == 0) {
        fprintf(stderr, "usage: soak [--minutes N | --seconds N] [--seed N]\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IONBF, 0);
    printf("soak: seed %llu, %llu seconds\n", (unsigned long long)seed, (unsigned long long)seconds);
    const time_t begin = time(NULL);
    uint64_t said = 0;
    for (;;) {
        const uint64_t passed = (uint64_t)(time(NULL) - begin);
        if (passed >= said + 10 || passed >= seconds) {
            printf("soak: %llu s, %llu rounds, %llu threads, %llu heaps, %llu million blocks, at most %llu MiB committed\n",
                   (unsigned long long)passed, (unsigned long long)totals.rounds, (unsigned long long)totals.threads,
                   (unsigned long long)totals.heaps, (unsigned long long)(totals.blocks / 1000000),
                   (unsigned long long)(totals.committed_most >> 20));
            said = passed;
        }
        if (passed >= seconds && totals.rounds > 0)
            break;
        round_run(seed, &totals);
    }
    printf("soak: nothing lost\n");
    return 0;
}
