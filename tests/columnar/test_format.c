// SPDX-License-Identifier: Apache-2.0
//
// Types, fields, schemas and single values as text and as JSON.
#include "support/cmocka_all.h"

#include <stdlib.h>

#include "columnar/type_internal.h"
#include "support/alloc_failures.h"
#include "support/random_data.h"

static void assert_type_text(elea_type *type, const char *expected) {
    elea_error err = {0};
    elea_text text;
    elea_text_init(&text, NULL);
    assert_ok(elea_type_format(type, &text, &err));
    assert_string_equal(text.data, expected);
    elea_text_release(&text);
    elea_type_unref(type);
}

static elea_field *field_of(const char *name, elea_type *type, bool nullable) {
    elea_error err = {0};
    elea_field *field = NULL;
    assert_ok(elea_field_new(NULL, elea_bytes_of(name), type, nullable, NULL, &field, &err));
    elea_type_unref(type);
    return field;
}

static elea_type *simple(elea_type_id id) { return elea_type_ref(elea_type_of(id)); }

static elea_type *timestamp_of(elea_time_unit unit, const char *zone) {
    elea_error err = {0};
    elea_type *type = NULL;
    assert_ok(elea_type_new_timestamp(NULL, unit, zone, &type, &err));
    return type;
}

static elea_type *list_of(elea_type *item_type) {
    elea_error err = {0};
    elea_type *type = NULL;
    elea_field *item = field_of("item", item_type, true);
    assert_ok(elea_type_new_list(NULL, ELEA_TYPE_LIST, item, &type, &err));
    elea_field_unref(item);
    return type;
}

static elea_type *struct_of(elea_field *a, elea_field *b) {
    elea_error err = {0};
    elea_type *type = NULL;
    const elea_field *fields[] = {a, b};
    assert_ok(elea_type_new_struct(NULL, fields, b ? 2 : 1, &type, &err));
    elea_field_unref(a);
    elea_field_unref(b);
    return type;
}

static elea_type *map_of(elea_type *key_type, elea_type *value_type) {
    elea_error err = {0};
    elea_type *type = NULL;
    elea_field *key = field_of("key", key_type, false);
    elea_field *value = field_of("value", value_type, true);
    assert_ok(elea_type_new_map(NULL, key, value, false, &type, &err));
    elea_field_unref(key);
    elea_field_unref(value);
    return type;
}

static void types_read_well(void **state) {
    (void)state;
    elea_error err = {0};
    elea_type *type = NULL;
    assert_type_text(simple(ELEA_TYPE_INT64), "int64");
    assert_type_text(simple(ELEA_TYPE_DATE32), "date32");
    assert_type_text(timestamp_of(ELEA_TIME_MICRO, "UTC"), "timestamp[us, UTC]");
    assert_type_text(timestamp_of(ELEA_TIME_NANO, NULL), "timestamp[ns]");
    assert_type_text(list_of(list_of(simple(ELEA_TYPE_UTF8))), "list<item: list<item: utf8>>");
    assert_type_text(struct_of(field_of("x", simple(ELEA_TYPE_INT8), false),
                               field_of("a b", simple(ELEA_TYPE_UTF8), true)),
                     "struct<x: int8 not null, \"a b\": utf8>");
    assert_type_text(map_of(simple(ELEA_TYPE_UTF8), simple(ELEA_TYPE_FLOAT32)),
                     "map<utf8, float32>");
    assert_ok(elea_type_new_decimal(NULL, ELEA_TYPE_DECIMAL128, 10, 2, &type, &err));
    assert_type_text(type, "decimal128(10, 2)");
    assert_ok(elea_type_new_fixed_size_binary(NULL, 16, &type, &err));
    assert_type_text(type, "fixed_size_binary[16]");
    assert_ok(elea_type_new_time(NULL, ELEA_TYPE_DURATION, ELEA_TIME_MILLI, &type, &err));
    assert_type_text(type, "duration[ms]");
    assert_ok(elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_INT8),
                                       elea_type_of(ELEA_TYPE_UTF8), true, &type, &err));
    assert_type_text(type, "dictionary<values: utf8, indices: int8, ordered>");
    elea_field *item = field_of("item", simple(ELEA_TYPE_FLOAT16), true);
    assert_ok(elea_type_new_fixed_size_list(NULL, item, 384, &type, &err));
    assert_type_text(type, "fixed_size_list<item: float16>[384]");
    const elea_field *fields[] = {item};
    const int8_t codes[] = {7};
    assert_ok(elea_type_new_union(NULL, ELEA_TYPE_DENSE_UNION, fields, codes, 1, &type, &err));
    assert_type_text(type, "dense_union<item: float16=7>");
    elea_field_unref(item);
}

static void schemas_are_lines(void **state) {
    (void)state;
    elea_error err = {0};
    elea_text text;
    elea_schema *schema = NULL;
    elea_metadata *metadata = NULL;
    elea_bytes key = elea_bytes_of("origin");
    elea_bytes value = elea_bytes_of("a \"b\"");
    assert_ok(elea_metadata_new(NULL, &key, &value, 1, &metadata, &err));
    elea_field *plain = field_of("id", simple(ELEA_TYPE_INT64), false);
    elea_field *noted = NULL;
    assert_ok(elea_field_new(NULL, elea_bytes_of("note"), elea_type_of(ELEA_TYPE_UTF8), true,
                             metadata, &noted, &err));
    const elea_field *fields[] = {plain, noted};
    assert_ok(elea_schema_new(NULL, fields, 2, metadata, &schema, &err));
    elea_text_init(&text, NULL);
    assert_ok(elea_schema_format(schema, &text, &err));
    assert_string_equal(text.data, "id: int64 not null\n"
                                   "note: utf8\n"
                                   "    \"origin\" = \"a \\\"b\\\"\"\n"
                                   "metadata:\n"
                                   "    \"origin\" = \"a \\\"b\\\"\"\n");
    elea_text_release(&text);
    elea_schema_unref(schema);
    elea_field_unref(plain);
    elea_field_unref(noted);
    elea_metadata_unref(metadata);
}

// ---- values

// Compares the last row of what is in the builder, quoted and as JSON, and empties it.
static void assert_value(elea_builder *builder, const char *text_expected,
                         const char *json_expected) {
    elea_error err = {0};
    elea_array *array = NULL;
    elea_span span;
    elea_text text;
    assert_ok(elea_builder_finish(builder, &array, &err));
    elea_span_of(array, &span);
    elea_text_init(&text, NULL);
    assert_ok(elea_span_format(&span, span.length - 1, true, &text, &err));
    assert_string_equal(text.data, text_expected);
    elea_text_reset(&text);
    assert_ok(elea_span_format_json(&span, span.length - 1, &text, &err));
    assert_string_equal(text.data, json_expected);
    elea_text_release(&text);
    elea_array_unref(array);
}

static elea_builder *builder_of(elea_type *type) {
    elea_error err = {0};
    elea_builder *builder = NULL;
    assert_ok(elea_builder_new(NULL, type, &builder, &err));
    elea_type_unref(type);
    return builder;
}

static void assert_int(elea_type *type, int64_t value, const char *text, const char *json) {
    elea_error err = {0};
    elea_builder *builder = builder_of(type);
    assert_ok(elea_builder_append_int(builder, value, &err));
    assert_value(builder, text, json);
    elea_builder_free(builder);
}

static void assert_double(elea_type_id id, double value, const char *text, const char *json) {
    elea_error err = {0};
    elea_builder *builder = builder_of(simple(id));
    assert_ok(elea_builder_append_double(builder, value, &err));
    assert_value(builder, text, json);
    elea_builder_free(builder);
}

static void assert_bytes(elea_type *type, elea_bytes value, const char *text, const char *json) {
    elea_error err = {0};
    elea_builder *builder = builder_of(type);
    assert_ok(elea_builder_append_bytes(builder, value, &err));
    assert_value(builder, text, json);
    elea_builder_free(builder);
}

static void numbers_are_short(void **state) {
    (void)state;
    elea_error err = {0};
    assert_int(simple(ELEA_TYPE_INT64), INT64_MIN, "-9223372036854775808", "-9223372036854775808");
    assert_int(simple(ELEA_TYPE_BOOL), 1, "true", "true");
    elea_builder *builder = builder_of(simple(ELEA_TYPE_UINT64));
    assert_ok(elea_builder_append_uint(builder, UINT64_MAX, &err));
    assert_value(builder, "18446744073709551615", "18446744073709551615");
    elea_builder_free(builder);
    assert_double(ELEA_TYPE_FLOAT64, 0.1, "0.1", "0.1");
    assert_double(ELEA_TYPE_FLOAT32, 0.1, "0.1", "0.1");
    assert_double(ELEA_TYPE_FLOAT16, 0.1, "0.1", "0.1");
    assert_double(ELEA_TYPE_FLOAT16, 65504, "65500", "65500");
    assert_double(ELEA_TYPE_FLOAT16, -0.0, "-0", "-0");
    assert_double(ELEA_TYPE_FLOAT64, __builtin_nan(""), "nan", "null");
    assert_double(ELEA_TYPE_FLOAT32, -__builtin_inf(), "-inf", "null");
    assert_double(ELEA_TYPE_FLOAT16, 1e9, "inf", "null");
}

static void halves_read_back(void **state) {
    (void)state;
    elea_error err = {0};
    elea_builder *builder = builder_of(simple(ELEA_TYPE_FLOAT16));
    elea_array *array = NULL;
    elea_span span;
    elea_text text;
    for (uint32_t bits = 0; bits < 0x10000; bits++) {
        uint16_t half = (uint16_t)bits;
        assert_ok(elea_builder_append_values(builder, &half, NULL, 1, &err));
    }
    assert_ok(elea_builder_finish(builder, &array, &err));
    elea_span_of(array, &span);
    elea_text_init(&text, NULL);
    for (int64_t i = 0; i < span.length; i++) {
        double value = elea_span_get_double(&span, i);
        elea_text_reset(&text);
        assert_ok(elea_span_format(&span, i, true, &text, &err));
        if (value == value)
            assert_int_equal(elea_half_from_float(strtof(text.data, NULL)), i);
        else
            assert_string_equal(text.data, "nan");
    }
    elea_text_release(&text);
    elea_array_unref(array);
    elea_builder_free(builder);
}

static void times_are_iso(void **state) {
    (void)state;
    elea_error err = {0};
    elea_type *type = NULL;
    assert_int(timestamp_of(ELEA_TIME_MICRO, "UTC"), 1772460306120000,
               "2026-03-02T14:05:06.120000Z", "\"2026-03-02T14:05:06.120000Z\"");
    assert_int(timestamp_of(ELEA_TIME_MILLI, NULL), 1772460306000, "2026-03-02T14:05:06",
               "\"2026-03-02T14:05:06\"");
    assert_int(timestamp_of(ELEA_TIME_NANO, NULL), -1, "1969-12-31T23:59:59.999999999",
               "\"1969-12-31T23:59:59.999999999\"");
    assert_int(simple(ELEA_TYPE_DATE32), -1, "1969-12-31", "\"1969-12-31\"");
    assert_int(simple(ELEA_TYPE_DATE64), 86400000, "1970-01-02", "\"1970-01-02\"");
    assert_ok(elea_type_new_time(NULL, ELEA_TYPE_TIME64, ELEA_TIME_MICRO, &type, &err));
    assert_int(type, 3600000001, "01:00:00.000001", "\"01:00:00.000001\"");
    assert_ok(elea_type_new_time(NULL, ELEA_TYPE_TIME32, ELEA_TIME_SECOND, &type, &err));
    assert_int(type, 86399, "23:59:59", "\"23:59:59\"");
    assert_ok(elea_type_new_time(NULL, ELEA_TYPE_DURATION, ELEA_TIME_MILLI, &type, &err));
    assert_int(type, -1500, "-1500ms", "\"-PT1.500S\"");
    assert_int(simple(ELEA_TYPE_INTERVAL_MONTHS), 14, "14 months", "{\"months\": 14}");
    static const int32_t day_time[] = {3, 250};
    assert_bytes(simple(ELEA_TYPE_INTERVAL_DAY_TIME), (elea_bytes){(const char *)day_time, 8},
                 "3 days 250 milliseconds", "{\"days\": 3, \"milliseconds\": 250}");
    static const int32_t zero[4];
    assert_bytes(simple(ELEA_TYPE_INTERVAL_MONTH_DAY_NANO), (elea_bytes){(const char *)zero, 16},
                 "0 nanoseconds", "{\"months\": 0, \"days\": 0, \"nanoseconds\": 0}");
}

static elea_type *decimal_of(elea_type_id id, int32_t precision, int32_t scale) {
    elea_error err = {0};
    elea_type *type = NULL;
    assert_ok(elea_type_new_decimal(NULL, id, precision, scale, &type, &err));
    return type;
}

static void decimals_have_a_point(void **state) {
    (void)state;
    static const int32_t small = -5;
    static const int64_t medium = 1234567;
    uint8_t large[32];
    memset(large, 0xFF, sizeof large);
    large[31] = 0x7F;
    assert_bytes(decimal_of(ELEA_TYPE_DECIMAL32, 9, 2), (elea_bytes){(const char *)&small, 4},
                 "-0.05", "-0.05");
    assert_bytes(decimal_of(ELEA_TYPE_DECIMAL64, 18, 3), (elea_bytes){(const char *)&medium, 8},
                 "1234.567", "1234.567");
    assert_bytes(decimal_of(ELEA_TYPE_DECIMAL64, 18, 0), (elea_bytes){(const char *)&medium, 8},
                 "1234567", "1234567");
    assert_bytes(decimal_of(ELEA_TYPE_DECIMAL64, 18, -3), (elea_bytes){(const char *)&medium, 8},
                 "1234567e3", "1234567e3");
    // 2^255 - 1
    assert_bytes(decimal_of(ELEA_TYPE_DECIMAL256, 76, 0), (elea_bytes){(const char *)large, 32},
                 "57896044618658097711785492504343953926634992332820282019728792003956564819967",
                 "57896044618658097711785492504343953926634992332820282019728792003956564819967");
    memset(large, 0, sizeof large);
    large[15] = 0x80;
    assert_bytes(decimal_of(ELEA_TYPE_DECIMAL128, 38, 38), (elea_bytes){(const char *)large, 16},
                 "-1.70141183460469231731687303715884105728",
                 "-1.70141183460469231731687303715884105728");
}

static void texts_and_bytes(void **state) {
    (void)state;
    assert_bytes(simple(ELEA_TYPE_UTF8), elea_bytes_of("a\"\n\x01\xC3\xA9"),
                 "\"a\\\"\\n\\u0001\xC3\xA9\"", "\"a\\\"\\n\\u0001\xC3\xA9\"");
    assert_bytes(simple(ELEA_TYPE_UTF8_VIEW), elea_bytes_of("a string longer than twelve bytes"),
                 "\"a string longer than twelve bytes\"", "\"a string longer than twelve bytes\"");
    assert_bytes(simple(ELEA_TYPE_BINARY), (elea_bytes){"\xDE\xAD\x00", 3}, "0xdead00", "\"3q0A\"");
    assert_bytes(simple(ELEA_TYPE_BINARY), (elea_bytes){"ab", 2}, "0x6162", "\"YWI=\"");
    assert_bytes(simple(ELEA_TYPE_BINARY), (elea_bytes){"a", 1}, "0x61", "\"YQ==\"");
    assert_bytes(simple(ELEA_TYPE_LARGE_BINARY), (elea_bytes){NULL, 0}, "0x", "\"\"");
}

static void nested_values(void **state) {
    (void)state;
    elea_error err = {0};
    elea_builder *list = builder_of(list_of(simple(ELEA_TYPE_UTF8)));
    assert_ok(elea_builder_append_bytes(elea_builder_child(list, 0), elea_bytes_of("a"), &err));
    assert_ok(elea_builder_append_null(elea_builder_child(list, 0), &err));
    assert_ok(elea_builder_append_row(list, &err));
    assert_value(list, "[\"a\", null]", "[\"a\", null]");
    assert_ok(elea_builder_append_null(list, &err));
    assert_value(list, "null", "null");
    elea_builder_free(list);

    elea_builder *rows = builder_of(struct_of(field_of("x", simple(ELEA_TYPE_INT8), false),
                                              field_of("a b", simple(ELEA_TYPE_UTF8), true)));
    assert_ok(elea_builder_append_int(elea_builder_child(rows, 0), 1, &err));
    assert_ok(elea_builder_append_null(elea_builder_child(rows, 1), &err));
    assert_ok(elea_builder_append_row(rows, &err));
    assert_value(rows, "{x: 1, \"a b\": null}", "{\"x\": 1, \"a b\": null}");
    elea_builder_free(rows);

    elea_builder *map = builder_of(map_of(simple(ELEA_TYPE_UTF8), simple(ELEA_TYPE_INT64)));
    elea_builder *entries = elea_builder_child(map, 0);
    assert_ok(elea_builder_append_bytes(elea_builder_child(entries, 0), elea_bytes_of("k"), &err));
    assert_ok(elea_builder_append_int(elea_builder_child(entries, 1), 5, &err));
    assert_ok(elea_builder_append_row(entries, &err));
    assert_ok(elea_builder_append_row(map, &err));
    assert_value(map, "{\"k\": 5}", "[{\"key\": \"k\", \"value\": 5}]");
    elea_builder_free(map);
}

static elea_status format_body(elea_pool *pool, void *context, elea_error *err) {
    elea_status status = ELEA_OK;
    const elea_record_batch *batch = context;
    elea_text text;
    elea_text_init(&text, pool);
    ELEA_GOTO(done, elea_schema_format(elea_record_batch_schema(batch), &text, err));
    for (int64_t i = 0; i < elea_record_batch_column_count(batch); i++) {
        elea_span span;
        elea_span_of(elea_record_batch_column(batch, i), &span);
        for (int64_t j = 0; j < span.length; j++) {
            ELEA_GOTO(done, elea_span_format(&span, j, true, &text, err));
            ELEA_GOTO(done, elea_span_format_json(&span, j, &text, err));
        }
    }

done:
    elea_text_release(&text);
    return status;
}

static void anything_formats_or_fails_cleanly(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {77, .with_dictionaries = true};
    for (int round = 0; round < 20; round++) {
        elea_record_batch *batch = elea_test_random_batch(&random, 6, 20, 3);
        elea_test_fail_each_allocation(format_body, batch);
        assert_ok(elea_record_batch_validate(batch, ELEA_VALIDATE_FULL, &err));
        elea_record_batch_unref(batch);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_read_well),
        cmocka_unit_test(schemas_are_lines),
        cmocka_unit_test(numbers_are_short),
        cmocka_unit_test(halves_read_back),
        cmocka_unit_test(times_are_iso),
        cmocka_unit_test(decimals_have_a_point),
        cmocka_unit_test(texts_and_bytes),
        cmocka_unit_test(nested_values),
        cmocka_unit_test(anything_formats_or_fails_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
