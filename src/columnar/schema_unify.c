// SPDX-License-Identifier: Apache-2.0
//
// Unification of schemas: fields of one name become one field, whose type (type_unify.c) holds the
// values of all.
#include <string.h>

#include "base/math_internal.h"
#include "columnar/unify_internal.h"

void elea_unify_options_init(elea_unify_options *options) {
    *options = (elea_unify_options){.promote_nullability = true};
}

void elea_unify_options_init_permissive(elea_unify_options *options) {
    *options = (elea_unify_options){.promote_nullability = true,
                                    .promote_decimal = true,
                                    .promote_decimal_to_float = true,
                                    .promote_integer_to_decimal = true,
                                    .promote_integer_to_float = true,
                                    .promote_integer_sign = true,
                                    .promote_numeric_width = true,
                                    .promote_binary = true,
                                    .promote_temporal_unit = true,
                                    .promote_list = true,
                                    .promote_dictionary = true};
}

static bool bytes_equal(elea_bytes a, elea_bytes b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, (size_t)a.size) == 0);
}

// Whether values of the two fields mean different things, though their types be one.
static bool extensions_differ(const elea_field *a, const elea_field *b) {
    elea_extension x;
    elea_extension y;
    bool has_x = elea_extension_of(a, &x);
    bool has_y = elea_extension_of(b, &y);
    if (a->type->id == ELEA_TYPE_NULL || b->type->id == ELEA_TYPE_NULL)
        return false;
    return has_x != has_y ||
           (has_x && (!bytes_equal(x.name, y.name) || !bytes_equal(x.metadata, y.metadata)));
}

elea_status elea__field_unify(elea_pool *pool, const elea_field *a, const elea_field *b,
                              const elea_unify_options *options, elea_field **out,
                              elea_error *err) {
    elea_type *type = NULL;
    bool nullable = a->nullable || b->nullable || a->type->id == ELEA_TYPE_NULL ||
                    b->type->id == ELEA_TYPE_NULL;
    if (extensions_differ(a, b))
        return elea_error_set(err, ELEA_ETYPE,
                              "field \"%s\" has two extension types, or one of them", a->name);
    if (elea_field_equal(a, b, false)) {
        *out = elea_field_ref(a);
        return ELEA_OK;
    }
    if (a->nullable != b->nullable && !options->promote_nullability)
        return elea_error_set(err, ELEA_ETYPE, "field \"%s\" is nullable in one schema only",
                              a->name);
    elea_status status = elea__type_unify(pool, a->type, b->type, options, &type, err);
    if (status == ELEA_ETYPE)
        return elea_error_prefix(err, status, "field \"%s\"", a->name);
    if (status != ELEA_OK)
        return status;
    // What tells an extension type comes along when null becomes one.
    bool is_null = a->type->id == ELEA_TYPE_NULL && b->type->id != ELEA_TYPE_NULL;
    const elea_metadata *metadata =
        is_null && elea_extension_of(b, &(elea_extension){.storage = NULL}) ? b->metadata
                                                                            : a->metadata;
    status = elea_field_new(pool, elea_bytes_of(a->name), type, nullable, metadata, out, err);
    elea_type_unref(type);
    return status;
}

// The field with this name among `count`, or -1.
static int64_t find_name(const elea_field *const *fields, int64_t count, const char *name) {
    for (int64_t i = 0; i < count; i++) {
        if (strcmp(fields[i]->name, name) == 0)
            return i;
    }
    return -1;
}

static elea_status check_names(const elea_field *const *fields, int64_t count, elea_error *err) {
    for (int64_t i = 0; i < count; i++) {
        if (find_name(fields, i, fields[i]->name) >= 0)
            return elea_error_set(err, ELEA_EINVAL, "more than one field is named \"%s\"",
                                  fields[i]->name);
    }
    return ELEA_OK;
}

elea_status elea__fields_unify(elea_pool *pool, const elea_field *const *a, int64_t a_count,
                               const elea_field *const *b, int64_t b_count,
                               const elea_unify_options *options, elea_field **out,
                               int64_t *out_count, elea_error *err) {
    *out_count = 0;
    ELEA_TRY(check_names(a, a_count, err));
    ELEA_TRY(check_names(b, b_count, err));
    for (int64_t i = 0; i < a_count; i++) {
        int64_t found = find_name(b, b_count, a[i]->name);
        if (found >= 0)
            ELEA_TRY(elea__field_unify(pool, a[i], b[found], options, &out[i], err));
        else
            out[i] = elea_field_ref(a[i]);
        ++*out_count;
    }
    for (int64_t i = 0; i < b_count; i++) {
        if (find_name(a, a_count, b[i]->name) < 0)
            out[(*out_count)++] = elea_field_ref(b[i]);
    }
    return ELEA_OK;
}

static void list_fields(const elea_schema *schema, const elea_field **fields) {
    for (int64_t i = 0; i < elea_schema_field_count(schema); i++)
        fields[i] = elea_schema_field(schema, i);
}

static elea_status unify_two(elea_pool *pool, const elea_schema *a, const elea_schema *b,
                             const elea_unify_options *options, elea_schema **out,
                             elea_error *err) {
    void *block;
    int64_t made = 0;
    int64_t a_count = elea_schema_field_count(a);
    int64_t b_count = elea_schema_field_count(b);
    int64_t size = (a_count + b_count) * 2 * (int64_t)sizeof(elea_field *);
    ELEA_TRY(elea_alloc(pool, size, &block, err));
    const elea_field **fields = block;
    elea_field **unified = (elea_field **)block + a_count + b_count;
    list_fields(a, fields);
    list_fields(b, fields + a_count);
    elea_status status = elea__fields_unify(pool, fields, a_count, fields + a_count, b_count,
                                            options, unified, &made, err);
    if (status == ELEA_OK)
        status = elea_schema_new(pool, (const elea_field *const *)unified, made,
                                 elea_schema_metadata(a), out, err);
    for (int64_t i = 0; i < made; i++)
        elea_field_unref(unified[i]);
    elea_dealloc(pool, block, size);
    return status;
}

elea_status elea_schema_unify(elea_pool *pool, const elea_schema *const *schemas, int64_t count,
                              const elea_unify_options *options, elea_schema **out,
                              elea_error *err) {
    elea_unify_options defaults;
    elea_unify_options_init(&defaults);
    if (count < 1)
        return elea_error_set(err, ELEA_EINVAL, "%lld schemas to unify, expected at least one",
                              (long long)count);
    elea_schema *unified = elea_schema_ref(schemas[0]);
    // The first one with itself, too, so that its names are looked at.
    for (int64_t i = 0; i < count; i++) {
        elea_schema *next = NULL;
        elea_status status =
            unify_two(pool, unified, schemas[i], options ? options : &defaults, &next, err);
        elea_schema_unref(unified);
        if (status == ELEA_ETYPE || status == ELEA_EINVAL)
            return elea_error_prefix(err, status, "schema %lld", (long long)i);
        if (status != ELEA_OK)
            return status;
        unified = next;
    }
    *out = unified;
    return ELEA_OK;
}
