// SPDX-License-Identifier: Apache-2.0
//
// Writes Feather files of version 1, for tests and for the seeds of a fuzzer. Links with the static
// library, whose FlatBuffers it makes.
#ifndef ELEA_TESTS_SUPPORT_FEATHER_BYTES_H
#define ELEA_TESTS_SUPPORT_FEATHER_BYTES_H

#include <stdlib.h>

#include <elea/columnar.h>

#include "ipc/feather_format.h"
#include "ipc/flatbuffer_builder.h"

static inline void feather_must(bool holds) {
    if (!holds)
        abort();
}

static inline void feather_append(elea_text *text, const void *data, int64_t size) {
    static const char zeros[8] = {0};
    elea_error err;
    const elea_bytes bytes = {.data = data, .size = size};
    feather_must(elea_text_append(text, bytes, &err) == ELEA_OK);
    const elea_bytes padding = {.data = zeros, .size = -text->size & 7};
    feather_must(elea_text_append(text, padding, &err) == ELEA_OK);
}

// Where the parts of an array lie in the file.
typedef struct feather_place {
    int64_t type;
    int64_t offset;
    int64_t length;
    int64_t null_count;
    int64_t size;
} feather_place;

static inline int64_t feather_type_of(const elea_type *type) {
    static const elea_type_id types[] = {
        ELEA_TYPE_BOOL,    ELEA_TYPE_INT8,   ELEA_TYPE_INT16,  ELEA_TYPE_INT32,  ELEA_TYPE_INT64,
        ELEA_TYPE_UINT8,   ELEA_TYPE_UINT16, ELEA_TYPE_UINT32, ELEA_TYPE_UINT64, ELEA_TYPE_FLOAT32,
        ELEA_TYPE_FLOAT64, ELEA_TYPE_UTF8,   ELEA_TYPE_BINARY};
    elea_type_id id = elea_type_id_of(type);
    if (id == ELEA_TYPE_DICTIONARY)
        return feather_type_of(elea_type_index_type(type));
    if (id == ELEA_TYPE_LARGE_UTF8 || id == ELEA_TYPE_LARGE_BINARY)
        return id == ELEA_TYPE_LARGE_UTF8 ? 17 : 18;
    for (int64_t i = 0; i < 13; i++)
        if (types[i] == elea_type_physical(type) || types[i] == id)
            return i;
    abort();
}

// `array` is no slice.
static inline feather_place feather_values(elea_text *text, const elea_array *array) {
    feather_place place = {.type = feather_type_of(elea_array_type(array)),
                           .offset = text->size,
                           .length = elea_array_length(array),
                           .null_count = elea_array_null_count(array)};
    for (int64_t i = place.null_count > 0 ? 0 : 1; i < elea_array_buffer_count(array); i++) {
        const elea_buffer *buffer = elea_array_buffer(array, i);
        feather_append(text, elea_buffer_data(buffer), elea_buffer_size(buffer));
    }
    place.size = text->size - place.offset;
    return place;
}

static inline void feather_write_place(elea__flat_builder *builder, int64_t location,
                                       const feather_place *place) {
    elea__flat_begin_table(builder, location);
    elea__flat_add_int(builder, ELEA__CARRAY_OFFSET, 8, place->offset);
    elea__flat_add_int(builder, ELEA__CARRAY_LENGTH, 8, place->length);
    elea__flat_add_int(builder, ELEA__CARRAY_NULL_COUNT, 8, place->null_count);
    elea__flat_add_int(builder, ELEA__CARRAY_SIZE, 8, place->size);
    elea__flat_add_int(builder, ELEA__CARRAY_TYPE, 1, place->type);
    elea__flat_add_int(builder, ELEA__CARRAY_ENCODING, 1, 0);
    elea__flat_end_table(builder);
}

static inline int64_t feather_tag_of(const elea_type *type) {
    switch (elea_type_id_of(type)) {
    case ELEA_TYPE_DICTIONARY:
        return ELEA__CMETADATA_CATEGORY;
    case ELEA_TYPE_TIMESTAMP:
        return ELEA__CMETADATA_TIMESTAMP;
    case ELEA_TYPE_DATE32:
        return ELEA__CMETADATA_DATE;
    case ELEA_TYPE_TIME32:
        return ELEA__CMETADATA_TIME;
    default:
        return ELEA__CMETADATA_NONE;
    }
}

static inline void feather_write_metadata(elea__flat_builder *builder, int64_t location,
                                          const elea_type *type, const feather_place *levels) {
    int64_t tag = feather_tag_of(type), inner = 0;
    elea__flat_begin_table(builder, location);
    if (tag == ELEA__CMETADATA_CATEGORY) {
        inner = elea__flat_add_offset(builder, ELEA__CATEGORY_LEVELS);
        elea__flat_add_int(builder, ELEA__CATEGORY_ORDERED, 1, elea_type_ordered(type));
    } else if (tag != ELEA__CMETADATA_DATE) {
        elea__flat_add_int(builder, ELEA__CTIME_UNIT, 1, elea_type_time_unit(type));
        if (tag == ELEA__CMETADATA_TIMESTAMP)
            inner = elea__flat_add_offset(builder, ELEA__CTIME_ZONE);
    }
    elea__flat_end_table(builder);
    if (tag == ELEA__CMETADATA_CATEGORY)
        feather_write_place(builder, inner, levels);
    else if (inner)
        elea__flat_add_string(builder, inner, elea_bytes_of(elea_type_time_zone(type)));
}

static inline void feather_write_column(elea__flat_builder *builder, int64_t location,
                                        const elea_field *field, const elea_array *array,
                                        elea_text *text) {
    const elea_type *type = elea_field_type(field);
    feather_place levels = {0}, place;
    int64_t tag = feather_tag_of(type), metadata = 0;
    if (tag == ELEA__CMETADATA_CATEGORY)
        levels = feather_values(text, elea_array_dictionary(array));
    place = feather_values(text, array);
    elea__flat_begin_table(builder, location);
    int64_t name = elea__flat_add_offset(builder, ELEA__CCOLUMN_NAME);
    int64_t values = elea__flat_add_offset(builder, ELEA__CCOLUMN_VALUES);
    if (tag != ELEA__CMETADATA_NONE) {
        metadata = elea__flat_add_offset(builder, ELEA__CCOLUMN_METADATA);
        elea__flat_add_int(builder, ELEA__CCOLUMN_METADATA_TAG, 1, tag);
    }
    elea__flat_end_table(builder);
    elea__flat_add_string(builder, name, elea_bytes_of(elea_field_name(field)));
    feather_write_place(builder, values, &place);
    if (metadata)
        feather_write_metadata(builder, metadata, type, &levels);
}

// Appends the file of a batch, whose columns are no slices and of types that the version has.
static inline void feather_write(const elea_record_batch *batch, elea_text *text) {
    elea_error err;
    elea__flat_builder builder;
    int64_t count = elea_record_batch_column_count(batch);
    elea__flat_builder_init(&builder, NULL);
    feather_append(text, ELEA__FEATHER_MAGIC, ELEA__FEATHER_MAGIC_SIZE);
    elea__flat_begin_table(&builder, ELEA__FLAT_ROOT);
    elea__flat_add_int(&builder, ELEA__CTABLE_ROW_COUNT, 8, elea_record_batch_length(batch));
    int64_t location = elea__flat_add_offset(&builder, ELEA__CTABLE_COLUMNS);
    elea__flat_add_int(&builder, ELEA__CTABLE_VERSION, 4, ELEA__FEATHER_PADDED);
    elea__flat_end_table(&builder);
    int64_t columns = elea__flat_add_vector(&builder, location, count, 4, 4);
    for (int64_t i = 0; i < count; i++)
        feather_write_column(&builder, columns + 4 * i,
                             elea_schema_field(elea_record_batch_schema(batch), i),
                             elea_record_batch_column(batch, i), text);
    feather_must(elea__flat_finish(&builder, &err) == ELEA_OK);
    feather_append(text, builder.data, builder.size);
    char tail[ELEA__FEATHER_TAIL_SIZE] = {
        (char)builder.size, (char)(builder.size >> 8), 0, 0, 'F', 'E', 'A', '1'};
    feather_must(builder.size < 1 << 16);
    feather_append(text, tail, sizeof tail);
    elea__flat_builder_release(&builder);
}

#endif // ELEA_TESTS_SUPPORT_FEATHER_BYTES_H
