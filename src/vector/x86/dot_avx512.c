// SPDX-License-Identifier: Apache-2.0
//
// Dot products with AVX-512: a register is all lanes.
#include <immintrin.h>

#include "vector/dot_levels_internal.h"

typedef __m512 lanes;

static inline lanes lanes_zero(void) { return _mm512_setzero_ps(); }

static inline lanes lanes_load(const float *source) { return _mm512_load_ps(source); }

static inline lanes lanes_load_float(const uint8_t *source) {
    return _mm512_loadu_ps((const void *)source);
}

static inline lanes lanes_load_float_part(const uint8_t *source, int64_t count) {
    return _mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), (const void *)source);
}

static inline lanes lanes_load_half(const uint8_t *source) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const void *)source));
}

static inline lanes lanes_load_half_part(const uint8_t *source, int64_t count) {
    return _mm512_cvtph_ps(
        _mm256_maskz_loadu_epi16((__mmask16)((1u << count) - 1), (const void *)source));
}

static inline lanes lanes_fma(lanes a, lanes b, lanes c) { return _mm512_fmadd_ps(a, b, c); }

static inline float lanes_sum(lanes a) {
    __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#define DOT_KERNELS elea__dot_kernels_avx512
#define DOT_ONE_ROWS 8
#define DOT_ONE_SQUARES_ROWS 8
#define DOT_MANY_ROWS 2
#define DOT_TILE 8
#include "vector/dot_kernels.inc.h"
