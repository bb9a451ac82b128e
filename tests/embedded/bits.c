/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The golden sampler on a bare machine. Its first lines are those that the host's golden_check.c prints; it succeeds if
 * the last of them is EXPECTED_BITS, which is what the host has got.
 */
#include "board.h"
#include "golden.h"

/* Not 1, which is how QEMU itself fails. */
enum { STATUS_EQUAL = 0, STATUS_DIFFERENT = 3 };

int main(void)
{
    uint32_t stack[QUELL_GOLDEN_CASES];
    for (size_t i = 0; i < QUELL_GOLDEN_CASES; ++i) {
        board_paint_stack();
        const uint64_t hash = quell_golden_case(i);
        stack[i] = board_stack_used();
        board_write("run ");
        board_write_decimal(i);
        board_write(": ");
        board_write_hash(hash);
        board_write("\n");
    }
    const uint64_t all = quell_golden();
    board_write("all: ");
    board_write_hash(all);
    board_write("\n");
    for (size_t i = 0; i < QUELL_GOLDEN_CASES; ++i)
        board_report("stack", stack[i]);
    return all == EXPECTED_BITS ? STATUS_EQUAL : STATUS_DIFFERENT;
}
