// SPDX-License-Identifier: Apache-2.0
//
// Fields of extension types that come in: known ones must be right, wherever they stand; of others
// nothing is asked.
#include <elea/abi.h>

#include "columnar/extension_internal.h"
#include "support/alloc_failures.h"
#include "support/cmocka_all.h"

static elea_type *type_of(const char *text) {
    elea_error err = {0};
    elea_type *type = NULL;
    assert_ok(elea_type_parse(NULL, elea_bytes_of(text), &type, &err));
    return type;
}

// A field "x" with the two pairs of an extension type, whatever they say.
static elea_field *field_of(const char *storage, const char *name, const char *text) {
    elea_error err = {0};
    elea_type *type = type_of(storage);
    elea_metadata *metadata = NULL;
    elea_field *field = NULL;
    const elea_bytes keys[] = {elea_bytes_of("ARROW:extension:name"),
                               elea_bytes_of("ARROW:extension:metadata")};
    const elea_bytes values[] = {elea_bytes_of(name), elea_bytes_of(text)};
    assert_ok(elea_metadata_new(NULL, keys, values, text ? 2 : 1, &metadata, &err));
    assert_ok(elea_field_new(NULL, elea_bytes_of("x"), type, true, metadata, &field, &err));
    elea_metadata_unref(metadata);
    elea_type_unref(type);
    return field;
}

// The field inside a list inside a struct.
static elea_field *nested(elea_field *field) {
    elea_error err = {0};
    elea_type *type = NULL;
    elea_field *inner = NULL, *outer = NULL;
    assert_ok(elea_type_new_list(NULL, ELEA_TYPE_LIST, field, &type, &err));
    assert_ok(elea_field_new(NULL, elea_bytes_of("list"), type, true, NULL, &inner, &err));
    elea_type_unref(type);
    assert_ok(elea_type_new_struct(NULL, (const elea_field *const *)&inner, 1, &type, &err));
    assert_ok(elea_field_new(NULL, elea_bytes_of("struct"), type, true, NULL, &outer, &err));
    elea_type_unref(type);
    elea_field_unref(inner);
    elea_field_unref(field);
    return outer;
}

static elea_schema *schema_of(const elea_field *field) {
    elea_error err = {0};
    elea_schema *schema = NULL;
    assert_ok(elea_schema_new(NULL, &field, 1, NULL, &schema, &err));
    return schema;
}

static const struct {
    const char *storage, *name, *metadata;
    elea_status status;
    const char *message;
} cases[] = {
    {"fixed_size_binary[16]", "arrow.uuid", "", ELEA_OK, NULL},
    {"fixed_size_binary[16]", "arrow.uuid", NULL, ELEA_OK, NULL},
    {"fixed_size_binary[15]", "arrow.uuid", "", ELEA_ETYPE,
     "extension type 'arrow.uuid': the storage is fixed_size_binary[15], expected"},
    {"fixed_size_binary[16]", "arrow.uuid", "x", ELEA_EINVAL, "metadata of 1 bytes"},
    {"int8", "arrow.bool8", "", ELEA_OK, NULL},
    {"bool", "arrow.bool8", "", ELEA_ETYPE, "extension type 'arrow.bool8'"},
    {"utf8", "arrow.json", "{}", ELEA_OK, NULL},
    {"binary", "arrow.json", "", ELEA_ETYPE, "extension type 'arrow.json'"},
    {"utf8", "arrow.json", "[]", ELEA_EINVAL, "neither empty nor {}"},
    {"int32", "arrow.parquet.variant", "", ELEA_ETYPE, "arrow.parquet.variant"},
    {"int32", "arrow.timestamp_with_offset", "", ELEA_ETYPE, "arrow.timestamp_with_offset"},
    // Nobody knows these.
    {"int32", "arrow.uuidx", "any\x01\xff", ELEA_OK, NULL},
    {"int32", "", "any", ELEA_OK, NULL},
    {"utf8", "geoarrow.wkb", "{", ELEA_OK, NULL},
};

static void fields_are_checked(void **state) {
    (void)state;
    elea_error err = {0};
    for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        size_t k = i / 2;
        elea_field *field = field_of(cases[k].storage, cases[k].name, cases[k].metadata);
        elea_field *back = NULL;
        elea_schema *read = NULL;
        struct ArrowSchema exported;
        if (i % 2 == 1)
            field = nested(field);
        elea_schema *schema = schema_of(field);
        for (int with_schema = 0; with_schema < 2; with_schema++) {
            if (with_schema)
                assert_ok(elea_schema_export(schema, NULL, &exported, &err));
            else
                assert_ok(elea_field_export(field, NULL, &exported, &err));
            err = (elea_error){0};
            elea_status status = with_schema ? elea_schema_import(&exported, NULL, &read, &err)
                                             : elea_field_import(&exported, NULL, &back, &err);
            assert_null(exported.release);
            assert_int_equal(status, cases[k].status);
            assert_int_equal(err.status, cases[k].status);
            if (cases[k].message)
                assert_non_null(strstr(err.message, cases[k].message));
        }
        // What passes, passes as it came.
        if (back)
            assert_true(elea_field_equal(back, field, true));
        assert_int_equal(elea__schema_check_extensions(schema, NULL, NULL), cases[k].status);
        elea_schema_unref(read);
        elea_schema_unref(schema);
        elea_field_unref(back);
        elea_field_unref(field);
    }
}

static void the_place_is_told(void **state) {
    (void)state;
    elea_error err = {0};
    struct ArrowSchema exported;
    elea_field *back = NULL;
    elea_field *field = nested(field_of("int8", "arrow.uuid", ""));
    elea_schema *schema = schema_of(field);
    assert_ok(elea_field_export(field, NULL, &exported, &err));
    assert_fails(ELEA_ETYPE, "child 0: child 0: extension type 'arrow.uuid'",
                 elea_field_import(&exported, NULL, &back, &err));
    assert_fails(ELEA_ETYPE, "field 'struct': field 'list': field 'x': extension type 'arrow.uuid'",
                 elea__schema_check_extensions(schema, NULL, &err));
    elea_schema_unref(schema);
    elea_field_unref(field);
}

// ---- tensors, whose metadata are JSON

static void tensors_are_checked_where_json_is_read(void **state) {
    (void)state;
    elea_error err = {0};
    struct ArrowSchema exported;
    elea_field *back = NULL;
    const char *const name = "arrow.fixed_shape_tensor";
    elea_field *good = field_of("fixed_size_list<int8>[6]", name, "{\"shape\": [2, 3]}");
    elea_field *bad = field_of("fixed_size_list<int8>[6]", name, "{\"shape\": [2, 4]}");
    elea_extension extension;
    assert_true(elea_extension_of(good, &extension));
    bool reads_json = elea_extension_validate(&extension, NULL, NULL) == ELEA_OK;
    assert_ok(elea_field_export(good, NULL, &exported, &err));
    assert_ok(elea_field_import(&exported, NULL, &back, &err));
    elea_field_unref(back);
    assert_ok(elea_field_export(bad, NULL, &exported, &err));
    err = (elea_error){0};
    elea_status status = elea_field_import(&exported, NULL, &back, &err);
    assert_int_equal(status, reads_json ? ELEA_EINVAL : ELEA_OK);
    assert_int_equal(err.status, status);
    if (status == ELEA_OK)
        elea_field_unref(back);
    elea_field_unref(good);
    elea_field_unref(bad);
}

// ---- types of users

static elea_status only_int32(const elea_extension *extension, elea_pool *pool, void *context,
                              elea_error *err) {
    (void)pool;
    ++*(int *)context;
    if (elea_type_id_of(extension->storage) == ELEA_TYPE_INT32)
        return ELEA_OK;
    return elea_error_set(err, ELEA_ETYPE, "only int32");
}

static void types_of_users_are_checked(void **state) {
    (void)state;
    elea_error err = {0};
    struct ArrowSchema exported;
    elea_field *back = NULL;
    int calls = 0;
    elea_field *field = field_of("int64", "test.only_int32", NULL);
    assert_ok(elea_extension_register(elea_bytes_of("test.only_int32"), only_int32, &calls, &err));
    assert_ok(elea_field_export(field, NULL, &exported, &err));
    assert_fails(ELEA_ETYPE, "extension type 'test.only_int32': only int32",
                 elea_field_import(&exported, NULL, &back, &err));
    assert_int_equal(calls, 1);
    assert_ok(elea_extension_unregister(elea_bytes_of("test.only_int32"), &err));
    assert_ok(elea_field_export(field, NULL, &exported, &err));
    assert_ok(elea_field_import(&exported, NULL, &back, &err));
    elea_field_unref(back);
    elea_field_unref(field);
}

static elea_status import_body(elea_pool *pool, void *context, elea_error *err) {
    struct ArrowSchema exported;
    elea_field *field = NULL;
    ELEA_TRY(elea_field_export(context, pool, &exported, err));
    elea_status status = elea_field_import(&exported, pool, &field, err);
    elea_field_unref(field);
    return status;
}

static elea_status refuse_body(elea_pool *pool, void *context, elea_error *err) {
    elea_status status = import_body(pool, context, err);
    return status == ELEA_ETYPE ? ELEA_OK : status;
}

static void memory_may_run_out(void **state) {
    (void)state;
    elea_field *field = field_of("fixed_size_list<int8>[6]", "arrow.fixed_shape_tensor",
                                 "{\"shape\": [2, 3], \"permutation\": [1, 0]}");
    elea_test_fail_each_allocation(import_body, field);
    elea_field_unref(field);
    field = nested(field_of("int8", "arrow.uuid", ""));
    elea_test_fail_each_allocation(refuse_body, field);
    elea_field_unref(field);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_checked),
        cmocka_unit_test(the_place_is_told),
        cmocka_unit_test(tensors_are_checked_where_json_is_read),
        cmocka_unit_test(types_of_users_are_checked),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
