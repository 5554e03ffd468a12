// SPDX-License-Identifier: Apache-2.0
//
// Documents of the integration format: schema, dictionaries, record batches.
#include <string.h>

#include "columnar/type_internal.h"
#include "ipc/integration_document.h"

// Dictionaries are numbered in the order in which a walk over the fields leaves them, so that those
// inside the values of others come first.
typedef struct format_dictionary {
    const elea_type *type; // of the field
    elea_array *values;    // NULL until one is seen
} format_dictionary;

typedef struct document_writer {
    elea_pool *pool;
    elea_text *text;
    format_dictionary *dictionaries;
    int64_t dictionary_count;
    int64_t next_id; // of the walk that is under way
} document_writer;

static elea_status put(const document_writer *writer, const char *string, elea_error *err) {
    return elea_text_append(writer->text, elea_bytes_of(string), err);
}

static elea_status put_text(const document_writer *writer, elea_bytes text, elea_error *err) {
    int64_t valid = elea_utf8_check(text.data, text.size);
    if (valid != text.size)
        return elea_error_set(err, ELEA_EINVAL, "byte %lld of \"%.*s\" is not UTF-8",
                              (long long)valid, (int)(text.size < 100 ? text.size : 100),
                              text.data);
    return elea_text_append_json(writer->text, text, err);
}

// ---- schema

static elea_status put_metadata(const document_writer *writer, const elea_metadata *metadata,
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

static elea_status put_union(const document_writer *writer, const elea_type *type,
                             elea_error *err) {
    ELEA_TRY(put(writer, ", \"typeIds\": [", err));
    for (int64_t i = 0; i < elea_type_child_count(type); i++)
        ELEA_TRY(elea_text_append_format(writer->text, err, "%s%d", i > 0 ? ", " : "",
                                         elea_type_union_codes(type)[i]));
    return put(writer, "]", err);
}

// The parameters that do not select the type.
static elea_status put_parameters(const document_writer *writer, const elea_type *type,
                                  elea_error *err) {
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

static elea_status put_type(const document_writer *writer, const elea_type *type, elea_error *err) {
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

static elea_status put_field(document_writer *writer, const elea_field *field, elea_error *err);

static elea_status put_encoding(document_writer *writer, const elea_type *type, elea_error *err) {
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

static elea_status put_field_parts(document_writer *writer, const elea_field *field,
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

static elea_status put_field(document_writer *writer, const elea_field *field, elea_error *err) {
    elea_status status = put_field_parts(writer, field, err);
    if (status == ELEA_OK)
        return ELEA_OK;
    return elea_error_prefix(err, status, "field \"%s\"", elea_field_name(field));
}

static elea_status put_schema(document_writer *writer, const elea_schema *schema, elea_error *err) {
    writer->next_id = 0;
    ELEA_TRY(put(writer, "{\"schema\": {\"fields\": [", err));
    for (int64_t i = 0; i < elea_schema_field_count(schema); i++) {
        ELEA_TRY(put(writer, i > 0 ? ",\n  " : "\n  ", err));
        ELEA_TRY(put_field(writer, elea_schema_field(schema, i), err));
    }
    ELEA_TRY(put(writer, "]", err));
    ELEA_TRY(put_metadata(writer, elea_schema_metadata(schema), err));
    return put(writer, "}", err);
}

// ---- dictionaries

static int64_t count_dictionaries(const elea_type *type) {
    bool is_encoded = elea_type_layout_of(type) == ELEA_LAYOUT_DICTIONARY;
    const elea_type *values = is_encoded ? elea_type_value_type(type) : type;
    int64_t count = is_encoded;
    for (int64_t i = 0; i < elea_type_child_count(values); i++)
        count += count_dictionaries(elea_field_type(elea_type_child(values, i)));
    return count;
}

// The format has one dictionary for all batches: the longer, when the other is its beginning.
static elea_status merge_dictionary(format_dictionary *dictionary, const elea_array *values,
                                    elea_error *err) {
    const elea_equal_options options = {.nans_equal = true};
    elea_array *known = dictionary->values, *beginning = NULL;
    if (!known) {
        dictionary->values = elea_array_ref(values);
        return ELEA_OK;
    }
    bool is_longer = elea_array_length(values) > elea_array_length(known);
    const elea_array *shorter = is_longer ? known : values;
    ELEA_TRY(elea_array_slice(is_longer ? values : known, 0, elea_array_length(shorter), &beginning,
                              err));
    bool is_same = elea_array_equal(beginning, shorter, &options);
    elea_array_unref(beginning);
    if (!is_same)
        return elea_error_set(err, ELEA_EUNSUPPORTED,
                              "batches have different dictionaries, and the format has room for "
                              "one");
    if (is_longer) {
        dictionary->values = elea_array_ref(values);
        elea_array_unref(known);
    }
    return ELEA_OK;
}

// Collects the dictionaries of an array (NULL: of no rows), numbered as in the schema.
static elea_status collect(document_writer *writer, const elea_type *type, const elea_array *array,
                           elea_error *err) {
    bool is_encoded = elea_type_layout_of(type) == ELEA_LAYOUT_DICTIONARY;
    const elea_type *values = is_encoded ? elea_type_value_type(type) : type;
    const elea_array *parent = is_encoded && array ? elea_array_dictionary(array) : array;
    for (int64_t i = 0; i < elea_type_child_count(values); i++)
        ELEA_TRY(collect(writer, elea_field_type(elea_type_child(values, i)),
                         parent ? elea_array_child(parent, i) : NULL, err));
    if (!is_encoded)
        return ELEA_OK;
    format_dictionary *dictionary = &writer->dictionaries[writer->next_id++];
    dictionary->type = type;
    return array ? merge_dictionary(dictionary, parent, err) : ELEA_OK;
}

static elea_status collect_all(document_writer *writer, const elea_schema *schema,
                               const elea_record_batch *const *batches, int64_t count,
                               elea_error *err) {
    // Once without any rows: the schema may be all there is.
    for (int64_t b = -1; b < count; b++) {
        writer->next_id = 0;
        for (int64_t i = 0; i < elea_schema_field_count(schema); i++) {
            const elea_field *field = elea_schema_field(schema, i);
            const elea_array *column = b < 0 ? NULL : elea_record_batch_column(batches[b], i);
            elea_status status = collect(writer, elea_field_type(field), column, err);
            if (status != ELEA_OK)
                return elea_error_prefix(err, status, "column \"%s\"", elea_field_name(field));
        }
    }
    return ELEA_OK;
}

static elea_status put_dictionary(document_writer *writer, int64_t id, elea_error *err) {
    format_dictionary *dictionary = &writer->dictionaries[id];
    if (!dictionary->values)
        ELEA_TRY(elea_array_new_null(writer->pool, elea_type_value_type(dictionary->type), 0,
                                     &dictionary->values, err));
    ELEA_TRY(elea_text_append_format(
        writer->text, err, "%s\n  {\"id\": %lld, \"data\": {\"count\": %lld, \"columns\": [",
        id > 0 ? "," : "", (long long)id, (long long)elea_array_length(dictionary->values)));
    elea_status status = elea__integration_format_column(dictionary->values, "values", writer->pool,
                                                         writer->text, err);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "dictionary %lld", (long long)id);
    return put(writer, "]}}", err);
}

static elea_status put_dictionaries(document_writer *writer, const elea_schema *schema,
                                    const elea_record_batch *const *batches, int64_t count,
                                    elea_error *err) {
    if (writer->dictionary_count == 0)
        return ELEA_OK;
    ELEA_TRY(collect_all(writer, schema, batches, count, err));
    ELEA_TRY(put(writer, ",\n \"dictionaries\": [", err));
    for (int64_t i = 0; i < writer->dictionary_count; i++)
        ELEA_TRY(put_dictionary(writer, i, err));
    return put(writer, "]", err);
}

// ---- record batches

static elea_status put_batch(document_writer *writer, const elea_schema *schema,
                             const elea_record_batch *batch, elea_error *err) {
    ELEA_TRY(elea_text_append_format(writer->text, err, "\n  {\"count\": %lld, \"columns\": [",
                                     (long long)elea_record_batch_length(batch)));
    for (int64_t i = 0; i < elea_schema_field_count(schema); i++) {
        const char *name = elea_field_name(elea_schema_field(schema, i));
        ELEA_TRY(put(writer, i > 0 ? ",\n   " : "\n   ", err));
        elea_status status = elea__integration_format_column(elea_record_batch_column(batch, i),
                                                             name, writer->pool, writer->text, err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "column \"%s\"", name);
    }
    return put(writer, "]}", err);
}

static elea_status put_batches(document_writer *writer, const elea_schema *schema,
                               const elea_record_batch *const *batches, int64_t count,
                               elea_error *err) {
    ELEA_TRY(put(writer, ",\n \"batches\": [", err));
    for (int64_t i = 0; i < count; i++) {
        ELEA_TRY(put(writer, i > 0 ? "," : "", err));
        elea_status status = put_batch(writer, schema, batches[i], err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "record batch %lld", (long long)i);
    }
    return put(writer, "]}\n", err);
}

elea_status elea_integration_format(const elea_schema *schema,
                                    const elea_record_batch *const *batches, int64_t count,
                                    elea_pool *pool, elea_text *text, elea_error *err) {
    elea_status status = ELEA_OK;
    document_writer writer = {.pool = pool, .text = text};
    void *block = NULL;
    for (int64_t i = 0; i < count; i++) {
        if (!elea_schema_equal(elea_record_batch_schema(batches[i]), schema, false))
            return elea_error_set(err, ELEA_ETYPE, "record batch %lld has another schema",
                                  (long long)i);
    }
    for (int64_t i = 0; i < elea_schema_field_count(schema); i++)
        writer.dictionary_count +=
            count_dictionaries(elea_field_type(elea_schema_field(schema, i)));
    int64_t size = writer.dictionary_count * (int64_t)sizeof *writer.dictionaries;
    ELEA_TRY(elea_alloc_zero(pool, size, &block, err));
    writer.dictionaries = block;
    ELEA_GOTO(done, put_schema(&writer, schema, err));
    ELEA_GOTO(done, put_dictionaries(&writer, schema, batches, count, err));
    status = put_batches(&writer, schema, batches, count, err);
done:
    for (int64_t i = 0; i < writer.dictionary_count; i++)
        elea_array_unref(writer.dictionaries[i].values);
    elea_dealloc(pool, block, size);
    return status;
}
