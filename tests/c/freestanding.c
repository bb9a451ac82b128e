/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A program without a C library: it holds the address of every function of quell.h, and runs the golden sampler.
 *
 * That it links proves that nothing in the library needs an allocator, an unwinder or a system. functions.inc is made
 * from quell.h by the script that compiles this: FUNCTION(name) for each function.
 */
#include "golden.h"

#include <quell.h>

/* What any compiler may call, in a program of its own kind. */
void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    unsigned char *d = to;
    for (const unsigned char *s = from; n > 0; --n)
        *d++ = *s++;
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    unsigned char *d = to;
    const unsigned char *s = from;
    if ((uintptr_t)to - (uintptr_t)from >= n)
        return memcpy(to, from, n);
    while (n-- > 0)
        d[n] = s[n];
    return to;
}

void *memset(void *to, int value, size_t n)
{
    unsigned char *d = to;
    while (n-- > 0)
        *d++ = (unsigned char)value;
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *left = a, *right = b;
    for (; n > 0; --n, ++left, ++right)
        if (*left != *right)
            return *left - *right;
    return 0;
}

int bcmp(const void *a, const void *b, size_t n)
{
    return memcmp(a, b, n);
}

typedef void (*function)(void);

#define FUNCTION(name) (function) name,
static const function FUNCTIONS[] = {
#include "functions.inc"
};
#undef FUNCTION

/* The exit status: 0, or which of the two checks failed. */
__attribute__((used)) static int run(void)
{
    const function *volatile all = FUNCTIONS;
    for (size_t i = 0; i < sizeof FUNCTIONS / sizeof FUNCTIONS[0]; ++i)
        if (all[i] == 0)
            return 1;
    return quell_golden() == QUELL_GOLDEN ? 0 : 2;
}

#if defined(__x86_64__) && defined(__linux__)
__asm__(".globl _start\n"
        "_start:\n"
        "    xor %ebp, %ebp\n"
        "    and $-16, %rsp\n"
        "    call run\n"
        "    mov %eax, %edi\n"
        "    mov $60, %eax\n" /* exit */
        "    syscall\n");
#elif defined(__aarch64__) && defined(__linux__)
__asm__(".globl _start\n"
        "_start:\n"
        "    bl run\n"
        "    mov x8, #93\n" /* exit */
        "    svc #0\n");
#else
#error "no entry point for this machine yet"
#endif
