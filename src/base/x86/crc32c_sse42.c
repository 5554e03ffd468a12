// SPDX-License-Identifier: Apache-2.0
//
// The CRC32 instruction gives a result after three cycles and can be begun each cycle, so that
// three stretches of the data are worked on at a time and their registers joined.
//
// To join: a register followed by n bytes of anything is the register times x^(8n) (mod P), plus
// the register of these bytes alone. CRC32 of the 64-bit carry-less product of two reflected
// registers a and b is a * b * x^33 (mod P): one factor x as the product of two reflected 32-bit
// numbers has 63 bits, and x^32 as CRC32 appends four bytes of zeros. Hence the factor x^(8n - 33).
#include "base/crc32c.h"

#include <immintrin.h>
#include <string.h>

#define LONG_SIZE 1024
#define LONG_FACTOR 0x170076FA     // x^(8 * 1024 - 33) mod P
#define LONG_FACTOR_TWO 0xA51B6135 // x^(16 * 1024 - 33) mod P
#define SHORT_SIZE 64
#define SHORT_FACTOR 0x9E4ADDF8     // x^(8 * 64 - 33) mod P
#define SHORT_FACTOR_TWO 0x0D3B6092 // x^(16 * 64 - 33) mod P

static uint64_t load_64(const uint8_t *data) {
    uint64_t value;
    memcpy(&value, data, sizeof value);
    return value;
}

static uint64_t multiply(uint64_t a, uint32_t b) {
    __m128i product =
        _mm_clmulepi64_si128(_mm_cvtsi64_si128((int64_t)a), _mm_cvtsi64_si128(b), 0x00);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

// Three stretches of `size` bytes, a multiple of 8.
static inline uint64_t update_three(uint64_t state, const uint8_t *data, int64_t size,
                                    uint32_t factor, uint32_t factor_two) {
    uint64_t first = state, second = 0, third = 0;
    for (int64_t i = 0; i < size; i += 8) {
        first = _mm_crc32_u64(first, load_64(data + i));
        second = _mm_crc32_u64(second, load_64(data + size + i));
        third = _mm_crc32_u64(third, load_64(data + 2 * size + i));
    }
    return _mm_crc32_u64(0, multiply(first, factor_two) ^ multiply(second, factor)) ^ third;
}

uint32_t elea__crc32c_sse42(uint32_t state, const uint8_t *data, int64_t size) {
    uint64_t wide = state;
    for (; size >= 3 * LONG_SIZE; size -= 3 * LONG_SIZE, data += 3 * LONG_SIZE)
        wide = update_three(wide, data, LONG_SIZE, LONG_FACTOR, LONG_FACTOR_TWO);
    for (; size >= 3 * SHORT_SIZE; size -= 3 * SHORT_SIZE, data += 3 * SHORT_SIZE)
        wide = update_three(wide, data, SHORT_SIZE, SHORT_FACTOR, SHORT_FACTOR_TWO);
    for (; size >= 8; size -= 8, data += 8)
        wide = _mm_crc32_u64(wide, load_64(data));
    state = (uint32_t)wide;
    for (; size > 0; size--, data++)
        state = _mm_crc32_u8(state, *data);
    return state;
}
