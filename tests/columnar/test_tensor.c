// SPDX-License-Identifier: Apache-2.0
//
// Tensors of any strides; from and to arrays and batches; what is refused.
#include <elea/columnar.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"

static elea_buffer *copy_of(const void *data, int64_t size) {
    elea_error err = {0};
    elea_buffer *buffer;
    assert_ok(elea_buffer_new_copy(NULL, data, size, &buffer, &err));
    return buffer;
}

static elea_tensor *tensor_of(elea_type_id id, const void *data, int64_t size, int32_t count,
                              const int64_t *shape, const int64_t *strides) {
    elea_error err = {0};
    elea_tensor *tensor;
    elea_buffer *buffer = copy_of(data, size);
    const elea_tensor_parts parts = {.type = elea_type_of(id),
                                     .data = buffer,
                                     .dimension_count = count,
                                     .shape = shape,
                                     .strides = strides};
    assert_ok(elea_tensor_new(NULL, &parts, &tensor, &err));
    elea_buffer_unref(buffer);
    return tensor;
}

static const int32_t numbers[] = {0, 1, 2, 0, 4, 5, 6, 7, 8, 9, 10, 0};

static void test_strides(void **state) {
    (void)state;
    static const int64_t shape[] = {3, 4}, transposed[] = {4, 3}, columns[] = {4, 16};
    static const int64_t shorter[] = {3, 2}, steps[] = {16, 8};
    elea_tensor *rows = tensor_of(ELEA_TYPE_INT32, numbers, 48, 2, shape, NULL);
    elea_tensor *turned = tensor_of(ELEA_TYPE_INT32, numbers, 48, 2, transposed, columns);
    elea_tensor *every_other = tensor_of(ELEA_TYPE_INT32, numbers, 48, 2, shorter, steps);
    assert_true(elea_tensor_is_row_major(rows) && !elea_tensor_is_column_major(rows));
    assert_true(!elea_tensor_is_row_major(turned) && elea_tensor_is_column_major(turned));
    assert_true(elea_tensor_is_contiguous(turned) && !elea_tensor_is_contiguous(every_other));
    assert_int_equal(elea_tensor_length(rows), 12);
    assert_int_equal(elea_tensor_count_nonzero(rows), 9);
    assert_int_equal(elea_tensor_count_nonzero(turned), 9);
    assert_int_equal(elea_tensor_count_nonzero(every_other), 5);
    for (int64_t i = 0; i < 3; i++) {
        for (int64_t k = 0; k < 4; k++) {
            const int64_t there[] = {i, k}, here[] = {k, i}, half[] = {i, k / 2};
            assert_int_equal(elea_tensor_get_int(rows, there), numbers[4 * i + k]);
            assert_int_equal(elea_tensor_get_int(turned, here), numbers[4 * i + k]);
            assert_true(elea_tensor_get_double(rows, there) == numbers[4 * i + k]);
            assert_int_equal(elea_tensor_get_int(every_other, half), numbers[4 * i + k / 2 * 2]);
        }
    }
    elea_error err = {0};
    elea_tensor *again, *shared;
    assert_ok(elea_tensor_to_row_major(NULL, turned, &again, &err));
    assert_true(elea_tensor_is_row_major(again));
    assert_true(elea_tensor_equal(again, turned, NULL));
    assert_false(elea_tensor_equal(rows, turned, NULL));
    assert_ok(elea_tensor_to_row_major(NULL, rows, &shared, &err));
    assert_ptr_equal(shared, rows);
    elea_tensor_unref(shared);
    elea_tensor_unref(again);
    elea_tensor_unref(every_other);
    elea_tensor_unref(turned);
    elea_tensor_unref(rows);
}

static void test_no_dimensions_and_no_elements(void **state) {
    (void)state;
    static const int64_t empty[] = {3, 0, INT64_MAX};
    elea_tensor *number = tensor_of(ELEA_TYPE_INT32, numbers + 5, 4, 0, NULL, NULL);
    elea_tensor *none = tensor_of(ELEA_TYPE_INT32, numbers, 0, 3, empty, NULL);
    assert_int_equal(elea_tensor_length(number), 1);
    assert_int_equal(elea_tensor_get_int(number, NULL), 5);
    assert_int_equal(elea_tensor_count_nonzero(number), 1);
    assert_true(elea_tensor_equal(number, number, NULL));
    assert_int_equal(elea_tensor_length(none), 0);
    assert_int_equal(elea_tensor_count_nonzero(none), 0);
    assert_true(elea_tensor_is_contiguous(none));
    assert_true(elea_tensor_equal(none, none, NULL));
    elea_tensor_unref(none);
    elea_tensor_unref(number);
}

static void test_each_type(void **state) {
    (void)state;
    static const double halves[] = {0.0, -0.0, NAN, 1.5, INFINITY};
    static const int64_t five[] = {5}, last[] = {4}, first[] = {0};
    float narrow[5];
    uint16_t half[5];
    for (int i = 0; i < 5; i++) {
        narrow[i] = (float)halves[i];
        half[i] = elea_half_from_float(narrow[i]);
    }
    elea_tensor *floats[] = {tensor_of(ELEA_TYPE_FLOAT64, halves, 40, 1, five, NULL),
                             tensor_of(ELEA_TYPE_FLOAT32, narrow, 20, 1, five, NULL),
                             tensor_of(ELEA_TYPE_FLOAT16, half, 10, 1, five, NULL)};
    const elea_equal_options same = {.nans_equal = true};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(elea_tensor_count_nonzero(floats[i]), 3);
        assert_false(elea_tensor_equal(floats[i], floats[i], NULL));
        assert_true(elea_tensor_equal(floats[i], floats[i], &same));
        assert_true(isinf(elea_tensor_get_double(floats[i], last)));
        assert_int_equal(elea_tensor_get_int(floats[i], last), INT64_MAX);
        elea_tensor_unref(floats[i]);
    }
    const int64_t lowest = INT64_MIN;
    static const elea_type_id integers[] = {ELEA_TYPE_INT8,   ELEA_TYPE_UINT8, ELEA_TYPE_INT16,
                                            ELEA_TYPE_UINT16, ELEA_TYPE_INT32, ELEA_TYPE_UINT32,
                                            ELEA_TYPE_INT64,  ELEA_TYPE_UINT64};
    for (int i = 0; i < 8; i++) {
        static const int64_t one[] = {1};
        int64_t width = 1 << i / 2;
        elea_tensor *tensor =
            tensor_of(integers[i], (const char *)&lowest + 8 - width, width, 1, one, NULL);
        double expected = -ldexp(1, (int)(8 * width - 1));
        assert_true(elea_tensor_get_double(tensor, first) == (i % 2 ? -expected : expected));
        assert_int_equal(elea_tensor_count_nonzero(tensor), 1);
        elea_tensor_unref(tensor);
    }
}

static void test_refused(void **state) {
    (void)state;
    static const int64_t shape[] = {3, 4}, negative[] = {3, -1}, huge[] = {INT64_MAX / 2, 4};
    static const int64_t back[] = {16, -4}, far[] = {16, INT64_MAX / 2}, wide[] = {17, 4};
    static const struct {
        elea_type_id type;
        const int64_t *shape;
        const int64_t *strides;
        int32_t count;
        elea_status status;
        const char *message;
    } cases[] = {
        {ELEA_TYPE_BOOL, shape, NULL, 2, ELEA_ETYPE, "a tensor of bool, expected a number"},
        {ELEA_TYPE_DATE32, shape, NULL, 2, ELEA_ETYPE, "a tensor of date32"},
        {ELEA_TYPE_INT32, negative, NULL, 2, ELEA_EINVAL, "dimension 1 has the size -1"},
        {ELEA_TYPE_INT32, huge, NULL, 2, ELEA_EINVAL, "more elements than memory can hold"},
        {ELEA_TYPE_INT32, shape, back, 2, ELEA_EINVAL, "dimension 1 has the stride -4"},
        {ELEA_TYPE_INT32, shape, far, 2, ELEA_EINVAL, "the stride 4611686018427387903 overflows"},
        {ELEA_TYPE_INT32, shape, wide, 2, ELEA_EINVAL,
         "the elements take 50 bytes, expected at most the 48 of the data"},
        {ELEA_TYPE_INT64, shape, NULL, 2, ELEA_EINVAL, "the elements take 96 bytes"},
        {ELEA_TYPE_INT32, shape, NULL, -1, ELEA_ECAPACITY, "a tensor of -1 dimensions"},
        {ELEA_TYPE_INT32, shape, NULL, 1025, ELEA_ECAPACITY, "expected 0 to 1024"},
    };
    elea_error err = {0};
    elea_buffer *data = copy_of(numbers, 48);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const elea_tensor_parts parts = {.type = elea_type_of(cases[i].type),
                                         .data = data,
                                         .dimension_count = cases[i].count,
                                         .shape = cases[i].shape,
                                         .strides = cases[i].strides};
        elea_tensor *tensor = NULL;
        assert_fails(cases[i].status, cases[i].message,
                     elea_tensor_new(NULL, &parts, &tensor, &err));
    }
    elea_buffer_unref(data);
}

// ---- arrays

static void test_lists(void **state) {
    (void)state;
    static const int64_t shape[] = {2, 3, 2};
    elea_error err = {0};
    elea_tensor *tensor = tensor_of(ELEA_TYPE_INT32, numbers, 48, 3, shape, NULL), *found;
    elea_array *array, *slice;
    int64_t copied = elea_copied_bytes();
    assert_ok(elea_tensor_to_array(NULL, tensor, &array, &err));
    assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
    assert_int_equal(elea_array_length(array), 2);
    assert_ok(elea_tensor_new_from_array(NULL, array, &found, &err));
    assert_int_equal(elea_copied_bytes(), copied);
    assert_true(elea_tensor_equal(found, tensor, NULL));
    elea_tensor_unref(found);
    assert_ok(elea_array_slice(array, 1, 1, &slice, &err));
    assert_ok(elea_tensor_new_from_array(NULL, slice, &found, &err));
    static const int64_t first[] = {0, 0, 0};
    assert_int_equal(elea_tensor_shape(found)[0], 1);
    assert_int_equal(elea_tensor_get_int(found, first), 6);
    elea_tensor_unref(found);
    elea_array_unref(slice);
    elea_array_unref(array);
    // Column-major: rows are put together.
    static const int64_t columns[] = {4, 8, 24};
    elea_tensor *turned = tensor_of(ELEA_TYPE_INT32, numbers, 48, 3, shape, columns);
    assert_ok(elea_tensor_to_array(NULL, turned, &array, &err));
    assert_ok(elea_tensor_new_from_array(NULL, array, &found, &err));
    assert_true(elea_tensor_equal(found, turned, NULL));
    elea_tensor_unref(found);
    elea_array_unref(array);
    elea_tensor_unref(turned);
    elea_tensor_unref(tensor);
}

static elea_array *ints(elea_type_id id, int64_t count, int64_t null_every) {
    elea_error err = {0};
    elea_builder *builder;
    elea_array *array;
    assert_ok(elea_builder_new(NULL, elea_type_of(id), &builder, &err));
    for (int64_t i = 0; i < count; i++)
        assert_ok(null_every > 0 && i % null_every == 0
                      ? elea_builder_append_null(builder, &err)
                      : elea_builder_append_int(builder, i * 3 % 100, &err));
    assert_ok(elea_builder_finish(builder, &array, &err));
    elea_builder_free(builder);
    return array;
}

static elea_record_batch *batch_of(elea_array *const *arrays, int64_t count) {
    elea_error err = {0};
    elea_field *fields[4] = {NULL};
    elea_schema *schema;
    elea_record_batch *batch;
    for (int64_t i = 0; i < count; i++)
        assert_ok(elea_field_new(NULL, elea_bytes_of("c"), elea_array_type(arrays[i]), true, NULL,
                                 &fields[i], &err));
    assert_ok(elea_schema_new(NULL, (const elea_field *const *)fields, count, NULL, &schema, &err));
    assert_ok(elea_record_batch_new(NULL, schema, count > 0 ? elea_array_length(arrays[0]) : 7,
                                    (const elea_array *const *)arrays, &batch, &err));
    for (int64_t i = 0; i < count; i++)
        elea_field_unref(fields[i]);
    elea_schema_unref(schema);
    return batch;
}

static void test_batches(void **state) {
    (void)state;
    elea_error err = {0};
    static const elea_type_id kinds[][3] = {
        {ELEA_TYPE_INT8, ELEA_TYPE_INT8, ELEA_TYPE_INT8},
        {ELEA_TYPE_INT8, ELEA_TYPE_UINT8, ELEA_TYPE_INT16},
        {ELEA_TYPE_UINT32, ELEA_TYPE_FLOAT32, ELEA_TYPE_FLOAT64}};
    static const elea_type_id expected[][2] = {{ELEA_TYPE_INT8, ELEA_TYPE_FLOAT32},
                                               {ELEA_TYPE_INT16, ELEA_TYPE_FLOAT32},
                                               {ELEA_TYPE_FLOAT64, ELEA_TYPE_FLOAT64}};
    for (int i = 0; i < 3; i++) {
        for (int how = 0; how < 4; how++) {
            const elea_tensor_batch_options options = {.null_to_nan = how % 2,
                                                       .column_major = how / 2};
            elea_array *arrays[3];
            elea_tensor *tensor;
            for (int k = 0; k < 3; k++)
                arrays[k] = ints(kinds[i][k], 33, how % 2 ? 5 : 0);
            elea_record_batch *whole = batch_of(arrays, 3), *batch;
            assert_ok(elea_record_batch_slice(whole, 3, 30, &batch, &err));
            assert_ok(elea_tensor_new_from_batch(NULL, batch, &options, &tensor, &err));
            assert_int_equal(elea_type_id_of(elea_tensor_type(tensor)), expected[i][how % 2]);
            assert_true(options.column_major ? elea_tensor_is_column_major(tensor)
                                             : elea_tensor_is_row_major(tensor));
            for (int64_t row = 0; row < 30; row++) {
                const int64_t at[] = {row, row % 3};
                double found = elea_tensor_get_double(tensor, at);
                if (how % 2 && (row + 3) % 5 == 0)
                    assert_true(isnan(found));
                else
                    assert_true(found == (double)((row + 3) * 3 % 100));
            }
            elea_tensor_unref(tensor);
            elea_record_batch_unref(batch);
            elea_record_batch_unref(whole);
            for (int k = 0; k < 3; k++)
                elea_array_unref(arrays[k]);
        }
    }
}

static void test_refused_batches(void **state) {
    (void)state;
    elea_error err = {0};
    elea_tensor *tensor = NULL;
    elea_array *nulls = ints(ELEA_TYPE_INT8, 4, 2), *dates = ints(ELEA_TYPE_DATE32, 4, 0);
    elea_record_batch *none = batch_of(NULL, 0), *a = batch_of(&nulls, 1), *b = batch_of(&dates, 1);
    assert_fails(ELEA_ETYPE, "without columns",
                 elea_tensor_new_from_batch(NULL, none, NULL, &tensor, &err));
    assert_fails(ELEA_ETYPE, "column \"c\" has nulls",
                 elea_tensor_new_from_batch(NULL, a, NULL, &tensor, &err));
    assert_fails(ELEA_ETYPE, "column \"c\" is of date32",
                 elea_tensor_new_from_batch(NULL, b, NULL, &tensor, &err));
    assert_fails(ELEA_EINVAL, "an array with nulls",
                 elea_tensor_new_from_array(NULL, nulls, &tensor, &err));
    assert_fails(ELEA_ETYPE, "an array of date32",
                 elea_tensor_new_from_array(NULL, dates, &tensor, &err));
    elea_record_batch_unref(b);
    elea_record_batch_unref(a);
    elea_record_batch_unref(none);
    elea_array_unref(dates);
    elea_array_unref(nulls);
}

// ---- memory running out

static elea_status convert(elea_pool *pool, void *context, elea_error *err) {
    static const int64_t shape[] = {3, 2, 2}, columns[] = {4, 12, 24};
    static const elea_bytes names[] = {{"a", 1}, {"", 0}, {"long", 4}};
    elea_status status = ELEA_OK;
    elea_tensor *tensor = NULL, *again = NULL, *batch = NULL;
    elea_array *array = NULL;
    const elea_tensor_parts parts = {.type = elea_type_of(ELEA_TYPE_INT32),
                                     .data = ((elea_buffer **)context)[0],
                                     .dimension_count = 3,
                                     .shape = shape,
                                     .strides = columns,
                                     .dimension_names = names};
    const elea_tensor_batch_options options = {.null_to_nan = true};
    ELEA_GOTO(done, elea_tensor_new(pool, &parts, &tensor, err));
    ELEA_GOTO(done, elea_tensor_to_array(pool, tensor, &array, err));
    ELEA_GOTO(done, elea_tensor_new_from_array(pool, array, &again, err));
    status =
        elea_tensor_new_from_batch(pool, ((elea_record_batch **)context)[1], &options, &batch, err);

done:
    elea_tensor_unref(batch);
    elea_tensor_unref(again);
    elea_array_unref(array);
    elea_tensor_unref(tensor);
    return status;
}

static void test_allocation_failures(void **state) {
    (void)state;
    elea_array *arrays[] = {ints(ELEA_TYPE_INT8, 5, 2), ints(ELEA_TYPE_UINT16, 5, 0)};
    elea_record_batch *batch = batch_of(arrays, 2);
    elea_buffer *data = copy_of(numbers, 48);
    void *context[] = {data, batch};
    assert_true(elea_test_fail_each_allocation(convert, context) > 10);
    elea_buffer_unref(data);
    elea_record_batch_unref(batch);
    elea_array_unref(arrays[1]);
    elea_array_unref(arrays[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strides),
        cmocka_unit_test(test_no_dimensions_and_no_elements),
        cmocka_unit_test(test_each_type),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_refused_batches),
        cmocka_unit_test(test_allocation_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
