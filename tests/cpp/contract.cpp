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
    std::array<std::uint8_t, N> labels{};
    std::array<double, 4> centres{};
    quell_inputs_f32_bf16 inputs{};
    quell_step step{};
};

bool same(const buffers &a, const buffers &b)
{
    return a.x == b.x && a.history == b.history && a.noise == b.noise && a.out == b.out
        && std::memcmp(a.input.data(), b.input.data(), sizeof a.input) == 0
        && std::memcmp(a.model.data(), b.model.data(), sizeof a.model) == 0
        && std::memcmp(a.moments.data(), b.moments.data(), sizeof a.moments) == 0 && a.labels == b.labels
        && a.centres == b.centres;
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

    // Masks.
    quell_difference_size size{};
    refused(here, QUELL_CAUSE_LENGTH, "weights", [&] {
        return quell::difference_size_add_weighted(size, const_floats(here.x), const_floats(here.x.data(), N - 1));
    });
    refused(here, QUELL_CAUSE_LENGTH, "noise", [&] {
        return quell::invert(floats(here.x), {}, floats(here.noise.data(), N - 1), {}, here.inputs, here.step);
    });
    refused(here, QUELL_CAUSE_LENGTH, "next_input", [&] {
        return quell::invert(floats(here.x), {}, floats(here.noise), halves(here.input.data(), 1), here.inputs, here.step);
    });
    quell_fold_f32_u8 fold{};
    std::array<float, N> best{};
    fold.best = best.data();
    fold.labels = here.labels.data();
    fold.pixels = N;
    CHECK(outcome([&] { return quell::fold_reset(fold); }) == 0);
    refused(here, QUELL_CAUSE_LENGTH, "out", [&] { return quell::fold_margins(floats(here.x.data(), 1), fold); });
    refused(here, QUELL_CAUSE_NULL, "second", [&] { return quell::fold_margins(here.x, fold); });
    refused(here, QUELL_CAUSE_TOO_SHORT, "best", [&] { return quell::fold_push(fold, const_floats(here.noise), 1, 1); });
    const std::array<quell_offset_pass, 2> passes = {{{0, 0.0}, {1, 2.0}}};
    const quell::span<const std::uint8_t> cells(here.labels.data(), 2);
    refused(here, QUELL_CAUSE_UNKNOWN, "channels",
            [&] { return quell::offset_cells(floats(here.x), cells, passes, 2); });
    quell_layout layout{};
    CHECK(quell_layout_planar(&layout, 1, 2, N / 2) == 0);
    refused(here, QUELL_CAUSE_LENGTH, "map", [&] {
        return quell::difference_map(floats(here.x.data(), 1), const_halves(here.input), const_halves(here.model), layout,
                                     QUELL_NORM_EUCLIDEAN);
    });
    quell_blur filter{};
    CHECK(quell_blur_default(&filter, 1.0) == 0);
    refused(here, QUELL_CAUSE_TOO_SHORT, "scratch",
            [&] { return quell::blur(floats(here.x), floats(here.noise), filter, 2, N / 2); });

    const quell_grid image = {1, 2, 2, N / 2};
    std::array<std::uint64_t, 4> confusion{};
    std::array<std::uint32_t, N> components{};
    std::size_t count = 0;
    const quell::span<const std::uint8_t> labels(here.labels.data(), N);
    refused(here, QUELL_CAUSE_UNKNOWN, "interpolation", [&] {
        return quell::interpolate_row(floats(here.x.data(), N / 2), const_halves(here.model.data(), 2), image, 3, 0);
    });
    refused(here, QUELL_CAUSE_LENGTH, "coarse", [&] {
        return quell::interpolate_scores(fold, floats(here.x), const_floats(here.noise), image, 2, 0);
    });
    refused(here, QUELL_CAUSE_LENGTH, "labels", [&] {
        const quell::span<const std::uint16_t> fewer;
        return quell::confusion_count(confusion, labels, fewer, 2, 2, 255);
    });
    refused(here, QUELL_CAUSE_LENGTH, "components", [&] {
        const quell::span<std::uint32_t> fewer(components.data(), N - 1);
        return quell::components(count, fewer, labels, 2, N / 2, QUELL_CONNECTIVITY_FOUR);
    });

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

    // A cluster is pushed, and its pixels are found.
    const std::array<float, 4> features = {{1.0f, 1.25f, 9.0f, 9.5f}};
    quell_kmeans options{};
    quell_kmeans_fit fit{};
    CHECK(quell_kmeans_default(&options, 2) == 0);
    std::vector<double> uniforms(quell_kmeans_uniforms_len(2, options.restarts, options.trials), 0.5);
    std::vector<double> scratch(quell_kmeans_scratch_len(4, 1, 2, 1, options.trials)), two(2);
    std::vector<float> singles(quell_kmeans_singles_len(4, 1, 2));
    std::vector<std::uint8_t> four(4);
    CHECK(outcome([&] {
              return quell::kmeans(fit, two, four, scratch, singles, const_floats(features), uniforms, options, 1);
          }) == 0
          && four[0] == four[1] && four[2] == four[3] && four[0] != four[2] && fit.inertia < 0.2);
    std::vector<float> minus(4, 0.0f), plus(4, 0.0f);
    const std::array<quell_offset_pass, 1> pass = {{{four[3], 2.0}}};
    CHECK(outcome([&] {
              return quell::offset_cells(floats(plus), quell::span<const std::uint8_t>(four), pass,
                                         QUELL_CHANNELS_LAST);
          }) == 0
          && plus[0] == 0.0f && plus[3] == 2.0f);
    quell_readout readout{};
    quell_readout_progress progress{};
    std::size_t length = 0;
    CHECK(quell_readout_default(&readout, 1, 2, 2, 0.0) == 0 && quell_readout_state_len(&length, &readout) == 0);
    CHECK(quell_layout_planar(&layout, 1, 2, 2) == 0 && quell_readout_start(&progress, four[3]) == 0);
    std::vector<float> rows(length);
    fold.pixels = 4;
    CHECK(outcome([&] {
              return quell::readout_push_rows(progress, fold, floats(rows), const_floats(minus), const_floats(plus),
                                              layout, readout);
          }) == 0
          && progress.rows == 2 && best[0] == 0.0f && best[3] == 2.0f && here.labels[3] == four[3]);

    // Two cells become four pixels, of which the last is said to be something else.
    const quell_grid pair = {1, 2, 1, 4};
    const std::array<std::uint8_t, 2> coarse = {{1, 0}};
    const quell::span<const std::uint8_t> fine(here.labels.data(), 4);
    CHECK(outcome([&] { return quell::fold_reset(fold); }) == 0);
    CHECK(outcome([&] {
              return quell::interpolate_labels(fold, floats(plus), quell::span<const std::uint8_t>(coarse), pair, 2,
                                               QUELL_INTERPOLATION_BILINEAR);
          }) == 0
          && here.labels[1] == 1 && here.labels[2] == 0);
    const std::array<std::uint16_t, 4> truth = {{1, 1, 0, 1}};
    CHECK(outcome([&] {
              return quell::confusion_count(confusion, quell::span<const std::uint16_t>(truth), fine, 2, 2, SIZE_MAX);
          }) == 0
          && confusion[0] == 1 && confusion[1] == 0 && confusion[2] == 1 && confusion[3] == 2);
    return check_result("contract, C++");
}
