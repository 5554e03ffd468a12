// SPDX-License-Identifier: Apache-2.0
//
// Dot products in plain C: the specification of the others.
#include <string.h>

#include "vector/dot_levels_internal.h"
#include "vector/fused_internal.h"

typedef struct lanes {
    float value[ELEA__DOT_LANES];
} lanes;

static inline lanes lanes_zero(void) { return (lanes){{0}}; }

static inline lanes lanes_load(const float *source) {
    lanes out;
    memcpy(out.value, source, sizeof(out.value));
    return out;
}

static inline lanes lanes_load_float_part(const uint8_t *source, int64_t count) {
    lanes out = {{0}};
    memcpy(out.value, source, (size_t)count * sizeof(float));
    return out;
}

static inline lanes lanes_load_half_part(const uint8_t *source, int64_t count) {
    uint16_t half[ELEA__DOT_LANES] = {0};
    lanes out = {{0}};
    memcpy(half, source, (size_t)count * sizeof(uint16_t));
    elea_half_to_float_run(half, ELEA__DOT_LANES, out.value);
    return out;
}

static inline lanes lanes_load_float(const uint8_t *source) {
    return lanes_load_float_part(source, ELEA__DOT_LANES);
}

static inline lanes lanes_load_half(const uint8_t *source) {
    return lanes_load_half_part(source, ELEA__DOT_LANES);
}

static inline lanes lanes_fma(lanes a, lanes b, lanes c) {
    for (int lane = 0; lane < ELEA__DOT_LANES; lane++)
        c.value[lane] = elea__fused(a.value[lane], b.value[lane], c.value[lane]);
    return c;
}

static inline float lanes_sum(lanes a) {
    for (int half = ELEA__DOT_LANES / 2; half > 0; half /= 2)
        for (int lane = 0; lane < half; lane++)
            a.value[lane] += a.value[lane + half];
    return a.value[0];
}

#define DOT_KERNELS elea__dot_kernels_scalar
#define DOT_ONE_ROWS 1
#define DOT_ONE_SQUARES_ROWS 1
#define DOT_MANY_ROWS 1
#define DOT_TILE 2
#include "vector/dot_kernels.inc.h"
