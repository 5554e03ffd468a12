// SPDX-License-Identifier: Apache-2.0
#include <elea/vector.h>

#include <math.h>

#include "support/cmocka_all.h"

enum { ROWS = 7, DIMENSION = 3, LEAD = 2 };

// Rows i = (i, i + 0.5, -i) of halves or floats, behind LEAD items that belong to no row; rows 2
// and 5 are null, and so are row 2's items.
static elea_array *make_array(elea_type_id item_id, bool null_item_in_row_3) {
    elea_error err;
    elea_field *item = NULL;
    elea_type *type = NULL;
    elea_buffer *values = NULL, *item_validity = NULL, *validity = NULL;
    elea_array *items = NULL, *array = NULL;
    int64_t item_count = LEAD + ROWS * DIMENSION;
    int64_t item_size = item_id == ELEA_TYPE_FLOAT16 ? 2 : 4;
    assert_ok(elea_field_new(NULL, elea_bytes_of("item"), elea_type_of(item_id), true, NULL, &item,
                             &err));
    assert_ok(elea_type_new_fixed_size_list(NULL, item, DIMENSION, &type, &err));
    assert_ok(elea_buffer_new(NULL, item_count * item_size, &values, &err));
    assert_ok(elea_buffer_new(NULL, elea_bitmap_size(item_count), &item_validity, &err));
    assert_ok(elea_buffer_new(NULL, elea_bitmap_size(ROWS), &validity, &err));
    uint8_t *target = elea_buffer_mutable_data(values);
    uint8_t *bits = elea_buffer_mutable_data(item_validity);
    memset(target, 0, (size_t)(item_count * item_size));
    elea_bitmap_fill(bits, 0, item_count, true);
    for (int i = 0; i < ROWS; i++) {
        const float row[DIMENSION] = {(float)i, (float)i + 0.5f, (float)-i};
        if (item_size == 2)
            elea_half_from_float_run(row, DIMENSION, (uint16_t *)target + LEAD + i * DIMENSION);
        else
            memcpy((float *)target + LEAD + i * DIMENSION, row, sizeof(row));
    }
    elea_bitmap_fill(bits, LEAD + 2 * DIMENSION, DIMENSION, false);
    if (null_item_in_row_3)
        elea_bit_clear(bits, LEAD + 3 * DIMENSION + 1);
    elea_buffer_mutable_data(validity)[0] = 0x7f & ~(1 << 2 | 1 << 5);
    const elea_buffer *item_buffers[] = {item_validity, values};
    elea_array_parts item_parts = {.type = elea_type_of(item_id),
                                   .length = item_count - LEAD,
                                   .offset = LEAD,
                                   .null_count = -1,
                                   .buffers = item_buffers,
                                   .buffer_count = 2};
    assert_ok(elea_array_new(NULL, &item_parts, &items, &err));
    const elea_buffer *buffers[] = {validity};
    const elea_array *children[] = {items};
    elea_array_parts parts = {.type = type,
                              .length = ROWS,
                              .null_count = -1,
                              .buffers = buffers,
                              .buffer_count = 1,
                              .children = children,
                              .child_count = 1};
    assert_ok(elea_array_new(NULL, &parts, &array, &err));
    elea_array_unref(items);
    elea_buffer_unref(values);
    elea_buffer_unref(item_validity);
    elea_buffer_unref(validity);
    elea_type_unref(type);
    elea_field_unref(item);
    return array;
}

// Scores with the first unit vector are the rows' first elements.
static void check_rows(const elea_array *array, int64_t first_row) {
    elea_error err;
    elea_vectors view;
    int64_t copied = elea_copied_bytes();
    assert_ok(elea_vectors_of_array(array, &view, &err));
    assert_int_equal(view.count, elea_array_length(array));
    assert_int_equal(view.dimension, DIMENSION);
    const float first[DIMENSION] = {1, 0, 0};
    elea_vectors query = {
        .values = first, .count = 1, .dimension = DIMENSION, .element = ELEA_VECTOR_FLOAT32};
    float scores[ROWS];
    assert_ok(elea_vector_scores(&view, 1, &query, ELEA_VECTOR_INNER_PRODUCT, NULL, scores, &err));
    for (int64_t i = 0; i < view.count; i++) {
        int64_t row = first_row + i;
        if (row == 2 || row == 5)
            assert_true(isnan(scores[i]));
        else
            assert_true(scores[i] == (float)row);
    }
    assert_int_equal(elea_copied_bytes(), copied);
}

static void test_views(void **state) {
    (void)state;
    elea_error err;
    const elea_type_id ids[] = {ELEA_TYPE_FLOAT16, ELEA_TYPE_FLOAT32};
    for (int i = 0; i < 2; i++) {
        elea_array *array = make_array(ids[i], false);
        elea_vectors view;
        assert_ok(elea_vectors_of_array(array, &view, &err));
        const elea_buffer *values = elea_array_buffer(elea_array_child(array, 0), 1);
        assert_ptr_equal(view.values, elea_buffer_data(values) + LEAD * (i == 0 ? 2 : 4));
        check_rows(array, 0);
        for (int64_t from = 0; from <= ROWS; from++)
            for (int64_t length = 0; from + length <= ROWS; length++) {
                elea_array *slice;
                assert_ok(elea_array_slice(array, from, length, &slice, &err));
                check_rows(slice, from);
                elea_array_unref(slice);
            }
        elea_array_unref(array);
    }
}

static void test_refusals(void **state) {
    (void)state;
    elea_error err;
    elea_vectors view;
    elea_array *array = make_array(ELEA_TYPE_FLOAT32, true);
    assert_fails(ELEA_EINVAL, "row 3: a vector with a null element",
                 elea_vectors_of_array(array, &view, &err));
    elea_array *slice;
    assert_ok(elea_array_slice(array, 4, 3, &slice, &err));
    check_rows(slice, 4);
    elea_array_unref(slice);
    assert_fails(ELEA_ETYPE, "not float",
                 elea_vectors_of_array(elea_array_child(array, 0), &view, &err));
    elea_array_unref(array);

    elea_field *item;
    elea_type *type;
    assert_ok(elea_field_new(NULL, elea_bytes_of("item"), elea_type_of(ELEA_TYPE_INT64), true, NULL,
                             &item, &err));
    assert_ok(elea_type_new_fixed_size_list(NULL, item, 2, &type, &err));
    assert_ok(elea_array_new_null(NULL, type, 3, &array, &err));
    assert_fails(ELEA_ETYPE, "not of int64", elea_vectors_of_array(array, &view, &err));
    elea_array_unref(array);
    elea_type_unref(type);
    elea_field_unref(item);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_views),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
