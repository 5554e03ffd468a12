// SPDX-License-Identifier: Apache-2.0
//
// The variants of the conversions of runs between float16 and float32. All give the same bits.
#ifndef ELEA_BASE_HALF_H
#define ELEA_BASE_HALF_H

#include "elea/base.h"

#if defined(__x86_64__)
void elea__half_to_float_avx2(const uint16_t *source, int64_t count, float *target);
void elea__half_from_float_avx2(const float *source, int64_t count, uint16_t *target);
void elea__half_to_float_avx512(const uint16_t *source, int64_t count, float *target);
void elea__half_from_float_avx512(const float *source, int64_t count, uint16_t *target);
#endif

#endif // ELEA_BASE_HALF_H
