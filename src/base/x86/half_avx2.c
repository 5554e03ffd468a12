// SPDX-License-Identifier: Apache-2.0
#include "base/half.h"

#include <immintrin.h>

void elea__half_to_float_avx2(const uint16_t *source, int64_t count, float *target) {
    int64_t i = 0;
    for (; i + 8 <= count; i += 8)
        _mm256_storeu_ps(target + i,
                         _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(source + i))));
    for (; i < count; i++)
        target[i] = elea_half_to_float(source[i]);
}

void elea__half_from_float_avx2(const float *source, int64_t count, uint16_t *target) {
    int64_t i = 0;
    for (; i + 8 <= count; i += 8)
        _mm_storeu_si128((__m128i *)(target + i),
                         _mm256_cvtps_ph(_mm256_loadu_ps(source + i), _MM_FROUND_TO_NEAREST_INT));
    for (; i < count; i++)
        target[i] = elea_half_from_float(source[i]);
}
