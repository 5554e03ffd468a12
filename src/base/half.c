// SPDX-License-Identifier: Apache-2.0
//
// IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits; binary32: 1, 8 (bias 127), 23.
#include "base/half.h"

#include <string.h>

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

float elea_half_to_float(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t exponent = half >> 10 & 0x1F;
    uint32_t fraction = half & 0x3FF;
    if (exponent == 0x1F) {
        // A NaN becomes a quiet one, as the instructions make it.
        uint32_t quiet = fraction != 0 ? 0x400000 : 0;
        return float_of(sign | 0x7F800000 | quiet | fraction << 13);
    }
    if (exponent != 0)
        return float_of(sign | (exponent + 127 - 15) << 23 | fraction << 13);
    // Zero and subnormal: fraction * 2^-24 is exact.
    return float_of(sign | bits_of((float)fraction * 0x1p-24f));
}

uint16_t elea_half_from_float(float value) {
    uint32_t bits = bits_of(value);
    uint32_t sign = bits >> 16 & 0x8000;
    uint32_t magnitude = bits & 0x7FFFFFFF;
    if (magnitude > 0x7F800000) // NaN: quiet, with what fits of its payload
        return (uint16_t)(sign | 0x7E00 | (magnitude >> 13 & 0x3FF));
    if (magnitude >= 0x477FF000) // 65520 and above round to infinity
        return (uint16_t)(sign | 0x7C00);
    if (magnitude >= 0x38800000) { // 2^-14: a normal half
        uint32_t rebiased = magnitude - ((127 - 15) << 23);
        uint32_t odd = rebiased >> 13 & 1;
        return (uint16_t)(sign | (rebiased + 0xFFF + odd) >> 13);
    }
    if (magnitude <= 0x33000000) // up to 2^-25, the half of the smallest subnormal: ties to zero
        return (uint16_t)sign;
    // A subnormal half counts units of 2^-24; the fraction with its leading one counts units of
    // 2^(exponent - 150).
    uint32_t exponent = magnitude >> 23;
    uint32_t fraction = (magnitude & 0x7FFFFF) | 0x800000;
    uint32_t shift = 126 - exponent; // 14 to 24
    uint32_t quotient = fraction >> shift;
    uint32_t rest = fraction & ((1u << shift) - 1);
    uint32_t tie = 1u << (shift - 1);
    uint32_t up = rest > tie || (rest == tie && (quotient & 1) != 0);
    return (uint16_t)(sign | (quotient + up));
}

static void to_float_plain(const uint16_t *source, int64_t count, float *target) {
    for (int64_t i = 0; i < count; i++)
        target[i] = elea_half_to_float(source[i]);
}

static void from_float_plain(const float *source, int64_t count, uint16_t *target) {
    for (int64_t i = 0; i < count; i++)
        target[i] = elea_half_from_float(source[i]);
}

void elea_half_to_float_run(const uint16_t *source, int64_t count, float *target) {
    switch (elea_cpu_level_get()) {
#if defined(__x86_64__)
    case ELEA_CPU_AVX512:
        elea__half_to_float_avx512(source, count, target);
        return;
    case ELEA_CPU_AVX2:
        elea__half_to_float_avx2(source, count, target);
        return;
#endif
    default:
        to_float_plain(source, count, target);
    }
}

void elea_half_from_float_run(const float *source, int64_t count, uint16_t *target) {
    switch (elea_cpu_level_get()) {
#if defined(__x86_64__)
    case ELEA_CPU_AVX512:
        elea__half_from_float_avx512(source, count, target);
        return;
    case ELEA_CPU_AVX2:
        elea__half_from_float_avx2(source, count, target);
        return;
#endif
    default:
        from_float_plain(source, count, target);
    }
}
