/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The generator and its floats once more, in plain C from their documentation: the bits must be the library's.
 *
 * Compile with -ffp-contract=off: each product and each sum is rounded on its own.
 */
#include "check.h"

#include <float.h>
#include <math.h>
#include <quell.h>
#include <string.h>

#if FLT_EVAL_METHOD != 0
#error "expressions in single precision must be rounded to it: compile with SSE or for another machine"
#endif

enum { LONGEST = 150 };

/* Philox4x32 with ten rounds: Salmon, Moraes, Dror and Shaw, SC 2011. */
static void philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; ++round) {
        const uint64_t p0 = UINT64_C(0xd2511f53) * c0, p1 = UINT64_C(0xcd9e8d57) * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += UINT32_C(0x9e3779b9);
        k1 += UINT32_C(0xbb67ae85);
    }
    out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

/* Block `index` of a stream: the counter is (index low, index high, step, stream), the key is the seed. */
static void block(uint32_t out[4], uint64_t seed, uint32_t stream, uint32_t step, uint64_t index)
{
    const uint32_t counter[4] = {(uint32_t)index, (uint32_t)(index >> 32), step, stream};
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    philox(out, counter, key);
}

static float from_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t to_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* sqrt(-2 ln u), u = (k + 1/2) / 2^23 from the upper 23 bits, with the logarithm as a polynomial on sqrt(1/2) <= 1 + f. */
static float radius(uint32_t bits)
{
    static const float P[] = {-0.11789808f, 0.11872976f, -0.12384348f, 0.14218658f,
                              -0.16669251f, 0.20002227f, -0.24999987f, 0.3333331f};
    const float u = ((float)(bits >> 9) + 0.5f) * (1.0f / 8388608.0f);
    const uint32_t shifted = to_bits(u) + (UINT32_C(0x3f800000) - UINT32_C(0x3f3504f3));
    const float exponent = (float)((int32_t)(shifted >> 23) - 127);
    const float f = from_bits((shifted & UINT32_C(0x007fffff)) + UINT32_C(0x3f3504f3)) - 1.0f;
    float p = 0.06915368f;
    for (size_t i = 0; i < sizeof P / sizeof P[0]; ++i)
        p = p * f + P[i];
    const float ff = f * f;
    float t = ff + -2.0f * ((ff * f) * p);
    t += -exponent * 2.8572135e-6f;
    t += -2.0f * f;
    t += -exponent * 1.3862915f;
    return sqrtf(t);
}

/* Two bits choose the quadrant, 24 signed bits the angle within it: r in [-1/2, 1/2) of a quarter turn. */
static void cos_sin(float *c, float *s, uint32_t bits)
{
    const uint32_t field = (bits << 2) >> 8;
    const int32_t angle = (field & UINT32_C(0x800000)) != 0 ? (int32_t)field - 0x1000000 : (int32_t)field;
    const float r = (float)angle * (1.0f / 16777216.0f);
    const float z = r * r;
    float sine = 0.00015820673f;
    sine = sine * z - 0.0046812664f;
    sine = sine * z + 0.07969258f;
    sine = sine * z - 0.64596406f;
    sine = sine * z + 1.5707964f;
    sine *= r;
    float cosine = 0.0009040216f;
    cosine = cosine * z - 0.020860288f;
    cosine = cosine * z + 0.25366923f;
    cosine = cosine * z - 1.2337005f;
    cosine = cosine * z + 1.0f;
    switch (bits >> 30) {
    case 0:
        *c = cosine, *s = sine;
        break;
    case 1:
        *c = -sine, *s = cosine;
        break;
    case 2:
        *c = -cosine, *s = -sine;
        break;
    default:
        *c = sine, *s = -cosine;
    }
}

static float normal(uint64_t seed, uint32_t stream, uint32_t step, uint64_t element)
{
    uint32_t words[4];
    float c, s;
    block(words, seed, stream, step, element / 4);
    const size_t pair = element % 4 < 2 ? 0 : 2;
    cos_sin(&c, &s, words[pair + 1]);
    return radius(words[pair]) * (element % 2 == 0 ? c : s);
}

static float uniform(uint64_t seed, uint32_t stream, uint32_t step, uint64_t element)
{
    uint32_t words[4];
    block(words, seed, stream, step, element / 4);
    return (float)(words[element % 4] >> 8) * (1.0f / 16777216.0f);
}

static double uniform_f64(uint64_t seed, uint32_t stream, uint32_t step, uint64_t element)
{
    uint32_t words[4];
    block(words, seed, stream, step, element / 2);
    const size_t pair = element % 2 == 0 ? 0 : 2;
    const uint64_t both = (uint64_t)words[pair + 1] << 32 | words[pair];
    return (double)(both >> 11) * (1.0 / 9007199254740992.0);
}

/* Rounds a magnitude to a multiple of `unit`, a power of two, ties to even: exact as long as the quotient fits. */
static uint32_t multiples(float magnitude, double unit)
{
    const double quotient = (double)magnitude / unit;
    uint32_t whole = (uint32_t)quotient;
    const double rest = quotient - whole;
    if (rest > 0.5 || (rest == 0.5 && whole % 2 == 1))
        ++whole;
    return whole;
}

/* A finite float to 16 bits with `digits` explicit fraction bits and the smallest normal exponent `least`. */
static uint16_t narrow(float value, int digits, int least)
{
    const uint32_t sign = to_bits(value) >> 31;
    const float magnitude = fabsf(value);
    int exponent;
    (void)frexpf(magnitude, &exponent);
    exponent = exponent - 1 < least || magnitude == 0.0f ? least : exponent - 1;
    /* The implicit leading digit adds one to the exponent field, and so does rounding up to the next power of two. */
    const uint32_t fraction = multiples(magnitude, ldexp(1.0, exponent - digits));
    const uint32_t field = (uint32_t)(exponent - least) << digits;
    return (uint16_t)(sign << 15 | (field + fraction));
}

static void compare(uint64_t seed, uint32_t stream, uint32_t step, uint64_t first, size_t n)
{
    static float f32[LONGEST], u32[LONGEST], expected32[LONGEST], expected_u32[LONGEST];
    static double f64[LONGEST], u64[LONGEST], expected64[LONGEST], expected_u64[LONGEST];
    static uint16_t f16[LONGEST], bf16[LONGEST], expected16[LONGEST], expected_b16[LONGEST];
    for (size_t i = 0; i < n; ++i) {
        expected32[i] = normal(seed, stream, step, first + i);
        expected64[i] = expected32[i];
        expected16[i] = narrow(expected32[i], 10, -14);
        expected_b16[i] = narrow(expected32[i], 7, -126);
        expected_u32[i] = uniform(seed, stream, step, first + i);
        expected_u64[i] = uniform_f64(seed, stream, step, first + i);
    }
    CHECK(quell_normal_f32(f32, n, seed, stream, step, first) == 0);
    CHECK(quell_normal_f64(f64, n, seed, stream, step, first) == 0);
    CHECK(quell_normal_f16(f16, n, seed, stream, step, first) == 0);
    CHECK(quell_normal_bf16(bf16, n, seed, stream, step, first) == 0);
    CHECK(quell_uniform_f32(u32, n, seed, stream, step, first) == 0);
    CHECK(quell_uniform_f64(u64, n, seed, stream, step, first) == 0);
    for (size_t i = 0; i < n; ++i) {
        CHECK(memcmp(&f32[i], &expected32[i], sizeof f32[i]) == 0);
        CHECK(memcmp(&f64[i], &expected64[i], sizeof f64[i]) == 0);
        CHECK(f16[i] == expected16[i]);
        CHECK(bf16[i] == expected_b16[i]);
        CHECK(memcmp(&u32[i], &expected_u32[i], sizeof u32[i]) == 0);
        CHECK(memcmp(&u64[i], &expected_u64[i], sizeof u64[i]) == 0);
    }
}

static void compare_batch(size_t items, size_t item)
{
    static float batch[LONGEST];
    static const uint64_t seeds[] = {UINT64_C(9), UINT64_C(0xfedcba9876543210), UINT64_C(0), UINT64_MAX};
    CHECK(quell_normal_batch_f32(batch, items * item, seeds, items, 5, 6) == 0);
    for (size_t i = 0; i < items * item; ++i) {
        const float expected = normal(seeds[i / item], 5, 6, i % item);
        CHECK(memcmp(&batch[i], &expected, sizeof expected) == 0);
    }
}

int main(void)
{
    static const uint32_t counters[3][4] = {
        {0, 0, 0, 0}, {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX}, {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}};
    static const uint32_t keys[3][2] = {{0, 0}, {UINT32_MAX, UINT32_MAX}, {0xa4093822, 0x299f31d0}};
    /* Random123, kat_vectors. */
    static const uint32_t known[3][4] = {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
                                         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
                                         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}};
    static const uint64_t seeds[] = {0, 1, 42, UINT64_C(1) << 32, UINT64_C(0x0123456789abcdef), UINT64_MAX};
    static const uint32_t words[] = {0, 1, 1000, UINT32_MAX};
    /* Where a block starts, within one, where the counter's high word takes over, and the last elements that there are. */
    static const uint64_t firsts[] = {0, 1, 3, 7, (UINT64_C(1) << 33) - 9, (UINT64_C(1) << 34) - 10, UINT64_MAX - LONGEST};
    static const size_t lengths[] = {0, 1, 2, 5, 130, LONGEST};
    for (size_t i = 0; i < 3; ++i) {
        uint32_t mine[4], theirs[4];
        philox(mine, counters[i], keys[i]);
        CHECK(quell_philox4x32_10(theirs, counters[i], keys[i]) == 0);
        CHECK(memcmp(mine, known[i], sizeof mine) == 0);
        CHECK(memcmp(theirs, known[i], sizeof theirs) == 0);
    }
    for (size_t s = 0; s < sizeof seeds / sizeof seeds[0]; ++s)
        for (size_t w = 0; w < 4; ++w)
            for (size_t v = 0; v < 4; ++v)
                for (size_t f = 0; f < sizeof firsts / sizeof firsts[0]; ++f)
                    compare(seeds[s], words[w], words[v], firsts[f], lengths[(s + w + v + f) % 6]);
    /* A long stretch, so that rare paths of the polynomials are met, too. */
    for (uint64_t first = 0; first < 200000; first += LONGEST)
        compare(20240501, 0, 0, first, LONGEST);
    for (size_t items = 1; items <= 4; ++items)
        compare_batch(items, 37);
    return check_result("philox");
}
