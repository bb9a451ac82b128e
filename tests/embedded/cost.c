/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What sampling costs on a bare machine, counted in instructions and bytes of stack: an f32 sampler of the usual kind,
 * DPM-Solver++(2M) on EDM's schedule, on a state of 512 elements. There is nothing else in the program, so that what
 * the linker keeps of the library is what a typical application keeps. It succeeds if no call fails.
 */
#include "board.h"

#include <quell.h>

enum { N = 512, STEPS = 10, SPINS = 100000 };

static float x[N], history[QUELL_HISTORY_LEN(QUELL_DPMPP_2M_SLOTS, N)], input[N], model[N];
static double sigmas[STEPS + 1];
static quell_level levels[STEPS + 1];
static quell_schedule schedule;
static quell_dpmpp_2m options;
static quell_step step;
static quell_inputs_f32 inputs;
static const uint64_t SEED = 42;

/* What is measured, each by a function of its own. */

static quell_status spin(void)
{
    board_spin(SPINS);
    return 0;
}

static quell_status make_schedule(void)
{
    const quell_status status = quell_sigmas_karras(sigmas, STEPS + 1, 0.002, 80.0, 7.0, QUELL_LAST_ZERO);
    return status != 0 ? status : quell_levels_from_sigmas(levels, STEPS + 1, &schedule.process, sigmas, STEPS + 1);
}

static quell_status make_initial_step(void)
{
    return quell_step_initial_noise(&step, &levels[0]);
}

static quell_status make_step(void)
{
    return quell_dpmpp_2m_step(&step, &options, &schedule, STEPS / 2);
}

static quell_status apply(void)
{
    return quell_apply_f32(x, N, history, N, input, &inputs, &step, 1);
}

static quell_status apply_half(void)
{
    return quell_apply_f32(x, N / 2, history, N / 2, input, &inputs, &step, 1);
}

/* Measures one call: its stack includes that of the caller, which is small. */
static quell_status measure(quell_status (*call)(void), const char *instructions, const char *stack)
{
    board_paint_stack();
    const uint64_t begin = board_ticks();
    const quell_status status = call();
    const uint64_t end = board_ticks();
    board_report(stack, board_stack_used());
    board_report(instructions, board_instructions(end - begin));
    return status;
}

int main(void)
{
    schedule.process.kind = QUELL_PROCESS_KIND_EDM;
    schedule.process.sigma_data = 0.5;
    schedule.prediction.kind = QUELL_PREDICTION_KIND_EDM;
    schedule.prediction.sigma_data = 0.5;
    schedule.levels = levels;
    schedule.levels_len = STEPS + 1;
    inputs.seeds = &SEED;
    inputs.seeds_len = 1;

    board_report("spins", SPINS);
    board_report("elements", N);
    if (measure(spin, "spin", "spin-stack") != 0 || measure(make_schedule, "schedule", "schedule-stack") != 0
        || make_initial_step() != 0 || measure(apply_half, "half-noise", "half-noise-stack") != 0
        || measure(apply, "noise", "noise-stack") != 0
        || quell_dpmpp_2m_default(&options) != 0 || measure(make_step, "step", "step-stack") != 0)
        return 1;
    /* The network's output has no bearing on the cost; the old state serves. */
    for (int i = 0; i < N; ++i)
        model[i] = history[i] = input[i];
    inputs.model = model;
    return measure(apply_half, "half-pass", "half-pass-stack") != 0 || measure(apply, "pass", "pass-stack") != 0;
}
