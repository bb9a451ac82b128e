/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Mistakes on purpose, to see that the sanitizers notice them on both sides of the boundary: one for each word that may
 * stand on the command line. In `write` and `read` it is the library that oversteps, as it is told a wrong length.
 */
#include <limits.h>
#include <quell.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 16 };

int main(int argc, char **argv)
{
    const char *mistake = argc == 2 ? argv[1] : "";
    const size_t n = N + (size_t)argc / 2; /* one too many, which no compiler can know */
    float *const x = (float *)malloc(N * sizeof *x);
    float *const u = (float *)malloc(N * sizeof *u);
    int status = 0;
    if (x == NULL || u == NULL)
        return EXIT_FAILURE;
    memset(x, 0, N * sizeof *x);
    memset(u, 0, N * sizeof *u);
    if (strcmp(mistake, "write") == 0)
        status = quell_normal_f32(x, n, 1, 2, 3, 0);
    else if (strcmp(mistake, "read") == 0)
        status = quell_classifier_free_f32(x, u + 1, N, 2.0);
    else if (strcmp(mistake, "freed") == 0) {
        free(u);
        status = quell_classifier_free_f32(x, u, N, 2.0);
    } else if (strcmp(mistake, "in-c") == 0)
        x[n - 1] = 1.0f;
    else if (strcmp(mistake, "undefined") == 0) {
        volatile int large = INT_MAX;
        large = large + (int)n;
        status = large;
    }
    printf("%s: nothing was noticed, status %d, %g\n", mistake, status, (double)x[0]);
    free(x);
    if (strcmp(mistake, "leak") != 0)
        free(u);
    return EXIT_SUCCESS;
}
