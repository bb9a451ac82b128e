/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/**
 * @file contract.h
 *
 * How the C programs make wrong calls: REFUSED() checks that a call is refused with the right cause and argument and
 * that nothing is written; SPOILT() spoils one thing before.
 *
 * All memory that a call could reach lies in one struct, which is compared with a copy from before the call.
 */
#ifndef QUELL_TESTS_CONTRACT_H
#define QUELL_TESTS_CONTRACT_H

#include "check.h"

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

#define LENGTH(array) (sizeof(array) / sizeof *(array))

#endif
