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
    ELEA_GOTO(done, put(&writer, "{\"schema\": ", err));
    ELEA_GOTO(done, elea_schema_format_json(schema, text, err));
    ELEA_GOTO(done, put_dictionaries(&writer, schema, batches, count, err));
    status = put_batches(&writer, schema, batches, count, err);
done:
    for (int64_t i = 0; i < writer.dictionary_count; i++)
        elea_array_unref(writer.dictionaries[i].values);
    elea_dealloc(pool, block, size);
    return status;
}
