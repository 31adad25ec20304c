/*
 * Calls of a provider's callbacks that notice how many bytes they take off the stack.
 *
 * On 32-bit x86 the callee of a __stdcall function removes its arguments. A callback compiled as __cdecl, or with another number of
 * arguments, leaves the stack pointer elsewhere; here it is put back and the difference told. Other systems have one convention.
 */
#ifndef PERFPOOL_TESTS_PERFLIB_STACK_H
#define PERFPOOL_TESTS_PERFLIB_STACK_H

#include "windows_shim.h"

#if defined(__i386__) && defined(_WIN32)
/*
 * Calls `function` with n arguments, at most 4; *moved becomes the bytes by which the stack pointer is off. The stack is aligned to
 * 16 bytes at the call, as a compiler's caller leaves it. EDI keeps the stack pointer, which a callee must preserve.
 */
static inline uint32_t stack_call(void (*function)(void), const uint32_t *arguments, uint32_t n, int32_t *moved)
{
    uint32_t result;
    int32_t off;

    __asm__ volatile("movl %%esp, %%edi\n\t"
                     "andl $-16, %%esp\n\t"
                     "subl $16, %%esp\n\t"
                     "leal (%%esp,%%ecx,4), %%esp\n\t"
                     "1: decl %%ecx\n\t"
                     "js 2f\n\t"
                     "pushl (%%esi,%%ecx,4)\n\t"
                     "jmp 1b\n\t"
                     "2: movl %%esp, %%esi\n\t"
                     "call *%%eax\n\t"
                     "subl %%esp, %%esi\n\t"
                     "movl %%edi, %%esp"
                     : "=a"(result), "=S"(off), "+c"(n)
                     : "0"(function), "1"(arguments)
                     : "edx", "edi", "memory", "cc");
    *moved = off;
    return result;
}

#define STACK_ARGUMENT(argument) ((uint32_t)(uintptr_t)(argument))
#endif

/* Each returns what the callback returns; *moved is 0 or how many bytes too few (too many: negative) it took off the stack. */
static inline LPVOID stack_call_allocate(PERF_MEM_ALLOC allocate, SIZE_T size, LPVOID context, int *moved)
{
#ifdef STACK_ARGUMENT
    const uint32_t arguments[] = {STACK_ARGUMENT(size), STACK_ARGUMENT(context)};
    int32_t off;
    uint32_t result = stack_call((void (*)(void))allocate, arguments, 2, &off);

    *moved = off + (int)sizeof arguments;
    return (LPVOID)(uintptr_t)result;
#else
    *moved = 0;
    return allocate(size, context);
#endif
}

static inline void stack_call_release(PERF_MEM_FREE release, LPVOID block, LPVOID context, int *moved)
{
#ifdef STACK_ARGUMENT
    const uint32_t arguments[] = {STACK_ARGUMENT(block), STACK_ARGUMENT(context)};
    int32_t off;

    stack_call((void (*)(void))release, arguments, 2, &off);
    *moved = off + (int)sizeof arguments;
#else
    *moved = 0;
    release(block, context);
#endif
}

static inline ULONG stack_call_control(PERFLIBREQUEST control, ULONG code, PVOID buffer, ULONG size, int *moved)
{
#ifdef STACK_ARGUMENT
    const uint32_t arguments[] = {code, STACK_ARGUMENT(buffer), size};
    int32_t off;
    uint32_t result = stack_call((void (*)(void))control, arguments, 3, &off);

    *moved = off + (int)sizeof arguments;
    return result;
#else
    *moved = 0;
    return control(code, buffer, size);
#endif
}

#endif
