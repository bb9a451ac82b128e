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
    conditional = 75,
    moments = 88,
    x_from = 92,
    path_noise = 93,
    teacher = 115,
    errors = 118,
    x0 = 119,
    denoised_from = 121
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
