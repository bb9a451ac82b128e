/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "board.h"

#define PATTERN UINT32_C(0x5a17c0de)

static void write_digits(uint64_t number, unsigned base, unsigned least)
{
    char text[21];
    unsigned at = sizeof text - 1;
    text[at] = '\0';
    do {
        text[--at] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number != 0 || sizeof text - 1 - at < least);
    board_write(text + at);
}

void board_write_decimal(uint64_t number)
{
    write_digits(number, 10, 1);
}

void board_write_hash(uint64_t hash)
{
    write_digits(hash, 16, 16);
}

void board_report(const char *name, uint64_t number)
{
    board_write(name);
    board_write(" ");
    board_write_decimal(number);
    board_write("\n");
}

/* What lies below the frame of this function is free; a compiler that does not inline it leaves its own frame alone. */
__attribute__((noinline)) void board_paint_stack(void)
{
    volatile uint32_t *const end = __builtin_frame_address(0);
    /* The margin covers what this function has below its frame address. */
    for (volatile uint32_t *word = board_stack_bottom; word < end - 32; ++word)
        *word = PATTERN;
}

uint32_t board_stack_used(void)
{
    const volatile uint32_t *word = board_stack_bottom;
    while (word < board_stack_top && *word == PATTERN)
        ++word;
    return (uint32_t)((uintptr_t)board_stack_top - (uintptr_t)word);
}
