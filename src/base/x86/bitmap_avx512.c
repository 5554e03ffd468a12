// SPDX-License-Identifier: Apache-2.0
//
// As bitmap_avx2.c, with blocks of 64 bytes; the last one is read through a mask.
#include "base/bitmap.h"

#include <immintrin.h>

#define ROUNDS_IN_BYTES 31

static inline __m512i count_in_bytes(__m512i data) {
    const __m512i ones_of_nibble =
        _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    const __m512i low = _mm512_set1_epi8(0x0F);
    __m512i by_low = _mm512_shuffle_epi8(ones_of_nibble, _mm512_and_si512(data, low));
    __m512i high = _mm512_and_si512(_mm512_srli_epi16(data, 4), low);
    return _mm512_add_epi8(by_low, _mm512_shuffle_epi8(ones_of_nibble, high));
}

int64_t elea__count_ones_avx512(const uint8_t *bytes, int64_t size) {
    const __m512i zero = _mm512_setzero_si512();
    __m512i sums = zero;
    int64_t blocks = size / 64;
    int64_t block = 0;
    while (block < blocks) {
        int64_t end = blocks - block < ROUNDS_IN_BYTES ? blocks : block + ROUNDS_IN_BYTES;
        __m512i counts = zero;
        for (; block < end; block++)
            counts =
                _mm512_add_epi8(counts, count_in_bytes(_mm512_loadu_si512(bytes + 64 * block)));
        sums = _mm512_add_epi64(sums, _mm512_sad_epu8(counts, zero));
    }
    int64_t left = size - blocks * 64;
    if (left > 0) {
        __mmask64 lanes = (UINT64_C(1) << left) - 1;
        __m512i data = _mm512_maskz_loadu_epi8(lanes, bytes + blocks * 64);
        sums = _mm512_add_epi64(sums, _mm512_sad_epu8(count_in_bytes(data), zero));
    }
    return _mm512_reduce_add_epi64(sums);
}
