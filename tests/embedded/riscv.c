/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Starts a RISC-V of 32 bits under QEMU. Its counter of retired instructions counts them under "-icount shift=0". */
#include "board.h"

int main(void);
void board_start(void);

enum { SEMIHOSTING_WRITE = 0x04, SEMIHOSTING_EXIT = 0x20, APPLICATION_EXIT = 0x20026, STATUS_FAULT = 100 };

static void semihosting(uint32_t operation, const void *argument)
{
    register uint32_t a0 __asm__("a0") = operation;
    register const void *a1 __asm__("a1") = argument;
    /* The three instructions that mark the call must be of full length and lie in one page. */
    __asm__ volatile(".option push\n"
                     ".option norvc\n"
                     ".balign 16\n"
                     "slli zero, zero, 0x1f\n"
                     "ebreak\n"
                     "srai zero, zero, 7\n"
                     ".option pop\n"
                     : "+r"(a0)
                     : "r"(a1)
                     : "memory");
}

void board_write(const char *text)
{
    semihosting(SEMIHOSTING_WRITE, text);
}

__attribute__((used)) static void leave(int status)
{
    const uint32_t reason[2] = {APPLICATION_EXIT, (uint32_t)status};
    for (;;)
        semihosting(SEMIHOSTING_EXIT, reason);
}

/* csrr, written as numbers: the assembler wants an extension named for it, which would choose another C library. */
#define READ_CSR(value, number) __asm__ volatile(".insn i 0x73, 2, %0, x0, " #number : "=r"(value))

uint64_t board_ticks(void)
{
    uint32_t high, low, again;
    do {
        READ_CSR(high, -0x47e); /* minstreth */
        READ_CSR(low, -0x4fe);  /* minstret */
        READ_CSR(again, -0x47e);
    } while (high != again);
    return (uint64_t)high << 32 | low;
}

uint64_t board_instructions(uint64_t ticks)
{
    return ticks;
}

void board_spin(uint32_t rounds)
{
    __asm__ volatile("1: addi %0, %0, -1\n"
                     "   bnez %0, 1b\n"
                     : "+r"(rounds));
}

__attribute__((used)) static void on_trap(void)
{
    board_write("fault\n");
    leave(STATUS_FAULT);
}

/* QEMU has loaded .data and cleared .bss, for all is memory here. */
__attribute__((naked, section(".start"))) void board_start(void)
{
    __asm__ volatile(".option push\n"
                     ".option norelax\n"
                     "la gp, __global_pointer$\n"
                     ".option pop\n"
                     "la sp, board_stack_top\n"
                     "la t0, 1f\n"
                     ".insn i 0x73, 1, x0, t0, 0x305\n" /* csrw mtvec, t0 */
#ifdef __riscv_flen
                     "li t0, 0x2000\n"
                     ".insn i 0x73, 2, x0, t0, 0x300\n" /* csrs mstatus, t0: floating point on */
#endif
                     "call main\n"
                     "call leave\n"
                     ".balign 4\n"
                     "1: la sp, board_stack_top\n"
                     "call on_trap\n");
}
