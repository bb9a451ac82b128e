/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The sampler of golden.c gives the known bits, each time that it runs. */
#include "check.h"
#include "golden.h"

int main(void)
{
    uint64_t first[QUELL_GOLDEN_CASES];
    for (size_t i = 0; i < QUELL_GOLDEN_CASES; ++i) {
        first[i] = quell_golden_case(i);
        printf("run %u: %08lx%08lx\n", (unsigned)i, (unsigned long)(first[i] >> 32),
               (unsigned long)(first[i] & UINT32_MAX));
        CHECK(first[i] != 0);
    }
    const uint64_t all = quell_golden();
    printf("all: %08lx%08lx\n", (unsigned long)(all >> 32), (unsigned long)(all & UINT32_MAX));
    CHECK(all == QUELL_GOLDEN);
    /* What a run leaves behind must not leak into the next: backwards gives the same. */
    for (size_t i = QUELL_GOLDEN_CASES; i-- > 0;)
        CHECK(quell_golden_case(i) == first[i]);
    CHECK(quell_golden_case(QUELL_GOLDEN_CASES) == 0);
    return check_result("golden");
}
