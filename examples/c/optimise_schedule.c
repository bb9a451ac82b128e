/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Finds the steps at which to sample a network, from one pass over some data.
 *
 * The ideal denoiser of a mixture of normals stands where your network goes: denoise() and draw() are the only functions
 * to replace. It is evaluated on a grid of noise levels, along noising paths of some samples, and the squared distances
 * of its outputs go into a table. The table is saved, read again as after a break, and answers the rest without the
 * network: the schedules of the least bound (KLUB, Align Your Steps), for every number of steps from one dynamic program.
 * A second table, of trajectories from noise to data, gives the schedule of the displacement rule for DPM-Solver++(2M).
 *
 * All memory is static, nothing is called back, and each status is looked at. The exit status tells whether the schedules
 * are what they should be.
 */
#include <math.h>
#include <quell.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 16, LEVELS = 65, SAMPLES = 64, STEPS = 20 };

static const double SIGMA_MIN = 0.02, SIGMA_MAX = 20.0;
static const double SHARE[2] = {0.7, 0.3}, MEAN[2] = {-1.0, 1.5}, DEVIATION[2] = {0.5, 0.3};

/* The grid, and the tables on it. */
static double grid[LEVELS];
static quell_moments paths[QUELL_PAIRS_LEN(LEVELS)], trajectories[QUELL_PAIRS_LEN(LEVELS)];

static int failed(quell_status status, const char *call)
{
    if (status != 0)
        fprintf(stderr, "%s: %s: %s\n", call, quell_status_argument_str(status), quell_status_str(status));
    return status != 0;
}

/* Leaves the function on an error, which has been reported by then. */
#define TRY(call)                \
    do {                         \
        if (failed(call, #call)) \
            return -1;           \
    } while (0)

/* The network: from noisy values to the expected clean ones. */
static void denoise(float *clean, const float *noisy, double sigma)
{
    for (int i = 0; i < SIZE; ++i) {
        double weight[2], expected[2];
        for (int k = 0; k < 2; ++k) {
            const double variance = DEVIATION[k] * DEVIATION[k] + sigma * sigma;
            const double distance = noisy[i] - MEAN[k];
            weight[k] = SHARE[k] / sqrt(variance) * exp(-0.5 * distance * distance / variance);
            expected[k] = MEAN[k] + DEVIATION[k] * DEVIATION[k] / variance * distance;
        }
        /* Far from both means the weights underflow to 0/0; there the nearer mean takes all. */
        const double total = weight[0] + weight[1];
        const double first = total > 0.0 ? weight[0] / total : fabs(noisy[i] - MEAN[0]) < fabs(noisy[i] - MEAN[1]);
        clean[i] = (float)(first * expected[0] + (1.0 - first) * expected[1]);
    }
}

/* The data: sample number `sample`. */
static int draw(float *x0, uint64_t sample)
{
    float normal[SIZE], uniform[SIZE];
    TRY(quell_normal_f32(normal, SIZE, sample, 0, 0, 0));
    TRY(quell_uniform_f32(uniform, SIZE, sample, 0, 1, 0));
    for (int i = 0; i < SIZE; ++i) {
        const int k = uniform[i] >= SHARE[0];
        x0[i] = (float)(MEAN[k] + DEVIATION[k] * normal[i]);
    }
    return 0;
}

/* Evaluates the network on noising paths of samples, one for each level of the grid. */
static int add_paths(uint64_t first, uint64_t end)
{
    static float x[LEVELS * SIZE], outputs[LEVELS * SIZE];
    for (uint64_t sample = first; sample < end; ++sample) {
        float x0[SIZE];
        if (draw(x0, sample) != 0)
            return -1;
        TRY(quell_noising_path_f32(x, LEVELS * SIZE, x0, SIZE, grid, LEVELS, sample, 1, 0));
        for (int level = 0; level < LEVELS; ++level)
            denoise(outputs + level * SIZE, x + level * SIZE, grid[level]);
        TRY(quell_pairs_add_path_f32(paths, QUELL_PAIRS_LEN(LEVELS), grid, LEVELS, x0, SIZE, outputs, LEVELS * SIZE));
    }
    return 0;
}

/* Follows the probability flow from noise to data, by Heun's method from level to level of the grid. */
static int add_trajectories(void)
{
    static float states[LEVELS * SIZE], outputs[LEVELS * SIZE];
    for (uint64_t sample = 0; sample < SAMPLES; ++sample) {
        TRY(quell_normal_f32(states, SIZE, sample, 2, 0, 0));
        for (int i = 0; i < SIZE; ++i)
            states[i] *= (float)grid[0];
        denoise(outputs, states, grid[0]);
        for (int level = 1; level < LEVELS; ++level) {
            const float *x = states + (level - 1) * SIZE, *here = outputs + (level - 1) * SIZE;
            float *next = states + level * SIZE, *there = outputs + level * SIZE;
            const double ratio = grid[level] / grid[level - 1];
            for (int i = 0; i < SIZE; ++i)
                next[i] = (float)(ratio * x[i] + (1.0 - ratio) * here[i]);
            denoise(there, next, grid[level]);
            for (int i = 0; i < SIZE; ++i) {
                const double slope = (x[i] - here[i]) / grid[level - 1], other = (next[i] - there[i]) / grid[level];
                next[i] = (float)(x[i] + (grid[level] - grid[level - 1]) * 0.5 * (slope + other));
            }
            denoise(there, next, grid[level]);
        }
        TRY(quell_pairs_add_trajectory_f32(trajectories, QUELL_PAIRS_LEN(LEVELS), grid, LEVELS, states, outputs,
                                           LEVELS * SIZE, SIZE));
    }
    return 0;
}

/* Writes the table as bytes, forgets it, and reads it again: what a run that was stopped goes on from. */
static int save_and_reload(void)
{
    static unsigned char bytes[QUELL_TABLE_ENCODED_LEN(LEVELS, QUELL_PAIRS_LEN(LEVELS))];
    const size_t length = quell_table_encoded_len(QUELL_TABLE_KIND_PAIRS, LEVELS);
    quell_status status;
    FILE *file;
    TRY(quell_table_encode(bytes, length, paths, QUELL_PAIRS_LEN(LEVELS), grid, LEVELS, QUELL_TABLE_KIND_PAIRS));
    file = tmpfile();
    if (file == NULL || fwrite(bytes, 1, length, file) != length) {
        fputs("the table cannot be written\n", stderr);
        if (file != NULL)
            fclose(file);
        return -1;
    }
    memset(bytes, 0, sizeof bytes);
    memset(paths, 0, sizeof paths);
    rewind(file);
    if (fread(bytes, 1, length, file) != length) {
        fputs("the table cannot be read\n", stderr);
        fclose(file);
        return -1;
    }
    fclose(file);
    /* A file that was cut off is refused, and nothing of it is taken. */
    status = quell_table_decode(paths, QUELL_PAIRS_LEN(LEVELS), grid, LEVELS, bytes, length / 2, QUELL_TABLE_KIND_PAIRS);
    if (quell_status_cause(status) != QUELL_CAUSE_TOO_SHORT || paths[0].count != 0) {
        fputs("half a table was taken for a whole one\n", stderr);
        return -1;
    }
    TRY(quell_table_decode(paths, QUELL_PAIRS_LEN(LEVELS), grid, LEVELS, bytes, length, QUELL_TABLE_KIND_PAIRS));
    printf("table: %d levels, %d samples, %lu bytes\n\n", LEVELS, (int)paths[0].count, (unsigned long)length);
    return 0;
}

static void print_schedule(const char *name, const double *sigmas, int steps)
{
    printf("%s, %d steps:", name, steps);
    for (int i = 0; i <= steps; ++i)
        printf(" %.4g", sigmas[i]);
    putchar('\n');
}

/* The schedules of the least bound on the grid, for 1 to STEPS steps at once. */
static int by_the_bound(int *good)
{
    static double weights[LEVELS], costs[QUELL_PAIRS_LEN(LEVELS)], totals[STEPS];
    static double scratch[QUELL_SHORTEST_PATHS_SCRATCH_LEN(STEPS, LEVELS)];
    static uint32_t parents[QUELL_PARENTS_LEN(STEPS, LEVELS)];
    static const int WANTED[3] = {5, 10, 20};
    for (int level = 0; level < LEVELS; ++level)
        weights[level] = 1.0; /* stochastic DDIM */
    TRY(quell_pairs_costs(costs, paths, QUELL_PAIRS_LEN(LEVELS), weights, grid, LEVELS));
    TRY(quell_shortest_paths(totals, STEPS, parents, QUELL_PARENTS_LEN(STEPS, LEVELS), scratch,
                             QUELL_SHORTEST_PATHS_SCRATCH_LEN(STEPS, LEVELS), costs, QUELL_PAIRS_LEN(LEVELS), LEVELS, 1.0));
    for (int i = 0; i < 3; ++i) {
        const size_t count = (size_t)WANTED[i] + 1;
        uint32_t indices[STEPS + 1];
        double sigmas[STEPS + 1], usual[STEPS + 1], klub, of_usual;
        TRY(quell_trace(indices, count, parents, QUELL_PARENTS_LEN(STEPS, LEVELS), LEVELS));
        for (size_t k = 0; k < count; ++k)
            sigmas[k] = grid[indices[k]];
        TRY(quell_costs_klub(&klub, sigmas, count, costs, QUELL_PAIRS_LEN(LEVELS), grid, LEVELS));
        TRY(quell_sigmas_karras(usual, count, SIGMA_MIN, SIGMA_MAX, 7.0, QUELL_LAST_SIGMA_MIN));
        TRY(quell_costs_klub(&of_usual, usual, count, costs, QUELL_PAIRS_LEN(LEVELS), grid, LEVELS));
        print_schedule("least bound", sigmas, WANTED[i]);
        printf("  bound %.4f nats, that of rho = 7 spacing %.4f\n", klub, of_usual);
        /* The path's cost is the schedule's, and less than that of another. */
        *good &= fabs(klub / totals[WANTED[i] - 1] - 1.0) < 1e-9 && klub < of_usual;
    }
    return 0;
}

/* The schedule of the displacement rule for DPM-Solver++(2M). */
static int by_the_rule(int *good)
{
    static double density[LEVELS], scratch[QUELL_DISPLACEMENT_SCRATCH_LEN(LEVELS)];
    double sigmas[11], error, first;
    uint32_t indices[11];
    TRY(quell_displacement_density(density, trajectories, QUELL_PAIRS_LEN(LEVELS), grid, LEVELS, QUELL_SAMPLER_DPMPP2M,
                                   QUELL_CRITERION_DIVERGENCE));
    TRY(quell_sigmas_from_density(sigmas, 11, grid, density, LEVELS));
    putchar('\n');
    print_schedule("displacement rule for 2M", sigmas, 10);
    for (int k = 1; k <= 10; ++k)
        *good &= sigmas[k] < sigmas[k - 1];
    *good &= fabs(sigmas[0] / SIGMA_MAX - 1.0) < 1e-12 && fabs(sigmas[10] / SIGMA_MIN - 1.0) < 1e-12;
    /* For steps as long as they are: from equal steps on the grid downhill. */
    for (uint32_t k = 0; k <= 10; ++k)
        indices[k] = k * (LEVELS - 1) / 10;
    TRY(quell_displacement_error(&first, scratch, QUELL_DISPLACEMENT_SCRATCH_LEN(LEVELS), indices, 11, trajectories,
                                 QUELL_PAIRS_LEN(LEVELS), grid, LEVELS, QUELL_SAMPLER_DPMPP2M,
                                 QUELL_CRITERION_DIVERGENCE));
    TRY(quell_displacement_descend(&error, indices, 11, scratch, QUELL_DISPLACEMENT_SCRATCH_LEN(LEVELS), trajectories,
                                   QUELL_PAIRS_LEN(LEVELS), grid, LEVELS, QUELL_SAMPLER_DPMPP2M,
                                   QUELL_CRITERION_DIVERGENCE, 100));
    for (int k = 0; k <= 10; ++k)
        sigmas[k] = grid[indices[k]];
    print_schedule("least error for 2M", sigmas, 10);
    printf("  error %.3g, that of equal steps in ln sigma %.3g\n", error, first);
    *good &= error < first;
    return 0;
}

int main(void)
{
    int good = 1;
    printf("quell %s\n\n", quell_version());
    if (failed(quell_sigmas_exponential(grid, LEVELS, SIGMA_MIN, SIGMA_MAX, QUELL_LAST_SIGMA_MIN), "the grid"))
        return EXIT_FAILURE;
    /* Half of the samples before the break, half after it. */
    if (add_paths(0, SAMPLES / 2) != 0 || save_and_reload() != 0 || add_paths(SAMPLES / 2, SAMPLES) != 0)
        return EXIT_FAILURE;
    if (add_trajectories() != 0 || by_the_bound(&good) != 0 || by_the_rule(&good) != 0)
        return EXIT_FAILURE;
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
