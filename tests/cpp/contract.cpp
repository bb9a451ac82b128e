// SPDX-License-Identifier: MIT OR Apache-2.0
// Wrong calls through quell.hpp: what is thrown, or returned, names cause and argument; nothing is written.
//
// Compiled twice: as it is, and with -fno-exceptions, where each function returns its status.
#include "../c/check.h"

#include <array>
#include <cstdio>
#include <cstring>
#include <quell.hpp>
#include <quell.hpp>
#include <type_traits>
#include <vector>

namespace {

constexpr std::size_t N = 8;

struct buffers {
    std::array<float, N> x{}, history{}, noise{}, out{};
    std::array<quell::bf16, N> input{}, model{};
    std::array<quell_moments, 3> moments{};
    quell_inputs_f32_bf16 inputs{};
    quell_step step{};
};

bool same(const buffers &a, const buffers &b)
{
    return a.x == b.x && a.history == b.history && a.noise == b.noise && a.out == b.out
        && std::memcmp(a.input.data(), b.input.data(), sizeof a.input) == 0
        && std::memcmp(a.model.data(), b.model.data(), sizeof a.model) == 0
        && std::memcmp(a.moments.data(), b.moments.data(), sizeof a.moments) == 0;
}

#if defined(QUELL_NO_EXCEPTIONS)
static_assert(std::is_same<quell::result, quell_status>::value, "statuses are returned");

template <class Call>
quell_status outcome(Call call)
{
    return call();
}
#else
static_assert(std::is_void<quell::result>::value, "failures are thrown");

template <class Call>
quell_status outcome(Call call)
{
    try {
        call();
    } catch (const quell::error &error) {
        CHECK(error.cause() == static_cast<quell_cause>(quell_status_cause(error.status())));
        CHECK(std::strcmp(error.argument(), quell_status_argument_str(error.status())) == 0);
        CHECK(std::strstr(error.what(), error.argument()) == error.what());
        CHECK(std::strstr(error.what(), quell_status_str(error.status())) != nullptr);
        return error.status();
    }
    return 0;
}
#endif

template <class Call>
void refused(buffers &here, quell_cause cause, const char *argument, Call call)
{
    const buffers before = here;
    const quell_status status = outcome(call);
    CHECK(status < 0 && quell_status_cause(status) == cause);
    CHECK(std::strcmp(quell_status_argument_str(status), argument) == 0);
    if (std::strcmp(quell_status_argument_str(status), argument) != 0)
        std::printf("  got %s: %s\n", quell_status_argument_str(status), quell_status_str(status));
    CHECK(same(before, here));
}

// The calls take subspans: their type is spelt out, as a container converts but a pair does not.
using floats = quell::span<float>;
using const_floats = quell::span<const float>;
using halves = quell::span<quell::bf16>;
using const_halves = quell::span<const quell::bf16>;
using steps = quell::span<const quell_step>;

}  // namespace

int main()
{
    buffers here;
    const quell_level level = {1.0, 1.0, 1.0, 0.0};
    CHECK(quell_step_initial_noise(&here.step, &level) == 0);
    here.inputs.model = quell::raw(const_halves(here.model));
    const std::array<std::uint64_t, 3> seeds = {1, 2, 3};
    const steps one(&here.step, 1);

    // Lengths that the C function cannot see.
    refused(here, QUELL_CAUSE_LENGTH, "next_input", [&] {
        return quell::apply(here.x, here.history, halves(here.input.data(), N - 1), here.inputs, one);
    });
    refused(here, QUELL_CAUSE_LENGTH, "x", [&] {
        return quell::denoise(here.out, const_floats(here.x.data(), N - 1), here.model, {}, one, 1.0);
    });
    refused(here, QUELL_CAUSE_LENGTH, "model", [&] {
        return quell::denoise(here.out, here.x, const_halves(here.model.data(), N - 1), {}, one, 1.0);
    });
    refused(here, QUELL_CAUSE_LENGTH, "unconditional", [&] {
        return quell::denoise(here.out, here.x, here.model, const_halves(here.input.data(), 1), one, 1.0);
    });
    refused(here, QUELL_CAUSE_LENGTH, "unconditional", [&] {
        return quell::classifier_free(here.x, const_floats(here.noise.data(), N - 1), 2.0);
    });
    refused(here, QUELL_CAUSE_LENGTH, "conditional", [&] {
        return quell::guidance_rescale(here.x, const_floats(here.noise.data(), 0), 1, 0.5);
    });
    const quell_linear linear = {1.0, 1.0};
    refused(here, QUELL_CAUSE_LENGTH, "model", [&] {
        return quell::linear_apply(here.out, here.x, const_halves(here.model.data(), 0), linear);
    });

    const std::array<double, 2> grid = {{2.0, 1.0}};
    const std::array<quell_level, 2> levels = {{{1.0, 2.0, 1.0, 0.0}, {1.0, 1.0, 1.0, 0.0}}};
    const quell_draw draw = {1.0, 2.0, 1.0};
    std::array<double, 2> errors{};
    std::array<std::uint32_t, 2> parents{};
    double distance = 0.0;
    using moments = quell::span<quell_moments>;
    refused(here, QUELL_CAUSE_LENGTH, "moments", [&] {
        return quell::mmse_add(here.moments, grid, const_floats(here.x), const_halves(here.model), 0, N);
    });
    refused(here, QUELL_CAUSE_LENGTH, "denoised", [&] {
        const const_halves denoised(here.model.data(), 1);
        return quell::mmse_add(moments(here.moments.data(), 2), grid, const_floats(here.x), denoised, 0, N);
    });
    refused(here, QUELL_CAUSE_LENGTH, "denoised", [&] {
        const const_halves denoised(here.model.data(), N - 1);
        return quell::pairs_add_trajectory(here.moments, grid, const_floats(here.x), denoised, N / 2);
    });
    refused(here, QUELL_CAUSE_LENGTH, "teacher", [&] {
        const const_floats teacher(here.noise.data(), 1);
        return quell::teacher_advance(errors, parents, floats(here.x), teacher, const_halves(here.model), levels, 0,
                                      N / 2);
    });
    refused(here, QUELL_CAUSE_LENGTH, "errors", [&] {
        return quell::teacher_advance({}, parents, floats(here.x), const_floats(here.noise), const_halves(here.model),
                                      levels, 0, N / 2);
    });
    for (const std::size_t absent : {0, 1, 2, 3}) {
        const char *const names[] = {"x_from", "x0", "noise", "path_noise"};
        const auto part = [&](std::size_t which) {
            return const_floats(here.noise.data(), which == absent ? N - 1 : N);
        };
        refused(here, QUELL_CAUSE_LENGTH, names[absent], [&] {
            const floats x_from(here.out.data(), part(0).size());
            return quell::noising_pair(floats(here.x), x_from, part(1), part(2), part(3), draw);
        });
    }
    refused(here, QUELL_CAUSE_LENGTH, "denoised_from", [&] {
        return quell::squared_distance(distance, const_floats(here.x), const_floats(here.out.data(), N - 1));
    });

    // What the C function refuses.
    refused(here, QUELL_CAUSE_LENGTH, "denoised", [&] {
        const const_halves denoised(here.model.data(), N);
        return quell::pairs_add_path(here.moments, grid, const_floats(here.x), denoised);
    });
    refused(here, QUELL_CAUSE_UNKNOWN, "measure", [&] {
        const const_halves denoised(here.model.data(), N / 2);
        return quell::leaps_add(here.moments, levels, const_floats(here.x), denoised, N / 2, 3);
    });
    refused(here, QUELL_CAUSE_LENGTH, "x", [&] {
        return quell::noising_path(floats(here.x), const_floats(here.noise), grid, 1, 2, 3);
    });
    refused(here, QUELL_CAUSE_NULL, "noise", [&] { return quell::apply(here.x, {}, {}, here.inputs, one); });
    refused(here, QUELL_CAUSE_OVERLAP, "history", [&] { return quell::apply(here.x, here.x, {}, here.inputs, one); });
    refused(here, QUELL_CAUSE_TOO_SHORT, "steps", [&] { return quell::apply(here.x, {}, {}, here.inputs, {}); });
    refused(here, QUELL_CAUSE_LENGTH, "out", [&] { return quell::normal_batch(here.x, seeds, 0, 0); });
    refused(here, QUELL_CAUSE_DOMAIN, "first_element", [&] { return quell::uniform(here.x, 0, 0, 0, UINT64_MAX); });
    refused(here, QUELL_CAUSE_DOMAIN, "range", [&] { return quell::clip(here.model, -1.0); });
    refused(here, QUELL_CAUSE_DOMAIN, "quantile", [&] { return quell::dynamic_threshold(here.x, 1, 2.0, 1.0); });
    refused(here, QUELL_CAUSE_NULL, "out", [&] { return quell::check(quell_ddim_default(nullptr)); });

    // And right calls are not refused.
    CHECK(outcome([&] { return quell::normal(here.noise, 1, 2, 3); }) == 0 && here.noise[0] != 0.0f);
    here.inputs.noise = here.noise.data();
    CHECK(outcome([&] { return quell::apply(here.x, {}, here.input, here.inputs, one); }) == 0 && here.x == here.noise);
    CHECK(outcome([&] { return quell::apply(floats(), {}, {}, here.inputs, one); }) == 0);
    CHECK(outcome([&] {
              return quell::noising_path(floats(here.x), const_floats(here.noise.data(), N / 2), grid, 1, 2, 3);
          }) == 0);
    CHECK(outcome([&] { return quell::squared_distance(distance, const_floats(here.x), const_floats(here.out)); }) == 0
          && distance > 0.0);
    CHECK(outcome([&] {
              return quell::pairs_add_path(here.moments, grid, const_floats(here.noise.data(), N / 2),
                                           const_halves(here.model));
          }) == 0
          && here.moments[2].count == 1);
    return check_result("contract, C++");
}
