// SPDX-License-Identifier: Apache-2.0
//
// What the encoder does to rows of numbers between two matrix products. Written once, in
// rows.inc.h, and compiled for each instruction set; bfloat16 is carried as uint16_t bits.
#ifndef ELEA_EMBED_ROWS_H
#define ELEA_EMBED_ROWS_H

#include <elea/base.h>

typedef struct elea__rows_ops {
    // Each of `rows` rows of `width` values of `x` becomes (x - mean) / sqrt(variance + epsilon) *
    // gain + shift, in place, and, unless `halves` is NULL, also there in bfloat16.
    void (*layer_norm)(float *x, int64_t rows, int64_t width, const float *gain, const float *shift,
                       float epsilon, uint16_t *halves);
    // Each of `rows` rows of `width` scores becomes softmax(scale * score) over its first `valid`
    // values (at least one) and zero beyond; in place in float32, and, unless `halves` is NULL,
    // there in bfloat16 (what is in `scores` is then undefined). `scale` is positive.
    void (*softmax)(float *scores, int64_t rows, int64_t width, int64_t valid, float scale,
                    uint16_t *halves);
    // x becomes x * Phi(x), by a polynomial: absolute error below 2e-5 where |x| < 4.3, and below
    // 1e-5 * |x| beyond, all less than the rounding to bfloat16.
    void (*gelu)(uint16_t *x, int64_t count);
    // target += x
    void (*add)(const float *x, int64_t count, float *target);
    // target = value of the bfloat16 bits
    void (*widen)(const uint16_t *x, int64_t count, float *target);
} elea__rows_ops;

// For the instruction set that elea_cpu_level_get() names.
const elea__rows_ops *elea__rows_ops_get(void);

extern const elea__rows_ops elea__rows_plain;
extern const elea__rows_ops elea__rows_avx2;
extern const elea__rows_ops elea__rows_avx512;

#endif // ELEA_EMBED_ROWS_H
