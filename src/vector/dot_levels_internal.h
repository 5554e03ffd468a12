// SPDX-License-Identifier: Apache-2.0
//
// The tables of kernels, one for each level that the processor of this build may have.
#ifndef ELEA_VECTOR_DOT_LEVELS_INTERNAL_H
#define ELEA_VECTOR_DOT_LEVELS_INTERNAL_H

#include "vector/dot_internal.h"

extern const elea__dot_kernels elea__dot_kernels_scalar;
#if defined(__x86_64__)
extern const elea__dot_kernels elea__dot_kernels_avx2;
extern const elea__dot_kernels elea__dot_kernels_avx512;
#elif defined(__aarch64__)
extern const elea__dot_kernels elea__dot_kernels_neon;
#endif

#endif // ELEA_VECTOR_DOT_LEVELS_INTERNAL_H
