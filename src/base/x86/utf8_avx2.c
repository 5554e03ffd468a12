// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <immintrin.h>
#include <string.h>

#define BLOCK __m256i
#define BLOCK_SIZE 32
#define SKIP_NAME elea__utf8_skip_avx2
#define ASCII_NAME elea__utf8_skip_ascii_avx2

static inline BLOCK block_load(const uint8_t *bytes) {
    return _mm256_loadu_si256((const __m256i *)bytes);
}
static inline BLOCK block_table(const uint8_t *bytes) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)bytes));
}
static inline BLOCK block_fill(int byte) { return _mm256_set1_epi8((char)byte); }
static inline BLOCK block_zero(void) { return _mm256_setzero_si256(); }
static inline BLOCK block_and(BLOCK a, BLOCK b) { return _mm256_and_si256(a, b); }
static inline BLOCK block_or(BLOCK a, BLOCK b) { return _mm256_or_si256(a, b); }
static inline BLOCK block_xor(BLOCK a, BLOCK b) { return _mm256_xor_si256(a, b); }
static inline BLOCK block_look_up(BLOCK table, BLOCK index) {
    return _mm256_shuffle_epi8(table, index);
}
static inline BLOCK block_high_nibble(BLOCK a) {
    return _mm256_and_si256(_mm256_srli_epi16(a, 4), _mm256_set1_epi8(0x0F));
}
static inline BLOCK block_subtract(BLOCK a, BLOCK b) { return _mm256_subs_epu8(a, b); }
static inline bool block_is_ascii(BLOCK a) { return _mm256_movemask_epi8(a) == 0; }
static inline bool block_any(BLOCK a) { return !_mm256_testz_si256(a, a); }
// A macro, as the distance must be a constant of the instruction.
#define block_before(in, last, n)                                                                  \
    _mm256_alignr_epi8(in, _mm256_permute2x128_si256(last, in, 0x21), 16 - (n))

#include "base/x86/utf8_lookup.inc.h"

#undef block_before
