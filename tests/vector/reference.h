// SPDX-License-Identifier: Apache-2.0
//
// What a score is by the definition in elea/vector.h, written a second time and as plainly as
// possible; the exact one in float64; and the bound between them.
#ifndef ELEA_TESTS_VECTOR_REFERENCE_H
#define ELEA_TESTS_VECTOR_REFERENCE_H

#include <elea/vector.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/random.h"

static inline float reference_get(const void *row, elea_vector_element element, int64_t index) {
    if (element == ELEA_VECTOR_FLOAT16) {
        uint16_t half;
        memcpy(&half, (const char *)row + 2 * index, 2);
        return elea_half_to_float(half);
    }
    float value;
    memcpy(&value, (const char *)row + 4 * index, 4);
    return value;
}

static inline void reference_put(void *row, elea_vector_element element, int64_t index,
                                 float value) {
    if (element == ELEA_VECTOR_FLOAT16) {
        uint16_t half = elea_half_from_float(value);
        memcpy((char *)row + 2 * index, &half, 2);
    } else {
        memcpy((char *)row + 4 * index, &value, 4);
    }
}

// Between -1 and 1.
static inline float reference_random(uint64_t *seed) {
    return (float)(int32_t)elea_test_random(seed) * 0x1p-31f;
}

// To the bit.
static inline float reference_dot(const void *a, elea_vector_element a_element, const void *b,
                                  elea_vector_element b_element, int32_t dimension) {
    float lanes[16] = {0};
    for (int64_t at = 0; at < dimension || at % 16 != 0; at++) {
        float x = at < dimension ? reference_get(a, a_element, at) : 0;
        float y = at < dimension ? reference_get(b, b_element, at) : 0;
        lanes[at % 16] = fmaf(x, y, lanes[at % 16]);
    }
    for (int half = 8; half >= 1; half /= 2)
        for (int i = 0; i < half; i++)
            lanes[i] = lanes[i] + lanes[i + half];
    return lanes[0];
}

// The exact sum (as exact as float64 is) and the sum of absolute products.
static inline double reference_exact(const void *a, elea_vector_element a_element, const void *b,
                                     elea_vector_element b_element, int32_t dimension,
                                     double *absolute) {
    double sum = 0;
    *absolute = 0;
    for (int64_t i = 0; i < dimension; i++) {
        double product =
            (double)reference_get(a, a_element, i) * (double)reference_get(b, b_element, i);
        sum += product;
        *absolute += fabs(product);
    }
    return sum;
}

// How far an inner product may be from the exact one.
static inline double reference_bound(int32_t dimension, double absolute) {
    double terms = (double)((dimension + 15) / 16 + 4) * 0x1p-24;
    return terms / (1 - terms) * absolute + 0x1p-149 * dimension;
}

static inline bool reference_same_bits(float a, float b) {
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof(a)) == 0;
}

#endif // ELEA_TESTS_VECTOR_REFERENCE_H
