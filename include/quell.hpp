/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/**
 * @file quell.hpp
 *
 * quell.h for C++14 and later: spans for pointer and length, one name for all element types, a status that throws.
 *
 * A function here has the name of its C counterpart without prefix and suffix, takes its arguments in the same order
 * and adds nothing: no ownership, no mathematics. What quell.h has for one type only (schedules, solvers, steps) is
 * called as it is, within check():
 *
 * @code
 * quell::check(quell_sigmas_karras(sigmas.data(), sigmas.size(), 0.002, 80.0, 7.0, QUELL_LAST_ZERO));
 * @endcode
 *
 * A call that fails throws quell::error. Where exceptions are off, or QUELL_NO_EXCEPTIONS is defined before this file
 * is included, each function returns the quell_status instead.
 */
#ifndef QUELL_HPP
#define QUELL_HPP

#if (defined(_MSVC_LANG) ? _MSVC_LANG : __cplusplus) < 201402L
#error "quell.hpp needs C++14 or later; quell.h does with C++11"
#endif

#include "quell.h"

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#if defined(__has_include)
#if __has_include(<version>)
#include <version>
#endif
#endif
#if defined(__cpp_lib_span)
#include <span>
#endif

#if !defined(QUELL_NO_EXCEPTIONS) && !defined(__cpp_exceptions)
#define QUELL_NO_EXCEPTIONS
#endif
#if !defined(QUELL_NO_EXCEPTIONS)
#include <exception>
#endif

namespace quell {

/** An IEEE binary16 number by its bits, for buffers; there is no arithmetic. */
struct f16 {
    std::uint16_t bits;
};

/** A bfloat16 number by its bits, for buffers; there is no arithmetic. */
struct bf16 {
    std::uint16_t bits;
};

static_assert(sizeof(f16) == sizeof(std::uint16_t) && alignof(f16) == alignof(std::uint16_t), "layout of f16");
static_assert(sizeof(bf16) == sizeof(std::uint16_t) && alignof(bf16) == alignof(std::uint16_t), "layout of bf16");

#if defined(__cpp_lib_span)
/** A pointer and a length. */
template <class T>
using span = std::span<T>;
#else
/** A pointer and a length: what there is of std::span before C++20. */
template <class T>
class span {
    // As for std::span: float * may become const float *, but not a pointer to another type.
    template <class From>
    using if_convertible = std::enable_if_t<std::is_convertible<From (*)[], T (*)[]>::value>;

public:
    constexpr span() noexcept = default;
    constexpr span(T *data, std::size_t size) noexcept : data_(data), size_(size) {}
    template <class From, std::size_t N, class = if_convertible<From>>
    constexpr span(From (&array)[N]) noexcept : data_(array), size_(N) {}
    template <class Container, class = if_convertible<std::remove_pointer_t<decltype(std::declval<Container &>().data())>>,
              class = decltype(std::declval<Container &>().size())>
    constexpr span(Container &&container) noexcept : data_(container.data()), size_(container.size()) {}

    constexpr T *data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr T *begin() const noexcept { return data_; }
    constexpr T *end() const noexcept { return data_ + size_; }
    constexpr T &operator[](std::size_t index) const noexcept { return data_[index]; }

private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
};
#endif

/** The elements as quell.h takes them, also to fill the pointers of a quell_inputs_f16 and the like. */
template <class T>
constexpr T *raw(span<T> elements) noexcept
{
    return elements.data();
}
inline std::uint16_t *raw(span<f16> elements) noexcept { return reinterpret_cast<std::uint16_t *>(elements.data()); }
inline std::uint16_t *raw(span<bf16> elements) noexcept { return reinterpret_cast<std::uint16_t *>(elements.data()); }
inline const std::uint16_t *raw(span<const f16> elements) noexcept
{
    return reinterpret_cast<const std::uint16_t *>(elements.data());
}
inline const std::uint16_t *raw(span<const bf16> elements) noexcept
{
    return reinterpret_cast<const std::uint16_t *>(elements.data());
}

/** The same for a container, such as std::vector or std::array. */
template <class Container>
constexpr auto raw(const Container &elements) noexcept -> decltype(raw(span<const typename Container::value_type>(elements)))
{
    return raw(span<const typename Container::value_type>(elements));
}

// The two kinds of build must not share symbols: their functions return different types.
#if !defined(QUELL_NO_EXCEPTIONS)
inline namespace throwing {

/** A call that did nothing: why, and because of which argument. */
class error : public std::exception {
public:
    explicit error(quell_status status) noexcept : status_(status)
    {
        std::size_t length = 0;
        append(length, argument());
        append(length, ": ");
        append(length, quell_status_str(status));
    }

    /** What the function returned. */
    quell_status status() const noexcept { return status_; }
    /** Why the call did nothing. */
    quell_cause cause() const noexcept { return static_cast<quell_cause>(quell_status_cause(status_)); }
    /** The name of the argument at fault, as the signatures spell it. */
    const char *argument() const noexcept { return quell_status_argument_str(status_); }
    /** Argument and cause in words. */
    const char *what() const noexcept override { return message_; }

private:
    void append(std::size_t &length, const char *text) noexcept
    {
        while (*text != '\0' && length + 1 < sizeof message_)
            message_[length++] = *text++;
        message_[length] = '\0';
    }

    quell_status status_;
    char message_[96];
};

/** What the functions below return: nothing, as a failure throws. */
using result = void;

/** Throws error unless the status is 0. */
inline result check(quell_status status)
{
    if (status != 0)
        throw error(status);
}
#define QUELL_NODISCARD
#else
inline namespace returning {

/** What the functions below return: 0, or the failure. */
using result = quell_status;

/** The status itself: the place where it would throw if exceptions were on. */
[[nodiscard]] inline result check(quell_status status) noexcept { return status; }
#define QUELL_NODISCARD [[nodiscard]]
#endif

namespace detail {

/** The arguments whose length a span carries and the C function takes for granted. */
enum argument {
    x = 1,
    model = 3,
    unconditional = 4,
    denoised = 5,
    noise = 6,
    next_input = 11,
    out = 60,
    conditional = 75,
    moments = 88,
    x_from = 92,
    path_noise = 93,
    weights = 110,
    teacher = 115,
    errors = 118,
    x0 = 119,
    denoised_from = 121,
    labels = 128,
    components = 188
};

/** The status of a buffer of the wrong length; 0 if it is right, or absent where it may be. */
constexpr quell_status length(argument which, std::size_t expected, std::size_t actual, bool optional = false) noexcept
{
    const bool right = actual == expected || (optional && actual == 0);
    return right ? 0 : -(256 * static_cast<std::int32_t>(QUELL_CAUSE_LENGTH) + static_cast<std::int32_t>(which));
}

/** The first failure among the statuses, else 0. */
constexpr quell_status first(quell_status a, quell_status b = 0, quell_status c = 0) noexcept
{
    return a != 0 ? a : b != 0 ? b : c;
}

}  // namespace detail

/*
 * For a state of X and a network's output of M:
 *
 * apply         carries out a step on a batch: quell_apply_f32(). history and next_input may be empty.
 * denoise       writes the network's estimate of the clean sample: quell_denoise_f32(). unconditional may be empty.
 * linear_apply  writes a combination of state and output: quell_linear_apply_f32().
 * invert        finds the noise that leads to a state: quell_invert_f32(). history and next_input may be empty.
 */
#define QUELL_STAMP_PASSES(X, M, SUFFIX)                                                                              \
    QUELL_NODISCARD inline result apply(span<X> x, span<X> history, span<M> next_input,                               \
                                        const quell_inputs_##SUFFIX &inputs, span<const quell_step> steps)            \
    {                                                                                                                 \
        const quell_status lengths = detail::length(detail::next_input, x.size(), next_input.size(), true);           \
        return check(lengths != 0 ? lengths                                                                           \
                                  : quell_apply_##SUFFIX(raw(x), x.size(), raw(history), history.size(),              \
                                                         raw(next_input), &inputs, steps.data(), steps.size()));      \
    }                                                                                                                 \
    QUELL_NODISCARD inline result denoise(span<X> out, span<const X> x, span<const M> model,                          \
                                          span<const M> unconditional, span<const quell_step> steps, double guidance) \
    {                                                                                                                 \
        const quell_status lengths =                                                                                  \
            detail::first(detail::length(detail::x, out.size(), x.size()),                                            \
                          detail::length(detail::model, out.size(), model.size()),                                    \
                          detail::length(detail::unconditional, out.size(), unconditional.size(), true));             \
        return check(lengths != 0 ? lengths                                                                           \
                                  : quell_denoise_##SUFFIX(raw(out), raw(x), raw(model), raw(unconditional),          \
                                                           out.size(), steps.data(), steps.size(), guidance));        \
    }                                                                                                                 \
    QUELL_NODISCARD inline result linear_apply(span<X> out, span<const X> x, span<const M> model,                     \
                                               const quell_linear &linear)                                            \
    {                                                                                                                 \
        const quell_status lengths = detail::first(detail::length(detail::x, out.size(), x.size()),                   \
                                                   detail::length(detail::model, out.size(), model.size()));          \
        return check(lengths != 0                                                                                     \
                         ? lengths                                                                                    \
                         : quell_linear_apply_##SUFFIX(raw(out), raw(x), raw(model), out.size(), &linear));           \
    }                                                                                                                 \
    QUELL_NODISCARD inline result invert(span<X> x, span<X> history, span<X> noise, span<M> next_input,               \
                                         const quell_inputs_##SUFFIX &inputs, const quell_step &step)                 \
    {                                                                                                                 \
        const quell_status lengths =                                                                                  \
            detail::first(detail::length(detail::noise, x.size(), noise.size()),                                      \
                          detail::length(detail::next_input, x.size(), next_input.size(), true));                     \
        return check(lengths != 0 ? lengths                                                                           \
                                  : quell_invert_##SUFFIX(raw(x), x.size(), raw(history), history.size(), raw(noise), \
                                                          raw(next_input), &inputs, &step));                          \
    }

QUELL_STAMP_PASSES(float, float, f32)
QUELL_STAMP_PASSES(double, double, f64)
QUELL_STAMP_PASSES(f16, f16, f16)
QUELL_STAMP_PASSES(bf16, bf16, bf16)
QUELL_STAMP_PASSES(float, f16, f32_f16)
QUELL_STAMP_PASSES(float, bf16, f32_bf16)
#undef QUELL_STAMP_PASSES

/*
 * For buffers of X:
 *
 * normal             fills with standard normals: quell_normal_f32().
 * normal_batch       the same for equal items, each from its own seed: quell_normal_batch_f32().
 * classifier_free    guidance in place: quell_classifier_free_f32().
 * guidance_rescale   scales guided outputs in place: quell_guidance_rescale_f32().
 * clip               clips in place: quell_clip_f32().
 * dynamic_threshold  dynamic thresholding in place: quell_dynamic_threshold_f32().
 */
#define QUELL_STAMP_BUFFERS(X, SUFFIX)                                                                                \
    QUELL_NODISCARD inline result normal(span<X> out, std::uint64_t seed, std::uint32_t stream, std::uint32_t step,   \
                                         std::uint64_t first_element = 0)                                             \
    {                                                                                                                 \
        return check(quell_normal_##SUFFIX(raw(out), out.size(), seed, stream, step, first_element));                 \
    }                                                                                                                 \
    QUELL_NODISCARD inline result normal_batch(span<X> out, span<const std::uint64_t> seeds, std::uint32_t stream,    \
                                               std::uint32_t step)                                                    \
    {                                                                                                                 \
        return check(quell_normal_batch_##SUFFIX(raw(out), out.size(), seeds.data(), seeds.size(), stream, step));    \
    }                                                                                                                 \
    QUELL_NODISCARD inline result classifier_free(span<X> x, span<const X> unconditional, double guidance)            \
    {                                                                                                                 \
        const quell_status lengths = detail::length(detail::unconditional, x.size(), unconditional.size());           \
        return check(lengths != 0 ? lengths                                                                           \
                                  : quell_classifier_free_##SUFFIX(raw(x), raw(unconditional), x.size(), guidance));  \
    }                                                                                                                 \
    QUELL_NODISCARD inline result guidance_rescale(span<X> x, span<const X> conditional, std::size_t batch,           \
                                                   double rescale)                                                    \
    {                                                                                                                 \
        const quell_status lengths = detail::length(detail::conditional, x.size(), conditional.size());               \
        return check(lengths != 0                                                                                     \
                         ? lengths                                                                                    \
                         : quell_guidance_rescale_##SUFFIX(raw(x), raw(conditional), x.size(), batch, rescale));      \
    }                                                                                                                 \
    QUELL_NODISCARD inline result clip(span<X> x, double range)                                                       \
    {                                                                                                                 \
        return check(quell_clip_##SUFFIX(raw(x), x.size(), range));                                                   \
    }                                                                                                                 \
    QUELL_NODISCARD inline result dynamic_threshold(span<X> x, std::size_t batch, double quantile,                    \
                                                    double max_threshold)                                             \
    {                                                                                                                 \
        return check(quell_dynamic_threshold_##SUFFIX(raw(x), x.size(), batch, quantile, max_threshold));             \
    }

QUELL_STAMP_BUFFERS(float, f32)
QUELL_STAMP_BUFFERS(double, f64)
QUELL_STAMP_BUFFERS(f16, f16)
QUELL_STAMP_BUFFERS(bf16, bf16)
#undef QUELL_STAMP_BUFFERS

/*
 * For samples of X and a network's outputs of M:
 *
 * mmse_add              takes outputs at one level: quell_mmse_add_f32().
 * pairs_add_path        takes outputs along a noising path: quell_pairs_add_path_f32().
 * pairs_add_trajectory  takes a trajectory of the flow: quell_pairs_add_trajectory_f32().
 * leaps_add             takes a teacher's trajectory: quell_leaps_add_f32().
 * teacher_advance       carries a student on by one step: quell_teacher_advance_f32().
 */
#define QUELL_STAMP_TABLES(X, M, SUFFIX)                                                                              \
    QUELL_NODISCARD inline result mmse_add(span<quell_moments> moments, span<const double> grid, span<const X> x0,    \
                                           span<const M> denoised, std::size_t index, std::size_t dimension)          \
    {                                                                                                                 \
        const quell_status lengths =                                                                                  \
            detail::first(detail::length(detail::moments, grid.size(), moments.size()),                               \
                          detail::length(detail::denoised, x0.size(), denoised.size()));                              \
        return check(lengths != 0 ? lengths                                                                           \
                                  : quell_mmse_add_##SUFFIX(moments.data(), grid.data(), grid.size(), raw(x0),        \
                                                            raw(denoised), x0.size(), index, dimension));             \
    }                                                                                                                 \
    QUELL_NODISCARD inline result pairs_add_path(span<quell_moments> moments, span<const double> grid,                \
                                                 span<const X> x0, span<const M> denoised)                            \
    {                                                                                                                 \
        return check(quell_pairs_add_path_##SUFFIX(moments.data(), moments.size(), grid.data(), grid.size(), raw(x0), \
                                                   x0.size(), raw(denoised), denoised.size()));                       \
    }                                                                                                                 \
    QUELL_NODISCARD inline result pairs_add_trajectory(span<quell_moments> moments, span<const double> grid,          \
                                                       span<const X> states, span<const M> denoised,                  \
                                                       std::size_t dimension)                                         \
    {                                                                                                                 \
        const quell_status lengths = detail::length(detail::denoised, states.size(), denoised.size());                \
        return check(lengths != 0 ? lengths                                                                           \
                                  : quell_pairs_add_trajectory_##SUFFIX(moments.data(), moments.size(), grid.data(),  \
                                                                        grid.size(), raw(states), raw(denoised),      \
                                                                        states.size(), dimension));                   \
    }                                                                                                                 \
    QUELL_NODISCARD inline result leaps_add(span<quell_moments> moments, span<const quell_level> levels,              \
                                            span<const X> states, span<const M> denoised, std::size_t dimension,      \
                                            std::int32_t measure)                                                     \
    {                                                                                                                 \
        return check(quell_leaps_add_##SUFFIX(moments.data(), moments.size(), levels.data(), levels.size(),           \
                                              raw(states), states.size(), raw(denoised), denoised.size(), dimension,  \
                                              measure));                                                              \
    }                                                                                                                 \
    QUELL_NODISCARD inline result teacher_advance(span<double> errors, span<std::uint32_t> parents, span<X> states,   \
                                                  span<const X> teacher, span<const M> denoised,                      \
                                                  span<const quell_level> levels, std::size_t step,                   \
                                                  std::size_t dimension)                                              \
    {                                                                                                                 \
        const quell_status lengths = detail::first(detail::length(detail::errors, levels.size(), errors.size()),      \
                                                   detail::length(detail::teacher, states.size(), teacher.size()),    \
                                                   detail::length(detail::denoised, states.size(), denoised.size())); \
        return check(lengths != 0 ? lengths                                                                           \
                                  : quell_teacher_advance_##SUFFIX(errors.data(), parents.data(), parents.size(),     \
                                                                   raw(states), raw(teacher), raw(denoised),          \
                                                                   states.size(), levels.data(), levels.size(), step, \
                                                                   dimension));                                       \
    }

QUELL_STAMP_TABLES(float, float, f32)
QUELL_STAMP_TABLES(double, double, f64)
QUELL_STAMP_TABLES(f16, f16, f16)
QUELL_STAMP_TABLES(bf16, bf16, bf16)
QUELL_STAMP_TABLES(float, f16, f32_f16)
QUELL_STAMP_TABLES(float, bf16, f32_bf16)
#undef QUELL_STAMP_TABLES

/*
 * For samples of X:
 *
 * noising_path      fills the states of one noising path: quell_noising_path_f32().
 * noising_pair      fills the two states of a draw: quell_noising_pair_f32().
 * squared_distance  takes the squared distance of two outputs: quell_squared_distance_f32().
 */
#define QUELL_STAMP_PAIRS(X, SUFFIX)                                                                                  \
    QUELL_NODISCARD inline result noising_path(span<X> x, span<const X> x0, span<const double> grid,                  \
                                               std::uint64_t seed, std::uint32_t stream, std::uint32_t step)          \
    {                                                                                                                 \
        return check(quell_noising_path_##SUFFIX(raw(x), x.size(), raw(x0), x0.size(), grid.data(), grid.size(),      \
                                                 seed, stream, step));                                                \
    }                                                                                                                 \
    QUELL_NODISCARD inline result noising_pair(span<X> x, span<X> x_from, span<const X> x0, span<const X> noise,      \
                                               span<const X> path_noise, const quell_draw &draw)                      \
    {                                                                                                                 \
        const quell_status lengths =                                                                                  \
            detail::first(detail::length(detail::x_from, x.size(), x_from.size()),                                    \
                          detail::length(detail::x0, x.size(), x0.size()),                                            \
                          detail::first(detail::length(detail::noise, x.size(), noise.size()),                        \
                                        detail::length(detail::path_noise, x.size(), path_noise.size())));            \
        return check(lengths != 0 ? lengths                                                                           \
                                  : quell_noising_pair_##SUFFIX(raw(x), raw(x_from), raw(x0), raw(noise),             \
                                                                raw(path_noise), x.size(), &draw));                   \
    }                                                                                                                 \
    QUELL_NODISCARD inline result squared_distance(double &out, span<const X> denoised, span<const X> denoised_from)  \
    {                                                                                                                 \
        const quell_status lengths = detail::length(detail::denoised_from, denoised.size(), denoised_from.size());    \
        return check(lengths != 0                                                                                     \
                         ? lengths                                                                                    \
                         : quell_squared_distance_##SUFFIX(&out, raw(denoised), raw(denoised_from), denoised.size())); \
    }

QUELL_STAMP_PAIRS(float, f32)
QUELL_STAMP_PAIRS(double, f64)
QUELL_STAMP_PAIRS(f16, f16)
QUELL_STAMP_PAIRS(bf16, bf16)
#undef QUELL_STAMP_PAIRS

/*
 * For features of X and labels of L:
 *
 * kmeans          clusters points: quell_kmeans_f32_u8().
 * kmeans_lloyd    clusters points from given centres: quell_kmeans_lloyd_f32_u8().
 * kmeans_predict  labels points: quell_kmeans_predict_f32_u8().
 * offset_cells    pushes the cells of masks: quell_offset_cells_f32_u8().
 * offsets         writes what that adds: quell_offsets_f32_u8().
 */
#define QUELL_STAMP_LABELS(X, L, SUFFIX)                                                                              \
    QUELL_NODISCARD inline result kmeans(quell_kmeans_fit &out, span<double> centres, span<L> labels,                 \
                                         span<double> scratch, span<float> singles, span<const X> features,           \
                                         span<const double> uniforms, const quell_kmeans &options,                    \
                                         std::size_t dimension)                                                       \
    {                                                                                                                 \
        return check(quell_kmeans_##SUFFIX(&out, centres.data(), centres.size(), labels.data(), labels.size(),        \
                                           scratch.data(), scratch.size(), singles.data(), singles.size(),            \
                                           raw(features), features.size(), uniforms.data(), uniforms.size(),          \
                                           &options, dimension));                                                     \
    }                                                                                                                 \
    QUELL_NODISCARD inline result kmeans_lloyd(quell_kmeans_fit &out, span<double> centres, span<L> labels,           \
                                               span<double> scratch, span<float> singles, span<const X> features,     \
                                               const quell_kmeans &options, std::size_t dimension)                    \
    {                                                                                                                 \
        return check(quell_kmeans_lloyd_##SUFFIX(&out, centres.data(), centres.size(), labels.data(), labels.size(),  \
                                                 scratch.data(), scratch.size(), singles.data(), singles.size(),      \
                                                 raw(features), features.size(), &options, dimension));               \
    }                                                                                                                 \
    QUELL_NODISCARD inline result kmeans_predict(double &out, span<L> labels, span<double> scratch,                   \
                                                 span<float> singles, span<const X> features,                         \
                                                 span<const double> centres, std::size_t dimension)                   \
    {                                                                                                                 \
        return check(quell_kmeans_predict_##SUFFIX(&out, labels.data(), labels.size(), scratch.data(),                \
                                                   scratch.size(), singles.data(), singles.size(), raw(features),     \
                                                   features.size(), centres.data(), centres.size(), dimension));      \
    }                                                                                                                 \
    QUELL_NODISCARD inline result offset_cells(span<X> h, span<const L> labels,                                       \
                                               span<const quell_offset_pass> passes, std::int32_t channels)           \
    {                                                                                                                 \
        return check(quell_offset_cells_##SUFFIX(raw(h), h.size(), labels.data(), labels.size(), passes.data(),       \
                                                 passes.size(), channels));                                           \
    }                                                                                                                 \
    QUELL_NODISCARD inline result offsets(span<X> out, span<const L> labels, span<const quell_offset_pass> passes)    \
    {                                                                                                                 \
        return check(quell_offsets_##SUFFIX(raw(out), out.size(), labels.data(), labels.size(), passes.data(),        \
                                            passes.size()));                                                          \
    }

QUELL_STAMP_LABELS(float, std::uint8_t, f32_u8)
QUELL_STAMP_LABELS(float, std::uint16_t, f32_u16)
QUELL_STAMP_LABELS(double, std::uint8_t, f64_u8)
QUELL_STAMP_LABELS(double, std::uint16_t, f64_u16)
QUELL_STAMP_LABELS(f16, std::uint8_t, f16_u8)
QUELL_STAMP_LABELS(f16, std::uint16_t, f16_u16)
QUELL_STAMP_LABELS(bf16, std::uint8_t, bf16_u8)
QUELL_STAMP_LABELS(bf16, std::uint16_t, bf16_u16)
#undef QUELL_STAMP_LABELS

/*
 * For features of X and weights of W:
 *
 * kmeans_plus_plus  chooses centres: quell_kmeans_plus_plus_f32().
 * offset_weighted   pushes cells by weights: quell_offset_weighted_f32().
 * weighted_offsets  writes what that adds: quell_weighted_offsets_f32().
 */
#define QUELL_STAMP_FEATURES(X, W, SUFFIX)                                                                            \
    QUELL_NODISCARD inline result kmeans_plus_plus(double &out, span<double> centres, span<std::size_t> indices,      \
                                                   span<double> scratch, span<const X> features,                      \
                                                   span<const double> uniforms, std::size_t dimension,                \
                                                   std::size_t trials)                                                \
    {                                                                                                                 \
        return check(quell_kmeans_plus_plus_##SUFFIX(&out, centres.data(), centres.size(), indices.data(),            \
                                                     indices.size(), scratch.data(), scratch.size(), raw(features),   \
                                                     features.size(), uniforms.data(), uniforms.size(), dimension,    \
                                                     trials));                                                        \
    }                                                                                                                 \
    QUELL_NODISCARD inline result offset_weighted(span<X> h, span<const W> weights,                                   \
                                                  span<const quell_offset_pass> passes, std::size_t cells,            \
                                                  std::int32_t channels)                                              \
    {                                                                                                                 \
        return check(quell_offset_weighted_##SUFFIX(raw(h), h.size(), weights.data(), weights.size(), passes.data(),  \
                                                    passes.size(), cells, channels));                                 \
    }                                                                                                                 \
    QUELL_NODISCARD inline result weighted_offsets(span<X> out, span<const W> weights,                                \
                                                   span<const quell_offset_pass> passes, std::size_t cells)           \
    {                                                                                                                 \
        return check(quell_weighted_offsets_##SUFFIX(raw(out), out.size(), weights.data(), weights.size(),            \
                                                     passes.data(), passes.size(), cells));                           \
    }

QUELL_STAMP_FEATURES(float, float, f32)
QUELL_STAMP_FEATURES(double, double, f64)
QUELL_STAMP_FEATURES(f16, float, f16)
QUELL_STAMP_FEATURES(bf16, float, bf16)
#undef QUELL_STAMP_FEATURES

/*
 * For maps of V:
 *
 * difference_size_add           takes values of a map: quell_difference_size_add_f32().
 * difference_size_add_weighted  takes them with weights: quell_difference_size_add_weighted_f32().
 * blur_kernel                   fills one half of a kernel: quell_blur_kernel_f32().
 * blur                          filters in place: quell_blur_f32().
 * map_divide                    divides by a number: quell_map_divide_f32().
 */
#define QUELL_STAMP_MAPS(V, SUFFIX)                                                                                   \
    QUELL_NODISCARD inline result difference_size_add(quell_difference_size &size, span<const V> values)              \
    {                                                                                                                 \
        return check(quell_difference_size_add_##SUFFIX(&size, values.data(), values.size()));                        \
    }                                                                                                                 \
    QUELL_NODISCARD inline result difference_size_add_weighted(quell_difference_size &size, span<const V> values,     \
                                                               span<const V> weights)                                 \
    {                                                                                                                 \
        const quell_status lengths = detail::length(detail::weights, values.size(), weights.size());                  \
        return check(lengths != 0 ? lengths                                                                           \
                                  : quell_difference_size_add_weighted_##SUFFIX(&size, values.data(), weights.data(), \
                                                                                values.size()));                      \
    }                                                                                                                 \
    QUELL_NODISCARD inline result blur_kernel(span<V> weights, double sigma)                                          \
    {                                                                                                                 \
        return check(quell_blur_kernel_##SUFFIX(weights.data(), weights.size(), sigma));                              \
    }                                                                                                                 \
    QUELL_NODISCARD inline result blur(span<V> map, span<V> scratch, const quell_blur &options, std::size_t height,   \
                                       std::size_t width)                                                             \
    {                                                                                                                 \
        return check(quell_blur_##SUFFIX(map.data(), map.size(), scratch.data(), scratch.size(), &options, height,    \
                                         width));                                                                     \
    }                                                                                                                 \
    QUELL_NODISCARD inline result map_divide(span<V> map, double divisor)                                             \
    {                                                                                                                 \
        return check(quell_map_divide_##SUFFIX(map.data(), map.size(), divisor));                                     \
    }

QUELL_STAMP_MAPS(float, f32)
QUELL_STAMP_MAPS(double, f64)
#undef QUELL_STAMP_MAPS

/*
 * For folds of values of V and labels of L, whose arrays are their own:
 *
 * fold_reset        forgets all masks: quell_fold_reset_f32_u8().
 * fold_push         takes values of a mask: quell_fold_push_f32_u8().
 * fold_merge        takes what another has seen: quell_fold_merge_f32_u8().
 * fold_margins      fills distances to the second best: quell_fold_margins_f32_u8().
 * fold_confidences  fills the soft-max of the best: quell_fold_confidences_f32_u8().
 * fold_entropies    fills the entropy of the soft-max: quell_fold_entropies_f32_u8().
 * fold_undecided    counts undecided pixels: quell_fold_undecided_f32_u8().
 * fold_fall_back    gives those their cells' labels: quell_fold_fall_back_f32_u8().
 */
#define QUELL_STAMP_FOLDS(V, L, SUFFIX)                                                                               \
    QUELL_NODISCARD inline result fold_reset(const quell_fold_##SUFFIX &fold)                                         \
    {                                                                                                                 \
        return check(quell_fold_reset_##SUFFIX(&fold));                                                               \
    }                                                                                                                 \
    QUELL_NODISCARD inline result fold_push(const quell_fold_##SUFFIX &fold, span<const V> values,                    \
                                            std::size_t label, std::size_t first_pixel)                               \
    {                                                                                                                 \
        return check(quell_fold_push_##SUFFIX(&fold, values.data(), values.size(), label, first_pixel));              \
    }                                                                                                                 \
    QUELL_NODISCARD inline result fold_merge(const quell_fold_##SUFFIX &fold, const quell_fold_##SUFFIX &other)       \
    {                                                                                                                 \
        return check(quell_fold_merge_##SUFFIX(&fold, &other));                                                       \
    }                                                                                                                 \
    QUELL_NODISCARD inline result fold_margins(span<V> out, const quell_fold_##SUFFIX &fold)                          \
    {                                                                                                                 \
        const quell_status lengths = detail::length(detail::out, fold.pixels, out.size());                            \
        return check(lengths != 0 ? lengths : quell_fold_margins_##SUFFIX(out.data(), &fold));                        \
    }                                                                                                                 \
    QUELL_NODISCARD inline result fold_confidences(span<V> out, const quell_fold_##SUFFIX &fold)                      \
    {                                                                                                                 \
        const quell_status lengths = detail::length(detail::out, fold.pixels, out.size());                            \
        return check(lengths != 0 ? lengths : quell_fold_confidences_##SUFFIX(out.data(), &fold));                    \
    }                                                                                                                 \
    QUELL_NODISCARD inline result fold_entropies(span<V> out, const quell_fold_##SUFFIX &fold)                        \
    {                                                                                                                 \
        const quell_status lengths = detail::length(detail::out, fold.pixels, out.size());                            \
        return check(lengths != 0 ? lengths : quell_fold_entropies_##SUFFIX(out.data(), &fold));                      \
    }                                                                                                                 \
    QUELL_NODISCARD inline result fold_undecided(std::size_t &out, const quell_fold_##SUFFIX &fold, double floor)     \
    {                                                                                                                 \
        return check(quell_fold_undecided_##SUFFIX(&out, &fold, floor));                                              \
    }                                                                                                                 \
    QUELL_NODISCARD inline result fold_fall_back(std::size_t &out, const quell_fold_##SUFFIX &fold,                   \
                                                 span<const L> coarse, const quell_grid &grid, double floor)          \
    {                                                                                                                 \
        return check(quell_fold_fall_back_##SUFFIX(&out, &fold, coarse.data(), coarse.size(), &grid, floor));         \
    }

QUELL_STAMP_FOLDS(float, std::uint8_t, f32_u8)
QUELL_STAMP_FOLDS(float, std::uint16_t, f32_u16)
QUELL_STAMP_FOLDS(double, std::uint8_t, f64_u8)
QUELL_STAMP_FOLDS(double, std::uint16_t, f64_u16)
#undef QUELL_STAMP_FOLDS

/*
 * For images of P and maps of V:
 *
 * difference_map            fills a map of differences: quell_difference_map_f32().
 * readout_push_rows_to_map  takes rows of a mask's images into a map: quell_readout_push_rows_to_map_f32().
 * readout_push_rows         takes them into a fold: quell_readout_push_rows_f32_u8().
 */
#define QUELL_STAMP_IMAGES(P, V, IMAGE, VALUE)                                                                        \
    QUELL_NODISCARD inline result difference_map(span<V> map, span<const P> minus, span<const P> plus,                \
                                                 const quell_layout &layout, std::int32_t norm)                       \
    {                                                                                                                 \
        return check(quell_difference_map_##IMAGE(map.data(), map.size(), raw(minus), minus.size(), raw(plus),        \
                                                  plus.size(), &layout, norm));                                       \
    }                                                                                                                 \
    QUELL_NODISCARD inline result readout_push_rows_to_map(quell_readout_progress &progress, span<V> map,             \
                                                           span<V> state, span<const P> minus,                        \
                                                           span<const P> plus, const quell_layout &layout,            \
                                                           const quell_readout &options)                              \
    {                                                                                                                 \
        return check(quell_readout_push_rows_to_map_##IMAGE(&progress, map.data(), map.size(), state.data(),          \
                                                            state.size(), raw(minus), minus.size(), raw(plus),        \
                                                            plus.size(), &layout, &options));                         \
    }                                                                                                                 \
    QUELL_NODISCARD inline result readout_push_rows(quell_readout_progress &progress,                                 \
                                                    const quell_fold_##VALUE##_u8 &fold, span<V> state,               \
                                                    span<const P> minus, span<const P> plus,                          \
                                                    const quell_layout &layout, const quell_readout &options)         \
    {                                                                                                                 \
        return check(quell_readout_push_rows_##IMAGE##_u8(&progress, &fold, state.data(), state.size(),               \
                                                          raw(minus), minus.size(), raw(plus), plus.size(), &layout,  \
                                                          &options));                                                 \
    }                                                                                                                 \
    QUELL_NODISCARD inline result readout_push_rows(quell_readout_progress &progress,                                 \
                                                    const quell_fold_##VALUE##_u16 &fold, span<V> state,              \
                                                    span<const P> minus, span<const P> plus,                          \
                                                    const quell_layout &layout, const quell_readout &options)         \
    {                                                                                                                 \
        return check(quell_readout_push_rows_##IMAGE##_u16(&progress, &fold, state.data(), state.size(),              \
                                                           raw(minus), minus.size(), raw(plus), plus.size(), &layout, \
                                                           &options));                                                \
    }

QUELL_STAMP_IMAGES(std::uint8_t, float, u8, f32)
QUELL_STAMP_IMAGES(float, float, f32, f32)
QUELL_STAMP_IMAGES(double, double, f64, f64)
QUELL_STAMP_IMAGES(f16, float, f16, f32)
QUELL_STAMP_IMAGES(bf16, float, bf16, f32)
#undef QUELL_STAMP_IMAGES

/*
 * For scores, vectors or features of X and values of V:
 *
 * interpolate_row      fills a row of pixels: quell_interpolate_row_f32().
 * joint_bilateral_row  fills a row by weights of a guide: quell_joint_bilateral_row_f32().
 * mix_weights          fills weights from queries and keys: quell_mix_weights_f32().
 * mix_values           fills pixels by given weights: quell_mix_values_f32().
 * mask_embeddings      fills a mean feature for each mask: quell_mask_embeddings_f32().
 * concepts_add         adds the masks of an image to sums of classes: quell_concepts_add_f32().
 * concepts_classify    finds the nearest concepts: quell_concepts_classify_f32().
 */
#define QUELL_STAMP_SCORES(X, V, SUFFIX)                                                                              \
    QUELL_NODISCARD inline result interpolate_row(span<V> out, span<const X> coarse, const quell_grid &grid,          \
                                                  std::int32_t interpolation, std::size_t row)                        \
    {                                                                                                                 \
        return check(quell_interpolate_row_##SUFFIX(out.data(), out.size(), raw(coarse), coarse.size(), &grid,        \
                                                    interpolation, row));                                             \
    }                                                                                                                 \
    QUELL_NODISCARD inline result joint_bilateral_row(span<V> out, span<const V> weights, span<const X> coarse,       \
                                                      const quell_grid &grid, const quell_joint_bilateral &options,   \
                                                      std::size_t row)                                                \
    {                                                                                                                 \
        return check(quell_joint_bilateral_row_##SUFFIX(out.data(), out.size(), weights.data(), weights.size(),       \
                                                        raw(coarse), coarse.size(), &grid, &options, row));           \
    }                                                                                                                 \
    QUELL_NODISCARD inline result mix_weights(span<V> weights, span<V> scratch, span<const X> queries,                \
                                              span<const X> keys, std::size_t dimension, double scale,                \
                                              std::int32_t similarity)                                                \
    {                                                                                                                 \
        return check(quell_mix_weights_##SUFFIX(weights.data(), weights.size(), scratch.data(), scratch.size(),       \
                                                raw(queries), queries.size(), raw(keys), keys.size(), dimension,      \
                                                scale, similarity));                                                  \
    }                                                                                                                 \
    QUELL_NODISCARD inline result mix_values(span<V> out, span<V> scratch, span<const X> coarse,                      \
                                             span<const V> weights)                                                   \
    {                                                                                                                 \
        return check(quell_mix_values_##SUFFIX(out.data(), out.size(), scratch.data(), scratch.size(), raw(coarse),   \
                                               coarse.size(), weights.data(), weights.size()));                       \
    }                                                                                                                 \
    QUELL_NODISCARD inline result mask_embeddings(span<double> embeddings, span<const V> weights,                     \
                                                  span<const X> features, std::size_t clusters,                       \
                                                  std::size_t dimension)                                              \
    {                                                                                                                 \
        return check(quell_mask_embeddings_##SUFFIX(embeddings.data(), embeddings.size(), weights.data(),             \
                                                    weights.size(), raw(features), features.size(), clusters,         \
                                                    dimension));                                                      \
    }                                                                                                                 \
    QUELL_NODISCARD inline result concepts_add(span<double> sums, span<std::uint64_t> pixels,                         \
                                               span<const std::uint64_t> confusion, span<const X> embeddings,         \
                                               std::size_t clusters, std::size_t dimension)                           \
    {                                                                                                                 \
        return check(quell_concepts_add_##SUFFIX(sums.data(), sums.size(), pixels.data(), pixels.size(),              \
                                                 confusion.data(), confusion.size(), raw(embeddings),                 \
                                                 embeddings.size(), clusters, dimension));                            \
    }                                                                                                                 \
    QUELL_NODISCARD inline result concepts_classify(span<std::uint32_t> class_of, span<const X> embeddings,           \
                                                    span<const double> concepts, std::size_t dimension,               \
                                                    std::int32_t metric)                                              \
    {                                                                                                                 \
        return check(quell_concepts_classify_##SUFFIX(class_of.data(), class_of.size(), raw(embeddings),              \
                                                      embeddings.size(), concepts.data(), concepts.size(), dimension, \
                                                      metric));                                                       \
    }

QUELL_STAMP_SCORES(float, float, f32)
QUELL_STAMP_SCORES(double, double, f64)
QUELL_STAMP_SCORES(f16, float, f16)
QUELL_STAMP_SCORES(bf16, float, bf16)
#undef QUELL_STAMP_SCORES

/*
 * For values of V and labels of L, all masks at once:
 *
 * interpolate_labels  interpolates masks of labels: quell_interpolate_labels_f32_u8().
 * interpolate_scores  interpolates maps of scores: quell_interpolate_scores_f32_u8().
 * mix_labels          mixes masks of labels: quell_mix_labels_f32_u8().
 * mix_scores          mixes maps of scores: quell_mix_scores_f32_u8().
 * cell_weights        fills how much of each mask lies in each cell: quell_cell_weights_f32_u8().
 */
#define QUELL_STAMP_MASKS(V, L, SUFFIX)                                                                               \
    QUELL_NODISCARD inline result interpolate_labels(const quell_fold_##SUFFIX &fold, span<V> scratch,                \
                                                     span<const L> coarse, const quell_grid &grid,                    \
                                                     std::size_t clusters, std::int32_t interpolation)                \
    {                                                                                                                 \
        return check(quell_interpolate_labels_##SUFFIX(&fold, scratch.data(), scratch.size(), coarse.data(),          \
                                                       coarse.size(), &grid, clusters, interpolation));               \
    }                                                                                                                 \
    QUELL_NODISCARD inline result interpolate_scores(const quell_fold_##SUFFIX &fold, span<V> scratch,                \
                                                     span<const V> coarse, const quell_grid &grid,                    \
                                                     std::size_t clusters, std::int32_t interpolation)                \
    {                                                                                                                 \
        return check(quell_interpolate_scores_##SUFFIX(&fold, scratch.data(), scratch.size(), coarse.data(),          \
                                                       coarse.size(), &grid, clusters, interpolation));               \
    }                                                                                                                 \
    QUELL_NODISCARD inline result mix_labels(const quell_fold_##SUFFIX &fold, span<V> scratch, span<const L> coarse,  \
                                             span<const V> weights, std::size_t clusters, std::size_t cells,          \
                                             std::size_t first_pixel, std::size_t pixels)                             \
    {                                                                                                                 \
        return check(quell_mix_labels_##SUFFIX(&fold, scratch.data(), scratch.size(), coarse.data(), coarse.size(),   \
                                               weights.data(), weights.size(), clusters, cells, first_pixel,          \
                                               pixels));                                                              \
    }                                                                                                                 \
    QUELL_NODISCARD inline result mix_scores(const quell_fold_##SUFFIX &fold, span<V> scratch, span<const V> coarse,  \
                                             span<const V> weights, std::size_t clusters, std::size_t cells,          \
                                             std::size_t first_pixel, std::size_t pixels)                             \
    {                                                                                                                 \
        return check(quell_mix_scores_##SUFFIX(&fold, scratch.data(), scratch.size(), coarse.data(), coarse.size(),   \
                                               weights.data(), weights.size(), clusters, cells, first_pixel,          \
                                               pixels));                                                              \
    }                                                                                                                 \
    QUELL_NODISCARD inline result cell_weights(span<V> weights, span<const L> labels, const quell_grid &grid,         \
                                               std::size_t clusters, std::int32_t interpolation)                      \
    {                                                                                                                 \
        return check(quell_cell_weights_##SUFFIX(weights.data(), weights.size(), labels.data(), labels.size(), &grid, \
                                                 clusters, interpolation));                                           \
    }

QUELL_STAMP_MASKS(float, std::uint8_t, f32_u8)
QUELL_STAMP_MASKS(float, std::uint16_t, f32_u16)
QUELL_STAMP_MASKS(double, std::uint8_t, f64_u8)
QUELL_STAMP_MASKS(double, std::uint16_t, f64_u16)
#undef QUELL_STAMP_MASKS

/*
 * For images of P and values of V:
 *
 * joint_bilateral_coarse_guide  fills an image's mean over each cell: quell_joint_bilateral_coarse_guide_u8().
 * joint_bilateral_weights       fills the weights of a row: quell_joint_bilateral_weights_u8().
 * guided_statistics             fills what the guided filter knows of an image: quell_guided_statistics_u8().
 * guided_map                    filters one mask: quell_guided_map_u8().
 */
#define QUELL_STAMP_GUIDES(P, V, SUFFIX)                                                                              \
    QUELL_NODISCARD inline result joint_bilateral_coarse_guide(span<V> coarse_guide, span<const P> guide,             \
                                                               const quell_layout &layout, const quell_grid &grid)    \
    {                                                                                                                 \
        return check(quell_joint_bilateral_coarse_guide_##SUFFIX(coarse_guide.data(), coarse_guide.size(),            \
                                                                 raw(guide), guide.size(), &layout, &grid));          \
    }                                                                                                                 \
    QUELL_NODISCARD inline result joint_bilateral_weights(span<V> weights, span<const P> guide,                       \
                                                          const quell_layout &layout, span<const V> coarse_guide,     \
                                                          const quell_grid &grid,                                     \
                                                          const quell_joint_bilateral &options, std::size_t row)      \
    {                                                                                                                 \
        return check(quell_joint_bilateral_weights_##SUFFIX(weights.data(), weights.size(), raw(guide), guide.size(), \
                                                            &layout, coarse_guide.data(), coarse_guide.size(), &grid, \
                                                            &options, row));                                          \
    }                                                                                                                 \
    QUELL_NODISCARD inline result guided_statistics(span<double> statistics, span<double> scratch,                    \
                                                    span<const P> guide, const quell_layout &layout,                  \
                                                    const quell_grid &grid, const quell_guided &options)              \
    {                                                                                                                 \
        return check(quell_guided_statistics_##SUFFIX(statistics.data(), statistics.size(), scratch.data(),           \
                                                      scratch.size(), raw(guide), guide.size(), &layout, &grid,       \
                                                      &options));                                                     \
    }                                                                                                                 \
    QUELL_NODISCARD inline result guided_map(span<V> out, span<double> scratch, span<const V> coarse,                 \
                                             span<const P> guide, const quell_layout &layout,                         \
                                             span<const double> statistics, const quell_grid &grid,                   \
                                             const quell_guided &options, std::int32_t interpolation)                 \
    {                                                                                                                 \
        return check(quell_guided_map_##SUFFIX(out.data(), out.size(), scratch.data(), scratch.size(), coarse.data(), \
                                               coarse.size(), raw(guide), guide.size(), &layout, statistics.data(),   \
                                               statistics.size(), &grid, &options, interpolation));                   \
    }

QUELL_STAMP_GUIDES(std::uint8_t, float, u8)
QUELL_STAMP_GUIDES(float, float, f32)
QUELL_STAMP_GUIDES(double, double, f64)
QUELL_STAMP_GUIDES(f16, float, f16)
QUELL_STAMP_GUIDES(bf16, float, bf16)
#undef QUELL_STAMP_GUIDES

/*
 * For images of P, values of V and labels of L, all masks at once:
 *
 * joint_bilateral_labels  masks of labels by joint bilateral upsampling: quell_joint_bilateral_labels_u8_u8().
 * joint_bilateral_scores  maps of scores: quell_joint_bilateral_scores_u8_u8().
 * guided_labels           masks of labels by the guided filter: quell_guided_labels_u8_u8().
 * guided_scores           maps of scores: quell_guided_scores_u8_u8().
 */
#define QUELL_STAMP_GUIDED_MASKS(P, V, L, SUFFIX, FOLD)                                                               \
    QUELL_NODISCARD inline result joint_bilateral_labels(const quell_fold_##FOLD &fold, span<V> scratch,              \
                                                         span<const L> coarse, span<const P> guide,                   \
                                                         const quell_layout &layout, span<const V> coarse_guide,      \
                                                         const quell_grid &grid,                                      \
                                                         const quell_joint_bilateral &options, std::size_t clusters)  \
    {                                                                                                                 \
        return check(quell_joint_bilateral_labels_##SUFFIX(&fold, scratch.data(), scratch.size(), coarse.data(),      \
                                                           coarse.size(), raw(guide), guide.size(), &layout,          \
                                                           coarse_guide.data(), coarse_guide.size(), &grid, &options, \
                                                           clusters));                                                \
    }                                                                                                                 \
    QUELL_NODISCARD inline result joint_bilateral_scores(const quell_fold_##FOLD &fold, span<V> scratch,              \
                                                         span<const V> coarse, span<const P> guide,                   \
                                                         const quell_layout &layout, span<const V> coarse_guide,      \
                                                         const quell_grid &grid,                                      \
                                                         const quell_joint_bilateral &options, std::size_t clusters)  \
    {                                                                                                                 \
        return check(quell_joint_bilateral_scores_##SUFFIX(&fold, scratch.data(), scratch.size(), coarse.data(),      \
                                                           coarse.size(), raw(guide), guide.size(), &layout,          \
                                                           coarse_guide.data(), coarse_guide.size(), &grid, &options, \
                                                           clusters));                                                \
    }                                                                                                                 \
    QUELL_NODISCARD inline result guided_labels(const quell_fold_##FOLD &fold, span<V> row, span<double> scratch,     \
                                                span<const L> coarse, span<const P> guide,                            \
                                                const quell_layout &layout, span<const double> statistics,            \
                                                const quell_grid &grid, const quell_guided &options,                  \
                                                std::size_t clusters, std::int32_t interpolation)                     \
    {                                                                                                                 \
        return check(quell_guided_labels_##SUFFIX(&fold, row.data(), row.size(), scratch.data(), scratch.size(),      \
                                                  coarse.data(), coarse.size(), raw(guide), guide.size(), &layout,    \
                                                  statistics.data(), statistics.size(), &grid, &options, clusters,    \
                                                  interpolation));                                                    \
    }                                                                                                                 \
    QUELL_NODISCARD inline result guided_scores(const quell_fold_##FOLD &fold, span<V> row, span<double> scratch,     \
                                                span<const V> coarse, span<const P> guide,                            \
                                                const quell_layout &layout, span<const double> statistics,            \
                                                const quell_grid &grid, const quell_guided &options,                  \
                                                std::size_t clusters, std::int32_t interpolation)                     \
    {                                                                                                                 \
        return check(quell_guided_scores_##SUFFIX(&fold, row.data(), row.size(), scratch.data(), scratch.size(),      \
                                                  coarse.data(), coarse.size(), raw(guide), guide.size(), &layout,    \
                                                  statistics.data(), statistics.size(), &grid, &options, clusters,    \
                                                  interpolation));                                                    \
    }

QUELL_STAMP_GUIDED_MASKS(std::uint8_t, float, std::uint8_t, u8_u8, f32_u8)
QUELL_STAMP_GUIDED_MASKS(std::uint8_t, float, std::uint16_t, u8_u16, f32_u16)
QUELL_STAMP_GUIDED_MASKS(float, float, std::uint8_t, f32_u8, f32_u8)
QUELL_STAMP_GUIDED_MASKS(float, float, std::uint16_t, f32_u16, f32_u16)
QUELL_STAMP_GUIDED_MASKS(double, double, std::uint8_t, f64_u8, f64_u8)
QUELL_STAMP_GUIDED_MASKS(double, double, std::uint16_t, f64_u16, f64_u16)
QUELL_STAMP_GUIDED_MASKS(f16, float, std::uint8_t, f16_u8, f32_u8)
QUELL_STAMP_GUIDED_MASKS(f16, float, std::uint16_t, f16_u16, f32_u16)
QUELL_STAMP_GUIDED_MASKS(bf16, float, std::uint8_t, bf16_u8, f32_u8)
QUELL_STAMP_GUIDED_MASKS(bf16, float, std::uint16_t, bf16_u16, f32_u16)
#undef QUELL_STAMP_GUIDED_MASKS

/*
 * For images of P, weights of W and values of V:
 *
 * pamr_weights  fills how alike neighbours are: quell_pamr_weights_u8_f32().
 */
#define QUELL_STAMP_PAMR_WEIGHTS(P, W, V, SUFFIX)                                                                     \
    QUELL_NODISCARD inline result pamr_weights(span<W> weights, span<V> scratch, span<const P> guide,                 \
                                               const quell_layout &layout, span<const std::size_t> dilations,         \
                                               const quell_grid &grid)                                                \
    {                                                                                                                 \
        return check(quell_pamr_weights_##SUFFIX(raw(weights), weights.size(), scratch.data(), scratch.size(),        \
                                                 raw(guide), guide.size(), &layout, dilations.data(),                 \
                                                 dilations.size(), &grid));                                           \
    }

QUELL_STAMP_PAMR_WEIGHTS(std::uint8_t, float, float, u8_f32)
QUELL_STAMP_PAMR_WEIGHTS(std::uint8_t, f16, float, u8_f16)
QUELL_STAMP_PAMR_WEIGHTS(std::uint8_t, bf16, float, u8_bf16)
QUELL_STAMP_PAMR_WEIGHTS(float, float, float, f32_f32)
QUELL_STAMP_PAMR_WEIGHTS(float, f16, float, f32_f16)
QUELL_STAMP_PAMR_WEIGHTS(float, bf16, float, f32_bf16)
QUELL_STAMP_PAMR_WEIGHTS(double, double, double, f64_f64)
QUELL_STAMP_PAMR_WEIGHTS(f16, float, float, f16_f32)
QUELL_STAMP_PAMR_WEIGHTS(f16, f16, float, f16_f16)
QUELL_STAMP_PAMR_WEIGHTS(f16, bf16, float, f16_bf16)
QUELL_STAMP_PAMR_WEIGHTS(bf16, float, float, bf16_f32)
QUELL_STAMP_PAMR_WEIGHTS(bf16, f16, float, bf16_f16)
QUELL_STAMP_PAMR_WEIGHTS(bf16, bf16, float, bf16_bf16)
#undef QUELL_STAMP_PAMR_WEIGHTS

/*
 * For weights of W and values of V:
 *
 * pamr_map  refines one mask: quell_pamr_map_f32().
 */
#define QUELL_STAMP_PAMR_MAPS(W, V, SUFFIX)                                                                           \
    QUELL_NODISCARD inline result pamr_map(span<V> out, span<V> scratch, span<const V> coarse, span<const W> weights, \
                                           span<const std::size_t> dilations, const quell_grid &grid,                 \
                                           std::int32_t interpolation, std::size_t iterations)                        \
    {                                                                                                                 \
        return check(quell_pamr_map_##SUFFIX(out.data(), out.size(), scratch.data(), scratch.size(), coarse.data(),   \
                                             coarse.size(), raw(weights), weights.size(), dilations.data(),           \
                                             dilations.size(), &grid, interpolation, iterations));                    \
    }

QUELL_STAMP_PAMR_MAPS(float, float, f32)
QUELL_STAMP_PAMR_MAPS(double, double, f64)
QUELL_STAMP_PAMR_MAPS(f16, float, f16)
QUELL_STAMP_PAMR_MAPS(bf16, float, bf16)
#undef QUELL_STAMP_PAMR_MAPS

/*
 * For weights of W, values of V and labels of L, all masks at once:
 *
 * pamr_labels  refines masks of labels: quell_pamr_labels_f32_u8().
 * pamr_scores  refines maps of scores: quell_pamr_scores_f32_u8().
 */
#define QUELL_STAMP_PAMR_MASKS(W, V, L, SUFFIX, FOLD)                                                                 \
    QUELL_NODISCARD inline result pamr_labels(const quell_fold_##FOLD &fold, span<V> scratch, span<const L> coarse,   \
                                              span<const W> weights, span<const std::size_t> dilations,               \
                                              const quell_grid &grid, std::size_t clusters,                           \
                                              std::int32_t interpolation, std::size_t iterations)                     \
    {                                                                                                                 \
        return check(quell_pamr_labels_##SUFFIX(&fold, scratch.data(), scratch.size(), coarse.data(), coarse.size(),  \
                                                raw(weights), weights.size(), dilations.data(), dilations.size(),     \
                                                &grid, clusters, interpolation, iterations));                         \
    }                                                                                                                 \
    QUELL_NODISCARD inline result pamr_scores(const quell_fold_##FOLD &fold, span<V> scratch, span<const V> coarse,   \
                                              span<const W> weights, span<const std::size_t> dilations,               \
                                              const quell_grid &grid, std::size_t clusters,                           \
                                              std::int32_t interpolation, std::size_t iterations)                     \
    {                                                                                                                 \
        return check(quell_pamr_scores_##SUFFIX(&fold, scratch.data(), scratch.size(), coarse.data(), coarse.size(),  \
                                                raw(weights), weights.size(), dilations.data(), dilations.size(),     \
                                                &grid, clusters, interpolation, iterations));                         \
    }

QUELL_STAMP_PAMR_MASKS(float, float, std::uint8_t, f32_u8, f32_u8)
QUELL_STAMP_PAMR_MASKS(float, float, std::uint16_t, f32_u16, f32_u16)
QUELL_STAMP_PAMR_MASKS(double, double, std::uint8_t, f64_u8, f64_u8)
QUELL_STAMP_PAMR_MASKS(double, double, std::uint16_t, f64_u16, f64_u16)
QUELL_STAMP_PAMR_MASKS(f16, float, std::uint8_t, f16_u8, f32_u8)
QUELL_STAMP_PAMR_MASKS(f16, float, std::uint16_t, f16_u16, f32_u16)
QUELL_STAMP_PAMR_MASKS(bf16, float, std::uint8_t, bf16_u8, f32_u8)
QUELL_STAMP_PAMR_MASKS(bf16, float, std::uint16_t, bf16_u16, f32_u16)
#undef QUELL_STAMP_PAMR_MASKS

/*
 * For labels of L:
 *
 * components    numbers the connected components: quell_components_u8().
 * remove_small  gives small ones away: quell_remove_small_u8().
 */
#define QUELL_STAMP_COMPONENTS(L, SUFFIX)                                                                             \
    QUELL_NODISCARD inline result components(std::size_t &out, span<std::uint32_t> components, span<const L> labels,  \
                                             std::size_t height, std::size_t width, std::int32_t connectivity)        \
    {                                                                                                                 \
        const quell_status lengths =                                                                                  \
            detail::length(detail::components, labels.size(), components.size());                                     \
        return check(lengths != 0 ? lengths                                                                           \
                                  : quell_components_##SUFFIX(&out, components.data(), labels.data(), labels.size(),  \
                                                              height, width, connectivity));                          \
    }                                                                                                                 \
    QUELL_NODISCARD inline result remove_small(std::size_t &out, span<L> labels, span<std::uint32_t> scratch,         \
                                               std::size_t height, std::size_t width, std::int32_t connectivity,      \
                                               std::size_t least)                                                     \
    {                                                                                                                 \
        return check(quell_remove_small_##SUFFIX(&out, labels.data(), labels.size(), scratch.data(), scratch.size(),  \
                                                 height, width, connectivity, least));                                \
    }

QUELL_STAMP_COMPONENTS(std::uint8_t, u8)
QUELL_STAMP_COMPONENTS(std::uint16_t, u16)
#undef QUELL_STAMP_COMPONENTS

/*
 * For true labels of Y and labels of L:
 *
 * confusion_count   counts pairs of labels: quell_confusion_count_u8_u8().
 * boundaries_count  counts boundary pixels: quell_boundaries_count_u8_u8().
 */
#define QUELL_STAMP_TRUTH(Y, L, SUFFIX)                                                                               \
    QUELL_NODISCARD inline result confusion_count(span<std::uint64_t> confusion, span<const Y> truth,                 \
                                                  span<const L> labels, std::size_t classes, std::size_t clusters,    \
                                                  std::size_t ignore)                                                 \
    {                                                                                                                 \
        const quell_status lengths =                                                                                  \
            detail::length(detail::labels, truth.size(), labels.size());                                              \
        return check(lengths != 0 ? lengths                                                                           \
                                  : quell_confusion_count_##SUFFIX(confusion.data(), confusion.size(), truth.data(),  \
                                                                   labels.data(), truth.size(), classes, clusters,    \
                                                                   ignore));                                          \
    }                                                                                                                 \
    QUELL_NODISCARD inline result boundaries_count(quell_boundaries &out, span<std::uint32_t> scratch,                \
                                                   span<const Y> truth, span<const L> labels, std::size_t height,     \
                                                   std::size_t width, std::size_t ignore, double distance)            \
    {                                                                                                                 \
        const quell_status lengths =                                                                                  \
            detail::length(detail::labels, truth.size(), labels.size());                                              \
        return check(lengths != 0 ? lengths                                                                           \
                                  : quell_boundaries_count_##SUFFIX(&out, scratch.data(), scratch.size(),             \
                                                                    truth.data(), labels.data(), truth.size(),        \
                                                                    height, width, ignore, distance));                \
    }

QUELL_STAMP_TRUTH(std::uint8_t, std::uint8_t, u8_u8)
QUELL_STAMP_TRUTH(std::uint8_t, std::uint16_t, u8_u16)
QUELL_STAMP_TRUTH(std::uint16_t, std::uint8_t, u16_u8)
QUELL_STAMP_TRUTH(std::uint16_t, std::uint16_t, u16_u16)
#undef QUELL_STAMP_TRUTH

/** Fills with uniforms in [0, 1): quell_uniform_f32(). */
QUELL_NODISCARD inline result uniform(span<float> out, std::uint64_t seed, std::uint32_t stream, std::uint32_t step,
                                      std::uint64_t first_element = 0)
{
    return check(quell_uniform_f32(out.data(), out.size(), seed, stream, step, first_element));
}

/** Fills with uniforms in [0, 1): quell_uniform_f64(). */
QUELL_NODISCARD inline result uniform(span<double> out, std::uint64_t seed, std::uint32_t stream, std::uint32_t step,
                                      std::uint64_t first_element = 0)
{
    return check(quell_uniform_f64(out.data(), out.size(), seed, stream, step, first_element));
}
#undef QUELL_NODISCARD

}  // inline namespace
}  // namespace quell

#endif
