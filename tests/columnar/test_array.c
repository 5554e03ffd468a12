// SPDX-License-Identifier: Apache-2.0
//
// Arrays of every type: random data built, validated, sliced, compared, rebuilt value by value.
#include "support/cmocka_all.h"

#include "columnar/array_internal.h"
#include "support/alloc_failures.h"
#include "support/random_data.h"

static void append_copy(elea_builder *builder, const elea_span *span, int64_t index);

// A number or bytes.
static void append_scalar(elea_builder *builder, const elea_span *span, int64_t index) {
    elea_error err = {0};
    elea_type_id id = elea_type_physical(span->type);
    if (id == ELEA_TYPE_FLOAT32 || id == ELEA_TYPE_FLOAT64)
        assert_ok(elea_builder_append_double(builder, elea_span_get_double(span, index), &err));
    else if (elea__type_has_number(id))
        assert_ok(elea_builder_append_int(builder, elea_span_get_int(span, index), &err));
    else
        assert_ok(elea_builder_append_bytes(builder, elea_span_get_bytes(span, index), &err));
}

static void append_nested_copy(elea_builder *builder, const elea_span *span, int64_t index) {
    elea_error err = {0};
    elea_layout layout = elea_type_layout_of(span->type);
    for (int64_t i = 0; i < elea_type_child_count(span->type); i++) {
        elea_span child;
        int64_t offset = span->offset + index;
        int64_t length = 1;
        elea_span_child(span, i, &child);
        if (layout != ELEA_LAYOUT_STRUCT)
            elea_span_get_list(span, index, &offset, &length);
        for (int64_t j = 0; j < length; j++)
            append_copy(elea_builder_child(builder, i), &child, offset + j);
    }
    assert_ok(elea_builder_append_row(builder, &err));
}

static void append_encoded_copy(elea_builder *builder, const elea_span *span, int64_t index) {
    elea_error err = {0};
    elea_span child;
    elea_layout layout = elea_type_layout_of(span->type);
    if (layout == ELEA_LAYOUT_DICTIONARY) {
        elea_span indices = *span;
        indices.id = elea_type_id_of(elea_type_index_type(span->type));
        elea_span_of(elea_array_dictionary(span->array), &child);
        append_copy(elea_builder_child(builder, 0), &child, elea_span_get_int(&indices, index));
        assert_ok(elea_builder_append_row(builder, &err));
    } else if (layout == ELEA_LAYOUT_RUN_END_ENCODED) {
        elea_span_child(span, 1, &child);
        append_copy(elea_builder_child(builder, 1), &child, elea__run_of(span, index));
        assert_ok(elea_builder_append_run(builder, 1, &err));
    } else {
        int64_t which =
            elea_type_union_child(span->type, (int8_t)span->buffers[1][span->offset + index]);
        elea_span_child(span, which, &child);
        append_copy(elea_builder_child(builder, which), &child, elea__union_child_row(span, index));
        assert_ok(elea_builder_append_union(builder, which, &err));
    }
}

// Appends row `index` of a span as a reader sees it: value by value, through the getters.
static void append_copy(elea_builder *builder, const elea_span *span, int64_t index) {
    elea_error err = {0};
    elea_layout layout = elea_type_layout_of(span->type);
    if (!elea_span_is_valid(span, index))
        assert_ok(elea_builder_append_null(builder, &err));
    else if (layout == ELEA_LAYOUT_BIT)
        assert_ok(elea_builder_append_int(builder, elea_span_get_int(span, index), &err));
    else if (layout == ELEA_LAYOUT_FIXED && elea__type_width(span->type) > 0)
        assert_ok(elea_builder_append_values(builder, elea_span_get_bytes(span, index).data, NULL,
                                             1, &err));
    else if (layout == ELEA_LAYOUT_DICTIONARY || layout == ELEA_LAYOUT_RUN_END_ENCODED ||
             elea_type_union_codes(span->type))
        append_encoded_copy(builder, span, index);
    else if (elea_type_child_count(span->type) > 0 || layout == ELEA_LAYOUT_STRUCT)
        append_nested_copy(builder, span, index);
    else
        append_scalar(builder, span, index);
}

static elea_array *copy_of(const elea_array *array) {
    elea_error err = {0};
    elea_builder *builder = NULL;
    elea_array *copy = NULL;
    elea_span span;
    elea_span_of(array, &span);
    assert_ok(elea_builder_new(NULL, elea_array_type(array), &builder, &err));
    for (int64_t i = 0; i < span.length; i++)
        append_copy(builder, &span, i);
    assert_ok(elea_builder_finish(builder, &copy, &err));
    elea_builder_free(builder);
    return copy;
}

static int64_t nulls_by_row(const elea_array *array) {
    int64_t count = 0;
    elea_span span;
    elea_span_of(array, &span);
    for (int64_t i = 0; i < span.length; i++)
        count += !elea_span_is_valid(&span, i);
    return count;
}

static const elea_equal_options same_nans = {.nans_equal = true};

static void check_one(elea_test_random *random, const elea_type *type, int64_t length) {
    elea_error err = {0};
    elea_array *array =
        elea_test_random_array(random, type, length, elea_test_random_below(random, 4));
    assert_int_equal(elea_array_length(array), length);
    assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
    assert_int_equal(elea_array_null_count(array), nulls_by_row(array));
    elea_array *copy = copy_of(array);
    assert_ok(elea_array_validate(copy, ELEA_VALIDATE_FULL, &err));
    assert_true(elea_array_equal(array, copy, &same_nans));
    for (int round = 0; round < 3; round++) {
        elea_array *a = NULL;
        elea_array *b = NULL;
        int64_t offset = elea_test_random_below(random, length + 1);
        int64_t part = elea_test_random_below(random, length - offset + 1);
        assert_ok(elea_array_slice(array, offset, part, &a, &err));
        assert_ok(elea_array_slice(copy, offset, part, &b, &err));
        assert_ok(elea_array_validate(a, ELEA_VALIDATE_FULL, &err));
        assert_int_equal(elea_array_null_count(a), nulls_by_row(a));
        assert_true(elea_array_equal(a, b, &same_nans));
        elea_array *rebuilt = copy_of(a);
        assert_true(elea_array_equal(rebuilt, b, &same_nans));
        elea_array_unref(rebuilt);
        elea_array_unref(a);
        elea_array_unref(b);
    }
    elea_array_unref(copy);
    elea_array_unref(array);
}

static void every_type_survives_slicing_and_rebuilding(void **state) {
    (void)state;
    static const int64_t lengths[] = {0, 1, 7, 8, 63, 64, 65, 130};
    elea_test_random random = {1, .with_dictionaries = true};
    for (int id = 0; id < ELEA__TYPE_ID_COUNT; id++) {
        for (int round = 0; round < 8; round++) {
            elea_type *type = elea_test_random_type_of(&random, (elea_type_id)id, 2);
            if (!type)
                continue;
            check_one(&random, type, lengths[round]);
            elea_type_unref(type);
        }
    }
}

static void random_nested_types_too(void **state) {
    (void)state;
    elea_test_random random = {2, .with_dictionaries = true};
    for (int round = 0; round < 300; round++) {
        elea_type *type = elea_test_random_type(&random, 4);
        check_one(&random, type, elea_test_random_below(&random, 70));
        elea_type_unref(type);
    }
}

static void null_arrays_of_every_type(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {3, .with_dictionaries = true};
    for (int id = 0; id < ELEA__TYPE_ID_COUNT; id++) {
        elea_type *type = elea_test_random_type_of(&random, (elea_type_id)id, 2);
        for (int64_t length = 0; type && length < 70; length += 23) {
            elea_array *array = NULL;
            assert_ok(elea_array_new_null(NULL, type, length, &array, &err));
            assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
            bool has_validity = elea__layout_has_validity(elea_type_layout_of(type));
            assert_int_equal(elea_array_null_count(array),
                             has_validity || id == ELEA_TYPE_NULL ? length : 0);
            elea_array_unref(array);
        }
        elea_type_unref(type);
    }
}

static void slices_stay_inside(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {4, .with_dictionaries = true};
    elea_array *slice = NULL;
    elea_array *array = elea_test_random_array(&random, elea_type_of(ELEA_TYPE_INT32), 10, 3);
    assert_fails(ELEA_EINDEX, "10", elea_array_slice(array, 5, 6, &slice, &err));
    assert_fails(ELEA_EINDEX, "", elea_array_slice(array, -1, 2, &slice, &err));
    assert_fails(ELEA_EINDEX, "", elea_array_slice(array, 0, -2, &slice, &err));
    assert_fails(ELEA_EINDEX, "", elea_array_slice(array, INT64_MAX, INT64_MAX, &slice, &err));
    assert_null(slice);
    // A slice shares what the array has.
    int64_t copied = elea_copied_bytes();
    assert_ok(elea_array_slice(array, 3, 7, &slice, &err));
    assert_int_equal(elea_copied_bytes(), copied);
    assert_ptr_equal(elea_array_buffer(slice, 1), elea_array_buffer(array, 1));
    elea_array_unref(array);
    assert_int_equal(elea_array_length(slice), 7);
    elea_array_unref(slice);
}

static void parts_are_counted(void **state) {
    (void)state;
    elea_error err = {0};
    elea_array *array = NULL;
    const elea_buffer *buffers[3] = {NULL};
    elea_array_parts parts = {.type = elea_type_of(ELEA_TYPE_INT32),
                              .buffers = buffers,
                              .buffer_count = 1,
                              .null_count = -1};
    assert_fails(ELEA_EINVAL, "1 buffers, expected 2", elea_array_new(NULL, &parts, &array, &err));
    parts.buffer_count = 2;
    parts.child_count = 1;
    assert_fails(ELEA_EINVAL, "1 children", elea_array_new(NULL, &parts, &array, &err));
    parts.child_count = 0;
    parts.length = 1;
    assert_fails(ELEA_EINVAL, "expected at least 4", elea_array_new(NULL, &parts, &array, &err));
    parts.length = -1;
    assert_fails(ELEA_EINVAL, "length -1", elea_array_new(NULL, &parts, &array, &err));
    parts.length = INT64_MAX;
    parts.offset = 1;
    assert_fails(ELEA_EINVAL, "length", elea_array_new(NULL, &parts, &array, &err));
    parts.length = INT64_MAX / 2;
    assert_fails(ELEA_EINVAL, "more than memory", elea_array_new(NULL, &parts, &array, &err));
    parts.length = 0;
    parts.offset = 0;
    parts.null_count = 1;
    assert_fails(ELEA_EINVAL, "null count 1", elea_array_new(NULL, &parts, &array, &err));
    assert_null(array);
    parts.null_count = 0;
    assert_ok(elea_array_new(NULL, &parts, &array, &err));
    elea_array_unref(array);
}

static elea_status null_body(elea_pool *pool, void *context, elea_error *err) {
    elea_array *array = NULL;
    ELEA_TRY(elea_array_new_null(pool, context, 100, &array, err));
    elea_array_unref(array);
    return ELEA_OK;
}

static void null_arrays_survive_failing_memory(void **state) {
    (void)state;
    elea_test_random random = {5, .with_dictionaries = true};
    for (int id = 0; id < ELEA__TYPE_ID_COUNT; id++) {
        elea_type *type = elea_test_random_type_of(&random, (elea_type_id)id, 2);
        if (type)
            elea_test_fail_each_allocation(null_body, type);
        elea_type_unref(type);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_survives_slicing_and_rebuilding),
        cmocka_unit_test(random_nested_types_too),
        cmocka_unit_test(null_arrays_of_every_type),
        cmocka_unit_test(slices_stay_inside),
        cmocka_unit_test(parts_are_counted),
        cmocka_unit_test(null_arrays_survive_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
