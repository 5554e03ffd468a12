// SPDX-License-Identifier: Apache-2.0
#include "base/copy.h"

#include <immintrin.h>

int64_t elea__store_lines_avx2(uint8_t *target, const uint8_t *source, int64_t size) {
    int64_t i = 0;
    for (; i + ELEA__STORE_LINE <= size; i += ELEA__STORE_LINE) {
        const __m256i *from = (const __m256i *)(const void *)(source + i);
        __m256i *to = (__m256i *)(void *)(target + i);
        __builtin_prefetch(source + i + ELEA__STORE_AHEAD);
        __m256i a = _mm256_loadu_si256(from), b = _mm256_loadu_si256(from + 1);
        _mm256_stream_si256(to, a);
        _mm256_stream_si256(to + 1, b);
    }
    // These stores are not ordered with later ones, such as the one that hands the result over.
    _mm_sfence();
    return i;
}
