// SPDX-License-Identifier: Apache-2.0
//
// Ones in a byte are looked up by its two nibbles with a shuffle; the counts of a byte position are
// at most 8 a round and are summed in bytes for up to 31 rounds before they are widened.
#include "base/bitmap.h"

#include <immintrin.h>

#define ROUNDS_IN_BYTES 31

int64_t elea__count_ones_avx2(const uint8_t *bytes, int64_t size) {
    const __m256i ones_of_nibble =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    const __m256i low = _mm256_set1_epi8(0x0F);
    const __m256i zero = _mm256_setzero_si256();
    __m256i sums = zero;
    int64_t blocks = size / 32;
    int64_t block = 0;
    while (block < blocks) {
        int64_t end = blocks - block < ROUNDS_IN_BYTES ? blocks : block + ROUNDS_IN_BYTES;
        __m256i counts = zero;
        for (; block < end; block++) {
            __m256i data = _mm256_loadu_si256((const __m256i *)(bytes + 32 * block));
            __m256i by_low = _mm256_shuffle_epi8(ones_of_nibble, _mm256_and_si256(data, low));
            __m256i high = _mm256_and_si256(_mm256_srli_epi16(data, 4), low);
            __m256i by_high = _mm256_shuffle_epi8(ones_of_nibble, high);
            counts = _mm256_add_epi8(counts, _mm256_add_epi8(by_low, by_high));
        }
        sums = _mm256_add_epi64(sums, _mm256_sad_epu8(counts, zero));
    }
    int64_t lanes[4];
    _mm256_storeu_si256((__m256i *)lanes, sums);
    int64_t count = lanes[0] + lanes[1] + lanes[2] + lanes[3];
    for (int64_t i = blocks * 32; i < size; i++)
        count += __builtin_popcount(bytes[i]);
    return count;
}
