// SPDX-License-Identifier: Apache-2.0
//
// The columns of a Feather file of version 1: one run of bytes each, with the validity bitmap where
// there are nulls, offsets where there are texts, and the values.
#include "base/math_internal.h"
#include "columnar/type_internal.h"
#include "ipc/feather.h"
#include "ipc/feather_format.h"
#include "ipc/slice.h"

// By the number that stands for a type: physical ones, then those that metadata stand for.
static const elea_type_id types[] = {
    ELEA_TYPE_BOOL,   ELEA_TYPE_INT8,       ELEA_TYPE_INT16,        ELEA_TYPE_INT32,
    ELEA_TYPE_INT64,  ELEA_TYPE_UINT8,      ELEA_TYPE_UINT16,       ELEA_TYPE_UINT32,
    ELEA_TYPE_UINT64, ELEA_TYPE_FLOAT32,    ELEA_TYPE_FLOAT64,      ELEA_TYPE_UTF8,
    ELEA_TYPE_BINARY, ELEA_TYPE_NULL,       ELEA_TYPE_NULL,         ELEA_TYPE_NULL,
    ELEA_TYPE_NULL,   ELEA_TYPE_LARGE_UTF8, ELEA_TYPE_LARGE_BINARY,
};

typedef struct primitive {
    elea_type_id id;
    int64_t offset;
    int64_t length;
    int64_t null_count;
    int64_t size;
} primitive;

static elea_status read_primitive(const elea__feather *feather, const elea__flat_table *table,
                                  primitive *out, elea_error *err) {
    int64_t number = 0, encoding = 0, count = (int64_t)(sizeof types / sizeof *types);
    ELEA_TRY(elea__flat_get_int(table, ELEA__CARRAY_TYPE, 1, 0, &number, err));
    ELEA_TRY(elea__flat_get_int(table, ELEA__CARRAY_ENCODING, 1, 0, &encoding, err));
    ELEA_TRY(elea__flat_get_int(table, ELEA__CARRAY_OFFSET, 8, 0, &out->offset, err));
    ELEA_TRY(elea__flat_get_int(table, ELEA__CARRAY_LENGTH, 8, 0, &out->length, err));
    ELEA_TRY(elea__flat_get_int(table, ELEA__CARRAY_NULL_COUNT, 8, 0, &out->null_count, err));
    ELEA_TRY(elea__flat_get_int(table, ELEA__CARRAY_SIZE, 8, 0, &out->size, err));
    if (number < 0 || number >= count || types[number] == ELEA_TYPE_NULL)
        return elea_error_set(err, ELEA_EINVAL, "values of type number %lld", (long long)number);
    if (encoding != 0)
        return elea_error_set(err, ELEA_EUNSUPPORTED, "an encoding of number %lld, expected 0",
                              (long long)encoding);
    if (out->length < 0 || out->null_count < 0 || out->null_count > out->length)
        return elea_error_set(err, ELEA_EINVAL, "%lld nulls in %lld values",
                              (long long)out->null_count, (long long)out->length);
    if (!elea__range_inside(out->offset, out->size, feather->data_end))
        return elea_error_set(
            err, ELEA_EINVAL, "%lld bytes at file offset %lld, expected them before %lld",
            (long long)out->size, (long long)out->offset, (long long)feather->data_end);
    out->id = types[number];
    return ELEA_OK;
}

// ---- values

// The run of bytes of an array, taken apart from the front.
typedef struct column_parts {
    const elea__feather *feather;
    elea_buffer *whole;
    int64_t file_offset;
    int64_t position;
    elea_buffer *buffers[3];
    int64_t count;
} column_parts;

// The next `size` bytes, of numbers of `width` bytes; a negative size is one that overflowed.
static elea_status take(column_parts *parts, int64_t size, int64_t width, elea_error *err) {
    int64_t left = elea_buffer_size(parts->whole) - parts->position;
    if (size < 0 || size > left)
        return elea_error_set(err, ELEA_EINVAL, "%lld bytes of values, expected at least %lld",
                              (long long)elea_buffer_size(parts->whole),
                              (long long)(size < 0 ? INT64_MAX : parts->position + size));
    ELEA_TRY(elea__ipc_slice(&parts->feather->options, parts->whole, parts->position, size, width,
                             parts->file_offset + parts->position, &parts->buffers[parts->count],
                             err));
    parts->count++;
    parts->position += size;
    if (parts->feather->version >= ELEA__FEATHER_PADDED)
        parts->position +=
            elea__min(-parts->position & 7, elea_buffer_size(parts->whole) - parts->position);
    return ELEA_OK;
}

static elea_status take_all(column_parts *parts, const elea_type *type, const primitive *values,
                            elea_error *err) {
    bool is_binary = type->layout == ELEA_LAYOUT_BINARY || type->layout == ELEA_LAYOUT_LARGE_BINARY;
    int64_t width = type->bit_width / 8, size = 0;
    if (values->null_count > 0)
        ELEA_TRY(take(parts, elea_bitmap_size(values->length), 1, err));
    else
        parts->count++; // all are valid
    if (type->layout == ELEA_LAYOUT_BIT) {
        size = elea_bitmap_size(values->length);
    } else if (elea__mul_overflow(values->length + is_binary, width, &size)) {
        size = -1;
    }
    if (is_binary && values->length == 0)
        size = elea__min(size, elea_buffer_size(parts->whole) - parts->position);
    ELEA_TRY(take(parts, size, elea__max(width, 1), err));
    if (!is_binary)
        return ELEA_OK;
    return take(parts, elea_buffer_size(parts->whole) - parts->position, 1, err);
}

// An array whose type has the layout of the values; of a dictionary, these are the indices.
static elea_status make_array(const elea__feather *feather, const elea_type *type,
                              const primitive *values, const elea_array *dictionary,
                              elea_array **out, elea_error *err) {
    elea_status status = ELEA_OK;
    const elea_type *physical = dictionary ? elea_type_index_type(type) : type;
    column_parts parts = {.feather = feather, .file_offset = values->offset};
    ELEA_GOTO(done,
              elea_file_view_at(feather->file, values->offset, values->size, &parts.whole, err));
    ELEA_GOTO(done, take_all(&parts, physical, values, err));
    const elea_array_parts array = {.type = type,
                                    .length = values->length,
                                    .null_count = values->null_count == 0 ? 0 : -1,
                                    .buffers = (const elea_buffer *const *)parts.buffers,
                                    .buffer_count = parts.count,
                                    .dictionary = dictionary};
    status = elea_array_new(feather->pool, &array, out, err);

done:
    for (int i = 0; i < 3; i++)
        elea_buffer_unref(parts.buffers[i]);
    elea_buffer_unref(parts.whole);
    return status;
}

// ---- types that metadata stand for

static elea_status expect_values(const primitive *values, elea_type_id expected, const char *what,
                                 elea_error *err) {
    if (values->id == expected)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "%s of %s, expected %s", what,
                          elea_type_id_name(values->id), elea_type_id_name(expected));
}

static elea_status read_category(const elea__feather *feather, const elea__flat_table *metadata,
                                 const primitive *values, elea_array **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea__flat_table table;
    primitive levels = {.id = ELEA_TYPE_NULL};
    elea_type *type = NULL;
    elea_array *dictionary = NULL;
    int64_t ordered = 0;
    bool present = false;
    ELEA_TRY(elea__flat_get_table(metadata, ELEA__CATEGORY_LEVELS, &table, &present, err));
    if (!present)
        return elea_error_set(err, ELEA_EINVAL, "categories without levels");
    ELEA_TRY(elea__flat_get_int(metadata, ELEA__CATEGORY_ORDERED, 1, 0, &ordered, err));
    ELEA_TRY(read_primitive(feather, &table, &levels, err));
    ELEA_GOTO(done, make_array(feather, elea_type_of(levels.id), &levels, NULL, &dictionary, err));
    ELEA_GOTO(done, elea_type_new_dictionary(feather->pool, elea_type_of(values->id),
                                             elea_type_of(levels.id), ordered != 0, &type, err));
    status = make_array(feather, type, values, dictionary, out, err);

done:
    elea_type_unref(type);
    elea_array_unref(dictionary);
    return status;
}

static elea_status make_timestamp(const elea__feather *feather, const elea__flat_table *metadata,
                                  elea_time_unit unit, elea_type **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_text zone;
    elea_bytes name;
    elea_text_init(&zone, feather->pool);
    ELEA_TRY(elea__flat_get_string(metadata, ELEA__CTIME_ZONE, &name, err));
    if (name.size > 0)
        ELEA_GOTO(done, elea_text_append(&zone, name, err));
    status = elea_type_new_timestamp(feather->pool, unit, zone.data, out, err);

done:
    elea_text_release(&zone);
    return status;
}

// A timestamp, or a time of day in seconds or milliseconds, which has 32 bits.
static elea_status read_time(const elea__feather *feather, int64_t tag,
                             const elea__flat_table *metadata, const primitive *values,
                             elea_array **out, elea_error *err) {
    elea_type *type = NULL;
    int64_t unit = 0;
    bool is_timestamp = tag == ELEA__CMETADATA_TIMESTAMP;
    ELEA_TRY(elea__flat_get_int(metadata, ELEA__CTIME_UNIT, 1, 0, &unit, err));
    ELEA_TRY(expect_values(values, is_timestamp ? ELEA_TYPE_INT64 : ELEA_TYPE_INT32,
                           is_timestamp ? "timestamps" : "times", err));
    if (unit < ELEA_TIME_SECOND || unit > ELEA_TIME_NANO)
        return elea_error_set(err, ELEA_EINVAL, "a unit of time of number %lld", (long long)unit);
    if (is_timestamp)
        ELEA_TRY(make_timestamp(feather, metadata, (elea_time_unit)unit, &type, err));
    else
        ELEA_TRY(
            elea_type_new_time(feather->pool, ELEA_TYPE_TIME32, (elea_time_unit)unit, &type, err));
    elea_status status = make_array(feather, type, values, NULL, out, err);
    elea_type_unref(type);
    return status;
}

elea_status elea__feather_read_column(const elea__feather *feather, const elea__flat_table *column,
                                      elea_array **out, elea_error *err) {
    elea__flat_table table, metadata;
    primitive values = {.id = ELEA_TYPE_NULL};
    int64_t tag = 0;
    bool present = false;
    ELEA_TRY(elea__flat_get_table(column, ELEA__CCOLUMN_VALUES, &table, &present, err));
    if (!present)
        return elea_error_set(err, ELEA_EINVAL, "there are no values");
    ELEA_TRY(read_primitive(feather, &table, &values, err));
    if (values.length != feather->row_count)
        return elea_error_set(err, ELEA_EINVAL, "%lld values, expected one for each of %lld rows",
                              (long long)values.length, (long long)feather->row_count);
    ELEA_TRY(elea__flat_get_int(column, ELEA__CCOLUMN_METADATA_TAG, 1, 0, &tag, err));
    ELEA_TRY(elea__flat_get_table(column, ELEA__CCOLUMN_METADATA, &metadata, &present, err));
    if (tag != ELEA__CMETADATA_NONE && !present)
        return elea_error_set(err, ELEA_EINVAL, "metadata of kind %lld are missing",
                              (long long)tag);
    switch (tag) {
    case ELEA__CMETADATA_NONE:
        return make_array(feather, elea_type_of(values.id), &values, NULL, out, err);
    case ELEA__CMETADATA_CATEGORY:
        return read_category(feather, &metadata, &values, out, err);
    case ELEA__CMETADATA_TIMESTAMP:
    case ELEA__CMETADATA_TIME:
        return read_time(feather, tag, &metadata, &values, out, err);
    case ELEA__CMETADATA_DATE:
        ELEA_TRY(expect_values(&values, ELEA_TYPE_INT32, "dates", err));
        return make_array(feather, elea_type_of(ELEA_TYPE_DATE32), &values, NULL, out, err);
    default:
        return elea_error_set(err, ELEA_EUNSUPPORTED, "metadata of kind %lld, expected 0 to 4",
                              (long long)tag);
    }
}
