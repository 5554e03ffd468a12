// SPDX-License-Identifier: Apache-2.0
//
// Fused multiply-add in plain C, with the bits that the instruction gives.
#ifndef ELEA_VECTOR_FUSED_INTERNAL_H
#define ELEA_VECTOR_FUSED_INTERNAL_H

#include <stdint.h>
#include <string.h>

// a * b + c, rounded once. A product of floats is exact in double; the sum is rounded to odd there
// (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008), so that the second
// rounding, to float, is right. The C library's fmaf() is this too, but a call, and without the
// instruction a very slow one.
static inline float elea__fused(float a, float b, float c) {
#ifdef __FP_FAST_FMAF
    return __builtin_fmaf(a, b, c);
#else
    double product = (double)a * (double)b;
    double addend = (double)c;
    double sum = product + addend;
    // The exact error of the sum (Knuth's TwoSum). It is NaN when the sum is not finite.
    double shared = sum - product;
    double error = (product - (sum - shared)) + (addend - shared);
    int64_t bits;
    memcpy(&bits, &sum, sizeof(bits));
    int64_t up = (error > 0) == (sum > 0) ? 1 : -1; // away from zero, or towards it
    int64_t inexact = (error > 0) | (error < 0);
    bits += up & -(inexact & ~bits & 1);
    memcpy(&sum, &bits, sizeof(sum));
    return (float)sum;
#endif
}

#endif // ELEA_VECTOR_FUSED_INTERNAL_H
