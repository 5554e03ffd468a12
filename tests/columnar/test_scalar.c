// SPDX-License-Identifier: Apache-2.0
//
// Scalars: made from C values and from arrays of all types, compared, formatted, repeated.
#include "support/cmocka_all.h"

#include <math.h>

#include "columnar/array_internal.h"
#include "support/alloc_failures.h"
#include "support/random_data.h"

static const elea_equal_options same = {.nans_equal = true};

static elea_scalar *of_int(const elea_type *type, int64_t value) {
    elea_error err = {0};
    elea_scalar *scalar = NULL;
    assert_ok(elea_scalar_new_int(NULL, type, value, &scalar, &err));
    return scalar;
}

static elea_scalar *of_text(elea_type_id id, const char *value) {
    elea_error err = {0};
    elea_scalar *scalar = NULL;
    assert_ok(elea_scalar_new_bytes(NULL, elea_type_of(id), elea_bytes_of(value), &scalar, &err));
    return scalar;
}

static elea_scalar *of_double(elea_type_id id, double value) {
    elea_error err = {0};
    elea_scalar *scalar = NULL;
    assert_ok(elea_scalar_new_double(NULL, elea_type_of(id), value, &scalar, &err));
    return scalar;
}

static void assert_text(const elea_scalar *scalar, const char *expected) {
    elea_error err = {0};
    elea_text text;
    elea_text_init(&text, NULL);
    assert_ok(elea_scalar_format(scalar, true, &text, &err));
    assert_string_equal(text.data, expected);
    elea_text_release(&text);
}

// Compares, takes both references.
static int compare(elea_scalar *a, elea_scalar *b) {
    elea_error err = {0};
    int found = 7;
    int back = 7;
    assert_ok(elea_scalar_compare(a, b, &found, &err));
    assert_ok(elea_scalar_compare(b, a, &back, &err));
    assert_int_equal(found, -back);
    elea_scalar_unref(a);
    elea_scalar_unref(b);
    return found;
}

static void values_come_back(void **state) {
    (void)state;
    elea_error err = {0};
    elea_scalar *scalar = NULL;
    assert_ok(elea_scalar_new_bool(NULL, true, &scalar, &err));
    assert_true(elea_scalar_is_valid(scalar));
    assert_int_equal(elea_scalar_get_int(scalar), 1);
    assert_text(scalar, "true");
    elea_scalar_unref(scalar);
    scalar = of_int(elea_type_of(ELEA_TYPE_INT8), -128);
    assert_int_equal(elea_scalar_get_int(scalar), -128);
    assert_true(elea_scalar_get_double(scalar) == -128.0);
    assert_int_equal(elea_type_id_of(elea_scalar_type(scalar)), ELEA_TYPE_INT8);
    assert_int_equal(elea_array_length(elea_scalar_array(scalar)), 1);
    elea_scalar_unref(scalar);
    assert_ok(
        elea_scalar_new_uint(NULL, elea_type_of(ELEA_TYPE_UINT64), UINT64_MAX, &scalar, &err));
    assert_text(scalar, "18446744073709551615");
    elea_scalar_unref(scalar);
    scalar = of_double(ELEA_TYPE_FLOAT16, 0.5);
    assert_true(elea_scalar_get_double(scalar) == 0.5);
    assert_int_equal(elea_scalar_get_bytes(scalar).size, 2);
    elea_scalar_unref(scalar);
    scalar = of_text(ELEA_TYPE_UTF8_VIEW, "an arrow in flight does not move");
    assert_int_equal(elea_scalar_get_bytes(scalar).size, 32);
    assert_int_equal(elea_scalar_get_int(scalar), 0);
    assert_text(scalar, "\"an arrow in flight does not move\"");
    elea_scalar *other = elea_scalar_ref(scalar);
    assert_ptr_equal(other, scalar);
    elea_scalar_unref(other);
    elea_scalar_unref(scalar);
    elea_scalar_unref(NULL);
}

static void nulls_of_every_type(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {.state = 21, .with_dictionaries = true};
    for (int id = 0; id < ELEA__TYPE_ID_COUNT; id++) {
        elea_type *type = elea_test_random_type_of(&random, (elea_type_id)id, 2);
        elea_scalar *scalar = NULL;
        if (!type)
            continue;
        elea_status status = elea_scalar_new_null(NULL, type, &scalar, &err);
        if (status == ELEA_OK) {
            assert_false(elea_scalar_is_valid(scalar));
            assert_int_equal(elea_scalar_get_int(scalar), 0);
            assert_true(elea_scalar_get_double(scalar) == 0);
            assert_int_equal(elea_scalar_get_bytes(scalar).size, 0);
        } else {
            // Only a union that has no types has no null.
            assert_int_equal(elea_type_child_count(type), 0);
        }
        elea_scalar_unref(scalar);
        elea_type_unref(type);
    }
}

static void wrong_values_are_refused(void **state) {
    (void)state;
    elea_error err = {0};
    elea_scalar *scalar = NULL;
    elea_array *array = NULL;
    assert_fails(ELEA_ECAPACITY, "128",
                 elea_scalar_new_int(NULL, elea_type_of(ELEA_TYPE_INT8), 128, &scalar, &err));
    assert_fails(ELEA_ETYPE, "utf8",
                 elea_scalar_new_int(NULL, elea_type_of(ELEA_TYPE_UTF8), 1, &scalar, &err));
    assert_fails(ELEA_ETYPE, "bool",
                 elea_scalar_new_double(NULL, elea_type_of(ELEA_TYPE_BOOL), 1, &scalar, &err));
    assert_fails(ELEA_EINVAL, "UTF-8",
                 elea_scalar_new_bytes(NULL, elea_type_of(ELEA_TYPE_UTF8), elea_bytes_of("\xFF"),
                                       &scalar, &err));
    assert_ok(elea_array_new_null(NULL, elea_type_of(ELEA_TYPE_INT8), 3, &array, &err));
    assert_fails(ELEA_EINDEX, "row 3 of an array of 3 rows",
                 elea_scalar_new_from_array(NULL, array, 3, &scalar, &err));
    assert_fails(ELEA_EINDEX, "row -1", elea_scalar_new_from_array(NULL, array, -1, &scalar, &err));
    elea_array_unref(array);
    scalar = of_int(elea_type_of(ELEA_TYPE_INT8), 1);
    assert_fails(ELEA_EINVAL, "repeated -1 times",
                 elea_array_new_repeated(NULL, scalar, -1, &array, &err));
    elea_scalar_unref(scalar);
}

// A row of an array, and the array of it repeated: of every type the same value again.
static void rows_become_scalars_and_arrays(void **state) {
    (void)state;
    elea_error err = {0};
    static const int64_t lengths[] = {0, 1, 2, 64, 1023, 1024, 1025, 3000};
    elea_test_random random = {.state = 22, .with_dictionaries = true};
    for (int round = 0; round < 300; round++) {
        elea_type *type = elea_test_random_type(&random, 2);
        elea_array *array = elea_test_random_array(&random, type, 10, 3);
        int64_t row = elea_test_random_below(&random, 10);
        elea_scalar *scalar = NULL;
        elea_array *slice = NULL;
        assert_ok(elea_array_slice(array, row, 1, &slice, &err));
        int64_t before = elea_copied_bytes();
        assert_ok(elea_scalar_new_from_array(NULL, array, row, &scalar, &err));
        assert_int_equal(elea_copied_bytes(), before);
        elea_array_unref(array);
        assert_true(elea_array_equal(elea_scalar_array(scalar), slice, &same));
        int64_t length = lengths[elea_test_random_below(&random, 8)];
        elea_array *repeated = NULL;
        assert_ok(elea_array_new_repeated(NULL, scalar, length, &repeated, &err));
        assert_ok(elea_array_validate(repeated, ELEA_VALIDATE_FULL, &err));
        assert_int_equal(elea_array_length(repeated), length);
        for (int64_t i = 0; i < length; i += 1 + length / 7) {
            elea_scalar *again = NULL;
            assert_ok(elea_scalar_new_from_array(NULL, repeated, i, &again, &err));
            assert_true(elea_scalar_equal(again, scalar, &same));
            assert_int_equal(elea_scalar_is_valid(again), elea_scalar_is_valid(scalar));
            elea_scalar_unref(again);
        }
        elea_array_unref(repeated);
        elea_array_unref(slice);
        elea_scalar_unref(scalar);
        elea_type_unref(type);
    }
}

static void numbers_have_an_order(void **state) {
    (void)state;
    const elea_type *int32 = elea_type_of(ELEA_TYPE_INT32);
    const elea_type *uint64 = elea_type_of(ELEA_TYPE_UINT64);
    elea_error err = {0};
    elea_scalar *largest = NULL;
    assert_int_equal(compare(of_int(int32, -5), of_int(int32, 3)), -1);
    assert_int_equal(compare(of_int(int32, 3), of_int(int32, 3)), 0);
    assert_ok(elea_scalar_new_uint(NULL, uint64, UINT64_MAX, &largest, &err));
    assert_int_equal(compare(largest, of_int(uint64, 1)), 1);
    assert_int_equal(
        compare(of_int(elea_type_of(ELEA_TYPE_BOOL), 0), of_int(elea_type_of(ELEA_TYPE_BOOL), 1)),
        -1);
    assert_int_equal(compare(of_int(elea_type_of(ELEA_TYPE_DATE32), -1),
                             of_int(elea_type_of(ELEA_TYPE_DATE32), 0)),
                     -1);
    static const elea_type_id floats[] = {ELEA_TYPE_FLOAT16, ELEA_TYPE_FLOAT32, ELEA_TYPE_FLOAT64};
    for (int i = 0; i < 3; i++) {
        elea_type_id id = floats[i];
        assert_int_equal(compare(of_double(id, -1.5), of_double(id, 1.25)), -1);
        assert_int_equal(compare(of_double(id, -0.0), of_double(id, 0.0)), 0);
        assert_int_equal(compare(of_double(id, (double)NAN), of_double(id, (double)INFINITY)), 1);
        assert_int_equal(compare(of_double(id, (double)NAN), of_double(id, (double)NAN)), 0);
    }
}

static elea_scalar *decimal(elea_type_id id, int64_t digits) {
    elea_error err = {0};
    elea_type *type = NULL;
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    elea_scalar *scalar = NULL;
    int64_t words[4] = {digits, digits < 0 ? -1 : 0, digits < 0 ? -1 : 0, digits < 0 ? -1 : 0};
    assert_ok(elea_type_new_decimal(NULL, id, 9, 2, &type, &err));
    assert_ok(elea_builder_new(NULL, type, &builder, &err));
    assert_ok(elea_builder_append_values(builder, words, NULL, 1, &err));
    assert_ok(elea_builder_finish(builder, &array, &err));
    assert_ok(elea_scalar_new_from_array(NULL, array, 0, &scalar, &err));
    elea_array_unref(array);
    elea_builder_free(builder);
    elea_type_unref(type);
    return scalar;
}

static void decimals_have_an_order(void **state) {
    (void)state;
    static const elea_type_id ids[] = {ELEA_TYPE_DECIMAL32, ELEA_TYPE_DECIMAL64,
                                       ELEA_TYPE_DECIMAL128, ELEA_TYPE_DECIMAL256};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(compare(decimal(ids[i], -100), decimal(ids[i], 99)), -1);
        assert_int_equal(compare(decimal(ids[i], -100), decimal(ids[i], -101)), 1);
        assert_int_equal(compare(decimal(ids[i], 65536), decimal(ids[i], 255)), 1);
        assert_int_equal(compare(decimal(ids[i], 7), decimal(ids[i], 7)), 0);
    }
}

static void texts_have_an_order(void **state) {
    (void)state;
    static const elea_type_id ids[] = {ELEA_TYPE_UTF8, ELEA_TYPE_LARGE_BINARY, ELEA_TYPE_UTF8_VIEW};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(compare(of_text(ids[i], "Elea"), of_text(ids[i], "Zeno")), -1);
        assert_int_equal(compare(of_text(ids[i], "Zeno of Elea, the dialectician"),
                                 of_text(ids[i], "Zeno of Elea")),
                         1);
        assert_int_equal(compare(of_text(ids[i], ""), of_text(ids[i], "a")), -1);
        assert_int_equal(compare(of_text(ids[i], "\xC3\xA9"), of_text(ids[i], "z")), 1);
        assert_int_equal(compare(of_text(ids[i], "same"), of_text(ids[i], "same")), 0);
    }
}

static void nulls_come_last(void **state) {
    (void)state;
    elea_error err = {0};
    elea_scalar *nothing = NULL;
    elea_scalar *also_nothing = NULL;
    const elea_type *type = elea_type_of(ELEA_TYPE_INT64);
    assert_ok(elea_scalar_new_null(NULL, type, &nothing, &err));
    assert_int_equal(compare(of_int(type, INT64_MAX), nothing), -1);
    assert_ok(elea_scalar_new_null(NULL, type, &nothing, &err));
    assert_ok(elea_scalar_new_null(NULL, type, &also_nothing, &err));
    assert_int_equal(compare(nothing, also_nothing), 0);
}

static void others_have_no_order(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {.state = 23};
    static const elea_type_id ids[] = {ELEA_TYPE_LIST, ELEA_TYPE_STRUCT, ELEA_TYPE_MAP,
                                       ELEA_TYPE_INTERVAL_DAY_TIME,
                                       ELEA_TYPE_INTERVAL_MONTH_DAY_NANO};
    int found;
    for (int i = 0; i < 5; i++) {
        elea_type *type = elea_test_random_type_of(&random, ids[i], 2);
        elea_scalar *scalar = NULL;
        assert_ok(elea_scalar_new_null(NULL, type, &scalar, &err));
        assert_fails(ELEA_ETYPE, "have no order",
                     elea_scalar_compare(scalar, scalar, &found, &err));
        elea_scalar_unref(scalar);
        elea_type_unref(type);
    }
    elea_scalar *a = of_int(elea_type_of(ELEA_TYPE_INT8), 1);
    elea_scalar *b = of_int(elea_type_of(ELEA_TYPE_INT16), 1);
    assert_fails(ELEA_ETYPE, "int8 compared with int16", elea_scalar_compare(a, b, &found, &err));
    assert_false(elea_scalar_equal(a, b, NULL));
    elea_scalar_unref(a);
    elea_scalar_unref(b);
}

// Rows of dictionaries, runs and unions are compared and read by what they stand for.
static void encoded_values_are_values(void **state) {
    (void)state;
    elea_error err = {0};
    elea_type *type = NULL;
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    elea_scalar *rows[4];
    static const char *const words[] = {"b", "a", "b"};
    assert_ok(elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_UINT16),
                                       elea_type_of(ELEA_TYPE_UTF8), false, &type, &err));
    assert_ok(elea_builder_new(NULL, type, &builder, &err));
    for (int i = 0; i < 3; i++)
        assert_ok(elea_builder_append_bytes(builder, elea_bytes_of(words[i]), &err));
    assert_ok(elea_builder_append_null(builder, &err));
    assert_ok(elea_builder_finish(builder, &array, &err));
    for (int i = 0; i < 4; i++)
        assert_ok(elea_scalar_new_from_array(NULL, array, i, &rows[i], &err));
    assert_memory_equal(elea_scalar_get_bytes(rows[0]).data, "b", 1);
    assert_false(elea_scalar_is_valid(rows[3]));
    int found;
    assert_ok(elea_scalar_compare(rows[0], rows[1], &found, &err));
    assert_int_equal(found, 1);
    assert_ok(elea_scalar_compare(rows[0], rows[2], &found, &err));
    assert_int_equal(found, 0);
    assert_ok(elea_scalar_compare(rows[3], rows[2], &found, &err));
    assert_int_equal(found, 1);
    for (int i = 0; i < 4; i++)
        elea_scalar_unref(rows[i]);
    elea_array_unref(array);
    elea_builder_free(builder);
    elea_type_unref(type);
}

static elea_status make_and_drop(elea_pool *pool, void *context, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_scalar *scalars[3] = {NULL, NULL, NULL};
    elea_array *repeated = NULL;
    (void)context;
    ELEA_GOTO(done, elea_scalar_new_bytes(pool, elea_type_of(ELEA_TYPE_UTF8), elea_bytes_of("Zeno"),
                                          &scalars[0], err));
    ELEA_GOTO(done, elea_scalar_new_null(pool, elea_type_of(ELEA_TYPE_INT8), &scalars[1], err));
    ELEA_GOTO(done, elea_array_new_repeated(pool, scalars[0], 1500, &repeated, err));
    ELEA_GOTO(done, elea_scalar_new_from_array(pool, repeated, 7, &scalars[2], err));

done:
    elea_array_unref(repeated);
    for (int i = 0; i < 3; i++)
        elea_scalar_unref(scalars[i]);
    return status;
}

static elea_status repeat_and_drop(elea_pool *pool, void *context, elea_error *err) {
    elea_array *repeated;
    ELEA_TRY(elea_array_new_repeated(pool, context, 5, &repeated, err));
    elea_array_unref(repeated);
    return ELEA_OK;
}

static void memory_may_run_out(void **state) {
    (void)state;
    elea_test_random random = {.state = 24};
    elea_error err = {0};
    elea_scalar *run = NULL;
    elea_test_fail_each_allocation(make_and_drop, NULL);
    elea_type *type = elea_test_random_type_of(&random, ELEA_TYPE_RUN_END_ENCODED, 2);
    elea_array *array = elea_test_random_array(&random, type, 5, 0);
    assert_ok(elea_scalar_new_from_array(NULL, array, 2, &run, &err));
    elea_test_fail_each_allocation(repeat_and_drop, run);
    elea_scalar_unref(run);
    elea_array_unref(array);
    elea_type_unref(type);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_back),
        cmocka_unit_test(nulls_of_every_type),
        cmocka_unit_test(wrong_values_are_refused),
        cmocka_unit_test(rows_become_scalars_and_arrays),
        cmocka_unit_test(numbers_have_an_order),
        cmocka_unit_test(decimals_have_an_order),
        cmocka_unit_test(texts_have_an_order),
        cmocka_unit_test(nulls_come_last),
        cmocka_unit_test(others_have_no_order),
        cmocka_unit_test(encoded_values_are_values),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
