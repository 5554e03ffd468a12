// SPDX-License-Identifier: Apache-2.0
#include "ipc/integration_schema.h"

#include <string.h>

#include "base/math_internal.h"
#include "columnar/type_internal.h"
#include "ipc/integration_document.h"
#include "ipc/integration_json.h"

typedef struct schema_reader {
    elea_pool *pool;
    elea__integration_dictionaries *dictionaries;
} schema_reader;

// Fields that were read: `size` bytes of pointers.
typedef struct field_list {
    elea_field **fields;
    int64_t count;
    int64_t size;
} field_list;

static const elea_field *const *fields_of(const field_list *list) {
    return (const elea_field *const *)list->fields;
}

// ---- dictionaries

void elea__integration_dictionaries_release(elea__integration_dictionaries *dictionaries) {
    for (int64_t i = 0; i < dictionaries->count; i++) {
        elea_type_unref(dictionaries->items[i].value_type);
        elea_array_unref(dictionaries->items[i].values);
    }
    elea_dealloc(dictionaries->pool, dictionaries->items,
                 dictionaries->capacity * (int64_t)sizeof(*dictionaries->items));
    *dictionaries = (elea__integration_dictionaries){0};
}

elea__integration_dictionary *
elea__integration_dictionary_find(const elea__integration_dictionaries *dictionaries, int64_t id) {
    for (int64_t i = 0; i < dictionaries->count; i++) {
        if (dictionaries->items[i].id == id)
            return &dictionaries->items[i];
    }
    return NULL;
}

// Several fields may share a dictionary when their values have one type.
static elea_status add_dictionary(elea__integration_dictionaries *all, int64_t id,
                                  const json_t *field, const elea_type *value_type,
                                  elea_error *err) {
    const elea__integration_dictionary *known = elea__integration_dictionary_find(all, id);
    if (known && !elea_type_equal(known->value_type, value_type, false))
        return elea_error_set(err, ELEA_EINVAL, "dictionary %lld has values of two types",
                              (long long)id);
    if (known)
        return ELEA_OK;
    if (all->count == all->capacity) {
        int64_t width = (int64_t)sizeof(*all->items);
        int64_t capacity = all->capacity ? all->capacity * 2 : 8;
        void *block = all->items;
        ELEA_TRY(elea_realloc(all->pool, all->capacity * width, capacity * width, &block, err));
        all->items = block;
        all->capacity = capacity;
    }
    all->items[all->count++] = (elea__integration_dictionary){
        .id = id, .field = field, .value_type = elea_type_ref(value_type)};
    return ELEA_OK;
}

// ---- metadata

static elea_status read_metadata(schema_reader *reader, const json_t *owner, elea_metadata **out,
                                 elea_error *err) {
    const json_t *list = json_object_get(owner, "metadata");
    void *strings = NULL;
    elea_status status = ELEA_OK;
    *out = NULL;
    if (list == NULL || json_is_null(list))
        return ELEA_OK;
    ELEA_TRY(elea__json_get_list(owner, "metadata", -1, &list, err));
    int64_t count = (int64_t)json_array_size(list);
    int64_t size = count * 2 * (int64_t)sizeof(elea_bytes);
    ELEA_TRY(elea_alloc_zero(reader->pool, size, &strings, err));
    elea_bytes *keys = strings;
    for (int64_t i = 0; i < count; i++) {
        const json_t *pair = json_array_get(list, (size_t)i);
        ELEA_GOTO(done, elea__json_get_string(pair, "key", &keys[i], err));
        ELEA_GOTO(done, elea__json_get_string(pair, "value", &keys[count + i], err));
    }
    if (count > 0)
        status = elea_metadata_new(reader->pool, keys, keys + count, count, out, err);
done:
    elea_dealloc(reader->pool, strings, size);
    return status;
}

// ---- types

static bool has_name(const json_t *type, const elea__integration_name *name) {
    const char *found = json_string_value(json_object_get(type, "name"));
    if (!name->name || !found || strcmp(name->name, found) != 0)
        return false;
    if (name->word_key) {
        const char *word = json_string_value(json_object_get(type, name->word_key));
        return word && strcmp(word, name->word) == 0;
    }
    const json_t *bits = json_object_get(type, "bitWidth");
    // Decimals had one width once.
    bool is_old_decimal = !bits && name->bits == 128;
    if (name->bits && !is_old_decimal &&
        (!json_is_integer(bits) || json_integer_value(bits) != name->bits))
        return false;
    return strcmp(name->name, "int") != 0 ||
           json_is_true(json_object_get(type, "isSigned")) == name->is_signed;
}

static elea_status find_type(const json_t *type, elea_type_id *out, elea_error *err) {
    elea_bytes name;
    bool is_signed = false;
    ELEA_TRY(elea__json_get_string(type, "name", &name, err));
    if (strcmp(name.data, "int") == 0)
        ELEA_TRY(elea__json_get_bool(type, "isSigned", &is_signed, err));
    for (int i = 0; i < ELEA__TYPE_ID_COUNT; i++) {
        if (has_name(type, elea__integration_name_of((elea_type_id)i))) {
            *out = (elea_type_id)i;
            return ELEA_OK;
        }
    }
    return elea_error_set(err, ELEA_EINVAL, "there is no type \"%s\" with these parameters",
                          name.data);
}

static elea_status read_unit(const json_t *type, elea_time_unit *out, elea_error *err) {
    elea_bytes unit;
    ELEA_TRY(elea__json_get_string(type, "unit", &unit, err));
    for (int i = ELEA_TIME_SECOND; i <= ELEA_TIME_NANO; i++) {
        if (strcmp(unit.data, elea__integration_unit_name((elea_time_unit)i)) == 0) {
            *out = (elea_time_unit)i;
            return ELEA_OK;
        }
    }
    return elea_error_set(err, ELEA_EINVAL, "there is no time unit \"%s\"", unit.data);
}

static elea_status make_time(schema_reader *reader, const json_t *type, elea_type_id id,
                             elea_type **out, elea_error *err) {
    elea_time_unit unit = ELEA_TIME_SECOND;
    elea_bytes zone = {NULL, 0};
    ELEA_TRY(read_unit(type, &unit, err));
    if (id != ELEA_TYPE_TIMESTAMP)
        return elea_type_new_time(reader->pool, id, unit, out, err);
    const json_t *found = json_object_get(type, "timezone");
    if (found && !json_is_null(found))
        ELEA_TRY(elea__json_get_string(type, "timezone", &zone, err));
    if (zone.size > 0 && memchr(zone.data, 0, (size_t)zone.size))
        return elea_error_set(err, ELEA_EINVAL, "\"timezone\" has a zero byte inside");
    return elea_type_new_timestamp(reader->pool, unit, zone.data, out, err);
}

static elea_status make_union(schema_reader *reader, const json_t *type, elea_type_id id,
                              const field_list *children, elea_type **out, elea_error *err) {
    int8_t codes[ELEA__UNION_CODE_COUNT];
    const json_t *list = NULL;
    if (children->count > ELEA__UNION_CODE_COUNT)
        return elea_error_set(err, ELEA_EINVAL, "a union of %lld types, expected at most %d",
                              (long long)children->count, ELEA__UNION_CODE_COUNT);
    ELEA_TRY(elea__json_get_list(type, "typeIds", children->count, &list, err));
    for (int64_t i = 0; i < children->count; i++) {
        const json_t *code = json_array_get(list, (size_t)i);
        int64_t number = json_integer_value(code);
        if (!json_is_integer(code) || number < 0 || number >= ELEA__UNION_CODE_COUNT)
            return elea_error_set(err, ELEA_EINVAL,
                                  "\"typeIds\": item %lld is no integer from 0 to %d", (long long)i,
                                  ELEA__UNION_CODE_COUNT - 1);
        codes[i] = (int8_t)number;
    }
    return elea_type_new_union(reader->pool, id, fields_of(children), codes, children->count, out,
                               err);
}

static elea_status make_map(schema_reader *reader, const json_t *type, const elea_field *entries,
                            elea_type **out, elea_error *err) {
    bool sorted = false;
    ELEA_TRY(elea__json_get_bool(type, "keysSorted", &sorted, err));
    return elea_type_new_map_of_entries(reader->pool, entries, sorted, out, err);
}

// Types whose parameters are numbers.
static elea_status make_sized(schema_reader *reader, const json_t *type, elea_type_id id,
                              const field_list *children, elea_type **out, elea_error *err) {
    int64_t size = 0, scale = 0;
    if (id == ELEA_TYPE_FIXED_SIZE_BINARY) {
        ELEA_TRY(elea__json_get_int(type, "byteWidth", 0, INT32_MAX, &size, err));
        return elea_type_new_fixed_size_binary(reader->pool, (int32_t)size, out, err);
    }
    if (id == ELEA_TYPE_FIXED_SIZE_LIST) {
        ELEA_TRY(elea__json_get_int(type, "listSize", 0, INT32_MAX, &size, err));
        return elea_type_new_fixed_size_list(reader->pool, children->fields[0], (int32_t)size, out,
                                             err);
    }
    ELEA_TRY(elea__json_get_int(type, "precision", 1, INT32_MAX, &size, err));
    ELEA_TRY(elea__json_get_int(type, "scale", INT32_MIN, INT32_MAX, &scale, err));
    return elea_type_new_decimal(reader->pool, id, (int32_t)size, (int32_t)scale, out, err);
}

static elea_status check_child_count(elea_type_id id, int64_t found, elea_error *err) {
    int64_t expected = 0;
    switch (elea__type_table[id].layout) {
    case ELEA_LAYOUT_STRUCT:
    case ELEA_LAYOUT_SPARSE_UNION:
    case ELEA_LAYOUT_DENSE_UNION:
        return ELEA_OK;
    case ELEA_LAYOUT_RUN_END_ENCODED:
        expected = 2;
        break;
    case ELEA_LAYOUT_LIST:
    case ELEA_LAYOUT_LARGE_LIST:
    case ELEA_LAYOUT_LIST_VIEW:
    case ELEA_LAYOUT_LARGE_LIST_VIEW:
    case ELEA_LAYOUT_FIXED_SIZE_LIST:
        expected = 1;
        break;
    default:
        break;
    }
    if (found == expected)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "%s with %lld child fields, expected %lld",
                          elea_type_id_name(id), (long long)found, (long long)expected);
}

static elea_status make_type(schema_reader *reader, const json_t *type, const field_list *children,
                             elea_type **out, elea_error *err) {
    elea_type_id id = ELEA_TYPE_NULL;
    ELEA_TRY(find_type(type, &id, err));
    ELEA_TRY(check_child_count(id, children->count, err));
    switch (id) {
    case ELEA_TYPE_TIMESTAMP:
    case ELEA_TYPE_TIME32:
    case ELEA_TYPE_TIME64:
    case ELEA_TYPE_DURATION:
        return make_time(reader, type, id, out, err);
    case ELEA_TYPE_DECIMAL32:
    case ELEA_TYPE_DECIMAL64:
    case ELEA_TYPE_DECIMAL128:
    case ELEA_TYPE_DECIMAL256:
    case ELEA_TYPE_FIXED_SIZE_BINARY:
    case ELEA_TYPE_FIXED_SIZE_LIST:
        return make_sized(reader, type, id, children, out, err);
    case ELEA_TYPE_SPARSE_UNION:
    case ELEA_TYPE_DENSE_UNION:
        return make_union(reader, type, id, children, out, err);
    case ELEA_TYPE_MAP:
        return make_map(reader, type, children->fields[0], out, err);
    case ELEA_TYPE_STRUCT:
        return elea_type_new_struct(reader->pool, fields_of(children), children->count, out, err);
    case ELEA_TYPE_LIST:
    case ELEA_TYPE_LARGE_LIST:
    case ELEA_TYPE_LIST_VIEW:
    case ELEA_TYPE_LARGE_LIST_VIEW:
        return elea_type_new_list(reader->pool, id, children->fields[0], out, err);
    case ELEA_TYPE_RUN_END_ENCODED:
        return elea_type_new_run_end_encoded(reader->pool, children->fields[0], children->fields[1],
                                             out, err);
    default:
        *out = elea_type_ref(elea_type_of(id));
        return ELEA_OK;
    }
}

// Replaces the type of the values by that of the dictionary.
static elea_status encode_type(schema_reader *reader, const json_t *field, elea_type **type,
                               elea_error *err) {
    static const field_list none = {0};
    const json_t *encoding = json_object_get(field, "dictionary");
    elea_type *index_type = NULL, *encoded = NULL;
    int64_t id = 0;
    bool ordered = false;
    if (!encoding || json_is_null(encoding))
        return ELEA_OK;
    ELEA_TRY(elea__json_get_int(encoding, "id", INT64_MIN, INT64_MAX, &id, err));
    ELEA_TRY(elea__json_get_bool(encoding, "isOrdered", &ordered, err));
    elea_status status =
        make_type(reader, json_object_get(encoding, "indexType"), &none, &index_type, err);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "\"indexType\"");
    status = elea_type_new_dictionary(reader->pool, index_type, *type, ordered, &encoded, err);
    elea_type_unref(index_type);
    ELEA_TRY(status);
    status = add_dictionary(reader->dictionaries, id, field, *type, err);
    if (status != ELEA_OK) {
        elea_type_unref(encoded);
        return status;
    }
    elea_type_unref(*type);
    *type = encoded;
    return ELEA_OK;
}

// ---- fields

static elea_status read_field(schema_reader *reader, const json_t *json, int depth,
                              elea_field **out, elea_error *err);

static void release_fields(schema_reader *reader, field_list *list) {
    for (int64_t i = 0; i < list->count; i++)
        elea_field_unref(list->fields[i]);
    elea_dealloc(reader->pool, list->fields, list->size);
    *list = (field_list){0};
}

// What was read before a failure is in `out`, too.
static elea_status read_fields(schema_reader *reader, const json_t *list, int depth,
                               field_list *out, elea_error *err) {
    int64_t count = (int64_t)json_array_size(list);
    int64_t size = count * (int64_t)sizeof(elea_field *);
    void *block = NULL;
    ELEA_TRY(elea_alloc_zero(reader->pool, size, &block, err));
    *out = (field_list){.fields = block, .size = size};
    for (int64_t i = 0; i < count; i++) {
        ELEA_TRY(read_field(reader, json_array_get(list, (size_t)i), depth, &out->fields[i], err));
        out->count++;
    }
    return ELEA_OK;
}

static elea_status read_parts(schema_reader *reader, const json_t *json, elea_bytes name, int depth,
                              elea_field **out, elea_error *err) {
    elea_status status = ELEA_OK;
    field_list children = {0};
    elea_type *type = NULL;
    elea_metadata *metadata = NULL;
    bool nullable = false;
    const json_t *list = json_object_get(json, "children");

    if (depth > ELEA__TYPE_DEPTH_MAX)
        return elea_error_set(err, ELEA_ECAPACITY, "types are nested more than %d deep",
                              ELEA__TYPE_DEPTH_MAX);
    if (list && !json_is_null(list))
        ELEA_TRY(elea__json_get_list(json, "children", -1, &list, err));
    ELEA_TRY(elea__json_get_bool(json, "nullable", &nullable, err));
    ELEA_GOTO(done, read_fields(reader, list, depth + 1, &children, err));
    ELEA_GOTO(done, make_type(reader, json_object_get(json, "type"), &children, &type, err));
    ELEA_GOTO(done, encode_type(reader, json, &type, err));
    ELEA_GOTO(done, read_metadata(reader, json, &metadata, err));
    status = elea_field_new(reader->pool, name, type, nullable, metadata, out, err);
done:
    elea_metadata_unref(metadata);
    elea_type_unref(type);
    release_fields(reader, &children);
    return status;
}

static elea_status read_field(schema_reader *reader, const json_t *json, int depth,
                              elea_field **out, elea_error *err) {
    elea_bytes name = {"", 0};
    const json_t *found = json_object_get(json, "name");
    // Some writers leave the name of a list's items out.
    if (found && !json_is_null(found))
        ELEA_TRY(elea__json_get_string(json, "name", &name, err));
    elea_status status = read_parts(reader, json, name, depth, out, err);
    return status == ELEA_OK ? status : elea_error_prefix(err, status, "field \"%s\"", name.data);
}

elea_status elea__integration_schema_read(const json_t *json, elea_pool *pool,
                                          elea__integration_dictionaries *dictionaries,
                                          elea_schema **out, elea_error *err) {
    elea_status status = ELEA_OK;
    schema_reader reader = {.pool = pool, .dictionaries = dictionaries};
    field_list fields = {0};
    elea_metadata *metadata = NULL;
    const json_t *list = NULL;
    ELEA_TRY(elea__json_get_list(json, "fields", -1, &list, err));
    ELEA_GOTO(done, read_fields(&reader, list, 1, &fields, err));
    ELEA_GOTO(done, read_metadata(&reader, json, &metadata, err));
    status = elea_schema_new(pool, fields_of(&fields), fields.count, metadata, out, err);
done:
    elea_metadata_unref(metadata);
    release_fields(&reader, &fields);
    return status;
}
