// SPDX-License-Identifier: Apache-2.0
#include "support/levels.h"

#include <stdlib.h>

#include "base/cpu_internal.h"
#include "support/cmocka_all.h"

void elea_test_each_level(void (*check)(void **state), void **state) {
    static const elea_cpu_level levels[] = {ELEA_CPU_SCALAR, ELEA_CPU_AVX2, ELEA_CPU_AVX512,
                                            ELEA_CPU_NEON};
    if (getenv("ELEA_CPU") != NULL) {
        check(state);
        return;
    }
    elea_cpu_level before = elea_cpu_level_get();
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (!elea__cpu_level_override(levels[i]))
            continue;
        print_message("    on %s\n", elea_cpu_level_name(levels[i]));
        check(state);
    }
    assert_true(elea__cpu_level_override(before));
}
