/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Wrong calls from C, but for those about masks, which contract_masks.c makes; what writes nothing, what stays within
 * its length, and the words for a status.
 */
#include "contract.h"

#include <math.h>

#define APPLY                                                                                                 \
    quell_apply_f32(here.x_f32, N, here.history_f32, N, here.input_f32, &here.inputs, &here.step, 1)

static void pass(void)
{
    reset();
    CHECK(APPLY == 0);
    reset();

    REFUSED(quell_apply_f32(NULL, N, here.history_f32, N, NULL, &here.inputs, &here.step, 1), QUELL_CAUSE_NULL, "x");
    REFUSED(quell_apply_f32(here.x_f32, N, NULL, N, NULL, &here.inputs, &here.step, 1), QUELL_CAUSE_NULL, "history");
    REFUSED(quell_apply_f32(here.x_f32, N, here.history_f32, N, NULL, NULL, &here.step, 1), QUELL_CAUSE_NULL, "inputs");
    REFUSED(quell_apply_f32(here.x_f32, N, here.history_f32, N, NULL, &here.inputs, NULL, 1), QUELL_CAUSE_NULL, "steps");
    REFUSED(quell_apply_f32(here.x_f32, N, here.history_f32, N, NULL, &here.inputs, &here.step, 0),
            QUELL_CAUSE_TOO_SHORT, "steps");

    REFUSED(quell_apply_f32(here.x_f32, N, here.history_f32, N - 1, NULL, &here.inputs, &here.step, 1),
            QUELL_CAUSE_TOO_SHORT, "history");
    REFUSED(quell_apply_f32(here.x_f32, N, NULL, 0, NULL, &here.inputs, &here.step, 1), QUELL_CAUSE_TOO_SHORT, "history");
    SPOILT(here.inputs.model = NULL, APPLY, QUELL_CAUSE_NULL, "model");

    REFUSED(quell_apply_f32(ASKEW(float, here.x_f32), N, here.history_f32, N, NULL, &here.inputs, &here.step, 1),
            QUELL_CAUSE_MISALIGNED, "x");
    REFUSED(quell_apply_f32(here.x_f32, N, ASKEW(float, here.history_f32), N, NULL, &here.inputs, &here.step, 1),
            QUELL_CAUSE_MISALIGNED, "history");
    REFUSED(quell_apply_f32(here.x_f32, N, here.history_f32, N, ASKEW(float, here.input_f32), &here.inputs, &here.step, 1),
            QUELL_CAUSE_MISALIGNED, "next_input");
    SPOILT(here.inputs.model = ASKEW(const float, here.model_f32), APPLY, QUELL_CAUSE_MISALIGNED, "model");
    SPOILT((here.inputs.seeds = ASKEW(const uint64_t, here.seeds), here.inputs.seeds_len = 1), APPLY,
           QUELL_CAUSE_MISALIGNED, "seeds");

    REFUSED(quell_apply_f32(here.x_f32, N, here.x_f32 + N - 1, N, NULL, &here.inputs, &here.step, 1), QUELL_CAUSE_OVERLAP,
            "history");
    REFUSED(quell_apply_f32(here.x_f32, N, here.history_f32, N, here.x_f32, &here.inputs, &here.step, 1),
            QUELL_CAUSE_OVERLAP, "next_input");
    REFUSED(quell_apply_f32(here.x_f32, N, here.history_f32, N, here.history_f32 + 1, &here.inputs, &here.step, 1),
            QUELL_CAUSE_OVERLAP, "next_input");
    SPOILT(here.inputs.model = here.x_f32, APPLY, QUELL_CAUSE_OVERLAP, "x");
    SPOILT(here.inputs.model = here.x_f32 + N - 1, APPLY, QUELL_CAUSE_OVERLAP, "x");
    SPOILT(here.inputs.unconditional = here.history_f32, APPLY, QUELL_CAUSE_OVERLAP, "history");
    SPOILT(here.inputs.denoised = here.input_f32, APPLY, QUELL_CAUSE_OVERLAP, "next_input");

    REFUSED(quell_apply_f32(here.x_f32, SIZE_MAX, here.history_f32, N, NULL, &here.inputs, &here.step, 1),
            QUELL_CAUSE_LENGTH, "x");
    REFUSED(quell_apply_f32(here.x_f32, N, here.history_f32, SIZE_MAX / 2, NULL, &here.inputs, &here.step, 1),
            QUELL_CAUSE_LENGTH, "history");
    SPOILT((here.inputs.seeds = here.seeds, here.inputs.seeds_len = SIZE_MAX), APPLY, QUELL_CAUSE_LENGTH, "seeds");

    SPOILT((here.inputs.unconditional = here.noise_f32, here.inputs.guidance = NAN), APPLY, QUELL_CAUSE_DOMAIN,
           "guidance");
    SPOILT(here.step.rows[0].x = NAN, APPLY, QUELL_CAUSE_DOMAIN, "steps");
    SPOILT(here.step.denoised.model = INFINITY, APPLY, QUELL_CAUSE_DOMAIN, "steps");
    SPOILT(here.step.destinations[0] = QUELL_DESTINATION_UNUSED, APPLY, QUELL_CAUSE_UNKNOWN, "steps");
    SPOILT(here.step.destinations[1] = QUELL_DESTINATION_SLOT + QUELL_SLOTS, APPLY, QUELL_CAUSE_UNKNOWN, "steps");
    SPOILT(here.step.rows[0].noise = 1.0, APPLY, QUELL_CAUSE_NULL, "noise");
    SPOILT((here.step.rows[0].noise = 1.0, here.inputs.seeds = here.seeds, here.inputs.seeds_len = 1,
            here.inputs.first_element = UINT64_MAX),
           APPLY, QUELL_CAUSE_DOMAIN, "first_element");
    SPOILT((here.inputs.mask = here.noise_f32, here.inputs.mask_len = 5, here.inputs.known = here.model_f32), APPLY,
           QUELL_CAUSE_LENGTH, "mask");
    SPOILT((here.inputs.mask = here.noise_f32, here.inputs.mask_len = 0, here.inputs.known = here.model_f32), APPLY,
           QUELL_CAUSE_LENGTH, "mask");
    SPOILT((here.inputs.mask = here.noise_f32, here.inputs.mask_len = N), APPLY, QUELL_CAUSE_NULL, "known");
    SPOILT((here.inputs.mask = here.noise_f32, here.inputs.mask_len = N, here.inputs.known = here.model_f32), APPLY,
           QUELL_CAUSE_NULL, "known_noise");

    REFUSED(quell_denoise_f32(here.x_f32, here.x_f32, here.model_f32, NULL, N, &here.step, 1, 1.0), QUELL_CAUSE_OVERLAP,
            "out");
    REFUSED(quell_denoise_f32(here.out_f32, here.x_f32, NULL, NULL, N, &here.step, 1, 1.0), QUELL_CAUSE_NULL, "model");
    REFUSED(quell_denoise_f32(here.out_f32, here.x_f32, here.model_f32, here.noise_f32, N, &here.step, 1, NAN),
            QUELL_CAUSE_DOMAIN, "guidance");
    REFUSED(quell_denoise_f32_f16(here.out_f32, here.x_f32, ASKEW(const uint16_t, here.model_f16), NULL, N, &here.step,
                                  1, 1.0),
            QUELL_CAUSE_MISALIGNED, "model");
    REFUSED(quell_linear_apply_f64(here.x_f64, here.x_f64 + 1, here.model_f64, N, &here.linear), QUELL_CAUSE_OVERLAP, "out");
    REFUSED(quell_linear_apply_f64(here.out_f64, here.x_f64, here.model_f64, N, NULL), QUELL_CAUSE_NULL, "linear");
}

static void transformations(void)
{
    REFUSED(quell_classifier_free_f16(here.x_f16, here.x_f16, N, 2.0), QUELL_CAUSE_OVERLAP, "x");
    REFUSED(quell_classifier_free_f32(here.x_f32, NULL, N, 2.0), QUELL_CAUSE_NULL, "unconditional");
    REFUSED(quell_classifier_free_f64(here.x_f64, here.model_f64, N, NAN), QUELL_CAUSE_DOMAIN, "guidance");
    REFUSED(quell_guidance_rescale_f32(here.x_f32, here.model_f32, N, 5, 0.5), QUELL_CAUSE_LENGTH, "x");
    REFUSED(quell_guidance_rescale_f32(here.x_f32, here.model_f32, N, 0, 0.5), QUELL_CAUSE_DOMAIN, "batch");
    REFUSED(quell_guidance_rescale_f32(here.x_f32, here.model_f32, N, 2, 1.5), QUELL_CAUSE_DOMAIN, "rescale");
    REFUSED(quell_clip_bf16(here.x_f16, N, -1.0), QUELL_CAUSE_DOMAIN, "range");
    REFUSED(quell_clip_f16(ASKEW(uint16_t, here.x_f16), N, 1.0), QUELL_CAUSE_MISALIGNED, "x");
    REFUSED(quell_dynamic_threshold_f64(here.x_f64, N, 1, -0.1, 2.0), QUELL_CAUSE_DOMAIN, "quantile");
    REFUSED(quell_dynamic_threshold_f64(here.x_f64, N, 1, 0.9, NAN), QUELL_CAUSE_DOMAIN, "max_threshold");
}

static void processes(void)
{
    REFUSED(quell_betas_linear(NULL, N, 0.1, 0.2), QUELL_CAUSE_NULL, "betas");
    REFUSED(quell_betas_linear(here.betas, N, NAN, 0.2), QUELL_CAUSE_DOMAIN, "beta_start");
    REFUSED(quell_betas_squared_cosine(here.betas, N, 2.0), QUELL_CAUSE_DOMAIN, "beta_max");
    REFUSED(quell_alpha_bars_from_betas(here.alpha_bars, N, here.betas, N - 1), QUELL_CAUSE_LENGTH, "alpha_bars");
    REFUSED(quell_alpha_bars_from_betas(here.betas, N, here.betas, N), QUELL_CAUSE_OVERLAP, "alpha_bars");
    SPOILT(here.betas[3] = -1.0, quell_alpha_bars_from_betas(here.alpha_bars, N, here.betas, N), QUELL_CAUSE_DOMAIN,
           "betas");
    REFUSED(quell_rescale_zero_terminal_snr(here.alpha_bars, 1), QUELL_CAUSE_TOO_SHORT, "alpha_bars");
    REFUSED(quell_vp_linear_from_sigma_range(&here.process, 1.0, INFINITY, 0.001), QUELL_CAUSE_DOMAIN, "sigma_max");
    REFUSED(quell_vp_linear_from_sigma_range(NULL, 0.1, 10.0, 0.001), QUELL_CAUSE_NULL, "out");
    SPOILT(here.process.kind = 6, quell_level_at_sigma(&here.level, &here.process, 1.0), QUELL_CAUSE_UNKNOWN, "process");
    SPOILT(here.process.kind = -1, quell_level_at_sigma(&here.level, &here.process, 1.0), QUELL_CAUSE_UNKNOWN, "process");
    SPOILT(here.process.kind = QUELL_PROCESS_KIND_VP_DISCRETE, quell_level_at_timestep(&here.level, &here.process, 1.0),
           QUELL_CAUSE_TOO_SHORT, "alpha_bars");
    SPOILT((here.process.kind = QUELL_PROCESS_KIND_VP_DISCRETE, here.process.alpha_bars_len = 3),
           quell_level_at_timestep(&here.level, &here.process, 1.0), QUELL_CAUSE_NULL, "alpha_bars");
    REFUSED(quell_level_at_sigma(&here.level, &here.process, -1.0), QUELL_CAUSE_DOMAIN, "sigma");
    REFUSED(quell_level_at_sigma(&here.level, &here.process, NAN), QUELL_CAUSE_DOMAIN, "sigma");
    REFUSED(quell_level_at_sigma((struct quell_level *)(void *)&here.process, &here.process, 1.0), QUELL_CAUSE_OVERLAP,
            "out");
    REFUSED(quell_level_half_log_snr(NULL, &here.level), QUELL_CAUSE_NULL, "out");
    REFUSED(quell_level_half_log_snr(&here.level.alpha, &here.level), QUELL_CAUSE_OVERLAP, "out");
    REFUSED(quell_levels_from_sigmas(here.levels, STEPS, &here.process, here.sigmas, STEPS + 1), QUELL_CAUSE_LENGTH,
            "sigmas");
    SPOILT(here.sigmas[2] = here.sigmas[1],
           quell_levels_from_sigmas(here.levels, STEPS + 1, &here.process, here.sigmas, STEPS + 1), QUELL_CAUSE_ORDER,
           "sigmas");
    SPOILT(here.sigmas[0] = INFINITY,
           quell_levels_from_sigmas(here.levels, STEPS + 1, &here.process, here.sigmas, STEPS + 1), QUELL_CAUSE_DOMAIN,
           "sigmas");
    REFUSED(quell_levels_from_timesteps(here.levels, STEPS + 1, &here.process, here.sigmas, STEPS, 9),
            QUELL_CAUSE_UNKNOWN, "last");
    REFUSED(quell_flow_shift_dynamic(here.sigmas, STEPS + 1, 0.5, 2), QUELL_CAUSE_UNKNOWN, "shift_kind");
    REFUSED(quell_flow_mu(&here.sigmas[0], 0, 0.5, 1.15), QUELL_CAUSE_DOMAIN, "sequence_length");
}

static void schedules(void)
{
    REFUSED(quell_sigmas_karras(here.sigmas, 1, 0.1, 10.0, 7.0, QUELL_LAST_ZERO), QUELL_CAUSE_TOO_SHORT, "sigmas");
    REFUSED(quell_sigmas_karras(here.sigmas, STEPS + 1, 10.0, 0.1, 7.0, QUELL_LAST_ZERO), QUELL_CAUSE_DOMAIN, "sigma_min");
    REFUSED(quell_sigmas_karras(here.sigmas, STEPS + 1, 0.0, 10.0, 7.0, QUELL_LAST_ZERO), QUELL_CAUSE_DOMAIN, "sigma_min");
    REFUSED(quell_sigmas_karras(here.sigmas, STEPS + 1, 0.1, 10.0, NAN, QUELL_LAST_ZERO), QUELL_CAUSE_DOMAIN, "rho");
    REFUSED(quell_sigmas_karras(here.sigmas, STEPS + 1, 0.1, 10.0, 7.0, 2), QUELL_CAUSE_UNKNOWN, "last");
    REFUSED(quell_sigmas_karras(ASKEW(double, here.sigmas), STEPS, 0.1, 10.0, 7.0, QUELL_LAST_ZERO),
            QUELL_CAUSE_MISALIGNED, "sigmas");
    REFUSED(quell_sigmas_align_your_steps(here.sigmas, STEPS + 1, 4, QUELL_LAST_ZERO), QUELL_CAUSE_UNKNOWN, "list");
    REFUSED(quell_timesteps_align_your_steps(here.sigmas, STEPS + 1, QUELL_ALIGN_YOUR_STEPS_STABLE_DIFFUSION_XL),
            QUELL_CAUSE_LENGTH, "timesteps");
    REFUSED(quell_interpolate_log_linear(here.betas, N, here.betas, N), QUELL_CAUSE_OVERLAP, "sigmas");
    REFUSED(quell_timesteps_spaced(here.sigmas, STEPS, 1000, 3, 0), QUELL_CAUSE_UNKNOWN, "spacing");
    REFUSED(quell_timesteps_continuous(here.sigmas, STEPS, 0.0, 1.0, 0.0), QUELL_CAUSE_DOMAIN, "power");
    REFUSED(quell_schedule_check(NULL), QUELL_CAUSE_NULL, "schedule");
    REFUSED(quell_schedule_start(&here.number, 10, 1.5), QUELL_CAUSE_DOMAIN, "strength");
    SPOILT(here.schedule.levels = NULL, quell_schedule_check(&here.schedule), QUELL_CAUSE_NULL, "levels");
    SPOILT(here.schedule.levels_len = 1, quell_schedule_check(&here.schedule), QUELL_CAUSE_TOO_SHORT, "levels");
    SPOILT(here.schedule.levels_len = SIZE_MAX, quell_schedule_check(&here.schedule), QUELL_CAUSE_LENGTH, "levels");
    SPOILT(here.schedule.prediction.kind = 77, quell_schedule_check(&here.schedule), QUELL_CAUSE_UNKNOWN, "prediction");
    SPOILT(here.schedule.prediction.sigma_data = NAN, quell_schedule_check(&here.schedule), QUELL_CAUSE_DOMAIN,
           "sigma_data");
    SPOILT(here.levels[1] = here.levels[0], quell_schedule_check(&here.schedule), QUELL_CAUSE_ORDER, "levels");
    SPOILT(here.levels[1].sigma = NAN, quell_schedule_check(&here.schedule), QUELL_CAUSE_DOMAIN, "levels");
}

static void solvers(void)
{
    REFUSED(quell_dpmpp_2m_default(NULL), QUELL_CAUSE_NULL, "out");
    REFUSED(quell_dpmpp_2m_passes(&here.number, NULL, &here.schedule), QUELL_CAUSE_NULL, "options");
    REFUSED(quell_dpmpp_2m_passes(NULL, &here.dpmpp_2m, &here.schedule), QUELL_CAUSE_NULL, "out");
    REFUSED(quell_dpmpp_2m_step(&here.step_out, &here.dpmpp_2m, &here.schedule, STEPS), QUELL_CAUSE_DOMAIN, "index");
    REFUSED(quell_dpmpp_2m_step(&here.step_out, &here.dpmpp_2m, &here.schedule, SIZE_MAX), QUELL_CAUSE_DOMAIN, "index");
    REFUSED(quell_dpmpp_2m_step(ASKEW(struct quell_step, &here.step_out), &here.dpmpp_2m, &here.schedule, 0),
            QUELL_CAUSE_MISALIGNED, "out");
    REFUSED(quell_dpmpp_2m_step((struct quell_step *)(void *)here.levels, &here.dpmpp_2m, &here.schedule, 0),
            QUELL_CAUSE_OVERLAP, "out");
    SPOILT(here.dpmpp_2m.second_order = 2, quell_dpmpp_2m_step(&here.step_out, &here.dpmpp_2m, &here.schedule, 0),
           QUELL_CAUSE_UNKNOWN, "second_order");
    SPOILT(here.unipc.order = 4, quell_unipc_step(&here.step_out, &here.unipc, &here.schedule, 0), QUELL_CAUSE_DOMAIN,
           "order");
    SPOILT(here.unipc.order = -1, quell_unipc_step(&here.step_out, &here.unipc, &here.schedule, 0), QUELL_CAUSE_DOMAIN,
           "order");
    SPOILT(here.unipc.b_function = 2, quell_unipc_step(&here.step_out, &here.unipc, &here.schedule, 0),
           QUELL_CAUSE_UNKNOWN, "b_function");
    SPOILT(here.er_sde.noise_scale = 7, quell_er_sde_step(&here.step_out, &here.er_sde, &here.schedule, 0),
           QUELL_CAUSE_UNKNOWN, "noise_scale");
    SPOILT(here.er_sde.noise_floor = NAN, quell_er_sde_step(&here.step_out, &here.er_sde, &here.schedule, 0),
           QUELL_CAUSE_DOMAIN, "noise_floor");
    SPOILT(here.er_sde.points = 10001, quell_er_sde_step(&here.step_out, &here.er_sde, &here.schedule, 0),
           QUELL_CAUSE_DOMAIN, "points");
    SPOILT(here.ddim.eta = 1.5, quell_ddim_step(&here.step_out, &here.ddim, &here.schedule, 0), QUELL_CAUSE_DOMAIN, "eta");
    SPOILT(here.ddim.eta = NAN, quell_ddim_step(&here.step_out, &here.ddim, &here.schedule, 0), QUELL_CAUSE_DOMAIN, "eta");
    SPOILT(here.level.alpha = NAN, quell_step_add_noise(&here.step_out, &here.level), QUELL_CAUSE_DOMAIN, "level");
    REFUSED(quell_step_initial_noise(&here.step_out, NULL), QUELL_CAUSE_NULL, "level");
    REFUSED(quell_step_table(NULL, &here.step, 0), QUELL_CAUSE_NULL, "out");
    REFUSED(quell_step_table(here.table, NULL, 0), QUELL_CAUSE_NULL, "step");
    REFUSED(quell_step_slots(&here.number, NULL), QUELL_CAUSE_NULL, "step");
}

static void draws(void)
{
    REFUSED(quell_normal_f32(NULL, N, 0, 0, 0, 0), QUELL_CAUSE_NULL, "out");
    REFUSED(quell_normal_f64(ASKEW(double, here.x_f64), N, 0, 0, 0, 0), QUELL_CAUSE_MISALIGNED, "out");
    REFUSED(quell_normal_f16(here.x_f16, SIZE_MAX, 0, 0, 0, 0), QUELL_CAUSE_LENGTH, "out");
    REFUSED(quell_uniform_f32(here.x_f32, N, 0, 0, 0, UINT64_MAX - N + 1), QUELL_CAUSE_DOMAIN, "first_element");
    REFUSED(quell_normal_batch_f32(here.x_f32, N - 1, here.seeds, 2, 0, 0), QUELL_CAUSE_LENGTH, "out");
    REFUSED(quell_normal_batch_f32(here.x_f32, N, NULL, 2, 0, 0), QUELL_CAUSE_NULL, "seeds");
    REFUSED(quell_normal_batch_f64((double *)(void *)here.seeds, 2, here.seeds, 2, 0, 0), QUELL_CAUSE_OVERLAP, "out");
    REFUSED(quell_philox4x32_10(here.words, here.words, here.key), QUELL_CAUSE_OVERLAP, "out");
    REFUSED(quell_philox4x32_10(here.words, NULL, here.key), QUELL_CAUSE_NULL, "counter");
}

#define CURVE here.grid, here.mmse, here.information, LEVELS
#define TABLE here.moments, QUELL_PAIRS_LEN(LEVELS), here.grid, LEVELS
#define ADD quell_mmse_add_f32(here.moments, here.grid, LEVELS, here.x_f32, here.model_f32, N, 1, N)
#define PATHS(coefficient)                                                                                            \
    quell_shortest_paths(here.totals, 2, here.parents, QUELL_PARENTS_LEN(2, LEVELS), here.scratch, N, here.costs,     \
                         QUELL_PAIRS_LEN(LEVELS), LEVELS, coefficient)
#define DECODE(length, kind)                                                                                          \
    quell_table_decode(here.moments, LEVELS, here.grid, LEVELS, here.bytes, length, kind)

static void tables(void)
{
    double out;
    reset();
    CHECK(ADD == 0 && here.moments[1].count == 3);
    CHECK(quell_moments_merge(here.moments, here.other, LEVELS) == 0 && here.moments[1].count == 5);
    CHECK(DECODE(sizeof here.bytes, QUELL_TABLE_KIND_MMSE) == 0 && here.moments[1].count == 2);
    CHECK(quell_mmse_costs(here.costs, QUELL_PAIRS_LEN(LEVELS), CURVE) == 0 && PATHS(1.0) == 0);
    CHECK(quell_trace(here.indices, LEVELS, here.parents, QUELL_PARENTS_LEN(2, LEVELS), LEVELS) == 0);
    CHECK(here.indices[0] == 0 && here.indices[1] == 1 && here.indices[2] == 2);
    CHECK(quell_mmse_klub(&out, here.grid, LEVELS, CURVE) == 0 && fabs(out / here.totals[1] - 1.0) < 1e-12);
    reset();

    REFUSED(quell_mmse_add_f32(NULL, here.grid, LEVELS, here.x_f32, here.model_f32, N, 0, N), QUELL_CAUSE_NULL, "moments");
    REFUSED(quell_mmse_add_f32(here.moments, here.grid, LEVELS, here.x_f32, here.model_f32, N, LEVELS, N),
            QUELL_CAUSE_DOMAIN, "index");
    REFUSED(quell_mmse_add_f32(here.moments, here.grid, LEVELS, here.x_f32, here.model_f32, N, 0, 5), QUELL_CAUSE_LENGTH,
            "x0");
    REFUSED(quell_mmse_add_f32(here.moments, here.grid, LEVELS, here.x_f32, ASKEW(float, here.model_f32), N, 0, N),
            QUELL_CAUSE_MISALIGNED, "denoised");
    SPOILT(here.model_f32[N - 1] = NAN, ADD, QUELL_CAUSE_DOMAIN, "denoised");
    SPOILT(here.grid[1] = here.grid[0], ADD, QUELL_CAUSE_ORDER, "grid");
    SPOILT(here.moments[2].mean = NAN, ADD, QUELL_CAUSE_DOMAIN, "moments");
    SPOILT(here.moments[1].count = 0, quell_pairs_costs(here.costs, here.moments, QUELL_PAIRS_LEN(LEVELS), here.mmse, here.grid, LEVELS), QUELL_CAUSE_DOMAIN,
           "moments");
    REFUSED(quell_moments_merge(here.moments, here.moments + 1, LEVELS), QUELL_CAUSE_OVERLAP, "moments");
    REFUSED(quell_pairs_add_path_f32(TABLE, here.x_f32, 4, here.model_f32, N - 1), QUELL_CAUSE_LENGTH, "denoised");
    REFUSED(quell_pairs_add_path_f64(here.moments, LEVELS, here.grid, LEVELS, here.x_f64, 4, here.model_f64, N),
            QUELL_CAUSE_LENGTH, "moments");
    REFUSED(quell_pairs_add_trajectory_f32(TABLE, here.x_f32, here.model_f32, N, 5), QUELL_CAUSE_LENGTH, "states");
    REFUSED(quell_noising_path_f32(here.out_f32, N, here.x_f32, 4, here.grid, LEVELS, 1, 2, UINT32_MAX),
            QUELL_CAUSE_DOMAIN, "step");
    REFUSED(quell_noising_pair_f32(here.out_f32, here.out_f32 + 1, here.x_f32, here.noise_f32, here.noise_f32, N,
                                   &here.draw),
            QUELL_CAUSE_OVERLAP, "x");
    SPOILT(here.draw.sigma = here.draw.from, quell_noising_pair_f32(here.out_f32, here.input_f32, here.x_f32, here.noise_f32,
                                                                    here.noise_f32, N, &here.draw),
           QUELL_CAUSE_DOMAIN, "sigma");
    REFUSED(quell_mmse_klub(&here.totals[0], here.sigmas, STEPS, CURVE), QUELL_CAUSE_DOMAIN, "sigmas");
    REFUSED(quell_gaussian_klub(&here.totals[0], here.grid, LEVELS, 0.5, 0), QUELL_CAUSE_DOMAIN, "dimension");
    SPOILT(here.sde_dpmpp_2m.eta = 0.0,
           quell_sde_dpmpp_2m_klub(&here.totals[0], here.grid, here.mmse, LEVELS, &here.sde_dpmpp_2m, 1.0),
           QUELL_CAUSE_DOMAIN, "eta");
    REFUSED(PATHS(NAN), QUELL_CAUSE_DOMAIN, "coefficient");
    SPOILT(here.costs[1] = NAN, PATHS(1.0), QUELL_CAUSE_DOMAIN, "costs");
    REFUSED(quell_trace(here.indices, LEVELS, here.words, 4, LEVELS), QUELL_CAUSE_LENGTH, "parents");
    REFUSED(quell_search_sweep_mmse(&here.number, here.sigmas, here.sigmas, STEPS, CURVE, QUELL_SEARCH_LEVELS_ALL),
            QUELL_CAUSE_OVERLAP, "scratch");
    REFUSED(quell_search_sweep_gaussian(&here.number, here.grid, here.scratch, LEVELS, 0.5, 2), QUELL_CAUSE_UNKNOWN,
            "levels");
    REFUSED(quell_displacement_density(here.mmse, TABLE, 4, QUELL_CRITERION_DIVERGENCE), QUELL_CAUSE_UNKNOWN, "sampler");
    REFUSED(quell_displacement_error(&here.totals[0], here.scratch, N, here.indices, LEVELS, TABLE,
                                     QUELL_SAMPLER_STOCHASTIC_DDIM, QUELL_CRITERION_DIVERGENCE),
            QUELL_CAUSE_ORDER, "indices");
    REFUSED(quell_leaps_add_f32(here.moments, QUELL_PAIRS_LEN(LEVELS), here.levels, LEVELS, here.x_f32, N, here.model_f32,
                                8, 4, 3),
            QUELL_CAUSE_UNKNOWN, "measure");
    REFUSED(quell_teacher_advance_f32(here.totals, here.parents, 6, here.x_f32, here.model_f32, here.noise_f32, N,
                                      here.levels, 2, 3, 6),
            QUELL_CAUSE_DOMAIN, "step");
    REFUSED(DECODE(sizeof here.bytes - 1, QUELL_TABLE_KIND_MMSE), QUELL_CAUSE_TOO_SHORT, "bytes");
    SPOILT(here.bytes[40] ^= 1, DECODE(sizeof here.bytes, QUELL_TABLE_KIND_MMSE), QUELL_CAUSE_DOMAIN, "checksum");
    SPOILT(here.grid[1] = 1.5, DECODE(sizeof here.bytes, QUELL_TABLE_KIND_MMSE), QUELL_CAUSE_DOMAIN, "grid");
}

/* Nothing to do is no error: NULL where the length is 0, and optional arguments. */
static void nothing(void)
{
    struct quell_inputs_f32 inputs;
    memset(&inputs, 0, sizeof inputs);
    memcpy(&before, &here, sizeof here);
    CHECK(quell_apply_f32(NULL, 0, NULL, 0, NULL, &inputs, &here.step, 1) == 0);
    CHECK(quell_denoise_f32(NULL, NULL, NULL, NULL, 0, &here.step, 1, 1.0) == 0);
    CHECK(quell_linear_apply_f32(NULL, NULL, NULL, 0, &here.linear) == 0);
    CHECK(quell_normal_f32(NULL, 0, 1, 2, 3, 4) == 0);
    CHECK(quell_normal_batch_f32(NULL, 0, NULL, 0, 0, 0) == 0);
    CHECK(quell_clip_f32(NULL, 0, 1.0) == 0);
    CHECK(quell_classifier_free_f32(NULL, NULL, 0, 2.0) == 0);
    CHECK(memcmp(&before, &here, sizeof here) == 0);
}

/* What is written stays within its length: the guards, and all other buffers, hold what they held. */
static void bounds(void)
{
    reset();
    memcpy(&before, &here, sizeof here);
    CHECK(APPLY == 0);
    CHECK(memcmp(here.x_f32, before.x_f32, N * sizeof(float)) != 0);
    memcpy(before.x_f32, here.x_f32, N * sizeof(float));
    memcpy(before.history_f32, here.history_f32, N * sizeof(float));
    memcpy(before.input_f32, here.input_f32, N * sizeof(float));
    CHECK(memcmp(&before, &here, sizeof here) == 0);
}

static void statuses(void)
{
    CHECK(quell_status_cause(0) == QUELL_CAUSE_NONE && quell_status_argument(0) == 0);
    CHECK(strcmp(quell_status_argument_str(0), "") == 0 && strcmp(quell_status_str(0), "success") == 0);
    CHECK(quell_status_cause(1) == -1 && quell_status_cause(INT32_MIN) == -1 && quell_status_cause(-256 * 9) == -1);
    CHECK(strlen(quell_status_str(INT32_MIN)) > 0 && strcmp(quell_status_argument_str(INT32_MIN), "") == 0);
    for (quell_status cause = QUELL_CAUSE_LENGTH; cause <= QUELL_CAUSE_OVERLAP; ++cause) {
        CHECK(quell_status_cause(-(256 * cause + 3)) == cause && quell_status_argument(-(256 * cause + 3)) == 3);
        CHECK(strlen(quell_status_str(-256 * cause)) > 0);
    }
    CHECK(strcmp(quell_version(), QUELL_VERSION) == 0);
    CHECK(quell_history_len(3, SIZE_MAX) == SIZE_MAX && quell_history_len(3, 5) == 15 && quell_history_len(0, 5) == 0);
    CHECK(QUELL_HISTORY_LEN(3, 5) == quell_history_len(3, 5));
    CHECK(QUELL_PAIRS_LEN(7) == quell_pairs_len(7) && QUELL_PAIRS_LEN(8) == quell_pairs_len(8));
    CHECK(QUELL_MONOTONE_SCRATCH_LEN(7) == quell_monotone_scratch_len(7));
    CHECK(QUELL_PARENTS_LEN(3, 7) == quell_parents_len(3, 7));
    CHECK(QUELL_SHORTEST_PATHS_SCRATCH_LEN(3, 7) == quell_shortest_paths_scratch_len(3, 7));
    CHECK(QUELL_DISPLACEMENT_SCRATCH_LEN(7) == quell_displacement_scratch_len(7));
    CHECK(QUELL_TABLE_ENCODED_LEN(7, 7) == quell_table_encoded_len(QUELL_TABLE_KIND_MMSE, 7));
    CHECK(QUELL_TABLE_ENCODED_LEN(7, QUELL_PAIRS_LEN(7)) == quell_table_encoded_len(QUELL_TABLE_KIND_PAIRS, 7));
    CHECK(quell_pairs_len(SIZE_MAX) == SIZE_MAX && quell_table_encoded_len(6, 7) == SIZE_MAX);
    CHECK(QUELL_VERSION_NUMBER == QUELL_VERSION_MAJOR * 1000000L + QUELL_VERSION_MINOR * 1000L + QUELL_VERSION_PATCH);
}

int main(void)
{
    pass();
    transformations();
    processes();
    schedules();
    solvers();
    draws();
    tables();
    nothing();
    bounds();
    statuses();
    return check_result("contract");
}
