// SPDX-License-Identifier: Apache-2.0
#include <elea/base.h>

#include <stdlib.h>

#include "base/cpu_internal.h"
#include "support/cmocka_all.h"

static void test_names(void **state) {
    (void)state;
    assert_string_equal(elea_cpu_level_name(ELEA_CPU_SCALAR), "scalar");
    assert_string_equal(elea_cpu_level_name(ELEA_CPU_AVX2), "avx2");
    assert_string_equal(elea_cpu_level_name(ELEA_CPU_AVX512), "avx512");
    assert_string_equal(elea_cpu_level_name(ELEA_CPU_NEON), "neon");
    assert_string_equal(elea_cpu_level_name((elea_cpu_level)17), "unknown");
}

static void test_environment(void **state) {
    (void)state;
    const char *wish = getenv("ELEA_CPU");
    elea_cpu_level level = elea_cpu_level_get();
    print_message("    ELEA_CPU=%s gives %s\n", wish == NULL ? "" : wish,
                  elea_cpu_level_name(level));
    if (wish != NULL && strcmp(wish, "scalar") == 0)
        assert_int_equal(level, ELEA_CPU_SCALAR);
    // What the environment names and the machine has is what is used.
    for (int i = 0; wish != NULL && i < 4; i++) {
        if (strcmp(wish, elea_cpu_level_name((elea_cpu_level)i)) == 0 &&
            elea__cpu_level_override((elea_cpu_level)i))
            assert_int_equal(level, i);
    }
    assert_true(elea__cpu_level_override(level));
}

static void test_override(void **state) {
    (void)state;
    elea_cpu_level level = elea_cpu_level_get();
    assert_true(elea__cpu_level_override(ELEA_CPU_SCALAR));
    assert_int_equal(elea_cpu_level_get(), ELEA_CPU_SCALAR);
    assert_false(elea_cpu_has_bf16());
    assert_true(elea__cpu_level_override(level));
    assert_int_equal(elea_cpu_level_get(), level);
#if defined(__x86_64__)
    assert_false(elea__cpu_level_override(ELEA_CPU_NEON));
#endif
    assert_int_equal(elea_cpu_level_get(), level);
}

#if defined(__x86_64__)
// The compiler's own probe agrees.
static void test_probe(void **state) {
    (void)state;
    bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi2");
    bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
    elea_cpu_level level = elea_cpu_level_get();
    assert_int_equal(elea__cpu_level_override(ELEA_CPU_AVX2), has_avx2);
    assert_int_equal(elea__cpu_level_override(ELEA_CPU_AVX512), has_avx512);
    assert_true(elea__cpu_level_override(level));
}
#endif

static void test_count(void **state) {
    (void)state;
    assert_in_range(elea_cpu_count(), 1, 100000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_override),
#if defined(__x86_64__)
        cmocka_unit_test(test_probe),
#endif
        cmocka_unit_test(test_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
