/*
 * One pattern of use, a given number of operations of it: patterns PATTERN OPERATIONS. For counting the library's instructions.
 *
 * Every run of it is the same. Two threads take turns of TURN operations, one waiting while the other runs.
 */
#include "perfpool.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TURN = 1000,
    TABLE = 4096,
    BATCH = 1000,
    CHURN = 20000,
    CHURN_MAX = 512,
    LARGE = 100,
    LARGE_SIZE = 65536,
    PAIR_LONG = 1024,
    BATCH_LONG = 4096
};

static perfpool_heap *heap;
static void *table[CHURN];
static unsigned long operations;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn;

static void fail(const char *what)
{
    fprintf(stderr, "patterns: %s\n", what);
    exit(1);
}

static void *take(size_t size)
{
    void *block = AllocateMemory(size, heap);
    if (block == NULL)
        fail("out of memory");
    return block;
}

static unsigned random_below(unsigned long long *state, unsigned limit)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)((*state >> 33) % limit);
}

static void run_pair(size_t size)
{
    for (unsigned long i = 0; i < operations; i++)
        FreeMemory(take(size), heap);
}

static void run_batch(size_t size)
{
    for (unsigned long done = 0; done < operations; done += BATCH) {
        for (int i = 0; i < BATCH; i++)
            table[i] = take(size);
        for (int i = 0; i < BATCH; i++)
            FreeMemory(table[i], heap);
    }
}

static void run_churn(void)
{
    unsigned long long random = 1;
    for (int i = 0; i < CHURN; i++)
        table[i] = take(32 + random_below(&random, CHURN_MAX - 31));
    for (unsigned long i = 0; i < operations; i++) {
        void **chosen = &table[random_below(&random, CHURN)];
        FreeMemory(*chosen, heap);
        *chosen = take(32 + random_below(&random, CHURN_MAX - 31));
    }
}

static void run_large(void)
{
    unsigned long long random = 1;
    for (int i = 0; i < LARGE; i++)
        table[i] = take(LARGE_SIZE);
    for (unsigned long i = 0; i < operations; i++) {
        void **chosen = &table[random_below(&random, LARGE)];
        FreeMemory(*chosen, heap);
        *chosen = take(LARGE_SIZE);
    }
}

/* Waits for a thread's turn. */
static void begin_turn(int thread)
{
    pthread_mutex_lock(&lock);
    while (turn != thread)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void end_turn(int thread)
{
    pthread_mutex_lock(&lock);
    turn = 1 - thread;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void handoff_turn(int thread, unsigned long long *random)
{
    (void)random;
    for (int i = 0; i < TURN; i++) {
        if (thread == 0)
            table[i] = take(64);
        else
            FreeMemory(table[i], heap);
    }
}

static void swap_turn(int thread, unsigned long long *random)
{
    (void)thread;
    for (int i = 0; i < TURN; i++) {
        void **chosen = &table[random_below(random, TABLE)];
        void *block = take(64);
        if (*chosen != NULL)
            FreeMemory(*chosen, heap);
        *chosen = block;
    }
}

/* Each frees what the other has allocated in its last turn, and allocates as many blocks of changing sizes. */
static void exchange_turn(int thread, unsigned long long *random)
{
    for (int i = 0; i < TURN; i++) {
        FreeMemory(table[(1 - thread) * TURN + i], heap);
        table[(1 - thread) * TURN + i] = NULL;
        table[thread * TURN + i] = take(32 + random_below(random, CHURN_MAX - 31));
    }
}

typedef void (*turn_fn)(int thread, unsigned long long *random);
static turn_fn do_turn;

static void run_turns(int thread)
{
    unsigned long long random = (unsigned)thread + 1U;
    for (unsigned long done = 0; done < operations; done += TURN) {
        begin_turn(thread);
        do_turn(thread, &random);
        end_turn(thread);
    }
}

static void *second_thread(void *arg)
{
    (void)arg;
    run_turns(1);
    return NULL;
}

static void run_two(turn_fn chosen)
{
    pthread_t second;
    do_turn = chosen;
    if (pthread_create(&second, NULL, second_thread, NULL) != 0)
        fail("no thread");
    run_turns(0);
    pthread_join(second, NULL);
}

int main(int argc, char **argv)
{
    perfpool_options options = {.size = sizeof options, .flags = PERFPOOL_NO_ZERO, .reserve = (size_t)1 << 30};
    if (argc != 3 || (operations = strtoul(argv[2], NULL, 10)) == 0)
        fail("usage: patterns pair|pair-long|batch|batch-long|churn|large|handoff|swap|exchange OPERATIONS");
    heap = perfpool_heap_create(&options);
    if (heap == NULL)
        fail("no heap");
    if (strcmp(argv[1], "pair") == 0)
        run_pair(64);
    else if (strcmp(argv[1], "pair-long") == 0)
        run_pair(PAIR_LONG);
    else if (strcmp(argv[1], "batch") == 0)
        run_batch(64);
    else if (strcmp(argv[1], "batch-long") == 0)
        run_batch(BATCH_LONG);
    else if (strcmp(argv[1], "churn") == 0)
        run_churn();
    else if (strcmp(argv[1], "large") == 0)
        run_large();
    else if (strcmp(argv[1], "handoff") == 0)
        run_two(handoff_turn);
    else if (strcmp(argv[1], "swap") == 0)
        run_two(swap_turn);
    else if (strcmp(argv[1], "exchange") == 0)
        run_two(exchange_turn);
    else
        fail("unknown pattern");
    return 0;
}
