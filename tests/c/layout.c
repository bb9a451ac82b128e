/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The structs of quell.h lie in memory as the library expects: sizes and offsets, most of them checked when this file is
 * compiled.
 *
 * The header is included twice on purpose.
 */
#include <quell.h>
#include <quell.h>

#include "check.h"

/* C99 has no _Static_assert: an array of negative size stands in for it. */
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#if defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define ASSERT(condition) _Static_assert(condition, #condition)
#else
#define ASSERT(condition) typedef char JOIN(assert_on_line_, __LINE__)[(condition) ? 1 : -1]
#endif

#define SIZE(type, size) ASSERT(sizeof(struct type) == (size))
#define FIELD(type, field, offset) ASSERT(offsetof(struct type, field) == (offset))

/* Structs without pointers are the same on every machine that aligns double to 8 bytes. */
SIZE(quell_level, 32);
FIELD(quell_level, alpha, 0);
FIELD(quell_level, sigma, 8);
FIELD(quell_level, input_scale, 16);
FIELD(quell_level, timestep, 24);

SIZE(quell_linear, 16);
FIELD(quell_linear, x, 0);
FIELD(quell_linear, model, 8);

SIZE(quell_prediction, 16);
FIELD(quell_prediction, kind, 0);
FIELD(quell_prediction, sigma_data, 8);

SIZE(quell_row, 32 + 8 * QUELL_SLOTS);
FIELD(quell_row, x, 0);
FIELD(quell_row, denoised, 8);
FIELD(quell_row, raw, 16);
FIELD(quell_row, noise, 24);
FIELD(quell_row, slots, 32);

SIZE(quell_table_row, 32 + 8 * QUELL_SLOTS);
FIELD(quell_table_row, x, 0);
FIELD(quell_table_row, model, 8);
FIELD(quell_table_row, denoised, 16);
FIELD(quell_table_row, noise, 24);
FIELD(quell_table_row, slots, 32);

#define AFTER_ROWS (80 + QUELL_ROWS * (32 + 8 * QUELL_SLOTS))
SIZE(quell_step, AFTER_ROWS + 40);
FIELD(quell_step, at, 0);
FIELD(quell_step, next, 32);
FIELD(quell_step, denoised, 64);
FIELD(quell_step, rows, 80);
FIELD(quell_step, destinations, AFTER_ROWS);
FIELD(quell_step, evaluate, AFTER_ROWS + 12);
FIELD(quell_step, noise_index, AFTER_ROWS + 16);
FIELD(quell_step, position, AFTER_ROWS + 20);
FIELD(quell_step, noise_from, AFTER_ROWS + 24);
FIELD(quell_step, noise_to, AFTER_ROWS + 32);
ASSERT(QUELL_ROWS == 3); /* the destinations above end where evaluate begins */

SIZE(quell_ddim, 16);
FIELD(quell_ddim, eta, 0);
FIELD(quell_ddim, use_clipped_model_output, 8);

SIZE(quell_euler_ancestral, 16);
FIELD(quell_euler_ancestral, eta, 0);
FIELD(quell_euler_ancestral, s_noise, 8);

SIZE(quell_heun, 32);
FIELD(quell_heun, s_churn, 0);
FIELD(quell_heun, s_tmin, 8);
FIELD(quell_heun, s_tmax, 16);
FIELD(quell_heun, s_noise, 24);

SIZE(quell_dpmpp_2m, 8);
FIELD(quell_dpmpp_2m, lower_order_final, 0);
FIELD(quell_dpmpp_2m, second_order, 4);

SIZE(quell_sde_dpmpp_2m, 24);
FIELD(quell_sde_dpmpp_2m, eta, 0);
FIELD(quell_sde_dpmpp_2m, s_noise, 8);
FIELD(quell_sde_dpmpp_2m, lower_order_final, 16);
FIELD(quell_sde_dpmpp_2m, second_order, 20);

SIZE(quell_unipc, 16);
FIELD(quell_unipc, order, 0);
FIELD(quell_unipc, b_function, 4);
FIELD(quell_unipc, skip_corrector, 8);
FIELD(quell_unipc, lower_order_final, 12);

SIZE(quell_er_sde, 32);
FIELD(quell_er_sde, order, 0);
FIELD(quell_er_sde, noise_scale, 4);
FIELD(quell_er_sde, s_noise, 8);
FIELD(quell_er_sde, noise_floor, 16);
FIELD(quell_er_sde, points, 24);

SIZE(quell_moments, 24);
FIELD(quell_moments, count, 0);
FIELD(quell_moments, mean, 8);
FIELD(quell_moments, squares, 16);

SIZE(quell_draw, 24);
FIELD(quell_draw, sigma, 0);
FIELD(quell_draw, from, 8);
FIELD(quell_draw, weight, 16);

SIZE(quell_output_law, 16);
FIELD(quell_output_law, variance, 0);
FIELD(quell_output_law, divergence, 8);

SIZE(quell_iou_summary, 32);
FIELD(quell_iou_summary, miou, 0);
FIELD(quell_iou_summary, accuracy, 8);
FIELD(quell_iou_summary, present, 16);
FIELD(quell_iou_summary, pixels, 24);

SIZE(quell_boundaries, 32);
FIELD(quell_boundaries, truth, 0);
FIELD(quell_boundaries, truth_found, 8);
FIELD(quell_boundaries, labels, 16);
FIELD(quell_boundaries, labels_found, 24);

SIZE(quell_difference_size, 24);
FIELD(quell_difference_size, max, 0);
FIELD(quell_difference_size, sum, 8);
FIELD(quell_difference_size, weight, 16);

/* Structs with pointers and sizes, in units of the pointer's size P: 4 or 8 bytes. */
#define P sizeof(void *)
ASSERT(sizeof(size_t) == P);

SIZE(quell_kmeans, 4 * P + 8);
FIELD(quell_kmeans, clusters, 0);
FIELD(quell_kmeans, restarts, P);
FIELD(quell_kmeans, trials, 2 * P);
FIELD(quell_kmeans, max_iterations, 3 * P);
FIELD(quell_kmeans, tolerance, 4 * P);

SIZE(quell_kmeans_fit, 8 + 2 * P);
FIELD(quell_kmeans_fit, inertia, 0);
FIELD(quell_kmeans_fit, iterations, 8);
FIELD(quell_kmeans_fit, restart, 8 + P);

SIZE(quell_offset_pass, 16);
FIELD(quell_offset_pass, label, 0);
FIELD(quell_offset_pass, offset, 8);

SIZE(quell_layout, 6 * P);
FIELD(quell_layout, channels, 0);
FIELD(quell_layout, height, P);
FIELD(quell_layout, width, 2 * P);
FIELD(quell_layout, channel_stride, 3 * P);
FIELD(quell_layout, row_stride, 4 * P);
FIELD(quell_layout, column_stride, 5 * P);

SIZE(quell_readout_progress, 24);
FIELD(quell_readout_progress, label, 0);
FIELD(quell_readout_progress, divisor, 8);
FIELD(quell_readout_progress, rows, 16);

SIZE(quell_blur, (20 + 2 * P + 7) / 8 * 8);
FIELD(quell_blur, sigma_y, 0);
FIELD(quell_blur, sigma_x, 8);
FIELD(quell_blur, radius_y, 16);
FIELD(quell_blur, radius_x, 16 + P);
FIELD(quell_blur, boundary, 16 + 2 * P);

/* The filter starts at a multiple of 8. */
#define READOUT_FILTER ((3 * P + 8 + 7) / 8 * 8)
SIZE(quell_readout, READOUT_FILTER + sizeof(struct quell_blur));
FIELD(quell_readout, channels, 0);
FIELD(quell_readout, height, P);
FIELD(quell_readout, width, 2 * P);
FIELD(quell_readout, norm, 3 * P);
FIELD(quell_readout, filtered, 3 * P + 4);
FIELD(quell_readout, filter, READOUT_FILTER);

SIZE(quell_grid, 4 * P);
FIELD(quell_grid, rows, 0);
FIELD(quell_grid, columns, P);
FIELD(quell_grid, height, 2 * P);
FIELD(quell_grid, width, 3 * P);

SIZE(quell_joint_bilateral, 24);
FIELD(quell_joint_bilateral, sigma_space, 0);
FIELD(quell_joint_bilateral, sigma_range, 8);
FIELD(quell_joint_bilateral, radius, 16);

SIZE(quell_guided, 16);
FIELD(quell_guided, radius, 0);
FIELD(quell_guided, epsilon, 8);

/* The kind takes as much as a pointer, as one follows it; the numbers start at a multiple of 8. */
#define PROCESS_REALS ((3 * P + 7) / 8 * 8)
SIZE(quell_process, PROCESS_REALS + 48);
FIELD(quell_process, kind, 0);
FIELD(quell_process, alpha_bars, P);
FIELD(quell_process, alpha_bars_len, 2 * P);
FIELD(quell_process, beta_min, PROCESS_REALS);
FIELD(quell_process, beta_d, PROCESS_REALS + 8);
FIELD(quell_process, offset, PROCESS_REALS + 16);
FIELD(quell_process, epsilon, PROCESS_REALS + 24);
FIELD(quell_process, sigma_data, PROCESS_REALS + 32);
FIELD(quell_process, time_scale, PROCESS_REALS + 40);

SIZE(quell_schedule, PROCESS_REALS + 48 + 16 + 2 * P);
FIELD(quell_schedule, process, 0);
FIELD(quell_schedule, prediction, PROCESS_REALS + 48);
FIELD(quell_schedule, levels, PROCESS_REALS + 64);
FIELD(quell_schedule, levels_len, PROCESS_REALS + 64 + P);

#define INPUTS(type)                                            \
    SIZE(type, 10 * P + 24);                                    \
    FIELD(type, model, 0);                                      \
    FIELD(type, unconditional, P);                              \
    FIELD(type, guidance, 2 * P);                               \
    FIELD(type, denoised, 2 * P + 8);                           \
    FIELD(type, noise, 3 * P + 8);                              \
    FIELD(type, seeds, 4 * P + 8);                              \
    FIELD(type, seeds_len, 5 * P + 8);                          \
    FIELD(type, stream, 6 * P + 8);                             \
    FIELD(type, known_stream, 6 * P + 12);                      \
    FIELD(type, first_element, 6 * P + 16);                     \
    FIELD(type, mask, 6 * P + 24);                              \
    FIELD(type, mask_len, 7 * P + 24);                          \
    FIELD(type, known, 8 * P + 24);                             \
    FIELD(type, known_noise, 9 * P + 24)

#define FOLD(type)                                              \
    SIZE(type, 6 * P + 8);                                      \
    FIELD(type, best, 0);                                       \
    FIELD(type, labels, P);                                     \
    FIELD(type, second, 2 * P);                                 \
    FIELD(type, sum, 3 * P);                                    \
    FIELD(type, moment, 4 * P);                                 \
    FIELD(type, pixels, 5 * P);                                 \
    FIELD(type, scale, 6 * P)

/* In C99 one line holds one assertion: these are checked when the program runs. */
#undef SIZE
#undef FIELD
#define SIZE(type, size) CHECK(sizeof(struct type) == (size))
#define FIELD(type, field, offset) CHECK(offsetof(struct type, field) == (offset))

int main(void)
{
    INPUTS(quell_inputs_f32);
    INPUTS(quell_inputs_f64);
    INPUTS(quell_inputs_f16);
    INPUTS(quell_inputs_bf16);
    INPUTS(quell_inputs_f32_f16);
    INPUTS(quell_inputs_f32_bf16);
    FOLD(quell_fold_f32_u8);
    FOLD(quell_fold_f32_u16);
    FOLD(quell_fold_f64_u8);
    FOLD(quell_fold_f64_u16);
    CHECK(sizeof(quell_status) == 4 && sizeof(quell_cause) == 4 && sizeof(quell_process_kind) == 4);
    return check_result("layout");
}
