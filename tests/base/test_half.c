// SPDX-License-Identifier: Apache-2.0
#include <elea/base.h>

#include <math.h>
#include <stdlib.h>

#include "support/cmocka_all.h"
#include "support/levels.h"
#include "support/random.h"

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    return bits;
}

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

// The value of a half by its definition, in double precision.
static double value_of_half(uint16_t half) {
    int exponent = half >> 10 & 31;
    double fraction = half & 1023;
    double magnitude = exponent == 31  ? (fraction == 0 ? INFINITY : NAN)
                       : exponent == 0 ? ldexp(fraction, -24)
                                       : ldexp(1024 + fraction, exponent - 25);
    return half & 0x8000 ? -magnitude : magnitude;
}

// The nearest half by search among the neighbours in order, ties to the even one.
static uint16_t naive_from_float(float value) {
    uint16_t sign = signbit(value) ? 0x8000 : 0;
    double magnitude = fabs((double)value);
    uint16_t low = 0, high = 0x7C00; // value(low) <= magnitude <= value(high)
    while (high - low > 1) {
        uint16_t middle = (uint16_t)((low + high) / 2);
        if (value_of_half(middle) <= magnitude)
            low = middle;
        else
            high = middle;
    }
    // Infinity stands for 2^16, where the next number would be.
    double above = high == 0x7C00 ? 65536.0 : value_of_half(high);
    if (isinf(magnitude))
        return (uint16_t)(sign | 0x7C00);
    double to_low = magnitude - value_of_half(low), to_high = above - magnitude;
    bool take_high = to_high < to_low || (to_high == to_low && (high & 1) == 0);
    return (uint16_t)(sign | (take_high ? high : low));
}

static void test_to_float_all(void **state) {
    (void)state;
    for (uint32_t half = 0; half < 65536; half++) {
        float value = elea_half_to_float((uint16_t)half);
        double expected = value_of_half((uint16_t)half);
        if (isnan(expected)) {
            assert_true(isnan(value));
            assert_int_equal(bits_of(value) >> 31, half >> 15);
            assert_true(bits_of(value) & 0x400000);
        } else {
            assert_true((double)value == expected);
            assert_int_equal(signbit(value) != 0, half >> 15);
            assert_int_equal(elea_half_from_float(value), half);
        }
    }
}

static void check_float(float value) {
    uint16_t half = elea_half_from_float(value);
    if (isnan(value)) {
        assert_true((half & 0x7C00) == 0x7C00 && (half & 0x3FF) != 0);
        return;
    }
    uint16_t expected = naive_from_float(value);
    if (half != expected)
        fail_msg("%a: %04X instead of %04X", (double)value, half, expected);
}

static void test_from_float(void **state) {
    (void)state;
    uint64_t seed = 2;
    for (int i = 0; i < 200000; i++)
        check_float(float_of((uint32_t)elea_test_random(&seed)));
    // Within the exponents that matter.
    for (int i = 0; i < 300000; i++) {
        uint32_t random = (uint32_t)elea_test_random(&seed);
        uint32_t exponent = 100 + random % 45;
        check_float(float_of((random & 0x807FFFFF) | exponent << 23));
    }
    // The ties between all neighbours, and the floats beside them.
    for (uint32_t half = 0; half < 0x7C00; half++) {
        double above = half == 0x7BFF ? 65536.0 : value_of_half((uint16_t)(half + 1));
        float tie = (float)((value_of_half((uint16_t)half) + above) / 2);
        for (int sign = 1; sign >= -1; sign -= 2) {
            check_float((float)sign * tie);
            check_float((float)sign * nextafterf(tie, INFINITY));
            check_float((float)sign * nextafterf(tie, -INFINITY));
        }
    }
    const float specials[] = {0.0f,       -0.0f,          INFINITY, -INFINITY, NAN,
                              -NAN,       65504.0f,       65519.0f, 65520.0f,  1e30f,
                              0x1p-24f,   0x1p-25f,       0x1p-14f, 0x1p-126f, 0x1p-149f,
                              0x1.8p-25f, 0x1.fffffep127f};
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
        check_float(specials[i]);
    assert_int_equal(elea_half_from_float(float_of(0x7F800001)),
                     0x7E00); // signalling, tiny payload
    assert_int_equal(elea_half_from_float(float_of(0xFFFFFFFF)), 0xFFFF);
}

// Runs of each length and at odd places give the bits of the single conversions, and touch nothing
// behind.
static void check_runs(void **state) {
    (void)state;
    uint64_t seed = 4;
    enum { COUNT = 65536 };
    uint16_t *halves = malloc(COUNT * 2), *back = malloc(COUNT * 2 + 2);
    float *floats = malloc(COUNT * 4 + 4);
    for (int i = 0; i < COUNT; i++)
        halves[i] = (uint16_t)i;
    elea_half_to_float_run(halves, COUNT, floats);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(bits_of(floats[i]), bits_of(elea_half_to_float((uint16_t)i)));
    elea_half_from_float_run(floats, COUNT, back);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(back[i], elea_half_from_float(floats[i]));
    for (int i = 0; i < COUNT; i++)
        floats[i] = float_of((uint32_t)elea_test_random(&seed));
    elea_half_from_float_run(floats, COUNT, back);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(back[i], elea_half_from_float(floats[i]));
    for (int64_t count = 0; count < 140; count++) {
        int64_t start = elea_test_random_below(&seed, 1000);
        floats[count] = 123.0f;
        elea_half_to_float_run(halves + start, count, floats);
        assert_true(floats[count] == 123.0f);
        for (int64_t i = 0; i < count; i++)
            assert_true(floats[i] == elea_half_to_float(halves[start + i]));
        back[count] = 0xABCD;
        elea_half_from_float_run(floats, count, back);
        assert_int_equal(back[count], 0xABCD);
        for (int64_t i = 0; i < count; i++)
            assert_int_equal(back[i], halves[start + i]);
    }
    free(halves);
    free(back);
    free(floats);
}

static void test_runs(void **state) { elea_test_each_level(check_runs, state); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_to_float_all),
        cmocka_unit_test(test_from_float),
        cmocka_unit_test(test_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
