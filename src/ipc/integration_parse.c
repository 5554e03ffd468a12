// SPDX-License-Identifier: Apache-2.0
#include "ipc/integration_document.h"

#if ELEA_WITH_JANSSON

#include <string.h>

#include "ipc/integration_array.h"
#include "ipc/integration_json.h"

// Every value of what was put together is checked before anybody sees it; not its range, which
// Arrow's own test files leave.
static elea_status read_checked(const json_t *column, const json_t *field, const elea_type *type,
                                const elea__integration_dictionaries *dictionaries,
                                elea_array **out, elea_error *err) {
    elea_array *array = NULL;
    ELEA_TRY(elea__integration_array_read(column, field, type, dictionaries, &array, err));
    elea_status status = elea_array_validate(array, ELEA_VALIDATE_SAFE, err);
    if (status == ELEA_OK)
        *out = array;
    else
        elea_array_unref(array);
    return status;
}

// ---- dictionaries

static elea_status find_dictionaries(const json_t *root, elea__integration_dictionaries *all,
                                     elea_error *err) {
    const json_t *list = json_object_get(root, "dictionaries");
    if (list && !json_is_null(list))
        ELEA_TRY(elea__json_get_list(root, "dictionaries", -1, &list, err));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        int64_t id = 0;
        ELEA_TRY(elea__json_get_int(item, "id", INT64_MIN, INT64_MAX, &id, err));
        elea__integration_dictionary *dictionary = elea__integration_dictionary_find(all, id);
        if (!dictionary || dictionary->data)
            return elea_error_set(err, ELEA_EINVAL, "dictionary %lld is %s", (long long)id,
                                  dictionary ? "there twice" : "that of no field");
        dictionary->data = json_object_get(item, "data");
    }
    return ELEA_OK;
}

static elea_status read_dictionary(elea__integration_dictionary *dictionary,
                                   const elea__integration_dictionaries *all, elea_error *err) {
    const json_t *columns = NULL;
    int64_t count = 0;
    if (!dictionary->data)
        return elea_error_set(err, ELEA_EINVAL, "there are no values");
    ELEA_TRY(elea__json_get_int(dictionary->data, "count", 0, INT64_MAX - 1, &count, err));
    ELEA_TRY(elea__json_get_list(dictionary->data, "columns", 1, &columns, err));
    ELEA_TRY(read_checked(json_array_get(columns, 0), dictionary->field, dictionary->value_type,
                          all, &dictionary->values, err));
    if (elea_array_length(dictionary->values) != count)
        return elea_error_set(err, ELEA_EINVAL, "the column has %lld rows, expected %lld",
                              (long long)elea_array_length(dictionary->values), (long long)count);
    return ELEA_OK;
}

static elea_status read_dictionaries(const json_t *root, elea__integration_dictionaries *all,
                                     elea_error *err) {
    ELEA_TRY(find_dictionaries(root, all, err));
    for (int64_t i = 0; i < all->count; i++) {
        elea_status status = read_dictionary(&all->items[i], all, err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "dictionary %lld", (long long)all->items[i].id);
    }
    return ELEA_OK;
}

// ---- record batches

// Columns are told by their places; a name that is not the field's speaks for a mix-up.
static elea_status read_column(const json_t *column, const json_t *field_json,
                               const elea_field *field,
                               const elea__integration_dictionaries *dictionaries, elea_array **out,
                               elea_error *err) {
    const char *name = json_string_value(json_object_get(column, "name"));
    if (name && strcmp(name, elea_field_name(field)) != 0)
        return elea_error_set(err, ELEA_EINVAL, "the column is named \"%s\"", name);
    return read_checked(column, field_json, elea_field_type(field), dictionaries, out, err);
}

static elea_status read_batch(const json_t *json, const json_t *fields,
                              const elea__integration_dictionaries *dictionaries,
                              const elea_schema *schema, elea_record_batch **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_pool *pool = dictionaries->pool;
    const json_t *list = NULL;
    void *block = NULL;
    int64_t length = 0, count = elea_schema_field_count(schema);
    ELEA_TRY(elea__json_get_int(json, "count", 0, INT64_MAX - 1, &length, err));
    ELEA_TRY(elea__json_get_list(json, "columns", count, &list, err));
    ELEA_TRY(elea_alloc_zero(pool, count * (int64_t)sizeof(elea_array *), &block, err));
    elea_array **columns = block;
    for (int64_t i = 0; i < count; i++) {
        const elea_field *field = elea_schema_field(schema, i);
        status = read_column(json_array_get(list, (size_t)i), json_array_get(fields, (size_t)i),
                             field, dictionaries, &columns[i], err);
        if (status != ELEA_OK) {
            status = elea_error_prefix(err, status, "column \"%s\"", elea_field_name(field));
            goto done;
        }
    }
    status =
        elea_record_batch_new(pool, schema, length, (const elea_array *const *)columns, out, err);
done:
    for (int64_t i = 0; i < count; i++)
        elea_array_unref(columns[i]);
    elea_dealloc(pool, block, count * (int64_t)sizeof(elea_array *));
    return status;
}

static elea_status read_batches(const json_t *root, const json_t *fields,
                                const elea__integration_dictionaries *dictionaries,
                                elea_integration *document, elea_error *err) {
    const json_t *list = NULL;
    void *block = NULL;
    ELEA_TRY(elea__json_get_list(root, "batches", -1, &list, err));
    int64_t count = (int64_t)json_array_size(list);
    ELEA_TRY(
        elea_alloc_zero(document->pool, count * (int64_t)sizeof(elea_record_batch *), &block, err));
    document->batches = block;
    document->batch_count = count;
    for (int64_t i = 0; i < count; i++) {
        elea_status status = read_batch(json_array_get(list, (size_t)i), fields, dictionaries,
                                        document->schema, &document->batches[i], err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "record batch %lld", (long long)i);
    }
    return ELEA_OK;
}

static elea_status read_root(const json_t *root, elea__integration_dictionaries *dictionaries,
                             elea_integration *document, elea_error *err) {
    const json_t *schema = json_object_get(root, "schema");
    elea_status status =
        elea__integration_schema_read(schema, document->pool, dictionaries, &document->schema, err);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "schema");
    ELEA_TRY(read_dictionaries(root, dictionaries, err));
    return read_batches(root, json_object_get(schema, "fields"), dictionaries, document, err);
}

// The document is freed by json_decref().
static elea_status load(elea_bytes text, json_t **out, elea_error *err) {
    json_error_t found;
    *out = json_loadb(text.size > 0 ? text.data : "", (size_t)text.size,
                      JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &found);
    if (*out)
        return ELEA_OK;
    if (json_error_code(&found) == json_error_out_of_memory)
        return elea_error_set(err, ELEA_ENOMEM, "no memory for the JSON document");
    return elea_error_set(err, ELEA_EINVAL, "line %d, column %d: %s", found.line, found.column,
                          found.text);
}

elea_status elea__integration_parse(elea_bytes json, elea_integration *document, elea_error *err) {
    json_t *root = NULL;
    ELEA_TRY(load(json, &root, err));
    elea__integration_dictionaries dictionaries = {.pool = document->pool};
    elea_status status = read_root(root, &dictionaries, document, err);
    elea__integration_dictionaries_release(&dictionaries);
    json_decref(root);
    return status;
}

elea_status elea_schema_parse_json(elea_pool *pool, elea_bytes text, elea_schema **out,
                                   elea_error *err) {
    json_t *root = NULL;
    ELEA_TRY(load(text, &root, err));
    elea__integration_dictionaries dictionaries = {.pool = pool};
    elea_status status = elea__integration_schema_read(root, pool, &dictionaries, out, err);
    elea__integration_dictionaries_release(&dictionaries);
    json_decref(root);
    return status;
}

#else

static elea_status unsupported(elea_error *err) {
    return elea_error_set(err, ELEA_EUNSUPPORTED,
                          "the JSON of integration tests cannot be read: this build has "
                          "ELEA_WITH_JANSSON=OFF");
}

elea_status elea__integration_parse(elea_bytes json, elea_integration *document, elea_error *err) {
    (void)json;
    (void)document;
    return unsupported(err);
}

elea_status elea_schema_parse_json(elea_pool *pool, elea_bytes text, elea_schema **out,
                                   elea_error *err) {
    (void)pool;
    (void)text;
    (void)out;
    return unsupported(err);
}

#endif
