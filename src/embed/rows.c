// SPDX-License-Identifier: Apache-2.0
#define ROWS_OPS elea__rows_plain
#include "embed/rows.inc.h"

const elea__rows_ops *elea__rows_ops_get(void) {
#if defined(__x86_64__)
    switch (elea_cpu_level_get()) {
    case ELEA_CPU_AVX512:
        return &elea__rows_avx512;
    case ELEA_CPU_AVX2:
        return &elea__rows_avx2;
    default:
        break;
    }
#endif
    return &elea__rows_plain;
}
