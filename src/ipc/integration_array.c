// SPDX-License-Identifier: Apache-2.0
//
// A column of the format lists the entries of each buffer. Here they become buffers, one function
// for each kind that a layout has (see ELEA_LAYOUT_LIST). No count is believed: memory is taken by
// the length of lists that are there.
#include "ipc/integration_array.h"

#include <string.h>

#include "base/math_internal.h"
#include "columnar/array_internal.h"
#include "ipc/integration_json.h"
#include "ipc/integration_value.h"

typedef struct column_reader {
    elea_pool *pool;
    const elea__integration_dictionaries *dictionaries;
    const json_t *column;
    const elea_type *type;
    const elea_type *value_type; // of "DATA": the indices' for a dictionary
    int64_t length;
} column_reader;

static elea_status at_item(elea_error *err, elea_status status, const char *key, int64_t index) {
    return elea_error_prefix(err, status, "\"%s\": item %lld", key, (long long)index);
}

// A buffer of `count` entries of `width` bytes, all zero.
static elea_status new_buffer(const column_reader *reader, int64_t count, int64_t width,
                              elea_buffer **out, elea_error *err) {
    int64_t size;
    if (elea__mul_overflow(count, width, &size))
        return elea_error_set(err, ELEA_ECAPACITY, "%lld entries of %lld bytes are too many",
                              (long long)count, (long long)width);
    ELEA_TRY(elea_buffer_new(reader->pool, size, out, err));
    if (size > 0)
        memset(elea_buffer_mutable_data(*out), 0, (size_t)size);
    return ELEA_OK;
}

static elea_status new_bitmap(const column_reader *reader, elea_buffer **out, elea_error *err) {
    return new_buffer(reader, elea_bitmap_size(reader->length), 1, out, err);
}

// ---- bits

static elea_status read_bits(const column_reader *reader, const char *key, elea_buffer **out,
                             elea_error *err) {
    const json_t *list = NULL;
    ELEA_TRY(elea__json_get_list(reader->column, key, reader->length, &list, err));
    ELEA_TRY(new_bitmap(reader, out, err));
    uint8_t *bits = elea_buffer_mutable_data(*out);
    for (int64_t i = 0; i < reader->length; i++) {
        const json_t *item = json_array_get(list, (size_t)i);
        bool is_one =
            json_is_true(item) || (json_is_integer(item) && json_integer_value(item) == 1);
        bool is_zero =
            json_is_false(item) || (json_is_integer(item) && json_integer_value(item) == 0);
        if (!is_one && !is_zero)
            return elea_error_set(err, ELEA_EINVAL, "\"%s\": item %lld is neither 0 nor 1", key,
                                  (long long)i);
        elea_bit_put(bits, i, is_one);
    }
    return ELEA_OK;
}

static bool is_valid(const column_reader *reader, int64_t row) {
    const json_t *item = json_array_get(json_object_get(reader->column, "VALIDITY"), (size_t)row);
    return json_is_true(item) || json_integer_value(item) != 0;
}

// ---- values of fixed width

static elea_status read_fixed(const column_reader *reader, elea_buffer **out, elea_error *err) {
    const json_t *list = NULL;
    int64_t width = elea__type_width(reader->value_type);
    ELEA_TRY(elea__json_get_list(reader->column, "DATA", reader->length, &list, err));
    ELEA_TRY(new_buffer(reader, reader->length, width, out, err));
    uint8_t *values = elea_buffer_mutable_data(*out);
    for (int64_t i = 0; i < reader->length; i++) {
        elea_status status =
            elea__integration_value_read(json_array_get(list, (size_t)i), reader->value_type,
                                         !is_valid(reader, i), values + i * width, err);
        if (status != ELEA_OK)
            return at_item(err, status, "DATA", i);
    }
    return ELEA_OK;
}

// Integers of `width` bytes.
static elea_status read_integers(const column_reader *reader, const char *key, int64_t count,
                                 int width, elea_buffer **out, elea_error *err) {
    const json_t *list = NULL;
    ELEA_TRY(elea__json_get_list(reader->column, key, count, &list, err));
    ELEA_TRY(new_buffer(reader, count, width, out, err));
    uint8_t *values = elea_buffer_mutable_data(*out);
    for (int64_t i = 0; i < count; i++) {
        elea_status status = elea__integration_integer_read(json_array_get(list, (size_t)i), width,
                                                            true, values + i * width, err);
        if (status != ELEA_OK)
            return at_item(err, status, key, i);
    }
    return ELEA_OK;
}

// ---- bytes

static bool is_text(const column_reader *reader) {
    elea_type_id id = elea_type_id_of(reader->type);
    return id == ELEA_TYPE_UTF8 || id == ELEA_TYPE_LARGE_UTF8 || id == ELEA_TYPE_UTF8_VIEW;
}

// How many bytes a JSON string stands for.
static elea_status byte_count(const column_reader *reader, const json_t *item, int64_t *out,
                              elea_error *err) {
    if (!json_is_string(item))
        return elea_error_set(err, ELEA_EINVAL, "no string");
    int64_t size = (int64_t)json_string_length(item);
    if (!is_text(reader) && size % 2 != 0)
        return elea_error_set(err, ELEA_EINVAL, "%lld digits, expected pairs of them",
                              (long long)size);
    *out = is_text(reader) ? size : size / 2;
    return ELEA_OK;
}

// Writes the byte_count() bytes of a string.
static elea_status put_bytes(const column_reader *reader, const json_t *item, uint8_t *target,
                             elea_error *err) {
    elea_bytes text = elea__json_bytes(item);
    if (!is_text(reader))
        return elea__integration_hex_read(text, target, err);
    if (text.size > 0)
        memcpy(target, text.data, (size_t)text.size);
    return ELEA_OK;
}

// Offsets are those of the values in "DATA". Writers may leave the bytes of nulls out of it that
// their offsets count, so that "OFFSET" is compared where rows are valid.
static elea_status check_offset(const column_reader *reader, const json_t *offsets, int64_t row,
                                int64_t size, elea_error *err) {
    int64_t ends[2] = {0, 0};
    for (int i = 0; i < 2; i++)
        ELEA_TRY(elea__integration_integer_read(json_array_get(offsets, (size_t)(row + i)), 8, true,
                                                (uint8_t *)&ends[i], err));
    int64_t found = 0;
    if (is_valid(reader, row) && (elea__sub_overflow(ends[1], ends[0], &found) || found != size))
        return elea_error_set(err, ELEA_EINVAL, "from offset %lld to %lld, but %lld bytes",
                              (long long)ends[0], (long long)ends[1], (long long)size);
    return ELEA_OK;
}

static elea_status read_binary_offsets(const column_reader *reader, int width, elea_buffer **out,
                                       int64_t *total, elea_error *err) {
    const json_t *data = NULL, *offsets = NULL;
    int64_t length = reader->length, end = 0;
    ELEA_TRY(elea__json_get_list(reader->column, "DATA", length, &data, err));
    ELEA_TRY(elea__json_get_list(reader->column, "OFFSET", -1, &offsets, err));
    if (length > 0 || json_array_size(offsets) > 1)
        ELEA_TRY(elea__json_get_list(reader->column, "OFFSET", length + 1, &offsets, err));
    ELEA_TRY(new_buffer(reader, length + 1, width, out, err));
    uint8_t *target = elea_buffer_mutable_data(*out);
    for (int64_t i = 0; i < length; i++) {
        int64_t size = 0;
        elea_status status = byte_count(reader, json_array_get(data, (size_t)i), &size, err);
        if (status == ELEA_OK)
            status = check_offset(reader, offsets, i, size, err);
        if (status != ELEA_OK)
            return at_item(err, status, "DATA", i);
        end += size; // of strings that are in memory
        if (width == 4 && end > INT32_MAX)
            return elea_error_set(err, ELEA_ECAPACITY, "\"DATA\" has more than 2 GiB");
        memcpy(target + (i + 1) * width, &end, (size_t)width);
    }
    *total = end;
    return ELEA_OK;
}

static elea_status read_binary(const column_reader *reader, int width, elea_buffer **offsets,
                               elea_buffer **values, elea_error *err) {
    int64_t total = 0, at = 0;
    ELEA_TRY(read_binary_offsets(reader, width, offsets, &total, err));
    ELEA_TRY(new_buffer(reader, total, 1, values, err));
    uint8_t *target = elea_buffer_mutable_data(*values);
    const json_t *data = json_object_get(reader->column, "DATA");
    for (int64_t i = 0; i < reader->length; i++) {
        const json_t *item = json_array_get(data, (size_t)i);
        int64_t size = 0;
        elea_status status = byte_count(reader, item, &size, err);
        if (status == ELEA_OK)
            status = put_bytes(reader, item, target + at, err);
        if (status != ELEA_OK)
            return at_item(err, status, "DATA", i);
        at += size;
    }
    return ELEA_OK;
}

// ---- views

// A view: size, then the bytes themselves, or prefix, buffer and offset. Where they point to is
// validated with the array.
static elea_status read_view(const column_reader *reader, const json_t *item, uint8_t view[16],
                             elea_error *err) {
    int64_t size = 0, number = 0, found = 0;
    elea_bytes prefix;
    int32_t entry;
    ELEA_TRY(elea__json_get_int(item, "SIZE", 0, INT32_MAX, &size, err));
    entry = (int32_t)size;
    memcpy(view, &entry, sizeof entry);
    if (size <= ELEA__VIEW_INLINE_MAX) {
        const json_t *inlined = json_object_get(item, "INLINED");
        ELEA_TRY(byte_count(reader, inlined, &found, err));
        if (found != size)
            return elea_error_set(err, ELEA_EINVAL, "\"INLINED\" has %lld bytes, expected %lld",
                                  (long long)found, (long long)size);
        return put_bytes(reader, inlined, view + 4, err);
    }
    ELEA_TRY(elea__json_get_string(item, "PREFIX_HEX", &prefix, err));
    if (prefix.size != 8)
        return elea_error_set(err, ELEA_EINVAL, "\"PREFIX_HEX\" has %lld digits, expected 8",
                              (long long)prefix.size);
    ELEA_TRY(elea__integration_hex_read(prefix, view + 4, err));
    ELEA_TRY(elea__json_get_int(item, "BUFFER_INDEX", 0, INT32_MAX, &number, err));
    entry = (int32_t)number;
    memcpy(view + 8, &entry, sizeof entry);
    ELEA_TRY(elea__json_get_int(item, "OFFSET", 0, INT32_MAX, &number, err));
    entry = (int32_t)number;
    memcpy(view + 12, &entry, sizeof entry);
    return ELEA_OK;
}

static elea_status read_views(const column_reader *reader, elea_buffer **out, elea_error *err) {
    const json_t *list = NULL;
    ELEA_TRY(elea__json_get_list(reader->column, "VIEWS", reader->length, &list, err));
    ELEA_TRY(new_buffer(reader, reader->length, 16, out, err));
    uint8_t *views = elea_buffer_mutable_data(*out);
    for (int64_t i = 0; i < reader->length; i++) {
        elea_status status =
            read_view(reader, json_array_get(list, (size_t)i), views + i * 16, err);
        if (status != ELEA_OK)
            return at_item(err, status, "VIEWS", i);
    }
    return ELEA_OK;
}

static elea_status read_variadic(const column_reader *reader, int64_t index, elea_buffer **out,
                                 elea_error *err) {
    const json_t *item =
        json_array_get(json_object_get(reader->column, "VARIADIC_DATA_BUFFERS"), (size_t)index);
    if (!json_is_string(item) || json_string_length(item) % 2 != 0)
        return elea_error_set(err, ELEA_EINVAL,
                              "\"VARIADIC_DATA_BUFFERS\": item %lld is no string of pairs of "
                              "digits",
                              (long long)index);
    elea_bytes text = elea__json_bytes(item);
    ELEA_TRY(new_buffer(reader, text.size / 2, 1, out, err));
    elea_status status = elea__integration_hex_read(text, elea_buffer_mutable_data(*out), err);
    return status == ELEA_OK ? status : at_item(err, status, "VARIADIC_DATA_BUFFERS", index);
}

// ---- arrays

// Offsets of lists begin with 0 and have one more entry than rows; those of views and dense unions
// have as many.
static elea_status read_offsets(const column_reader *reader, int width, elea_buffer **out,
                                elea_error *err) {
    elea_layout layout = elea_type_layout_of(reader->type);
    bool has_end = layout == ELEA_LAYOUT_LIST || layout == ELEA_LAYOUT_LARGE_LIST;
    const json_t *list = json_object_get(reader->column, "OFFSET");
    if (reader->length == 0 && json_is_array(list) && json_array_size(list) == 0)
        return new_buffer(reader, 1, width, out, err);
    return read_integers(reader, "OFFSET", reader->length + has_end, width, out, err);
}

// Unions had a validity once; the arrays of today have none for its nulls.
static elea_status check_old_validity(const column_reader *reader, elea_error *err) {
    const json_t *list = json_object_get(reader->column, "VALIDITY");
    if (elea__layout_has_validity(elea_type_layout_of(reader->type)) || !list ||
        elea_type_id_of(reader->type) == ELEA_TYPE_NULL)
        return ELEA_OK;
    ELEA_TRY(elea__json_get_list(reader->column, "VALIDITY", reader->length, &list, err));
    for (int64_t i = 0; i < reader->length; i++) {
        if (!is_valid(reader, i))
            return elea_error_set(err, ELEA_EUNSUPPORTED,
                                  "\"VALIDITY\": item %lld is 0, but %s has no nulls of its own",
                                  (long long)i, elea_type_id_name(elea_type_id_of(reader->type)));
    }
    return ELEA_OK;
}

static elea_status read_buffers(const column_reader *reader, elea_buffer **buffers,
                                elea_error *err) {
    elea_layout layout = elea_type_layout_of(reader->type);
    const char *letters = elea_layout_buffers(layout);
    for (int64_t i = 0; letters[i]; i++) {
        int width = letters[i] == 'O' || letters[i] == 'S' ? 8 : 4;
        switch (letters[i]) {
        case 'v':
            ELEA_TRY(read_bits(reader, "VALIDITY", &buffers[i], err));
            break;
        case 'b':
            ELEA_TRY(read_bits(reader, "DATA", &buffers[i], err));
            break;
        case 'd':
            ELEA_TRY(read_fixed(reader, &buffers[i], err));
            break;
        case 'o':
        case 'O':
            if (layout == ELEA_LAYOUT_BINARY || layout == ELEA_LAYOUT_LARGE_BINARY)
                return read_binary(reader, width, &buffers[i], &buffers[i + 1], err);
            ELEA_TRY(read_offsets(reader, width, &buffers[i], err));
            break;
        case 's':
        case 'S':
            ELEA_TRY(read_integers(reader, "SIZE", reader->length, width, &buffers[i], err));
            break;
        case 't':
            ELEA_TRY(read_integers(reader, "TYPE_ID", reader->length, 1, &buffers[i], err));
            break;
        default: // 'w'
            ELEA_TRY(read_views(reader, &buffers[i], err));
        }
    }
    return ELEA_OK;
}

// What an array is put together from.
typedef struct column_parts {
    elea_buffer **buffers;
    elea_array **children;
    int64_t buffer_count;
    int64_t child_count;
    int64_t variadic_count;
    int64_t size; // of the memory of both tables
} column_parts;

static elea_status count_parts(const column_reader *reader, const json_t *field, column_parts *out,
                               elea_error *err) {
    elea_layout layout = elea_type_layout_of(reader->type);
    const json_t *list = NULL;
    int64_t count = (int64_t)strlen(elea_layout_buffers(layout));
    *out = (column_parts){.child_count = elea_type_child_count(reader->type)};
    if (layout == ELEA_LAYOUT_BINARY_VIEW) {
        ELEA_TRY(elea__json_get_list(reader->column, "VARIADIC_DATA_BUFFERS", -1, &list, err));
        out->variadic_count = (int64_t)json_array_size(list);
    }
    if (out->child_count > 0) {
        ELEA_TRY(elea__json_get_list(reader->column, "children", out->child_count, &list, err));
        ELEA_TRY(elea__json_get_list(field, "children", out->child_count, &list, err));
    }
    out->buffer_count = count + out->variadic_count;
    out->size = (out->buffer_count + out->child_count) * (int64_t)sizeof(void *);
    return ELEA_OK;
}

static elea_status read_children(const column_reader *reader, const json_t *field,
                                 elea_array **children, elea_error *err) {
    const json_t *columns = json_object_get(reader->column, "children");
    const json_t *fields = json_object_get(field, "children");
    for (int64_t i = 0; i < elea_type_child_count(reader->type); i++) {
        const elea_field *child = elea_type_child(reader->type, i);
        elea_status status = elea__integration_array_read(
            json_array_get(columns, (size_t)i), json_array_get(fields, (size_t)i),
            elea_field_type(child), reader->dictionaries, &children[i], err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "field \"%s\"", elea_field_name(child));
    }
    return ELEA_OK;
}

// The values that the field's dictionary has; NULL for a field without one.
static elea_status find_values(const column_reader *reader, const json_t *field,
                               const elea_array **out, elea_error *err) {
    int64_t id = 0;
    *out = NULL;
    if (elea_type_layout_of(reader->type) != ELEA_LAYOUT_DICTIONARY)
        return ELEA_OK;
    ELEA_TRY(elea__json_get_int(json_object_get(field, "dictionary"), "id", INT64_MIN, INT64_MAX,
                                &id, err));
    const elea__integration_dictionary *found =
        elea__integration_dictionary_find(reader->dictionaries, id);
    if (!found || !found->values)
        return elea_error_set(err, ELEA_EINVAL, "there is no dictionary %lld", (long long)id);
    *out = found->values;
    return ELEA_OK;
}

static elea_status put_together(const column_reader *reader, const json_t *field,
                                column_parts *parts, elea_array **out, elea_error *err) {
    const elea_array *values = NULL;
    ELEA_TRY(check_old_validity(reader, err));
    ELEA_TRY(read_buffers(reader, parts->buffers, err));
    for (int64_t i = 0; i < parts->variadic_count; i++)
        ELEA_TRY(read_variadic(
            reader, i, &parts->buffers[parts->buffer_count - parts->variadic_count + i], err));
    if (parts->child_count > 0)
        ELEA_TRY(read_children(reader, field, parts->children, err));
    ELEA_TRY(find_values(reader, field, &values, err));
    const elea_array_parts whole = {.type = reader->type,
                                    .length = reader->length,
                                    .null_count = -1,
                                    .buffers = (const elea_buffer *const *)parts->buffers,
                                    .buffer_count = parts->buffer_count,
                                    .children = (const elea_array *const *)parts->children,
                                    .child_count = parts->child_count,
                                    .dictionary = values};
    return elea_array_new(reader->pool, &whole, out, err);
}

elea_status elea__integration_array_read(const json_t *column, const json_t *field,
                                         const elea_type *type,
                                         const elea__integration_dictionaries *dictionaries,
                                         elea_array **out, elea_error *err) {
    column_parts parts = {0};
    void *block = NULL;
    column_reader reader = {.pool = dictionaries->pool,
                            .dictionaries = dictionaries,
                            .column = column,
                            .type = type,
                            .value_type = type};
    if (elea_type_layout_of(type) == ELEA_LAYOUT_DICTIONARY)
        reader.value_type = elea_type_index_type(type);
    ELEA_TRY(elea__json_get_int(column, "count", 0, INT64_MAX - 1, &reader.length, err));
    ELEA_TRY(count_parts(&reader, field, &parts, err));
    ELEA_TRY(elea_alloc_zero(reader.pool, parts.size, &block, err));
    parts.buffers = block;
    parts.children = (elea_array **)block + parts.buffer_count;
    elea_status status = put_together(&reader, field, &parts, out, err);
    for (int64_t i = 0; i < parts.buffer_count; i++)
        elea_buffer_unref(parts.buffers[i]);
    for (int64_t i = 0; i < parts.child_count; i++)
        elea_array_unref(parts.children[i]);
    elea_dealloc(reader.pool, block, parts.size);
    return status;
}
