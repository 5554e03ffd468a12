// SPDX-License-Identifier: Apache-2.0
#include "support/type_cases.h"

#include "support/cmocka_all.h"

// From the specification's table, written down once more so that the type list is checked.
static const struct {
    elea_type_id id;
    const char *format;
} plain_cases[] = {
    {ELEA_TYPE_NULL, "n"},
    {ELEA_TYPE_BOOL, "b"},
    {ELEA_TYPE_INT8, "c"},
    {ELEA_TYPE_UINT8, "C"},
    {ELEA_TYPE_INT16, "s"},
    {ELEA_TYPE_UINT16, "S"},
    {ELEA_TYPE_INT32, "i"},
    {ELEA_TYPE_UINT32, "I"},
    {ELEA_TYPE_INT64, "l"},
    {ELEA_TYPE_UINT64, "L"},
    {ELEA_TYPE_FLOAT16, "e"},
    {ELEA_TYPE_FLOAT32, "f"},
    {ELEA_TYPE_FLOAT64, "g"},
    {ELEA_TYPE_BINARY, "z"},
    {ELEA_TYPE_LARGE_BINARY, "Z"},
    {ELEA_TYPE_BINARY_VIEW, "vz"},
    {ELEA_TYPE_UTF8, "u"},
    {ELEA_TYPE_LARGE_UTF8, "U"},
    {ELEA_TYPE_UTF8_VIEW, "vu"},
    {ELEA_TYPE_DATE32, "tdD"},
    {ELEA_TYPE_DATE64, "tdm"},
    {ELEA_TYPE_INTERVAL_MONTHS, "tiM"},
    {ELEA_TYPE_INTERVAL_DAY_TIME, "tiD"},
    {ELEA_TYPE_INTERVAL_MONTH_DAY_NANO, "tin"},
};

static const struct {
    elea_type_id id;
    elea_time_unit unit;
    const char *zone;
    const char *format;
} time_cases[] = {
    {ELEA_TYPE_TIME32, ELEA_TIME_SECOND, NULL, "tts"},
    {ELEA_TYPE_TIME32, ELEA_TIME_MILLI, NULL, "ttm"},
    {ELEA_TYPE_TIME64, ELEA_TIME_MICRO, NULL, "ttu"},
    {ELEA_TYPE_TIME64, ELEA_TIME_NANO, NULL, "ttn"},
    {ELEA_TYPE_DURATION, ELEA_TIME_SECOND, NULL, "tDs"},
    {ELEA_TYPE_DURATION, ELEA_TIME_NANO, NULL, "tDn"},
    {ELEA_TYPE_TIMESTAMP, ELEA_TIME_SECOND, NULL, "tss:"},
    {ELEA_TYPE_TIMESTAMP, ELEA_TIME_MILLI, "UTC", "tsm:UTC"},
    {ELEA_TYPE_TIMESTAMP, ELEA_TIME_MICRO, "+05:30", "tsu:+05:30"},
    {ELEA_TYPE_TIMESTAMP, ELEA_TIME_NANO, "America/Argentina/Buenos_Aires",
     "tsn:America/Argentina/Buenos_Aires"},
};

static const struct {
    elea_type_id id;
    int32_t precision;
    int32_t scale;
    const char *format;
} decimal_cases[] = {
    {ELEA_TYPE_DECIMAL32, 9, 2, "d:9,2,32"},
    {ELEA_TYPE_DECIMAL64, 18, 0, "d:18,0,64"},
    {ELEA_TYPE_DECIMAL128, 38, -3, "d:38,-3"},
    {ELEA_TYPE_DECIMAL256, 76, 10, "d:76,10,256"},
};

static void add(type_cases *cases, const char *format, elea_type *type) {
    assert_true(cases->count < TYPE_CASE_COUNT_MAX);
    assert_non_null(type);
    cases->cases[cases->count++] = (type_case){format, type};
}

elea_field *type_cases_field(const char *name, const elea_type *type, bool nullable) {
    elea_field *field = NULL;
    elea_error err = {0};
    assert_ok(elea_field_new(NULL, elea_bytes_of(name), type, nullable, NULL, &field, &err));
    return field;
}

static void add_parametric(type_cases *cases) {
    elea_error err = {0};
    elea_type *type = NULL;
    for (size_t i = 0; i < sizeof time_cases / sizeof time_cases[0]; i++) {
        if (time_cases[i].id == ELEA_TYPE_TIMESTAMP)
            assert_ok(
                elea_type_new_timestamp(NULL, time_cases[i].unit, time_cases[i].zone, &type, &err));
        else
            assert_ok(elea_type_new_time(NULL, time_cases[i].id, time_cases[i].unit, &type, &err));
        add(cases, time_cases[i].format, type);
    }
    for (size_t i = 0; i < sizeof decimal_cases / sizeof decimal_cases[0]; i++) {
        assert_ok(elea_type_new_decimal(NULL, decimal_cases[i].id, decimal_cases[i].precision,
                                        decimal_cases[i].scale, &type, &err));
        add(cases, decimal_cases[i].format, type);
    }
    assert_ok(elea_type_new_fixed_size_binary(NULL, 0, &type, &err));
    add(cases, "w:0", type);
    assert_ok(elea_type_new_fixed_size_binary(NULL, 13, &type, &err));
    add(cases, "w:13", type);
}

static void add_lists(type_cases *cases, const elea_field *item) {
    static const struct {
        elea_type_id id;
        const char *format;
    } lists[] = {{ELEA_TYPE_LIST, "+l"},
                 {ELEA_TYPE_LARGE_LIST, "+L"},
                 {ELEA_TYPE_LIST_VIEW, "+vl"},
                 {ELEA_TYPE_LARGE_LIST_VIEW, "+vL"}};
    elea_error err = {0};
    elea_type *type = NULL;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        assert_ok(elea_type_new_list(NULL, lists[i].id, item, &type, &err));
        add(cases, lists[i].format, type);
    }
    assert_ok(elea_type_new_fixed_size_list(NULL, item, 3, &type, &err));
    add(cases, "+w:3", type);
    assert_ok(elea_type_new_fixed_size_list(NULL, item, 0, &type, &err));
    add(cases, "+w:0", type);
}

static void add_nested(type_cases *cases, const elea_field *a, const elea_field *b,
                       const elea_field *key) {
    elea_error err = {0};
    elea_type *type = NULL;
    const elea_field *const fields[] = {a, b};
    const int8_t codes[] = {5, 0};
    assert_ok(elea_type_new_struct(NULL, fields, 2, &type, &err));
    add(cases, "+s", type);
    assert_ok(elea_type_new_struct(NULL, NULL, 0, &type, &err));
    add(cases, "+s", type);
    assert_ok(elea_type_new_map(NULL, key, a, false, &type, &err));
    add(cases, "+m", type);
    assert_ok(elea_type_new_map(NULL, key, b, true, &type, &err));
    add(cases, "+m", type);
    assert_ok(elea_type_new_union(NULL, ELEA_TYPE_SPARSE_UNION, fields, codes, 2, &type, &err));
    add(cases, "+us:5,0", type);
    assert_ok(elea_type_new_union(NULL, ELEA_TYPE_DENSE_UNION, fields, codes, 2, &type, &err));
    add(cases, "+ud:5,0", type);
    assert_ok(elea_type_new_run_end_encoded(NULL, key, a, &type, &err));
    add(cases, "+r", type);
    assert_ok(elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_INT8), elea_field_type(a), true,
                                       &type, &err));
    add(cases, "c", type);
    assert_ok(elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_UINT64), elea_field_type(b),
                                       false, &type, &err));
    add(cases, "L", type);
}

void type_cases_init(type_cases *cases) {
    *cases = (type_cases){.count = 0};
    for (size_t i = 0; i < sizeof plain_cases / sizeof plain_cases[0]; i++)
        add(cases, plain_cases[i].format, elea_type_ref(elea_type_of(plain_cases[i].id)));
    add_parametric(cases);

    elea_field *text = type_cases_field("item", elea_type_of(ELEA_TYPE_UTF8), true);
    elea_field *bits = type_cases_field("bits", elea_type_of(ELEA_TYPE_BOOL), false);
    elea_field *key = type_cases_field("key", elea_type_of(ELEA_TYPE_INT32), false);
    add_lists(cases, text);
    add_nested(cases, text, bits, key);
    // And one deep thing: a list of the sorted map.
    elea_type *deep = NULL;
    elea_error err = {0};
    elea_field *item = type_cases_field("item", cases->cases[cases->count - 6].type, true);
    assert_ok(elea_type_new_list(NULL, ELEA_TYPE_LIST, item, &deep, &err));
    add(cases, "+l", deep);
    elea_field_unref(item);
    elea_field_unref(key);
    elea_field_unref(bits);
    elea_field_unref(text);
}

void type_cases_release(type_cases *cases) {
    for (int64_t i = 0; i < cases->count; i++)
        elea_type_unref(cases->cases[i].type);
    cases->count = 0;
}
