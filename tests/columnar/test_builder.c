// SPDX-License-Identifier: Apache-2.0
//
// Builders: limits of types, bulk appends, nesting, what failures leave behind.
#include "support/cmocka_all.h"

#include "columnar/builder_internal.h"
#include "support/alloc_failures.h"
#include "support/random_data.h"

static elea_builder *builder_of(elea_type_id id) {
    elea_error err = {0};
    elea_builder *builder = NULL;
    assert_ok(elea_builder_new(NULL, elea_type_of(id), &builder, &err));
    return builder;
}

static elea_array *finished(elea_builder *builder) {
    elea_error err = {0};
    elea_array *array = NULL;
    assert_ok(elea_builder_finish(builder, &array, &err));
    assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
    assert_int_equal(elea_builder_length(builder), 0);
    return array;
}

static elea_field *field_of(const char *name, const elea_type *type, bool nullable) {
    elea_error err = {0};
    elea_field *field = NULL;
    assert_ok(elea_field_new(NULL, elea_bytes_of(name), type, nullable, NULL, &field, &err));
    return field;
}

static void integers_must_fit(void **state) {
    (void)state;
    static const struct {
        elea_type_id id;
        int64_t min;
        int64_t max;
    } types[] = {{ELEA_TYPE_INT8, INT8_MIN, INT8_MAX},
                 {ELEA_TYPE_INT16, INT16_MIN, INT16_MAX},
                 {ELEA_TYPE_INT32, INT32_MIN, INT32_MAX},
                 {ELEA_TYPE_UINT8, 0, UINT8_MAX},
                 {ELEA_TYPE_UINT16, 0, UINT16_MAX},
                 {ELEA_TYPE_UINT32, 0, UINT32_MAX},
                 {ELEA_TYPE_BOOL, 0, 1},
                 {ELEA_TYPE_DATE32, INT32_MIN, INT32_MAX}};
    elea_error err = {0};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        elea_builder *builder = builder_of(types[i].id);
        assert_ok(elea_builder_append_int(builder, types[i].min, &err));
        assert_ok(elea_builder_append_int(builder, types[i].max, &err));
        assert_ok(elea_builder_append_uint(builder, (uint64_t)types[i].max, &err));
        assert_fails(ELEA_ECAPACITY, elea_type_id_name(types[i].id),
                     elea_builder_append_int(builder, types[i].min - 1, &err));
        assert_fails(ELEA_ECAPACITY, "does not fit",
                     elea_builder_append_int(builder, types[i].max + 1, &err));
        assert_fails(ELEA_ECAPACITY, "does not fit",
                     elea_builder_append_uint(builder, (uint64_t)types[i].max + 1, &err));
        assert_int_equal(elea_builder_length(builder), 3);
        elea_array *array = finished(builder);
        elea_span span;
        elea_span_of(array, &span);
        assert_int_equal(elea_span_get_int(&span, 0), types[i].min);
        assert_int_equal(elea_span_get_int(&span, 1), types[i].max);
        elea_array_unref(array);
        elea_builder_free(builder);
    }
    elea_builder *wide = builder_of(ELEA_TYPE_UINT64);
    assert_fails(ELEA_ECAPACITY, "-1 does not fit uint64", elea_builder_append_int(wide, -1, &err));
    assert_ok(elea_builder_append_uint(wide, UINT64_MAX, &err));
    elea_builder_free(wide);
    wide = builder_of(ELEA_TYPE_INT64);
    assert_fails(ELEA_ECAPACITY, "int64", elea_builder_append_uint(wide, UINT64_MAX, &err));
    assert_fails(ELEA_ETYPE, "a float to a builder of int64",
                 elea_builder_append_double(wide, 1, &err));
    assert_fails(ELEA_ETYPE, "bytes", elea_builder_append_bytes(wide, elea_bytes_of("1"), &err));
    assert_fails(ELEA_ETYPE, "row", elea_builder_append_row(wide, &err));
    elea_builder_free(wide);
}

static void halves_round_once(void **state) {
    (void)state;
    elea_error err = {0};
    elea_builder *builder = builder_of(ELEA_TYPE_FLOAT16);
    // 1 + 2^-11 is a tie, which goes to even; a little more must go up. As a float the little is
    // lost, so that rounding twice would give 1.
    const double values[] = {1 + 0x1p-11, 1 + 0x1p-11 + 0x1p-40, -(1 + 0x1p-11 + 0x1p-40),
                             1 + 3 * 0x1p-11 - 0x1p-40};
    const double expected[] = {1, 1 + 0x1p-10, -(1 + 0x1p-10), 1 + 0x1p-10};
    for (int i = 0; i < 4; i++)
        assert_ok(elea_builder_append_double(builder, values[i], &err));
    elea_array *array = finished(builder);
    elea_span span;
    elea_span_of(array, &span);
    for (int i = 0; i < 4; i++)
        assert_true(elea_span_get_double(&span, i) == expected[i]);
    elea_array_unref(array);
    elea_builder_free(builder);
}

static void bulk_appends_equal_single_ones(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {11, .with_dictionaries = true};
    for (int round = 0; round < 50; round++) {
        int64_t values[200];
        uint8_t bools[200];
        uint8_t validity[25];
        elea_builder *bulk = builder_of(ELEA_TYPE_INT64);
        elea_builder *single = builder_of(ELEA_TYPE_INT64);
        elea_builder *bulk_bits = builder_of(ELEA_TYPE_BOOL);
        elea_builder *single_bits = builder_of(ELEA_TYPE_BOOL);
        for (int part = 0; part < 5; part++) {
            int64_t count = elea_test_random_below(&random, 200);
            bool with_nulls = elea_test_random_below(&random, 2) == 0;
            for (int64_t i = 0; i < 200; i++) {
                values[i] = (int64_t)elea_test_random_next(&random);
                bools[i] = (uint8_t)(values[i] & 1);
                elea_bit_put(validity, i, elea_test_random_below(&random, 3) > 0);
            }
            assert_ok(elea_builder_append_values(bulk, values, with_nulls ? validity : NULL, count,
                                                 &err));
            assert_ok(elea_builder_append_values(bulk_bits, bools, with_nulls ? validity : NULL,
                                                 count, &err));
            for (int64_t i = 0; i < count; i++) {
                if (with_nulls && !elea_bit_get(validity, i)) {
                    assert_ok(elea_builder_append_null(single, &err));
                    assert_ok(elea_builder_append_null(single_bits, &err));
                } else {
                    assert_ok(elea_builder_append_int(single, values[i], &err));
                    assert_ok(elea_builder_append_int(single_bits, bools[i], &err));
                }
            }
        }
        elea_array *arrays[] = {finished(bulk), finished(single), finished(bulk_bits),
                                finished(single_bits)};
        assert_true(elea_array_equal(arrays[0], arrays[1], NULL));
        assert_true(elea_array_equal(arrays[2], arrays[3], NULL));
        for (int i = 0; i < 4; i++)
            elea_array_unref(arrays[i]);
        elea_builder_free(bulk);
        elea_builder_free(single);
        elea_builder_free(bulk_bits);
        elea_builder_free(single_bits);
    }
}

static void text_stops_at_two_gibibytes(void **state) {
    (void)state;
    elea_error err = {0};
    elea_builder *builder = builder_of(ELEA_TYPE_UTF8);
    assert_ok(elea_builder_append_bytes(builder, elea_bytes_of("one"), &err));
    // As if nearly all had been used.
    int64_t used = builder->byte_size;
    builder->byte_size = INT32_MAX - 2;
    assert_fails(ELEA_ECAPACITY, "utf8",
                 elea_builder_append_bytes(builder, elea_bytes_of("two"), &err));
    builder->byte_size = used;
    assert_ok(elea_builder_append_bytes(builder, elea_bytes_of("two"), &err));
    elea_array *array = finished(builder);
    assert_int_equal(elea_array_length(array), 2);
    elea_array_unref(array);
    elea_builder_free(builder);
}

static void rows_need_their_children(void **state) {
    (void)state;
    elea_error err = {0};
    elea_type *type = NULL;
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    elea_field *x = field_of("x", elea_type_of(ELEA_TYPE_INT32), true);
    elea_field *y = field_of("y", elea_type_of(ELEA_TYPE_UTF8), true);
    const elea_field *fields[] = {x, y};
    assert_ok(elea_type_new_struct(NULL, fields, 2, &type, &err));
    assert_ok(elea_builder_new(NULL, type, &builder, &err));
    assert_ok(elea_builder_append_int(elea_builder_child(builder, 0), 1, &err));
    assert_fails(ELEA_EINVAL, "0 values in child \"y\"", elea_builder_append_row(builder, &err));
    assert_fails(ELEA_EINVAL, "child \"x\" of a struct", elea_builder_append_null(builder, &err));
    assert_fails(ELEA_EINVAL, "child \"x\" of a struct",
                 elea_builder_finish(builder, &array, &err));
    elea_builder_discard_row(builder);
    assert_ok(elea_builder_append_null(builder, &err));
    assert_int_equal(elea_builder_length(elea_builder_child(builder, 0)), 1);
    array = finished(builder);
    assert_int_equal(elea_array_null_count(array), 1);
    elea_array_unref(array);
    elea_builder_free(builder);
    elea_type_unref(type);

    assert_ok(elea_type_new_fixed_size_list(NULL, x, 2, &type, &err));
    assert_ok(elea_builder_new(NULL, type, &builder, &err));
    assert_ok(elea_builder_append_int(elea_builder_child(builder, 0), 1, &err));
    assert_fails(ELEA_EINVAL, "expected 2", elea_builder_append_row(builder, &err));
    assert_ok(elea_builder_append_int(elea_builder_child(builder, 0), 2, &err));
    assert_ok(elea_builder_append_row(builder, &err));
    assert_fails(ELEA_ECAPACITY, "", elea_builder_append_nulls(builder, INT64_MAX / 2, &err));
    assert_fails(ELEA_EINVAL, "count", elea_builder_append_nulls(builder, -1, &err));
    assert_int_equal(elea_builder_length(builder), 1);
    elea_builder_free(builder);
    elea_type_unref(type);
    elea_field_unref(x);
    elea_field_unref(y);
}

static void map_keys_are_never_null(void **state) {
    (void)state;
    elea_error err = {0};
    elea_type *type = NULL;
    elea_builder *builder = NULL;
    elea_field *key = field_of("key", elea_type_of(ELEA_TYPE_UTF8), false);
    elea_field *value = field_of("value", elea_type_of(ELEA_TYPE_INT8), true);
    assert_ok(elea_type_new_map(NULL, key, value, false, &type, &err));
    assert_ok(elea_builder_new(NULL, type, &builder, &err));
    elea_builder *entries = elea_builder_child(builder, 0);
    assert_ok(elea_builder_append_null(elea_builder_child(entries, 0), &err));
    assert_ok(elea_builder_append_null(elea_builder_child(entries, 1), &err));
    assert_ok(elea_builder_append_row(entries, &err));
    assert_fails(ELEA_EINVAL, "null", elea_builder_append_row(builder, &err));
    elea_builder_discard_row(builder);
    assert_ok(elea_builder_append_row(builder, &err));
    elea_array *array = finished(builder);
    assert_int_equal(elea_array_length(array), 1);
    elea_array_unref(array);
    elea_builder_free(builder);
    elea_type_unref(type);
    elea_field_unref(key);
    elea_field_unref(value);
}

static void builders_are_used_again(void **state) {
    (void)state;
    elea_test_random random = {21, .with_dictionaries = true};
    for (int round = 0; round < 60; round++) {
        elea_error err = {0};
        elea_builder *builder = NULL;
        elea_type *type = elea_test_random_type(&random, 3);
        assert_ok(elea_builder_new(NULL, type, &builder, &err));
        elea_test_random first = random;
        elea_test_random_append(&random, builder, 50, 3);
        elea_array *a = finished(builder);
        // What is forgotten leaves no trace.
        elea_test_random_append(&random, builder, 30, 2);
        elea_builder_reset(builder);
        assert_int_equal(elea_builder_length(builder), 0);
        elea_test_random_append(&first, builder, 50, 3);
        elea_array *b = finished(builder);
        assert_true(elea_array_equal(a, b, &(elea_equal_options){.nans_equal = true}));
        elea_array_unref(a);
        elea_array_unref(b);
        elea_builder_free(builder);
        elea_type_unref(type);
    }
}

static void reserved_room_is_enough(void **state) {
    (void)state;
    elea_error err = {0};
    elea_builder *builder = builder_of(ELEA_TYPE_UTF8);
    assert_ok(elea_builder_reserve(builder, 1000, 3000, &err));
    int64_t allocations = elea_pool_default()->allocation_count;
    for (int i = 0; i < 1000; i++)
        assert_ok(elea_builder_append_bytes(builder, elea_bytes_of("abc"), &err));
    assert_int_equal(elea_pool_default()->allocation_count, allocations);
    assert_fails(ELEA_EINVAL, "count", elea_builder_reserve(builder, -1, 0, &err));
    elea_builder_free(builder);
}

static void reserved_room_is_below_too(void **state) {
    (void)state;
    static const char *const names[] = {"dictionary<values: utf8, indices: int32>",
                                        "dictionary<values: binary, indices: uint16>",
                                        "run_end_encoded<run_ends: int32 not null, values: utf8>"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        elea_error err = {0};
        elea_type *type = NULL;
        elea_builder *builder = NULL;
        assert_ok(elea_type_parse(NULL, elea_bytes_of(names[i]), &type, &err));
        assert_ok(elea_builder_new(NULL, type, &builder, &err));
        assert_ok(elea_builder_reserve(builder, 1000, 4000, &err));
        int64_t allocations = elea_pool_default()->allocation_count;
        for (int row = 0; row < 1000; row++) {
            char text[5] = {(char)('a' + row % 26), (char)('a' + row / 26 % 26),
                            (char)('a' + row / 676), '.', '\0'};
            assert_ok(elea_builder_append_bytes(builder, elea_bytes_of(text), &err));
        }
        assert_int_equal(elea_pool_default()->allocation_count, allocations);
        elea_builder_free(builder);
        elea_type_unref(type);
    }
}

// ---- failing memory

static elea_status build_body(elea_pool *pool, void *context, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    ELEA_GOTO(done, elea_builder_new(pool, context, &builder, err));
    for (int64_t i = 0; i < 100; i++)
        ELEA_GOTO(done, elea_builder_append_nulls(builder, i % 50 == 49 ? 70 : 1, err));
    ELEA_GOTO(done, elea_builder_reserve(builder, 500, 500, err));
    ELEA_GOTO(done, elea_builder_finish(builder, &array, err));

done:
    elea_array_unref(array);
    elea_builder_free(builder);
    return status;
}

static void failing_memory_leaks_nothing(void **state) {
    (void)state;
    elea_test_random random = {31, .with_dictionaries = true};
    for (int round = 0; round < 40; round++) {
        elea_type *type = elea_test_random_type(&random, 3);
        elea_test_fail_each_allocation(build_body, type);
        elea_type_unref(type);
    }
}

// One row of list<struct<x: int32, y: utf8>> with `i` items, tried until it succeeds: the failing
// pool fails once. Whatever failed, the row before and after it are whole.
static void append_or_retry(elea_builder *builder, int64_t i, int *failures) {
    elea_builder *items = elea_builder_child(builder, 0);
    for (int64_t j = 0; j < i % 5; j++) {
        while (elea_builder_append_int(elea_builder_child(items, 0), i * 10 + j, NULL) != ELEA_OK)
            ++*failures;
        while (elea_builder_append_bytes(elea_builder_child(items, 1),
                                         elea_bytes_of("a longer text, to make it grow"),
                                         NULL) != ELEA_OK)
            ++*failures;
        while (elea_builder_append_row(items, NULL) != ELEA_OK)
            ++*failures;
    }
    while (elea_builder_append_row(builder, NULL) != ELEA_OK)
        ++*failures;
    while (i % 3 == 0 && elea_builder_append_null(builder, NULL) != ELEA_OK)
        ++*failures;
}

static elea_array *build_with_one_failure(const elea_type *type, int64_t nth, int *failures) {
    elea_error err = {0};
    elea_pool *pool = NULL;
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    elea_array *result = NULL;
    elea_buffer *buffer = NULL;
    assert_ok(elea_pool_new_failing(NULL, nth, false, &pool, &err));
    *failures = 0;
    while (elea_builder_new(pool, type, &builder, NULL) != ELEA_OK)
        ++*failures;
    for (int64_t i = 0; i < 60; i++)
        append_or_retry(builder, i, failures);
    while (elea_builder_finish(builder, &array, NULL) != ELEA_OK)
        ++*failures;
    elea_builder_free(builder);
    assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
    // The array must not outlive its pool: copy what matters.
    elea_text text;
    elea_text_init(&text, NULL);
    elea_print_options options;
    elea_print_options_init(&options);
    options.rows_max = options.items_max = 0;
    assert_ok(elea_array_format(array, &options, &text, &err));
    assert_ok(elea_buffer_new_copy(NULL, text.data, text.size, &buffer, &err));
    elea_text_release(&text);
    elea_array_unref(array);
    assert_int_equal(pool->bytes_allocated, 0);
    elea_pool_free(pool);
    elea_array_parts parts = {.type = elea_type_of(ELEA_TYPE_UINT8),
                              .length = elea_buffer_size(buffer),
                              .buffers = (const elea_buffer *const[]){NULL, buffer},
                              .buffer_count = 2};
    assert_ok(elea_array_new(NULL, &parts, &result, &err));
    elea_buffer_unref(buffer);
    return result;
}

static void a_failed_append_changes_nothing(void **state) {
    (void)state;
    elea_error err = {0};
    int failures = 0;
    elea_type *pair = NULL;
    elea_type *type = NULL;
    elea_field *x = field_of("x", elea_type_of(ELEA_TYPE_INT32), true);
    elea_field *y = field_of("y", elea_type_of(ELEA_TYPE_UTF8_VIEW), true);
    const elea_field *fields[] = {x, y};
    assert_ok(elea_type_new_struct(NULL, fields, 2, &pair, &err));
    elea_field *item = field_of("item", pair, true);
    assert_ok(elea_type_new_list(NULL, ELEA_TYPE_LIST, item, &type, &err));
    elea_array *expected = build_with_one_failure(type, 0, &failures);
    assert_int_equal(failures, 0);
    // A growth that fails doubled is tried again as needed, so that not every failure shows.
    int total = 0;
    for (int64_t nth = 1; nth <= 60; nth++) {
        elea_array *found = build_with_one_failure(type, nth, &failures);
        assert_true(elea_array_equal(found, expected, NULL));
        elea_array_unref(found);
        total += failures;
    }
    assert_in_range(total, 20, 60);
    elea_array_unref(expected);
    elea_type_unref(type);
    elea_type_unref(pair);
    elea_field_unref(item);
    elea_field_unref(x);
    elea_field_unref(y);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_must_fit),
        cmocka_unit_test(halves_round_once),
        cmocka_unit_test(bulk_appends_equal_single_ones),
        cmocka_unit_test(text_stops_at_two_gibibytes),
        cmocka_unit_test(rows_need_their_children),
        cmocka_unit_test(map_keys_are_never_null),
        cmocka_unit_test(builders_are_used_again),
        cmocka_unit_test(reserved_room_is_enough),
        cmocka_unit_test(reserved_room_is_below_too),
        cmocka_unit_test(failing_memory_leaks_nothing),
        cmocka_unit_test(a_failed_append_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
