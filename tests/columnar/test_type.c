// SPDX-License-Identifier: Apache-2.0
//
// Types, fields and schemas: making, asking, comparing, the limit of nesting.
#include "support/cmocka_all.h"

#include <stdio.h>

#include "elea/columnar.h"

static elea_field *field_of(const char *name, const elea_type *type, bool nullable) {
    elea_field *field = NULL;
    assert_int_equal(elea_field_new(NULL, elea_bytes_of(name), type, nullable, NULL, &field, NULL),
                     ELEA_OK);
    return field;
}

static void every_type_has_a_name_and_a_layout(void **state) {
    (void)state;
    for (int id = 0; id < 45; id++) {
        assert_string_not_equal(elea_type_id_name((elea_type_id)id), "unknown");
        const elea_type *type = elea_type_of((elea_type_id)id);
        if (!type)
            continue;
        assert_int_equal(elea_type_id_of(type), id);
        assert_ptr_equal(elea_type_ref(type), type);
        elea_type_unref(elea_type_ref(type));
        assert_true(elea_type_equal(type, type, true));
    }
    assert_string_equal(elea_type_id_name((elea_type_id)45), "unknown");
    assert_string_equal(elea_type_id_name((elea_type_id)-1), "unknown");
    assert_null(elea_type_of((elea_type_id)-1));
    assert_null(elea_type_of(ELEA_TYPE_TIMESTAMP));
    assert_null(elea_type_of(ELEA_TYPE_LIST));
    assert_null(elea_type_of(ELEA_TYPE_DECIMAL32));
    assert_null(elea_type_of(ELEA_TYPE_DICTIONARY));
    assert_non_null(elea_type_of(ELEA_TYPE_DATE32));
    assert_non_null(elea_type_of(ELEA_TYPE_INTERVAL_DAY_TIME));
    assert_int_equal(elea_type_bit_width(elea_type_of(ELEA_TYPE_BOOL)), 1);
    assert_int_equal(elea_type_bit_width(elea_type_of(ELEA_TYPE_UTF8)), 32);
    assert_string_equal(elea_layout_buffers(ELEA_LAYOUT_BINARY), "voc");
}

typedef struct layout_case {
    const char *type;
    const char *text;
} layout_case;

// "kind:bits/alignment", with "+" for an entry more, "~" for variable, "?" for what may be missing;
// then what the rest says.
static void describe(const elea_type *type, char *out, size_t size) {
    elea_type_layout layout;
    size_t used = 0;
    elea_type_layout_init(&layout, type);
    assert_int_equal(layout.layout, elea_type_layout_of(type));
    assert_int_equal(layout.buffer_count, strlen(elea_layout_buffers(layout.layout)));
    out[0] = '\0';
    for (int32_t i = 0; i < layout.buffer_count; i++) {
        const elea_buffer_layout *buffer = &layout.buffers[i];
        used += (size_t)snprintf(out + used, size - used, "%s:%d/%d%s%s%s ",
                                 elea_buffer_kind_name(buffer->kind), buffer->bit_width,
                                 buffer->alignment, buffer->has_end_entry ? "+" : "",
                                 buffer->is_variable ? "~" : "", buffer->may_be_missing ? "?" : "");
    }
    snprintf(out + used, size - used, "%s%s%s%s%lld", layout.is_variadic ? "variadic " : "",
             layout.has_validity ? "" : "unmasked ", layout.can_be_null ? "" : "never null ",
             layout.has_dictionary ? "dictionary " : "", (long long)layout.child_count);
}

// Written down once more, from the columnar format's tables.
static const layout_case layout_cases[] = {
    {"null", "unmasked 0"},
    {"bool", "validity bitmap:1/1? values:1/1 0"},
    {"int8", "validity bitmap:1/1? values:8/1 0"},
    {"float16", "validity bitmap:1/1? values:16/2 0"},
    {"date32", "validity bitmap:1/1? values:32/4 0"},
    {"timestamp[ns, UTC]", "validity bitmap:1/1? values:64/8 0"},
    {"decimal256(50, 3)", "validity bitmap:1/1? values:256/8 0"},
    {"month_day_nano_interval", "validity bitmap:1/1? values:128/8 0"},
    {"fixed_size_binary[6]", "validity bitmap:1/1? values:48/1 0"},
    {"fixed_size_binary[0]", "validity bitmap:1/1? values:0/1 0"},
    {"utf8", "validity bitmap:1/1? offsets:32/4+ bytes:8/1~ 0"},
    {"large_binary", "validity bitmap:1/1? offsets:64/8+ bytes:8/1~ 0"},
    {"utf8_view", "validity bitmap:1/1? views:128/8 variadic 0"},
    {"list<int8>", "validity bitmap:1/1? offsets:32/4+ 1"},
    {"large_list<int8>", "validity bitmap:1/1? offsets:64/8+ 1"},
    {"list_view<int8>", "validity bitmap:1/1? offsets:32/4 sizes:32/4 1"},
    {"large_list_view<int8>", "validity bitmap:1/1? offsets:64/8 sizes:64/8 1"},
    {"fixed_size_list<int8>[2]", "validity bitmap:1/1? 1"},
    {"struct<a: int8, b: int8>", "validity bitmap:1/1? 2"},
    {"map<int8, int8>", "validity bitmap:1/1? offsets:32/4+ 1"},
    {"sparse_union<a: int8=1>", "type codes:8/1 unmasked never null 1"},
    {"dense_union<a: int8=1, b: int8=0>", "type codes:8/1 offsets:32/4 unmasked never null 2"},
    {"dictionary<values: utf8, indices: int16>", "validity bitmap:1/1? values:16/2 dictionary 0"},
    {"run_end_encoded<run_ends: int32 not null, values: utf8>", "unmasked never null 2"},
};

static void layouts_are_told(void **state) {
    (void)state;
    elea_error err = {0};
    for (size_t i = 0; i < sizeof layout_cases / sizeof *layout_cases; i++) {
        elea_type *type = NULL;
        char text[300];
        assert_ok(elea_type_parse(NULL, elea_bytes_of(layout_cases[i].type), &type, &err));
        describe(type, text, sizeof text);
        assert_string_equal(text, layout_cases[i].text);
        elea_type_unref(type);
    }
    assert_string_equal(elea_buffer_kind_name((elea_buffer_kind)99), "unknown");
}

static void parameters_are_kept_and_checked(void **state) {
    (void)state;
    elea_type *type = NULL;
    elea_error err = {0};
    assert_int_equal(elea_type_new_timestamp(NULL, ELEA_TIME_MICRO, "UTC", &type, &err), ELEA_OK);
    assert_int_equal(elea_type_time_unit(type), ELEA_TIME_MICRO);
    assert_string_equal(elea_type_time_zone(type), "UTC");
    assert_int_equal(elea_type_physical(type), ELEA_TYPE_INT64);
    elea_type_unref(type);
    assert_int_equal(elea_type_new_decimal(NULL, ELEA_TYPE_DECIMAL128, 38, -2, &type, &err),
                     ELEA_OK);
    assert_int_equal(elea_type_precision(type), 38);
    assert_int_equal(elea_type_scale(type), -2);
    elea_type_unref(type);
    static const struct {
        elea_type_id id;
        int32_t max;
    } decimals[] = {{ELEA_TYPE_DECIMAL32, 9},
                    {ELEA_TYPE_DECIMAL64, 18},
                    {ELEA_TYPE_DECIMAL128, 38},
                    {ELEA_TYPE_DECIMAL256, 76}};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(
            elea_type_new_decimal(NULL, decimals[i].id, decimals[i].max, 0, &type, &err), ELEA_OK);
        elea_type_unref(type);
        assert_int_equal(
            elea_type_new_decimal(NULL, decimals[i].id, decimals[i].max + 1, 0, &type, &err),
            ELEA_EINVAL);
    }
    assert_int_equal(elea_type_new_time(NULL, ELEA_TYPE_TIME32, ELEA_TIME_NANO, &type, &err),
                     ELEA_EINVAL);
    assert_string_equal(err.message, "a time32 in nanoseconds");
    assert_int_equal(elea_type_new_fixed_size_binary(NULL, -1, &type, &err), ELEA_EINVAL);
    assert_int_equal(elea_type_new_timestamp(NULL, (elea_time_unit)9, NULL, &type, &err),
                     ELEA_EINVAL);
}

static void names_of_list_items_count_as_metadata(void **state) {
    (void)state;
    elea_field *a = field_of("item", elea_type_of(ELEA_TYPE_INT32), true);
    elea_field *b = field_of("element", elea_type_of(ELEA_TYPE_INT32), true);
    const elea_field *fields_a[] = {a};
    const elea_field *fields_b[] = {b};
    elea_type *types[4];
    assert_int_equal(elea_type_new_list(NULL, ELEA_TYPE_LIST, a, &types[0], NULL), ELEA_OK);
    assert_int_equal(elea_type_new_list(NULL, ELEA_TYPE_LIST, b, &types[1], NULL), ELEA_OK);
    assert_int_equal(elea_type_new_struct(NULL, fields_a, 1, &types[2], NULL), ELEA_OK);
    assert_int_equal(elea_type_new_struct(NULL, fields_b, 1, &types[3], NULL), ELEA_OK);
    assert_true(elea_type_equal(types[0], types[1], false));
    assert_false(elea_type_equal(types[0], types[1], true));
    assert_false(elea_type_equal(types[2], types[3], false));
    assert_false(elea_type_equal(types[0], types[2], true));
    for (int i = 0; i < 4; i++)
        elea_type_unref(types[i]);
    elea_field_unref(a);
    elea_field_unref(b);
}

static void maps_refuse_nullable_keys(void **state) {
    (void)state;
    elea_field *key = field_of("key", elea_type_of(ELEA_TYPE_UTF8), true);
    elea_field *strict = field_of("key", elea_type_of(ELEA_TYPE_UTF8), false);
    elea_field *value = field_of("value", elea_type_of(ELEA_TYPE_INT64), true);
    elea_type *type = NULL;
    elea_error err = {0};
    assert_int_equal(elea_type_new_map(NULL, key, value, false, &type, &err), ELEA_EINVAL);
    assert_null(type);
    assert_int_equal(elea_type_new_map(NULL, strict, value, true, &type, &err), ELEA_OK);
    assert_true(elea_type_keys_sorted(type));
    assert_string_equal(elea_field_name(elea_type_child(type, 0)), "entries");
    elea_type_unref(type);
    elea_field_unref(key);
    elea_field_unref(strict);
    elea_field_unref(value);
}

// A map as others make it: struct<KEY, VALUE> in a field of any name, nullable or not.
static elea_type *map_of(const char *entries_name, bool nullable, const char *key_name,
                         const char *value_name, const elea_metadata *metadata) {
    elea_error err = {0};
    elea_type *pair = NULL, *map = NULL;
    elea_field *key = field_of(key_name, elea_type_of(ELEA_TYPE_UTF8), false);
    elea_field *value = field_of(value_name, elea_type_of(ELEA_TYPE_INT64), true);
    elea_field *entries = NULL;
    const elea_field *fields[] = {key, value};
    assert_ok(elea_type_new_struct(NULL, fields, 2, &pair, &err));
    assert_ok(elea_field_new(NULL, elea_bytes_of(entries_name), pair, nullable, metadata, &entries,
                             &err));
    assert_ok(elea_type_new_map_of_entries(NULL, entries, false, &map, &err));
    elea_field_unref(entries);
    elea_type_unref(pair);
    elea_field_unref(value);
    elea_field_unref(key);
    return map;
}

static void maps_keep_their_entries(void **state) {
    (void)state;
    elea_error err = {0};
    elea_metadata *metadata = NULL;
    elea_bytes word = elea_bytes_of("word");
    assert_ok(elea_metadata_new(NULL, &word, &word, 1, &metadata, &err));
    elea_type *plain = map_of("entries", false, "key", "value", NULL);
    elea_type *others[] = {
        map_of("pairs", false, "key", "value", NULL), map_of("entries", false, "k", "value", NULL),
        map_of("entries", false, "key", "v", NULL), map_of("entries", false, "", "", NULL),
        map_of("entries", false, "key", "value", metadata)};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_true(elea_type_equal(plain, others[i], false));
        assert_false(elea_type_equal(plain, others[i], true));
        assert_true(elea_type_equal(others[i], others[i], true));
        elea_type_unref(others[i]);
    }
    elea_type *nullable = map_of("pairs", true, "key", "value", NULL);
    assert_true(elea_field_nullable(elea_type_child(nullable, 0)));
    assert_string_equal(elea_field_name(elea_type_child(nullable, 0)), "pairs");
    assert_false(elea_type_equal(plain, nullable, false));
    elea_type_unref(nullable);
    elea_type_unref(plain);
    elea_metadata_unref(metadata);
}

static void maps_refuse_other_entries(void **state) {
    (void)state;
    elea_error err = {0};
    elea_type *type = NULL, *pair = NULL;
    elea_field *key = field_of("k", elea_type_of(ELEA_TYPE_UTF8), true);
    const elea_field *fields[] = {key, key, key};
    assert_fails(ELEA_EINVAL, "the entries \"k\" of a map are utf8 with 0 children",
                 elea_type_new_map_of_entries(NULL, key, false, &type, &err));
    for (int64_t count = 0; count <= 3; count++) {
        assert_ok(elea_type_new_struct(NULL, fields, count, &pair, &err));
        elea_field *entries = field_of("e", pair, false);
        assert_fails(ELEA_EINVAL, count == 2 ? "the key \"k\" of a map is nullable" : "expected a",
                     elea_type_new_map_of_entries(NULL, entries, false, &type, &err));
        elea_field_unref(entries);
        elea_type_unref(pair);
    }
    assert_null(type);
    elea_field_unref(key);
}

static void nesting_has_a_limit(void **state) {
    (void)state;
    elea_type *type = elea_type_ref(elea_type_of(ELEA_TYPE_NULL));
    elea_error err = {0};
    int depth = 1;
    for (;; depth++) {
        elea_type *outer = NULL;
        elea_field *item = field_of("item", type, true);
        elea_status status = elea_type_new_list(NULL, ELEA_TYPE_LIST, item, &outer, &err);
        elea_field_unref(item);
        if (status != ELEA_OK) {
            assert_int_equal(status, ELEA_ECAPACITY);
            break;
        }
        elea_type_unref(type);
        type = outer;
    }
    assert_int_equal(depth, 64);
    elea_type_unref(type);
}

static void schemas_find_fields(void **state) {
    (void)state;
    elea_field *a = field_of("a", elea_type_of(ELEA_TYPE_INT8), true);
    elea_field *b = field_of("b", elea_type_of(ELEA_TYPE_INT8), false);
    const elea_field *fields[] = {a, b, a};
    elea_schema *schema = NULL;
    elea_bytes key = elea_bytes_of("k");
    elea_metadata *metadata = NULL;
    assert_int_equal(elea_metadata_new(NULL, &key, &key, 1, &metadata, NULL), ELEA_OK);
    assert_int_equal(elea_schema_new(NULL, fields, 3, metadata, &schema, NULL), ELEA_OK);
    elea_metadata_unref(metadata);
    assert_int_equal(elea_schema_find(schema, "b"), 1);
    assert_int_equal(elea_schema_find(schema, "a"), -2);
    assert_int_equal(elea_schema_find(schema, "c"), -1);
    assert_int_equal(elea_metadata_find(elea_schema_metadata(schema), "k"), 0);
    elea_schema *other = NULL;
    assert_int_equal(elea_schema_new(NULL, fields, 3, NULL, &other, NULL), ELEA_OK);
    assert_true(elea_schema_equal(schema, other, false));
    assert_false(elea_schema_equal(schema, other, true));
    elea_schema_unref(other);
    assert_int_equal(elea_schema_new(NULL, fields, 2, NULL, &other, NULL), ELEA_OK);
    assert_false(elea_schema_equal(schema, other, false));
    elea_schema_unref(other);
    elea_schema_unref(schema);
    elea_field_unref(a);
    elea_field_unref(b);
    assert_int_equal(elea_field_new(NULL, (elea_bytes){"a\0b", 3}, elea_type_of(ELEA_TYPE_INT8),
                                    true, NULL, &a, NULL),
                     ELEA_EINVAL);
}

static void metadata_is_a_bag_of_pairs(void **state) {
    (void)state;
    elea_bytes keys[] = {elea_bytes_of("a"), elea_bytes_of("b"), elea_bytes_of("a")};
    elea_bytes values[] = {elea_bytes_of("1"), elea_bytes_of("2"), elea_bytes_of("3")};
    elea_bytes keys_turned[] = {keys[1], keys[0], keys[2]};
    elea_bytes values_turned[] = {values[1], values[2], values[0]};
    elea_bytes values_other[] = {values[1], values[2], values[2]};
    elea_metadata *a = NULL;
    elea_metadata *b = NULL;
    elea_metadata *c = NULL;
    assert_int_equal(elea_metadata_new(NULL, keys, values, 3, &a, NULL), ELEA_OK);
    assert_int_equal(elea_metadata_new(NULL, keys_turned, values_turned, 3, &b, NULL), ELEA_OK);
    assert_int_equal(elea_metadata_new(NULL, keys_turned, values_other, 3, &c, NULL), ELEA_OK);
    assert_true(elea_metadata_equal(a, b));
    assert_false(elea_metadata_equal(a, c));
    assert_false(elea_metadata_equal(a, NULL));
    assert_true(elea_metadata_equal(NULL, NULL));
    assert_int_equal(elea_metadata_find(b, "a"), 1);
    assert_int_equal(elea_metadata_find(NULL, "a"), -1);
    assert_int_equal(elea_metadata_value(b, 1).size, 1);
    elea_metadata_unref(a);
    elea_metadata_unref(b);
    elea_metadata_unref(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_has_a_name_and_a_layout),
        cmocka_unit_test(layouts_are_told),
        cmocka_unit_test(parameters_are_kept_and_checked),
        cmocka_unit_test(names_of_list_items_count_as_metadata),
        cmocka_unit_test(maps_refuse_nullable_keys),
        cmocka_unit_test(maps_keep_their_entries),
        cmocka_unit_test(maps_refuse_other_entries),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(schemas_find_fields),
        cmocka_unit_test(metadata_is_a_bag_of_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
