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
