/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/**
 * @file board.h
 *
 * What the programs of this folder need of a bare machine: a way to print, an instruction counter, the extent of the
 * stack. cortex_m.c and riscv.c start the machine and provide the first part; board.c builds the second on it.
 *
 * The machine is one of QEMU's. Text and the exit status leave through semihosting, so that the status of main()
 * becomes that of QEMU.
 */
#ifndef QUELL_TESTS_BOARD_H
#define QUELL_TESTS_BOARD_H

#include <stdint.h>

/** Writes a string of the C kind to QEMU's standard output. */
void board_write(const char *text);

/** The ticks since some moment of the past of a counter that follows the instructions executed. */
uint64_t board_ticks(void);

/** The instructions executed in so many ticks. */
uint64_t board_instructions(uint64_t ticks);

/** Executes 2 * rounds instructions, give or take a few: the yardstick for board_instructions(). */
void board_spin(uint32_t rounds);

/** The stack, from its lowest address to its end; it grows downwards. From the linker script. */
extern uint32_t board_stack_bottom[], board_stack_top[];

/** Writes a number in decimal digits. */
void board_write_decimal(uint64_t number);

/** Writes 16 hexadecimal digits. */
void board_write_hash(uint64_t hash);

/** Writes a line: a name, a space, a number. */
void board_report(const char *name, uint64_t number);

/** Fills the part of the stack that is not in use with a pattern. */
void board_paint_stack(void);

/** The most bytes of the stack that have been in use since the last call of board_paint_stack(). */
uint32_t board_stack_used(void);

#endif
