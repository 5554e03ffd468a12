// SPDX-License-Identifier: Apache-2.0
//
// The rules of the canonical extension types, as Arrow's "Canonical Extension Types" gives them.
#include <string.h>

#include "columnar/extension_internal.h"

elea_status elea__extension_wrong_storage(const elea_extension *extension, elea_pool *pool,
                                          const char *expected, elea_error *err) {
    elea_text text;
    elea_text_init(&text, pool);
    elea_status status = elea_type_format(extension->storage, &text, err);
    if (status == ELEA_OK)
        status =
            elea_error_set(err, ELEA_ETYPE, "the storage is %s, expected %s", text.data, expected);
    elea_text_release(&text);
    return status;
}

static elea_status no_metadata(const elea_extension *extension, elea_error *err) {
    if (extension->metadata.size == 0)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "metadata of %lld bytes, expected none",
                          (long long)extension->metadata.size);
}

static elea_status check_bool8(const elea_extension *extension, elea_pool *pool, void *context,
                               elea_error *err) {
    (void)context;
    if (elea_type_id_of(extension->storage) != ELEA_TYPE_INT8)
        return elea__extension_wrong_storage(extension, pool, "int8", err);
    return no_metadata(extension, err);
}

static elea_status check_uuid(const elea_extension *extension, elea_pool *pool, void *context,
                              elea_error *err) {
    (void)context;
    if (elea_type_id_of(extension->storage) != ELEA_TYPE_FIXED_SIZE_BINARY ||
        elea_type_fixed_size(extension->storage) != 16)
        return elea__extension_wrong_storage(extension, pool, "fixed_size_binary[16]", err);
    return no_metadata(extension, err);
}

static bool is_utf8(const elea_type *type) {
    elea_type_id id = elea_type_id_of(type);
    return id == ELEA_TYPE_UTF8 || id == ELEA_TYPE_LARGE_UTF8 || id == ELEA_TYPE_UTF8_VIEW;
}

// Nothing, or an object without members; no more may stand there.
static elea_status check_json(const elea_extension *extension, elea_pool *pool, void *context,
                              elea_error *err) {
    static const char object[] = "{}";
    int64_t seen = 0;
    (void)context;
    if (!is_utf8(extension->storage))
        return elea__extension_wrong_storage(extension, pool, "utf8, large_utf8 or utf8_view", err);
    for (int64_t i = 0; i < extension->metadata.size; i++) {
        char byte = extension->metadata.data[i];
        if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r')
            continue;
        if (seen == 2 || byte != object[seen])
            return elea_error_set(err, ELEA_EINVAL, "the metadata are neither empty nor {}");
        seen++;
    }
    return seen == 1 ? elea_error_set(err, ELEA_EINVAL, "the metadata are an unclosed object")
                     : ELEA_OK;
}

// ---- timestamps with offsets

// The type of the values behind a dictionary or runs, else the type itself.
static const elea_type *decoded(const elea_type *type) {
    if (elea_type_value_type(type))
        return elea_type_value_type(type);
    if (elea_type_id_of(type) == ELEA_TYPE_RUN_END_ENCODED)
        return elea_field_type(elea_type_child(type, 1));
    return type;
}

static elea_status check_timestamp_with_offset(const elea_extension *extension, elea_pool *pool,
                                               void *context, elea_error *err) {
    const elea_type *storage = extension->storage;
    (void)context;
    bool good = elea_type_id_of(storage) == ELEA_TYPE_STRUCT && elea_type_child_count(storage) == 2;
    if (good) {
        const elea_field *time = elea_type_child(storage, 0);
        const elea_field *offset = elea_type_child(storage, 1);
        good = strcmp(elea_field_name(time), "timestamp") == 0 &&
               strcmp(elea_field_name(offset), "offset_minutes") == 0 &&
               elea_type_id_of(elea_field_type(time)) == ELEA_TYPE_TIMESTAMP &&
               strcmp(elea_type_time_zone(elea_field_type(time)), "UTC") == 0 &&
               elea_type_id_of(decoded(elea_field_type(offset))) == ELEA_TYPE_INT16;
    }
    if (!good)
        return elea__extension_wrong_storage(
            extension, pool, "struct<timestamp: timestamp[..., UTC], offset_minutes: int16>", err);
    return no_metadata(extension, err);
}

// ---- variants

static bool is_binary(const elea_type *type) {
    elea_type_id id = elea_type_id_of(type);
    return id == ELEA_TYPE_BINARY || id == ELEA_TYPE_LARGE_BINARY || id == ELEA_TYPE_BINARY_VIEW;
}

static bool is_variant_timestamp(const elea_type *type) {
    const char *zone = elea_type_time_zone(type);
    elea_time_unit unit = elea_type_time_unit(type);
    return (unit == ELEA_TIME_MICRO || unit == ELEA_TIME_NANO) &&
           (zone[0] == '\0' || strcmp(zone, "UTC") == 0);
}

static bool is_variant_primitive(const elea_field *field) {
    const elea_type *type = elea_field_type(field);
    elea_extension extension;
    switch (elea_type_id_of(type)) {
    case ELEA_TYPE_NULL:
    case ELEA_TYPE_BOOL:
    case ELEA_TYPE_INT8:
    case ELEA_TYPE_UINT8:
    case ELEA_TYPE_INT16:
    case ELEA_TYPE_UINT16:
    case ELEA_TYPE_INT32:
    case ELEA_TYPE_UINT32:
    case ELEA_TYPE_INT64:
    case ELEA_TYPE_FLOAT32:
    case ELEA_TYPE_FLOAT64:
    case ELEA_TYPE_DECIMAL32:
    case ELEA_TYPE_DECIMAL64:
    case ELEA_TYPE_DECIMAL128:
    case ELEA_TYPE_DATE32:
    case ELEA_TYPE_TIME64:
        return true;
    case ELEA_TYPE_TIMESTAMP:
        return is_variant_timestamp(type);
    case ELEA_TYPE_FIXED_SIZE_BINARY:
        return elea_extension_of(field, &extension) &&
               elea__bytes_are(extension.name, "arrow.uuid") && elea_type_fixed_size(type) == 16;
    default:
        return is_binary(type) || is_utf8(type);
    }
}

static elea_status check_variant_fields(const elea_type *type, bool is_top, elea_error *err);

// What is in a list or an object: a struct that may not be null, of value and typed value.
static elea_status check_variant_group(const elea_field *field, elea_error *err) {
    elea_status status;
    if (elea_field_nullable(field) || elea_type_id_of(elea_field_type(field)) != ELEA_TYPE_STRUCT)
        status = elea_error_set(err, ELEA_ETYPE, "%s %s, expected a struct that is not null",
                                elea_field_nullable(field) ? "a nullable" : "a",
                                elea_type_id_name(elea_type_id_of(elea_field_type(field))));
    else
        status = check_variant_fields(elea_field_type(field), false, err);
    if (status == ELEA_OK)
        return ELEA_OK;
    return elea_error_prefix(err, status, "field '%s'", elea_field_name(field));
}

static elea_status check_typed_value(const elea_field *field, elea_error *err) {
    const elea_type *type = elea_field_type(field);
    elea_type_id id = elea_type_id_of(type);
    bool is_list = id == ELEA_TYPE_LIST || id == ELEA_TYPE_LARGE_LIST || id == ELEA_TYPE_LIST_VIEW;
    if (is_list || id == ELEA_TYPE_STRUCT) {
        for (int64_t i = 0; i < elea_type_child_count(type); i++)
            ELEA_TRY(check_variant_group(elea_type_child(type, i), err));
        return ELEA_OK;
    }
    if (is_variant_primitive(field))
        return ELEA_OK;
    return elea_error_set(err, ELEA_ETYPE, "a typed_value of type %s", elea_type_id_name(id));
}

// `type` is a struct.
static elea_status check_variant_fields(const elea_type *type, bool is_top, elea_error *err) {
    static const char *const names[] = {"metadata", "value", "typed_value"};
    const elea_field *found[3] = {NULL};
    for (int64_t i = 0; i < elea_type_child_count(type); i++) {
        const elea_field *field = elea_type_child(type, i);
        for (int k = 0; k < 3; k++) {
            if (strcmp(elea_field_name(field), names[k]) != 0)
                continue;
            if (found[k])
                return elea_error_set(err, ELEA_EINVAL, "two fields '%s'", names[k]);
            found[k] = field;
        }
    }
    if (is_top && (!found[0] || elea_field_nullable(found[0]) ||
                   !is_binary(decoded(elea_field_type(found[0])))))
        return elea_error_set(err, ELEA_ETYPE, "no field 'metadata' of binary that is not null");
    if (!found[1] && !found[2])
        return elea_error_set(err, ELEA_ETYPE, "neither a field 'value' nor 'typed_value'");
    if (found[1] && !is_binary(elea_field_type(found[1])))
        return elea_error_set(err, ELEA_ETYPE, "the field 'value' is %s, expected binary",
                              elea_type_id_name(elea_type_id_of(elea_field_type(found[1]))));
    return found[2] ? check_typed_value(found[2], err) : ELEA_OK;
}

static elea_status check_variant(const elea_extension *extension, elea_pool *pool, void *context,
                                 elea_error *err) {
    (void)context;
    if (elea_type_id_of(extension->storage) != ELEA_TYPE_STRUCT)
        return elea__extension_wrong_storage(extension, pool, "a struct", err);
    ELEA_TRY(check_variant_fields(extension->storage, true, err));
    return no_metadata(extension, err);
}

// ---- the table

elea_extension_check elea__extension_canonical(elea_bytes name) {
    static const struct {
        const char *name;
        elea_extension_check check;
    } table[] = {
        {"arrow.bool8", check_bool8},
        {"arrow.fixed_shape_tensor", elea__check_tensor},
        {"arrow.json", check_json},
        {"arrow.opaque", elea__check_opaque},
        {"arrow.parquet.variant", check_variant},
        {"arrow.timestamp_with_offset", check_timestamp_with_offset},
        {"arrow.uuid", check_uuid},
        {"arrow.variable_shape_tensor", elea__check_tensor},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (elea__bytes_are(name, table[i].name))
            return table[i].check;
    }
    return NULL;
}
