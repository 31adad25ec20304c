/* Starts a provider with perfpool's memory, in the form that the build says, and reads a string of its resources. */
#include "fake_perflib.h"

#include "demopool.h"

#include <perfpool.h>
#include <stdio.h>

#if defined(FORM_plain)
#define START() CounterInitialize(NULL, AllocateMemory, FreeMemory, &failures)
#define STOP() CounterCleanup()
#define SCALE DemoPoolSetInfo.Counter1.Scale
#elif defined(FORM_prefixed)
#define START() My_CounterInitialize(NULL, AllocateMemory, FreeMemory, &failures)
#define STOP() My_CounterCleanup()
#define SCALE My_DemoPoolSetInfo.Counter1.Scale
#else
#define START() (pMemContext_demopool_1 = &failures, PerfAutoInitialize())
#define STOP() PerfAutoCleanup()
#define SCALE CtrSet_demopool_1_1.Ctr_demopool_1_1_2.Scale
#endif

#ifdef _WIN32
/* The length of a string of the first block of string resources, ids 0 to 15; its text is set. Needs no more than kernel32. */
static int read_string(unsigned id, const WCHAR **text)
{
    HRSRC block = FindResourceW(NULL, MAKEINTRESOURCEW(1), MAKEINTRESOURCEW(6));
    const WCHAR *at = block != NULL ? (const WCHAR *)LockResource(LoadResource(NULL, block)) : NULL;
    if (at == NULL)
        return -1;
    for (; id > 0; id--)
        at += 1 + *at;
    *text = at + 1;
    return *at;
}
#endif

static void check_resources(void)
{
#ifdef _WIN32
    const WCHAR *text = NULL;
    CHECK(read_string(1, &text) == 9 && text[0] == 'D' && text[8] == 'l');
    CHECK(read_string(11, &text) == 12 && read_string(4, &text) == 0);
#endif
}

int main(void)
{
    CHECK(START() == ERROR_SUCCESS);
    CHECK(fake.context.pMemContext == &failures && fake.sets == 1);
    /* Not compared with AllocateMemory: in a program for Windows a DLL's function may have two addresses. */
    void *block = fake.context.MemAllocRoutine(100, NULL);
    CHECK(perfpool_block_size(block, NULL) >= 100);
    fake.context.MemFreeRoutine(block, NULL);
    CHECK(perfpool_block_size(block, NULL) == 0);
    STOP();
    CHECK(fake.stops == 1);
    check_resources();
    printf("scale %d\n", (int)SCALE);
    return failures;
}
