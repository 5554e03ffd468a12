// SPDX-License-Identifier: Apache-2.0
#include "memory/memory_schema.h"

typedef enum column_kind {
    KIND_UTF8,
    KIND_BINARY,
    KIND_BOOL,
    KIND_INT32,
    KIND_INT64,
    KIND_FLOAT16,
    KIND_FLOAT32,
    KIND_TIME,
    KIND_TEXT_LIST,
    KIND_EMBEDDING,
    KIND_ENTITIES,
    KIND_COMPRESSION,
} column_kind;

typedef struct column_spec {
    const char *name;
    column_kind kind;
    bool nullable;
} column_spec;

static const column_spec memory_columns[] = {
#define COLUMN_SPEC(id, text, kind, nullable) {text, KIND_##kind, nullable},
    ELEA_MEMORY_COLUMN_LIST(COLUMN_SPEC)
#undef COLUMN_SPEC
};

static const column_spec entity_fields[] = {
    {"persons", KIND_TEXT_LIST, false},  {"locations", KIND_TEXT_LIST, false},
    {"dates", KIND_TEXT_LIST, false},    {"numbers", KIND_TEXT_LIST, false},
    {"keywords", KIND_TEXT_LIST, false},
};

static const column_spec compression_fields[] = {
    {"original_size", KIND_INT32, false},
    {"compressed_size", KIND_INT32, false},
    {"ratio", KIND_FLOAT32, false},
    {"method", KIND_UTF8, false},
};

enum { FIELDS_MAX = ELEA__MEMORY_COLUMN_COUNT };

#define COUNT_OF(array) ((int64_t)(sizeof(array) / sizeof((array)[0])))

static elea_status make_field(elea_pool *pool, const column_spec *spec, int32_t dimension,
                              elea_field **out, elea_error *err);

static void unref_fields(elea_field **fields, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        elea_field_unref(fields[i]);
}

// Makes one field for each spec; on failure none is left.
static elea_status make_fields(elea_pool *pool, const column_spec *specs, int64_t count,
                               int32_t dimension, elea_field **fields, elea_error *err) {
    for (int64_t i = 0; i < count; i++) {
        elea_status status = make_field(pool, &specs[i], dimension, &fields[i], err);
        if (status != ELEA_OK) {
            unref_fields(fields, i);
            return status;
        }
    }
    return ELEA_OK;
}

static elea_status make_struct(elea_pool *pool, const column_spec *specs, int64_t count,
                               elea_type **out, elea_error *err) {
    elea_field *fields[FIELDS_MAX];
    ELEA_TRY(make_fields(pool, specs, count, 0, fields, err));
    elea_status status =
        elea_type_new_struct(pool, (const elea_field *const *)fields, count, out, err);
    unref_fields(fields, count);
    return status;
}

static elea_status make_list(elea_pool *pool, const column_spec *item_spec, int32_t fixed_size,
                             elea_type **out, elea_error *err) {
    elea_field *item = NULL;
    ELEA_TRY(make_field(pool, item_spec, 0, &item, err));
    elea_status status = fixed_size > 0
                             ? elea_type_new_fixed_size_list(pool, item, fixed_size, out, err)
                             : elea_type_new_list(pool, ELEA_TYPE_LIST, item, out, err);
    elea_field_unref(item);
    return status;
}

static elea_status make_type(elea_pool *pool, column_kind kind, int32_t dimension, elea_type **out,
                             elea_error *err) {
    static const elea_type_id simple[] = {
        [KIND_UTF8] = ELEA_TYPE_UTF8,       [KIND_BINARY] = ELEA_TYPE_BINARY,
        [KIND_BOOL] = ELEA_TYPE_BOOL,       [KIND_INT32] = ELEA_TYPE_INT32,
        [KIND_INT64] = ELEA_TYPE_INT64,     [KIND_FLOAT16] = ELEA_TYPE_FLOAT16,
        [KIND_FLOAT32] = ELEA_TYPE_FLOAT32,
    };
    // Items may be null as far as the type goes, as every Arrow library has it by default, so that
    // types compare equal with those of others.
    static const column_spec text_item = {"item", KIND_UTF8, true};
    static const column_spec half_item = {"item", KIND_FLOAT16, true};

    switch (kind) {
    case KIND_TIME:
        return elea_type_new_timestamp(pool, ELEA_TIME_MICRO, "UTC", out, err);
    case KIND_TEXT_LIST:
        return make_list(pool, &text_item, 0, out, err);
    case KIND_EMBEDDING:
        return make_list(pool, &half_item, dimension, out, err);
    case KIND_ENTITIES:
        return make_struct(pool, entity_fields, COUNT_OF(entity_fields), out, err);
    case KIND_COMPRESSION:
        return make_struct(pool, compression_fields, COUNT_OF(compression_fields), out, err);
    default:
        *out = elea_type_ref(elea_type_of(simple[kind]));
        return ELEA_OK;
    }
}

static elea_status make_field(elea_pool *pool, const column_spec *spec, int32_t dimension,
                              elea_field **out, elea_error *err) {
    elea_type *type = NULL;
    ELEA_TRY(make_type(pool, spec->kind, dimension, &type, err));
    elea_status status =
        elea_field_new(pool, elea_bytes_of(spec->name), type, spec->nullable, NULL, out, err);
    elea_type_unref(type);
    return status;
}

const char *elea__memory_column_name(elea__memory_column column) {
    return memory_columns[column].name;
}

elea_status elea_memory_schema_new(elea_pool *pool, int32_t dimension, elea_schema **out,
                                   elea_error *err) {
    if (dimension <= 0)
        return elea_error_set(err, ELEA_EINVAL, "dimension of an embedding is %d, not positive",
                              (int)dimension);
    elea_field *fields[FIELDS_MAX];
    ELEA_TRY(make_fields(pool, memory_columns, ELEA__MEMORY_COLUMN_COUNT, dimension, fields, err));
    elea_status status = elea_schema_new(pool, (const elea_field *const *)fields,
                                         ELEA__MEMORY_COLUMN_COUNT, NULL, out, err);
    unref_fields(fields, ELEA__MEMORY_COLUMN_COUNT);
    return status;
}
