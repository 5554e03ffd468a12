// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "base/math_internal.h"
#include "columnar/type_internal.h"
#include "ipc/format.h"
#include "ipc/schema.h"
#include "ipc/type_map.h"

// Endianness, an enumeration of the format.
#define LITTLE_ENDIAN_DATA 0
#define BIG_ENDIAN_DATA 1
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define NATIVE_DATA BIG_ENDIAN_DATA
#else
#define NATIVE_DATA LITTLE_ENDIAN_DATA
#endif

#define NAME_SHOWN_MAX 200 // bytes of a name in a message

typedef struct schema_reader {
    elea_pool *pool;
    const elea__ipc_schema_options *options;
    elea__ipc_list *slots;
    int64_t field_count; // that were read
} schema_reader;

elea_status elea__ipc_metadata_read(elea_pool *pool, const elea__flat_table *table, int slot,
                                    int64_t size_max, elea_metadata **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea__flat_vector pairs;
    void *strings = NULL;
    int64_t size = 0, left = size_max;

    ELEA_TRY(elea__flat_get_vector(table, slot, 4, &pairs, err));
    if (pairs.count == 0) {
        *out = NULL;
        return ELEA_OK;
    }
    // The count is at most a quarter of the metadata's size.
    size = pairs.count * 2 * (int64_t)sizeof(elea_bytes);
    ELEA_GOTO(done, elea_alloc_zero(pool, size, &strings, err));
    elea_bytes *keys = strings;
    elea_bytes *values = keys + pairs.count;
    for (int64_t i = 0; i < pairs.count; i++) {
        elea__flat_table pair;
        ELEA_GOTO(done, elea__flat_vector_table(&pairs, i, &pair, err));
        ELEA_GOTO(done, elea__flat_get_string(&pair, ELEA__PAIR_KEY, &keys[i], err));
        ELEA_GOTO(done, elea__flat_get_string(&pair, ELEA__PAIR_VALUE, &values[i], err));
        left -= keys[i].size + values[i].size; // each far below the limits of int64_t
        if (left < 0) {
            status = elea_error_set(
                err, ELEA_ECAPACITY, "file offset %lld: custom metadata of more than %lld bytes",
                (long long)(table->flat->file_offset + pairs.position), (long long)size_max);
            goto done;
        }
    }
    status = elea_metadata_new(pool, keys, values, pairs.count, out, err);

done:
    elea_dealloc(pool, strings, size);
    return status;
}

// ---- types

// What a type is made of: its table of parameters and its children.
typedef struct type_source {
    elea_type_id id;
    elea__flat_table parameters;
    elea_field **children;
    int64_t child_count;
} type_source;

static elea_status expect_children(const type_source *source, int64_t expected, elea_error *err) {
    if (source->child_count == expected)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "%s with %lld child fields, expected %lld",
                          elea_type_id_name(source->id), (long long)source->child_count,
                          (long long)expected);
}

static elea_status read_int32(const type_source *source, int slot, int64_t *out, elea_error *err) {
    return elea__flat_get_int(&source->parameters, slot, 4, 0, out, err);
}

static elea_status read_unit(const type_source *source, int64_t missing, elea_time_unit *out,
                             elea_error *err) {
    int64_t unit = 0;
    ELEA_TRY(elea__flat_get_int(&source->parameters, ELEA__UNIT_SLOT, 2, missing, &unit, err));
    if (unit < ELEA_TIME_SECOND || unit > ELEA_TIME_NANO)
        return elea_error_set(err, ELEA_EINVAL, "%s with time unit %lld, expected 0 to 3",
                              elea_type_id_name(source->id), (long long)unit);
    *out = (elea_time_unit)unit;
    return ELEA_OK;
}

static elea_status make_timestamp(schema_reader *reader, const type_source *source, elea_type **out,
                                  elea_error *err) {
    elea_time_unit unit = ELEA_TIME_SECOND;
    elea_bytes zone;
    void *text = NULL;
    ELEA_TRY(read_unit(source, ELEA_TIME_SECOND, &unit, err));
    ELEA_TRY(elea__flat_get_string(&source->parameters, ELEA__ZONE_SLOT, &zone, err));
    if (zone.size > 0 && memchr(zone.data, 0, (size_t)zone.size))
        return elea_error_set(err, ELEA_EINVAL, "a time zone with a zero byte inside");
    ELEA_TRY(elea_alloc_zero(reader->pool, zone.size + 1, &text, err));
    if (zone.size > 0)
        memcpy(text, zone.data, (size_t)zone.size);
    elea_status status = elea_type_new_timestamp(reader->pool, unit, text, out, err);
    elea_dealloc(reader->pool, text, zone.size + 1);
    return status;
}

static elea_status make_time(schema_reader *reader, const type_source *source, elea_type **out,
                             elea_error *err) {
    elea_time_unit unit = ELEA_TIME_MILLI;
    ELEA_TRY(read_unit(source, ELEA_TIME_MILLI, &unit, err));
    return elea_type_new_time(reader->pool, source->id, unit, out, err);
}

static elea_status make_decimal(schema_reader *reader, const type_source *source, elea_type **out,
                                elea_error *err) {
    int64_t precision = 0, scale = 0;
    ELEA_TRY(read_int32(source, ELEA__PRECISION_SLOT, &precision, err));
    ELEA_TRY(read_int32(source, ELEA__SCALE_SLOT, &scale, err));
    return elea_type_new_decimal(reader->pool, source->id, (int32_t)precision, (int32_t)scale, out,
                                 err);
}

static elea_status make_map(schema_reader *reader, const type_source *source, elea_type **out,
                            elea_error *err) {
    int64_t sorted = 0;
    ELEA_TRY(elea__flat_get_int(&source->parameters, ELEA__SORTED_SLOT, 1, 0, &sorted, err));
    return elea_type_new_map_of_entries(reader->pool, source->children[0], sorted != 0, out, err);
}

static elea_status make_union(schema_reader *reader, const type_source *source, elea_type **out,
                              elea_error *err) {
    elea__flat_vector ids;
    int8_t codes[ELEA__UNION_CODE_COUNT];
    int64_t count = source->child_count;
    ELEA_TRY(elea__flat_get_vector(&source->parameters, ELEA__CODES_SLOT, 4, &ids, err));
    if (count > ELEA__UNION_CODE_COUNT || (ids.count > 0 && ids.count != count))
        return elea_error_set(err, ELEA_EINVAL, "a union of %lld types with %lld codes",
                              (long long)count, (long long)ids.count);
    for (int64_t i = 0; i < count; i++) {
        int64_t code = i;
        if (ids.count > 0)
            code = elea__flat_load(elea__flat_vector_data(&ids) + 4 * i, 4);
        if (code < 0 || code >= ELEA__UNION_CODE_COUNT)
            return elea_error_set(err, ELEA_EINVAL,
                                  "code %lld of union type %lld, expected 0 to "
                                  "127",
                                  (long long)code, (long long)i);
        codes[i] = (int8_t)code;
    }
    return elea_type_new_union(reader->pool, source->id,
                               (const elea_field *const *)source->children, codes, count, out, err);
}

static elea_status make_fixed_size(schema_reader *reader, const type_source *source,
                                   elea_type **out, elea_error *err) {
    int64_t size = 0;
    ELEA_TRY(read_int32(source, ELEA__SIZE_SLOT, &size, err));
    if (source->id == ELEA_TYPE_FIXED_SIZE_BINARY)
        return elea_type_new_fixed_size_binary(reader->pool, (int32_t)size, out, err);
    return elea_type_new_fixed_size_list(reader->pool, source->children[0], (int32_t)size, out,
                                         err);
}

static int64_t expected_children(elea_type_id id) {
    switch (elea__type_table[id].layout) {
    case ELEA_LAYOUT_LIST:
    case ELEA_LAYOUT_LARGE_LIST:
    case ELEA_LAYOUT_LIST_VIEW:
    case ELEA_LAYOUT_LARGE_LIST_VIEW:
    case ELEA_LAYOUT_FIXED_SIZE_LIST:
        return 1;
    case ELEA_LAYOUT_RUN_END_ENCODED:
        return 2;
    default:
        return 0;
    }
}

static elea_status make_type(schema_reader *reader, const type_source *source, elea_type **out,
                             elea_error *err) {
    const elea_field *const *children = (const elea_field *const *)source->children;
    switch (source->id) {
    case ELEA_TYPE_STRUCT:
        return elea_type_new_struct(reader->pool, children, source->child_count, out, err);
    case ELEA_TYPE_SPARSE_UNION:
    case ELEA_TYPE_DENSE_UNION:
        return make_union(reader, source, out, err);
    default:
        ELEA_TRY(expect_children(source, expected_children(source->id), err));
    }
    switch (source->id) {
    case ELEA_TYPE_TIMESTAMP:
        return make_timestamp(reader, source, out, err);
    case ELEA_TYPE_TIME32:
    case ELEA_TYPE_TIME64:
    case ELEA_TYPE_DURATION:
        return make_time(reader, source, out, err);
    case ELEA_TYPE_DECIMAL32:
    case ELEA_TYPE_DECIMAL64:
    case ELEA_TYPE_DECIMAL128:
    case ELEA_TYPE_DECIMAL256:
        return make_decimal(reader, source, out, err);
    case ELEA_TYPE_FIXED_SIZE_BINARY:
    case ELEA_TYPE_FIXED_SIZE_LIST:
        return make_fixed_size(reader, source, out, err);
    case ELEA_TYPE_LIST:
    case ELEA_TYPE_LARGE_LIST:
    case ELEA_TYPE_LIST_VIEW:
    case ELEA_TYPE_LARGE_LIST_VIEW:
        return elea_type_new_list(reader->pool, source->id, children[0], out, err);
    case ELEA_TYPE_MAP:
        return make_map(reader, source, out, err);
    case ELEA_TYPE_RUN_END_ENCODED:
        return elea_type_new_run_end_encoded(reader->pool, children[0], children[1], out, err);
    default:
        *out = elea_type_ref(elea_type_of(source->id));
        return ELEA_OK;
    }
}

// ---- dictionaries

// Adds the slot of a dictionary, whose values are not known yet.
static elea_status add_slot(schema_reader *reader, const elea__flat_table *encoding,
                            elea_error *err) {
    elea__ipc_slot slot = {.id = 0};
    int64_t kind = 0;
    ELEA_TRY(elea__flat_get_int(encoding, ELEA__ENCODING_KIND, 2, 0, &kind, err));
    if (kind != 0)
        return elea_error_set(err, ELEA_EUNSUPPORTED,
                              "a dictionary of kind %lld, expected 0 (a dense array)",
                              (long long)kind);
    if (reader->slots->count >= reader->options->limits->dictionary_count_max)
        return elea_error_set(err, ELEA_ECAPACITY,
                              "the schema has more than %lld fields with dictionaries",
                              (long long)reader->options->limits->dictionary_count_max);
    ELEA_TRY(elea__flat_get_int(encoding, ELEA__ENCODING_ID, 8, 0, &slot.id, err));
    return elea__ipc_list_push(reader->slots, reader->pool, &slot, sizeof slot, err);
}

// Completes slot `index` and puts the type of dictionaries in place of that of values.
static elea_status encode(schema_reader *reader, const elea__flat_table *encoding, int64_t index,
                          elea_type **type, elea_error *err) {
    elea__ipc_slot *slot = (elea__ipc_slot *)reader->slots->data + index;
    elea_type_id index_type = ELEA_TYPE_INT32;
    elea_type *encoded = NULL;
    elea__flat_table parameters;
    int64_t ordered = 0;
    bool present = false;
    slot->value_type = *type;
    slot->nested = reader->slots->count - index - 1;
    *type = NULL;
    ELEA_TRY(elea__flat_get_table(encoding, ELEA__ENCODING_INDEX_TYPE, &parameters, &present, err));
    if (present)
        ELEA_TRY(elea__ipc_type_select(ELEA__TAG_INT, &parameters, &index_type, err));
    ELEA_TRY(elea__flat_get_int(encoding, ELEA__ENCODING_ORDERED, 1, 0, &ordered, err));
    ELEA_TRY(elea_type_new_dictionary(reader->pool, elea_type_of(index_type), slot->value_type,
                                      ordered != 0, &encoded, err));
    *type = encoded;
    return ELEA_OK;
}

// ---- fields

static elea_status read_field(schema_reader *reader, const elea__flat_table *table, int32_t depth,
                              elea_field **out, elea_error *err);

// Reads the child fields. The caller frees source->children (child_count pointers of `allocated`
// bytes) whether this fails or not.
static elea_status read_children(schema_reader *reader, const elea__flat_table *table,
                                 int32_t depth, type_source *source, int64_t *allocated,
                                 elea_error *err) {
    elea__flat_vector vector;
    ELEA_TRY(elea__flat_get_vector(table, ELEA__FIELD_CHILDREN, 4, &vector, err));
    if (vector.count == 0)
        return ELEA_OK;
    void *children = NULL;
    *allocated = vector.count * (int64_t)sizeof(elea_field *);
    ELEA_TRY(elea_alloc_zero(reader->pool, *allocated, &children, err));
    source->children = children;
    for (int64_t i = 0; i < vector.count; i++) {
        elea__flat_table child;
        ELEA_TRY(elea__flat_vector_table(&vector, i, &child, err));
        ELEA_TRY(read_field(reader, &child, depth + 1, &source->children[i], err));
        source->child_count++;
    }
    return ELEA_OK;
}

static elea_status read_parts(schema_reader *reader, const elea__flat_table *table, elea_bytes name,
                              int32_t depth, elea_field **out, elea_error *err) {
    elea_status status = ELEA_OK;
    type_source source = {.child_count = 0};
    elea_type *type = NULL;
    elea_metadata *metadata = NULL;
    elea__flat_table encoding;
    int64_t allocated = 0, nullable = 0, slot = reader->slots->count;
    bool is_encoded = false;

    if (depth > reader->options->depth_max)
        return elea_error_set(err, ELEA_ECAPACITY, "types are nested more than %d deep",
                              reader->options->depth_max);
    if (++reader->field_count > reader->options->limits->field_count_max)
        return elea_error_set(err, ELEA_ECAPACITY, "the schema has more than %lld fields",
                              (long long)reader->options->limits->field_count_max);
    ELEA_TRY(elea__ipc_type_find(table, &source.id, &source.parameters, err));
    ELEA_TRY(elea__flat_get_table(table, ELEA__FIELD_DICTIONARY, &encoding, &is_encoded, err));
    if (is_encoded)
        ELEA_TRY(add_slot(reader, &encoding, err));
    ELEA_TRY(elea__flat_get_int(table, ELEA__FIELD_NULLABLE, 1, 0, &nullable, err));
    ELEA_GOTO(done, read_children(reader, table, depth, &source, &allocated, err));
    ELEA_GOTO(done, make_type(reader, &source, &type, err));
    if (is_encoded)
        ELEA_GOTO(done, encode(reader, &encoding, slot, &type, err));
    ELEA_GOTO(done,
              elea__ipc_metadata_read(reader->pool, table, ELEA__FIELD_METADATA,
                                      reader->options->limits->custom_size_max, &metadata, err));
    status = elea_field_new(reader->pool, name, type, nullable != 0, metadata, out, err);

done:
    elea_metadata_unref(metadata);
    elea_type_unref(type);
    for (int64_t i = 0; i < source.child_count; i++)
        elea_field_unref(source.children[i]);
    elea_dealloc(reader->pool, source.children, allocated);
    return status;
}

static elea_status read_field(schema_reader *reader, const elea__flat_table *table, int32_t depth,
                              elea_field **out, elea_error *err) {
    elea_bytes name;
    ELEA_TRY(elea__flat_get_string(table, ELEA__FIELD_NAME, &name, err));
    elea_status status = read_parts(reader, table, name, depth, out, err);
    if (status == ELEA_OK)
        return ELEA_OK;
    return elea_error_prefix(err, status, "%s \"%.*s\"", depth == 1 ? "column" : "field",
                             (int)elea__min(name.size, NAME_SHOWN_MAX), name.data ? name.data : "");
}

// ---- extents

bool elea__ipc_has_old_validity(elea_layout layout) {
    return !elea__layout_has_validity(layout) && layout != ELEA_LAYOUT_NULL;
}

static void add_layout(elea__ipc_extent *extent, elea_layout layout) {
    extent->nodes++;
    for (const char *letter = elea_layout_buffers(layout); *letter; letter++) {
        extent->buffers++;
        extent->variadic += *letter == 'w';
    }
    extent->old_validity += elea__ipc_has_old_validity(layout);
}

void elea__ipc_extent_add(elea__ipc_extent *extent, const elea_type *type) {
    add_layout(extent, elea_type_layout_of(type));
    for (int64_t i = 0; i < elea_type_child_count(type); i++)
        elea__ipc_extent_add(extent, elea_field_type(elea_type_child(type, i)));
}

// The same from the field's table, whether or not its type can be read.
static elea_status add_extent(schema_reader *reader, const elea__flat_table *table, int32_t depth,
                              elea__ipc_extent *extent, elea_error *err) {
    elea_type_id id = ELEA_TYPE_NULL;
    elea__flat_table unused;
    elea__flat_vector children;
    bool is_dictionary = false;
    if (depth > reader->options->depth_max)
        return elea_error_set(err, ELEA_ECAPACITY, "types are nested more than %d deep",
                              reader->options->depth_max);
    ELEA_TRY(elea__flat_get_table(table, ELEA__FIELD_DICTIONARY, &unused, &is_dictionary, err));
    if (is_dictionary) {
        add_layout(extent, ELEA_LAYOUT_DICTIONARY);
        return ELEA_OK;
    }
    ELEA_TRY(elea__ipc_type_find(table, &id, &unused, err));
    add_layout(extent, elea__type_table[id].layout);
    ELEA_TRY(elea__flat_get_vector(table, ELEA__FIELD_CHILDREN, 4, &children, err));
    for (int64_t i = 0; i < children.count; i++) {
        elea__flat_table child;
        ELEA_TRY(elea__flat_vector_table(&children, i, &child, err));
        ELEA_TRY(add_extent(reader, &child, depth + 1, extent, err));
    }
    return ELEA_OK;
}

// ---- the schema

// Finds the one field of this name.
static elea_status find_column(const elea__flat_vector *fields, const char *name, int64_t *out,
                               elea_error *err) {
    int64_t size = (int64_t)strlen(name);
    *out = -1;
    for (int64_t i = 0; i < fields->count; i++) {
        elea__flat_table field;
        elea_bytes found;
        ELEA_TRY(elea__flat_vector_table(fields, i, &field, err));
        fields->flat->tables_left++; // a look, not a visit: names are searched many times
        ELEA_TRY(elea__flat_get_string(&field, ELEA__FIELD_NAME, &found, err));
        fields->flat->bytes_left += found.size;
        if (found.size != size || memcmp(found.data, name, (size_t)size) != 0)
            continue;
        if (*out >= 0)
            return elea_error_set(err, ELEA_EINVAL, "several columns have the name \"%s\"", name);
        *out = i;
    }
    if (*out < 0)
        return elea_error_set(err, ELEA_ENOTFOUND, "there is no column \"%s\"", name);
    return ELEA_OK;
}

static elea_status read_columns(schema_reader *reader, const elea__flat_vector *vector,
                                const elea__ipc_extent *starts, elea_field **fields,
                                elea__ipc_schema *out, elea_error *err) {
    for (int64_t i = 0; i < out->count; i++) {
        elea__flat_table table;
        int64_t column = reader->options->indices ? reader->options->indices[i] : i;
        if (reader->options->columns)
            ELEA_TRY(find_column(vector, reader->options->columns[i], &column, err));
        if (column < 0 || column >= vector->count)
            return elea_error_set(err, ELEA_EINDEX, "column %lld of %lld", (long long)column,
                                  (long long)vector->count);
        ELEA_TRY(elea__flat_vector_table(vector, column, &table, err));
        out->starts[i] = starts[column];
        out->starts[i].slots = reader->slots->count;
        ELEA_TRY(read_field(reader, &table, 1, &fields[i], err));
        elea__ipc_extent_add(&out->wanted, elea_field_type(fields[i]));
    }
    return ELEA_OK;
}

// Where each column of the file begins in a record batch.
static elea_status read_starts(schema_reader *reader, const elea__flat_vector *vector,
                               elea__ipc_extent *starts, elea__ipc_schema *out, elea_error *err) {
    for (int64_t i = 0; i < vector->count; i++) {
        elea__flat_table table;
        starts[i] = out->total;
        ELEA_TRY(elea__flat_vector_table(vector, i, &table, err));
        elea_status status = add_extent(reader, &table, 1, &out->total, err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "column %lld", (long long)i);
    }
    return ELEA_OK;
}

static elea_status read_all(schema_reader *reader, const elea__flat_table *table,
                            const elea__flat_vector *vector, elea__ipc_schema *out,
                            elea_error *err) {
    elea_status status = ELEA_OK;
    elea_metadata *metadata = NULL;
    void *starts = NULL, *own_starts = NULL, *fields = NULL;
    int64_t starts_size = vector->count * (int64_t)sizeof(elea__ipc_extent);
    int64_t own_starts_size = out->count * (int64_t)sizeof(elea__ipc_extent);
    int64_t fields_size = out->count * (int64_t)sizeof(elea_field *);

    ELEA_GOTO(done, elea_alloc_zero(reader->pool, starts_size, &starts, err));
    ELEA_GOTO(done, elea_alloc_zero(reader->pool, own_starts_size, &own_starts, err));
    ELEA_GOTO(done, elea_alloc_zero(reader->pool, fields_size, &fields, err));
    out->starts = own_starts;
    ELEA_GOTO(done, read_starts(reader, vector, starts, out, err));
    // Extents were one walk over the same tables: the budget is for each walk.
    elea__flat_init(vector->flat, vector->flat->data, vector->flat->size,
                    vector->flat->file_offset);
    ELEA_GOTO(done, read_columns(reader, vector, starts, fields, out, err));
    ELEA_GOTO(done,
              elea__ipc_metadata_read(reader->pool, table, ELEA__SCHEMA_METADATA,
                                      reader->options->limits->custom_size_max, &metadata, err));
    ELEA_GOTO(done, elea_schema_new(reader->pool, (const elea_field *const *)fields, out->count,
                                    metadata, &out->schema, err));
    own_starts = NULL;

done:
    elea_metadata_unref(metadata);
    for (int64_t i = 0; fields && i < out->count; i++)
        elea_field_unref(((elea_field **)fields)[i]);
    elea_dealloc(reader->pool, fields, fields_size);
    elea_dealloc(reader->pool, own_starts, own_starts_size);
    elea_dealloc(reader->pool, starts, starts_size);
    return status;
}

static void release_slots(elea__ipc_schema *schema) {
    elea__ipc_slot *slots = schema->slots.data;
    for (int64_t i = 0; i < schema->slots.count; i++)
        elea_type_unref(slots[i].value_type);
    elea__ipc_list_release(&schema->slots, schema->pool, sizeof(elea__ipc_slot));
}

elea_status elea__ipc_schema_read(elea_pool *pool, const elea__flat_table *table,
                                  const elea__ipc_schema_options *options, elea__ipc_schema *out,
                                  elea_error *err) {
    elea__ipc_schema result = {.pool = pool};
    schema_reader reader = {.pool = pool, .options = options, .slots = &result.slots};
    elea__flat_vector vector;
    int64_t endianness = 0;
    ELEA_TRY(elea__flat_get_int(table, ELEA__SCHEMA_ENDIANNESS, 2, 0, &endianness, err));
    if (endianness != LITTLE_ENDIAN_DATA && endianness != BIG_ENDIAN_DATA)
        return elea_error_set(err, ELEA_EUNSUPPORTED, "byte order %lld, expected 0 or 1",
                              (long long)endianness);
    result.is_foreign = endianness != NATIVE_DATA;
    ELEA_TRY(elea__flat_get_vector(table, ELEA__SCHEMA_FIELDS, 4, &vector, err));
    result.count = options->indices ? options->index_count : vector.count;
    if (options->columns)
        for (result.count = 0; options->columns[result.count];)
            result.count++;
    elea_status status = read_all(&reader, table, &vector, &result, err);
    if (status == ELEA_OK)
        *out = result;
    else
        release_slots(&result);
    return status;
}

void elea__ipc_schema_release(elea__ipc_schema *schema) {
    elea_dealloc(schema->pool, schema->starts, schema->count * (int64_t)sizeof *schema->starts);
    schema->starts = NULL;
    release_slots(schema);
    elea_schema_unref(schema->schema);
    schema->schema = NULL;
}
