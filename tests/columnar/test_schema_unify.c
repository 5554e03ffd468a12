// SPDX-License-Identifier: Apache-2.0
//
// Unified schemas: what each option allows, and what is refused. All pairs of types are compared
// with pyarrow in tests/python/.
#include "support/cmocka_all.h"

#include <stddef.h>

#include "columnar/type_internal.h"
#include "support/alloc_failures.h"
#include "support/type_cases.h"

static elea_schema *schema_of(const char *name, const elea_type *type, bool nullable) {
    elea_error err = {0};
    elea_schema *schema = NULL;
    elea_field *field = type_cases_field(name, type, nullable);
    assert_ok(elea_schema_new(NULL, (const elea_field *const[]){field}, 1, NULL, &schema, &err));
    elea_field_unref(field);
    return schema;
}

// Unifies two schemas of one field "x"; returns the type or NULL. Both orders give the same.
static elea_type *unify(const elea_type *a, const elea_type *b, const elea_unify_options *options) {
    elea_error err = {0};
    elea_schema *schemas[] = {schema_of("x", a, true), schema_of("x", b, true)};
    elea_schema *swapped[] = {schemas[1], schemas[0]};
    elea_schema *out = NULL;
    elea_schema *again = NULL;
    elea_type *type = NULL;
    elea_status status =
        elea_schema_unify(NULL, (const elea_schema *const *)schemas, 2, options, &out, &err);
    assert_true(status == ELEA_OK || status == ELEA_ETYPE);
    assert_int_equal(
        elea_schema_unify(NULL, (const elea_schema *const *)swapped, 2, options, &again, &err),
        status);
    if (status == ELEA_OK) {
        assert_true(elea_schema_equal(out, again, false));
        type = elea_type_ref(elea_field_type(elea_schema_field(out, 0)));
    }
    elea_schema_unref(out);
    elea_schema_unref(again);
    elea_schema_unref(schemas[0]);
    elea_schema_unref(schemas[1]);
    return type;
}

// That `option` (where it lies in the options) and no other one alone brings a and b to `expected`.
static void assert_option(size_t option, const elea_type *a, const elea_type *b,
                          const elea_type *expected) {
    for (size_t i = 0; i < sizeof(elea_unify_options); i++) {
        elea_unify_options options = {.promote_nullability = false};
        ((bool *)&options)[i] = true;
        elea_type *type = unify(a, b, &options);
        if (i == option) {
            assert_non_null(type);
            assert_true(elea_type_equal(type, expected, false));
        } else {
            assert_null(type);
        }
        elea_type_unref(type);
    }
}

#define OPTION(name) offsetof(elea_unify_options, name)

static void each_option_does_one_thing(void **state) {
    (void)state;
    elea_error err = {0};
    elea_type *small = NULL;
    elea_type *large = NULL;
    elea_type *both = NULL;
    elea_type *seconds = NULL;
    elea_type *nanos = NULL;
    const elea_type *int8 = elea_type_of(ELEA_TYPE_INT8);
    assert_ok(elea_type_new_decimal(NULL, ELEA_TYPE_DECIMAL128, 10, 2, &small, &err));
    assert_ok(elea_type_new_decimal(NULL, ELEA_TYPE_DECIMAL128, 10, 5, &large, &err));
    assert_ok(elea_type_new_decimal(NULL, ELEA_TYPE_DECIMAL128, 13, 5, &both, &err));
    assert_ok(elea_type_new_time(NULL, ELEA_TYPE_DURATION, ELEA_TIME_SECOND, &seconds, &err));
    assert_ok(elea_type_new_time(NULL, ELEA_TYPE_DURATION, ELEA_TIME_NANO, &nanos, &err));
    assert_option(OPTION(promote_nullability), elea_type_of(ELEA_TYPE_NULL), int8, int8);
    assert_option(OPTION(promote_decimal), small, large, both);
    assert_option(OPTION(promote_decimal_to_float), small, elea_type_of(ELEA_TYPE_FLOAT32),
                  elea_type_of(ELEA_TYPE_FLOAT32));
    assert_option(OPTION(promote_integer_to_decimal), small, int8, small);
    assert_option(OPTION(promote_integer_to_float), int8, elea_type_of(ELEA_TYPE_FLOAT16),
                  elea_type_of(ELEA_TYPE_FLOAT16));
    assert_option(OPTION(promote_integer_sign), elea_type_of(ELEA_TYPE_UINT32), int8,
                  elea_type_of(ELEA_TYPE_INT64));
    assert_option(OPTION(promote_numeric_width), elea_type_of(ELEA_TYPE_INT32), int8,
                  elea_type_of(ELEA_TYPE_INT32));
    assert_option(OPTION(promote_numeric_width), elea_type_of(ELEA_TYPE_FLOAT16),
                  elea_type_of(ELEA_TYPE_FLOAT64), elea_type_of(ELEA_TYPE_FLOAT64));
    assert_option(OPTION(promote_binary), elea_type_of(ELEA_TYPE_UTF8),
                  elea_type_of(ELEA_TYPE_LARGE_UTF8), elea_type_of(ELEA_TYPE_LARGE_UTF8));
    assert_option(OPTION(promote_temporal_unit), seconds, nanos, nanos);
    elea_type_unref(small);
    elea_type_unref(large);
    elea_type_unref(both);
    elea_type_unref(seconds);
    elea_type_unref(nanos);
}

static void nested_options(void **state) {
    (void)state;
    elea_error err = {0};
    elea_type *list = NULL;
    elea_type *large_list = NULL;
    elea_type *plain = NULL;
    elea_type *wide = NULL;
    elea_type *ordered = NULL;
    const elea_type *utf8 = elea_type_of(ELEA_TYPE_UTF8);
    elea_field *item = type_cases_field("item", elea_type_of(ELEA_TYPE_INT8), true);
    assert_ok(elea_type_new_list(NULL, ELEA_TYPE_LIST, item, &list, &err));
    assert_ok(elea_type_new_list(NULL, ELEA_TYPE_LARGE_LIST, item, &large_list, &err));
    assert_option(OPTION(promote_list), list, large_list, large_list);
    assert_ok(
        elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_INT8), utf8, false, &plain, &err));
    assert_ok(
        elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_INT32), utf8, false, &wide, &err));
    assert_ok(
        elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_INT8), utf8, true, &ordered, &err));
    assert_option(OPTION(promote_dictionary), plain, wide, wide);
    elea_unify_options options;
    elea_unify_options_init_permissive(&options);
    assert_null(unify(plain, ordered, &options));
    options.promote_dictionary_ordered = true;
    elea_type *unified = unify(plain, ordered, &options);
    assert_true(elea_type_equal(unified, plain, false));
    elea_type_unref(unified);
    elea_type_unref(list);
    elea_type_unref(large_list);
    elea_type_unref(plain);
    elea_type_unref(wide);
    elea_type_unref(ordered);
    elea_field_unref(item);
}

static void messages_name_the_field(void **state) {
    (void)state;
    elea_error err = {0};
    elea_schema *out = NULL;
    elea_schema *schemas[] = {schema_of("x", elea_type_of(ELEA_TYPE_INT8), true),
                              schema_of("x", elea_type_of(ELEA_TYPE_UTF8), true),
                              schema_of("x", elea_type_of(ELEA_TYPE_INT8), false)};
    const elea_schema *const *list = (const elea_schema *const *)schemas;
    assert_fails(ELEA_ETYPE, "schema 1: field \"x\": no common type of int8 and utf8",
                 elea_schema_unify(NULL, list, 2, NULL, &out, &err));
    assert_fails(ELEA_EINVAL, "0 schemas", elea_schema_unify(NULL, list, 0, NULL, &out, &err));
    const elea_schema *const two[] = {schemas[0], schemas[2]};
    elea_unify_options strict = {.promote_nullability = false};
    assert_fails(ELEA_ETYPE, "field \"x\" is nullable in one schema only",
                 elea_schema_unify(NULL, two, 2, &strict, &out, &err));
    assert_ok(elea_schema_unify(NULL, two, 2, NULL, &out, &err));
    assert_true(elea_field_nullable(elea_schema_field(out, 0)));
    elea_schema_unref(out);
    const elea_schema *const swapped[] = {schemas[2], schemas[0]};
    assert_ok(elea_schema_unify(NULL, swapped, 2, NULL, &out, &err));
    assert_true(elea_field_nullable(elea_schema_field(out, 0)));
    elea_schema_unref(out);
    for (int i = 0; i < 3; i++)
        elea_schema_unref(schemas[i]);
}

static void extension_types_are_kept_apart(void **state) {
    (void)state;
    elea_error err = {0};
    elea_type *storage = NULL;
    elea_field *uuid = NULL;
    elea_schema *with = NULL;
    elea_schema *out = NULL;
    assert_ok(elea_type_new_fixed_size_binary(NULL, 16, &storage, &err));
    elea_extension extension = {elea_bytes_of("arrow.uuid"), {NULL, 0}, storage};
    assert_ok(
        elea_field_new_extension(NULL, elea_bytes_of("x"), &extension, true, NULL, &uuid, &err));
    assert_ok(elea_schema_new(NULL, (const elea_field *const[]){uuid}, 1, NULL, &with, &err));
    elea_schema *without = schema_of("x", storage, true);
    elea_schema *nulls = schema_of("x", elea_type_of(ELEA_TYPE_NULL), true);
    assert_fails(
        ELEA_ETYPE, "extension types",
        elea_schema_unify(NULL, (const elea_schema *const[]){with, without}, 2, NULL, &out, &err));
    assert_ok(elea_schema_unify(NULL, (const elea_schema *const[]){nulls, with, with}, 3, NULL,
                                &out, &err));
    assert_true(elea_extension_of(elea_schema_field(out, 0), &extension));
    elea_schema_unref(out);
    elea_schema_unref(nulls);
    elea_schema_unref(with);
    elea_schema_unref(without);
    elea_field_unref(uuid);
    elea_type_unref(storage);
}

static elea_status unify_and_drop(elea_pool *pool, void *context, elea_error *err) {
    const elea_type *const *types = context;
    elea_status status = ELEA_OK;
    elea_field *fields[2] = {NULL, NULL};
    elea_schema *schemas[2] = {NULL, NULL};
    elea_schema *out = NULL;
    elea_unify_options options;
    elea_unify_options_init_permissive(&options);
    for (int i = 0; i < 2; i++) {
        ELEA_GOTO(done,
                  elea_field_new(pool, elea_bytes_of("x"), types[i], true, NULL, &fields[i], err));
        ELEA_GOTO(done, elea_schema_new(pool, (const elea_field *const *)&fields[i], 1, NULL,
                                        &schemas[i], err));
    }
    ELEA_GOTO(done,
              elea_schema_unify(pool, (const elea_schema *const *)schemas, 2, &options, &out, err));

done:
    elea_schema_unref(out);
    for (int i = 0; i < 2; i++) {
        elea_schema_unref(schemas[i]);
        elea_field_unref(fields[i]);
    }
    return status;
}

static elea_type *struct_of(const elea_type *a, const elea_type *b) {
    elea_error err = {0};
    elea_type *type = NULL;
    elea_field *fields[] = {type_cases_field("a", a, true), type_cases_field("b", b, true)};
    assert_ok(elea_type_new_struct(NULL, (const elea_field *const *)fields, 2, &type, &err));
    elea_field_unref(fields[0]);
    elea_field_unref(fields[1]);
    return type;
}

static void memory_may_run_out(void **state) {
    (void)state;
    elea_error err = {0};
    elea_type *dictionaries[2] = {NULL, NULL};
    elea_type *maps[2] = {NULL, NULL};
    elea_type *structs[2];
    for (int i = 0; i < 2; i++) {
        const elea_type *index = elea_type_of(i == 0 ? ELEA_TYPE_INT8 : ELEA_TYPE_UINT8);
        elea_field *key = type_cases_field("key", index, false);
        elea_field *value = type_cases_field("value", index, true);
        assert_ok(elea_type_new_dictionary(NULL, index, elea_type_of(ELEA_TYPE_UTF8), false,
                                           &dictionaries[i], &err));
        assert_ok(elea_type_new_map(NULL, key, value, false, &maps[i], &err));
        structs[i] = struct_of(dictionaries[i], maps[i]);
        elea_field_unref(key);
        elea_field_unref(value);
    }
    elea_test_fail_each_allocation(unify_and_drop, structs);
    for (int i = 0; i < 2; i++) {
        elea_type_unref(structs[i]);
        elea_type_unref(maps[i]);
        elea_type_unref(dictionaries[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_option_does_one_thing),
        cmocka_unit_test(nested_options),
        cmocka_unit_test(messages_name_the_field),
        cmocka_unit_test(extension_types_are_kept_apart),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
