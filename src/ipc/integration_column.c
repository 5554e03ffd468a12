// SPDX-License-Identifier: Apache-2.0
//
// Arrays as columns of the integration format. An array is a window on its buffers: of these only
// what the window shows is written, offsets counted from its beginning. What lies under a null is
// written as zero.
#include <math.h>
#include <string.h>

#include "base/math_internal.h"
#include "columnar/array_internal.h"
#include "ipc/integration_document.h"

typedef struct column_writer {
    elea_pool *pool;
    elea_text *text;
    elea_span span;
    elea_span data; // as `span`, but with the type of what "DATA" lists
    elea_type unscaled;
} column_writer;

typedef elea_status (*put_item)(const column_writer *writer, int64_t row, elea_error *err);

static elea_status put(const column_writer *writer, const char *string, elea_error *err) {
    return elea_text_append(writer->text, elea_bytes_of(string), err);
}

// , "KEY": [items]
static elea_status put_list(const column_writer *writer, const char *key, int64_t count,
                            put_item put_one, elea_error *err) {
    ELEA_TRY(elea_text_append_format(writer->text, err, ", \"%s\": [", key));
    for (int64_t i = 0; i < count; i++) {
        if (i > 0)
            ELEA_TRY(put(writer, ", ", err));
        ELEA_TRY(put_one(writer, i, err));
    }
    return put(writer, "]", err);
}

static elea_status put_validity(const column_writer *writer, int64_t row, elea_error *err) {
    return put(writer, elea_span_is_valid(&writer->span, row) ? "1" : "0", err);
}

// ---- values

static elea_status put_number(const column_writer *writer, bool quoted, int64_t number,
                              elea_error *err) {
    return elea_text_append_format(writer->text, err, quoted ? "\"%lld\"" : "%lld",
                                   (long long)number);
}

static elea_status put_hex(const column_writer *writer, elea_bytes bytes, elea_error *err) {
    static const char digits[] = "0123456789ABCDEF";
    ELEA_TRY(put(writer, "\"", err));
    for (int64_t i = 0; i < bytes.size; i++) {
        uint8_t byte = (uint8_t)bytes.data[i];
        const char pair[] = {digits[byte >> 4], digits[byte & 15]};
        ELEA_TRY(elea_text_append(writer->text, (elea_bytes){pair, 2}, err));
    }
    return put(writer, "\"", err);
}

static bool is_text(const column_writer *writer) {
    return writer->span.id == ELEA_TYPE_UTF8 || writer->span.id == ELEA_TYPE_LARGE_UTF8 ||
           writer->span.id == ELEA_TYPE_UTF8_VIEW;
}

static elea_status put_bytes(const column_writer *writer, int64_t row, elea_error *err) {
    if (!elea_span_is_valid(&writer->span, row) && writer->span.id != ELEA_TYPE_FIXED_SIZE_BINARY)
        return put(writer, "\"\"", err);
    elea_bytes bytes = elea_span_get_bytes(&writer->span, row);
    if (!is_text(writer))
        return put_hex(writer, bytes, err);
    int64_t valid = elea_utf8_check(bytes.data, bytes.size);
    if (valid != bytes.size)
        return elea_error_set(err, ELEA_EINVAL, "row %lld: byte %lld is not UTF-8", (long long)row,
                              (long long)valid);
    return elea_text_append_json(writer->text, bytes, err);
}

// JSON has no NaN and no infinities, and its reader makes an integer of "-0".
static elea_status put_double(const column_writer *writer, int64_t row, elea_error *err) {
    double value =
        elea_span_is_valid(&writer->span, row) ? elea_span_get_double(&writer->span, row) : 0;
    if (isnan(value))
        return put(writer, "\"NaN\"", err);
    if (isinf(value))
        return put(writer, value > 0 ? "\"Infinity\"" : "\"-Infinity\"", err);
    if (value == 0)
        return put(writer, signbit(value) ? "-0.0" : "0", err);
    return elea_text_append_double(writer->text, value, err);
}

static elea_status put_integer(const column_writer *writer, int64_t row, elea_error *err) {
    bool is_valid = elea_span_is_valid(&writer->span, row);
    int64_t value = is_valid ? elea_span_get_int(&writer->data, row) : 0;
    if (elea_type_physical(writer->data.type) == ELEA_TYPE_UINT64)
        return elea_text_append_format(writer->text, err, "\"%llu\"", (unsigned long long)value);
    return put_number(writer, elea_type_bit_width(writer->data.type) == 64, value, err);
}

static elea_status put_bool(const column_writer *writer, int64_t row, elea_error *err) {
    bool value = elea_span_is_valid(&writer->span, row) && elea_span_get_int(&writer->span, row);
    return put(writer, value ? "true" : "false", err);
}

static elea_status put_decimal(const column_writer *writer, int64_t row, elea_error *err) {
    if (!elea_span_is_valid(&writer->span, row))
        return put(writer, "\"0\"", err);
    ELEA_TRY(put(writer, "\"", err));
    ELEA_TRY(elea_span_format(&writer->data, row, false, writer->text, err));
    return put(writer, "\"", err);
}

static elea_status put_interval(const column_writer *writer, int64_t row, elea_error *err) {
    static const uint8_t zeros[16];
    const uint8_t *value = zeros;
    if (elea_span_is_valid(&writer->span, row))
        value = (const uint8_t *)elea_span_get_bytes(&writer->span, row).data;
    if (writer->span.id == ELEA_TYPE_INTERVAL_DAY_TIME)
        return elea_text_append_format(writer->text, err, "{\"days\": %d, \"milliseconds\": %d}",
                                       elea__load_int32(value, 0), elea__load_int32(value, 1));
    return elea_text_append_format(writer->text, err,
                                   "{\"months\": %d, \"days\": %d, \"nanoseconds\": %lld}",
                                   elea__load_int32(value, 0), elea__load_int32(value, 1),
                                   (long long)elea__load_int64(value, 1));
}

static put_item item_of(elea_type_id id) {
    switch (id) {
    case ELEA_TYPE_FLOAT16:
    case ELEA_TYPE_FLOAT32:
    case ELEA_TYPE_FLOAT64:
        return put_double;
    case ELEA_TYPE_FIXED_SIZE_BINARY:
        return put_bytes;
    case ELEA_TYPE_DECIMAL32:
    case ELEA_TYPE_DECIMAL64:
    case ELEA_TYPE_DECIMAL128:
    case ELEA_TYPE_DECIMAL256:
        return put_decimal;
    case ELEA_TYPE_INTERVAL_DAY_TIME:
    case ELEA_TYPE_INTERVAL_MONTH_DAY_NANO:
        return put_interval;
    default:
        return put_integer;
    }
}

static elea_status put_fixed(column_writer *writer, elea_error *err) {
    const elea_type *type = writer->span.type;
    writer->data = writer->span;
    if (elea_type_layout_of(type) == ELEA_LAYOUT_DICTIONARY) {
        writer->data.type = elea_type_index_type(type);
    } else if (elea_type_precision(type) > 0) {
        // Decimals are listed as their digits alone, as if the point were behind them.
        writer->unscaled = *type;
        writer->unscaled.scale = 0;
        writer->data.type = &writer->unscaled;
    }
    writer->data.id = elea_type_id_of(writer->data.type);
    return put_list(writer, "DATA", writer->span.length, item_of(writer->data.id), err);
}

// ---- binary

// Nulls are written as no bytes.
static elea_status put_binary_offsets(const column_writer *writer, bool is_64, elea_error *err) {
    int64_t end = 0;
    ELEA_TRY(put(writer, ", \"OFFSET\": [", err));
    ELEA_TRY(put_number(writer, is_64, 0, err));
    for (int64_t i = 0; i < writer->span.length; i++) {
        if (elea_span_is_valid(&writer->span, i))
            end += elea_span_get_bytes(&writer->span, i).size;
        ELEA_TRY(put(writer, ", ", err));
        ELEA_TRY(put_number(writer, is_64, end, err));
    }
    return put(writer, "]", err);
}

static elea_status put_binary(const column_writer *writer, bool is_64, elea_error *err) {
    ELEA_TRY(put_binary_offsets(writer, is_64, err));
    return put_list(writer, "DATA", writer->span.length, put_bytes, err);
}

static elea_status put_view(const column_writer *writer, int64_t row, elea_error *err) {
    if (!elea_span_is_valid(&writer->span, row))
        return put(writer, "{\"SIZE\": 0, \"INLINED\": \"\"}", err);
    elea_bytes bytes = elea_span_get_bytes(&writer->span, row);
    ELEA_TRY(
        elea_text_append_format(writer->text, err, "{\"SIZE\": %lld, ", (long long)bytes.size));
    if (bytes.size <= ELEA__VIEW_INLINE_MAX) {
        ELEA_TRY(put(writer, "\"INLINED\": ", err));
        ELEA_TRY(put_bytes(writer, row, err));
        return put(writer, "}", err);
    }
    const uint8_t *view = writer->span.buffers[1] + (writer->span.offset + row) * 16;
    ELEA_TRY(put(writer, "\"PREFIX_HEX\": ", err));
    ELEA_TRY(
        put_hex(writer, (elea_bytes){(const char *)view + 4, ELEA__INTEGRATION_PREFIX_SIZE}, err));
    return elea_text_append_format(writer->text, err, ", \"BUFFER_INDEX\": %d, \"OFFSET\": %d}",
                                   elea__load_int32(view, 2), elea__load_int32(view, 3));
}

static elea_status put_variadic(const column_writer *writer, int64_t index, elea_error *err) {
    const elea_buffer *buffer = elea_array_buffer(writer->span.array, 2 + index);
    return put_hex(writer,
                   (elea_bytes){(const char *)elea_buffer_data(buffer), elea_buffer_size(buffer)},
                   err);
}

static elea_status put_views(const column_writer *writer, elea_error *err) {
    ELEA_TRY(put_list(writer, "VIEWS", writer->span.length, put_view, err));
    return put_list(writer, "VARIADIC_DATA_BUFFERS",
                    elea_array_buffer_count(writer->span.array) - 2, put_variadic, err);
}

// ---- lists, unions

static elea_status put_list_offset(const column_writer *writer, int64_t row, elea_error *err) {
    bool is_64 = elea_type_layout_of(writer->span.type) == ELEA_LAYOUT_LARGE_LIST;
    const uint8_t *offsets = writer->span.buffers[1];
    if (writer->span.length == 0)
        return put_number(writer, is_64, 0, err);
    int64_t first = elea__load_offset(offsets, writer->span.offset, is_64);
    return put_number(writer, is_64,
                      elea__load_offset(offsets, writer->span.offset + row, is_64) - first, err);
}

static elea_status put_view_offset(const column_writer *writer, int64_t row, elea_error *err) {
    bool is_64 = elea_type_layout_of(writer->span.type) == ELEA_LAYOUT_LARGE_LIST_VIEW;
    return put_number(writer, is_64,
                      elea__load_offset(writer->span.buffers[1], writer->span.offset + row, is_64),
                      err);
}

static elea_status put_view_size(const column_writer *writer, int64_t row, elea_error *err) {
    bool is_64 = elea_type_layout_of(writer->span.type) == ELEA_LAYOUT_LARGE_LIST_VIEW;
    return put_number(writer, is_64,
                      elea__load_offset(writer->span.buffers[2], writer->span.offset + row, is_64),
                      err);
}

static elea_status put_code(const column_writer *writer, int64_t row, elea_error *err) {
    return put_number(writer, false, (int8_t)writer->span.buffers[1][writer->span.offset + row],
                      err);
}

static elea_status put_union_offset(const column_writer *writer, int64_t row, elea_error *err) {
    return put_number(writer, false, elea__union_child_row(&writer->span, row), err);
}

static elea_status put_buffers(column_writer *writer, elea_error *err) {
    int64_t length = writer->span.length;
    elea_layout layout = elea_type_layout_of(writer->span.type);
    if (elea__layout_has_validity(layout))
        ELEA_TRY(put_list(writer, "VALIDITY", length, put_validity, err));
    switch (layout) {
    case ELEA_LAYOUT_BIT:
        return put_list(writer, "DATA", length, put_bool, err);
    case ELEA_LAYOUT_FIXED:
    case ELEA_LAYOUT_DICTIONARY:
        return put_fixed(writer, err);
    case ELEA_LAYOUT_BINARY:
    case ELEA_LAYOUT_LARGE_BINARY:
        return put_binary(writer, layout == ELEA_LAYOUT_LARGE_BINARY, err);
    case ELEA_LAYOUT_BINARY_VIEW:
        return put_views(writer, err);
    case ELEA_LAYOUT_LIST:
    case ELEA_LAYOUT_LARGE_LIST:
        return put_list(writer, "OFFSET", length + 1, put_list_offset, err);
    case ELEA_LAYOUT_LIST_VIEW:
    case ELEA_LAYOUT_LARGE_LIST_VIEW:
        ELEA_TRY(put_list(writer, "OFFSET", length, put_view_offset, err));
        return put_list(writer, "SIZE", length, put_view_size, err);
    case ELEA_LAYOUT_SPARSE_UNION:
        return put_list(writer, "TYPE_ID", length, put_code, err);
    case ELEA_LAYOUT_DENSE_UNION:
        ELEA_TRY(put_list(writer, "TYPE_ID", length, put_code, err));
        return put_list(writer, "OFFSET", length, put_union_offset, err);
    default:
        return ELEA_OK;
    }
}

// ---- children

// The rows of a child that the window of its parent shows: all of those that are named one by one.
static void child_range(const elea_span *span, const elea_array *child, int64_t *first,
                        int64_t *count) {
    int64_t end = 0, size = 0;
    *first = span->offset;
    *count = span->length;
    switch (elea_type_layout_of(span->type)) {
    case ELEA_LAYOUT_STRUCT:
    case ELEA_LAYOUT_SPARSE_UNION:
        return;
    case ELEA_LAYOUT_FIXED_SIZE_LIST:
        size = elea_type_fixed_size(span->type);
        *first = span->offset * size;
        *count = span->length * size;
        return;
    case ELEA_LAYOUT_LIST:
    case ELEA_LAYOUT_LARGE_LIST:
        *first = *count = 0;
        if (span->length == 0)
            return;
        elea_span_get_list(span, 0, first, &size);
        elea_span_get_list(span, span->length - 1, &end, &size);
        *count = end + size - *first;
        return;
    default:
        *first = 0;
        *count = elea_array_length(child);
    }
}

// Run ends count from the beginning of the array: those of a window are made anew.
static elea_status window_run_ends(const column_writer *writer, int64_t first, int64_t count,
                                   elea_array **out, elea_error *err) {
    elea_span ends;
    elea_buffer *buffer = NULL;
    elea_span_child(&writer->span, 0, &ends);
    int64_t width = elea_type_bit_width(ends.type) / 8;
    ELEA_TRY(elea_buffer_new(writer->pool, count * width, &buffer, err));
    uint8_t *values = elea_buffer_mutable_data(buffer);
    for (int64_t i = 0; i < count; i++) {
        int64_t end = elea__min(elea_span_get_int(&ends, first + i) - writer->span.offset,
                                writer->span.length);
        elea_copy_bytes(values + i * width, &end, width);
    }
    const elea_buffer *const buffers[] = {NULL, buffer};
    const elea_array_parts parts = {
        .type = ends.type, .length = count, .buffers = buffers, .buffer_count = 2};
    elea_status status = elea_array_new(writer->pool, &parts, out, err);
    elea_buffer_unref(buffer);
    return status;
}

// Child `index` as it is written.
static elea_status window_child(const column_writer *writer, int64_t index, elea_array **out,
                                elea_error *err) {
    const elea_array *child = elea_array_child(writer->span.array, index);
    int64_t first = 0, count = 0;
    if (elea_type_layout_of(writer->span.type) == ELEA_LAYOUT_RUN_END_ENCODED) {
        if (writer->span.length > 0) {
            first = elea__run_of(&writer->span, 0);
            count = elea__run_of(&writer->span, writer->span.length - 1) - first + 1;
        }
        if (index == 0)
            return window_run_ends(writer, first, count, out, err);
    } else {
        child_range(&writer->span, child, &first, &count);
    }
    return elea_array_slice(child, first, count, out, err);
}

static elea_status put_children(const column_writer *writer, elea_error *err) {
    int64_t count = elea_type_child_count(writer->span.type);
    if (count == 0)
        return ELEA_OK;
    ELEA_TRY(put(writer, ", \"children\": [", err));
    for (int64_t i = 0; i < count; i++) {
        elea_array *child = NULL;
        const char *name = elea_field_name(elea_type_child(writer->span.type, i));
        ELEA_TRY(put(writer, i > 0 ? ", " : "", err));
        ELEA_TRY(window_child(writer, i, &child, err));
        elea_status status =
            elea__integration_format_column(child, name, writer->pool, writer->text, err);
        elea_array_unref(child);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "field \"%s\"", name);
    }
    return put(writer, "]", err);
}

elea_status elea__integration_format_column(const elea_array *array, const char *name,
                                            elea_pool *pool, elea_text *text, elea_error *err) {
    column_writer writer = {.pool = pool, .text = text};
    elea_span_of(array, &writer.span);
    ELEA_TRY(put(&writer, "{\"name\": ", err));
    ELEA_TRY(elea_text_append_json(text, elea_bytes_of(name), err));
    ELEA_TRY(elea_text_append_format(text, err, ", \"count\": %lld",
                                     (long long)elea_array_length(array)));
    ELEA_TRY(put_buffers(&writer, err));
    ELEA_TRY(put_children(&writer, err));
    return put(&writer, "}", err);
}
