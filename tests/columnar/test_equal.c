// SPDX-License-Identifier: Apache-2.0
//
// Equality: options for floats, what lies under nulls, and that every difference is seen.
#include "support/cmocka_all.h"

#include "columnar/array_internal.h"
#include "support/random_data.h"

static elea_array *doubles(elea_type_id id, const double *values, int64_t count) {
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

static void floats_have_options(void **state) {
    (void)state;
    static const elea_type_id ids[] = {ELEA_TYPE_FLOAT16, ELEA_TYPE_FLOAT32, ELEA_TYPE_FLOAT64};
    elea_equal_options options;
    for (int i = 0; i < 3; i++) {
        elea_array *nan = doubles(ids[i], (const double[]){1, __builtin_nan("")}, 2);
        elea_array *zero = doubles(ids[i], (const double[]){0, 2}, 2);
        elea_array *minus_zero = doubles(ids[i], (const double[]){-0.0, 2}, 2);
        elea_equal_options_init(&options);
        assert_false(elea_array_equal(nan, nan, NULL));
        assert_false(elea_array_equal(nan, nan, &options));
        assert_true(elea_array_equal(zero, minus_zero, &options));
        options.nans_equal = true;
        options.signed_zeros_equal = false;
        assert_true(elea_array_equal(nan, nan, &options));
        assert_false(elea_array_equal(nan, zero, &options));
        assert_false(elea_array_equal(zero, minus_zero, &options));
        assert_true(elea_array_equal(zero, zero, &options));
        elea_array_unref(nan);
        elea_array_unref(zero);
        elea_array_unref(minus_zero);
    }
}

static void what_lies_under_nulls_does_not_count(void **state) {
    (void)state;
    elea_error err = {0};
    elea_builder *builder = NULL;
    elea_array *a = NULL;
    elea_array *b = NULL;
    const uint8_t validity[] = {0x05};
    assert_ok(elea_builder_new(NULL, elea_type_of(ELEA_TYPE_INT32), &builder, &err));
    assert_ok(elea_builder_append_values(builder, (int32_t[]){1, 2, 3}, validity, 3, &err));
    assert_ok(elea_builder_finish(builder, &a, &err));
    assert_ok(elea_builder_append_values(builder, (int32_t[]){1, 9, 3}, validity, 3, &err));
    assert_ok(elea_builder_finish(builder, &b, &err));
    assert_true(elea_array_equal(a, b, NULL));
    elea_array_unref(b);
    assert_ok(elea_builder_append_values(builder, (int32_t[]){1, 2, 3}, NULL, 3, &err));
    assert_ok(elea_builder_finish(builder, &b, &err));
    assert_false(elea_array_equal(a, b, NULL));
    elea_array_unref(b);
    // A bitmap of ones is as good as none.
    assert_ok(elea_builder_append_values(builder, (int32_t[]){1, 2, 3}, NULL, 3, &err));
    elea_array *c = NULL;
    assert_ok(elea_builder_finish(builder, &b, &err));
    elea_buffer *ones = NULL;
    assert_ok(elea_buffer_new_copy(NULL, "\xFF", 1, &ones, &err));
    elea_array_parts parts = elea__array_parts_of(b);
    parts.buffers = (const elea_buffer *const[]){ones, b->buffers[1]};
    assert_ok(elea_array_new(NULL, &parts, &c, &err));
    assert_true(elea_array_equal(b, c, NULL));
    elea_buffer_unref(ones);
    elea_array_unref(a);
    elea_array_unref(b);
    elea_array_unref(c);
    elea_builder_free(builder);
}

// Rows are equal exactly when their texts are (numbers and texts print unlike when they are
// unlike).
static void rows_are_equal_when_they_read_the_same(void **state) {
    (void)state;
    elea_test_random random = {61, .with_dictionaries = true};
    int equal_count = 0;
    for (int round = 0; round < 400; round++) {
        elea_error err = {0};
        elea_type *type = elea_test_random_type(&random, 3);
        elea_array *array = elea_test_random_array(&random, type, 24, 2);
        elea_span span;
        elea_text a_text;
        elea_text b_text;
        elea_text_init(&a_text, NULL);
        elea_text_init(&b_text, NULL);
        elea_span_of(array, &span);
        // A union may hold what reads the same as different types.
        assert_ok(elea_type_format(type, &a_text, &err));
        bool has_union = strstr(a_text.data, "union") != NULL;
        for (int pair = 0; pair < 40; pair++) {
            int64_t length = elea_test_random_below(&random, 3) + 1;
            int64_t i = elea_test_random_below(&random, 24 - length + 1);
            int64_t j = elea_test_random_below(&random, 24 - length + 1);
            elea_array *a = NULL;
            elea_array *b = NULL;
            assert_ok(elea_array_slice(array, i, length, &a, &err));
            assert_ok(elea_array_slice(array, j, length, &b, &err));
            elea_text_reset(&a_text);
            elea_text_reset(&b_text);
            for (int64_t k = 0; k < length; k++) {
                assert_ok(elea_span_format(&span, i + k, true, &a_text, &err));
                assert_ok(elea_span_format(&span, j + k, true, &b_text, &err));
            }
            bool same = strcmp(a_text.data, b_text.data) == 0;
            equal_count += same;
            bool equal = elea_array_equal(a, b, &(elea_equal_options){.nans_equal = true});
            assert_true(equal == same || (has_union && !equal));
            elea_array_unref(a);
            elea_array_unref(b);
        }
        elea_text_release(&a_text);
        elea_text_release(&b_text);
        elea_array_unref(array);
        elea_type_unref(type);
    }
    assert_in_range(equal_count, 1000, 15000);
}

static void types_and_lengths_differ(void **state) {
    (void)state;
    elea_error err = {0};
    elea_array *a = NULL;
    elea_array *b = NULL;
    assert_ok(elea_array_new_null(NULL, elea_type_of(ELEA_TYPE_INT8), 3, &a, &err));
    assert_ok(elea_array_new_null(NULL, elea_type_of(ELEA_TYPE_UINT8), 3, &b, &err));
    assert_false(elea_array_equal(a, b, NULL));
    elea_array_unref(b);
    assert_ok(elea_array_new_null(NULL, elea_type_of(ELEA_TYPE_INT8), 4, &b, &err));
    assert_false(elea_array_equal(a, b, NULL));
    elea_array_unref(a);
    elea_array_unref(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(floats_have_options),
        cmocka_unit_test(what_lies_under_nulls_does_not_count),
        cmocka_unit_test(rows_are_equal_when_they_read_the_same),
        cmocka_unit_test(types_and_lengths_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
