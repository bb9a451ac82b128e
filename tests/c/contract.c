/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Wrong calls from C: each is refused with the right cause and argument, and nothing is written.
 *
 * All memory that a call could reach lies in one struct, which is compared with a copy from before the call.
 */
#include "check.h"

#include <float.h>
#include <math.h>
#include <quell.h>
#include <string.h>

enum { N = 12, STEPS = 4, GUARD = 4, LEVELS = 3, CELLS = 6, CLUSTERS = 2, TRIALS = 3, HEIGHT = 3, WIDTH = 4 };

/* One buffer of each type for each role, with room behind it that no call may touch. */
#define BUFFERS(TYPE, SUFFIX)                                                                                   \
    TYPE x_##SUFFIX[N + GUARD], history_##SUFFIX[N + GUARD], input_##SUFFIX[N + GUARD], out_##SUFFIX[N + GUARD], \
        model_##SUFFIX[N + GUARD], noise_##SUFFIX[N + GUARD]

struct memory {
    BUFFERS(float, f32);
    BUFFERS(double, f64);
    BUFFERS(uint16_t, f16);
    struct quell_inputs_f32 inputs;
    struct quell_process process;
    struct quell_schedule schedule;
    struct quell_level levels[STEPS + 1], level;
    struct quell_step step, step_out;
    struct quell_linear linear;
    struct quell_table_row table[QUELL_ROWS];
    struct quell_dpmpp_2m dpmpp_2m;
    struct quell_unipc unipc;
    struct quell_er_sde er_sde;
    struct quell_ddim ddim;
    struct quell_moments moments[QUELL_PAIRS_LEN(LEVELS)], other[QUELL_PAIRS_LEN(LEVELS)];
    struct quell_draw draw;
    struct quell_sde_dpmpp_2m sde_dpmpp_2m;
    double grid[LEVELS], mmse[LEVELS], information[LEVELS], costs[QUELL_PAIRS_LEN(LEVELS)], totals[2], scratch[N];
    uint32_t parents[QUELL_PARENTS_LEN(2, LEVELS)], indices[LEVELS];
    unsigned char bytes[QUELL_TABLE_ENCODED_LEN(LEVELS, LEVELS)];
    double sigmas[STEPS + 1], alpha_bars[N], betas[N];
    uint64_t seeds[2];
    size_t number;
    uint32_t words[4], key[2];
    struct quell_kmeans kmeans;
    struct quell_kmeans_fit fit;
    struct quell_offset_pass passes[2];
    struct quell_layout layout;
    struct quell_difference_size size;
    struct quell_blur blur;
    struct quell_readout readout;
    struct quell_readout_progress progress;
    struct quell_fold_f32_u8 fold;
    double centres[2 * CLUSTERS], uniforms[QUELL_KMEANS_UNIFORMS_LEN(CLUSTERS, 1, TRIALS)];
    double kmeans_scratch[QUELL_KMEANS_SCRATCH_LEN(CELLS, 2, CLUSTERS, 1, TRIALS)];
    float singles[QUELL_KMEANS_SINGLES_LEN(CELLS, 2, CLUSTERS)];
    float best[N + GUARD], second[N + GUARD], rows[QUELL_READOUT_STATE_LEN(HEIGHT, WIDTH, 4)];
    unsigned char cells[CELLS], labels[N + GUARD], minus[N + GUARD], plus[N + GUARD];
    struct quell_grid image;
    struct quell_joint_bilateral bilateral;
    struct quell_guided guided;
    struct quell_iou_summary summary;
    struct quell_boundaries boundaries;
    float coarse_guide[CELLS], wide_f32[16 * N], narrow_f32[8 * N];
    double statistics[2 * N], wide_f64[16 * N], iou[CLUSTERS];
    size_t dilations[2];
    uint64_t confusion[CLUSTERS * CLUSTERS];
    uint32_t class_of[CLUSTERS], components[N], numbers[QUELL_REMOVE_SMALL_SCRATCH_LEN(HEIGHT, WIDTH)];
};

static struct memory here, before;

/* Everything valid: each test spoils one thing. */
static void reset(void)
{
    memset(&here, 0, sizeof here);
    for (size_t i = 0; i < N + GUARD; ++i) {
        here.x_f32[i] = here.history_f32[i] = here.input_f32[i] = here.out_f32[i] = 0.5f + (float)i;
        here.model_f32[i] = here.noise_f32[i] = 0.25f;
        here.x_f64[i] = here.model_f64[i] = 0.5;
        here.x_f16[i] = here.model_f16[i] = 0x3c00;
    }
    here.process.kind = QUELL_PROCESS_KIND_EDM;
    here.process.sigma_data = 0.5;
    here.schedule.process = here.process;
    here.schedule.prediction.kind = QUELL_PREDICTION_KIND_EDM;
    here.schedule.prediction.sigma_data = 0.5;
    here.schedule.levels = here.levels;
    here.schedule.levels_len = STEPS + 1;
    for (size_t i = 0; i < N; ++i)
        here.betas[i] = 0.1, here.alpha_bars[i] = 0.9 - 0.05 * (double)i;
    CHECK(quell_sigmas_karras(here.sigmas, STEPS + 1, 0.1, 10.0, 7.0, QUELL_LAST_ZERO) == 0);
    CHECK(quell_levels_from_sigmas(here.levels, STEPS + 1, &here.process, here.sigmas, STEPS + 1) == 0);
    CHECK(quell_dpmpp_2m_default(&here.dpmpp_2m) == 0);
    CHECK(quell_unipc_default(&here.unipc) == 0);
    CHECK(quell_er_sde_default(&here.er_sde) == 0);
    CHECK(quell_ddim_default(&here.ddim) == 0);
    CHECK(quell_sde_dpmpp_2m_default(&here.sde_dpmpp_2m) == 0);
    for (size_t i = 0; i < LEVELS; ++i)
        here.grid[i] = 4.0 / (double)(i * i + 1), here.mmse[i] = 1.0 / (double)(i + 1);
    for (size_t i = 0; i < QUELL_PAIRS_LEN(LEVELS); ++i)
        here.moments[i].count = here.other[i].count = 2, here.moments[i].mean = here.costs[i] = 1.0 + (double)i;
    here.draw.from = 2.0, here.draw.sigma = 1.0, here.draw.weight = 1.0;
    CHECK(quell_information_from_mmse(here.information, here.grid, here.mmse, LEVELS) == 0);
    CHECK(quell_table_encode(here.bytes, sizeof here.bytes, here.moments, LEVELS, here.grid, LEVELS, QUELL_TABLE_KIND_MMSE)
          == 0);
    CHECK(quell_dpmpp_2m_step(&here.step, &here.dpmpp_2m, &here.schedule, 1) == 0);
    here.level = here.levels[0];
    here.linear.x = 1.0;
    here.inputs.model = here.model_f32;
    here.seeds[0] = 1, here.seeds[1] = 2;
    CHECK(quell_kmeans_default(&here.kmeans, CLUSTERS) == 0);
    here.kmeans.trials = TRIALS;
    for (size_t i = 0; i < sizeof here.uniforms / sizeof *here.uniforms; ++i)
        here.uniforms[i] = 0.25 * (double)i;
    for (size_t i = 0; i < CELLS; ++i)
        here.cells[i] = (unsigned char)(i % 2);
    for (size_t i = 0; i < N; ++i)
        here.minus[i] = (unsigned char)(5 * i), here.plus[i] = (unsigned char)(i * i);
    CHECK(quell_offset_passes(here.passes, 2, 0, 2.0, 0) == 0);
    CHECK(quell_layout_interleaved(&here.layout, 1, HEIGHT, WIDTH) == 0);
    CHECK(quell_blur_default(&here.blur, 1.0) == 0);
    CHECK(quell_readout_default(&here.readout, 1, HEIGHT, WIDTH, 1.0) == 0);
    CHECK(quell_readout_start(&here.progress, 3) == 0);
    here.fold.best = here.best, here.fold.labels = here.labels, here.fold.second = here.second;
    here.fold.pixels = N;
    CHECK(quell_fold_reset_f32_u8(&here.fold) == 0);
    here.image.rows = 2, here.image.columns = 3, here.image.height = HEIGHT, here.image.width = WIDTH;
    here.bilateral.sigma_space = 0.5, here.bilateral.sigma_range = 20.0, here.bilateral.radius = 1;
    here.guided.radius = 1, here.guided.epsilon = 1.0;
    here.dilations[0] = 1, here.dilations[1] = 2;
}

static quell_status observed;

/* The call fails with this cause and this argument, and leaves all memory as it was. */
#define REFUSED(call, expected_cause, expected_argument)                                          \
    do {                                                                                          \
        memcpy(&before, &here, sizeof here);                                                      \
        observed = (call);                                                                        \
        CHECK(observed < 0 && quell_status_cause(observed) == (expected_cause));                  \
        CHECK(strcmp(quell_status_argument_str(observed), (expected_argument)) == 0);             \
        CHECK(memcmp(&before, &here, sizeof here) == 0);                                          \
        if (quell_status_cause(observed) != (expected_cause)                                      \
            || strcmp(quell_status_argument_str(observed), (expected_argument)) != 0)             \
            printf("  got %s: %s\n", quell_status_argument_str(observed), quell_status_str(observed)); \
        reset();                                                                                  \
    } while (0)

/* One thing is spoilt, then the call is refused. */
#define SPOILT(change, call, cause, argument) \
    do {                                      \
        change;                               \
        REFUSED(call, cause, argument);       \
    } while (0)

/* A pointer that is not aligned for its type. */
#define ASKEW(type, pointer) ((type *)(void *)((char *)(pointer) + 1))

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

#define LENGTH(array) (sizeof(array) / sizeof *(array))
#define KMEANS(fit, cells, features, dimension)                                                                     \
    quell_kmeans_f32_u8(fit, here.centres, 2 * CLUSTERS, cells, CELLS, here.kmeans_scratch, LENGTH(here.kmeans_scratch), \
                        here.singles, LENGTH(here.singles), features, 2 * CELLS, here.uniforms,                     \
                        LENGTH(here.uniforms), &here.kmeans, dimension)
#define OFFSET(h, length, channels)                                                                                 \
    quell_offset_cells_f32_u8(h, length, here.cells, CELLS, here.passes, 2, channels)
#define PUSH(scratch_len)                                                                                           \
    quell_readout_push_rows_u8_u8(&here.progress, &here.fold, here.rows, scratch_len, here.minus, N, here.plus, N,  \
                                  &here.layout, &here.readout)
#define BLUR(length) quell_blur_f32(here.x_f32, length, here.rows, LENGTH(here.rows), &here.blur, HEIGHT, WIDTH)
#define INVERT(noise)                                                                                               \
    quell_invert_f32(here.x_f32, N, here.history_f32, N, noise, here.input_f32, &here.inputs, &here.step)

static void masks(void)
{
    /* Two clusters of three numbers each, apart in the first coordinate. */
    reset();
    for (size_t i = 0; i < 2 * CELLS; ++i)
        here.x_f32[i] = i % 2 == 0 ? (float)(i / 2 % 2 * 10) + 0.1f * (float)i : 1.0f;
    CHECK(KMEANS(&here.fit, here.cells, here.x_f32, 2) == 0 && here.fit.inertia > 0.0 && here.fit.inertia < 2.0);
    CHECK(here.cells[0] != here.cells[1] && here.cells[0] == here.cells[2] && here.cells[1] == here.cells[5]);
    /* A cell that is not in the mask stays. */
    memcpy(&before, &here, sizeof here);
    CHECK(OFFSET(here.x_f32, N, QUELL_CHANNELS_LAST) == 0);
    for (size_t i = 0; i < N; ++i) {
        const float offset = here.cells[i % CELLS] != 0 ? 0.0f : i < CELLS ? -2.0f : 2.0f;
        CHECK(fabsf(here.x_f32[i] - before.x_f32[i] - offset) < 1e-5f);
    }
    /* A read-out in two portions is that of the whole images. */
    reset();
    CHECK(PUSH(LENGTH(here.rows)) == 0 && here.progress.rows == HEIGHT && here.labels[0] == 3 && here.best[0] > 0.0f);
    memcpy(&before, &here, sizeof here);
    CHECK(quell_fold_reset_f32_u8(&here.fold) == 0 && quell_readout_start(&here.progress, 3) == 0);
    here.layout.height = 2;
    CHECK(PUSH(LENGTH(here.rows)) == 0 && here.progress.rows == 2);
    here.layout.height = 1;
    CHECK(quell_readout_push_rows_u8_u8(&here.progress, &here.fold, here.rows, LENGTH(here.rows), here.minus + 2 * WIDTH,
                                        WIDTH, here.plus + 2 * WIDTH, WIDTH, &here.layout, &here.readout)
          == 0);
    CHECK(memcmp(here.best, before.best, sizeof here.best) == 0 && memcmp(here.labels, before.labels, N) == 0);
    /* The draw that leads from a state to another. */
    reset();
    here.step.rows[0].noise = 0.5;
    memcpy(&before, &here, sizeof here);
    CHECK(INVERT(here.noise_f32) == 0);
    for (size_t i = 0; i < N; ++i)
        CHECK(fabsf(here.x_f32[i] - before.noise_f32[i]) < 1e-5f);
    reset();

    REFUSED(KMEANS(NULL, here.cells, here.x_f32, 2), QUELL_CAUSE_NULL, "out");
    REFUSED(KMEANS(&here.fit, NULL, here.x_f32, 2), QUELL_CAUSE_NULL, "labels");
    REFUSED(KMEANS(&here.fit, here.cells, ASKEW(const float, here.x_f32), 2), QUELL_CAUSE_MISALIGNED, "features");
    REFUSED(KMEANS(&here.fit, here.cells, here.x_f32, 0), QUELL_CAUSE_DOMAIN, "dimension");
    REFUSED(KMEANS(&here.fit, here.cells, here.x_f32, 5), QUELL_CAUSE_LENGTH, "features");
    REFUSED(KMEANS(&here.fit, (unsigned char *)here.singles, here.x_f32, 2), QUELL_CAUSE_OVERLAP, "labels");
    SPOILT(here.x_f32[3] = NAN, KMEANS(&here.fit, here.cells, here.x_f32, 2), QUELL_CAUSE_DOMAIN, "features");
    SPOILT(here.uniforms[1] = 1.0, KMEANS(&here.fit, here.cells, here.x_f32, 2), QUELL_CAUSE_DOMAIN, "uniforms");
    SPOILT(here.kmeans.clusters = CELLS + 1, KMEANS(&here.fit, here.cells, here.x_f32, 2), QUELL_CAUSE_DOMAIN, "clusters");
    SPOILT(here.kmeans.clusters = 0, KMEANS(&here.fit, here.cells, here.x_f32, 2), QUELL_CAUSE_DOMAIN, "clusters");
    SPOILT(here.kmeans.tolerance = NAN, KMEANS(&here.fit, here.cells, here.x_f32, 2), QUELL_CAUSE_DOMAIN, "tolerance");
    REFUSED(OFFSET(here.x_f32, N - 1, QUELL_CHANNELS_LAST), QUELL_CAUSE_LENGTH, "h");
    REFUSED(OFFSET(here.x_f32, N, 2), QUELL_CAUSE_UNKNOWN, "channels");
    REFUSED(OFFSET((float *)(void *)here.passes, CELLS, QUELL_CHANNELS_FIRST), QUELL_CAUSE_OVERLAP, "h");
    SPOILT(here.passes[1].offset = INFINITY, OFFSET(here.x_f32, N, QUELL_CHANNELS_FIRST), QUELL_CAUSE_DOMAIN, "passes");
    SPOILT(here.passes[0].label = 256, OFFSET(here.x_f32, N, QUELL_CHANNELS_FIRST), QUELL_CAUSE_DOMAIN, "label");
    REFUSED(quell_offset_passes(here.passes, 2, 0, 1.0, 1), QUELL_CAUSE_LENGTH, "passes");
    REFUSED(quell_difference_map_u8(here.best, N - 1, here.minus, N, here.plus, N, &here.layout, QUELL_NORM_EUCLIDEAN),
            QUELL_CAUSE_LENGTH, "map");
    REFUSED(quell_difference_map_u8(here.best, N, here.minus, N, here.plus, N - 1, &here.layout, QUELL_NORM_EUCLIDEAN),
            QUELL_CAUSE_TOO_SHORT, "plus");
    REFUSED(quell_difference_map_u8(here.best, N, here.minus, N, here.plus, N, &here.layout, 3), QUELL_CAUSE_UNKNOWN,
            "norm");
    SPOILT(here.layout.row_stride = SIZE_MAX,
           quell_difference_map_u8(here.best, N, here.minus, N, here.plus, N, &here.layout, QUELL_NORM_EUCLIDEAN),
           QUELL_CAUSE_TOO_SHORT, "minus");
    REFUSED(quell_difference_size_add_f32(NULL, here.best, N), QUELL_CAUSE_NULL, "size");
    REFUSED(BLUR(N - 1), QUELL_CAUSE_LENGTH, "map");
    SPOILT(here.blur.sigma_x = -1.0, BLUR(N), QUELL_CAUSE_DOMAIN, "sigma");
    SPOILT(here.blur.boundary = 5, BLUR(N), QUELL_CAUSE_UNKNOWN, "boundary");
    SPOILT(here.blur.radius_y = SIZE_MAX, BLUR(N), QUELL_CAUSE_TOO_SHORT, "scratch");
    REFUSED(quell_blur_truncated(&here.blur, 1.0, NAN, QUELL_BOUNDARY_WRAP), QUELL_CAUSE_DOMAIN, "truncate");
    REFUSED(PUSH(LENGTH(here.rows) - 1), QUELL_CAUSE_TOO_SHORT, "state");
    SPOILT(here.progress.label = 256, PUSH(LENGTH(here.rows)), QUELL_CAUSE_DOMAIN, "label");
    SPOILT(here.progress.rows = 1, PUSH(LENGTH(here.rows)), QUELL_CAUSE_DOMAIN, "height");
    SPOILT(here.progress.divisor = 0.0, PUSH(LENGTH(here.rows)), QUELL_CAUSE_DOMAIN, "divisor");
    SPOILT(here.layout.width = 1, PUSH(LENGTH(here.rows)), QUELL_CAUSE_LENGTH, "width");
    SPOILT(here.readout.filtered = 2, PUSH(LENGTH(here.rows)), QUELL_CAUSE_UNKNOWN, "filtered");
    SPOILT(here.fold.pixels = N - 1, PUSH(LENGTH(here.rows)), QUELL_CAUSE_LENGTH, "best");
    SPOILT(here.fold.best = here.second + 1, PUSH(LENGTH(here.rows)), QUELL_CAUSE_OVERLAP, "best");
    SPOILT(here.fold.labels = NULL, PUSH(LENGTH(here.rows)), QUELL_CAUSE_NULL, "labels");
    SPOILT(here.fold.second = here.rows, PUSH(LENGTH(here.rows)), QUELL_CAUSE_OVERLAP, "state");
    REFUSED(INVERT(here.noise_f32), QUELL_CAUSE_DOMAIN, "step");
    SPOILT(here.step.rows[0].noise = 0.5, INVERT(here.x_f32), QUELL_CAUSE_OVERLAP, "noise");
    SPOILT((here.step.rows[0].noise = 0.5, here.inputs.mask = here.out_f32, here.inputs.mask_len = N),
           INVERT(here.noise_f32), QUELL_CAUSE_LENGTH, "mask");
}

#define INTERPOLATE(how)                                                                                            \
    quell_interpolate_labels_f32_u8(&here.fold, here.wide_f32, LENGTH(here.wide_f32), here.cells, CELLS, &here.image, \
                                    CLUSTERS, how)
#define BILATERAL                                                                                                   \
    quell_joint_bilateral_labels_u8_u8(&here.fold, here.wide_f32, LENGTH(here.wide_f32), here.cells, CELLS, here.minus, \
                                       N, &here.layout, here.coarse_guide, CELLS, &here.image, &here.bilateral, CLUSTERS)
#define GUIDED(scratch_len)                                                                                         \
    quell_guided_labels_u8_u8(&here.fold, here.wide_f32, WIDTH, here.wide_f64, scratch_len, here.cells, CELLS,      \
                              here.minus, N, &here.layout, here.statistics, LENGTH(here.statistics), &here.image,   \
                              &here.guided, CLUSTERS, QUELL_INTERPOLATION_BILINEAR)
#define PAMR_WEIGHTS(dilations_len)                                                                                 \
    quell_pamr_weights_u8_f32(here.wide_f32, 16 * N, here.narrow_f32, 8 * N, here.minus, N, &here.layout,          \
                              here.dilations, dilations_len, &here.image)
#define PAMR(interpolation)                                                                                         \
    quell_pamr_labels_f32_u8(&here.fold, here.model_f32, 16, here.cells, CELLS, here.wide_f32, 16 * N,              \
                             here.dilations, 2, &here.image, CLUSTERS, interpolation, 3)
#define MIX(cells_len)                                                                                              \
    quell_mix_labels_f32_u8(&here.fold, here.rows, CELLS + 2, here.cells, cells_len, here.wide_f32, 2 * CELLS,      \
                            CLUSTERS, CELLS, 5, 2)

/* The upper cells are one mask and the lower ones another, and so are the pixels. */
static int divided(void)
{
    for (size_t i = 0; i < WIDTH; ++i)
        if (here.labels[i] != 0 || here.labels[N - 1 - i] != 1)
            return 0;
    return quell_fold_reset_f32_u8(&here.fold) == 0;
}

static void upsamplers(void)
{
    reset();
    for (size_t i = 0; i < CELLS; ++i)
        here.cells[i] = i >= CELLS / 2;
    for (size_t i = 0; i < N; ++i)
        here.minus[i] = (unsigned char)(i < N / 2 ? 10 + i : 200 + i);
    CHECK(INTERPOLATE(QUELL_INTERPOLATION_NEAREST) == 0 && divided());
    CHECK(quell_joint_bilateral_coarse_guide_u8(here.coarse_guide, CELLS, here.minus, N, &here.layout, &here.image) == 0);
    CHECK(here.coarse_guide[0] >= 10.0f && here.coarse_guide[CELLS - 1] > here.coarse_guide[0]);
    CHECK(BILATERAL == 0 && divided());
    CHECK(quell_guided_statistics_u8(here.statistics, LENGTH(here.statistics), here.wide_f64, LENGTH(here.wide_f64),
                                     here.minus, N, &here.layout, &here.image, &here.guided)
          == 0);
    CHECK(GUIDED(LENGTH(here.wide_f64)) == 0 && divided());
    CHECK(quell_pamr_weights_len(HEIGHT, WIDTH, 2) == 16 * N && quell_pamr_weights_scratch_len(WIDTH, 2) <= 8 * N);
    CHECK(PAMR_WEIGHTS(2) == 0);
    CHECK(quell_pamr_labels_f32_u8(&here.fold, here.rows, 2 * N, here.cells, CELLS, here.wide_f32, 16 * N, here.dilations,
                                   2, &here.image, CLUSTERS, QUELL_INTERPOLATION_BILINEAR_CORNERS, 3)
              == 0
          && divided());
    for (size_t i = 0; i < CELLS; ++i)
        here.wide_f32[i] = here.wide_f32[2 * CELLS - 1 - i] = (float)(i * i);
    CHECK(MIX(CELLS) == 0 && here.labels[5] == 1 && here.labels[6] == 0 && here.labels[7] == 0);

    REFUSED(INTERPOLATE(3), QUELL_CAUSE_UNKNOWN, "interpolation");
    SPOILT(here.cells[2] = CLUSTERS, INTERPOLATE(QUELL_INTERPOLATION_NEAREST), QUELL_CAUSE_DOMAIN, "coarse");
    here.cells[2] = 0;
    SPOILT(here.image.rows = 0, INTERPOLATE(QUELL_INTERPOLATION_NEAREST), QUELL_CAUSE_DOMAIN, "rows");
    SPOILT(here.image.rows = 3, INTERPOLATE(QUELL_INTERPOLATION_NEAREST), QUELL_CAUSE_LENGTH, "coarse");
    here.image.rows = 2;
    SPOILT(here.fold.moment = here.second, INTERPOLATE(QUELL_INTERPOLATION_NEAREST), QUELL_CAUSE_NULL, "sum");
    SPOILT(here.fold.sum = here.wide_f32, INTERPOLATE(QUELL_INTERPOLATION_NEAREST), QUELL_CAUSE_OVERLAP, "scratch");
    here.fold.sum = here.fold.moment = NULL;
    SPOILT(here.bilateral.sigma_range = 0.0, BILATERAL, QUELL_CAUSE_DOMAIN, "sigma_range");
    SPOILT(here.layout.height = 2, BILATERAL, QUELL_CAUSE_LENGTH, "height");
    here.layout.height = HEIGHT;
    REFUSED(GUIDED(4), QUELL_CAUSE_TOO_SHORT, "scratch");
    SPOILT(here.guided.epsilon = NAN, GUIDED(LENGTH(here.wide_f64)), QUELL_CAUSE_DOMAIN, "epsilon");
    SPOILT(here.layout.channels = 2, PAMR_WEIGHTS(2), QUELL_CAUSE_TOO_SHORT, "guide");
    here.layout.channels = 1;
    REFUSED(PAMR_WEIGHTS(1), QUELL_CAUSE_LENGTH, "weights");
    REFUSED(PAMR(QUELL_INTERPOLATION_BILINEAR), QUELL_CAUSE_TOO_SHORT, "scratch");
    REFUSED(PAMR(-1), QUELL_CAUSE_UNKNOWN, "interpolation");
    REFUSED(MIX(CELLS - 1), QUELL_CAUSE_LENGTH, "coarse");
    SPOILT(here.fold.pixels = 6, MIX(CELLS), QUELL_CAUSE_TOO_SHORT, "best");
}

#define MATCH(scratch_len)                                                                                          \
    quell_assignment_match_clusters(here.class_of, CLUSTERS, here.wide_f64, scratch_len, here.numbers,              \
                                    LENGTH(here.numbers), here.confusion, CLUSTERS * CLUSTERS, CLUSTERS)
#define COUNT(ignore)                                                                                               \
    quell_confusion_count_u8_u8(here.confusion, CLUSTERS * CLUSTERS, here.plus, here.labels, N, CLUSTERS, CLUSTERS, ignore)
#define EMBEDDINGS(dimension)                                                                                       \
    quell_mask_embeddings_f32(here.centres, 2 * CLUSTERS, here.wide_f32, CLUSTERS * CELLS, here.x_f32, 2 * CELLS,   \
                              CLUSTERS, dimension)

static void scores(void)
{
    reset();
    /* Labels that are the other way round but for one pixel, which is a component of its own. */
    for (size_t i = 0; i < N; ++i)
        here.plus[i] = i >= N / 2, here.labels[i] = i < N / 2;
    here.labels[N - 1] = 1, here.plus[0] = 255;
    CHECK(COUNT(255) == 0 && here.confusion[1] == 5 && here.confusion[2] == 5 && here.confusion[3] == 1);
    CHECK(MATCH(QUELL_ASSIGNMENT_SCRATCH_LEN(CLUSTERS, CLUSTERS)) == 0 && here.class_of[0] == 1 && here.class_of[1] == 0);
    CHECK(quell_iou(&here.summary, here.iou, CLUSTERS, here.confusion, CLUSTERS * CLUSTERS, here.class_of, CLUSTERS) == 0);
    CHECK(here.summary.pixels == 11 && here.summary.accuracy * 11.0 == 10.0 && here.iou[0] * 6.0 == 5.0);
    CHECK(quell_components_u8(&here.number, here.components, here.labels, N, HEIGHT, WIDTH, QUELL_CONNECTIVITY_FOUR) == 0);
    CHECK(here.number == 3 && here.components[N - 1] == 2);
    CHECK(quell_boundaries_count_u8_u8(&here.boundaries, here.numbers, QUELL_BOUNDARIES_SCRATCH_LEN(HEIGHT, WIDTH), here.plus,
                                       here.labels, N, HEIGHT, WIDTH, 255, 0.0)
          == 0);
    CHECK(here.boundaries.truth_found <= here.boundaries.truth && here.boundaries.labels > here.boundaries.labels_found);
    CHECK(quell_remove_small_u8(&here.number, here.labels, N, here.numbers, LENGTH(here.numbers), HEIGHT, WIDTH,
                                QUELL_CONNECTIVITY_FOUR, 2)
          == 0);
    CHECK(here.number == 1 && here.labels[N - 1] == 0);
    CHECK(quell_cell_weights_f32_u8(here.wide_f32, CLUSTERS * CELLS, here.labels, N, &here.image, CLUSTERS,
                                    QUELL_INTERPOLATION_NEAREST)
          == 0);
    CHECK(EMBEDDINGS(2) == 0 && here.centres[0] > here.centres[2]);

    REFUSED(COUNT(SIZE_MAX), QUELL_CAUSE_DOMAIN, "truth");
    REFUSED(MATCH(QUELL_ASSIGNMENT_SCRATCH_LEN(CLUSTERS, CLUSTERS) - 1), QUELL_CAUSE_TOO_SHORT, "scratch");
    SPOILT(here.class_of[0] = 7,
           quell_iou(&here.summary, here.iou, CLUSTERS, here.confusion, CLUSTERS * CLUSTERS, here.class_of, CLUSTERS),
           QUELL_CAUSE_DOMAIN, "class_of");
    REFUSED(quell_components_u8(&here.number, here.components, here.labels, N, HEIGHT, WIDTH, 6), QUELL_CAUSE_UNKNOWN,
            "connectivity");
    REFUSED(quell_components_u8((size_t *)(void *)here.components, here.components, here.labels, N, HEIGHT, WIDTH,
                                QUELL_CONNECTIVITY_FOUR),
            QUELL_CAUSE_OVERLAP, "out");
    REFUSED(quell_remove_small_u8(&here.number, here.labels, N, here.numbers, LENGTH(here.numbers) - 1, HEIGHT, WIDTH,
                                  QUELL_CONNECTIVITY_FOUR, 2),
            QUELL_CAUSE_TOO_SHORT, "scratch");
    REFUSED(quell_boundaries_f(NULL, &here.boundaries), QUELL_CAUSE_NULL, "out");
    REFUSED(EMBEDDINGS(0), QUELL_CAUSE_DOMAIN, "dimension");
    REFUSED(EMBEDDINGS(5), QUELL_CAUSE_LENGTH, "features");
    SPOILT(here.wide_f32[1] = -1.0f, EMBEDDINGS(2), QUELL_CAUSE_DOMAIN, "weights");
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
    CHECK(QUELL_KMEANS_UNIFORMS_LEN(30, 10, 5) == quell_kmeans_uniforms_len(30, 10, 5));
    CHECK(QUELL_KMEANS_SCRATCH_LEN(256, 1280, 30, 10, 5) == quell_kmeans_scratch_len(256, 1280, 30, 10, 5));
    CHECK(QUELL_KMEANS_SCRATCH_LEN(99, 3, 30, 1, 1) == quell_kmeans_scratch_len(99, 3, 30, 1, 1));
    CHECK(QUELL_KMEANS_SCRATCH_LEN(1024, 3, 7, 2, 1) == quell_kmeans_scratch_len(1024, 3, 7, 2, 1));
    CHECK(QUELL_KMEANS_SCRATCH_LEN(1025, 3, 7, 2, 4) == quell_kmeans_scratch_len(1025, 3, 7, 2, 4));
    CHECK(QUELL_KMEANS_SINGLES_LEN(99, 5, 7) == quell_kmeans_singles_len(99, 5, 7));
    CHECK(QUELL_KMEANS_SINGLES_LEN(256, 1280, 30) == quell_kmeans_singles_len(256, 1280, 30));
    CHECK(QUELL_ASSIGNMENT_SCRATCH_LEN(3, 5) == quell_assignment_scratch_len(3, 5));
    CHECK(QUELL_ASSIGNMENT_SCRATCH_LEN(5, 3) == quell_assignment_scratch_len(5, 3));
    CHECK(QUELL_ASSIGNMENT_INDEX_SCRATCH_LEN(3, 5) == quell_assignment_index_scratch_len(3, 5));
    CHECK(QUELL_ASSIGNMENT_INDEX_SCRATCH_LEN(5, 3) == quell_assignment_index_scratch_len(5, 3));
    CHECK(QUELL_MIX_SCRATCH_LEN(7, 9) == quell_mix_scratch_len(7, 9));
    CHECK(QUELL_REMOVE_SMALL_SCRATCH_LEN(7, 9) == quell_remove_small_scratch_len(7, 9));
    CHECK(QUELL_BOUNDARIES_SCRATCH_LEN(7, 9) == quell_boundaries_scratch_len(7, 9));
    for (size_t height = 1; height < 40; height += 4) {
        size_t length;
        CHECK(quell_readout_default(&here.readout, 3, height, 50, 1.0) == 0);
        CHECK(quell_readout_state_len(&length, &here.readout) == 0);
        CHECK(QUELL_READOUT_STATE_LEN(height, 50, 4) == length);
    }
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
    masks();
    upsamplers();
    scores();
    nothing();
    bounds();
    statuses();
    return check_result("contract");
}
