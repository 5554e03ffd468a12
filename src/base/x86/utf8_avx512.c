// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <immintrin.h>
#include <string.h>

#define BLOCK __m512i
#define BLOCK_SIZE 64
#define SKIP_NAME elea__utf8_skip_avx512
#define ASCII_NAME elea__utf8_skip_ascii_avx512

static inline BLOCK block_load(const uint8_t *bytes) { return _mm512_loadu_si512(bytes); }
static inline BLOCK block_table(const uint8_t *bytes) {
    return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)bytes));
}
static inline BLOCK block_fill(int byte) { return _mm512_set1_epi8((char)byte); }
static inline BLOCK block_zero(void) { return _mm512_setzero_si512(); }
static inline BLOCK block_and(BLOCK a, BLOCK b) { return _mm512_and_si512(a, b); }
static inline BLOCK block_or(BLOCK a, BLOCK b) { return _mm512_or_si512(a, b); }
static inline BLOCK block_xor(BLOCK a, BLOCK b) { return _mm512_xor_si512(a, b); }
static inline BLOCK block_look_up(BLOCK table, BLOCK index) {
    return _mm512_shuffle_epi8(table, index);
}
static inline BLOCK block_high_nibble(BLOCK a) {
    return _mm512_and_si512(_mm512_srli_epi16(a, 4), _mm512_set1_epi8(0x0F));
}
static inline BLOCK block_subtract(BLOCK a, BLOCK b) { return _mm512_subs_epu8(a, b); }
static inline bool block_is_ascii(BLOCK a) { return _mm512_movepi8_mask(a) == 0; }
static inline bool block_any(BLOCK a) { return _mm512_test_epi8_mask(a, a) != 0; }
// A macro, as the distance must be a constant of the instruction. The inner one gives the lane
// before each lane.
#define block_before(in, last, n) _mm512_alignr_epi8(in, _mm512_alignr_epi64(in, last, 6), 16 - (n))

#include "base/x86/utf8_lookup.inc.h"

#undef block_before
