// SPDX-License-Identifier: Apache-2.0
#include "base/half.h"

#include <immintrin.h>

static __mmask16 first_lanes(int64_t count) { return (__mmask16)((1u << count) - 1); }

void elea__half_to_float_avx512(const uint16_t *source, int64_t count, float *target) {
    int64_t i = 0;
    for (; i + 16 <= count; i += 16)
        _mm512_storeu_ps(target + i,
                         _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(source + i))));
    if (i < count) {
        __mmask16 lanes = first_lanes(count - i);
        __m512 values = _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(lanes, source + i));
        _mm512_mask_storeu_ps(target + i, lanes, values);
    }
}

void elea__half_from_float_avx512(const float *source, int64_t count, uint16_t *target) {
    int64_t i = 0;
    for (; i + 16 <= count; i += 16)
        _mm256_storeu_si256((__m256i *)(target + i), _mm512_cvtps_ph(_mm512_loadu_ps(source + i),
                                                                     _MM_FROUND_TO_NEAREST_INT));
    if (i < count) {
        __mmask16 lanes = first_lanes(count - i);
        __m256i halves =
            _mm512_cvtps_ph(_mm512_maskz_loadu_ps(lanes, source + i), _MM_FROUND_TO_NEAREST_INT);
        _mm256_mask_storeu_epi16(target + i, lanes, halves);
    }
}
