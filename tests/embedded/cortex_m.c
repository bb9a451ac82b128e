/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Starts a Cortex-M under QEMU. SYSTICK_HZ is the clock of its timer; QEMU's option "-icount shift=0" lets one
 * instruction last one nanosecond, so that the timer counts instructions.
 */
#include "board.h"

extern uint32_t board_data_image[], board_data_begin[], board_data_end[], board_bss_begin[], board_bss_end[];
int main(void);
void board_reset(void);

#define SYSTICK_CONTROL (*(volatile uint32_t *)0xE000E010)
#define SYSTICK_RELOAD (*(volatile uint32_t *)0xE000E014)
#define SYSTICK_VALUE (*(volatile uint32_t *)0xE000E018)
#define COPROCESSOR_ACCESS (*(volatile uint32_t *)0xE000ED88)

enum {
    SYSTICK_PERIOD = 0x1000000,
    SYSTICK_RUN = 7, /* enabled, with its interrupt, on the processor's clock */
    SEMIHOSTING_WRITE = 0x04,
    SEMIHOSTING_EXIT = 0x20,
    APPLICATION_EXIT = 0x20026,
    STATUS_FAULT = 100
};

static volatile uint32_t systick_wraps;

static void semihosting(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

void board_write(const char *text)
{
    semihosting(SEMIHOSTING_WRITE, text);
}

static void leave(int status)
{
    const uint32_t reason[2] = {APPLICATION_EXIT, (uint32_t)status};
    for (;;)
        semihosting(SEMIHOSTING_EXIT, reason);
}

uint64_t board_ticks(void)
{
    uint32_t wraps, value;
    do {
        wraps = systick_wraps;
        value = SYSTICK_VALUE;
    } while (wraps != systick_wraps);
    return (uint64_t)wraps * SYSTICK_PERIOD + (SYSTICK_PERIOD - 1 - value);
}

uint64_t board_instructions(uint64_t ticks)
{
    return ticks * 1000000000 / SYSTICK_HZ;
}

void board_spin(uint32_t rounds)
{
    __asm__ volatile(".syntax unified\n"
                     "1: subs %0, #1\n"
                     "   bne 1b\n"
                     : "+l"(rounds)
                     :
                     : "cc");
}

static void on_systick(void)
{
    ++systick_wraps;
}

static void on_fault(void)
{
    board_write("fault\n");
    leave(STATUS_FAULT);
}

void board_reset(void)
{
#ifdef __ARM_FP
    COPROCESSOR_ACCESS |= 0xFu << 20;
    __asm__ volatile("dsb\n isb");
#endif
    const uint32_t *from = board_data_image;
    for (uint32_t *to = board_data_begin; to < board_data_end; ++to, ++from)
        *to = *from;
    for (uint32_t *to = board_bss_begin; to < board_bss_end; ++to)
        *to = 0;
    SYSTICK_RELOAD = SYSTICK_PERIOD - 1;
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = SYSTICK_RUN;
    leave(main());
}

/* The stack's end, the entry, then the system's exceptions by number from 2 on. */
typedef void (*handler)(void);
__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    handler handlers[15];
} VECTORS = {
    board_stack_top,
    {board_reset, on_fault, on_fault, on_fault, on_fault, on_fault, on_fault, 0, 0, 0, on_fault, on_fault, 0, on_fault,
     on_systick},
};
