/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The network is a stand-in made of the library's own functions, so that no floating-point arithmetic is done in C and
 * no compiler option for it can change a bit: model = clip(a * input + b * pattern).
 */
#include "golden.h"

#include <quell.h>
#include <string.h>

enum { ITEMS = 2, TRAIN = 60, STEPS = 8, BYTES = 1056 };

enum solver { DDIM, EULER_ANCESTRAL, HEUN, DPMPP_2M, SDE_DPMPP_2M, UNIPC, ER_SDE };
enum noise { VP_DISCRETE, VP_ZERO_TERMINAL, VP_LINEAR, VP_COSINE, EDM, VE, FLOW };
enum spacing { KARRAS, EXPONENTIAL, ARCTAN, ALIGN_YOUR_STEPS, SPACED, SHIFTED };
enum type { F32, F64, F16, BF16, F32_F16, F32_BF16 };

/* What a run does beside sampling. */
enum extra {
    PLAIN = 0,
    GUIDED = 1,      /* classifier-free guidance within the pass */
    MASKED = 2,      /* inpainting, the known sample's noise drawn from the seeds */
    CLIPPED = 4,     /* a clipped estimate of the clean sample beside the output */
    PER_ITEM = 8,    /* each item has its own steps */
    RESCALED = 16,   /* the output's deviation is rescaled */
    THRESHOLDED = 32 /* dynamic thresholding of the output */
};

struct golden {
    enum solver solver;
    enum noise noise;
    enum spacing spacing;
    enum quell_last last;
    enum quell_prediction_kind prediction;
    enum type type;
    int extras;
    size_t item; /* elements of an item: odd, and for 32 bits more than the library works on at a time */
};

static const struct golden RUNS[QUELL_GOLDEN_CASES] = {
    {DPMPP_2M, EDM, KARRAS, QUELL_LAST_ZERO, QUELL_PREDICTION_KIND_EDM, F32, PLAIN, 131},
    {SDE_DPMPP_2M, VP_DISCRETE, SPACED, QUELL_LAST_ZERO, QUELL_PREDICTION_KIND_EPSILON, F32_F16, GUIDED, 131},
    {DDIM, VP_LINEAR, ARCTAN, QUELL_LAST_SIGMA_MIN, QUELL_PREDICTION_KIND_V, F64, CLIPPED, 65},
    {EULER_ANCESTRAL, FLOW, SHIFTED, QUELL_LAST_ZERO, QUELL_PREDICTION_KIND_FLOW, F16, THRESHOLDED, 131},
    {HEUN, EDM, EXPONENTIAL, QUELL_LAST_ZERO, QUELL_PREDICTION_KIND_SAMPLE, BF16, PLAIN, 131},
    {UNIPC, VP_COSINE, EXPONENTIAL, QUELL_LAST_SIGMA_MIN, QUELL_PREDICTION_KIND_V, F32_BF16, RESCALED, 131},
    {EULER_ANCESTRAL, VE, ALIGN_YOUR_STEPS, QUELL_LAST_ZERO, QUELL_PREDICTION_KIND_EPSILON, F32, MASKED | GUIDED, 131},
    {DDIM, VP_ZERO_TERMINAL, SPACED, QUELL_LAST_ZERO, QUELL_PREDICTION_KIND_V, F32, PER_ITEM | CLIPPED, 131},
    {UNIPC, EDM, KARRAS, QUELL_LAST_SIGMA_MIN, QUELL_PREDICTION_KIND_EDM_V, F64, PLAIN, 65},
    {ER_SDE, VP_LINEAR, KARRAS, QUELL_LAST_ZERO, QUELL_PREDICTION_KIND_V, F32, PLAIN, 131},
};

static const uint64_t SEEDS[ITEMS] = {UINT64_C(0x0123456789abcdef), UINT64_C(42)};

union elements {
    float f32[BYTES / 4];
    double f64[BYTES / 8];
    uint16_t bits[BYTES / 2];
};

static struct {
    union elements x, history[QUELL_UNIPC_SLOTS], input, model, pattern, known;
    float mask[BYTES / 8];
    double alpha_bars[TRAIN];
    double sigmas[STEPS + 1];
    struct quell_level levels[STEPS + 1];
    struct quell_step steps[ITEMS];
} memory;

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 29);
}

/* Element by element, so that the order of an element's bytes does not matter. */
static uint64_t mix_elements(uint64_t hash, const void *elements, size_t n, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)elements;
    for (size_t i = 0; i < n; ++i) {
        uint16_t word16;
        uint32_t word32;
        uint64_t word64;
        switch (size) {
        case 2:
            memcpy(&word16, bytes + i * size, size);
            word64 = word16;
            break;
        case 4:
            memcpy(&word32, bytes + i * size, size);
            word64 = word32;
            break;
        default:
            memcpy(&word64, bytes + i * size, size);
        }
        hash = mix(hash, word64);
    }
    return hash;
}

/* The process of a run; 0 on failure. */
static int set_process(struct quell_process *process, const struct golden *run)
{
    memset(process, 0, sizeof *process);
    process->alpha_bars = memory.alpha_bars;
    process->alpha_bars_len = TRAIN;
    process->offset = 0.008;
    process->epsilon = 0.001;
    process->sigma_data = 0.5;
    process->time_scale = 1000.0;
    switch (run->noise) {
    case VP_DISCRETE:
    case VP_ZERO_TERMINAL:
        process->kind = QUELL_PROCESS_KIND_VP_DISCRETE;
        return quell_betas_scaled_linear(memory.model.f64, TRAIN, 0.01, 0.2) == 0
            && quell_alpha_bars_from_betas(memory.alpha_bars, TRAIN, memory.model.f64, TRAIN) == 0
            && (run->noise == VP_DISCRETE || quell_rescale_zero_terminal_snr(memory.alpha_bars, TRAIN) == 0);
    case VP_LINEAR:
        return quell_vp_linear_from_sigma_range(process, 0.002, 80.0, 0.001) == 0;
    case VP_COSINE:
        process->kind = QUELL_PROCESS_KIND_VP_COSINE;
        return 1;
    case EDM:
        process->kind = QUELL_PROCESS_KIND_EDM;
        return 1;
    case VE:
        process->kind = QUELL_PROCESS_KIND_VE;
        return 1;
    default:
        process->kind = QUELL_PROCESS_KIND_FLOW;
        return 1;
    }
}

/* The levels of a run; 0 on failure. */
static int set_levels(const struct quell_process *process, const struct golden *run)
{
    double mu;
    int done = 0;
    switch (run->spacing) {
    case KARRAS:
        done = quell_sigmas_karras(memory.sigmas, STEPS + 1, 0.02, 20.0, 7.0, run->last) == 0;
        break;
    case EXPONENTIAL:
        done = quell_sigmas_exponential(memory.sigmas, STEPS + 1, 0.02, 20.0, run->last) == 0;
        break;
    case ARCTAN:
        done = quell_sigmas_arctan(memory.sigmas, STEPS + 1, 0.02, 20.0, 0.5, run->last) == 0;
        break;
    case ALIGN_YOUR_STEPS:
        done = quell_sigmas_align_your_steps(memory.sigmas, STEPS + 1, QUELL_ALIGN_YOUR_STEPS_STABLE_DIFFUSION15,
                                             run->last) == 0;
        break;
    case SPACED:
        return quell_timesteps_spaced(memory.sigmas, STEPS, TRAIN, QUELL_SPACING_TRAILING, 0) == 0
            && quell_levels_from_timesteps(memory.levels, STEPS + 1, process, memory.sigmas, STEPS, run->last) == 0;
    case SHIFTED:
        done = quell_timesteps_continuous(memory.sigmas, STEPS + 1, 0.0, 1.0, 1.0) == 0
            && quell_flow_mu(&mu, 1024, 0.5, 1.15) == 0
            && quell_flow_shift_dynamic(memory.sigmas, STEPS + 1, mu, QUELL_SHIFT_KIND_EXPONENTIAL) == 0;
        break;
    }
    return done && quell_levels_from_sigmas(memory.levels, STEPS + 1, process, memory.sigmas, STEPS + 1) == 0;
}

/* The usual options, some of them set, then either the number of passes or one of the steps. */
#define SOLVE(NAME, SET)                                                                                             \
    do {                                                                                                             \
        struct quell_##NAME options;                                                                                 \
        if (quell_##NAME##_default(&options) != 0)                                                                   \
            return 0;                                                                                                \
        SET;                                                                                                         \
        if (passes != NULL)                                                                                          \
            return quell_##NAME##_passes(passes, &options, schedule) == 0;                                           \
        return quell_##NAME##_step(step, &options, schedule, index) == 0;                                            \
    } while (0)

/* The number of passes where it is asked for, else the step of one item; 0 on failure. */
static int solve(size_t *passes, struct quell_step *step, const struct golden *run,
                 const struct quell_schedule *schedule, size_t index, size_t item)
{
    switch (run->solver) {
    case DDIM:
        SOLVE(ddim, options.eta = item == 0 ? 1.0 : 0.5);
    case EULER_ANCESTRAL:
        SOLVE(euler_ancestral, options.eta = 1.0);
    case HEUN:
        SOLVE(heun, options.s_churn = 4.0);
    case DPMPP_2M:
        SOLVE(dpmpp_2m, options.second_order = QUELL_SECOND_ORDER_HEUN);
    case SDE_DPMPP_2M:
        SOLVE(sde_dpmpp_2m, options.eta = 1.0);
    case UNIPC:
        SOLVE(unipc, options.order = 3);
    case ER_SDE:
        SOLVE(er_sde, options.points = 10);
    }
    return 0;
}

/* The functions of one pair of element types: a pass over the static buffers, and the stand-in for the network. */
#define GOLDEN_TYPE(SUFFIX, XS, MS, X_BUFFER, M_BUFFER)                                                              \
    static int pass_##SUFFIX(const struct golden *run, size_t steps_len, int evaluated)                              \
    {                                                                                                                \
        const size_t n = ITEMS * run->item;                                                                          \
        const int clipped = evaluated && (run->extras & CLIPPED) != 0;                                               \
        struct quell_inputs_##SUFFIX inputs;                                                                         \
        memset(&inputs, 0, sizeof inputs);                                                                           \
        if (evaluated) {                                                                                             \
            inputs.model = memory.model.M_BUFFER;                                                                    \
            inputs.unconditional = (run->extras & GUIDED) != 0 ? memory.pattern.M_BUFFER : NULL;                     \
            inputs.guidance = 1.5;                                                                                   \
        }                                                                                                            \
        inputs.seeds = SEEDS;                                                                                        \
        inputs.seeds_len = ITEMS;                                                                                    \
        inputs.known_stream = 1;                                                                                     \
        inputs.first_element = 3;                                                                                    \
        if (clipped) { /* a run that clips keeps no history, and borrows its memory */                               \
            if (quell_denoise_##SUFFIX(memory.history[0].X_BUFFER, memory.x.X_BUFFER, inputs.model,                  \
                                       inputs.unconditional, n, memory.steps, steps_len, 1.5) != 0                   \
                || quell_clip_##XS(memory.history[0].X_BUFFER, n, 0.75) != 0)                                        \
                return 0;                                                                                            \
            inputs.denoised = memory.history[0].X_BUFFER;                                                            \
        }                                                                                                            \
        if (evaluated && (run->extras & MASKED) != 0)                                                                \
            mask_##XS(&inputs.mask, &inputs.known, &inputs.mask_len, run->item);                                     \
        return quell_apply_##SUFFIX(memory.x.X_BUFFER, n, clipped ? NULL : memory.history[0].X_BUFFER,               \
                                    clipped ? 0 : sizeof memory.history / (sizeof memory.history[0].X_BUFFER[0]),      \
                                    memory.input.M_BUFFER, &inputs, memory.steps, steps_len) == 0;                   \
    }                                                                                                                \
    static int network_##SUFFIX(const struct golden *run)                                                            \
    {                                                                                                                \
        static const struct quell_linear mixture = {0.375, 0.625};                                                   \
        const size_t n = ITEMS * run->item;                                                                          \
        int done = quell_linear_apply_##MS(memory.model.M_BUFFER, memory.input.M_BUFFER, memory.pattern.M_BUFFER, n, \
                                           &mixture) == 0                                                            \
                && quell_clip_##MS(memory.model.M_BUFFER, n, 1.5) == 0;                                              \
        if ((run->extras & RESCALED) != 0)                                                                           \
            done = done && quell_guidance_rescale_##MS(memory.model.M_BUFFER, memory.pattern.M_BUFFER, n, ITEMS,     \
                                                       0.7) == 0;                                                    \
        if ((run->extras & THRESHOLDED) != 0)                                                                        \
            done = done && quell_dynamic_threshold_##MS(memory.model.M_BUFFER, n, ITEMS, 0.9, 1.25) == 0;            \
        return done;                                                                                                 \
    }                                                                                                                \
    static int begin_##SUFFIX(const struct golden *run)                                                              \
    {                                                                                                                \
        const size_t n = ITEMS * run->item;                                                                          \
        return quell_normal_##MS(memory.pattern.M_BUFFER, n, SEEDS[0], 7, 0, 5) == 0                                 \
            && quell_normal_batch_##XS(memory.known.X_BUFFER, n, SEEDS, ITEMS, 8, 0) == 0                            \
            && quell_uniform_f32(memory.mask, run->item, SEEDS[1], 9, 0, 1) == 0;                                    \
    }

/* Masks are drawn in single precision: the runs that have one keep their state in it. */
static void mask_f32(const float **mask, const float **known, size_t *mask_len, size_t item)
{
    *mask = memory.mask;
    *known = memory.known.f32;
    *mask_len = item;
}

static void mask_f64(const double **mask, const double **known, size_t *mask_len, size_t item)
{
    (void)mask, (void)known, (void)mask_len, (void)item;
}

static void mask_f16(const uint16_t **mask, const uint16_t **known, size_t *mask_len, size_t item)
{
    (void)mask, (void)known, (void)mask_len, (void)item;
}

#define mask_bf16 mask_f16

GOLDEN_TYPE(f32, f32, f32, f32, f32)
GOLDEN_TYPE(f64, f64, f64, f64, f64)
GOLDEN_TYPE(f16, f16, f16, bits, bits)
GOLDEN_TYPE(bf16, bf16, bf16, bits, bits)
GOLDEN_TYPE(f32_f16, f32, f16, f32, bits)
GOLDEN_TYPE(f32_bf16, f32, bf16, f32, bits)

static const struct {
    int (*begin)(const struct golden *run);
    int (*network)(const struct golden *run);
    int (*pass)(const struct golden *run, size_t steps_len, int evaluated);
    size_t x_size, m_size;
} TYPES[] = {
    {begin_f32, network_f32, pass_f32, 4, 4},
    {begin_f64, network_f64, pass_f64, 8, 8},
    {begin_f16, network_f16, pass_f16, 2, 2},
    {begin_bf16, network_bf16, pass_bf16, 2, 2},
    {begin_f32_f16, network_f32_f16, pass_f32_f16, 4, 2},
    {begin_f32_bf16, network_f32_bf16, pass_f32_bf16, 4, 2},
};

uint64_t quell_golden_case(size_t index)
{
    struct quell_schedule schedule;
    size_t passes = 0;
    uint64_t hash = index + 1;
    if (index >= QUELL_GOLDEN_CASES)
        return 0;
    const struct golden *run = &RUNS[index];
    const size_t n = ITEMS * run->item;
    const size_t steps_len = (run->extras & PER_ITEM) != 0 ? ITEMS : 1;

    memset(&schedule, 0, sizeof schedule);
    schedule.prediction.kind = run->prediction;
    schedule.prediction.sigma_data = 0.5;
    schedule.levels = memory.levels;
    schedule.levels_len = STEPS + 1;
    if (!set_process(&schedule.process, run) || !set_levels(&schedule.process, run) || !TYPES[run->type].begin(run)
        || quell_step_initial_noise(&memory.steps[0], &memory.levels[0]) != 0
        || !TYPES[run->type].pass(run, 1, 0) || !solve(&passes, NULL, run, &schedule, 0, 0))
        return 0;
    for (size_t i = 0; i <= STEPS; ++i)
        hash = mix_elements(hash, &memory.levels[i].alpha, 4, sizeof(double));
    for (size_t pass = 0; pass < passes; ++pass) {
        for (size_t item = 0; item < steps_len; ++item)
            if (!solve(NULL, &memory.steps[item], run, &schedule, pass, item))
                return 0;
        const int evaluated = memory.steps[0].evaluate != 0;
        if ((evaluated && !TYPES[run->type].network(run)) || !TYPES[run->type].pass(run, steps_len, evaluated))
            return 0;
    }
    hash = mix_elements(hash, &memory.x, n, TYPES[run->type].x_size);
    return mix_elements(hash, &memory.input, n, TYPES[run->type].m_size);
}

uint64_t quell_golden(void)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < QUELL_GOLDEN_CASES; ++i) {
        const uint64_t one = quell_golden_case(i);
        if (one == 0)
            return 0;
        hash = mix(hash, one);
    }
    return hash;
}
