// SPDX-License-Identifier: Apache-2.0
//
// Appends in bulk: the same as one by one, for every type that takes them, and all or nothing when
// they fail.
#include "support/cmocka_all.h"

#include "columnar/builder_internal.h"
#include "support/alloc_failures.h"
#include "support/random_data.h"
#include "support/type_cases.h"

#define COUNT_MAX 300

static elea_type *parsed(const char *text) {
    elea_error err = {0};
    elea_type *type = NULL;
    assert_ok(elea_type_parse(NULL, elea_bytes_of(text), &type, &err));
    return type;
}

static elea_builder *builder_of(const elea_type *type) {
    elea_error err = {0};
    elea_builder *builder = NULL;
    assert_ok(elea_builder_new(NULL, type, &builder, &err));
    return builder;
}

static elea_builder *builder_named(const char *text) {
    elea_type *type = parsed(text);
    elea_builder *builder = builder_of(type);
    elea_type_unref(type);
    return builder;
}

static elea_array *finished(elea_builder *builder) {
    elea_error err = {0};
    elea_array *array = NULL;
    assert_ok(elea_builder_finish(builder, &array, &err));
    assert_ok(elea_array_validate(array, ELEA_VALIDATE_SAFE, &err));
    elea_builder_free(builder);
    return array;
}

static void assert_same(elea_builder *bulk, elea_builder *single) {
    elea_array *a = finished(bulk), *b = finished(single);
    assert_true(elea_array_equal(a, b, &(elea_equal_options){.nans_equal = true}));
    assert_int_equal(elea_array_null_count(a), elea_array_null_count(b));
    elea_array_unref(a);
    elea_array_unref(b);
}

// The lengths of bulks, and whether rows are null: none, some, all.
typedef struct bulk_case {
    int64_t count;
    uint8_t bits[COUNT_MAX / 8 + 1];
    const uint8_t *validity;
} bulk_case;

static void next_case(elea_test_random *random, int round, bulk_case *out) {
    static const int64_t counts[] = {0, 1, 7, 8, 63, 64, 65, COUNT_MAX};
    out->count = counts[elea_test_random_below(random, 8)];
    for (int64_t i = 0; i < COUNT_MAX; i++)
        elea_bit_put(out->bits, i, round % 3 == 1 && elea_test_random_below(random, 3) > 0);
    out->validity = round % 3 == 0 ? NULL : out->bits;
}

static bool is_null(const bulk_case *rows, int64_t row) {
    return rows->validity && !elea_bit_get(rows->validity, row);
}

// ---- values of fixed width

static void check_values(elea_test_random *random, const elea_type *type, int64_t width) {
    elea_error err = {0};
    uint8_t values[COUNT_MAX * 32];
    elea_builder *bulk = builder_of(type), *single = builder_of(type);
    for (int round = 0; round < 4; round++) {
        bulk_case rows;
        next_case(random, round, &rows);
        // Few different ones, so that dictionaries of small indices hold them.
        for (int64_t i = 0; i < rows.count; i++) {
            int64_t value = elea_test_random_below(random, 2);
            for (int64_t j = 0; j < width; j++)
                values[i * width + j] = (uint8_t)(j == 0 ? value : 0);
        }
        assert_ok(elea_builder_append_values(bulk, values, rows.validity, rows.count, &err));
        for (int64_t i = 0; i < rows.count; i++)
            assert_ok(is_null(&rows, i)
                          ? elea_builder_append_null(single, &err)
                          : elea_builder_append_values(single, values + i * width, NULL, 1, &err));
        assert_int_equal(elea_builder_length(bulk), elea_builder_length(single));
    }
    assert_same(bulk, single);
}

static elea_type *encoded(const elea_type *values, int kind) {
    elea_error err = {0};
    elea_type *type = NULL;
    if (kind == 0)
        return elea_type_ref(values);
    if (kind == 1) {
        assert_ok(elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_INT8), values, false, &type,
                                           &err));
        return type;
    }
    elea_field *ends = type_cases_field("run_ends", elea_type_of(ELEA_TYPE_INT32), false);
    elea_field *field = type_cases_field("values", values, true);
    assert_ok(elea_type_new_run_end_encoded(NULL, ends, field, &type, &err));
    elea_field_unref(field);
    elea_field_unref(ends);
    return type;
}

static void every_fixed_width_type(void **state) {
    (void)state;
    elea_test_random random = {.state = 1};
    type_cases cases;
    int checked = 0;
    type_cases_init(&cases);
    for (int64_t i = 0; i < cases.count; i++) {
        const elea_type *type = cases.cases[i].type;
        elea_layout layout = elea_type_layout_of(type);
        if (layout != ELEA_LAYOUT_FIXED && layout != ELEA_LAYOUT_BIT)
            continue;
        for (int kind = 0; kind < 3; kind++) {
            elea_type *whole = encoded(type, kind);
            check_values(&random, whole,
                         layout == ELEA_LAYOUT_BIT ? 1 : elea_type_bit_width(type) / 8);
            elea_type_unref(whole);
        }
        checked++;
    }
    assert_int_equal(checked, 33);
    type_cases_release(&cases);
}

// ---- bytes

static void fill_offsets(elea_test_random *random, int64_t width, int32_t *offsets,
                         int64_t *large_offsets) {
    static const int64_t sizes[] = {0, 1, 5, 12, 13, 40};
    offsets[0] = 3;
    for (int64_t i = 0; i < COUNT_MAX; i++)
        offsets[i + 1] =
            offsets[i] + (int32_t)(width >= 0 ? width : sizes[elea_test_random_below(random, 6)]);
    for (int64_t i = 0; i <= COUNT_MAX; i++)
        large_offsets[i] = offsets[i];
}

static void check_binaries(elea_test_random *random, const char *name, int64_t width) {
    elea_error err = {0};
    char data[COUNT_MAX * 40 + 3];
    int32_t offsets[COUNT_MAX + 1];
    int64_t large_offsets[COUNT_MAX + 1];
    elea_builder *bulk = builder_named(name), *single = builder_named(name);
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)('a' + i / 40 % 3);
    for (int round = 0; round < 6; round++) {
        bulk_case rows;
        next_case(random, round, &rows);
        fill_offsets(random, width, offsets, large_offsets);
        assert_ok(round % 2 ? elea_builder_append_binaries(bulk, data, offsets, rows.validity,
                                                           rows.count, &err)
                            : elea_builder_append_large_binaries(bulk, data, large_offsets,
                                                                 rows.validity, rows.count, &err));
        for (int64_t i = 0; i < rows.count; i++) {
            elea_bytes value = {data + offsets[i], offsets[i + 1] - offsets[i]};
            assert_ok(is_null(&rows, i) ? elea_builder_append_null(single, &err)
                                        : elea_builder_append_bytes(single, value, &err));
        }
    }
    assert_same(bulk, single);
}

static void every_layout_of_bytes(void **state) {
    (void)state;
    elea_test_random random = {.state = 2};
    static const char *const names[] = {"binary",     "utf8",        "large_binary",
                                        "large_utf8", "binary_view", "utf8_view"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char text[100];
        check_binaries(&random, names[i], -1);
        snprintf(text, sizeof text, "dictionary<values: %s, indices: uint16>", names[i]);
        check_binaries(&random, text, -1);
        snprintf(text, sizeof text, "run_end_encoded<run_ends: int64 not null, values: %s>",
                 names[i]);
        check_binaries(&random, text, -1);
    }
    check_binaries(&random, "fixed_size_binary[13]", 13);
    check_binaries(&random, "fixed_size_binary[0]", 0);
    check_binaries(&random, "decimal128(5, 2)", 16);
    check_binaries(&random, "dictionary<values: fixed_size_binary[7], indices: int16>", 7);
}

// ---- rows

static void check_lists(elea_test_random *random, const char *name) {
    elea_error err = {0};
    elea_builder *bulk = builder_named(name), *single = builder_named(name);
    for (int round = 0; round < 6; round++) {
        bulk_case rows;
        int32_t offsets[COUNT_MAX + 1] = {1000};
        int64_t large_offsets[COUNT_MAX + 1] = {-0};
        next_case(random, round, &rows);
        for (int64_t i = 0; i < rows.count; i++) {
            int64_t size = is_null(&rows, i) ? 0 : elea_test_random_below(random, 4);
            offsets[i + 1] = offsets[i] + (int32_t)size;
            large_offsets[i + 1] = large_offsets[i] + size;
            for (int64_t j = 0; j < size; j++) {
                elea_test_random same[2] = {{.state = (uint64_t)(i * j)},
                                            {.state = (uint64_t)(i * j)}};
                elea_test_random_append(&same[0], elea_builder_child(bulk, 0), 1, 0);
                elea_test_random_append(&same[1], elea_builder_child(single, 0), 1, 0);
            }
            assert_ok(is_null(&rows, i) ? elea_builder_append_null(single, &err)
                                        : elea_builder_append_row(single, &err));
        }
        assert_ok(round % 2
                      ? elea_builder_append_rows(bulk, offsets, rows.validity, rows.count, &err)
                      : elea_builder_append_large_rows(bulk, large_offsets, rows.validity,
                                                       rows.count, &err));
    }
    assert_same(bulk, single);
}

static void every_list(void **state) {
    (void)state;
    elea_test_random random = {.state = 3};
    static const char *const names[] = {"list<int64>",           "large_list<utf8>",
                                        "list_view<int8>",       "large_list_view<list<bool>>",
                                        "map<utf8, list<int8>>", "list<struct<a: int8>>"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        check_lists(&random, names[i]);
}

static void structs_and_fixed_size_lists(void **state) {
    (void)state;
    elea_error err = {0};
    static const int32_t numbers[] = {1, 2, 3, 4, 5, 6};
    static const uint8_t validity[] = {5};
    elea_builder *builder = builder_named("struct<a: int32, b: fixed_size_list<int32>[2]>");
    elea_builder *lists = elea_builder_child(builder, 1);
    assert_ok(elea_builder_append_values(elea_builder_child(builder, 0), numbers, NULL, 3, &err));
    assert_ok(elea_builder_append_values(elea_builder_child(lists, 0), numbers, NULL, 6, &err));
    assert_fails(ELEA_EINVAL, "6 values in child \"item\"",
                 elea_builder_append_rows(lists, NULL, NULL, 2, &err));
    assert_ok(elea_builder_append_rows(lists, NULL, NULL, 3, &err));
    assert_fails(ELEA_EINVAL, "rows of struct with offsets",
                 elea_builder_append_rows(builder, numbers, validity, 3, &err));
    assert_fails(ELEA_EINVAL, "a", elea_builder_append_rows(builder, NULL, NULL, -1, &err));
    assert_ok(elea_builder_append_rows(builder, NULL, validity, 3, &err));
    elea_array *array = finished(builder);
    elea_text text;
    elea_text_init(&text, NULL);
    assert_ok(elea_array_format(array, NULL, &text, &err));
    assert_string_equal(text.data, "[{a: 1, b: [1, 2]}, null, {a: 3, b: [5, 6]}]");
    elea_text_release(&text);
    elea_array_unref(array);
}

static void unions(void **state) {
    (void)state;
    elea_error err = {0};
    static const char *const names[] = {"dense_union<a: int32=5, b: int64=0>",
                                        "sparse_union<a: int32=5, b: int64=0>"};
    static const int8_t codes[] = {5, 0, 0, 5, 0};
    static const int32_t small[] = {1, 2, 3, 4, 5};
    static const int64_t large[] = {10, 20, 30, 40, 50};
    for (int i = 0; i < 2; i++) {
        elea_builder *builder = builder_named(names[i]);
        for (int round = 0; round < 2; round++) {
            assert_ok(elea_builder_append_values(elea_builder_child(builder, 0), small, NULL,
                                                 i ? 5 : 2, &err));
            assert_fails(ELEA_EINVAL, "0 values in child \"b\"",
                         elea_builder_append_unions(builder, codes, 5, &err));
            assert_ok(elea_builder_append_values(elea_builder_child(builder, 1), large, NULL,
                                                 i ? 5 : 3, &err));
            assert_fails(ELEA_EINVAL, "code 7 of row 1",
                         elea_builder_append_unions(builder, (int8_t[]){0, 7}, 2, &err));
            assert_ok(elea_builder_append_unions(builder, codes, 5, &err));
        }
        elea_array *array = finished(builder);
        elea_text text;
        elea_text_init(&text, NULL);
        assert_ok(elea_array_format(array, NULL, &text, &err));
        assert_string_equal(text.data, i ? "[1, 20, 30, 4, 50, 1, 20, 30, 4, 50]"
                                         : "[1, 10, 20, 2, 30, 1, 10, 20, 2, 30]");
        elea_text_release(&text);
        elea_array_unref(array);
    }
}

static void runs(void **state) {
    (void)state;
    elea_error err = {0};
    static const int8_t values[] = {1, 1, 2};
    elea_builder *builder =
        builder_named("run_end_encoded<run_ends: int16 not null, values: int8>");
    for (int round = 0; round < 2; round++) {
        assert_ok(
            elea_builder_append_values(elea_builder_child(builder, 1), values, NULL, 3, &err));
        assert_fails(ELEA_EINVAL, "2 runs of 3 values",
                     elea_builder_append_runs(builder, (int64_t[]){1, 2}, 2, &err));
        assert_fails(ELEA_EINVAL, "run 1 has 0 rows",
                     elea_builder_append_runs(builder, (int64_t[]){1, 0, 2}, 3, &err));
        assert_fails(ELEA_EINVAL, "run 1 has",
                     elea_builder_append_runs(builder, (int64_t[]){1, INT64_MAX, 2}, 3, &err));
        assert_fails(ELEA_ECAPACITY, "past run ends of int16",
                     elea_builder_append_runs(builder, (int64_t[]){1, INT16_MAX, 2}, 3, &err));
        assert_ok(elea_builder_append_runs(builder, (int64_t[]){2, 1, 3}, 3, &err));
    }
    assert_int_equal(elea_builder_length(builder), 12);
    elea_array *array = finished(builder);
    assert_int_equal(elea_array_length(elea_array_child(array, 0)), 6);
    elea_array_unref(array);
}

// ---- failures

static void types_are_told(void **state) {
    (void)state;
    elea_error err = {0};
    static const int32_t offsets[] = {0, 1, 0};
    elea_builder *texts = builder_named("utf8"), *numbers = builder_named("int8");
    elea_builder *lists = builder_named("list<int8>");
    assert_fails(ELEA_ETYPE, "an array of C values",
                 elea_builder_append_values(texts, "", NULL, 1, &err));
    assert_fails(ELEA_ETYPE, "an array of bytes",
                 elea_builder_append_binaries(numbers, "", offsets, NULL, 1, &err));
    assert_fails(ELEA_ETYPE, "rows of children",
                 elea_builder_append_rows(numbers, offsets, NULL, 1, &err));
    assert_fails(ELEA_ETYPE, "rows of a union", elea_builder_append_unions(texts, NULL, 0, &err));
    assert_fails(ELEA_ETYPE, "runs", elea_builder_append_runs(texts, NULL, 0, &err));
    assert_fails(ELEA_EINVAL, "offset 2 is 0, after 1",
                 elea_builder_append_binaries(texts, "", offsets, NULL, 2, &err));
    assert_fails(ELEA_EINVAL, "offset 0 is -1",
                 elea_builder_append_binaries(texts, "", (int32_t[]){-1, 0}, NULL, 1, &err));
    assert_fails(ELEA_EINVAL, "a count of -1",
                 elea_builder_append_binaries(texts, "", offsets, NULL, -1, &err));
    assert_fails(ELEA_EINVAL, "rows of list without offsets",
                 elea_builder_append_rows(lists, NULL, NULL, 1, &err));
    assert_fails(ELEA_EINVAL, "offsets over 1 values, but there are 0",
                 elea_builder_append_rows(lists, offsets, NULL, 1, &err));
    assert_fails(ELEA_ECAPACITY, "utf8",
                 elea_builder_append_large_binaries(
                     texts, "", (int64_t[]){0, (int64_t)INT32_MAX + 1}, NULL, 1, &err));
    assert_int_equal(elea_builder_length(texts), 0);
    elea_builder_free(lists);
    elea_builder_free(numbers);
    elea_builder_free(texts);
}

static void a_full_dictionary_takes_nothing_of_a_bulk(void **state) {
    (void)state;
    elea_error err = {0};
    int64_t values[200];
    for (int i = 0; i < 200; i++)
        values[i] = i;
    elea_builder *builder = builder_named("dictionary<values: int64, indices: int8>");
    assert_ok(elea_builder_append_values(builder, values + 100, NULL, 5, &err));
    assert_fails(ELEA_ECAPACITY, "more than 128 values",
                 elea_builder_append_values(builder, values, NULL, 200, &err));
    assert_int_equal(elea_builder_length(builder), 5);
    assert_int_equal(elea_builder_length(elea_builder_child(builder, 0)), 5);
    assert_ok(elea_builder_append_values(builder, values, NULL, 128, &err));
    elea_array *array = NULL;
    elea_chunked_array *chunked = NULL;
    assert_ok(elea_builder_finish(builder, &array, &err));
    assert_int_equal(elea_array_length(elea_array_dictionary(array)), 128);
    elea_array_unref(array);
    // By itself in a new chunk, when it may.
    elea_builder_set_chunked(builder, true);
    assert_ok(elea_builder_append_values(builder, values, NULL, 100, &err));
    assert_ok(elea_builder_append_values(builder, values + 100, NULL, 100, &err));
    assert_fails(ELEA_ECAPACITY, "more than 128 values",
                 elea_builder_append_values(builder, values, NULL, 200, &err));
    assert_ok(elea_builder_finish_chunked(builder, &chunked, &err));
    assert_int_equal(elea_chunked_array_length(chunked), 200);
    assert_int_equal(elea_chunked_array_chunk_count(chunked), 2);
    elea_chunked_array_unref(chunked);
    elea_builder_free(builder);
}

static elea_status bulk_body(elea_pool *pool, void *context, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    char data[4000];
    int32_t offsets[201];
    uint8_t validity[25];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)(i / 20);
    for (int i = 0; i <= 200; i++)
        offsets[i] = i * 20;
    memset(validity, 0x77, sizeof validity);
    ELEA_GOTO(done, elea_builder_new(pool, context, &builder, err));
    for (int i = 0; i < 3; i++) {
        int64_t before = elea_builder_length(builder);
        status = elea_builder_append_binaries(builder, data, offsets, i == 1 ? validity : NULL, 200,
                                              err);
        if (status != ELEA_OK && elea_builder_length(builder) != before)
            status = elea_error_set(err, ELEA_EINVAL, "a failed bulk left rows");
        if (status != ELEA_OK)
            goto done;
    }
    ELEA_GOTO(done, elea_builder_finish(builder, &array, err));
done:
    elea_array_unref(array);
    elea_builder_free(builder);
    return status;
}

static void failing_memory_leaves_nothing_behind(void **state) {
    (void)state;
    static const char *const names[] = {
        "utf8",
        "large_binary",
        "binary_view",
        "fixed_size_binary[20]",
        "dictionary<values: utf8_view, indices: int16>",
        "run_end_encoded<run_ends: int32 not null, values: binary>"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        elea_type *type = parsed(names[i]);
        assert_true(elea_test_fail_each_allocation(bulk_body, type) > 3);
        elea_type_unref(type);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fixed_width_type),
        cmocka_unit_test(every_layout_of_bytes),
        cmocka_unit_test(every_list),
        cmocka_unit_test(structs_and_fixed_size_lists),
        cmocka_unit_test(unions),
        cmocka_unit_test(runs),
        cmocka_unit_test(types_are_told),
        cmocka_unit_test(a_full_dictionary_takes_nothing_of_a_bulk),
        cmocka_unit_test(failing_memory_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
