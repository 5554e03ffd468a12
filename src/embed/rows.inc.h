// SPDX-License-Identifier: Apache-2.0
//
// The functions of rows.h as plain loops, which the compiler turns into vectors of whatever
// instruction set the including file is compiled for. Include once in a file, with
//
//   ROWS_OPS   the name of the elea__rows_ops to define
//
// The pragmas let sums run in as many lanes as the set has; they need no OpenMP runtime.
#include <math.h>
#include <string.h>

#include "embed/rows.h"

static inline uint32_t float_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float float_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// To nearest even. NaN may lose its payload, and become infinite, which nothing here minds.
static inline uint16_t bfloat_of(float value) {
    uint32_t bits = float_bits(value);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static inline float of_bfloat(uint16_t bits) { return float_of_bits((uint32_t)bits << 16); }

// 2^x for x <= 0, relative error below 1e-7; x below -126 counts as -126. The integer part is what
// lands in the low bits when 1.5 * 2^23 is added; the rest is within half of zero, and its power is
// a minimax polynomial.
static inline float exp2_negative(float x) {
    x = x > -126.0f ? x : -126.0f;
    float shifted = x + 12582912.0f;
    float rest = x - (shifted - 12582912.0f);
    float power = 0.00132764782756567f;
    power = power * rest + 0.009675540961325169f;
    power = power * rest + 0.05550713092088699f;
    power = power * rest + 0.24022120237350464f;
    power = power * rest + 0.6931469440460205f;
    power = power * rest + 1.0000001192092896f;
    return float_of_bits(float_bits(power) + (float_bits(shifted) << 23));
}

static void to_bfloat(const float *restrict x, int64_t count, uint16_t *restrict out) {
    for (int64_t i = 0; i < count; i++)
        out[i] = bfloat_of(x[i]);
}

static void layer_norm_row(float *restrict x, int64_t width, const float *restrict gain,
                           const float *restrict shift, float epsilon) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < width; i++)
        sum += x[i];
    float mean = sum / (float)width;
    float squares = 0;
#pragma omp simd reduction(+ : squares)
    for (int64_t i = 0; i < width; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    float factor = 1.0f / sqrtf(squares / (float)width + epsilon);
    for (int64_t i = 0; i < width; i++)
        x[i] = (x[i] - mean) * factor * gain[i] + shift[i];
}

static void layer_norm(float *x, int64_t rows, int64_t width, const float *gain, const float *shift,
                       float epsilon, uint16_t *halves) {
    for (int64_t row = 0; row < rows; row++) {
        layer_norm_row(x + row * width, width, gain, shift, epsilon);
        if (halves != NULL)
            to_bfloat(x + row * width, width, halves + row * width);
    }
}

static void softmax_row(float *restrict x, int64_t width, int64_t valid, float scale) {
    // A whole row of lanes, so that no loop has a rest: what is not valid cannot win the maximum.
    for (int64_t i = valid; i < width; i++)
        x[i] = x[0];
    float top = x[0];
    for (int64_t i = 0; i < width; i++)
        top = x[i] > top ? x[i] : top;
    for (int64_t i = 0; i < width; i++)
        x[i] = exp2_negative((x[i] - top) * scale);
    for (int64_t i = valid; i < width; i++)
        x[i] = 0;
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < width; i++)
        sum += x[i];
    float factor = 1.0f / sum;
    for (int64_t i = 0; i < width; i++)
        x[i] *= factor;
}

static void softmax(float *scores, int64_t rows, int64_t width, int64_t valid, float scale,
                    uint16_t *halves) {
    const float log2_e = 1.44269504088896341f;
    for (int64_t row = 0; row < rows; row++) {
        softmax_row(scores + row * width, width, valid, scale * log2_e);
        if (halves != NULL)
            to_bfloat(scores + row * width, width, halves + row * width);
    }
}

// Phi(x) - 1/2 is odd: x times a polynomial in x^2, here in u = 2 x^2 / 4.3^2 - 1 with |x| kept
// below 4.3. Minimax for the absolute error of x * Phi(x), by Lawson's iteration.
static inline float gelu_of(float x) {
    float y = x > -4.3f ? x : -4.3f;
    y = y < 4.3f ? y : 4.3f;
    float u = y * y * (float)(2 / (4.3 * 4.3)) - 1.0f;
    float p = 0.002239963272586465f;
    p = p * u - 0.0066067869774997234f;
    p = p * u + 0.009803674183785915f;
    p = p * u - 0.015093883499503136f;
    p = p * u + 0.025846395641565323f;
    p = p * u - 0.03950471803545952f;
    p = p * u + 0.055596739053726196f;
    p = p * u - 0.08005660772323608f;
    p = p * u + 0.1640533208847046f;
    return x * (y * p + 0.5f);
}

static void gelu(uint16_t *x, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        x[i] = bfloat_of(gelu_of(of_bfloat(x[i])));
}

static void add(const float *restrict x, int64_t count, float *restrict target) {
    for (int64_t i = 0; i < count; i++)
        target[i] += x[i];
}

static void widen(const uint16_t *restrict x, int64_t count, float *restrict target) {
    for (int64_t i = 0; i < count; i++)
        target[i] = of_bfloat(x[i]);
}

const elea__rows_ops ROWS_OPS = {layer_norm, softmax, gelu, add, widen};

#undef ROWS_OPS
