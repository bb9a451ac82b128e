// SPDX-License-Identifier: MIT OR Apache-2.0
// A run through quell.hpp has the bits of the same run through quell.h, for each pair of element types.
#include "../c/check.h"
#include "../c/golden.h"

#include <array>
#include <cstring>
#include <quell.hpp>
#include <vector>

namespace {

constexpr std::size_t ITEMS = 2, N = 2 * 67, STEPS = 6;
constexpr std::array<std::uint64_t, ITEMS> SEEDS = {11, 12};

struct schedule {
    std::array<double, STEPS + 1> sigmas{};
    std::array<quell_level, STEPS + 1> levels{};
    quell_schedule plain{};

    schedule()
    {
        plain.process.kind = QUELL_PROCESS_KIND_EDM;
        plain.process.sigma_data = 0.5;
        plain.prediction.kind = QUELL_PREDICTION_KIND_EDM;
        plain.prediction.sigma_data = 0.5;
        plain.levels = levels.data();
        plain.levels_len = levels.size();
        quell::check(quell_sigmas_karras(sigmas.data(), sigmas.size(), 0.02, 20.0, 7.0, QUELL_LAST_ZERO));
        quell::check(quell_levels_from_sigmas(levels.data(), levels.size(), &plain.process, sigmas.data(), sigmas.size()));
    }
};

template <class A, class B>
bool same_bits(const std::vector<A> &a, const std::vector<B> &b)
{
    static_assert(sizeof(A) == sizeof(B), "the same storage");
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(A)) == 0;
}

// X and M as quell.hpp has them, RawX and RawM as quell.h does.
#define STAMP(NAME, X, M, RawX, RawM, XS, MS)                                                                          \
    void NAME(const schedule &run)                                                                                     \
    {                                                                                                                  \
        std::vector<X> x(N), history(N), estimate(N);                                                                  \
        std::vector<M> input(N), pattern(N), model(N);                                                                 \
        std::vector<RawX> raw_x(N), raw_history(N), raw_estimate(N);                                                   \
        std::vector<RawM> raw_input(N), raw_pattern(N), raw_model(N);                                                  \
        const quell_linear mixture = {0.375, 0.625};                                                                   \
        quell_inputs_##NAME inputs{};                                                                                  \
        inputs.seeds = SEEDS.data();                                                                                   \
        inputs.seeds_len = SEEDS.size();                                                                               \
        quell_inputs_##NAME raw_inputs = inputs;                                                                       \
        quell_step step;                                                                                               \
        quell_sde_dpmpp_2m options;                                                                                    \
        std::size_t passes = 0;                                                                                        \
                                                                                                                       \
        quell::check(quell_sde_dpmpp_2m_default(&options));                                                            \
        quell::check(quell_sde_dpmpp_2m_passes(&passes, &options, &run.plain));                                        \
        quell::check(quell_step_initial_noise(&step, &run.levels[0]));                                                 \
        quell::normal(pattern, 7, 1, 2, 3);                                                                            \
        quell::apply(x, {}, input, inputs, {&step, 1});                                                                \
        CHECK(quell_normal_##MS(raw_pattern.data(), N, 7, 1, 2, 3) == 0);                                              \
        CHECK(quell_apply_##NAME(raw_x.data(), N, nullptr, 0, raw_input.data(), &raw_inputs, &step, 1) == 0);          \
        inputs.model = quell::raw(quell::span<const M>(model));                                                        \
        raw_inputs.model = raw_model.data();                                                                           \
        for (std::size_t i = 0; i < passes; ++i) {                                                                     \
            quell::check(quell_sde_dpmpp_2m_step(&step, &options, &run.plain, i));                                     \
            quell::linear_apply(model, input, pattern, mixture);                                                       \
            quell::clip(model, 1.5);                                                                                   \
            quell::dynamic_threshold(model, ITEMS, 0.9, 1.25);                                                         \
            quell::classifier_free(model, pattern, 1.25);                                                              \
            quell::guidance_rescale(model, pattern, ITEMS, 0.5);                                                       \
            quell::denoise(estimate, x, model, {}, {&step, 1}, 1.0);                                                   \
            quell::apply(x, history, input, inputs, {&step, 1});                                                       \
            CHECK(quell_linear_apply_##MS(raw_model.data(), raw_input.data(), raw_pattern.data(), N, &mixture) == 0);  \
            CHECK(quell_clip_##MS(raw_model.data(), N, 1.5) == 0);                                                     \
            CHECK(quell_dynamic_threshold_##MS(raw_model.data(), N, ITEMS, 0.9, 1.25) == 0);                           \
            CHECK(quell_classifier_free_##MS(raw_model.data(), raw_pattern.data(), N, 1.25) == 0);                     \
            CHECK(quell_guidance_rescale_##MS(raw_model.data(), raw_pattern.data(), N, ITEMS, 0.5) == 0);              \
            CHECK(quell_denoise_##NAME(raw_estimate.data(), raw_x.data(), raw_model.data(), nullptr, N, &step, 1,      \
                                       1.0) == 0);                                                                     \
            CHECK(quell_apply_##NAME(raw_x.data(), N, raw_history.data(), N, raw_input.data(), &raw_inputs, &step,     \
                                     1) == 0);                                                                         \
            CHECK(same_bits(estimate, raw_estimate) && same_bits(x, raw_x) && same_bits(input, raw_input));            \
            CHECK(same_bits(history, raw_history));                                                                    \
        }                                                                                                              \
        /* The run went somewhere: the last step ends on the estimate, which is not what it began with. */             \
        CHECK(same_bits(x, estimate) && !same_bits(x, std::vector<X>(N)));                                             \
        quell::normal_batch(x, SEEDS, 4, 5);                                                                           \
        CHECK(quell_normal_batch_##XS(raw_x.data(), N, SEEDS.data(), ITEMS, 4, 5) == 0 && same_bits(x, raw_x));        \
    }

STAMP(f32, float, float, float, float, f32, f32)
STAMP(f64, double, double, double, double, f64, f64)
STAMP(f16, quell::f16, quell::f16, std::uint16_t, std::uint16_t, f16, f16)
STAMP(bf16, quell::bf16, quell::bf16, std::uint16_t, std::uint16_t, bf16, bf16)
STAMP(f32_f16, float, quell::f16, float, std::uint16_t, f32, f16)
STAMP(f32_bf16, float, quell::bf16, float, std::uint16_t, f32, bf16)

void uniforms()
{
    std::vector<float> f32(N), raw_f32(N);
    std::vector<double> f64(N), raw_f64(N);
    quell::uniform(f32, 1, 2, 3, 5);
    quell::uniform(f64, 1, 2, 3);
    CHECK(quell_uniform_f32(raw_f32.data(), N, 1, 2, 3, 5) == 0 && same_bits(f32, raw_f32));
    CHECK(quell_uniform_f64(raw_f64.data(), N, 1, 2, 3, 0) == 0 && same_bits(f64, raw_f64));
}

}  // namespace

int main()
{
    const schedule run;
    f32(run);
    f64(run);
    f16(run);
    bf16(run);
    f32_f16(run);
    f32_bf16(run);
    uniforms();
    CHECK(quell_golden() == QUELL_GOLDEN);
    return check_result("sample, C++");
}
