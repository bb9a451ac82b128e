/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/**
 * @file golden.h
 *
 * One sampler for every machine: runs of several solvers, schedules and element types whose final states must have the
 * same bits wherever the library runs.
 *
 * It needs no C library beyond memcpy and memset, allocates nothing, prints nothing and holds its buffers in static
 * memory (less than 11 KiB). It is not for use from several threads at once.
 */
#ifndef QUELL_GOLDEN_H
#define QUELL_GOLDEN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How many runs there are. */
#define QUELL_GOLDEN_CASES 10

/** What quell_golden() returns. A change of this number is a change of values and belongs in the changelog. */
#define QUELL_GOLDEN UINT64_C(0xd8b4df1a570d5961)

/** A hash over the runs one after the other; 0 if any call of the library failed. */
uint64_t quell_golden(void);

/** The hash of one run, to find the one that differs; 0 if a call of the library failed or there is no such run. */
uint64_t quell_golden_case(size_t index);

#ifdef __cplusplus
}
#endif

#endif
