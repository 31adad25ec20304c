/*
 * A program that does one forbidden thing to perfpool's blocks, for tools to find: misbehave NAME. It writes the block's address
 * first, so that whoever started it can tell whether the tool names the right one; what is wrong with it is the tool's to say.
 *
 * A tool that lets it pass sees it end with exit code 0.
 */
#include "perfpool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/heaps.h"
#include "support/require.h"
#include "support/threads.h"

enum { SMALL = 100, LARGE = 100000 };

static perfpool_heap *heap;
static unsigned char *volatile block; /* volatile: the compiler is not to see what is forbidden */
static volatile unsigned char seen;

static void *make(size_t size)
{
    block = AllocateMemory(size, heap);
    require(block != NULL);
    memset(block, 1, size);
    printf("block %p\n", (void *)block);
    fflush(stdout);
    return block;
}

static void free_block(void *argument)
{
    (void)argument;
    FreeMemory(block, heap);
}

static void overflow(void)
{
    make(SMALL);
    block[SMALL] = 1;
}

static void overflow_read(void)
{
    make(SMALL);
    seen = block[SMALL + 3];
}

static void overflow_large(void)
{
    make(LARGE);
    block[LARGE + 1] = 1;
}

static void underflow(void)
{
    FreeMemory(make(SMALL), heap);
    make(SMALL);
    block[-1] = 1;
}

static void use_after_free(void)
{
    make(SMALL);
    FreeMemory(block, heap);
    block[5] = 1;
}

static void use_after_free_large(void)
{
    make(LARGE);
    FreeMemory(block, heap);
    seen = block[LARGE - 8]; /* in its second span */
}

/* Freed by another thread: the block is in that one's outbox, or on its way home. */
static void use_after_remote_free(void)
{
    make(SMALL);
    thread_run(free_block, NULL);
    seen = block[7];
}

/* The span has gone back, and its memory perhaps to the system. */
static void use_after_trim(void)
{
    make(SMALL);
    FreeMemory(block, heap);
    perfpool_heap_trim(heap);
    seen = block[9];
}

/* The block's contents are not known before they are written: valgrind alone sees that. */
static void undefined(void)
{
    heap = heap_make(PERFPOOL_NO_ZERO);
    block = AllocateMemory(SMALL, heap);
    require(block != NULL);
    printf("block %p\n", (void *)block);
    fflush(stdout);
    if (block[50] == 3)
        puts("three");
}

/* Memory of malloc that only a freed block of ours points to. */
static void leak_through_free_block(void)
{
    void **pointer = make(SMALL);
    *pointer = malloc(4321);
    require(*pointer != NULL);
    FreeMemory(pointer, heap);
    block = NULL;
}

/* Nothing forbidden from here on: tools must be silent. */
static void *hidden_in_block(size_t size)
{
    void **pointer = AllocateMemory(size, heap);
    require(pointer != NULL);
    pointer[1] = malloc(1234);
    require(pointer[1] != NULL);
    return pointer;
}

static void proper(void)
{
    enum { COUNT = 3000 };
    static void *blocks[COUNT];
    for (unsigned flags = 0; flags < 8; flags++) {
        heap = heap_make(flags);
        for (int round = 0; round < 3; round++) {
            for (size_t i = 0; i < COUNT; i++) {
                const size_t size = i * 37 % (i % 100 == 0 ? LARGE : 3000);
                blocks[i] = AllocateMemory(size, heap);
                require(blocks[i] != NULL);
                memset(blocks[i], 7, perfpool_block_size(blocks[i], heap)); /* all of it is the caller's once it has asked */
            }
            for (size_t i = 0; i < COUNT; i++) {
                block = blocks[i];
                if (i % 500 == 0)
                    thread_run(free_block, NULL);
                else
                    FreeMemory(block, heap);
            }
            perfpool_heap_trim(heap);
        }
        require(perfpool_heap_destroy(heap, 0) == 0);
    }
    block = NULL;
    /* Memory of malloc that only blocks of ours point to is no leak; the blocks are found from here. */
    static void *small, *large;
    heap = heap_make(0);
    small = hidden_in_block(SMALL);
    large = hidden_in_block(LARGE);
    /* Nor do destroyed heaps leave their poison behind. */
    perfpool_heap *other = heap_make(0);
    void *live = AllocateMemory(SMALL, other);
    require(live != NULL && perfpool_heap_destroy(other, PERFPOOL_DESTROY_LIVE) == 1);
    printf("%p %p\n", small, large);
}

static const struct {
    const char *name;
    void (*run)(void);
} deeds[] = {
    {"overflow", overflow},
    {"overflow_read", overflow_read},
    {"overflow_large", overflow_large},
    {"underflow", underflow},
    {"use_after_free", use_after_free},
    {"use_after_free_large", use_after_free_large},
    {"use_after_remote_free", use_after_remote_free},
    {"use_after_trim", use_after_trim},
    {"undefined", undefined},
    {"leak_through_free_block", leak_through_free_block},
    {"proper", proper},
};

int main(int argc, char **argv)
{
    heap = heap_make(0);
    for (size_t i = 0; argc == 2 && i < sizeof deeds / sizeof deeds[0]; i++) {
        if (strcmp(deeds[i].name, argv[1]) == 0) {
            deeds[i].run();
            return 0;
        }
    }
    fprintf(stderr, "usage: misbehave NAME\n");
    return 2;
}
