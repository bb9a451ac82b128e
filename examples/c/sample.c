/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Draws from a mixture of two normals by diffusion: once with DPM-Solver++(2M), once with its stochastic form.
 *
 * The ideal denoiser of the mixture stands where your network goes: denoise() is the only function to replace. All
 * memory is static, as it would be on a microcontroller. The exit status tells whether the samples have the
 * distribution that they should have.
 */
#include <math.h>
#include <quell.h>
#include <stdio.h>
#include <stdlib.h>

enum { ITEMS = 4, N = ITEMS * 4096, STEPS = 24, BINS = 24 };

static const double SHARE[2] = {0.7, 0.3}, MEAN[2] = {-1.0, 1.5}, DEVIATION[2] = {0.5, 0.3};

/* The state, what the solver remembers, and what the network is given and gives back. */
static float x[N], history[QUELL_HISTORY_LEN(QUELL_SDE_DPMPP_2M_SLOTS, N)], input[N], output[N];

/* Each item of the batch has its own seed: it comes out the same in whatever batch it travels. */
static const uint64_t SEEDS[ITEMS] = {1, 2, 3, 4};

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

/* The network: from noisy values to the expected clean ones. For this process input_scale is 1, so input is the state. */
static void denoise(float *clean, const float *noisy, double sigma)
{
    for (int i = 0; i < N; ++i) {
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

/* The schedule: here 24 steps of EDM's spacing that end on the clean sample. */
static int make_schedule(quell_schedule *schedule)
{
    static double sigmas[STEPS + 1];
    static quell_level levels[STEPS + 1];
    const quell_schedule empty = {0};
    *schedule = empty;
    schedule->process.kind = QUELL_PROCESS_KIND_VE;
    schedule->prediction.kind = QUELL_PREDICTION_KIND_SAMPLE;
    schedule->levels = levels;
    schedule->levels_len = STEPS + 1;
    TRY(quell_sigmas_karras(sigmas, STEPS + 1, 0.02, 20.0, 7.0, QUELL_LAST_ZERO));
    TRY(quell_levels_from_sigmas(levels, STEPS + 1, &schedule->process, sigmas, STEPS + 1));
    return 0;
}

/* Starts from noise alone. No solver's step draws the same numbers again. */
static int begin(const quell_schedule *schedule)
{
    quell_step step;
    quell_inputs_f32 inputs = {0};
    inputs.seeds = SEEDS;
    inputs.seeds_len = ITEMS;
    TRY(quell_step_initial_noise(&step, &schedule->levels[0]));
    TRY(quell_apply_f32(x, N, NULL, 0, input, &inputs, &step, 1));
    return 0;
}

/* One step: evaluate the network where it says, then let it act on the state. */
static int advance(const quell_step *step)
{
    quell_inputs_f32 inputs = {0};
    if (step->evaluate)
        denoise(output, input, step->at.sigma);
    inputs.model = output;
    inputs.seeds = SEEDS;
    inputs.seeds_len = ITEMS;
    TRY(quell_apply_f32(x, N, history, sizeof history / sizeof history[0], input, &inputs, step, 1));
    return 0;
}

static int sample(const quell_schedule *schedule)
{
    quell_dpmpp_2m options;
    quell_step step;
    size_t passes;
    TRY(quell_dpmpp_2m_default(&options));
    TRY(quell_dpmpp_2m_passes(&passes, &options, schedule));
    if (begin(schedule) != 0)
        return -1;
    for (size_t i = 0; i < passes; ++i) {
        TRY(quell_dpmpp_2m_step(&step, &options, schedule, i));
        if (advance(&step) != 0)
            return -1;
    }
    return 0;
}

static int sample_with_noise(const quell_schedule *schedule)
{
    quell_sde_dpmpp_2m options;
    quell_step step;
    size_t passes;
    TRY(quell_sde_dpmpp_2m_default(&options));
    TRY(quell_sde_dpmpp_2m_passes(&passes, &options, schedule));
    if (begin(schedule) != 0)
        return -1;
    for (size_t i = 0; i < passes; ++i) {
        TRY(quell_sde_dpmpp_2m_step(&step, &options, schedule, i));
        if (advance(&step) != 0)
            return -1;
    }
    return 0;
}

/* The probability of a value below `at`. */
static double distribution(double at)
{
    double sum = 0.0;
    for (int k = 0; k < 2; ++k)
        sum += SHARE[k] * 0.5 * erfc((MEAN[k] - at) / (DEVIATION[k] * sqrt(2.0)));
    return sum;
}

/* Prints a histogram, and says whether the samples follow the mixture. */
static int report(const char *solver)
{
    static int counts[BINS + 1];
    const double low = -3.0, width = 6.0 / BINS;
    double mean = 0.0, below = 0.0, distance = 0.0;
    for (int b = 0; b <= BINS; ++b)
        counts[b] = 0;
    for (int i = 0; i < N; ++i) {
        const double bin = (x[i] - low) / width;
        mean += x[i] / N;
        ++counts[bin < 0.0 ? 0 : bin < BINS ? (int)bin : BINS];
    }
    printf("%s, %d steps, %d samples (#) of the mixture (|)\n", solver, STEPS, N);
    for (int b = 0; b < BINS; ++b) {
        const double end = low + width * (b + 1);
        const int bar = (int)(400.0 * counts[b] / N + 0.5);
        const int truth = (int)(400.0 * (distribution(end) - distribution(end - width)) + 0.5);
        printf("%6.2f ", end - 0.5 * width);
        for (int column = 0; column <= bar || column <= truth; ++column)
            putchar(column == truth ? '|' : column < bar ? '#' : ' ');
        putchar('\n');
        below += (double)counts[b] / N;
        distance = fmax(distance, fabs(below - distribution(end)));
    }
    printf("mean %.4f, should be %.4f; largest error of the distribution function %.4f\n\n", mean,
           SHARE[0] * MEAN[0] + SHARE[1] * MEAN[1], distance);
    return distance < 0.02;
}

int main(void)
{
    quell_schedule schedule;
    int good = 1;
    printf("quell %s\n\n", quell_version());
    if (make_schedule(&schedule) != 0 || sample(&schedule) != 0)
        return EXIT_FAILURE;
    good &= report("DPM-Solver++(2M)");
    if (sample_with_noise(&schedule) != 0)
        return EXIT_FAILURE;
    good &= report("SDE-DPM-Solver++(2M)");
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
