// SPDX-License-Identifier: Apache-2.0
//
// Floats that are nearly equal: by distance, by steps of their type, and what is near to nothing.
#include "support/cmocka_all.h"

#include <math.h>

#include "columnar/equal_internal.h"
#include "support/type_cases.h"

static elea_array *floats(elea_type_id id, const double *values, int64_t count) {
    elea_error err = {0};
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    assert_ok(elea_builder_new(NULL, elea_type_of(id), &builder, &err));
    for (int64_t i = 0; i < count; i++)
        assert_ok(elea_builder_append_double(builder, values[i], &err));
    assert_ok(elea_builder_finish(builder, &array, &err));
    elea_builder_free(builder);
    return array;
}

static bool near_by(elea_type_id id, double x, double y, double tolerance, int64_t ulps) {
    elea_equal_options options;
    elea_equal_options_init(&options);
    assert_true(options.absolute_tolerance == 0);
    assert_int_equal(options.ulps_max, 0);
    options.absolute_tolerance = tolerance;
    options.ulps_max = ulps;
    elea_array *a = floats(id, &x, 1);
    elea_array *b = floats(id, &y, 1);
    bool equal = elea_array_equal(a, b, &options);
    assert_int_equal(elea_array_equal(b, a, &options), equal);
    elea_array_unref(a);
    elea_array_unref(b);
    return equal;
}

static const elea_type_id ids[] = {ELEA_TYPE_FLOAT16, ELEA_TYPE_FLOAT32, ELEA_TYPE_FLOAT64};

static void by_distance(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_false(near_by(ids[i], 1.0, 1.25, 0, 0));
        assert_true(near_by(ids[i], 1.0, 1.25, 0.25, 0));
        assert_false(near_by(ids[i], 1.0, 1.25, 0.24, 0));
        assert_true(near_by(ids[i], -0.125, 0.125, 0.25, 0));
        assert_false(near_by(ids[i], (double)INFINITY, 60000.0, 1e300, 0));
        assert_false(near_by(ids[i], (double)INFINITY, (double)-INFINITY, (double)INFINITY, 0));
        assert_true(near_by(ids[i], (double)INFINITY, (double)INFINITY, 0, 0));
        assert_false(near_by(ids[i], (double)NAN, 1.0, 1e300, 0));
        assert_false(near_by(ids[i], (double)NAN, (double)NAN, 1e300, 0));
    }
}

// The steps of each type above 1: 2^-10, 2^-23, 2^-52.
static void by_steps(void **state) {
    (void)state;
    const double steps[] = {0x1p-10, 0x1p-23, 0x1p-52};
    const double smallest[] = {0x1p-24, 0x1p-149, 0x1p-1074};
    for (int i = 0; i < 3; i++) {
        assert_false(near_by(ids[i], 1.0, 1.0 + steps[i], 0, 0));
        assert_true(near_by(ids[i], 1.0, 1.0 + steps[i], 0, 1));
        assert_false(near_by(ids[i], 1.0, 1.0 + 2 * steps[i], 0, 1));
        assert_true(near_by(ids[i], -1.0, -1.0 - 2 * steps[i], 0, 2));
        assert_true(near_by(ids[i], 1.0, 1.0 - steps[i] / 2, 0, 1));
        // Across zero, which is one value with two signs.
        assert_true(near_by(ids[i], -smallest[i], smallest[i], 0, 2));
        assert_false(near_by(ids[i], -smallest[i], smallest[i], 0, 1));
        assert_true(near_by(ids[i], -0.0, smallest[i], 0, 1));
        assert_false(near_by(ids[i], (double)NAN, (double)NAN, 0, INT64_MAX));
        assert_false(near_by(ids[i], (double)INFINITY, 60000.0, 0, INT64_MAX));
    }
}

// One value that differs, at any place of long arrays, is seen; and is not where it is near.
static void in_long_arrays(void **state) {
    (void)state;
    static double values[1000];
    for (int i = 0; i < 1000; i++)
        values[i] = i % 7 == 0 ? -0.0 : i % 100;
    for (int k = 0; k < 3; k++) {
        elea_array *a = floats(ids[k], values, 1000);
        for (int place = 0; place < 1000; place += 37) {
            elea_error err = {0};
            double kept = values[place];
            values[place] = 200.5;
            elea_array *b = floats(ids[k], values, 1000);
            values[place] = kept;
            elea_equal_options options;
            elea_equal_options_init(&options);
            assert_true(elea_array_equal(a, a, &options));
            assert_false(elea_array_equal(a, b, &options));
            options.absolute_tolerance = 201;
            assert_true(elea_array_equal(a, b, &options));
            elea_array *x = NULL;
            elea_array *y = NULL;
            options.absolute_tolerance = 0;
            assert_ok(elea_array_slice(a, place + 1, 999 - place, &x, &err));
            assert_ok(elea_array_slice(b, place + 1, 999 - place, &y, &err));
            assert_true(elea_array_equal(x, y, &options));
            elea_array_unref(x);
            elea_array_unref(y);
            elea_array_unref(b);
        }
        elea_array_unref(a);
    }
}

// Zeros of both signs in one block with values that are equal.
static void signs_of_zero(void **state) {
    (void)state;
    const double plus[] = {1, 0.0, 3};
    const double minus[] = {1, -0.0, 3};
    for (int i = 0; i < 3; i++) {
        elea_array *a = floats(ids[i], plus, 3);
        elea_array *b = floats(ids[i], minus, 3);
        elea_equal_options options;
        elea_equal_options_init(&options);
        assert_true(elea_array_equal(a, b, &options));
        options.signed_zeros_equal = false;
        options.absolute_tolerance = 1;
        assert_false(elea_array_equal(a, b, &options));
        assert_true(elea_array_equal(a, a, &options));
        elea_array_unref(a);
        elea_array_unref(b);
    }
}

// Inside lists, too.
static void in_lists(void **state) {
    (void)state;
    elea_error err = {0};
    elea_type *type = NULL;
    elea_builder *builder = NULL;
    elea_array *arrays[2] = {NULL, NULL};
    elea_field *item = type_cases_field("item", elea_type_of(ELEA_TYPE_FLOAT32), true);
    assert_ok(elea_type_new_list(NULL, ELEA_TYPE_LIST, item, &type, &err));
    assert_ok(elea_builder_new(NULL, type, &builder, &err));
    for (int i = 0; i < 2; i++) {
        assert_ok(elea_builder_append_double(elea_builder_child(builder, 0), 1 + 0.5 * i, &err));
        assert_ok(elea_builder_append_row(builder, &err));
        assert_ok(elea_builder_finish(builder, &arrays[i], &err));
    }
    elea_equal_options options;
    elea_equal_options_init(&options);
    assert_false(elea_array_equal(arrays[0], arrays[1], &options));
    options.absolute_tolerance = 0.5;
    assert_true(elea_array_equal(arrays[0], arrays[1], &options));
    elea_array_unref(arrays[0]);
    elea_array_unref(arrays[1]);
    elea_builder_free(builder);
    elea_type_unref(type);
    elea_field_unref(item);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_distance),    cmocka_unit_test(by_steps),
        cmocka_unit_test(in_long_arrays), cmocka_unit_test(signs_of_zero),
        cmocka_unit_test(in_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
