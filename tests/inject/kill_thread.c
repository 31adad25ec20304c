#define _GNU_SOURCE
#include "inject/kill_thread.h"

#include "perfpool.h"
#include "support/require.h"

#include <stdbool.h>
#include <string.h>

enum { PLACES_MAX = 65536 };

/* The library's instructions, found once. */
static uintptr_t text_start, text_end;

static unsigned char killed_at[PLACES_MAX / 8]; /* a bit for each byte of them */

/* Where a thread is when it is first looked at depends on what it was interrupted by. So it is led on, instruction by instruction,
 * and dies after this many of the library's. Written before the victim can read it. */
static volatile uint32_t steps_left;

enum {
    TRAP_FLAG = 0x100,
    STEPS_MILLISECONDS = 2000 /* longer than most steps take, after which one looks whether the victim still steps */
};

static void find_text(void);

static bool in_text(uintptr_t at)
{
    return at >= text_start && at < text_end;
}

static void note_place(uintptr_t at)
{
    const uintptr_t offset = at - text_start;
    if (offset < PLACES_MAX)
        killed_at[offset / 8] = (unsigned char)(killed_at[offset / 8] | 1 << offset % 8);
}

uint32_t victim_places(void)
{
    uint32_t n = 0;
    for (size_t i = 0; i < sizeof(killed_at); i++)
        n += (uint32_t)__builtin_popcount(killed_at[i]);
    return n;
}

#ifdef _WIN32

static volatile LONG spinning;
static HANDLE arrived; /* the last step was done */

static LONG CALLBACK step(PEXCEPTION_POINTERS exception);

static DWORD WINAPI run_victim(LPVOID argument)
{
    struct victim *victim = argument;
    victim->run(victim->argument);
    return 0;
}

/* Where a victim goes on instead of where it was: computing only, so that it can be ended at any moment. */
static void spin(void)
{
    for (;;)
        InterlockedIncrement(&spinning);
}

static void find_text(void)
{
    char *image = (char *)GetModuleHandleA("perfpool.dll");
    require(image != NULL && AddVectoredExceptionHandler(1, step) != NULL);
    arrived = CreateEventA(NULL, FALSE, FALSE, NULL);
    require(arrived != NULL);
    const IMAGE_DOS_HEADER *dos = (const IMAGE_DOS_HEADER *)(void *)image;
    const IMAGE_NT_HEADERS *headers = (const IMAGE_NT_HEADERS *)(void *)(image + dos->e_lfanew);
    const IMAGE_SECTION_HEADER *sections = IMAGE_FIRST_SECTION(headers);
    for (unsigned i = 0; i < headers->FileHeader.NumberOfSections; i++) {
        if (memcmp(sections[i].Name, ".text", 6) != 0)
            continue;
        text_start = (uintptr_t)image + sections[i].VirtualAddress;
        text_end = text_start + sections[i].Misc.VirtualSize;
    }
    require(text_start != 0);
}

void victim_start(struct victim *victim, thread_function run, void *argument)
{
    if (text_start == 0)
        find_text();
    victim->run = run;
    victim->argument = argument;
    victim->thread = CreateThread(NULL, 0, run_victim, victim, 0, NULL);
    require(victim->thread != NULL);
}

#ifdef _WIN64
#define CONTEXT_INSTRUCTION(context) (context).Rip
#else
#define CONTEXT_INSTRUCTION(context) (context).Eip
#endif

/* A step was done: the last one leads to `spin`. */
static LONG CALLBACK step(PEXCEPTION_POINTERS exception)
{
    const uintptr_t at = (uintptr_t)CONTEXT_INSTRUCTION(*exception->ContextRecord);
    if (exception->ExceptionRecord->ExceptionCode != EXCEPTION_SINGLE_STEP)
        return EXCEPTION_CONTINUE_SEARCH;
    exception->ContextRecord->EFlags |= TRAP_FLAG;
    if (in_text(at) && --steps_left == 0) {
        note_place(at);
        CONTEXT_INSTRUCTION(*exception->ContextRecord) = (uintptr_t)spin;
        exception->ContextRecord->EFlags &= ~(DWORD)TRAP_FLAG;
        require(SetEvent(arrived));
    }
    return EXCEPTION_CONTINUE_EXECUTION;
}

/* Makes the victim go on by steps if it is in the library. */
static bool begin_steps(const struct victim *victim)
{
    CONTEXT context = {.ContextFlags = CONTEXT_CONTROL};
    require(SuspendThread(victim->thread) != (DWORD)-1);
    require(GetThreadContext(victim->thread, &context));
    const bool inside = in_text((uintptr_t)CONTEXT_INSTRUCTION(context));
    if (inside) {
        context.EFlags |= TRAP_FLAG;
        require(SetThreadContext(victim->thread, &context));
    }
    require(ResumeThread(victim->thread) != (DWORD)-1);
    return inside;
}

/*
 * 1. Steps begin where the victim happens to be in the library. 2. They end in the event. Should the trap flag get lost on the way,
 * in the system's code, they begin again. 3. It is out of the handler when it counts: from then on it only computes, and can be
 * ended without taking anything of the system's with it.
 */
void victim_kill(struct victim *victim, uint32_t steps)
{
    spinning = 0;
    steps_left = steps + 1;
    do {
        while (!begin_steps(victim) && InterlockedExchangeAdd(&spinning, 0) == 0)
            SwitchToThread();
    } while (WaitForSingleObject(arrived, STEPS_MILLISECONDS) != WAIT_OBJECT_0);
    while (InterlockedExchangeAdd(&spinning, 0) < 1000)
        SwitchToThread();
    require(TerminateThread(victim->thread, 0));
    require(WaitForSingleObject(victim->thread, INFINITE) == WAIT_OBJECT_0);
    require(CloseHandle(victim->thread));
}

#else

#include <link.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { STACK_SIZE = 256 << 10 };

static sem_t answered; /* the victim is about to die */

static void *run_victim(void *argument)
{
    struct victim *victim = argument;
    victim->run(victim->argument);
    return NULL;
}

static uintptr_t instruction(const ucontext_t *context)
{
#if defined(__x86_64__)
    return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return (uintptr_t)context->uc_mcontext.pc;
#else
#error "where is this processor's program counter?"
#endif
}

/* Ends the thread without anything that pthread_exit would run. The kernel tells whoever joins it. */
static void die_at(uintptr_t at)
{
    note_place(at);
    sem_post(&answered);
    syscall(SYS_exit, 0);
}

/* A step was done. */
static void step(int number, siginfo_t *information, void *context)
{
    (void)number, (void)information;
    const uintptr_t at = instruction(context);
    if (in_text(at) && --steps_left == 0)
        die_at(at);
}

static void begin_steps(int number, siginfo_t *information, void *context)
{
    (void)number, (void)information;
#if defined(__x86_64__)
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
#else
    /* No single steps here: it dies where it is, if that is in the library. */
    const uintptr_t at = instruction(context);
    if (in_text(at))
        die_at(at);
    pthread_kill(pthread_self(), SIGUSR1);
#endif
}

/* The executable segment of the object that AllocateMemory is in. */
static int find_segment(struct dl_phdr_info *object, size_t size, void *inside)
{
    (void)size;
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        const uintptr_t start = object->dlpi_addr + segment->p_vaddr;
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_X) == 0 || (uintptr_t)inside - start >= segment->p_memsz)
            continue;
        text_start = start;
        text_end = start + segment->p_memsz;
        return 1;
    }
    return 0;
}

static void find_text(void)
{
    struct sigaction action;
    void *(*function)(size_t, void *) = AllocateMemory;
    void *inside;
    memset(&action, 0, sizeof(action));
    memcpy(&inside, &function, sizeof(inside)); /* ISO C has no conversion between the two */
    require(dl_iterate_phdr(find_segment, inside) == 1);
    require(sem_init(&answered, 0, 0) == 0);
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    action.sa_sigaction = begin_steps;
    require(sigaction(SIGUSR1, &action, NULL) == 0);
    action.sa_sigaction = step;
    require(sigaction(SIGTRAP, &action, NULL) == 0);
}

void victim_start(struct victim *victim, thread_function run, void *argument)
{
    pthread_attr_t attributes;
    if (text_start == 0)
        find_text();
    victim->run = run;
    victim->argument = argument;
    /* A stack of its own: libc hands its stacks on to new threads, and this one's end never tidies up. */
    victim->stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    require(victim->stack != MAP_FAILED);
    require(pthread_attr_init(&attributes) == 0 && pthread_attr_setstack(&attributes, victim->stack, STACK_SIZE) == 0);
    require(pthread_create(&victim->thread, &attributes, run_victim, victim) == 0);
    require(pthread_attr_destroy(&attributes) == 0);
}

void victim_kill(struct victim *victim, uint32_t steps)
{
    steps_left = steps + 1;
    require(pthread_kill(victim->thread, SIGUSR1) == 0);
    while (sem_wait(&answered) != 0) {
    }
    require(pthread_join(victim->thread, NULL) == 0);
    require(munmap(victim->stack, STACK_SIZE) == 0);
}

#endif
