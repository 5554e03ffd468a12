// SPDX-License-Identifier: Apache-2.0
//
// Dot products with AVX2, F16C and FMA: two registers are all lanes.
#include <immintrin.h>
#include <string.h>

#include "vector/dot_levels_internal.h"

typedef struct lanes {
    __m256 low, high;
} lanes;

static inline lanes lanes_zero(void) { return (lanes){_mm256_setzero_ps(), _mm256_setzero_ps()}; }

static inline lanes lanes_load(const float *source) {
    return (lanes){_mm256_load_ps(source), _mm256_load_ps(source + 8)};
}

static inline lanes lanes_load_float(const uint8_t *source) {
    return (lanes){_mm256_loadu_ps((const void *)source),
                   _mm256_loadu_ps((const void *)(source + 32))};
}

static inline lanes lanes_load_half(const uint8_t *source) {
    return (lanes){_mm256_cvtph_ps(_mm_loadu_si128((const void *)source)),
                   _mm256_cvtph_ps(_mm_loadu_si128((const void *)(source + 16)))};
}

static inline lanes lanes_load_float_part(const uint8_t *source, int64_t count) {
    uint8_t part[64] = {0};
    memcpy(part, source, (size_t)count * sizeof(float));
    return lanes_load_float(part);
}

static inline lanes lanes_load_half_part(const uint8_t *source, int64_t count) {
    uint8_t part[32] = {0};
    memcpy(part, source, (size_t)count * sizeof(uint16_t));
    return lanes_load_half(part);
}

static inline lanes lanes_fma(lanes a, lanes b, lanes c) {
    return (lanes){_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}

static inline float lanes_sum(lanes a) {
    __m256 eight = _mm256_add_ps(a.low, a.high);
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#define DOT_KERNELS elea__dot_kernels_avx2
#define DOT_ONE_ROWS 4
#define DOT_ONE_SQUARES_ROWS 2
#define DOT_MANY_ROWS 2
#define DOT_TILE 2
#include "vector/dot_kernels.inc.h"
