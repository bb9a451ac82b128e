/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/**
 * @file quell.h
 *
 * quell: the numerics around a generative network. The host runs the network; quell makes the noise, the schedule
 * and the steps of a sampler, and reads masks off what a network does, over buffers that the host owns.
 *
 * Conventions, for every function:
 *
 * - It returns a quell_status: 0, or a negative number that holds the cause and the argument at fault; see
 *   quell_status_str() and quell_status_argument_str(). All checks come first: on failure nothing has been written.
 * - Arguments come in the order: outputs and buffers changed in place, inputs with their lengths, scalars.
 * - Lengths count elements, not bytes. A pointer may be NULL where its length is 0, and where its comment says so.
 * - A pointer must be aligned for its type, and what is written must overlap nothing else in the call. Both are
 *   checked; that the memory is there is not.
 * - NaN and infinity are errors in parameters, and in what a table takes; in the elements of x, model, noise and the
 *   like they follow IEEE 754.
 * - Enumerators are passed as int32_t. A number that names none of them is an error.
 * - Scratch is memory to work in, for one call unless its comment says otherwise: what it holds afterwards means
 *   nothing.
 * - 16-bit floats are passed as uint16_t bit patterns: binary16 in _f16, bfloat16 in _bf16. In names with two types
 *   the first is that of the state and the second that of the network's output; or the first is that of features,
 *   images or values and the second, _u8 or _u16, that of labels.
 * - Nothing is allocated and there is no state: calls on different buffers may run at the same time on any threads,
 *   and read the same inputs.
 *
 * Sampling N elements in 10 steps, where TRY stands for the host's check of a status:
 *
 * @code
 * quell_schedule schedule = {0};
 * schedule.process.kind = QUELL_PROCESS_KIND_EDM;
 * schedule.process.sigma_data = 0.5;
 * schedule.prediction.kind = QUELL_PREDICTION_KIND_EDM;
 * schedule.prediction.sigma_data = 0.5;
 * schedule.levels = levels;
 * schedule.levels_len = 11;
 * TRY(quell_sigmas_karras(sigmas, 11, 0.002, 80.0, 7.0, QUELL_LAST_ZERO));
 * TRY(quell_levels_from_sigmas(levels, 11, &schedule.process, sigmas, 11));
 * TRY(quell_dpmpp_2m_default(&options));
 * TRY(quell_dpmpp_2m_passes(&passes, &options, &schedule));
 * TRY(quell_step_initial_noise(&step, &levels[0]));
 * TRY(quell_apply_f32(x, N, history, N, input, &inputs, &step, 1));
 * for (i = 0; i < passes; i++) {
 *     TRY(quell_dpmpp_2m_step(&step, &options, &schedule, i));
 *     if (step.evaluate) network(output, input, step.at.timestep);
 *     TRY(quell_apply_f32(x, N, history, N, input, &inputs, &step, 1));
 * }
 * @endcode
 *
 * Here inputs is a quell_inputs_f32 with model = output, seeds = &seed and seeds_len = 1, else zeros, and history has
 * QUELL_HISTORY_LEN(QUELL_DPMPP_2M_SLOTS, N) elements.
 */


#ifndef QUELL_H
#define QUELL_H

/* Generated from the crate quell-ffi by its test header: do not edit. */

#include <stddef.h>
#include <stdint.h>

/** The version of this header; quell_version() gives that of the library. */
#define QUELL_VERSION "0.1.0"
#define QUELL_VERSION_MAJOR 0
#define QUELL_VERSION_MINOR 1
#define QUELL_VERSION_PATCH 0

/** The three in one number that grows from release to release, for #if. */
#define QUELL_VERSION_NUMBER (QUELL_VERSION_MAJOR * 1000000L + QUELL_VERSION_MINOR * 1000L + QUELL_VERSION_PATCH)

/** Warns where a result is dropped: a status that nobody looks at is an error that nobody sees. */
#if (defined(__cplusplus) && __cplusplus >= 201703L) || (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 202311L)
#define QUELL_MUST_USE [[nodiscard]]
#elif defined(__GNUC__)
#define QUELL_MUST_USE __attribute__((warn_unused_result))
#else
#define QUELL_MUST_USE
#endif

/**
 * quell_history_len() as a constant, for arrays of static length. For 0 slots there is no array: pass NULL and 0.
 */
#define QUELL_HISTORY_LEN(slots, n) ((size_t)(slots) * (size_t)(n))

/** quell_pairs_len() as a constant. */
#define QUELL_PAIRS_LEN(levels) ((size_t)(levels) * ((size_t)(levels) + 1) / 2)

/** quell_monotone_scratch_len() as a constant. */
#define QUELL_MONOTONE_SCRATCH_LEN(levels) ((size_t)(levels) * 2)

/** quell_parents_len() as a constant. */
#define QUELL_PARENTS_LEN(steps, points) ((size_t)(steps) * (size_t)(points))

/** quell_shortest_paths_scratch_len() as a constant. */
#define QUELL_SHORTEST_PATHS_SCRATCH_LEN(steps, points) ((size_t)(steps) * ((size_t)(points) + 1))

/** quell_displacement_scratch_len() as a constant. */
#define QUELL_DISPLACEMENT_SCRATCH_LEN(levels) ((size_t)(levels) * 2)

/** quell_table_encoded_len() as a constant, from the numbers of levels and of moments. */
#define QUELL_TABLE_ENCODED_LEN(levels, moments_len) ((size_t)28 + (size_t)(levels) * 8 + (size_t)(moments_len) * 24)

/** quell_kmeans_uniforms_len() as a constant. */
#define QUELL_KMEANS_UNIFORMS_LEN(clusters, restarts, trials) \
    ((size_t)(restarts) * (((size_t)(clusters) - 1) * (size_t)(trials) + 1))

/** quell_kmeans_scratch_len() as a constant. */
#define QUELL_KMEANS_SCRATCH_LEN(points, dimension, clusters, restarts, trials)                      \
    ((size_t)(points) + (size_t)(dimension) + (size_t)(clusters) * (size_t)(dimension)               \
     + ((restarts) > 1 && (points) <= 1024 ? (size_t)(points) * (size_t)(points) : 0)                \
     + ((size_t)(points) * 3 + (size_t)(clusters) * 5 + (size_t)(dimension)                          \
                > (size_t)(trials) * ((size_t)(points) + (size_t)(dimension) + 2) + (size_t)(points) \
            ? (size_t)(points) * 3 + (size_t)(clusters) * 5 + (size_t)(dimension)                    \
            : (size_t)(trials) * ((size_t)(points) + (size_t)(dimension) + 2) + (size_t)(points)))

/** quell_kmeans_singles_len() as a constant. */
#define QUELL_KMEANS_SINGLES_LEN(points, dimension, clusters)     \
    (((size_t)(clusters) + 1) / 2 * 2 * (((size_t)(dimension) + 3) / 4 * 4) + (size_t)(points) * (size_t)(clusters))

/**
 * quell_readout_state_len() as a constant, for a filter of the same radius in both directions that is applied to the
 * norm, with any boundary but QUELL_BOUNDARY_WRAP and QUELL_BOUNDARY_ZERO.
 */
#define QUELL_READOUT_STATE_LEN(height, width, radius)                                                    \
    ((size_t)(radius) * 2 + 2 + ((size_t)(radius) * 2 + (size_t)(width)) * ((height) < 16 ? (size_t)(height) : 16) \
     + (size_t)(width) + (size_t)(width) * ((radius) * 2 + 1 < (height) ? (size_t)(radius) * 2 + 1 : (size_t)(height)))

/** quell_mix_scratch_len() as a constant. */
#define QUELL_MIX_SCRATCH_LEN(pixels, cells) ((size_t)(pixels) + (size_t)(cells))

/** quell_remove_small_scratch_len() as a constant. */
#define QUELL_REMOVE_SMALL_SCRATCH_LEN(height, width) ((size_t)(height) * (size_t)(width) * 4)

/** quell_assignment_scratch_len() as a constant. */
#define QUELL_ASSIGNMENT_SCRATCH_LEN(rows, columns) \
    ((rows) < (columns) ? (size_t)(columns) * 2 + (size_t)(rows) : (size_t)(rows) * 2 + (size_t)(columns))

/** quell_assignment_index_scratch_len() as a constant. */
#define QUELL_ASSIGNMENT_INDEX_SCRATCH_LEN(rows, columns) \
    ((rows) < (columns) ? (size_t)(columns) * 3 + (size_t)(rows) : (size_t)(rows) * 3 + (size_t)(columns))

/** quell_boundaries_scratch_len() as a constant. */
#define QUELL_BOUNDARIES_SCRATCH_LEN(height, width) ((size_t)(height) * (size_t)(width))


/**
 * The most rows in a step.
 */
#define QUELL_ROWS 3

/**
 * The most slots that a step can address.
 */
#define QUELL_SLOTS 6

/**
 * The slots that DDIM needs.
 */
#define QUELL_DDIM_SLOTS 0

/**
 * The slots that ancestral Euler needs.
 */
#define QUELL_EULER_ANCESTRAL_SLOTS 0

/**
 * The slots that Heun's method needs.
 */
#define QUELL_HEUN_SLOTS 1

/**
 * The slots that DPM-Solver++(2M) needs.
 */
#define QUELL_DPMPP_2M_SLOTS 1

/**
 * The slots that SDE-DPM-Solver++(2M) needs.
 */
#define QUELL_SDE_DPMPP_2M_SLOTS 1

/**
 * The slots that UniPC of any order needs; order p needs p.
 */
#define QUELL_UNIPC_SLOTS 3

/**
 * The slots that ER-SDE of any order needs; order p needs p - 1.
 */
#define QUELL_ER_SDE_SLOTS 2

/**
 * The step word of the generator's counter for the noise that a run starts from.
 */
#define QUELL_INITIAL_NOISE_STEP UINT32_C(4294967294)

/**
 * The step word of the generator's counter for the noise on a known sample.
 */
#define QUELL_KNOWN_NOISE_STEP UINT32_C(4294967295)

/**
 * How many candidates there are for a level: where it is, and five on the way to each neighbour.
 */
#define QUELL_CANDIDATES 11

/**
 * The class of a cluster that stands for none, and the column of a row that goes without.
 */
#define QUELL_UNMATCHED UINT32_C(4294967295)

/**
 * Why a call did nothing.
 */
enum quell_cause
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The call succeeded.
     */
    QUELL_CAUSE_NONE = 0,
    /**
     * A buffer has a length other than the one that the rest of the call implies.
     */
    QUELL_CAUSE_LENGTH = 1,
    /**
     * A buffer is too small.
     */
    QUELL_CAUSE_TOO_SHORT = 2,
    /**
     * A parameter is not finite, or outside its range.
     */
    QUELL_CAUSE_DOMAIN = 3,
    /**
     * A sequence is not strictly decreasing.
     */
    QUELL_CAUSE_ORDER = 4,
    /**
     * A number that should choose among alternatives names none.
     */
    QUELL_CAUSE_UNKNOWN = 5,
    /**
     * A null pointer.
     */
    QUELL_CAUSE_NULL = 6,
    /**
     * A pointer that is not aligned for its type.
     */
    QUELL_CAUSE_MISALIGNED = 7,
    /**
     * A buffer that is written overlaps another.
     */
    QUELL_CAUSE_OVERLAP = 8,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_cause quell_cause;
#else
typedef int32_t quell_cause;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Where the result of a step's row goes.
 */
enum quell_destination
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The row is not used.
     */
    QUELL_DESTINATION_UNUSED = -1,
    /**
     * The row gives the new state.
     */
    QUELL_DESTINATION_X = 0,
    /**
     * The row gives the first slot; slot k is QUELL_DESTINATION_SLOT + k.
     */
    QUELL_DESTINATION_SLOT = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_destination quell_destination;
#else
typedef int32_t quell_destination;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Which noise process a quell_process is.
 */
enum quell_process_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Variance preserving on a table: uses alpha_bars and alpha_bars_len.
     */
    QUELL_PROCESS_KIND_VP_DISCRETE = 0,
    /**
     * Variance preserving, beta(t) = beta_min + beta_d t: uses beta_min, beta_d, epsilon.
     */
    QUELL_PROCESS_KIND_VP_LINEAR = 1,
    /**
     * Variance preserving with a squared-cosine alpha-bar: uses offset, epsilon.
     */
    QUELL_PROCESS_KIND_VP_COSINE = 2,
    /**
     * Variance exploding with EDM's input_scale = 1/sqrt(sigma^2 + sigma_data^2) and timestep = ln(sigma)/4: uses
     * sigma_data.
     */
    QUELL_PROCESS_KIND_EDM = 3,
    /**
     * Variance exploding, input_scale = 1 and timestep = sigma: uses nothing.
     */
    QUELL_PROCESS_KIND_VE = 4,
    /**
     * Rectified flow, alpha = 1 - sigma and timestep = time_scale sigma: uses time_scale.
     */
    QUELL_PROCESS_KIND_FLOW = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_process_kind quell_process_kind;
#else
typedef int32_t quell_process_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What the last level of a schedule is.
 */
enum quell_last
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * No noise: the run ends on the network's estimate of the clean sample.
     */
    QUELL_LAST_ZERO = 0,
    /**
     * The smallest noise scale: sigma_min of a spacing, or the least noisy level of a process (the first of
     * alpha_bars, or epsilon in continuous time). EDM, VE and flow have no such level.
     */
    QUELL_LAST_SIGMA_MIN = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_last quell_last;
#else
typedef int32_t quell_last;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How a dynamic shift depends on mu.
 */
enum quell_shift_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The static shift by e^mu.
     */
    QUELL_SHIFT_KIND_EXPONENTIAL = 0,
    /**
     * The static shift by mu.
     */
    QUELL_SHIFT_KIND_LINEAR = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_shift_kind quell_shift_kind;
#else
typedef int32_t quell_shift_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a network's output stands for.
 */
enum quell_prediction_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The noise e: D = (x - sigma e)/alpha. Undefined, and refused by a step, where alpha is 0.
     */
    QUELL_PREDICTION_KIND_EPSILON = 0,
    /**
     * The clean sample D itself.
     */
    QUELL_PREDICTION_KIND_SAMPLE = 1,
    /**
     * v = alpha e - sigma D of a variance-preserving state.
     */
    QUELL_PREDICTION_KIND_V = 2,
    /**
     * The velocity e - D of a rectified flow.
     */
    QUELL_PREDICTION_KIND_FLOW = 3,
    /**
     * EDM's output F: D = (s^2 x + sigma s sqrt(sigma^2 + s^2) F)/(sigma^2 + s^2), s = sigma_data: uses sigma_data.
     */
    QUELL_PREDICTION_KIND_EDM = 4,
    /**
     * The same with the sign of v prediction: uses sigma_data.
     */
    QUELL_PREDICTION_KIND_EDM_V = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_prediction_kind quell_prediction_kind;
#else
typedef int32_t quell_prediction_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A list released by the authors of Align Your Steps.
 */
enum quell_align_your_steps
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Stable Diffusion 1.5.
     */
    QUELL_ALIGN_YOUR_STEPS_STABLE_DIFFUSION15 = 0,
    /**
     * Stable Diffusion XL.
     */
    QUELL_ALIGN_YOUR_STEPS_STABLE_DIFFUSION_XL = 1,
    /**
     * DeepFloyd-IF, first stage.
     */
    QUELL_ALIGN_YOUR_STEPS_DEEP_FLOYD_IF = 2,
    /**
     * Stable Video Diffusion.
     */
    QUELL_ALIGN_YOUR_STEPS_STABLE_VIDEO_DIFFUSION = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_align_your_steps quell_align_your_steps;
#else
typedef int32_t quell_align_your_steps;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How timesteps are chosen among those of the training.
 */
enum quell_spacing
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Multiples of a stride, plus steps_offset.
     */
    QUELL_SPACING_LEADING = 0,
    /**
     * Both ends included, real-valued in between.
     */
    QUELL_SPACING_LINSPACE = 1,
    /**
     * The last one included, equal strides.
     */
    QUELL_SPACING_TRAILING = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_spacing quell_spacing;
#else
typedef int32_t quell_spacing;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How the second-order term of a DPM-Solver++ is weighted.
 */
enum quell_second_order
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Half of the first-order weight.
     */
    QUELL_SECOND_ORDER_MIDPOINT = 0,
    /**
     * The exact integral of a line in lambda.
     */
    QUELL_SECOND_ORDER_HEUN = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_second_order quell_second_order;
#else
typedef int32_t quell_second_order;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The function B(h) of UniPC.
 */
enum quell_b_function
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * B(h) = h.
     */
    QUELL_B_FUNCTION_BH1 = 0,
    /**
     * B(h) = e^h - 1.
     */
    QUELL_B_FUNCTION_BH2 = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_b_function quell_b_function;
#else
typedef int32_t quell_b_function;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The noise scale function phi of ER-SDE, sigma being sigma/alpha.
 */
enum quell_noise_scale
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * phi = sigma: no noise, the probability-flow ODE.
     */
    QUELL_NOISE_SCALE_ODE = 0,
    /**
     * phi = sigma^2: the reverse-time SDE itself.
     */
    QUELL_NOISE_SCALE_SDE = 1,
    /**
     * phi = sigma (e^(-1/sigma) + 10).
     */
    QUELL_NOISE_SCALE_SDE1 = 2,
    /**
     * phi = sigma^1.5.
     */
    QUELL_NOISE_SCALE_SDE2 = 3,
    /**
     * phi = sigma^2.5.
     */
    QUELL_NOISE_SCALE_SDE3 = 4,
    /**
     * phi = sigma^0.9 log10(1 + 100 sigma^1.5); above sigma = 1022.37 in proportion to sigma.
     */
    QUELL_NOISE_SCALE_SDE4 = 5,
    /**
     * phi = sigma (e^(sigma^0.3) + 10).
     */
    QUELL_NOISE_SCALE_SDE5 = 6,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_noise_scale quell_noise_scale;
#else
typedef int32_t quell_noise_scale;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Which levels a search may move. The ends stay in any case.
 */
enum quell_search_levels
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * All.
     */
    QUELL_SEARCH_LEVELS_ALL = 0,
    /**
     * Those that quell_sigmas_subdivide() added, at odd positions.
     */
    QUELL_SEARCH_LEVELS_NEW = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_search_levels quell_search_levels;
#else
typedef int32_t quell_search_levels;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The solver that a schedule is for.
 */
enum quell_sampler
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * DDIM, Euler's method.
     */
    QUELL_SAMPLER_DDIM = 0,
    /**
     * DDIM with eta = 1, and first-order stochastic solvers like it.
     */
    QUELL_SAMPLER_STOCHASTIC_DDIM = 1,
    /**
     * DPM-Solver++(2M), and deterministic multistep solvers of second order like it.
     */
    QUELL_SAMPLER_DPMPP2M = 2,
    /**
     * SDE-DPM-Solver++(2M), and ER-SDE of second and third order.
     */
    QUELL_SAMPLER_SDE_DPMPP2M = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_sampler quell_sampler;
#else
typedef int32_t quell_sampler;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What the samples are judged by.
 */
enum quell_criterion
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The Kullback-Leibler divergence of their law from the true one: all scales count alike.
     */
    QUELL_CRITERION_DIVERGENCE = 0,
    /**
     * Their distance from the true ones, in the units of the data: the large scales count.
     */
    QUELL_CRITERION_DISTANCE = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_criterion quell_criterion;
#else
typedef int32_t quell_criterion;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How a leap is held against the teacher.
 */
enum quell_measure
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The squared distance of the two states.
     */
    QUELL_MEASURE_SQUARED = 0,
    /**
     * Their distance.
     */
    QUELL_MEASURE_DISTANCE = 1,
    /**
     * How much farther the leap ends from the straight line between the teacher's first and last state than the
     * teacher is there: the cost of GITS.
     */
    QUELL_MEASURE_DEVIATION = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_measure quell_measure;
#else
typedef int32_t quell_measure;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a saved table is of.
 */
enum quell_table_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Mean squared errors (quell_mmse_add_f32()), one for each level.
     */
    QUELL_TABLE_KIND_MMSE = 0,
    /**
     * Squared distances along noising paths (quell_pairs_add_path_f32()), one for each pair of levels.
     */
    QUELL_TABLE_KIND_PAIRS = 1,
    /**
     * Leaps (quell_leaps_add_f32()) by QUELL_MEASURE_SQUARED, one for each pair of levels.
     */
    QUELL_TABLE_KIND_SQUARED_LEAPS = 2,
    /**
     * The same by QUELL_MEASURE_DISTANCE.
     */
    QUELL_TABLE_KIND_LEAPS = 3,
    /**
     * The same by QUELL_MEASURE_DEVIATION.
     */
    QUELL_TABLE_KIND_DEVIATIONS = 4,
    /**
     * Squared distances along trajectories (quell_pairs_add_trajectory_f32()), one for each pair of levels.
     */
    QUELL_TABLE_KIND_TRAJECTORIES = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_table_kind quell_table_kind;
#else
typedef int32_t quell_table_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Where the channels of a feature map stand.
 */
enum quell_channels
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * A cell's channels stand together, as attention layers have them.
     */
    QUELL_CHANNELS_LAST = 0,
    /**
     * A channel's cells stand together, as convolutions have them.
     */
    QUELL_CHANNELS_FIRST = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_channels quell_channels;
#else
typedef int32_t quell_channels;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How the channels' differences become one number.
 */
enum quell_norm
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The square root of the sum of the squares.
     */
    QUELL_NORM_EUCLIDEAN = 0,
    /**
     * The mean of the absolute values.
     */
    QUELL_NORM_MEAN_ABSOLUTE = 1,
    /**
     * The largest absolute value.
     */
    QUELL_NORM_MAX_ABSOLUTE = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_norm quell_norm;
#else
typedef int32_t quell_norm;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How a filter continues a map beyond its edge. The names are those of scipy.ndimage.
 */
enum quell_boundary
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * d c b a | a b c d | d c b a
     */
    QUELL_BOUNDARY_REFLECT = 0,
    /**
     * d c b | a b c d | c b a: what PIL and torchvision call reflect.
     */
    QUELL_BOUNDARY_MIRROR = 1,
    /**
     * a a a a | a b c d | d d d d
     */
    QUELL_BOUNDARY_NEAREST = 2,
    /**
     * a b c d | a b c d | a b c d: no row is filtered before the last one is there.
     */
    QUELL_BOUNDARY_WRAP = 3,
    /**
     * 0 0 0 0 | a b c d | 0 0 0 0: scipy.ndimage's constant.
     */
    QUELL_BOUNDARY_ZERO = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_boundary quell_boundary;
#else
typedef int32_t quell_boundary;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What is filtered.
 */
enum quell_filtered
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The norm of the difference.
     */
    QUELL_FILTERED_NORM = 0,
    /**
     * The images, before the norm is taken.
     */
    QUELL_FILTERED_IMAGES = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_filtered quell_filtered;
#else
typedef int32_t quell_filtered;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How a value between the centres of cells is found.
 */
enum quell_interpolation
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The cell that the pixel's centre lies in; on the border of two, the latter.
     */
    QUELL_INTERPOLATION_NEAREST = 0,
    /**
     * Linear along both axes between the centres of cells, pixel x at (x + 1/2) columns/width - 1/2; constant beyond
     * the outermost centres.
     */
    QUELL_INTERPOLATION_BILINEAR = 1,
    /**
     * Linear, with the outermost pixels at the centres of the outermost cells.
     */
    QUELL_INTERPOLATION_BILINEAR_CORNERS = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_interpolation quell_interpolation;
#else
typedef int32_t quell_interpolation;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How a query and a key become one number.
 */
enum quell_similarity
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Their inner product.
     */
    QUELL_SIMILARITY_DOT = 0,
    /**
     * The cosine of their angle; 0 where one of them is 0.
     */
    QUELL_SIMILARITY_COSINE = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_similarity quell_similarity;
#else
typedef int32_t quell_similarity;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Which pixels are neighbours.
 */
enum quell_connectivity
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Those that share a side.
     */
    QUELL_CONNECTIVITY_FOUR = 4,
    /**
     * Those that share a side or a corner.
     */
    QUELL_CONNECTIVITY_EIGHT = 8,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_connectivity quell_connectivity;
#else
typedef int32_t quell_connectivity;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Which sum is sought.
 */
enum quell_objective
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The least.
     */
    QUELL_OBJECTIVE_MINIMUM = 0,
    /**
     * The greatest.
     */
    QUELL_OBJECTIVE_MAXIMUM = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_objective quell_objective;
#else
typedef int32_t quell_objective;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How near two feature vectors are.
 */
enum quell_metric
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The cosine of their angle. A vector of zeros is near nothing.
     */
    QUELL_METRIC_COSINE = 0,
    /**
     * Their Euclidean distance.
     */
    QUELL_METRIC_EUCLIDEAN = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum quell_metric quell_metric;
#else
typedef int32_t quell_metric;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * 0 on success, else negative: -(256 * cause + argument). See quell_status_cause() and quell_status_argument().
 */
typedef int32_t quell_status;

/**
 * A noise process. Set the fields that its kind uses; the others are not looked at.
 */
typedef struct quell_process {
    /**
     * A quell_process_kind.
     */
    int32_t kind;
    /**
     * Cumulative products of 1 - beta, strictly decreasing in (0, 1); the last may be 0.
     */
    const double *alpha_bars;
    /**
     * How many.
     */
    size_t alpha_bars_len;
    /**
     * The constant term of beta(t), usually 0.1.
     */
    double beta_min;
    /**
     * The slope of beta(t), usually 19.9.
     */
    double beta_d;
    /**
     * The offset of the cosine, usually 0.008.
     */
    double offset;
    /**
     * The smallest time of a continuous process, usually 0.001.
     */
    double epsilon;
    /**
     * The standard deviation of the data, usually 0.5.
     */
    double sigma_data;
    /**
     * Network time for each unit of flow time, usually 1000.
     */
    double time_scale;
} quell_process;

/**
 * One noise level: the state is x = alpha x0 + sigma epsilon, the network is given input_scale x and timestep.
 */
typedef struct quell_level {
    /**
     * The factor alpha on the clean sample: 1 for variance-exploding states, 0 where only noise is left.
     */
    double alpha;
    /**
     * The standard deviation sigma of the noise: 0 at the clean sample.
     */
    double sigma;
    /**
     * The factor on the state before it is fed to the network.
     */
    double input_scale;
    /**
     * The time that the network is told; real-valued.
     */
    double timestep;
} quell_level;

/**
 * What a network predicts.
 */
typedef struct quell_prediction {
    /**
     * A quell_prediction_kind.
     */
    int32_t kind;
    /**
     * The standard deviation of the data, where the kind uses it.
     */
    double sigma_data;
} quell_prediction;

/**
 * A run: the process, what the network predicts, and the levels, from the noisiest down.
 */
typedef struct quell_schedule {
    /**
     * The noise process.
     */
    struct quell_process process;
    /**
     * What the network predicts.
     */
    struct quell_prediction prediction;
    /**
     * One level more than there are steps, each less noisy than the one before. To start part-way, point to a later
     * one.
     */
    const struct quell_level *levels;
    /**
     * How many, at least 2.
     */
    size_t levels_len;
} quell_schedule;

/**
 * A linear combination: x state + model output.
 */
typedef struct quell_linear {
    /**
     * The factor on the state.
     */
    double x;
    /**
     * The factor on the network's output.
     */
    double model;
} quell_linear;

/**
 * Options of DDIM.
 */
typedef struct quell_ddim {
    /**
     * How much of DDPM's noise is added, from 0 to 1.
     */
    double eta;
    /**
     * Not 0: take the noise from the clipped estimate, as DDPM does. 0: keep the network's own.
     */
    int32_t use_clipped_model_output;
} quell_ddim;

/**
 * One linear combination of the old buffers, in terms of the denoised sample.
 *
 * x x + D denoised + D_raw raw + z noise + the sum over k of slot_k slots[k], where D is what the host passes after clipping
 * or thresholding and D_raw what the network's output says. Without clipping the two are one, and their factors add
 * up before they are rounded.
 */
typedef struct quell_row {
    /**
     * The factor on the state.
     */
    double x;
    /**
     * The factor on the estimate of the clean sample.
     */
    double denoised;
    /**
     * The factor on the estimate before it was clipped.
     */
    double raw;
    /**
     * The factor on the noise.
     */
    double noise;
    /**
     * The factors on the slots.
     */
    double slots[QUELL_SLOTS];
} quell_row;

/**
 * One network evaluation and what follows from it.
 */
typedef struct quell_step {
    /**
     * Where the network is evaluated: its input is at.input_scale x, its time at.timestep.
     */
    struct quell_level at;
    /**
     * The level of the new state, which is also where the network is evaluated next.
     */
    struct quell_level next;
    /**
     * The clean sample from state and output: D = denoised.x x + denoised.model model.
     */
    struct quell_linear denoised;
    /**
     * The rows; all are computed from the old buffers before any is stored.
     */
    struct quell_row rows[QUELL_ROWS];
    /**
     * Where each row's result goes: see quell_destination.
     */
    int32_t destinations[QUELL_ROWS];
    /**
     * 0 where the network is not evaluated and nothing of it is read, else 1.
     */
    int32_t evaluate;
    /**
     * The number of the noise draw: the step word of the generator's counter.
     */
    uint32_t noise_index;
    /**
     * The position in the schedule; the stages of one step share it.
     */
    uint32_t position;
    /**
     * The sigma/alpha at which the draw starts, for callers whose noise is a Brownian path.
     */
    double noise_from;
    /**
     * The sigma/alpha at which the draw ends.
     */
    double noise_to;
} quell_step;

/**
 * Options of ancestral Euler; eta = 0 gives plain Euler.
 */
typedef struct quell_euler_ancestral {
    /**
     * How much of the noise is drawn anew; not negative.
     */
    double eta;
    /**
     * The factor on the fresh noise.
     */
    double s_noise;
} quell_euler_ancestral;

/**
 * Options of Heun's method.
 */
typedef struct quell_heun {
    /**
     * How much churn in all; 0 for the deterministic method.
     */
    double s_churn;
    /**
     * Below this sigma/alpha there is no churn.
     */
    double s_tmin;
    /**
     * Above this sigma/alpha there is no churn; may be infinite.
     */
    double s_tmax;
    /**
     * The factor on the fresh noise.
     */
    double s_noise;
} quell_heun;

/**
 * Options of DPM-Solver++(2M).
 */
typedef struct quell_dpmpp_2m {
    /**
     * Not 0: the last step is of first order even where it does not end at sigma = 0.
     */
    int32_t lower_order_final;
    /**
     * A quell_second_order.
     */
    int32_t second_order;
} quell_dpmpp_2m;

/**
 * Options of SDE-DPM-Solver++(2M).
 */
typedef struct quell_sde_dpmpp_2m {
    /**
     * How stochastic the path is; not negative.
     */
    double eta;
    /**
     * The factor on the noise.
     */
    double s_noise;
    /**
     * Not 0: the last step is of first order even where it does not end at sigma = 0.
     */
    int32_t lower_order_final;
    /**
     * A quell_second_order.
     */
    int32_t second_order;
} quell_sde_dpmpp_2m;

/**
 * Options of UniPC.
 */
typedef struct quell_unipc {
    /**
     * The order of the predictor, 1 to 3. The solver needs as many slots.
     */
    int32_t order;
    /**
     * A quell_b_function.
     */
    int32_t b_function;
    /**
     * How many initial steps go without a corrector.
     */
    uint32_t skip_corrector;
    /**
     * Not 0: the order falls to 1 towards the end of the schedule.
     */
    int32_t lower_order_final;
} quell_unipc;

/**
 * Options of ER-SDE.
 */
typedef struct quell_er_sde {
    /**
     * The order, 1 to 3. The solver needs one slot less.
     */
    int32_t order;
    /**
     * A quell_noise_scale.
     */
    int32_t noise_scale;
    /**
     * The factor on the noise.
     */
    double s_noise;
    /**
     * Noise whose variance in units of the clean sample is below this is not added; not negative. The authors' code
     * has 1e-6; 0 solves the SDE as it stands.
     */
    double noise_floor;
    /**
     * The points of the left rule for the integrals over phi, at most 10000, or 0 to have them exactly. The authors'
     * code has 100.
     */
    uint32_t points;
} quell_er_sde;

/**
 * A row in terms of the buffers that are there: x x + model model + denoised denoised + z noise +
 * the sum over k of slot_k slots[k].
 */
typedef struct quell_table_row {
    /**
     * The factor on the state.
     */
    double x;
    /**
     * The factor on the network's output.
     */
    double model;
    /**
     * The factor on the host's clipped estimate of the clean sample.
     */
    double denoised;
    /**
     * The factor on the noise.
     */
    double noise;
    /**
     * The factors on the slots.
     */
    double slots[QUELL_SLOTS];
} quell_table_row;

/**
 * What a pass reads beside the state and the history. Set everything to zero, then what there is: a pointer
 * that is NULL stands for something absent. All arrays but seeds and mask have as many elements as the state.
 */
typedef struct quell_inputs_f32 {
    /**
     * The network's output, the conditional one under guidance.
     */
    const float *model;
    /**
     * The unconditional output; NULL for no guidance.
     */
    const float *unconditional;
    /**
     * The scale g of u + g (c - u): 1 is no guidance; 0, which a zeroed struct holds, is the unconditional
     * output alone. Not looked at where unconditional is NULL.
     */
    double guidance;
    /**
     * The host's clipped estimate of the clean sample; NULL where nothing was clipped.
     */
    const float *denoised;
    /**
     * Standard normals; NULL to draw them from the seeds.
     */
    const float *noise;
    /**
     * One seed for each batch item, used where noise or known_noise is NULL.
     */
    const uint64_t *seeds;
    /**
     * The number of items.
     */
    size_t seeds_len;
    /**
     * Which independent use of the seeds the step's noise is.
     */
    uint32_t stream;
    /**
     * Which independent use of the seeds the noise on the known sample is.
     */
    uint32_t known_stream;
    /**
     * The number that the first element has within its whole item; 0 unless a pass works on a part.
     */
    uint64_t first_element;
    /**
     * Inpainting: 1 where to paint, 0 where to keep, anything between to blend; NULL and a length of 0 for no
     * inpainting. After every pass, those of quell_step_add_noise() and quell_step_initial_noise() too, the
     * state becomes y + mask (x - y) with y = next.alpha known + next.sigma known_noise: what is kept is exact
     * at the end if the last level has sigma = 0.
     */
    const float *mask;
    /**
     * The length of the mask, which divides an item's; it is repeated along it.
     */
    size_t mask_len;
    /**
     * The clean known sample; needed where there is a mask.
     */
    const float *known;
    /**
     * The noise on the known sample, the same in each step; NULL to draw it from the seeds.
     */
    const float *known_noise;
} quell_inputs_f32;

/**
 * What a pass reads beside the state and the history. Set everything to zero, then what there is: a pointer
 * that is NULL stands for something absent. All arrays but seeds and mask have as many elements as the state.
 */
typedef struct quell_inputs_f64 {
    /**
     * The network's output, the conditional one under guidance.
     */
    const double *model;
    /**
     * The unconditional output; NULL for no guidance.
     */
    const double *unconditional;
    /**
     * The scale g of u + g (c - u): 1 is no guidance; 0, which a zeroed struct holds, is the unconditional
     * output alone. Not looked at where unconditional is NULL.
     */
    double guidance;
    /**
     * The host's clipped estimate of the clean sample; NULL where nothing was clipped.
     */
    const double *denoised;
    /**
     * Standard normals; NULL to draw them from the seeds.
     */
    const double *noise;
    /**
     * One seed for each batch item, used where noise or known_noise is NULL.
     */
    const uint64_t *seeds;
    /**
     * The number of items.
     */
    size_t seeds_len;
    /**
     * Which independent use of the seeds the step's noise is.
     */
    uint32_t stream;
    /**
     * Which independent use of the seeds the noise on the known sample is.
     */
    uint32_t known_stream;
    /**
     * The number that the first element has within its whole item; 0 unless a pass works on a part.
     */
    uint64_t first_element;
    /**
     * Inpainting: 1 where to paint, 0 where to keep, anything between to blend; NULL and a length of 0 for no
     * inpainting. After every pass, those of quell_step_add_noise() and quell_step_initial_noise() too, the
     * state becomes y + mask (x - y) with y = next.alpha known + next.sigma known_noise: what is kept is exact
     * at the end if the last level has sigma = 0.
     */
    const double *mask;
    /**
     * The length of the mask, which divides an item's; it is repeated along it.
     */
    size_t mask_len;
    /**
     * The clean known sample; needed where there is a mask.
     */
    const double *known;
    /**
     * The noise on the known sample, the same in each step; NULL to draw it from the seeds.
     */
    const double *known_noise;
} quell_inputs_f64;

/**
 * What a pass reads beside the state and the history. Set everything to zero, then what there is: a pointer
 * that is NULL stands for something absent. All arrays but seeds and mask have as many elements as the state.
 */
typedef struct quell_inputs_f16 {
    /**
     * The network's output, the conditional one under guidance.
     */
    const uint16_t *model;
    /**
     * The unconditional output; NULL for no guidance.
     */
    const uint16_t *unconditional;
    /**
     * The scale g of u + g (c - u): 1 is no guidance; 0, which a zeroed struct holds, is the unconditional
     * output alone. Not looked at where unconditional is NULL.
     */
    double guidance;
    /**
     * The host's clipped estimate of the clean sample; NULL where nothing was clipped.
     */
    const uint16_t *denoised;
    /**
     * Standard normals; NULL to draw them from the seeds.
     */
    const uint16_t *noise;
    /**
     * One seed for each batch item, used where noise or known_noise is NULL.
     */
    const uint64_t *seeds;
    /**
     * The number of items.
     */
    size_t seeds_len;
    /**
     * Which independent use of the seeds the step's noise is.
     */
    uint32_t stream;
    /**
     * Which independent use of the seeds the noise on the known sample is.
     */
    uint32_t known_stream;
    /**
     * The number that the first element has within its whole item; 0 unless a pass works on a part.
     */
    uint64_t first_element;
    /**
     * Inpainting: 1 where to paint, 0 where to keep, anything between to blend; NULL and a length of 0 for no
     * inpainting. After every pass, those of quell_step_add_noise() and quell_step_initial_noise() too, the
     * state becomes y + mask (x - y) with y = next.alpha known + next.sigma known_noise: what is kept is exact
     * at the end if the last level has sigma = 0.
     */
    const uint16_t *mask;
    /**
     * The length of the mask, which divides an item's; it is repeated along it.
     */
    size_t mask_len;
    /**
     * The clean known sample; needed where there is a mask.
     */
    const uint16_t *known;
    /**
     * The noise on the known sample, the same in each step; NULL to draw it from the seeds.
     */
    const uint16_t *known_noise;
} quell_inputs_f16;

/**
 * What a pass reads beside the state and the history. Set everything to zero, then what there is: a pointer
 * that is NULL stands for something absent. All arrays but seeds and mask have as many elements as the state.
 */
typedef struct quell_inputs_bf16 {
    /**
     * The network's output, the conditional one under guidance.
     */
    const uint16_t *model;
    /**
     * The unconditional output; NULL for no guidance.
     */
    const uint16_t *unconditional;
    /**
     * The scale g of u + g (c - u): 1 is no guidance; 0, which a zeroed struct holds, is the unconditional
     * output alone. Not looked at where unconditional is NULL.
     */
    double guidance;
    /**
     * The host's clipped estimate of the clean sample; NULL where nothing was clipped.
     */
    const uint16_t *denoised;
    /**
     * Standard normals; NULL to draw them from the seeds.
     */
    const uint16_t *noise;
    /**
     * One seed for each batch item, used where noise or known_noise is NULL.
     */
    const uint64_t *seeds;
    /**
     * The number of items.
     */
    size_t seeds_len;
    /**
     * Which independent use of the seeds the step's noise is.
     */
    uint32_t stream;
    /**
     * Which independent use of the seeds the noise on the known sample is.
     */
    uint32_t known_stream;
    /**
     * The number that the first element has within its whole item; 0 unless a pass works on a part.
     */
    uint64_t first_element;
    /**
     * Inpainting: 1 where to paint, 0 where to keep, anything between to blend; NULL and a length of 0 for no
     * inpainting. After every pass, those of quell_step_add_noise() and quell_step_initial_noise() too, the
     * state becomes y + mask (x - y) with y = next.alpha known + next.sigma known_noise: what is kept is exact
     * at the end if the last level has sigma = 0.
     */
    const uint16_t *mask;
    /**
     * The length of the mask, which divides an item's; it is repeated along it.
     */
    size_t mask_len;
    /**
     * The clean known sample; needed where there is a mask.
     */
    const uint16_t *known;
    /**
     * The noise on the known sample, the same in each step; NULL to draw it from the seeds.
     */
    const uint16_t *known_noise;
} quell_inputs_bf16;

/**
 * What a pass reads beside the state and the history. Set everything to zero, then what there is: a pointer
 * that is NULL stands for something absent. All arrays but seeds and mask have as many elements as the state.
 */
typedef struct quell_inputs_f32_f16 {
    /**
     * The network's output, the conditional one under guidance.
     */
    const uint16_t *model;
    /**
     * The unconditional output; NULL for no guidance.
     */
    const uint16_t *unconditional;
    /**
     * The scale g of u + g (c - u): 1 is no guidance; 0, which a zeroed struct holds, is the unconditional
     * output alone. Not looked at where unconditional is NULL.
     */
    double guidance;
    /**
     * The host's clipped estimate of the clean sample; NULL where nothing was clipped.
     */
    const float *denoised;
    /**
     * Standard normals; NULL to draw them from the seeds.
     */
    const float *noise;
    /**
     * One seed for each batch item, used where noise or known_noise is NULL.
     */
    const uint64_t *seeds;
    /**
     * The number of items.
     */
    size_t seeds_len;
    /**
     * Which independent use of the seeds the step's noise is.
     */
    uint32_t stream;
    /**
     * Which independent use of the seeds the noise on the known sample is.
     */
    uint32_t known_stream;
    /**
     * The number that the first element has within its whole item; 0 unless a pass works on a part.
     */
    uint64_t first_element;
    /**
     * Inpainting: 1 where to paint, 0 where to keep, anything between to blend; NULL and a length of 0 for no
     * inpainting. After every pass, those of quell_step_add_noise() and quell_step_initial_noise() too, the
     * state becomes y + mask (x - y) with y = next.alpha known + next.sigma known_noise: what is kept is exact
     * at the end if the last level has sigma = 0.
     */
    const float *mask;
    /**
     * The length of the mask, which divides an item's; it is repeated along it.
     */
    size_t mask_len;
    /**
     * The clean known sample; needed where there is a mask.
     */
    const float *known;
    /**
     * The noise on the known sample, the same in each step; NULL to draw it from the seeds.
     */
    const float *known_noise;
} quell_inputs_f32_f16;

/**
 * What a pass reads beside the state and the history. Set everything to zero, then what there is: a pointer
 * that is NULL stands for something absent. All arrays but seeds and mask have as many elements as the state.
 */
typedef struct quell_inputs_f32_bf16 {
    /**
     * The network's output, the conditional one under guidance.
     */
    const uint16_t *model;
    /**
     * The unconditional output; NULL for no guidance.
     */
    const uint16_t *unconditional;
    /**
     * The scale g of u + g (c - u): 1 is no guidance; 0, which a zeroed struct holds, is the unconditional
     * output alone. Not looked at where unconditional is NULL.
     */
    double guidance;
    /**
     * The host's clipped estimate of the clean sample; NULL where nothing was clipped.
     */
    const float *denoised;
    /**
     * Standard normals; NULL to draw them from the seeds.
     */
    const float *noise;
    /**
     * One seed for each batch item, used where noise or known_noise is NULL.
     */
    const uint64_t *seeds;
    /**
     * The number of items.
     */
    size_t seeds_len;
    /**
     * Which independent use of the seeds the step's noise is.
     */
    uint32_t stream;
    /**
     * Which independent use of the seeds the noise on the known sample is.
     */
    uint32_t known_stream;
    /**
     * The number that the first element has within its whole item; 0 unless a pass works on a part.
     */
    uint64_t first_element;
    /**
     * Inpainting: 1 where to paint, 0 where to keep, anything between to blend; NULL and a length of 0 for no
     * inpainting. After every pass, those of quell_step_add_noise() and quell_step_initial_noise() too, the
     * state becomes y + mask (x - y) with y = next.alpha known + next.sigma known_noise: what is kept is exact
     * at the end if the last level has sigma = 0.
     */
    const float *mask;
    /**
     * The length of the mask, which divides an item's; it is repeated along it.
     */
    size_t mask_len;
    /**
     * The clean known sample; needed where there is a mask.
     */
    const float *known;
    /**
     * The noise on the known sample, the same in each step; NULL to draw it from the seeds.
     */
    const float *known_noise;
} quell_inputs_f32_bf16;

/**
 * Count, mean and sum of squared deviations of the values that were added (Welford 1962; Chan, Golub and LeVeque
 * 1979), from which the standard error of the mean follows.
 *
 * Three plain numbers: they can be saved, and those of two machines merged. The order of additions and merges changes
 * the last bits only.
 */
typedef struct quell_moments {
    /**
     * How many values there were.
     */
    uint64_t count;
    /**
     * Their mean; 0 where there were none.
     */
    double mean;
    /**
     * The sum of their squared deviations from the mean.
     */
    double squares;
} quell_moments;

/**
 * What a solver puts out on Gaussian data: N(0, variance I).
 */
typedef struct quell_output_law {
    /**
     * The variance of each element at the last level.
     */
    double variance;
    /**
     * The Kullback-Leibler divergence of the true law at the last level, N(0, v I), from it, in nats:
     * (d/2) (v/variance - 1 - ln(v/variance)).
     */
    double divergence;
} quell_output_law;

/**
 * A level to evaluate at, and what the result counts.
 *
 * weight |D(x_sigma, sigma) - D(x_from, sigma_from)|^2 is an unbiased estimate of the bound of all intervals that were drawn
 * from, for two states on one noising path (quell_noising_pair_f32()). A solver whose bound has a further
 * weight at sigma, such as ER-SDE, multiplies by it.
 */
typedef struct quell_draw {
    /**
     * The level within the interval.
     */
    double sigma;
    /**
     * The level where the interval starts, at which the solver's output stands still.
     */
    double from;
    /**
     * What a squared distance of the two outputs counts.
     */
    double weight;
} quell_draw;

/**
 * What k-means is to do.
 */
typedef struct quell_kmeans {
    /**
     * The number of clusters K: 1 to the number of points.
     */
    size_t clusters;
    /**
     * How many times to start from other centres; the run with the least inertia is kept, of equal ones the first.
     */
    size_t restarts;
    /**
     * How many candidates each centre is chosen from (quell_kmeans_plus_plus_f32()).
     */
    size_t trials;
    /**
     * When to stop at the latest.
     */
    size_t max_iterations;
    /**
     * Iterations stop when the centres' squared moves sum up to at most this many times the mean over the coordinates
     * of the points' variance, as scikit-learn does. At 0 they go on until no label changes.
     */
    double tolerance;
} quell_kmeans;

/**
 * What came of it.
 */
typedef struct quell_kmeans_fit {
    /**
     * The sum of the squared distances from each point to its centre.
     */
    double inertia;
    /**
     * How often labels were assigned and centres moved, as scikit-learn counts: the last time may have changed
     * nothing.
     */
    size_t iterations;
    /**
     * Which start led to it.
     */
    size_t restart;
} quell_kmeans_fit;

/**
 * What one batch item is offset by.
 */
typedef struct quell_offset_pass {
    /**
     * The mask.
     */
    size_t label;
    /**
     * How far to push: -lambda or +lambda; 0 for the reference.
     */
    double offset;
} quell_offset_pass;

/**
 * Where an image's elements stand: element (c, y, x) at c channel_stride + y row_stride + x column_stride.
 *
 * quell_layout_planar() is what networks put out, (C, H, W); quell_layout_interleaved() is what files
 * hold, (H, W, C). Other strides address a part of a larger image.
 */
typedef struct quell_layout {
    /**
     * The number of channels.
     */
    size_t channels;
    /**
     * The number of rows.
     */
    size_t height;
    /**
     * The number of columns.
     */
    size_t width;
    /**
     * From a channel to the next.
     */
    size_t channel_stride;
    /**
     * From a row to the next.
     */
    size_t row_stride;
    /**
     * From a column to the next.
     */
    size_t column_stride;
} quell_layout;

/**
 * How large a map is: what to divide it by so that masks that change much and masks that change little compete on equal
 * terms. Any portion of a map at a time.
 */
typedef struct quell_difference_size {
    /**
     * The largest value. NaN is left out.
     */
    double max;
    /**
     * The sum of all values, each times its weight.
     */
    double sum;
    /**
     * The sum of the weights.
     */
    double weight;
} quell_difference_size;

/**
 * A Gaussian filter, with weights in proportion to exp(-j^2/(2 sigma^2)) for |j| up to a radius. A sigma of 0 is no filter,
 * whatever the radius. A radius may be larger than the map: reflections repeat.
 */
typedef struct quell_blur {
    /**
     * The standard deviation down the columns, in pixels.
     */
    double sigma_y;
    /**
     * The standard deviation along the rows.
     */
    double sigma_x;
    /**
     * How far the kernel reaches up and down.
     */
    size_t radius_y;
    /**
     * How far it reaches to the left and to the right.
     */
    size_t radius_x;
    /**
     * A quell_boundary.
     */
    int32_t boundary;
} quell_blur;

/**
 * The state of the running arg-max over masks: which mask's value is the largest at each pixel. Set everything
 * to zero, then what there is, and call the reset; a pointer that is NULL stands for something that is not
 * kept. Masks, and the pixels of a mask, may come in any order and in any portions.
 */
typedef struct quell_fold_f32_u8 {
    /**
     * The largest value so far at each pixel.
     */
    float *best;
    /**
     * The label of the mask that has it.
     */
    uint8_t *labels;
    /**
     * The second largest value, for margins; or NULL.
     */
    float *second;
    /**
     * The sum of the soft-max over masks, for confidences; or NULL.
     */
    float *sum;
    /**
     * The sum of its weighted exponents, for entropies; or NULL, and NULL where sum is.
     */
    float *moment;
    /**
     * The length of each.
     */
    size_t pixels;
    /**
     * The inverse temperature s of the soft-max, p proportional to exp(s value); not negative. Not looked at
     * where sum is NULL.
     */
    double scale;
} quell_fold_f32_u8;

/**
 * A grid of cells over an image: rows by columns cells share height by width pixels evenly.
 *
 * The scale need not be a whole number, nor the same along both axes. Cells and pixels are counted row by row.
 */
typedef struct quell_grid {
    /**
     * How many rows of cells.
     */
    size_t rows;
    /**
     * How many columns of cells.
     */
    size_t columns;
    /**
     * How many rows of pixels.
     */
    size_t height;
    /**
     * How many columns of pixels.
     */
    size_t width;
} quell_grid;

/**
 * The state of the running arg-max over masks: which mask's value is the largest at each pixel. Set everything
 * to zero, then what there is, and call the reset; a pointer that is NULL stands for something that is not
 * kept. Masks, and the pixels of a mask, may come in any order and in any portions.
 */
typedef struct quell_fold_f32_u16 {
    /**
     * The largest value so far at each pixel.
     */
    float *best;
    /**
     * The label of the mask that has it.
     */
    uint16_t *labels;
    /**
     * The second largest value, for margins; or NULL.
     */
    float *second;
    /**
     * The sum of the soft-max over masks, for confidences; or NULL.
     */
    float *sum;
    /**
     * The sum of its weighted exponents, for entropies; or NULL, and NULL where sum is.
     */
    float *moment;
    /**
     * The length of each.
     */
    size_t pixels;
    /**
     * The inverse temperature s of the soft-max, p proportional to exp(s value); not negative. Not looked at
     * where sum is NULL.
     */
    double scale;
} quell_fold_f32_u16;

/**
 * The state of the running arg-max over masks: which mask's value is the largest at each pixel. Set everything
 * to zero, then what there is, and call the reset; a pointer that is NULL stands for something that is not
 * kept. Masks, and the pixels of a mask, may come in any order and in any portions.
 */
typedef struct quell_fold_f64_u8 {
    /**
     * The largest value so far at each pixel.
     */
    double *best;
    /**
     * The label of the mask that has it.
     */
    uint8_t *labels;
    /**
     * The second largest value, for margins; or NULL.
     */
    double *second;
    /**
     * The sum of the soft-max over masks, for confidences; or NULL.
     */
    double *sum;
    /**
     * The sum of its weighted exponents, for entropies; or NULL, and NULL where sum is.
     */
    double *moment;
    /**
     * The length of each.
     */
    size_t pixels;
    /**
     * The inverse temperature s of the soft-max, p proportional to exp(s value); not negative. Not looked at
     * where sum is NULL.
     */
    double scale;
} quell_fold_f64_u8;

/**
 * The state of the running arg-max over masks: which mask's value is the largest at each pixel. Set everything
 * to zero, then what there is, and call the reset; a pointer that is NULL stands for something that is not
 * kept. Masks, and the pixels of a mask, may come in any order and in any portions.
 */
typedef struct quell_fold_f64_u16 {
    /**
     * The largest value so far at each pixel.
     */
    double *best;
    /**
     * The label of the mask that has it.
     */
    uint16_t *labels;
    /**
     * The second largest value, for margins; or NULL.
     */
    double *second;
    /**
     * The sum of the soft-max over masks, for confidences; or NULL.
     */
    double *sum;
    /**
     * The sum of its weighted exponents, for entropies; or NULL, and NULL where sum is.
     */
    double *moment;
    /**
     * The length of each.
     */
    size_t pixels;
    /**
     * The inverse temperature s of the soft-max, p proportional to exp(s value); not negative. Not looked at
     * where sum is NULL.
     */
    double scale;
} quell_fold_f64_u16;

/**
 * How pairs of images are read.
 */
typedef struct quell_readout {
    /**
     * The channels of the images.
     */
    size_t channels;
    /**
     * Their rows.
     */
    size_t height;
    /**
     * Their columns.
     */
    size_t width;
    /**
     * A quell_norm.
     */
    int32_t norm;
    /**
     * A quell_filtered.
     */
    int32_t filtered;
    /**
     * The filter; a sigma of 0 for none.
     */
    struct quell_blur filter;
} quell_readout;

/**
 * How far the read-out of one mask has come. It goes with the Readout and the state that it started with.
 */
typedef struct quell_readout_progress {
    /**
     * The mask.
     */
    size_t label;
    /**
     * What filtered values are divided by: see quell_difference_size.
     */
    double divisor;
    /**
     * The rows that have been taken.
     */
    size_t rows;
} quell_readout_progress;

/**
 * How far the filter reaches.
 */
typedef struct quell_joint_bilateral {
    /**
     * The standard deviation in space, in cells.
     */
    double sigma_space;
    /**
     * The standard deviation in the guide's own unit: of 0 to 255 for bytes.
     */
    double sigma_range;
    /**
     * How many cells to each side count.
     */
    size_t radius;
} quell_joint_bilateral;

/**
 * The window, and how much the image must vary in it to count as an edge.
 */
typedef struct quell_guided {
    /**
     * How many pixels to each side.
     */
    size_t radius;
    /**
     * epsilon: variances well below it are smoothed over. In the guide's own unit, squared.
     */
    double epsilon;
} quell_guided;

/**
 * A segmentation in a few numbers.
 */
typedef struct quell_iou_summary {
    /**
     * The mean of the intersections over unions of the classes that are there; NaN if there is none.
     */
    double miou;
    /**
     * The share of pixels whose class is right; NaN if there is no pixel.
     */
    double accuracy;
    /**
     * How many classes are there: in the truth, in the prediction or in both.
     */
    uint64_t present;
    /**
     * How many pixels were counted.
     */
    uint64_t pixels;
} quell_iou_summary;

/**
 * Boundary pixels, of one image or, added up, of many.
 */
typedef struct quell_boundaries {
    /**
     * Those of the truth.
     */
    uint64_t truth;
    /**
     * Those of the truth that the labels have nearby.
     */
    uint64_t truth_found;
    /**
     * Those of the labels.
     */
    uint64_t labels;
    /**
     * Those of the labels that the truth has nearby.
     */
    uint64_t labels_found;
} quell_boundaries;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/* ---- Version and status ---- */

/**
 * The version of the library, as "major.minor.patch". The string is static.
 */
QUELL_MUST_USE const char *quell_version(void);

/**
 * The cause that a status holds: a quell_cause, or -1 for a number that no function returns.
 */
QUELL_MUST_USE int32_t quell_status_cause(quell_status status);

/**
 * The number of the argument that a status names; 0 for success, and for a number that no function returns.
 */
QUELL_MUST_USE int32_t quell_status_argument(quell_status status);

/**
 * What a status means, in words: the cause. The string is static, whatever the number.
 */
QUELL_MUST_USE const char *quell_status_str(quell_status status);

/**
 * The name of the argument that a status names, as signatures and structs spell it; "" where quell_status_argument()
 * is 0. The string is static, whatever the number.
 */
QUELL_MUST_USE
const char *quell_status_argument_str(quell_status status);

/* ---- Random draws ---- */

/**
 * One block of Philox4x32-10: four words from a counter of four words and a key of two.
 *
 * @param out      four words
 * @param counter  four words
 * @param key      two words
 */
QUELL_MUST_USE quell_status quell_philox4x32_10(uint32_t *out, const uint32_t *counter, const uint32_t *key);

/**
 * Fills a buffer with standard normals. Element k of the buffer is element first_element + k of the stream
 * that (seed, stream, step) names: any part can be drawn alone, on any machine, and has the same bits.
 *
 * @param out            n elements
 * @param n              how many
 * @param seed           which sequence of experiments
 * @param stream         which independent use of the seed: 0 for step noise, say
 * @param step           which draw of that use
 * @param first_element  the number of the first element
 */
QUELL_MUST_USE
quell_status quell_normal_f32(float *out,
                              size_t n,
                              uint64_t seed,
                              uint32_t stream,
                              uint32_t step,
                              uint64_t first_element);

/**
 * Fills a batch of seeds_len equal items with standard normals, each from its own seed, so that an item's
 * noise does not depend on the batch that it travels in.
 *
 * @param out        n elements, a multiple of seeds_len
 * @param n          how many in all
 * @param seeds      one seed for each item
 * @param seeds_len  how many items
 * @param stream     which independent use of the seeds
 * @param step       which draw of that use
 */
QUELL_MUST_USE
quell_status quell_normal_batch_f32(float *out,
                                    size_t n,
                                    const uint64_t *seeds,
                                    size_t seeds_len,
                                    uint32_t stream,
                                    uint32_t step);

/**
 * Fills a buffer with standard normals. Element k of the buffer is element first_element + k of the stream
 * that (seed, stream, step) names: any part can be drawn alone, on any machine, and has the same bits.
 *
 * @param out            n elements
 * @param n              how many
 * @param seed           which sequence of experiments
 * @param stream         which independent use of the seed: 0 for step noise, say
 * @param step           which draw of that use
 * @param first_element  the number of the first element
 */
QUELL_MUST_USE
quell_status quell_normal_f64(double *out,
                              size_t n,
                              uint64_t seed,
                              uint32_t stream,
                              uint32_t step,
                              uint64_t first_element);

/**
 * Fills a batch of seeds_len equal items with standard normals, each from its own seed, so that an item's
 * noise does not depend on the batch that it travels in.
 *
 * @param out        n elements, a multiple of seeds_len
 * @param n          how many in all
 * @param seeds      one seed for each item
 * @param seeds_len  how many items
 * @param stream     which independent use of the seeds
 * @param step       which draw of that use
 */
QUELL_MUST_USE
quell_status quell_normal_batch_f64(double *out,
                                    size_t n,
                                    const uint64_t *seeds,
                                    size_t seeds_len,
                                    uint32_t stream,
                                    uint32_t step);

/**
 * Fills a buffer with standard normals. Element k of the buffer is element first_element + k of the stream
 * that (seed, stream, step) names: any part can be drawn alone, on any machine, and has the same bits.
 *
 * @param out            n elements
 * @param n              how many
 * @param seed           which sequence of experiments
 * @param stream         which independent use of the seed: 0 for step noise, say
 * @param step           which draw of that use
 * @param first_element  the number of the first element
 */
QUELL_MUST_USE
quell_status quell_normal_f16(uint16_t *out,
                              size_t n,
                              uint64_t seed,
                              uint32_t stream,
                              uint32_t step,
                              uint64_t first_element);

/**
 * Fills a batch of seeds_len equal items with standard normals, each from its own seed, so that an item's
 * noise does not depend on the batch that it travels in.
 *
 * @param out        n elements, a multiple of seeds_len
 * @param n          how many in all
 * @param seeds      one seed for each item
 * @param seeds_len  how many items
 * @param stream     which independent use of the seeds
 * @param step       which draw of that use
 */
QUELL_MUST_USE
quell_status quell_normal_batch_f16(uint16_t *out,
                                    size_t n,
                                    const uint64_t *seeds,
                                    size_t seeds_len,
                                    uint32_t stream,
                                    uint32_t step);

/**
 * Fills a buffer with standard normals. Element k of the buffer is element first_element + k of the stream
 * that (seed, stream, step) names: any part can be drawn alone, on any machine, and has the same bits.
 *
 * @param out            n elements
 * @param n              how many
 * @param seed           which sequence of experiments
 * @param stream         which independent use of the seed: 0 for step noise, say
 * @param step           which draw of that use
 * @param first_element  the number of the first element
 */
QUELL_MUST_USE
quell_status quell_normal_bf16(uint16_t *out,
                               size_t n,
                               uint64_t seed,
                               uint32_t stream,
                               uint32_t step,
                               uint64_t first_element);

/**
 * Fills a batch of seeds_len equal items with standard normals, each from its own seed, so that an item's
 * noise does not depend on the batch that it travels in.
 *
 * @param out        n elements, a multiple of seeds_len
 * @param n          how many in all
 * @param seeds      one seed for each item
 * @param seeds_len  how many items
 * @param stream     which independent use of the seeds
 * @param step       which draw of that use
 */
QUELL_MUST_USE
quell_status quell_normal_batch_bf16(uint16_t *out,
                                     size_t n,
                                     const uint64_t *seeds,
                                     size_t seeds_len,
                                     uint32_t stream,
                                     uint32_t step);

/**
 * Fills a buffer with uniforms in [0, 1), addressed as the normals are. Single precision takes 24 bits of one
 * word, double precision 53 bits of two.
 *
 * @param out            n elements
 * @param n              how many
 * @param seed           which sequence of experiments
 * @param stream         which independent use of the seed
 * @param step           which draw of that use
 * @param first_element  the number of the first element
 */
QUELL_MUST_USE
quell_status quell_uniform_f32(float *out,
                               size_t n,
                               uint64_t seed,
                               uint32_t stream,
                               uint32_t step,
                               uint64_t first_element);

/**
 * Fills a buffer with uniforms in [0, 1), addressed as the normals are. Single precision takes 24 bits of one
 * word, double precision 53 bits of two.
 *
 * @param out            n elements
 * @param n              how many
 * @param seed           which sequence of experiments
 * @param stream         which independent use of the seed
 * @param step           which draw of that use
 * @param first_element  the number of the first element
 */
QUELL_MUST_USE
quell_status quell_uniform_f64(double *out,
                               size_t n,
                               uint64_t seed,
                               uint32_t stream,
                               uint32_t step,
                               uint64_t first_element);

/* ---- Noise processes and noise levels ---- */

/**
 * Fills betas with a straight line between two values in (0, 1).
 *
 * @param betas       betas_len elements, one for each training step
 * @param betas_len   how many
 * @param beta_start  the first
 * @param beta_end    the last
 */
QUELL_MUST_USE
quell_status quell_betas_linear(double *betas,
                                size_t betas_len,
                                double beta_start,
                                double beta_end);

/**
 * Fills betas with the square of a straight line between two square roots: Stable Diffusion takes 0.00085 and
 * 0.012.
 *
 * @param betas       betas_len elements, one for each training step
 * @param betas_len   how many
 * @param beta_start  the first
 * @param beta_end    the last
 */
QUELL_MUST_USE
quell_status quell_betas_scaled_linear(double *betas,
                                       size_t betas_len,
                                       double beta_start,
                                       double beta_end);

/**
 * Fills betas with a logistic curve between two values in (0, 1).
 *
 * @param betas       betas_len elements, one for each training step
 * @param betas_len   how many
 * @param beta_start  the lower end
 * @param beta_end    the upper end
 */
QUELL_MUST_USE
quell_status quell_betas_sigmoid(double *betas,
                                 size_t betas_len,
                                 double beta_start,
                                 double beta_end);

/**
 * Fills betas from a squared-cosine alpha-bar.
 *
 * @param betas      betas_len elements, one for each training step
 * @param betas_len  how many
 * @param beta_max   the cap on each, usually 0.999
 */
QUELL_MUST_USE quell_status quell_betas_squared_cosine(double *betas, size_t betas_len, double beta_max);

/**
 * Fills betas so that the log signal-to-noise ratio has a Laplace distribution.
 *
 * @param betas      betas_len elements, one for each training step
 * @param betas_len  how many
 * @param beta_max   the cap on each, usually 0.999
 */
QUELL_MUST_USE quell_status quell_betas_laplace(double *betas, size_t betas_len, double beta_max);

/**
 * Turns betas into alpha-bars, the cumulative products of 1 - beta.
 *
 * @param alpha_bars      alpha_bars_len elements
 * @param alpha_bars_len  how many
 * @param betas           as many, each in (0, 1]
 * @param betas_len       how many
 */
QUELL_MUST_USE
quell_status quell_alpha_bars_from_betas(double *alpha_bars,
                                         size_t alpha_bars_len,
                                         const double *betas,
                                         size_t betas_len);

/**
 * Shifts and scales the square roots of alpha-bars, in place, so that the last is 0 and the first stays.
 *
 * @param alpha_bars      strictly decreasing within [0, 1)
 * @param alpha_bars_len  how many, at least 2
 */
QUELL_MUST_USE quell_status quell_rescale_zero_terminal_snr(double *alpha_bars, size_t alpha_bars_len);

/**
 * Makes the variance-preserving process with a linear beta(t) whose sigma/alpha runs from sigma_min at t = epsilon to
 * sigma_max at t = 1.
 *
 * @param out        the process
 * @param sigma_min  positive
 * @param sigma_max  greater
 * @param epsilon    in (0, 1), usually 0.001
 */
QUELL_MUST_USE
quell_status quell_vp_linear_from_sigma_range(struct quell_process *out,
                                              double sigma_min,
                                              double sigma_max,
                                              double epsilon);

/**
 * The noise level at a timestep, which may be fractional.
 *
 * @param out       the level
 * @param process   the process
 * @param timestep  within the process's range
 */
QUELL_MUST_USE
quell_status quell_level_at_timestep(struct quell_level *out,
                                     const struct quell_process *process,
                                     double timestep);

/**
 * The noise level with a given sigma: sigma/alpha, or the flow time of a rectified flow.
 *
 * @param out      the level
 * @param process  the process
 * @param sigma    not negative, at most 1 for a flow
 */
QUELL_MUST_USE
quell_status quell_level_at_sigma(struct quell_level *out,
                                  const struct quell_process *process,
                                  double sigma);

/**
 * The noise level with a given sigma/alpha, whatever the process calls sigma.
 *
 * @param out      the level
 * @param process  the process
 * @param sigma    not negative
 */
QUELL_MUST_USE
quell_status quell_level_at_noise_to_signal(struct quell_level *out,
                                            const struct quell_process *process,
                                            double sigma);

/**
 * The noise level with a given lambda = ln(alpha/sigma).
 *
 * @param out           the level
 * @param process       the process
 * @param half_log_snr  lambda
 */
QUELL_MUST_USE
quell_status quell_level_at_half_log_snr(struct quell_level *out,
                                         const struct quell_process *process,
                                         double half_log_snr);

/**
 * The noise level with a given alpha-bar.
 *
 * @param out        the level
 * @param process    the process
 * @param alpha_bar  in (0, 1]
 */
QUELL_MUST_USE
quell_status quell_level_at_alpha_bar(struct quell_level *out,
                                      const struct quell_process *process,
                                      double alpha_bar);

/**
 * alpha^2 / (alpha^2 + sigma^2) of a level.
 *
 * @param out    the result
 * @param level  the level
 */
QUELL_MUST_USE quell_status quell_level_alpha_bar(double *out, const struct quell_level *level);

/**
 * sigma/alpha of a level; infinite where alpha is 0.
 *
 * @param out    the result
 * @param level  the level
 */
QUELL_MUST_USE quell_status quell_level_noise_to_signal(double *out, const struct quell_level *level);

/**
 * lambda = ln(alpha/sigma) of a level; infinite at either end.
 *
 * @param out    the result
 * @param level  the level
 */
QUELL_MUST_USE quell_status quell_level_half_log_snr(double *out, const struct quell_level *level);

/**
 * The same level for a state that is scale times as large.
 *
 * @param out    the result
 * @param level  the level
 * @param scale  the factor, positive
 */
QUELL_MUST_USE
quell_status quell_level_scaled(struct quell_level *out,
                                const struct quell_level *level,
                                double scale);

/**
 * Turns levels, in place, into those of the state x/alpha, in which the signal never shrinks: the form that
 * k-diffusion samples in.
 *
 * @param levels      levels_len levels, none with alpha = 0
 * @param levels_len  how many
 */
QUELL_MUST_USE quell_status quell_levels_variance_exploding(struct quell_level *levels, size_t levels_len);

/**
 * Fills levels from as many sigmas, which must be strictly decreasing.
 *
 * @param levels      levels_len levels
 * @param levels_len  how many
 * @param process     the process
 * @param sigmas      as many
 * @param sigmas_len  how many
 */
QUELL_MUST_USE
quell_status quell_levels_from_sigmas(struct quell_level *levels,
                                      size_t levels_len,
                                      const struct quell_process *process,
                                      const double *sigmas,
                                      size_t sigmas_len);

/**
 * Fills levels from one timestep fewer, strictly decreasing, and a last level.
 *
 * @param levels         levels_len levels
 * @param levels_len     how many, at least 2
 * @param process        the process
 * @param timesteps      one fewer
 * @param timesteps_len  how many
 * @param last           a quell_last
 */
QUELL_MUST_USE
quell_status quell_levels_from_timesteps(struct quell_level *levels,
                                         size_t levels_len,
                                         const struct quell_process *process,
                                         const double *timesteps,
                                         size_t timesteps_len,
                                         int32_t last);

/**
 * Shifts the sigmas of a flow, in place: s becomes shift s / (1 + (shift - 1) s). Stable Diffusion 3 and Flux start from
 * 1 - i/steps.
 *
 * @param sigmas      sigmas_len elements in [0, 1]
 * @param sigmas_len  how many
 * @param shift       positive
 */
QUELL_MUST_USE
quell_status quell_flow_shift(double *sigmas,
                              size_t sigmas_len,
                              double shift);

/**
 * Shifts the sigmas of a flow, in place, by an amount that depends on the image's size through mu.
 *
 * @param sigmas      sigmas_len elements in [0, 1]
 * @param sigmas_len  how many
 * @param mu          see quell_flow_mu()
 * @param shift_kind  a quell_shift_kind
 */
QUELL_MUST_USE
quell_status quell_flow_shift_dynamic(double *sigmas,
                                      size_t sigmas_len,
                                      double mu,
                                      int32_t shift_kind);

/**
 * mu for an image of sequence_length tokens: the line through (256, base_shift) and (4096, max_shift).
 *
 * @param out              mu
 * @param sequence_length  at least 1
 * @param base_shift       0.5 for Flux
 * @param max_shift        1.15 for Flux
 */
QUELL_MUST_USE
quell_status quell_flow_mu(double *out,
                           size_t sequence_length,
                           double base_shift,
                           double max_shift);

/**
 * Stretches decreasing sigmas of a flow linearly, in place, so that the last is terminal and 1 stays 1.
 *
 * @param sigmas      sigmas_len elements in [0, 1], strictly decreasing
 * @param sigmas_len  how many
 * @param terminal    in (0, 1)
 */
QUELL_MUST_USE quell_status quell_flow_stretch_terminal(double *sigmas, size_t sigmas_len, double terminal);

/* ---- Schedules ---- */

/**
 * Checks a schedule as the solvers do. What concerns one step alone, such as noise prediction at alpha = 0, that step
 * refuses.
 *
 * @param schedule  the schedule
 */
QUELL_MUST_USE
quell_status quell_schedule_check(const struct quell_schedule *schedule);

/* ---- Steps ---- */

/**
 * The position at which to start a schedule of steps steps so that its last round(strength * steps) steps are run,
 * ties to even: add it to schedule.levels, take it from schedule.levels_len, and begin with quell_step_add_noise() on
 * the clean sample. Where it is steps there is nothing to run.
 *
 * @param out       the position
 * @param steps     how many there are
 * @param strength  in [0, 1]
 */
QUELL_MUST_USE
quell_status quell_schedule_start(size_t *out,
                                  size_t steps,
                                  double strength);

/**
 * Fills sigmas equally spaced in sigma^(1/rho), EDM's schedule.
 *
 * @param sigmas      sigmas_len elements, one more than there are steps
 * @param sigmas_len  how many, at least 2
 * @param sigma_min   positive
 * @param sigma_max   greater
 * @param rho         positive, 7 for EDM
 * @param last        a quell_last; with QUELL_LAST_ZERO a 0 is appended to the span
 */
QUELL_MUST_USE
quell_status quell_sigmas_karras(double *sigmas,
                                 size_t sigmas_len,
                                 double sigma_min,
                                 double sigma_max,
                                 double rho,
                                 int32_t last);

/**
 * Fills sigmas equally spaced in ln sigma: uniform in the log signal-to-noise ratio.
 *
 * @param sigmas      sigmas_len elements, one more than there are steps
 * @param sigmas_len  how many, at least 2
 * @param sigma_min   positive
 * @param sigma_max   greater
 * @param last        a quell_last; with QUELL_LAST_ZERO a 0 is appended to the span
 */
QUELL_MUST_USE
quell_status quell_sigmas_exponential(double *sigmas,
                                      size_t sigmas_len,
                                      double sigma_min,
                                      double sigma_max,
                                      int32_t last);

/**
 * Fills sigmas equally spaced in arctan(sigma/c): the optimum for Gaussian data of standard deviation c.
 *
 * @param sigmas      sigmas_len elements, one more than there are steps
 * @param sigmas_len  how many, at least 2
 * @param sigma_min   positive
 * @param sigma_max   greater
 * @param c           positive; 1 gives the cosine schedule, also called kl_optimal
 * @param last        a quell_last; with QUELL_LAST_ZERO a 0 is appended to the span
 */
QUELL_MUST_USE
quell_status quell_sigmas_arctan(double *sigmas,
                                 size_t sigmas_len,
                                 double sigma_min,
                                 double sigma_max,
                                 double c,
                                 int32_t last);

/**
 * Fills sigmas with a released Align Your Steps list, interpolated linearly in ln sigma to their number.
 *
 * @param sigmas      sigmas_len elements, one more than there are steps
 * @param sigmas_len  how many, at least 2
 * @param list        a quell_align_your_steps
 * @param last        a quell_last; with QUELL_LAST_ZERO the last sigma is overwritten by 0
 */
QUELL_MUST_USE
quell_status quell_sigmas_align_your_steps(double *sigmas,
                                           size_t sigmas_len,
                                           int32_t list,
                                           int32_t last);

/**
 * Fills the ten training timesteps that were released with a list. Only the two Stable Diffusion lists have any.
 *
 * @param timesteps      timesteps_len elements
 * @param timesteps_len  10
 * @param list           a quell_align_your_steps
 */
QUELL_MUST_USE
quell_status quell_timesteps_align_your_steps(double *timesteps,
                                              size_t timesteps_len,
                                              int32_t list);

/**
 * Interpolates a list of sigmas to another length, linearly in ln sigma.
 *
 * @param sigmas      sigmas_len elements
 * @param sigmas_len  how many, at least 2
 * @param nodes       nodes_len sigmas, positive and strictly decreasing
 * @param nodes_len   how many, at least 2
 */
QUELL_MUST_USE
quell_status quell_interpolate_log_linear(double *sigmas,
                                          size_t sigmas_len,
                                          const double *nodes,
                                          size_t nodes_len);

/**
 * Fills exactly timesteps_len timesteps, from the noisiest down.
 *
 * @param timesteps        timesteps_len elements
 * @param timesteps_len    how many, from 1 to train_timesteps
 * @param train_timesteps  how many the network was trained on, usually 1000
 * @param spacing          a quell_spacing
 * @param steps_offset     what leading spacing adds; not looked at for the others
 */
QUELL_MUST_USE
quell_status quell_timesteps_spaced(double *timesteps,
                                    size_t timesteps_len,
                                    size_t train_timesteps,
                                    int32_t spacing,
                                    size_t steps_offset);

/**
 * Fills times of a continuous process from t_max to t_min, equally spaced in t^(1/power).
 *
 * @param timesteps      timesteps_len elements
 * @param timesteps_len  how many, at least 2
 * @param t_min          not negative
 * @param t_max          greater
 * @param power          positive: 1 for time-uniform, 2 for time-quadratic spacing
 */
QUELL_MUST_USE
quell_status quell_timesteps_continuous(double *timesteps,
                                        size_t timesteps_len,
                                        double t_min,
                                        double t_max,
                                        double power);

/* ---- What a network predicts ---- */

/**
 * The estimate of the clean sample as a combination of state and output: out->x * state + out->model * output.
 *
 * @param out         the combination
 * @param prediction  what the network predicts
 * @param level       where it was evaluated
 */
QUELL_MUST_USE
quell_status quell_prediction_denoised(struct quell_linear *out,
                                       const struct quell_prediction *prediction,
                                       const struct quell_level *level);

/**
 * The combination of state and output that gives what a network of another kind would have put out.
 *
 * @param out    the combination
 * @param from   what the network predicts
 * @param to     what is wanted
 * @param level  where it was evaluated
 */
QUELL_MUST_USE
quell_status quell_prediction_convert(struct quell_linear *out,
                                      const struct quell_prediction *from,
                                      const struct quell_prediction *to,
                                      const struct quell_level *level);

/**
 * Writes linear->x * state + linear->model * output, element by element.
 *
 * @param out     n elements
 * @param x       the state, n elements
 * @param model   the network's output, n elements
 * @param n       how many
 * @param linear  from quell_prediction_denoised() or quell_prediction_convert()
 */
QUELL_MUST_USE
quell_status quell_linear_apply_f32(float *out,
                                    const float *x,
                                    const float *model,
                                    size_t n,
                                    const struct quell_linear *linear);

/**
 * Writes linear->x * state + linear->model * output, element by element.
 *
 * @param out     n elements
 * @param x       the state, n elements
 * @param model   the network's output, n elements
 * @param n       how many
 * @param linear  from quell_prediction_denoised() or quell_prediction_convert()
 */
QUELL_MUST_USE
quell_status quell_linear_apply_f64(double *out,
                                    const double *x,
                                    const double *model,
                                    size_t n,
                                    const struct quell_linear *linear);

/**
 * Writes linear->x * state + linear->model * output, element by element.
 *
 * @param out     n elements
 * @param x       the state, n elements
 * @param model   the network's output, n elements
 * @param n       how many
 * @param linear  from quell_prediction_denoised() or quell_prediction_convert()
 */
QUELL_MUST_USE
quell_status quell_linear_apply_f16(uint16_t *out,
                                    const uint16_t *x,
                                    const uint16_t *model,
                                    size_t n,
                                    const struct quell_linear *linear);

/**
 * Writes linear->x * state + linear->model * output, element by element.
 *
 * @param out     n elements
 * @param x       the state, n elements
 * @param model   the network's output, n elements
 * @param n       how many
 * @param linear  from quell_prediction_denoised() or quell_prediction_convert()
 */
QUELL_MUST_USE
quell_status quell_linear_apply_bf16(uint16_t *out,
                                     const uint16_t *x,
                                     const uint16_t *model,
                                     size_t n,
                                     const struct quell_linear *linear);

/**
 * Writes linear->x * state + linear->model * output, element by element.
 *
 * @param out     n elements
 * @param x       the state, n elements
 * @param model   the network's output, n elements
 * @param n       how many
 * @param linear  from quell_prediction_denoised() or quell_prediction_convert()
 */
QUELL_MUST_USE
quell_status quell_linear_apply_f32_f16(float *out,
                                        const float *x,
                                        const uint16_t *model,
                                        size_t n,
                                        const struct quell_linear *linear);

/**
 * Writes linear->x * state + linear->model * output, element by element.
 *
 * @param out     n elements
 * @param x       the state, n elements
 * @param model   the network's output, n elements
 * @param n       how many
 * @param linear  from quell_prediction_denoised() or quell_prediction_convert()
 */
QUELL_MUST_USE
quell_status quell_linear_apply_f32_bf16(float *out,
                                         const float *x,
                                         const uint16_t *model,
                                         size_t n,
                                         const struct quell_linear *linear);

/* ---- Solvers ---- */

/**
 * The usual options: eta = 0, use_clipped_model_output = 0.
 *
 * @param out  the options
 */
QUELL_MUST_USE quell_status quell_ddim_default(struct quell_ddim *out);

/**
 * The number of passes for a whole schedule: network evaluations, and a first pass without one where churn
 * asks for it.
 *
 * @param out       the number
 * @param options   the solver's options
 * @param schedule  the schedule
 */
QUELL_MUST_USE
quell_status quell_ddim_passes(size_t *out,
                               const struct quell_ddim *options,
                               const struct quell_schedule *schedule);

/**
 * Pass index: where to evaluate the network, and what to make of its output.
 *
 * @param out       the step
 * @param options   the solver's options
 * @param schedule  the schedule
 * @param index     from 0 to the number of passes less one
 */
QUELL_MUST_USE
quell_status quell_ddim_step(struct quell_step *out,
                             const struct quell_ddim *options,
                             const struct quell_schedule *schedule,
                             size_t index);

/**
 * The usual options: eta = 1, s_noise = 1. Plain Euler, as for flow models, has eta = 0.
 *
 * @param out  the options
 */
QUELL_MUST_USE quell_status quell_euler_ancestral_default(struct quell_euler_ancestral *out);

/**
 * The number of passes for a whole schedule: network evaluations, and a first pass without one where churn
 * asks for it.
 *
 * @param out       the number
 * @param options   the solver's options
 * @param schedule  the schedule
 */
QUELL_MUST_USE
quell_status quell_euler_ancestral_passes(size_t *out,
                                          const struct quell_euler_ancestral *options,
                                          const struct quell_schedule *schedule);

/**
 * Pass index: where to evaluate the network, and what to make of its output.
 *
 * @param out       the step
 * @param options   the solver's options
 * @param schedule  the schedule
 * @param index     from 0 to the number of passes less one
 */
QUELL_MUST_USE
quell_status quell_euler_ancestral_step(struct quell_step *out,
                                        const struct quell_euler_ancestral *options,
                                        const struct quell_schedule *schedule,
                                        size_t index);

/**
 * The usual options, without churn: s_churn = 0, s_tmin = 0, s_tmax infinite, s_noise = 1.
 *
 * @param out  the options
 */
QUELL_MUST_USE quell_status quell_heun_default(struct quell_heun *out);

/**
 * The number of passes for a whole schedule: network evaluations, and a first pass without one where churn
 * asks for it.
 *
 * @param out       the number
 * @param options   the solver's options
 * @param schedule  the schedule
 */
QUELL_MUST_USE
quell_status quell_heun_passes(size_t *out,
                               const struct quell_heun *options,
                               const struct quell_schedule *schedule);

/**
 * Pass index: where to evaluate the network, and what to make of its output.
 *
 * @param out       the step
 * @param options   the solver's options
 * @param schedule  the schedule
 * @param index     from 0 to the number of passes less one
 */
QUELL_MUST_USE
quell_status quell_heun_step(struct quell_step *out,
                             const struct quell_heun *options,
                             const struct quell_schedule *schedule,
                             size_t index);

/**
 * The usual options: lower_order_final = 0, QUELL_SECOND_ORDER_MIDPOINT.
 *
 * @param out  the options
 */
QUELL_MUST_USE quell_status quell_dpmpp_2m_default(struct quell_dpmpp_2m *out);

/**
 * The number of passes for a whole schedule: network evaluations, and a first pass without one where churn
 * asks for it.
 *
 * @param out       the number
 * @param options   the solver's options
 * @param schedule  the schedule
 */
QUELL_MUST_USE
quell_status quell_dpmpp_2m_passes(size_t *out,
                                   const struct quell_dpmpp_2m *options,
                                   const struct quell_schedule *schedule);

/**
 * Pass index: where to evaluate the network, and what to make of its output.
 *
 * @param out       the step
 * @param options   the solver's options
 * @param schedule  the schedule
 * @param index     from 0 to the number of passes less one
 */
QUELL_MUST_USE
quell_status quell_dpmpp_2m_step(struct quell_step *out,
                                 const struct quell_dpmpp_2m *options,
                                 const struct quell_schedule *schedule,
                                 size_t index);

/**
 * The usual options: eta = 1, s_noise = 1, lower_order_final = 0, QUELL_SECOND_ORDER_MIDPOINT.
 *
 * @param out  the options
 */
QUELL_MUST_USE quell_status quell_sde_dpmpp_2m_default(struct quell_sde_dpmpp_2m *out);

/**
 * The number of passes for a whole schedule: network evaluations, and a first pass without one where churn
 * asks for it.
 *
 * @param out       the number
 * @param options   the solver's options
 * @param schedule  the schedule
 */
QUELL_MUST_USE
quell_status quell_sde_dpmpp_2m_passes(size_t *out,
                                       const struct quell_sde_dpmpp_2m *options,
                                       const struct quell_schedule *schedule);

/**
 * Pass index: where to evaluate the network, and what to make of its output.
 *
 * @param out       the step
 * @param options   the solver's options
 * @param schedule  the schedule
 * @param index     from 0 to the number of passes less one
 */
QUELL_MUST_USE
quell_status quell_sde_dpmpp_2m_step(struct quell_step *out,
                                     const struct quell_sde_dpmpp_2m *options,
                                     const struct quell_schedule *schedule,
                                     size_t index);

/**
 * The usual options: order 2, QUELL_B_FUNCTION_BH2, skip_corrector = 0, lower_order_final = 1.
 *
 * @param out  the options
 */
QUELL_MUST_USE quell_status quell_unipc_default(struct quell_unipc *out);

/**
 * The number of passes for a whole schedule: network evaluations, and a first pass without one where churn
 * asks for it.
 *
 * @param out       the number
 * @param options   the solver's options
 * @param schedule  the schedule
 */
QUELL_MUST_USE
quell_status quell_unipc_passes(size_t *out,
                                const struct quell_unipc *options,
                                const struct quell_schedule *schedule);

/**
 * Pass index: where to evaluate the network, and what to make of its output.
 *
 * @param out       the step
 * @param options   the solver's options
 * @param schedule  the schedule
 * @param index     from 0 to the number of passes less one
 */
QUELL_MUST_USE
quell_status quell_unipc_step(struct quell_step *out,
                              const struct quell_unipc *options,
                              const struct quell_schedule *schedule,
                              size_t index);

/**
 * The authors' options: order 3, QUELL_NOISE_SCALE_SDE5, s_noise = 1, noise_floor = 1e-6, points = 100.
 *
 * @param out  the options
 */
QUELL_MUST_USE quell_status quell_er_sde_default(struct quell_er_sde *out);

/**
 * The number of passes for a whole schedule: network evaluations, and a first pass without one where churn
 * asks for it.
 *
 * @param out       the number
 * @param options   the solver's options
 * @param schedule  the schedule
 */
QUELL_MUST_USE
quell_status quell_er_sde_passes(size_t *out,
                                 const struct quell_er_sde *options,
                                 const struct quell_schedule *schedule);

/**
 * Pass index: where to evaluate the network, and what to make of its output.
 *
 * @param out       the step
 * @param options   the solver's options
 * @param schedule  the schedule
 * @param index     from 0 to the number of passes less one
 */
QUELL_MUST_USE
quell_status quell_er_sde_step(struct quell_step *out,
                               const struct quell_er_sde *options,
                               const struct quell_schedule *schedule,
                               size_t index);

/**
 * phi(sigma) of a noise scale function; infinite where it overflows.
 *
 * @param out          the result
 * @param noise_scale  a quell_noise_scale
 * @param sigma        positive
 */
QUELL_MUST_USE quell_status quell_noise_scale_value(double *out, int32_t noise_scale, double sigma);

/**
 * lambda^2 = sigma phi'(sigma) / phi(sigma) - 1: 0 without noise, 1 for the reverse-time SDE.
 *
 * @param out          the result
 * @param noise_scale  a quell_noise_scale
 * @param sigma        positive
 */
QUELL_MUST_USE quell_status quell_noise_scale_lambda_squared(double *out, int32_t noise_scale, double sigma);

/**
 * The factor (1 + lambda^2)^2 / (4 lambda^2) on sigma^-3 times the squared change of D in the bound on the KL
 * divergence; infinite where there is no noise.
 *
 * @param out          the result
 * @param noise_scale  a quell_noise_scale
 * @param sigma        positive
 */
QUELL_MUST_USE quell_status quell_noise_scale_klub_weight(double *out, int32_t noise_scale, double sigma);

/**
 * The same factor for a constant share eta = lambda^2 of fresh noise: (1 + eta)^2 / (4 eta).
 *
 * @param out  the result
 * @param eta  not negative
 */
QUELL_MUST_USE quell_status quell_klub_weight(double *out, double eta);

/**
 * A step of DDIM between any two levels, outside a schedule: also of no length, and for eta = 0 towards more noise.
 *
 * @param out         the step
 * @param options     DDIM's options
 * @param from        where the network is evaluated
 * @param to          where the step leads
 * @param prediction  what the network predicts
 */
QUELL_MUST_USE
quell_status quell_ddim_between(struct quell_step *out,
                                const struct quell_ddim *options,
                                const struct quell_level *from,
                                const struct quell_level *to,
                                const struct quell_prediction *prediction);

/**
 * The step that noises a clean sample: x = alpha x + sigma z. Its draw is number QUELL_INITIAL_NOISE_STEP.
 *
 * @param out    the step
 * @param level  the level to reach
 */
QUELL_MUST_USE quell_status quell_step_add_noise(struct quell_step *out, const struct quell_level *level);

/**
 * The step that begins a run from noise alone: x = sigma z; the old content of x is not read. Its draw is number
 * QUELL_INITIAL_NOISE_STEP, which no solver's step takes.
 *
 * @param out    the step
 * @param level  the first level of the schedule
 */
QUELL_MUST_USE
quell_status quell_step_initial_noise(struct quell_step *out,
                                      const struct quell_level *level);

/**
 * The step that leaves the state alone. Its pass serves to scale a state for the network.
 *
 * @param out    the step
 * @param level  the level of the state
 */
QUELL_MUST_USE quell_status quell_step_identity(struct quell_step *out, const struct quell_level *level);

/**
 * The rows of a step in terms of the buffers that there are, for hosts with their own kernels.
 *
 * @param out      QUELL_ROWS rows; one whose destination is QUELL_DESTINATION_UNUSED is all zeros
 * @param step     the step
 * @param clipped  not 0: a clipped estimate of the clean sample is there beside the network's output
 */
QUELL_MUST_USE
quell_status quell_step_table(struct quell_table_row *out,
                              const struct quell_step *step,
                              int32_t clipped);

/**
 * The number of slots that a step reads or writes.
 *
 * @param out   the number
 * @param step  the step
 */
QUELL_MUST_USE quell_status quell_step_slots(size_t *out, const struct quell_step *step);

/**
 * The number of elements of a history of slots slots for a state of n elements; SIZE_MAX when that overflows.
 *
 * @param slots  QUELL_HEUN_SLOTS and the like
 * @param n      the elements of the state
 */
QUELL_MUST_USE
size_t quell_history_len(size_t slots,
                         size_t n);

/* ---- The pass ---- */

/**
 * Carries out a step on a batch, in one sweep over memory: new state, new history and, if asked for, the
 * scaled input of the next evaluation.
 *
 * @param x            the state, n elements
 * @param n            how many, a multiple of the number of items
 * @param history      the slots, one after the other, n elements each
 * @param history_len  how many elements; see quell_history_len()
 * @param next_input   n elements for the network's next input, or NULL
 * @param inputs       what the step reads
 * @param steps        one step, or one for each item
 * @param steps_len    how many
 */
QUELL_MUST_USE
quell_status quell_apply_f32(float *x,
                             size_t n,
                             float *history,
                             size_t history_len,
                             float *next_input,
                             const struct quell_inputs_f32 *inputs,
                             const struct quell_step *steps,
                             size_t steps_len);

/**
 * Writes the network's estimate of the clean sample, for a host that clips or thresholds it.
 *
 * @param out            n elements
 * @param x              the state, n elements
 * @param model          the network's output, n elements
 * @param unconditional  the unconditional output, n elements; NULL for no guidance
 * @param n              how many, a multiple of steps_len
 * @param steps          one step, or one for each item
 * @param steps_len      how many
 * @param guidance       the guidance scale; not looked at without the unconditional output
 */
QUELL_MUST_USE
quell_status quell_denoise_f32(float *out,
                               const float *x,
                               const float *model,
                               const float *unconditional,
                               size_t n,
                               const struct quell_step *steps,
                               size_t steps_len,
                               double guidance);

/**
 * Carries out a step on a batch, in one sweep over memory: new state, new history and, if asked for, the
 * scaled input of the next evaluation.
 *
 * @param x            the state, n elements
 * @param n            how many, a multiple of the number of items
 * @param history      the slots, one after the other, n elements each
 * @param history_len  how many elements; see quell_history_len()
 * @param next_input   n elements for the network's next input, or NULL
 * @param inputs       what the step reads
 * @param steps        one step, or one for each item
 * @param steps_len    how many
 */
QUELL_MUST_USE
quell_status quell_apply_f64(double *x,
                             size_t n,
                             double *history,
                             size_t history_len,
                             double *next_input,
                             const struct quell_inputs_f64 *inputs,
                             const struct quell_step *steps,
                             size_t steps_len);

/**
 * Writes the network's estimate of the clean sample, for a host that clips or thresholds it.
 *
 * @param out            n elements
 * @param x              the state, n elements
 * @param model          the network's output, n elements
 * @param unconditional  the unconditional output, n elements; NULL for no guidance
 * @param n              how many, a multiple of steps_len
 * @param steps          one step, or one for each item
 * @param steps_len      how many
 * @param guidance       the guidance scale; not looked at without the unconditional output
 */
QUELL_MUST_USE
quell_status quell_denoise_f64(double *out,
                               const double *x,
                               const double *model,
                               const double *unconditional,
                               size_t n,
                               const struct quell_step *steps,
                               size_t steps_len,
                               double guidance);

/**
 * Carries out a step on a batch, in one sweep over memory: new state, new history and, if asked for, the
 * scaled input of the next evaluation.
 *
 * @param x            the state, n elements
 * @param n            how many, a multiple of the number of items
 * @param history      the slots, one after the other, n elements each
 * @param history_len  how many elements; see quell_history_len()
 * @param next_input   n elements for the network's next input, or NULL
 * @param inputs       what the step reads
 * @param steps        one step, or one for each item
 * @param steps_len    how many
 */
QUELL_MUST_USE
quell_status quell_apply_f16(uint16_t *x,
                             size_t n,
                             uint16_t *history,
                             size_t history_len,
                             uint16_t *next_input,
                             const struct quell_inputs_f16 *inputs,
                             const struct quell_step *steps,
                             size_t steps_len);

/**
 * Writes the network's estimate of the clean sample, for a host that clips or thresholds it.
 *
 * @param out            n elements
 * @param x              the state, n elements
 * @param model          the network's output, n elements
 * @param unconditional  the unconditional output, n elements; NULL for no guidance
 * @param n              how many, a multiple of steps_len
 * @param steps          one step, or one for each item
 * @param steps_len      how many
 * @param guidance       the guidance scale; not looked at without the unconditional output
 */
QUELL_MUST_USE
quell_status quell_denoise_f16(uint16_t *out,
                               const uint16_t *x,
                               const uint16_t *model,
                               const uint16_t *unconditional,
                               size_t n,
                               const struct quell_step *steps,
                               size_t steps_len,
                               double guidance);

/**
 * Carries out a step on a batch, in one sweep over memory: new state, new history and, if asked for, the
 * scaled input of the next evaluation.
 *
 * @param x            the state, n elements
 * @param n            how many, a multiple of the number of items
 * @param history      the slots, one after the other, n elements each
 * @param history_len  how many elements; see quell_history_len()
 * @param next_input   n elements for the network's next input, or NULL
 * @param inputs       what the step reads
 * @param steps        one step, or one for each item
 * @param steps_len    how many
 */
QUELL_MUST_USE
quell_status quell_apply_bf16(uint16_t *x,
                              size_t n,
                              uint16_t *history,
                              size_t history_len,
                              uint16_t *next_input,
                              const struct quell_inputs_bf16 *inputs,
                              const struct quell_step *steps,
                              size_t steps_len);

/**
 * Writes the network's estimate of the clean sample, for a host that clips or thresholds it.
 *
 * @param out            n elements
 * @param x              the state, n elements
 * @param model          the network's output, n elements
 * @param unconditional  the unconditional output, n elements; NULL for no guidance
 * @param n              how many, a multiple of steps_len
 * @param steps          one step, or one for each item
 * @param steps_len      how many
 * @param guidance       the guidance scale; not looked at without the unconditional output
 */
QUELL_MUST_USE
quell_status quell_denoise_bf16(uint16_t *out,
                                const uint16_t *x,
                                const uint16_t *model,
                                const uint16_t *unconditional,
                                size_t n,
                                const struct quell_step *steps,
                                size_t steps_len,
                                double guidance);

/**
 * Carries out a step on a batch, in one sweep over memory: new state, new history and, if asked for, the
 * scaled input of the next evaluation.
 *
 * @param x            the state, n elements
 * @param n            how many, a multiple of the number of items
 * @param history      the slots, one after the other, n elements each
 * @param history_len  how many elements; see quell_history_len()
 * @param next_input   n elements for the network's next input, or NULL
 * @param inputs       what the step reads
 * @param steps        one step, or one for each item
 * @param steps_len    how many
 */
QUELL_MUST_USE
quell_status quell_apply_f32_f16(float *x,
                                 size_t n,
                                 float *history,
                                 size_t history_len,
                                 uint16_t *next_input,
                                 const struct quell_inputs_f32_f16 *inputs,
                                 const struct quell_step *steps,
                                 size_t steps_len);

/**
 * Writes the network's estimate of the clean sample, for a host that clips or thresholds it.
 *
 * @param out            n elements
 * @param x              the state, n elements
 * @param model          the network's output, n elements
 * @param unconditional  the unconditional output, n elements; NULL for no guidance
 * @param n              how many, a multiple of steps_len
 * @param steps          one step, or one for each item
 * @param steps_len      how many
 * @param guidance       the guidance scale; not looked at without the unconditional output
 */
QUELL_MUST_USE
quell_status quell_denoise_f32_f16(float *out,
                                   const float *x,
                                   const uint16_t *model,
                                   const uint16_t *unconditional,
                                   size_t n,
                                   const struct quell_step *steps,
                                   size_t steps_len,
                                   double guidance);

/**
 * Carries out a step on a batch, in one sweep over memory: new state, new history and, if asked for, the
 * scaled input of the next evaluation.
 *
 * @param x            the state, n elements
 * @param n            how many, a multiple of the number of items
 * @param history      the slots, one after the other, n elements each
 * @param history_len  how many elements; see quell_history_len()
 * @param next_input   n elements for the network's next input, or NULL
 * @param inputs       what the step reads
 * @param steps        one step, or one for each item
 * @param steps_len    how many
 */
QUELL_MUST_USE
quell_status quell_apply_f32_bf16(float *x,
                                  size_t n,
                                  float *history,
                                  size_t history_len,
                                  uint16_t *next_input,
                                  const struct quell_inputs_f32_bf16 *inputs,
                                  const struct quell_step *steps,
                                  size_t steps_len);

/**
 * Writes the network's estimate of the clean sample, for a host that clips or thresholds it.
 *
 * @param out            n elements
 * @param x              the state, n elements
 * @param model          the network's output, n elements
 * @param unconditional  the unconditional output, n elements; NULL for no guidance
 * @param n              how many, a multiple of steps_len
 * @param steps          one step, or one for each item
 * @param steps_len      how many
 * @param guidance       the guidance scale; not looked at without the unconditional output
 */
QUELL_MUST_USE
quell_status quell_denoise_f32_bf16(float *out,
                                    const float *x,
                                    const uint16_t *model,
                                    const uint16_t *unconditional,
                                    size_t n,
                                    const struct quell_step *steps,
                                    size_t steps_len,
                                    double guidance);

/* ---- Guidance and clipping ---- */

/**
 * Classifier-free guidance in place: x = u + guidance (x - u). At guidance = 1 x stays.
 *
 * @param x              the conditional output, n elements
 * @param unconditional  the unconditional output u, n elements
 * @param n              how many
 * @param guidance       the scale
 */
QUELL_MUST_USE
quell_status quell_classifier_free_f32(float *x,
                                       const float *unconditional,
                                       size_t n,
                                       double guidance);

/**
 * Scales guided outputs, item by item and in place, towards the standard deviation of the conditional output:
 * x = x (rescale std(conditional)/std(x) + 1 - rescale).
 *
 * @param x            the guided output, n elements
 * @param conditional  the conditional output, n elements
 * @param n            how many, a multiple of batch
 * @param batch        the number of items, at least 1
 * @param rescale      in [0, 1]
 */
QUELL_MUST_USE
quell_status quell_guidance_rescale_f32(float *x,
                                        const float *conditional,
                                        size_t n,
                                        size_t batch,
                                        double rescale);

/**
 * Clips each element to [-range, range], in place.
 *
 * @param x      n elements
 * @param n      how many
 * @param range  positive
 */
QUELL_MUST_USE quell_status quell_clip_f32(float *x, size_t n, double range);

/**
 * Dynamic thresholding, item by item and in place: with s the quantile of |x|, kept in [1, max_threshold],
 * x = clip(x, s)/s.
 *
 * @param x              n elements
 * @param n              how many, a multiple of batch
 * @param batch          the number of items, at least 1
 * @param quantile       in [0, 1], usually 0.995
 * @param max_threshold  at least 1
 */
QUELL_MUST_USE
quell_status quell_dynamic_threshold_f32(float *x,
                                         size_t n,
                                         size_t batch,
                                         double quantile,
                                         double max_threshold);

/**
 * Classifier-free guidance in place: x = u + guidance (x - u). At guidance = 1 x stays.
 *
 * @param x              the conditional output, n elements
 * @param unconditional  the unconditional output u, n elements
 * @param n              how many
 * @param guidance       the scale
 */
QUELL_MUST_USE
quell_status quell_classifier_free_f64(double *x,
                                       const double *unconditional,
                                       size_t n,
                                       double guidance);

/**
 * Scales guided outputs, item by item and in place, towards the standard deviation of the conditional output:
 * x = x (rescale std(conditional)/std(x) + 1 - rescale).
 *
 * @param x            the guided output, n elements
 * @param conditional  the conditional output, n elements
 * @param n            how many, a multiple of batch
 * @param batch        the number of items, at least 1
 * @param rescale      in [0, 1]
 */
QUELL_MUST_USE
quell_status quell_guidance_rescale_f64(double *x,
                                        const double *conditional,
                                        size_t n,
                                        size_t batch,
                                        double rescale);

/**
 * Clips each element to [-range, range], in place.
 *
 * @param x      n elements
 * @param n      how many
 * @param range  positive
 */
QUELL_MUST_USE quell_status quell_clip_f64(double *x, size_t n, double range);

/**
 * Dynamic thresholding, item by item and in place: with s the quantile of |x|, kept in [1, max_threshold],
 * x = clip(x, s)/s.
 *
 * @param x              n elements
 * @param n              how many, a multiple of batch
 * @param batch          the number of items, at least 1
 * @param quantile       in [0, 1], usually 0.995
 * @param max_threshold  at least 1
 */
QUELL_MUST_USE
quell_status quell_dynamic_threshold_f64(double *x,
                                         size_t n,
                                         size_t batch,
                                         double quantile,
                                         double max_threshold);

/**
 * Classifier-free guidance in place: x = u + guidance (x - u). At guidance = 1 x stays.
 *
 * @param x              the conditional output, n elements
 * @param unconditional  the unconditional output u, n elements
 * @param n              how many
 * @param guidance       the scale
 */
QUELL_MUST_USE
quell_status quell_classifier_free_f16(uint16_t *x,
                                       const uint16_t *unconditional,
                                       size_t n,
                                       double guidance);

/**
 * Scales guided outputs, item by item and in place, towards the standard deviation of the conditional output:
 * x = x (rescale std(conditional)/std(x) + 1 - rescale).
 *
 * @param x            the guided output, n elements
 * @param conditional  the conditional output, n elements
 * @param n            how many, a multiple of batch
 * @param batch        the number of items, at least 1
 * @param rescale      in [0, 1]
 */
QUELL_MUST_USE
quell_status quell_guidance_rescale_f16(uint16_t *x,
                                        const uint16_t *conditional,
                                        size_t n,
                                        size_t batch,
                                        double rescale);

/**
 * Clips each element to [-range, range], in place.
 *
 * @param x      n elements
 * @param n      how many
 * @param range  positive
 */
QUELL_MUST_USE quell_status quell_clip_f16(uint16_t *x, size_t n, double range);

/**
 * Dynamic thresholding, item by item and in place: with s the quantile of |x|, kept in [1, max_threshold],
 * x = clip(x, s)/s.
 *
 * @param x              n elements
 * @param n              how many, a multiple of batch
 * @param batch          the number of items, at least 1
 * @param quantile       in [0, 1], usually 0.995
 * @param max_threshold  at least 1
 */
QUELL_MUST_USE
quell_status quell_dynamic_threshold_f16(uint16_t *x,
                                         size_t n,
                                         size_t batch,
                                         double quantile,
                                         double max_threshold);

/**
 * Classifier-free guidance in place: x = u + guidance (x - u). At guidance = 1 x stays.
 *
 * @param x              the conditional output, n elements
 * @param unconditional  the unconditional output u, n elements
 * @param n              how many
 * @param guidance       the scale
 */
QUELL_MUST_USE
quell_status quell_classifier_free_bf16(uint16_t *x,
                                        const uint16_t *unconditional,
                                        size_t n,
                                        double guidance);

/**
 * Scales guided outputs, item by item and in place, towards the standard deviation of the conditional output:
 * x = x (rescale std(conditional)/std(x) + 1 - rescale).
 *
 * @param x            the guided output, n elements
 * @param conditional  the conditional output, n elements
 * @param n            how many, a multiple of batch
 * @param batch        the number of items, at least 1
 * @param rescale      in [0, 1]
 */
QUELL_MUST_USE
quell_status quell_guidance_rescale_bf16(uint16_t *x,
                                         const uint16_t *conditional,
                                         size_t n,
                                         size_t batch,
                                         double rescale);

/**
 * Clips each element to [-range, range], in place.
 *
 * @param x      n elements
 * @param n      how many
 * @param range  positive
 */
QUELL_MUST_USE quell_status quell_clip_bf16(uint16_t *x, size_t n, double range);

/**
 * Dynamic thresholding, item by item and in place: with s the quantile of |x|, kept in [1, max_threshold],
 * x = clip(x, s)/s.
 *
 * @param x              n elements
 * @param n              how many, a multiple of batch
 * @param batch          the number of items, at least 1
 * @param quantile       in [0, 1], usually 0.995
 * @param max_threshold  at least 1
 */
QUELL_MUST_USE
quell_status quell_dynamic_threshold_bf16(uint16_t *x,
                                          size_t n,
                                          size_t batch,
                                          double quantile,
                                          double max_threshold);

/* ---- The noise of a given sample ---- */

/**
 * The step that noises a clean sample to the level at which another step ends, with that step's draw, which an
 * inversion leaves unused.
 *
 * @param out   the step
 * @param step  the other step
 */
QUELL_MUST_USE
quell_status quell_step_noise_to(struct quell_step *out,
                                 const struct quell_step *step);

/**
 * The step solved for its noise, as a step: z = (x' - x factor - model factor - ...)/c. A pass carries it out on x' in the
 * place of the state, with x in the place of the noise; no slot is written.
 *
 * @param out      the solved step
 * @param step     a step that takes noise
 * @param clipped  not 0: a clipped estimate of the clean sample is there beside the network's output
 */
QUELL_MUST_USE
quell_status quell_step_solved_for_noise(struct quell_step *out,
                                         const struct quell_step *step,
                                         int32_t clipped);

/**
 * One step of an inversion: finds the noise that leads to a given state, and takes the step with it. A run of
 * passes with the same draws and the same network repeats each state bit for bit.
 *
 * @param x            the state, n elements: where the step starts, then where it ends
 * @param n            how many
 * @param history      the slots, one after the other, n elements each
 * @param history_len  how many elements; see quell_history_len()
 * @param noise        the state to reach, n elements, then the noise that leads there
 * @param next_input   n elements for the network's next input, or NULL
 * @param inputs       what the step reads; its noise and its seeds are not looked at, and no mask may be there
 * @param step         a step that takes noise, for the whole batch
 */
QUELL_MUST_USE
quell_status quell_invert_f32(float *x,
                              size_t n,
                              float *history,
                              size_t history_len,
                              float *noise,
                              float *next_input,
                              const struct quell_inputs_f32 *inputs,
                              const struct quell_step *step);

/**
 * One step of an inversion: finds the noise that leads to a given state, and takes the step with it. A run of
 * passes with the same draws and the same network repeats each state bit for bit.
 *
 * @param x            the state, n elements: where the step starts, then where it ends
 * @param n            how many
 * @param history      the slots, one after the other, n elements each
 * @param history_len  how many elements; see quell_history_len()
 * @param noise        the state to reach, n elements, then the noise that leads there
 * @param next_input   n elements for the network's next input, or NULL
 * @param inputs       what the step reads; its noise and its seeds are not looked at, and no mask may be there
 * @param step         a step that takes noise, for the whole batch
 */
QUELL_MUST_USE
quell_status quell_invert_f64(double *x,
                              size_t n,
                              double *history,
                              size_t history_len,
                              double *noise,
                              double *next_input,
                              const struct quell_inputs_f64 *inputs,
                              const struct quell_step *step);

/**
 * One step of an inversion: finds the noise that leads to a given state, and takes the step with it. A run of
 * passes with the same draws and the same network repeats each state bit for bit.
 *
 * @param x            the state, n elements: where the step starts, then where it ends
 * @param n            how many
 * @param history      the slots, one after the other, n elements each
 * @param history_len  how many elements; see quell_history_len()
 * @param noise        the state to reach, n elements, then the noise that leads there
 * @param next_input   n elements for the network's next input, or NULL
 * @param inputs       what the step reads; its noise and its seeds are not looked at, and no mask may be there
 * @param step         a step that takes noise, for the whole batch
 */
QUELL_MUST_USE
quell_status quell_invert_f16(uint16_t *x,
                              size_t n,
                              uint16_t *history,
                              size_t history_len,
                              uint16_t *noise,
                              uint16_t *next_input,
                              const struct quell_inputs_f16 *inputs,
                              const struct quell_step *step);

/**
 * One step of an inversion: finds the noise that leads to a given state, and takes the step with it. A run of
 * passes with the same draws and the same network repeats each state bit for bit.
 *
 * @param x            the state, n elements: where the step starts, then where it ends
 * @param n            how many
 * @param history      the slots, one after the other, n elements each
 * @param history_len  how many elements; see quell_history_len()
 * @param noise        the state to reach, n elements, then the noise that leads there
 * @param next_input   n elements for the network's next input, or NULL
 * @param inputs       what the step reads; its noise and its seeds are not looked at, and no mask may be there
 * @param step         a step that takes noise, for the whole batch
 */
QUELL_MUST_USE
quell_status quell_invert_bf16(uint16_t *x,
                               size_t n,
                               uint16_t *history,
                               size_t history_len,
                               uint16_t *noise,
                               uint16_t *next_input,
                               const struct quell_inputs_bf16 *inputs,
                               const struct quell_step *step);

/**
 * One step of an inversion: finds the noise that leads to a given state, and takes the step with it. A run of
 * passes with the same draws and the same network repeats each state bit for bit.
 *
 * @param x            the state, n elements: where the step starts, then where it ends
 * @param n            how many
 * @param history      the slots, one after the other, n elements each
 * @param history_len  how many elements; see quell_history_len()
 * @param noise        the state to reach, n elements, then the noise that leads there
 * @param next_input   n elements for the network's next input, or NULL
 * @param inputs       what the step reads; its noise and its seeds are not looked at, and no mask may be there
 * @param step         a step that takes noise, for the whole batch
 */
QUELL_MUST_USE
quell_status quell_invert_f32_f16(float *x,
                                  size_t n,
                                  float *history,
                                  size_t history_len,
                                  float *noise,
                                  uint16_t *next_input,
                                  const struct quell_inputs_f32_f16 *inputs,
                                  const struct quell_step *step);

/**
 * One step of an inversion: finds the noise that leads to a given state, and takes the step with it. A run of
 * passes with the same draws and the same network repeats each state bit for bit.
 *
 * @param x            the state, n elements: where the step starts, then where it ends
 * @param n            how many
 * @param history      the slots, one after the other, n elements each
 * @param history_len  how many elements; see quell_history_len()
 * @param noise        the state to reach, n elements, then the noise that leads there
 * @param next_input   n elements for the network's next input, or NULL
 * @param inputs       what the step reads; its noise and its seeds are not looked at, and no mask may be there
 * @param step         a step that takes noise, for the whole batch
 */
QUELL_MUST_USE
quell_status quell_invert_f32_bf16(float *x,
                                   size_t n,
                                   float *history,
                                   size_t history_len,
                                   float *noise,
                                   uint16_t *next_input,
                                   const struct quell_inputs_f32_bf16 *inputs,
                                   const struct quell_step *step);

/* ---- The bound on what discretisation costs: running means and spreads ---- */

/**
 * Takes one more value.
 *
 * @param moments  the moments; all zeros for a start
 * @param value    finite
 */
QUELL_MUST_USE quell_status quell_moments_add(struct quell_moments *moments, double value);

/**
 * Takes all values of others, each into the moments of the same position: for whole tables, those of other machines
 * say, that have the same grid.
 *
 * @param moments  n elements
 * @param other    n elements
 * @param n        how many
 */
QUELL_MUST_USE
quell_status quell_moments_merge(struct quell_moments *moments,
                                 const struct quell_moments *other,
                                 size_t n);

/**
 * The unbiased variance of the values; NaN where there are fewer than two.
 *
 * @param out      the variance
 * @param moments  the moments
 */
QUELL_MUST_USE quell_status quell_moments_variance(double *out, const struct quell_moments *moments);

/**
 * The standard error of the mean, sqrt(variance/count), for values that are independent; NaN where there are fewer
 * than two.
 *
 * @param out      the standard error
 * @param moments  the moments
 */
QUELL_MUST_USE
quell_status quell_moments_standard_error(double *out,
                                          const struct quell_moments *moments);

/* ---- The bound of an ideal denoiser ---- */

/**
 * Takes what the denoiser made of one sample, or of a batch of them, at one level: |x0 - denoised|^2.
 *
 * @param moments    grid_len elements, one for each level; all zeros for a start
 * @param grid       the levels as noise-to-signal ratios, positive and strictly decreasing
 * @param grid_len   how many, at least 1
 * @param x0         the clean samples, n elements
 * @param denoised   what the denoiser made of them, n elements
 * @param n          how many, a multiple of dimension
 * @param index      the position of the level in the grid
 * @param dimension  the elements of a sample
 */
QUELL_MUST_USE
quell_status quell_mmse_add_f32(struct quell_moments *moments,
                                const double *grid,
                                size_t grid_len,
                                const float *x0,
                                const float *denoised,
                                size_t n,
                                size_t index,
                                size_t dimension);

/**
 * Takes what the denoiser made of one sample, or of a batch of them, at one level: |x0 - denoised|^2.
 *
 * @param moments    grid_len elements, one for each level; all zeros for a start
 * @param grid       the levels as noise-to-signal ratios, positive and strictly decreasing
 * @param grid_len   how many, at least 1
 * @param x0         the clean samples, n elements
 * @param denoised   what the denoiser made of them, n elements
 * @param n          how many, a multiple of dimension
 * @param index      the position of the level in the grid
 * @param dimension  the elements of a sample
 */
QUELL_MUST_USE
quell_status quell_mmse_add_f64(struct quell_moments *moments,
                                const double *grid,
                                size_t grid_len,
                                const double *x0,
                                const double *denoised,
                                size_t n,
                                size_t index,
                                size_t dimension);

/**
 * Takes what the denoiser made of one sample, or of a batch of them, at one level: |x0 - denoised|^2.
 *
 * @param moments    grid_len elements, one for each level; all zeros for a start
 * @param grid       the levels as noise-to-signal ratios, positive and strictly decreasing
 * @param grid_len   how many, at least 1
 * @param x0         the clean samples, n elements
 * @param denoised   what the denoiser made of them, n elements
 * @param n          how many, a multiple of dimension
 * @param index      the position of the level in the grid
 * @param dimension  the elements of a sample
 */
QUELL_MUST_USE
quell_status quell_mmse_add_f16(struct quell_moments *moments,
                                const double *grid,
                                size_t grid_len,
                                const uint16_t *x0,
                                const uint16_t *denoised,
                                size_t n,
                                size_t index,
                                size_t dimension);

/**
 * Takes what the denoiser made of one sample, or of a batch of them, at one level: |x0 - denoised|^2.
 *
 * @param moments    grid_len elements, one for each level; all zeros for a start
 * @param grid       the levels as noise-to-signal ratios, positive and strictly decreasing
 * @param grid_len   how many, at least 1
 * @param x0         the clean samples, n elements
 * @param denoised   what the denoiser made of them, n elements
 * @param n          how many, a multiple of dimension
 * @param index      the position of the level in the grid
 * @param dimension  the elements of a sample
 */
QUELL_MUST_USE
quell_status quell_mmse_add_bf16(struct quell_moments *moments,
                                 const double *grid,
                                 size_t grid_len,
                                 const uint16_t *x0,
                                 const uint16_t *denoised,
                                 size_t n,
                                 size_t index,
                                 size_t dimension);

/**
 * Takes what the denoiser made of one sample, or of a batch of them, at one level: |x0 - denoised|^2.
 *
 * @param moments    grid_len elements, one for each level; all zeros for a start
 * @param grid       the levels as noise-to-signal ratios, positive and strictly decreasing
 * @param grid_len   how many, at least 1
 * @param x0         the clean samples, n elements
 * @param denoised   what the denoiser made of them, n elements
 * @param n          how many, a multiple of dimension
 * @param index      the position of the level in the grid
 * @param dimension  the elements of a sample
 */
QUELL_MUST_USE
quell_status quell_mmse_add_f32_f16(struct quell_moments *moments,
                                    const double *grid,
                                    size_t grid_len,
                                    const float *x0,
                                    const uint16_t *denoised,
                                    size_t n,
                                    size_t index,
                                    size_t dimension);

/**
 * Takes what the denoiser made of one sample, or of a batch of them, at one level: |x0 - denoised|^2.
 *
 * @param moments    grid_len elements, one for each level; all zeros for a start
 * @param grid       the levels as noise-to-signal ratios, positive and strictly decreasing
 * @param grid_len   how many, at least 1
 * @param x0         the clean samples, n elements
 * @param denoised   what the denoiser made of them, n elements
 * @param n          how many, a multiple of dimension
 * @param index      the position of the level in the grid
 * @param dimension  the elements of a sample
 */
QUELL_MUST_USE
quell_status quell_mmse_add_f32_bf16(struct quell_moments *moments,
                                     const double *grid,
                                     size_t grid_len,
                                     const float *x0,
                                     const uint16_t *denoised,
                                     size_t n,
                                     size_t index,
                                     size_t dimension);

/**
 * Fills the mean squared error at each level.
 *
 * @param mmse      grid_len elements
 * @param moments   grid_len elements, none without a sample
 * @param grid      the levels of the table
 * @param grid_len  how many
 */
QUELL_MUST_USE
quell_status quell_mmse_from_moments(double *mmse,
                                     const struct quell_moments *moments,
                                     const double *grid,
                                     size_t grid_len);

/**
 * Fills the standard error of the mean squared error at each level.
 *
 * @param errors    grid_len elements
 * @param moments   grid_len elements, none with fewer than two samples
 * @param grid      the levels of the table
 * @param grid_len  how many
 */
QUELL_MUST_USE
quell_status quell_mmse_standard_errors(double *errors,
                                        const struct quell_moments *moments,
                                        const double *grid,
                                        size_t grid_len);

/**
 * The length of the scratch of quell_mmse_make_monotone(); SIZE_MAX when that overflows.
 *
 * @param levels  how many levels the curve has
 */
QUELL_MUST_USE size_t quell_monotone_scratch_len(size_t levels);

/**
 * Replaces a curve by the nearest one that does not rise towards less noise, as a true one does not: the isotonic
 * regression, nearest in the sum of squares with weights.
 *
 * @param mmse         n elements
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_monotone_scratch_len(n)
 * @param weights      n elements, positive: the numbers of samples, say
 * @param n            how many levels
 */
QUELL_MUST_USE
quell_status quell_mmse_make_monotone(double *mmse,
                                      double *scratch,
                                      size_t scratch_len,
                                      const double *weights,
                                      size_t n);

/**
 * Fills the mutual information of x0 and the state in nats, from 0 at the noisiest level.
 *
 * @param information  grid_len elements
 * @param grid         the levels
 * @param mmse         the mean squared error at each, grid_len elements
 * @param grid_len     how many, at least 2
 */
QUELL_MUST_USE
quell_status quell_information_from_mmse(double *information,
                                         const double *grid,
                                         const double *mmse,
                                         size_t grid_len);

/**
 * The mean squared error at a sigma.
 *
 * @param out          the mean squared error
 * @param grid         the levels of the curve
 * @param mmse         the mean squared error at each, grid_len elements
 * @param information  the information at each, grid_len elements
 * @param grid_len     how many, at least 2
 * @param sigma        within the grid
 */
QUELL_MUST_USE
quell_status quell_mmse_at(double *out,
                           const double *grid,
                           const double *mmse,
                           const double *information,
                           size_t grid_len,
                           double sigma);

/**
 * The mutual information at a sigma, counted as that of the curve.
 *
 * @param out          the information in nats
 * @param grid         the levels of the curve
 * @param mmse         the mean squared error at each, grid_len elements
 * @param information  the information at each, grid_len elements
 * @param grid_len     how many, at least 2
 * @param sigma        within the grid
 */
QUELL_MUST_USE
quell_status quell_information_at(double *out,
                                  const double *grid,
                                  const double *mmse,
                                  const double *information,
                                  size_t grid_len,
                                  double sigma);

/**
 * The bound (KLUB) of stochastic DDIM on a schedule, for an ideal denoiser with this curve.
 *
 * @param out          the bound in nats
 * @param sigmas       the schedule, strictly decreasing and within the grid
 * @param sigmas_len   how many, at least 2
 * @param grid         the levels of the curve
 * @param mmse         the mean squared error at each, grid_len elements
 * @param information  the information at each, grid_len elements, from any zero
 * @param grid_len     how many, at least 2
 */
QUELL_MUST_USE
quell_status quell_mmse_klub(double *out,
                             const double *sigmas,
                             size_t sigmas_len,
                             const double *grid,
                             const double *mmse,
                             const double *information,
                             size_t grid_len);

/* ---- The bound of any denoiser ---- */

/**
 * Fills the bound of the step between each pair of points of the curve, packed as those of quell_pairs_costs() are.
 *
 * @param costs        costs_len elements
 * @param costs_len    quell_pairs_len(grid_len)
 * @param grid         the levels of the curve
 * @param mmse         the mean squared error at each, grid_len elements
 * @param information  the information at each, grid_len elements
 * @param grid_len     how many, at least 2
 */
QUELL_MUST_USE
quell_status quell_mmse_costs(double *costs,
                              size_t costs_len,
                              const double *grid,
                              const double *mmse,
                              const double *information,
                              size_t grid_len);

/**
 * The bound of SDE-DPM-Solver++(2M) on a schedule, from that of stochastic DDIM on the same schedule.
 *
 * @param out         the bound in nats
 * @param sigmas      the schedule, positive and strictly decreasing
 * @param mmse        the mean squared error at each of the sigmas, not rising towards less noise
 * @param sigmas_len  how many, at least 2
 * @param options     the solver's options, with eta above 0 and s_noise = 1
 * @param klub        the bound of the first order: quell_mmse_klub() and the like
 */
QUELL_MUST_USE
quell_status quell_sde_dpmpp_2m_klub(double *out,
                                     const double *sigmas,
                                     const double *mmse,
                                     size_t sigmas_len,
                                     const struct quell_sde_dpmpp_2m *options,
                                     double klub);

/**
 * E|D - D~|^2 of a combination D~ of an ideal denoiser's outputs at levels of one noising path, D being the last of
 * them.
 *
 * @param out          the mean square
 * @param mmse         the mean squared errors from the noisiest level to the current one, not rising
 * @param mmse_len     how many, at least 1
 * @param weights      the weights of all but the current level, which has what is missing to a sum of 1
 * @param weights_len  mmse_len - 1
 */
QUELL_MUST_USE
quell_status quell_history_error(double *out,
                                 const double *mmse,
                                 size_t mmse_len,
                                 const double *weights,
                                 size_t weights_len);

/**
 * The length of a packed triangle over so many levels: row from holds from, from + 1, ..., after the rows of all
 * noisier levels. SIZE_MAX when that overflows.
 *
 * @param levels  how many levels
 */
QUELL_MUST_USE
size_t quell_pairs_len(size_t levels);

/**
 * Fills the states of one noising path of a sample, one for each level, from the noisiest down. The noise of
 * level k is draw number step + k of the stream, whatever was drawn before.
 *
 * @param x         x_len elements
 * @param x_len     x0_len grid_len
 * @param x0        the clean sample
 * @param x0_len    its elements
 * @param grid      the levels, positive and strictly decreasing
 * @param grid_len  how many, at least 1
 * @param seed      which sequence of experiments
 * @param stream    which independent use of the seed
 * @param step      which draw of that use the noise of the first level is
 */
QUELL_MUST_USE
quell_status quell_noising_path_f32(float *x,
                                    size_t x_len,
                                    const float *x0,
                                    size_t x0_len,
                                    const double *grid,
                                    size_t grid_len,
                                    uint64_t seed,
                                    uint32_t stream,
                                    uint32_t step);

/**
 * Fills the states of one noising path of a sample, one for each level, from the noisiest down. The noise of
 * level k is draw number step + k of the stream, whatever was drawn before.
 *
 * @param x         x_len elements
 * @param x_len     x0_len grid_len
 * @param x0        the clean sample
 * @param x0_len    its elements
 * @param grid      the levels, positive and strictly decreasing
 * @param grid_len  how many, at least 1
 * @param seed      which sequence of experiments
 * @param stream    which independent use of the seed
 * @param step      which draw of that use the noise of the first level is
 */
QUELL_MUST_USE
quell_status quell_noising_path_f64(double *x,
                                    size_t x_len,
                                    const double *x0,
                                    size_t x0_len,
                                    const double *grid,
                                    size_t grid_len,
                                    uint64_t seed,
                                    uint32_t stream,
                                    uint32_t step);

/**
 * Fills the states of one noising path of a sample, one for each level, from the noisiest down. The noise of
 * level k is draw number step + k of the stream, whatever was drawn before.
 *
 * @param x         x_len elements
 * @param x_len     x0_len grid_len
 * @param x0        the clean sample
 * @param x0_len    its elements
 * @param grid      the levels, positive and strictly decreasing
 * @param grid_len  how many, at least 1
 * @param seed      which sequence of experiments
 * @param stream    which independent use of the seed
 * @param step      which draw of that use the noise of the first level is
 */
QUELL_MUST_USE
quell_status quell_noising_path_f16(uint16_t *x,
                                    size_t x_len,
                                    const uint16_t *x0,
                                    size_t x0_len,
                                    const double *grid,
                                    size_t grid_len,
                                    uint64_t seed,
                                    uint32_t stream,
                                    uint32_t step);

/**
 * Fills the states of one noising path of a sample, one for each level, from the noisiest down. The noise of
 * level k is draw number step + k of the stream, whatever was drawn before.
 *
 * @param x         x_len elements
 * @param x_len     x0_len grid_len
 * @param x0        the clean sample
 * @param x0_len    its elements
 * @param grid      the levels, positive and strictly decreasing
 * @param grid_len  how many, at least 1
 * @param seed      which sequence of experiments
 * @param stream    which independent use of the seed
 * @param step      which draw of that use the noise of the first level is
 */
QUELL_MUST_USE
quell_status quell_noising_path_bf16(uint16_t *x,
                                     size_t x_len,
                                     const uint16_t *x0,
                                     size_t x0_len,
                                     const double *grid,
                                     size_t grid_len,
                                     uint64_t seed,
                                     uint32_t stream,
                                     uint32_t step);

/**
 * Takes what the denoiser made of one sample at all levels of one noising path (quell_noising_path_f32()):
 * |D_to - D_from|^2 for each pair of levels, and |x0 - D|^2 on the diagonal.
 *
 * @param moments       moments_len elements; all zeros for a start
 * @param moments_len   quell_pairs_len(grid_len)
 * @param grid          the levels as noise-to-signal ratios, positive and strictly decreasing
 * @param grid_len      how many, at least 2
 * @param x0            the clean sample
 * @param x0_len        its elements, at least 1
 * @param denoised      the outputs from the noisiest level down, each as long as x0
 * @param denoised_len  x0_len grid_len
 */
QUELL_MUST_USE
quell_status quell_pairs_add_path_f32(struct quell_moments *moments,
                                      size_t moments_len,
                                      const double *grid,
                                      size_t grid_len,
                                      const float *x0,
                                      size_t x0_len,
                                      const float *denoised,
                                      size_t denoised_len);

/**
 * Takes one trajectory of the probability flow, for quell_displacement_density() and its kin: its states from
 * the noisiest level down, and what the denoiser made of each. A table takes either paths or trajectories.
 *
 * @param moments      moments_len elements; all zeros for a start
 * @param moments_len  quell_pairs_len(grid_len)
 * @param grid         the levels as noise-to-signal ratios, positive and strictly decreasing
 * @param grid_len     how many, at least 2
 * @param states       the states, n elements
 * @param denoised     the outputs, n elements
 * @param n            how many, grid_len dimension
 * @param dimension    the elements of a state
 */
QUELL_MUST_USE
quell_status quell_pairs_add_trajectory_f32(struct quell_moments *moments,
                                            size_t moments_len,
                                            const double *grid,
                                            size_t grid_len,
                                            const float *states,
                                            const float *denoised,
                                            size_t n,
                                            size_t dimension);

/**
 * Takes what the denoiser made of one sample at all levels of one noising path (quell_noising_path_f32()):
 * |D_to - D_from|^2 for each pair of levels, and |x0 - D|^2 on the diagonal.
 *
 * @param moments       moments_len elements; all zeros for a start
 * @param moments_len   quell_pairs_len(grid_len)
 * @param grid          the levels as noise-to-signal ratios, positive and strictly decreasing
 * @param grid_len      how many, at least 2
 * @param x0            the clean sample
 * @param x0_len        its elements, at least 1
 * @param denoised      the outputs from the noisiest level down, each as long as x0
 * @param denoised_len  x0_len grid_len
 */
QUELL_MUST_USE
quell_status quell_pairs_add_path_f64(struct quell_moments *moments,
                                      size_t moments_len,
                                      const double *grid,
                                      size_t grid_len,
                                      const double *x0,
                                      size_t x0_len,
                                      const double *denoised,
                                      size_t denoised_len);

/**
 * Takes one trajectory of the probability flow, for quell_displacement_density() and its kin: its states from
 * the noisiest level down, and what the denoiser made of each. A table takes either paths or trajectories.
 *
 * @param moments      moments_len elements; all zeros for a start
 * @param moments_len  quell_pairs_len(grid_len)
 * @param grid         the levels as noise-to-signal ratios, positive and strictly decreasing
 * @param grid_len     how many, at least 2
 * @param states       the states, n elements
 * @param denoised     the outputs, n elements
 * @param n            how many, grid_len dimension
 * @param dimension    the elements of a state
 */
QUELL_MUST_USE
quell_status quell_pairs_add_trajectory_f64(struct quell_moments *moments,
                                            size_t moments_len,
                                            const double *grid,
                                            size_t grid_len,
                                            const double *states,
                                            const double *denoised,
                                            size_t n,
                                            size_t dimension);

/**
 * Takes what the denoiser made of one sample at all levels of one noising path (quell_noising_path_f32()):
 * |D_to - D_from|^2 for each pair of levels, and |x0 - D|^2 on the diagonal.
 *
 * @param moments       moments_len elements; all zeros for a start
 * @param moments_len   quell_pairs_len(grid_len)
 * @param grid          the levels as noise-to-signal ratios, positive and strictly decreasing
 * @param grid_len      how many, at least 2
 * @param x0            the clean sample
 * @param x0_len        its elements, at least 1
 * @param denoised      the outputs from the noisiest level down, each as long as x0
 * @param denoised_len  x0_len grid_len
 */
QUELL_MUST_USE
quell_status quell_pairs_add_path_f16(struct quell_moments *moments,
                                      size_t moments_len,
                                      const double *grid,
                                      size_t grid_len,
                                      const uint16_t *x0,
                                      size_t x0_len,
                                      const uint16_t *denoised,
                                      size_t denoised_len);

/**
 * Takes one trajectory of the probability flow, for quell_displacement_density() and its kin: its states from
 * the noisiest level down, and what the denoiser made of each. A table takes either paths or trajectories.
 *
 * @param moments      moments_len elements; all zeros for a start
 * @param moments_len  quell_pairs_len(grid_len)
 * @param grid         the levels as noise-to-signal ratios, positive and strictly decreasing
 * @param grid_len     how many, at least 2
 * @param states       the states, n elements
 * @param denoised     the outputs, n elements
 * @param n            how many, grid_len dimension
 * @param dimension    the elements of a state
 */
QUELL_MUST_USE
quell_status quell_pairs_add_trajectory_f16(struct quell_moments *moments,
                                            size_t moments_len,
                                            const double *grid,
                                            size_t grid_len,
                                            const uint16_t *states,
                                            const uint16_t *denoised,
                                            size_t n,
                                            size_t dimension);

/**
 * Takes what the denoiser made of one sample at all levels of one noising path (quell_noising_path_f32()):
 * |D_to - D_from|^2 for each pair of levels, and |x0 - D|^2 on the diagonal.
 *
 * @param moments       moments_len elements; all zeros for a start
 * @param moments_len   quell_pairs_len(grid_len)
 * @param grid          the levels as noise-to-signal ratios, positive and strictly decreasing
 * @param grid_len      how many, at least 2
 * @param x0            the clean sample
 * @param x0_len        its elements, at least 1
 * @param denoised      the outputs from the noisiest level down, each as long as x0
 * @param denoised_len  x0_len grid_len
 */
QUELL_MUST_USE
quell_status quell_pairs_add_path_bf16(struct quell_moments *moments,
                                       size_t moments_len,
                                       const double *grid,
                                       size_t grid_len,
                                       const uint16_t *x0,
                                       size_t x0_len,
                                       const uint16_t *denoised,
                                       size_t denoised_len);

/**
 * Takes one trajectory of the probability flow, for quell_displacement_density() and its kin: its states from
 * the noisiest level down, and what the denoiser made of each. A table takes either paths or trajectories.
 *
 * @param moments      moments_len elements; all zeros for a start
 * @param moments_len  quell_pairs_len(grid_len)
 * @param grid         the levels as noise-to-signal ratios, positive and strictly decreasing
 * @param grid_len     how many, at least 2
 * @param states       the states, n elements
 * @param denoised     the outputs, n elements
 * @param n            how many, grid_len dimension
 * @param dimension    the elements of a state
 */
QUELL_MUST_USE
quell_status quell_pairs_add_trajectory_bf16(struct quell_moments *moments,
                                             size_t moments_len,
                                             const double *grid,
                                             size_t grid_len,
                                             const uint16_t *states,
                                             const uint16_t *denoised,
                                             size_t n,
                                             size_t dimension);

/**
 * Takes what the denoiser made of one sample at all levels of one noising path (quell_noising_path_f32()):
 * |D_to - D_from|^2 for each pair of levels, and |x0 - D|^2 on the diagonal.
 *
 * @param moments       moments_len elements; all zeros for a start
 * @param moments_len   quell_pairs_len(grid_len)
 * @param grid          the levels as noise-to-signal ratios, positive and strictly decreasing
 * @param grid_len      how many, at least 2
 * @param x0            the clean sample
 * @param x0_len        its elements, at least 1
 * @param denoised      the outputs from the noisiest level down, each as long as x0
 * @param denoised_len  x0_len grid_len
 */
QUELL_MUST_USE
quell_status quell_pairs_add_path_f32_f16(struct quell_moments *moments,
                                          size_t moments_len,
                                          const double *grid,
                                          size_t grid_len,
                                          const float *x0,
                                          size_t x0_len,
                                          const uint16_t *denoised,
                                          size_t denoised_len);

/**
 * Takes one trajectory of the probability flow, for quell_displacement_density() and its kin: its states from
 * the noisiest level down, and what the denoiser made of each. A table takes either paths or trajectories.
 *
 * @param moments      moments_len elements; all zeros for a start
 * @param moments_len  quell_pairs_len(grid_len)
 * @param grid         the levels as noise-to-signal ratios, positive and strictly decreasing
 * @param grid_len     how many, at least 2
 * @param states       the states, n elements
 * @param denoised     the outputs, n elements
 * @param n            how many, grid_len dimension
 * @param dimension    the elements of a state
 */
QUELL_MUST_USE
quell_status quell_pairs_add_trajectory_f32_f16(struct quell_moments *moments,
                                                size_t moments_len,
                                                const double *grid,
                                                size_t grid_len,
                                                const float *states,
                                                const uint16_t *denoised,
                                                size_t n,
                                                size_t dimension);

/**
 * Takes what the denoiser made of one sample at all levels of one noising path (quell_noising_path_f32()):
 * |D_to - D_from|^2 for each pair of levels, and |x0 - D|^2 on the diagonal.
 *
 * @param moments       moments_len elements; all zeros for a start
 * @param moments_len   quell_pairs_len(grid_len)
 * @param grid          the levels as noise-to-signal ratios, positive and strictly decreasing
 * @param grid_len      how many, at least 2
 * @param x0            the clean sample
 * @param x0_len        its elements, at least 1
 * @param denoised      the outputs from the noisiest level down, each as long as x0
 * @param denoised_len  x0_len grid_len
 */
QUELL_MUST_USE
quell_status quell_pairs_add_path_f32_bf16(struct quell_moments *moments,
                                           size_t moments_len,
                                           const double *grid,
                                           size_t grid_len,
                                           const float *x0,
                                           size_t x0_len,
                                           const uint16_t *denoised,
                                           size_t denoised_len);

/**
 * Takes one trajectory of the probability flow, for quell_displacement_density() and its kin: its states from
 * the noisiest level down, and what the denoiser made of each. A table takes either paths or trajectories.
 *
 * @param moments      moments_len elements; all zeros for a start
 * @param moments_len  quell_pairs_len(grid_len)
 * @param grid         the levels as noise-to-signal ratios, positive and strictly decreasing
 * @param grid_len     how many, at least 2
 * @param states       the states, n elements
 * @param denoised     the outputs, n elements
 * @param n            how many, grid_len dimension
 * @param dimension    the elements of a state
 */
QUELL_MUST_USE
quell_status quell_pairs_add_trajectory_f32_bf16(struct quell_moments *moments,
                                                 size_t moments_len,
                                                 const double *grid,
                                                 size_t grid_len,
                                                 const float *states,
                                                 const uint16_t *denoised,
                                                 size_t n,
                                                 size_t dimension);

/**
 * Fills the mean squared error at each level, from the diagonal of a table of paths.
 *
 * @param mmse         grid_len elements
 * @param moments      the table, none of them without a sample
 * @param moments_len  quell_pairs_len(grid_len)
 * @param grid         its levels
 * @param grid_len     how many, at least 2
 */
QUELL_MUST_USE
quell_status quell_pairs_mmse(double *mmse,
                              const struct quell_moments *moments,
                              size_t moments_len,
                              const double *grid,
                              size_t grid_len);

/**
 * Fills the bound of the step between each pair of levels, packed as the table is, with 0 on the diagonal.
 *
 * @param costs        moments_len elements
 * @param moments      the table, none of them without a sample
 * @param moments_len  quell_pairs_len(grid_len)
 * @param weights      the solver's weight at each level, grid_len elements: 1 for stochastic DDIM and its
 *                     multistep kin; quell_noise_scale_klub_weight() for the extended reverse-time SDEs
 * @param grid         the levels of the table
 * @param grid_len     how many, at least 2
 */
QUELL_MUST_USE
quell_status quell_pairs_costs(double *costs,
                               const struct quell_moments *moments,
                               size_t moments_len,
                               const double *weights,
                               const double *grid,
                               size_t grid_len);

/**
 * Fills an upper bound on the standard error of each of the costs that quell_pairs_costs() gives.
 *
 * @param errors       moments_len elements
 * @param moments      the table, none of them with fewer than two samples
 * @param moments_len  quell_pairs_len(grid_len)
 * @param weights      the solver's weight at each level, grid_len elements
 * @param grid         the levels of the table
 * @param grid_len     how many, at least 2
 */
QUELL_MUST_USE
quell_status quell_pairs_standard_errors(double *errors,
                                         const struct quell_moments *moments,
                                         size_t moments_len,
                                         const double *weights,
                                         const double *grid,
                                         size_t grid_len);

/**
 * The bound (KLUB) of a schedule from packed costs: those of quell_pairs_costs() or quell_mmse_costs().
 *
 * @param out         the bound in nats
 * @param sigmas      the schedule, strictly decreasing and within the grid
 * @param sigmas_len  how many, at least 2
 * @param costs       costs_len elements
 * @param costs_len   quell_pairs_len(grid_len)
 * @param grid        the levels of the costs
 * @param grid_len    how many, at least 2
 */
QUELL_MUST_USE
quell_status quell_costs_klub(double *out,
                              const double *sigmas,
                              size_t sigmas_len,
                              const double *costs,
                              size_t costs_len,
                              const double *grid,
                              size_t grid_len);

/* ---- The bound for Gaussian data ---- */

/**
 * E|x0 - D|^2 of the ideal denoiser of N(0, c^2) data.
 *
 * @param out        the mean squared error
 * @param sigma      not negative
 * @param c          the standard deviation of the data
 * @param dimension  its dimensions, at least 1
 */
QUELL_MUST_USE quell_status quell_gaussian_mmse(double *out, double sigma, double c, size_t dimension);

/**
 * The mutual information of N(0, c^2) data and the state, in nats.
 *
 * @param out        the information
 * @param sigma      positive
 * @param c          the standard deviation of the data
 * @param dimension  its dimensions, at least 1
 */
QUELL_MUST_USE quell_status quell_gaussian_information(double *out, double sigma, double c, size_t dimension);

/**
 * The bound (KLUB) of stochastic DDIM on a schedule for N(0, c^2) data.
 *
 * @param out         the bound in nats
 * @param sigmas      the schedule, positive and strictly decreasing
 * @param sigmas_len  how many, at least 2
 * @param c           the standard deviation of the data
 * @param dimension   its dimensions, at least 1
 */
QUELL_MUST_USE
quell_status quell_gaussian_klub(double *out,
                                 const double *sigmas,
                                 size_t sigmas_len,
                                 double c,
                                 size_t dimension);

/**
 * The bound of SDE-DPM-Solver++(2M) on a schedule for N(0, c^2) data.
 *
 * @param out         the bound in nats
 * @param sigmas      the schedule, positive and strictly decreasing
 * @param sigmas_len  how many, at least 2
 * @param options     the solver's options, with eta above 0 and s_noise = 1
 * @param c           the standard deviation of the data
 * @param dimension   its dimensions, at least 1
 */
QUELL_MUST_USE
quell_status quell_gaussian_klub_sde_dpmpp_2m(double *out,
                                              const double *sigmas,
                                              size_t sigmas_len,
                                              const struct quell_sde_dpmpp_2m *options,
                                              double c,
                                              size_t dimension);

/**
 * What Euler's method, DDIM, puts out for N(0, c^2) data from the exact law at the first level.
 *
 * @param out         the law
 * @param sigmas      the schedule, strictly decreasing; the last may be 0
 * @param sigmas_len  how many, at least 2
 * @param c           the standard deviation of the data
 * @param dimension   its dimensions, at least 1
 */
QUELL_MUST_USE
quell_status quell_gaussian_euler(struct quell_output_law *out,
                                  const double *sigmas,
                                  size_t sigmas_len,
                                  double c,
                                  size_t dimension);

/**
 * What stochastic DDIM (eta = 1) puts out for N(0, c^2) data from the exact law at the first level.
 *
 * @param out         the law
 * @param sigmas      the schedule, strictly decreasing; the last may be 0
 * @param sigmas_len  how many, at least 2
 * @param c           the standard deviation of the data
 * @param dimension   its dimensions, at least 1
 */
QUELL_MUST_USE
quell_status quell_gaussian_stochastic_ddim(struct quell_output_law *out,
                                            const double *sigmas,
                                            size_t sigmas_len,
                                            double c,
                                            size_t dimension);

/**
 * Fills sigmas with the schedule of the least bound for N(0, c^2) data: 1 + c^2/sigma^2 is geometric. For the schedule
 * that is best for Euler's method see quell_sigmas_arctan().
 *
 * @param sigmas      sigmas_len elements, one more than there are steps
 * @param sigmas_len  how many, at least 2
 * @param sigma_min   positive
 * @param sigma_max   greater
 * @param c           positive
 * @param last        a quell_last; with QUELL_LAST_ZERO a 0 is appended to the span
 */
QUELL_MUST_USE
quell_status quell_sigmas_gaussian_klub(double *sigmas,
                                        size_t sigmas_len,
                                        double sigma_min,
                                        double sigma_max,
                                        double c,
                                        int32_t last);

/**
 * The level between two others at which the bound of the two steps is least for N(0, c^2) data.
 *
 * @param out   the level
 * @param from  the noisier one
 * @param to    the other, positive and not above from
 * @param c     the standard deviation of the data
 */
QUELL_MUST_USE quell_status quell_gaussian_klub_middle(double *out, double from, double to, double c);

/**
 * The level between two others at which Euler's method is best on the two steps for N(0, c^2) data.
 *
 * @param out   the level
 * @param from  the noisier one
 * @param to    the other, positive and not above from
 * @param c     the standard deviation of the data
 */
QUELL_MUST_USE quell_status quell_gaussian_euler_middle(double *out, double from, double to, double c);

/* ---- The bound from pairs of evaluations ---- */

/**
 * A level in the two intervals beside the level middle of a schedule, drawn in proportion to the bound's integrand
 * for N(0, c^2) data.
 *
 * @param out      the draw
 * @param from     the level before
 * @param middle   the level that is to be moved
 * @param to       the level after, positive
 * @param c        the standard deviation of the data
 * @param uniform  in [0, 1): the share of the whole mass that lies below
 */
QUELL_MUST_USE
quell_status quell_importance_draw(struct quell_draw *out,
                                   double from,
                                   double middle,
                                   double to,
                                   double c,
                                   double uniform);

/**
 * The same in a single interval.
 *
 * @param out      the draw
 * @param from     the level where it starts
 * @param to       the level where it ends, positive
 * @param c        the standard deviation of the data
 * @param uniform  in [0, 1): the share of the whole mass that lies below
 */
QUELL_MUST_USE
quell_status quell_importance_draw_interval(struct quell_draw *out,
                                            double from,
                                            double to,
                                            double c,
                                            double uniform);

/**
 * The normalisers Z of the draws from two intervals, the upper one first: d c^4 Z is the bound for N(0, c^2) data in d
 * dimensions.
 *
 * @param out     two elements
 * @param from    the level before
 * @param middle  the level that is to be moved
 * @param to      the level after, positive
 * @param c       the standard deviation of the data
 */
QUELL_MUST_USE
quell_status quell_importance_normalisers(double *out,
                                          double from,
                                          double middle,
                                          double to,
                                          double c);

/**
 * A uniform for one of several samples that is spread evenly over them: (index + uniform)/count.
 *
 * @param out      the uniform, in [0, 1)
 * @param uniform  in [0, 1)
 * @param index    which sample, from 0
 * @param count    of how many
 */
QUELL_MUST_USE quell_status quell_stratified(double *out, double uniform, size_t index, size_t count);

/**
 * Fills the two states of a draw on one noising path: x = x0 + sigma noise, and x_from from x with
 * path_noise. The denoiser is then evaluated at both.
 *
 * @param x           the state at the draw's sigma, n elements
 * @param x_from      the state at its from, n elements
 * @param x0          the clean samples, n elements
 * @param noise       standard normals, n elements
 * @param path_noise  others, n elements
 * @param n           how many
 * @param draw        the draw
 */
QUELL_MUST_USE
quell_status quell_noising_pair_f32(float *x,
                                    float *x_from,
                                    const float *x0,
                                    const float *noise,
                                    const float *path_noise,
                                    size_t n,
                                    const struct quell_draw *draw);

/**
 * The squared distance of two outputs. Times the draw's weight it is an unbiased estimate of the bound.
 *
 * @param out            the squared distance, a sum over n
 * @param denoised       the output at the draw's sigma, n elements
 * @param denoised_from  the output at its from, n elements
 * @param n              how many
 */
QUELL_MUST_USE
quell_status quell_squared_distance_f32(double *out,
                                        const float *denoised,
                                        const float *denoised_from,
                                        size_t n);

/**
 * Fills the two states of a draw on one noising path: x = x0 + sigma noise, and x_from from x with
 * path_noise. The denoiser is then evaluated at both.
 *
 * @param x           the state at the draw's sigma, n elements
 * @param x_from      the state at its from, n elements
 * @param x0          the clean samples, n elements
 * @param noise       standard normals, n elements
 * @param path_noise  others, n elements
 * @param n           how many
 * @param draw        the draw
 */
QUELL_MUST_USE
quell_status quell_noising_pair_f64(double *x,
                                    double *x_from,
                                    const double *x0,
                                    const double *noise,
                                    const double *path_noise,
                                    size_t n,
                                    const struct quell_draw *draw);

/**
 * The squared distance of two outputs. Times the draw's weight it is an unbiased estimate of the bound.
 *
 * @param out            the squared distance, a sum over n
 * @param denoised       the output at the draw's sigma, n elements
 * @param denoised_from  the output at its from, n elements
 * @param n              how many
 */
QUELL_MUST_USE
quell_status quell_squared_distance_f64(double *out,
                                        const double *denoised,
                                        const double *denoised_from,
                                        size_t n);

/**
 * Fills the two states of a draw on one noising path: x = x0 + sigma noise, and x_from from x with
 * path_noise. The denoiser is then evaluated at both.
 *
 * @param x           the state at the draw's sigma, n elements
 * @param x_from      the state at its from, n elements
 * @param x0          the clean samples, n elements
 * @param noise       standard normals, n elements
 * @param path_noise  others, n elements
 * @param n           how many
 * @param draw        the draw
 */
QUELL_MUST_USE
quell_status quell_noising_pair_f16(uint16_t *x,
                                    uint16_t *x_from,
                                    const uint16_t *x0,
                                    const uint16_t *noise,
                                    const uint16_t *path_noise,
                                    size_t n,
                                    const struct quell_draw *draw);

/**
 * The squared distance of two outputs. Times the draw's weight it is an unbiased estimate of the bound.
 *
 * @param out            the squared distance, a sum over n
 * @param denoised       the output at the draw's sigma, n elements
 * @param denoised_from  the output at its from, n elements
 * @param n              how many
 */
QUELL_MUST_USE
quell_status quell_squared_distance_f16(double *out,
                                        const uint16_t *denoised,
                                        const uint16_t *denoised_from,
                                        size_t n);

/**
 * Fills the two states of a draw on one noising path: x = x0 + sigma noise, and x_from from x with
 * path_noise. The denoiser is then evaluated at both.
 *
 * @param x           the state at the draw's sigma, n elements
 * @param x_from      the state at its from, n elements
 * @param x0          the clean samples, n elements
 * @param noise       standard normals, n elements
 * @param path_noise  others, n elements
 * @param n           how many
 * @param draw        the draw
 */
QUELL_MUST_USE
quell_status quell_noising_pair_bf16(uint16_t *x,
                                     uint16_t *x_from,
                                     const uint16_t *x0,
                                     const uint16_t *noise,
                                     const uint16_t *path_noise,
                                     size_t n,
                                     const struct quell_draw *draw);

/**
 * The squared distance of two outputs. Times the draw's weight it is an unbiased estimate of the bound.
 *
 * @param out            the squared distance, a sum over n
 * @param denoised       the output at the draw's sigma, n elements
 * @param denoised_from  the output at its from, n elements
 * @param n              how many
 */
QUELL_MUST_USE
quell_status quell_squared_distance_bf16(double *out,
                                         const uint16_t *denoised,
                                         const uint16_t *denoised_from,
                                         size_t n);

/**
 * Takes one sample's estimates, one for each candidate, all from the same random numbers. Candidate 0 is what the
 * others are compared with.
 *
 * @param values       n elements, the estimates of each candidate; all zeros for a start
 * @param differences  n elements, the same less those of candidate 0; all zeros for a start
 * @param estimates    n elements, finite
 * @param n            how many candidates, at least 1
 */
QUELL_MUST_USE
quell_status quell_candidates_add(struct quell_moments *values,
                                  struct quell_moments *differences,
                                  const double *estimates,
                                  size_t n);

/**
 * The candidate with the least mean among those that are better than candidate 0 by more than so many standard errors
 * of the difference, or 0 where there is none; the first of equals.
 *
 * @param out              its position
 * @param differences      n elements
 * @param n                how many candidates, at least 1
 * @param standard_errors  0 for the least mean; with 2 a search does not wander on noise
 */
QUELL_MUST_USE
quell_status quell_candidates_best(size_t *out,
                                   const struct quell_moments *differences,
                                   size_t n,
                                   double standard_errors);

/* ---- Schedules of least cost on a grid ---- */

/**
 * The length of the parents of quell_shortest_paths(); SIZE_MAX when that overflows.
 *
 * @param steps   the largest number of steps
 * @param points  how many points there are
 */
QUELL_MUST_USE size_t quell_parents_len(size_t steps, size_t points);

/**
 * The length of the scratch of quell_shortest_paths(); SIZE_MAX when that overflows.
 *
 * @param steps   the largest number of steps
 * @param points  how many points there are
 */
QUELL_MUST_USE size_t quell_shortest_paths_scratch_len(size_t steps, size_t points);

/**
 * Finds the path from the first of the points to the last that costs least, for each number of steps from 1 to
 * totals_len. quell_trace() reads the paths.
 *
 * @param totals       the least cost in exactly k + 1 steps at position k; infinity where there is no such path
 * @param totals_len   the largest number of steps, at least 1
 * @param parents      parents_len elements
 * @param parents_len  quell_parents_len(totals_len, points)
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_shortest_paths_scratch_len(totals_len, points)
 * @param costs        packed: those of quell_mmse_costs(), quell_pairs_costs() or quell_leaps_costs(); infinity for a
 *                     step that must not be taken
 * @param costs_len    quell_pairs_len(points)
 * @param points       how many points, at least 2
 * @param coefficient  the factor by which each step counts more than the one before; 1 for all alike
 */
QUELL_MUST_USE
quell_status quell_shortest_paths(double *totals,
                                  size_t totals_len,
                                  uint32_t *parents,
                                  size_t parents_len,
                                  double *scratch,
                                  size_t scratch_len,
                                  const double *costs,
                                  size_t costs_len,
                                  size_t points,
                                  double coefficient);

/**
 * Reads a path of indices_len - 1 steps: the positions of its points from the first to the last.
 *
 * @param indices      indices_len elements
 * @param indices_len  one more than there are steps, at least 2
 * @param parents      those of quell_shortest_paths() or quell_teacher_advance_f32()
 * @param parents_len  how many
 * @param points       how many points there are
 */
QUELL_MUST_USE
quell_status quell_trace(uint32_t *indices,
                         size_t indices_len,
                         const uint32_t *parents,
                         size_t parents_len,
                         size_t points);

/* ---- Schedules by the search of Align Your Steps ---- */

/**
 * Fills the candidates for one level of a schedule, for a host that asks its network for the cost of each
 * (quell_candidates_add()): the first is where the level is.
 *
 * @param candidates  QUELL_CANDIDATES elements
 * @param sigmas      the schedule, positive and strictly decreasing
 * @param sigmas_len  how many, at least 3
 * @param index       the position of the level, neither the first nor the last
 */
QUELL_MUST_USE
quell_status quell_search_candidates(double *candidates,
                                     const double *sigmas,
                                     size_t sigmas_len,
                                     size_t index);

/**
 * The position of the least cost; the first of equals, so that a level moves only for a gain.
 *
 * @param out        the position
 * @param costs      the costs of the candidates; infinity for one that must not be chosen
 * @param costs_len  how many, at least 1
 */
QUELL_MUST_USE quell_status quell_search_choose(size_t *out, const double *costs, size_t costs_len);

/**
 * Goes once through the levels of a schedule from the noisiest down, and moves each to the best of its candidates by
 * the bound from an mmse curve. Call it until nothing moves, or until the samples have got worse.
 *
 * @param out          how many levels moved
 * @param sigmas       the schedule, strictly decreasing and within the grid
 * @param scratch      memory to work in, sigmas_len elements
 * @param sigmas_len   how many, at least 2
 * @param grid         the levels of the curve
 * @param mmse         the mean squared error at each, grid_len elements
 * @param information  the information at each, grid_len elements
 * @param grid_len     how many, at least 2
 * @param levels       a quell_search_levels
 */
QUELL_MUST_USE
quell_status quell_search_sweep_mmse(size_t *out,
                                     double *sigmas,
                                     double *scratch,
                                     size_t sigmas_len,
                                     const double *grid,
                                     const double *mmse,
                                     const double *information,
                                     size_t grid_len,
                                     int32_t levels);

/**
 * The same by packed costs: those of quell_pairs_costs() or quell_mmse_costs().
 *
 * @param out         how many levels moved
 * @param sigmas      the schedule, strictly decreasing and within the grid
 * @param scratch     memory to work in, sigmas_len elements
 * @param sigmas_len  how many, at least 2
 * @param costs       costs_len elements
 * @param costs_len   quell_pairs_len(grid_len)
 * @param grid        the levels of the costs
 * @param grid_len    how many, at least 2
 * @param levels      a quell_search_levels
 */
QUELL_MUST_USE
quell_status quell_search_sweep_costs(size_t *out,
                                      double *sigmas,
                                      double *scratch,
                                      size_t sigmas_len,
                                      const double *costs,
                                      size_t costs_len,
                                      const double *grid,
                                      size_t grid_len,
                                      int32_t levels);

/**
 * The same by the bound for N(0, c^2) data.
 *
 * @param out         how many levels moved
 * @param sigmas      the schedule, positive and strictly decreasing
 * @param scratch     memory to work in, sigmas_len elements
 * @param sigmas_len  how many, at least 2
 * @param c           the standard deviation of the data
 * @param levels      a quell_search_levels
 */
QUELL_MUST_USE
quell_status quell_search_sweep_gaussian(size_t *out,
                                         double *sigmas,
                                         double *scratch,
                                         size_t sigmas_len,
                                         double c,
                                         int32_t levels);

/**
 * Doubles a schedule: its levels at the even positions, and their geometric means between.
 *
 * @param out         out_len elements
 * @param out_len     2 sigmas_len - 1
 * @param sigmas      the schedule, positive and strictly decreasing
 * @param sigmas_len  how many, at least 2
 */
QUELL_MUST_USE
quell_status quell_sigmas_subdivide(double *out,
                                    size_t out_len,
                                    const double *sigmas,
                                    size_t sigmas_len);

/* ---- Schedules from a density of steps ---- */

/**
 * Fills the density of the least bound for many steps, sqrt(-dmmse/dsigma^-2)/sigma^2: steps per unit of ln sigma,
 * up to a common factor.
 *
 * @param density   grid_len elements
 * @param grid      the levels of the curve, positive and strictly decreasing
 * @param mmse      the mean squared error at each, grid_len elements; see quell_mmse_make_monotone()
 * @param grid_len  how many, at least 2
 */
QUELL_MUST_USE
quell_status quell_density_klub(double *density,
                                const double *grid,
                                const double *mmse,
                                size_t grid_len);

/**
 * Fills mmse/sigma^2: levels that divide the information evenly.
 *
 * @param density   grid_len elements
 * @param grid      the levels of the curve, positive and strictly decreasing
 * @param mmse      the mean squared error at each, grid_len elements
 * @param grid_len  how many, at least 2
 */
QUELL_MUST_USE
quell_status quell_density_entropic(double *density,
                                    const double *grid,
                                    const double *mmse,
                                    size_t grid_len);

/**
 * Fills mmse/sigma: the same rescaled by sigma, for which a step at much noise counts for more.
 *
 * @param density   grid_len elements
 * @param grid      the levels of the curve, positive and strictly decreasing
 * @param mmse      the mean squared error at each, grid_len elements
 * @param grid_len  how many, at least 2
 */
QUELL_MUST_USE
quell_status quell_density_rescaled_entropic(double *density,
                                             const double *grid,
                                             const double *mmse,
                                             size_t grid_len);

/**
 * Fills sigmas that divide the integral of a density over ln sigma evenly, from one end of the grid to the other.
 *
 * @param sigmas      sigmas_len elements, one more than there are steps
 * @param sigmas_len  how many, at least 2
 * @param grid        the levels that the density is known at, positive and strictly decreasing
 * @param density     the density at each, grid_len elements, not negative
 * @param grid_len    how many, at least 2
 */
QUELL_MUST_USE
quell_status quell_sigmas_from_density(double *sigmas,
                                       size_t sigmas_len,
                                       const double *grid,
                                       const double *density,
                                       size_t grid_len);

/**
 * Fills the density of steps that the displacement rule gives a solver, for quell_sigmas_from_density(): steps where
 * the solver's own error weighs most on its samples.
 *
 * @param density      grid_len elements
 * @param moments      a table of trajectories (quell_pairs_add_trajectory_f32()), none of them without one
 * @param moments_len  quell_pairs_len(grid_len)
 * @param grid         its levels
 * @param grid_len     how many, at least 3; 64 are enough
 * @param sampler      a quell_sampler
 * @param criterion    a quell_criterion
 */
QUELL_MUST_USE
quell_status quell_displacement_density(double *density,
                                        const struct quell_moments *moments,
                                        size_t moments_len,
                                        const double *grid,
                                        size_t grid_len,
                                        int32_t sampler,
                                        int32_t criterion);

/**
 * The length of the scratch of quell_displacement_error() and quell_displacement_descend(); SIZE_MAX when that
 * overflows.
 *
 * @param levels  how many levels the table has
 */
QUELL_MUST_USE
size_t quell_displacement_scratch_len(size_t levels);

/**
 * The error of a deterministic run on levels of the table, for steps as long as they are.
 *
 * @param out          the error
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_displacement_scratch_len(grid_len)
 * @param indices      the positions of the run's levels in the grid, from 0 to grid_len - 1, strictly increasing
 * @param indices_len  how many, at least 2
 * @param moments      a table of trajectories, none of them without one
 * @param moments_len  quell_pairs_len(grid_len)
 * @param grid         its levels
 * @param grid_len     how many, at least 2
 * @param sampler      QUELL_SAMPLER_DDIM or QUELL_SAMPLER_DPMPP2M
 * @param criterion    a quell_criterion
 */
QUELL_MUST_USE
quell_status quell_displacement_error(double *out,
                                      double *scratch,
                                      size_t scratch_len,
                                      const uint32_t *indices,
                                      size_t indices_len,
                                      const struct quell_moments *moments,
                                      size_t moments_len,
                                      const double *grid,
                                      size_t grid_len,
                                      int32_t sampler,
                                      int32_t criterion);

/**
 * Moves the levels of a deterministic run on the grid, one at a time, while that lowers its error.
 *
 * @param out          the error reached
 * @param indices      the positions of the run's levels in the grid, from 0 to grid_len - 1, strictly increasing
 * @param indices_len  how many, at least 2
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_displacement_scratch_len(grid_len)
 * @param moments      a table of trajectories, none of them without one
 * @param moments_len  quell_pairs_len(grid_len)
 * @param grid         its levels
 * @param grid_len     how many, at least 2
 * @param sampler      QUELL_SAMPLER_DDIM or QUELL_SAMPLER_DPMPP2M
 * @param criterion    a quell_criterion
 * @param most         the largest number of sweeps through the levels
 */
QUELL_MUST_USE
quell_status quell_displacement_descend(double *out,
                                        uint32_t *indices,
                                        size_t indices_len,
                                        double *scratch,
                                        size_t scratch_len,
                                        const struct quell_moments *moments,
                                        size_t moments_len,
                                        const double *grid,
                                        size_t grid_len,
                                        int32_t sampler,
                                        int32_t criterion,
                                        size_t most);

/* ---- Schedules that imitate a teacher ---- */

/**
 * Takes one sample's trajectory by the teacher, any solver: what each leap of DDIM from one of its states to
 * the level of another misses.
 *
 * @param moments       moments_len elements; all zeros for a start, and always of the same measure
 * @param moments_len   quell_pairs_len(levels_len)
 * @param levels        the teacher's levels, each less noisy than the one before
 * @param levels_len    how many, at least 2
 * @param states        its states at all levels, each of dimension elements
 * @param states_len    levels_len dimension
 * @param denoised      the denoiser's outputs at all levels but the last
 * @param denoised_len  (levels_len - 1) dimension
 * @param dimension     the elements of a state
 * @param measure       a quell_measure
 */
QUELL_MUST_USE
quell_status quell_leaps_add_f32(struct quell_moments *moments,
                                 size_t moments_len,
                                 const struct quell_level *levels,
                                 size_t levels_len,
                                 const float *states,
                                 size_t states_len,
                                 const float *denoised,
                                 size_t denoised_len,
                                 size_t dimension,
                                 int32_t measure);

/**
 * Carries a student on by one step of DDIM: each level takes the leap, from any level that the student has
 * reached in step steps, that comes nearest to the teacher in the mean over samples. Between the calls the
 * host evaluates its network at the states; after the last one quell_trace() reads the schedules.
 *
 * @param errors       levels_len elements: the mean squared distance to the teacher; infinity at levels that
 *                     are not reached in so many steps
 * @param parents      parents_len elements
 * @param parents_len  quell_parents_len(steps, levels_len) for all steps that are planned
 * @param states       the student's states, n elements: for each sample a state for each level. At first the
 *                     first level's is what the teacher started from.
 * @param teacher      the teacher's states, n elements
 * @param denoised     what the denoiser made of the student's states, n elements: at the levels from step to
 *                     the last but one, at step 0 at the first only; other parts are not read
 * @param n            how many, samples levels_len dimension
 * @param levels       the teacher's levels, each less noisy than the one before
 * @param levels_len   how many, at least 2
 * @param step         how many steps the student has taken
 * @param dimension    the elements of a state
 */
QUELL_MUST_USE
quell_status quell_teacher_advance_f32(double *errors,
                                       uint32_t *parents,
                                       size_t parents_len,
                                       float *states,
                                       const float *teacher,
                                       const float *denoised,
                                       size_t n,
                                       const struct quell_level *levels,
                                       size_t levels_len,
                                       size_t step,
                                       size_t dimension);

/**
 * Takes one sample's trajectory by the teacher, any solver: what each leap of DDIM from one of its states to
 * the level of another misses.
 *
 * @param moments       moments_len elements; all zeros for a start, and always of the same measure
 * @param moments_len   quell_pairs_len(levels_len)
 * @param levels        the teacher's levels, each less noisy than the one before
 * @param levels_len    how many, at least 2
 * @param states        its states at all levels, each of dimension elements
 * @param states_len    levels_len dimension
 * @param denoised      the denoiser's outputs at all levels but the last
 * @param denoised_len  (levels_len - 1) dimension
 * @param dimension     the elements of a state
 * @param measure       a quell_measure
 */
QUELL_MUST_USE
quell_status quell_leaps_add_f64(struct quell_moments *moments,
                                 size_t moments_len,
                                 const struct quell_level *levels,
                                 size_t levels_len,
                                 const double *states,
                                 size_t states_len,
                                 const double *denoised,
                                 size_t denoised_len,
                                 size_t dimension,
                                 int32_t measure);

/**
 * Carries a student on by one step of DDIM: each level takes the leap, from any level that the student has
 * reached in step steps, that comes nearest to the teacher in the mean over samples. Between the calls the
 * host evaluates its network at the states; after the last one quell_trace() reads the schedules.
 *
 * @param errors       levels_len elements: the mean squared distance to the teacher; infinity at levels that
 *                     are not reached in so many steps
 * @param parents      parents_len elements
 * @param parents_len  quell_parents_len(steps, levels_len) for all steps that are planned
 * @param states       the student's states, n elements: for each sample a state for each level. At first the
 *                     first level's is what the teacher started from.
 * @param teacher      the teacher's states, n elements
 * @param denoised     what the denoiser made of the student's states, n elements: at the levels from step to
 *                     the last but one, at step 0 at the first only; other parts are not read
 * @param n            how many, samples levels_len dimension
 * @param levels       the teacher's levels, each less noisy than the one before
 * @param levels_len   how many, at least 2
 * @param step         how many steps the student has taken
 * @param dimension    the elements of a state
 */
QUELL_MUST_USE
quell_status quell_teacher_advance_f64(double *errors,
                                       uint32_t *parents,
                                       size_t parents_len,
                                       double *states,
                                       const double *teacher,
                                       const double *denoised,
                                       size_t n,
                                       const struct quell_level *levels,
                                       size_t levels_len,
                                       size_t step,
                                       size_t dimension);

/**
 * Takes one sample's trajectory by the teacher, any solver: what each leap of DDIM from one of its states to
 * the level of another misses.
 *
 * @param moments       moments_len elements; all zeros for a start, and always of the same measure
 * @param moments_len   quell_pairs_len(levels_len)
 * @param levels        the teacher's levels, each less noisy than the one before
 * @param levels_len    how many, at least 2
 * @param states        its states at all levels, each of dimension elements
 * @param states_len    levels_len dimension
 * @param denoised      the denoiser's outputs at all levels but the last
 * @param denoised_len  (levels_len - 1) dimension
 * @param dimension     the elements of a state
 * @param measure       a quell_measure
 */
QUELL_MUST_USE
quell_status quell_leaps_add_f16(struct quell_moments *moments,
                                 size_t moments_len,
                                 const struct quell_level *levels,
                                 size_t levels_len,
                                 const uint16_t *states,
                                 size_t states_len,
                                 const uint16_t *denoised,
                                 size_t denoised_len,
                                 size_t dimension,
                                 int32_t measure);

/**
 * Carries a student on by one step of DDIM: each level takes the leap, from any level that the student has
 * reached in step steps, that comes nearest to the teacher in the mean over samples. Between the calls the
 * host evaluates its network at the states; after the last one quell_trace() reads the schedules.
 *
 * @param errors       levels_len elements: the mean squared distance to the teacher; infinity at levels that
 *                     are not reached in so many steps
 * @param parents      parents_len elements
 * @param parents_len  quell_parents_len(steps, levels_len) for all steps that are planned
 * @param states       the student's states, n elements: for each sample a state for each level. At first the
 *                     first level's is what the teacher started from.
 * @param teacher      the teacher's states, n elements
 * @param denoised     what the denoiser made of the student's states, n elements: at the levels from step to
 *                     the last but one, at step 0 at the first only; other parts are not read
 * @param n            how many, samples levels_len dimension
 * @param levels       the teacher's levels, each less noisy than the one before
 * @param levels_len   how many, at least 2
 * @param step         how many steps the student has taken
 * @param dimension    the elements of a state
 */
QUELL_MUST_USE
quell_status quell_teacher_advance_f16(double *errors,
                                       uint32_t *parents,
                                       size_t parents_len,
                                       uint16_t *states,
                                       const uint16_t *teacher,
                                       const uint16_t *denoised,
                                       size_t n,
                                       const struct quell_level *levels,
                                       size_t levels_len,
                                       size_t step,
                                       size_t dimension);

/**
 * Takes one sample's trajectory by the teacher, any solver: what each leap of DDIM from one of its states to
 * the level of another misses.
 *
 * @param moments       moments_len elements; all zeros for a start, and always of the same measure
 * @param moments_len   quell_pairs_len(levels_len)
 * @param levels        the teacher's levels, each less noisy than the one before
 * @param levels_len    how many, at least 2
 * @param states        its states at all levels, each of dimension elements
 * @param states_len    levels_len dimension
 * @param denoised      the denoiser's outputs at all levels but the last
 * @param denoised_len  (levels_len - 1) dimension
 * @param dimension     the elements of a state
 * @param measure       a quell_measure
 */
QUELL_MUST_USE
quell_status quell_leaps_add_bf16(struct quell_moments *moments,
                                  size_t moments_len,
                                  const struct quell_level *levels,
                                  size_t levels_len,
                                  const uint16_t *states,
                                  size_t states_len,
                                  const uint16_t *denoised,
                                  size_t denoised_len,
                                  size_t dimension,
                                  int32_t measure);

/**
 * Carries a student on by one step of DDIM: each level takes the leap, from any level that the student has
 * reached in step steps, that comes nearest to the teacher in the mean over samples. Between the calls the
 * host evaluates its network at the states; after the last one quell_trace() reads the schedules.
 *
 * @param errors       levels_len elements: the mean squared distance to the teacher; infinity at levels that
 *                     are not reached in so many steps
 * @param parents      parents_len elements
 * @param parents_len  quell_parents_len(steps, levels_len) for all steps that are planned
 * @param states       the student's states, n elements: for each sample a state for each level. At first the
 *                     first level's is what the teacher started from.
 * @param teacher      the teacher's states, n elements
 * @param denoised     what the denoiser made of the student's states, n elements: at the levels from step to
 *                     the last but one, at step 0 at the first only; other parts are not read
 * @param n            how many, samples levels_len dimension
 * @param levels       the teacher's levels, each less noisy than the one before
 * @param levels_len   how many, at least 2
 * @param step         how many steps the student has taken
 * @param dimension    the elements of a state
 */
QUELL_MUST_USE
quell_status quell_teacher_advance_bf16(double *errors,
                                        uint32_t *parents,
                                        size_t parents_len,
                                        uint16_t *states,
                                        const uint16_t *teacher,
                                        const uint16_t *denoised,
                                        size_t n,
                                        const struct quell_level *levels,
                                        size_t levels_len,
                                        size_t step,
                                        size_t dimension);

/**
 * Takes one sample's trajectory by the teacher, any solver: what each leap of DDIM from one of its states to
 * the level of another misses.
 *
 * @param moments       moments_len elements; all zeros for a start, and always of the same measure
 * @param moments_len   quell_pairs_len(levels_len)
 * @param levels        the teacher's levels, each less noisy than the one before
 * @param levels_len    how many, at least 2
 * @param states        its states at all levels, each of dimension elements
 * @param states_len    levels_len dimension
 * @param denoised      the denoiser's outputs at all levels but the last
 * @param denoised_len  (levels_len - 1) dimension
 * @param dimension     the elements of a state
 * @param measure       a quell_measure
 */
QUELL_MUST_USE
quell_status quell_leaps_add_f32_f16(struct quell_moments *moments,
                                     size_t moments_len,
                                     const struct quell_level *levels,
                                     size_t levels_len,
                                     const float *states,
                                     size_t states_len,
                                     const uint16_t *denoised,
                                     size_t denoised_len,
                                     size_t dimension,
                                     int32_t measure);

/**
 * Carries a student on by one step of DDIM: each level takes the leap, from any level that the student has
 * reached in step steps, that comes nearest to the teacher in the mean over samples. Between the calls the
 * host evaluates its network at the states; after the last one quell_trace() reads the schedules.
 *
 * @param errors       levels_len elements: the mean squared distance to the teacher; infinity at levels that
 *                     are not reached in so many steps
 * @param parents      parents_len elements
 * @param parents_len  quell_parents_len(steps, levels_len) for all steps that are planned
 * @param states       the student's states, n elements: for each sample a state for each level. At first the
 *                     first level's is what the teacher started from.
 * @param teacher      the teacher's states, n elements
 * @param denoised     what the denoiser made of the student's states, n elements: at the levels from step to
 *                     the last but one, at step 0 at the first only; other parts are not read
 * @param n            how many, samples levels_len dimension
 * @param levels       the teacher's levels, each less noisy than the one before
 * @param levels_len   how many, at least 2
 * @param step         how many steps the student has taken
 * @param dimension    the elements of a state
 */
QUELL_MUST_USE
quell_status quell_teacher_advance_f32_f16(double *errors,
                                           uint32_t *parents,
                                           size_t parents_len,
                                           float *states,
                                           const float *teacher,
                                           const uint16_t *denoised,
                                           size_t n,
                                           const struct quell_level *levels,
                                           size_t levels_len,
                                           size_t step,
                                           size_t dimension);

/**
 * Takes one sample's trajectory by the teacher, any solver: what each leap of DDIM from one of its states to
 * the level of another misses.
 *
 * @param moments       moments_len elements; all zeros for a start, and always of the same measure
 * @param moments_len   quell_pairs_len(levels_len)
 * @param levels        the teacher's levels, each less noisy than the one before
 * @param levels_len    how many, at least 2
 * @param states        its states at all levels, each of dimension elements
 * @param states_len    levels_len dimension
 * @param denoised      the denoiser's outputs at all levels but the last
 * @param denoised_len  (levels_len - 1) dimension
 * @param dimension     the elements of a state
 * @param measure       a quell_measure
 */
QUELL_MUST_USE
quell_status quell_leaps_add_f32_bf16(struct quell_moments *moments,
                                      size_t moments_len,
                                      const struct quell_level *levels,
                                      size_t levels_len,
                                      const float *states,
                                      size_t states_len,
                                      const uint16_t *denoised,
                                      size_t denoised_len,
                                      size_t dimension,
                                      int32_t measure);

/**
 * Carries a student on by one step of DDIM: each level takes the leap, from any level that the student has
 * reached in step steps, that comes nearest to the teacher in the mean over samples. Between the calls the
 * host evaluates its network at the states; after the last one quell_trace() reads the schedules.
 *
 * @param errors       levels_len elements: the mean squared distance to the teacher; infinity at levels that
 *                     are not reached in so many steps
 * @param parents      parents_len elements
 * @param parents_len  quell_parents_len(steps, levels_len) for all steps that are planned
 * @param states       the student's states, n elements: for each sample a state for each level. At first the
 *                     first level's is what the teacher started from.
 * @param teacher      the teacher's states, n elements
 * @param denoised     what the denoiser made of the student's states, n elements: at the levels from step to
 *                     the last but one, at step 0 at the first only; other parts are not read
 * @param n            how many, samples levels_len dimension
 * @param levels       the teacher's levels, each less noisy than the one before
 * @param levels_len   how many, at least 2
 * @param step         how many steps the student has taken
 * @param dimension    the elements of a state
 */
QUELL_MUST_USE
quell_status quell_teacher_advance_f32_bf16(double *errors,
                                            uint32_t *parents,
                                            size_t parents_len,
                                            float *states,
                                            const float *teacher,
                                            const uint16_t *denoised,
                                            size_t n,
                                            const struct quell_level *levels,
                                            size_t levels_len,
                                            size_t step,
                                            size_t dimension);

/**
 * Fills the mean cost of the leap between each pair of levels, packed, for quell_shortest_paths(); GITS takes a
 * coefficient of 1.15 there.
 *
 * @param costs        moments_len elements
 * @param moments      the table of leaps, none of them without a sample but for its diagonal
 * @param moments_len  quell_pairs_len(levels_len)
 * @param levels       its levels
 * @param levels_len   how many, at least 2
 */
QUELL_MUST_USE
quell_status quell_leaps_costs(double *costs,
                               const struct quell_moments *moments,
                               size_t moments_len,
                               const struct quell_level *levels,
                               size_t levels_len);

/* ---- Tables as bytes ---- */

/**
 * The length of a table as bytes; SIZE_MAX when that overflows, or for a kind that is none.
 *
 * @param kind    a quell_table_kind
 * @param levels  how many levels its grid has
 */
QUELL_MUST_USE size_t quell_table_encoded_len(int32_t kind, size_t levels);

/**
 * Writes a table as bytes, with its grid and a checksum, the same on every machine.
 *
 * @param bytes        bytes_len elements
 * @param bytes_len    quell_table_encoded_len(kind, grid_len)
 * @param moments      the table
 * @param moments_len  grid_len, or quell_pairs_len(grid_len) where it is one of pairs
 * @param grid         its levels as noise-to-signal ratios, strictly decreasing; the last may be 0
 * @param grid_len     how many, at least 1
 * @param kind         a quell_table_kind
 */
QUELL_MUST_USE
quell_status quell_table_encode(uint8_t *bytes,
                                size_t bytes_len,
                                const struct quell_moments *moments,
                                size_t moments_len,
                                const double *grid,
                                size_t grid_len,
                                int32_t kind);

/**
 * Reads a table of a given kind on a given grid. A file that was cut off, that something else wrote, or that is of
 * another kind or grid is refused, and the moments stay.
 *
 * @param moments      moments_len elements
 * @param moments_len  grid_len, or quell_pairs_len(grid_len) where the table is one of pairs
 * @param grid         the levels that it has to be on
 * @param grid_len     how many
 * @param bytes        the table as bytes
 * @param bytes_len    how many
 * @param kind         a quell_table_kind
 */
QUELL_MUST_USE
quell_status quell_table_decode(struct quell_moments *moments,
                                size_t moments_len,
                                const double *grid,
                                size_t grid_len,
                                const uint8_t *bytes,
                                size_t bytes_len,
                                int32_t kind);

/**
 * Reads what a table is, for a host that does not know, and checks that its bytes are whole.
 *
 * @param kind       a quell_table_kind
 * @param levels     how many levels its grid has
 * @param bytes      the table as bytes
 * @param bytes_len  how many
 */
QUELL_MUST_USE
quell_status quell_table_header(int32_t *kind,
                                size_t *levels,
                                const uint8_t *bytes,
                                size_t bytes_len);

/**
 * Reads the grid of a table.
 *
 * @param grid       grid_len elements
 * @param grid_len   as many as quell_table_header() says
 * @param bytes      the table as bytes
 * @param bytes_len  how many
 */
QUELL_MUST_USE
quell_status quell_table_grid(double *grid,
                              size_t grid_len,
                              const uint8_t *bytes,
                              size_t bytes_len);

/* ---- Correspondence: clusters of cells ---- */

/**
 * Fills in what scikit-learn does unless told otherwise: one start from greedy k-means++ with 2 + floor(ln clusters)
 * candidates, at most 300 iterations, a tolerance of 1e-4.
 *
 * @param out       the options
 * @param clusters  the number of clusters
 */
QUELL_MUST_USE
quell_status quell_kmeans_default(struct quell_kmeans *out,
                                  size_t clusters);

/**
 * How many uniforms quell_kmeans_plus_plus_f32() takes; SIZE_MAX when that overflows.
 *
 * @param clusters  how many centres
 * @param trials    how many candidates each is chosen from
 */
QUELL_MUST_USE size_t quell_kmeans_plus_plus_uniforms_len(size_t clusters, size_t trials);

/**
 * The length of the scratch of quell_kmeans_plus_plus_f32(); SIZE_MAX when that overflows.
 *
 * @param points     how many points
 * @param dimension  the elements of a point
 * @param trials     how many candidates each centre is chosen from
 */
QUELL_MUST_USE size_t quell_kmeans_plus_plus_scratch_len(size_t points, size_t dimension, size_t trials);

/**
 * How many uniforms quell_kmeans_f32_u8() takes; SIZE_MAX when that overflows.
 *
 * @param clusters  the number of clusters
 * @param restarts  how many starts
 * @param trials    how many candidates each centre is chosen from
 */
QUELL_MUST_USE size_t quell_kmeans_uniforms_len(size_t clusters, size_t restarts, size_t trials);

/**
 * The length of the scratch of quell_kmeans_f32_u8(); SIZE_MAX when that overflows.
 *
 * @param points     how many points
 * @param dimension  the elements of a point
 * @param clusters   the number of clusters
 * @param restarts   how many starts; with several the distances of all pairs of up to 1024 points are kept
 * @param trials     how many candidates each centre is chosen from
 */
QUELL_MUST_USE
size_t quell_kmeans_scratch_len(size_t points,
                                size_t dimension,
                                size_t clusters,
                                size_t restarts,
                                size_t trials);

/**
 * How many single precision numbers quell_kmeans_f32_u8() and quell_kmeans_lloyd_f32_u8() work in; SIZE_MAX when that
 * overflows.
 *
 * @param points     how many points
 * @param dimension  the elements of a point
 * @param clusters   the number of clusters
 */
QUELL_MUST_USE
size_t quell_kmeans_singles_len(size_t points,
                                size_t dimension,
                                size_t clusters);

/**
 * The length of the scratch of quell_kmeans_lloyd_f32_u8(); SIZE_MAX when that overflows.
 *
 * @param points     how many points
 * @param dimension  the elements of a point
 * @param clusters   the number of clusters
 */
QUELL_MUST_USE size_t quell_kmeans_lloyd_scratch_len(size_t points, size_t dimension, size_t clusters);

/**
 * The length of the scratch of quell_kmeans_predict_f32_u8(); SIZE_MAX when that overflows.
 *
 * @param dimension  the elements of a point
 * @param clusters   the number of clusters
 */
QUELL_MUST_USE size_t quell_kmeans_predict_scratch_len(size_t dimension, size_t clusters);

/**
 * How many single precision numbers quell_kmeans_predict_f32_u8() works in; SIZE_MAX when that overflows.
 *
 * @param dimension  the elements of a point
 * @param clusters   the number of clusters
 */
QUELL_MUST_USE size_t quell_kmeans_predict_singles_len(size_t dimension, size_t clusters);

/**
 * Chooses points as starting centres, each with a probability in proportion to the squared distance from the
 * centres before it (k-means++), from the best of trials candidates: the one that leaves the lowest
 * potential, of equal ones the first. One trial gives the published method.
 *
 * @param out           the potential: the sum of the squared distances from each point to its nearest centre
 * @param centres       centres_len elements: the chosen points
 * @param centres_len   clusters dimension
 * @param indices       the positions of the chosen points, clusters elements
 * @param clusters      how many centres, from 1 to the number of points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_plus_plus_scratch_len()
 * @param features      the points, one after the other
 * @param features_len  how many elements, a multiple of dimension
 * @param uniforms      uniform numbers in [0, 1)
 * @param uniforms_len  quell_kmeans_plus_plus_uniforms_len(clusters, trials)
 * @param dimension     the elements of a point, at least 1
 * @param trials        how many candidates each centre is chosen from, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_plus_plus_f32(double *out,
                                        double *centres,
                                        size_t centres_len,
                                        size_t *indices,
                                        size_t clusters,
                                        double *scratch,
                                        size_t scratch_len,
                                        const float *features,
                                        size_t features_len,
                                        const double *uniforms,
                                        size_t uniforms_len,
                                        size_t dimension,
                                        size_t trials);

/**
 * Chooses points as starting centres, each with a probability in proportion to the squared distance from the
 * centres before it (k-means++), from the best of trials candidates: the one that leaves the lowest
 * potential, of equal ones the first. One trial gives the published method.
 *
 * @param out           the potential: the sum of the squared distances from each point to its nearest centre
 * @param centres       centres_len elements: the chosen points
 * @param centres_len   clusters dimension
 * @param indices       the positions of the chosen points, clusters elements
 * @param clusters      how many centres, from 1 to the number of points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_plus_plus_scratch_len()
 * @param features      the points, one after the other
 * @param features_len  how many elements, a multiple of dimension
 * @param uniforms      uniform numbers in [0, 1)
 * @param uniforms_len  quell_kmeans_plus_plus_uniforms_len(clusters, trials)
 * @param dimension     the elements of a point, at least 1
 * @param trials        how many candidates each centre is chosen from, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_plus_plus_f64(double *out,
                                        double *centres,
                                        size_t centres_len,
                                        size_t *indices,
                                        size_t clusters,
                                        double *scratch,
                                        size_t scratch_len,
                                        const double *features,
                                        size_t features_len,
                                        const double *uniforms,
                                        size_t uniforms_len,
                                        size_t dimension,
                                        size_t trials);

/**
 * Chooses points as starting centres, each with a probability in proportion to the squared distance from the
 * centres before it (k-means++), from the best of trials candidates: the one that leaves the lowest
 * potential, of equal ones the first. One trial gives the published method.
 *
 * @param out           the potential: the sum of the squared distances from each point to its nearest centre
 * @param centres       centres_len elements: the chosen points
 * @param centres_len   clusters dimension
 * @param indices       the positions of the chosen points, clusters elements
 * @param clusters      how many centres, from 1 to the number of points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_plus_plus_scratch_len()
 * @param features      the points, one after the other
 * @param features_len  how many elements, a multiple of dimension
 * @param uniforms      uniform numbers in [0, 1)
 * @param uniforms_len  quell_kmeans_plus_plus_uniforms_len(clusters, trials)
 * @param dimension     the elements of a point, at least 1
 * @param trials        how many candidates each centre is chosen from, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_plus_plus_f16(double *out,
                                        double *centres,
                                        size_t centres_len,
                                        size_t *indices,
                                        size_t clusters,
                                        double *scratch,
                                        size_t scratch_len,
                                        const uint16_t *features,
                                        size_t features_len,
                                        const double *uniforms,
                                        size_t uniforms_len,
                                        size_t dimension,
                                        size_t trials);

/**
 * Chooses points as starting centres, each with a probability in proportion to the squared distance from the
 * centres before it (k-means++), from the best of trials candidates: the one that leaves the lowest
 * potential, of equal ones the first. One trial gives the published method.
 *
 * @param out           the potential: the sum of the squared distances from each point to its nearest centre
 * @param centres       centres_len elements: the chosen points
 * @param centres_len   clusters dimension
 * @param indices       the positions of the chosen points, clusters elements
 * @param clusters      how many centres, from 1 to the number of points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_plus_plus_scratch_len()
 * @param features      the points, one after the other
 * @param features_len  how many elements, a multiple of dimension
 * @param uniforms      uniform numbers in [0, 1)
 * @param uniforms_len  quell_kmeans_plus_plus_uniforms_len(clusters, trials)
 * @param dimension     the elements of a point, at least 1
 * @param trials        how many candidates each centre is chosen from, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_plus_plus_bf16(double *out,
                                         double *centres,
                                         size_t centres_len,
                                         size_t *indices,
                                         size_t clusters,
                                         double *scratch,
                                         size_t scratch_len,
                                         const uint16_t *features,
                                         size_t features_len,
                                         const double *uniforms,
                                         size_t uniforms_len,
                                         size_t dimension,
                                         size_t trials);

/**
 * K-means: starts from quell_kmeans_plus_plus_f32() and does what quell_kmeans_lloyd_f32_u8() does, as often as
 * the options say, and keeps the run with the least inertia.
 *
 * @param out           what came of it
 * @param centres       centres_len elements, one centre after the other
 * @param centres_len   clusters dimension
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param uniforms      uniform numbers in [0, 1)
 * @param uniforms_len  quell_kmeans_uniforms_len()
 * @param options       the options
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_f32_u8(struct quell_kmeans_fit *out,
                                 double *centres,
                                 size_t centres_len,
                                 uint8_t *labels,
                                 size_t points,
                                 double *scratch,
                                 size_t scratch_len,
                                 float *singles,
                                 size_t singles_len,
                                 const float *features,
                                 size_t features_len,
                                 const double *uniforms,
                                 size_t uniforms_len,
                                 const struct quell_kmeans *options,
                                 size_t dimension);

/**
 * Lloyd's iterations from given centres: each point gets the label of its nearest centre, of equally near ones
 * the first, and each centre moves to the mean of its points, until labels stay. A cluster without points takes
 * over the point that is farthest from its centre. The options restarts and trials do not matter.
 *
 * @param out           what came of it
 * @param centres       centres_len elements, one centre after the other: where to start, then what was reached
 * @param centres_len   clusters dimension
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_lloyd_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param options       the options
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_lloyd_f32_u8(struct quell_kmeans_fit *out,
                                       double *centres,
                                       size_t centres_len,
                                       uint8_t *labels,
                                       size_t points,
                                       double *scratch,
                                       size_t scratch_len,
                                       float *singles,
                                       size_t singles_len,
                                       const float *features,
                                       size_t features_len,
                                       const struct quell_kmeans *options,
                                       size_t dimension);

/**
 * Gives each point the label of its nearest centre, of equally near ones the first. Memory does not grow with
 * the number of points.
 *
 * @param out           the sum of the squared distances
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_predict_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_predict_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param centres       the centres, one after the other, at least one
 * @param centres_len   how many elements, a multiple of dimension
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_predict_f32_u8(double *out,
                                         uint8_t *labels,
                                         size_t points,
                                         double *scratch,
                                         size_t scratch_len,
                                         float *singles,
                                         size_t singles_len,
                                         const float *features,
                                         size_t features_len,
                                         const double *centres,
                                         size_t centres_len,
                                         size_t dimension);

/**
 * K-means: starts from quell_kmeans_plus_plus_f32() and does what quell_kmeans_lloyd_f32_u8() does, as often as
 * the options say, and keeps the run with the least inertia.
 *
 * @param out           what came of it
 * @param centres       centres_len elements, one centre after the other
 * @param centres_len   clusters dimension
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param uniforms      uniform numbers in [0, 1)
 * @param uniforms_len  quell_kmeans_uniforms_len()
 * @param options       the options
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_f32_u16(struct quell_kmeans_fit *out,
                                  double *centres,
                                  size_t centres_len,
                                  uint16_t *labels,
                                  size_t points,
                                  double *scratch,
                                  size_t scratch_len,
                                  float *singles,
                                  size_t singles_len,
                                  const float *features,
                                  size_t features_len,
                                  const double *uniforms,
                                  size_t uniforms_len,
                                  const struct quell_kmeans *options,
                                  size_t dimension);

/**
 * Lloyd's iterations from given centres: each point gets the label of its nearest centre, of equally near ones
 * the first, and each centre moves to the mean of its points, until labels stay. A cluster without points takes
 * over the point that is farthest from its centre. The options restarts and trials do not matter.
 *
 * @param out           what came of it
 * @param centres       centres_len elements, one centre after the other: where to start, then what was reached
 * @param centres_len   clusters dimension
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_lloyd_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param options       the options
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_lloyd_f32_u16(struct quell_kmeans_fit *out,
                                        double *centres,
                                        size_t centres_len,
                                        uint16_t *labels,
                                        size_t points,
                                        double *scratch,
                                        size_t scratch_len,
                                        float *singles,
                                        size_t singles_len,
                                        const float *features,
                                        size_t features_len,
                                        const struct quell_kmeans *options,
                                        size_t dimension);

/**
 * Gives each point the label of its nearest centre, of equally near ones the first. Memory does not grow with
 * the number of points.
 *
 * @param out           the sum of the squared distances
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_predict_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_predict_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param centres       the centres, one after the other, at least one
 * @param centres_len   how many elements, a multiple of dimension
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_predict_f32_u16(double *out,
                                          uint16_t *labels,
                                          size_t points,
                                          double *scratch,
                                          size_t scratch_len,
                                          float *singles,
                                          size_t singles_len,
                                          const float *features,
                                          size_t features_len,
                                          const double *centres,
                                          size_t centres_len,
                                          size_t dimension);

/**
 * K-means: starts from quell_kmeans_plus_plus_f32() and does what quell_kmeans_lloyd_f32_u8() does, as often as
 * the options say, and keeps the run with the least inertia.
 *
 * @param out           what came of it
 * @param centres       centres_len elements, one centre after the other
 * @param centres_len   clusters dimension
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param uniforms      uniform numbers in [0, 1)
 * @param uniforms_len  quell_kmeans_uniforms_len()
 * @param options       the options
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_f64_u8(struct quell_kmeans_fit *out,
                                 double *centres,
                                 size_t centres_len,
                                 uint8_t *labels,
                                 size_t points,
                                 double *scratch,
                                 size_t scratch_len,
                                 float *singles,
                                 size_t singles_len,
                                 const double *features,
                                 size_t features_len,
                                 const double *uniforms,
                                 size_t uniforms_len,
                                 const struct quell_kmeans *options,
                                 size_t dimension);

/**
 * Lloyd's iterations from given centres: each point gets the label of its nearest centre, of equally near ones
 * the first, and each centre moves to the mean of its points, until labels stay. A cluster without points takes
 * over the point that is farthest from its centre. The options restarts and trials do not matter.
 *
 * @param out           what came of it
 * @param centres       centres_len elements, one centre after the other: where to start, then what was reached
 * @param centres_len   clusters dimension
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_lloyd_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param options       the options
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_lloyd_f64_u8(struct quell_kmeans_fit *out,
                                       double *centres,
                                       size_t centres_len,
                                       uint8_t *labels,
                                       size_t points,
                                       double *scratch,
                                       size_t scratch_len,
                                       float *singles,
                                       size_t singles_len,
                                       const double *features,
                                       size_t features_len,
                                       const struct quell_kmeans *options,
                                       size_t dimension);

/**
 * Gives each point the label of its nearest centre, of equally near ones the first. Memory does not grow with
 * the number of points.
 *
 * @param out           the sum of the squared distances
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_predict_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_predict_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param centres       the centres, one after the other, at least one
 * @param centres_len   how many elements, a multiple of dimension
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_predict_f64_u8(double *out,
                                         uint8_t *labels,
                                         size_t points,
                                         double *scratch,
                                         size_t scratch_len,
                                         float *singles,
                                         size_t singles_len,
                                         const double *features,
                                         size_t features_len,
                                         const double *centres,
                                         size_t centres_len,
                                         size_t dimension);

/**
 * K-means: starts from quell_kmeans_plus_plus_f32() and does what quell_kmeans_lloyd_f32_u8() does, as often as
 * the options say, and keeps the run with the least inertia.
 *
 * @param out           what came of it
 * @param centres       centres_len elements, one centre after the other
 * @param centres_len   clusters dimension
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param uniforms      uniform numbers in [0, 1)
 * @param uniforms_len  quell_kmeans_uniforms_len()
 * @param options       the options
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_f64_u16(struct quell_kmeans_fit *out,
                                  double *centres,
                                  size_t centres_len,
                                  uint16_t *labels,
                                  size_t points,
                                  double *scratch,
                                  size_t scratch_len,
                                  float *singles,
                                  size_t singles_len,
                                  const double *features,
                                  size_t features_len,
                                  const double *uniforms,
                                  size_t uniforms_len,
                                  const struct quell_kmeans *options,
                                  size_t dimension);

/**
 * Lloyd's iterations from given centres: each point gets the label of its nearest centre, of equally near ones
 * the first, and each centre moves to the mean of its points, until labels stay. A cluster without points takes
 * over the point that is farthest from its centre. The options restarts and trials do not matter.
 *
 * @param out           what came of it
 * @param centres       centres_len elements, one centre after the other: where to start, then what was reached
 * @param centres_len   clusters dimension
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_lloyd_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param options       the options
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_lloyd_f64_u16(struct quell_kmeans_fit *out,
                                        double *centres,
                                        size_t centres_len,
                                        uint16_t *labels,
                                        size_t points,
                                        double *scratch,
                                        size_t scratch_len,
                                        float *singles,
                                        size_t singles_len,
                                        const double *features,
                                        size_t features_len,
                                        const struct quell_kmeans *options,
                                        size_t dimension);

/**
 * Gives each point the label of its nearest centre, of equally near ones the first. Memory does not grow with
 * the number of points.
 *
 * @param out           the sum of the squared distances
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_predict_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_predict_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param centres       the centres, one after the other, at least one
 * @param centres_len   how many elements, a multiple of dimension
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_predict_f64_u16(double *out,
                                          uint16_t *labels,
                                          size_t points,
                                          double *scratch,
                                          size_t scratch_len,
                                          float *singles,
                                          size_t singles_len,
                                          const double *features,
                                          size_t features_len,
                                          const double *centres,
                                          size_t centres_len,
                                          size_t dimension);

/**
 * K-means: starts from quell_kmeans_plus_plus_f32() and does what quell_kmeans_lloyd_f32_u8() does, as often as
 * the options say, and keeps the run with the least inertia.
 *
 * @param out           what came of it
 * @param centres       centres_len elements, one centre after the other
 * @param centres_len   clusters dimension
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param uniforms      uniform numbers in [0, 1)
 * @param uniforms_len  quell_kmeans_uniforms_len()
 * @param options       the options
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_f16_u8(struct quell_kmeans_fit *out,
                                 double *centres,
                                 size_t centres_len,
                                 uint8_t *labels,
                                 size_t points,
                                 double *scratch,
                                 size_t scratch_len,
                                 float *singles,
                                 size_t singles_len,
                                 const uint16_t *features,
                                 size_t features_len,
                                 const double *uniforms,
                                 size_t uniforms_len,
                                 const struct quell_kmeans *options,
                                 size_t dimension);

/**
 * Lloyd's iterations from given centres: each point gets the label of its nearest centre, of equally near ones
 * the first, and each centre moves to the mean of its points, until labels stay. A cluster without points takes
 * over the point that is farthest from its centre. The options restarts and trials do not matter.
 *
 * @param out           what came of it
 * @param centres       centres_len elements, one centre after the other: where to start, then what was reached
 * @param centres_len   clusters dimension
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_lloyd_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param options       the options
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_lloyd_f16_u8(struct quell_kmeans_fit *out,
                                       double *centres,
                                       size_t centres_len,
                                       uint8_t *labels,
                                       size_t points,
                                       double *scratch,
                                       size_t scratch_len,
                                       float *singles,
                                       size_t singles_len,
                                       const uint16_t *features,
                                       size_t features_len,
                                       const struct quell_kmeans *options,
                                       size_t dimension);

/**
 * Gives each point the label of its nearest centre, of equally near ones the first. Memory does not grow with
 * the number of points.
 *
 * @param out           the sum of the squared distances
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_predict_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_predict_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param centres       the centres, one after the other, at least one
 * @param centres_len   how many elements, a multiple of dimension
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_predict_f16_u8(double *out,
                                         uint8_t *labels,
                                         size_t points,
                                         double *scratch,
                                         size_t scratch_len,
                                         float *singles,
                                         size_t singles_len,
                                         const uint16_t *features,
                                         size_t features_len,
                                         const double *centres,
                                         size_t centres_len,
                                         size_t dimension);

/**
 * K-means: starts from quell_kmeans_plus_plus_f32() and does what quell_kmeans_lloyd_f32_u8() does, as often as
 * the options say, and keeps the run with the least inertia.
 *
 * @param out           what came of it
 * @param centres       centres_len elements, one centre after the other
 * @param centres_len   clusters dimension
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param uniforms      uniform numbers in [0, 1)
 * @param uniforms_len  quell_kmeans_uniforms_len()
 * @param options       the options
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_f16_u16(struct quell_kmeans_fit *out,
                                  double *centres,
                                  size_t centres_len,
                                  uint16_t *labels,
                                  size_t points,
                                  double *scratch,
                                  size_t scratch_len,
                                  float *singles,
                                  size_t singles_len,
                                  const uint16_t *features,
                                  size_t features_len,
                                  const double *uniforms,
                                  size_t uniforms_len,
                                  const struct quell_kmeans *options,
                                  size_t dimension);

/**
 * Lloyd's iterations from given centres: each point gets the label of its nearest centre, of equally near ones
 * the first, and each centre moves to the mean of its points, until labels stay. A cluster without points takes
 * over the point that is farthest from its centre. The options restarts and trials do not matter.
 *
 * @param out           what came of it
 * @param centres       centres_len elements, one centre after the other: where to start, then what was reached
 * @param centres_len   clusters dimension
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_lloyd_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param options       the options
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_lloyd_f16_u16(struct quell_kmeans_fit *out,
                                        double *centres,
                                        size_t centres_len,
                                        uint16_t *labels,
                                        size_t points,
                                        double *scratch,
                                        size_t scratch_len,
                                        float *singles,
                                        size_t singles_len,
                                        const uint16_t *features,
                                        size_t features_len,
                                        const struct quell_kmeans *options,
                                        size_t dimension);

/**
 * Gives each point the label of its nearest centre, of equally near ones the first. Memory does not grow with
 * the number of points.
 *
 * @param out           the sum of the squared distances
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_predict_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_predict_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param centres       the centres, one after the other, at least one
 * @param centres_len   how many elements, a multiple of dimension
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_predict_f16_u16(double *out,
                                          uint16_t *labels,
                                          size_t points,
                                          double *scratch,
                                          size_t scratch_len,
                                          float *singles,
                                          size_t singles_len,
                                          const uint16_t *features,
                                          size_t features_len,
                                          const double *centres,
                                          size_t centres_len,
                                          size_t dimension);

/**
 * K-means: starts from quell_kmeans_plus_plus_f32() and does what quell_kmeans_lloyd_f32_u8() does, as often as
 * the options say, and keeps the run with the least inertia.
 *
 * @param out           what came of it
 * @param centres       centres_len elements, one centre after the other
 * @param centres_len   clusters dimension
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param uniforms      uniform numbers in [0, 1)
 * @param uniforms_len  quell_kmeans_uniforms_len()
 * @param options       the options
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_bf16_u8(struct quell_kmeans_fit *out,
                                  double *centres,
                                  size_t centres_len,
                                  uint8_t *labels,
                                  size_t points,
                                  double *scratch,
                                  size_t scratch_len,
                                  float *singles,
                                  size_t singles_len,
                                  const uint16_t *features,
                                  size_t features_len,
                                  const double *uniforms,
                                  size_t uniforms_len,
                                  const struct quell_kmeans *options,
                                  size_t dimension);

/**
 * Lloyd's iterations from given centres: each point gets the label of its nearest centre, of equally near ones
 * the first, and each centre moves to the mean of its points, until labels stay. A cluster without points takes
 * over the point that is farthest from its centre. The options restarts and trials do not matter.
 *
 * @param out           what came of it
 * @param centres       centres_len elements, one centre after the other: where to start, then what was reached
 * @param centres_len   clusters dimension
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_lloyd_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param options       the options
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_lloyd_bf16_u8(struct quell_kmeans_fit *out,
                                        double *centres,
                                        size_t centres_len,
                                        uint8_t *labels,
                                        size_t points,
                                        double *scratch,
                                        size_t scratch_len,
                                        float *singles,
                                        size_t singles_len,
                                        const uint16_t *features,
                                        size_t features_len,
                                        const struct quell_kmeans *options,
                                        size_t dimension);

/**
 * Gives each point the label of its nearest centre, of equally near ones the first. Memory does not grow with
 * the number of points.
 *
 * @param out           the sum of the squared distances
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_predict_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_predict_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param centres       the centres, one after the other, at least one
 * @param centres_len   how many elements, a multiple of dimension
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_predict_bf16_u8(double *out,
                                          uint8_t *labels,
                                          size_t points,
                                          double *scratch,
                                          size_t scratch_len,
                                          float *singles,
                                          size_t singles_len,
                                          const uint16_t *features,
                                          size_t features_len,
                                          const double *centres,
                                          size_t centres_len,
                                          size_t dimension);

/**
 * K-means: starts from quell_kmeans_plus_plus_f32() and does what quell_kmeans_lloyd_f32_u8() does, as often as
 * the options say, and keeps the run with the least inertia.
 *
 * @param out           what came of it
 * @param centres       centres_len elements, one centre after the other
 * @param centres_len   clusters dimension
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param uniforms      uniform numbers in [0, 1)
 * @param uniforms_len  quell_kmeans_uniforms_len()
 * @param options       the options
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_bf16_u16(struct quell_kmeans_fit *out,
                                   double *centres,
                                   size_t centres_len,
                                   uint16_t *labels,
                                   size_t points,
                                   double *scratch,
                                   size_t scratch_len,
                                   float *singles,
                                   size_t singles_len,
                                   const uint16_t *features,
                                   size_t features_len,
                                   const double *uniforms,
                                   size_t uniforms_len,
                                   const struct quell_kmeans *options,
                                   size_t dimension);

/**
 * Lloyd's iterations from given centres: each point gets the label of its nearest centre, of equally near ones
 * the first, and each centre moves to the mean of its points, until labels stay. A cluster without points takes
 * over the point that is farthest from its centre. The options restarts and trials do not matter.
 *
 * @param out           what came of it
 * @param centres       centres_len elements, one centre after the other: where to start, then what was reached
 * @param centres_len   clusters dimension
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_lloyd_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param options       the options
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_lloyd_bf16_u16(struct quell_kmeans_fit *out,
                                         double *centres,
                                         size_t centres_len,
                                         uint16_t *labels,
                                         size_t points,
                                         double *scratch,
                                         size_t scratch_len,
                                         float *singles,
                                         size_t singles_len,
                                         const uint16_t *features,
                                         size_t features_len,
                                         const struct quell_kmeans *options,
                                         size_t dimension);

/**
 * Gives each point the label of its nearest centre, of equally near ones the first. Memory does not grow with
 * the number of points.
 *
 * @param out           the sum of the squared distances
 * @param labels        the label of each point, points elements
 * @param points        how many points
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_kmeans_predict_scratch_len()
 * @param singles       memory to work in
 * @param singles_len   how much, at least quell_kmeans_predict_singles_len()
 * @param features      the points, one after the other
 * @param features_len  points dimension
 * @param centres       the centres, one after the other, at least one
 * @param centres_len   how many elements, a multiple of dimension
 * @param dimension     the elements of a point, at least 1
 */
QUELL_MUST_USE
quell_status quell_kmeans_predict_bf16_u16(double *out,
                                           uint16_t *labels,
                                           size_t points,
                                           double *scratch,
                                           size_t scratch_len,
                                           float *singles,
                                           size_t singles_len,
                                           const uint16_t *features,
                                           size_t features_len,
                                           const double *centres,
                                           size_t centres_len,
                                           size_t dimension);

/* ---- Correspondence: pushing a cluster up and down ---- */

/**
 * Lists what each item of a batch is to be offset by: first the reference if wanted, then -lambda and +lambda for each
 * mask from first_label on.
 *
 * @param passes          passes_len elements
 * @param passes_len      how many: two for each mask, and one for the reference
 * @param first_label     the first mask
 * @param lambda          how far to push
 * @param with_reference  not 0: the first item is not offset
 */
QUELL_MUST_USE
quell_status quell_offset_passes(struct quell_offset_pass *passes,
                                 size_t passes_len,
                                 size_t first_label,
                                 double lambda,
                                 int32_t with_reference);

/**
 * Offsets the cells of each item's mask, in place: h = h + offset in all channels of the cells that have the
 * label of the item's pass. An item with offset 0 stays as it is.
 *
 * @param h           the feature maps of the items, h_len elements
 * @param h_len       how many, a multiple of passes_len cells
 * @param labels      the label of each cell, cells elements
 * @param cells       how many cells an item has
 * @param passes      one for each item
 * @param passes_len  how many items
 * @param channels    a quell_channels
 */
QUELL_MUST_USE
quell_status quell_offset_cells_f32_u8(float *h,
                                       size_t h_len,
                                       const uint8_t *labels,
                                       size_t cells,
                                       const struct quell_offset_pass *passes,
                                       size_t passes_len,
                                       int32_t channels);

/**
 * Writes what quell_offset_cells_f32_u8() would add, for a network that takes it as an input: for each item a
 * number for each cell.
 *
 * @param out         out_len elements
 * @param out_len     passes_len cells
 * @param labels      the label of each cell, cells elements
 * @param cells       how many cells an item has
 * @param passes      one for each item
 * @param passes_len  how many items
 */
QUELL_MUST_USE
quell_status quell_offsets_f32_u8(float *out,
                                  size_t out_len,
                                  const uint8_t *labels,
                                  size_t cells,
                                  const struct quell_offset_pass *passes,
                                  size_t passes_len);

/**
 * Offsets the cells of each item's mask, in place: h = h + offset in all channels of the cells that have the
 * label of the item's pass. An item with offset 0 stays as it is.
 *
 * @param h           the feature maps of the items, h_len elements
 * @param h_len       how many, a multiple of passes_len cells
 * @param labels      the label of each cell, cells elements
 * @param cells       how many cells an item has
 * @param passes      one for each item
 * @param passes_len  how many items
 * @param channels    a quell_channels
 */
QUELL_MUST_USE
quell_status quell_offset_cells_f32_u16(float *h,
                                        size_t h_len,
                                        const uint16_t *labels,
                                        size_t cells,
                                        const struct quell_offset_pass *passes,
                                        size_t passes_len,
                                        int32_t channels);

/**
 * Writes what quell_offset_cells_f32_u8() would add, for a network that takes it as an input: for each item a
 * number for each cell.
 *
 * @param out         out_len elements
 * @param out_len     passes_len cells
 * @param labels      the label of each cell, cells elements
 * @param cells       how many cells an item has
 * @param passes      one for each item
 * @param passes_len  how many items
 */
QUELL_MUST_USE
quell_status quell_offsets_f32_u16(float *out,
                                   size_t out_len,
                                   const uint16_t *labels,
                                   size_t cells,
                                   const struct quell_offset_pass *passes,
                                   size_t passes_len);

/**
 * Offsets the cells of each item's mask, in place: h = h + offset in all channels of the cells that have the
 * label of the item's pass. An item with offset 0 stays as it is.
 *
 * @param h           the feature maps of the items, h_len elements
 * @param h_len       how many, a multiple of passes_len cells
 * @param labels      the label of each cell, cells elements
 * @param cells       how many cells an item has
 * @param passes      one for each item
 * @param passes_len  how many items
 * @param channels    a quell_channels
 */
QUELL_MUST_USE
quell_status quell_offset_cells_f64_u8(double *h,
                                       size_t h_len,
                                       const uint8_t *labels,
                                       size_t cells,
                                       const struct quell_offset_pass *passes,
                                       size_t passes_len,
                                       int32_t channels);

/**
 * Writes what quell_offset_cells_f32_u8() would add, for a network that takes it as an input: for each item a
 * number for each cell.
 *
 * @param out         out_len elements
 * @param out_len     passes_len cells
 * @param labels      the label of each cell, cells elements
 * @param cells       how many cells an item has
 * @param passes      one for each item
 * @param passes_len  how many items
 */
QUELL_MUST_USE
quell_status quell_offsets_f64_u8(double *out,
                                  size_t out_len,
                                  const uint8_t *labels,
                                  size_t cells,
                                  const struct quell_offset_pass *passes,
                                  size_t passes_len);

/**
 * Offsets the cells of each item's mask, in place: h = h + offset in all channels of the cells that have the
 * label of the item's pass. An item with offset 0 stays as it is.
 *
 * @param h           the feature maps of the items, h_len elements
 * @param h_len       how many, a multiple of passes_len cells
 * @param labels      the label of each cell, cells elements
 * @param cells       how many cells an item has
 * @param passes      one for each item
 * @param passes_len  how many items
 * @param channels    a quell_channels
 */
QUELL_MUST_USE
quell_status quell_offset_cells_f64_u16(double *h,
                                        size_t h_len,
                                        const uint16_t *labels,
                                        size_t cells,
                                        const struct quell_offset_pass *passes,
                                        size_t passes_len,
                                        int32_t channels);

/**
 * Writes what quell_offset_cells_f32_u8() would add, for a network that takes it as an input: for each item a
 * number for each cell.
 *
 * @param out         out_len elements
 * @param out_len     passes_len cells
 * @param labels      the label of each cell, cells elements
 * @param cells       how many cells an item has
 * @param passes      one for each item
 * @param passes_len  how many items
 */
QUELL_MUST_USE
quell_status quell_offsets_f64_u16(double *out,
                                   size_t out_len,
                                   const uint16_t *labels,
                                   size_t cells,
                                   const struct quell_offset_pass *passes,
                                   size_t passes_len);

/**
 * Offsets the cells of each item's mask, in place: h = h + offset in all channels of the cells that have the
 * label of the item's pass. An item with offset 0 stays as it is.
 *
 * @param h           the feature maps of the items, h_len elements
 * @param h_len       how many, a multiple of passes_len cells
 * @param labels      the label of each cell, cells elements
 * @param cells       how many cells an item has
 * @param passes      one for each item
 * @param passes_len  how many items
 * @param channels    a quell_channels
 */
QUELL_MUST_USE
quell_status quell_offset_cells_f16_u8(uint16_t *h,
                                       size_t h_len,
                                       const uint8_t *labels,
                                       size_t cells,
                                       const struct quell_offset_pass *passes,
                                       size_t passes_len,
                                       int32_t channels);

/**
 * Writes what quell_offset_cells_f32_u8() would add, for a network that takes it as an input: for each item a
 * number for each cell.
 *
 * @param out         out_len elements
 * @param out_len     passes_len cells
 * @param labels      the label of each cell, cells elements
 * @param cells       how many cells an item has
 * @param passes      one for each item
 * @param passes_len  how many items
 */
QUELL_MUST_USE
quell_status quell_offsets_f16_u8(uint16_t *out,
                                  size_t out_len,
                                  const uint8_t *labels,
                                  size_t cells,
                                  const struct quell_offset_pass *passes,
                                  size_t passes_len);

/**
 * Offsets the cells of each item's mask, in place: h = h + offset in all channels of the cells that have the
 * label of the item's pass. An item with offset 0 stays as it is.
 *
 * @param h           the feature maps of the items, h_len elements
 * @param h_len       how many, a multiple of passes_len cells
 * @param labels      the label of each cell, cells elements
 * @param cells       how many cells an item has
 * @param passes      one for each item
 * @param passes_len  how many items
 * @param channels    a quell_channels
 */
QUELL_MUST_USE
quell_status quell_offset_cells_f16_u16(uint16_t *h,
                                        size_t h_len,
                                        const uint16_t *labels,
                                        size_t cells,
                                        const struct quell_offset_pass *passes,
                                        size_t passes_len,
                                        int32_t channels);

/**
 * Writes what quell_offset_cells_f32_u8() would add, for a network that takes it as an input: for each item a
 * number for each cell.
 *
 * @param out         out_len elements
 * @param out_len     passes_len cells
 * @param labels      the label of each cell, cells elements
 * @param cells       how many cells an item has
 * @param passes      one for each item
 * @param passes_len  how many items
 */
QUELL_MUST_USE
quell_status quell_offsets_f16_u16(uint16_t *out,
                                   size_t out_len,
                                   const uint16_t *labels,
                                   size_t cells,
                                   const struct quell_offset_pass *passes,
                                   size_t passes_len);

/**
 * Offsets the cells of each item's mask, in place: h = h + offset in all channels of the cells that have the
 * label of the item's pass. An item with offset 0 stays as it is.
 *
 * @param h           the feature maps of the items, h_len elements
 * @param h_len       how many, a multiple of passes_len cells
 * @param labels      the label of each cell, cells elements
 * @param cells       how many cells an item has
 * @param passes      one for each item
 * @param passes_len  how many items
 * @param channels    a quell_channels
 */
QUELL_MUST_USE
quell_status quell_offset_cells_bf16_u8(uint16_t *h,
                                        size_t h_len,
                                        const uint8_t *labels,
                                        size_t cells,
                                        const struct quell_offset_pass *passes,
                                        size_t passes_len,
                                        int32_t channels);

/**
 * Writes what quell_offset_cells_f32_u8() would add, for a network that takes it as an input: for each item a
 * number for each cell.
 *
 * @param out         out_len elements
 * @param out_len     passes_len cells
 * @param labels      the label of each cell, cells elements
 * @param cells       how many cells an item has
 * @param passes      one for each item
 * @param passes_len  how many items
 */
QUELL_MUST_USE
quell_status quell_offsets_bf16_u8(uint16_t *out,
                                   size_t out_len,
                                   const uint8_t *labels,
                                   size_t cells,
                                   const struct quell_offset_pass *passes,
                                   size_t passes_len);

/**
 * Offsets the cells of each item's mask, in place: h = h + offset in all channels of the cells that have the
 * label of the item's pass. An item with offset 0 stays as it is.
 *
 * @param h           the feature maps of the items, h_len elements
 * @param h_len       how many, a multiple of passes_len cells
 * @param labels      the label of each cell, cells elements
 * @param cells       how many cells an item has
 * @param passes      one for each item
 * @param passes_len  how many items
 * @param channels    a quell_channels
 */
QUELL_MUST_USE
quell_status quell_offset_cells_bf16_u16(uint16_t *h,
                                         size_t h_len,
                                         const uint16_t *labels,
                                         size_t cells,
                                         const struct quell_offset_pass *passes,
                                         size_t passes_len,
                                         int32_t channels);

/**
 * Writes what quell_offset_cells_f32_u8() would add, for a network that takes it as an input: for each item a
 * number for each cell.
 *
 * @param out         out_len elements
 * @param out_len     passes_len cells
 * @param labels      the label of each cell, cells elements
 * @param cells       how many cells an item has
 * @param passes      one for each item
 * @param passes_len  how many items
 */
QUELL_MUST_USE
quell_status quell_offsets_bf16_u16(uint16_t *out,
                                    size_t out_len,
                                    const uint16_t *labels,
                                    size_t cells,
                                    const struct quell_offset_pass *passes,
                                    size_t passes_len);

/**
 * Offsets the cells of each item in place by masks of weights: h = h + offset w in all channels of a cell, with
 * w its weight in the mask of the item's pass. A cell of weight 0 stays as it is.
 *
 * @param h            the feature maps of the items, h_len elements
 * @param h_len        how many, a multiple of passes_len cells
 * @param weights      masks of cells weights each, one after the other
 * @param weights_len  how many elements, a multiple of cells
 * @param passes       one for each item; its label is the position of its mask
 * @param passes_len   how many items
 * @param cells        how many cells an item has
 * @param channels     a quell_channels
 */
QUELL_MUST_USE
quell_status quell_offset_weighted_f32(float *h,
                                       size_t h_len,
                                       const float *weights,
                                       size_t weights_len,
                                       const struct quell_offset_pass *passes,
                                       size_t passes_len,
                                       size_t cells,
                                       int32_t channels);

/**
 * Writes what quell_offset_weighted_f32() would add, for a network that takes it as an input: for each item a
 * number for each cell.
 *
 * @param out          out_len elements
 * @param out_len      passes_len cells
 * @param weights      masks of cells weights each, one after the other
 * @param weights_len  how many elements, a multiple of cells
 * @param passes       one for each item; its label is the position of its mask
 * @param passes_len   how many items
 * @param cells        how many cells an item has
 */
QUELL_MUST_USE
quell_status quell_weighted_offsets_f32(float *out,
                                        size_t out_len,
                                        const float *weights,
                                        size_t weights_len,
                                        const struct quell_offset_pass *passes,
                                        size_t passes_len,
                                        size_t cells);

/**
 * Offsets the cells of each item in place by masks of weights: h = h + offset w in all channels of a cell, with
 * w its weight in the mask of the item's pass. A cell of weight 0 stays as it is.
 *
 * @param h            the feature maps of the items, h_len elements
 * @param h_len        how many, a multiple of passes_len cells
 * @param weights      masks of cells weights each, one after the other
 * @param weights_len  how many elements, a multiple of cells
 * @param passes       one for each item; its label is the position of its mask
 * @param passes_len   how many items
 * @param cells        how many cells an item has
 * @param channels     a quell_channels
 */
QUELL_MUST_USE
quell_status quell_offset_weighted_f64(double *h,
                                       size_t h_len,
                                       const double *weights,
                                       size_t weights_len,
                                       const struct quell_offset_pass *passes,
                                       size_t passes_len,
                                       size_t cells,
                                       int32_t channels);

/**
 * Writes what quell_offset_weighted_f32() would add, for a network that takes it as an input: for each item a
 * number for each cell.
 *
 * @param out          out_len elements
 * @param out_len      passes_len cells
 * @param weights      masks of cells weights each, one after the other
 * @param weights_len  how many elements, a multiple of cells
 * @param passes       one for each item; its label is the position of its mask
 * @param passes_len   how many items
 * @param cells        how many cells an item has
 */
QUELL_MUST_USE
quell_status quell_weighted_offsets_f64(double *out,
                                        size_t out_len,
                                        const double *weights,
                                        size_t weights_len,
                                        const struct quell_offset_pass *passes,
                                        size_t passes_len,
                                        size_t cells);

/**
 * Offsets the cells of each item in place by masks of weights: h = h + offset w in all channels of a cell, with
 * w its weight in the mask of the item's pass. A cell of weight 0 stays as it is.
 *
 * @param h            the feature maps of the items, h_len elements
 * @param h_len        how many, a multiple of passes_len cells
 * @param weights      masks of cells weights each, one after the other
 * @param weights_len  how many elements, a multiple of cells
 * @param passes       one for each item; its label is the position of its mask
 * @param passes_len   how many items
 * @param cells        how many cells an item has
 * @param channels     a quell_channels
 */
QUELL_MUST_USE
quell_status quell_offset_weighted_f16(uint16_t *h,
                                       size_t h_len,
                                       const float *weights,
                                       size_t weights_len,
                                       const struct quell_offset_pass *passes,
                                       size_t passes_len,
                                       size_t cells,
                                       int32_t channels);

/**
 * Writes what quell_offset_weighted_f32() would add, for a network that takes it as an input: for each item a
 * number for each cell.
 *
 * @param out          out_len elements
 * @param out_len      passes_len cells
 * @param weights      masks of cells weights each, one after the other
 * @param weights_len  how many elements, a multiple of cells
 * @param passes       one for each item; its label is the position of its mask
 * @param passes_len   how many items
 * @param cells        how many cells an item has
 */
QUELL_MUST_USE
quell_status quell_weighted_offsets_f16(uint16_t *out,
                                        size_t out_len,
                                        const float *weights,
                                        size_t weights_len,
                                        const struct quell_offset_pass *passes,
                                        size_t passes_len,
                                        size_t cells);

/**
 * Offsets the cells of each item in place by masks of weights: h = h + offset w in all channels of a cell, with
 * w its weight in the mask of the item's pass. A cell of weight 0 stays as it is.
 *
 * @param h            the feature maps of the items, h_len elements
 * @param h_len        how many, a multiple of passes_len cells
 * @param weights      masks of cells weights each, one after the other
 * @param weights_len  how many elements, a multiple of cells
 * @param passes       one for each item; its label is the position of its mask
 * @param passes_len   how many items
 * @param cells        how many cells an item has
 * @param channels     a quell_channels
 */
QUELL_MUST_USE
quell_status quell_offset_weighted_bf16(uint16_t *h,
                                        size_t h_len,
                                        const float *weights,
                                        size_t weights_len,
                                        const struct quell_offset_pass *passes,
                                        size_t passes_len,
                                        size_t cells,
                                        int32_t channels);

/**
 * Writes what quell_offset_weighted_f32() would add, for a network that takes it as an input: for each item a
 * number for each cell.
 *
 * @param out          out_len elements
 * @param out_len      passes_len cells
 * @param weights      masks of cells weights each, one after the other
 * @param weights_len  how many elements, a multiple of cells
 * @param passes       one for each item; its label is the position of its mask
 * @param passes_len   how many items
 * @param cells        how many cells an item has
 */
QUELL_MUST_USE
quell_status quell_weighted_offsets_bf16(uint16_t *out,
                                         size_t out_len,
                                         const float *weights,
                                         size_t weights_len,
                                         const struct quell_offset_pass *passes,
                                         size_t passes_len,
                                         size_t cells);

/* ---- Correspondence: images and their differences ---- */

/**
 * The layout of an image that is stored channel by channel, as networks put them out.
 *
 * @param out       the layout
 * @param channels  the number of channels
 * @param height    the number of rows
 * @param width     the number of columns
 */
QUELL_MUST_USE
quell_status quell_layout_planar(struct quell_layout *out,
                                 size_t channels,
                                 size_t height,
                                 size_t width);

/**
 * The layout of an image that is stored pixel by pixel, as files hold them.
 *
 * @param out       the layout
 * @param channels  the number of channels
 * @param height    the number of rows
 * @param width     the number of columns
 */
QUELL_MUST_USE
quell_status quell_layout_interleaved(struct quell_layout *out,
                                      size_t channels,
                                      size_t height,
                                      size_t width);

/**
 * The number of elements that a buffer must have to hold an image: up to its last one.
 *
 * @param out     the number; SIZE_MAX when that overflows
 * @param layout  the layout
 */
QUELL_MUST_USE quell_status quell_layout_len(size_t *out, const struct quell_layout *layout);

/**
 * Fills the map of the norm of minus - plus over channels: one value for each pixel, row by row.
 *
 * @param map        map_len elements
 * @param map_len    height width
 * @param minus      one image
 * @param minus_len  how many elements, at least those of the layout: quell_layout_len()
 * @param plus       the other
 * @param plus_len   how many elements, at least those of the layout
 * @param layout     how both lie in memory, with at least one channel
 * @param norm       a quell_norm
 */
QUELL_MUST_USE
quell_status quell_difference_map_u8(float *map,
                                     size_t map_len,
                                     const uint8_t *minus,
                                     size_t minus_len,
                                     const uint8_t *plus,
                                     size_t plus_len,
                                     const struct quell_layout *layout,
                                     int32_t norm);

/**
 * Fills the map of the norm of minus - plus over channels: one value for each pixel, row by row.
 *
 * @param map        map_len elements
 * @param map_len    height width
 * @param minus      one image
 * @param minus_len  how many elements, at least those of the layout: quell_layout_len()
 * @param plus       the other
 * @param plus_len   how many elements, at least those of the layout
 * @param layout     how both lie in memory, with at least one channel
 * @param norm       a quell_norm
 */
QUELL_MUST_USE
quell_status quell_difference_map_f32(float *map,
                                      size_t map_len,
                                      const float *minus,
                                      size_t minus_len,
                                      const float *plus,
                                      size_t plus_len,
                                      const struct quell_layout *layout,
                                      int32_t norm);

/**
 * Fills the map of the norm of minus - plus over channels: one value for each pixel, row by row.
 *
 * @param map        map_len elements
 * @param map_len    height width
 * @param minus      one image
 * @param minus_len  how many elements, at least those of the layout: quell_layout_len()
 * @param plus       the other
 * @param plus_len   how many elements, at least those of the layout
 * @param layout     how both lie in memory, with at least one channel
 * @param norm       a quell_norm
 */
QUELL_MUST_USE
quell_status quell_difference_map_f64(double *map,
                                      size_t map_len,
                                      const double *minus,
                                      size_t minus_len,
                                      const double *plus,
                                      size_t plus_len,
                                      const struct quell_layout *layout,
                                      int32_t norm);

/**
 * Fills the map of the norm of minus - plus over channels: one value for each pixel, row by row.
 *
 * @param map        map_len elements
 * @param map_len    height width
 * @param minus      one image
 * @param minus_len  how many elements, at least those of the layout: quell_layout_len()
 * @param plus       the other
 * @param plus_len   how many elements, at least those of the layout
 * @param layout     how both lie in memory, with at least one channel
 * @param norm       a quell_norm
 */
QUELL_MUST_USE
quell_status quell_difference_map_f16(float *map,
                                      size_t map_len,
                                      const uint16_t *minus,
                                      size_t minus_len,
                                      const uint16_t *plus,
                                      size_t plus_len,
                                      const struct quell_layout *layout,
                                      int32_t norm);

/**
 * Fills the map of the norm of minus - plus over channels: one value for each pixel, row by row.
 *
 * @param map        map_len elements
 * @param map_len    height width
 * @param minus      one image
 * @param minus_len  how many elements, at least those of the layout: quell_layout_len()
 * @param plus       the other
 * @param plus_len   how many elements, at least those of the layout
 * @param layout     how both lie in memory, with at least one channel
 * @param norm       a quell_norm
 */
QUELL_MUST_USE
quell_status quell_difference_map_bf16(float *map,
                                       size_t map_len,
                                       const uint16_t *minus,
                                       size_t minus_len,
                                       const uint16_t *plus,
                                       size_t plus_len,
                                       const struct quell_layout *layout,
                                       int32_t norm);

/**
 * Takes values of a map, each of weight 1, into what tells how large the map is.
 *
 * @param size    the size so far; all zeros for a start
 * @param values  any portion of the map, n elements
 * @param n       how many
 */
QUELL_MUST_USE
quell_status quell_difference_size_add_f32(struct quell_difference_size *size,
                                           const float *values,
                                           size_t n);

/**
 * Takes values of a map with a weight each, such as 1 within the mask and 0 outside.
 *
 * @param size     the size so far; all zeros for a start
 * @param values   any portion of the map, n elements
 * @param weights  n elements
 * @param n        how many
 */
QUELL_MUST_USE
quell_status quell_difference_size_add_weighted_f32(struct quell_difference_size *size,
                                                    const float *values,
                                                    const float *weights,
                                                    size_t n);

/**
 * Takes values of a map, each of weight 1, into what tells how large the map is.
 *
 * @param size    the size so far; all zeros for a start
 * @param values  any portion of the map, n elements
 * @param n       how many
 */
QUELL_MUST_USE
quell_status quell_difference_size_add_f64(struct quell_difference_size *size,
                                           const double *values,
                                           size_t n);

/**
 * Takes values of a map with a weight each, such as 1 within the mask and 0 outside.
 *
 * @param size     the size so far; all zeros for a start
 * @param values   any portion of the map, n elements
 * @param weights  n elements
 * @param n        how many
 */
QUELL_MUST_USE
quell_status quell_difference_size_add_weighted_f64(struct quell_difference_size *size,
                                                    const double *values,
                                                    const double *weights,
                                                    size_t n);

/**
 * The mean of a map, by weight; 0 of nothing.
 *
 * @param out   the mean
 * @param size  the size of the map
 */
QUELL_MUST_USE quell_status quell_difference_size_mean(double *out, const struct quell_difference_size *size);

/**
 * What to divide a map by so that its largest value is 1; 1 for a map of zeros.
 *
 * @param out   the divisor, also for a quell_readout_progress
 * @param size  the size of the map
 */
QUELL_MUST_USE
quell_status quell_difference_size_divisor_by_max(double *out,
                                                  const struct quell_difference_size *size);

/**
 * What to divide a map by so that its mean is 1; 1 for a mean of 0.
 *
 * @param out   the divisor, also for a quell_readout_progress
 * @param size  the size of the map
 */
QUELL_MUST_USE
quell_status quell_difference_size_divisor_by_mean(double *out,
                                                   const struct quell_difference_size *size);

/* ---- Correspondence: the Gaussian filter ---- */

/**
 * The radius at which scipy.ndimage cuts a kernel off: floor(truncate sigma + 1/2).
 *
 * @param sigma     the standard deviation
 * @param truncate  how many of them, usually 4
 */
QUELL_MUST_USE size_t quell_blur_radius(double sigma, double truncate);

/**
 * scipy.ndimage's default: cut off at 4 standard deviations, reflected.
 *
 * @param out    the filter
 * @param sigma  the standard deviation in pixels; not negative, 0 for no filter
 */
QUELL_MUST_USE quell_status quell_blur_default(struct quell_blur *out, double sigma);

/**
 * The same filter in both directions, cut off at a number of standard deviations.
 *
 * @param out       the filter
 * @param sigma     the standard deviation in pixels; not negative, 0 for no filter
 * @param truncate  how many of them; not negative
 * @param boundary  a quell_boundary
 */
QUELL_MUST_USE
quell_status quell_blur_truncated(struct quell_blur *out,
                                  double sigma,
                                  double truncate,
                                  int32_t boundary);

/**
 * A kernel of 2 radius + 1 pixels with torchvision's default deviation for that size, 0.3 (radius - 1) + 0.8, and its
 * boundary.
 *
 * @param out     the filter
 * @param radius  how far the kernel reaches
 */
QUELL_MUST_USE
quell_status quell_blur_of_radius(struct quell_blur *out,
                                  size_t radius);

/**
 * The length of the scratch of quell_blur_f32().
 *
 * @param out      the length; SIZE_MAX when that overflows
 * @param options  the filter
 * @param height   the number of rows
 * @param width    the number of columns
 */
QUELL_MUST_USE
quell_status quell_blur_scratch_len(size_t *out,
                                    const struct quell_blur *options,
                                    size_t height,
                                    size_t width);

/**
 * Fills one half of a kernel, from the centre outwards: the whole one has 2 weights_len - 1 weights of sum 1.
 *
 * @param weights      weights_len elements
 * @param weights_len  one more than the radius
 * @param sigma        the standard deviation; not negative
 */
QUELL_MUST_USE quell_status quell_blur_kernel_f32(float *weights, size_t weights_len, double sigma);

/**
 * Filters a map in place.
 *
 * @param map          map_len elements, row by row
 * @param map_len      height width
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_blur_scratch_len()
 * @param options      the filter
 * @param height       the number of rows
 * @param width        the number of columns
 */
QUELL_MUST_USE
quell_status quell_blur_f32(float *map,
                            size_t map_len,
                            float *scratch,
                            size_t scratch_len,
                            const struct quell_blur *options,
                            size_t height,
                            size_t width);

/**
 * Fills one half of a kernel, from the centre outwards: the whole one has 2 weights_len - 1 weights of sum 1.
 *
 * @param weights      weights_len elements
 * @param weights_len  one more than the radius
 * @param sigma        the standard deviation; not negative
 */
QUELL_MUST_USE quell_status quell_blur_kernel_f64(double *weights, size_t weights_len, double sigma);

/**
 * Filters a map in place.
 *
 * @param map          map_len elements, row by row
 * @param map_len      height width
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_blur_scratch_len()
 * @param options      the filter
 * @param height       the number of rows
 * @param width        the number of columns
 */
QUELL_MUST_USE
quell_status quell_blur_f64(double *map,
                            size_t map_len,
                            double *scratch,
                            size_t scratch_len,
                            const struct quell_blur *options,
                            size_t height,
                            size_t width);

/* ---- Correspondence: the running arg-max over masks ---- */

/**
 * Forgets all masks: minus infinity and label 0 everywhere.
 *
 * @param fold  the state, whose buffers are written
 */
QUELL_MUST_USE quell_status quell_fold_reset_f32_u8(const struct quell_fold_f32_u8 *fold);

/**
 * Takes a mask's values at the pixels from first_pixel on. A value takes the place of the best if it is
 * greater, or equal and of a lower label; NaN never does.
 *
 * @param fold         the state, whose buffers are written
 * @param values       n elements; a pixel takes one value of a mask
 * @param n            how many
 * @param label        the mask, a number that the type of labels holds
 * @param first_pixel  the pixel of the first value
 */
QUELL_MUST_USE
quell_status quell_fold_push_f32_u8(const struct quell_fold_f32_u8 *fold,
                                    const float *values,
                                    size_t n,
                                    size_t label,
                                    size_t first_pixel);

/**
 * Takes all masks that another state has seen, in whatever order: the largest and second largest values and
 * the labels are the same bits as those of one state that saw all masks.
 *
 * @param fold   the state, whose buffers are written
 * @param other  another, of the same scale, that keeps at least as much; no other call may use its buffers
 *               meanwhile
 */
QUELL_MUST_USE
quell_status quell_fold_merge_f32_u8(const struct quell_fold_f32_u8 *fold,
                                     const struct quell_fold_f32_u8 *other);

/**
 * Fills the distance from the largest value to the second largest: infinity after a single mask, 0 where
 * there is no value or two are equal.
 *
 * @param out   one element for each pixel
 * @param fold  the state, with second
 */
QUELL_MUST_USE quell_status quell_fold_margins_f32_u8(float *out, const struct quell_fold_f32_u8 *fold);

/**
 * Fills the soft-max of the best mask, in (0, 1]; 0 where there is no value.
 *
 * @param out   one element for each pixel
 * @param fold  the state, with sum
 */
QUELL_MUST_USE quell_status quell_fold_confidences_f32_u8(float *out, const struct quell_fold_f32_u8 *fold);

/**
 * Fills the entropy of the soft-max over masks, in nats; 0 where there is no value.
 *
 * @param out   one element for each pixel
 * @param fold  the state, with sum and moment
 */
QUELL_MUST_USE quell_status quell_fold_entropies_f32_u8(float *out, const struct quell_fold_f32_u8 *fold);

/**
 * How many pixels are undecided: those whose largest value is not above the floor, and those where two masks
 * share it, if second is kept.
 *
 * @param out    how many
 * @param fold   the state
 * @param floor  0 for differences, where no mask changed the pixel; minus infinity for scores of either sign
 */
QUELL_MUST_USE
quell_status quell_fold_undecided_f32_u8(size_t *out,
                                         const struct quell_fold_f32_u8 *fold,
                                         double floor);

/**
 * Gives each undecided pixel the label of the cell that it lies in. The last thing to do: values stay, so that
 * further masks would see labels that are not theirs.
 *
 * @param out         how many pixels those were
 * @param fold        the state, whose labels are written
 * @param coarse      the labels of the cells, row by row
 * @param coarse_len  how many, grid->rows grid->columns
 * @param grid        the cells over the image
 * @param floor       as for the number of undecided pixels
 */
QUELL_MUST_USE
quell_status quell_fold_fall_back_f32_u8(size_t *out,
                                         const struct quell_fold_f32_u8 *fold,
                                         const uint8_t *coarse,
                                         size_t coarse_len,
                                         const struct quell_grid *grid,
                                         double floor);

/**
 * Forgets all masks: minus infinity and label 0 everywhere.
 *
 * @param fold  the state, whose buffers are written
 */
QUELL_MUST_USE quell_status quell_fold_reset_f32_u16(const struct quell_fold_f32_u16 *fold);

/**
 * Takes a mask's values at the pixels from first_pixel on. A value takes the place of the best if it is
 * greater, or equal and of a lower label; NaN never does.
 *
 * @param fold         the state, whose buffers are written
 * @param values       n elements; a pixel takes one value of a mask
 * @param n            how many
 * @param label        the mask, a number that the type of labels holds
 * @param first_pixel  the pixel of the first value
 */
QUELL_MUST_USE
quell_status quell_fold_push_f32_u16(const struct quell_fold_f32_u16 *fold,
                                     const float *values,
                                     size_t n,
                                     size_t label,
                                     size_t first_pixel);

/**
 * Takes all masks that another state has seen, in whatever order: the largest and second largest values and
 * the labels are the same bits as those of one state that saw all masks.
 *
 * @param fold   the state, whose buffers are written
 * @param other  another, of the same scale, that keeps at least as much; no other call may use its buffers
 *               meanwhile
 */
QUELL_MUST_USE
quell_status quell_fold_merge_f32_u16(const struct quell_fold_f32_u16 *fold,
                                      const struct quell_fold_f32_u16 *other);

/**
 * Fills the distance from the largest value to the second largest: infinity after a single mask, 0 where
 * there is no value or two are equal.
 *
 * @param out   one element for each pixel
 * @param fold  the state, with second
 */
QUELL_MUST_USE quell_status quell_fold_margins_f32_u16(float *out, const struct quell_fold_f32_u16 *fold);

/**
 * Fills the soft-max of the best mask, in (0, 1]; 0 where there is no value.
 *
 * @param out   one element for each pixel
 * @param fold  the state, with sum
 */
QUELL_MUST_USE quell_status quell_fold_confidences_f32_u16(float *out, const struct quell_fold_f32_u16 *fold);

/**
 * Fills the entropy of the soft-max over masks, in nats; 0 where there is no value.
 *
 * @param out   one element for each pixel
 * @param fold  the state, with sum and moment
 */
QUELL_MUST_USE quell_status quell_fold_entropies_f32_u16(float *out, const struct quell_fold_f32_u16 *fold);

/**
 * How many pixels are undecided: those whose largest value is not above the floor, and those where two masks
 * share it, if second is kept.
 *
 * @param out    how many
 * @param fold   the state
 * @param floor  0 for differences, where no mask changed the pixel; minus infinity for scores of either sign
 */
QUELL_MUST_USE
quell_status quell_fold_undecided_f32_u16(size_t *out,
                                          const struct quell_fold_f32_u16 *fold,
                                          double floor);

/**
 * Gives each undecided pixel the label of the cell that it lies in. The last thing to do: values stay, so that
 * further masks would see labels that are not theirs.
 *
 * @param out         how many pixels those were
 * @param fold        the state, whose labels are written
 * @param coarse      the labels of the cells, row by row
 * @param coarse_len  how many, grid->rows grid->columns
 * @param grid        the cells over the image
 * @param floor       as for the number of undecided pixels
 */
QUELL_MUST_USE
quell_status quell_fold_fall_back_f32_u16(size_t *out,
                                          const struct quell_fold_f32_u16 *fold,
                                          const uint16_t *coarse,
                                          size_t coarse_len,
                                          const struct quell_grid *grid,
                                          double floor);

/**
 * Forgets all masks: minus infinity and label 0 everywhere.
 *
 * @param fold  the state, whose buffers are written
 */
QUELL_MUST_USE quell_status quell_fold_reset_f64_u8(const struct quell_fold_f64_u8 *fold);

/**
 * Takes a mask's values at the pixels from first_pixel on. A value takes the place of the best if it is
 * greater, or equal and of a lower label; NaN never does.
 *
 * @param fold         the state, whose buffers are written
 * @param values       n elements; a pixel takes one value of a mask
 * @param n            how many
 * @param label        the mask, a number that the type of labels holds
 * @param first_pixel  the pixel of the first value
 */
QUELL_MUST_USE
quell_status quell_fold_push_f64_u8(const struct quell_fold_f64_u8 *fold,
                                    const double *values,
                                    size_t n,
                                    size_t label,
                                    size_t first_pixel);

/**
 * Takes all masks that another state has seen, in whatever order: the largest and second largest values and
 * the labels are the same bits as those of one state that saw all masks.
 *
 * @param fold   the state, whose buffers are written
 * @param other  another, of the same scale, that keeps at least as much; no other call may use its buffers
 *               meanwhile
 */
QUELL_MUST_USE
quell_status quell_fold_merge_f64_u8(const struct quell_fold_f64_u8 *fold,
                                     const struct quell_fold_f64_u8 *other);

/**
 * Fills the distance from the largest value to the second largest: infinity after a single mask, 0 where
 * there is no value or two are equal.
 *
 * @param out   one element for each pixel
 * @param fold  the state, with second
 */
QUELL_MUST_USE quell_status quell_fold_margins_f64_u8(double *out, const struct quell_fold_f64_u8 *fold);

/**
 * Fills the soft-max of the best mask, in (0, 1]; 0 where there is no value.
 *
 * @param out   one element for each pixel
 * @param fold  the state, with sum
 */
QUELL_MUST_USE quell_status quell_fold_confidences_f64_u8(double *out, const struct quell_fold_f64_u8 *fold);

/**
 * Fills the entropy of the soft-max over masks, in nats; 0 where there is no value.
 *
 * @param out   one element for each pixel
 * @param fold  the state, with sum and moment
 */
QUELL_MUST_USE quell_status quell_fold_entropies_f64_u8(double *out, const struct quell_fold_f64_u8 *fold);

/**
 * How many pixels are undecided: those whose largest value is not above the floor, and those where two masks
 * share it, if second is kept.
 *
 * @param out    how many
 * @param fold   the state
 * @param floor  0 for differences, where no mask changed the pixel; minus infinity for scores of either sign
 */
QUELL_MUST_USE
quell_status quell_fold_undecided_f64_u8(size_t *out,
                                         const struct quell_fold_f64_u8 *fold,
                                         double floor);

/**
 * Gives each undecided pixel the label of the cell that it lies in. The last thing to do: values stay, so that
 * further masks would see labels that are not theirs.
 *
 * @param out         how many pixels those were
 * @param fold        the state, whose labels are written
 * @param coarse      the labels of the cells, row by row
 * @param coarse_len  how many, grid->rows grid->columns
 * @param grid        the cells over the image
 * @param floor       as for the number of undecided pixels
 */
QUELL_MUST_USE
quell_status quell_fold_fall_back_f64_u8(size_t *out,
                                         const struct quell_fold_f64_u8 *fold,
                                         const uint8_t *coarse,
                                         size_t coarse_len,
                                         const struct quell_grid *grid,
                                         double floor);

/**
 * Forgets all masks: minus infinity and label 0 everywhere.
 *
 * @param fold  the state, whose buffers are written
 */
QUELL_MUST_USE quell_status quell_fold_reset_f64_u16(const struct quell_fold_f64_u16 *fold);

/**
 * Takes a mask's values at the pixels from first_pixel on. A value takes the place of the best if it is
 * greater, or equal and of a lower label; NaN never does.
 *
 * @param fold         the state, whose buffers are written
 * @param values       n elements; a pixel takes one value of a mask
 * @param n            how many
 * @param label        the mask, a number that the type of labels holds
 * @param first_pixel  the pixel of the first value
 */
QUELL_MUST_USE
quell_status quell_fold_push_f64_u16(const struct quell_fold_f64_u16 *fold,
                                     const double *values,
                                     size_t n,
                                     size_t label,
                                     size_t first_pixel);

/**
 * Takes all masks that another state has seen, in whatever order: the largest and second largest values and
 * the labels are the same bits as those of one state that saw all masks.
 *
 * @param fold   the state, whose buffers are written
 * @param other  another, of the same scale, that keeps at least as much; no other call may use its buffers
 *               meanwhile
 */
QUELL_MUST_USE
quell_status quell_fold_merge_f64_u16(const struct quell_fold_f64_u16 *fold,
                                      const struct quell_fold_f64_u16 *other);

/**
 * Fills the distance from the largest value to the second largest: infinity after a single mask, 0 where
 * there is no value or two are equal.
 *
 * @param out   one element for each pixel
 * @param fold  the state, with second
 */
QUELL_MUST_USE quell_status quell_fold_margins_f64_u16(double *out, const struct quell_fold_f64_u16 *fold);

/**
 * Fills the soft-max of the best mask, in (0, 1]; 0 where there is no value.
 *
 * @param out   one element for each pixel
 * @param fold  the state, with sum
 */
QUELL_MUST_USE
quell_status quell_fold_confidences_f64_u16(double *out,
                                            const struct quell_fold_f64_u16 *fold);

/**
 * Fills the entropy of the soft-max over masks, in nats; 0 where there is no value.
 *
 * @param out   one element for each pixel
 * @param fold  the state, with sum and moment
 */
QUELL_MUST_USE quell_status quell_fold_entropies_f64_u16(double *out, const struct quell_fold_f64_u16 *fold);

/**
 * How many pixels are undecided: those whose largest value is not above the floor, and those where two masks
 * share it, if second is kept.
 *
 * @param out    how many
 * @param fold   the state
 * @param floor  0 for differences, where no mask changed the pixel; minus infinity for scores of either sign
 */
QUELL_MUST_USE
quell_status quell_fold_undecided_f64_u16(size_t *out,
                                          const struct quell_fold_f64_u16 *fold,
                                          double floor);

/**
 * Gives each undecided pixel the label of the cell that it lies in. The last thing to do: values stay, so that
 * further masks would see labels that are not theirs.
 *
 * @param out         how many pixels those were
 * @param fold        the state, whose labels are written
 * @param coarse      the labels of the cells, row by row
 * @param coarse_len  how many, grid->rows grid->columns
 * @param grid        the cells over the image
 * @param floor       as for the number of undecided pixels
 */
QUELL_MUST_USE
quell_status quell_fold_fall_back_f64_u16(size_t *out,
                                          const struct quell_fold_f64_u16 *fold,
                                          const uint16_t *coarse,
                                          size_t coarse_len,
                                          const struct quell_grid *grid,
                                          double floor);

/* ---- Correspondence: masks from pairs of images ---- */

/**
 * The Euclidean norm, filtered with scipy.ndimage's defaults.
 *
 * @param out       how to read
 * @param channels  the channels of the images
 * @param height    their rows
 * @param width     their columns
 * @param sigma     the standard deviation of the filter in pixels; not negative, 0 for no filter
 */
QUELL_MUST_USE
quell_status quell_readout_default(struct quell_readout *out,
                                   size_t channels,
                                   size_t height,
                                   size_t width,
                                   double sigma);

/**
 * The length of the state of quell_readout_push_rows_f32_u8().
 *
 * @param out      the length; SIZE_MAX when that overflows
 * @param options  how images are read
 */
QUELL_MUST_USE quell_status quell_readout_state_len(size_t *out, const struct quell_readout *options);

/**
 * The start of a mask whose values compete as they are: a divisor of 1 and no rows.
 *
 * @param out    the progress
 * @param label  the mask
 */
QUELL_MUST_USE quell_status quell_readout_start(struct quell_readout_progress *out, size_t label);

/**
 * Takes the next rows of a mask's two images, and folds the values that they complete: all once the rows of the
 * progress are as many as the height.
 *
 * @param progress     how far the mask has come
 * @param fold         the fold
 * @param state        what is kept from call to call; for the first rows of a mask it may hold anything, for further
 *                     ones what the call before left there
 * @param state_len    how much, at least quell_readout_state_len()
 * @param minus        the rows of the image that was pushed down
 * @param minus_len    how many elements, at least those of the layout: quell_layout_len()
 * @param plus         the rows of the image that was pushed up
 * @param plus_len     how many elements, at least those of the layout
 * @param layout       how both lie in memory; its height is the number of these rows
 * @param options      how images are read
 */
QUELL_MUST_USE
quell_status quell_readout_push_rows_u8_u8(struct quell_readout_progress *progress,
                                           const struct quell_fold_f32_u8 *fold,
                                           float *state,
                                           size_t state_len,
                                           const uint8_t *minus,
                                           size_t minus_len,
                                           const uint8_t *plus,
                                           size_t plus_len,
                                           const struct quell_layout *layout,
                                           const struct quell_readout *options);

/**
 * Takes the next rows of a mask's two images, and folds the values that they complete: all once the rows of the
 * progress are as many as the height.
 *
 * @param progress     how far the mask has come
 * @param fold         the fold
 * @param state        what is kept from call to call; for the first rows of a mask it may hold anything, for further
 *                     ones what the call before left there
 * @param state_len    how much, at least quell_readout_state_len()
 * @param minus        the rows of the image that was pushed down
 * @param minus_len    how many elements, at least those of the layout: quell_layout_len()
 * @param plus         the rows of the image that was pushed up
 * @param plus_len     how many elements, at least those of the layout
 * @param layout       how both lie in memory; its height is the number of these rows
 * @param options      how images are read
 */
QUELL_MUST_USE
quell_status quell_readout_push_rows_u8_u16(struct quell_readout_progress *progress,
                                            const struct quell_fold_f32_u16 *fold,
                                            float *state,
                                            size_t state_len,
                                            const uint8_t *minus,
                                            size_t minus_len,
                                            const uint8_t *plus,
                                            size_t plus_len,
                                            const struct quell_layout *layout,
                                            const struct quell_readout *options);

/**
 * Takes the next rows of a mask's two images, and folds the values that they complete: all once the rows of the
 * progress are as many as the height.
 *
 * @param progress     how far the mask has come
 * @param fold         the fold
 * @param state        what is kept from call to call; for the first rows of a mask it may hold anything, for further
 *                     ones what the call before left there
 * @param state_len    how much, at least quell_readout_state_len()
 * @param minus        the rows of the image that was pushed down
 * @param minus_len    how many elements, at least those of the layout: quell_layout_len()
 * @param plus         the rows of the image that was pushed up
 * @param plus_len     how many elements, at least those of the layout
 * @param layout       how both lie in memory; its height is the number of these rows
 * @param options      how images are read
 */
QUELL_MUST_USE
quell_status quell_readout_push_rows_f32_u8(struct quell_readout_progress *progress,
                                            const struct quell_fold_f32_u8 *fold,
                                            float *state,
                                            size_t state_len,
                                            const float *minus,
                                            size_t minus_len,
                                            const float *plus,
                                            size_t plus_len,
                                            const struct quell_layout *layout,
                                            const struct quell_readout *options);

/**
 * Takes the next rows of a mask's two images, and folds the values that they complete: all once the rows of the
 * progress are as many as the height.
 *
 * @param progress     how far the mask has come
 * @param fold         the fold
 * @param state        what is kept from call to call; for the first rows of a mask it may hold anything, for further
 *                     ones what the call before left there
 * @param state_len    how much, at least quell_readout_state_len()
 * @param minus        the rows of the image that was pushed down
 * @param minus_len    how many elements, at least those of the layout: quell_layout_len()
 * @param plus         the rows of the image that was pushed up
 * @param plus_len     how many elements, at least those of the layout
 * @param layout       how both lie in memory; its height is the number of these rows
 * @param options      how images are read
 */
QUELL_MUST_USE
quell_status quell_readout_push_rows_f32_u16(struct quell_readout_progress *progress,
                                             const struct quell_fold_f32_u16 *fold,
                                             float *state,
                                             size_t state_len,
                                             const float *minus,
                                             size_t minus_len,
                                             const float *plus,
                                             size_t plus_len,
                                             const struct quell_layout *layout,
                                             const struct quell_readout *options);

/**
 * Takes the next rows of a mask's two images, and folds the values that they complete: all once the rows of the
 * progress are as many as the height.
 *
 * @param progress     how far the mask has come
 * @param fold         the fold
 * @param state        what is kept from call to call; for the first rows of a mask it may hold anything, for further
 *                     ones what the call before left there
 * @param state_len    how much, at least quell_readout_state_len()
 * @param minus        the rows of the image that was pushed down
 * @param minus_len    how many elements, at least those of the layout: quell_layout_len()
 * @param plus         the rows of the image that was pushed up
 * @param plus_len     how many elements, at least those of the layout
 * @param layout       how both lie in memory; its height is the number of these rows
 * @param options      how images are read
 */
QUELL_MUST_USE
quell_status quell_readout_push_rows_f64_u8(struct quell_readout_progress *progress,
                                            const struct quell_fold_f64_u8 *fold,
                                            double *state,
                                            size_t state_len,
                                            const double *minus,
                                            size_t minus_len,
                                            const double *plus,
                                            size_t plus_len,
                                            const struct quell_layout *layout,
                                            const struct quell_readout *options);

/**
 * Takes the next rows of a mask's two images, and folds the values that they complete: all once the rows of the
 * progress are as many as the height.
 *
 * @param progress     how far the mask has come
 * @param fold         the fold
 * @param state        what is kept from call to call; for the first rows of a mask it may hold anything, for further
 *                     ones what the call before left there
 * @param state_len    how much, at least quell_readout_state_len()
 * @param minus        the rows of the image that was pushed down
 * @param minus_len    how many elements, at least those of the layout: quell_layout_len()
 * @param plus         the rows of the image that was pushed up
 * @param plus_len     how many elements, at least those of the layout
 * @param layout       how both lie in memory; its height is the number of these rows
 * @param options      how images are read
 */
QUELL_MUST_USE
quell_status quell_readout_push_rows_f64_u16(struct quell_readout_progress *progress,
                                             const struct quell_fold_f64_u16 *fold,
                                             double *state,
                                             size_t state_len,
                                             const double *minus,
                                             size_t minus_len,
                                             const double *plus,
                                             size_t plus_len,
                                             const struct quell_layout *layout,
                                             const struct quell_readout *options);

/**
 * Takes the next rows of a mask's two images, and folds the values that they complete: all once the rows of the
 * progress are as many as the height.
 *
 * @param progress     how far the mask has come
 * @param fold         the fold
 * @param state        what is kept from call to call; for the first rows of a mask it may hold anything, for further
 *                     ones what the call before left there
 * @param state_len    how much, at least quell_readout_state_len()
 * @param minus        the rows of the image that was pushed down
 * @param minus_len    how many elements, at least those of the layout: quell_layout_len()
 * @param plus         the rows of the image that was pushed up
 * @param plus_len     how many elements, at least those of the layout
 * @param layout       how both lie in memory; its height is the number of these rows
 * @param options      how images are read
 */
QUELL_MUST_USE
quell_status quell_readout_push_rows_f16_u8(struct quell_readout_progress *progress,
                                            const struct quell_fold_f32_u8 *fold,
                                            float *state,
                                            size_t state_len,
                                            const uint16_t *minus,
                                            size_t minus_len,
                                            const uint16_t *plus,
                                            size_t plus_len,
                                            const struct quell_layout *layout,
                                            const struct quell_readout *options);

/**
 * Takes the next rows of a mask's two images, and folds the values that they complete: all once the rows of the
 * progress are as many as the height.
 *
 * @param progress     how far the mask has come
 * @param fold         the fold
 * @param state        what is kept from call to call; for the first rows of a mask it may hold anything, for further
 *                     ones what the call before left there
 * @param state_len    how much, at least quell_readout_state_len()
 * @param minus        the rows of the image that was pushed down
 * @param minus_len    how many elements, at least those of the layout: quell_layout_len()
 * @param plus         the rows of the image that was pushed up
 * @param plus_len     how many elements, at least those of the layout
 * @param layout       how both lie in memory; its height is the number of these rows
 * @param options      how images are read
 */
QUELL_MUST_USE
quell_status quell_readout_push_rows_f16_u16(struct quell_readout_progress *progress,
                                             const struct quell_fold_f32_u16 *fold,
                                             float *state,
                                             size_t state_len,
                                             const uint16_t *minus,
                                             size_t minus_len,
                                             const uint16_t *plus,
                                             size_t plus_len,
                                             const struct quell_layout *layout,
                                             const struct quell_readout *options);

/**
 * Takes the next rows of a mask's two images, and folds the values that they complete: all once the rows of the
 * progress are as many as the height.
 *
 * @param progress     how far the mask has come
 * @param fold         the fold
 * @param state        what is kept from call to call; for the first rows of a mask it may hold anything, for further
 *                     ones what the call before left there
 * @param state_len    how much, at least quell_readout_state_len()
 * @param minus        the rows of the image that was pushed down
 * @param minus_len    how many elements, at least those of the layout: quell_layout_len()
 * @param plus         the rows of the image that was pushed up
 * @param plus_len     how many elements, at least those of the layout
 * @param layout       how both lie in memory; its height is the number of these rows
 * @param options      how images are read
 */
QUELL_MUST_USE
quell_status quell_readout_push_rows_bf16_u8(struct quell_readout_progress *progress,
                                             const struct quell_fold_f32_u8 *fold,
                                             float *state,
                                             size_t state_len,
                                             const uint16_t *minus,
                                             size_t minus_len,
                                             const uint16_t *plus,
                                             size_t plus_len,
                                             const struct quell_layout *layout,
                                             const struct quell_readout *options);

/**
 * Takes the next rows of a mask's two images, and folds the values that they complete: all once the rows of the
 * progress are as many as the height.
 *
 * @param progress     how far the mask has come
 * @param fold         the fold
 * @param state        what is kept from call to call; for the first rows of a mask it may hold anything, for further
 *                     ones what the call before left there
 * @param state_len    how much, at least quell_readout_state_len()
 * @param minus        the rows of the image that was pushed down
 * @param minus_len    how many elements, at least those of the layout: quell_layout_len()
 * @param plus         the rows of the image that was pushed up
 * @param plus_len     how many elements, at least those of the layout
 * @param layout       how both lie in memory; its height is the number of these rows
 * @param options      how images are read
 */
QUELL_MUST_USE
quell_status quell_readout_push_rows_bf16_u16(struct quell_readout_progress *progress,
                                              const struct quell_fold_f32_u16 *fold,
                                              float *state,
                                              size_t state_len,
                                              const uint16_t *minus,
                                              size_t minus_len,
                                              const uint16_t *plus,
                                              size_t plus_len,
                                              const struct quell_layout *layout,
                                              const struct quell_readout *options);

/**
 * Takes the next rows of a mask's two images, and writes the rows of the filtered map that they complete, for a map
 * that is looked at as a whole before it is folded.
 *
 * @param progress     how far the mask has come; its label does not matter
 * @param map          map_len elements, row by row; rows that are not complete stay as they are
 * @param map_len      height width
 * @param state        what is kept from call to call; for the first rows of a mask it may hold anything, for further
 *                     ones what the call before left there
 * @param state_len    how much, at least quell_readout_state_len()
 * @param minus        the rows of the image that was pushed down
 * @param minus_len    how many elements, at least those of the layout: quell_layout_len()
 * @param plus         the rows of the image that was pushed up
 * @param plus_len     how many elements, at least those of the layout
 * @param layout       how both lie in memory; its height is the number of these rows
 * @param options      how images are read
 */
QUELL_MUST_USE
quell_status quell_readout_push_rows_to_map_u8(struct quell_readout_progress *progress,
                                               float *map,
                                               size_t map_len,
                                               float *state,
                                               size_t state_len,
                                               const uint8_t *minus,
                                               size_t minus_len,
                                               const uint8_t *plus,
                                               size_t plus_len,
                                               const struct quell_layout *layout,
                                               const struct quell_readout *options);

/**
 * Takes the next rows of a mask's two images, and writes the rows of the filtered map that they complete, for a map
 * that is looked at as a whole before it is folded.
 *
 * @param progress     how far the mask has come; its label does not matter
 * @param map          map_len elements, row by row; rows that are not complete stay as they are
 * @param map_len      height width
 * @param state        what is kept from call to call; for the first rows of a mask it may hold anything, for further
 *                     ones what the call before left there
 * @param state_len    how much, at least quell_readout_state_len()
 * @param minus        the rows of the image that was pushed down
 * @param minus_len    how many elements, at least those of the layout: quell_layout_len()
 * @param plus         the rows of the image that was pushed up
 * @param plus_len     how many elements, at least those of the layout
 * @param layout       how both lie in memory; its height is the number of these rows
 * @param options      how images are read
 */
QUELL_MUST_USE
quell_status quell_readout_push_rows_to_map_f32(struct quell_readout_progress *progress,
                                                float *map,
                                                size_t map_len,
                                                float *state,
                                                size_t state_len,
                                                const float *minus,
                                                size_t minus_len,
                                                const float *plus,
                                                size_t plus_len,
                                                const struct quell_layout *layout,
                                                const struct quell_readout *options);

/**
 * Takes the next rows of a mask's two images, and writes the rows of the filtered map that they complete, for a map
 * that is looked at as a whole before it is folded.
 *
 * @param progress     how far the mask has come; its label does not matter
 * @param map          map_len elements, row by row; rows that are not complete stay as they are
 * @param map_len      height width
 * @param state        what is kept from call to call; for the first rows of a mask it may hold anything, for further
 *                     ones what the call before left there
 * @param state_len    how much, at least quell_readout_state_len()
 * @param minus        the rows of the image that was pushed down
 * @param minus_len    how many elements, at least those of the layout: quell_layout_len()
 * @param plus         the rows of the image that was pushed up
 * @param plus_len     how many elements, at least those of the layout
 * @param layout       how both lie in memory; its height is the number of these rows
 * @param options      how images are read
 */
QUELL_MUST_USE
quell_status quell_readout_push_rows_to_map_f64(struct quell_readout_progress *progress,
                                                double *map,
                                                size_t map_len,
                                                double *state,
                                                size_t state_len,
                                                const double *minus,
                                                size_t minus_len,
                                                const double *plus,
                                                size_t plus_len,
                                                const struct quell_layout *layout,
                                                const struct quell_readout *options);

/**
 * Takes the next rows of a mask's two images, and writes the rows of the filtered map that they complete, for a map
 * that is looked at as a whole before it is folded.
 *
 * @param progress     how far the mask has come; its label does not matter
 * @param map          map_len elements, row by row; rows that are not complete stay as they are
 * @param map_len      height width
 * @param state        what is kept from call to call; for the first rows of a mask it may hold anything, for further
 *                     ones what the call before left there
 * @param state_len    how much, at least quell_readout_state_len()
 * @param minus        the rows of the image that was pushed down
 * @param minus_len    how many elements, at least those of the layout: quell_layout_len()
 * @param plus         the rows of the image that was pushed up
 * @param plus_len     how many elements, at least those of the layout
 * @param layout       how both lie in memory; its height is the number of these rows
 * @param options      how images are read
 */
QUELL_MUST_USE
quell_status quell_readout_push_rows_to_map_f16(struct quell_readout_progress *progress,
                                                float *map,
                                                size_t map_len,
                                                float *state,
                                                size_t state_len,
                                                const uint16_t *minus,
                                                size_t minus_len,
                                                const uint16_t *plus,
                                                size_t plus_len,
                                                const struct quell_layout *layout,
                                                const struct quell_readout *options);

/**
 * Takes the next rows of a mask's two images, and writes the rows of the filtered map that they complete, for a map
 * that is looked at as a whole before it is folded.
 *
 * @param progress     how far the mask has come; its label does not matter
 * @param map          map_len elements, row by row; rows that are not complete stay as they are
 * @param map_len      height width
 * @param state        what is kept from call to call; for the first rows of a mask it may hold anything, for further
 *                     ones what the call before left there
 * @param state_len    how much, at least quell_readout_state_len()
 * @param minus        the rows of the image that was pushed down
 * @param minus_len    how many elements, at least those of the layout: quell_layout_len()
 * @param plus         the rows of the image that was pushed up
 * @param plus_len     how many elements, at least those of the layout
 * @param layout       how both lie in memory; its height is the number of these rows
 * @param options      how images are read
 */
QUELL_MUST_USE
quell_status quell_readout_push_rows_to_map_bf16(struct quell_readout_progress *progress,
                                                 float *map,
                                                 size_t map_len,
                                                 float *state,
                                                 size_t state_len,
                                                 const uint16_t *minus,
                                                 size_t minus_len,
                                                 const uint16_t *plus,
                                                 size_t plus_len,
                                                 const struct quell_layout *layout,
                                                 const struct quell_readout *options);

/**
 * Divides a map by a number.
 *
 * @param map      map_len elements
 * @param map_len  how many
 * @param divisor  positive: quell_difference_size_divisor_by_max() or the like
 */
QUELL_MUST_USE quell_status quell_map_divide_f32(float *map, size_t map_len, double divisor);

/**
 * Divides a map by a number.
 *
 * @param map      map_len elements
 * @param map_len  how many
 * @param divisor  positive: quell_difference_size_divisor_by_max() or the like
 */
QUELL_MUST_USE quell_status quell_map_divide_f64(double *map, size_t map_len, double divisor);

/* ---- Correspondence: masks by interpolation ---- */

/**
 * Fills one row of pixels with a mask's values, interpolated between its cells.
 *
 * @param out            out_len elements
 * @param out_len        grid->width
 * @param coarse         the mask's score for each cell, row by row
 * @param coarse_len     grid->rows grid->columns
 * @param grid           the cells over the image
 * @param interpolation  a quell_interpolation
 * @param row            which row of pixels
 */
QUELL_MUST_USE
quell_status quell_interpolate_row_f32(float *out,
                                       size_t out_len,
                                       const float *coarse,
                                       size_t coarse_len,
                                       const struct quell_grid *grid,
                                       int32_t interpolation,
                                       size_t row);

/**
 * Fills one row of pixels with a mask's values, interpolated between its cells.
 *
 * @param out            out_len elements
 * @param out_len        grid->width
 * @param coarse         the mask's score for each cell, row by row
 * @param coarse_len     grid->rows grid->columns
 * @param grid           the cells over the image
 * @param interpolation  a quell_interpolation
 * @param row            which row of pixels
 */
QUELL_MUST_USE
quell_status quell_interpolate_row_f64(double *out,
                                       size_t out_len,
                                       const double *coarse,
                                       size_t coarse_len,
                                       const struct quell_grid *grid,
                                       int32_t interpolation,
                                       size_t row);

/**
 * Fills one row of pixels with a mask's values, interpolated between its cells.
 *
 * @param out            out_len elements
 * @param out_len        grid->width
 * @param coarse         the mask's score for each cell, row by row
 * @param coarse_len     grid->rows grid->columns
 * @param grid           the cells over the image
 * @param interpolation  a quell_interpolation
 * @param row            which row of pixels
 */
QUELL_MUST_USE
quell_status quell_interpolate_row_f16(float *out,
                                       size_t out_len,
                                       const uint16_t *coarse,
                                       size_t coarse_len,
                                       const struct quell_grid *grid,
                                       int32_t interpolation,
                                       size_t row);

/**
 * Fills one row of pixels with a mask's values, interpolated between its cells.
 *
 * @param out            out_len elements
 * @param out_len        grid->width
 * @param coarse         the mask's score for each cell, row by row
 * @param coarse_len     grid->rows grid->columns
 * @param grid           the cells over the image
 * @param interpolation  a quell_interpolation
 * @param row            which row of pixels
 */
QUELL_MUST_USE
quell_status quell_interpolate_row_bf16(float *out,
                                        size_t out_len,
                                        const uint16_t *coarse,
                                        size_t coarse_len,
                                        const struct quell_grid *grid,
                                        int32_t interpolation,
                                        size_t row);

/**
 * The length of the scratch of quell_interpolate_labels_f32_u8() and quell_interpolate_scores_f32_u8().
 *
 * @param width  how many columns of pixels
 */
QUELL_MUST_USE size_t quell_interpolate_scratch_len(size_t width);

/**
 * Takes all masks into a fold, interpolated between cells; each cell belongs to the mask of its label.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_interpolate_scratch_len(grid->width)
 * @param coarse         the label of each cell, row by row, below clusters
 * @param coarse_len     grid->rows grid->columns
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation
 */
QUELL_MUST_USE
quell_status quell_interpolate_labels_f32_u8(const struct quell_fold_f32_u8 *fold,
                                             float *scratch,
                                             size_t scratch_len,
                                             const uint8_t *coarse,
                                             size_t coarse_len,
                                             const struct quell_grid *grid,
                                             size_t clusters,
                                             int32_t interpolation);

/**
 * Takes all masks into a fold, interpolated between cells; each mask has a score for each cell.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_interpolate_scratch_len(grid->width)
 * @param coarse         the scores, mask by mask, each row by row
 * @param coarse_len     clusters grid->rows grid->columns
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation
 */
QUELL_MUST_USE
quell_status quell_interpolate_scores_f32_u8(const struct quell_fold_f32_u8 *fold,
                                             float *scratch,
                                             size_t scratch_len,
                                             const float *coarse,
                                             size_t coarse_len,
                                             const struct quell_grid *grid,
                                             size_t clusters,
                                             int32_t interpolation);

/**
 * Takes all masks into a fold, interpolated between cells; each cell belongs to the mask of its label.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_interpolate_scratch_len(grid->width)
 * @param coarse         the label of each cell, row by row, below clusters
 * @param coarse_len     grid->rows grid->columns
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation
 */
QUELL_MUST_USE
quell_status quell_interpolate_labels_f32_u16(const struct quell_fold_f32_u16 *fold,
                                              float *scratch,
                                              size_t scratch_len,
                                              const uint16_t *coarse,
                                              size_t coarse_len,
                                              const struct quell_grid *grid,
                                              size_t clusters,
                                              int32_t interpolation);

/**
 * Takes all masks into a fold, interpolated between cells; each mask has a score for each cell.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_interpolate_scratch_len(grid->width)
 * @param coarse         the scores, mask by mask, each row by row
 * @param coarse_len     clusters grid->rows grid->columns
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation
 */
QUELL_MUST_USE
quell_status quell_interpolate_scores_f32_u16(const struct quell_fold_f32_u16 *fold,
                                              float *scratch,
                                              size_t scratch_len,
                                              const float *coarse,
                                              size_t coarse_len,
                                              const struct quell_grid *grid,
                                              size_t clusters,
                                              int32_t interpolation);

/**
 * Takes all masks into a fold, interpolated between cells; each cell belongs to the mask of its label.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_interpolate_scratch_len(grid->width)
 * @param coarse         the label of each cell, row by row, below clusters
 * @param coarse_len     grid->rows grid->columns
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation
 */
QUELL_MUST_USE
quell_status quell_interpolate_labels_f64_u8(const struct quell_fold_f64_u8 *fold,
                                             double *scratch,
                                             size_t scratch_len,
                                             const uint8_t *coarse,
                                             size_t coarse_len,
                                             const struct quell_grid *grid,
                                             size_t clusters,
                                             int32_t interpolation);

/**
 * Takes all masks into a fold, interpolated between cells; each mask has a score for each cell.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_interpolate_scratch_len(grid->width)
 * @param coarse         the scores, mask by mask, each row by row
 * @param coarse_len     clusters grid->rows grid->columns
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation
 */
QUELL_MUST_USE
quell_status quell_interpolate_scores_f64_u8(const struct quell_fold_f64_u8 *fold,
                                             double *scratch,
                                             size_t scratch_len,
                                             const double *coarse,
                                             size_t coarse_len,
                                             const struct quell_grid *grid,
                                             size_t clusters,
                                             int32_t interpolation);

/**
 * Takes all masks into a fold, interpolated between cells; each cell belongs to the mask of its label.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_interpolate_scratch_len(grid->width)
 * @param coarse         the label of each cell, row by row, below clusters
 * @param coarse_len     grid->rows grid->columns
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation
 */
QUELL_MUST_USE
quell_status quell_interpolate_labels_f64_u16(const struct quell_fold_f64_u16 *fold,
                                              double *scratch,
                                              size_t scratch_len,
                                              const uint16_t *coarse,
                                              size_t coarse_len,
                                              const struct quell_grid *grid,
                                              size_t clusters,
                                              int32_t interpolation);

/**
 * Takes all masks into a fold, interpolated between cells; each mask has a score for each cell.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_interpolate_scratch_len(grid->width)
 * @param coarse         the scores, mask by mask, each row by row
 * @param coarse_len     clusters grid->rows grid->columns
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation
 */
QUELL_MUST_USE
quell_status quell_interpolate_scores_f64_u16(const struct quell_fold_f64_u16 *fold,
                                              double *scratch,
                                              size_t scratch_len,
                                              const double *coarse,
                                              size_t coarse_len,
                                              const struct quell_grid *grid,
                                              size_t clusters,
                                              int32_t interpolation);

/* ---- Correspondence: masks by joint bilateral upsampling ---- */

/**
 * The length of the weights of one row of pixels; SIZE_MAX when that overflows.
 *
 * @param rows     how many rows of cells
 * @param columns  how many columns of cells
 * @param width    how many columns of pixels
 * @param radius   how many cells to each side count
 */
QUELL_MUST_USE
size_t quell_joint_bilateral_weights_len(size_t rows,
                                         size_t columns,
                                         size_t width,
                                         size_t radius);

/**
 * The length of the scratch of quell_joint_bilateral_labels_u8_u8() and quell_joint_bilateral_scores_u8_u8();
 * SIZE_MAX when that overflows.
 *
 * @param rows     how many rows of cells
 * @param columns  how many columns of cells
 * @param width    how many columns of pixels
 * @param radius   how many cells to each side count
 */
QUELL_MUST_USE
size_t quell_joint_bilateral_scratch_len(size_t rows,
                                         size_t columns,
                                         size_t width,
                                         size_t radius);

/**
 * Fills the mean of each channel of an image over each cell: (channels, rows, columns).
 *
 * @param coarse_guide      coarse_guide_len elements
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param grid              the cells over the image
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_coarse_guide_u8(float *coarse_guide,
                                                   size_t coarse_guide_len,
                                                   const uint8_t *guide,
                                                   size_t guide_len,
                                                   const struct quell_layout *layout,
                                                   const struct quell_grid *grid);

/**
 * Fills the weights of one row of pixels, which serve all masks; see quell_joint_bilateral_row_f32().
 *
 * @param weights           weights_len elements
 * @param weights_len       quell_joint_bilateral_weights_len()
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param row               which row of pixels
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_weights_u8(float *weights,
                                              size_t weights_len,
                                              const uint8_t *guide,
                                              size_t guide_len,
                                              const struct quell_layout *layout,
                                              const float *coarse_guide,
                                              size_t coarse_guide_len,
                                              const struct quell_grid *grid,
                                              const struct quell_joint_bilateral *options,
                                              size_t row);

/**
 * Fills the mean of each channel of an image over each cell: (channels, rows, columns).
 *
 * @param coarse_guide      coarse_guide_len elements
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param grid              the cells over the image
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_coarse_guide_f16(float *coarse_guide,
                                                    size_t coarse_guide_len,
                                                    const uint16_t *guide,
                                                    size_t guide_len,
                                                    const struct quell_layout *layout,
                                                    const struct quell_grid *grid);

/**
 * Fills the weights of one row of pixels, which serve all masks; see quell_joint_bilateral_row_f32().
 *
 * @param weights           weights_len elements
 * @param weights_len       quell_joint_bilateral_weights_len()
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param row               which row of pixels
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_weights_f16(float *weights,
                                               size_t weights_len,
                                               const uint16_t *guide,
                                               size_t guide_len,
                                               const struct quell_layout *layout,
                                               const float *coarse_guide,
                                               size_t coarse_guide_len,
                                               const struct quell_grid *grid,
                                               const struct quell_joint_bilateral *options,
                                               size_t row);

/**
 * Fills the mean of each channel of an image over each cell: (channels, rows, columns).
 *
 * @param coarse_guide      coarse_guide_len elements
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param grid              the cells over the image
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_coarse_guide_bf16(float *coarse_guide,
                                                     size_t coarse_guide_len,
                                                     const uint16_t *guide,
                                                     size_t guide_len,
                                                     const struct quell_layout *layout,
                                                     const struct quell_grid *grid);

/**
 * Fills the weights of one row of pixels, which serve all masks; see quell_joint_bilateral_row_f32().
 *
 * @param weights           weights_len elements
 * @param weights_len       quell_joint_bilateral_weights_len()
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param row               which row of pixels
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_weights_bf16(float *weights,
                                                size_t weights_len,
                                                const uint16_t *guide,
                                                size_t guide_len,
                                                const struct quell_layout *layout,
                                                const float *coarse_guide,
                                                size_t coarse_guide_len,
                                                const struct quell_grid *grid,
                                                const struct quell_joint_bilateral *options,
                                                size_t row);

/**
 * Fills the mean of each channel of an image over each cell: (channels, rows, columns).
 *
 * @param coarse_guide      coarse_guide_len elements
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param grid              the cells over the image
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_coarse_guide_f32(float *coarse_guide,
                                                    size_t coarse_guide_len,
                                                    const float *guide,
                                                    size_t guide_len,
                                                    const struct quell_layout *layout,
                                                    const struct quell_grid *grid);

/**
 * Fills the weights of one row of pixels, which serve all masks; see quell_joint_bilateral_row_f32().
 *
 * @param weights           weights_len elements
 * @param weights_len       quell_joint_bilateral_weights_len()
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param row               which row of pixels
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_weights_f32(float *weights,
                                               size_t weights_len,
                                               const float *guide,
                                               size_t guide_len,
                                               const struct quell_layout *layout,
                                               const float *coarse_guide,
                                               size_t coarse_guide_len,
                                               const struct quell_grid *grid,
                                               const struct quell_joint_bilateral *options,
                                               size_t row);

/**
 * Fills the mean of each channel of an image over each cell: (channels, rows, columns).
 *
 * @param coarse_guide      coarse_guide_len elements
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param grid              the cells over the image
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_coarse_guide_f64(double *coarse_guide,
                                                    size_t coarse_guide_len,
                                                    const double *guide,
                                                    size_t guide_len,
                                                    const struct quell_layout *layout,
                                                    const struct quell_grid *grid);

/**
 * Fills the weights of one row of pixels, which serve all masks; see quell_joint_bilateral_row_f32().
 *
 * @param weights           weights_len elements
 * @param weights_len       quell_joint_bilateral_weights_len()
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param row               which row of pixels
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_weights_f64(double *weights,
                                               size_t weights_len,
                                               const double *guide,
                                               size_t guide_len,
                                               const struct quell_layout *layout,
                                               const double *coarse_guide,
                                               size_t coarse_guide_len,
                                               const struct quell_grid *grid,
                                               const struct quell_joint_bilateral *options,
                                               size_t row);

/**
 * Fills one row of pixels with a mask's values: the mean of its cells by the row's weights.
 *
 * @param out          out_len elements
 * @param out_len      grid->width
 * @param weights      those of quell_joint_bilateral_weights_u8() for the same grid, options and row
 * @param weights_len  quell_joint_bilateral_weights_len()
 * @param coarse       the mask's score for each cell, row by row
 * @param coarse_len   grid->rows grid->columns
 * @param grid         the cells over the image
 * @param options      how far the filter reaches
 * @param row          which row of pixels
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_row_f32(float *out,
                                           size_t out_len,
                                           const float *weights,
                                           size_t weights_len,
                                           const float *coarse,
                                           size_t coarse_len,
                                           const struct quell_grid *grid,
                                           const struct quell_joint_bilateral *options,
                                           size_t row);

/**
 * Fills one row of pixels with a mask's values: the mean of its cells by the row's weights.
 *
 * @param out          out_len elements
 * @param out_len      grid->width
 * @param weights      those of quell_joint_bilateral_weights_u8() for the same grid, options and row
 * @param weights_len  quell_joint_bilateral_weights_len()
 * @param coarse       the mask's score for each cell, row by row
 * @param coarse_len   grid->rows grid->columns
 * @param grid         the cells over the image
 * @param options      how far the filter reaches
 * @param row          which row of pixels
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_row_f64(double *out,
                                           size_t out_len,
                                           const double *weights,
                                           size_t weights_len,
                                           const double *coarse,
                                           size_t coarse_len,
                                           const struct quell_grid *grid,
                                           const struct quell_joint_bilateral *options,
                                           size_t row);

/**
 * Fills one row of pixels with a mask's values: the mean of its cells by the row's weights.
 *
 * @param out          out_len elements
 * @param out_len      grid->width
 * @param weights      those of quell_joint_bilateral_weights_u8() for the same grid, options and row
 * @param weights_len  quell_joint_bilateral_weights_len()
 * @param coarse       the mask's score for each cell, row by row
 * @param coarse_len   grid->rows grid->columns
 * @param grid         the cells over the image
 * @param options      how far the filter reaches
 * @param row          which row of pixels
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_row_f16(float *out,
                                           size_t out_len,
                                           const float *weights,
                                           size_t weights_len,
                                           const uint16_t *coarse,
                                           size_t coarse_len,
                                           const struct quell_grid *grid,
                                           const struct quell_joint_bilateral *options,
                                           size_t row);

/**
 * Fills one row of pixels with a mask's values: the mean of its cells by the row's weights.
 *
 * @param out          out_len elements
 * @param out_len      grid->width
 * @param weights      those of quell_joint_bilateral_weights_u8() for the same grid, options and row
 * @param weights_len  quell_joint_bilateral_weights_len()
 * @param coarse       the mask's score for each cell, row by row
 * @param coarse_len   grid->rows grid->columns
 * @param grid         the cells over the image
 * @param options      how far the filter reaches
 * @param row          which row of pixels
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_row_bf16(float *out,
                                            size_t out_len,
                                            const float *weights,
                                            size_t weights_len,
                                            const uint16_t *coarse,
                                            size_t coarse_len,
                                            const struct quell_grid *grid,
                                            const struct quell_joint_bilateral *options,
                                            size_t row);

/**
 * Takes all masks into a fold, by weights that depend on an image; each cell belongs to the mask of its
 * label.
 *
 * @param fold              the state, whose buffers are written; it is not reset
 * @param scratch           memory to work in
 * @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
 * @param coarse            the label of each cell, row by row, below clusters
 * @param coarse_len        grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
 *                          channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param clusters          how many masks
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_labels_u8_u8(const struct quell_fold_f32_u8 *fold,
                                                float *scratch,
                                                size_t scratch_len,
                                                const uint8_t *coarse,
                                                size_t coarse_len,
                                                const uint8_t *guide,
                                                size_t guide_len,
                                                const struct quell_layout *layout,
                                                const float *coarse_guide,
                                                size_t coarse_guide_len,
                                                const struct quell_grid *grid,
                                                const struct quell_joint_bilateral *options,
                                                size_t clusters);

/**
 * Takes all masks into a fold, by weights that depend on an image; each mask has a score for each cell.
 *
 * @param fold              the state, whose buffers are written; it is not reset
 * @param scratch           memory to work in
 * @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
 * @param coarse            the scores, mask by mask, each row by row
 * @param coarse_len        clusters grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
 *                          channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param clusters          how many masks
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_scores_u8_u8(const struct quell_fold_f32_u8 *fold,
                                                float *scratch,
                                                size_t scratch_len,
                                                const float *coarse,
                                                size_t coarse_len,
                                                const uint8_t *guide,
                                                size_t guide_len,
                                                const struct quell_layout *layout,
                                                const float *coarse_guide,
                                                size_t coarse_guide_len,
                                                const struct quell_grid *grid,
                                                const struct quell_joint_bilateral *options,
                                                size_t clusters);

/**
 * Takes all masks into a fold, by weights that depend on an image; each cell belongs to the mask of its
 * label.
 *
 * @param fold              the state, whose buffers are written; it is not reset
 * @param scratch           memory to work in
 * @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
 * @param coarse            the label of each cell, row by row, below clusters
 * @param coarse_len        grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
 *                          channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param clusters          how many masks
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_labels_u8_u16(const struct quell_fold_f32_u16 *fold,
                                                 float *scratch,
                                                 size_t scratch_len,
                                                 const uint16_t *coarse,
                                                 size_t coarse_len,
                                                 const uint8_t *guide,
                                                 size_t guide_len,
                                                 const struct quell_layout *layout,
                                                 const float *coarse_guide,
                                                 size_t coarse_guide_len,
                                                 const struct quell_grid *grid,
                                                 const struct quell_joint_bilateral *options,
                                                 size_t clusters);

/**
 * Takes all masks into a fold, by weights that depend on an image; each mask has a score for each cell.
 *
 * @param fold              the state, whose buffers are written; it is not reset
 * @param scratch           memory to work in
 * @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
 * @param coarse            the scores, mask by mask, each row by row
 * @param coarse_len        clusters grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
 *                          channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param clusters          how many masks
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_scores_u8_u16(const struct quell_fold_f32_u16 *fold,
                                                 float *scratch,
                                                 size_t scratch_len,
                                                 const float *coarse,
                                                 size_t coarse_len,
                                                 const uint8_t *guide,
                                                 size_t guide_len,
                                                 const struct quell_layout *layout,
                                                 const float *coarse_guide,
                                                 size_t coarse_guide_len,
                                                 const struct quell_grid *grid,
                                                 const struct quell_joint_bilateral *options,
                                                 size_t clusters);

/**
 * Takes all masks into a fold, by weights that depend on an image; each cell belongs to the mask of its
 * label.
 *
 * @param fold              the state, whose buffers are written; it is not reset
 * @param scratch           memory to work in
 * @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
 * @param coarse            the label of each cell, row by row, below clusters
 * @param coarse_len        grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
 *                          channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param clusters          how many masks
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_labels_f16_u8(const struct quell_fold_f32_u8 *fold,
                                                 float *scratch,
                                                 size_t scratch_len,
                                                 const uint8_t *coarse,
                                                 size_t coarse_len,
                                                 const uint16_t *guide,
                                                 size_t guide_len,
                                                 const struct quell_layout *layout,
                                                 const float *coarse_guide,
                                                 size_t coarse_guide_len,
                                                 const struct quell_grid *grid,
                                                 const struct quell_joint_bilateral *options,
                                                 size_t clusters);

/**
 * Takes all masks into a fold, by weights that depend on an image; each mask has a score for each cell.
 *
 * @param fold              the state, whose buffers are written; it is not reset
 * @param scratch           memory to work in
 * @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
 * @param coarse            the scores, mask by mask, each row by row
 * @param coarse_len        clusters grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
 *                          channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param clusters          how many masks
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_scores_f16_u8(const struct quell_fold_f32_u8 *fold,
                                                 float *scratch,
                                                 size_t scratch_len,
                                                 const float *coarse,
                                                 size_t coarse_len,
                                                 const uint16_t *guide,
                                                 size_t guide_len,
                                                 const struct quell_layout *layout,
                                                 const float *coarse_guide,
                                                 size_t coarse_guide_len,
                                                 const struct quell_grid *grid,
                                                 const struct quell_joint_bilateral *options,
                                                 size_t clusters);

/**
 * Takes all masks into a fold, by weights that depend on an image; each cell belongs to the mask of its
 * label.
 *
 * @param fold              the state, whose buffers are written; it is not reset
 * @param scratch           memory to work in
 * @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
 * @param coarse            the label of each cell, row by row, below clusters
 * @param coarse_len        grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
 *                          channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param clusters          how many masks
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_labels_f16_u16(const struct quell_fold_f32_u16 *fold,
                                                  float *scratch,
                                                  size_t scratch_len,
                                                  const uint16_t *coarse,
                                                  size_t coarse_len,
                                                  const uint16_t *guide,
                                                  size_t guide_len,
                                                  const struct quell_layout *layout,
                                                  const float *coarse_guide,
                                                  size_t coarse_guide_len,
                                                  const struct quell_grid *grid,
                                                  const struct quell_joint_bilateral *options,
                                                  size_t clusters);

/**
 * Takes all masks into a fold, by weights that depend on an image; each mask has a score for each cell.
 *
 * @param fold              the state, whose buffers are written; it is not reset
 * @param scratch           memory to work in
 * @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
 * @param coarse            the scores, mask by mask, each row by row
 * @param coarse_len        clusters grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
 *                          channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param clusters          how many masks
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_scores_f16_u16(const struct quell_fold_f32_u16 *fold,
                                                  float *scratch,
                                                  size_t scratch_len,
                                                  const float *coarse,
                                                  size_t coarse_len,
                                                  const uint16_t *guide,
                                                  size_t guide_len,
                                                  const struct quell_layout *layout,
                                                  const float *coarse_guide,
                                                  size_t coarse_guide_len,
                                                  const struct quell_grid *grid,
                                                  const struct quell_joint_bilateral *options,
                                                  size_t clusters);

/**
 * Takes all masks into a fold, by weights that depend on an image; each cell belongs to the mask of its
 * label.
 *
 * @param fold              the state, whose buffers are written; it is not reset
 * @param scratch           memory to work in
 * @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
 * @param coarse            the label of each cell, row by row, below clusters
 * @param coarse_len        grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
 *                          channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param clusters          how many masks
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_labels_bf16_u8(const struct quell_fold_f32_u8 *fold,
                                                  float *scratch,
                                                  size_t scratch_len,
                                                  const uint8_t *coarse,
                                                  size_t coarse_len,
                                                  const uint16_t *guide,
                                                  size_t guide_len,
                                                  const struct quell_layout *layout,
                                                  const float *coarse_guide,
                                                  size_t coarse_guide_len,
                                                  const struct quell_grid *grid,
                                                  const struct quell_joint_bilateral *options,
                                                  size_t clusters);

/**
 * Takes all masks into a fold, by weights that depend on an image; each mask has a score for each cell.
 *
 * @param fold              the state, whose buffers are written; it is not reset
 * @param scratch           memory to work in
 * @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
 * @param coarse            the scores, mask by mask, each row by row
 * @param coarse_len        clusters grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
 *                          channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param clusters          how many masks
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_scores_bf16_u8(const struct quell_fold_f32_u8 *fold,
                                                  float *scratch,
                                                  size_t scratch_len,
                                                  const float *coarse,
                                                  size_t coarse_len,
                                                  const uint16_t *guide,
                                                  size_t guide_len,
                                                  const struct quell_layout *layout,
                                                  const float *coarse_guide,
                                                  size_t coarse_guide_len,
                                                  const struct quell_grid *grid,
                                                  const struct quell_joint_bilateral *options,
                                                  size_t clusters);

/**
 * Takes all masks into a fold, by weights that depend on an image; each cell belongs to the mask of its
 * label.
 *
 * @param fold              the state, whose buffers are written; it is not reset
 * @param scratch           memory to work in
 * @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
 * @param coarse            the label of each cell, row by row, below clusters
 * @param coarse_len        grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
 *                          channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param clusters          how many masks
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_labels_bf16_u16(const struct quell_fold_f32_u16 *fold,
                                                   float *scratch,
                                                   size_t scratch_len,
                                                   const uint16_t *coarse,
                                                   size_t coarse_len,
                                                   const uint16_t *guide,
                                                   size_t guide_len,
                                                   const struct quell_layout *layout,
                                                   const float *coarse_guide,
                                                   size_t coarse_guide_len,
                                                   const struct quell_grid *grid,
                                                   const struct quell_joint_bilateral *options,
                                                   size_t clusters);

/**
 * Takes all masks into a fold, by weights that depend on an image; each mask has a score for each cell.
 *
 * @param fold              the state, whose buffers are written; it is not reset
 * @param scratch           memory to work in
 * @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
 * @param coarse            the scores, mask by mask, each row by row
 * @param coarse_len        clusters grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
 *                          channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param clusters          how many masks
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_scores_bf16_u16(const struct quell_fold_f32_u16 *fold,
                                                   float *scratch,
                                                   size_t scratch_len,
                                                   const float *coarse,
                                                   size_t coarse_len,
                                                   const uint16_t *guide,
                                                   size_t guide_len,
                                                   const struct quell_layout *layout,
                                                   const float *coarse_guide,
                                                   size_t coarse_guide_len,
                                                   const struct quell_grid *grid,
                                                   const struct quell_joint_bilateral *options,
                                                   size_t clusters);

/**
 * Takes all masks into a fold, by weights that depend on an image; each cell belongs to the mask of its
 * label.
 *
 * @param fold              the state, whose buffers are written; it is not reset
 * @param scratch           memory to work in
 * @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
 * @param coarse            the label of each cell, row by row, below clusters
 * @param coarse_len        grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
 *                          channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param clusters          how many masks
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_labels_f32_u8(const struct quell_fold_f32_u8 *fold,
                                                 float *scratch,
                                                 size_t scratch_len,
                                                 const uint8_t *coarse,
                                                 size_t coarse_len,
                                                 const float *guide,
                                                 size_t guide_len,
                                                 const struct quell_layout *layout,
                                                 const float *coarse_guide,
                                                 size_t coarse_guide_len,
                                                 const struct quell_grid *grid,
                                                 const struct quell_joint_bilateral *options,
                                                 size_t clusters);

/**
 * Takes all masks into a fold, by weights that depend on an image; each mask has a score for each cell.
 *
 * @param fold              the state, whose buffers are written; it is not reset
 * @param scratch           memory to work in
 * @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
 * @param coarse            the scores, mask by mask, each row by row
 * @param coarse_len        clusters grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
 *                          channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param clusters          how many masks
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_scores_f32_u8(const struct quell_fold_f32_u8 *fold,
                                                 float *scratch,
                                                 size_t scratch_len,
                                                 const float *coarse,
                                                 size_t coarse_len,
                                                 const float *guide,
                                                 size_t guide_len,
                                                 const struct quell_layout *layout,
                                                 const float *coarse_guide,
                                                 size_t coarse_guide_len,
                                                 const struct quell_grid *grid,
                                                 const struct quell_joint_bilateral *options,
                                                 size_t clusters);

/**
 * Takes all masks into a fold, by weights that depend on an image; each cell belongs to the mask of its
 * label.
 *
 * @param fold              the state, whose buffers are written; it is not reset
 * @param scratch           memory to work in
 * @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
 * @param coarse            the label of each cell, row by row, below clusters
 * @param coarse_len        grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
 *                          channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param clusters          how many masks
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_labels_f32_u16(const struct quell_fold_f32_u16 *fold,
                                                  float *scratch,
                                                  size_t scratch_len,
                                                  const uint16_t *coarse,
                                                  size_t coarse_len,
                                                  const float *guide,
                                                  size_t guide_len,
                                                  const struct quell_layout *layout,
                                                  const float *coarse_guide,
                                                  size_t coarse_guide_len,
                                                  const struct quell_grid *grid,
                                                  const struct quell_joint_bilateral *options,
                                                  size_t clusters);

/**
 * Takes all masks into a fold, by weights that depend on an image; each mask has a score for each cell.
 *
 * @param fold              the state, whose buffers are written; it is not reset
 * @param scratch           memory to work in
 * @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
 * @param coarse            the scores, mask by mask, each row by row
 * @param coarse_len        clusters grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
 *                          channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param clusters          how many masks
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_scores_f32_u16(const struct quell_fold_f32_u16 *fold,
                                                  float *scratch,
                                                  size_t scratch_len,
                                                  const float *coarse,
                                                  size_t coarse_len,
                                                  const float *guide,
                                                  size_t guide_len,
                                                  const struct quell_layout *layout,
                                                  const float *coarse_guide,
                                                  size_t coarse_guide_len,
                                                  const struct quell_grid *grid,
                                                  const struct quell_joint_bilateral *options,
                                                  size_t clusters);

/**
 * Takes all masks into a fold, by weights that depend on an image; each cell belongs to the mask of its
 * label.
 *
 * @param fold              the state, whose buffers are written; it is not reset
 * @param scratch           memory to work in
 * @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
 * @param coarse            the label of each cell, row by row, below clusters
 * @param coarse_len        grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
 *                          channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param clusters          how many masks
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_labels_f64_u8(const struct quell_fold_f64_u8 *fold,
                                                 double *scratch,
                                                 size_t scratch_len,
                                                 const uint8_t *coarse,
                                                 size_t coarse_len,
                                                 const double *guide,
                                                 size_t guide_len,
                                                 const struct quell_layout *layout,
                                                 const double *coarse_guide,
                                                 size_t coarse_guide_len,
                                                 const struct quell_grid *grid,
                                                 const struct quell_joint_bilateral *options,
                                                 size_t clusters);

/**
 * Takes all masks into a fold, by weights that depend on an image; each mask has a score for each cell.
 *
 * @param fold              the state, whose buffers are written; it is not reset
 * @param scratch           memory to work in
 * @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
 * @param coarse            the scores, mask by mask, each row by row
 * @param coarse_len        clusters grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
 *                          channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param clusters          how many masks
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_scores_f64_u8(const struct quell_fold_f64_u8 *fold,
                                                 double *scratch,
                                                 size_t scratch_len,
                                                 const double *coarse,
                                                 size_t coarse_len,
                                                 const double *guide,
                                                 size_t guide_len,
                                                 const struct quell_layout *layout,
                                                 const double *coarse_guide,
                                                 size_t coarse_guide_len,
                                                 const struct quell_grid *grid,
                                                 const struct quell_joint_bilateral *options,
                                                 size_t clusters);

/**
 * Takes all masks into a fold, by weights that depend on an image; each cell belongs to the mask of its
 * label.
 *
 * @param fold              the state, whose buffers are written; it is not reset
 * @param scratch           memory to work in
 * @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
 * @param coarse            the label of each cell, row by row, below clusters
 * @param coarse_len        grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
 *                          channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param clusters          how many masks
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_labels_f64_u16(const struct quell_fold_f64_u16 *fold,
                                                  double *scratch,
                                                  size_t scratch_len,
                                                  const uint16_t *coarse,
                                                  size_t coarse_len,
                                                  const double *guide,
                                                  size_t guide_len,
                                                  const struct quell_layout *layout,
                                                  const double *coarse_guide,
                                                  size_t coarse_guide_len,
                                                  const struct quell_grid *grid,
                                                  const struct quell_joint_bilateral *options,
                                                  size_t clusters);

/**
 * Takes all masks into a fold, by weights that depend on an image; each mask has a score for each cell.
 *
 * @param fold              the state, whose buffers are written; it is not reset
 * @param scratch           memory to work in
 * @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
 * @param coarse            the scores, mask by mask, each row by row
 * @param coarse_len        clusters grid->rows grid->columns
 * @param guide             the image
 * @param guide_len         its elements
 * @param layout            where they stand, in an image of the grid's size
 * @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
 *                          channels
 * @param coarse_guide_len  layout->channels grid->rows grid->columns
 * @param grid              the cells over the image
 * @param options           how far the filter reaches
 * @param clusters          how many masks
 */
QUELL_MUST_USE
quell_status quell_joint_bilateral_scores_f64_u16(const struct quell_fold_f64_u16 *fold,
                                                  double *scratch,
                                                  size_t scratch_len,
                                                  const double *coarse,
                                                  size_t coarse_len,
                                                  const double *guide,
                                                  size_t guide_len,
                                                  const struct quell_layout *layout,
                                                  const double *coarse_guide,
                                                  size_t coarse_guide_len,
                                                  const struct quell_grid *grid,
                                                  const struct quell_joint_bilateral *options,
                                                  size_t clusters);

/* ---- Correspondence: masks by the guided filter ---- */

/**
 * The length of what the guided filter needs to know of an image; SIZE_MAX when that overflows.
 *
 * @param height    how many rows of pixels
 * @param width     how many columns of pixels
 * @param channels  1 or 3
 */
QUELL_MUST_USE size_t quell_guided_statistics_len(size_t height, size_t width, size_t channels);

/**
 * The length of the scratch of the guided filter's functions, in double precision; SIZE_MAX when that overflows.
 *
 * @param height    how many rows of pixels
 * @param width     how many columns of pixels
 * @param channels  1 or 3
 * @param radius    how many pixels to each side the window has
 */
QUELL_MUST_USE
size_t quell_guided_scratch_len(size_t height,
                                size_t width,
                                size_t channels,
                                size_t radius);

/**
 * Fills what the guided filter needs to know of an image, which serves all masks.
 *
 * @param statistics      statistics_len elements
 * @param statistics_len  quell_guided_statistics_len()
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param guide           the image, of finite elements
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 */
QUELL_MUST_USE
quell_status quell_guided_statistics_u8(double *statistics,
                                        size_t statistics_len,
                                        double *scratch,
                                        size_t scratch_len,
                                        const uint8_t *guide,
                                        size_t guide_len,
                                        const struct quell_layout *layout,
                                        const struct quell_grid *grid,
                                        const struct quell_guided *options);

/**
 * Fills the filtered mask, one value for each pixel.
 *
 * @param out             out_len elements
 * @param out_len         grid->height grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the mask's score for each cell, row by row; finite
 * @param coarse_len      grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param interpolation   a quell_interpolation: how the mask is brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_map_u8(float *out,
                                 size_t out_len,
                                 double *scratch,
                                 size_t scratch_len,
                                 const float *coarse,
                                 size_t coarse_len,
                                 const uint8_t *guide,
                                 size_t guide_len,
                                 const struct quell_layout *layout,
                                 const double *statistics,
                                 size_t statistics_len,
                                 const struct quell_grid *grid,
                                 const struct quell_guided *options,
                                 int32_t interpolation);

/**
 * Fills what the guided filter needs to know of an image, which serves all masks.
 *
 * @param statistics      statistics_len elements
 * @param statistics_len  quell_guided_statistics_len()
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param guide           the image, of finite elements
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 */
QUELL_MUST_USE
quell_status quell_guided_statistics_f16(double *statistics,
                                         size_t statistics_len,
                                         double *scratch,
                                         size_t scratch_len,
                                         const uint16_t *guide,
                                         size_t guide_len,
                                         const struct quell_layout *layout,
                                         const struct quell_grid *grid,
                                         const struct quell_guided *options);

/**
 * Fills the filtered mask, one value for each pixel.
 *
 * @param out             out_len elements
 * @param out_len         grid->height grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the mask's score for each cell, row by row; finite
 * @param coarse_len      grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param interpolation   a quell_interpolation: how the mask is brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_map_f16(float *out,
                                  size_t out_len,
                                  double *scratch,
                                  size_t scratch_len,
                                  const float *coarse,
                                  size_t coarse_len,
                                  const uint16_t *guide,
                                  size_t guide_len,
                                  const struct quell_layout *layout,
                                  const double *statistics,
                                  size_t statistics_len,
                                  const struct quell_grid *grid,
                                  const struct quell_guided *options,
                                  int32_t interpolation);

/**
 * Fills what the guided filter needs to know of an image, which serves all masks.
 *
 * @param statistics      statistics_len elements
 * @param statistics_len  quell_guided_statistics_len()
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param guide           the image, of finite elements
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 */
QUELL_MUST_USE
quell_status quell_guided_statistics_bf16(double *statistics,
                                          size_t statistics_len,
                                          double *scratch,
                                          size_t scratch_len,
                                          const uint16_t *guide,
                                          size_t guide_len,
                                          const struct quell_layout *layout,
                                          const struct quell_grid *grid,
                                          const struct quell_guided *options);

/**
 * Fills the filtered mask, one value for each pixel.
 *
 * @param out             out_len elements
 * @param out_len         grid->height grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the mask's score for each cell, row by row; finite
 * @param coarse_len      grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param interpolation   a quell_interpolation: how the mask is brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_map_bf16(float *out,
                                   size_t out_len,
                                   double *scratch,
                                   size_t scratch_len,
                                   const float *coarse,
                                   size_t coarse_len,
                                   const uint16_t *guide,
                                   size_t guide_len,
                                   const struct quell_layout *layout,
                                   const double *statistics,
                                   size_t statistics_len,
                                   const struct quell_grid *grid,
                                   const struct quell_guided *options,
                                   int32_t interpolation);

/**
 * Fills what the guided filter needs to know of an image, which serves all masks.
 *
 * @param statistics      statistics_len elements
 * @param statistics_len  quell_guided_statistics_len()
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param guide           the image, of finite elements
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 */
QUELL_MUST_USE
quell_status quell_guided_statistics_f32(double *statistics,
                                         size_t statistics_len,
                                         double *scratch,
                                         size_t scratch_len,
                                         const float *guide,
                                         size_t guide_len,
                                         const struct quell_layout *layout,
                                         const struct quell_grid *grid,
                                         const struct quell_guided *options);

/**
 * Fills the filtered mask, one value for each pixel.
 *
 * @param out             out_len elements
 * @param out_len         grid->height grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the mask's score for each cell, row by row; finite
 * @param coarse_len      grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param interpolation   a quell_interpolation: how the mask is brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_map_f32(float *out,
                                  size_t out_len,
                                  double *scratch,
                                  size_t scratch_len,
                                  const float *coarse,
                                  size_t coarse_len,
                                  const float *guide,
                                  size_t guide_len,
                                  const struct quell_layout *layout,
                                  const double *statistics,
                                  size_t statistics_len,
                                  const struct quell_grid *grid,
                                  const struct quell_guided *options,
                                  int32_t interpolation);

/**
 * Fills what the guided filter needs to know of an image, which serves all masks.
 *
 * @param statistics      statistics_len elements
 * @param statistics_len  quell_guided_statistics_len()
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param guide           the image, of finite elements
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 */
QUELL_MUST_USE
quell_status quell_guided_statistics_f64(double *statistics,
                                         size_t statistics_len,
                                         double *scratch,
                                         size_t scratch_len,
                                         const double *guide,
                                         size_t guide_len,
                                         const struct quell_layout *layout,
                                         const struct quell_grid *grid,
                                         const struct quell_guided *options);

/**
 * Fills the filtered mask, one value for each pixel.
 *
 * @param out             out_len elements
 * @param out_len         grid->height grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the mask's score for each cell, row by row; finite
 * @param coarse_len      grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param interpolation   a quell_interpolation: how the mask is brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_map_f64(double *out,
                                  size_t out_len,
                                  double *scratch,
                                  size_t scratch_len,
                                  const double *coarse,
                                  size_t coarse_len,
                                  const double *guide,
                                  size_t guide_len,
                                  const struct quell_layout *layout,
                                  const double *statistics,
                                  size_t statistics_len,
                                  const struct quell_grid *grid,
                                  const struct quell_guided *options,
                                  int32_t interpolation);

/**
 * Takes all masks into a fold, each a linear function of an image around each pixel; each cell
 * belongs to the mask of its label.
 *
 * @param fold            the state, whose buffers are written; it is not reset
 * @param row             memory to work in
 * @param row_len         how much, at least grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the label of each cell, row by row, below clusters
 * @param coarse_len      grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param clusters        how many masks
 * @param interpolation   a quell_interpolation: how masks are brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_labels_u8_u8(const struct quell_fold_f32_u8 *fold,
                                       float *row,
                                       size_t row_len,
                                       double *scratch,
                                       size_t scratch_len,
                                       const uint8_t *coarse,
                                       size_t coarse_len,
                                       const uint8_t *guide,
                                       size_t guide_len,
                                       const struct quell_layout *layout,
                                       const double *statistics,
                                       size_t statistics_len,
                                       const struct quell_grid *grid,
                                       const struct quell_guided *options,
                                       size_t clusters,
                                       int32_t interpolation);

/**
 * Takes all masks into a fold, each a linear function of an image around each pixel; each mask
 * has a score for each cell.
 *
 * @param fold            the state, whose buffers are written; it is not reset
 * @param row             memory to work in
 * @param row_len         how much, at least grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the scores, mask by mask, each row by row; finite
 * @param coarse_len      clusters grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param clusters        how many masks
 * @param interpolation   a quell_interpolation: how masks are brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_scores_u8_u8(const struct quell_fold_f32_u8 *fold,
                                       float *row,
                                       size_t row_len,
                                       double *scratch,
                                       size_t scratch_len,
                                       const float *coarse,
                                       size_t coarse_len,
                                       const uint8_t *guide,
                                       size_t guide_len,
                                       const struct quell_layout *layout,
                                       const double *statistics,
                                       size_t statistics_len,
                                       const struct quell_grid *grid,
                                       const struct quell_guided *options,
                                       size_t clusters,
                                       int32_t interpolation);

/**
 * Takes all masks into a fold, each a linear function of an image around each pixel; each cell
 * belongs to the mask of its label.
 *
 * @param fold            the state, whose buffers are written; it is not reset
 * @param row             memory to work in
 * @param row_len         how much, at least grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the label of each cell, row by row, below clusters
 * @param coarse_len      grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param clusters        how many masks
 * @param interpolation   a quell_interpolation: how masks are brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_labels_u8_u16(const struct quell_fold_f32_u16 *fold,
                                        float *row,
                                        size_t row_len,
                                        double *scratch,
                                        size_t scratch_len,
                                        const uint16_t *coarse,
                                        size_t coarse_len,
                                        const uint8_t *guide,
                                        size_t guide_len,
                                        const struct quell_layout *layout,
                                        const double *statistics,
                                        size_t statistics_len,
                                        const struct quell_grid *grid,
                                        const struct quell_guided *options,
                                        size_t clusters,
                                        int32_t interpolation);

/**
 * Takes all masks into a fold, each a linear function of an image around each pixel; each mask
 * has a score for each cell.
 *
 * @param fold            the state, whose buffers are written; it is not reset
 * @param row             memory to work in
 * @param row_len         how much, at least grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the scores, mask by mask, each row by row; finite
 * @param coarse_len      clusters grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param clusters        how many masks
 * @param interpolation   a quell_interpolation: how masks are brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_scores_u8_u16(const struct quell_fold_f32_u16 *fold,
                                        float *row,
                                        size_t row_len,
                                        double *scratch,
                                        size_t scratch_len,
                                        const float *coarse,
                                        size_t coarse_len,
                                        const uint8_t *guide,
                                        size_t guide_len,
                                        const struct quell_layout *layout,
                                        const double *statistics,
                                        size_t statistics_len,
                                        const struct quell_grid *grid,
                                        const struct quell_guided *options,
                                        size_t clusters,
                                        int32_t interpolation);

/**
 * Takes all masks into a fold, each a linear function of an image around each pixel; each cell
 * belongs to the mask of its label.
 *
 * @param fold            the state, whose buffers are written; it is not reset
 * @param row             memory to work in
 * @param row_len         how much, at least grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the label of each cell, row by row, below clusters
 * @param coarse_len      grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param clusters        how many masks
 * @param interpolation   a quell_interpolation: how masks are brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_labels_f16_u8(const struct quell_fold_f32_u8 *fold,
                                        float *row,
                                        size_t row_len,
                                        double *scratch,
                                        size_t scratch_len,
                                        const uint8_t *coarse,
                                        size_t coarse_len,
                                        const uint16_t *guide,
                                        size_t guide_len,
                                        const struct quell_layout *layout,
                                        const double *statistics,
                                        size_t statistics_len,
                                        const struct quell_grid *grid,
                                        const struct quell_guided *options,
                                        size_t clusters,
                                        int32_t interpolation);

/**
 * Takes all masks into a fold, each a linear function of an image around each pixel; each mask
 * has a score for each cell.
 *
 * @param fold            the state, whose buffers are written; it is not reset
 * @param row             memory to work in
 * @param row_len         how much, at least grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the scores, mask by mask, each row by row; finite
 * @param coarse_len      clusters grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param clusters        how many masks
 * @param interpolation   a quell_interpolation: how masks are brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_scores_f16_u8(const struct quell_fold_f32_u8 *fold,
                                        float *row,
                                        size_t row_len,
                                        double *scratch,
                                        size_t scratch_len,
                                        const float *coarse,
                                        size_t coarse_len,
                                        const uint16_t *guide,
                                        size_t guide_len,
                                        const struct quell_layout *layout,
                                        const double *statistics,
                                        size_t statistics_len,
                                        const struct quell_grid *grid,
                                        const struct quell_guided *options,
                                        size_t clusters,
                                        int32_t interpolation);

/**
 * Takes all masks into a fold, each a linear function of an image around each pixel; each cell
 * belongs to the mask of its label.
 *
 * @param fold            the state, whose buffers are written; it is not reset
 * @param row             memory to work in
 * @param row_len         how much, at least grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the label of each cell, row by row, below clusters
 * @param coarse_len      grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param clusters        how many masks
 * @param interpolation   a quell_interpolation: how masks are brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_labels_f16_u16(const struct quell_fold_f32_u16 *fold,
                                         float *row,
                                         size_t row_len,
                                         double *scratch,
                                         size_t scratch_len,
                                         const uint16_t *coarse,
                                         size_t coarse_len,
                                         const uint16_t *guide,
                                         size_t guide_len,
                                         const struct quell_layout *layout,
                                         const double *statistics,
                                         size_t statistics_len,
                                         const struct quell_grid *grid,
                                         const struct quell_guided *options,
                                         size_t clusters,
                                         int32_t interpolation);

/**
 * Takes all masks into a fold, each a linear function of an image around each pixel; each mask
 * has a score for each cell.
 *
 * @param fold            the state, whose buffers are written; it is not reset
 * @param row             memory to work in
 * @param row_len         how much, at least grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the scores, mask by mask, each row by row; finite
 * @param coarse_len      clusters grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param clusters        how many masks
 * @param interpolation   a quell_interpolation: how masks are brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_scores_f16_u16(const struct quell_fold_f32_u16 *fold,
                                         float *row,
                                         size_t row_len,
                                         double *scratch,
                                         size_t scratch_len,
                                         const float *coarse,
                                         size_t coarse_len,
                                         const uint16_t *guide,
                                         size_t guide_len,
                                         const struct quell_layout *layout,
                                         const double *statistics,
                                         size_t statistics_len,
                                         const struct quell_grid *grid,
                                         const struct quell_guided *options,
                                         size_t clusters,
                                         int32_t interpolation);

/**
 * Takes all masks into a fold, each a linear function of an image around each pixel; each cell
 * belongs to the mask of its label.
 *
 * @param fold            the state, whose buffers are written; it is not reset
 * @param row             memory to work in
 * @param row_len         how much, at least grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the label of each cell, row by row, below clusters
 * @param coarse_len      grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param clusters        how many masks
 * @param interpolation   a quell_interpolation: how masks are brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_labels_bf16_u8(const struct quell_fold_f32_u8 *fold,
                                         float *row,
                                         size_t row_len,
                                         double *scratch,
                                         size_t scratch_len,
                                         const uint8_t *coarse,
                                         size_t coarse_len,
                                         const uint16_t *guide,
                                         size_t guide_len,
                                         const struct quell_layout *layout,
                                         const double *statistics,
                                         size_t statistics_len,
                                         const struct quell_grid *grid,
                                         const struct quell_guided *options,
                                         size_t clusters,
                                         int32_t interpolation);

/**
 * Takes all masks into a fold, each a linear function of an image around each pixel; each mask
 * has a score for each cell.
 *
 * @param fold            the state, whose buffers are written; it is not reset
 * @param row             memory to work in
 * @param row_len         how much, at least grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the scores, mask by mask, each row by row; finite
 * @param coarse_len      clusters grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param clusters        how many masks
 * @param interpolation   a quell_interpolation: how masks are brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_scores_bf16_u8(const struct quell_fold_f32_u8 *fold,
                                         float *row,
                                         size_t row_len,
                                         double *scratch,
                                         size_t scratch_len,
                                         const float *coarse,
                                         size_t coarse_len,
                                         const uint16_t *guide,
                                         size_t guide_len,
                                         const struct quell_layout *layout,
                                         const double *statistics,
                                         size_t statistics_len,
                                         const struct quell_grid *grid,
                                         const struct quell_guided *options,
                                         size_t clusters,
                                         int32_t interpolation);

/**
 * Takes all masks into a fold, each a linear function of an image around each pixel; each cell
 * belongs to the mask of its label.
 *
 * @param fold            the state, whose buffers are written; it is not reset
 * @param row             memory to work in
 * @param row_len         how much, at least grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the label of each cell, row by row, below clusters
 * @param coarse_len      grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param clusters        how many masks
 * @param interpolation   a quell_interpolation: how masks are brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_labels_bf16_u16(const struct quell_fold_f32_u16 *fold,
                                          float *row,
                                          size_t row_len,
                                          double *scratch,
                                          size_t scratch_len,
                                          const uint16_t *coarse,
                                          size_t coarse_len,
                                          const uint16_t *guide,
                                          size_t guide_len,
                                          const struct quell_layout *layout,
                                          const double *statistics,
                                          size_t statistics_len,
                                          const struct quell_grid *grid,
                                          const struct quell_guided *options,
                                          size_t clusters,
                                          int32_t interpolation);

/**
 * Takes all masks into a fold, each a linear function of an image around each pixel; each mask
 * has a score for each cell.
 *
 * @param fold            the state, whose buffers are written; it is not reset
 * @param row             memory to work in
 * @param row_len         how much, at least grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the scores, mask by mask, each row by row; finite
 * @param coarse_len      clusters grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param clusters        how many masks
 * @param interpolation   a quell_interpolation: how masks are brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_scores_bf16_u16(const struct quell_fold_f32_u16 *fold,
                                          float *row,
                                          size_t row_len,
                                          double *scratch,
                                          size_t scratch_len,
                                          const float *coarse,
                                          size_t coarse_len,
                                          const uint16_t *guide,
                                          size_t guide_len,
                                          const struct quell_layout *layout,
                                          const double *statistics,
                                          size_t statistics_len,
                                          const struct quell_grid *grid,
                                          const struct quell_guided *options,
                                          size_t clusters,
                                          int32_t interpolation);

/**
 * Takes all masks into a fold, each a linear function of an image around each pixel; each cell
 * belongs to the mask of its label.
 *
 * @param fold            the state, whose buffers are written; it is not reset
 * @param row             memory to work in
 * @param row_len         how much, at least grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the label of each cell, row by row, below clusters
 * @param coarse_len      grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param clusters        how many masks
 * @param interpolation   a quell_interpolation: how masks are brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_labels_f32_u8(const struct quell_fold_f32_u8 *fold,
                                        float *row,
                                        size_t row_len,
                                        double *scratch,
                                        size_t scratch_len,
                                        const uint8_t *coarse,
                                        size_t coarse_len,
                                        const float *guide,
                                        size_t guide_len,
                                        const struct quell_layout *layout,
                                        const double *statistics,
                                        size_t statistics_len,
                                        const struct quell_grid *grid,
                                        const struct quell_guided *options,
                                        size_t clusters,
                                        int32_t interpolation);

/**
 * Takes all masks into a fold, each a linear function of an image around each pixel; each mask
 * has a score for each cell.
 *
 * @param fold            the state, whose buffers are written; it is not reset
 * @param row             memory to work in
 * @param row_len         how much, at least grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the scores, mask by mask, each row by row; finite
 * @param coarse_len      clusters grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param clusters        how many masks
 * @param interpolation   a quell_interpolation: how masks are brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_scores_f32_u8(const struct quell_fold_f32_u8 *fold,
                                        float *row,
                                        size_t row_len,
                                        double *scratch,
                                        size_t scratch_len,
                                        const float *coarse,
                                        size_t coarse_len,
                                        const float *guide,
                                        size_t guide_len,
                                        const struct quell_layout *layout,
                                        const double *statistics,
                                        size_t statistics_len,
                                        const struct quell_grid *grid,
                                        const struct quell_guided *options,
                                        size_t clusters,
                                        int32_t interpolation);

/**
 * Takes all masks into a fold, each a linear function of an image around each pixel; each cell
 * belongs to the mask of its label.
 *
 * @param fold            the state, whose buffers are written; it is not reset
 * @param row             memory to work in
 * @param row_len         how much, at least grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the label of each cell, row by row, below clusters
 * @param coarse_len      grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param clusters        how many masks
 * @param interpolation   a quell_interpolation: how masks are brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_labels_f32_u16(const struct quell_fold_f32_u16 *fold,
                                         float *row,
                                         size_t row_len,
                                         double *scratch,
                                         size_t scratch_len,
                                         const uint16_t *coarse,
                                         size_t coarse_len,
                                         const float *guide,
                                         size_t guide_len,
                                         const struct quell_layout *layout,
                                         const double *statistics,
                                         size_t statistics_len,
                                         const struct quell_grid *grid,
                                         const struct quell_guided *options,
                                         size_t clusters,
                                         int32_t interpolation);

/**
 * Takes all masks into a fold, each a linear function of an image around each pixel; each mask
 * has a score for each cell.
 *
 * @param fold            the state, whose buffers are written; it is not reset
 * @param row             memory to work in
 * @param row_len         how much, at least grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the scores, mask by mask, each row by row; finite
 * @param coarse_len      clusters grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param clusters        how many masks
 * @param interpolation   a quell_interpolation: how masks are brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_scores_f32_u16(const struct quell_fold_f32_u16 *fold,
                                         float *row,
                                         size_t row_len,
                                         double *scratch,
                                         size_t scratch_len,
                                         const float *coarse,
                                         size_t coarse_len,
                                         const float *guide,
                                         size_t guide_len,
                                         const struct quell_layout *layout,
                                         const double *statistics,
                                         size_t statistics_len,
                                         const struct quell_grid *grid,
                                         const struct quell_guided *options,
                                         size_t clusters,
                                         int32_t interpolation);

/**
 * Takes all masks into a fold, each a linear function of an image around each pixel; each cell
 * belongs to the mask of its label.
 *
 * @param fold            the state, whose buffers are written; it is not reset
 * @param row             memory to work in
 * @param row_len         how much, at least grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the label of each cell, row by row, below clusters
 * @param coarse_len      grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param clusters        how many masks
 * @param interpolation   a quell_interpolation: how masks are brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_labels_f64_u8(const struct quell_fold_f64_u8 *fold,
                                        double *row,
                                        size_t row_len,
                                        double *scratch,
                                        size_t scratch_len,
                                        const uint8_t *coarse,
                                        size_t coarse_len,
                                        const double *guide,
                                        size_t guide_len,
                                        const struct quell_layout *layout,
                                        const double *statistics,
                                        size_t statistics_len,
                                        const struct quell_grid *grid,
                                        const struct quell_guided *options,
                                        size_t clusters,
                                        int32_t interpolation);

/**
 * Takes all masks into a fold, each a linear function of an image around each pixel; each mask
 * has a score for each cell.
 *
 * @param fold            the state, whose buffers are written; it is not reset
 * @param row             memory to work in
 * @param row_len         how much, at least grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the scores, mask by mask, each row by row; finite
 * @param coarse_len      clusters grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param clusters        how many masks
 * @param interpolation   a quell_interpolation: how masks are brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_scores_f64_u8(const struct quell_fold_f64_u8 *fold,
                                        double *row,
                                        size_t row_len,
                                        double *scratch,
                                        size_t scratch_len,
                                        const double *coarse,
                                        size_t coarse_len,
                                        const double *guide,
                                        size_t guide_len,
                                        const struct quell_layout *layout,
                                        const double *statistics,
                                        size_t statistics_len,
                                        const struct quell_grid *grid,
                                        const struct quell_guided *options,
                                        size_t clusters,
                                        int32_t interpolation);

/**
 * Takes all masks into a fold, each a linear function of an image around each pixel; each cell
 * belongs to the mask of its label.
 *
 * @param fold            the state, whose buffers are written; it is not reset
 * @param row             memory to work in
 * @param row_len         how much, at least grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the label of each cell, row by row, below clusters
 * @param coarse_len      grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param clusters        how many masks
 * @param interpolation   a quell_interpolation: how masks are brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_labels_f64_u16(const struct quell_fold_f64_u16 *fold,
                                         double *row,
                                         size_t row_len,
                                         double *scratch,
                                         size_t scratch_len,
                                         const uint16_t *coarse,
                                         size_t coarse_len,
                                         const double *guide,
                                         size_t guide_len,
                                         const struct quell_layout *layout,
                                         const double *statistics,
                                         size_t statistics_len,
                                         const struct quell_grid *grid,
                                         const struct quell_guided *options,
                                         size_t clusters,
                                         int32_t interpolation);

/**
 * Takes all masks into a fold, each a linear function of an image around each pixel; each mask
 * has a score for each cell.
 *
 * @param fold            the state, whose buffers are written; it is not reset
 * @param row             memory to work in
 * @param row_len         how much, at least grid->width
 * @param scratch         memory to work in
 * @param scratch_len     how much, at least quell_guided_scratch_len()
 * @param coarse          the scores, mask by mask, each row by row; finite
 * @param coarse_len      clusters grid->rows grid->columns
 * @param guide           the image
 * @param guide_len       its elements
 * @param layout          where they stand, in an image of the grid's size with one or three channels
 * @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
 * @param statistics_len  quell_guided_statistics_len()
 * @param grid            the cells over the image
 * @param options         the window, and what counts as an edge
 * @param clusters        how many masks
 * @param interpolation   a quell_interpolation: how masks are brought to the image's size first
 */
QUELL_MUST_USE
quell_status quell_guided_scores_f64_u16(const struct quell_fold_f64_u16 *fold,
                                         double *row,
                                         size_t row_len,
                                         double *scratch,
                                         size_t scratch_len,
                                         const double *coarse,
                                         size_t coarse_len,
                                         const double *guide,
                                         size_t guide_len,
                                         const struct quell_layout *layout,
                                         const double *statistics,
                                         size_t statistics_len,
                                         const struct quell_grid *grid,
                                         const struct quell_guided *options,
                                         size_t clusters,
                                         int32_t interpolation);

/* ---- Correspondence: masks by pixel-adaptive refinement ---- */

/**
 * The length of the weights of an image for PAMR; SIZE_MAX when that overflows.
 *
 * @param height         how many rows of pixels
 * @param width          how many columns of pixels
 * @param dilations_len  how many dilations
 */
QUELL_MUST_USE size_t quell_pamr_weights_len(size_t height, size_t width, size_t dilations_len);

/**
 * The length of the scratch of quell_pamr_weights_u8_f32() and its kin; SIZE_MAX when that overflows.
 *
 * @param width          how many columns of pixels
 * @param dilations_len  how many dilations
 */
QUELL_MUST_USE size_t quell_pamr_weights_scratch_len(size_t width, size_t dilations_len);

/**
 * The length of the scratch of quell_pamr_labels_f32_u8() and quell_pamr_scores_f32_u8(); SIZE_MAX when that overflows.
 * They take what there is: with more, several masks at once, which reads the weights less often and changes no result.
 *
 * @param height   how many rows of pixels
 * @param width    how many columns of pixels
 * @param at_once  how many masks to work on at once, from 1 to 8
 */
QUELL_MUST_USE
size_t quell_pamr_scratch_len(size_t height,
                              size_t width,
                              size_t at_once);

/**
 * Fills how alike each pixel of an image is to its neighbours: weights that serve all masks.
 *
 * @param weights        weights_len elements
 * @param weights_len    quell_pamr_weights_len()
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_weights_scratch_len()
 * @param guide          the image
 * @param guide_len      its elements
 * @param layout         where they stand, in an image of the grid's size
 * @param dilations      how far apart neighbours are, in pixels, none 0; the authors have 1, 2, 4, 8, 12, 24
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 */
QUELL_MUST_USE
quell_status quell_pamr_weights_u8_f32(float *weights,
                                       size_t weights_len,
                                       float *scratch,
                                       size_t scratch_len,
                                       const uint8_t *guide,
                                       size_t guide_len,
                                       const struct quell_layout *layout,
                                       const size_t *dilations,
                                       size_t dilations_len,
                                       const struct quell_grid *grid);

/**
 * Fills how alike each pixel of an image is to its neighbours: weights that serve all masks.
 *
 * @param weights        weights_len elements
 * @param weights_len    quell_pamr_weights_len()
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_weights_scratch_len()
 * @param guide          the image
 * @param guide_len      its elements
 * @param layout         where they stand, in an image of the grid's size
 * @param dilations      how far apart neighbours are, in pixels, none 0; the authors have 1, 2, 4, 8, 12, 24
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 */
QUELL_MUST_USE
quell_status quell_pamr_weights_u8_f16(uint16_t *weights,
                                       size_t weights_len,
                                       float *scratch,
                                       size_t scratch_len,
                                       const uint8_t *guide,
                                       size_t guide_len,
                                       const struct quell_layout *layout,
                                       const size_t *dilations,
                                       size_t dilations_len,
                                       const struct quell_grid *grid);

/**
 * Fills how alike each pixel of an image is to its neighbours: weights that serve all masks.
 *
 * @param weights        weights_len elements
 * @param weights_len    quell_pamr_weights_len()
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_weights_scratch_len()
 * @param guide          the image
 * @param guide_len      its elements
 * @param layout         where they stand, in an image of the grid's size
 * @param dilations      how far apart neighbours are, in pixels, none 0; the authors have 1, 2, 4, 8, 12, 24
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 */
QUELL_MUST_USE
quell_status quell_pamr_weights_u8_bf16(uint16_t *weights,
                                        size_t weights_len,
                                        float *scratch,
                                        size_t scratch_len,
                                        const uint8_t *guide,
                                        size_t guide_len,
                                        const struct quell_layout *layout,
                                        const size_t *dilations,
                                        size_t dilations_len,
                                        const struct quell_grid *grid);

/**
 * Fills how alike each pixel of an image is to its neighbours: weights that serve all masks.
 *
 * @param weights        weights_len elements
 * @param weights_len    quell_pamr_weights_len()
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_weights_scratch_len()
 * @param guide          the image
 * @param guide_len      its elements
 * @param layout         where they stand, in an image of the grid's size
 * @param dilations      how far apart neighbours are, in pixels, none 0; the authors have 1, 2, 4, 8, 12, 24
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 */
QUELL_MUST_USE
quell_status quell_pamr_weights_f16_f32(float *weights,
                                        size_t weights_len,
                                        float *scratch,
                                        size_t scratch_len,
                                        const uint16_t *guide,
                                        size_t guide_len,
                                        const struct quell_layout *layout,
                                        const size_t *dilations,
                                        size_t dilations_len,
                                        const struct quell_grid *grid);

/**
 * Fills how alike each pixel of an image is to its neighbours: weights that serve all masks.
 *
 * @param weights        weights_len elements
 * @param weights_len    quell_pamr_weights_len()
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_weights_scratch_len()
 * @param guide          the image
 * @param guide_len      its elements
 * @param layout         where they stand, in an image of the grid's size
 * @param dilations      how far apart neighbours are, in pixels, none 0; the authors have 1, 2, 4, 8, 12, 24
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 */
QUELL_MUST_USE
quell_status quell_pamr_weights_f16_f16(uint16_t *weights,
                                        size_t weights_len,
                                        float *scratch,
                                        size_t scratch_len,
                                        const uint16_t *guide,
                                        size_t guide_len,
                                        const struct quell_layout *layout,
                                        const size_t *dilations,
                                        size_t dilations_len,
                                        const struct quell_grid *grid);

/**
 * Fills how alike each pixel of an image is to its neighbours: weights that serve all masks.
 *
 * @param weights        weights_len elements
 * @param weights_len    quell_pamr_weights_len()
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_weights_scratch_len()
 * @param guide          the image
 * @param guide_len      its elements
 * @param layout         where they stand, in an image of the grid's size
 * @param dilations      how far apart neighbours are, in pixels, none 0; the authors have 1, 2, 4, 8, 12, 24
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 */
QUELL_MUST_USE
quell_status quell_pamr_weights_f16_bf16(uint16_t *weights,
                                         size_t weights_len,
                                         float *scratch,
                                         size_t scratch_len,
                                         const uint16_t *guide,
                                         size_t guide_len,
                                         const struct quell_layout *layout,
                                         const size_t *dilations,
                                         size_t dilations_len,
                                         const struct quell_grid *grid);

/**
 * Fills how alike each pixel of an image is to its neighbours: weights that serve all masks.
 *
 * @param weights        weights_len elements
 * @param weights_len    quell_pamr_weights_len()
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_weights_scratch_len()
 * @param guide          the image
 * @param guide_len      its elements
 * @param layout         where they stand, in an image of the grid's size
 * @param dilations      how far apart neighbours are, in pixels, none 0; the authors have 1, 2, 4, 8, 12, 24
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 */
QUELL_MUST_USE
quell_status quell_pamr_weights_bf16_f32(float *weights,
                                         size_t weights_len,
                                         float *scratch,
                                         size_t scratch_len,
                                         const uint16_t *guide,
                                         size_t guide_len,
                                         const struct quell_layout *layout,
                                         const size_t *dilations,
                                         size_t dilations_len,
                                         const struct quell_grid *grid);

/**
 * Fills how alike each pixel of an image is to its neighbours: weights that serve all masks.
 *
 * @param weights        weights_len elements
 * @param weights_len    quell_pamr_weights_len()
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_weights_scratch_len()
 * @param guide          the image
 * @param guide_len      its elements
 * @param layout         where they stand, in an image of the grid's size
 * @param dilations      how far apart neighbours are, in pixels, none 0; the authors have 1, 2, 4, 8, 12, 24
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 */
QUELL_MUST_USE
quell_status quell_pamr_weights_bf16_f16(uint16_t *weights,
                                         size_t weights_len,
                                         float *scratch,
                                         size_t scratch_len,
                                         const uint16_t *guide,
                                         size_t guide_len,
                                         const struct quell_layout *layout,
                                         const size_t *dilations,
                                         size_t dilations_len,
                                         const struct quell_grid *grid);

/**
 * Fills how alike each pixel of an image is to its neighbours: weights that serve all masks.
 *
 * @param weights        weights_len elements
 * @param weights_len    quell_pamr_weights_len()
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_weights_scratch_len()
 * @param guide          the image
 * @param guide_len      its elements
 * @param layout         where they stand, in an image of the grid's size
 * @param dilations      how far apart neighbours are, in pixels, none 0; the authors have 1, 2, 4, 8, 12, 24
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 */
QUELL_MUST_USE
quell_status quell_pamr_weights_bf16_bf16(uint16_t *weights,
                                          size_t weights_len,
                                          float *scratch,
                                          size_t scratch_len,
                                          const uint16_t *guide,
                                          size_t guide_len,
                                          const struct quell_layout *layout,
                                          const size_t *dilations,
                                          size_t dilations_len,
                                          const struct quell_grid *grid);

/**
 * Fills how alike each pixel of an image is to its neighbours: weights that serve all masks.
 *
 * @param weights        weights_len elements
 * @param weights_len    quell_pamr_weights_len()
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_weights_scratch_len()
 * @param guide          the image
 * @param guide_len      its elements
 * @param layout         where they stand, in an image of the grid's size
 * @param dilations      how far apart neighbours are, in pixels, none 0; the authors have 1, 2, 4, 8, 12, 24
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 */
QUELL_MUST_USE
quell_status quell_pamr_weights_f32_f32(float *weights,
                                        size_t weights_len,
                                        float *scratch,
                                        size_t scratch_len,
                                        const float *guide,
                                        size_t guide_len,
                                        const struct quell_layout *layout,
                                        const size_t *dilations,
                                        size_t dilations_len,
                                        const struct quell_grid *grid);

/**
 * Fills how alike each pixel of an image is to its neighbours: weights that serve all masks.
 *
 * @param weights        weights_len elements
 * @param weights_len    quell_pamr_weights_len()
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_weights_scratch_len()
 * @param guide          the image
 * @param guide_len      its elements
 * @param layout         where they stand, in an image of the grid's size
 * @param dilations      how far apart neighbours are, in pixels, none 0; the authors have 1, 2, 4, 8, 12, 24
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 */
QUELL_MUST_USE
quell_status quell_pamr_weights_f32_f16(uint16_t *weights,
                                        size_t weights_len,
                                        float *scratch,
                                        size_t scratch_len,
                                        const float *guide,
                                        size_t guide_len,
                                        const struct quell_layout *layout,
                                        const size_t *dilations,
                                        size_t dilations_len,
                                        const struct quell_grid *grid);

/**
 * Fills how alike each pixel of an image is to its neighbours: weights that serve all masks.
 *
 * @param weights        weights_len elements
 * @param weights_len    quell_pamr_weights_len()
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_weights_scratch_len()
 * @param guide          the image
 * @param guide_len      its elements
 * @param layout         where they stand, in an image of the grid's size
 * @param dilations      how far apart neighbours are, in pixels, none 0; the authors have 1, 2, 4, 8, 12, 24
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 */
QUELL_MUST_USE
quell_status quell_pamr_weights_f32_bf16(uint16_t *weights,
                                         size_t weights_len,
                                         float *scratch,
                                         size_t scratch_len,
                                         const float *guide,
                                         size_t guide_len,
                                         const struct quell_layout *layout,
                                         const size_t *dilations,
                                         size_t dilations_len,
                                         const struct quell_grid *grid);

/**
 * Fills how alike each pixel of an image is to its neighbours: weights that serve all masks.
 *
 * @param weights        weights_len elements
 * @param weights_len    quell_pamr_weights_len()
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_weights_scratch_len()
 * @param guide          the image
 * @param guide_len      its elements
 * @param layout         where they stand, in an image of the grid's size
 * @param dilations      how far apart neighbours are, in pixels, none 0; the authors have 1, 2, 4, 8, 12, 24
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 */
QUELL_MUST_USE
quell_status quell_pamr_weights_f64_f64(double *weights,
                                        size_t weights_len,
                                        double *scratch,
                                        size_t scratch_len,
                                        const double *guide,
                                        size_t guide_len,
                                        const struct quell_layout *layout,
                                        const size_t *dilations,
                                        size_t dilations_len,
                                        const struct quell_grid *grid);

/**
 * Fills the refined mask, one value for each pixel.
 *
 * @param out            out_len elements
 * @param out_len        grid->height grid->width
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least grid->height grid->width
 * @param coarse         the mask's score for each cell, row by row
 * @param coarse_len     grid->rows grid->columns
 * @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
 * @param weights_len    quell_pamr_weights_len()
 * @param dilations      how far apart neighbours are, in pixels, none 0
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 * @param interpolation  a quell_interpolation: how the mask is brought to the image's size first
 * @param iterations     how often the mask is replaced; the authors do it 10 times
 */
QUELL_MUST_USE
quell_status quell_pamr_map_f32(float *out,
                                size_t out_len,
                                float *scratch,
                                size_t scratch_len,
                                const float *coarse,
                                size_t coarse_len,
                                const float *weights,
                                size_t weights_len,
                                const size_t *dilations,
                                size_t dilations_len,
                                const struct quell_grid *grid,
                                int32_t interpolation,
                                size_t iterations);

/**
 * Fills the refined mask, one value for each pixel.
 *
 * @param out            out_len elements
 * @param out_len        grid->height grid->width
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least grid->height grid->width
 * @param coarse         the mask's score for each cell, row by row
 * @param coarse_len     grid->rows grid->columns
 * @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
 * @param weights_len    quell_pamr_weights_len()
 * @param dilations      how far apart neighbours are, in pixels, none 0
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 * @param interpolation  a quell_interpolation: how the mask is brought to the image's size first
 * @param iterations     how often the mask is replaced; the authors do it 10 times
 */
QUELL_MUST_USE
quell_status quell_pamr_map_f64(double *out,
                                size_t out_len,
                                double *scratch,
                                size_t scratch_len,
                                const double *coarse,
                                size_t coarse_len,
                                const double *weights,
                                size_t weights_len,
                                const size_t *dilations,
                                size_t dilations_len,
                                const struct quell_grid *grid,
                                int32_t interpolation,
                                size_t iterations);

/**
 * Fills the refined mask, one value for each pixel.
 *
 * @param out            out_len elements
 * @param out_len        grid->height grid->width
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least grid->height grid->width
 * @param coarse         the mask's score for each cell, row by row
 * @param coarse_len     grid->rows grid->columns
 * @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
 * @param weights_len    quell_pamr_weights_len()
 * @param dilations      how far apart neighbours are, in pixels, none 0
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 * @param interpolation  a quell_interpolation: how the mask is brought to the image's size first
 * @param iterations     how often the mask is replaced; the authors do it 10 times
 */
QUELL_MUST_USE
quell_status quell_pamr_map_f16(float *out,
                                size_t out_len,
                                float *scratch,
                                size_t scratch_len,
                                const float *coarse,
                                size_t coarse_len,
                                const uint16_t *weights,
                                size_t weights_len,
                                const size_t *dilations,
                                size_t dilations_len,
                                const struct quell_grid *grid,
                                int32_t interpolation,
                                size_t iterations);

/**
 * Fills the refined mask, one value for each pixel.
 *
 * @param out            out_len elements
 * @param out_len        grid->height grid->width
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least grid->height grid->width
 * @param coarse         the mask's score for each cell, row by row
 * @param coarse_len     grid->rows grid->columns
 * @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
 * @param weights_len    quell_pamr_weights_len()
 * @param dilations      how far apart neighbours are, in pixels, none 0
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 * @param interpolation  a quell_interpolation: how the mask is brought to the image's size first
 * @param iterations     how often the mask is replaced; the authors do it 10 times
 */
QUELL_MUST_USE
quell_status quell_pamr_map_bf16(float *out,
                                 size_t out_len,
                                 float *scratch,
                                 size_t scratch_len,
                                 const float *coarse,
                                 size_t coarse_len,
                                 const uint16_t *weights,
                                 size_t weights_len,
                                 const size_t *dilations,
                                 size_t dilations_len,
                                 const struct quell_grid *grid,
                                 int32_t interpolation,
                                 size_t iterations);

/**
 * Takes all masks into a fold, each spread to neighbours that look alike; each cell belongs to the
 * mask of its label.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_scratch_len() for one mask at once
 * @param coarse         the label of each cell, row by row, below clusters
 * @param coarse_len     grid->rows grid->columns
 * @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
 * @param weights_len    quell_pamr_weights_len()
 * @param dilations      how far apart neighbours are, in pixels, none 0
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation: how masks are brought to the image's size first
 * @param iterations     how often a mask is replaced; the authors do it 10 times
 */
QUELL_MUST_USE
quell_status quell_pamr_labels_f32_u8(const struct quell_fold_f32_u8 *fold,
                                      float *scratch,
                                      size_t scratch_len,
                                      const uint8_t *coarse,
                                      size_t coarse_len,
                                      const float *weights,
                                      size_t weights_len,
                                      const size_t *dilations,
                                      size_t dilations_len,
                                      const struct quell_grid *grid,
                                      size_t clusters,
                                      int32_t interpolation,
                                      size_t iterations);

/**
 * Takes all masks into a fold, each spread to neighbours that look alike; each mask has a score for
 * each cell.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_scratch_len() for one mask at once
 * @param coarse         the scores, mask by mask, each row by row
 * @param coarse_len     clusters grid->rows grid->columns
 * @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
 * @param weights_len    quell_pamr_weights_len()
 * @param dilations      how far apart neighbours are, in pixels, none 0
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation: how masks are brought to the image's size first
 * @param iterations     how often a mask is replaced; the authors do it 10 times
 */
QUELL_MUST_USE
quell_status quell_pamr_scores_f32_u8(const struct quell_fold_f32_u8 *fold,
                                      float *scratch,
                                      size_t scratch_len,
                                      const float *coarse,
                                      size_t coarse_len,
                                      const float *weights,
                                      size_t weights_len,
                                      const size_t *dilations,
                                      size_t dilations_len,
                                      const struct quell_grid *grid,
                                      size_t clusters,
                                      int32_t interpolation,
                                      size_t iterations);

/**
 * Takes all masks into a fold, each spread to neighbours that look alike; each cell belongs to the
 * mask of its label.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_scratch_len() for one mask at once
 * @param coarse         the label of each cell, row by row, below clusters
 * @param coarse_len     grid->rows grid->columns
 * @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
 * @param weights_len    quell_pamr_weights_len()
 * @param dilations      how far apart neighbours are, in pixels, none 0
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation: how masks are brought to the image's size first
 * @param iterations     how often a mask is replaced; the authors do it 10 times
 */
QUELL_MUST_USE
quell_status quell_pamr_labels_f32_u16(const struct quell_fold_f32_u16 *fold,
                                       float *scratch,
                                       size_t scratch_len,
                                       const uint16_t *coarse,
                                       size_t coarse_len,
                                       const float *weights,
                                       size_t weights_len,
                                       const size_t *dilations,
                                       size_t dilations_len,
                                       const struct quell_grid *grid,
                                       size_t clusters,
                                       int32_t interpolation,
                                       size_t iterations);

/**
 * Takes all masks into a fold, each spread to neighbours that look alike; each mask has a score for
 * each cell.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_scratch_len() for one mask at once
 * @param coarse         the scores, mask by mask, each row by row
 * @param coarse_len     clusters grid->rows grid->columns
 * @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
 * @param weights_len    quell_pamr_weights_len()
 * @param dilations      how far apart neighbours are, in pixels, none 0
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation: how masks are brought to the image's size first
 * @param iterations     how often a mask is replaced; the authors do it 10 times
 */
QUELL_MUST_USE
quell_status quell_pamr_scores_f32_u16(const struct quell_fold_f32_u16 *fold,
                                       float *scratch,
                                       size_t scratch_len,
                                       const float *coarse,
                                       size_t coarse_len,
                                       const float *weights,
                                       size_t weights_len,
                                       const size_t *dilations,
                                       size_t dilations_len,
                                       const struct quell_grid *grid,
                                       size_t clusters,
                                       int32_t interpolation,
                                       size_t iterations);

/**
 * Takes all masks into a fold, each spread to neighbours that look alike; each cell belongs to the
 * mask of its label.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_scratch_len() for one mask at once
 * @param coarse         the label of each cell, row by row, below clusters
 * @param coarse_len     grid->rows grid->columns
 * @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
 * @param weights_len    quell_pamr_weights_len()
 * @param dilations      how far apart neighbours are, in pixels, none 0
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation: how masks are brought to the image's size first
 * @param iterations     how often a mask is replaced; the authors do it 10 times
 */
QUELL_MUST_USE
quell_status quell_pamr_labels_f64_u8(const struct quell_fold_f64_u8 *fold,
                                      double *scratch,
                                      size_t scratch_len,
                                      const uint8_t *coarse,
                                      size_t coarse_len,
                                      const double *weights,
                                      size_t weights_len,
                                      const size_t *dilations,
                                      size_t dilations_len,
                                      const struct quell_grid *grid,
                                      size_t clusters,
                                      int32_t interpolation,
                                      size_t iterations);

/**
 * Takes all masks into a fold, each spread to neighbours that look alike; each mask has a score for
 * each cell.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_scratch_len() for one mask at once
 * @param coarse         the scores, mask by mask, each row by row
 * @param coarse_len     clusters grid->rows grid->columns
 * @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
 * @param weights_len    quell_pamr_weights_len()
 * @param dilations      how far apart neighbours are, in pixels, none 0
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation: how masks are brought to the image's size first
 * @param iterations     how often a mask is replaced; the authors do it 10 times
 */
QUELL_MUST_USE
quell_status quell_pamr_scores_f64_u8(const struct quell_fold_f64_u8 *fold,
                                      double *scratch,
                                      size_t scratch_len,
                                      const double *coarse,
                                      size_t coarse_len,
                                      const double *weights,
                                      size_t weights_len,
                                      const size_t *dilations,
                                      size_t dilations_len,
                                      const struct quell_grid *grid,
                                      size_t clusters,
                                      int32_t interpolation,
                                      size_t iterations);

/**
 * Takes all masks into a fold, each spread to neighbours that look alike; each cell belongs to the
 * mask of its label.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_scratch_len() for one mask at once
 * @param coarse         the label of each cell, row by row, below clusters
 * @param coarse_len     grid->rows grid->columns
 * @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
 * @param weights_len    quell_pamr_weights_len()
 * @param dilations      how far apart neighbours are, in pixels, none 0
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation: how masks are brought to the image's size first
 * @param iterations     how often a mask is replaced; the authors do it 10 times
 */
QUELL_MUST_USE
quell_status quell_pamr_labels_f64_u16(const struct quell_fold_f64_u16 *fold,
                                       double *scratch,
                                       size_t scratch_len,
                                       const uint16_t *coarse,
                                       size_t coarse_len,
                                       const double *weights,
                                       size_t weights_len,
                                       const size_t *dilations,
                                       size_t dilations_len,
                                       const struct quell_grid *grid,
                                       size_t clusters,
                                       int32_t interpolation,
                                       size_t iterations);

/**
 * Takes all masks into a fold, each spread to neighbours that look alike; each mask has a score for
 * each cell.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_scratch_len() for one mask at once
 * @param coarse         the scores, mask by mask, each row by row
 * @param coarse_len     clusters grid->rows grid->columns
 * @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
 * @param weights_len    quell_pamr_weights_len()
 * @param dilations      how far apart neighbours are, in pixels, none 0
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation: how masks are brought to the image's size first
 * @param iterations     how often a mask is replaced; the authors do it 10 times
 */
QUELL_MUST_USE
quell_status quell_pamr_scores_f64_u16(const struct quell_fold_f64_u16 *fold,
                                       double *scratch,
                                       size_t scratch_len,
                                       const double *coarse,
                                       size_t coarse_len,
                                       const double *weights,
                                       size_t weights_len,
                                       const size_t *dilations,
                                       size_t dilations_len,
                                       const struct quell_grid *grid,
                                       size_t clusters,
                                       int32_t interpolation,
                                       size_t iterations);

/**
 * Takes all masks into a fold, each spread to neighbours that look alike; each cell belongs to the
 * mask of its label.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_scratch_len() for one mask at once
 * @param coarse         the label of each cell, row by row, below clusters
 * @param coarse_len     grid->rows grid->columns
 * @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
 * @param weights_len    quell_pamr_weights_len()
 * @param dilations      how far apart neighbours are, in pixels, none 0
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation: how masks are brought to the image's size first
 * @param iterations     how often a mask is replaced; the authors do it 10 times
 */
QUELL_MUST_USE
quell_status quell_pamr_labels_f16_u8(const struct quell_fold_f32_u8 *fold,
                                      float *scratch,
                                      size_t scratch_len,
                                      const uint8_t *coarse,
                                      size_t coarse_len,
                                      const uint16_t *weights,
                                      size_t weights_len,
                                      const size_t *dilations,
                                      size_t dilations_len,
                                      const struct quell_grid *grid,
                                      size_t clusters,
                                      int32_t interpolation,
                                      size_t iterations);

/**
 * Takes all masks into a fold, each spread to neighbours that look alike; each mask has a score for
 * each cell.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_scratch_len() for one mask at once
 * @param coarse         the scores, mask by mask, each row by row
 * @param coarse_len     clusters grid->rows grid->columns
 * @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
 * @param weights_len    quell_pamr_weights_len()
 * @param dilations      how far apart neighbours are, in pixels, none 0
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation: how masks are brought to the image's size first
 * @param iterations     how often a mask is replaced; the authors do it 10 times
 */
QUELL_MUST_USE
quell_status quell_pamr_scores_f16_u8(const struct quell_fold_f32_u8 *fold,
                                      float *scratch,
                                      size_t scratch_len,
                                      const float *coarse,
                                      size_t coarse_len,
                                      const uint16_t *weights,
                                      size_t weights_len,
                                      const size_t *dilations,
                                      size_t dilations_len,
                                      const struct quell_grid *grid,
                                      size_t clusters,
                                      int32_t interpolation,
                                      size_t iterations);

/**
 * Takes all masks into a fold, each spread to neighbours that look alike; each cell belongs to the
 * mask of its label.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_scratch_len() for one mask at once
 * @param coarse         the label of each cell, row by row, below clusters
 * @param coarse_len     grid->rows grid->columns
 * @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
 * @param weights_len    quell_pamr_weights_len()
 * @param dilations      how far apart neighbours are, in pixels, none 0
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation: how masks are brought to the image's size first
 * @param iterations     how often a mask is replaced; the authors do it 10 times
 */
QUELL_MUST_USE
quell_status quell_pamr_labels_f16_u16(const struct quell_fold_f32_u16 *fold,
                                       float *scratch,
                                       size_t scratch_len,
                                       const uint16_t *coarse,
                                       size_t coarse_len,
                                       const uint16_t *weights,
                                       size_t weights_len,
                                       const size_t *dilations,
                                       size_t dilations_len,
                                       const struct quell_grid *grid,
                                       size_t clusters,
                                       int32_t interpolation,
                                       size_t iterations);

/**
 * Takes all masks into a fold, each spread to neighbours that look alike; each mask has a score for
 * each cell.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_scratch_len() for one mask at once
 * @param coarse         the scores, mask by mask, each row by row
 * @param coarse_len     clusters grid->rows grid->columns
 * @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
 * @param weights_len    quell_pamr_weights_len()
 * @param dilations      how far apart neighbours are, in pixels, none 0
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation: how masks are brought to the image's size first
 * @param iterations     how often a mask is replaced; the authors do it 10 times
 */
QUELL_MUST_USE
quell_status quell_pamr_scores_f16_u16(const struct quell_fold_f32_u16 *fold,
                                       float *scratch,
                                       size_t scratch_len,
                                       const float *coarse,
                                       size_t coarse_len,
                                       const uint16_t *weights,
                                       size_t weights_len,
                                       const size_t *dilations,
                                       size_t dilations_len,
                                       const struct quell_grid *grid,
                                       size_t clusters,
                                       int32_t interpolation,
                                       size_t iterations);

/**
 * Takes all masks into a fold, each spread to neighbours that look alike; each cell belongs to the
 * mask of its label.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_scratch_len() for one mask at once
 * @param coarse         the label of each cell, row by row, below clusters
 * @param coarse_len     grid->rows grid->columns
 * @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
 * @param weights_len    quell_pamr_weights_len()
 * @param dilations      how far apart neighbours are, in pixels, none 0
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation: how masks are brought to the image's size first
 * @param iterations     how often a mask is replaced; the authors do it 10 times
 */
QUELL_MUST_USE
quell_status quell_pamr_labels_bf16_u8(const struct quell_fold_f32_u8 *fold,
                                       float *scratch,
                                       size_t scratch_len,
                                       const uint8_t *coarse,
                                       size_t coarse_len,
                                       const uint16_t *weights,
                                       size_t weights_len,
                                       const size_t *dilations,
                                       size_t dilations_len,
                                       const struct quell_grid *grid,
                                       size_t clusters,
                                       int32_t interpolation,
                                       size_t iterations);

/**
 * Takes all masks into a fold, each spread to neighbours that look alike; each mask has a score for
 * each cell.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_scratch_len() for one mask at once
 * @param coarse         the scores, mask by mask, each row by row
 * @param coarse_len     clusters grid->rows grid->columns
 * @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
 * @param weights_len    quell_pamr_weights_len()
 * @param dilations      how far apart neighbours are, in pixels, none 0
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation: how masks are brought to the image's size first
 * @param iterations     how often a mask is replaced; the authors do it 10 times
 */
QUELL_MUST_USE
quell_status quell_pamr_scores_bf16_u8(const struct quell_fold_f32_u8 *fold,
                                       float *scratch,
                                       size_t scratch_len,
                                       const float *coarse,
                                       size_t coarse_len,
                                       const uint16_t *weights,
                                       size_t weights_len,
                                       const size_t *dilations,
                                       size_t dilations_len,
                                       const struct quell_grid *grid,
                                       size_t clusters,
                                       int32_t interpolation,
                                       size_t iterations);

/**
 * Takes all masks into a fold, each spread to neighbours that look alike; each cell belongs to the
 * mask of its label.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_scratch_len() for one mask at once
 * @param coarse         the label of each cell, row by row, below clusters
 * @param coarse_len     grid->rows grid->columns
 * @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
 * @param weights_len    quell_pamr_weights_len()
 * @param dilations      how far apart neighbours are, in pixels, none 0
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation: how masks are brought to the image's size first
 * @param iterations     how often a mask is replaced; the authors do it 10 times
 */
QUELL_MUST_USE
quell_status quell_pamr_labels_bf16_u16(const struct quell_fold_f32_u16 *fold,
                                        float *scratch,
                                        size_t scratch_len,
                                        const uint16_t *coarse,
                                        size_t coarse_len,
                                        const uint16_t *weights,
                                        size_t weights_len,
                                        const size_t *dilations,
                                        size_t dilations_len,
                                        const struct quell_grid *grid,
                                        size_t clusters,
                                        int32_t interpolation,
                                        size_t iterations);

/**
 * Takes all masks into a fold, each spread to neighbours that look alike; each mask has a score for
 * each cell.
 *
 * @param fold           the state, whose buffers are written; it is not reset
 * @param scratch        memory to work in
 * @param scratch_len    how much, at least quell_pamr_scratch_len() for one mask at once
 * @param coarse         the scores, mask by mask, each row by row
 * @param coarse_len     clusters grid->rows grid->columns
 * @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
 * @param weights_len    quell_pamr_weights_len()
 * @param dilations      how far apart neighbours are, in pixels, none 0
 * @param dilations_len  how many, at least 1
 * @param grid           the cells over the image
 * @param clusters       how many masks
 * @param interpolation  a quell_interpolation: how masks are brought to the image's size first
 * @param iterations     how often a mask is replaced; the authors do it 10 times
 */
QUELL_MUST_USE
quell_status quell_pamr_scores_bf16_u16(const struct quell_fold_f32_u16 *fold,
                                        float *scratch,
                                        size_t scratch_len,
                                        const float *coarse,
                                        size_t coarse_len,
                                        const uint16_t *weights,
                                        size_t weights_len,
                                        const size_t *dilations,
                                        size_t dilations_len,
                                        const struct quell_grid *grid,
                                        size_t clusters,
                                        int32_t interpolation,
                                        size_t iterations);

/* ---- Correspondence: masks by given weights ---- */

/**
 * The length of the scratch of quell_mix_weights_f32() and all other functions that mix; SIZE_MAX when that overflows.
 *
 * @param pixels  how many pixels at a time
 * @param cells   how many cells
 */
QUELL_MUST_USE
size_t quell_mix_scratch_len(size_t pixels,
                             size_t cells);

/**
 * Fills the weights of some pixels, a row, say: the soft-max over the cells of scale times the similarity of
 * the pixel's query and the cell's key.
 *
 * @param weights      weights_len elements, pixel by pixel
 * @param weights_len  pixels times cells
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_mix_scratch_len(pixels, cells)
 * @param queries      one vector for each pixel
 * @param queries_len  pixels dimension
 * @param keys         one vector for each cell
 * @param keys_len     cells dimension
 * @param dimension    the elements of a vector, at least 1
 * @param scale        the factor on the similarities
 * @param similarity   a quell_similarity
 */
QUELL_MUST_USE
quell_status quell_mix_weights_f32(float *weights,
                                   size_t weights_len,
                                   float *scratch,
                                   size_t scratch_len,
                                   const float *queries,
                                   size_t queries_len,
                                   const float *keys,
                                   size_t keys_len,
                                   size_t dimension,
                                   double scale,
                                   int32_t similarity);

/**
 * Fills the weights of some pixels, a row, say: the soft-max over the cells of scale times the similarity of
 * the pixel's query and the cell's key.
 *
 * @param weights      weights_len elements, pixel by pixel
 * @param weights_len  pixels times cells
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_mix_scratch_len(pixels, cells)
 * @param queries      one vector for each pixel
 * @param queries_len  pixels dimension
 * @param keys         one vector for each cell
 * @param keys_len     cells dimension
 * @param dimension    the elements of a vector, at least 1
 * @param scale        the factor on the similarities
 * @param similarity   a quell_similarity
 */
QUELL_MUST_USE
quell_status quell_mix_weights_f64(double *weights,
                                   size_t weights_len,
                                   double *scratch,
                                   size_t scratch_len,
                                   const double *queries,
                                   size_t queries_len,
                                   const double *keys,
                                   size_t keys_len,
                                   size_t dimension,
                                   double scale,
                                   int32_t similarity);

/**
 * Fills the weights of some pixels, a row, say: the soft-max over the cells of scale times the similarity of
 * the pixel's query and the cell's key.
 *
 * @param weights      weights_len elements, pixel by pixel
 * @param weights_len  pixels times cells
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_mix_scratch_len(pixels, cells)
 * @param queries      one vector for each pixel
 * @param queries_len  pixels dimension
 * @param keys         one vector for each cell
 * @param keys_len     cells dimension
 * @param dimension    the elements of a vector, at least 1
 * @param scale        the factor on the similarities
 * @param similarity   a quell_similarity
 */
QUELL_MUST_USE
quell_status quell_mix_weights_f16(float *weights,
                                   size_t weights_len,
                                   float *scratch,
                                   size_t scratch_len,
                                   const uint16_t *queries,
                                   size_t queries_len,
                                   const uint16_t *keys,
                                   size_t keys_len,
                                   size_t dimension,
                                   double scale,
                                   int32_t similarity);

/**
 * Fills the weights of some pixels, a row, say: the soft-max over the cells of scale times the similarity of
 * the pixel's query and the cell's key.
 *
 * @param weights      weights_len elements, pixel by pixel
 * @param weights_len  pixels times cells
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_mix_scratch_len(pixels, cells)
 * @param queries      one vector for each pixel
 * @param queries_len  pixels dimension
 * @param keys         one vector for each cell
 * @param keys_len     cells dimension
 * @param dimension    the elements of a vector, at least 1
 * @param scale        the factor on the similarities
 * @param similarity   a quell_similarity
 */
QUELL_MUST_USE
quell_status quell_mix_weights_bf16(float *weights,
                                    size_t weights_len,
                                    float *scratch,
                                    size_t scratch_len,
                                    const uint16_t *queries,
                                    size_t queries_len,
                                    const uint16_t *keys,
                                    size_t keys_len,
                                    size_t dimension,
                                    double scale,
                                    int32_t similarity);

/**
 * Fills one mask's values at some pixels: the mean of its cells by weights, whatever their sum is.
 *
 * @param out          out_len elements, one for each pixel
 * @param out_len      how many
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_mix_scratch_len(out_len, coarse_len)
 * @param coarse       the mask's score for each cell
 * @param coarse_len   how many cells
 * @param weights      those of quell_mix_weights_f32() or of the host, pixel by pixel
 * @param weights_len  out_len coarse_len
 */
QUELL_MUST_USE
quell_status quell_mix_values_f32(float *out,
                                  size_t out_len,
                                  float *scratch,
                                  size_t scratch_len,
                                  const float *coarse,
                                  size_t coarse_len,
                                  const float *weights,
                                  size_t weights_len);

/**
 * Fills one mask's values at some pixels: the mean of its cells by weights, whatever their sum is.
 *
 * @param out          out_len elements, one for each pixel
 * @param out_len      how many
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_mix_scratch_len(out_len, coarse_len)
 * @param coarse       the mask's score for each cell
 * @param coarse_len   how many cells
 * @param weights      those of quell_mix_weights_f32() or of the host, pixel by pixel
 * @param weights_len  out_len coarse_len
 */
QUELL_MUST_USE
quell_status quell_mix_values_f64(double *out,
                                  size_t out_len,
                                  double *scratch,
                                  size_t scratch_len,
                                  const double *coarse,
                                  size_t coarse_len,
                                  const double *weights,
                                  size_t weights_len);

/**
 * Fills one mask's values at some pixels: the mean of its cells by weights, whatever their sum is.
 *
 * @param out          out_len elements, one for each pixel
 * @param out_len      how many
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_mix_scratch_len(out_len, coarse_len)
 * @param coarse       the mask's score for each cell
 * @param coarse_len   how many cells
 * @param weights      those of quell_mix_weights_f32() or of the host, pixel by pixel
 * @param weights_len  out_len coarse_len
 */
QUELL_MUST_USE
quell_status quell_mix_values_f16(float *out,
                                  size_t out_len,
                                  float *scratch,
                                  size_t scratch_len,
                                  const uint16_t *coarse,
                                  size_t coarse_len,
                                  const float *weights,
                                  size_t weights_len);

/**
 * Fills one mask's values at some pixels: the mean of its cells by weights, whatever their sum is.
 *
 * @param out          out_len elements, one for each pixel
 * @param out_len      how many
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_mix_scratch_len(out_len, coarse_len)
 * @param coarse       the mask's score for each cell
 * @param coarse_len   how many cells
 * @param weights      those of quell_mix_weights_f32() or of the host, pixel by pixel
 * @param weights_len  out_len coarse_len
 */
QUELL_MUST_USE
quell_status quell_mix_values_bf16(float *out,
                                   size_t out_len,
                                   float *scratch,
                                   size_t scratch_len,
                                   const uint16_t *coarse,
                                   size_t coarse_len,
                                   const float *weights,
                                   size_t weights_len);

/**
 * Takes all masks into a fold, at some pixels; each cell belongs to the mask of its label.
 *
 * @param fold         the state, whose buffers are written; it is not reset
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_mix_scratch_len(pixels, cells)
 * @param coarse       the label of each cell, below clusters
 * @param coarse_len   how many, cells
 * @param weights      those of quell_mix_weights_f32() or of the host, pixel by pixel
 * @param weights_len  pixels cells
 * @param clusters     how many masks
 * @param cells        how many cells, at least 1
 * @param first_pixel  the pixel of the first weights
 * @param pixels       how many pixels
 */
QUELL_MUST_USE
quell_status quell_mix_labels_f32_u8(const struct quell_fold_f32_u8 *fold,
                                     float *scratch,
                                     size_t scratch_len,
                                     const uint8_t *coarse,
                                     size_t coarse_len,
                                     const float *weights,
                                     size_t weights_len,
                                     size_t clusters,
                                     size_t cells,
                                     size_t first_pixel,
                                     size_t pixels);

/**
 * Takes all masks into a fold, at some pixels; each mask has a score for each cell.
 *
 * @param fold         the state, whose buffers are written; it is not reset
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_mix_scratch_len(pixels, cells)
 * @param coarse       the scores, mask by mask
 * @param coarse_len   clusters cells
 * @param weights      those of quell_mix_weights_f32() or of the host, pixel by pixel
 * @param weights_len  pixels cells
 * @param clusters     how many masks
 * @param cells        how many cells, at least 1
 * @param first_pixel  the pixel of the first weights
 * @param pixels       how many pixels
 */
QUELL_MUST_USE
quell_status quell_mix_scores_f32_u8(const struct quell_fold_f32_u8 *fold,
                                     float *scratch,
                                     size_t scratch_len,
                                     const float *coarse,
                                     size_t coarse_len,
                                     const float *weights,
                                     size_t weights_len,
                                     size_t clusters,
                                     size_t cells,
                                     size_t first_pixel,
                                     size_t pixels);

/**
 * Takes all masks into a fold, at some pixels; each cell belongs to the mask of its label.
 *
 * @param fold         the state, whose buffers are written; it is not reset
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_mix_scratch_len(pixels, cells)
 * @param coarse       the label of each cell, below clusters
 * @param coarse_len   how many, cells
 * @param weights      those of quell_mix_weights_f32() or of the host, pixel by pixel
 * @param weights_len  pixels cells
 * @param clusters     how many masks
 * @param cells        how many cells, at least 1
 * @param first_pixel  the pixel of the first weights
 * @param pixels       how many pixels
 */
QUELL_MUST_USE
quell_status quell_mix_labels_f32_u16(const struct quell_fold_f32_u16 *fold,
                                      float *scratch,
                                      size_t scratch_len,
                                      const uint16_t *coarse,
                                      size_t coarse_len,
                                      const float *weights,
                                      size_t weights_len,
                                      size_t clusters,
                                      size_t cells,
                                      size_t first_pixel,
                                      size_t pixels);

/**
 * Takes all masks into a fold, at some pixels; each mask has a score for each cell.
 *
 * @param fold         the state, whose buffers are written; it is not reset
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_mix_scratch_len(pixels, cells)
 * @param coarse       the scores, mask by mask
 * @param coarse_len   clusters cells
 * @param weights      those of quell_mix_weights_f32() or of the host, pixel by pixel
 * @param weights_len  pixels cells
 * @param clusters     how many masks
 * @param cells        how many cells, at least 1
 * @param first_pixel  the pixel of the first weights
 * @param pixels       how many pixels
 */
QUELL_MUST_USE
quell_status quell_mix_scores_f32_u16(const struct quell_fold_f32_u16 *fold,
                                      float *scratch,
                                      size_t scratch_len,
                                      const float *coarse,
                                      size_t coarse_len,
                                      const float *weights,
                                      size_t weights_len,
                                      size_t clusters,
                                      size_t cells,
                                      size_t first_pixel,
                                      size_t pixels);

/**
 * Takes all masks into a fold, at some pixels; each cell belongs to the mask of its label.
 *
 * @param fold         the state, whose buffers are written; it is not reset
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_mix_scratch_len(pixels, cells)
 * @param coarse       the label of each cell, below clusters
 * @param coarse_len   how many, cells
 * @param weights      those of quell_mix_weights_f32() or of the host, pixel by pixel
 * @param weights_len  pixels cells
 * @param clusters     how many masks
 * @param cells        how many cells, at least 1
 * @param first_pixel  the pixel of the first weights
 * @param pixels       how many pixels
 */
QUELL_MUST_USE
quell_status quell_mix_labels_f64_u8(const struct quell_fold_f64_u8 *fold,
                                     double *scratch,
                                     size_t scratch_len,
                                     const uint8_t *coarse,
                                     size_t coarse_len,
                                     const double *weights,
                                     size_t weights_len,
                                     size_t clusters,
                                     size_t cells,
                                     size_t first_pixel,
                                     size_t pixels);

/**
 * Takes all masks into a fold, at some pixels; each mask has a score for each cell.
 *
 * @param fold         the state, whose buffers are written; it is not reset
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_mix_scratch_len(pixels, cells)
 * @param coarse       the scores, mask by mask
 * @param coarse_len   clusters cells
 * @param weights      those of quell_mix_weights_f32() or of the host, pixel by pixel
 * @param weights_len  pixels cells
 * @param clusters     how many masks
 * @param cells        how many cells, at least 1
 * @param first_pixel  the pixel of the first weights
 * @param pixels       how many pixels
 */
QUELL_MUST_USE
quell_status quell_mix_scores_f64_u8(const struct quell_fold_f64_u8 *fold,
                                     double *scratch,
                                     size_t scratch_len,
                                     const double *coarse,
                                     size_t coarse_len,
                                     const double *weights,
                                     size_t weights_len,
                                     size_t clusters,
                                     size_t cells,
                                     size_t first_pixel,
                                     size_t pixels);

/**
 * Takes all masks into a fold, at some pixels; each cell belongs to the mask of its label.
 *
 * @param fold         the state, whose buffers are written; it is not reset
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_mix_scratch_len(pixels, cells)
 * @param coarse       the label of each cell, below clusters
 * @param coarse_len   how many, cells
 * @param weights      those of quell_mix_weights_f32() or of the host, pixel by pixel
 * @param weights_len  pixels cells
 * @param clusters     how many masks
 * @param cells        how many cells, at least 1
 * @param first_pixel  the pixel of the first weights
 * @param pixels       how many pixels
 */
QUELL_MUST_USE
quell_status quell_mix_labels_f64_u16(const struct quell_fold_f64_u16 *fold,
                                      double *scratch,
                                      size_t scratch_len,
                                      const uint16_t *coarse,
                                      size_t coarse_len,
                                      const double *weights,
                                      size_t weights_len,
                                      size_t clusters,
                                      size_t cells,
                                      size_t first_pixel,
                                      size_t pixels);

/**
 * Takes all masks into a fold, at some pixels; each mask has a score for each cell.
 *
 * @param fold         the state, whose buffers are written; it is not reset
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_mix_scratch_len(pixels, cells)
 * @param coarse       the scores, mask by mask
 * @param coarse_len   clusters cells
 * @param weights      those of quell_mix_weights_f32() or of the host, pixel by pixel
 * @param weights_len  pixels cells
 * @param clusters     how many masks
 * @param cells        how many cells, at least 1
 * @param first_pixel  the pixel of the first weights
 * @param pixels       how many pixels
 */
QUELL_MUST_USE
quell_status quell_mix_scores_f64_u16(const struct quell_fold_f64_u16 *fold,
                                      double *scratch,
                                      size_t scratch_len,
                                      const double *coarse,
                                      size_t coarse_len,
                                      const double *weights,
                                      size_t weights_len,
                                      size_t clusters,
                                      size_t cells,
                                      size_t first_pixel,
                                      size_t pixels);

/* ---- Correspondence: connected components ---- */

/**
 * The length of the scratch of quell_remove_small_u8(); SIZE_MAX when that overflows.
 *
 * @param height  how many rows of pixels
 * @param width   how many columns of pixels
 */
QUELL_MUST_USE size_t quell_remove_small_scratch_len(size_t height, size_t width);

/**
 * Counts the pixels of each component.
 *
 * @param areas           areas_len elements
 * @param areas_len       how many, at least as many as there are components
 * @param components      the number of each pixel's component: see quell_components_u8()
 * @param components_len  how many pixels
 */
QUELL_MUST_USE
quell_status quell_component_areas(uint32_t *areas,
                                   size_t areas_len,
                                   const uint32_t *components,
                                   size_t components_len);

/**
 * Numbers the connected components of equal labels from 0 on, in the order of their first pixels row by row.
 *
 * @param out           how many there are
 * @param components    the number of each pixel's component, n elements
 * @param labels        the label of each pixel, n elements, row by row
 * @param n             how many, height width, and no more than 32 bits count
 * @param height        how many rows of pixels
 * @param width         how many columns of pixels
 * @param connectivity  a quell_connectivity
 */
QUELL_MUST_USE
quell_status quell_components_u8(size_t *out,
                                 uint32_t *components,
                                 const uint8_t *labels,
                                 size_t n,
                                 size_t height,
                                 size_t width,
                                 int32_t connectivity);

/**
 * Gives each component of fewer than least pixels to the neighbour with which it shares most sides of
 * pixels, the smallest first; what grows to least pixels on the way stays.
 *
 * @param out           how many are given away
 * @param labels        the label of each pixel, n elements, row by row
 * @param n             how many, height width, and no more than 32 bits count
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_remove_small_scratch_len(height, width)
 * @param height        how many rows of pixels
 * @param width         how many columns of pixels
 * @param connectivity  a quell_connectivity
 * @param least         how many pixels are enough
 */
QUELL_MUST_USE
quell_status quell_remove_small_u8(size_t *out,
                                   uint8_t *labels,
                                   size_t n,
                                   uint32_t *scratch,
                                   size_t scratch_len,
                                   size_t height,
                                   size_t width,
                                   int32_t connectivity,
                                   size_t least);

/**
 * Numbers the connected components of equal labels from 0 on, in the order of their first pixels row by row.
 *
 * @param out           how many there are
 * @param components    the number of each pixel's component, n elements
 * @param labels        the label of each pixel, n elements, row by row
 * @param n             how many, height width, and no more than 32 bits count
 * @param height        how many rows of pixels
 * @param width         how many columns of pixels
 * @param connectivity  a quell_connectivity
 */
QUELL_MUST_USE
quell_status quell_components_u16(size_t *out,
                                  uint32_t *components,
                                  const uint16_t *labels,
                                  size_t n,
                                  size_t height,
                                  size_t width,
                                  int32_t connectivity);

/**
 * Gives each component of fewer than least pixels to the neighbour with which it shares most sides of
 * pixels, the smallest first; what grows to least pixels on the way stays.
 *
 * @param out           how many are given away
 * @param labels        the label of each pixel, n elements, row by row
 * @param n             how many, height width, and no more than 32 bits count
 * @param scratch       memory to work in
 * @param scratch_len   how much, at least quell_remove_small_scratch_len(height, width)
 * @param height        how many rows of pixels
 * @param width         how many columns of pixels
 * @param connectivity  a quell_connectivity
 * @param least         how many pixels are enough
 */
QUELL_MUST_USE
quell_status quell_remove_small_u16(size_t *out,
                                    uint16_t *labels,
                                    size_t n,
                                    uint32_t *scratch,
                                    size_t scratch_len,
                                    size_t height,
                                    size_t width,
                                    int32_t connectivity,
                                    size_t least);

/* ---- Correspondence: embeddings of masks ---- */

/**
 * Fills how much of each mask lies in each cell: the numbers of its pixels there, or the sums of the weights
 * with which they take their features from the cell.
 *
 * @param weights        weights_len elements, mask by mask
 * @param weights_len    clusters grid->rows grid->columns
 * @param labels         the label of each pixel, row by row, below clusters
 * @param labels_len     grid->height grid->width
 * @param grid           the cells over the image
 * @param clusters       how many masks, at least 1
 * @param interpolation  a quell_interpolation
 */
QUELL_MUST_USE
quell_status quell_cell_weights_f32_u8(float *weights,
                                       size_t weights_len,
                                       const uint8_t *labels,
                                       size_t labels_len,
                                       const struct quell_grid *grid,
                                       size_t clusters,
                                       int32_t interpolation);

/**
 * Fills how much of each mask lies in each cell: the numbers of its pixels there, or the sums of the weights
 * with which they take their features from the cell.
 *
 * @param weights        weights_len elements, mask by mask
 * @param weights_len    clusters grid->rows grid->columns
 * @param labels         the label of each pixel, row by row, below clusters
 * @param labels_len     grid->height grid->width
 * @param grid           the cells over the image
 * @param clusters       how many masks, at least 1
 * @param interpolation  a quell_interpolation
 */
QUELL_MUST_USE
quell_status quell_cell_weights_f32_u16(float *weights,
                                        size_t weights_len,
                                        const uint16_t *labels,
                                        size_t labels_len,
                                        const struct quell_grid *grid,
                                        size_t clusters,
                                        int32_t interpolation);

/**
 * Fills how much of each mask lies in each cell: the numbers of its pixels there, or the sums of the weights
 * with which they take their features from the cell.
 *
 * @param weights        weights_len elements, mask by mask
 * @param weights_len    clusters grid->rows grid->columns
 * @param labels         the label of each pixel, row by row, below clusters
 * @param labels_len     grid->height grid->width
 * @param grid           the cells over the image
 * @param clusters       how many masks, at least 1
 * @param interpolation  a quell_interpolation
 */
QUELL_MUST_USE
quell_status quell_cell_weights_f64_u8(double *weights,
                                       size_t weights_len,
                                       const uint8_t *labels,
                                       size_t labels_len,
                                       const struct quell_grid *grid,
                                       size_t clusters,
                                       int32_t interpolation);

/**
 * Fills how much of each mask lies in each cell: the numbers of its pixels there, or the sums of the weights
 * with which they take their features from the cell.
 *
 * @param weights        weights_len elements, mask by mask
 * @param weights_len    clusters grid->rows grid->columns
 * @param labels         the label of each pixel, row by row, below clusters
 * @param labels_len     grid->height grid->width
 * @param grid           the cells over the image
 * @param clusters       how many masks, at least 1
 * @param interpolation  a quell_interpolation
 */
QUELL_MUST_USE
quell_status quell_cell_weights_f64_u16(double *weights,
                                        size_t weights_len,
                                        const uint16_t *labels,
                                        size_t labels_len,
                                        const struct quell_grid *grid,
                                        size_t clusters,
                                        int32_t interpolation);

/**
 * Fills each mask's embedding: the mean of the features of the cells by its weights; zeros without weight.
 *
 * @param embeddings      embeddings_len elements, mask by mask
 * @param embeddings_len  clusters dimension
 * @param weights         those of quell_cell_weights_f32_u8() or others, not negative, mask by mask
 * @param weights_len     clusters cells
 * @param features        the features of the cells, one cell after the other
 * @param features_len    cells dimension
 * @param clusters        how many masks, at least 1
 * @param dimension       the elements of a cell's features, at least 1
 */
QUELL_MUST_USE
quell_status quell_mask_embeddings_f32(double *embeddings,
                                       size_t embeddings_len,
                                       const float *weights,
                                       size_t weights_len,
                                       const float *features,
                                       size_t features_len,
                                       size_t clusters,
                                       size_t dimension);

/**
 * Fills each mask's embedding: the mean of the features of the cells by its weights; zeros without weight.
 *
 * @param embeddings      embeddings_len elements, mask by mask
 * @param embeddings_len  clusters dimension
 * @param weights         those of quell_cell_weights_f32_u8() or others, not negative, mask by mask
 * @param weights_len     clusters cells
 * @param features        the features of the cells, one cell after the other
 * @param features_len    cells dimension
 * @param clusters        how many masks, at least 1
 * @param dimension       the elements of a cell's features, at least 1
 */
QUELL_MUST_USE
quell_status quell_mask_embeddings_f64(double *embeddings,
                                       size_t embeddings_len,
                                       const double *weights,
                                       size_t weights_len,
                                       const double *features,
                                       size_t features_len,
                                       size_t clusters,
                                       size_t dimension);

/**
 * Fills each mask's embedding: the mean of the features of the cells by its weights; zeros without weight.
 *
 * @param embeddings      embeddings_len elements, mask by mask
 * @param embeddings_len  clusters dimension
 * @param weights         those of quell_cell_weights_f32_u8() or others, not negative, mask by mask
 * @param weights_len     clusters cells
 * @param features        the features of the cells, one cell after the other
 * @param features_len    cells dimension
 * @param clusters        how many masks, at least 1
 * @param dimension       the elements of a cell's features, at least 1
 */
QUELL_MUST_USE
quell_status quell_mask_embeddings_f16(double *embeddings,
                                       size_t embeddings_len,
                                       const float *weights,
                                       size_t weights_len,
                                       const uint16_t *features,
                                       size_t features_len,
                                       size_t clusters,
                                       size_t dimension);

/**
 * Fills each mask's embedding: the mean of the features of the cells by its weights; zeros without weight.
 *
 * @param embeddings      embeddings_len elements, mask by mask
 * @param embeddings_len  clusters dimension
 * @param weights         those of quell_cell_weights_f32_u8() or others, not negative, mask by mask
 * @param weights_len     clusters cells
 * @param features        the features of the cells, one cell after the other
 * @param features_len    cells dimension
 * @param clusters        how many masks, at least 1
 * @param dimension       the elements of a cell's features, at least 1
 */
QUELL_MUST_USE
quell_status quell_mask_embeddings_bf16(double *embeddings,
                                        size_t embeddings_len,
                                        const float *weights,
                                        size_t weights_len,
                                        const uint16_t *features,
                                        size_t features_len,
                                        size_t clusters,
                                        size_t dimension);

/* ---- Correspondence: how good a segmentation is ---- */

/**
 * Adds the pixels of a map to a table: how many pixels of each class, by row, have each label, by column.
 *
 * @param confusion      confusion_len elements; zeros for a start
 * @param confusion_len  classes clusters
 * @param truth          the true class of each pixel, n elements, below classes or ignored
 * @param labels         the label of each pixel, n elements, below clusters where the truth is not ignored
 * @param n              how many pixels
 * @param classes        how many classes, at least 1
 * @param clusters       how many labels, at least 1
 * @param ignore         the true label that is left out; SIZE_MAX for none
 */
QUELL_MUST_USE
quell_status quell_confusion_count_u8_u8(uint64_t *confusion,
                                         size_t confusion_len,
                                         const uint8_t *truth,
                                         const uint8_t *labels,
                                         size_t n,
                                         size_t classes,
                                         size_t clusters,
                                         size_t ignore);

/**
 * Adds the pixels of a map to a table: how many pixels of each class, by row, have each label, by column.
 *
 * @param confusion      confusion_len elements; zeros for a start
 * @param confusion_len  classes clusters
 * @param truth          the true class of each pixel, n elements, below classes or ignored
 * @param labels         the label of each pixel, n elements, below clusters where the truth is not ignored
 * @param n              how many pixels
 * @param classes        how many classes, at least 1
 * @param clusters       how many labels, at least 1
 * @param ignore         the true label that is left out; SIZE_MAX for none
 */
QUELL_MUST_USE
quell_status quell_confusion_count_u8_u16(uint64_t *confusion,
                                          size_t confusion_len,
                                          const uint8_t *truth,
                                          const uint16_t *labels,
                                          size_t n,
                                          size_t classes,
                                          size_t clusters,
                                          size_t ignore);

/**
 * Adds the pixels of a map to a table: how many pixels of each class, by row, have each label, by column.
 *
 * @param confusion      confusion_len elements; zeros for a start
 * @param confusion_len  classes clusters
 * @param truth          the true class of each pixel, n elements, below classes or ignored
 * @param labels         the label of each pixel, n elements, below clusters where the truth is not ignored
 * @param n              how many pixels
 * @param classes        how many classes, at least 1
 * @param clusters       how many labels, at least 1
 * @param ignore         the true label that is left out; SIZE_MAX for none
 */
QUELL_MUST_USE
quell_status quell_confusion_count_u16_u8(uint64_t *confusion,
                                          size_t confusion_len,
                                          const uint16_t *truth,
                                          const uint8_t *labels,
                                          size_t n,
                                          size_t classes,
                                          size_t clusters,
                                          size_t ignore);

/**
 * Adds the pixels of a map to a table: how many pixels of each class, by row, have each label, by column.
 *
 * @param confusion      confusion_len elements; zeros for a start
 * @param confusion_len  classes clusters
 * @param truth          the true class of each pixel, n elements, below classes or ignored
 * @param labels         the label of each pixel, n elements, below clusters where the truth is not ignored
 * @param n              how many pixels
 * @param classes        how many classes, at least 1
 * @param clusters       how many labels, at least 1
 * @param ignore         the true label that is left out; SIZE_MAX for none
 */
QUELL_MUST_USE
quell_status quell_confusion_count_u16_u16(uint64_t *confusion,
                                           size_t confusion_len,
                                           const uint16_t *truth,
                                           const uint16_t *labels,
                                           size_t n,
                                           size_t classes,
                                           size_t clusters,
                                           size_t ignore);

/**
 * Adds a table of clusters to one of classes, by the class that each cluster stands for: how images whose masks have
 * nothing in common add up.
 *
 * @param sums           sums_len elements, zeros for a start; the last column is for clusters without a class
 * @param sums_len       classes (classes + 1)
 * @param confusion      the table of clusters
 * @param confusion_len  classes clusters
 * @param class_of       the class of each cluster, or QUELL_UNMATCHED
 * @param clusters       how many clusters, at least 1
 * @param classes        how many classes, at least 1
 */
QUELL_MUST_USE
quell_status quell_confusion_add_classified(uint64_t *sums,
                                            size_t sums_len,
                                            const uint64_t *confusion,
                                            size_t confusion_len,
                                            const uint32_t *class_of,
                                            size_t clusters,
                                            size_t classes);

/**
 * The length of the scratch of quell_assignment_solve() and, for clusters and classes, of
 * quell_assignment_match_clusters(); SIZE_MAX when that overflows.
 *
 * @param rows     the rows of the table, or the clusters
 * @param columns  its columns, or the classes
 */
QUELL_MUST_USE size_t quell_assignment_scratch_len(size_t rows, size_t columns);

/**
 * The length of their index scratch; SIZE_MAX when that overflows.
 *
 * @param rows     the rows of the table, or the clusters
 * @param columns  its columns, or the classes
 */
QUELL_MUST_USE size_t quell_assignment_index_scratch_len(size_t rows, size_t columns);

/**
 * Gives each row of a table a column of its own so that the sum of the costs is least, or greatest. In a table with
 * more rows than columns some rows go without.
 *
 * @param out                the sum
 * @param assignment         the column of each row, or QUELL_UNMATCHED; rows elements
 * @param rows               how many rows
 * @param scratch            memory to work in
 * @param scratch_len        how much, at least quell_assignment_scratch_len(rows, columns)
 * @param index_scratch      memory to work in
 * @param index_scratch_len  how much, at least quell_assignment_index_scratch_len(rows, columns)
 * @param costs              the table, row by row: finite, of magnitudes up to 1e150
 * @param costs_len          rows columns
 * @param columns            how many columns
 * @param objective          a quell_objective
 */
QUELL_MUST_USE
quell_status quell_assignment_solve(double *out,
                                    uint32_t *assignment,
                                    size_t rows,
                                    double *scratch,
                                    size_t scratch_len,
                                    uint32_t *index_scratch,
                                    size_t index_scratch_len,
                                    const double *costs,
                                    size_t costs_len,
                                    size_t columns,
                                    int32_t objective);

/**
 * Matches clusters with classes one to one so that as many pixels as possible are right: Hungarian matching.
 *
 * @param class_of           the class of each cluster, or QUELL_UNMATCHED; clusters elements
 * @param clusters           how many clusters, at least 1
 * @param scratch            memory to work in
 * @param scratch_len        how much, at least quell_assignment_scratch_len(clusters, classes)
 * @param index_scratch      memory to work in
 * @param index_scratch_len  how much, at least quell_assignment_index_scratch_len(clusters, classes)
 * @param confusion          how many pixels of each class, by row, have each label, by column
 * @param confusion_len      classes clusters
 * @param classes            how many classes, at least 1
 */
QUELL_MUST_USE
quell_status quell_assignment_match_clusters(uint32_t *class_of,
                                             size_t clusters,
                                             double *scratch,
                                             size_t scratch_len,
                                             uint32_t *index_scratch,
                                             size_t index_scratch_len,
                                             const uint64_t *confusion,
                                             size_t confusion_len,
                                             size_t classes);

/**
 * Gives each cluster the class that most of its pixels have, the lowest of several; none without a pixel.
 *
 * @param class_of       the class of each cluster, or QUELL_UNMATCHED; clusters elements
 * @param clusters       how many clusters, at least 1
 * @param confusion      how many pixels of each class, by row, have each label, by column
 * @param confusion_len  classes clusters
 * @param classes        how many classes, at least 1
 */
QUELL_MUST_USE
quell_status quell_assignment_majority(uint32_t *class_of,
                                       size_t clusters,
                                       const uint64_t *confusion,
                                       size_t confusion_len,
                                       size_t classes);

/**
 * Fills each class's intersection over union, NaN for a class that neither the truth nor the prediction has.
 *
 * @param out            the mean over classes, and the share of pixels that are right
 * @param iou            classes elements
 * @param classes        how many classes, at least 1
 * @param confusion      how many pixels of each class, by row, have each label, by column
 * @param confusion_len  classes clusters
 * @param class_of       the class of each cluster, or QUELL_UNMATCHED, clusters elements; NULL where label c is class c
 * @param clusters       how many labels, at least 1
 */
QUELL_MUST_USE
quell_status quell_iou(struct quell_iou_summary *out,
                       double *iou,
                       size_t classes,
                       const uint64_t *confusion,
                       size_t confusion_len,
                       const uint32_t *class_of,
                       size_t clusters);

/**
 * The length of the scratch of quell_boundaries_count_u8_u8(); SIZE_MAX when that overflows.
 *
 * @param height  how many rows of pixels
 * @param width   how many columns of pixels
 */
QUELL_MUST_USE size_t quell_boundaries_scratch_len(size_t height, size_t width);

/**
 * Counts the boundary pixels of two maps, and how many of them lie near one of the other map's. A pixel is on a
 * boundary if the pixel on its left or the one above has another label, and neither is ignored.
 *
 * @param out          the counts
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_boundaries_scratch_len(height, width)
 * @param truth        the true class of each pixel, n elements, row by row
 * @param labels       the label of each pixel, n elements, row by row
 * @param n            how many, height width
 * @param height       how many rows of pixels
 * @param width        how many columns of pixels
 * @param ignore       the true label that is left out; SIZE_MAX for none
 * @param distance     how far from centre to centre is near, in pixels; finite and not negative
 */
QUELL_MUST_USE
quell_status quell_boundaries_count_u8_u8(struct quell_boundaries *out,
                                          uint32_t *scratch,
                                          size_t scratch_len,
                                          const uint8_t *truth,
                                          const uint8_t *labels,
                                          size_t n,
                                          size_t height,
                                          size_t width,
                                          size_t ignore,
                                          double distance);

/**
 * Counts the boundary pixels of two maps, and how many of them lie near one of the other map's. A pixel is on a
 * boundary if the pixel on its left or the one above has another label, and neither is ignored.
 *
 * @param out          the counts
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_boundaries_scratch_len(height, width)
 * @param truth        the true class of each pixel, n elements, row by row
 * @param labels       the label of each pixel, n elements, row by row
 * @param n            how many, height width
 * @param height       how many rows of pixels
 * @param width        how many columns of pixels
 * @param ignore       the true label that is left out; SIZE_MAX for none
 * @param distance     how far from centre to centre is near, in pixels; finite and not negative
 */
QUELL_MUST_USE
quell_status quell_boundaries_count_u8_u16(struct quell_boundaries *out,
                                           uint32_t *scratch,
                                           size_t scratch_len,
                                           const uint8_t *truth,
                                           const uint16_t *labels,
                                           size_t n,
                                           size_t height,
                                           size_t width,
                                           size_t ignore,
                                           double distance);

/**
 * Counts the boundary pixels of two maps, and how many of them lie near one of the other map's. A pixel is on a
 * boundary if the pixel on its left or the one above has another label, and neither is ignored.
 *
 * @param out          the counts
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_boundaries_scratch_len(height, width)
 * @param truth        the true class of each pixel, n elements, row by row
 * @param labels       the label of each pixel, n elements, row by row
 * @param n            how many, height width
 * @param height       how many rows of pixels
 * @param width        how many columns of pixels
 * @param ignore       the true label that is left out; SIZE_MAX for none
 * @param distance     how far from centre to centre is near, in pixels; finite and not negative
 */
QUELL_MUST_USE
quell_status quell_boundaries_count_u16_u8(struct quell_boundaries *out,
                                           uint32_t *scratch,
                                           size_t scratch_len,
                                           const uint16_t *truth,
                                           const uint8_t *labels,
                                           size_t n,
                                           size_t height,
                                           size_t width,
                                           size_t ignore,
                                           double distance);

/**
 * Counts the boundary pixels of two maps, and how many of them lie near one of the other map's. A pixel is on a
 * boundary if the pixel on its left or the one above has another label, and neither is ignored.
 *
 * @param out          the counts
 * @param scratch      memory to work in
 * @param scratch_len  how much, at least quell_boundaries_scratch_len(height, width)
 * @param truth        the true class of each pixel, n elements, row by row
 * @param labels       the label of each pixel, n elements, row by row
 * @param n            how many, height width
 * @param height       how many rows of pixels
 * @param width        how many columns of pixels
 * @param ignore       the true label that is left out; SIZE_MAX for none
 * @param distance     how far from centre to centre is near, in pixels; finite and not negative
 */
QUELL_MUST_USE
quell_status quell_boundaries_count_u16_u16(struct quell_boundaries *out,
                                            uint32_t *scratch,
                                            size_t scratch_len,
                                            const uint16_t *truth,
                                            const uint16_t *labels,
                                            size_t n,
                                            size_t height,
                                            size_t width,
                                            size_t ignore,
                                            double distance);

/**
 * Adds the pixels of another image.
 *
 * @param boundaries  the counts; all zeros for a start
 * @param other       those of the image
 */
QUELL_MUST_USE
quell_status quell_boundaries_merge(struct quell_boundaries *boundaries,
                                    const struct quell_boundaries *other);

/**
 * The share of the truth's boundary that the labels have nearby; NaN where the truth has none.
 *
 * @param out         the recall
 * @param boundaries  the counts
 */
QUELL_MUST_USE quell_status quell_boundaries_recall(double *out, const struct quell_boundaries *boundaries);

/**
 * The share of the labels' boundary that the truth has nearby; NaN where the labels have none.
 *
 * @param out         the precision
 * @param boundaries  the counts
 */
QUELL_MUST_USE
quell_status quell_boundaries_precision(double *out,
                                        const struct quell_boundaries *boundaries);

/**
 * The harmonic mean of recall and precision: 0 where nothing is found, NaN where neither map has a boundary.
 *
 * @param out         the score
 * @param boundaries  the counts
 */
QUELL_MUST_USE quell_status quell_boundaries_f(double *out, const struct quell_boundaries *boundaries);

/**
 * Fills the concepts, the mean feature of each class's pixels; NaN for a class without a pixel.
 *
 * @param concepts      concepts_len elements, class by class
 * @param concepts_len  classes dimension
 * @param sums          those of quell_concepts_add_f32()
 * @param sums_len      classes dimension
 * @param pixels        the number of pixels of each class
 * @param classes       how many classes
 * @param dimension     the elements of a concept, at least 1
 */
QUELL_MUST_USE
quell_status quell_concepts_from_sums(double *concepts,
                                      size_t concepts_len,
                                      const double *sums,
                                      size_t sums_len,
                                      const uint64_t *pixels,
                                      size_t classes,
                                      size_t dimension);

/**
 * Adds the masks of an image to the sums of features of the classes, and their pixels to the numbers of
 * pixels: every pixel of a mask has the mask's embedding.
 *
 * @param sums            sums_len elements, class by class; zeros for a start
 * @param sums_len        classes dimension
 * @param pixels          the number of pixels of each class; zeros for a start
 * @param classes         how many classes, at least 1
 * @param confusion       how many pixels of each class, by row, are in each mask, by column
 * @param confusion_len   classes clusters
 * @param embeddings      the masks' embeddings, one after the other; finite, of magnitudes up to 1e150
 * @param embeddings_len  clusters dimension
 * @param clusters        how many masks, at least 1
 * @param dimension       the elements of an embedding, at least 1
 */
QUELL_MUST_USE
quell_status quell_concepts_add_f32(double *sums,
                                    size_t sums_len,
                                    uint64_t *pixels,
                                    size_t classes,
                                    const uint64_t *confusion,
                                    size_t confusion_len,
                                    const float *embeddings,
                                    size_t embeddings_len,
                                    size_t clusters,
                                    size_t dimension);

/**
 * Gives each embedding the class of the nearest concept, the lowest of equally near ones; none by
 * QUELL_METRIC_COSINE for an embedding of zeros, and none where no class has a concept.
 *
 * @param class_of        the class of each embedding, or QUELL_UNMATCHED
 * @param clusters        how many embeddings
 * @param embeddings      one after the other; finite, of magnitudes up to 1e150
 * @param embeddings_len  clusters dimension
 * @param concepts        class by class; a class whose first element is NaN has none
 * @param concepts_len    classes dimension
 * @param dimension       the elements of an embedding, at least 1
 * @param metric          a quell_metric
 */
QUELL_MUST_USE
quell_status quell_concepts_classify_f32(uint32_t *class_of,
                                         size_t clusters,
                                         const float *embeddings,
                                         size_t embeddings_len,
                                         const double *concepts,
                                         size_t concepts_len,
                                         size_t dimension,
                                         int32_t metric);

/**
 * Adds the masks of an image to the sums of features of the classes, and their pixels to the numbers of
 * pixels: every pixel of a mask has the mask's embedding.
 *
 * @param sums            sums_len elements, class by class; zeros for a start
 * @param sums_len        classes dimension
 * @param pixels          the number of pixels of each class; zeros for a start
 * @param classes         how many classes, at least 1
 * @param confusion       how many pixels of each class, by row, are in each mask, by column
 * @param confusion_len   classes clusters
 * @param embeddings      the masks' embeddings, one after the other; finite, of magnitudes up to 1e150
 * @param embeddings_len  clusters dimension
 * @param clusters        how many masks, at least 1
 * @param dimension       the elements of an embedding, at least 1
 */
QUELL_MUST_USE
quell_status quell_concepts_add_f64(double *sums,
                                    size_t sums_len,
                                    uint64_t *pixels,
                                    size_t classes,
                                    const uint64_t *confusion,
                                    size_t confusion_len,
                                    const double *embeddings,
                                    size_t embeddings_len,
                                    size_t clusters,
                                    size_t dimension);

/**
 * Gives each embedding the class of the nearest concept, the lowest of equally near ones; none by
 * QUELL_METRIC_COSINE for an embedding of zeros, and none where no class has a concept.
 *
 * @param class_of        the class of each embedding, or QUELL_UNMATCHED
 * @param clusters        how many embeddings
 * @param embeddings      one after the other; finite, of magnitudes up to 1e150
 * @param embeddings_len  clusters dimension
 * @param concepts        class by class; a class whose first element is NaN has none
 * @param concepts_len    classes dimension
 * @param dimension       the elements of an embedding, at least 1
 * @param metric          a quell_metric
 */
QUELL_MUST_USE
quell_status quell_concepts_classify_f64(uint32_t *class_of,
                                         size_t clusters,
                                         const double *embeddings,
                                         size_t embeddings_len,
                                         const double *concepts,
                                         size_t concepts_len,
                                         size_t dimension,
                                         int32_t metric);

/**
 * Adds the masks of an image to the sums of features of the classes, and their pixels to the numbers of
 * pixels: every pixel of a mask has the mask's embedding.
 *
 * @param sums            sums_len elements, class by class; zeros for a start
 * @param sums_len        classes dimension
 * @param pixels          the number of pixels of each class; zeros for a start
 * @param classes         how many classes, at least 1
 * @param confusion       how many pixels of each class, by row, are in each mask, by column
 * @param confusion_len   classes clusters
 * @param embeddings      the masks' embeddings, one after the other; finite, of magnitudes up to 1e150
 * @param embeddings_len  clusters dimension
 * @param clusters        how many masks, at least 1
 * @param dimension       the elements of an embedding, at least 1
 */
QUELL_MUST_USE
quell_status quell_concepts_add_f16(double *sums,
                                    size_t sums_len,
                                    uint64_t *pixels,
                                    size_t classes,
                                    const uint64_t *confusion,
                                    size_t confusion_len,
                                    const uint16_t *embeddings,
                                    size_t embeddings_len,
                                    size_t clusters,
                                    size_t dimension);

/**
 * Gives each embedding the class of the nearest concept, the lowest of equally near ones; none by
 * QUELL_METRIC_COSINE for an embedding of zeros, and none where no class has a concept.
 *
 * @param class_of        the class of each embedding, or QUELL_UNMATCHED
 * @param clusters        how many embeddings
 * @param embeddings      one after the other; finite, of magnitudes up to 1e150
 * @param embeddings_len  clusters dimension
 * @param concepts        class by class; a class whose first element is NaN has none
 * @param concepts_len    classes dimension
 * @param dimension       the elements of an embedding, at least 1
 * @param metric          a quell_metric
 */
QUELL_MUST_USE
quell_status quell_concepts_classify_f16(uint32_t *class_of,
                                         size_t clusters,
                                         const uint16_t *embeddings,
                                         size_t embeddings_len,
                                         const double *concepts,
                                         size_t concepts_len,
                                         size_t dimension,
                                         int32_t metric);

/**
 * Adds the masks of an image to the sums of features of the classes, and their pixels to the numbers of
 * pixels: every pixel of a mask has the mask's embedding.
 *
 * @param sums            sums_len elements, class by class; zeros for a start
 * @param sums_len        classes dimension
 * @param pixels          the number of pixels of each class; zeros for a start
 * @param classes         how many classes, at least 1
 * @param confusion       how many pixels of each class, by row, are in each mask, by column
 * @param confusion_len   classes clusters
 * @param embeddings      the masks' embeddings, one after the other; finite, of magnitudes up to 1e150
 * @param embeddings_len  clusters dimension
 * @param clusters        how many masks, at least 1
 * @param dimension       the elements of an embedding, at least 1
 */
QUELL_MUST_USE
quell_status quell_concepts_add_bf16(double *sums,
                                     size_t sums_len,
                                     uint64_t *pixels,
                                     size_t classes,
                                     const uint64_t *confusion,
                                     size_t confusion_len,
                                     const uint16_t *embeddings,
                                     size_t embeddings_len,
                                     size_t clusters,
                                     size_t dimension);

/**
 * Gives each embedding the class of the nearest concept, the lowest of equally near ones; none by
 * QUELL_METRIC_COSINE for an embedding of zeros, and none where no class has a concept.
 *
 * @param class_of        the class of each embedding, or QUELL_UNMATCHED
 * @param clusters        how many embeddings
 * @param embeddings      one after the other; finite, of magnitudes up to 1e150
 * @param embeddings_len  clusters dimension
 * @param concepts        class by class; a class whose first element is NaN has none
 * @param concepts_len    classes dimension
 * @param dimension       the elements of an embedding, at least 1
 * @param metric          a quell_metric
 */
QUELL_MUST_USE
quell_status quell_concepts_classify_bf16(uint32_t *class_of,
                                          size_t clusters,
                                          const uint16_t *embeddings,
                                          size_t embeddings_len,
                                          const double *concepts,
                                          size_t concepts_len,
                                          size_t dimension,
                                          int32_t metric);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* QUELL_H */
