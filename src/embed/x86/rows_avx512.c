// SPDX-License-Identifier: Apache-2.0
//
// The functions of rows.h for AVX-512, by hand: from the plain loops, compilers make softmax two to
// eight times slower (rests of rows as scalars, no vector maximum) and gelu a fifth.
#include "embed/rows.h"

#include <immintrin.h>

// Of `left` values, those in the next vector.
static inline __mmask16 lanes_of(int64_t left) {
    return left >= 16 ? (__mmask16)0xffff : (__mmask16)((1u << left) - 1);
}

// To nearest even.
static inline __m256i to_bfloat(__m512 value) {
    __m512i bits = _mm512_castps_si512(value);
    __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    bits = _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), odd);
    return _mm512_cvtepi32_epi16(_mm512_srli_epi32(bits, 16));
}

static inline __m512 of_bfloat(__m256i bits) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
}

// The terms are those of exp2_negative() in rows.inc.h.
static inline __m512 exp2_negative(__m512 x) {
    __m512 whole = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m512 rest = _mm512_sub_ps(x, whole);
    __m512 power = _mm512_set1_ps(0.00132764782756567f);
    power = _mm512_fmadd_ps(power, rest, _mm512_set1_ps(0.009675540961325169f));
    power = _mm512_fmadd_ps(power, rest, _mm512_set1_ps(0.05550713092088699f));
    power = _mm512_fmadd_ps(power, rest, _mm512_set1_ps(0.24022120237350464f));
    power = _mm512_fmadd_ps(power, rest, _mm512_set1_ps(0.6931469440460205f));
    power = _mm512_fmadd_ps(power, rest, _mm512_set1_ps(1.0000001192092896f));
    return _mm512_scalef_ps(power, whole);
}

static void layer_norm_row(float *x, int64_t width, const float *gain, const float *shift,
                           float epsilon, uint16_t *halves) {
    __m512 sum = _mm512_setzero_ps();
    for (int64_t i = 0; i < width; i += 16)
        sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(lanes_of(width - i), x + i));
    __m512 mean = _mm512_set1_ps(_mm512_reduce_add_ps(sum) / (float)width);
    __m512 squares = _mm512_setzero_ps();
    for (int64_t i = 0; i < width; i += 16) {
        __mmask16 lanes = lanes_of(width - i);
        __m512 value = _mm512_maskz_sub_ps(lanes, _mm512_maskz_loadu_ps(lanes, x + i), mean);
        squares = _mm512_fmadd_ps(value, value, squares);
    }
    float variance = _mm512_reduce_add_ps(squares) / (float)width;
    __m512 factor = _mm512_set1_ps(1.0f / __builtin_sqrtf(variance + epsilon));
    for (int64_t i = 0; i < width; i += 16) {
        __mmask16 lanes = lanes_of(width - i);
        __m512 value = _mm512_sub_ps(_mm512_maskz_loadu_ps(lanes, x + i), mean);
        value = _mm512_mul_ps(value, factor);
        value = _mm512_fmadd_ps(value, _mm512_maskz_loadu_ps(lanes, gain + i),
                                _mm512_maskz_loadu_ps(lanes, shift + i));
        _mm512_mask_storeu_ps(x + i, lanes, value);
        if (halves != NULL)
            _mm256_mask_storeu_epi16(halves + i, lanes, to_bfloat(value));
    }
}

static void layer_norm(float *x, int64_t rows, int64_t width, const float *gain, const float *shift,
                       float epsilon, uint16_t *halves) {
    for (int64_t row = 0; row < rows; row++)
        layer_norm_row(x + row * width, width, gain, shift, epsilon,
                       halves ? halves + row * width : NULL);
}

static void softmax_row(float *x, int64_t width, int64_t valid, __m512 scale, uint16_t *halves) {
    __m512 low = _mm512_set1_ps(-3.402823466e38f);
    __m512 top = low;
    for (int64_t i = 0; i < valid; i += 16)
        top = _mm512_max_ps(top, _mm512_mask_loadu_ps(low, lanes_of(valid - i), x + i));
    top = _mm512_set1_ps(_mm512_reduce_max_ps(top));
    __m512 sum = _mm512_setzero_ps();
    for (int64_t i = 0; i < valid; i += 16) {
        __mmask16 lanes = lanes_of(valid - i);
        __m512 value = _mm512_sub_ps(_mm512_maskz_loadu_ps(lanes, x + i), top);
        value = exp2_negative(_mm512_mul_ps(value, scale));
        value = _mm512_maskz_mov_ps(lanes, value);
        sum = _mm512_add_ps(sum, value);
        _mm512_mask_storeu_ps(x + i, lanes_of(width - i), value);
    }
    __m512 factor = _mm512_set1_ps(1.0f / _mm512_reduce_add_ps(sum));
    for (int64_t i = 0; i < width; i += 16) {
        __mmask16 lanes = lanes_of(valid > i ? valid - i : 0);
        __m512 value = _mm512_mul_ps(_mm512_maskz_loadu_ps(lanes, x + i), factor);
        if (halves != NULL)
            _mm256_mask_storeu_epi16(halves + i, lanes_of(width - i), to_bfloat(value));
        else
            _mm512_mask_storeu_ps(x + i, lanes_of(width - i), value);
    }
}

static void softmax(float *scores, int64_t rows, int64_t width, int64_t valid, float scale,
                    uint16_t *halves) {
    const float log2_e = 1.44269504088896341f;
    for (int64_t row = 0; row < rows; row++)
        softmax_row(scores + row * width, width, valid, _mm512_set1_ps(scale * log2_e),
                    halves ? halves + row * width : NULL);
}

// The terms are those of gelu_of() in rows.inc.h.
static inline __m512 gelu_of(__m512 x) {
    __m512 y = _mm512_max_ps(x, _mm512_set1_ps(-4.3f));
    y = _mm512_min_ps(y, _mm512_set1_ps(4.3f));
    __m512 u = _mm512_fmsub_ps(_mm512_mul_ps(y, y), _mm512_set1_ps((float)(2 / (4.3 * 4.3))),
                               _mm512_set1_ps(1.0f));
    __m512 p = _mm512_set1_ps(0.002239963272586465f);
    p = _mm512_fmsub_ps(p, u, _mm512_set1_ps(0.0066067869774997234f));
    p = _mm512_fmadd_ps(p, u, _mm512_set1_ps(0.009803674183785915f));
    p = _mm512_fmsub_ps(p, u, _mm512_set1_ps(0.015093883499503136f));
    p = _mm512_fmadd_ps(p, u, _mm512_set1_ps(0.025846395641565323f));
    p = _mm512_fmsub_ps(p, u, _mm512_set1_ps(0.03950471803545952f));
    p = _mm512_fmadd_ps(p, u, _mm512_set1_ps(0.055596739053726196f));
    p = _mm512_fmsub_ps(p, u, _mm512_set1_ps(0.08005660772323608f));
    p = _mm512_fmadd_ps(p, u, _mm512_set1_ps(0.1640533208847046f));
    return _mm512_mul_ps(x, _mm512_fmadd_ps(y, p, _mm512_set1_ps(0.5f)));
}

static void gelu(uint16_t *x, int64_t count) {
    int64_t i = 0;
    for (; i + 32 <= count; i += 32) {
        __m512 low = gelu_of(of_bfloat(_mm256_loadu_si256((const __m256i *)(x + i))));
        __m512 high = gelu_of(of_bfloat(_mm256_loadu_si256((const __m256i *)(x + i + 16))));
        _mm256_storeu_si256((__m256i *)(x + i), to_bfloat(low));
        _mm256_storeu_si256((__m256i *)(x + i + 16), to_bfloat(high));
    }
    for (; i < count; i += 16) {
        __mmask16 lanes = lanes_of(count - i);
        __m512 value = gelu_of(of_bfloat(_mm256_maskz_loadu_epi16(lanes, x + i)));
        _mm256_mask_storeu_epi16(x + i, lanes, to_bfloat(value));
    }
}

static void add(const float *x, int64_t count, float *target) {
    for (int64_t i = 0; i < count; i += 16) {
        __mmask16 lanes = lanes_of(count - i);
        __m512 sum = _mm512_add_ps(_mm512_maskz_loadu_ps(lanes, target + i),
                                   _mm512_maskz_loadu_ps(lanes, x + i));
        _mm512_mask_storeu_ps(target + i, lanes, sum);
    }
}

static void widen(const uint16_t *x, int64_t count, float *target) {
    for (int64_t i = 0; i < count; i += 16) {
        __mmask16 lanes = lanes_of(count - i);
        _mm512_mask_storeu_ps(target + i, lanes, of_bfloat(_mm256_maskz_loadu_epi16(lanes, x + i)));
    }
}

const elea__rows_ops elea__rows_avx512 = {layer_norm, softmax, gelu, add, widen};
