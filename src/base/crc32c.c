// SPDX-License-Identifier: Apache-2.0
//
// CRC-32C: the remainder of the message, as a polynomial over GF(2), by the Castagnoli polynomial,
// bits reflected, register inverted at begin and end (RFC 3720, appendix B.4).
//
// The register is linear in its input, so that eight bytes can be taken at once: each is looked up
// in the table of its distance from the end of the eight, and the results are added.
#include "base/crc32c.h"

#include "base/crc32c_table.h"

static uint32_t update_plain(uint32_t state, const uint8_t *data, int64_t size) {
    for (; size >= 8; size -= 8, data += 8) {
        uint32_t low = state ^ ((uint32_t)data[0] | (uint32_t)data[1] << 8 |
                                (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24);
        state = crc32c_table[7][low & 0xFF] ^ crc32c_table[6][low >> 8 & 0xFF] ^
                crc32c_table[5][low >> 16 & 0xFF] ^ crc32c_table[4][low >> 24] ^
                crc32c_table[3][data[4]] ^ crc32c_table[2][data[5]] ^ crc32c_table[1][data[6]] ^
                crc32c_table[0][data[7]];
    }
    for (; size > 0; size--, data++)
        state = state >> 8 ^ crc32c_table[0][(state ^ *data) & 0xFF];
    return state;
}

uint32_t elea_crc32c(uint32_t crc, const void *data, int64_t size) {
    switch (elea_cpu_level_get()) {
#if defined(__x86_64__)
    case ELEA_CPU_AVX2:
    case ELEA_CPU_AVX512:
        return ~elea__crc32c_sse42(~crc, data, size);
#endif
    default:
        return ~update_plain(~crc, data, size);
    }
}
