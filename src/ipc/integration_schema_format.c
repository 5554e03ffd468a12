// SPDX-License-Identifier: Apache-2.0
//
// Schemas in the integration format.
#include <string.h>

#include "ipc/integration_document.h"

typedef struct schema_writer {
    elea_text *text;
    int64_t next_id; // dictionaries are numbered as they are met
} schema_writer;

static elea_status put(schema_writer *writer, const char *string, elea_error *err) {
    return elea_text_append(writer->text, elea_bytes_of(string), err);
}

static elea_status put_text(schema_writer *writer, elea_bytes text, elea_error *err) {
    int64_t valid = elea_utf8_check(text.data, text.size);
    if (valid != text.size)
        return elea_error_set(err, ELEA_EINVAL, "byte %lld of \"%.*s\" is not UTF-8",
                              (long long)valid, (int)(text.size < 100 ? text.size : 100),
                              text.data);
    return elea_text_append_json(writer->text, text, err);
}

static elea_status put_metadata(schema_writer *writer, const elea_metadata *metadata,
                                elea_error *err) {
    int64_t count = elea_metadata_count(metadata);
    if (count == 0)
        return ELEA_OK;
    ELEA_TRY(put(writer, ", \"metadata\": [", err));
    for (int64_t i = 0; i < count; i++) {
        ELEA_TRY(put(writer, i > 0 ? ", {\"key\": " : "{\"key\": ", err));
        ELEA_TRY(put_text(writer, elea_metadata_key(metadata, i), err));
        ELEA_TRY(put(writer, ", \"value\": ", err));
        ELEA_TRY(put_text(writer, elea_metadata_value(metadata, i), err));
        ELEA_TRY(put(writer, "}", err));
    }
    return put(writer, "]", err);
}

static elea_status put_union(schema_writer *writer, const elea_type *type, elea_error *err) {
    ELEA_TRY(put(writer, ", \"typeIds\": [", err));
    for (int64_t i = 0; i < elea_type_child_count(type); i++)
        ELEA_TRY(elea_text_append_format(writer->text, err, "%s%d", i > 0 ? ", " : "",
                                         elea_type_union_codes(type)[i]));
    return put(writer, "]", err);
}

// The parameters that do not select the type.
static elea_status put_parameters(schema_writer *writer, const elea_type *type, elea_error *err) {
    elea_text *text = writer->text;
    switch (elea_type_id_of(type)) {
    case ELEA_TYPE_TIMESTAMP:
    case ELEA_TYPE_TIME32:
    case ELEA_TYPE_TIME64:
    case ELEA_TYPE_DURATION:
        ELEA_TRY(elea_text_append_format(text, err, ", \"unit\": \"%s\"",
                                         elea__integration_unit_name(elea_type_time_unit(type))));
        if (elea_type_time_zone(type)[0] == '\0')
            return ELEA_OK;
        ELEA_TRY(put(writer, ", \"timezone\": ", err));
        return put_text(writer, elea_bytes_of(elea_type_time_zone(type)), err);
    case ELEA_TYPE_DECIMAL32:
    case ELEA_TYPE_DECIMAL64:
    case ELEA_TYPE_DECIMAL128:
    case ELEA_TYPE_DECIMAL256:
        return elea_text_append_format(text, err, ", \"precision\": %d, \"scale\": %d",
                                       elea_type_precision(type), elea_type_scale(type));
    case ELEA_TYPE_FIXED_SIZE_BINARY:
        return elea_text_append_format(text, err, ", \"byteWidth\": %d",
                                       elea_type_fixed_size(type));
    case ELEA_TYPE_FIXED_SIZE_LIST:
        return elea_text_append_format(text, err, ", \"listSize\": %d", elea_type_fixed_size(type));
    case ELEA_TYPE_MAP:
        return elea_text_append_format(text, err, ", \"keysSorted\": %s",
                                       elea_type_keys_sorted(type) ? "true" : "false");
    case ELEA_TYPE_SPARSE_UNION:
    case ELEA_TYPE_DENSE_UNION:
        return put_union(writer, type, err);
    default:
        return ELEA_OK;
    }
}

static elea_status put_type(schema_writer *writer, const elea_type *type, elea_error *err) {
    elea_type_id id = elea_type_id_of(type);
    const elea__integration_name *name = elea__integration_name_of(id);
    if (!name->name)
        return elea_error_set(err, ELEA_EUNSUPPORTED, "the format has no values of %s",
                              elea_type_id_name(id));
    ELEA_TRY(elea_text_append_format(writer->text, err, "{\"name\": \"%s\"", name->name));
    if (name->word_key)
        ELEA_TRY(elea_text_append_format(writer->text, err, ", \"%s\": \"%s\"", name->word_key,
                                         name->word));
    if (name->bits > 0)
        ELEA_TRY(elea_text_append_format(writer->text, err, ", \"bitWidth\": %d", name->bits));
    if (strcmp(name->name, "int") == 0)
        ELEA_TRY(elea_text_append_format(writer->text, err, ", \"isSigned\": %s",
                                         name->is_signed ? "true" : "false"));
    ELEA_TRY(put_parameters(writer, type, err));
    return put(writer, "}", err);
}

static elea_status put_field(schema_writer *writer, const elea_field *field, elea_error *err);

static elea_status put_encoding(schema_writer *writer, const elea_type *type, elea_error *err) {
    if (elea_type_layout_of(type) != ELEA_LAYOUT_DICTIONARY)
        return ELEA_OK;
    ELEA_TRY(elea_text_append_format(writer->text, err,
                                     ", \"dictionary\": {\"id\": %lld, "
                                     "\"indexType\": ",
                                     (long long)writer->next_id++));
    ELEA_TRY(put_type(writer, elea_type_index_type(type), err));
    return elea_text_append_format(writer->text, err, ", \"isOrdered\": %s}",
                                   elea_type_ordered(type) ? "true" : "false");
}

static elea_status put_field_parts(schema_writer *writer, const elea_field *field,
                                   elea_error *err) {
    const elea_type *type = elea_field_type(field);
    bool is_encoded = elea_type_layout_of(type) == ELEA_LAYOUT_DICTIONARY;
    const elea_type *values = is_encoded ? elea_type_value_type(type) : type;
    ELEA_TRY(put(writer, "{\"name\": ", err));
    ELEA_TRY(put_text(writer, elea_bytes_of(elea_field_name(field)), err));
    ELEA_TRY(put(writer, ", \"type\": ", err));
    ELEA_TRY(put_type(writer, values, err));
    ELEA_TRY(elea_text_append_format(writer->text, err, ", \"nullable\": %s, \"children\": [",
                                     elea_field_nullable(field) ? "true" : "false"));
    for (int64_t i = 0; i < elea_type_child_count(values); i++) {
        ELEA_TRY(put(writer, i > 0 ? ", " : "", err));
        ELEA_TRY(put_field(writer, elea_type_child(values, i), err));
    }
    ELEA_TRY(put(writer, "]", err));
    ELEA_TRY(put_encoding(writer, type, err));
    ELEA_TRY(put_metadata(writer, elea_field_metadata(field), err));
    return put(writer, "}", err);
}

static elea_status put_field(schema_writer *writer, const elea_field *field, elea_error *err) {
    elea_status status = put_field_parts(writer, field, err);
    if (status == ELEA_OK)
        return ELEA_OK;
    return elea_error_prefix(err, status, "field \"%s\"", elea_field_name(field));
}

elea_status elea_schema_format_json(const elea_schema *schema, elea_text *text, elea_error *err) {
    schema_writer writer = {.text = text};
    ELEA_TRY(put(&writer, "{\"fields\": [", err));
    for (int64_t i = 0; i < elea_schema_field_count(schema); i++) {
        ELEA_TRY(put(&writer, i > 0 ? ",\n  " : "\n  ", err));
        ELEA_TRY(put_field(&writer, elea_schema_field(schema, i), err));
    }
    ELEA_TRY(put(&writer, "]", err));
    ELEA_TRY(put_metadata(&writer, elea_schema_metadata(schema), err));
    return put(&writer, "}", err);
}
