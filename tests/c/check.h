/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/**
 * @file check.h
 *
 * How the C and C++ test programs count: CHECK() as often as there is something to check, check_result() at the end.
 */
#ifndef QUELL_TESTS_CHECK_H
#define QUELL_TESTS_CHECK_H

#include <stdio.h>

static unsigned long check_passed, check_failed;

/* Only failures are printed: there are thousands of checks. */
#define CHECK(condition)                                                      \
    do {                                                                      \
        if (condition) {                                                      \
            ++check_passed;                                                   \
        } else {                                                              \
            ++check_failed;                                                   \
            printf("%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);    \
        }                                                                     \
    } while (0)

/* The exit status of the program; one that has checked nothing has failed. */
static int check_result(const char *program)
{
    printf("%s: %lu checks passed, %lu failed\n", program, check_passed, check_failed);
    return check_failed != 0 || check_passed == 0;
}

#endif
