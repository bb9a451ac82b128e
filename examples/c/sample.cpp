// SPDX-License-Identifier: MIT OR Apache-2.0
// Draws from a mixture of two normals by diffusion, as sample.c does, through quell.hpp and with half-precision output.
//
// The ideal denoiser of the mixture stands where your network goes: denoise() is the only function to replace. It gives
// out bfloat16, as many networks do, while the state stays in single precision. The exit status tells whether the
// samples have the distribution that they should have.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <quell.hpp>
#include <vector>

namespace {

constexpr std::size_t ITEMS = 4, N = ITEMS * 4096, STEPS = 24;
constexpr std::array<double, 2> SHARE = {0.7, 0.3}, MEAN = {-1.0, 1.5}, DEVIATION = {0.5, 0.3};

// Each item of the batch has its own seed: it comes out the same in whatever batch it travels.
constexpr std::array<std::uint64_t, ITEMS> SEEDS = {1, 2, 3, 4};

float widen(quell::bf16 value)
{
    const std::uint32_t bits = static_cast<std::uint32_t>(value.bits) << 16;
    float wide;
    std::memcpy(&wide, &bits, sizeof wide);
    return wide;
}

quell::bf16 narrow(float value)
{
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return {static_cast<std::uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16)};
}

// The network: from noisy values to the noise in them. For this process input_scale is 1, so its input is the state.
void denoise(std::vector<quell::bf16> &noise, const std::vector<quell::bf16> &noisy, double sigma)
{
    for (std::size_t i = 0; i < N; ++i) {
        const double at = widen(noisy[i]);
        std::array<double, 2> weight{}, expected{};
        for (std::size_t k = 0; k < 2; ++k) {
            const double variance = DEVIATION[k] * DEVIATION[k] + sigma * sigma;
            weight[k] = SHARE[k] / std::sqrt(variance) * std::exp(-0.5 * (at - MEAN[k]) * (at - MEAN[k]) / variance);
            expected[k] = (at - MEAN[k]) * sigma / variance;
        }
        // Far from both means the weights underflow to 0/0; there the nearer mean takes all.
        const double total = weight[0] + weight[1];
        const double nearer = std::abs(at - MEAN[0]) < std::abs(at - MEAN[1]) ? 1.0 : 0.0;
        const double first = total > 0.0 ? weight[0] / total : nearer;
        noise[i] = narrow(static_cast<float>(first * expected[0] + (1.0 - first) * expected[1]));
    }
}

// The schedule: here 24 steps of EDM's spacing that end on the clean sample. It points into itself and stays in place.
struct schedule {
    std::array<quell_level, STEPS + 1> levels{};
    quell_schedule plain{};

    schedule()
    {
        std::array<double, STEPS + 1> sigmas{};
        plain.process.kind = QUELL_PROCESS_KIND_VE;
        plain.prediction.kind = QUELL_PREDICTION_KIND_EPSILON;
        plain.levels = levels.data();
        plain.levels_len = levels.size();
        quell::check(quell_sigmas_karras(sigmas.data(), sigmas.size(), 0.02, 20.0, 7.0, QUELL_LAST_ZERO));
        quell::check(quell_levels_from_sigmas(levels.data(), levels.size(), &plain.process, sigmas.data(), sigmas.size()));
    }
    schedule(const schedule &) = delete;
    schedule &operator=(const schedule &) = delete;
};

// Runs the steps that `step_at(step, index)` gives.
template <class StepAt>
std::vector<float> sample(const schedule &run, std::size_t passes, StepAt step_at)
{
    std::vector<float> x(N), history(quell_history_len(QUELL_SDE_DPMPP_2M_SLOTS, N));
    std::vector<quell::bf16> input(N), output(N);
    quell_step step;
    quell_inputs_f32_bf16 inputs{};
    inputs.seeds = SEEDS.data();
    inputs.seeds_len = SEEDS.size();

    // From noise alone. No solver's step draws the same numbers again.
    quell::check(quell_step_initial_noise(&step, &run.levels[0]));
    quell::apply(x, {}, input, inputs, {&step, 1});

    inputs.model = quell::raw(output);
    for (std::size_t i = 0; i < passes; ++i) {
        step_at(&step, i);
        if (step.evaluate != 0)
            denoise(output, input, step.at.sigma);
        quell::apply(x, history, input, inputs, {&step, 1});
    }
    return x;
}

// The probability of a value below `at`.
double distribution(double at)
{
    double sum = 0.0;
    for (std::size_t k = 0; k < 2; ++k)
        sum += SHARE[k] * 0.5 * std::erfc((MEAN[k] - at) / (DEVIATION[k] * std::sqrt(2.0)));
    return sum;
}

// Whether the samples follow the mixture: the largest difference between the two distribution functions is small.
bool report(const char *solver, std::vector<float> x)
{
    std::sort(x.begin(), x.end());
    double distance = 0.0, mean = 0.0;
    for (std::size_t i = 0; i < N; ++i) {
        mean += x[i] / N;
        distance = std::max(distance, std::abs(distribution(x[i]) - (static_cast<double>(i) + 0.5) / N));
    }
    std::printf("%-22s mean %.4f, should be %.4f; largest error of the distribution function %.4f\n", solver, mean,
                SHARE[0] * MEAN[0] + SHARE[1] * MEAN[1], distance);
    return distance < 0.02;
}

}  // namespace

int main()
try {
    const schedule run;
    std::size_t passes = 0;

    quell_dpmpp_2m plain;
    quell::check(quell_dpmpp_2m_default(&plain));
    quell::check(quell_dpmpp_2m_passes(&passes, &plain, &run.plain));
    const bool first = report("DPM-Solver++(2M)", sample(run, passes, [&](quell_step *step, std::size_t i) {
                                  quell::check(quell_dpmpp_2m_step(step, &plain, &run.plain, i));
                              }));

    quell_sde_dpmpp_2m stochastic;
    quell::check(quell_sde_dpmpp_2m_default(&stochastic));
    quell::check(quell_sde_dpmpp_2m_passes(&passes, &stochastic, &run.plain));
    const bool second = report("SDE-DPM-Solver++(2M)", sample(run, passes, [&](quell_step *step, std::size_t i) {
                                   quell::check(quell_sde_dpmpp_2m_step(step, &stochastic, &run.plain, i));
                               }));
    return first && second ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (const quell::error &error) {
    std::fprintf(stderr, "quell: %s\n", error.what());
    return EXIT_FAILURE;
}
