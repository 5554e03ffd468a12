// SPDX-License-Identifier: Apache-2.0
//
// Extension types: the rules of the canonical ones, the registry from several threads, fields.
#include "support/cmocka_all.h"

#include <elea/columnar.h>

#include "base/os_internal.h"
#include "support/alloc_failures.h"

static elea_type *type_of(const char *text) {
    elea_error err = {0};
    elea_type *type = NULL;
    assert_ok(elea_type_parse(NULL, elea_bytes_of(text), &type, &err));
    return type;
}

// ---- rules

#define VARIANT "struct<metadata: binary not null, "
#define SHAPED "struct<data: list<float32>, shape: fixed_size_list<int32>[3]>"

static const struct {
    const char *name;
    const char *storage;
    const char *metadata;
    elea_status status;
    const char *message;
} rules[] = {
    {"arrow.bool8", "int8", "", ELEA_OK, ""},
    {"arrow.bool8", "uint8", "", ELEA_ETYPE,
     "extension type 'arrow.bool8': the storage is uint8, expected int8"},
    {"arrow.bool8", "int8", "{}", ELEA_EINVAL, "metadata of 2 bytes, expected none"},
    {"arrow.uuid", "fixed_size_binary[16]", "", ELEA_OK, ""},
    {"arrow.uuid", "fixed_size_binary[15]", "", ELEA_ETYPE,
     "the storage is fixed_size_binary[15], expected fixed_size_binary[16]"},
    {"arrow.uuid", "utf8", "", ELEA_ETYPE, "expected fixed_size_binary[16]"},
    {"arrow.uuid", "fixed_size_binary[16]", "x", ELEA_EINVAL, "metadata of 1 bytes"},
    {"arrow.json", "utf8", "", ELEA_OK, ""},
    {"arrow.json", "large_utf8", "{}", ELEA_OK, ""},
    {"arrow.json", "utf8_view", " { \n} ", ELEA_OK, ""},
    {"arrow.json", "binary", "", ELEA_ETYPE, "expected utf8, large_utf8 or utf8_view"},
    {"arrow.json", "utf8", "{\"a\": 1}", ELEA_EINVAL, "neither empty nor {}"},
    {"arrow.json", "utf8", "{", ELEA_EINVAL, "an unclosed object"},
    {"arrow.json", "utf8", "{}{}", ELEA_EINVAL, "neither empty nor {}"},
    {"arrow.timestamp_with_offset",
     "struct<timestamp: timestamp[ns, UTC], offset_minutes: int16 not null>", "", ELEA_OK, ""},
    {"arrow.timestamp_with_offset",
     "struct<timestamp: timestamp[s, UTC] not null, "
     "offset_minutes: dictionary<values: int16, indices: int8>>",
     "", ELEA_OK, ""},
    {"arrow.timestamp_with_offset",
     "struct<timestamp: timestamp[s, UTC], "
     "offset_minutes: run_end_encoded<r: int16 not null, v: int16>>",
     "", ELEA_OK, ""},
    {"arrow.timestamp_with_offset", "struct<timestamp: timestamp[s], offset_minutes: int16>", "",
     ELEA_ETYPE, "the storage is struct<timestamp: timestamp[s], offset_minutes: int16>, expected"},
    {"arrow.timestamp_with_offset", "struct<time: timestamp[s, UTC], offset_minutes: int16>", "",
     ELEA_ETYPE, "expected struct<timestamp"},
    {"arrow.timestamp_with_offset", "struct<timestamp: timestamp[s, UTC], offset: int16>", "",
     ELEA_ETYPE, "expected struct<timestamp"},
    {"arrow.timestamp_with_offset", "struct<timestamp: timestamp[s, UTC], offset_minutes: int32>",
     "", ELEA_ETYPE, "expected struct<timestamp"},
    {"arrow.timestamp_with_offset", "struct<timestamp: timestamp[s, UTC]>", "", ELEA_ETYPE,
     "expected struct<timestamp"},
    {"arrow.timestamp_with_offset", "int64", "", ELEA_ETYPE, "the storage is int64, expected"},
    {"arrow.timestamp_with_offset", "struct<timestamp: timestamp[s, UTC], offset_minutes: int16>",
     "{}", ELEA_EINVAL, "expected none"},
    {"arrow.parquet.variant", VARIANT "value: binary>", "", ELEA_OK, ""},
    {"arrow.parquet.variant",
     "struct<value: binary_view, metadata: dictionary<values: large_binary, indices: int8> "
     "not null>",
     "", ELEA_OK, ""},
    {"arrow.parquet.variant", VARIANT "typed_value: timestamp[us, UTC]>", "", ELEA_OK, ""},
    {"arrow.parquet.variant",
     VARIANT "typed_value: list<struct<value: binary, typed_value: struct<a: "
             "struct<typed_value: decimal128(3, 1)> not null>> not null>>",
     "", ELEA_OK, ""},
    {"arrow.parquet.variant", "binary", "", ELEA_ETYPE, "the storage is binary, expected a struct"},
    {"arrow.parquet.variant", "struct<metadata: binary, value: binary>", "", ELEA_ETYPE,
     "no field 'metadata' of binary that is not null"},
    {"arrow.parquet.variant", "struct<value: binary>", "", ELEA_ETYPE, "no field 'metadata'"},
    {"arrow.parquet.variant", "struct<metadata: utf8 not null, value: binary>", "", ELEA_ETYPE,
     "no field 'metadata'"},
    {"arrow.parquet.variant", "struct<metadata: binary not null>", "", ELEA_ETYPE,
     "neither a field 'value' nor 'typed_value'"},
    {"arrow.parquet.variant", VARIANT "value: utf8>", "", ELEA_ETYPE,
     "the field 'value' is utf8, expected binary"},
    {"arrow.parquet.variant", VARIANT "value: binary, value: binary>", "", ELEA_EINVAL,
     "two fields 'value'"},
    {"arrow.parquet.variant", VARIANT "typed_value: timestamp[ms]>", "", ELEA_ETYPE,
     "a typed_value of type timestamp"},
    {"arrow.parquet.variant", VARIANT "typed_value: timestamp[us, Asia/Tokyo]>", "", ELEA_ETYPE,
     "a typed_value of type timestamp"},
    {"arrow.parquet.variant", VARIANT "typed_value: fixed_size_binary[16]>", "", ELEA_ETYPE,
     "a typed_value of type fixed_size_binary"},
    {"arrow.parquet.variant", VARIANT "typed_value: list<int8 not null>>", "", ELEA_ETYPE,
     "field 'item': a int8, expected a struct that is not null"},
    {"arrow.parquet.variant", VARIANT "typed_value: struct<a: struct<value: binary>>>", "",
     ELEA_ETYPE, "field 'a': a nullable struct, expected a struct that is not null"},
    {"arrow.parquet.variant", VARIANT "typed_value: struct<a: struct<b: binary> not null>>", "",
     ELEA_ETYPE, "field 'a': neither a field 'value' nor 'typed_value'"},
    {"arrow.parquet.variant", VARIANT "value: binary>", "{}", ELEA_EINVAL, "expected none"},
    {"nobody.knows", "int8", "\xFF any bytes", ELEA_OK, ""},
    {"", "int8", "", ELEA_EINVAL, "the name of an extension type is empty"},
};

static const struct {
    const char *name;
    const char *storage;
    const char *metadata;
    elea_status status;
    const char *message;
} json_rules[] = {
    {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[6]", "{\"shape\": [2, 3]}", ELEA_OK, ""},
    {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[1]", "{\"shape\": []}", ELEA_OK, ""},
    {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[0]",
     "{\"shape\": [4294967296, 4294967296, 0]}", ELEA_OK, ""},
    {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[6]",
     "{\"shape\":[2,3],\"dim_names\":[\"a\",\"\"],\"permutation\":[1,0],\"new\":{}}", ELEA_OK, ""},
    {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[6]",
     "{\"shape\": [2, 3], \"dim_names\": null, \"permutation\": null}", ELEA_OK, ""},
    {"arrow.fixed_shape_tensor", "list<int8>", "{\"shape\": [2, 3]}", ELEA_ETYPE,
     "the storage is list<item: int8>, expected a fixed_size_list"},
    {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[6]", "", ELEA_EINVAL, "no JSON object"},
    {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[6]", "[2, 3]", ELEA_EINVAL,
     "no JSON object"},
    {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[6]", "{\"shape\": [2, 3]", ELEA_EINVAL,
     "no JSON object: "},
    {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[6]", "{\"shape\":[6],\"shape\":[6]}",
     ELEA_EINVAL, "no JSON object: duplicate"},
    {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[6]", "{}", ELEA_EINVAL, "no \"shape\""},
    {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[6]", "{\"shape\": 6}", ELEA_EINVAL,
     "\"shape\" is no array"},
    {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[6]", "{\"shape\": [2, 3.0]}", ELEA_EINVAL,
     "value 1 of \"shape\" is not a size"},
    {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[6]", "{\"shape\": [-2, -3]}", ELEA_EINVAL,
     "value 0 of \"shape\" is not a size"},
    {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[6]", "{\"shape\": [null]}", ELEA_EINVAL,
     "value 0 of \"shape\" is not a size"},
    {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[6]", "{\"shape\": [2, 4]}", ELEA_EINVAL,
     "do not multiply to 6 values"},
    {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[0]",
     "{\"shape\": [4294967296, 4294967296]}", ELEA_EINVAL, "do not multiply to 0 values"},
    {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[6]",
     "{\"shape\": [2, 3], \"dim_names\": [\"a\"]}", ELEA_EINVAL,
     "\"dim_names\" has 1 values, expected 2"},
    {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[6]",
     "{\"shape\": [2, 3], \"dim_names\": [\"a\", 1]}", ELEA_EINVAL,
     "value 1 of \"dim_names\" is not a string"},
    {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[6]",
     "{\"shape\": [2, 3], \"permutation\": [0, 0]}", ELEA_EINVAL,
     "value 1 of \"permutation\" is not one of the dimensions that are left"},
    {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[6]",
     "{\"shape\": [2, 3], \"permutation\": [0, 2]}", ELEA_EINVAL, "value 1 of \"permutation\""},
    {"arrow.variable_shape_tensor", SHAPED, "", ELEA_OK, ""},
    {"arrow.variable_shape_tensor", SHAPED, "{}", ELEA_OK, ""},
    {"arrow.variable_shape_tensor", SHAPED,
     "{\"uniform_shape\": [400, null, 3], \"dim_names\": [\"H\", \"W\", \"C\"]}", ELEA_OK, ""},
    {"arrow.variable_shape_tensor", SHAPED, "{\"uniform_shape\": [400, null]}", ELEA_EINVAL,
     "\"uniform_shape\" has 2 values, expected 3"},
    {"arrow.variable_shape_tensor", SHAPED, "{\"uniform_shape\": [1, 1, 2147483648]}", ELEA_EINVAL,
     "value 2 of \"uniform_shape\" is not a size or null"},
    {"arrow.variable_shape_tensor", SHAPED, "{\"permutation\": [0, 1]}", ELEA_EINVAL,
     "\"permutation\" has 2 values, expected 3"},
    {"arrow.variable_shape_tensor", "struct<data: list<int8>, shape: fixed_size_list<int64>[3]>",
     "", ELEA_ETYPE, "expected struct<data: list<...>, shape: fixed_size_list<int32>[...]>"},
    {"arrow.variable_shape_tensor", "struct<shape: list<int8>, data: fixed_size_list<int32>[3]>",
     "", ELEA_ETYPE, "expected struct<data"},
    {"arrow.variable_shape_tensor", "struct<data: list<int8>>", "", ELEA_ETYPE,
     "expected struct<data"},
    {"arrow.variable_shape_tensor",
     "struct<data: list<int8>, shape: fixed_size_list<int32>[2000000000]>", "", ELEA_ECAPACITY,
     "a tensor of 2000000000 dimensions, the limit is 1024"},
    {"arrow.opaque", "null", "{\"type_name\": \"varray\", \"vendor_name\": \"Oracle\"}", ELEA_OK,
     ""},
    {"arrow.opaque", "binary", "{\"type_name\": \"varray\"}", ELEA_EINVAL,
     "no string \"vendor_name\""},
    {"arrow.opaque", "binary", "{\"type_name\": 1, \"vendor_name\": \"\"}", ELEA_EINVAL,
     "no string \"type_name\""},
    {"arrow.opaque", "binary", "", ELEA_EINVAL, "no JSON object"},
};

static void check_rule(const char *name, const char *storage, const char *metadata,
                       elea_status status, const char *message) {
    elea_error err = {0};
    elea_type *type = type_of(storage);
    elea_extension extension = {elea_bytes_of(name), elea_bytes_of(metadata), type};
    if (status == ELEA_OK)
        assert_ok(elea_extension_validate(&extension, NULL, &err));
    else
        assert_fails(status, message, elea_extension_validate(&extension, NULL, &err));
    elea_field *field = NULL;
    assert_int_equal(
        elea_field_new_extension(NULL, elea_bytes_of("f"), &extension, true, NULL, &field, NULL),
        status);
    assert_true((field != NULL) == (status == ELEA_OK));
    elea_field_unref(field);
    elea_type_unref(type);
}

static void rules_are_kept(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        check_rule(rules[i].name, rules[i].storage, rules[i].metadata, rules[i].status,
                   rules[i].message);
    for (size_t i = 0; i < sizeof json_rules / sizeof json_rules[0]; i++) {
        if (ELEA_WITH_JANSSON)
            check_rule(json_rules[i].name, json_rules[i].storage, json_rules[i].metadata,
                       json_rules[i].status, json_rules[i].message);
        else
            check_rule(json_rules[i].name, json_rules[i].storage, json_rules[i].metadata,
                       ELEA_EUNSUPPORTED, "ELEA_WITH_JANSSON=ON");
    }
}

// The text of a type says nothing of metadata, so this one is put together.
static void variants_hold_uuids(void **state) {
    (void)state;
    elea_error err = {0};
    elea_type *bytes = type_of("fixed_size_binary[16]");
    elea_type *variant = NULL;
    elea_field *fields[2] = {NULL};
    elea_extension uuid = {elea_bytes_of("arrow.uuid"), {NULL, 0}, bytes};
    assert_ok(elea_field_new(NULL, elea_bytes_of("metadata"), elea_type_of(ELEA_TYPE_BINARY), false,
                             NULL, &fields[0], &err));
    assert_ok(elea_field_new_extension(NULL, elea_bytes_of("typed_value"), &uuid, true, NULL,
                                       &fields[1], &err));
    assert_ok(elea_type_new_struct(NULL, (const elea_field *const *)fields, 2, &variant, &err));
    elea_extension extension = {elea_bytes_of("arrow.parquet.variant"), {NULL, 0}, variant};
    assert_ok(elea_extension_validate(&extension, NULL, &err));
    elea_type_unref(variant);
    elea_field_unref(fields[1]);
    elea_field_unref(fields[0]);
    elea_type_unref(bytes);
}

// ---- fields

static void assert_bytes(elea_bytes found, const char *expected) {
    assert_int_equal(found.size, strlen(expected));
    assert_memory_equal(found.data, expected, strlen(expected));
}

static void fields_carry_the_type(void **state) {
    (void)state;
    elea_error err = {0};
    elea_bytes key = elea_bytes_of("k");
    elea_bytes value = elea_bytes_of("v");
    elea_metadata *metadata = NULL;
    elea_field *field = NULL;
    elea_field *again = NULL;
    elea_extension found = {{NULL, 0}, {NULL, 0}, NULL};
    elea_extension made = {elea_bytes_of("nobody.knows"), elea_bytes_of("\x01\x02"),
                           elea_type_of(ELEA_TYPE_INT64)};
    assert_ok(elea_metadata_new(NULL, &key, &value, 1, &metadata, &err));
    assert_ok(
        elea_field_new_extension(NULL, elea_bytes_of("f"), &made, false, metadata, &field, &err));
    assert_true(elea_extension_of(field, &found));
    assert_bytes(found.name, "nobody.knows");
    assert_bytes(found.metadata, "\x01\x02");
    assert_ptr_equal(found.storage, elea_type_of(ELEA_TYPE_INT64));
    assert_false(elea_field_nullable(field));
    const elea_metadata *whole = elea_field_metadata(field);
    assert_int_equal(elea_metadata_count(whole), 3);
    assert_bytes(elea_metadata_key(whole, 0), "k");
    assert_bytes(elea_metadata_key(whole, 1), "ARROW:extension:name");
    assert_bytes(elea_metadata_key(whole, 2), "ARROW:extension:metadata");
    assert_fails(
        ELEA_EINVAL, "the metadata name an extension type already",
        elea_field_new_extension(NULL, elea_bytes_of("f"), &made, false, whole, &again, &err));
    elea_field_unref(field);

    // Without a name it is none; without metadata they are empty.
    assert_ok(
        elea_field_new(NULL, key, elea_type_of(ELEA_TYPE_INT8), true, metadata, &field, &err));
    assert_false(elea_extension_of(field, &found));
    elea_field_unref(field);
    elea_metadata_unref(metadata);
    key = elea_bytes_of("ARROW:extension:name");
    assert_ok(elea_metadata_new(NULL, &key, &value, 1, &metadata, &err));
    assert_ok(
        elea_field_new(NULL, key, elea_type_of(ELEA_TYPE_INT8), true, metadata, &field, &err));
    assert_true(elea_extension_of(field, &found));
    assert_bytes(found.name, "v");
    assert_int_equal(found.metadata.size, 0);
    elea_field_unref(field);
    elea_metadata_unref(metadata);
}

// ---- tensors and opaque types

static void tensors_read_back(void **state) {
    (void)state;
#if ELEA_WITH_JANSSON
    static const struct {
        const char *name;
        const char *storage;
        const char *metadata;
    } cases[] = {
        {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[24]",
         "{\"shape\": [2, 3, 4], \"dim_names\": [\"x\", \"y \\\"z\\\"\", \"\"], "
         "\"permutation\": [2, 0, 1]}"},
        {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[6]", "{\"shape\": [6]}"},
        {"arrow.fixed_shape_tensor", "fixed_size_list<int8>[1]", "{\"shape\": []}"},
        {"arrow.variable_shape_tensor", SHAPED, "{}"},
        {"arrow.variable_shape_tensor", SHAPED, "{\"uniform_shape\": [400, null, 3]}"},
        {"arrow.variable_shape_tensor", SHAPED, "{\"permutation\": [1, 0, 2]}"},
    };
    elea_error err = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        elea_type *type = type_of(cases[i].storage);
        elea_extension extension = {elea_bytes_of(cases[i].name), elea_bytes_of(cases[i].metadata),
                                    type};
        elea_tensor_layout layout = {.dimension_count = 0};
        elea_text text;
        elea_text_init(&text, NULL);
        assert_ok(elea_tensor_layout_read(&extension, NULL, &layout, &err));
        assert_ok(elea_tensor_layout_format(&layout, &text, &err));
        assert_string_equal(text.data, cases[i].metadata);
        elea_tensor_layout_release(&layout);
        elea_tensor_layout_release(&layout);
        elea_text_release(&text);
        elea_type_unref(type);
    }
    elea_tensor_layout layout = {.dimension_count = 0};
    elea_extension other = {elea_bytes_of("arrow.uuid"), {NULL, 0}, elea_type_of(ELEA_TYPE_INT8)};
    assert_fails(ELEA_ETYPE, "is no tensor", elea_tensor_layout_read(&other, NULL, &layout, &err));
#endif
}

static void opaque_types_read_back(void **state) {
    (void)state;
    elea_error err = {0};
    elea_text text, type_name, vendor_name;
    elea_text_init(&text, NULL);
    elea_text_init(&type_name, NULL);
    elea_text_init(&vendor_name, NULL);
    assert_ok(
        elea_opaque_format(elea_bytes_of("geo\"metry"), elea_bytes_of("\xC3\xA9"), &text, &err));
    assert_string_equal(text.data,
                        "{\"type_name\": \"geo\\\"metry\", \"vendor_name\": \"\xC3\xA9\"}");
#if ELEA_WITH_JANSSON
    elea_extension extension = {
        elea_bytes_of("arrow.opaque"), {text.data, text.size}, elea_type_of(ELEA_TYPE_BINARY)};
    assert_ok(elea_opaque_read(&extension, &type_name, &vendor_name, &err));
    assert_string_equal(type_name.data, "geo\"metry");
    assert_string_equal(vendor_name.data, "\xC3\xA9");
    extension.name = elea_bytes_of("arrow.json");
    assert_fails(ELEA_ETYPE, "is not opaque",
                 elea_opaque_read(&extension, &type_name, &vendor_name, &err));
#endif
    elea_text_release(&vendor_name);
    elea_text_release(&type_name);
    elea_text_release(&text);
}

// ---- the registry

static elea_status check_int8(const elea_extension *extension, elea_pool *pool, void *context,
                              elea_error *err) {
    (void)pool;
    __atomic_add_fetch((int *)context, 1, __ATOMIC_RELAXED);
    if (elea_type_id_of(extension->storage) == ELEA_TYPE_INT8)
        return ELEA_OK;
    return elea_error_set(err, ELEA_ETYPE, "only int8 will do");
}

static void anybody_may_register(void **state) {
    (void)state;
    elea_error err = {0};
    int calls = 0;
    int64_t before = elea_pool_default()->bytes_allocated;
    elea_bytes name = elea_bytes_of("test.small");
    elea_extension good = {name, {NULL, 0}, elea_type_of(ELEA_TYPE_INT8)};
    elea_extension bad = {name, {NULL, 0}, elea_type_of(ELEA_TYPE_INT16)};
    assert_false(elea_extension_is_known(name));
    assert_true(elea_extension_is_known(elea_bytes_of("arrow.uuid")));
    assert_false(elea_extension_is_known((elea_bytes){NULL, 0}));
    assert_ok(elea_extension_validate(&bad, NULL, &err));
    assert_ok(elea_extension_register(name, check_int8, &calls, &err));
    assert_ok(elea_extension_register(elea_bytes_of("test.smaller"), check_int8, &calls, &err));
    assert_true(elea_extension_is_known(name));
    assert_ok(elea_extension_validate(&good, NULL, &err));
    assert_fails(ELEA_ETYPE, "extension type 'test.small': only int8 will do",
                 elea_extension_validate(&bad, NULL, &err));
    assert_int_equal(calls, 2);
    assert_fails(ELEA_EEXISTS, "'test.small' is registered already",
                 elea_extension_register(name, check_int8, NULL, &err));
    assert_fails(ELEA_EEXISTS, "'arrow.uuid' is registered already",
                 elea_extension_register(elea_bytes_of("arrow.uuid"), check_int8, NULL, &err));
    assert_fails(ELEA_EINVAL, "empty",
                 elea_extension_register((elea_bytes){NULL, 0}, check_int8, NULL, &err));
    assert_ok(elea_extension_unregister(name, &err));
    assert_ok(elea_extension_validate(&bad, NULL, &err));
    assert_ok(elea_extension_unregister(elea_bytes_of("test.smaller"), &err));
    assert_fails(ELEA_ENOTFOUND, "'test.small'", elea_extension_unregister(name, &err));
    assert_fails(ELEA_ENOTFOUND, "'arrow.uuid'",
                 elea_extension_unregister(elea_bytes_of("arrow.uuid"), &err));
    assert_fails(ELEA_ENOTFOUND, "''", elea_extension_unregister((elea_bytes){NULL, 0}, &err));
    assert_int_equal(elea_pool_default()->bytes_allocated, before);
}

#define THREADS 4

static int registered[THREADS]; // how often each thread did

// All register one name and take it away again. Only who registered it does, so that its own check
// is the one that is called meanwhile.
static void thread_run(void *context) {
    int *count = context;
    int calls = 0;
    int own = 0;
    elea_bytes name = elea_bytes_of("test.shared");
    elea_extension extension = {name, {NULL, 0}, elea_type_of(ELEA_TYPE_INT8)};
    for (int i = 0; i < 2000; i++) {
        elea_status status = elea_extension_register(name, check_int8, &calls, NULL);
        if (status != ELEA_OK) {
            *count -= status != ELEA_EEXISTS ? 1000000 : 0;
            continue;
        }
        bool good = elea_extension_is_known(name) &&
                    elea_extension_validate(&extension, NULL, NULL) == ELEA_OK &&
                    elea_extension_unregister(name, NULL) == ELEA_OK;
        *count += good && calls == ++own ? 1 : -1000000;
    }
}

static void threads_share_the_registry(void **state) {
    (void)state;
    elea_error err = {0};
    elea__os_thread threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_ok(elea__os_thread_start(thread_run, &registered[i], &threads[i], &err));
    for (int i = 0; i < THREADS; i++)
        elea__os_thread_join(threads[i]);
    int total = 0;
    for (int i = 0; i < THREADS; i++) {
        assert_true(registered[i] >= 0);
        total += registered[i];
    }
    assert_true(total > 0);
    assert_false(elea_extension_is_known(elea_bytes_of("test.shared")));
}

// ---- memory

static elea_status field_body(elea_pool *pool, void *context, elea_error *err) {
    elea_field *field = NULL;
    ELEA_TRY(elea_field_new_extension(pool, elea_bytes_of("f"), context, true, NULL, &field, err));
    elea_field_unref(field);
    return ELEA_OK;
}

static elea_status wrong_body(elea_pool *pool, void *context, elea_error *err) {
    elea_status status = elea_extension_validate(context, pool, err);
    return status == ELEA_ETYPE ? ELEA_OK : status;
}

static void memory_may_run_out(void **state) {
    (void)state;
    elea_type *list = type_of("fixed_size_list<int8>[6]");
    elea_extension tensor = {elea_bytes_of("arrow.fixed_shape_tensor"),
                             elea_bytes_of("{\"shape\": [2, 3], \"dim_names\": [\"a\", \"b\"]}"),
                             list};
    elea_extension opaque = {elea_bytes_of("arrow.opaque"),
                             elea_bytes_of("{\"type_name\": \"a\", \"vendor_name\": \"b\"}"), list};
    elea_extension uuid = {elea_bytes_of("arrow.uuid"), {NULL, 0}, list};
    if (ELEA_WITH_JANSSON) {
        assert_int_equal(elea_test_fail_each_allocation(field_body, &tensor), 4);
        elea_test_fail_each_allocation(field_body, &opaque);
    }
    elea_test_fail_each_allocation(wrong_body, &uuid);
    elea_type_unref(list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_are_kept),
        cmocka_unit_test(variants_hold_uuids),
        cmocka_unit_test(fields_carry_the_type),
        cmocka_unit_test(tensors_read_back),
        cmocka_unit_test(opaque_types_read_back),
        cmocka_unit_test(anybody_may_register),
        cmocka_unit_test(threads_share_the_registry),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
