// SPDX-License-Identifier: Apache-2.0
//
// Dot products with NEON: four registers are all lanes.
#include <arm_neon.h>
#include <string.h>

#include "vector/dot_levels_internal.h"

typedef struct lanes {
    float32x4_t part[4];
} lanes;

static inline lanes lanes_zero(void) {
    float32x4_t zero = vdupq_n_f32(0);
    return (lanes){{zero, zero, zero, zero}};
}

static inline lanes lanes_load_float(const uint8_t *source) {
    lanes out;
    for (int i = 0; i < 4; i++)
        out.part[i] = vreinterpretq_f32_u8(vld1q_u8(source + 16 * i));
    return out;
}

static inline lanes lanes_load(const float *source) {
    return lanes_load_float((const uint8_t *)source);
}

static inline lanes lanes_load_half(const uint8_t *source) {
    lanes out;
    for (int i = 0; i < 4; i++)
        out.part[i] = vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(source + 8 * i)));
    return out;
}

static inline lanes lanes_load_float_part(const uint8_t *source, int64_t count) {
    uint8_t part[64] = {0};
    memcpy(part, source, (size_t)count * sizeof(float));
    return lanes_load_float(part);
}

static inline lanes lanes_load_half_part(const uint8_t *source, int64_t count) {
    uint8_t part[32] = {0};
    memcpy(part, source, (size_t)count * sizeof(uint16_t));
    return lanes_load_half(part);
}

static inline lanes lanes_fma(lanes a, lanes b, lanes c) {
    for (int i = 0; i < 4; i++)
        c.part[i] = vfmaq_f32(c.part[i], a.part[i], b.part[i]);
    return c;
}

static inline float lanes_sum(lanes a) {
    float32x4_t four = vaddq_f32(vaddq_f32(a.part[0], a.part[2]), vaddq_f32(a.part[1], a.part[3]));
    float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
    return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}

#define DOT_KERNELS elea__dot_kernels_neon
#define DOT_ONE_ROWS 4
#define DOT_ONE_SQUARES_ROWS 2
#define DOT_MANY_ROWS 2
#define DOT_TILE 2
#include "vector/dot_kernels.inc.h"
