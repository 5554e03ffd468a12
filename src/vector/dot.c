// SPDX-License-Identifier: Apache-2.0
#include "vector/dot_internal.h"

#include "vector/dot_levels_internal.h"

const elea__dot_kernels *elea__dot_kernels_of(elea_cpu_level level) {
    switch (level) {
    case ELEA_CPU_SCALAR:
        return &elea__dot_kernels_scalar;
#if defined(__x86_64__)
    case ELEA_CPU_AVX2:
        return &elea__dot_kernels_avx2;
    case ELEA_CPU_AVX512:
        return &elea__dot_kernels_avx512;
#elif defined(__aarch64__)
    case ELEA_CPU_NEON:
        return &elea__dot_kernels_neon;
#endif
    default:
        return NULL;
    }
}

const elea__dot_kernels *elea__dot_kernels_get(void) {
    const elea__dot_kernels *kernels = elea__dot_kernels_of(elea_cpu_level_get());
    return kernels ? kernels : &elea__dot_kernels_scalar;
}
