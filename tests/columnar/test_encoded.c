// SPDX-License-Identifier: Apache-2.0
//
// Dictionaries, run-end encoded values, unions and list views: what their builders write, and what
// validation says of broken ones.
#include "support/cmocka_all.h"

#include <stdio.h>

#include "columnar/array_internal.h"
#include "support/alloc_failures.h"
#include "support/random_data.h"

static elea_type *dictionary_of(elea_type_id index, elea_type_id value) {
    elea_error err = {0};
    elea_type *type = NULL;
    assert_ok(elea_type_new_dictionary(NULL, elea_type_of(index), elea_type_of(value), false, &type,
                                       &err));
    return type;
}

static elea_field *field_of(const char *name, elea_type_id id, bool nullable) {
    elea_error err = {0};
    elea_field *field = NULL;
    assert_ok(
        elea_field_new(NULL, elea_bytes_of(name), elea_type_of(id), nullable, NULL, &field, &err));
    return field;
}

static elea_type *runs_of(elea_type_id end, elea_type_id value) {
    elea_error err = {0};
    elea_type *type = NULL;
    elea_field *ends = field_of("run_ends", end, false);
    elea_field *values = field_of("values", value, true);
    assert_ok(elea_type_new_run_end_encoded(NULL, ends, values, &type, &err));
    elea_field_unref(ends);
    elea_field_unref(values);
    return type;
}

static elea_type *union_of(elea_type_id id) {
    elea_error err = {0};
    elea_type *type = NULL;
    elea_field *number = field_of("number", ELEA_TYPE_INT32, true);
    elea_field *text = field_of("text", ELEA_TYPE_UTF8, true);
    const elea_field *fields[] = {number, text};
    assert_ok(elea_type_new_union(NULL, id, fields, (const int8_t[]){7, 3}, 2, &type, &err));
    elea_field_unref(number);
    elea_field_unref(text);
    return type;
}

static elea_builder *builder_of(elea_type *type) {
    elea_error err = {0};
    elea_builder *builder = NULL;
    assert_ok(elea_builder_new(NULL, type, &builder, &err));
    elea_type_unref(type);
    return builder;
}

static elea_array *finished(elea_builder *builder) {
    elea_error err = {0};
    elea_array *array = NULL;
    assert_ok(elea_builder_finish(builder, &array, &err));
    assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
    return array;
}

static void assert_text(const elea_array *array, const char *expected) {
    elea_error err = {0};
    elea_text text;
    elea_text_init(&text, NULL);
    assert_ok(elea_array_format(array, NULL, &text, &err));
    assert_string_equal(text.data, expected);
    elea_text_release(&text);
}

static void dictionaries_write_values_once(void **state) {
    (void)state;
    elea_error err = {0};
    static const elea_type_id texts[] = {ELEA_TYPE_UTF8, ELEA_TYPE_LARGE_UTF8, ELEA_TYPE_UTF8_VIEW};
    for (int i = 0; i < 3; i++) {
        elea_builder *builder = builder_of(dictionary_of(ELEA_TYPE_UINT16, texts[i]));
        for (int round = 0; round < 2; round++) {
            char text[40];
            for (int j = 0; j < 1000; j++) {
                snprintf(text, sizeof text, "a text that is long enough %d", j % 200);
                assert_ok(elea_builder_append_bytes(builder, elea_bytes_of(text), &err));
            }
            assert_ok(elea_builder_append_null(builder, &err));
            assert_ok(elea_builder_append_bytes(builder, elea_bytes_of(""), &err));
            elea_array *array = finished(builder);
            assert_int_equal(elea_array_length(array), 1002);
            assert_int_equal(elea_array_null_count(array), 1);
            assert_int_equal(elea_array_length(elea_array_dictionary(array)), 201);
            elea_array *slice = NULL;
            assert_ok(elea_array_slice(array, 999, 3, &slice, &err));
            assert_text(slice, "[\"a text that is long enough 199\", null, \"\"]");
            elea_array_unref(slice);
            elea_array_unref(array);
        }
        elea_builder_free(builder);
    }
}

static elea_type *parsed(const char *text) {
    elea_error err = {0};
    elea_type *type = NULL;
    assert_ok(elea_type_parse(NULL, elea_bytes_of(text), &type, &err));
    return type;
}

// Values of any type, told apart by what they hold: 30 of them, each 20 times.
static void nested_values_are_written_once(void **state) {
    (void)state;
    static const char *const values[] = {
        "struct<a: int32, b: utf8>",
        "list<item: utf8_view>",
        "large_list<item: list<item: int8>>",
        "list_view<item: float64>",
        "large_list_view<item: bool>",
        "fixed_size_list<item: int16>[3]",
        "map<utf8, int64>",
        "dense_union<a: int32=5, b: utf8=2>",
        "sparse_union<a: int32=5, b: list<item: utf8>=2>",
        "run_end_encoded<run_ends: int16 not null, values: utf8>",
        "struct<x: dictionary<values: list<item: int8>, indices: int8>, y: null>",
        "dictionary<values: struct<x: utf8>, indices: uint8>",
        "fixed_size_binary[16]",
        "month_day_nano_interval",
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        elea_error err = {0};
        elea_type *type = NULL, *value_type = parsed(values[i]);
        elea_builder *plain = NULL;
        assert_ok(elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_INT8), value_type, false,
                                           &type, &err));
        assert_ok(elea_builder_new(NULL, value_type, &plain, &err));
        elea_builder *builder = builder_of(type);
        for (int row = 0; row < 600; row++) {
            elea_test_random same[] = {{.state = (uint64_t)(row * 7 % 30)},
                                       {.state = (uint64_t)(row * 7 % 30)}};
            elea_test_random_append(&same[0], plain, 1, 0);
            elea_test_random_append(&same[1], elea_builder_child(builder, 0), 1, 0);
            assert_ok(elea_builder_append_row(builder, &err));
        }
        elea_array *expected = finished(plain), *array = finished(builder);
        assert_in_range(elea_array_length(elea_array_dictionary(array)), 2, 30);
        elea_span found_span, expected_span;
        elea_text found, wanted;
        elea_span_of(array, &found_span);
        elea_span_of(expected, &expected_span);
        elea_text_init(&found, NULL);
        elea_text_init(&wanted, NULL);
        for (int row = 0; row < 600; row++) {
            assert_ok(elea_span_format(&found_span, row, true, &found, &err));
            assert_ok(elea_span_format(&expected_span, row, true, &wanted, &err));
        }
        assert_string_equal(found.data, wanted.data);
        elea_text_release(&found);
        elea_text_release(&wanted);
        elea_array_unref(array);
        elea_array_unref(expected);
        elea_builder_free(builder);
        elea_builder_free(plain);
        elea_type_unref(value_type);
    }
}

static void values_are_closed_by_rows(void **state) {
    (void)state;
    elea_error err = {0};
    elea_array *array = NULL;
    elea_builder *builder = builder_of(parsed("dictionary<values: list<int32>, indices: int8>"));
    elea_builder *lists = elea_builder_child(builder, 0);
    elea_builder *items = elea_builder_child(lists, 0);
    assert_fails(ELEA_EINVAL, "0 values of a dictionary", elea_builder_append_row(builder, &err));
    for (int round = 0; round < 2; round++) {
        assert_ok(elea_builder_append_int(items, 7, &err));
        assert_ok(elea_builder_append_row(lists, &err));
        assert_fails(ELEA_EINVAL, "child \"values\" of a dictionary has 1 values",
                     elea_builder_append_null(builder, &err));
        assert_fails(ELEA_EINVAL, "child \"values\"", elea_builder_finish(builder, &array, &err));
        assert_ok(elea_builder_append_row(lists, &err));
        assert_fails(ELEA_EINVAL, "2 values of a dictionary",
                     elea_builder_append_row(builder, &err));
        elea_builder_discard_row(builder);
        assert_int_equal(elea_builder_length(lists), 0);
        assert_ok(elea_builder_append_null(lists, &err));
        assert_ok(elea_builder_append_row(builder, &err));
        assert_ok(elea_builder_append_null(items, &err));
        assert_ok(elea_builder_append_row(lists, &err));
        assert_ok(elea_builder_append_row(builder, &err));
        array = finished(builder);
        assert_int_equal(elea_array_null_count(array), 1);
        assert_int_equal(elea_array_length(elea_array_dictionary(array)), 1);
        assert_text(array, "[null, [null]]");
        elea_array_unref(array);
    }
    for (int i = 0; i < 128; i++) {
        assert_ok(elea_builder_append_int(items, i, &err));
        assert_ok(elea_builder_append_row(lists, &err));
        assert_ok(elea_builder_append_row(builder, &err));
    }
    assert_ok(elea_builder_append_row(lists, &err));
    assert_fails(ELEA_ECAPACITY, "more than 128 values", elea_builder_append_row(builder, &err));
    elea_builder_discard_row(builder);
    assert_ok(elea_builder_append_int(items, 127, &err));
    assert_ok(elea_builder_append_row(lists, &err));
    assert_ok(elea_builder_append_row(builder, &err));
    assert_int_equal(elea_builder_length(builder), 129);
    elea_builder_free(builder);
}

static void equal_nested_neighbours_are_one_run(void **state) {
    (void)state;
    elea_error err = {0};
    elea_builder *builder =
        builder_of(parsed("run_end_encoded<run_ends: int32 not null, values: list<int8>>"));
    elea_builder *lists = elea_builder_child(builder, 1);
    for (int i = 0; i < 12; i++) {
        for (int j = 0; j < i / 3; j++)
            assert_ok(elea_builder_append_int(elea_builder_child(lists, 0), j, &err));
        assert_ok(elea_builder_append_row(lists, &err));
        assert_ok(elea_builder_append_row(builder, &err));
    }
    elea_array *array = finished(builder);
    assert_int_equal(elea_array_length(elea_array_child(array, 0)), 4);
    elea_array_unref(array);
    elea_builder_free(builder);
}

static void small_indices_run_out(void **state) {
    (void)state;
    elea_error err = {0};
    elea_builder *builder = builder_of(dictionary_of(ELEA_TYPE_INT8, ELEA_TYPE_INT64));
    for (int i = 0; i < 128; i++)
        assert_ok(elea_builder_append_int(builder, i * 1000, &err));
    assert_fails(ELEA_ECAPACITY, "more than 128 values for indices of int8",
                 elea_builder_append_int(builder, 5, &err));
    assert_ok(elea_builder_append_int(builder, 127000, &err));
    assert_fails(ELEA_ETYPE, "bytes", elea_builder_append_bytes(builder, elea_bytes_of("x"), &err));
    elea_array *array = finished(builder);
    assert_int_equal(elea_array_length(array), 129);
    elea_array_unref(array);
    elea_builder_free(builder);
}

static void equal_dictionaries_may_be_ordered_unlike(void **state) {
    (void)state;
    elea_error err = {0};
    elea_builder *builder = builder_of(dictionary_of(ELEA_TYPE_INT32, ELEA_TYPE_INT64));
    assert_ok(elea_builder_append_int(builder, 1, &err));
    assert_ok(elea_builder_append_int(builder, 2, &err));
    assert_ok(elea_builder_append_int(builder, 1, &err));
    elea_array *a = finished(builder);
    assert_ok(elea_builder_append_int(builder, 2, &err));
    assert_ok(elea_builder_append_int(builder, 1, &err));
    assert_ok(elea_builder_append_int(builder, 2, &err));
    assert_ok(elea_builder_append_int(builder, 1, &err));
    elea_array *b = finished(builder);
    elea_array *slice = NULL;
    assert_ok(elea_array_slice(b, 1, 3, &slice, &err));
    assert_true(elea_array_equal(a, slice, NULL));
    elea_array_unref(slice);
    assert_ok(elea_array_slice(b, 0, 3, &slice, &err));
    assert_false(elea_array_equal(a, slice, NULL));
    elea_array_unref(slice);
    elea_array_unref(a);
    elea_array_unref(b);
    elea_builder_free(builder);
}

static void equal_neighbours_are_one_run(void **state) {
    (void)state;
    elea_error err = {0};
    elea_builder *builder = builder_of(runs_of(ELEA_TYPE_INT16, ELEA_TYPE_UTF8));
    for (int round = 0; round < 2; round++) {
        assert_ok(elea_builder_append_bytes(builder, elea_bytes_of("a"), &err));
        assert_ok(elea_builder_append_bytes(builder, elea_bytes_of("a"), &err));
        assert_ok(elea_builder_append_nulls(builder, 2, &err));
        assert_ok(elea_builder_append_null(builder, &err));
        assert_ok(
            elea_builder_append_bytes(elea_builder_child(builder, 1), elea_bytes_of("b"), &err));
        assert_fails(ELEA_EINVAL, "values", elea_builder_append_null(builder, &err));
        assert_ok(elea_builder_append_run(builder, 3, &err));
        assert_fails(ELEA_EINVAL, "expected one value", elea_builder_append_run(builder, 1, &err));
        elea_array *array = finished(builder);
        assert_int_equal(elea_array_length(array), 8);
        assert_int_equal(elea_array_length(elea_array_child(array, 0)), 3);
        assert_text(array, "[\"a\", \"a\", null, null, null, \"b\", \"b\", \"b\"]");
        elea_array_unref(array);
    }
    assert_ok(elea_builder_append_nulls(builder, INT16_MAX, &err));
    assert_fails(ELEA_ECAPACITY, "past run ends of int16", elea_builder_append_null(builder, &err));
    assert_int_equal(elea_builder_length(builder), INT16_MAX);
    elea_builder_free(builder);
}

static void unions_hold_a_value_of_one_type(void **state) {
    (void)state;
    elea_error err = {0};
    static const elea_type_id ids[] = {ELEA_TYPE_SPARSE_UNION, ELEA_TYPE_DENSE_UNION};
    for (int i = 0; i < 2; i++) {
        elea_builder *builder = builder_of(union_of(ids[i]));
        elea_builder *number = elea_builder_child(builder, 0);
        elea_builder *text = elea_builder_child(builder, 1);
        assert_ok(elea_builder_append_int(number, 5, &err));
        assert_fails(ELEA_EINVAL, "child \"number\"", elea_builder_append_union(builder, 1, &err));
        assert_ok(elea_builder_append_union(builder, 0, &err));
        assert_ok(elea_builder_append_bytes(text, elea_bytes_of("x"), &err));
        assert_ok(elea_builder_append_union(builder, 1, &err));
        assert_ok(elea_builder_append_nulls(builder, 2, &err));
        assert_ok(elea_builder_append_bytes(text, elea_bytes_of("dropped"), &err));
        elea_builder_discard_row(builder);
        assert_ok(elea_builder_append_bytes(text, elea_bytes_of("y"), &err));
        assert_ok(elea_builder_append_union(builder, 1, &err));
        assert_fails(ELEA_EINDEX, "child 2 of a union of 2",
                     elea_builder_append_union(builder, 2, &err));
        elea_array *array = finished(builder);
        assert_text(array, "[5, \"x\", null, null, \"y\"]");
        assert_int_equal(elea_array_length(elea_array_child(array, 1)), i == 0 ? 5 : 2);
        assert_int_equal(elea_array_null_count(array), 0);
        elea_array_unref(array);
        elea_builder_free(builder);
    }
}

// ---- broken arrays

// The array with buffer `index` replaced by these bytes.
static elea_array *with_buffer(elea_array *array, int64_t index, const void *data, int64_t size) {
    elea_error err = {0};
    elea_array *changed = NULL;
    elea_buffer *buffer = NULL;
    const elea_buffer *buffers[4];
    elea_array_parts parts = elea__array_parts_of(array);
    assert_ok(elea_buffer_new_copy(NULL, data, size, &buffer, &err));
    for (int64_t i = 0; i < parts.buffer_count; i++)
        buffers[i] = i == index ? buffer : parts.buffers[i];
    parts.buffers = buffers;
    assert_ok(elea__array_new_unchecked(NULL, &parts, &changed, &err));
    elea_buffer_unref(buffer);
    return changed;
}

static void assert_invalid(elea_array *array, const char *part) {
    elea_error err = {0};
    assert_fails(ELEA_EINVAL, part, elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
    elea_array_unref(array);
}

static void broken_dictionaries(void **state) {
    (void)state;
    elea_error err = {0};
    elea_builder *builder = builder_of(dictionary_of(ELEA_TYPE_INT8, ELEA_TYPE_UTF8));
    assert_ok(elea_builder_append_bytes(builder, elea_bytes_of("a"), &err));
    assert_ok(elea_builder_append_bytes(builder, elea_bytes_of("b"), &err));
    elea_array *array = finished(builder);
    assert_invalid(with_buffer(array, 1, (int8_t[]){0, 2}, 2), "index 2 of row 1, past 2 values");
    assert_invalid(with_buffer(array, 1, (int8_t[]){-1, 0}, 2), "index -1 of row 0");
    assert_invalid(with_buffer(array, 1, (int8_t[]){0}, 1), "expected at least 2");
    elea_array_parts parts = elea__array_parts_of(array);
    elea_array *changed = NULL;
    parts.dictionary = NULL;
    assert_fails(ELEA_EINVAL, "without a dictionary", elea_array_new(NULL, &parts, &changed, &err));
    parts.dictionary = array;
    assert_fails(ELEA_ETYPE, "the dictionary holds dictionary, expected utf8",
                 elea_array_new(NULL, &parts, &changed, &err));
    elea_array_unref(array);
    elea_builder_free(builder);
}

static void broken_runs(void **state) {
    (void)state;
    elea_error err = {0};
    elea_builder *builder = builder_of(runs_of(ELEA_TYPE_INT32, ELEA_TYPE_INT8));
    assert_ok(elea_builder_append_int(builder, 1, &err));
    assert_ok(elea_builder_append_int(builder, 2, &err));
    assert_ok(elea_builder_append_int(builder, 3, &err));
    elea_array *array = finished(builder);
    static const int32_t ends[][3] = {{1, 1, 3}, {0, 1, 3}, {-1, 2, 3}, {1, 2, 2}, {5, 4, 9}};
    static const char *const messages[] = {"run end 1 is 1 after 1", "run end 0 is 0 after 0",
                                           "run end 0 is -1", "the last run end",
                                           "run end 1 is 4 after 5"};
    for (int i = 0; i < 5; i++) {
        elea_array *changed_ends = with_buffer(array->children[0], 1, ends[i], 12);
        elea_array_parts parts = elea__array_parts_of(array);
        const elea_array *children[] = {changed_ends, array->children[1]};
        elea_array *changed = NULL;
        parts.children = children;
        assert_ok(elea__array_new_unchecked(NULL, &parts, &changed, &err));
        elea_array_unref(changed_ends);
        assert_invalid(changed, messages[i]);
    }
    // Run ends that are not there.
    elea_array *no_ends = with_buffer(array->children[0], 1, "", 0);
    elea_array_parts parts = elea__array_parts_of(array);
    const elea_array *children[] = {no_ends, array->children[1]};
    elea_array *changed = NULL;
    parts.children = children;
    assert_ok(elea__array_new_unchecked(NULL, &parts, &changed, &err));
    assert_invalid(changed, "run_ends: the values of int32: 0 bytes, expected at least 12");
    parts.child_count = 1;
    assert_ok(elea__array_new_unchecked(NULL, &parts, &changed, &err));
    assert_invalid(changed, "1 children, expected 2");
    elea_array_unref(no_ends);
    elea_array_unref(array);
    elea_builder_free(builder);
}

static void broken_unions(void **state) {
    (void)state;
    elea_error err = {0};
    elea_builder *builder = builder_of(union_of(ELEA_TYPE_DENSE_UNION));
    assert_ok(elea_builder_append_nulls(builder, 3, &err));
    elea_array *array = finished(builder);
    assert_invalid(with_buffer(array, 0, (int8_t[]){7, 4, 7}, 3), "type code 4 of row 1");
    assert_invalid(with_buffer(array, 0, (int8_t[]){7, -1, 7}, 3), "type code -1");
    assert_invalid(with_buffer(array, 0, (int8_t[]){7, 3, 7}, 3), "offset 1 is 1, past the end");
    assert_invalid(with_buffer(array, 1, (int32_t[]){0, 1, 3}, 12), "offset 2 is 3, past the end");
    assert_invalid(with_buffer(array, 1, (int32_t[]){0, 2, 1}, 12),
                   "offset 2 is 1, less than the 2");
    assert_invalid(with_buffer(array, 1, (int32_t[]){-5, 1, 2}, 12), "offset 0 is -5");
    assert_invalid(with_buffer(array, 1, (int32_t[]){0, 1}, 8), "expected at least 12");
    elea_array_unref(array);
    elea_builder_free(builder);
}

static elea_status encode_body(elea_pool *pool, void *context, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    ELEA_GOTO(done, elea_builder_new(pool, context, &builder, err));
    for (int i = 0; i < 300; i++) {
        char text[40];
        snprintf(text, sizeof text, "a text that is long enough %d", i / 2 % 100);
        ELEA_GOTO(done, elea_builder_append_bytes(builder, elea_bytes_of(text), err));
        if (i % 10 == 0)
            ELEA_GOTO(done, elea_builder_append_null(builder, err));
    }
    ELEA_GOTO(done, elea_builder_finish(builder, &array, err));

done:
    elea_array_unref(array);
    elea_builder_free(builder);
    return status;
}

static void failing_memory_leaks_nothing(void **state) {
    (void)state;
    elea_type *types[] = {dictionary_of(ELEA_TYPE_INT16, ELEA_TYPE_UTF8_VIEW),
                          dictionary_of(ELEA_TYPE_UINT8, ELEA_TYPE_UTF8),
                          runs_of(ELEA_TYPE_INT64, ELEA_TYPE_UTF8_VIEW)};
    for (int i = 0; i < 3; i++) {
        assert_true(elea_test_fail_each_allocation(encode_body, types[i]) > 10);
        elea_type_unref(types[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dictionaries_write_values_once),
        cmocka_unit_test(nested_values_are_written_once),
        cmocka_unit_test(values_are_closed_by_rows),
        cmocka_unit_test(equal_nested_neighbours_are_one_run),
        cmocka_unit_test(small_indices_run_out),
        cmocka_unit_test(equal_dictionaries_may_be_ordered_unlike),
        cmocka_unit_test(equal_neighbours_are_one_run),
        cmocka_unit_test(unions_hold_a_value_of_one_type),
        cmocka_unit_test(broken_dictionaries),
        cmocka_unit_test(broken_runs),
        cmocka_unit_test(broken_unions),
        cmocka_unit_test(failing_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
